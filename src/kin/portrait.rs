//! What of an item is compared with others: its words in order, which of them follow each other, and the facts it states.

use std::sync::OnceLock;

use super::credit;
use super::facts::Facts;
use super::set::{Set, pairs};
use super::term::{Term, Terms};
use crate::model::Item;
use crate::text::{Folded, Words};

/// The most words of an article that are compared. The longest of 492 labelled ones has 1,600.
const MOST_WORDS: usize = 3_000;
/// An article that begins with so many words of its teaser contains it.
const SAME_START: usize = 10;
/// What a report says first, and a follow-up says anew; in words.
pub const OPENING: usize = 45;
/// What stands for an article beside a teaser that comes without one; in words.
const AS_TEASER: usize = 60;

/// An item as comparing sees it. What only comparing asks for is worked out when it asks: most items are never compared.
#[derive(Debug, Clone, Default)]
pub struct Portrait {
    /// The headline.
    pub title: Terms,
    /// How many words of the headline are its rubric: "Toàn cảnh 17h: …".
    pub rubric: usize,
    /// The teaser and the article; the teaser alone where there is no article.
    pub text: Terms,
    /// How many words of the text are its teaser.
    teaser: usize,
    /// Whether there is an article, and not a teaser alone.
    pub has_article: bool,
    /// The pairs of neighbouring words of headline and text.
    pub pairs: Set,
    words: OnceLock<Set>,
    text_pairs: OnceLock<Set>,
    facts: OnceLock<Facts>,
    as_teaser: OnceLock<Box<Portrait>>,
}

impl Portrait {
    /// Of an item and its words.
    pub fn of(item: &Item, words: &Words) -> Portrait {
        let [mut title, mut teaser, mut article] = [(); 3].map(|()| Terms::default());
        title.extend(&item.title, &words.title, MOST_WORDS);
        teaser.extend(credit::without(&item.summary), &words.teaser, MOST_WORDS);
        article.extend(credit::without(&item.body), &words.body, MOST_WORDS);
        let length = teaser.words.len();
        let has_article = article.words.len() > length.max(2 * OPENING);
        let start = |terms: &Terms| -> Vec<Term> { terms.words.iter().take(SAME_START).copied().collect() };
        let text = if start(&teaser) == start(&article) {
            article
        } else {
            teaser.stop();
            teaser.words.append(&mut article.words);
            teaser.kinds.append(&mut article.kinds);
            teaser
        };
        Portrait { has_article, ..Portrait::painted(title, rubric(item), text, length) }
    }

    /// The same of an item whose words are not known yet.
    pub fn of_item(item: &Item) -> Portrait {
        Portrait::of(item, &Words::of(&item.title, &item.summary, &item.body))
    }

    fn painted(title: Terms, rubric: usize, text: Terms, teaser: usize) -> Portrait {
        let pairs = Set::of_pairs(&[&title.words, &text.words]);
        Portrait { title, rubric, text, teaser, pairs, ..Portrait::default() }
    }

    /// The words of headline and text.
    pub fn words(&self) -> &Set {
        self.words.get_or_init(|| Set::of_words(&[&self.title.words, &self.text.words]))
    }

    /// The pairs of the text.
    pub fn text_pairs(&self) -> &Set {
        self.text_pairs.get_or_init(|| Set::of_pairs(&[&self.text.words]))
    }

    /// What it states.
    pub fn facts(&self) -> &Facts {
        self.facts.get_or_init(|| Facts::of(&self.title, &self.text))
    }

    /// What is compared with another: without its article where that has none, for it must be of a kind.
    pub fn beside(&self, other: &Portrait) -> &Portrait {
        if self.has_article && !other.has_article { self.as_teaser() } else { self }
    }

    /// Headline and teaser alone.
    fn as_teaser(&self) -> &Portrait {
        self.as_teaser.get_or_init(|| {
            let most = if self.teaser >= SAME_START { self.teaser } else { AS_TEASER };
            let text = Terms {
                words: self.text.words.iter().take(most).copied().collect(),
                kinds: self.text.kinds.iter().take(most).copied().collect(),
            };
            Box::new(Portrait::painted(self.title.clone(), self.rubric, text, self.teaser))
        })
    }

    /// Whether two items share more than chance gives: a third of the words of one headline, or a tenth of a text.
    pub fn has_in_common(&self, other: &Portrait) -> bool {
        let words = |a: &Portrait, b: &Portrait| {
            let (known, all) = b.words().knows(&a.title.words);
            3 * known >= all
        };
        let shared = self.text_pairs().iter().filter(|&pair| other.text_pairs().contains(pair)).count();
        words(self, other)
            || words(other, self)
            || 10 * shared >= self.text_pairs().len().min(other.text_pairs().len()).max(1)
    }

    /// The pairs of headline and opening, as often as they stand there.
    pub fn opening(&self) -> impl Iterator<Item = u32> {
        let opening = self.text.words.get(..AS_TEASER).unwrap_or(&self.text.words);
        pairs(&self.title.words).chain(pairs(opening)).flatten()
    }
}

/// The most words that a rubric has.
const LONGEST_RUBRIC: usize = 6;

/// How many words stand before the first colon or bar of a headline, if they are few.
fn rubric(item: &Item) -> usize {
    let Some((rubric, _)) = item.title.split_once([':', '|']) else { return 0 };
    let mut terms = Terms::default();
    terms.extend(rubric, &Folded::new(rubric), LONGEST_RUBRIC + 1);
    if terms.words.len() <= LONGEST_RUBRIC { terms.words.len() } else { 0 }
}
