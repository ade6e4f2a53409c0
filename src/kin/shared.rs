//! The rarest words that two items share, as one of them writes them: what shows a person at a glance that they are one story.

use std::ops::Range;

use super::portrait::Portrait;
use super::rarity::Rarity;
use super::term::{digest, mix};
use crate::model::Item;
use crate::text::Folded;

/// So many are told.
const MOST: usize = 5;
/// So much of an article is looked through, in bytes.
const LOOKED_THROUGH: usize = 4_000;
/// A name says more than other words as rare as it.
const NAME: f32 = 0.3;

/// A phrase goes on over pairs that are at least so rare.
const RARE: f32 = 0.5;
/// The longest phrase, in words.
const LONGEST: usize = 5;

/// The rarest phrases of an item that another item has too, rarest first.
pub fn rarest(item: &Item, other: &Portrait, rarity: &Rarity) -> Vec<String> {
    let body = item.body.get(..item.body.floor_char_boundary(LOOKED_THROUGH)).unwrap_or_default();
    let mut found: Vec<(f32, String)> = Vec::new();
    for text in [item.title.as_str(), &item.summary, body] {
        for phrase in phrases(text, other, rarity) {
            if !found.iter().any(|(_, known)| known.contains(&phrase.1) || phrase.1.contains(known)) {
                found.push(phrase);
            }
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.into_iter().take(MOST).map(|(_, words)| words).collect()
}

/// The phrases of a text that another item has, with how rare their rarest pair is.
fn phrases(text: &str, other: &Portrait, rarity: &Rarity) -> Vec<(f32, String)> {
    let folded = Folded::new(text);
    let tokens: Vec<_> = folded.tokens().collect();
    let shared = |two: &[(&str, Range<usize>, bool)]| -> Option<f32> {
        let [(first, _, is_name), (second, _, is_name_too)] = two else { return None };
        let pair = mix(digest(first.as_bytes()), digest(second.as_bytes())).max(1);
        let bonus = if *is_name && *is_name_too { NAME } else { 0.0 };
        let weight = rarity.weight(pair);
        (*first != "." && *second != "." && other.pairs.contains(pair) && weight >= RARE).then_some(weight + bonus)
    };
    let weights: Vec<Option<f32>> = tokens.windows(2).map(shared).collect();
    let mut phrases = Vec::new();
    let mut at = 0;
    for run in weights.chunk_by(|a, b| a.is_some() == b.is_some()) {
        for (part, weights) in run.chunks(LONGEST - 1).enumerate().filter(|(_, part)| part.iter().all(Option::is_some))
        {
            let first = at + part * (LONGEST - 1);
            let (from, to) = (tokens.get(first), tokens.get(first + weights.len()));
            if let (Some((_, from, _)), Some((_, to, _))) = (from, to) {
                let words = text.get(from.start..to.end).unwrap_or_default().to_owned();
                phrases.push((weights.iter().flatten().copied().fold(0.0, f32::max), words));
            }
        }
        at += run.len();
    }
    phrases
}
