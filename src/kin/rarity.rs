//! How rare a word pair is in what came lately: what every report says ("học tập và làm theo tư tưởng", "theo thông tin từ") shows nothing.

use super::formulas::FORMULAS;
use super::set::Set;
use super::term::Terms;
use crate::text::Folded;

/// Counters; a pair has one of them, and shares it with others. 2 bytes each.
const COUNTERS: usize = 1 << 20;
/// After so many items every count is halved: what was said a long time ago is rare again.
const HORIZON: u32 = 100_000;
/// Fewer items say nothing about what is rare, and count as so many.
const LEAST: u32 = 2_000;
/// What stands in every so many-th item weighs nothing.
const COMMON: u32 = 20;
/// What stands in every so many-th finds nothing.
const TOO_COMMON: u32 = 200;

/// What a pair of a formula counts from the beginning: twice what weighs nothing, for it may be halved.
const FORMULA: u16 = 200;

/// In how many items each pair stands.
#[derive(Debug, Clone)]
pub struct Rarity {
    counts: Vec<u16>,
    items: u32,
    /// The logarithm that weighs nothing.
    common: f32,
}

impl Default for Rarity {
    fn default() -> Rarity {
        let mut rarity = Rarity { counts: vec![0; COUNTERS], items: 0, common: 0.0 };
        rarity.common = rarity.share(COMMON).ln_1p();
        for formula in FORMULAS {
            let mut terms = Terms::default();
            terms.extend(formula, &Folded::new(formula), usize::MAX);
            for pair in Set::of_pairs(&[&terms.words]).iter() {
                if let Some(count) = rarity.counts.get_mut(slot(pair)) {
                    *count = FORMULA;
                }
            }
        }
        rarity
    }
}

impl Rarity {
    /// Counts an item.
    pub fn learn(&mut self, pairs: &Set) {
        for pair in pairs.iter() {
            if let Some(count) = self.counts.get_mut(slot(pair)) {
                *count = count.saturating_add(1);
            }
        }
        self.items += 1;
        if self.items >= HORIZON {
            self.items /= 2;
            self.counts.iter_mut().for_each(|count| *count /= 2);
        }
        self.common = self.share(COMMON).ln_1p();
    }

    /// What a pair that two items share is worth: 1 where no other has it, 0 where one of twenty has.
    pub fn weight(&self, pair: u32) -> f32 {
        match self.count(pair) {
            0 => 1.0,
            count => (1.0 - f32::from(count).ln_1p() / self.common).max(0.0),
        }
    }

    /// Whether so many items have a pair that it is no way to find any of them.
    pub fn is_common(&self, pair: u32) -> bool {
        f32::from(self.count(pair)) > self.share(TOO_COMMON)
    }

    fn count(&self, pair: u32) -> u16 {
        self.counts.get(slot(pair)).copied().unwrap_or_default()
    }

    /// How many items are one of so many.
    fn share(&self, of: u32) -> f32 {
        f32::from(u16::try_from(self.items.max(LEAST) / of).unwrap_or(u16::MAX))
    }
}

fn slot(pair: u32) -> usize {
    // The low bits find the slot in a set of pairs; the high ones here.
    (pair >> 12) as usize & (COUNTERS - 1)
}
