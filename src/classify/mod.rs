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

use crate::learn::Article;
use crate::model::{Field, Match, Reason, Topic};
use crate::text::{Folded, Words};

pub use compile::{Rules, TooLarge};
use score::{Scale, Text, in_order, rounded};
use search::{Found, Hit, Place};
pub use spelling::spelled;

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
    /// How the item stands to every topic for or against which anything speaks, and why, in the order of the topics.
    pub fn decide(&self, evidence: &Evidence<'_>) -> Vec<Match> {
        self.judge(evidence, |_| true)
    }

    /// The same; but only where the item belongs is it told why. For whoever stores that and nothing else: most topics are named in passing.
    pub fn verdicts(&self, evidence: &Evidence<'_>) -> Vec<Match> {
        self.judge(evidence, Match::matched)
    }

    fn judge(&self, evidence: &Evidence<'_>, is_told: impl Fn(&Match) -> bool) -> Vec<Match> {
        let categories = evidence.categories.join("\n");
        let texts = self.texts(evidence, &categories);
        let hits = self.listen(&texts, evidence.teaser.is_empty());
        let mut scale = Scale::default();
        let mut matches: Vec<(u32, Match)> = Vec::new();
        for of_topic in hits.chunk_by(|a, b| a.topic == b.topic) {
            let Some((index, topic)) =
                of_topic.first().and_then(|h| Some((h.topic, self.topics().get(h.topic as usize)?)))
            else {
                continue;
            };
            let declared = declared(evidence, topic);
            let score = rounded(scale.weigh(topic, of_topic) + declared.as_ref().map_or(0.0, |reason| reason.weight));
            let tell = || scale.tell(topic, &texts).into_iter().chain(declared.clone()).collect::<Vec<Reason>>();
            let mut one = Match { topic: topic.id.clone(), score, threshold: topic.threshold, reasons: Vec::new() };
            if let Some(learned) = self.learned(index) {
                let reasons = tell();
                let Evidence { title, teaser, body, words, .. } = *evidence;
                let said = learned.reason(&Article { title, teaser, body, words }, &reasons);
                one.score = rounded(one.score + said.as_ref().map_or(0.0, |reason| reason.weight));
                one.reasons = in_order(reasons.into_iter().chain(said).collect());
            }
            if !is_told(&one) {
                one.reasons.clear();
            } else if one.reasons.is_empty() {
                one.reasons = tell();
            }
            matches.push((index, one));
        }
        self.ask_the_source(evidence, &mut matches);
        matches.into_iter().map(|(_, one)| one).collect()
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
                let folded = match known {
                    Some(known) => Cow::Borrowed(known),
                    None if field == Field::Section => Cow::Owned(Folded::new(original).without_marks()),
                    None => Cow::Owned(Folded::new(original)),
                };
                texts.push(Text { field, original, folded });
            }
        }
        texts
    }

    /// Where rules speak: by topic, in the order of the texts, at one start the longest first.
    fn listen(&self, texts: &[Text<'_>], has_no_teaser: bool) -> Vec<Hit> {
        // An item without any mark was typed without them; a headline alone of it may be in another language.
        let own = |text: &&Text<'_>| matches!(text.field, Field::Title | Field::Teaser | Field::Body);
        let is_bare = texts.iter().filter(own).all(|text| !text.folded.has_marks());
        let mut found = Found::default();
        for (index, text) in texts.iter().enumerate() {
            let automaton = match text.field {
                Field::Section => self.section(),
                Field::Category if !text.folded.has_marks() => Some(self.bare()),
                Field::Title | Field::Teaser | Field::Body if is_bare => Some(self.bare()),
                _ => Some(self.plain()),
            };
            if let Some(automaton) = automaton {
                Place { index, text, automaton, has_no_teaser }.search(self, &mut found);
            }
        }
        let Found { mut hits, mut needed } = found;
        if self.wants_company() {
            needed.sort_unstable();
            hits.retain(|hit| {
                let wanted = self.rule(hit.topic, hit.rule).map_or(0, |rule| rule.all.len());
                let is_there = |entry| needed.binary_search(&(hit.topic, hit.rule, entry)).is_ok();
                (0..).take(wanted).all(is_there)
            });
        }
        hits.sort_unstable_by_key(Hit::order);
        hits
    }

    /// A source that is about a topic by itself needs no rule to speak.
    fn ask_the_source(&self, evidence: &Evidence<'_>, matches: &mut Vec<(u32, Match)>) {
        for (index, topic) in (0..).zip(self.topics()) {
            let Err(at) = matches.binary_search_by_key(&index, |(index, _)| *index) else { continue };
            if let Some(reason) = declared(evidence, topic) {
                let (id, threshold) = (topic.id.clone(), topic.threshold);
                let new = Match { topic: id, score: reason.weight, threshold, reasons: vec![reason] };
                matches.insert(at, (index, new));
            }
        }
    }
}

/// What a source that is about a topic by itself says: it reaches the threshold alone.
fn declared(evidence: &Evidence<'_>, topic: &Topic) -> Option<Reason> {
    let (_, name) = evidence.source.filter(|(topics, _)| topics.contains(&topic.id))?;
    let rule = "nguồn chuyên về chủ đề".to_owned();
    Some(Reason { rule, text: name.to_owned(), field: Field::Source, weight: topic.threshold })
}
