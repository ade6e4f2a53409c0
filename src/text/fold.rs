//! The fold: text as matching sees it.
//!
//! Vietnamese writes a tone and a vowel quality on the same letter, and has two habits of where the tone stands (hoà,
//! hòa) and of i and y (kĩ sư, kỹ sư). The fold moves each syllable's tone to its end, so the place no longer matters,
//! and keeps vowel quality and tone themselves, because they are the word: báo (newspaper) is not bão (storm).
//!
//! ```text
//! "Hoà Bình: kỹ-sư. Bác sĩ"  →  " hoa\u{1} binh\u{1} ki\u{4} sư . bac\u{2} si\u{4} "
//! ```
//! Words are separated by single spaces, with one at either end, so that a phrase matches whole syllables only; a
//! sentence end is the word `.`, which no phrase contains, so no phrase runs over it.

use std::ops::Range;
use std::sync::LazyLock;
use unicode_normalization::char::{compose, decompose_canonical};

/// A folded text that still knows where each of its words stood.
#[derive(Debug, Clone, Default)]
pub struct Folded {
    text: String,
    words: Vec<Word>,
    has_upper: bool,
}

/// One word of a [`Folded`] text. Offsets are bytes; texts are bounded far below 4 GiB before they come here.
#[derive(Debug, Clone, Copy)]
struct Word {
    at: u32,
    start: u32,
    end: u32,
    capital: bool,
}

/// The tone marks as bytes no text contains: huyền, sắc, hỏi, ngã, nặng are 1 to 5.
const NO_TONE: u8 = 0;

/// Abbreviations whose full stop does not end a sentence ("TP. Hồ Chí Minh", "GS. TS."), folded, without tones.
const ABBREVIATIONS: [&str; 20] = [
    "tp", "tx", "tt", "p", "q", "h", "st", "gs", "pgs", "ts", "ths", "bs", "ks", "cn", "tr", "vn", "nxb", "ttg",
    "ubnd", "mr",
];

/// The initial consonants after which a lone final y and i are both written for the same word: hy/hi sinh, kỹ/kĩ sư,
/// lý/lí do, Mỹ/Mĩ, bác sỹ/sĩ, tỷ/tỉ lệ, quý/quí (Quyết định 240/QĐ, Bộ Giáo dục, 5/3/1984: i for y in school books;
/// the press keeps both).
const Y_IS_I_AFTER: [&str; 7] = ["h", "k", "l", "m", "s", "t", "qu"];

impl Folded {
    /// Folds a text. Texts longer than 4 GiB do not occur: every field is bounded at ingest.
    pub fn new(original: &str) -> Folded {
        let mut folding = Folding::with_capacity(original.len());
        let mut chars = original.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map(|&(_, c)| c);
            folding.take(at, c, next);
        }
        folding.finish(original.len())
    }

    /// The folded text: ` word word . word `.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The words without sentence ends, joined by single spaces.
    pub fn key(&self) -> String {
        self.key_from(0)
    }

    /// The key of the original behind a byte that stands between two words.
    pub fn key_from(&self, start: usize) -> String {
        let text =
            self.words_from(start).first().and_then(|word| self.text.get(word.at as usize..)).unwrap_or_default();
        let mut key = String::with_capacity(text.len());
        // No word has a full stop in it.
        let mut sentences = text.split('.');
        key.push_str(sentences.next().unwrap_or_default().trim_start());
        for sentence in sentences {
            key.push_str(sentence.strip_prefix(' ').unwrap_or(sentence));
        }
        key.truncate(key.trim_end().len());
        key
    }

    /// How many words the original has behind a byte that stands between two words.
    pub fn count_from(&self, start: usize) -> usize {
        let is_word = |word: &&Word| self.text.as_bytes().get(word.at as usize) != Some(&b'.');
        self.words_from(start).iter().filter(is_word).count()
    }

    fn words_from(&self, start: usize) -> &[Word] {
        let from = self.words.partition_point(|word| (word.start as usize) < start);
        self.words.get(from..).unwrap_or_default()
    }

    /// The words without sentence ends.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.text.split(' ').filter(|w| !w.is_empty() && *w != ".")
    }

    /// Whether any letter of the original was a capital. Without one, case says nothing about proper nouns.
    pub fn has_capitals(&self) -> bool {
        self.has_upper
    }

    /// Where a match in the folded text stood in the original. Borders on spaces are allowed on either side.
    pub fn original(&self, folded: Range<usize>) -> Range<usize> {
        let inside = self.words_in(&folded);
        match (inside.first(), inside.last()) {
            (Some(first), Some(last)) => first.start as usize..last.end as usize,
            _ => 0..0,
        }
    }

    /// For each word of a match, whether it began with a capital letter in the original.
    pub fn capitals(&self, folded: Range<usize>) -> impl Iterator<Item = bool> {
        self.words_in(&folded).iter().map(|w| w.capital)
    }

    fn words_in(&self, folded: &Range<usize>) -> &[Word] {
        let from = self.words.partition_point(|w| (w.at as usize) < folded.start);
        let to = self.words.partition_point(|w| (w.at as usize) < folded.end);
        self.words.get(from..to).unwrap_or_default()
    }
}

