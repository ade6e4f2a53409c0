//! One text → where each rule speaks in it.

use std::ops::Range;

use super::compile::{Automaton, Capitals, Rules, What};
use super::score::Text;
use crate::model::{Field, Rule};
use crate::text::Folded;

/// One place where a rule speaks. Topic and rule are given by position, the place in bytes of the folded text.
#[derive(Debug, Clone, Copy)]
pub struct Hit {
    pub topic: u32,
    /// In which of the item's texts.
    pub text: u32,
    pub start: u32,
    pub end: u32,
    pub rule: u32,
    /// What it counts as.
    pub field: Field,
    /// Whether the text lacks the marks of the phrase.
    pub is_bare: bool,
}

impl Hit {
    /// By topic, in the order of the texts, at one start the longest first. One number, for there are many.
    pub fn order(&self) -> (u128, u32) {
        let place = u128::from(self.topic) << 96 | u128::from(self.text) << 64 | u128::from(self.start) << 32;
        (place | u128::from(u32::MAX - self.end), self.rule)
    }
}

/// What was found in the texts of an item.
#[derive(Debug, Default)]
pub struct Found {
    /// Where rules speak.
    pub hits: Vec<Hit>,
    /// What rules wait for, and is there: topic, rule, entry.
    pub needed: Vec<(u32, u32, u32)>,
}

/// A part of a phrase that has more.
struct Part {
    phrase: u32,
    part: u32,
    hit: Hit,
}

/// Where a text is searched.
pub struct Place<'a> {
    /// Its position among the item's texts.
    pub index: usize,
    /// The text.
    pub text: &'a Text<'a>,
    /// What looks into it.
    pub automaton: &'a Automaton,
    /// Whether the item has no teaser: then the opening of the article stands for it.
    pub has_no_teaser: bool,
}

impl Place<'_> {
    /// Adds what is found here.
    pub fn search(&self, rules: &Rules, found: &mut Found) {
        let folded = &*self.text.folded;
        let opening_end = offset(if self.text.field == Field::Body { self.text.opening_end() } else { 0 });
        // Addresses have no marks for anybody.
        let tells_bare = self.text.field != Field::Section;
        let (mut alone, mut parts, mut needed) = (Vec::new(), Vec::new(), Vec::new());
        let (mut hidden, mut barred) = (Vec::new(), Vec::new());
        self.automaton.each(folded.as_str(), |span, wanted| {
            // An address has no capitals, whatever the name of the source beside it has.
            let asks_capitals = !wanted.capitals.is_empty() && self.text.field != Field::Section;
            if asks_capitals && !has_capitals(folded, &span, wanted.capitals) {
                return;
            }
            let (topic, start, end) = (wanted.topic, offset(span.start), offset(span.end));
            match wanted.what {
                What::Hide => hidden.push((topic, start, end)),
                What::Say { rule, phrase, part } => {
                    let field = if start < opening_end { Field::Opening } else { self.text.field };
                    let stands_for_teaser = self.has_no_teaser && field == Field::Opening;
                    if wanted.fields.has(field) || stands_for_teaser && wanted.fields.has(Field::Teaser) {
                        let text = offset(self.index);
                        let hit = Hit { topic, text, start, end, rule, field, is_bare: wanted.is_bare && tells_bare };
                        match part {
                            Some(part) => parts.push(Part { phrase, part, hit }),
                            None => alone.push(hit),
                        }
                    }
                }
                What::Need { rule, entry } => needed.push((topic, start, end, (topic, rule, entry))),
                What::Bar { rule } => barred.push((topic, rule)),
            }
        });
        if !hidden.is_empty() {
            hidden.sort_unstable();
            let hidden = Hidden { spans: hidden, longest: offset(self.automaton.longest()) };
            alone.retain(|hit| !hidden.hides(hit.topic, hit.start, hit.end));
            parts.retain(|part| !hidden.hides(part.hit.topic, part.hit.start, part.hit.end));
            needed.retain(|&(topic, start, end, _)| !hidden.hides(topic, start, end));
        }
        if !parts.is_empty() {
            join_all(parts, rules, folded.as_str(), &mut alone);
        }
        if !barred.is_empty() {
            barred.sort_unstable();
            alone.retain(|hit| barred.binary_search(&(hit.topic, hit.rule)).is_err());
        }
        found.hits.append(&mut alone);
        found.needed.extend(needed.into_iter().map(|(.., entry)| entry));
    }
}

