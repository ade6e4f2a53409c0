//! The hub's side of WebSub: what a subscriber may ask of us, how it is asked whether it meant that, and what becomes of what we
//! deliver (sections 5 to 7 of the Recommendation of 2018-01-23).
//!
//! ```text
//!   asked ── admitted ──► waiting ── its host's turn ──► verified? ── yes ──► subscriber ── lease over, 410, topic withdrawn ──► gone
//!                                                            │ no                │  ▲
//!                                                            ▼                   ▼  │ delivered, or refused and tried again
//!                                                         nothing              owed the newest document
//! ```
//! A subscriber counts from its first verification only. What waits for one is in memory and not in the database: anybody can ask, and
//! whoever meant it asks again.

pub mod book;
pub mod gate;
pub mod queue;
pub mod request;
pub mod subscriber;

pub use book::Book;
pub use gate::{Answer, Gate};
pub use queue::Queue;
pub use request::{Refusal, Request};
pub use subscriber::{Outcome, Subscriber};

use url::{Host, Url};

use super::Mode;
use crate::link;

/// The largest request, in bytes: a callback of 2 KiB and a topic, every byte percent-encoded, and the rest.
pub const MAX_REQUEST: usize = 8 << 10;

/// By what callbacks are counted: the registered domain, or the machine at an address, whatever port; of IPv6 the /64 that one machine has.
pub fn host(callback: &Url) -> String {
    match callback.host() {
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        _ => link::turn_key(callback),
    }
}

/// The address of a request, with the question whether it was meant (section 5.3). The callback's own query stays in front.
pub fn question(request: &Request, challenge: &str) -> Url {
    let mut url = request.callback.clone();
    let mut query = url.query_pairs_mut();
    query
        .append_pair("hub.mode", request.mode.as_str())
        .append_pair("hub.topic", &request.topic)
        .append_pair("hub.challenge", challenge);
    if request.mode == Mode::Subscribe {
        query.append_pair("hub.lease_seconds", &request.lease.as_secs().to_string());
    }
    drop(query);
    url
}

/// Whether an answer to the question says that it was meant: any 2xx with the challenge and nothing else (section 5.3.1).
pub fn is_confirmed(status: u16, body: &[u8], challenge: &str) -> bool {
    (200..300).contains(&status) && body == challenge.as_bytes()
}

/// The address by which a subscriber learns that its topic is no more (section 5.2).
pub fn denial(topic: &str, callback: &Url) -> Url {
    let mut url = callback.clone();
    url.query_pairs_mut()
        .append_pair("hub.mode", "denied")
        .append_pair("hub.topic", topic)
        .append_pair("hub.reason", "the topic was withdrawn");
    url
}

/// The value of `Link` on a delivery (section 7).
pub fn links(hub: &Url, topic: &str) -> String {
    format!("<{hub}>; rel=\"hub\", <{topic}>; rel=\"self\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn request(mode: Mode, callback: &str) -> Request {
        Request {
            mode,
            topic: "https://tin.vn/a/feed.atom".to_owned(),
            callback: Url::parse(callback).unwrap(),
            lease: Duration::from_hours(1),
            secret: None,
        }
    }

    #[test]
    fn callbacks_of_one_machine_count_together_whatever_their_port() {
        for (callback, expected) in [
            ("https://a.tin.vn:8443/cb", "tin.vn"),
            ("http://203.0.113.9:8080/cb", "203.0.113.9"),
            ("http://0xcb007109/cb", "203.0.113.9"),
            ("http://[2001:db8:1:2:3:4:5:6]:8080/cb", "2001:db8:1:2::/64"),
            ("https://[2001:db8:1:2::1]/cb", "2001:db8:1:2::/64"),
        ] {
            assert_eq!(host(&Url::parse(callback).unwrap()), expected, "{callback}");
        }
    }

    #[test]
    fn the_question_is_appended_to_the_callback_as_it_stands() {
        let rest = "hub.topic=https%3A%2F%2Ftin.vn%2Fa%2Ffeed.atom&hub.challenge=c1";
        for (callback, begin) in [
            ("https://a.vn/cb", "https://a.vn/cb?"),
            ("https://a.vn/cb?", "https://a.vn/cb?"),
            ("https://a.vn/cb?x=1&y=%20+a", "https://a.vn/cb?x=1&y=%20+a&"),
            ("https://a.vn/?hub.mode=x", "https://a.vn/?hub.mode=x&"),
        ] {
            let subscribe = question(&request(Mode::Subscribe, callback), "c1");
            assert_eq!(subscribe.as_str(), format!("{begin}hub.mode=subscribe&{rest}&hub.lease_seconds=3600"));
            let unsubscribe = question(&request(Mode::Unsubscribe, callback), "c1");
            assert_eq!(unsubscribe.as_str(), format!("{begin}hub.mode=unsubscribe&{rest}"));
        }
    }

    #[test]
    fn only_a_2xx_with_the_challenge_alone_confirms() {
        for (status, body, expected) in [
            (200, "c1", true),
            (202, "c1", true),
            (299, "c1", true),
            (200, "c1\n", false),
            (200, "", false),
            (200, "C1", false),
            (200, "c1c1", false),
            (199, "c1", false),
            (302, "c1", false),
            (404, "c1", false),
            (500, "c1", false),
        ] {
            assert_eq!(is_confirmed(status, body.as_bytes(), "c1"), expected, "{status} {body:?}");
        }
    }

    #[test]
    fn the_end_is_told_at_the_callback() {
        let callback = Url::parse("https://a.vn/cb?k=1").unwrap();
        assert_eq!(
            denial("https://tin.vn/a/feed.rss", &callback).as_str(),
            "https://a.vn/cb?k=1&hub.mode=denied&hub.topic=https%3A%2F%2Ftin.vn%2Fa%2Ffeed.rss&hub.reason=the+topic+was+withdrawn"
        );
        let hub = Url::parse("https://tin.vn/hub").unwrap();
        assert_eq!(
            links(&hub, "https://tin.vn/a/feed.rss"),
            "<https://tin.vn/hub>; rel=\"hub\", <https://tin.vn/a/feed.rss>; rel=\"self\""
        );
    }
}
