//! Where hubs find us: `/websub/<token>`. A question is answered from a table in memory, a delivery before anybody looks at it; both
//! are handed to whoever keeps the subscriptions.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::header::{ALLOW, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, RETRY_AFTER};
use hyper::{Method, Request, StatusCode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::timeout;

use super::reply::{Reply, closing, plain, said, with};
use crate::websub::{Callback, Mode, Verdict};

/// Deliveries between their first byte and their end, each at most as large as a document may be. More are asked to come again.
const MOST_DELIVERIES: usize = 16;
/// What hubs said and nobody has heard yet.
const MOST_EVENTS: usize = 64;
/// A delivery must be whole within this.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);
/// Hexadecimal digits of a token: 128 bits (assertion P-66).
pub const TOKEN_DIGITS: usize = 32;
/// Signatures of one delivery that are looked at, and their length in bytes: `sha512=` has 135.
const MOST_SIGNATURES: usize = 4;
const MAX_SIGNATURE: usize = 256;

/// What a hub said.
pub struct Event {
    /// At which callback.
    pub token: String,
    /// What.
    pub what: What,
}

/// What a hub may say.
pub enum What {
    /// It asked whether we meant it, and was told yes.
    Confirmed {
        /// What we meant.
        mode: Mode,
        /// For how long it will deliver, where it says so.
        lease: Option<Duration>,
    },
    /// It does not deliver, or no longer.
    Denied {
        /// Why.
        reason: String,
    },
    /// It delivers.
    Delivered(Delivery),
}

/// A delivery, not looked at.
pub struct Delivery {
    /// The document, in its content coding.
    pub body: Bytes,
    /// Its `Content-Type`.
    pub content_type: Option<String>,
    /// Its `Content-Encoding`.
    pub content_encoding: Option<String>,
    /// The values of `X-Hub-Signature`.
    pub signatures: Vec<String>,
    /// Given back when the delivery is dropped: so many are in memory, and no more.
    pub place: OwnedSemaphorePermit,
}

/// The callbacks, by their tokens.
pub struct Callbacks {
    /// Nothing before the first is known: then hubs are asked to come again.
    table: Mutex<Option<Table>>,
    events: mpsc::Sender<Event>,
    places: Arc<Semaphore>,
}

/// What the listener knows.
#[derive(Default)]
pub struct Table {
    /// The subscriptions by token.
    pub callbacks: HashMap<String, Callback>,
    /// No delivery may be larger, in bytes.
    pub max_body: usize,
}

impl Callbacks {
    /// None yet; and where to hear what hubs say.
    pub fn new() -> (Arc<Callbacks>, mpsc::Receiver<Event>) {
        let (events, heard) = mpsc::channel(MOST_EVENTS);
        let places = Arc::new(Semaphore::new(MOST_DELIVERIES));
        (Arc::new(Callbacks { table: Mutex::default(), events, places }), heard)
    }

    /// Replaces what the listener knows.
    pub fn set(&self, table: Table) {
        *self.table.lock().unwrap_or_else(PoisonError::into_inner) = Some(table);
    }

    /// Looks at one callback; or what to say where there is none.
    fn at<T>(&self, token: &str, look: impl FnOnce(&mut Callback, usize) -> T) -> Result<T, Box<Reply>> {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let table = table.as_mut().ok_or_else(|| Box::new(busy()))?;
        let callback = table.callbacks.get_mut(token).ok_or_else(|| Box::new(unknown()))?;
        Ok(look(callback, table.max_body))
    }

    /// Answers a hub.
    pub async fn answer(&self, token: &str, request: Request<Incoming>) -> Reply {
        match *request.method() {
            Method::GET => self.verify(token, request.uri().query().unwrap_or_default()),
            Method::POST => {
                let (parts, body) = request.into_parts();
                self.deliver(token, &parts.headers, body).await
            }
            _ => with(plain(StatusCode::METHOD_NOT_ALLOWED, "method not allowed\n"), &[(ALLOW, "GET, POST")]),
        }
    }

    fn verify(&self, token: &str, query: &str) -> Reply {
        // A place for what follows first: a confirmation that nobody hears of would be a lie.
        let Ok(place) = self.events.try_reserve() else { return busy() };
        let tell = |what| place.send(Event { token: token.to_owned(), what });
        let verdict = match self.at(token, |callback, _| callback.answer(query)) {
            Ok(verdict) => verdict,
            Err(reply) => return *reply,
        };
        match verdict {
            Verdict::Confirmed { mode, challenge, lease } => {
                tell(What::Confirmed { mode, lease });
                said(StatusCode::OK, challenge.into())
            }
            Verdict::Denied { reason } => {
                tell(What::Denied { reason });
                plain(StatusCode::OK, "ok\n")
            }
            Verdict::Unknown => unknown(),
            Verdict::Gone => gone(),
        }
    }

    async fn deliver<B>(&self, token: &str, headers: &HeaderMap, body: B) -> Reply
    where
        B: Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let max_body = match self.at(token, |callback, max_body| callback.is_open.then_some(max_body)) {
            Err(reply) => return *reply,
            Ok(None) => return gone(),
            Ok(Some(max_body)) => max_body,
        };
        if body.size_hint().lower() > max_body as u64 {
            return too_large();
        }
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else { return busy() };
        let body = match timeout(BODY_TIMEOUT, Limited::new(body, max_body).collect()).await {
            Ok(Ok(whole)) => whole.to_bytes(),
            Ok(Err(error)) if error.is::<LengthLimitError>() => return too_large(),
            Ok(Err(_)) => return closing(plain(StatusCode::BAD_REQUEST, "the body is broken\n")),
            Err(_) => return closing(plain(StatusCode::REQUEST_TIMEOUT, "too slow\n")),
        };
        let text = |name: HeaderName| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let signatures = headers.get_all("x-hub-signature").iter().take(MOST_SIGNATURES);
        let signatures = signatures.filter(|v| v.len() <= MAX_SIGNATURE).filter_map(|v| v.to_str().ok());
        let delivery = Delivery {
            body,
            content_type: text(CONTENT_TYPE),
            content_encoding: text(CONTENT_ENCODING),
            signatures: signatures.map(str::to_owned).collect(),
            place,
        };
        match self.events.try_send(Event { token: token.to_owned(), what: What::Delivered(delivery) }) {
            Ok(()) => plain(StatusCode::ACCEPTED, "accepted\n"),
            Err(_) => busy(),
        }
    }
}

