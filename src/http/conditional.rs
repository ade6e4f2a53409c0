//! Whether a reader has the document already (RFC 9110 section 13), and what he can read.

use hyper::HeaderMap;
use hyper::header::{ACCEPT_ENCODING, ACCEPT_LANGUAGE, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH};

use crate::publish::{Lang, Page};
use crate::schedule::Time;

/// More is not a list, it is an attack.
const MOST_BYTES: usize = 8 * 1024;

/// Whether "not modified" is the answer. `If-None-Match` decides alone where it is sent.
pub fn is_not_modified(headers: &HeaderMap, page: &Page) -> bool {
    let mut sent = headers.get_all(IF_NONE_MATCH).iter().peekable();
    if sent.peek().is_some() {
        return sent.any(|value| matches(value.as_bytes(), &page.etag));
    }
    let since = headers
        .get(IF_MODIFIED_SINCE)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| httpdate::parse_http_date(v.trim()).ok());
    since.zip(page.modified).is_some_and(|(since, modified)| Time::from(since).timestamp() >= modified.timestamp())
}

/// Weak comparison against a list of tags (RFC 9110 section 8.8.3.2). A tag may hold commas, and proxies append `-gzip`
/// inside the quotes.
fn matches(list: &[u8], etag: &str) -> bool {
    let list = match std::str::from_utf8(list) {
        Ok(list) if list.len() <= MOST_BYTES => list,
        _ => return false,
    };
    if list.trim() == "*" {
        return true;
    }
    let ours = opaque(etag);
    // Between quotes is a tag, outside are `W/` and commas.
    list.split('"').skip(1).step_by(2).any(|tag| tag == ours || tag.strip_suffix("-gzip") == Some(ours))
}

fn opaque(etag: &str) -> &str {
    etag.trim_start_matches("W/").trim_matches('"')
}

/// Whether gzip is the best coding we have for this reader.
pub fn wants_gzip(headers: &HeaderMap) -> bool {
    let weights = weights(headers, &ACCEPT_ENCODING);
    let of = |name: &str| weights.iter().find(|(n, _)| n == name).map(|(_, q)| *q);
    let gzip = of("gzip").or(of("x-gzip")).or(of("*")).unwrap_or(0.0);
    gzip > 0.0 && gzip >= of("identity").unwrap_or(0.0)
}

/// The language of the page: Vietnamese unless English is wanted more.
pub fn language(headers: &HeaderMap) -> Lang {
    let weights = weights(headers, &ACCEPT_LANGUAGE);
    let of = |tag: &str| {
        let matching = weights
            .iter()
            .filter(|(name, _)| name == tag || name.strip_prefix(tag).is_some_and(|rest| rest.starts_with('-')));
        matching.map(|(_, q)| *q).fold(0.0, f64::max)
    };
    if of("en") > of("vi") { Lang::En } else { Lang::Vi }
}

/// The names of a header's list with their `q`; malformed parts are as if they were not there.
fn weights(headers: &HeaderMap, name: &HeaderName) -> Vec<(String, f64)> {
    let values = headers.get_all(name).iter().filter_map(|v| v.to_str().ok()).filter(|v| v.len() <= MOST_BYTES);
    values
        .flat_map(|value| value.split(','))
        .filter_map(|part| {
            let mut pieces = part.split(';').map(str::trim);
            let name = pieces.next().filter(|n| !n.is_empty())?.to_ascii_lowercase();
            let q = match pieces.find_map(|p| p.strip_prefix("q=").or_else(|| p.strip_prefix("Q="))) {
                Some(q) => q.parse::<f64>().ok().filter(|q| (0.0..=1.0).contains(q))?,
                None => 1.0,
            };
            Some((name, q))
        })
        .take(100)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone, Utc};

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(HeaderName::from_static(name), value.parse().unwrap());
        }
        map
    }

    fn page() -> Page {
        let mut page = Page::new(b"x".to_vec(), "text/plain", Utc.with_ymd_and_hms(2026, 11, 23, 5, 0, 0).unwrap());
        page.etag = "W/\"a,b\"".into();
        page
    }

    #[test]
    fn a_tag_matches_weakly_in_any_list() {
        for (value, expected) in [
            ("W/\"a,b\"", true),
            ("\"a,b\"", true),
            ("\"x\", W/\"y\", \"a,b\"", true),
            ("\"a,b-gzip\"", true),
            ("*", true),
            ("\"a\", \"b\"", false),
            ("a,b", false),
            ("", false),
            ("\"", false),
        ] {
            assert_eq!(is_not_modified(&headers(&[("if-none-match", value)]), &page()), expected, "{value}");
        }
        assert!(is_not_modified(&headers(&[("if-none-match", "\"x\""), ("if-none-match", "\"a,b\"")]), &page()));
    }

    #[test]
    fn a_date_counts_only_without_a_tag_and_in_three_shapes() {
        for (value, expected) in [
            ("Mon, 23 Nov 2026 05:00:00 GMT", true),
            ("Monday, 23-Nov-26 05:00:00 GMT", true),
            ("Mon Nov 23 05:00:00 2026", true),
            ("Mon, 23 Nov 2026 06:00:00 GMT", true),
            ("Mon, 23 Nov 2026 04:59:59 GMT", false),
            ("yesterday", false),
        ] {
            assert_eq!(is_not_modified(&headers(&[("if-modified-since", value)]), &page()), expected, "{value}");
        }
        let both = [("if-none-match", "\"x\""), ("if-modified-since", "Mon, 23 Nov 2026 06:00:00 GMT")];
        assert!(!is_not_modified(&headers(&both), &page()));
    }

    #[test]
    fn gzip_goes_to_who_can_read_it_and_prefers_it() {
        for (value, expected) in [
            ("gzip", true),
            ("GZIP", true),
            ("x-gzip", true),
            ("br, gzip;q=0.8", true),
            ("*", true),
            ("gzip;q=0", false),
            ("*;q=0", false),
            ("identity", false),
            ("identity;q=0.9, gzip;q=0.5", false),
            ("gzip;q=1.5", false),
            ("gzip;q=", false),
            ("br", false),
            ("", false),
        ] {
            assert_eq!(wants_gzip(&headers(&[("accept-encoding", value)])), expected, "{value}");
        }
        assert!(!wants_gzip(&headers(&[])));
        assert!(wants_gzip(&headers(&[("accept-encoding", "br"), ("accept-encoding", "gzip")])));
    }

    #[test]
    fn pages_are_vietnamese_unless_english_is_wanted_more() {
        for (value, expected) in [
            ("vi", Lang::Vi),
            ("en-GB,en;q=0.9", Lang::En),
            ("en;q=0.5, vi;q=0.8", Lang::Vi),
            ("vi-VN,vi;q=0.9,en;q=0.8", Lang::Vi),
            ("fr", Lang::Vi),
            ("en;q=x", Lang::Vi),
        ] {
            assert_eq!(language(&headers(&[("accept-language", value)])), expected, "{value}");
        }
        assert_eq!(language(&headers(&[])), Lang::Vi);
    }
}
