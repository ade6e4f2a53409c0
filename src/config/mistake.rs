//! What is wrong with a configuration, said so that a person can mend it: file, line, column, what, and what to do; in
//! Vietnamese and English. Mistakes are collected, never thrown: an admin mends a file once.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;

/// One thing wrong, or doubtful, in one place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// The file, as the admin named its folder.
    pub file: String,
    /// Line, from 1; 0 when the whole file is meant.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Whether the configuration is refused for it.
    pub fatal: bool,
    /// The message in Vietnamese, with the hint.
    pub vi: String,
    /// The message in English, with the hint.
    pub en: String,
}

impl Mistake {
    /// A mistake of a whole file.
    pub fn of_file(file: &str, vi: String, en: String) -> Mistake {
        Mistake { file: file.to_owned(), line: 0, column: 0, fatal: true, vi, en }
    }
}

impl Mistake {
    /// For a log, in which a line is a message.
    pub fn in_one_line(&self) -> String {
        format!("{}: {} / {}", self.place(), self.vi, self.en)
    }

    fn place(&self) -> String {
        match self.line {
            0 => self.file.clone(),
            line => format!("{}:{line}:{}", self.file, self.column),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.fatal { "" } else { "cảnh báo: " };
        write!(f, "{}: {kind}{}\n    {}", self.place(), self.vi, self.en)
    }
}

/// So many mistakes of a file are told, and so many doubts: nobody reads on, and where each stands has to be counted.
const MOST_TOLD: usize = 1_000;

/// Collects the mistakes of one file.
#[derive(Debug)]
pub struct Report<'f> {
    file: &'f str,
    text: &'f str,
    found: RefCell<Vec<Mistake>>,
}

impl<'f> Report<'f> {
    /// For a file and its text.
    pub fn new(file: &'f str, text: &'f str) -> Report<'f> {
        Report { file, text, found: RefCell::default() }
    }

    /// Something that refuses the configuration. The span is in bytes of the text.
    pub fn mistake(&self, span: &Range<usize>, vi: impl Into<String>, en: impl Into<String>) {
        self.push(span, true, vi.into(), en.into());
    }

    /// Something doubtful that is accepted.
    pub fn warning(&self, span: &Range<usize>, vi: impl Into<String>, en: impl Into<String>) {
        self.push(span, false, vi.into(), en.into());
    }

    /// Whether nothing refuses the file yet.
    pub fn is_clean(&self) -> bool {
        !self.found.borrow().iter().any(|m| m.fatal)
    }

    /// Everything reported, in the order of the text.
    pub fn into_mistakes(self) -> Vec<Mistake> {
        let mut found = self.found.into_inner();
        found.sort();
        found
    }

    fn push(&self, span: &Range<usize>, fatal: bool, vi: String, en: String) {
        if self.found.borrow().iter().filter(|m| m.fatal == fatal).count() >= MOST_TOLD {
            return;
        }
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        self.found.borrow_mut().push(Mistake { file: self.file.to_owned(), line, column, fatal, vi, en });
    }
}

/// The known words that a mistyped one may mean: those that are nearest, if they are near.
pub fn closest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let near: Vec<(usize, &str)> = known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(typed, word), word))
        .filter(|(distance, word)| *distance <= 1 + word.chars().count().max(typed.chars().count()) / 4)
        .collect();
    let least = near.iter().map(|(distance, _)| *distance).min();
    near.into_iter().filter(|(distance, _)| Some(*distance) == least).map(|(_, word)| word).collect()
}

/// The end of a message: what to do, in both languages.
pub fn hint(typed: &str, known: &[&str]) -> (String, String) {
    meant(typed, known).unwrap_or_else(|| {
        let all = known.join(", ");
        (format!("Các từ dùng được: {all}."), format!("Known: {all}."))
    })
}

/// The same where one of the known words is near.
pub fn meant(typed: &str, known: &[&str]) -> Option<(String, String)> {
    let near = closest(typed, known.iter().copied());
    near.first().map(|word| (format!("Ý bạn là \"{word}\"?"), format!("Did you mean \"{word}\"?")))
}
