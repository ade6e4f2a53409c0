//! A finished document: its bytes, its codings, and what a cache is told of it.

use std::io::{self, Write};
use std::sync::OnceLock;

use bytes::Bytes;
use chrono::{SubsecRound, TimeDelta};
use libdeflater::{CompressionLvl, Compressor};
use url::Url;

use super::{Format, HTML, Site};
use crate::model::Digest;
use crate::schedule::Time;

/// One published document in one language. It vouches for its content by a tag that says nothing of the coding.
#[derive(Debug, Clone)]
pub struct Page {
    /// The document.
    pub body: Bytes,
    /// Its `Content-Type`.
    pub content_type: &'static str,
    /// A weak validator: it vouches for the content in any coding.
    pub etag: String,
    /// When the content last changed, where that is known.
    pub modified: Option<Time>,
    /// The value of its `Link` header: where it is, and its hub (assertion S-18).
    pub link: Option<String>,
    /// How long a reader may keep it without asking.
    pub keep: Keep,
    /// Whom it is made for.
    pub readers: Readers,
    /// It in other codings.
    pub codings: Codings,
}

/// How long a reader may keep a document without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// For some minutes.
    #[default]
    AWhile,
    /// For ever: its address never says anything else.
    ForEver,
}

impl Keep {
    /// The value of `Cache-Control`. Without `public`, which only matters where a request has an `Authorization` (RFC 9111 section 3): shared
    /// caches keep what has a `max-age`.
    pub fn cache_control(self) -> &'static str {
        match self {
            // Longer while we are away.
            Keep::AWhile => "max-age=300, stale-while-revalidate=60, stale-if-error=86400",
            Keep::ForEver => "max-age=31536000, immutable",
        }
    }
}

/// A content coding (RFC 9110 section 8.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
}

impl Coding {
    /// All of them.
    pub const ALL: [Coding; 3] = [Coding::Gzip, Coding::Brotli, Coding::Zstd];

    /// Its name in headers.
    pub fn name(self) -> &'static str {
        match self {
            Coding::Gzip => "gzip",
            Coding::Brotli => "br",
            Coding::Zstd => "zstd",
        }
    }

    /// The document in this coding, a function of its bytes: no file name, no time. Nothing where writing to memory failed, which it does not.
    ///
    /// The levels are from `docs/serving.md`, "Compression".
    fn encode(self, body: &[u8], readers: Readers) -> io::Result<Vec<u8>> {
        let for_many = readers == Readers::Many;
        match self {
            Coding::Gzip => {
                let level = CompressionLvl::new(if for_many { 6 } else { 1 }).unwrap_or_default();
                let mut encoder = Compressor::new(level);
                let mut coded = vec![0; encoder.gzip_compress_bound(body.len())];
                let length = encoder.gzip_compress(body, &mut coded).map_err(io::Error::other)?;
                coded.truncate(length);
                Ok(coded)
            }
            Coding::Brotli => {
                let quality = if for_many { 5 } else { 1 };
                let mut encoder = brotli::CompressorWriter::new(Vec::with_capacity(body.len() / 4), 4096, quality, 22);
                encoder.write_all(body)?;
                Ok(encoder.into_inner())
            }
            Coding::Zstd => zstd::bulk::compress(body, if for_many { 6 } else { 3 }),
        }
    }
}

/// Whom a document is made for, which says how much work it is worth to make it smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Readers {
    /// Whoever asked.
    #[default]
    One,
    /// Everybody.
    Many,
}

/// The codings of a document, each made when it is first asked for and then kept.
#[derive(Debug, Clone, Default)]
pub struct Codings([OnceLock<Option<Bytes>>; 3]);

/// What is shorter is not coded: the headers that say so weigh as much.
const WORTH_CODING: usize = 256;

impl Page {
    /// The same, dated: by the first whole second that begins after it, because dates in HTTP know no parts of a second and what
    /// changes twice within one must not pass for read.
    pub fn changed_at(self, moment: Time) -> Page {
        let whole = moment.trunc_subsecs(0);
        let modified = if whole < moment { whole + TimeDelta::seconds(1) } else { whole };
        Page { modified: Some(modified), ..self }
    }

    /// The same, for everybody.
    pub fn for_many(self) -> Page {
        Page { readers: Readers::Many, ..self }
    }

    /// A document, as of `modified` until somebody knows better.
    pub fn new(body: Vec<u8>, content_type: &'static str, modified: Time) -> Page {
        Page::undated(body, content_type).changed_at(modified)
    }

    /// A document that is vouched for by its content alone.
    pub fn undated(body: Vec<u8>, content_type: &'static str) -> Page {
        Page::kept(readable(body), content_type)
    }

    /// A feed with its own address and its hub. Who joins a story, and who leaves a list, changes it and no date of a story: only whoever keeps
    /// what it was before can date it.
    pub fn feed(body: Bytes, digest: &Digest, format: Format, own: &str, hub: Option<&Url>) -> Page {
        Page { link: Some(Site::link_header(own, hub)), ..Page::tagged(body, format.content_type(), digest) }
    }

    /// A page for people. It shows who else joined, how sources are: no date of a story's change vouches for it.
    pub fn html(text: String) -> Page {
        Page::undated(text.into_bytes(), HTML)
    }

    /// A document that was given out before, and is given out as it was.
    pub fn kept(body: Vec<u8>, content_type: &'static str) -> Page {
        let digest = Digest::of(&[&body]);
        Page::tagged(body.into(), content_type, &digest)
    }

