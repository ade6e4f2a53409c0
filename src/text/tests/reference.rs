//! The fold as it is easiest to believe: one character after another, each taken apart. What the fast one is held to, byte for byte, because
//! digests of folded texts are stored.

use std::ops::Range;

use unicode_normalization::char::{compose, decompose_canonical};

/// What a folded text has to say.
#[derive(Debug, Default, PartialEq)]
pub struct Reference {
    pub text: String,
    /// Of each word and sentence end, where it stood in the original, and whether it began with a capital.
    pub words: Vec<(Range<usize>, bool)>,
    pub has_capitals: bool,
}

const ABBREVIATIONS: &str = "tp tx tt p q h st gs pgs ts ths bs ks cn tr vn nxb ttg ubnd mr";
const I_FOR_Y: [&str; 7] = ["hy", "ky", "ly", "my", "sy", "ty", "quy"];

pub fn fold(original: &str) -> Reference {
    let mut done = Reference { text: " ".into(), ..Reference::default() };
    let mut word = Word::default();
    for (at, c) in original.char_indices() {
        if let Some(tone) = tone(c) {
            word.tone(tone);
        } else if is_mark(c) {
            word.mark(c);
        } else if is_invisible(c) {
        } else if c.is_alphanumeric() {
            if word.letters.is_empty() {
                (word.start, word.capital) = (at, c.is_uppercase());
            }
            done.has_capitals |= c.is_uppercase();
            word.character(c);
        } else {
            done.push(std::mem::take(&mut word), at);
            let behind = original.get(at + c.len_utf8()..).unwrap().chars().next();
            if ends_sentence(c, behind, &done.text) {
                done.text.push_str(". ");
                done.words.push((at..at + c.len_utf8(), false));
            }
        }
    }
    done.push(word, original.len());
    done
}

impl Reference {
    fn push(&mut self, word: Word, end: usize) {
        if !word.letters.is_empty() {
            let letters: String = word.letters.iter().collect();
            let i_for_y = I_FOR_Y.contains(&letters.as_str());
            self.text.push_str(&if i_for_y { letters.replace('y', "i") } else { letters });
            self.text.extend(word.tones);
            self.text.push(' ');
            self.words.push((word.start..end, word.capital));
        }
    }
}

#[derive(Default)]
struct Word {
    letters: Vec<char>,
    tones: Vec<char>,
    start: usize,
    capital: bool,
}

impl Word {
    fn character(&mut self, c: char) {
        let first = self.letters.len();
        for small in c.to_lowercase() {
            let small = if matches!(small, 'ð' | 'ɖ') { 'đ' } else { small };
            decompose_canonical(small, |piece| match self.letters.get(first..).and_then(<[char]>::last) {
                None => self.letters.push(piece),
                Some(_) if tone(piece).is_some() => self.tone(tone(piece).unwrap()),
                Some(_) if is_mark(piece) => self.mark(piece),
                Some(&last) => match compose(last, piece) {
                    Some(composed) => *self.letters.last_mut().unwrap() = composed,
                    None => self.letters.push(piece),
                },
            });
        }
    }

    fn tone(&mut self, tone: char) {
        if !self.letters.is_empty() && self.tones.len() < 4 {
            self.tones.push(tone);
        }
    }

    fn mark(&mut self, mark: char) {
        if let Some(last) = self.letters.last_mut() {
            *last = compose(*last, mark).unwrap_or(*last);
        }
    }
}

fn ends_sentence(c: char, behind: Option<char>, before: &str) -> bool {
    let last_word = before.split_whitespace().next_back();
    let stops = match c {
        '\n' | ';' => true,
        '!' | '?' | '…' => !behind.is_some_and(char::is_alphanumeric),
        '.' => {
            let abbreviates = last_word.is_some_and(|word| ABBREVIATIONS.split(' ').any(|short| short == word));
            !behind.is_some_and(char::is_alphanumeric) && !abbreviates
        }
        _ => false,
    };
    stops && last_word.is_some_and(|word| word != ".")
}

fn is_invisible(c: char) -> bool {
    "\u{ad}\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{2060}\u{feff}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}"
        .contains(c)
}

fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

fn tone(c: char) -> Option<char> {
    let (_, tone) = [
        ("\u{300}\u{340}", '\u{1}'),
        ("\u{301}\u{341}", '\u{2}'),
        ("\u{309}", '\u{3}'),
        ("\u{303}", '\u{4}'),
        ("\u{323}", '\u{5}'),
    ]
    .into_iter()
    .find(|(marks, _)| marks.contains(c))?;
    Some(tone)
}
