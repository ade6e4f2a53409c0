//! Where a redirect leads, and where none may.

use reqwest::header;
use reqwest::{Response, StatusCode};
use url::Url;

use super::error::{Class, FetchError};
use crate::link;

/// Whether a status sends us elsewhere.
pub fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// The next address, or why there is none. From https down to http only where `downgrade` allows it.
pub fn next_hop(from: &Url, response: &Response, downgrade: bool) -> Result<Url, FetchError> {
    let bad = |text: String| FetchError::new(Class::Redirect, text);
    let location = response.headers().get(header::LOCATION);
    let location = location.ok_or_else(|| bad("a redirect without an address".to_owned()))?;
    // Raw UTF-8 is what many servers send; anything else is not an address.
    let location = std::str::from_utf8(location.as_bytes())
        .map_err(|_| bad("a redirect to an address that is not text".to_owned()))?;
    let mut next = link::absolute(Some(from), location)
        .ok_or_else(|| bad(format!("a redirect to {:?}, which is not a web address", cut(location))))?;
    next.set_fragment(None);
    if from.scheme() == "https" && next.scheme() == "http" && !downgrade {
        let text = format!("a redirect from https down to {}", cut(next.as_str()));
        return Err(FetchError::new(Class::RedirectDowngrade, text));
    }
    Ok(next)
}

fn cut(text: &str) -> String {
    text.chars().take(200).collect()
}
