//! Items that somebody has read and said of whether they belong to a topic.

use std::collections::{BTreeMap, BTreeSet};

use crate::text::Words;

/// What somebody said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// The item belongs to the topic.
    Yes,
    /// It does not.
    No,
    /// He cannot say: kept, and never counted.
    Unsure,
}

impl Label {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Label::Yes => "yes",
            Label::No => "no",
            Label::Unsure => "unsure",
        }
    }

    /// From the word used in files.
    pub fn parse(word: &str) -> Option<Label> {
        [Label::Yes, Label::No, Label::Unsure].into_iter().find(|label| label.as_str() == word)
    }
}

/// An item as it is learned from.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// What the file calls it.
    pub id: String,
    /// The headline.
    pub title: String,
    /// The teaser; may be empty.
    pub teaser: String,
    /// The article; may be empty.
    pub body: String,
    /// The source's categories.
    pub categories: Vec<String>,
    /// The words of headline, teaser and article.
    pub words: Words,
}

/// One that somebody was sure of.
#[derive(Debug, Clone)]
pub struct Labelled {
    /// The item.
    pub document: Document,
    /// Whether it belongs to the topic.
    pub yes: bool,
}

/// The labelled items of one topic, in the order of their file.
#[derive(Debug, Default)]
pub struct Labels {
    /// Those that count.
    pub sure: Vec<Labelled>,
    /// How many were labelled without being sure.
    pub unsure: usize,
    /// How many were labelled for other topics.
    pub others: usize,
    /// The headlines of all of the topic, as they are compared.
    pub headlines: BTreeSet<String>,
    /// On which line each item of the topic stands.
    lines: BTreeMap<String, usize>,
}

/// An item was labelled twice, and nobody can say which label holds.
#[derive(Debug, PartialEq, Eq)]
pub struct Repeated {
    /// The line of its first label.
    pub first: usize,
}

impl Labels {
    /// Takes in what stands on a line.
    pub fn take(&mut self, line: usize, document: Document, label: Label) -> Result<(), Repeated> {
        if let Some(&first) = self.lines.get(&document.id) {
            return Err(Repeated { first });
        }
        self.lines.insert(document.id.clone(), line);
        self.headlines.insert(document.words.title.key());
        match label {
            Label::Unsure => self.unsure += 1,
            Label::Yes | Label::No => self.sure.push(Labelled { document, yes: label == Label::Yes }),
        }
        Ok(())
    }

    /// How many belong to the topic, and how many do not.
    pub fn counts(&self) -> (usize, usize) {
        let yes = self.sure.iter().filter(|labelled| labelled.yes).count();
        (yes, self.sure.len() - yes)
    }

    /// Whether an item has a label, a doubtful one too.
    pub fn has(&self, id: &str) -> bool {
        self.lines.contains_key(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(id: &str) -> Document {
        Document { id: id.into(), ..Document::default() }
    }

    #[test]
    fn what_is_doubtful_is_kept_and_not_counted() {
        let mut labels = Labels::default();
        for (line, label) in [(1, Label::Yes), (2, Label::Unsure), (3, Label::No), (4, Label::No)] {
            labels.take(line, document(&line.to_string()), label).unwrap();
        }
        assert_eq!((labels.counts(), labels.unsure), ((1, 2), 1));
        assert!(labels.has("2") && !labels.has("5"));
    }

    #[test]
    fn a_second_label_is_refused_with_the_place_of_the_first() {
        let mut labels = Labels::default();
        labels.take(7, document("a"), Label::Unsure).unwrap();
        assert_eq!(labels.take(9, document("a"), Label::Yes), Err(Repeated { first: 7 }));
        assert_eq!(labels.counts(), (0, 0));
    }

    #[test]
    fn labels_are_three_words() {
        for label in [Label::Yes, Label::No, Label::Unsure] {
            assert_eq!(Label::parse(label.as_str()), Some(label));
        }
        for wrong in ["", "Yes", "có", "maybe"] {
            assert_eq!(Label::parse(wrong), None, "{wrong}");
        }
    }
}