/// What topics do not want to see.
struct Hidden {
    /// Topic, start, end; sorted.
    spans: Vec<(u32, u32, u32)>,
    /// No span is longer, in bytes.
    longest: u32,
}

impl Hidden {
    /// A hidden phrase hides what shares a word with it, except a longer phrase around it: that one was written knowing. Spans include the
    /// space on either side, so two that only touch share one byte.
    fn hides(&self, topic: u32, start: u32, end: u32) -> bool {
        let from = self.spans.partition_point(|&(of, begin, _)| (of, begin + self.longest) < (topic, start));
        let near = self.spans.get(from..).unwrap_or_default().iter();
        near.take_while(|&&(of, begin, _)| of == topic && begin + 1 < end).any(|&(_, begin, stop)| {
            let is_around = start <= begin && stop <= end && end - start > stop - begin;
            start + 1 < stop && !is_around
        })
    }
}

/// Joins what belongs to one phrase, phrase by phrase.
fn join_all(mut parts: Vec<Part>, rules: &Rules, text: &str, hits: &mut Vec<Hit>) {
    parts.sort_unstable_by_key(|p| (p.hit.topic, p.hit.rule, p.phrase, p.part, p.hit.start, u32::MAX - p.hit.end));
    let name = |p: &Part| (p.hit.topic, p.hit.rule, p.phrase);
    for of_phrase in parts.chunk_by(|a, b| name(a) == name(b)) {
        let Some(first) = of_phrase.first() else { continue };
        if let Some(rule) = rules.rule(first.hit.topic, first.hit.rule) {
            join(of_phrase, rule, text, hits);
        }
    }
}

/// The parts of one phrase → the places where they follow each other in one sentence, near enough. Of several beginnings with one end,
/// the last is meant.
fn join(parts: &[Part], rule: &Rule, text: &str, hits: &mut Vec<Hit>) {
    let phrase = parts.first().and_then(|p| rule.phrases.get(p.phrase as usize));
    let by_part: Vec<&[Part]> = parts.chunk_by(|a, b| a.part == b.part).collect();
    // A part that is nowhere leaves a gap.
    let is_whole = phrase.is_some_and(|phrase| phrase.parts.len() == by_part.len());
    let Some((last, before)) = by_part.split_last().filter(|_| is_whole) else { return };
    // From the end: where the rest of the phrase begins. Of what follows something, the first that is whole is the nearest.
    let mut rest: Vec<Hit> = last.iter().map(|part| part.hit).collect();
    for part in before.iter().rev() {
        let whole = part.iter().filter_map(|Part { hit, .. }| {
            let next = rest.get(rest.partition_point(|next| next.start + 1 < hit.end))?;
            is_near(text, hit.end, next.start, rule.within).then_some(Hit { end: next.end, ..*hit })
        });
        rest = whole.collect();
    }
    let mut last_end = 0;
    for hit in rest {
        let is_tighter = std::mem::replace(&mut last_end, hit.end) == hit.end;
        match hits.last_mut().filter(|_| is_tighter) {
            Some(last) => *last = hit,
            None => hits.push(hit),
        }
    }
}

/// Whether no sentence ends between two spans, and at most so many words stand there.
fn is_near(text: &str, end: u32, start: u32, within: usize) -> bool {
    // From the space behind the one to the space before the other, which may be one space.
    let between = text.as_bytes().get((end as usize).saturating_sub(1)..start as usize + 1).unwrap_or_default();
    let mut spaces = 0;
    for byte in between {
        match byte {
            b'.' => return false,
            b' ' => spaces += 1,
            _ => {}
        }
        if spaces > within + 1 {
            return false;
        }
    }
    true
}

/// Whether the words that must have a capital letter have one. A text without any capital says nothing about proper nouns.
fn has_capitals(folded: &Folded, span: &Range<usize>, required: Capitals) -> bool {
    !folded.has_capitals() || required.are_in(folded.capitals(span.clone()))
}

/// Texts are bounded far below 4 GiB.
fn offset(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
