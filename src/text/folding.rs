//! A fold under way.

use unicode_normalization::char::{compose, decompose_canonical};

use super::fold::{Folded, Word, length};
use super::letter::{Kind, Letter, MARKED, NO_TONE, Table, UPPER, is_vietnamese, table};
use super::syllable::{self, Windows};

/// Abbreviations whose full stop does not end a sentence ("TP. Hồ Chí Minh", "GS. TS."), folded, without tones.
const ABBREVIATIONS: [&[u8]; 20] = [
    b"tp", b"tx", b"tt", b"p", b"q", b"h", b"st", b"gs", b"pgs", b"ts", b"ths", b"bs", b"ks", b"cn", b"tr", b"vn",
    b"nxb", b"ttg", b"ubnd", b"mr",
];

/// The initial consonants after which a lone final y and i are both written for the same word: hy/hi sinh, kỹ/kĩ sư,
/// lý/lí do, Mỹ/Mĩ, bác sỹ/sĩ, tỷ/tỉ lệ, quý/quí (Quyết định 240/QĐ, Bộ Giáo dục, 5/3/1984: i for y in school books;
/// the press keeps both).
const Y_IS_I_AFTER: [&[u8]; 7] = [b"h", b"k", b"l", b"m", b"s", b"t", b"qu"];

/// How many tones a word keeps; what has more is not a word.
const MOST_TONES: usize = 4;

/// The state of a fold.
pub struct Folding<'a> {
    original: &'a str,
    table: &'static Table,
    /// The folded text so far, and room behind it.
    out: Vec<u8>,
    /// Where the folded text ends; behind [`begin`](Self::begin) the letters of the current word, their tones taken out.
    to: usize,
    /// Where the current word begins in the folded text.
    begin: usize,
    /// Where the current word begins in the original.
    start: usize,
    capital: bool,
    tones: [u8; MOST_TONES],
    tone_count: usize,
    words: Vec<Word>,
    sentence_ends: usize,
    traits: u8,
}