/// The state of a fold under way.
struct Folding {
    done: Folded,
    /// Letters of the current word, lower case, vowel quality kept, tones taken out.
    letters: String,
    tones: [u8; 4],
    tone_count: usize,
    start: usize,
    capital: bool,
}

impl Folding {
    fn with_capacity(bytes: usize) -> Folding {
        let mut text = String::with_capacity(bytes + 2);
        text.push(' ');
        Folding {
            done: Folded { text, words: Vec::with_capacity(bytes / 5), has_upper: false },
            letters: String::with_capacity(16),
            tones: [NO_TONE; 4],
            tone_count: 0,
            start: 0,
            capital: false,
        }
    }

    fn take(&mut self, at: usize, c: char, next: Option<char>) {
        if c.is_ascii() {
            if c.is_ascii_alphanumeric() {
                self.begin(at, c.is_ascii_uppercase());
                self.letters.push(c.to_ascii_lowercase());
            } else {
                self.end_word(at);
                if ends_sentence(c) {
                    self.end_sentence(at, c, next);
                }
            }
            return;
        }
        let letter = Letter::of(c);
        match letter.kind {
            Kind::Letter => {
                self.begin(at, letter.upper);
                self.letters.push(letter.base);
                self.tone(letter.tone);
            }
            Kind::Tone => self.tone(letter.tone),
            Kind::Mark => {
                if let Some(composed) = self.letters.pop() {
                    self.letters.push(compose(composed, c).unwrap_or(composed));
                }
            }
            Kind::Nothing => {}
            Kind::Between => {
                self.end_word(at);
                if ends_sentence(c) {
                    self.end_sentence(at, c, next);
                }
            }
            Kind::Several => {
                for part in c.to_lowercase() {
                    decompose_canonical(part, |piece| {
                        let piece_of = Letter::of(piece);
                        match piece_of.kind {
                            Kind::Tone => self.tone(piece_of.tone),
                            Kind::Mark => {
                                if let Some(last) = self.letters.pop() {
                                    self.letters.push(compose(last, piece).unwrap_or(last));
                                }
                            }
                            _ => {
                                self.begin(at, c.is_uppercase());
                                self.letters.push(piece);
                            }
                        }
                    });
                }
            }
        }
    }

    fn begin(&mut self, at: usize, upper: bool) {
        if self.letters.is_empty() {
            self.start = at;
            self.capital = upper;
        }
        self.done.has_upper |= upper;
    }

    fn tone(&mut self, tone: u8) {
        // A tone without a letter before it belongs to nothing; more than four in one word is not a word.
        if tone != NO_TONE
            && !self.letters.is_empty()
            && let Some(slot) = self.tones.get_mut(self.tone_count)
        {
            *slot = tone;
            self.tone_count += 1;
        }
    }

