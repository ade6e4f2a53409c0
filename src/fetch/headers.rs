//! What response headers ask for, read leniently and bounded: a malformed header is as if it were not there.

use std::time::Duration;

use chrono::DateTime;
use reqwest::header::{
    AGE, CACHE_CONTROL, DATE, ETAG, EXPIRES, HeaderMap, HeaderName, LAST_MODIFIED, LINK, RETRY_AFTER,
};

use crate::model::Validators;
use crate::schedule::{Signals, Time};

/// A longer validator is not one (assertion P-04).
const MAX_VALIDATOR: usize = 8 * 1024;

/// The validators of an answer from `url`.
pub fn validators(url: &str, headers: &HeaderMap) -> Validators {
    let bytes = |name: HeaderName| {
        headers.get(name).map(|v| v.as_bytes().to_vec()).filter(|b| !b.is_empty() && b.len() <= MAX_VALIDATOR)
    };
    Validators { url: Some(url.to_owned()), etag: bytes(ETAG), last_modified: bytes(LAST_MODIFIED) }
}

/// When the server wants to be asked again.
pub fn signals(headers: &HeaderMap, now: Time) -> Signals {
    let server_now = text(headers, &DATE).and_then(http_date).unwrap_or(now);
    Signals {
        retry_after: retry_after(headers, server_now),
        max_age: freshness(headers, server_now),
        ..Signals::default()
    }
}

/// `Link` header fields of one answer that are kept, and their length in bytes.
const MOST_LINKS: usize = 16;
const MAX_LINK: usize = 4 * 1024;

/// The values of the `Link` header fields, as they stand.
pub fn links(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(LINK).iter().take(MOST_LINKS).filter(|value| value.len() <= MAX_LINK);
    values.filter_map(|value| std::str::from_utf8(value.as_bytes()).ok().map(str::to_owned)).collect()
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// Seconds, or a date against the server's own clock (RFC 9110 section 10.2.3).
fn retry_after(headers: &HeaderMap, server_now: Time) -> Option<Duration> {
    let value = text(headers, &RETRY_AFTER)?;
    match seconds(value) {
        Some(wait) => Some(wait),
        None => (http_date(value)? - server_now).to_std().ok(),
    }
    .filter(|wait| !wait.is_zero())
}

/// How long the answer stays fresh: `max-age` less `Age`, else `Expires` less `Date` (RFC 9111 section 4.2.1). A
/// private cache: `s-maxage` is not for us.
fn freshness(headers: &HeaderMap, server_now: Time) -> Option<Duration> {
    let max_age = headers
        .get_all(CACHE_CONTROL)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .filter_map(|directive| directive.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("max-age"))
        .and_then(|(_, value)| seconds(value.trim().trim_matches('"')));
    let lifetime = match max_age {
        Some(max_age) => max_age.saturating_sub(text(headers, &AGE).and_then(seconds).unwrap_or_default()),
        None => (http_date(text(headers, &EXPIRES)?)? - server_now).to_std().ok()?,
    };
    Some(lifetime).filter(|l| !l.is_zero())
}

/// Digits only; a number too large is as long as can be.
fn seconds(value: &str) -> Option<Duration> {
    let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| Duration::from_secs(value.parse().unwrap_or(u64::from(u32::MAX))))
}

fn http_date(value: &str) -> Option<Time> {
    httpdate::parse_http_date(value).ok().map(DateTime::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone, Utc};

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    fn now() -> Time {
        Utc.with_ymd_and_hms(2026, 11, 23, 5, 0, 0).unwrap()
    }

    fn max_age(pairs: &[(&'static str, &str)]) -> Option<u64> {
        signals(&headers(pairs), now()).max_age.map(|d| d.as_secs())
    }

    fn retry(pairs: &[(&'static str, &str)]) -> Option<u64> {
        signals(&headers(pairs), now()).retry_after.map(|d| d.as_secs())
    }

    #[test]
    fn freshness_in_every_spelling() {
        for (value, expected) in [
            ("max-age=7200", Some(7200)),
            ("MAX-AGE=3600", Some(3600)),
            ("max-age=\"3600\"", Some(3600)),
            ("public, max-age=60, max-age=999", Some(60)),
            ("max-age=99999999999999999999", Some(u64::from(u32::MAX))),
            ("max-age=-1", None),
            ("max-age=0", None),
            ("s-maxage=600", None),
            ("no-store", None),
        ] {
            assert_eq!(max_age(&[("cache-control", value)]), expected, "{value}");
        }
        assert_eq!(max_age(&[("cache-control", "max-age=7200"), ("age", "600")]), Some(6600));
        assert_eq!(max_age(&[("cache-control", "max-age=7200"), ("age", "9000")]), None);
        let date = ("date", "Mon, 23 Nov 2026 08:00:00 GMT");
        assert_eq!(
            max_age(&[date, ("expires", "Mon, 23 Nov 2026 09:00:00 GMT")]),
            Some(3600),
            "the server's clock, not ours"
        );
        assert_eq!(max_age(&[date, ("expires", "0")]), None);
        assert_eq!(max_age(&[date, ("expires", "Mon, 23 Nov 2026 07:00:00 GMT")]), None);
    }

    #[test]
    fn a_time_to_come_back_in_every_spelling() {
        for (value, expected) in [
            ("600", Some(600)),
            ("Mon, 23 Nov 2026 05:10:00 GMT", Some(600)),
            ("Monday, 23-Nov-26 05:10:00 GMT", Some(600)),
            ("Mon Nov 23 05:10:00 2026", Some(600)),
            ("Mon, 23 Nov 2026 04:00:00 GMT", None),
            ("-5", None),
            ("abc", None),
            ("1e9", None),
            ("0", None),
        ] {
            assert_eq!(retry(&[("retry-after", value)]), expected, "{value}");
        }
        assert_eq!(
            retry(&[("date", "Mon, 23 Nov 2026 05:05:00 GMT"), ("retry-after", "Mon, 23 Nov 2026 05:10:00 GMT")]),
            Some(300)
        );
    }

    #[test]
    fn validators_are_bytes() {
        let mut map = headers(&[("last-modified", "yesterday")]);
        map.insert(ETAG, reqwest::header::HeaderValue::from_bytes(b"W/\"a,\xff b").unwrap());
        let validators = validators("https://a.vn/rss", &map);
        assert_eq!(validators.etag.as_deref(), Some(b"W/\"a,\xff b".as_slice()));
        assert_eq!(validators.last_modified.as_deref(), Some(b"yesterday".as_slice()));
        let long = "x".repeat(MAX_VALIDATOR + 1);
        assert_eq!(super::validators("u", &headers(&[("etag", &long)])).etag, None);
    }

    #[test]
    fn links_are_kept_as_they_stand_and_bounded() {
        let mut map = headers(&[("link", "</rss>; rel=self, <https://hub.example/>; rel=hub")]);
        let raw = |bytes: &[u8]| reqwest::header::HeaderValue::from_bytes(bytes).unwrap();
        for value in ["</tin-tức>; rel=next".as_bytes(), b"\xff", "x".repeat(MAX_LINK + 1).as_bytes()] {
            map.append(LINK, raw(value));
        }
        assert_eq!(links(&map), ["</rss>; rel=self, <https://hub.example/>; rel=hub", "</tin-tức>; rel=next"]);
        for _ in 0..100 {
            map.append(LINK, raw(b"<x>"));
        }
        assert_eq!(links(&map).len(), MOST_LINKS - 2, "the first sixteen, without those that are none");
    }
}
