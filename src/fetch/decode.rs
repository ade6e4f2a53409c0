//! Content codings, bounded: what a bomb inflates to is never held.
//!
//! Done here and not by the HTTP library, so that an unchanged body is recognised before it costs anything else, and so
//! that the limit is on decompressed bytes (a brotli answer of 1.6 KB can inflate to 1 GiB).

use std::borrow::Cow;
use std::io::{self, BufReader, Read};

use super::error::{Class, FetchError};

/// What we ask for: exactly what we can read.
pub const ACCEPTED: &str = "gzip, br, zstd";

/// RFC 9659: a zstd window of an HTTP content coding is at most 8 MiB.
const ZSTD_WINDOW_LOG: u32 = 23;

/// What may come of very little. Beyond it, a body of this many times its compressed size is a bomb: feeds come to a tenth.
const FREE: usize = 1 << 20;
const MOST_RATIO: usize = 200;

/// The body behind a `Content-Encoding`, at most `max` bytes of it.
pub fn decode<'w>(wire: &'w [u8], content_encoding: Option<&str>, max: usize) -> Result<Cow<'w, [u8]>, FetchError> {
    let codings: Vec<String> = content_encoding
        .unwrap_or_default()
        .split(',')
        .map(|c| c.trim().to_ascii_lowercase())
        .filter(|c| !c.is_empty() && c != "identity")
        .collect();
    let coding = match codings.as_slice() {
        // Undeclared gzip is met in the wild (a stored page of baolaocai.vn); no feed begins with these bytes.
        [] if wire.starts_with(&GZIP) => "gzip",
        [] => return Ok(Cow::Borrowed(wire)),
        [one] => one.as_str(),
        _ => {
            return Err(FetchError::new(
                Class::Encoding,
                format!("{} content codings, one inside the other", codings.len()),
            ));
        }
    };
    // A window of more than 16 MiB is another format (RFC 7932 section 9.1 calls these bits invalid).
    if coding == "br" && wire.first().is_some_and(|first| first & 0x7f == 0x11) {
        return Err(FetchError::new(Class::Encoding, "the br stream wants a window larger than 16 MiB"));
    }
    let by_ratio = FREE.max(wire.len().saturating_mul(MOST_RATIO));
    let most = max.min(by_ratio);
    let inflated = match coding {
        // Says gzip and is not: the parser will tell what it is.
        "gzip" | "x-gzip" if !wire.starts_with(&GZIP) => return Ok(Cow::Borrowed(wire)),
        "gzip" | "x-gzip" => bounded(|| Ok(Members::of(wire)), most),
        "deflate" if is_zlib(wire) => bounded(|| Ok(flate2::read::ZlibDecoder::new(wire)), most),
        "deflate" => bounded(|| Ok(flate2::read::DeflateDecoder::new(wire)), most),
        "br" => bounded(|| Ok(Brotli::of(wire)), most),
        "zstd" => bounded(|| zstd_decoder(wire), most),
        other => {
            return Err(FetchError::new(Class::Encoding, format!("the content coding {other:?} was not asked for")));
        }
    };
    match inflated {
        Ok(Inflated::Whole(body)) => Ok(Cow::Owned(body)),
        Ok(Inflated::TooMuch) if max <= by_ratio => Err(too_large(max)),
        Ok(Inflated::TooMuch) => Err(FetchError::new(
            Class::TooLarge,
            format!("the answer inflates to more than {MOST_RATIO} times its size"),
        )),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Err(FetchError::new(Class::Truncated, format!("the {coding} stream stops in the middle")))
        }
        Err(error) => Err(FetchError::new(Class::Encoding, format!("the {coding} stream is broken: {error}"))),
    }
}

/// The failure of a body over the limit.
pub fn too_large(max: usize) -> FetchError {
    FetchError::new(Class::TooLarge, format!("the answer is larger than {} KiB", max / 1024))
}

/// RFC 1950 section 2.2: the method and a check of the two first bytes. Many servers send the bare stream of RFC 1951 instead.
fn is_zlib(wire: &[u8]) -> bool {
    matches!(wire, [method, flags, ..] if method & 0x0f == 8 && (u16::from(*method) << 8 | u16::from(*flags)) % 31 == 0)
}

/// The library calls a stream that stops and one that is broken by the same name; which it is shows in whether it asked for more.
struct Brotli<'w>(brotli_decompressor::Decompressor<Tail<'w>>);

impl<'w> Brotli<'w> {
    fn of(wire: &'w [u8]) -> Brotli<'w> {
        Brotli(brotli_decompressor::Decompressor::new(Tail { rest: wire, is_over: false }, 16 * 1024))
    }
}

impl Read for Brotli<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(into);
        read.map_err(|error| if self.0.get_ref().is_over { io::ErrorKind::UnexpectedEof.into() } else { error })
    }
}

/// Bytes, and whether somebody wanted more of them.
struct Tail<'w> {
    rest: &'w [u8],
    is_over: bool,
}

impl Read for Tail<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.is_over |= self.rest.is_empty();
        self.rest.read(into)
    }
}

fn zstd_decoder(wire: &[u8]) -> io::Result<zstd::stream::read::Decoder<'static, BufReader<&[u8]>>> {
    let mut decoder = zstd::stream::read::Decoder::new(wire)?;
    decoder.window_log_max(ZSTD_WINDOW_LOG)?;
    Ok(decoder)
}

/// Every member of a gzip stream, one behind the other; junk behind a whole member is forgiven, as browsers do.
struct Members<'w>(flate2::bufread::GzDecoder<&'w [u8]>);

const GZIP: [u8; 2] = [0x1f, 0x8b];

impl<'w> Members<'w> {
    fn of(wire: &'w [u8]) -> Members<'w> {
        Members(flate2::bufread::GzDecoder::new(wire))
    }
}

impl Read for Members<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.0.read(into)?;
            let rest = *self.0.get_ref();
            if read > 0 || into.is_empty() || !rest.starts_with(&GZIP) {
                return Ok(read);
            }
            self.0 = flate2::bufread::GzDecoder::new(rest);
        }
    }
}

/// What came of a stream.
enum Inflated {
    Whole(Vec<u8>),
    TooMuch,
}

/// Inflates a stream. A long one is counted before it is held, so that a
/// bomb weighs a mebibyte and not what is allowed.
fn bounded<R: Read>(decoder: impl Fn() -> io::Result<R>, max: usize) -> io::Result<Inflated> {
    let mut body = Vec::new();
    let mut stream = decoder()?.take(max as u64 + 1);
    stream.by_ref().take(FREE as u64).read_to_end(&mut body)?;
    let more = io::copy(&mut stream, &mut io::sink())?;
    let whole = body.len() + usize::try_from(more).unwrap_or(usize::MAX);
    if more > 0 && whole <= max {
        body = Vec::with_capacity(whole);
        decoder()?.read_to_end(&mut body)?;
    }
    Ok(if whole <= max { Inflated::Whole(body) } else { Inflated::TooMuch })
}
