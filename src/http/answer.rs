//! What is written back: the head of an answer as bytes, in one buffer that a connection keeps. Pure.

use std::io::Write;

use bytes::Bytes;

use super::date::Now;

/// What short texts are.
pub const TEXT: &str = "text/plain; charset=utf-8";
/// Feeds and texts do nothing, whoever shows them.
pub const CLOSED_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";
/// What we do.
pub const METHODS: &str = "GET, HEAD, OPTIONS";

/// An answer whose head is in the buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// What follows the head; shared by everybody who is sent the same.
    pub body: Bytes,
    /// Whether it is the last on its connection.
    pub closes: bool,
}

/// What comes of the connection after the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Persistence {
    /// It stays, as everybody expects.
    Stays,
    /// It stays, which old programs must be told.
    StaysForOld,
    /// It ends.
    Closes,
}

/// What every answer says whatever it is about.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// When it is given.
    pub now: Now<'a>,
    /// What comes of the connection.
    pub persistence: Persistence,
    /// Whether the body is left out, because only the head was asked for.
    pub is_head: bool,
}

/// The head of an answer while it is written. Every value is ours: nothing of a request is ever in it.
pub struct Writer<'o, 'f> {
    out: &'o mut Vec<u8>,
    frame: Frame<'f>,
    status: u16,
}

impl<'o, 'f> Writer<'o, 'f> {
    /// Begins with what every answer says.
    pub fn new(out: &'o mut Vec<u8>, frame: Frame<'f>, status: u16, policy: &str) -> Writer<'o, 'f> {
        out.clear();
        let mut writer = Writer { out, frame, status };
        writer.raw("HTTP/1.1 ");
        writer.number(u64::from(status));
        writer.raw(" ");
        writer.raw(reason(status));
        writer.raw("\r\n");
        writer.field("date", frame.now.written);
        match frame.persistence {
            Persistence::Stays => {}
            Persistence::StaysForOld => writer.field("connection", "keep-alive"),
            Persistence::Closes => writer.field("connection", "close"),
        }
        writer.field("content-security-policy", policy);
        writer.raw("x-content-type-options: nosniff\r\nreferrer-policy: no-referrer\r\n");
        writer
    }

    /// One more field.
    pub fn field(&mut self, name: &str, value: &str) {
        self.raw(name);
        self.raw(": ");
        // A line's end within a value would be a field of somebody else's making.
        if value.bytes().all(|b| b >= b' ' && b != 0x7f) {
            self.raw(value);
        }
        self.raw("\r\n");
    }

    /// Ends the head of an answer that has no body by its nature.
    pub fn empty(self) -> Answer {
        self.end(Bytes::new())
    }

    /// Ends the head of an answer with a body, which is left out where only the head was asked for.
    pub fn body(mut self, body: Bytes) -> Answer {
        self.raw("content-length: ");
        self.number(body.len() as u64);
        self.raw("\r\n");
        let body = if self.frame.is_head { Bytes::new() } else { body };
        self.end(body)
    }

    fn end(mut self, body: Bytes) -> Answer {
        self.raw("\r\n");
        Answer { status: self.status, body, closes: self.frame.persistence == Persistence::Closes }
    }

    fn raw(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn number(&mut self, number: u64) {
        // Writing to memory cannot fail.
        drop(write!(self.out, "{number}"));
    }
}

/// A short fixed text for a status that is not a document (assertion S-20).
pub fn text(out: &mut Vec<u8>, frame: Frame<'_>, status: u16) -> Answer {
    said(out, frame, status, TEXT, Bytes::from_static(sentence(status).as_bytes()), &[])
}

/// Something said once, that nobody keeps.
pub fn said(
    out: &mut Vec<u8>,
    frame: Frame<'_>,
    status: u16,
    media: &str,
    body: Bytes,
    fields: &[(&str, &str)],
) -> Answer {
    let mut writer = Writer::new(out, frame, status, CLOSED_POLICY);
    writer.field("content-type", media);
    writer.field("cache-control", "no-store");
    match status {
        405 | 501 => writer.field("allow", METHODS),
        406 => writer.field("vary", "Accept-Encoding"),
        429 | 503 => writer.field("retry-after", "60"),
        _ => {}
    }
    for (name, value) in fields {
        writer.field(name, value);
    }
    writer.body(body)
}

fn reason(status: u16) -> &'static str {
    sentence(status).trim_end()
}

/// Each as its reason phrase, with the end of a line.
fn sentence(status: u16) -> &'static str {
    match status {
        200 => "OK\n",
        204 => "No Content\n",
        304 => "Not Modified\n",
        308 => "Permanent Redirect\n",
        400 => "Bad Request\n",
        404 => "Not Found\n",
        405 => "Method Not Allowed\n",
        406 => "Not Acceptable\n",
        408 => "Request Timeout\n",
        410 => "Gone\n",
        413 => "Content Too Large\n",
        414 => "URI Too Long\n",
        429 => "Too Many Requests\n",
        431 => "Request Header Fields Too Large\n",
        500 => "Internal Server Error\n",
        501 => "Not Implemented\n",
        503 => "Service Unavailable\n",
        505 => "HTTP Version Not Supported\n",
        _ => "\n",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::schedule::Time;

    const FRAME: Frame<'static> = Frame {
        now: Now { at: Time::UNIX_EPOCH, written: "Mon, 23 Nov 2026 05:00:00 GMT" },
        persistence: Persistence::Closes,
        is_head: false,
    };

    #[test]
    fn s20_s23_a_short_text_is_fixed_and_closed() {
        let mut out = b"what was here".to_vec();
        let answer = text(&mut out, FRAME, 429);
        assert_eq!(answer, Answer { status: 429, body: "Too Many Requests\n".into(), closes: true });
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "HTTP/1.1 429 Too Many Requests\r\ndate: Mon, 23 Nov 2026 05:00:00 GMT\r\nconnection: close\r\n\
             content-security-policy: default-src 'none'; frame-ancestors 'none'; sandbox\r\n\
             x-content-type-options: nosniff\r\nreferrer-policy: no-referrer\r\n\
             content-type: text/plain; charset=utf-8\r\ncache-control: no-store\r\nretry-after: 60\r\n\
             content-length: 18\r\n\r\n"
        );
    }

    #[test]
    fn a_value_never_becomes_a_field() {
        let mut out = Vec::new();
        let mut writer = Writer::new(&mut out, Frame { is_head: true, ..FRAME }, 200, CLOSED_POLICY);
        writer.field("link", "a\r\nset-cookie: b");
        assert_eq!(writer.body(Bytes::from_static(b"abc")).body, Bytes::new());
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("link: \r\n") && text.contains("content-length: 3\r\n") && !text.contains("cookie"));
    }
}