    fn end_word(&mut self, end: usize) {
        if self.letters.is_empty() {
            return;
        }
        if let Some(initial) = self.letters.strip_suffix('y')
            && Y_IS_I_AFTER.contains(&initial)
        {
            self.letters.pop();
            self.letters.push('i');
        }
        self.done.words.push(Word {
            at: offset(self.done.text.len()),
            start: offset(self.start),
            end: offset(end),
            capital: self.capital,
        });
        self.done.text.push_str(&self.letters);
        self.done.text.extend(self.tones.iter().take(self.tone_count).map(|&t| char::from(t)));
        self.done.text.push(' ');
        self.letters.clear();
        self.tone_count = 0;
    }

    /// A sentence ends at a line end or semicolon, and at a stop that is followed by white space and does not close an
    /// abbreviation.
    fn end_sentence(&mut self, at: usize, c: char, next: Option<char>) {
        if !matches!(c, '\n' | ';') {
            if next.is_some_and(|n| n.is_alphanumeric()) {
                return;
            }
            let before = self.done.text.trim_end().rsplit(' ').next().unwrap_or_default();
            if c == '.' && ABBREVIATIONS.contains(&before) {
                return;
            }
        }
        if self.done.text.ends_with(". ") || self.done.text == " " {
            return;
        }
        self.done.words.push(Word {
            at: offset(self.done.text.len()),
            start: offset(at),
            end: offset(at + c.len_utf8()),
            capital: false,
        });
        self.done.text.push_str(". ");
    }

    fn finish(mut self, end: usize) -> Folded {
        self.end_word(end);
        self.done
    }
}

fn ends_sentence(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | ';' | '\n')
}

fn offset(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// What one character contributes to a word.
#[derive(Debug, Clone, Copy)]
struct Letter {
    kind: Kind,
    base: char,
    tone: u8,
    upper: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A letter or digit: `base` in lower case with its vowel quality, plus a tone.
    Letter,
    /// A combining tone mark.
    Tone,
    /// Another combining mark, part of the letter before it.
    Mark,
    /// Invisible: as if it were not there.
    Nothing,
    /// Anything that separates words.
    Between,
    /// Rare: lower-cases or decomposes to several characters.
    Several,
}

/// Latin-1 to Latin Extended-B, and Latin Extended Additional: where every Vietnamese letter is.
const LATIN: Range<u32> = 0x80..0x250;
const EXTENDED: Range<u32> = 0x1e00..0x1f00;

static TABLE: LazyLock<(Vec<Letter>, Vec<Letter>)> = LazyLock::new(|| {
    let row = |range: Range<u32>| range.map(|c| Letter::compute(char::from_u32(c).unwrap_or('\0'))).collect();
    (row(LATIN), row(EXTENDED))
});

impl Letter {
    fn of(c: char) -> Letter {
        let code = u32::from(c);
        let known = if LATIN.contains(&code) {
            TABLE.0.get((code - LATIN.start) as usize)
        } else if EXTENDED.contains(&code) {
            TABLE.1.get((code - EXTENDED.start) as usize)
        } else {
            None
        };
        known.copied().unwrap_or_else(|| Letter::compute(c))
    }

    fn compute(c: char) -> Letter {
        let plain = |kind| Letter { kind, base: '\0', tone: NO_TONE, upper: false };
        if let Some(tone) = tone_of(c) {
            return Letter { tone, ..plain(Kind::Tone) };
        }
        if ('\u{300}'..='\u{36f}').contains(&c) {
            return plain(Kind::Mark);
        }
        if matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        {
            return plain(Kind::Nothing);
        }
        if !c.is_alphanumeric() {
            return plain(Kind::Between);
        }
        let mut lower = c.to_lowercase();
        let (Some(small), None) = (lower.next(), lower.next()) else {
            return plain(Kind::Several);
        };
        let upper = c.is_uppercase();
        // Đ, the Icelandic Ð and the African Ɖ look alike and are typed for one another.
        if matches!(small, 'đ' | 'ð' | 'ɖ') {
            return Letter { kind: Kind::Letter, base: 'đ', tone: NO_TONE, upper };
        }
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
        match base {
            Some(base) if !several => Letter { kind: Kind::Letter, base, tone, upper },
            _ => plain(Kind::Several),
        }
    }
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