/// The token in a path that is a callback's.
pub fn token(path: &str) -> Option<&str> {
    let token = path.trim_start_matches('/').strip_prefix("websub/")?;
    let is_one = token.len() == TOKEN_DIGITS && token.bytes().all(|b| b.is_ascii_hexdigit());
    is_one.then_some(token)
}

fn unknown() -> Reply {
    closing(plain(StatusCode::NOT_FOUND, "not found\n"))
}

/// By which a hub knows that a subscription has ended (WebSub section 7).
fn gone() -> Reply {
    closing(plain(StatusCode::GONE, "gone\n"))
}

fn too_large() -> Reply {
    closing(plain(StatusCode::PAYLOAD_TOO_LARGE, "too large\n"))
}

fn busy() -> Reply {
    closing(with(plain(StatusCode::SERVICE_UNAVAILABLE, "busy\n"), &[(RETRY_AFTER, "60")]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::Full;
    use hyper::body::Frame;
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    const TOKEN: &str = "0123456789abcdef0123456789abcdef";
    const TOPIC: &str = "https%3A%2F%2Fbao.example%2Frss";

    fn callbacks(pending: Option<Mode>, is_open: bool) -> (Arc<Callbacks>, mpsc::Receiver<Event>) {
        let (callbacks, heard) = Callbacks::new();
        let one = Callback { topic: "https://bao.example/rss".to_owned(), pending, is_open };
        callbacks.set(Table { callbacks: [(TOKEN.to_owned(), one)].into(), max_body: 10 });
        (callbacks, heard)
    }

    fn header(reply: &Reply, name: &str) -> String {
        reply.headers().get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    async fn post(callbacks: &Callbacks, body: &'static str) -> u16 {
        callbacks
            .deliver(TOKEN, &HeaderMap::new(), Full::new(Bytes::from_static(body.as_bytes())))
            .await
            .status()
            .as_u16()
    }

    #[tokio::test]
    async fn p63_a_confirmation_is_the_challenge_as_plain_text_that_nothing_may_take_for_more() {
        let (callbacks, mut heard) = callbacks(Some(Mode::Subscribe), true);
        let query = format!("hub.mode=subscribe&hub.topic={TOPIC}&hub.challenge=%3Cscript%3E&hub.lease_seconds=60");
        let reply = callbacks.verify(TOKEN, &query);
        assert_eq!(reply.status(), 200);
        assert_eq!(header(&reply, "content-type"), "text/plain; charset=utf-8");
        assert_eq!(header(&reply, "x-content-type-options"), "nosniff");
        assert!(header(&reply, "content-security-policy").contains("sandbox"));
        assert_eq!(reply.into_body().collect().await.unwrap().to_bytes(), "<script>");
        let Some(Event { what: What::Confirmed { mode: Mode::Subscribe, lease }, .. }) = heard.recv().await else {
            panic!("nobody was told");
        };
        assert_eq!(lease, Some(Duration::from_mins(1)));
        assert_eq!(callbacks.verify(TOKEN, &query).status(), 404, "once");
        assert_eq!(callbacks.verify("ffffffffffffffffffffffffffffffff", &query).status(), 404);
    }

    #[tokio::test]
    async fn p66_a_body_over_the_limit_is_refused_whether_its_length_is_declared_or_not() {
        let (callbacks, _heard) = callbacks(None, true);
        assert_eq!((post(&callbacks, "0123456789").await, post(&callbacks, "0123456789a").await), (202, 413));
        let reply = callbacks.deliver(TOKEN, &HeaderMap::new(), Undeclared { chunks: Some(3) }).await;
        assert_eq!((reply.status().as_u16(), header(&reply, "connection").as_str()), (413, "close"));
    }

    /// So many chunks of four bytes, or none for ever.
    struct Undeclared {
        chunks: Option<usize>,
    }

    impl Body for Undeclared {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            let Some(left) = self.chunks else { return Poll::Pending };
            self.chunks = left.checked_sub(1);
            Poll::Ready(self.chunks.is_some().then(|| Ok(Frame::data(Bytes::from_static(b"abcd")))))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn p66_a_body_that_never_ends_is_given_up_and_so_many_wait_and_no_more() {
        let (callbacks, mut heard) = callbacks(None, true);
        let endless = callbacks.deliver(TOKEN, &HeaderMap::new(), Undeclared { chunks: None }).await;
        assert_eq!(endless.status(), 408);
        for _ in 0..MOST_DELIVERIES {
            assert_eq!(post(&callbacks, "x").await, 202);
        }
        assert_eq!(post(&callbacks, "x").await, 503);
        drop(heard.recv().await);
        assert_eq!(post(&callbacks, "x").await, 202, "a place is free again");
    }

    #[tokio::test]
    async fn p69_what_has_ended_is_gone_and_what_never_was_is_unknown() {
        let (callbacks, _heard) = callbacks(None, false);
        assert_eq!(post(&callbacks, "x").await, 410);
        assert_eq!(callbacks.verify(TOKEN, "hub.mode=subscribe").status(), 410);
        callbacks.set(Table::default());
        assert_eq!(post(&callbacks, "x").await, 404);
        let (unknowing, _heard) = Callbacks::new();
        assert_eq!(post(&unknowing, "x").await, 503, "before anything is known nobody is sent away");
    }

    #[test]
    fn only_a_token_is_a_callback() {
        assert_eq!(token(&format!("/websub/{TOKEN}")), Some(TOKEN));
        for path in ["/websub/", "/websub/feed.atom", "/x/websub/0", &format!("/websub/{TOKEN}/"), &format!("/{TOKEN}")]
        {
            assert_eq!(token(path), None, "{path}");
        }
    }
}
