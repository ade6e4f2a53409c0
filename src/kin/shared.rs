//! The rarest words that two items share, as one of them writes them: what shows a person at a glance that they are one story.

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

/// The rarest pairs of words of an item that another item has too, rarest first.
pub fn rarest(item: &Item, other: &Portrait, rarity: &Rarity) -> Vec<String> {
    let body = item.body.get(..item.body.floor_char_boundary(LOOKED_THROUGH)).unwrap_or_default();
    let mut found: Vec<(f32, String)> = Vec::new();
    for text in [item.title.as_str(), &item.summary, body] {
        let folded = Folded::new(text);
        let tokens: Vec<_> = folded.tokens().collect();
        for two in tokens.windows(2) {
            let [(first, from, is_name), (second, to, is_name_too)] = two else { continue };
            let pair = mix(digest(first.as_bytes()), digest(second.as_bytes())).max(1);
            if *first == "." || *second == "." || !other.pairs.contains(pair) {
                continue;
            }
            let bonus = if *is_name && *is_name_too { NAME } else { 0.0 };
            let written = text.get(from.start..to.end).unwrap_or_default();
            if !found.iter().any(|(_, known)| known == written) {
                found.push((rarity.weight(pair) + bonus, written.to_owned()));
            }
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.into_iter().take(MOST).map(|(_, words)| words).collect()
}
