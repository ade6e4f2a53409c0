//! Sockets: an accept loop of our own over hyper, because the usual one installs no timer and a client that sends one
//! byte an hour would hold its connection for ever. It serves a finished snapshot from memory and never opens the
//! database.

pub mod callback;
mod conditional;
mod library;
mod patience;
mod respond;

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use callback::Callbacks;
pub use library::{Asked, Found, Library};
use patience::Patient;
use respond::{Finished, found, respond};
pub use respond::{Reply, plain};

use crate::publish::Snapshot;
use crate::telemetry::{Metrics, Pulse};

/// A request's head must be whole within this, also the next one on an idle connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a reader may take nothing of an answer.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long answers under way may take to finish when told to stop: a part of the ten seconds the daemon promises.
const DRAIN: Duration = Duration::from_secs(2);
/// Connections at once. Behind a proxy a few do; without one, more would be an attack.
const MOST_CONNECTIONS: usize = 2_048;
/// The largest head of a request.
const MAX_HEAD: usize = 16 * 1024;

/// Answers the requests of one listener until told to stop; then lets those under way finish within [`DRAIN`]. `beat` is called while
/// the loop is alive.
pub async fn serve<H, F>(listener: TcpListener, handler: H, stop: CancellationToken, beat: impl Fn() + Send)
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Reply> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let connections = TaskTracker::new();
    let mut heart = tokio::time::interval(Duration::from_secs(1));
    loop {
        let (stream, place) = tokio::select! {
            () = stop.cancelled() => break,
            _ = heart.tick() => {
                beat();
                continue;
            }
            accepted = accept(&listener, &places) => accepted,
        };
        let (handler, stop) = (handler.clone(), stop.clone());
        connections.spawn(async move {
            connection(stream, handler, stop).await;
            drop(place);
        });
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, Option<tokio::sync::OwnedSemaphorePermit>) {
    loop {
        let place = Arc::clone(places).acquire_owned().await.ok();
        match listener.accept().await {
            Ok((stream, _)) => return (stream, place),
            Err(error) => {
                // Out of file descriptors, mostly: waiting is all that helps, spinning would hurt.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn connection<H, F>(stream: TcpStream, handler: H, stop: CancellationToken)
where
    H: Fn(Request<Incoming>) -> F,
    F: Future<Output = Reply>,
{
    // Answers are written whole; waiting to fill a packet only delays them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY");
    }
    let service = service_fn(|request| {
        let reply = handler(request);
        async move { Ok::<Response<Full<Bytes>>, Infallible>(reply.await) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(MAX_HEAD);
    let stream = TokioIo::new(Patient::new(stream, WRITE_TIMEOUT));
    let connection = builder.serve_connection(stream, service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            match tokio::time::timeout(DRAIN, connection).await {
                Ok(ended) => ended,
                Err(_) => return tracing::debug!("a connection was cut off at the end"),
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended badly");
    }
}

/// The handler of the public listener: readers, and hubs at their callbacks.
pub fn public(
    snapshot: watch::Receiver<Arc<Snapshot>>,
    library: Arc<dyn Library>,
    callbacks: Arc<Callbacks>,
    metrics: Arc<Metrics>,
) -> impl Fn(Request<Incoming>) -> Pin<Box<dyn Future<Output = Reply> + Send>> + Clone {
    move |request| {
        let snapshot = Arc::clone(&snapshot.borrow());
        let (library, callbacks, metrics) = (Arc::clone(&library), Arc::clone(&callbacks), Arc::clone(&metrics));
        Box::pin(async move {
            let reply = match callback::token(request.uri().path()).map(str::to_owned) {
                Some(token) => callbacks.answer(&token, request).await,
                None => match respond(&snapshot, request.method(), request.uri(), request.headers()) {
                    Finished::Reply(reply) => reply,
                    Finished::Not(asked) => {
                        found(&snapshot, library.find(asked).await, request.method(), request.headers())
                    }
                },
            };
            metrics.request(reply.status().as_u16());
            reply
        })
    }
}

/// The handler of the private listener: `/healthz`, `/readyz`, `/metrics`.
pub fn private(
    pulse: Arc<Pulse>,
    metrics: Arc<Metrics>,
) -> impl Fn(Request<Incoming>) -> std::future::Ready<Reply> + Clone {
    move |request| {
        let readable = matches!(*request.method(), Method::GET | Method::HEAD);
        let reply = match request.uri().path() {
            _ if !readable => plain(StatusCode::METHOD_NOT_ALLOWED, "method not allowed\n"),
            "/healthz" => match pulse.stuck() {
                None => plain(StatusCode::OK, "ok\n"),
                Some(part) => plain(StatusCode::SERVICE_UNAVAILABLE, part.stuck_text()),
            },
            "/readyz" if pulse.ready() => plain(StatusCode::OK, "ready\n"),
            "/readyz" => plain(StatusCode::SERVICE_UNAVAILABLE, "not ready\n"),
            "/metrics" => metrics_page(&metrics),
            _ => plain(StatusCode::NOT_FOUND, "not found\n"),
        };
        std::future::ready(reply)
    }
}

fn metrics_page(metrics: &Metrics) -> Reply {
    let mut reply = plain(StatusCode::OK, "");
    *reply.body_mut() = Full::new(Bytes::from(metrics.text()));
    let media = hyper::header::HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    reply.headers_mut().insert(hyper::header::CONTENT_TYPE, media);
    reply
}
