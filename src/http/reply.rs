//! What hubs and their subscribers are told, where hyper writes it: short texts, with the same headers as everything else.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

use super::answer::{CLOSED_POLICY, TEXT};

/// What hyper sends.
pub type Reply = Response<Full<Bytes>>;

/// A short text of our own; nothing of the request is in it.
pub fn plain(status: StatusCode, text: &'static str) -> Reply {
    said(status, Bytes::from_static(text.as_bytes()))
}

/// Without waiting for the rest of a body that nobody wants.
pub fn closing(reply: Reply) -> Reply {
    with(reply, &[(header::CONNECTION, "close")])
}

/// A text that no program may take for anything else, whoever wrote it.
pub fn said(status: StatusCode, text: Bytes) -> Reply {
    let mut reply = Response::new(Full::new(text));
    *reply.status_mut() = status;
    let out = reply.headers_mut();
    put(out, header::CONTENT_TYPE, TEXT);
    put(out, header::CACHE_CONTROL, "no-store");
    put(out, header::CONTENT_SECURITY_POLICY, CLOSED_POLICY);
    put(out, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(out, header::REFERRER_POLICY, "no-referrer");
    reply
}

/// With these headers too.
pub fn with(mut reply: Reply, headers: &[(HeaderName, &str)]) -> Reply {
    for (name, value) in headers {
        put(reply.headers_mut(), name.clone(), value);
    }
    reply
}

/// Every value is ours and printable ASCII; one that is not would be left out.
fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
