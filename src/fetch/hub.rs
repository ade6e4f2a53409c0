//! What our own WebSub hub needs of the network: the addresses that subscribers gave it. Nobody typed these but strangers, so they are
//! called with every guard there is, and nothing they answer leads anywhere: no redirect is followed, and a few kilobytes are read.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, LINK};
use reqwest::{RequestBuilder, Response};
use tokio::time::timeout;
use url::Url;

use super::error::{Class, FetchError};
use super::{Client, headers, refused};
use crate::address;

/// A call may take this long: a challenge is a line, and a delivery is to be answered before it is looked at (WebSub section 7).
const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// The host's turn must come within this, its name be resolved included.
const TURN_TIMEOUT: Duration = Duration::from_secs(30);
/// What is read of an answer, in bytes. A challenge of ours has 64.
const MAX_ANSWER: usize = 4 << 10;

/// What a callback answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The beginning of the body.
    pub body: Vec<u8>,
    /// How long it wants to be left alone.
    pub retry_after: Option<Duration>,
}

/// What is delivered.
pub struct Parcel {
    /// The document.
    pub body: Bytes,
    /// Its `Content-Type`.
    pub content_type: &'static str,
    /// The value of `Link`.
    pub links: String,
    /// The value of `X-Hub-Signature`, where there is a secret.
    pub signature: Option<String>,
}

impl Client {
    /// Whether a callback may be called, as far as that can be said without resolving its name. Ports other than web servers' are for
    /// addresses that the operator allows by number: else anybody could have us knock at any door of anybody.
    pub fn may_call(&self, callback: &Url) -> Result<(), FetchError> {
        address::check_literal(callback, &self.allow).map_err(refused)?;
        let port = callback.port_or_known_default().unwrap_or(0);
        if !address::WEB_PORTS.contains(&port) && !address::is_named(callback, &self.allow) {
            return Err(FetchError::new(Class::Refused, format!("port {port} is not a web server's")));
        }
        Ok(())
    }

    /// Asks a callback something.
    pub async fn question(&self, url: &Url) -> Result<Reply, FetchError> {
        let request = self.clients.of(None)?.get(url.clone());
        self.call(url, request).await
    }

    /// Delivers to a callback.
    pub async fn deliver(&self, callback: &Url, parcel: Parcel) -> Result<Reply, FetchError> {
        let Parcel { body, content_type, links, signature } = parcel;
        let request =
            self.clients.of(None)?.post(callback.clone()).header(CONTENT_TYPE, content_type).header(LINK, links);
        let request = match signature {
            Some(signature) => request.header("x-hub-signature", signature),
            None => request,
        };
        self.call(callback, request.body(body)).await
    }

    /// In its host's turn, like every other request; the host's wish to be left alone holds too.
    async fn call(&self, url: &Url, request: RequestBuilder) -> Result<Reply, FetchError> {
        if self.is_offline {
            return Err(FetchError::new(Class::Refused, "nobody is called in a replay"));
        }
        self.may_call(url)?;
        let turn = async { Ok::<_, FetchError>(self.turns.take(&self.guard(url, url).await?).await) };
        let turn = timeout(TURN_TIMEOUT, turn).await.map_err(|_| too_slow("the host's turn did not come"))??;
        if let Some(until) = self.paused(url) {
            return Err(super::paused(until, self.clock.now()));
        }
        turn.begin();
        let called = async {
            let response = request.send().await.map_err(|e| FetchError::of(&e))?;
            self.check_peer(&response)?;
            self.reply(response).await
        };
        timeout(CALL_TIMEOUT.min(self.timeout), called).await.map_err(|_| too_slow("no whole answer in time"))?
    }

    async fn reply(&self, mut response: Response) -> Result<Reply, FetchError> {
        let status = response.status().as_u16();
        let retry_after = headers::signals(response.headers(), self.clock.now()).retry_after;
        let mut body = Vec::new();
        while body.len() < MAX_ANSWER
            && let Some(chunk) = response.chunk().await.map_err(|e| FetchError::of(&e))?
        {
            let room = MAX_ANSWER.saturating_sub(body.len());
            body.extend(chunk.into_iter().take(room));
        }
        Ok(Reply { status, body, retry_after })
    }
}

fn too_slow(what: &str) -> FetchError {
    FetchError::new(Class::HeaderTimeout, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::fetch::Limits;

    fn client(allow: &[&str]) -> Client {
        let limits = Limits {
            contact: None,
            timeout: Duration::from_secs(60),
            max_body: 1 << 20,
            allow: allow.iter().map(|net| net.parse().unwrap()).collect(),
            concurrency: 1,
            per_host: 1,
            host_gap: Duration::ZERO,
        };
        Client::new(&limits, Clock::System).unwrap()
    }

    #[tokio::test]
    async fn strangers_have_us_call_web_servers_at_public_addresses_and_the_operator_whom_he_likes() {
        let (strict, open) = (client(&[]), client(&["10.1.2.0/24"]));
        for (callback, by_all, by_open) in [
            ("https://b.vn/cb", true, true),
            ("http://b.vn:8080/cb", true, true),
            ("https://203.162.0.1:8443/cb", true, true),
            ("http://b.vn:22/cb", false, false),
            ("https://203.162.0.1:6379/cb", false, false),
            ("http://127.0.0.1/cb", false, false),
            ("http://0x7f.1/cb", false, false),
            ("http://[::ffff:10.1.3.4]/cb", false, false),
            ("http://10.1.2.3/cb", false, true),
            ("http://10.1.2.3:9000/cb", false, true),
        ] {
            let url = Url::parse(callback).unwrap();
            assert_eq!((strict.may_call(&url).is_ok(), open.may_call(&url).is_ok()), (by_all, by_open), "{callback}");
            if !by_all {
                assert_eq!(strict.question(&url).await.map_err(|e| e.class), Err(Class::Refused), "{callback}");
            }
        }
    }

    #[tokio::test]
    async fn a_replay_calls_nobody() {
        let url = Url::parse("http://203.162.0.1/").unwrap();
        assert_eq!(client(&[]).offline().question(&url).await.map_err(|e| e.class), Err(Class::Refused));
    }
}