impl<'a> Folding<'a> {
    pub fn of(original: &'a str) -> Folding<'a> {
        let mut folding = Folding {
            original,
            table: table(),
            // Ordinary text does not grow.
            out: vec![0; original.len() + original.len() / 8 + 2 * syllable::ROOM],
            to: 0,
            begin: 0,
            start: 0,
            capital: false,
            tones: [NO_TONE; MOST_TONES],
            tone_count: 0,
            words: Vec::with_capacity(original.len() / 5),
            sentence_ends: 0,
            traits: 0,
        };
        folding.put(b" ");
        folding.begin = folding.to;
        folding
    }

    /// Folds all of it.
    pub fn finish(mut self) -> Folded {
        let bytes = self.original.as_bytes();
        let windows = Windows::of(bytes);
        let mut at = 0;
        while at < bytes.len() {
            at = self.plain_words(&windows, bytes, at);
            at = self.any_word(at);
        }
        self.end_word(bytes.len());
        // Every part of it is a character.
        let text = simdutf8::basic::from_utf8(self.out.get(..self.to).unwrap_or_default()).unwrap_or_default();
        Folded::of(text, self.words, self.sentence_ends, self.traits)
    }

    /// Takes the plain words that stand at a byte, and spaces; returns where the first other character stands.
    fn plain_words(&mut self, text: &Windows<'_>, bytes: &[u8], mut at: usize) -> usize {
        // What every word changes is kept at hand.
        let (mut to, mut traits, mut capitals) = (self.to, self.traits, 0);
        while let Some(&byte) = bytes.get(at) {
            if byte == b' ' {
                at += 1;
                continue;
            }
            let Some(room) = self.out.get_mut(to..).and_then(<[u8]>::first_chunk_mut) else { break };
            let Some(word) = syllable::fold(self.table, text, at, room) else { break };
            if let Some(letters) = room.get_mut(..word.letters)
                && letters.last() == Some(&b'y')
            {
                y_is_i(letters);
            }
            self.words.push(Word::new(to, at, word.len, word.capital));
            to += word.folded;
            traits |= word.traits;
            capitals |= word.capitals;
            at += word.len as usize;
            at += usize::from(bytes.get(at) == Some(&b' '));
        }
        self.traits = traits | if capitals == 0 { 0 } else { UPPER };
        (self.to, self.begin) = (to, to);
        at
    }

    /// Takes whatever stands at a byte, to the end of its word; returns where that is.
    fn any_word(&mut self, mut at: usize) -> usize {
        let Some(rest) = self.original.get(at..) else { return self.original.len() };
        let mut chars = rest.chars();
        while let Some(c) = chars.next() {
            self.take(at, c, chars.clone().next());
            at += c.len_utf8();
            if self.is_between_words() {
                break;
            }
        }
        at
    }

    fn is_between_words(&self) -> bool {
        self.to == self.begin
    }

    fn take(&mut self, at: usize, c: char, next: Option<char>) {
        let letter = Letter::of(c, self.table);
        match letter.kind {
            Kind::Letter => {
                self.letter(at, letter);
                self.tone(letter.tone);
            }
            Kind::Tone => self.tone(letter.tone),
            Kind::Mark => self.mark(c),
            Kind::Nothing => {}
            Kind::Between => self.end_word(at),
            Kind::Stop => {
                self.end_word(at);
                self.end_sentence(at, c, next);
            }
            Kind::Several => {
                for part in c.to_lowercase() {
                    decompose_canonical(part, |piece| {
                        let piece_of = Letter::of(piece, self.table);
                        match piece_of.kind {
                            Kind::Tone => self.tone(piece_of.tone),
                            Kind::Mark => self.mark(piece),
                            _ => self.letter(at, Letter::plain(piece, letter.traits)),
                        }
                    });
                }
            }
        }
    }

    fn letter(&mut self, at: usize, letter: Letter) {
        if self.is_between_words() {
            self.start = at;
            self.capital = letter.traits & UPPER != 0;
        }
        self.traits |= letter.traits;
        self.put(letter.base.get(..usize::from(letter.len)).unwrap_or_default());
    }

    /// A tone without a letter before it belongs to nothing.
    fn tone(&mut self, tone: u8) {
        if tone != NO_TONE
            && !self.is_between_words()
            && let Some(slot) = self.tones.get_mut(self.tone_count)
        {
            *slot = tone;
            self.tone_count += 1;
            self.traits |= MARKED;
        }
    }

    /// A mark that belongs to the letter before it.
    fn mark(&mut self, mark: char) {
        let word = self.out.get(self.begin..self.to).unwrap_or_default();
        // No letter has more than four bytes.
        let last = (1..=word.len().min(4)).find_map(|back| {
            let tail = str::from_utf8(word.get(word.len() - back..)?).ok()?;
            tail.chars().next()
        });
        if let Some(last) = last
            && let Some(composed) = compose(last, mark)
        {
            self.to -= last.len_utf8();
            self.put(composed.encode_utf8(&mut [0; 4]).as_bytes());
            self.traits |= if is_vietnamese(composed) { MARKED } else { 0 };
        }
    }

    fn end_word(&mut self, end: usize) {
        if self.is_between_words() {
            return;
        }
        y_is_i(self.out.get_mut(self.begin..self.to).unwrap_or_default());
        self.words.push(Word::new(self.begin, self.start, length(end - self.start), self.capital));
        let tones = self.tones;
        self.put(tones.get(..self.tone_count).unwrap_or_default());
        self.put(b" ");
        self.begin = self.to;
        self.tone_count = 0;
    }

    /// A sentence ends at a line end or semicolon, and at a stop that is followed by white space and does not close an
    /// abbreviation.
    fn end_sentence(&mut self, at: usize, stop: char, next: Option<char>) {
        let before = self.out.get(..self.to).unwrap_or_default();
        let last_word = || before.trim_ascii_end().rsplit(|&byte| byte == b' ').next().unwrap_or_default();
        if !matches!(stop, '\n' | ';')
            && (next.is_some_and(char::is_alphanumeric) || (stop == '.' && ABBREVIATIONS.contains(&last_word())))
        {
            return;
        }
        if before.ends_with(b". ") || before == b" " {
            return;
        }
        self.words.push(Word::new(self.to, at, length(stop.len_utf8()), false));
        self.sentence_ends += 1;
        self.put(b". ");
        self.begin = self.to;
    }

    fn put(&mut self, bytes: &[u8]) {
        // Room for a plain word too, or no word would be one from here on.
        let end = self.to + bytes.len();
        if self.out.len() < end + syllable::ROOM {
            self.out.resize(2 * (end + syllable::ROOM), 0);
        }
        if let Some(room) = self.out.get_mut(self.to..end) {
            room.copy_from_slice(bytes);
        }
        self.to = end;
    }
}

/// Writes the final y of a word that is written with i as well as i.
#[cold]
fn y_is_i(letters: &mut [u8]) {
    if let Some((last, initial)) = letters.split_last_mut()
        && *last == b'y'
        && Y_IS_I_AFTER.contains(&&*initial)
    {
        *last = b'i';
    }
}
