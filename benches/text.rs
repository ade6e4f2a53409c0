//! How fast texts are folded, beside what a plain pass over them costs, on one core, in one interleaved run.
//!
//! `cargo bench --bench text` folds headlines, teasers and articles of Vietnamese syllables drawn by a fixed rule; `cargo bench --bench text --
//! FILE …` the `title`, `summary` and `body` of files of JSON Lines. Each text is folded by itself, as the daemon does it. One line of JSON for
//! each: megabytes of UTF-8 a second, best and median, of the fold, of `str::to_lowercase` and of a search for one byte, and the ratios of
//! the medians.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark speaks and may fail"
)]

use std::hint::black_box;
use std::time::Instant;

use dongtin::text::Folded;

const ROUNDS: usize = 15;

fn main() {
    let files: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    if files.is_empty() {
        measure("generated", &generated());
    }
    for file in files {
        measure(&file, &texts_of(&file));
    }
}

fn measure(name: &str, texts: &[String]) {
    let bytes: usize = texts.iter().map(String::len).sum();
    let works: [fn(&str); 3] = [
        |text| drop(black_box(Folded::new(text))),
        |text| drop(black_box(text.to_lowercase())),
        |text| _ = black_box(memchr::memchr_iter(b'\n', text.as_bytes()).count()),
    ];
    let mut speeds = works.map(|_| Vec::new());
    for _ in 0..ROUNDS {
        for (work, speeds) in works.iter().zip(&mut speeds) {
            let start = Instant::now();
            texts.iter().for_each(|text| work(black_box(text)));
            #[expect(clippy::cast_precision_loss, reason = "a few hundred megabytes")]
            speeds.push(bytes as f64 / 1e6 / start.elapsed().as_secs_f64());
        }
    }
    let [fold, lower, search] = speeds.map(|mut speeds| {
        speeds.sort_by(f64::total_cmp);
        (speeds[ROUNDS - 1], speeds[ROUNDS / 2])
    });
    println!(
        "{{\"texts\":\"{name}\",\"count\":{},\"bytes\":{bytes},\"fold\":[{:.0},{:.0}],\"to_lowercase\":[{:.0},{:.0}],\"memchr\":[{:.0},{:.0}],\
         \"fold_to_lowercase\":{:.2},\"fold_to_memchr\":{:.3}}}",
        texts.len(),
        fold.0,
        fold.1,
        lower.0,
        lower.1,
        search.0,
        search.1,
        fold.1 / lower.1,
        fold.1 / search.1,
    );
}

fn texts_of(file: &str) -> Vec<String> {
    let lines = std::fs::read_to_string(file).unwrap();
    let items = lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let text =
        |item: &serde_json::Value, field| item[field].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    items.flat_map(|item| ["title", "summary", "body"].map(|field| text(&item, field))).flatten().collect()
}

/// Ten megabytes of items: a headline, a teaser, and for one in three an article.
fn generated() -> Vec<String> {
    let mut draw = Draw(0x2545_f491_4f6c_dd1d);
    let mut texts = Vec::new();
    let mut bytes = 0;
    while bytes < 10_000_000 {
        for words in [14, 45, if draw.below(3) == 0 { 700 } else { 0 }] {
            let text = draw.text(words);
            bytes += text.len();
            texts.push(text);
        }
    }
    texts.retain(|text| !text.is_empty());
    texts
}

const INITIALS: [&str; 24] = [
    "", "b", "c", "ch", "d", "đ", "g", "h", "kh", "l", "m", "n", "ng", "nh", "ph", "qu", "r", "s", "t", "th", "tr",
    "v", "x", "gi",
];

/// Rimes in their six tones.
const RIMES: [[&str; 6]; 16] = [
    ["a", "à", "á", "ả", "ã", "ạ"],
    ["anh", "ành", "ánh", "ảnh", "ãnh", "ạnh"],
    ["ăm", "ằm", "ắm", "ẳm", "ẵm", "ặm"],
    ["ân", "ần", "ấn", "ẩn", "ẫn", "ận"],
    ["ao", "ào", "áo", "ảo", "ão", "ạo"],
    ["en", "èn", "én", "ẻn", "ẽn", "ẹn"],
    ["iên", "iền", "iến", "iển", "iễn", "iện"],
    ["inh", "ình", "ính", "ỉnh", "ĩnh", "ịnh"],
    ["oa", "oà", "oá", "oả", "oã", "oạ"],
    ["ong", "òng", "óng", "ỏng", "õng", "ọng"],
    ["ôi", "ồi", "ối", "ổi", "ỗi", "ội"],
    ["ơ", "ờ", "ớ", "ở", "ỡ", "ợ"],
    ["ung", "ùng", "úng", "ủng", "ũng", "ụng"],
    ["ương", "ường", "ướng", "ưởng", "ưỡng", "ượng"],
    ["uy", "uỳ", "uý", "uỷ", "uỹ", "uỵ"],
    ["y", "ỳ", "ý", "ỷ", "ỹ", "ỵ"],
];

/// Numbers that look drawn (xorshift, Marsaglia 2003) and are the same every time.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn text(&mut self, words: usize) -> String {
        let mut text = String::new();
        let mut begins = true;
        for _ in 0..words {
            // About a third of the words of a text have no tone.
            let tone = self.below(9).saturating_sub(3);
            let word = format!("{}{}", INITIALS[self.below(24)], RIMES[self.below(16)][tone]);
            let mut letters = word.chars();
            if begins || self.below(8) == 0 {
                text.extend(letters.next().into_iter().flat_map(char::to_uppercase));
            }
            text.extend(letters);
            let behind = [", ", ". ", " - ", ": "].get(self.below(40)).copied().unwrap_or(" ");
            begins = behind == ". ";
            text.push_str(behind);
        }
        text.truncate(text.trim_end().len());
        text
    }
}
