//! Bytes → text. What a document says of its encoding is often wrong, so the bytes have the last word.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::legacy;
use super::repair::{Repair, Repairs};

/// A document as text.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded<'a> {
    /// The text; bytes that are no text became U+FFFD.
    pub text: Cow<'a, str>,
    /// The WHATWG name of the encoding, in lower case.
    pub encoding: &'static str,
    /// What said so.
    pub source: EncodingSource,
    /// What had to be mended.
    pub repairs: Repairs,
}

/// What decided the encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EncodingSource {
    /// A byte order mark.
    Bom,
    /// The `charset` of `Content-Type`.
    Http,
    /// The XML declaration or an HTML `meta`.
    Document,
    /// The bytes themselves, against or without a declaration.
    Guess,
}

impl EncodingSource {
    /// The name in `inspect`.
    pub fn as_str(self) -> &'static str {
        match self {
            EncodingSource::Bom => "bom",
            EncodingSource::Http => "http",
            EncodingSource::Document => "xml",
            EncodingSource::Guess => "guess",
        }
    }
}

/// How much of a document is looked at to guess what it is in.
const SAMPLE_BYTES: usize = 64 * 1024;

/// Decides in this order: byte order mark; the pattern of NUL bytes of UTF-16 and UTF-32 without one (bnews.vn); valid UTF-8,
/// whatever was declared (vietnambiz.vn declares utf-16); mostly valid UTF-8, its odd bytes taken as Windows-1252, which is
/// what editors paste; the HTTP charset; the document's own (RFC 7303 section 3); a guess by the bytes and the country of
/// the host. Text that is decoded and still garbled, because a font or a program garbled it before, is mended last.
pub fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>, host: Option<&str>) -> Decoded<'a> {
    let mut decoded = to_text(bytes, content_type, host);
    if let Some((repair, text)) = legacy::mend(&decoded.text, SAMPLE_BYTES) {
        decoded.repairs.note(repair);
        decoded.text = Cow::Owned(text);
    }
    decoded
}

fn to_text<'a>(bytes: &'a [u8], content_type: Option<&str>, host: Option<&str>) -> Decoded<'a> {
    if let Some(text) = utf32(bytes) {
        let decoded = Decoded { text: Cow::Owned(text), encoding: "utf-32", ..plain(EncodingSource::Guess) };
        return decoded;
    }
    if let Some((encoding, skip)) = Encoding::for_bom(bytes) {
        return with(encoding, bytes.get(skip..).unwrap_or_default(), EncodingSource::Bom);
    }
    if let Some(encoding) = utf16_by_nuls(bytes) {
        return with(encoding, bytes, EncodingSource::Guess);
    }
    let http = content_type.and_then(http_charset);
    let document = document_charset(bytes);
    let declared = http.map(|e| (e, EncodingSource::Http)).or(document.map(|e| (e, EncodingSource::Document)));
    let says_utf8 = [(http, EncodingSource::Http), (document, EncodingSource::Document)]
        .into_iter()
        .find(|(e, _)| *e == Some(UTF_8))
        .map_or(EncodingSource::Guess, |(_, source)| source);
    // Bytes below 0x80 are UTF-8 and also what every declared encoding but ISO-2022-JP says they are.
    if let Ok(text) = simdutf8::basic::from_utf8(bytes) {
        return Decoded { text: Cow::Borrowed(text), ..plain(says_utf8) };
    }
    if is_mostly_utf8(bytes) {
        let mut repairs = Repairs::default();
        repairs.note(Repair::InvalidBytes);
        return Decoded { text: Cow::Owned(odd_bytes_as_1252(bytes)), repairs, ..plain(says_utf8) };
    }
    match declared {
        Some((encoding, source)) if encoding != UTF_8 && !is_utf16(encoding) => with(encoding, bytes, source),
        _ => {
            // Text of a font of before Unicode looks like any Latin text to a guess by frequencies.
            let latin = with(WINDOWS_1252, bytes, EncodingSource::Guess);
            let is_of_a_font = legacy::mend(&latin.text, SAMPLE_BYTES).is_some();
            let mut decoded = if is_of_a_font { latin } else { with(guess(bytes, host), bytes, EncodingSource::Guess) };
            if declared.is_some() {
                decoded.repairs.note(Repair::WrongEncoding);
            }
            decoded
        }
    }
}

fn plain<'a>(source: EncodingSource) -> Decoded<'a> {
    Decoded { text: Cow::Borrowed(""), encoding: "utf-8", source, repairs: Repairs::default() }
}

fn with<'a>(encoding: &'static Encoding, bytes: &'a [u8], source: EncodingSource) -> Decoded<'a> {
    let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
    let name = ENCODING_NAMES.iter().find(|(e, _)| *e == encoding).map_or(encoding.name(), |(_, n)| n);
    let mut decoded = Decoded { text, encoding: name, ..plain(source) };
    if had_errors {
        decoded.repairs.note(Repair::InvalidBytes);
    }
    decoded
}

