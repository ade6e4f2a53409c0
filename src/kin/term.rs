//! A text as comparing sees it: its words as numbers, and what kind of word each is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

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
    /// Appends the first `most` words of a text, as far as `original` goes: it may be the beginning of what was folded.
    pub fn extend(&mut self, original: &str, folded: &Folded, most: usize) {
        let mut reader = Reader {
            terms: self,
            original,
            end: 0,
            number: None,
            day: None,
            amount: None,
            spelled: None,
            is_first: true,
        };
        let tokens = folded.tokens().take(most).take_while(|(_, at, _)| at.end <= original.len());
        tokens.for_each(|(word, at, capital)| reader.take(word, at.start, at.end, capital));
        reader.finish();
        reader.finish_spelled();
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
    /// The amount that was the last word, to be multiplied by the unit behind it: "5 triệu".
    amount: Option<f64>,
    /// A number written out in words so far: "hai mươi".
    spelled: Option<Spelled>,
    is_first: bool,
}

/// The parts of a number read so far.
#[derive(Default)]
struct Number {
    parts: Vec<u32>,
    /// How many digits each has.
    lengths: Vec<usize>,
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
            self.finish_spelled();
            self.is_first = true;
            (self.day, self.amount) = (None, None);
            return self.terms.stop();
        }
        let term = digest(word.as_bytes());
        let lexicon = lexicon();
        if let (Some(amount), Some(times)) = (self.amount, lexicon.units.get(&term)) {
            // "5 triệu" is 5.000.000, and "2,4 nghìn tỉ" a number too.
            self.terms.words.pop();
            self.terms.kinds.pop();
            return self.amount(amount * times);
        }
        if !capital && let Some(numeral) = lexicon.numerals.get(&term) {
            return self.numeral(*numeral, term);
        }
        self.finish_spelled();
        if word != MONTH {
            self.day = None;
        }
        self.amount = None;
        let kind = if capital && !self.is_first { Kind::Name } else { Kind::Plain };
        self.is_first = false;
        match lexicon.abbreviations.get(&term) {
            Some(words) => words.iter().for_each(|&word| self.terms.push(word, Kind::Plain)),
            None => self.terms.push(term, kind),
        }
    }

    /// A number in words: "mười lăm", "hai mươi", "bốn mươi mốt"; a single "ba" is the word that "3" is, but states no number.
    fn numeral(&mut self, numeral: Numeral, term: Term) {
        let spelled = match (self.spelled.take(), numeral) {
            (Some(Spelled { value, tens: false }), Numeral::Tens) => Spelled { value: value * 10, tens: true },
            (Some(Spelled { value, tens: true }), Numeral::Digit(digit) | Numeral::Unit(digit)) if value % 10 == 0 => {
                self.push_number(f64::from(value + digit));
                return;
            }
            (before, numeral) => {
                self.spelled = before;
                self.finish_spelled();
                match numeral {
                    Numeral::Ten => Spelled { value: 10, tens: true },
                    Numeral::Digit(digit) => Spelled { value: digit, tens: false },
                    Numeral::Tens | Numeral::Unit(_) => return self.terms.push(term, Kind::Plain),
                }
            }
        };
        (self.is_first, self.amount, self.day) = (false, None, None);
        self.spelled = Some(spelled);
    }

    fn finish_spelled(&mut self) {
        match self.spelled.take() {
            // "thứ ba", "lần hai": a number that tells one from the next.
            Some(Spelled { value, tens: false })
                if self.terms.words.last().is_some_and(|last| lexicon().ordinals.contains(last)) =>
            {
                self.push_number(f64::from(value));
            }
            Some(Spelled { value, tens: false }) => self.terms.push(amount(f64::from(value)), Kind::Plain),
            Some(Spelled { value, .. }) => self.push_number(f64::from(value)),
            None => {}
        }
    }

    fn amount(&mut self, value: f64) {
        self.terms.push(amount(value), Kind::Number);
        self.amount = Some(value);
    }

    fn push_number(&mut self, value: f64) {
        self.amount(value);
        self.day = None;
    }

    fn finish(&mut self) {
        let Some(number) = self.number.take() else { return };
        self.finish_spelled();
        let day = self.day.take();
        self.amount = None;
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
                match number.value() {
                    Some(value) => self.amount(value),
                    None => self.terms.push(number.term, Kind::Number),
                }
            }
        }
    }
}

/// A number in words, so far.
#[derive(Clone, Copy)]
struct Spelled {
    value: u32,
    /// Whether it is tens already, and no single digit.
    tens: bool,
}

