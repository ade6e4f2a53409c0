//! Request → answer over a finished snapshot. Pure: no socket, no clock, no database.

use super::answer::{self, Answer, CLOSED_POLICY, Frame, METHODS, Writer};
use super::conditional::is_not_modified;
use super::head::{Head, Method};
use super::library::{Asked, Found};
use super::negotiate::{Wanted, coding, language};
use crate::publish::{Coding, MISSING, Page, Snapshot};
use crate::schedule::Time;

const PAGE_POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const HTML: &str = "text/html";

/// What comes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// An answer, at once.
    Answered(Answer),
    /// The library is asked, and then [`found`].
    Ask(Asked),
}

/// Answers a reader from the snapshot, or says what it is that he asks for.
pub fn respond(snapshot: &Snapshot, head: &Head<'_>, frame: Frame<'_>, out: &mut Vec<u8>) -> Step {
    match head.method {
        Method::Get | Method::Head => {}
        Method::Options => return Step::Answered(options(frame, out)),
        Method::Other => return Step::Answered(answer::text(out, frame, 405)),
        Method::Unknown => return Step::Answered(answer::text(out, frame, 501)),
    }
    let Some(path) = head.path.strip_prefix('/') else {
        return Step::Answered(answer::text(out, frame, 400));
    };
    if let Some(page) = snapshot.pages.get(path).filter(|_| path != MISSING) {
        return Step::Answered(document(page, head, frame, out));
    }
    Step::Ask(Asked { path: path.to_owned(), query: head.query.map(str::to_owned), lang: language(head.fields) })
}

/// Answers with what the library has.
pub fn found(snapshot: &Snapshot, found: &Found, head: &Head<'_>, frame: Frame<'_>, out: &mut Vec<u8>) -> Answer {
    match found {
        Found::Page(page) => document(page, head, frame, out),
        Found::Moved(to) => moved(to, frame, out),
        Found::Gone => answer::text(out, frame, 410),
        Found::Missing => missing(snapshot, head, frame, out),
        Found::Busy => answer::text(out, frame, 503),
    }
}

fn document(page: &Page, head: &Head<'_>, frame: Frame<'_>, out: &mut Vec<u8>) -> Answer {
    // Not asked whether there is one before it is wanted: it is made when the first wants it.
    let coded = |coding: Coding| page.coded(coding);
    let wanted = coding(head.fields, |coding| coded(coding).is_some());
    if wanted == Wanted::Nothing {
        return answer::text(out, frame, 406);
    }
    let not_modified = is_not_modified(head.fields, page);
    let is_page = page.content_type.starts_with(HTML);
    let policy = if is_page { PAGE_POLICY } else { CLOSED_POLICY };
    let mut writer = Writer::new(out, frame, if not_modified { 304 } else { 200 }, policy);
    writer.field("etag", &page.etag);
    if let Some(modified) = page.modified {
        // Until the second is over in which it changed, nothing says that it does not change again (RFC 9110 section 8.8.2.1: no later than `Date`).
        writer.field("last-modified", &http_date(modified.min(frame.now.at)));
    }
    writer.field("cache-control", page.keep.cache_control());
    // Every page is there in two languages, no feed is.
    writer.field("vary", if is_page { "Accept-Encoding, Accept-Language" } else { "Accept-Encoding" });
    if let Some(link) = &page.link {
        writer.field("link", link);
    }
    if !is_page {
        // Feeds are for everybody's programs, those in browsers too.
        writer.field("access-control-allow-origin", "*");
        writer.field("access-control-expose-headers", "ETag, Last-Modified, Link");
    }
    if not_modified {
        return writer.empty();
    }
    writer.field("content-type", page.content_type);
    writer.field("accept-ranges", "none");
    let body = match wanted {
        Wanted::Coded(coding) => coded(coding).map(|body| (coding.name(), body)),
        Wanted::Identity | Wanted::Nothing => None,
    };
    match body {
        Some((coding, body)) => {
            writer.field("content-encoding", coding);
            writer.body(body)
        }
        None => writer.body(page.body.clone()),
    }
}

/// What can be done, and that a program in a browser may (the Fetch standard's preflight).
fn options(frame: Frame<'_>, out: &mut Vec<u8>) -> Answer {
    let mut writer = Writer::new(out, frame, 204, CLOSED_POLICY);
    for (name, value) in [
        ("allow", METHODS),
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", METHODS),
        ("access-control-allow-headers", "Cache-Control, If-Modified-Since, If-None-Match"),
        ("access-control-max-age", "86400"),
    ] {
        writer.field(name, value);
    }
    writer.empty()
}

/// A page of ours for people; nothing of the request is in it either. Programs get a short text.
fn missing(snapshot: &Snapshot, head: &Head<'_>, frame: Frame<'_>, out: &mut Vec<u8>) -> Answer {
    let for_people = head.fields.texts("accept").any(|media| media.contains(HTML));
    let Some(page) = snapshot.pages.get(MISSING).filter(|_| for_people) else {
        return answer::text(out, frame, 404);
    };
    let mut writer = Writer::new(out, frame, 404, PAGE_POLICY);
    writer.field("content-type", page.content_type);
    writer.field("cache-control", "no-store");
    writer.body(page.body.clone())
}

/// Sends a reader on, for good. Relative, so that it is right behind a proxy under any prefix.
fn moved(to: &str, frame: Frame<'_>, out: &mut Vec<u8>) -> Answer {
    answer::said(out, frame, 308, answer::TEXT, "Permanent Redirect\n".into(), &[("location", to)])
}

fn http_date(time: Time) -> String {
    httpdate::fmt_http_date(time.max(Time::UNIX_EPOCH).into())
}

#[cfg(test)]
mod tests;
