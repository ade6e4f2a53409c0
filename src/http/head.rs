//! The head of a request, read strictly: what two programs could read in two ways is refused, not guessed, or a proxy in front and we
//! would disagree where a request ends (RFC 9112 section 11.2). Pure.

use std::mem::MaybeUninit;

use httparse::{Error, Header, ParserConfig, Status};

/// No head is longer, in bytes (assertion S-48).
pub const MAX_HEAD: usize = 16 * 1024;
/// No target is longer, in bytes (assertion S-48).
const MAX_TARGET: usize = 8 * 1024;
/// The longest method and version around a target.
const AROUND_TARGET: usize = 64;
/// No head has more fields (assertion S-48).
const MOST_FIELDS: usize = 100;

/// What a request wants done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The document.
    Get,
    /// What would be said of it.
    Head,
    /// What can be done.
    Options,
    /// Something that others do.
    Other,
    /// Nothing that we have heard of.
    Unknown,
}

/// Where a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// There is none.
    None,
    /// After so many bytes.
    Length(u64),
    /// After its last chunk.
    Chunked,
}

/// A request, without its body.
#[derive(Debug)]
pub struct Head<'a> {
    /// What it wants done.
    pub method: Method,
    /// To what, without the address of the server: begins with `/`, or is `*`, or empty where the method has none.
    pub path: &'a str,
    /// What is behind the `?`.
    pub query: Option<&'a str>,
    /// Its fields.
    pub fields: Fields<'a>,
    /// Whether it may be followed by another on the same connection.
    pub persists: bool,
    /// Whether that must be said: HTTP/1.0 closes otherwise.
    pub is_old: bool,
    /// Where its body ends.
    pub framing: Framing,
    /// Whether its body comes only when asked for.
    pub expects: bool,
    /// How long it is, in bytes.
    pub length: usize,
}

/// The fields of a head.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a>(&'a [Header<'a>]);

