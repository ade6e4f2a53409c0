//! The network: one guarded client for every request that leaves the house.
//!
//! Redirects are followed here and not by the HTTP library, because each hop must pass the guard, take its host's turn,
//! and carry only the validators of its own address. No cookies, no `Referer`, no environment proxy, no HTTP/2. The
//! guard is on the connected address: a URL with an address in it is checked before the request, and a name resolves
//! only to addresses that pass ([`resolver::Resolver`]).

pub mod decode;
pub mod error;
mod headers;
mod hop;
mod resolver;
#[cfg(test)]
mod tests;
mod turns;
mod websub;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use chrono::TimeDelta;
use ipnet::IpNet;
use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::{Response, StatusCode, redirect};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use url::Url;

use self::error::{Class, FetchError};
use self::hop::{is_redirect, next_hop};
use self::resolver::Resolver;
use self::turns::Turns;
use crate::address;
use crate::link;
use crate::model::Validators;
use crate::schedule::{Signals, Time};

/// The client. Cheap to share, made once a configuration.
pub struct Client {
    http: reqwest::Client,
    allow: Arc<[IpNet]>,
    turns: Turns,
    /// Requests under way at once, over all hosts. Taken behind a host's turn, so that those who wait for a slow host
    /// hold up nobody else.
    active: Semaphore,
    timeout: Duration,
    max_body: usize,
}

/// How a client goes out.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// How the people we poll can reach the operator.
    pub contact: Option<String>,
    /// From beginning to end of one fetch, redirects included.
    pub timeout: Duration,
    /// Largest body, before and after decompression.
    pub max_body: usize,
    /// Private addresses that may be reached.
    pub allow: Vec<IpNet>,
    /// Requests at once, over all hosts.
    pub concurrency: usize,
    /// Requests to one host at once.
    pub per_host: usize,
    /// Time between the starts of two requests to one host.
    pub host_gap: Duration,
}

/// What came of a fetch.
#[derive(Debug)]
pub struct Fetched {
    /// When the request was sent that was answered, behind all others that had their turn before it: what a server asks us
    /// to wait counts from then.
    pub sent: Time,
    /// What it brought.
    pub answer: Result<Answer, FetchError>,
}

/// What a server answered.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Something new, perhaps.
    Fresh(Box<Document>),
    /// Nothing changed since the validators that were sent.
    NotModified {
        /// New ones, where the server sent any.
        validators: Validators,
        /// When it wants to be asked again.
        signals: Signals,
    },
}

/// A body and what came with it.
#[derive(Debug, Clone)]
pub struct Document {
    /// Where it was found in the end.
    pub url: Url,
    /// Its `Content-Type`.
    pub content_type: Option<String>,
    /// Its validators.
    pub validators: Validators,
    /// When the server wants to be asked again.
    pub signals: Signals,
    /// Where the server says the address has moved for good: every hop was a 301 or 308.
    pub moved_to: Option<Url>,
    /// The values of its `Link` headers.
    pub links: Vec<String>,
    wire: Bytes,
    content_encoding: Option<String>,
    max_body: usize,
}

impl Document {
    /// The body behind its content coding. Costs time: not for the threads that serve.
    pub fn body(&self) -> Result<Cow<'_, [u8]>, FetchError> {
        decode::decode(&self.wire, self.content_encoding.as_deref(), self.max_body)
    }
}

/// Redirects that one fetch follows (assertion P-35).
const MAX_HOPS: usize = 5;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest silence within a body.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// How long an idle connection is kept for the next source on the same host.
const IDLE: Duration = Duration::from_secs(30);
const ACCEPT_PAGES: &str = "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.1";
const ACCEPT_FEEDS: &str = "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, application/feed+json;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1";

/// What is asked for.
struct Wish<'a> {
    /// With these validators, where they are of the address.
    validators: &'a Validators,
    /// In these types.
    accept: &'static str,
}

