//! Where rules speak → what that is worth. Every constant was measured; `docs/topics.md` has the tables.

use std::borrow::Cow;
use std::mem;

use super::search::Hit;
use crate::model::{Field, Reason, Topic};
use crate::text::Folded;

/// So many words of an article are its opening: the first paragraph and the beginning of the second, where news says what it is about.
pub const OPENING_WORDS: usize = 110;
/// In the rest of an article, what begins within so many bytes of folded text, forty words or so, is one passage, and counts once: a directive, its
/// number and its title are one mention.
const PASSAGE_BYTES: u32 = 240;
/// So many passages count at most.
const MOST_PASSAGES: usize = 5;
/// What one passage is worth, as a multiple of its rule's weight. Party reports name every campaign once in passing.
const PASSAGE: f64 = 0.2;
/// No reason quotes more characters: between the parts of a phrase stand few words, but nothing says how long ones.
const MOST_QUOTED: usize = 300;

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
    pub folded: Cow<'a, Folded>,
}

impl Text<'_> {
    /// Where the opening ends, in bytes of the folded text.
    pub fn opening_end(&self) -> usize {
        let folded = self.folded.as_str();
        folded.match_indices(' ').nth(OPENING_WORDS).map_or(folded.len(), |(at, _)| at)
    }

    fn quote(&self, hit: &Hit) -> String {
        let span = self.folded.original(hit.start as usize..hit.end as usize);
        self.original.get(span).unwrap_or_default().chars().take(MOST_QUOTED).collect()
    }
}

/// What a rule says in a field.
struct Share {
    first: Hit,
    count: u32,
}

/// Weighs topic by topic; its lists are used again and again.
#[derive(Default)]
pub struct Scale {
    kept: Vec<Hit>,
    passages: Vec<Hit>,
    shares: Vec<Share>,
}

impl Scale {
    /// What the places where a topic's rules speak are worth together. They are in the order of the texts; at one start the longest is first.
    pub fn weigh(&mut self, topic: &Topic, hits: &[Hit]) -> f64 {
        let weight = |hit: &Hit| topic.rules.get(hit.rule as usize).map_or(0.0, |rule| rule.weight);
        self.shares.clear();
        for is_for in [true, false] {
            self.keep(hits.iter().filter(|hit| (weight(hit) > 0.0) == is_for), weight);
            self.find_passages(weight);
            let kept = mem::take(&mut self.kept);
            kept.iter().filter(|hit| hit.field != Field::Body).for_each(|hit| self.share(hit, 0));
            self.kept = kept;
            let passages = mem::take(&mut self.passages);
            passages.iter().for_each(|hit| self.share(hit, 1));
            self.passages = passages;
        }
        // A teaser mostly is the opening.
        let of_teaser: Vec<u32> =
            self.shares.iter().filter(|s| s.first.field == Field::Teaser).map(|s| s.first.rule).collect();
        if !of_teaser.is_empty() {
            self.shares.retain(|s| s.first.field != Field::Opening || !of_teaser.contains(&s.first.rule));
        }
        rounded(self.shares.iter().map(|share| share.points(topic)).sum())
    }

    /// What was weighed last, told.
    pub fn tell(&self, topic: &Topic, texts: &[Text<'_>]) -> Vec<Reason> {
        let told = self.shares.iter().filter_map(|share| {
            let rule = topic.rules.get(share.first.rule as usize)?;
            let mark = if share.first.is_bare { super::BARE } else { "" };
            Some(Reason {
                rule: format!("{}{mark}", rule.name),
                text: texts.get(share.first.text as usize)?.quote(&share.first),
                field: share.first.field,
                weight: share.points(topic),
            })
        });
        in_order(told.collect())
    }

    /// The same words count once: for the rule to which they are worth most, of its phrases for the longest.
    fn keep<'h>(&mut self, hits: impl Iterator<Item = &'h Hit>, weight: impl Fn(&Hit) -> f64) {
        self.kept.clear();
        for hit in hits {
            // Spans include the space on either side.
            match self.kept.last_mut().filter(|last| last.text == hit.text && hit.start + 1 < last.end) {
                Some(last) => {
                    let strength = |hit: &Hit| (weight(hit).abs(), hit.end - hit.start);
                    if strength(hit) > strength(last) {
                        *last = *hit;
                    }
                }
                None => self.kept.push(*hit),
            }
        }
    }

    /// The strongest place of each passage of an article; the strongest passages.
    fn find_passages(&mut self, weight: impl Fn(&Hit) -> f64) {
        self.passages.clear();
        let mut begin = 0;
        for hit in self.kept.iter().filter(|hit| hit.field == Field::Body) {
            match self.passages.last_mut().filter(|_| hit.start - begin <= PASSAGE_BYTES) {
                Some(last) if weight(hit).abs() > weight(last).abs() => *last = *hit,
                Some(_) => {}
                None => {
                    begin = hit.start;
                    self.passages.push(*hit);
                }
            }
        }
        if self.passages.len() > MOST_PASSAGES {
            self.passages.sort_by(|a, b| weight(b).abs().total_cmp(&weight(a).abs()));
            self.passages.truncate(MOST_PASSAGES);
        }
    }

    /// Adds a place to what its rule says in its field: a mention, or one of several passages.
    fn share(&mut self, hit: &Hit, passages: u32) {
        let same = |s: &&mut Share| (s.first.rule, s.first.field) == (hit.rule, hit.field);
        match self.shares.iter_mut().find(same) {
            Some(share) => {
                share.count += passages;
                if hit.start < share.first.start {
                    share.first = *hit;
                }
            }
            None => self.shares.push(Share { first: *hit, count: 1 }),
        }
    }
}

impl Share {
    fn points(&self, topic: &Topic) -> f64 {
        let weight = topic.rules.get(self.first.rule as usize).map_or(0.0, |rule| rule.weight);
        rounded(weight * factor(self.first.field) * f64::from(self.count))
    }
}

/// As reasons are stored and told: by field, then by rule.
pub fn in_order(mut reasons: Vec<Reason>) -> Vec<Reason> {
    reasons.sort_by(|a, b| (a.field, &a.rule).cmp(&(b.field, &b.rule)));
    reasons
}

/// To a thousandth: sums of fifths are shown to people and compared after they were stored.
pub fn rounded(points: f64) -> f64 {
    (points * 1_000.0).round() / 1_000.0
}
