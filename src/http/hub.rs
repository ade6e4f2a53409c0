//! `POST /hub`: where readers' programs subscribe to our feeds (WebSub section 5.1). What is in order is handed to whoever keeps the
//! subscribers; nothing of a request is repeated in its answer.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Body;
use hyper::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use hyper::{Method, Request, StatusCode};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::timeout;
use url::Url;

use super::reply::{Reply, closing, plain, with};
use crate::publish::Snapshot;
use crate::websub::hub::{self, Answer, Refusal};

/// The path, without the leading `/`.
const PATH: &str = "hub";
/// Requests between their first byte and their answer. They are read in one go, mostly; this is for those that dribble.
const MOST_REQUESTS: usize = 64;
/// A request must be whole, and answered, within this.
const TIMEOUT: Duration = Duration::from_secs(10);
/// What whoever comes when there are too many is told, in seconds: by then those that wait have been asked, unless most of them stall.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::Page;
    use http_body_util::Full;
    use hyper::body::Frame;
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    const FORM: &str =
        "hub.mode=subscribe&hub.topic=https%3A%2F%2Ftin.vn%2Fa%2Ffeed.atom&hub.callback=https%3A%2F%2Fb.vn%2F";

    /// A site with one feed and one page.
    fn snapshot() -> Snapshot {
        let page = || Arc::new(Page::undated(b"x".to_vec(), "text/plain"));
        Snapshot { pages: ["a/feed.atom", "a/"].map(|path| (path.to_owned(), page())).into(), ..Snapshot::default() }
    }

    fn endpoint() -> (Arc<Endpoint>, mpsc::Receiver<Asked>) {
        Endpoint::new(Url::parse("https://tin.vn/").unwrap())
    }

    fn post<B>(body: B) -> Request<B> {
        let media = "Application/X-WWW-form-urlencoded;charset=UTF-8";
        Request::post("/hub").header(CONTENT_TYPE, media).body(body).unwrap()
    }

    fn form(text: &str) -> Request<Full<Bytes>> {
        post(Full::new(Bytes::copy_from_slice(text.as_bytes())))
    }

    /// A body that never ends, of so many bytes at a time.
    struct Endless(usize);

    impl Body for Endless {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            match self.0 {
                0 => Poll::Pending,
                bytes => Poll::Ready(Some(Ok(Frame::data(vec![b'a'; bytes].into())))),
            }
        }
    }

    #[tokio::test]
    async fn what_whoever_keeps_the_subscribers_says_is_answered() {
        for (answer, status) in [(Answer::Taken, 202), (Answer::Refused(Refusal::Callback), 400), (Answer::Full, 503)] {
            let (endpoint, mut heard) = endpoint();
            let keeper = async {
                let asked = heard.recv().await.unwrap();
                assert_eq!(asked.request.topic, "https://tin.vn/a/feed.atom");
                asked.answer.send(answer).unwrap();
            };
            let snapshot = snapshot();
            let (reply, ()) = tokio::join!(endpoint.answer(form(FORM), &snapshot), keeper);
            assert_eq!(reply.status(), status, "{answer:?}");
            assert_eq!(reply.headers().contains_key(RETRY_AFTER), status == 503);
        }
    }

    #[tokio::test]
    async fn only_what_is_a_feed_now_is_asked_for() {
        let (endpoint, mut heard) = endpoint();
        for topic in [
            "https://tin.vn/a/",
            "https://tin.vn/b/feed.atom",
            "https://tin.vnx/a/feed.atom",
            "http://tin.vn/a/feed.atom",
        ] {
            let encoded: String = url::form_urlencoded::byte_serialize(topic.as_bytes()).collect();
            let request = form(&FORM.replace("https%3A%2F%2Ftin.vn%2Fa%2Ffeed.atom", &encoded));
            assert_eq!(endpoint.answer(request, &snapshot()).await.status(), 404, "{topic}");
        }
        assert!(heard.try_recv().is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_end_and_a_keeper_that_does_not_answer_are_given_up() {
        let (endpoint, mut heard) = endpoint();
        let snapshot = snapshot();
        assert_eq!(endpoint.answer(post(Endless(0)), &snapshot).await.status(), 408);
        assert_eq!(endpoint.answer(post(Endless(1_000)), &snapshot).await.status(), 413);
        assert_eq!(endpoint.answer(form(FORM), &snapshot).await.status(), 408);
        heard.close();
        assert_eq!(endpoint.answer(form(FORM), &snapshot).await.status(), 503, "the daemon ends");
    }

    #[tokio::test(start_paused = true)]
    async fn so_many_requests_are_read_at_once_and_no_more() {
        let (endpoint, _heard) = endpoint();
        let snapshot = Arc::new(snapshot());
        let mut slow = tokio::task::JoinSet::new();
        for _ in 0..=MOST_REQUESTS {
            let (endpoint, snapshot) = (Arc::clone(&endpoint), Arc::clone(&snapshot));
            slow.spawn(async move { endpoint.answer(post(Endless(0)), &snapshot).await.status().as_u16() });
        }
        let mut statuses = slow.join_all().await;
        statuses.sort_unstable();
        assert_eq!((statuses[MOST_REQUESTS - 1], statuses[MOST_REQUESTS]), (408, 503));
    }

    #[test]
    fn the_hub_has_one_path() {
        for (path, expected) in [("/hub", true), ("//hub", true), ("/hub/", false), ("/", false), ("/a/hub", false)] {
            assert_eq!(Endpoint::is_at(path), expected, "{path}");
        }
    }
}