impl Client {
    /// A client with these limits.
    pub fn new(limits: &Limits) -> anyhow::Result<Client> {
        let allow: Arc<[IpNet]> = limits.allow.clone().into();
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(decode::ACCEPTED));
        #[expect(clippy::disallowed_methods, reason = "this is the one guarded client")]
        let http = reqwest::Client::builder()
            .user_agent(user_agent(limits.contact.as_deref()))
            .default_headers(headers)
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .dns_resolver(Resolver { allow: Arc::clone(&allow) })
            .connect_timeout(CONNECT_TIMEOUT.min(limits.timeout))
            .read_timeout(READ_TIMEOUT.min(limits.timeout))
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(limits.per_host)
            .http1_only()
            .build()?;
        Ok(Client {
            http,
            allow,
            turns: Turns::new(limits.per_host, limits.host_gap),
            active: Semaphore::new(limits.concurrency),
            timeout: limits.timeout,
            max_body: limits.max_body,
        })
    }

    /// Asks for a feed, with the validators of its address if there are any. Waiting for the host's turn does not count
    /// against the time.
    pub async fn get(&self, first: &Url, validators: &Validators, now: Time) -> Fetched {
        self.fetch(first, validators, now, ACCEPT_FEEDS).await
    }

    /// Asks for a web page, with the same manners.
    pub async fn get_page(&self, first: &Url, validators: &Validators, now: Time) -> Fetched {
        self.fetch(first, validators, now, ACCEPT_PAGES).await
    }

    async fn fetch(&self, first: &Url, validators: &Validators, now: Time, accept: &'static str) -> Fetched {
        let mut sent = now;
        let answer = self.follow(first, &Wish { validators, accept }, now, &mut sent).await;
        Fetched { sent, answer }
    }

    /// Through redirects to an answer.
    async fn follow(&self, first: &Url, wish: &Wish<'_>, now: Time, sent: &mut Time) -> Result<Answer, FetchError> {
        let called = Instant::now();
        let mut url = first.clone();
        url.set_fragment(None);
        let mut visited = vec![url.clone()];
        let mut permanent = true;
        let mut left = self.timeout;
        loop {
            self.guard(&url, first)?;
            let turn = self.turns.take(&link::host_key(&url)).await;
            let place = self.active.acquire().await;
            let began = Instant::now();
            *sent = now + TimeDelta::from_std(began - called).unwrap_or_default();
            let moved_to = (permanent && visited.len() > 1).then(|| url.clone());
            let step = self.ask(&url, wish, *sent, moved_to, left).await?;
            left = left.saturating_sub(began.elapsed());
            drop(place);
            drop(turn);
            let (status, next, signals) = match step {
                Step::Arrived(answer) => return Ok(answer),
                Step::Elsewhere { status, next, signals } => (status, *next, signals),
            };
            permanent &= matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT);
            if signals.retry_after.is_some() {
                return Err(FetchError {
                    class: Class::Throttled,
                    text: format!("{status}, to be followed later"),
                    signals,
                });
            }
            if visited.contains(&next) {
                return Err(FetchError::new(Class::Redirect, format!("redirects run in a circle at {next}")));
            }
            if visited.len() > MAX_HOPS {
                return Err(FetchError::new(Class::Redirect, format!("more than {MAX_HOPS} redirects")));
            }
            visited.push(next.clone());
            url = next;
        }
    }

    /// One request within a time.
    async fn ask(
        &self,
        url: &Url,
        wish: &Wish<'_>,
        sent: Time,
        moved_to: Option<Url>,
        time: Duration,
    ) -> Result<Step, FetchError> {
        let mut progress = Progress::Waiting;
        let request = async {
            let response = self.send(url, wish).await?;
            let status = response.status();
            let signals = headers::signals(response.headers(), sent);
            if is_redirect(status) {
                let next =
                    next_hop(url, &response).map_err(|text| FetchError { class: Class::Redirect, text, signals })?;
                return Ok(Step::Elsewhere { status, next: Box::new(next), signals });
            }
            self.receive(url.clone(), response, signals, wish.validators, moved_to, &mut progress)
                .await
                .map(Step::Arrived)
        };
        match tokio::time::timeout(time, request).await {
            Ok(step) => step,
            Err(_) => {
                let seconds = self.timeout.as_secs();
                Err(match progress {
                    Progress::Waiting => FetchError::new(Class::Timeout, format!("no answer within {seconds} seconds")),
                    Progress::Reading => {
                        FetchError::new(Class::Slow, format!("the answer was not whole after {seconds} seconds"))
                    }
                })
            }
        }
    }

    /// Scheme, port and literal address; names are checked where they resolve.
    fn guard(&self, url: &Url, first: &Url) -> Result<(), FetchError> {
        if let Err(refused) = address::check_literal(url, &self.allow) {
            return Err(FetchError::new(Class::Refused, format!("{refused} is not a public address")));
        }
        let port = url.port_or_known_default().unwrap_or(0);
        if !address::WEB_PORTS.contains(&port) && url.port() != first.port() {
            return Err(FetchError::new(Class::Refused, format!("port {port} is not a web server's")));
        }
        Ok(())
    }

    async fn send(&self, url: &Url, wish: &Wish<'_>) -> Result<Response, FetchError> {
        let validators = wish.validators;
        let mut request = self.http.get(url.clone()).header(header::ACCEPT, wish.accept);
        if validators.url.as_deref() == Some(url.as_str()) {
            let pairs =
                [(header::IF_NONE_MATCH, &validators.etag), (header::IF_MODIFIED_SINCE, &validators.last_modified)];
            for (name, bytes) in pairs {
                if let Some(value) = bytes.as_deref().and_then(|b| HeaderValue::from_bytes(b).ok()) {
                    request = request.header(name, value);
                }
            }
        }
        request.send().await.map_err(|e| FetchError::of(&e))
    }

    async fn receive(
        &self,
        url: Url,
        mut response: Response,
        signals: Signals,
        sent: &Validators,
        moved_to: Option<Url>,
        progress: &mut Progress,
    ) -> Result<Answer, FetchError> {
        let status = response.status();
        let validators = headers::validators(url.as_str(), response.headers());
        if status == StatusCode::NOT_MODIFIED {
            let asked =
                sent.url.as_deref() == Some(url.as_str()) && (sent.etag.is_some() || sent.last_modified.is_some());
            return if asked {
                Ok(Answer::NotModified { validators, signals })
            } else {
                Err(FetchError {
                    class: Class::Status,
                    text: "304 Not Modified to a request without validators".to_owned(),
                    signals,
                })
            };
        }
        if status != StatusCode::OK {
            return Err(refusal(status, signals));
        }
        *progress = Progress::Reading;
        let text =
            |name: header::HeaderName| response.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let content_type = text(header::CONTENT_TYPE);
        let content_encoding = text(header::CONTENT_ENCODING);
        let links = headers::links(response.headers());
        let limit = self.max_body;
        // A declared length is believed only to refuse by; memory is taken as bytes arrive.
        if response.content_length().is_some_and(|length| length > limit as u64) {
            return Err(decode::too_large(limit));
        }
        let mut wire = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| FetchError::of(&e))? {
            if wire.len() + chunk.len() > limit {
                return Err(decode::too_large(limit));
            }
            wire.extend_from_slice(&chunk);
        }
        let wire = wire.freeze();
        let document = Document {
            url,
            content_type,
            validators,
            signals,
            moved_to,
            links,
            wire,
            content_encoding,
            max_body: limit,
        };
        Ok(Answer::Fresh(Box::new(document)))
    }
}

/// Where one request led.
enum Step {
    Arrived(Answer),
    Elsewhere { status: StatusCode, next: Box<Url>, signals: Signals },
}

/// How far a fetch has come, for the words of a timeout.
enum Progress {
    Waiting,
    Reading,
}

/// `dongtin/0.1.0 (+contact)`: constant, honest, with somebody to write to.
fn user_agent(contact: Option<&str>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    match contact {
        Some(contact) => format!("dongtin/{version} (+{contact})"),
        None => format!("dongtin/{version}"),
    }
}

fn refusal(status: StatusCode, signals: Signals) -> FetchError {
    let class = match status.as_u16() {
        429 => Class::Throttled,
        503 if signals.retry_after.is_some() => Class::Throttled,
        410 => Class::Gone,
        500..=599 => Class::Server,
        400..=499 => Class::Denied,
        _ => Class::Status,
    };
    // Freshness of a refusal says nothing about the feed.
    let signals = Signals { retry_after: signals.retry_after, ..Signals::default() };
    FetchError { class, text: format!("the server answered {status}"), signals }
}