/// A word of which numbers are made.
#[derive(Clone, Copy)]
enum Numeral {
    /// hai, ba, bốn …
    Digit(u32),
    /// mốt, tư, lăm: only behind tens.
    Unit(u32),
    /// mười
    Ten,
    /// mươi
    Tens,
}

/// Words that stand for others.
struct Lexicon {
    numerals: BTreeMap<Term, Numeral>,
    units: BTreeMap<Term, f64>,
    ordinals: BTreeSet<Term>,
    abbreviations: BTreeMap<Term, Vec<Term>>,
}

/// What papers shorten, and some write out.
const ABBREVIATIONS: [(&str, &str); 20] = [
    ("UBND", "ủy ban nhân dân"),
    ("HĐND", "hội đồng nhân dân"),
    ("MTTQ", "mặt trận tổ quốc"),
    ("TP", "thành phố"),
    ("BCH", "ban chấp hành"),
    ("BTV", "ban thường vụ"),
    ("TƯ", "trung ương"),
    ("TW", "trung ương"),
    ("CSGT", "cảnh sát giao thông"),
    ("CSĐT", "cảnh sát điều tra"),
    ("TNGT", "tai nạn giao thông"),
    ("GTVT", "giao thông vận tải"),
    ("GDĐT", "giáo dục và đào tạo"),
    ("THPT", "trung học phổ thông"),
    ("THCS", "trung học cơ sở"),
    ("NTM", "nông thôn mới"),
    ("HTX", "hợp tác xã"),
    ("LHQ", "Liên hợp quốc"),
    ("SN", "sinh năm"),
    ("VN", "Việt Nam"),
];

/// Behind these a number tells one of a series from the next.
const ORDINALS: [&str; 12] = ["thứ", "lần", "kỳ", "khóa", "tuần", "đợt", "số", "ngày", "quý", "phần", "tập", "vòng"];

fn lexicon() -> &'static Lexicon {
    static LEXICON: OnceLock<Lexicon> = OnceLock::new();
    LEXICON.get_or_init(|| {
        let plain =
            |text: &str| -> Vec<Term> { Folded::new(text).words().map(|word| digest(word.as_bytes())).collect() };
        let term = |word: &str| plain(word).first().copied().unwrap_or(STOP);
        let digits = [("hai", 2), ("ba", 3), ("bốn", 4), ("sáu", 6), ("bảy", 7), ("tám", 8), ("chín", 9)];
        let behind = [("mốt", 1), ("một", 1), ("tư", 4), ("lăm", 5), ("năm", 5)];
        let digits = digits.map(|(word, value)| (term(word), Numeral::Digit(value)));
        let behind = behind.map(|(word, value)| (term(word), Numeral::Unit(value)));
        let tens = [(term("mười"), Numeral::Ten), (term("mươi"), Numeral::Tens)];
        let units = [("nghìn", 1e3), ("ngàn", 1e3), ("triệu", 1e6), ("tỷ", 1e9), ("tỉ", 1e9)];
        Lexicon {
            numerals: digits.into_iter().chain(behind).chain(tens).collect(),
            ordinals: ORDINALS.iter().map(|word| term(word)).collect(),
            units: units.into_iter().map(|(word, times)| (term(word), times)).collect(),
            abbreviations: ABBREVIATIONS.iter().map(|(short, long)| (term(short), plain(long))).collect(),
        }
    })
}

/// The term of an amount, however it is written.
fn amount(value: f64) -> Term {
    let [a, b, c, d, e, f, g, h] = (value * 1e3).round().to_bits().to_le_bytes();
    mix(u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])) | 1
}

impl Number {
    /// What it amounts to, where it is one number: 2.400, 5,44.
    fn value(&self) -> Option<f64> {
        let whole = |parts: &[(u32, usize)]| parts.iter().fold(0.0, |value, (part, _)| value * 1e3 + f64::from(*part));
        let written: Vec<(u32, usize)> = self.parts.iter().copied().zip(self.lengths.iter().copied()).collect();
        match (written.as_slice(), self.mark) {
            // So many digits are a telephone number, or worse.
            _ if self.parts.contains(&u32::MAX) => None,
            ([(part, _)], _) => Some(f64::from(*part)),
            ([(part, _), (tenths, length)], b',') if *length < 3 => {
                let power = if *length == 1 { 10.0 } else { 100.0 };
                Some(f64::from(*part) + f64::from(*tenths) / power)
            }
            ([_, rest @ ..], b'.' | b',') if rest.iter().all(|(_, length)| *length == 3) => Some(whole(&written)),
            _ => None,
        }
    }

    fn take(&mut self, digits: &str, between: &str) {
        if let ([_], Some(mark)) = (self.parts.as_slice(), between.bytes().next()) {
            self.mark = mark;
        }
        self.lengths.push(digits.len());
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
