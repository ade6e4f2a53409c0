use super::*;
use crate::http::answer::Persistence;
use crate::http::date::Now;
use crate::http::head;
use crate::publish::Lang;
use std::collections::BTreeMap;
use std::sync::Arc;

const NOW: Now<'static> = Now { at: at(1_795_413_600_500), written: "Mon, 23 Nov 2026 06:00:00 GMT" };

const fn at(millis: i64) -> Time {
    Time::from_timestamp_millis(millis).unwrap()
}

fn snapshot() -> Snapshot {
    let page = |body: &str, media| {
        let mut page = Page::new(body.repeat(50).into_bytes(), media, at(1_795_410_000_000));
        page.link = Some("<https://tin.example.vn/bac/feed.atom>; rel=\"self\"".into());
        Arc::new(page)
    };
    let feed = page("<feed/>", "application/atom+xml; charset=utf-8");
    let html = page("xin chào", "text/html; charset=utf-8");
    let missing = page("không có", "text/html; charset=utf-8");
    let pages = [("bac/feed.atom".to_owned(), feed), ("bac/".to_owned(), html), (MISSING.to_owned(), missing)].into();
    Snapshot { pages, ..Snapshot::default() }
}

struct Got {
    status: u16,
    headers: BTreeMap<String, String>,
    body: bytes::Bytes,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What a request is answered with, where the library has nothing.
fn ask(method: &str, path: &str, headers: &[(&str, &str)]) -> Got {
    let fields: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let request = format!("{method} {path} HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
    let snapshot = snapshot();
    let mut out = Vec::new();
    let answer = head::read(request.as_bytes(), |head| {
        let frame = Frame { now: NOW, persistence: Persistence::Stays, is_head: head.method == Method::Head };
        match respond(&snapshot, head, frame, &mut out) {
            Step::Answered(answer) => answer,
            Step::Ask(_) => found(&snapshot, &Found::Missing, head, frame, &mut out),
        }
    });
    let answer = answer.unwrap().unwrap();
    let text = String::from_utf8(out).unwrap();
    let mut lines = text.strip_suffix("\r\n\r\n").unwrap().split("\r\n");
    assert!(lines.next().unwrap().starts_with(&format!("HTTP/1.1 {} ", answer.status)));
    let headers: Vec<(String, String)> =
        lines.map(|line| line.split_once(": ").unwrap()).map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    let unique: BTreeMap<String, String> = headers.iter().cloned().collect();
    assert_eq!(unique.len(), headers.len(), "no field twice: {text}");
    for name in ["content-security-policy", "x-content-type-options", "referrer-policy", "date"] {
        assert!(unique.contains_key(name), "{name} (S-23): {text}");
    }
    assert!(!unique.contains_key("server") && !unique.contains_key("set-cookie"));
    Got { status: answer.status, headers: unique, body: answer.body }
}

#[test]
fn s01_s02_s09_a_feed_comes_with_everything_a_cache_needs_and_head_says_the_same() {
    let feed = ask("GET", "/bac/feed.atom", &[]);
    assert_eq!((feed.status, feed.body.len()), (200, 350));
    for (name, value) in [
        ("content-type", "application/atom+xml; charset=utf-8"),
        ("last-modified", "Mon, 23 Nov 2026 05:00:00 GMT"),
        ("vary", "Accept-Encoding"),
        ("content-length", "350"),
        ("accept-ranges", "none"),
        ("cache-control", "max-age=300, stale-while-revalidate=60, stale-if-error=86400"),
        ("access-control-allow-origin", "*"),
        ("access-control-expose-headers", "ETag, Last-Modified, Link"),
        ("link", "<https://tin.example.vn/bac/feed.atom>; rel=\"self\""),
    ] {
        assert_eq!(feed.header(name), value, "{name}");
    }
    assert!(feed.header("etag").starts_with("W/\""));
    let head = ask("HEAD", "/bac/feed.atom", &[]);
    assert_eq!((head.status, head.body.len(), &head.headers), (200, 0, &feed.headers));
    assert_eq!(ask("GET", "/bac/feed.atom", &[("range", "bytes=0-1")]).status, 200, "S-16");
    assert_eq!(ask("GET", "/bac/feed.atom?x=y", &[]).body, feed.body, "S-21: what is behind the ? changes nothing");
}

#[test]
fn s05_who_has_it_gets_nothing_but_the_validators() {
    let feed = ask("GET", "/bac/feed.atom", &[]);
    for method in ["GET", "HEAD"] {
        let headers = [("if-none-match", feed.header("etag")), ("accept-encoding", "gzip")];
        let not_modified = ask(method, "/bac/feed.atom", &headers);
        assert_eq!((not_modified.status, not_modified.body.len()), (304, 0));
        for name in ["etag", "cache-control", "vary", "last-modified", "date", "access-control-allow-origin"] {
            assert_eq!(not_modified.headers.contains_key(name), feed.headers.contains_key(name), "{name}");
        }
        for name in ["content-encoding", "content-type", "content-length"] {
            assert!(!not_modified.headers.contains_key(name), "{name}");
        }
    }
}

#[test]
fn s11_s13_every_coding_is_the_same_document_and_caches_are_told_that_it_varies() {
    let plain = ask("GET", "/bac/feed.atom", &[]);
    let zipped = ask("GET", "/bac/feed.atom", &[("accept-encoding", "gzip")]);
    assert!(zipped.body.len() < plain.body.len());
    assert_eq!(zipped.header("content-encoding"), "gzip");
    assert_eq!(zipped.header("etag"), plain.header("etag"), "a weak tag is for every coding");
    assert_eq!(zipped.body[4..8], [0; 4], "no time in it");
    let neither = ask("GET", "/bac/feed.atom", &[("accept-encoding", "*;q=0")]);
    assert_eq!((neither.status, neither.header("vary")), (406, "Accept-Encoding"));
}

#[test]
fn a_page_has_two_languages_and_a_strict_policy() {
    let page = ask("GET", "/bac/", &[]);
    assert_eq!(page.header("vary"), "Accept-Encoding, Accept-Language");
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    assert!(!page.headers.contains_key("access-control-allow-origin"));
    let english = head::read(b"GET /hoc/?a=b HTTP/1.1\r\nHost: a\r\nAccept-Language: en\r\n\r\n", |head| {
        let frame = Frame { now: NOW, persistence: Persistence::Stays, is_head: false };
        respond(&snapshot(), head, frame, &mut Vec::new())
    });
    let asked = Asked { path: "hoc/".into(), query: Some("a=b".into()), lang: Lang::En };
    assert_eq!(english, Ok(Some(Step::Ask(asked))));
}

#[test]
fn what_the_library_finds_is_said() {
    let page = Arc::new(Page::undated(b"x".repeat(300), "text/html; charset=utf-8"));
    for (what, status, name, value) in [
        (Found::Page(page), 200, "content-length", "300"),
        (Found::Moved("../b".into()), 308, "location", "../b"),
        (Found::Gone, 410, "cache-control", "no-store"),
        (Found::Missing, 404, "cache-control", "no-store"),
        (Found::Busy, 503, "retry-after", "60"),
    ] {
        let mut out = Vec::new();
        let answer = head::read(b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n", |head| {
            let frame = Frame { now: NOW, persistence: Persistence::Stays, is_head: false };
            found(&snapshot(), &what, head, frame, &mut out)
        });
        assert_eq!(answer.unwrap().unwrap().status, status);
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains(&format!("\r\n{name}: {value}\r\n")), "{text}");
    }
}

