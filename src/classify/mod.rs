//! Which topics an item belongs to, and why.
//!
//! Every phrase of every topic is searched in one pass over the folded text, so cost grows with the text and not with
//! the number of topics. A phrase counts once in a headline, a teaser or the categories, and up to four times in a
//! body, where a mention is worth a fifth: party reports name every campaign once in passing, an article about one says
//! so again and again. (0.5 and three times gave precision .63 on the labelled full texts, a fifth and four times .93;
//! `docs/topics.md`.)

mod compile;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;

use crate::model::{Field, Match, Reason, Topic};
use crate::text::{Folded, Words};

use compile::Use;
pub use compile::{Rules, TooLarge};

/// What a phrase in this field is worth, as a multiple of its rule's weight. A headline is written to say what the
/// article is about.
fn factor(field: Field) -> f64 {
    match field {
        Field::Title | Field::Category => 2.0,
        Field::Teaser | Field::Source => 1.0,
        Field::Body => 0.2,
    }
}

/// How often a phrase counts at most.
fn most_counted(field: Field) -> u32 {
    match field {
        Field::Body => 4,
        _ => 1,
    }
}

/// How the name of a reason's rule ends where the words match only once marks are left out.
pub const BARE: &str = " (không dấu)";

/// How much of an article without a teaser stands in for one, in characters.
const OPENING_CHARS: usize = 300;

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
    /// The words of headline, teaser and article, where somebody has folded them.
    pub words: Option<&'a Words>,
    /// Topics that the source is about by itself, and the source's name.
    pub source: Option<(&'a [String], &'a str)>,
}

impl Rules {
    /// How the item stands to every topic for or against which anything speaks, in the order of the topics.
    pub fn decide(&self, evidence: &Evidence<'_>) -> Vec<Match> {
        let mut reasons: BTreeMap<usize, Vec<Reason>> = BTreeMap::new();
        let (teaser, teaser_words) = if evidence.teaser.is_empty() {
            let opening = evidence.body.char_indices().nth(OPENING_CHARS).and_then(|(at, _)| evidence.body.get(..at));
            (opening.unwrap_or(evidence.body), None)
        } else {
            (evidence.teaser, evidence.words.map(|words| &words.teaser))
        };
        let categories = evidence.categories.join("\n");
        for (field, text, words) in [
            (Field::Title, evidence.title, evidence.words.map(|words| &words.title)),
            (Field::Teaser, teaser, teaser_words),
            (Field::Body, evidence.body, evidence.words.map(|words| &words.body)),
            (Field::Category, &categories, None),
        ] {
            match words {
                _ if text.is_empty() => {}
                Some(folded) => self.search(field, text, folded, &mut reasons),
                None => self.search(field, text, &Folded::new(text), &mut reasons),
            }
        }
        self.ask_the_source(evidence, &mut reasons);
        reasons
            .into_iter()
            .filter_map(|(index, reasons)| self.topics().get(index).map(|topic| sum(topic, reasons)))
            .collect()
    }

    /// A source that is about a topic by itself reaches the threshold alone.
    fn ask_the_source(&self, evidence: &Evidence<'_>, reasons: &mut BTreeMap<usize, Vec<Reason>>) {
        let Some((topics, name)) = evidence.source else { return };
        for (index, topic) in self.topics().iter().enumerate().filter(|(_, t)| topics.contains(&t.id)) {
            reasons.entry(index).or_default().push(Reason {
                rule: "nguồn chuyên về chủ đề".to_owned(),
                text: name.to_owned(),
                field: Field::Source,
                weight: topic.threshold,
            });
        }
    }

    fn search(&self, field: Field, text: &str, folded: &Folded, reasons: &mut BTreeMap<usize, Vec<Reason>>) {
        let mut hidden: BTreeMap<usize, Vec<Range<usize>>> = BTreeMap::new();
        let mut hits: BTreeMap<(usize, usize), Vec<Range<usize>>> = BTreeMap::new();
        for (span, phrase_use) in self.occurrences(folded.as_str()) {
            match phrase_use {
                Use::Hide { topic } => hidden.entry(*topic).or_default().push(span),
                Use::Rule { topic, rule, fields, capitals } => {
                    if fields.contains(&field) && has_capitals(folded, &span, capitals.as_deref()) {
                        hits.entry((*topic, *rule)).or_default().push(span);
                    }
                }
            }
        }
        for ((topic, rule), mut spans) in hits {
            let hidden = hidden.get(&topic).map_or(&[][..], Vec::as_slice);
            spans.retain(|span| !hidden.iter().any(|h| hides(h, span)));
            let Some(first) = spans.iter().min_by_key(|s| (s.start, usize::MAX - s.end)).cloned() else {
                continue;
            };
            let Some(rule) = self.topics().get(topic).and_then(|t| t.rules.get(rule)) else {
                continue;
            };
            let times = apart(spans).min(most_counted(field));
            reasons.entry(topic).or_default().push(Reason {
                rule: rule.name.clone(),
                text: text.get(folded.original(first)).unwrap_or_default().to_owned(),
                field,
                weight: rule.weight * factor(field) * f64::from(times),
            });
        }
    }
}

/// A hidden phrase hides what shares a word with it, except a longer phrase around it: that one was written knowing.
/// Spans include the space on either side, so two that only touch share one byte.
fn hides(hidden: &Range<usize>, hit: &Range<usize>) -> bool {
    let share_a_word = hidden.start + 1 < hit.end && hit.start + 1 < hidden.end;
    let around = hit.start <= hidden.start && hidden.end <= hit.end && hit.len() > hidden.len();
    share_a_word && !around
}

/// How many of these spans stand apart from each other, counted from the left: "học tập và làm theo Bác" is not also
/// "làm theo Bác".
fn apart(mut spans: Vec<Range<usize>>) -> u32 {
    spans.sort_by_key(|s| (s.start, usize::MAX - s.end));
    let mut free_from = 0;
    let mut count = 0;
    for span in spans {
        if span.start >= free_from {
            free_from = span.end - 1;
            count += 1;
        }
    }
    count
}

/// Whether the words that must have a capital letter have one. A text without any capital says nothing about proper
/// nouns.
fn has_capitals(folded: &Folded, span: &Range<usize>, required: Option<&[bool]>) -> bool {
    let Some(required) = required else { return true };
    !folded.has_capitals() || folded.capitals(span.clone()).zip(required).all(|(is, must)| is || !must)
}

fn sum(topic: &Topic, mut reasons: Vec<Reason>) -> Match {
    reasons.sort_by(|a, b| (a.field, &a.rule).cmp(&(b.field, &b.rule)));
    let score: f64 = reasons.iter().map(|r| r.weight).sum();
    Match { topic: topic.id.clone(), score, threshold: topic.threshold, reasons }
}
