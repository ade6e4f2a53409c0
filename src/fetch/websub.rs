//! What WebSub needs of the network: a form sent to a hub, and a document that came by itself.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use tokio::time::Instant;
use url::{Url, form_urlencoded};

use super::error::{Class, FetchError};
use super::hop::{is_redirect, next_hop};
use super::{Client, Document, MAX_HOPS, headers, refusal};
use crate::link;
use crate::model::Validators;
use crate::schedule::{Signals, Time};

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

impl Client {
    /// Sends a form to an address that a source named, with the manners of a fetch; any 2xx is well. A 307 or 308 is followed with the
    /// form; every other redirect is a refusal, because it would lose it (RFC 9110 section 15.4). Ports other than web servers' are
    /// reached only if they are the source's own. What the answer says is not read.
    pub async fn post_form(&self, to: &Url, source: &Url, form: &[(&str, &str)], now: Time) -> Result<(), FetchError> {
        let body = Bytes::from(form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish());
        let mut url = to.clone();
        let mut left = self.timeout;
        for _ in 0..=MAX_HOPS {
            self.guard(&url, source)?;
            let turn = self.turns.take(&link::host_key(&url)).await;
            let place = self.active.acquire().await;
            let began = Instant::now();
            let next = self.post(&url, body.clone(), left, now).await?;
            left = left.saturating_sub(began.elapsed());
            drop(place);
            drop(turn);
            match next {
                Some(next) => url = next,
                None => return Ok(()),
            }
        }
        Err(FetchError::new(Class::Redirect, format!("more than {MAX_HOPS} redirects")))
    }

    /// One request; where the form has to be sent instead, if anywhere.
    async fn post(&self, url: &Url, body: Bytes, time: Duration, now: Time) -> Result<Option<Url>, FetchError> {
        let request = self.http.post(url.clone()).header(CONTENT_TYPE, FORM).body(body).send();
        let response = tokio::time::timeout(time, request)
            .await
            .map_err(|_| FetchError::new(Class::Timeout, "no answer within the time"))?
            .map_err(|e| FetchError::of(&e))?;
        let (status, signals) = (response.status(), headers::signals(response.headers(), now));
        match status.as_u16() {
            200..=299 => Ok(None),
            307 | 308 => {
                next_hop(url, &response).map(Some).map_err(|text| FetchError { class: Class::Redirect, text, signals })
            }
            _ if is_redirect(status) => {
                Err(FetchError::new(Class::Redirect, format!("{status} would lose what was sent")))
            }
            _ => Err(refusal(status, signals)),
        }
    }
}

impl Document {
    /// A document that came without being asked for; nothing vouches for it, and it asks for nothing.
    ///
    /// `url`: what links in it are relative to.
    pub fn pushed(
        url: Url,
        content_type: Option<String>,
        content_encoding: Option<String>,
        wire: Bytes,
        max_body: usize,
    ) -> Document {
        Document {
            url,
            content_type,
            validators: Validators::default(),
            signals: Signals::default(),
            moved_to: None,
            links: Vec::new(),
            wire,
            content_encoding,
            max_body,
        }
    }
}
