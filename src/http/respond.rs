//! Request → response over a finished snapshot. Pure: no socket, no clock, no database.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Response, StatusCode, Uri};

use super::conditional::{is_not_modified, language, wants_gzip};
use super::library::{Asked, Found};
use crate::publish::{Coding, Keep, Lang, MISSING, Page, Snapshot};
use crate::schedule::Time;

/// What a server sends.
pub type Reply = Response<Full<Bytes>>;

/// Readers may keep a document for five minutes, longer while we are away.
const CACHE: &str = "public, max-age=300, stale-while-revalidate=60, stale-if-error=86400";
/// A document whose name changes with its content.
const CACHE_FOR_EVER: &str = "public, max-age=31536000, immutable";
const PAGE_POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const FEED_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";
/// When who found us busy may come again.
const RETRY_AFTER_SECONDS: &str = "30";
const METHODS: &str = "GET, HEAD, OPTIONS";

/// What the snapshot says to a request.
pub enum Finished {
    /// The answer.
    Reply(Reply),
    /// Nothing: what is asked for may be in the library.
    Not(Asked),
}

/// Answers a reader with what is finished.
pub fn respond(snapshot: &Snapshot, method: &Method, uri: &Uri, headers: &HeaderMap) -> Finished {
    match *method {
        Method::GET | Method::HEAD => {}
        Method::OPTIONS => return Finished::Reply(with(empty(StatusCode::NO_CONTENT), &[(header::ALLOW, METHODS)])),
        _ => {
            let refused = plain(StatusCode::METHOD_NOT_ALLOWED, "method not allowed\n");
            return Finished::Reply(with(refused, &[(header::ALLOW, METHODS)]));
        }
    }
    let path = uri.path().trim_start_matches('/');
    let lang = language(headers);
    let Some(languages) = snapshot.pages.get(path).filter(|_| path != MISSING) else {
        return match snapshot.pages.contains_key(&format!("{path}/")) {
            true => Finished::Reply(redirect(&format!("{}/", path.rsplit('/').next().unwrap_or_default()))),
            false => {
                let query = uri.query().map(str::to_owned);
                Finished::Not(Asked { path: path.to_owned(), query, lang })
            }
        };
    };
    let page = match (&languages.en, lang) {
        (Some(english), Lang::En) => english,
        _ => &languages.vi,
    };
    Finished::Reply(document(page, headers, method))
}

/// Answers a reader with what the library found.
pub fn found(snapshot: &Snapshot, found: Found, method: &Method, headers: &HeaderMap) -> Reply {
    match found {
        Found::Page(page) => document(&page, headers, method),
        Found::Moved(to) => redirect(&to),
        Found::Gone => plain(StatusCode::GONE, "gone\n"),
        Found::Missing => missing(snapshot),
        Found::Busy => {
            with(plain(StatusCode::SERVICE_UNAVAILABLE, "busy\n"), &[(header::RETRY_AFTER, RETRY_AFTER_SECONDS)])
        }
    }
}