    /// A document that is known by a digest of what it is made of.
    pub fn tagged(body: Bytes, content_type: &'static str, digest: &Digest) -> Page {
        Page {
            body,
            content_type,
            etag: format!("W/\"{}\"", digest.hex(32)),
            modified: None,
            link: None,
            keep: Keep::default(),
            readers: Readers::default(),
            codings: Codings::default(),
        }
    }

    /// The document in a coding, where that is smaller. Made once a version, by who asks first.
    pub fn coded(&self, coding: Coding) -> Option<Bytes> {
        let [gzip, brotli, zstd] = &self.codings.0;
        let cell = match coding {
            Coding::Gzip => gzip,
            Coding::Brotli => brotli,
            Coding::Zstd => zstd,
        };
        let make = || {
            let coded = coding.encode(&self.body, self.readers).ok().filter(|coded| coded.len() < self.body.len());
            coded.map(|coded| Bytes::from(coded.into_boxed_slice()))
        };
        if self.body.len() < WORTH_CODING { None } else { cell.get_or_init(make).clone() }
    }

    /// Makes the codings that an older version of this document was asked for, so that no reader waits for them.
    pub fn code_like(&self, before: &Page) {
        for (coding, asked) in Coding::ALL.into_iter().zip(&before.codings.0) {
            if asked.get().is_some() {
                self.coded(coding);
            }
        }
    }

    /// Bytes that it holds in memory.
    pub fn weight(&self) -> usize {
        let coded = self.codings.0.iter().filter_map(|cell| cell.get()?.as_ref());
        self.body.len() + coded.map(Bytes::len).sum::<usize>()
    }
}

/// Without replacement characters (U+FFFD), which sources send where their own programs lost a letter, and parsers write for what is none. What
/// is stored keeps them. Between two letters or digits one most often was a space that does not break, so a space remains.
pub(super) fn readable(body: Vec<u8>) -> Vec<u8> {
    repaired(&body).unwrap_or(body)
}

/// The same of bytes that may be a part of others.
pub(super) fn readable_bytes(body: Bytes) -> Bytes {
    repaired(&body).map_or(body, Bytes::from)
}

/// What is wrong in few documents is looked for in the cheapest way.
fn repaired(body: &[u8]) -> Option<Vec<u8>> {
    const LOST: char = '\u{fffd}';
    memchr::memmem::find(body, LOST.encode_utf8(&mut [0; 4]).as_bytes())?;
    let text = str::from_utf8(body).ok()?;
    let mut whole = String::with_capacity(text.len());
    for part in text.split(LOST).filter(|part| !part.is_empty()) {
        if whole.ends_with(char::is_alphanumeric) && part.starts_with(char::is_alphanumeric) {
            whole.push(' ');
        }
        let follows_a_space = whole.ends_with(' ');
        whole.push_str(part.strip_prefix(' ').filter(|_| follows_a_space).unwrap_or(part));
    }
    Some(whole.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn decode(coding: Coding, bytes: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        match coding {
            Coding::Gzip => flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain),
            Coding::Brotli => brotli_decompressor::Decompressor::new(bytes, 4096).read_to_end(&mut plain),
            Coding::Zstd => zstd::Decoder::new(bytes).unwrap().read_to_end(&mut plain),
        }
        .unwrap();
        plain
    }

    #[test]
    fn s13_every_coding_decodes_to_the_document_and_is_the_same_each_time() {
        let body = "học tập và làm theo Bác ".repeat(200).into_bytes();
        for coding in Coding::ALL {
            let coded = || Page::undated(body.clone(), "text/plain").coded(coding).unwrap();
            assert_eq!(decode(coding, &coded()), body, "{coding:?}");
            assert_eq!(coded(), coded());
        }
        let gzip = Page::undated(body, "text/plain").coded(Coding::Gzip).unwrap();
        assert_eq!(gzip.get(4..8), Some([0; 4].as_slice()), "no time is in it");
    }

    #[test]
    fn s13_a_coding_is_made_once_a_version_and_ahead_where_the_version_before_was_asked_for_it() {
        let page = |word: &str| Page::undated(word.repeat(200).into_bytes(), "text/plain");
        let (before, after) = (page("một "), page("hai "));
        let first = before.coded(Coding::Brotli).unwrap();
        assert_eq!(first.as_ptr(), before.coded(Coding::Brotli).unwrap().as_ptr());
        let plain = after.weight();
        after.code_like(&before);
        assert_eq!(after.weight(), plain + after.coded(Coding::Brotli).unwrap().len());
    }

    #[test]
    fn replacement_characters_do_not_leave_and_words_stay_apart() {
        let cases = [
            ("học\u{fffd}Bác", "học Bác"),
            ("học\u{fffd}\u{fffd}Bác", "học Bác"),
            ("học \u{fffd}Bác\u{fffd}.", "học Bác."),
            ("học \u{fffd} \u{fffd} Bác", "học Bác"),
            ("\u{fffd}<b>học\u{fffd}</b>\u{fffd}", "<b>học</b>"),
            ("\u{fffd}", ""),
            ("học Bác", "học Bác"),
        ];
        for (before, after) in cases {
            assert_eq!(Page::undated(before.into(), "text/plain").body, after, "{before}");
            assert_eq!(Page::kept(before.into(), "text/plain").body, before, "what was given out stays");
        }
    }

    #[test]
    fn what_does_not_get_smaller_is_not_coded() {
        assert_eq!(Page::undated(b"ok".to_vec(), "text/plain").coded(Coding::Gzip), None);
        let noise: Vec<u8> = (0..40_u8).flat_map(|n| Digest::of(&[[n]]).hex(64).into_bytes()).collect();
        assert!(Page::undated(noise, "text/plain").coded(Coding::Gzip).is_some(), "hexadecimal is half empty");
    }
}
