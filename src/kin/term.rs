//! A text as comparing sees it: its words as numbers, and what kind of word each is.

use crate::text::Folded;

/// A word's digest. Equal for words that a reader takes for the same; two others agree once in four thousand million.
pub type Term = u32;

/// The end of a sentence, which is no word.
pub const STOP: Term = 0;

/// What kind of word a term is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any word.
    Plain,
    /// Begins with a capital letter inside a sentence.
    Name,
    /// A number with everything that belongs to it: 2.400, 5,44, 44km.
    Number,
    /// A day: 15/6, 15-6-2017, 15 tháng 6.
    Date,
}

/// The words of a text with their kinds.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// The digests; [`STOP`] between sentences.
    pub words: Vec<Term>,
    /// The kind of each.
    pub kinds: Vec<Kind>,
}

impl Terms {
    /// Appends the first `most` words of a text.
    pub fn extend(&mut self, original: &str, folded: &Folded, most: usize) {
        let mut reader = Reader { terms: self, original, end: 0, number: None, day: None, is_first: true };
        folded.tokens().take(most).for_each(|(word, at, capital)| reader.take(word, at.start, at.end, capital));
        reader.finish();
    }

    /// Ends a sentence.
    pub fn stop(&mut self) {
        self.push(STOP, Kind::Plain);
    }

    fn push(&mut self, term: Term, kind: Kind) {
        self.words.push(term);
        self.kinds.push(kind);
    }

    /// Each with its kind.
    pub fn iter(&self) -> impl Iterator<Item = (Term, Kind)> {
        self.words.iter().copied().zip(self.kinds.iter().copied())
    }
}

/// Reads words off a folded text and puts numbers together again that the fold took apart: to it "2.400", "5,44" and "15/6" are two words
/// each.
struct Reader<'a> {
    terms: &'a mut Terms,
    original: &'a str,
    /// Where the last word ended in the original.
    end: usize,
    number: Option<Number>,
    /// The number that was the last word or, with "tháng" behind it, the last but one.
    day: Option<u32>,
    is_first: bool,
}

/// The parts of a number read so far.
#[derive(Default)]
struct Number {
    parts: Vec<u32>,
    /// What stands between the first two.
    mark: u8,
    term: Term,
}

/// The most parts that a number has: "24.389.891.000".
const MOST_PARTS: usize = 4;

impl Reader<'_> {
    fn take(&mut self, word: &str, start: usize, end: usize, capital: bool) {
        let between = self.original.get(self.end..start).unwrap_or_default();
        self.end = end;
        // Behind a colon a sentence begins, to a reader if not to the fold.
        self.is_first |= between.contains([':', '|']);
        let digits = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len());
        let (digits, unit) = word.split_at_checked(digits).unwrap_or_default();
        if digits.is_empty() {
            return self.word(word, capital);
        }
        self.is_first = false;
        let is_full = self.number.as_ref().is_some_and(|number| number.parts.len() == MOST_PARTS);
        if is_full || !matches!(between, "." | "," | "/" | "-" | "–") {
            self.finish();
        }
        // "44km" is 44 km, but "22h30" and "99A1" are one word.
        if unit.contains(|c: char| c.is_ascii_digit()) {
            self.finish();
            return self.terms.push(digest(word.as_bytes()), Kind::Number);
        }
        let number = self.number.get_or_insert_default();
        number.take(digits, between);
        if !unit.is_empty() {
            self.finish();
            self.word(unit, false);
        }
    }

    fn word(&mut self, word: &str, capital: bool) {
        self.finish();
        if word == "." {
            self.is_first = true;
            self.day = None;
            return self.terms.stop();
        }
        if word != MONTH {
            self.day = None;
        }
        let kind = if capital && !self.is_first { Kind::Name } else { Kind::Plain };
        self.is_first = false;
        self.terms.push(digest(word.as_bytes()), kind);
    }

    fn finish(&mut self) {
        let Some(number) = self.number.take() else { return };
        let day = self.day.take();
        match (number.parts.as_slice(), day) {
            ([day, month] | [day, month, 1900..=2100], _) if number.mark != b',' && is_day(*day, *month) => {
                self.terms.push(date(*day, *month), Kind::Date);
            }
            // "15 tháng 6"
            ([month], Some(day))
                if is_day(day, *month) && self.terms.words.last() == Some(&digest(MONTH.as_bytes())) =>
            {
                let before = self.terms.words.len().saturating_sub(2);
                self.terms.words.truncate(before);
                self.terms.kinds.truncate(before);
                self.terms.push(date(day, *month), Kind::Date);
            }
            (parts, _) => {
                self.day = parts.first().copied().filter(|_| parts.len() == 1);
                self.terms.push(number.term, Kind::Number);
            }
        }
    }
}

impl Number {
    fn take(&mut self, digits: &str, between: &str) {
        if let ([_], Some(mark)) = (self.parts.as_slice(), between.bytes().next()) {
            self.mark = mark;
        }
        // Leading noughts say nothing: 05/6 is 5/6.
        let digits = digits.trim_start_matches('0');
        self.term = mix(self.term, digest(digits.as_bytes())) | 1;
        self.parts.push(if digits.is_empty() { 0 } else { digits.parse().unwrap_or(u32::MAX) });
    }
}

/// "tháng" as the fold writes it.
const MONTH: &str = "thang\u{2}";

fn is_day(day: u32, month: u32) -> bool {
    (1..=31).contains(&day) && (1..=12).contains(&month)
}

/// The term of a day of a month; the year is left out where most texts leave it out.
fn date(day: u32, month: u32) -> Term {
    mix(mix(0x00da_7e00, day), month) | 1
}

/// The term of a word.
pub fn digest(word: &[u8]) -> Term {
    // FNV-1a, with the bits of the end mixed into all of them.
    let hash = word.iter().fold(0x811c_9dc5_u32, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    spread(hash) | 1
}

/// One number of two, in this order.
pub fn mix(a: u32, b: u32) -> u32 {
    spread(a.rotate_left(13).wrapping_add(b.wrapping_mul(0x9e37_79b1)))
}

/// Every bit of the result depends on every bit given (the finaliser of `MurmurHash3`).
pub fn spread(mut hash: u32) -> u32 {
    hash ^= hash >> 16;
    hash = hash.wrapping_mul(0x85eb_ca6b);
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}
