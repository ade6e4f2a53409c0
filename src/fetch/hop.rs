//! Where a redirect leads, and where none may.

use reqwest::header;
use reqwest::{Response, StatusCode};
use url::Url;

use crate::link;

/// Whether a status sends us elsewhere.
pub fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// The next address, or why there is none.
pub fn next_hop(from: &Url, response: &Response) -> Result<Url, String> {
    let location = response.headers().get(header::LOCATION).ok_or("a redirect without an address")?;
    // Raw UTF-8 is what many servers send; anything else is not an address.
    let location = std::str::from_utf8(location.as_bytes()).map_err(|_| "a redirect to an address that is not text")?;
    let mut next = link::absolute(Some(from), location)
        .ok_or_else(|| format!("a redirect to {:?}, which is not a web address", cut(location)))?;
    next.set_fragment(None);
    if from.scheme() == "https" && next.scheme() == "http" {
        return Err(format!("a redirect from https down to {}", cut(next.as_str())));
    }
    Ok(next)
}

fn cut(text: &str) -> String {
    text.chars().take(200).collect()
}