#[test]
fn s10_s17_other_methods_are_told_what_there_is() {
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE"] {
        let got = ask(method, "/bac/feed.atom", &[]);
        assert_eq!((got.status, got.header("allow")), (405, METHODS), "{method}");
    }
    assert_eq!(ask("BREW", "/bac/feed.atom", &[]).status, 501);
    for path in ["/", "*", "/bac/feed.atom"] {
        let headers = [("origin", "https://doc.example.vn"), ("access-control-request-method", "GET")];
        let got = ask("OPTIONS", path, &headers);
        assert_eq!((got.status, got.header("allow"), got.header("access-control-allow-origin")), (204, METHODS, "*"));
        assert!(got.header("access-control-allow-headers").contains("If-None-Match"));
        assert!(
            !got.headers.contains_key("access-control-allow-credentials")
                && !got.headers.contains_key("content-length")
        );
    }
}

#[test]
fn s20_s50_what_is_not_there_is_a_short_text_without_an_echo() {
    for path in [
        "/nowhere",
        "/../etc/passwd",
        "/bac/../bac/feed.atom",
        "/%2e%2e/x",
        "/%2E%2E%2fetc/passwd",
        "/bac%2ffeed.atom",
        "/bac/feed.atom%00",
        "/bac%5cfeed.atom",
        "/bac\\feed.atom",
        "//bac/feed.atom",
        "/bac//feed.atom",
        "/bac/feed.atom;x",
        "/bac/;/feed.atom",
        "/bac/feed.atom/",
        "/%c0%ae%c0%ae/",
        "/./bac/feed.atom",
        "/<script>",
        "/404.html",
    ] {
        let got = ask("GET", path, &[]);
        assert_eq!(
            (got.status, &got.body[..], got.header("cache-control")),
            (404, &b"Not Found\n"[..], "no-store"),
            "{path}"
        );
        assert_eq!(got.header("content-type"), "text/plain; charset=utf-8");
    }
    let people = ask("GET", "/nowhere", &[("accept", "text/html,application/xhtml+xml,*/*;q=0.8")]);
    assert_eq!((people.status, people.header("content-type")), (404, "text/html; charset=utf-8"));
}

#[test]
fn a_date_says_nothing_of_a_second_that_is_not_over() {
    let said = |changed: i64| {
        let page = Arc::new(Page::undated(b"x".to_vec(), "text/plain").changed_at(at(changed)));
        let ask = |fields: &str| {
            let mut out = Vec::new();
            let request = format!("GET /x HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
            let answer = head::read(request.as_bytes(), |head| {
                let frame = Frame { now: NOW, persistence: Persistence::Stays, is_head: false };
                found(&snapshot(), &Found::Page(Arc::clone(&page)), head, frame, &mut out)
            });
            (answer.unwrap().unwrap().status, String::from_utf8(out).unwrap())
        };
        let (_, text) = ask("");
        let date = text.split("\r\n").find_map(|line| line.strip_prefix("last-modified: ")).unwrap().to_owned();
        let (again, _) = ask(&format!("If-Modified-Since: {date}\r\n"));
        (date, again)
    };
    for (changed, date, again) in [
        // Long ago; on a whole second; in the second before; in this one; just now.
        (1_795_410_000_000, "Mon, 23 Nov 2026 05:00:00 GMT", 304),
        (1_795_413_600_000, "Mon, 23 Nov 2026 06:00:00 GMT", 304),
        (1_795_413_599_001, "Mon, 23 Nov 2026 06:00:00 GMT", 304),
        (1_795_413_600_001, "Mon, 23 Nov 2026 06:00:00 GMT", 200),
        (1_795_413_600_500, "Mon, 23 Nov 2026 06:00:00 GMT", 200),
    ] {
        assert_eq!(said(changed), (date.to_owned(), again), "{changed}");
    }
}
