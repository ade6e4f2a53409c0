//! A short stand-in for an item, by which others that are like it are found among a million: min-wise hashing (Broder 1997), in bands (Leskovec et
//! al., Mining of Massive Datasets, section 3.4).
//!
//! Only pairs of words that are not in everything are sketched. Otherwise unrelated items would meet by the thousand in "theo thông tin từ".

use std::sync::LazyLock;

use super::portrait::Portrait;
use super::rarity::Rarity;
use super::term::spread;

/// The values of the whole item.
const WHOLE: usize = 24;
/// The values of headline and opening, which a teaser shares with the article that it stands over.
const OPENING: usize = 16;
/// All of them.
pub const VALUES: usize = WHOLE + OPENING;
/// How many values in a row make a band: two items meet where they agree in all of one.
pub const ROWS: usize = 2;
/// How many bands there are.
pub const BANDS: usize = VALUES / ROWS;

/// A sketch: as many of its values agree as the items' pairs do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sketch(pub [u16; VALUES]);

impl Sketch {
    /// Of an item; nothing where it has too little to be recognised by.
    pub fn of(portrait: &Portrait, rarity: &Rarity) -> Option<Sketch> {
        let mut values = [u32::MAX; VALUES];
        let (whole, opening) = values.split_at_mut(WHOLE);
        let (permute_whole, permute_opening) = PERMUTATIONS.split_at(WHOLE);
        least(whole, permute_whole, portrait.pairs.iter(), rarity);
        least(opening, permute_opening, portrait.opening(), rarity);
        let is_empty = values.contains(&u32::MAX);
        // The low bits of a least value are as random as any; the high ones are nought.
        let value = |value: u32| u16::try_from(value & 0xffff).unwrap_or_default();
        (!is_empty).then(|| Sketch(values.map(value)))
    }

    /// As it is stored: two bytes a value.
    pub fn to_bytes(self) -> Vec<u8> {
        self.0.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    /// From what was stored; nothing where that was made by another version.
    pub fn from_bytes(bytes: &[u8]) -> Option<Sketch> {
        let mut values = [0; VALUES];
        let (pairs, []) = bytes.as_chunks::<2>() else { return None };
        (pairs.len() == VALUES).then(|| {
            values.iter_mut().zip(pairs).for_each(|(value, bytes)| *value = u16::from_le_bytes(*bytes));
            Sketch(values)
        })
    }

    /// For each band, what two sketches must share to meet there.
    pub fn bands(&self) -> impl Iterator<Item = u32> {
        let rows = self.0.chunks_exact(ROWS);
        (1_u32..)
            .zip(rows)
            .map(|(band, rows)| rows.iter().fold(band, |hash, &row| spread(hash ^ u32::from(row)).rotate_left(5)))
    }
}

/// The least of each permutation over the pairs that are not common.
fn least(values: &mut [u32], permutations: &[(u32, u32)], pairs: impl Iterator<Item = u32>, rarity: &Rarity) {
    let rare: Vec<u32> = pairs.filter(|&pair| !rarity.is_common(pair)).collect();
    for (value, &(mask, factor)) in values.iter_mut().zip(permutations) {
        *value = rare.iter().fold(*value, |least, &pair| least.min((pair ^ mask).wrapping_mul(factor)));
    }
}

/// Permutations of the numbers of 32 bits: a mask and an odd factor each.
static PERMUTATIONS: LazyLock<[(u32, u32); VALUES]> = LazyLock::new(|| {
    // SplitMix64 (Steele, Lea and Flood 2014). What is stored was made with these.
    let mut state = 0_u64;
    [(); VALUES].map(|()| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let [a, b, c, d, e, f, g, h] = mixed.to_le_bytes();
        (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]) | 1)
    })
});
