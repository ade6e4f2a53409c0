//! What WebSub needs of the network: a form sent to a hub.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use tokio::time::Instant;
use url::{Url, form_urlencoded};

use super::error::{Class, FetchError};
use super::hop::{is_redirect, next_hop};
use super::receive::refusal;
use super::{Client, MAX_HOPS, headers};

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

impl Client {
    /// Sends a form to an address that a source named, with the manners of a fetch; any 2xx is well. A 307 or 308 is followed with the
    /// form; every other redirect is a refusal, because it would lose it (RFC 9110 section 15.4). Ports other than web servers' are
    /// reached only if they are the source's own. What the answer says is not read.
    pub async fn post_form(&self, to: &Url, source: &Url, form: &[(&str, &str)]) -> Result<(), FetchError> {
        let body = Bytes::from(form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish());
        let mut url = to.clone();
        let mut left = self.timeout;
        for _ in 0..=MAX_HOPS {
            let keys = self.guard(&url, source).await?;
            let turn = self.turns.take(&keys).await;
            if let Some(until) = self.paused(&url) {
                return Err(super::paused(until, self.clock.now()));
            }
            let lane = self.lanes.enter().await;
            turn.begin();
            let began = Instant::now();
            let next = lane.run(self.post(&url, body.clone(), left)).await;
            let next = next.inspect_err(|error| self.heed(None, &url, error))?;
            left = left.saturating_sub(began.elapsed());
            drop(turn);
            match next {
                Some(next) => url = next,
                None => return Ok(()),
            }
        }
        Err(FetchError::new(Class::RedirectChain, format!("more than {MAX_HOPS} redirects")))
    }

    /// One request; where the form has to be sent instead, if anywhere.
    async fn post(&self, url: &Url, body: Bytes, time: Duration) -> Result<Option<Url>, FetchError> {
        let request = self.clients.of(None)?.post(url.clone()).header(CONTENT_TYPE, FORM).body(body).send();
        let response = tokio::time::timeout(time, request)
            .await
            .map_err(|_| super::no_answer(self.timeout))?
            .map_err(|e| FetchError::of(&e))?;
        self.check_peer(&response)?;
        let status = response.status();
        let retry_after = headers::signals(response.headers(), self.clock.now()).retry_after;
        match status.as_u16() {
            200..=299 => Ok(None),
            307 | 308 => next_hop(url, &response, false).map(Some).map_err(|error| FetchError { retry_after, ..error }),
            _ if is_redirect(status) => {
                Err(FetchError::new(Class::Redirect, format!("{status} would lose what was sent")))
            }
            _ => Err(refusal(status, response.headers(), retry_after)),
        }
    }
}
