//! Bytes → text. What a document says of its encoding is often wrong, so the bytes have the last word.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1258};

/// A document as text.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The text; invalid bytes became U+FFFD.
    pub text: String,
    /// The WHATWG name of the encoding, in lower case.
    pub encoding: &'static str,
    /// What said so.
    pub source: EncodingSource,
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

/// Decides in this order: byte order mark; the pattern of NUL bytes of UTF-16 without one (bnews.vn); valid UTF-8,
/// whatever was declared (vietnambiz.vn declares utf-16); the HTTP charset; the document's own (RFC 7303 section 3);
/// mostly valid UTF-8; Windows-1258, the last Vietnamese encoding in use, which differs from Windows-1252 only in the
/// Vietnamese letters.
pub fn decode(bytes: &[u8], content_type: Option<&str>) -> Decoded {
    if let Some((encoding, skip)) = Encoding::for_bom(bytes) {
        return with(encoding, bytes.get(skip..).unwrap_or_default(), EncodingSource::Bom);
    }
    if let Some(encoding) = utf16_by_nuls(bytes) {
        return with(encoding, bytes, EncodingSource::Guess);
    }
    let http = content_type.and_then(http_charset);
    let document = document_charset(bytes);
    let declared = http.map(|e| (e, EncodingSource::Http)).or(document.map(|e| (e, EncodingSource::Document)));
    if let Ok(text) = std::str::from_utf8(bytes) {
        let source = [(http, EncodingSource::Http), (document, EncodingSource::Document)]
            .into_iter()
            .find(|(e, _)| *e == Some(UTF_8))
            .map_or(EncodingSource::Guess, |(_, source)| source);
        // Bytes below 0x80 are UTF-8 and also what every declared encoding but ISO-2022-JP says they are.
        return Decoded { text: text.to_owned(), encoding: "utf-8", source };
    }
    match declared {
        Some((encoding, source)) if encoding != UTF_8 && !is_utf16(encoding) => with(encoding, bytes, source),
        _ if mostly_utf8(bytes) => with(UTF_8, bytes, declared.map_or(EncodingSource::Guess, |(_, s)| s)),
        _ => with(WINDOWS_1258, bytes, EncodingSource::Guess),
    }
}

fn with(encoding: &'static Encoding, bytes: &[u8], source: EncodingSource) -> Decoded {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    let name = ENCODING_NAMES.iter().find(|(e, _)| *e == encoding).map_or(encoding.name(), |(_, n)| n);
    Decoded { text: text.into_owned(), encoding: name, source }
}

/// `encoding_rs` gives names in their registered case; ours are lower case, and these are the ones met.
static ENCODING_NAMES: [(&Encoding, &str); 6] = [
    (UTF_8, "utf-8"),
    (UTF_16LE, "utf-16le"),
    (UTF_16BE, "utf-16be"),
    (WINDOWS_1258, "windows-1258"),
    (encoding_rs::WINDOWS_1252, "windows-1252"),
    (encoding_rs::SHIFT_JIS, "shift_jis"),
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

/// A wrong byte here and there in a UTF-8 text of many non-ASCII letters: a cut or a paste, not another encoding.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let bad = text.matches('\u{fffd}').count();
    let good = text.chars().filter(|c| !c.is_ascii()).count() - bad;
    good > bad * 10
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
    let label: String = after
        .trim_start_matches(|c: char| c == '=' || c == '"' || c == '\'' || c.is_whitespace())
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.'))
        .collect();
    Encoding::for_label(label.as_bytes())
}
