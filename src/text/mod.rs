//! What two Vietnamese strings being "the same" means, and which characters may leave the house.
//!
//! Display text keeps what the author wrote, in NFC ([`line()`], [`paragraphs`]). Comparison always goes through
//! [`Folded`], which erases what a reader does not see (tone placement, case, spacing) and keeps what he does (báo is
//! not bão).

mod fold;
mod folding;
mod headline;
mod letter;
mod syllable;
mod term;
#[cfg(test)]
mod tests;

pub use fold::Folded;
pub use headline::{headlines_agree, is_edit};
pub use term::{is_bare, spell};

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The texts of one item, folded once for everything that compares them.
#[derive(Debug, Clone, Default)]
pub struct Words {
    /// Of the headline.
    pub title: Folded,
    /// Of the teaser.
    pub teaser: Folded,
    /// Of the article.
    pub body: Folded,
}

impl Words {
    /// Folds them.
    pub fn of(title: &str, teaser: &str, body: &str) -> Words {
        Words { title: Folded::new(title), teaser: Folded::new(teaser), body: Folded::new(body) }
    }
}

/// The text in Unicode normal form C: what is stored, shown and hashed.
pub fn nfc(text: &str) -> String {
    if is_plain(text.as_bytes()) || text.chars().all(is_plainly_composed) {
        return text.to_owned();
    }
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text.to_owned(),
        _ => text.nfc().collect(),
    }
}

/// Whether a text is of ASCII and the composed letters of Latin-1 and Vietnamese alone, told by its bytes, sixteen at a time.
fn is_plain(text: &[u8]) -> bool {
    // No branch in the loop; the last byte of valid UTF-8 begins no letter.
    let pairs = text.iter().zip(text.get(1..).unwrap_or_default());
    !pairs.fold(false, |odd, (&a, &b)| {
        // C3 to C6 are À to ƿ; E1 BA and E1 BB are Ḁ to ỿ.
        let latin = (0xc3..=0xc6).contains(&a);
        let vietnamese = (a == 0xe1) & ((b == 0xba) | (b == 0xbb));
        odd | ((a >= 0xc0) & !latin & !vietnamese)
    })
}

/// Letters that are in normal form C whatever stands beside them: all of Latin with its Vietnamese letters, and common
/// punctuation. Most texts have nothing else, and asking the tables for each letter costs more than reading it.
fn is_plainly_composed(c: char) -> bool {
    matches!(c, '\0'..='\u{2ff}' | '\u{1e00}'..='\u{1eff}' | '\u{2002}'..='\u{206f}')
}

/// One line of display text: NFC, white space collapsed, [forbidden](may_leave) characters gone, at most `max_chars`
/// characters.
pub fn line(text: &str, max_chars: usize) -> String {
    if is_tidy(text.as_bytes()) {
        return shorten(text.to_owned(), max_chars);
    }
    let normal = nfc(text);
    let mut out = String::with_capacity(normal.len());
    for word in normal.split(|c: char| c.is_whitespace() || c.is_control()) {
        let start = out.len();
        if start > 0 {
            out.push(' ');
        }
        out.extend(word.chars().filter(|&c| may_leave(c)));
        if out.len() == start + usize::from(start > 0) {
            out.truncate(start);
        }
    }
    shorten(out, max_chars)
}

/// Whether a text is a [`line()`] already, as nearly all are: of ASCII and composed Latin letters with single spaces between the words.
fn is_tidy(text: &[u8]) -> bool {
    let mut before = b' ';
    let tidy = text.iter().all(|&byte| {
        let fits = match (before, byte) {
            (b' ', b' ') => false,
            (0xe1, _) => matches!(byte, 0xba | 0xbb),
            (_, b' '..=b'~' | 0x80..=0xbf | 0xc3..=0xc6 | 0xe1) => true,
            _ => false,
        };
        before = byte;
        fits
    });
    tidy && before != b' '
}

/// Display text of several paragraphs: each a [`line()`], empty ones dropped, joined by `\n`; at most `max_chars`
/// characters.
pub fn paragraphs(text: &str, max_chars: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for paragraph in text.lines().map(|l| line(l, max_chars)).filter(|l| !l.is_empty()) {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&paragraph);
    }
    shorten(out, max_chars)
}

/// Cuts after `max_chars` characters, at the last space before the cut where there is one near, and says so with "…".
fn shorten(text: String, max_chars: usize) -> String {
    // A text has at least as many bytes as characters, so most texts are not counted at all.
    if text.len() <= max_chars {
        return text;
    }
    let Some((cut, _)) = text.char_indices().nth(max_chars) else {
        return text;
    };
    let head = text.get(..cut).unwrap_or_default();
    let head = match head.rfind(char::is_whitespace) {
        Some(space) if space * 2 > cut => head.get(..space).unwrap_or_default(),
        _ => head,
    };
    format!("{}…", head.trim_end())
}

/// Whether a character may stand in what we publish.
///
/// Refused: what XML 1.0 section 2.2 forbids (the `rss` and `atom_syndication` crates write it without complaint), the
/// C1 controls, bidirectional overrides and isolates (they can make a headline read backwards, Unicode TR 36), and
/// characters that are invisible and only break comparison: zero-width space, word joiner, byte order mark, soft
/// hyphen.
pub fn may_leave(c: char) -> bool {
    !matches!(c,
        '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        | '\u{fdd0}'..='\u{fdef}' | '\u{fffe}' | '\u{ffff}')
        && (u32::from(c) & 0xfffe) != 0xfffe
}

/// The words of a text as one comparable string, without sentence boundaries: equal keys are equal to a reader.
pub fn key(text: &str) -> String {
    Folded::new(text).key()
}

/// The letters without their marks, in lower case: "Đắk Lắk" is "dak lak". For guessing what was meant, never for
/// deciding: báo, bão and bào become one.
pub fn without_marks(text: &str) -> String {
    text.nfd()
        .filter(|c| !unicode_normalization::char::is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'đ' { 'd' } else { c })
        .collect()
}
