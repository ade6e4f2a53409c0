//! A short stand-in for an item, by which others that are like it are found among a million: MinHash (Broder 1997), in bands (Leskovec et
//! al., Mining of Massive Datasets, section 3.4).
//!
//! Only pairs of words that are not in everything are sketched. Otherwise unrelated items would meet by the thousand in "theo thông tin từ".

use super::portrait::Portrait;
use super::rarity::Rarity;
use super::set::Set;
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
        least(whole, &portrait.pairs, rarity, 0);
        least(opening, &portrait.opening(), rarity, WHOLE);
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

/// The least of each value's permutation over the pairs that are not common.
fn least(values: &mut [u32], pairs: &Set, rarity: &Rarity, from: usize) {
    for pair in pairs.iter().filter(|&pair| !rarity.is_common(pair)) {
        for (value, permutation) in values.iter_mut().zip(PERMUTATIONS.get(from..).unwrap_or_default()) {
            *value = (*value).min((pair ^ permutation.0).wrapping_mul(permutation.1));
        }
    }
}

/// Permutations of the numbers of 32 bits: a mask and an odd factor each.
static PERMUTATIONS: [(u32, u32); VALUES] = permutations();

const fn permutations() -> [(u32, u32); VALUES] {
    let mut all = [(0, 1); VALUES];
    // SplitMix64 (Steele, Lea and Flood 2014).
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut at = 0;
    while at < VALUES {
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        let [a, b, c, d, e, f, g, h] = z.to_le_bytes();
        all[at] = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]) | 1);
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        at += 1;
    }
    all
}
