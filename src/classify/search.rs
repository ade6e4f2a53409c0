//! One text → where each rule speaks in it.

use std::ops::Range;

use super::compile::{Automaton, Rules, Use, What};
use crate::model::Rule;
use crate::text::Folded;

/// One place where a rule speaks.
#[derive(Debug, Clone)]
pub struct Hit {
    /// Which topic, by position.
    pub topic: usize,
    /// Which of its rules.
    pub rule: usize,
    /// Where, in the folded text.
    pub span: Range<usize>,
    /// Whether the text lacks the marks of the phrase.
    pub is_bare: bool,
}

/// What was found in one text.
#[derive(Debug, Default)]
pub struct Found {
    /// Where rules speak.
    pub hits: Vec<Hit>,
    /// What rules wait for, and is there: topic, rule, entry.
    pub needed: Vec<(usize, usize, usize)>,
}

/// A part of a phrase.
struct Part {
    topic: usize,
    rule: usize,
    phrase: usize,
    part: usize,
    span: Range<usize>,
    is_bare: bool,
}

/// Looks into a text.
pub fn search(rules: &Rules, automaton: &Automaton, folded: &Folded) -> Found {
    let mut found = Found::default();
    let (mut parts, mut needed, mut hidden, mut barred) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (span, wanted) in automaton.occurrences(folded.as_str()) {
        let Use { topic, is_bare, .. } = *wanted;
        if !has_capitals(folded, &span, wanted.capitals.as_deref()) {
            continue;
        }
        match wanted.what {
            What::Hide => hidden.push((topic, span)),
            What::Say { rule, phrase, part } => parts.push(Part { topic, rule, phrase, part, span, is_bare }),
            What::Need { rule, entry } => needed.push((span, (topic, rule, entry))),
            What::Bar { rule } => barred.push((topic, rule)),
        }
    }
    if !hidden.is_empty() {
        hidden.sort_unstable_by_key(|(topic, span)| (*topic, span.start));
        let is_seen = |topic, span: &Range<usize>| !is_hidden(topic, span, &hidden, automaton.longest());
        parts.retain(|part| is_seen(part.topic, &part.span));
        needed.retain(|(span, (topic, ..))| is_seen(*topic, span));
    }
    found.needed.extend(needed.into_iter().map(|(_, entry)| entry));
    if !barred.is_empty() {
        barred.sort_unstable();
        parts.retain(|part| barred.binary_search(&(part.topic, part.rule)).is_err());
    }
    parts.sort_unstable_by_key(|p| (p.topic, p.rule, p.phrase, p.part, p.span.start, usize::MAX - p.span.end));
    for of_phrase in parts.chunk_by(|a, b| (a.topic, a.rule, a.phrase) == (b.topic, b.rule, b.phrase)) {
        let rule =
            of_phrase.first().and_then(|p| rules.topics().get(p.topic)?.rules.get(p.rule).map(|r| (p.phrase, r)));
        if let Some((phrase, rule)) = rule {
            join(of_phrase, phrase, rule, folded.as_str(), &mut found.hits);
        }
    }
    found
}

/// A hidden phrase hides what shares a word with it, except a longer phrase around it: that one was written knowing. Spans include the
/// space on either side, so two that only touch share one byte. `hidden` is sorted, and no span is longer than `longest`.
fn is_hidden(topic: usize, span: &Range<usize>, hidden: &[(usize, Range<usize>)], longest: usize) -> bool {
    let from = hidden.partition_point(|(of, hides)| (*of, hides.start + longest) < (topic, span.start));
    let near = hidden.get(from..).unwrap_or_default().iter();
    near.take_while(|(of, hides)| *of == topic && hides.start + 1 < span.end).any(|(_, hides)| {
        let shares_a_word = span.start + 1 < hides.end;
        let is_around = span.start <= hides.start && hides.end <= span.end && span.len() > hides.len();
        shares_a_word && !is_around
    })
}

/// The parts of one phrase → the places where they follow each other in one sentence, near enough. Of several beginnings with one end,
/// the last is meant.
fn join(parts: &[Part], phrase: usize, rule: &Rule, text: &str, hits: &mut Vec<Hit>) {
    let wanted = rule.phrases.get(phrase).map_or(1, |p| p.parts.len());
    let by_part: Vec<&[Part]> = parts.chunk_by(|a, b| a.part == b.part).collect();
    // A part that is nowhere leaves a gap.
    let Some((first, others)) = by_part.split_first().filter(|_| by_part.len() == wanted) else { return };
    let mut last_end = 0;
    for begin in *first {
        let mut end = begin.span.end;
        let follows = others.iter().all(|next| {
            let next = next
                .get(next.partition_point(|p| p.span.start + 1 < end))
                .filter(|p| is_near(text, end, p.span.start, rule.within));
            next.inspect(|p| end = p.span.end).is_some()
        });
        if follows {
            let hit = Hit { topic: begin.topic, rule: begin.rule, span: begin.span.start..end, is_bare: begin.is_bare };
            let is_tighter = wanted > 1 && std::mem::replace(&mut last_end, end) == end;
            match hits.last_mut().filter(|_| is_tighter) {
                Some(last) => *last = hit,
                None => hits.push(hit),
            }
        }
    }
}

/// Whether no sentence ends between two spans, and at most so many words stand there.
fn is_near(text: &str, end: usize, start: usize, within: usize) -> bool {
    // From the space behind the one to the space before the other, which may be one space.
    let between = text.as_bytes().get(end.saturating_sub(1)..start + 1).unwrap_or_default();
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
fn has_capitals(folded: &Folded, span: &Range<usize>, required: Option<&[bool]>) -> bool {
    let Some(required) = required else { return true };
    !folded.has_capitals() || folded.capitals(span.clone()).zip(required).all(|(is, must)| is || !must)
}
