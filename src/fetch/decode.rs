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
        [] if wire.starts_with(&[0x1f, 0x8b]) => "gzip",
        [] => return Ok(Cow::Borrowed(wire)),
        [one] => one.as_str(),
        _ => {
            return Err(FetchError::new(
                Class::Encoding,
                format!("{} content codings, one inside the other", codings.len()),
            ));
        }
    };
    let inflated = match coding {
        // Says gzip and is not: the parser will tell what it is.
        "gzip" | "x-gzip" if !wire.starts_with(&[0x1f, 0x8b]) => return Ok(Cow::Borrowed(wire)),
        "gzip" | "x-gzip" => gunzip(wire, max),
        "deflate" => bounded(flate2::read::ZlibDecoder::new(wire), max)
            .or_else(|_| bounded(flate2::read::DeflateDecoder::new(wire), max)),
        "br" => bounded(brotli_decompressor::Decompressor::new(wire, 16 * 1024), max),
        "zstd" => zstd_decoder(wire).and_then(|decoder| bounded(decoder, max)),
        other => {
            return Err(FetchError::new(Class::Encoding, format!("the content coding {other:?} was not asked for")));
        }
    };
    match inflated {
        Ok(body) if body.len() > max => Err(too_large(max)),
        Ok(body) => Ok(Cow::Owned(body)),
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

fn zstd_decoder(wire: &[u8]) -> io::Result<zstd::stream::read::Decoder<'static, BufReader<&[u8]>>> {
    let mut decoder = zstd::stream::read::Decoder::new(wire)?;
    decoder.window_log_max(ZSTD_WINDOW_LOG)?;
    Ok(decoder)
}

/// Every member of a gzip stream, one behind the other; junk behind a whole member is forgiven, as browsers do.
fn gunzip(wire: &[u8], max: usize) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    let mut rest = wire;
    while rest.starts_with(&[0x1f, 0x8b]) && body.len() <= max {
        let mut member = flate2::bufread::GzDecoder::new(rest);
        (&mut member).take((max - body.len()) as u64 + 1).read_to_end(&mut body)?;
        rest = member.into_inner();
    }
    Ok(body)
}

/// Reads one byte more than allowed, to know that there is more.
fn bounded(decoder: impl Read, max: usize) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    decoder.take(max as u64 + 1).read_to_end(&mut body)?;
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const TEXT: &[u8] = "Học tập và làm theo Bác. ".as_bytes();

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn class(wire: &[u8], coding: &str) -> &'static str {
        decode(wire, Some(coding), 1 << 20).unwrap_err().class.as_str()
    }

    #[test]
    fn every_coding_we_ask_for_and_the_ways_servers_get_it_wrong() {
        let zipped = gzip(TEXT);
        let mut twice_over = zipped.clone();
        twice_over.extend(gzip(TEXT));
        let mut with_junk = zipped.clone();
        with_junk.extend(b"\r\n<!-- cached -->");
        let cases: [(&[u8], Option<&str>, Vec<u8>); 9] = [
            (TEXT, None, TEXT.to_vec()),
            (TEXT, Some("identity"), TEXT.to_vec()),
            (&zipped, Some("GZIP"), TEXT.to_vec()),
            (&zipped, None, TEXT.to_vec()),
            (TEXT, Some("gzip"), TEXT.to_vec()),
            (&twice_over, Some("gzip"), [TEXT, TEXT].concat()),
            (&with_junk, Some("gzip"), TEXT.to_vec()),
            (&deflate(TEXT), Some("deflate"), TEXT.to_vec()),
            (&zstd::encode_all(TEXT, 3).unwrap(), Some("zstd"), TEXT.to_vec()),
        ];
        for (wire, coding, expected) in cases {
            assert_eq!(decode(wire, coding, 1 << 20).unwrap(), expected, "{coding:?}");
        }
    }

    #[test]
    fn brotli_is_read() {
        let mut wire = vec![0x8b, 0x0f, 0x80];
        wire.extend_from_slice(TEXT);
        wire.push(0x03);
        assert_eq!(decode(&wire, Some("br"), 1 << 20).unwrap().as_ref(), TEXT);
    }

    #[test]
    fn broken_foreign_and_nested_codings_are_named() {
        let zipped = gzip(&TEXT.repeat(100));
        assert_eq!(class(zipped.get(..zipped.len() / 2).unwrap(), "gzip"), "truncated");
        assert_eq!(class(&gzip(&zipped), "gzip, gzip"), "encoding");
        assert_eq!(class(TEXT, "aes"), "encoding");
        assert_eq!(class(TEXT, "zstd"), "encoding");
        let mut wrong_sum = zipped.clone();
        let at = wrong_sum.len() - 6;
        wrong_sum[at] ^= 0xff;
        assert_eq!(class(&wrong_sum, "gzip"), "encoding");
    }

    #[test]
    fn a_bomb_is_cut_at_the_limit() {
        let bomb = vec![0_u8; 4 << 20];
        assert_eq!(class(&gzip(&bomb), "gzip"), "too-large");
        assert_eq!(class(&zstd::encode_all(bomb.as_slice(), 3).unwrap(), "zstd"), "too-large");
    }
}
