//! The server of the sample sources.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use chrono::TimeDelta;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH, RETRY_AFTER};
use hyper::{Request, Response, StatusCode};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::feeds::{self, Printed};
use super::pieces::{Piece, piece};
use super::{DESKS, Desk, Manner};
use crate::clock;
use crate::http::{self, Reply};
use crate::model::Digest;
use crate::schedule::Time;

/// How much is there from the start, and how old the oldest of it is.
const ARCHIVE: usize = 72;
const ARCHIVE_AGE: TimeDelta = TimeDelta::hours(40);
/// A feed shows this many items.
const FEED_LENGTH: usize = 20;
const SLOW: Duration = Duration::from_secs(3);

/// The sample sources, being published.
pub struct Newsroom {
    /// Where they are.
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    address: SocketAddr,
    published: Mutex<Vec<(Piece, Time)>>,
    requests: Mutex<HashMap<&'static str, usize>>,
}

impl Newsroom {
    /// Opens on a free port of loopback, with an archive.
    pub async fn open() -> Result<(Newsroom, TcpListener)> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("cannot listen on loopback")?;
        let address = listener.local_addr()?;
        let now = clock::now();
        let age = |number: usize| {
            let back = i32::try_from(ARCHIVE - number).unwrap_or(0);
            ARCHIVE_AGE / i32::try_from(ARCHIVE).unwrap_or(1) * back
        };
        let published = (0..ARCHIVE).map(|number| (piece(number), now - age(number))).collect();
        let shared = Arc::new(Shared { address, published: Mutex::new(published), requests: Mutex::default() });
        Ok((Newsroom { address, shared }, listener))
    }

    /// Answers until told to stop, and publishes a new piece at this pace.
    pub async fn run(self, listener: TcpListener, pace: Duration, stop: CancellationToken) {
        let shared = Arc::clone(&self.shared);
        let serving = http::serve(listener, move |request| answer(Arc::clone(&shared), request), stop.clone(), || {});
        let publishing = async {
            let mut clock = tokio::time::interval(pace);
            clock.tick().await;
            loop {
                clock.tick().await;
                self.shared.publish();
            }
        };
        tokio::select! {
            () = serving => {}
            () = publishing => {}
        }
    }
}

impl Shared {
    fn publish(&self) {
        let mut published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        let number = published.last().map_or(0, |(p, _)| p.number + 1);
        published.push((piece(number), clock::now()));
        // What no feed shows any more need not be kept.
        if published.len() > 4_000 {
            published.drain(..2_000);
        }
    }

    fn printed_by(&self, desk: &Desk) -> Vec<Printed> {
        let published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        let own = published.iter().rev().filter(|(p, _)| p.desks.contains(&desk.id));
        own.take(FEED_LENGTH)
            .map(|(piece, at)| {
                let (title, teaser) = piece.at(desk.id);
                Printed { number: piece.number, title, teaser, at: *at }
            })
            .collect()
    }

    fn count(&self, desk: &'static str) -> usize {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let count = requests.entry(desk).or_default();
        *count += 1;
        *count
    }
}

async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Reply {
    let path = request.uri().path().to_owned();
    let found = DESKS.iter().find_map(|desk| Some((desk, path.strip_prefix('/')?.strip_prefix(desk.id)?)));
    let Some((desk, rest)) = found else {
        return http::plain(StatusCode::NOT_FOUND, "not found\n");
    };
    match rest {
        "/rss" => feed(&shared, desk, &request).await,
        _ => article(&shared, desk, rest),
    }
}

async fn feed(shared: &Shared, desk: &'static Desk, request: &Request<Incoming>) -> Reply {
    let times = shared.count(desk.id);
    if desk.manner == Manner::Slowly {
        tokio::time::sleep(SLOW).await;
    }
    let (body, media) = feeds::write(desk, &shared.address.to_string(), &shared.printed_by(desk));
    if desk.manner == Manner::Badly {
        return badly(times, &body);
    }
    let etag = format!("\"{}\"", Digest::of(&[&body]).hex(16));
    if request.headers().get(IF_NONE_MATCH).is_some_and(|tag| tag.as_bytes() == etag.as_bytes()) {
        return reply(StatusCode::NOT_MODIFIED, media, Vec::new(), &[(ETAG, &etag)]);
    }
    reply(StatusCode::OK, media, body, &[(ETAG, &etag)])
}

/// A server that has every fault in turn.
fn badly(times: usize, body: &[u8]) -> Reply {
    let rss = "application/rss+xml";
    let stub = "<html><body><script>document.cookie=\"D1N=mau\";window.location.reload(true);</script></body></html>";
    match times % 7 {
        0 => reply(StatusCode::INTERNAL_SERVER_ERROR, "text/html", b"<h1>500</h1>".to_vec(), &[]),
        2 => reply(StatusCode::OK, rss, body.get(..body.len() * 3 / 4).unwrap_or(body).to_vec(), &[]),
        3 => reply(
            StatusCode::OK,
            "text/html",
            "<!DOCTYPE html><html><body>Trang đang bảo trì</body></html>".into(),
            &[],
        ),
        4 => reply(StatusCode::OK, "text/html", stub.into(), &[]),
        5 => reply(StatusCode::TOO_MANY_REQUESTS, "text/plain", b"cham lai".to_vec(), &[(RETRY_AFTER, "8")]),
        _ => reply(StatusCode::OK, rss, body.to_vec(), &[]),
    }
}

/// The page behind a link, so that a reader who follows one arrives somewhere.
fn article(shared: &Shared, desk: &Desk, rest: &str) -> Reply {
    let number = rest.strip_prefix("/bai-viet-").and_then(|r| r.strip_suffix(".html")).and_then(|n| n.parse().ok());
    let published = shared.published.lock().unwrap_or_else(PoisonError::into_inner);
    let found = published.iter().find(|(p, _)| Some(p.number) == number && p.desks.contains(&desk.id));
    let Some((piece, at)) = found else {
        return http::plain(StatusCode::NOT_FOUND, "not found\n");
    };
    let (title, teaser) = piece.at(desk.id);
    let page = format!(
        "<!DOCTYPE html><html lang=\"vi\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta property=\"article:published_time\" content=\"{}\"></head><body><article><h1>{title}</h1><p><b>{teaser}</b></p>\
         <p>Đây là bài mẫu của {}, viết ra để xem thử chương trình. Mọi địa danh, con số trong bài đều là giả định.</p></article></body></html>",
        at.to_rfc3339(),
        desk.name
    );
    reply(StatusCode::OK, "text/html; charset=utf-8", page.into_bytes(), &[])
}

fn reply(status: StatusCode, media: &'static str, body: Vec<u8>, headers: &[(HeaderName, &str)]) -> Reply {
    let mut reply = Response::new(Full::new(Bytes::from(body)));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            reply.headers_mut().insert(name.clone(), value);
        }
    }
    reply
}
