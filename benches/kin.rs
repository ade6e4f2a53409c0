//! What it costs to find the items that one may be a copy of, by how many there are: `cargo bench --bench kin`.
//!
//! The items are made up, from a vocabulary whose words are as unequally common as those of a language (Zipf). Every hundredth is asked for again
//! with a tenth of its words changed, as a paper changes a wire story. Times are of one thread; memory is what the process grew by.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark speaks and may fail"
)]

use std::fs;
use std::hint::black_box;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use dongtin::kin::{Memory, Portrait, Sketch};
use dongtin::model::Item;
use dongtin::text::Words;

/// The sizes of the window.
const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];
/// How many items are asked for at each size.
const ASKED: usize = 2_000;
/// For a million items.
const BUDGET: usize = 240 << 20;
/// Different words there are.
const VOCABULARY: f64 = 20_000.0;

/// Xorshift (Marsaglia 2003): the same numbers in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A word, the first of the vocabulary most often.
    fn word(&mut self) -> u64 {
        let unit = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        VOCABULARY.powf(unit) as u64
    }
}

/// An item with this number: 12 words of headline, 40 of teaser, and of an article where asked for; a share of the words changed.
fn item(number: usize, article: usize, changed: u64) -> Item {
    let mut words = Random(0x9e37_79b9 ^ (number as u64 + 1).wrapping_mul(0x2545_f491_4f6c_dd1d));
    let mut changes = Random(number as u64 * 31 + 7);
    let mut text = |count: usize| {
        let mut text = String::new();
        for at in 0..count {
            let word = words.word();
            let word = if changed > 0 && changes.next() % 100 < changed { word + 7 } else { word };
            text.push_str(&spelled(word));
            text.push(if at % 15 == 14 { '.' } else { ' ' });
        }
        text
    };
    Item { title: text(12), summary: text(40), body: text(article), ..Item::default() }
}

/// A syllable for a number.
fn spelled(word: u64) -> String {
    const ONSETS: [&str; 20] =
        ["b", "c", "ch", "d", "đ", "g", "h", "kh", "l", "m", "n", "ng", "nh", "ph", "qu", "s", "t", "th", "tr", "v"];
    const RHYMES: [&str; 20] = [
        "a", "ai", "an", "ang", "ao", "ay", "ân", "âu", "e", "em", "ên", "i", "inh", "o", "oi", "ong", "ô", "ơi", "u",
        "ưng",
    ];
    let pick = |list: [&'static str; 20], at: u64| list[(at % 20) as usize];
    format!(
        "{}{}{}",
        pick(ONSETS, word),
        pick(RHYMES, word / 20),
        if word >= 400 { spelled(word / 400) } else { String::new() }
    )
}

fn portrait(item: &Item) -> Portrait {
    Portrait::of(item, &Words::of(&item.title, &item.summary, &item.body))
}

fn resident_bytes() -> usize {
    let statm = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or_default() * 4_096
}

fn per_item(times: Duration, count: usize) -> f64 {
    times.as_secs_f64() * 1e6 / count as f64
}

fn main() {
    let start: DateTime<Utc> = DateTime::from_timestamp(1_795_000_000, 0).unwrap_or_default();
    // A million items in six days: all of them are in the window.
    let at = |number: usize| start + TimeDelta::milliseconds(number as i64 * 518);
    println!(
        "items in window   sketch   look-up   teaser µs   sketch   look-up   article µs   copies found   candidates   bytes an item"
    );
    for size in SIZES {
        let mut memory = Memory::with_budget(BUDGET);
        let before = resident_bytes();
        for number in 0..size {
            let portrait = portrait(&item(number, 0, 0));
            if let Some(sketch) = memory.sketch(&portrait) {
                memory.insert(number as i64, at(number), &sketch);
            }
            // What is common is learned from the first; to count a million would say the same.
            if number < 20_000 {
                memory.learn(&portrait);
            }
        }
        let bytes = (resident_bytes() - before) / size;
        let ask = |article: usize| {
            let (mut painting, mut sketching, mut looking) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
            let (mut found, mut candidates) = (0, 0);
            for asked in 0..ASKED {
                let number = asked * (size / ASKED);
                let item = item(number, article, 10);
                let words = Words::of(&item.title, &item.summary, &item.body);
                let began = Instant::now();
                let portrait = black_box(Portrait::of(black_box(&item), &words));
                painting += began.elapsed();
                let began = Instant::now();
                let sketch: Option<Sketch> = black_box(memory.sketch(black_box(&portrait)));
                sketching += began.elapsed();
                let began = Instant::now();
                let like = sketch.map(|sketch| memory.like(&sketch, at(size))).unwrap_or_default();
                looking += began.elapsed();
                candidates += like.len();
                found += usize::from(like.contains(&(number as i64)));
            }
            ([painting, sketching, looking].map(|time| per_item(time, ASKED)), found, candidates)
        };
        let (teaser, found, candidates) = ask(0);
        let (article, ..) = ask(500);
        let row = |times: [f64; 3]| {
            format!("{:7.1} {:7.1} {:7.1} {:8.1}", times[0], times[1], times[2], times.iter().sum::<f64>())
        };
        println!(
            "{size:15} {}   {} {:12.1} % {:12.2} {bytes:15}",
            row(teaser),
            row(article),
            100.0 * found as f64 / ASKED as f64,
            candidates as f64 / ASKED as f64,
        );
    }
}
