//! `POST /hub`: where readers' programs subscribe to our feeds (WebSub section 5.1). What is in order is handed to whoever keeps the
//! subscribers; nothing of a request is repeated in its answer.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Body;
use hyper::header::{ALLOW, CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use hyper::{Method, Request, StatusCode};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::timeout;
use url::Url;

use super::respond::{Reply, plain, with};
use crate::publish::Snapshot;
use crate::websub::hub::{self, Answer, Refusal};

/// The path, without the leading `/`.
const PATH: &str = "hub";
/// Requests between their first byte and their answer. They are read in one go, mostly; this is for those that dribble.
const MOST_REQUESTS: usize = 64;
/// A request must be whole, and answered, within this.
const TIMEOUT: Duration = Duration::from_secs(10);
/// What whoever comes when there are too many is told, in seconds: by then those that wait have been verified.
const COME_AGAIN: &str = "120";

/// A request that is in order, and where to say what becomes of it.
pub struct Asked {
    /// What is asked.
    pub request: hub::Request,
    /// Told at once.
    pub answer: oneshot::Sender<Answer>,
}

/// The endpoint of our own hub.
pub struct Endpoint {
    base: Url,
    asked: mpsc::Sender<Asked>,
    places: Semaphore,
}

impl Endpoint {
    /// For the feeds below an address; and where to hear what is asked.
    pub fn new(base: Url) -> (Arc<Endpoint>, mpsc::Receiver<Asked>) {
        let (asked, heard) = mpsc::channel(MOST_REQUESTS);
        (Arc::new(Endpoint { base, asked, places: Semaphore::new(MOST_REQUESTS) }), heard)
    }

    /// Whether a path is the hub's.
    pub fn is_at(path: &str) -> bool {
        path.trim_start_matches('/') == PATH
    }

    /// Answers whoever subscribes.
    pub async fn answer<B>(&self, request: Request<B>, snapshot: &Snapshot) -> Reply
    where
        B: Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        if *request.method() != Method::POST {
            let reply = plain(
                StatusCode::METHOD_NOT_ALLOWED,
                "đây là hub WebSub, chỉ nhận POST · this is a WebSub hub, it takes POST only\n",
            );
            return closing(with(reply, &[(ALLOW, "POST")]));
        }
        let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media = media.and_then(|media| media.split(';').next()).unwrap_or_default().trim();
        if !media.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return closing(plain(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "cần application/x-www-form-urlencoded · application/x-www-form-urlencoded is needed\n",
            ));
        }
        let Ok(_place) = self.places.try_acquire() else { return full() };
        match timeout(TIMEOUT, self.take(request.into_body(), snapshot)).await {
            Ok(reply) => reply,
            Err(_) => closing(plain(StatusCode::REQUEST_TIMEOUT, "quá chậm · too slow\n")),
        }
    }

    async fn take<B>(&self, body: B, snapshot: &Snapshot) -> Reply
    where
        B: Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let form = match Limited::new(body, hub::MAX_REQUEST).collect().await {
            Ok(whole) => whole.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => {
                return closing(plain(StatusCode::PAYLOAD_TOO_LARGE, "quá dài · too large\n"));
            }
            Err(_) => return closing(plain(StatusCode::BAD_REQUEST, "đứt giữa chừng · the body is broken\n")),
        };
        let request = match hub::Request::parse(&form) {
            Ok(request) if self.is_feed(&request.topic, snapshot) => request,
            Ok(_) => return plain(StatusCode::NOT_FOUND, Refusal::Topic.text()),
            Err(refusal) => return refused(refusal),
        };
        let (answer, answered) = oneshot::channel();
        if self.asked.try_send(Asked { request, answer }).is_err() {
            return full();
        }
        match answered.await {
            Ok(Answer::Taken) => plain(StatusCode::ACCEPTED, "đã nhận, sẽ hỏi lại · accepted, to be verified\n"),
            Ok(Answer::Refused(refusal)) => refused(refusal),
            Ok(Answer::Full) | Err(_) => full(),
        }
    }

    /// Whether this is what a feed of ours calls itself.
    fn is_feed(&self, topic: &str, snapshot: &Snapshot) -> bool {
        topic.strip_prefix(self.base.as_str()).is_some_and(|path| snapshot.feed(path).is_some())
    }
}

fn refused(refusal: Refusal) -> Reply {
    plain(StatusCode::BAD_REQUEST, refusal.text())
}

fn full() -> Reply {
    let reply = plain(StatusCode::SERVICE_UNAVAILABLE, "đang quá tải, xin thử lại sau · too many, try again later\n");
    closing(with(reply, &[(RETRY_AFTER, COME_AGAIN)]))
}

/// Without waiting for the rest of a body that nobody wants.
fn closing(reply: Reply) -> Reply {
    with(reply, &[(CONNECTION, "close")])
}
