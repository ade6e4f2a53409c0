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

use super::folding::Folding;
use super::letter::{MARKED, UPPER, is_tone, unmarked};

/// A folded text that still knows where each of its words stood.
#[derive(Debug, Clone, Default)]
pub struct Folded {
    text: Box<str>,
    /// The words and sentence ends.
    words: Vec<Word>,
    sentence_ends: usize,
    /// What is true of any letter of the original; see [`super::letter`].
    traits: u8,
}

/// One word of a [`Folded`] text. Offsets are bytes; texts are bounded far below 2 GiB before they come here.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    /// Where it begins in the folded text, and [`CAPITAL`].
    at: u32,
    start: u32,
    end: u32,
}

/// The bit of a word's place that says that it began with a capital letter.
const CAPITAL: u32 = 1 << 31;

impl Word {
    /// A word that begins at a byte of the folded text and stood at a byte of the original, so many bytes long.
    #[inline(always)]
    pub(super) fn new(at: usize, start: usize, len: u32, capital: bool) -> Word {
        let start = length(start);
        Word { at: length(at) & !CAPITAL | u32::from(capital) << 31, start, end: start.wrapping_add(len) }
    }

    fn at(self) -> usize {
        (self.at & !CAPITAL) as usize
    }

    fn is_capital(self) -> bool {
        self.at & CAPITAL != 0
    }
}

/// A number of bytes of a text, none of which has more than this can say; asking whether one has cost a twentieth of the fold.
pub(super) fn length(bytes: usize) -> u32 {
    u32::try_from(bytes & u32::MAX as usize).unwrap_or_default()
}

impl Folded {
    /// Folds a text. Texts longer than 2 GiB do not occur: every field is bounded at ingest.
    pub fn new(original: &str) -> Folded {
        Folding::of(original).finish()
    }

    pub(super) fn of(text: &str, words: Vec<Word>, sentence_ends: usize, traits: u8) -> Folded {
        Folded { text: text.into(), words, sentence_ends, traits }
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
        let text = self.words_from(start).first().and_then(|word| self.text.get(word.at()..)).unwrap_or_default();
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
        let is_word = |word: &&Word| self.text.as_bytes().get(word.at()) != Some(&b'.');
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

    /// The words and sentence ends in order: as folded, where each stood in the original, and whether it began with a capital letter there.
    pub fn tokens(&self) -> impl Iterator<Item = (&str, Range<usize>, bool)> {
        let places = self.words.iter().map(|w| (w.start as usize..w.end as usize, w.is_capital()));
        self.text.split_ascii_whitespace().zip(places).map(|(word, (range, capital))| (word, range, capital))
    }

    /// Whether any letter of the original was a capital. Without one, case says nothing about proper nouns.
    pub fn has_capitals(&self) -> bool {
        self.traits & UPPER != 0
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
        self.words_in(&folded).iter().map(|w| w.is_capital())
    }

    /// Whether any letter of the original has a mark of Vietnamese: a tone, or one of ă â ê ô ơ ư đ. A text without one was typed by somebody
    /// who cannot or will not type them.
    pub fn has_marks(&self) -> bool {
        self.traits & MARKED != 0
    }

    /// The same words, with the same places in the original and the same capitals, their letters without marks and tones: "hoc tap va lam
    /// theo bac".
    pub fn without_marks(&self) -> Folded {
        let mut text = String::with_capacity(self.text.len());
        let mut words = Vec::with_capacity(self.words.len());
        text.push(' ');
        for (word, letters) in self.words.iter().zip(self.text.split_ascii_whitespace()) {
            words.push(Word { at: Word::new(text.len(), 0, 0, word.is_capital()).at, ..*word });
            text.extend(letters.chars().filter(|&c| !is_tone(c)).map(|c| unmarked(c).0));
            text.push(' ');
        }
        Folded::of(&text, words, self.sentence_ends, self.traits & !MARKED)
    }

    /// How many words it has. Sentence ends are none.
    pub fn word_count(&self) -> usize {
        self.words.len() - self.sentence_ends
    }

    /// How many words and sentence ends begin before a byte of the folded text: the place, counted from 0, of the one that begins there or
    /// next. Sentence ends count as words here.
    pub fn word_at(&self, byte: usize) -> usize {
        self.words.partition_point(|w| w.at() < byte)
    }

    fn words_in(&self, folded: &Range<usize>) -> &[Word] {
        self.words.get(self.word_at(folded.start)..self.word_at(folded.end)).unwrap_or_default()
    }
}
