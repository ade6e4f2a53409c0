//! Requests with bodies are hyper's: what hubs deliver and what subscribers ask for. A connection comes here with what was read of it,
//! after its first head was found to be in order.

use std::convert::Infallible;
use std::io::Cursor;
use std::pin::Pin;

use bytes::BytesMut;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, join, split};

use super::delivery::STALL;
use super::head::MAX_HEAD;
use super::patience::Patient;
use super::reply::Reply;

/// A request's head must be whole within this, also the next one on an idle connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(20);

/// Who answers requests with bodies.
pub type Handler = dyn Fn(Request<Incoming>) -> Pin<Box<dyn Future<Output = Reply> + Send>> + Send + Sync;

/// Serves the rest of a connection: one request, or for as long as the peer likes.
pub async fn serve<S>(stream: S, read: BytesMut, handler: &Handler, persists: bool)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let service = service_fn(|request| {
        let reply = handler(request);
        async move { Ok::<Reply, Infallible>(reply.await) }
    });
    let (receiving, sending) = split(stream);
    let whole = join(Cursor::new(read).chain(receiving), sending);
    let stream = TokioIo::new(Patient::new(whole, STALL));
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(MAX_HEAD).keep_alive(persists);
    if let Err(error) = builder.serve_connection(stream, service).await {
        tracing::debug!(%error, "a connection ended badly");
    }
}