/// A guess by the letters' frequencies, as Firefox makes it, with the country as its hint.
fn guess(bytes: &[u8], host: Option<&str>) -> &'static Encoding {
    let country = host.and_then(|h| h.trim_end_matches('.').rsplit('.').next()).filter(|t| t.len() == 2);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    // Tags are in nobody's language, and a few letters among many of them decide nothing.
    let letters: Vec<u8> = bytes
        .split(|&b| b == b'<' || b == b'>')
        .filter(|run| !run.is_ascii())
        .flat_map(|run| run.iter().copied().chain([b' ']))
        .take(SAMPLE_BYTES)
        .collect();
    detector.feed(&letters, true);
    detector.guess(country.map(str::as_bytes), Utf8Detection::Deny)
}

/// UTF-32, which no web standard reads and some exports write.
fn utf32(bytes: &[u8]) -> Option<String> {
    let little = match bytes.get(..4)? {
        [0xff, 0xfe, 0, 0] | [b'<', 0, 0, 0] => true,
        [0, 0, 0xfe, 0xff] | [0, 0, 0, b'<'] => false,
        _ => return None,
    };
    let units = bytes.chunks_exact(4).filter_map(|u| u.try_into().ok());
    let codes = units.map(|u: [u8; 4]| if little { u32::from_le_bytes(u) } else { u32::from_be_bytes(u) });
    Some(codes.map(|c| char::from_u32(c).unwrap_or('\u{fffd}')).filter(|&c| c != '\u{feff}').collect())
}

/// `encoding_rs` gives names in their registered case; ours are lower case, and these are the ones met.
static ENCODING_NAMES: [(&Encoding, &str); 10] = [
    (UTF_8, "utf-8"),
    (UTF_16LE, "utf-16le"),
    (UTF_16BE, "utf-16be"),
    (encoding_rs::WINDOWS_1258, "windows-1258"),
    (WINDOWS_1252, "windows-1252"),
    (encoding_rs::SHIFT_JIS, "shift_jis"),
    (encoding_rs::EUC_KR, "euc-kr"),
    (encoding_rs::EUC_JP, "euc-jp"),
    (encoding_rs::BIG5, "big5"),
    (encoding_rs::KOI8_R, "koi8-r"),
];

fn is_utf16(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

/// UTF-16 of Latin text has a NUL in every other byte.
fn utf16_by_nuls(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..bytes.len().min(100))?;
    let nuls = |odd: usize| head.iter().skip(odd).step_by(2).filter(|&&b| b == 0).count();
    let (even, odd) = (nuls(0), nuls(1));
    let most = head.len() / 2 * 4 / 10;
    if head.len() < 4 {
        None
    } else if odd > most && even == 0 {
        Some(UTF_16LE)
    } else if even > most && odd == 0 {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// A wrong byte here and there in a UTF-8 text: a cut or a paste, not another encoding, whose letters would hardly ever make a
/// valid sequence by chance.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().bytes().filter(|b| *b >= 0xc0).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > 0 && good >= bad
}

/// UTF-8 with single odd bytes taken as Windows-1252; sequences that were cut are U+FFFD.
fn odd_bytes_as_1252(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        match chunk.invalid() {
            [] => {}
            [odd] => text.push_str(&WINDOWS_1252.decode_without_bom_handling(&[*odd]).0),
            _ => text.push('\u{fffd}'),
        }
    }
    text
}

fn http_charset(content_type: &str) -> Option<&'static Encoding> {
    let lower = content_type.to_ascii_lowercase();
    let label =
        lower.split(';').find_map(|p| p.trim().strip_prefix("charset="))?.trim().trim_matches(['"', '\'']).to_owned();
    Encoding::for_label(label.as_bytes())
}

/// `<?xml encoding="…"?>` or `<meta charset="…">` within the first kilobyte.
fn document_charset(bytes: &[u8]) -> Option<&'static Encoding> {
    let head: String = bytes.iter().take(1024).map(|&b| char::from(b).to_ascii_lowercase()).collect();
    let after = head
        .find("<?xml")
        .and_then(|at| head.get(at..)?.split_once("?>"))
        .and_then(|(declaration, _)| declaration.split_once("encoding"))
        .or_else(|| head.find("<meta").and_then(|at| head.get(at..)?.split_once("charset")))?
        .1;
    // "utf8" and "unicode" are what people write.
    let label: String = after
        .trim_start_matches(|c: char| c == '=' || c == '"' || c == '\'' || c.is_whitespace())
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.'))
        .collect();
    Encoding::for_label(label.as_bytes())
}
