//! How fast topics are decided, on one core, in one interleaved run.
//!
//! `cargo bench --bench topics [-- FILE]`: the texts are those of FILE (JSON Lines with title, summary, body), or made up. From their most frequent pairs
//! of words 2,000 phrases are made, which gives tens of thousands of hits a megabyte. They are searched for in folded texts
//!
//! - by `Rules::verdicts`, as a poll does, in 50 topics, in 10 and in 1
//! - by `Rules::decide` in 50 topics, which also tells why most of them were named in passing
//! - by aho-corasick alone
//!
//! One line of JSON: megabytes of folded text a second.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark speaks and may fail"
)]

use std::collections::HashMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use aho_corasick::{AhoCorasick, MatchKind};
use dongtin::classify::{Evidence, Rules};
use dongtin::model::{Field, Phrase, Rule, Topic};
use dongtin::text::Words;

const ROUNDS: usize = 11;
const TOPICS: usize = 50;
const PHRASES: usize = 2_000;

/// Title, teaser, body.
type Item = [String; 3];

fn main() {
    let file = std::env::args().skip(1).find(|a| !a.starts_with("--"));
    let items: Vec<Item> = file.map_or_else(made_up, |file| read(&file));
    let words: Vec<Words> = items.iter().map(|[title, teaser, body]| Words::of(title, teaser, body)).collect();
    let bytes: usize =
        words.iter().map(|w| w.title.as_str().len() + w.teaser.as_str().len() + w.body.as_str().len()).sum();
    let phrases = frequent_pairs(&items);
    let all = rules(&phrases, TOPICS);
    let (one, ten) = (rules(&phrases, 1), rules(&phrases, 10));
    let patterns: Vec<String> = phrases.iter().map(|p| format!(" {} ", dongtin::text::key(p))).collect();
    let limit = AhoCorasick::builder().match_kind(MatchKind::Standard).build(&patterns).unwrap();

    let each = |decide: &dyn Fn(&Evidence<'_>) -> usize| {
        for ([title, teaser, body], words) in items.iter().zip(&words) {
            black_box(decide(&Evidence { title, teaser, body, words: Some(words), ..Evidence::default() }));
        }
    };
    let decide = |rules: &Rules| each(&|evidence| rules.verdicts(evidence).len());
    let mut hits = 0;
    let mut times: [Vec<Duration>; 5] = Default::default();
    for _ in 0..ROUNDS {
        times[0].push(time(|| decide(&all)));
        times[1].push(time(|| {
            hits = words
                .iter()
                .map(|w| {
                    [&w.title, &w.teaser, &w.body]
                        .map(|f| limit.find_overlapping_iter(f.as_str()).count())
                        .iter()
                        .sum::<usize>()
                })
                .sum();
        }));
        times[2].push(time(|| decide(&one)));
        times[3].push(time(|| decide(&ten)));
        times[4].push(time(|| each(&|evidence| all.decide(evidence).len())));
    }
    let speed = times.map(|mut times| {
        times.sort();
        bytes as f64 / 1e6 / times[ROUNDS / 2].as_secs_f64()
    });
    println!(
        "{{\"items\":{},\"bytes\":{bytes},\"phrases\":{PHRASES},\"topics\":{TOPICS},\"hits_per_mb\":{:.0},\"verdicts_mb_per_s\":{:.0},\"aho_corasick_mb_per_s\":{:.0},\"one_topic_mb_per_s\":{:.0},\"ten_topics_mb_per_s\":{:.0},\"decide_mb_per_s\":{:.0}}}",
        items.len(),
        hits as f64 / (bytes as f64 / 1e6),
        speed[0],
        speed[1],
        speed[2],
        speed[3],
        speed[4],
    );
}

/// All phrases, in so many topics.
fn rules(phrases: &[String], topics: usize) -> Rules {
    let topic = |(index, phrases): (usize, &[String])| Topic {
        was: Vec::new(),
        id: format!("topic-{index}"),
        name: String::new(),
        name_en: String::new(),
        description: String::new(),
        threshold: 10.0,
        hide: Vec::new(),
        rules: vec![Rule {
            name: "r".into(),
            weight: 1.0,
            phrases: phrases.iter().map(|p| Phrase::plain(p)).collect(),
            all: Vec::new(),
            none: Vec::new(),
            within: 8,
            proper: false,
            fields: Field::TEXT.to_vec(),
        }],
        limit: 100,
    };
    Rules::compile(phrases.chunks(PHRASES / topics).enumerate().map(topic).collect()).unwrap()
}

/// Pairs of neighbouring words: every third of the most frequent.
fn frequent_pairs(items: &[Item]) -> Vec<String> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for text in items.iter().flatten() {
        let lower = text.to_lowercase();
        let words: Vec<&str> = lower.split_whitespace().filter(|w| w.chars().all(char::is_alphabetic)).collect();
        for pair in words.windows(2) {
            *counts.entry(pair.join(" ")).or_default() += 1;
        }
    }
    let mut pairs: Vec<(usize, String)> = counts.into_iter().map(|(pair, count)| (count, pair)).collect();
    pairs.sort_by(|a, b| b.cmp(a));
    pairs.into_iter().step_by(3).map(|(_, pair)| pair).take(PHRASES).collect()
}

fn read(file: &str) -> Vec<Item> {
    let text = std::fs::read_to_string(file).unwrap();
    let item = |line| {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        ["title", "summary", "body"].map(|key| value[key].as_str().unwrap_or_default().to_owned())
    };
    text.lines().map(item).collect()
}

/// Articles of words as often as in the language: the n-th word stands there 1/n times as often as the first.
fn made_up() -> Vec<Item> {
    const FIRST: [&str; 12] = ["h", "t", "ch", "ph", "ng", "b", "đ", "l", "m", "n", "kh", "tr"];
    const VOWELS: [&str; 14] = ["ọ", "ậ", "à", "ế", "ữ", "ì", "ả", "ồ", "á", "ơ", "ư", "ề", "ạ", "ô"];
    const LAST: [&str; 5] = ["c", "n", "ng", "", "m"];
    let words: Vec<String> = FIRST
        .iter()
        .flat_map(|f| VOWELS.iter().flat_map(move |v| LAST.iter().map(move |l| format!("{f}{v}{l}"))))
        .collect();
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut text = |count: usize| {
        let picks = (0..count).map(|_| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a short list")]
            let place = (words.len() as f64).powf(next()) as usize - 1;
            words[place.min(words.len() - 1)].as_str()
        });
        picks.collect::<Vec<_>>().join(" ")
    };
    (0..3_000).map(|_| [text(12), text(40), text(700)]).collect()
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}
