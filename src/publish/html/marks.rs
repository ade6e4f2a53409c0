//! Which words of a text were looked for. The question is read as `store::search` reads it: quotation marks keep words together, a word
//! without marks is found with any.

use std::ops::Range;

use crate::text::Folded;

/// The most characters of a question that are read, and the most words; as in `store::search`.
const MOST_CHARS: usize = 256;
/// See [`MOST_CHARS`].
const MOST_WORDS: usize = 16;

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span<'a> {
    /// The words.
    pub text: &'a str,
    /// Whether they were looked for.
    pub is_found: bool,
}

/// What is looked for: phrases, most of one word.
pub struct Marks {
    phrases: Vec<Vec<Wanted>>,
}

/// A word that is looked for.
struct Wanted {
    folded: String,
    /// Whether it was written without marks, and is found with any.
    is_bare: bool,
}

impl Wanted {
    fn is(&self, token: &Token<'_>) -> bool {
        self.folded == if self.is_bare { token.bare } else { token.word }
    }
}

/// A word of a text: as it is folded, without its marks, and where it stands.
struct Token<'a> {
    word: &'a str,
    bare: &'a str,
    range: Range<usize>,
}

impl Marks {
    /// Nothing is looked for.
    pub fn none() -> Marks {
        Marks { phrases: Vec::new() }
    }

    /// Of a question as it was typed.
    pub fn new(question: &str) -> Marks {
        let bounded: String = question.chars().take(MOST_CHARS).collect();
        let mut left = MOST_WORDS;
        let mut phrases: Vec<Vec<Wanted>> = Vec::new();
        for (index, part) in bounded.split(['"', '“', '”']).enumerate() {
            let folded = Folded::new(part);
            let plain = folded.without_marks();
            let wanted = |(word, plain): (&str, &str)| Wanted { folded: word.to_owned(), is_bare: word == plain };
            let words: Vec<Wanted> = folded.words().zip(plain.words()).take(left).map(wanted).collect();
            left -= words.len();
            match index % 2 {
                1 => phrases.push(words),
                _ => phrases.extend(words.into_iter().map(|word| vec![word])),
            }
        }
        phrases.retain(|phrase| !phrase.is_empty());
        Marks { phrases }
    }

    /// Whether there is a word that is found with any marks.
    pub fn has_bare(&self) -> bool {
        self.phrases.iter().flatten().any(|word| word.is_bare)
    }

    /// Whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.phrases.is_empty()
    }

    /// A text in pieces, in order and without a gap.
    pub fn of<'a>(&self, text: &'a str) -> Vec<Span<'a>> {
        if self.is_empty() || text.is_empty() {
            return whole(text, false);
        }
        let folded = Folded::new(text);
        let plain = folded.without_marks();
        let plain_words = plain.tokens().map(|(bare, ..)| bare);
        let tokens: Vec<Token<'_>> =
            folded.tokens().zip(plain_words).map(|((word, range, _), bare)| Token { word, bare, range }).collect();
        let mut spans: Vec<Span<'a>> = Vec::new();
        let (mut at, mut index) = (0, 0);
        while let Some(first) = tokens.get(index) {
            let length = self.phrases.iter().filter(|phrase| begins(&tokens, index, phrase)).map(Vec::len).max();
            let Some(last) = length.and_then(|length| tokens.get(index + length - 1)) else {
                index += 1;
                continue;
            };
            spans.extend(whole(text.get(at..first.range.start).unwrap_or_default(), false));
            spans.extend(whole(text.get(first.range.start..last.range.end).unwrap_or_default(), true));
            at = last.range.end;
            index += length.unwrap_or(1);
        }
        spans.extend(whole(text.get(at..).unwrap_or_default(), false));
        spans
    }
}

/// One piece, if there is anything in it.
fn whole(text: &str, is_found: bool) -> Vec<Span<'_>> {
    if text.is_empty() { Vec::new() } else { vec![Span { text, is_found }] }
}

fn begins(tokens: &[Token<'_>], at: usize, phrase: &[Wanted]) -> bool {
    let there = tokens.get(at..).unwrap_or_default();
    there.len() >= phrase.len() && phrase.iter().zip(there).all(|(wanted, token)| wanted.is(token))
}
