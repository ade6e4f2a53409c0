//! Where rules speak → what that is worth. Every constant was measured; `docs/topics.md` has the tables.

use std::collections::BTreeMap;
use std::ops::Range;

use super::search::Hit;
use crate::model::{Field, Reason, Topic};
use crate::text::Folded;

/// So many words of an article are its opening: the first paragraph and the beginning of the second, where news says what it is about.
pub const OPENING_WORDS: usize = 110;
/// In the rest of an article, what stands so close together is one passage, and counts once: a directive, its number and its title are one mention.
const PASSAGE_WORDS: usize = 40;
/// So many passages count at most.
const MOST_PASSAGES: usize = 5;
/// What one passage is worth, as a multiple of its rule's weight. Party reports name every campaign once in passing.
const PASSAGE: f64 = 0.2;

/// What a phrase in this field is worth, as a multiple of its rule's weight. A headline is written to say what the article is about.
fn factor(field: Field) -> f64 {
    match field {
        Field::Title | Field::Category | Field::Section => 2.0,
        Field::Teaser | Field::Opening | Field::Source => 1.0,
        Field::Body => PASSAGE,
    }
}

/// One field of an item.
pub struct Text<'a> {
    /// Which.
    pub field: Field,
    /// As it stands.
    pub original: &'a str,
    /// As it is searched.
    pub folded: std::borrow::Cow<'a, Folded>,
}

impl Text<'_> {
    /// Where the opening ends, in bytes of the folded text.
    pub fn opening_end(&self) -> usize {
        let folded = self.folded.as_str();
        folded.match_indices(' ').nth(OPENING_WORDS).map_or(folded.len(), |(at, _)| at)
    }

    fn quote(&self, span: Range<usize>) -> String {
        self.original.get(self.folded.original(span)).unwrap_or_default().to_owned()
    }
}

/// A rule speaks in a field.
pub struct Spoken {
    /// Which field it counts as.
    pub field: Field,
    /// In which of the texts.
    pub text: usize,
    /// Where.
    pub hit: Hit,
}

/// What all that is worth to one topic.
pub fn weigh(topic: &Topic, spoken: &[Spoken], texts: &[Text<'_>]) -> Vec<Reason> {
    let weight = |s: &Spoken| topic.rules.get(s.hit.rule).map_or(0.0, |rule| rule.weight);
    let kept = without_overlaps(spoken, weight);
    let (body, others): (Vec<&Spoken>, Vec<&Spoken>) = kept.into_iter().partition(|s| s.field == Field::Body);
    let mut counted: BTreeMap<(usize, Field), (&Spoken, usize)> = BTreeMap::new();
    for one in others {
        let first = counted.entry((one.hit.rule, one.field)).or_insert((one, 1));
        if one.hit.span.start < first.0.hit.span.start {
            first.0 = one;
        }
    }
    for one in passages(&body, weight, texts) {
        let (first, count) = counted.entry((one.hit.rule, one.field)).or_insert((one, 0));
        *count += 1;
        if one.hit.span.start < first.hit.span.start {
            *first = one;
        }
    }
    let in_teaser: Vec<usize> = counted.keys().filter(|(_, f)| *f == Field::Teaser).map(|(rule, _)| *rule).collect();
    // A teaser mostly is the opening.
    counted.retain(|(rule, field), _| *field != Field::Opening || !in_teaser.contains(rule));
    counted
        .iter()
        .filter_map(|(&(rule, field), &(one, count))| {
            let rule = topic.rules.get(rule)?;
            let text = texts.get(one.text)?;
            let mark = if one.hit.is_bare { super::BARE } else { "" };
            let times = u32::try_from(count).unwrap_or(u32::MAX);
            Some(Reason {
                rule: format!("{}{mark}", rule.name),
                text: text.quote(one.hit.span.clone()),
                field,
                weight: rounded(rule.weight * factor(field) * f64::from(times)),
            })
        })
        .collect()
}

/// The same words count once: for the rule to which they are worth most, of its phrases for the longest.
fn without_overlaps(spoken: &[Spoken], weight: impl Fn(&Spoken) -> f64) -> Vec<&Spoken> {
    let mut best: Vec<&Spoken> = spoken.iter().collect();
    best.sort_by(|a, b| {
        let strength = weight(b).abs().total_cmp(&weight(a).abs());
        strength
            .then(b.hit.span.len().cmp(&a.hit.span.len()))
            .then(a.hit.span.start.cmp(&b.hit.span.start))
            .then(a.hit.rule.cmp(&b.hit.rule))
    });
    let mut taken: BTreeMap<(usize, bool), BTreeMap<usize, usize>> = BTreeMap::new();
    best.retain(|one| {
        let Range { start, end } = one.hit.span.clone();
        let taken = taken.entry((one.text, weight(one) > 0.0)).or_default();
        // Spans include the space on either side.
        let overlaps = taken.range(..end - 1).next_back().is_some_and(|(_, &before)| before > start + 1);
        if !overlaps {
            taken.insert(start, end);
        }
        !overlaps
    });
    best
}

/// The strongest place of each passage of an article, for and against the topic; the strongest passages.
fn passages<'s>(body: &[&'s Spoken], weight: impl Fn(&Spoken) -> f64, texts: &[Text<'_>]) -> Vec<&'s Spoken> {
    let mut strongest = Vec::new();
    for is_for in [true, false] {
        let mut side: Vec<&Spoken> = body.iter().copied().filter(|s| (weight(s) > 0.0) == is_for).collect();
        side.sort_by_key(|s| (s.text, s.hit.span.start));
        let mut best: Vec<&Spoken> = Vec::new();
        let mut begin = None;
        for one in side {
            let start = one.hit.span.start;
            let is_same = begin.is_some_and(|begin| is_one_passage(one, begin, texts));
            match best.last_mut().filter(|_| is_same) {
                Some(last) if weight(one).abs() > weight(last).abs() => *last = one,
                Some(_) => {}
                None => {
                    begin = Some(start);
                    best.push(one);
                }
            }
        }
        best.sort_by(|a, b| weight(b).abs().total_cmp(&weight(a).abs()));
        best.truncate(MOST_PASSAGES);
        strongest.extend(best);
    }
    strongest
}

/// Whether a place is at most [`PASSAGE_WORDS`] behind where a passage began.
fn is_one_passage(one: &Spoken, begin: usize, texts: &[Text<'_>]) -> bool {
    let text = texts.get(one.text).map(|t| t.folded.as_str().as_bytes()).unwrap_or_default();
    let between = text.get(begin..one.hit.span.start).unwrap_or_default();
    between.iter().filter(|b| **b == b' ').take(PASSAGE_WORDS + 1).count() <= PASSAGE_WORDS
}

/// To a thousandth: sums of fifths are shown to people and compared after they were stored.
pub fn rounded(points: f64) -> f64 {
    (points * 1_000.0).round() / 1_000.0
}
