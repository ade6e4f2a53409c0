//! A toy subscriber: a path of an origin that takes deliveries, and the requests by which it subscribes at the daemon's hub.

use std::net::SocketAddr;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use url::form_urlencoded::Serializer;

use super::daemon::send;
use super::origin::Request;
use super::{Answer, Daemon, Origin, Reply, eventually};

/// A callback at an origin.
#[derive(Clone, Copy)]
pub struct Subscriber<'o> {
    pub origin: &'o Origin,
    /// The callback's path, with its query.
    pub path: &'o str,
}

/// The feed that tests subscribe to.
pub const TOPIC: &str = "http://tin.hamau.vn/hoc-bac/feed.atom";

impl<'o> Subscriber<'o> {
    /// One that confirms whatever it is asked, and takes whatever is delivered.
    pub fn new(origin: &'o Origin, path: &'o str) -> Subscriber<'o> {
        origin.script(&format!("{}?", path.split('?').next().unwrap()), [Answer::challenge()]);
        origin.script(path, [Answer::status(204)]);
        Subscriber { origin, path }
    }

    /// Asks the hub for something, with further parameters.
    pub fn ask(&self, daemon: &Daemon, mode: &str, topic: &str, more: &[(&str, &str)]) -> Reply {
        let callback = self.origin.url(self.path);
        let form = [&[("hub.mode", mode), ("hub.topic", topic), ("hub.callback", &callback)], more].concat();
        post(daemon.public, &form)
    }

    /// Subscribes to the usual feed, and waits until the hub has asked whether it was meant.
    pub fn subscribe(&self, daemon: &Daemon, more: &[(&str, &str)]) {
        let (before, asked) = (confirmed(daemon), self.questions().len());
        assert_eq!(self.ask(daemon, "subscribe", TOPIC, more).status, 202);
        eventually("the hub asks", || (self.questions().len() > asked).then_some(()));
        eventually("the subscription is there", || (confirmed(daemon) > before).then_some(()));
    }

    /// What the hub asked.
    pub fn questions(&self) -> Vec<Request> {
        let is_question =
            |r: &Request| r.method == "GET" && r.path.starts_with(self.path) && r.query("hub.mode").is_some();
        self.origin.log().into_iter().filter(is_question).collect()
    }

    /// What was delivered so far.
    pub fn deliveries(&self) -> Vec<Request> {
        self.origin.log().into_iter().filter(|r| r.method == "POST" && r.path == self.path).collect()
    }

    /// The `nth` delivery, from 1; waits for it.
    pub fn delivery(&self, nth: usize) -> Request {
        eventually(&format!("delivery {nth} at {}", self.path), || self.deliveries().into_iter().nth(nth - 1))
    }
}

/// Sends a form to the hub.
pub fn post(public: SocketAddr, form: &[(&str, &str)]) -> Reply {
    let body = Serializer::new(String::new()).extend_pairs(form).finish();
    let length = body.len().to_string();
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", length.as_str())];
    send(public, "POST", "/hub", &headers, body.as_bytes())
}

/// How many have said that they meant it.
fn confirmed(daemon: &Daemon) -> u32 {
    metric(daemon, "dongtin_hub_verifications_total{outcome=\"confirmed\"}")
}

/// A number of the daemon's.
pub fn metric(daemon: &Daemon, name: &str) -> u32 {
    let text = super::get(daemon.private, "/metrics", &[]).text();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
    line.unwrap_or(0)
}

/// The signature of a body under a secret.
pub fn signature(secret: &str, body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}
