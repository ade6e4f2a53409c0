//! What one character is to the fold.

use std::sync::LazyLock;

use unicode_normalization::char::{compose, decompose_canonical};

/// The letter is a capital.
pub const UPPER: u8 = 1;
/// The letter has a mark that Vietnamese writes: a tone, or one of ă â ê ô ơ ư đ.
pub const MARKED: u8 = 4;
/// The letter carries a tone.
pub const TONED: u8 = 8;
/// Beyond ASCII, and not a letter that is one base and at most one tone.
pub const OTHER: u8 = 16;

/// No tone. The tones are bytes no text keeps: huyền, sắc, hỏi, ngã, nặng are 1 to 5.
pub const NO_TONE: u8 = 0;

/// What one character contributes to a word.
#[derive(Debug, Clone, Copy)]
pub struct Letter {
    /// The small letter with its vowel quality, without its tone, in UTF-8 and zeros; of what is no letter nothing.
    pub base: [u8; 4],
    /// How many bytes the base has.
    pub len: u8,
    /// The tone, or [`NO_TONE`].
    pub tone: u8,
    /// [`UPPER`], [`MARKED`], [`TONED`], [`OTHER`].
    pub traits: u8,
    /// Which rule of the fold is for it.
    pub kind: Kind,
}

/// The rules of the fold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A letter or digit: a base, plus a tone.
    Letter,
    /// A combining tone mark.
    Tone,
    /// Another combining mark, part of the letter before it.
    Mark,
    /// Invisible: as if it were not there.
    Nothing,
    /// Anything that separates words.
    Between,
    /// Separates words and may end a sentence.
    Stop,
    /// Rare: lower-cases or decomposes to several characters.
    Several,
}

/// Every character below this is in the table: ASCII, Latin, the combining marks, Latin Extended Additional, where every Vietnamese
/// letter is.
const TABLED: u32 = 0x2000;

/// The letters by code point.
pub type Table = [Letter];

static TABLE: LazyLock<Box<Table>> =
    LazyLock::new(|| (0..TABLED).map(|code| Letter::compute(char::from_u32(code).unwrap_or('\0'))).collect());

/// The table of letters; worth asking for once a text.
pub fn table() -> &'static Table {
    &TABLE
}

impl Letter {
    /// What a character is.
    pub fn of(c: char, table: &Table) -> Letter {
        table.get(u32::from(c) as usize).copied().unwrap_or_else(|| Letter::compute(c))
    }

    /// A letter that is this character, without a tone.
    pub fn plain(base: char, traits: u8) -> Letter {
        let mut bytes = [0; 4];
        let len = base.encode_utf8(&mut bytes).len().to_le_bytes()[0];
        let marked = if is_vietnamese(base) { MARKED } else { 0 };
        Letter { base: bytes, len, tone: NO_TONE, traits: traits | marked, kind: Kind::Letter }
    }

    fn compute(c: char) -> Letter {
        let other = |kind, case| {
            let traits = if c.is_ascii() { 0 } else { case | OTHER };
            Letter { base: [0; 4], len: 0, tone: NO_TONE, traits, kind }
        };
        if let Some(tone) = tone_of(c) {
            return Letter { tone, ..other(Kind::Tone, 0) };
        }
        match c {
            '\u{300}'..='\u{36f}' => return other(Kind::Mark, 0),
            '\u{ad}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2060}'
            | '\u{feff}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => return other(Kind::Nothing, 0),
            '.' | '!' | '?' | '…' | ';' | '\n' => return other(Kind::Stop, 0),
            _ if !c.is_alphanumeric() => return other(Kind::Between, 0),
            _ => {}
        }
        let case = case_of(c);
        let mut lower = c.to_lowercase();
        let (Some(small), None) = (lower.next(), lower.next()) else {
            return other(Kind::Several, case);
        };
        // Đ, the Icelandic Ð and the African Ɖ look alike and are typed for one another.
        if matches!(small, 'đ' | 'ð' | 'ɖ') {
            return Letter::plain('đ', case);
        }
        match base_and_tone(small) {
            Some((base, NO_TONE)) => Letter::plain(base, case),
            Some((base, tone)) => Letter { tone, ..Letter::plain(base, case | TONED | MARKED) },
            None => other(Kind::Several, case),
        }
    }
}

fn case_of(c: char) -> u8 {
    if c.is_uppercase() { UPPER } else { 0 }
}

/// The letter without its tone, and the tone; nothing where it is not one letter with at most one tone.
fn base_and_tone(small: char) -> Option<(char, u8)> {
    let mut base = None;
    let mut tone = NO_TONE;
    let mut several = false;
    decompose_canonical(small, |piece| match (tone_of(piece), base) {
        (Some(t), Some(_)) => {
            several |= tone != NO_TONE;
            tone = t;
        }
        (_, None) => base = Some(piece),
        (None, Some(b)) => match compose(b, piece) {
            Some(composed) => base = Some(composed),
            None => several = true,
        },
    });
    base.filter(|_| !several).map(|base| (base, tone))
}

fn tone_of(c: char) -> Option<u8> {
    match c {
        '\u{300}' | '\u{340}' => Some(1),
        '\u{301}' | '\u{341}' => Some(2),
        '\u{309}' => Some(3),
        '\u{303}' => Some(4),
        '\u{323}' => Some(5),
        _ => None,
    }
}

/// Whether a character of a folded text is a tone.
pub fn is_tone(c: char) -> bool {
    matches!(c, '\u{1}'..='\u{5}')
}

/// Whether a folded letter is one of those that Vietnamese has beside the plain Latin ones.
pub fn is_vietnamese(base: char) -> bool {
    vietnamese(base).is_some()
}

/// The plain letter and the mark of a folded Vietnamese letter: breve, circumflex, horn or stroke.
fn vietnamese(base: char) -> Option<(char, char)> {
    Some(match base {
        'ă' => ('a', 'b'),
        'â' => ('a', 'c'),
        'ê' => ('e', 'c'),
        'ô' => ('o', 'c'),
        'ơ' => ('o', 'h'),
        'ư' => ('u', 'h'),
        'đ' => ('d', 's'),
        _ => return None,
    })
}

/// A folded letter without its marks, and what the mark is: the initial of its English name for those of Vietnamese, the whole letter for any
/// other, nothing where there is none.
pub fn unmarked(base: char) -> (char, Option<char>) {
    if base.is_ascii() {
        return (base, None);
    }
    if let Some((letter, mark)) = vietnamese(base) {
        return (letter, Some(mark));
    }
    let mut letter = None;
    decompose_canonical(base, |piece| letter = letter.or(Some(piece)));
    let letter = letter.unwrap_or(base);
    (letter, Some(base).filter(|_| letter != base))
}
