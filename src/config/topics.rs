//! `topics/*.toml`: one topic a file.

use std::ops::Range;

use super::mistake::Report;
use super::reader::{At, Fields};
use super::sources::is_slug;
use crate::model::{Field, Rule, Topic};
use crate::text;

/// First parts of our own addresses: a topic of that name could not be reached.
const RESERVED: [&str; 8] = ["all", "archive", "assets", "search", "sources", "story", "robots", "sitemap"];

/// A topic and where its id stands.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The topic.
    pub topic: Topic,
    /// The file.
    pub file: String,
    /// Where its id stands.
    pub id_at: At<()>,
}

/// Reads one file.
pub fn read(root: &Fields<'_>, file: &str, report: &Report<'_>) -> Option<Listed> {
    let id = root.required("id").filter(|text| is_slug(text, report) && is_free(text, report));
    let name = root.required("name");
    let name_en = root.text("name_en");
    let description = root.text("description");
    let threshold = root.number("threshold", 0.1..1000.0).unwrap_or(10.0);
    let limit = root.count("limit", 10..1000).unwrap_or(100);
    let hide = phrases(root, "hide", report);
    let rules: Vec<Rule> =
        root.tables("rule", "[[rule]]").into_iter().filter_map(|fields| read_rule(fields, report)).collect();
    // A rule that could not be read may be the one.
    if report.is_clean() && rules.iter().all(|r| r.weight <= 0.0) {
        report.mistake(
            &root.span_of("rule"),
            "Chủ đề không có [[rule]] nào có \"weight\" dương nên không tin nào khớp được.",
            "No [[rule]] of this topic has a positive \"weight\", so nothing can ever match.",
        );
    }
    // Each rule once in the headline, where it counts double: no article says more in so few words.
    let most: f64 = rules.iter().map(|r| r.weight.max(0.0) * 2.0).sum();
    if report.is_clean() && threshold > most {
        report.warning(
            &root.span_of("threshold"),
            format!("\"threshold\" quá cao: tiêu đề có đủ mọi [[rule]] cũng chỉ được {most} điểm."),
            format!("\"threshold\" is too high: even a headline with every [[rule]] scores only {most}."),
        );
    }
    let (id, name) = (id?, name?);
    let topic = Topic {
        id: id.value.to_owned(),
        name: name.value.to_owned(),
        name_en: name_en.map_or(name.value, |n| n.value).to_owned(),
        description: description.map_or("", |d| d.value).to_owned(),
        threshold,
        hide,
        rules,
        limit,
    };
    Some(Listed { topic, file: file.to_owned(), id_at: At { value: (), span: id.span } })
}

fn read_rule(fields: Fields<'_>, report: &Report<'_>) -> Option<Rule> {
    let name = fields.required("name");
    let weight = fields.number("weight", -1000.0..1000.0);
    if !fields.has("weight") {
        report.mistake(
            &fields.span(),
            "[[rule]] thiếu \"weight\": điểm cộng khi gặp một trong các cụm từ (điểm âm để trừ).",
            "[[rule]] lacks \"weight\": what one of its phrases adds to the score (negative to subtract).",
        );
    }
    let phrases = phrases(&fields, "phrases", report);
    if phrases.is_empty() {
        report.mistake(
            &fields.span(),
            "[[rule]] phải có ít nhất một cụm từ trong \"phrases\".",
            "[[rule]] needs at least one phrase in \"phrases\".",
        );
    }
    let proper = fields.boolean("proper").unwrap_or(false);
    let known: Vec<&str> = Field::TEXT.iter().map(|f| f.as_str()).collect();
    let mut in_fields = Vec::new();
    for text in fields.texts("in") {
        match Field::parse(text.value).filter(|f| Field::TEXT.contains(f)) {
            Some(field) => in_fields.push(field),
            None => fields.unknown_word("in", &text, &known),
        }
    }
    if in_fields.is_empty() {
        in_fields = Field::TEXT.to_vec();
    }
    fields.finish();
    Some(Rule { name: name?.value.to_owned(), weight: weight?, phrases, proper, fields: in_fields })
}

fn phrases(fields: &Fields<'_>, key: &'static str, report: &Report<'_>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    let mut phrases = Vec::new();
    for text in fields.texts(key) {
        let folded = text::key(text.value);
        if folded.is_empty() {
            report.mistake(&text.span, "Cụm từ phải có ít nhất một chữ.", "A phrase needs at least one letter.");
        } else if seen.contains(&folded) {
            report.warning(
                &text.span,
                format!("Cụm từ \"{}\" đã có ở trên (viết khác nhưng với máy là một).", text.value),
                format!("The phrase \"{}\" stands above already (in a spelling that reads the same).", text.value),
            );
        } else {
            if lacks_its_marks(text.value) {
                report.warning(
                    &text.span,
                    format!(
                        "Cụm từ \"{}\" không có dấu nên không khớp với bài viết có dấu. Hãy viết đủ dấu.",
                        text.value
                    ),
                    format!(
                        "The phrase \"{}\" has no marks, so it matches no text that has them. Write it with its marks.",
                        text.value
                    ),
                );
            }
            seen.push(folded);
            phrases.push(text.value.to_owned());
        }
    }
    phrases
}

/// Whether a phrase looks like Vietnamese typed without its marks. "an ninh" and "thanh tra" have none by right, but not
/// three such words in a row, nor "hoc": what ends in a stop always has a tone, and *ie*, *uo*, *uye* always a hat or horn.
fn lacks_its_marks(phrase: &str) -> bool {
    let words: Vec<&str> = phrase.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let never_plain = |word: &str| {
        let word = word.to_ascii_lowercase();
        word.ends_with(['c', 'p', 't']) || word.ends_with("ch") || ["ie", "uo", "ye"].iter().any(|v| word.contains(v))
    };
    words.len() > 1
        && words.iter().all(|word| is_plain_syllable(word))
        && (words.len() > 2 || words.iter().any(|word| never_plain(word)))
}

/// Whether a word has the shape of a Vietnamese syllable, in ASCII letters alone.
fn is_plain_syllable(word: &str) -> bool {
    const FIRST: [&str; 28] = [
        "", "b", "c", "ch", "d", "g", "gh", "gi", "h", "k", "kh", "l", "m", "n", "ng", "ngh", "nh", "p", "ph", "qu",
        "r", "s", "t", "th", "tr", "v", "x", "q",
    ];
    const LAST: [&str; 9] = ["", "c", "ch", "m", "n", "ng", "nh", "p", "t"];
    // Abbreviations are in capitals.
    if word.chars().skip(1).any(|c| c.is_ascii_uppercase()) {
        return false;
    }
    let word = word.to_ascii_lowercase();
    let is_vowel = |c: char| "aeiouy".contains(c);
    let (Some(start), Some(end)) = (word.find(is_vowel), word.rfind(is_vowel)) else { return false };
    let part = |range: Range<usize>| word.get(range).unwrap_or_default();
    let vowels = part(start..end + 1);
    FIRST.contains(&part(0..start))
        && LAST.contains(&part(end + 1..word.len()))
        && vowels.len() <= 3
        && vowels.chars().all(is_vowel)
}

fn is_free(text: &At<&str>, report: &Report<'_>) -> bool {
    let free = !RESERVED.contains(&text.value);
    if !free {
        report.mistake(
            &text.span,
            format!("\"{}\" là địa chỉ riêng của chương trình, hãy chọn id khác cho chủ đề.", text.value),
            format!("\"{}\" is one of our own addresses; choose another id for the topic.", text.value),
        );
    }
    free
}
