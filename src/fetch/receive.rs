//! From the head of an answer to its body, bounded in bytes and in time.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use reqwest::header::{self, HeaderMap};
use reqwest::{Response, StatusCode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use url::Url;

use super::ask::{Answer, Document, Unchanged};
use super::error::{Class, FetchError};
use super::{Client, decode, headers};
use crate::schedule::Signals;

/// Bodies up to this size may be held in any number; feeds are compressed to 13 KB on average.
const SMALL: usize = 64 << 10;
/// Larger ones at once, each from here until its items are written.
const LARGE_PLACES: usize = 8;
/// Longest silence within a body.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// Enough of a body to tell a picture by.
const SIGNATURE: usize = 8;
/// A body must come at this pace at least, once [`PATIENCE`] has passed: one byte a second is an attack or a broken line.
const BYTES_A_SECOND: u64 = 100;
const PATIENCE: Duration = Duration::from_secs(20);

/// Places for large bodies, over all clients of a process.
static LARGE: std::sync::LazyLock<Arc<Semaphore>> = std::sync::LazyLock::new(|| Arc::new(Semaphore::new(LARGE_PLACES)));

impl Client {
    pub(super) async fn receive(
        &self,
        url: Url,
        mut response: Response,
        signals: Signals,
        asked: bool,
        moved_to: Option<Url>,
        deadline: Instant,
    ) -> Result<Answer, FetchError> {
        let status = response.status();
        let validators = headers::validators(url.as_str(), response.headers());
        if status == StatusCode::NOT_MODIFIED {
            return match asked {
                true => Ok(Answer::NotModified(Box::new(Unchanged { validators, signals, moved_to }))),
                false => Err(FetchError {
                    class: Class::Unexpected304,
                    text: "304 Not Modified to a request without validators".to_owned(),
                    retry_after: signals.retry_after,
                }),
            };
        }
        if status != StatusCode::OK && !is_delta(status, response.headers()) {
            return Err(refusal(status, response.headers(), signals.retry_after));
        }
        let text = |value: &header::HeaderValue| value.to_str().ok().map(str::to_owned);
        let content_type = response.headers().get(header::CONTENT_TYPE).and_then(text);
        // RFC 9110 section 5.3: several lines are one list.
        let codings: Vec<_> = response.headers().get_all(header::CONTENT_ENCODING).iter().filter_map(text).collect();
        let content_encoding = (!codings.is_empty()).then(|| codings.join(", "));
        let links = headers::links(response.headers());
        let (wire, place) = self.body(&mut response, deadline, content_encoding.is_none()).await?;
        // Nothing to ask "has it changed?" with, and nothing that says for how long it has not.
        let is_unvouched = validators.is_empty() && signals.max_age.is_none();
        let document = Document {
            url,
            content_type,
            validators,
            signals: Signals { is_unvouched, bytes: wire.len() as u64, ..signals },
            moved_to,
            is_delta: status == StatusCode::IM_USED,
            links,
            wire: wire.freeze(),
            content_encoding,
            max_body: self.max_body,
            place: place.map(Arc::new),
        };
        Ok(Answer::Fresh(Box::new(document)))
    }

    async fn body(
        &self,
        response: &mut Response,
        deadline: Instant,
        is_plain: bool,
    ) -> Result<(BytesMut, Option<OwnedSemaphorePermit>), FetchError> {
        let limit = self.max_body;
        // A declared length is believed only to refuse by; memory is taken as bytes arrive.
        if response.content_length().is_some_and(|length| length > limit as u64) {
            return Err(decode::too_large(limit));
        }
        let (mut wire, mut place) = (BytesMut::new(), None);
        let began = Instant::now();
        loop {
            let silence = Instant::now() + READ_TIMEOUT.min(self.timeout / 2);
            let chunk = match tokio::time::timeout_at(silence.min(deadline), response.chunk()).await {
                Ok(chunk) => chunk.map_err(|e| cut_off(FetchError::of(&e)))?,
                Err(_) if silence < deadline => return Err(silent(wire.len())),
                Err(_) => return Err(self.too_slow(wire.len())),
            };
            let Some(chunk) = chunk else { break };
            if wire.len() + chunk.len() > limit {
                return Err(decode::too_large(limit));
            }
            let was_short = wire.len() < SIGNATURE;
            wire.extend_from_slice(&chunk);
            if was_short
                && is_plain
                && let Some(what) = not_text(&wire)
            {
                return Err(FetchError::new(Class::NotAFeed, format!("this is {what}")));
            }
            if !keeps_pace(wire.len(), began.elapsed()) {
                return Err(self.too_slow(wire.len()));
            }
            if wire.len() > SMALL && place.is_none() {
                place = tokio::time::timeout_at(deadline, Arc::clone(&LARGE).acquire_owned())
                    .await
                    .map_err(|_| self.too_slow(wire.len()))?
                    .ok();
            }
        }
        match wire.is_empty() {
            true => Err(FetchError::new(Class::Empty, "an answer without a body")),
            false => Ok((wire, place)),
        }
    }

    fn too_slow(&self, bytes: usize) -> FetchError {
        let text =
            format!("the answer was not whole in time: {bytes} bytes, {} seconds at most", self.timeout.as_secs());
        FetchError::new(Class::Slow, text)
    }
}

/// Whether so many bytes in so long are an answer on its way.
pub(super) fn keeps_pace(bytes: usize, elapsed: Duration) -> bool {
    elapsed <= PATIENCE || bytes as u64 >= BYTES_A_SECOND * elapsed.as_secs()
}

/// A connection that breaks within a body leaves half an answer, whichever way it breaks.
fn cut_off(error: FetchError) -> FetchError {
    if error.class == Class::Reset { FetchError { class: Class::Truncated, ..error } } else { error }
}

fn silent(bytes: usize) -> FetchError {
    FetchError::new(Class::ReadTimeout, format!("the answer stopped coming after {bytes} bytes"))
}

/// RFC 3229: only what is new. What is missing in it is not gone, and never is for us.
fn is_delta(status: StatusCode, headers: &HeaderMap) -> bool {
    status == StatusCode::IM_USED
        && headers.get("im").and_then(|v| v.to_str().ok()).is_some_and(|im| im.trim().eq_ignore_ascii_case("feed"))
}

/// What certainly is no document of text, by its first bytes.
fn not_text(first: &[u8]) -> Option<&'static str> {
    const SIGNATURES: [(&[u8], &str); 6] = [
        (b"%PDF-", "a PDF document"),
        (b"\x89PNG\r\n", "a picture (PNG)"),
        (b"\xff\xd8\xff", "a picture (JPEG)"),
        (b"GIF8", "a picture (GIF)"),
        (b"PK\x03\x04", "an archive (ZIP)"),
        (b"RIFF", "a picture or a sound"),
    ];
    SIGNATURES.iter().find(|(bytes, _)| first.starts_with(bytes)).map(|(_, what)| *what)
}

pub(super) fn refusal(status: StatusCode, headers: &HeaderMap, retry_after: Option<Duration>) -> FetchError {
    let class = match status.as_u16() {
        403 | 429 | 503 if headers.contains_key("cf-mitigated") => Class::Challenge,
        204 | 205 => Class::Empty,
        401 | 407 => Class::Auth,
        403 => Class::Forbidden,
        404 => Class::NotFound,
        410 => Class::Gone,
        429 => Class::Throttled,
        451 => Class::Legal,
        503 => Class::Unavailable,
        500..=599 => Class::Server,
        400..=499 => Class::Denied,
        _ => Class::Status,
    };
    FetchError { class, text: format!("the server answered {status}"), retry_after }
}
