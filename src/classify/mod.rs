//! Which topics an item belongs to, and why.
//!
//! Every phrase of every topic is searched in one pass over the folded text, so cost grows with the text and not with the number of
//! topics. `score` says what a place is worth, `docs/topics.md` how it was measured.

mod compile;
pub mod phrase;
mod score;
mod search;
mod spelling;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::model::{Field, Match, Reason, Topic};
use crate::text::{Folded, Words};

pub use compile::{Rules, TooLarge};
use score::{Spoken, Text, rounded, weigh};
use search::search;

/// Behind the name of a rule that spoke because the marks of its phrase were left out.
pub const BARE: &str = " (không dấu)";

/// What is known of an item when its topics are decided. Missing parts are empty.
#[derive(Debug, Clone, Copy, Default)]
pub struct Evidence<'a> {
    /// The headline.
    pub title: &'a str,
    /// The teaser.
    pub teaser: &'a str,
    /// The article.
    pub body: &'a str,
    /// The source's categories.
    pub categories: &'a [String],
    /// Where the source keeps the item: a line each.
    pub section: &'a str,
    /// The words of headline, teaser and article, where somebody has folded them.
    pub words: Option<&'a Words>,
    /// Topics that the source is about by itself, and the source's name.
    pub source: Option<(&'a [String], &'a str)>,
}

impl Rules {
    /// How the item stands to every topic for or against which anything speaks, in the order of the topics.
    pub fn decide(&self, evidence: &Evidence<'_>) -> Vec<Match> {
        let categories = evidence.categories.join("\n");
        let texts = self.texts(evidence, &categories);
        let mut reasons = self.ask_the_source(evidence);
        let spoken = self.listen(&texts, evidence.teaser.is_empty());
        for of_topic in spoken.chunk_by(|a, b| a.hit.topic == b.hit.topic) {
            let Some(index) = of_topic.first().map(|s| s.hit.topic) else { continue };
            let Some(topic) = self.topics().get(index) else { continue };
            reasons.entry(index).or_default().extend(weigh(topic, of_topic, &texts));
        }
        let known = |(index, reasons)| self.topics().get(index).map(|topic| sum(topic, reasons));
        reasons.into_iter().filter(|(_, reasons)| !reasons.is_empty()).filter_map(known).collect()
    }

    /// Whether any rule speaks in a headline.
    pub fn speaks_in(&self, title: &str) -> bool {
        !search(self, self.automaton(false), &Folded::new(title)).hits.is_empty()
    }

    /// The fields that have a text, folded.
    fn texts<'e>(&self, evidence: &Evidence<'e>, categories: &'e str) -> Vec<Text<'e>> {
        let words = evidence.words;
        let fields = [
            (Field::Title, evidence.title, words.map(|w| &w.title)),
            (Field::Teaser, evidence.teaser, words.map(|w| &w.teaser)),
            (Field::Body, evidence.body, words.map(|w| &w.body)),
            (Field::Category, categories, None),
            (Field::Section, if self.asks_sections() { evidence.section } else { "" }, None),
        ];
        let mut texts = Vec::with_capacity(fields.len());
        for (field, original, known) in fields {
            if !original.is_empty() {
                let folded = known.map_or_else(|| Cow::Owned(Folded::new(original)), Cow::Borrowed);
                texts.push(Text { field, original, folded });
            }
        }
        texts
    }

    /// Where rules speak, by topic.
    fn listen(&self, texts: &[Text<'_>], has_no_teaser: bool) -> Vec<Spoken> {
        // An item without any mark was typed without them; a headline alone of it may be in another language.
        let own = |text: &&Text<'_>| matches!(text.field, Field::Title | Field::Teaser | Field::Body);
        let is_bare = texts.iter().filter(own).all(|text| text.original.is_ascii());
        let (mut spoken, mut needed) = (Vec::new(), Vec::new());
        for (index, text) in texts.iter().enumerate() {
            let is_bare = match text.field {
                Field::Section => true,
                Field::Category => text.original.is_ascii(),
                _ => is_bare,
            };
            let found = search(self, self.automaton(is_bare), &text.folded);
            needed.extend(found.needed);
            let opening_end = if text.field == Field::Body && !found.hits.is_empty() { text.opening_end() } else { 0 };
            for hit in found.hits {
                let field = if hit.span.start < opening_end { Field::Opening } else { text.field };
                spoken.push(Spoken { field, text: index, hit });
            }
        }
        needed.sort_unstable();
        spoken.retain(|s| {
            let rule = self.topics().get(s.hit.topic).and_then(|t| t.rules.get(s.hit.rule));
            rule.is_some_and(|rule| {
                // Where there is no teaser, the opening stands for it.
                let stands_for_teaser =
                    has_no_teaser && s.field == Field::Opening && rule.fields.contains(&Field::Teaser);
                let is_there = |entry| needed.binary_search(&(s.hit.topic, s.hit.rule, entry)).is_ok();
                (rule.fields.contains(&s.field) || stands_for_teaser) && (0..rule.all.len()).all(is_there)
            })
        });
        spoken.sort_by_key(|s| s.hit.topic);
        spoken
    }

    /// A source that is about a topic by itself reaches the threshold alone.
    fn ask_the_source(&self, evidence: &Evidence<'_>) -> BTreeMap<usize, Vec<Reason>> {
        let Some((topics, name)) = evidence.source else { return BTreeMap::new() };
        let own = self.topics().iter().enumerate().filter(|(_, t)| topics.contains(&t.id));
        own.map(|(index, topic)| {
            let rule = "nguồn chuyên về chủ đề".to_owned();
            let reason = Reason { rule, text: name.to_owned(), field: Field::Source, weight: topic.threshold };
            (index, vec![reason])
        })
        .collect()
    }
}

fn sum(topic: &Topic, mut reasons: Vec<Reason>) -> Match {
    reasons.sort_by(|a, b| (a.field, &a.rule).cmp(&(b.field, &b.rule)));
    let score = rounded(reasons.iter().map(|r| r.weight).sum());
    Match { topic: topic.id.clone(), score, threshold: topic.threshold, reasons }
}