fn document(page: &Page, headers: &HeaderMap, method: &Method) -> Reply {
    let not_modified = is_not_modified(headers, page);
    let gzip = (!not_modified && wants_gzip(headers)).then(|| page.coded(Coding::Gzip)).flatten();
    let is_coded = gzip.is_some();
    let body = match (not_modified, gzip) {
        (true, _) => Bytes::new(),
        (false, Some(gzip)) => gzip,
        (false, None) => page.body.clone(),
    };
    let length = body.len();
    let sent = if *method == Method::HEAD { Bytes::new() } else { body };
    let mut reply = Response::new(Full::new(sent));
    *reply.status_mut() = if not_modified { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let is_page = page.content_type.starts_with("text/html");
    // Every page is there in two languages, no feed is.
    let vary = if is_page { "Accept-Encoding, Accept-Language" } else { "Accept-Encoding" };
    let cache = match page.keep {
        Keep::AWhile => CACHE,
        Keep::ForEver => CACHE_FOR_EVER,
    };
    let out = reply.headers_mut();
    put(out, header::ETAG, &page.etag);
    if let Some(modified) = page.modified {
        put(out, header::LAST_MODIFIED, &http_date(modified));
    }
    put(out, header::CACHE_CONTROL, cache);
    put(out, header::VARY, vary);
    if let Some(link) = &page.link {
        put(out, header::LINK, link);
    }
    if !not_modified {
        put(out, header::CONTENT_TYPE, page.content_type);
        put(out, header::CONTENT_LENGTH, &length.to_string());
        if is_coded {
            put(out, header::CONTENT_ENCODING, Coding::Gzip.name());
        }
    }
    if !is_page {
        // Feeds are for everybody's programs, those in browsers too.
        put(out, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        put(out, header::ACCESS_CONTROL_EXPOSE_HEADERS, "ETag, Last-Modified, Link");
    }
    secure(out, if is_page { PAGE_POLICY } else { FEED_POLICY });
    reply
}

/// A page of ours; nothing of the request is in it either.
fn missing(snapshot: &Snapshot) -> Reply {
    let Some(languages) = snapshot.pages.get(MISSING) else {
        return plain(StatusCode::NOT_FOUND, "not found\n");
    };
    let mut reply = plain(StatusCode::NOT_FOUND, "");
    *reply.body_mut() = Full::new(languages.vi.body.clone());
    put(reply.headers_mut(), header::CONTENT_TYPE, languages.vi.content_type);
    secure(reply.headers_mut(), PAGE_POLICY);
    reply
}

/// Sends a reader on, for good. Relative, so that it is right behind a proxy under any prefix.
fn redirect(to: &str) -> Reply {
    with(plain(StatusCode::PERMANENT_REDIRECT, "moved\n"), &[(header::LOCATION, to)])
}

/// A short text of our own; nothing of the request is in it.
pub fn plain(status: StatusCode, text: &'static str) -> Reply {
    said(status, Bytes::from_static(text.as_bytes()))
}

/// A text that no program may take for anything else, whoever wrote it.
pub fn said(status: StatusCode, text: Bytes) -> Reply {
    let mut reply = Response::new(Full::new(text));
    *reply.status_mut() = status;
    let out = reply.headers_mut();
    put(out, header::CONTENT_TYPE, "text/plain; charset=utf-8");
    put(out, header::CACHE_CONTROL, "no-store");
    secure(out, FEED_POLICY);
    reply
}

fn empty(status: StatusCode) -> Reply {
    let mut reply = plain(status, "");
    reply.headers_mut().remove(header::CONTENT_TYPE);
    reply
}

/// With these headers too.
pub fn with(mut reply: Reply, headers: &[(HeaderName, &str)]) -> Reply {
    for (name, value) in headers {
        put(reply.headers_mut(), name.clone(), value);
    }
    reply
}

fn secure(headers: &mut HeaderMap, policy: &str) {
    put(headers, header::CONTENT_SECURITY_POLICY, policy);
    put(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(headers, header::REFERRER_POLICY, "no-referrer");
}

/// Every value is ours and printable ASCII; one that is not would be left out.
fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn http_date(time: Time) -> String {
    httpdate::fmt_http_date(time.max(Time::UNIX_EPOCH).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::Languages;
    use chrono::{TimeZone, Utc};
    use std::sync::Arc;

    fn snapshot() -> Snapshot {
        let page = |body: &str, media| {
            Arc::new(Page::new(
                body.repeat(50).into_bytes(),
                media,
                Utc.with_ymd_and_hms(2026, 11, 23, 5, 0, 0).unwrap(),
            ))
        };
        let feed = Languages { vi: page("<feed/>", "application/atom+xml; charset=utf-8"), en: None };
        let html = Languages {
            vi: page("xin chào", "text/html; charset=utf-8"),
            en: Some(page("hello", "text/html; charset=utf-8")),
        };
        let pages = [("bac/feed.atom".to_owned(), feed), ("bac/".to_owned(), html)].into();
        Snapshot { pages, ..Snapshot::default() }
    }

    fn ask(method: Method, path: &str, headers: &[(&'static str, &str)]) -> (u16, HeaderMap, usize) {
        let headers = headers.iter().map(|(n, v)| (HeaderName::from_static(n), v.parse().unwrap())).collect();
        let uri = path.parse().unwrap();
        let reply = match respond(&snapshot(), &method, &uri, &headers) {
            Finished::Reply(reply) => reply,
            Finished::Not(_) => found(&snapshot(), Found::Missing, &method, &headers),
        };
        let (parts, body) = reply.into_parts();
        let length = usize::try_from(hyper::body::Body::size_hint(&body).exact().unwrap()).unwrap();
        (parts.status.as_u16(), parts.headers, length)
    }

    fn text(headers: &HeaderMap, name: &str) -> String {
        headers.get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    #[test]
    fn a_feed_comes_with_everything_a_cache_needs_and_head_says_the_same() {
        let (status, headers, length) = ask(Method::GET, "/bac/feed.atom", &[]);
        assert_eq!((status, length), (200, 350));
        assert_eq!(text(&headers, "content-type"), "application/atom+xml; charset=utf-8");
        assert_eq!(text(&headers, "last-modified"), "Mon, 23 Nov 2026 05:00:00 GMT");
        assert_eq!(text(&headers, "vary"), "Accept-Encoding");
        assert_eq!(text(&headers, "content-length"), "350");
        assert!(text(&headers, "etag").starts_with("W/\""));
        assert!(text(&headers, "cache-control").contains("max-age=300"));
        let (status, head, length) = ask(Method::HEAD, "/bac/feed.atom", &[]);
        assert_eq!((status, length), (200, 0));
        assert_eq!(head, headers);
    }

    #[test]
    fn who_has_it_gets_nothing_but_the_validators() {
        let (_, headers, _) = ask(Method::GET, "/bac/feed.atom", &[]);
        let etag = text(&headers, "etag");
        let (status, headers, length) =
            ask(Method::GET, "/bac/feed.atom", &[("if-none-match", &etag), ("accept-encoding", "gzip")]);
        assert_eq!((status, length), (304, 0));
        for name in ["etag", "cache-control", "vary", "last-modified"] {
            assert!(headers.contains_key(name), "{name}");
        }
        for name in ["content-encoding", "content-type", "content-length"] {
            assert!(!headers.contains_key(name), "{name}");
        }
    }

    #[test]
    fn compressed_once_and_the_same_document() {
        let (_, plain, long) = ask(Method::GET, "/bac/feed.atom", &[]);
        let (_, zipped, short) = ask(Method::GET, "/bac/feed.atom", &[("accept-encoding", "br, gzip")]);
        assert!(short < long);
        assert_eq!(text(&zipped, "content-encoding"), "gzip");
        assert_eq!(text(&zipped, "etag"), text(&plain, "etag"), "a weak tag is for every coding");
    }

    #[test]
    fn a_page_has_two_languages_and_a_strict_policy() {
        let (_, vi, length_vi) = ask(Method::GET, "/bac/", &[]);
        let (_, en, length_en) = ask(Method::GET, "/bac/", &[("accept-language", "en")]);
        assert!(length_vi > length_en);
        assert_ne!(text(&vi, "etag"), text(&en, "etag"));
        assert_eq!(text(&vi, "vary"), "Accept-Encoding, Accept-Language");
        assert!(text(&vi, "content-security-policy").starts_with("default-src 'none'"));
        assert!(!vi.contains_key("set-cookie") && !vi.contains_key("server"));
    }

    #[test]
    fn other_methods_and_paths_are_told_so_without_an_echo() {
        assert_eq!(ask(Method::POST, "/bac/feed.atom", &[]).0, 405);
        let (status, headers, _) = ask(Method::OPTIONS, "/", &[]);
        assert_eq!((status, text(&headers, "allow")), (204, "GET, HEAD, OPTIONS".into()));
        let (status, headers, _) = ask(Method::GET, "/bac", &[]);
        assert_eq!((status, text(&headers, "location")), (308, "bac/".into()));
        for path in ["/nowhere", "/../etc/passwd", "/%2e%2e/x", "/bac/feed.atom/", "/%3Cscript%3E"] {
            let (status, headers, length) = ask(Method::GET, path, &[]);
            assert_eq!((status, length, text(&headers, "cache-control")), (404, 10, "no-store".into()), "{path}");
        }
    }
}
