//! Whether a reader has the document already (RFC 9110 section 13). Pure.

use super::head::Fields;
use crate::publish::Page;
use crate::schedule::Time;

/// More is not a list, it is an attack.
const MOST_BYTES: usize = 8 * 1024;

/// Whether "not modified" is the answer. `If-None-Match` decides alone where it is sent.
pub fn is_not_modified(fields: Fields<'_>, page: &Page) -> bool {
    let mut sent = fields.all("if-none-match").peekable();
    if sent.peek().is_some() {
        return sent.any(|value| matches(value, &page.etag));
    }
    let since = fields.texts("if-modified-since").next().and_then(|v| httpdate::parse_http_date(v.trim()).ok());
    since.zip(page.modified).is_some_and(|(since, modified)| Time::from(since).timestamp() >= modified.timestamp())
}

/// Weak comparison against a list of tags (RFC 9110 section 8.8.3.2). A tag may hold commas, and proxies append `-gzip`
/// inside the quotes.
fn matches(list: &[u8], etag: &str) -> bool {
    let list = match str::from_utf8(list) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::head;
    use chrono::{TimeZone, Utc};

    fn asked(fields: &[(&str, &str)]) -> bool {
        let mut page = Page::new(b"x".to_vec(), "text/plain", Utc.with_ymd_and_hms(2026, 11, 23, 5, 0, 0).unwrap());
        page.etag = "W/\"a,b\"".into();
        let fields: String = fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let request = format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
        head::read(request.as_bytes(), |head| is_not_modified(head.fields, &page)).unwrap().unwrap()
    }

    #[test]
    fn s06_a_tag_matches_weakly_in_any_list() {
        let many = format!("{}\"a,b\"", "\"x\", ".repeat(1_000));
        let too_many = format!("{}\"a,b\"", "\"x\", ".repeat(2_000));
        for (value, expected) in [
            ("W/\"a,b\"", true),
            ("\"a,b\"", true),
            ("\"x\", W/\"y\", \"a,b\"", true),
            ("\"a,b-gzip\"", true),
            ("*", true),
            (many.as_str(), true),
            (too_many.as_str(), false),
            ("\"a\", \"b\"", false),
            ("a,b", false),
            ("", false),
            ("\"", false),
        ] {
            assert_eq!(asked(&[("if-none-match", value)]), expected, "{value}");
        }
        assert!(asked(&[("if-none-match", "\"x\""), ("If-None-Match", "\"a,b\"")]));
    }

    #[test]
    fn s07_s08_a_date_counts_only_without_a_tag_and_in_three_shapes() {
        for (value, expected) in [
            ("Mon, 23 Nov 2026 05:00:00 GMT", true),
            ("Monday, 23-Nov-26 05:00:00 GMT", true),
            ("Mon Nov 23 05:00:00 2026", true),
            ("Mon, 23 Nov 2026 06:00:00 GMT", true),
            ("Mon, 23 Nov 2026 04:59:59 GMT", false),
            ("yesterday", false),
        ] {
            assert_eq!(asked(&[("if-modified-since", value)]), expected, "{value}");
        }
        assert!(!asked(&[("if-none-match", "\"x\""), ("if-modified-since", "Mon, 23 Nov 2026 06:00:00 GMT")]));
    }
}
