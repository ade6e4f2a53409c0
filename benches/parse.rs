//! How fast feeds are parsed, beside feed-rs alone, on one core, in one interleaved run.
//!
//! `cargo bench --bench parse -- FOLDER …` takes every file under the folders that feed-rs accepts (the healthy corpus), reads each
//! many times with both, and prints one line of JSON: megabytes a second of each and their ratio.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark speaks and may fail"
)]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dongtin::parse::{self, Context};

const ROUNDS: usize = 15;

fn main() {
    let mut files = Vec::new();
    for folder in std::env::args().skip(1).filter(|a| !a.starts_with("--")) {
        collect(Path::new(&folder), &mut files);
    }
    files.sort();
    let documents: Vec<Vec<u8>> =
        files.iter().filter_map(|f| std::fs::read(f).ok()).filter(|d| feed_rs::parser::parse(&**d).is_ok()).collect();
    let bytes: usize = documents.iter().map(Vec::len).sum();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(time(|| {
            for document in &documents {
                black_box(parse::feed(document, &Context::default()).is_ok());
            }
        }));
        theirs.push(time(|| {
            for document in &documents {
                black_box(feed_rs::parser::parse(&**document).is_ok());
            }
        }));
    }
    #[expect(clippy::cast_precision_loss, reason = "a few hundred megabytes")]
    let speed = |mut times: Vec<Duration>| {
        times.sort();
        bytes as f64 / 1e6 / times[ROUNDS / 2].as_secs_f64()
    };
    let (ours, theirs) = (speed(ours), speed(theirs));
    println!(
        "{{\"documents\":{},\"bytes\":{bytes},\"mb_per_s\":{ours:.0},\"feed_rs_mb_per_s\":{theirs:.0},\"ratio\":{:.2}}}",
        documents.len(),
        ours / theirs
    );
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}
