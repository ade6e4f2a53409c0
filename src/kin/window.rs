//! The sketches of the last days, to ask which of them are like one: a table for each band, of buckets with a fixed number of places.
//!
//! Nothing in it grows with how often a band is met: a bucket keeps the newest, so a formula that a thousand items share costs as much as one.
//! Nothing grows with time either: at its budget the oldest items give way, a part at a time.

use std::collections::VecDeque;

use chrono::TimeDelta;

use super::sketch::{BANDS, Sketch, VALUES};
use crate::schedule::Time;

/// The places of a bucket: half a cache line.
const PLACES: usize = 8;
/// Buckets are made for so many items each: one in seven overflows (Poisson), and an item stands in twenty.
const PER_BUCKET: usize = 6;
/// The smallest part is made for so many items, the largest for so many.
const PARTS: (usize, usize) = (4_096, 262_144);
/// What an item costs in a full part: its places, its signature, its number, its time. In bytes.
pub const BYTES_PER_ITEM: usize = BANDS * PLACES * 4 / PER_BUCKET + VALUES + 12;
/// So many of the values must agree at least.
const LEAST_AGREEING: usize = 7;
/// No more candidates than this are looked at for one item: the most alike.
const MOST_FOUND: usize = 24;

/// The sketches of a window of time, oldest part first.
#[derive(Debug, Clone)]
pub struct Window {
    parts: VecDeque<Part>,
    /// How many items there may be.
    most: usize,
}

/// Items that came one after the other.
#[derive(Debug, Clone)]
struct Part {
    /// For each band its buckets, one behind the other: the number of an entry, counted from 1, in 24 bits, and 8 bits of the band's hash.
    /// Nought is an empty place.
    bands: Vec<Vec<u32>>,
    entries: Vec<Entry>,
    room: usize,
}

/// An item in the window.
#[derive(Debug, Clone, Copy)]
struct Entry {
    item: [u8; 8],
    /// Minutes since 1970.
    at: u32,
    /// The low bytes of its sketch.
    signature: [u8; VALUES],
}

impl Window {
    /// One that takes at most so many bytes.
    pub fn with_budget(bytes: usize) -> Window {
        Window { parts: VecDeque::new(), most: (bytes / BYTES_PER_ITEM).max(2 * PARTS.0) }
    }

    /// How many items it holds.
    pub fn len(&self) -> usize {
        self.parts.iter().map(|part| part.entries.len()).sum()
    }

    /// The items that are like this and not further away than `distance`, most alike first, then newest.
    pub fn like(&self, sketch: &Sketch, at: Time, distance: TimeDelta) -> Vec<i64> {
        let (now, reach) = (minutes(at), u32::try_from(distance.num_minutes()).unwrap_or(u32::MAX));
        let signature = signature(sketch);
        let bands: Vec<u32> = sketch.bands().collect();
        let mut found: Vec<(usize, i64)> = Vec::new();
        for part in &self.parts {
            let near = part.meeting(&bands).into_iter().filter(|entry| entry.at.abs_diff(now) <= reach);
            found.extend(near.filter_map(|entry| {
                let agreeing = agreeing(&entry.signature, &signature);
                (agreeing >= LEAST_AGREEING).then(|| (agreeing, i64::from_le_bytes(entry.item)))
            }));
        }
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.truncate(MOST_FOUND);
        found.into_iter().map(|(_, item)| item).collect()
    }

    /// Puts an item in.
    pub fn insert(&mut self, item: i64, at: Time, sketch: &Sketch) {
        if self.parts.back().is_none_or(|part| part.entries.len() == part.room) {
            let room = (self.len() / 2).clamp(PARTS.0, PARTS.1.min(self.most / 2));
            while self.len() + room > self.most && self.parts.pop_front().is_some() {}
            self.parts.push_back(Part::with_room(room));
        }
        if let Some(part) = self.parts.back_mut() {
            part.insert(Entry { item: item.to_le_bytes(), at: minutes(at), signature: signature(sketch) }, sketch);
        }
    }
}

impl Part {
    fn with_room(room: usize) -> Part {
        let buckets = room.div_ceil(PER_BUCKET);
        Part { bands: vec![vec![0; buckets * PLACES]; BANDS], entries: Vec::with_capacity(room), room }
    }

    fn insert(&mut self, entry: Entry, sketch: &Sketch) {
        self.entries.push(entry);
        let number = u32::try_from(self.entries.len()).unwrap_or_default();
        for (table, hash) in self.bands.iter_mut().zip(sketch.bands()) {
            let from = first_place(hash, table.len());
            if let Some(bucket) = table.get_mut(from..from + PLACES) {
                // The newest stands first; behind a full bucket the oldest falls off.
                bucket.rotate_right(1);
                if let Some(first) = bucket.first_mut() {
                    *first = number << 8 | hash & 0xff;
                }
            }
        }
    }

    /// The entries that share a band.
    fn meeting(&self, bands: &[u32]) -> Vec<&Entry> {
        let mut numbers: Vec<u32> = Vec::new();
        for (table, &hash) in self.bands.iter().zip(bands) {
            let from = first_place(hash, table.len());
            let bucket = table.get(from..from + PLACES).unwrap_or_default();
            let meets = |place: &&u32| **place != 0 && (**place ^ hash) & 0xff == 0;
            numbers.extend(bucket.iter().filter(meets).map(|place| place >> 8));
        }
        numbers.sort_unstable();
        numbers.dedup();
        numbers.into_iter().filter_map(|number| self.entries.get((number as usize).checked_sub(1)?)).collect()
    }
}

/// Where the bucket of a hash begins. By its high bits; the low ones tell apart what stands in it.
fn first_place(hash: u32, places: usize) -> usize {
    let buckets = places / PLACES;
    let bucket = (u64::from(hash) * u64::try_from(buckets).unwrap_or_default()) >> 32;
    usize::try_from(bucket).unwrap_or_default() * PLACES
}

fn minutes(at: Time) -> u32 {
    u32::try_from(at.timestamp() / 60).unwrap_or_default()
}

fn signature(sketch: &Sketch) -> [u8; VALUES] {
    sketch.0.map(|value| value.to_le_bytes()[0])
}

fn agreeing(a: &[u8; VALUES], b: &[u8; VALUES]) -> usize {
    a.iter().zip(b).filter(|(a, b)| a == b).count()
}
