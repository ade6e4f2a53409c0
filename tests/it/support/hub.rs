//! A toy hub: a path of an origin that takes subscriptions, and what a hub does with one.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use url::form_urlencoded::{Serializer, parse};

use super::daemon::send;
use super::{Daemon, Origin, Reply, get};

/// What a subscriber asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub form: BTreeMap<String, String>,
}

impl Asked {
    /// The `nth` request, from 1, to a path of an origin; waits for it.
    pub fn nth(origin: &Origin, path: &str, nth: usize) -> Asked {
        origin.wait_for(path, nth);
        let request = origin.requests(path).swap_remove(nth - 1);
        assert_eq!(request.method, "POST");
        assert_eq!(request.header("content-type").unwrap(), "application/x-www-form-urlencoded");
        Asked { form: parse(&request.body).into_owned().collect() }
    }

    pub fn field(&self, name: &str) -> &str {
        self.form.get(&format!("hub.{name}")).map_or("", String::as_str)
    }

    /// The path of the callback at the daemon.
    pub fn path(&self) -> String {
        let callback = url::Url::parse(self.field("callback")).unwrap();
        callback.path().to_owned()
    }

    /// Asks whether the daemon meant this.
    pub fn question(&self, daemon: &Daemon, mode: &str, topic: &str, lease: u32) -> Reply {
        let query = Serializer::new(String::new())
            .append_pair("hub.mode", mode)
            .append_pair("hub.topic", topic)
            .append_pair("hub.challenge", "thử <thách> 1+1")
            .append_pair("hub.lease_seconds", &lease.to_string())
            .finish();
        get(daemon.public, &format!("{}?{query}", self.path()), &[])
    }

    /// Asks what a hub asks, and sees that it was meant.
    pub fn verify(&self, daemon: &Daemon, lease: u32) {
        let reply = self.question(daemon, self.field("mode"), self.field("topic"), lease);
        assert_eq!((reply.status, reply.text().as_str()), (200, "thử <thách> 1+1"), "{self:?}");
        assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
    }

    /// The signature of a body.
    pub fn signature(&self, body: &[u8]) -> String {
        let mac = Hmac::<Sha256>::new_from_slice(self.field("secret").as_bytes()).unwrap().chain_update(body);
        format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
    }

    /// Delivers a body under a signature, or none.
    pub fn post(&self, daemon: &Daemon, body: &[u8], signature: Option<&str>) -> Reply {
        let length = body.len().to_string();
        let mut headers = vec![("Content-Type", "application/rss+xml"), ("Content-Length", length.as_str())];
        headers.extend(signature.map(|signature| ("X-Hub-Signature", signature)));
        send(daemon.public, "POST", &self.path(), &headers, body)
    }

    /// Delivers a body as the hub that knows the secret.
    pub fn deliver(&self, daemon: &Daemon, body: &[u8]) {
        assert_eq!(self.post(daemon, body, Some(&self.signature(body))).status, 202);
    }
}