impl<'a> Fields<'a> {
    /// The values of all fields of a name.
    pub fn all(self, name: &'static str) -> impl Iterator<Item = &'a [u8]> {
        self.0.iter().filter(move |field| field.name.eq_ignore_ascii_case(name)).map(|field| field.value)
    }

    /// The values that are text.
    pub fn texts(self, name: &'static str) -> impl Iterator<Item = &'a str> {
        self.all(name).filter_map(|value| str::from_utf8(value).ok())
    }

    /// Whether a list names a word.
    fn lists(self, name: &'static str, word: &str) -> bool {
        self.texts(name).flat_map(|list| list.split(',')).any(|part| part.trim().eq_ignore_ascii_case(word))
    }
}

/// Reads the head at the beginning of `bytes`: `Ok(None)` where it is not whole, or the status of the refusal.
pub fn read<T>(bytes: &[u8], then: impl FnOnce(&Head<'_>) -> T) -> Result<Option<T>, u16> {
    let mut room = [const { MaybeUninit::uninit() }; MOST_FIELDS];
    let mut request = httparse::Request::new(&mut []);
    let seen = bytes.get(..MAX_HEAD).unwrap_or(bytes);
    let length = match ParserConfig::default().parse_request_with_uninit_headers(&mut request, seen, &mut room) {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) => return unfinished(seen),
        Err(Error::TooManyHeaders) => return Err(431),
        Err(Error::Version) => return Err(505),
        Err(_) => return Err(400),
    };
    let (Some(method), Some(target), Some(version)) = (request.method, request.path, request.version) else {
        return Err(400);
    };
    if seen.get(..length).is_none_or(has_bare_line_feed) {
        return Err(400);
    }
    let fields = Fields(request.headers);
    let method = method_of(method);
    let (path, query) = target_of(target, method)?;
    let is_old = version == 0;
    check_host(fields, is_old)?;
    let framing = framing(fields, is_old)?;
    let closes = fields.lists("connection", "close");
    let persists = !closes && (!is_old || fields.lists("connection", "keep-alive"));
    let expects = fields.all("expect").next().is_some();
    let head = Head { method, path, query, fields, persists, is_old, framing, expects, length };
    Ok(Some(then(&head)))
}

/// What has no end yet may be too long already.
fn unfinished<T>(seen: &[u8]) -> Result<Option<T>, u16> {
    let line = seen.iter().skip_while(|b| matches!(b, b'\r' | b'\n')).take_while(|b| **b != b'\n').count();
    match () {
        () if line > MAX_TARGET + AROUND_TARGET => Err(414),
        () if seen.len() == MAX_HEAD => Err(431),
        () => Ok(None),
    }
}

/// Lines end with both; a program that takes one for enough sees other fields than one that does not.
fn has_bare_line_feed(head: &[u8]) -> bool {
    memchr::memchr_iter(b'\n', head).any(|at| at.checked_sub(1).and_then(|before| head.get(before)) != Some(&b'\r'))
}

fn method_of(name: &str) -> Method {
    match name {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "OPTIONS" => Method::Options,
        "POST" | "PUT" | "DELETE" | "PATCH" | "TRACE" | "CONNECT" => Method::Other,
        _ => Method::Unknown,
    }
}

/// The path and query of any form of target (RFC 9112 section 3.2).
fn target_of(target: &str, method: Method) -> Result<(&str, Option<&str>), u16> {
    if target.len() > MAX_TARGET {
        return Err(414);
    }
    if !target.bytes().all(|b| b.is_ascii_graphic() && b != b'#') {
        return Err(400);
    }
    let behind_authority = |rest: &'_ str| rest.find(['/', '?']).unwrap_or(rest.len());
    let scheme = ["http://", "https://"]
        .into_iter()
        .find(|s| target.get(..s.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(s)));
    let local = match scheme {
        Some(scheme) => {
            let rest = target.get(scheme.len()..).unwrap_or_default();
            rest.get(behind_authority(rest)..).unwrap_or_default()
        }
        None if target.starts_with('/') => target,
        None if target == "*" && method == Method::Options => target,
        // Who wants a tunnel names a host; he is told that we dig none.
        None if matches!(method, Method::Other | Method::Unknown) => "",
        None => return Err(400),
    };
    Ok(match local.split_once('?') {
        Some(("", query)) => ("/", Some(query)),
        Some((path, query)) => (path, Some(query)),
        None if local.is_empty() && scheme.is_some() => ("/", None),
        None => (local, None),
    })
}

/// One, and a name: nothing is made of it, but who sends two has reasons (RFC 9112 section 3.2).
fn check_host(fields: Fields<'_>, is_old: bool) -> Result<(), u16> {
    let mut hosts = fields.all("host");
    let is_right = match (hosts.next(), hosts.next()) {
        (None, None) => is_old,
        (Some(host), None) => host.iter().all(|b| b.is_ascii_alphanumeric() || b"-._~%!$&'()*+;=:[]".contains(b)),
        _ => false,
    };
    if is_right { Ok(()) } else { Err(400) }
}

/// Where the body ends, if that is said once and in one way (RFC 9112 section 6.3).
fn framing(fields: Fields<'_>, is_old: bool) -> Result<Framing, u16> {
    let (mut lengths, mut codings) = (fields.all("content-length"), fields.all("transfer-encoding"));
    match (lengths.next(), codings.next()) {
        (None, None) => Ok(Framing::None),
        (Some(length), None) if lengths.next().is_none() => match parse_length(length).ok_or(400_u16)? {
            0 => Ok(Framing::None),
            length => Ok(Framing::Length(length)),
        },
        (None, Some(coding)) if codings.next().is_none() && !is_old && coding.eq_ignore_ascii_case(b"chunked") => {
            Ok(Framing::Chunked)
        }
        _ => Err(400),
    }
}

fn parse_length(text: &[u8]) -> Option<u64> {
    let digits = str::from_utf8(text).ok().filter(|t| t.bytes().all(|b| b.is_ascii_digit()))?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is understood: method, path, query, persists, framing; or the status.
    fn understood(bytes: &[u8]) -> Result<Option<String>, u16> {
        read(bytes, |head| {
            format!(
                "{:?} {} {:?} {} {:?}",
                head.method,
                head.path,
                head.query.unwrap_or("-"),
                if head.persists { "stays" } else { "closes" },
                head.framing
            )
        })
    }

    #[test]
    fn every_form_of_a_request_is_understood() {
        for (text, expected) in [
            ("GET /a/b?c=d HTTP/1.1\r\nHost: x\r\n\r\n", "Get /a/b \"c=d\" stays None"),
            ("\r\nGET / HTTP/1.1\r\nhost:x:80\r\n\r\n", "Get / \"-\" stays None"),
            ("HEAD / HTTP/1.1\r\nHOST: [::1]:80\r\nConnection: foo, Close\r\n\r\n", "Head / \"-\" closes None"),
            ("GET / HTTP/1.0\r\n\r\n", "Get / \"-\" closes None"),
            ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "Get / \"-\" stays None"),
            ("GET http://a.vn/b?c HTTP/1.1\r\nHost: a.vn\r\n\r\n", "Get /b \"c\" stays None"),
            ("GET HTTPS://a.vn HTTP/1.1\r\nHost: a.vn\r\n\r\n", "Get / \"-\" stays None"),
            ("GET http://a.vn?q HTTP/1.1\r\nHost: a.vn\r\n\r\n", "Get / \"q\" stays None"),
            ("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "Options * \"-\" stays None"),
            ("CONNECT a.vn:443 HTTP/1.1\r\nHost: x\r\n\r\n", "Other  \"-\" stays None"),
            ("BREW / HTTP/1.1\r\nHost: x\r\n\r\n", "Unknown / \"-\" stays None"),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n", "Other / \"-\" stays Length(5)"),
            ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "Get / \"-\" stays None"),
            ("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n", "Get / \"-\" stays Chunked"),
        ] {
            assert_eq!(understood(text.as_bytes()), Ok(Some(expected.to_owned())), "{text}");
        }
    }

    #[test]
    fn s48_what_two_programs_could_read_in_two_ways_is_refused() {
        for (text, status) in [
            ("GET / HTTP/1.1\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
            ("GET / HTTP/1.1\nHost: a\n\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\n\r\n", 400),
            ("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: \r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0bchunked\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
            ("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
            ("GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
            ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
            ("GET /# HTTP/1.1\r\nHost: a\r\n\r\n", 400),
            ("GET /é HTTP/1.1\r\nHost: a\r\n\r\n", 400),
            ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
            ("GET /\r\nHost: a\r\n\r\n", 400),
            ("PRI * HTTP/2.0\r\n\r\n", 505),
            ("\x16\x03\x01\x02\x00\x01\x00\x01", 400),
        ] {
            assert_eq!(understood(text.as_bytes()), Err(status), "{text:?}");
        }
    }

    #[test]
    fn s48_what_is_too_long_is_refused_before_its_end() {
        let target = |length: usize| format!("GET /{}", "a".repeat(length - 1));
        let end = " HTTP/1.1\r\nHost: a\r\n\r\n";
        assert!(matches!(understood((target(MAX_TARGET) + end).as_bytes()), Ok(Some(_))));
        assert_eq!(understood((target(MAX_TARGET + 1) + end).as_bytes()), Err(414));
        assert_eq!(understood(target(MAX_TARGET + 100).as_bytes()), Err(414));
        let field = |length: usize| format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}", "a".repeat(length));
        assert_eq!(understood(field(MAX_HEAD).as_bytes()), Err(431));
        assert_eq!(understood(field(MAX_HEAD / 2).as_bytes()), Ok(None));
        let many = |count: usize| format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: a\r\n".repeat(count - 1));
        assert!(matches!(understood(many(MOST_FIELDS).as_bytes()), Ok(Some(_))));
        assert_eq!(understood(many(MOST_FIELDS + 1).as_bytes()), Err(431));
    }

    proptest! {
        /// However it arrives, and whatever it is.
        #[test]
        fn a_part_is_never_understood_as_something_else(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0_usize..200) {
            drop(understood(&bytes));
            let whole: &[u8] = b"GET /a?b HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept-Encoding: gzip\r\n\r\n";
            let part = &whole[..cut.min(whole.len() - 1)];
            prop_assert_eq!(understood(part), Ok(None));
        }
    }
}
