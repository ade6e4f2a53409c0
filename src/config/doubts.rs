//! What is allowed in a topic and cannot be meant: rules that can never speak, thresholds that nothing reaches.

use std::ops::Range;

use super::mistake::Report;
use super::reader::Fields;
use crate::classify::Rules;
use crate::model::{Field, Phrase, Rule, Topic};
use crate::text;

/// Reports it; `spans` are where the rules stand.
pub fn report(topic: &Topic, root: &Fields<'_>, spans: &[Range<usize>], report: &Report<'_>) {
    if topic.rules.iter().all(|r| r.weight <= 0.0) {
        report.mistake(
            &root.span_of("rule"),
            "Chủ đề không có [[rule]] nào có \"weight\" dương nên không tin nào khớp được.",
            "No [[rule]] of this topic has a positive \"weight\", so nothing can ever match.",
        );
    }
    // Each rule once in the headline, where it counts double: no article says more in so few words.
    let most: f64 = topic.rules.iter().map(|r| r.weight.max(0.0) * 2.0).sum();
    if topic.threshold > most {
        report.warning(
            &root.span_of("threshold"),
            format!("\"threshold\" quá cao: tiêu đề có đủ mọi [[rule]] cũng chỉ được {most} điểm."),
            format!("\"threshold\" is too high: even a headline with every [[rule]] scores only {most}."),
        );
    }
    for (index, (rule, span)) in topic.rules.iter().zip(spans).enumerate() {
        if let Some((vi, en)) = never_speaks(topic, index, rule) {
            report.warning(span, vi, en);
        }
        if rule.proper && !rule.phrases.iter().flat_map(|p| p.parts.concat()).any(|w| w.chars().any(char::is_uppercase))
        {
            report.warning(
                span,
                format!("[[rule]] \"{}\" có proper = true nhưng không cụm từ nào viết hoa.", rule.name),
                format!("[[rule]] \"{}\" says proper = true, but none of its phrases has a capital letter.", rule.name),
            );
        }
        if rule.weight == 0.0 {
            report.warning(
                span,
                format!("[[rule]] \"{}\" có weight = 0 nên không cộng, không trừ gì.", rule.name),
                format!("[[rule]] \"{}\" has weight = 0: it adds and takes nothing.", rule.name),
            );
        }
    }
}

/// Why a rule can never speak: what it looks for is always hidden, or stands only where the rule is silent.
fn never_speaks(topic: &Topic, index: usize, rule: &Rule) -> Option<(String, String)> {
    let phrases: Vec<&Phrase> = rule.phrases.iter().collect();
    let bars: Vec<String> = rule.none.iter().flat_map(|p| p.parts.concat()).map(|w| padded(&w)).collect();
    let is_barred = |phrase: &&Phrase| {
        let mut parts = phrase.parts.iter();
        parts.any(|part| part.iter().all(|w| bars.iter().any(|bar| padded(w).contains(bar.as_str()))))
    };
    if phrases.iter().all(is_barred) {
        return Some((
            format!("[[rule]] \"{}\" không bao giờ khớp: \"none\" chặn chính các cụm từ của nó.", rule.name),
            format!("[[rule]] \"{}\" can never match: its \"none\" bars its own phrases.", rule.name),
        ));
    }
    // The engine is asked, so that this never tells another story: would the rule alone speak in a text that is nothing but one of its wordings?
    let alone = Rule { all: Vec::new(), none: Vec::new(), weight: 1.0, fields: vec![Field::Title], ..rule.clone() };
    let hidden = Topic { rules: vec![alone], ..topic.clone() };
    let rules = Rules::compile(vec![hidden]).ok()?;
    let speaks = |phrase: &&Phrase| {
        let first = |part: &Vec<String>| part.first().cloned().unwrap_or_default();
        let wordings: Vec<String> = match phrase.parts.as_slice() {
            [part] => part.clone(),
            parts => vec![parts.iter().map(first).collect::<Vec<_>>().join(" ")],
        };
        wordings.iter().any(|title| rules.speaks_in(title))
    };
    let _ = index;
    if phrases.iter().any(speaks) {
        return None;
    }
    Some((
        format!("[[rule]] \"{}\" không bao giờ khớp: \"hide\" che hết các cụm từ của nó.", rule.name),
        format!("[[rule]] \"{}\" can never match: \"hide\" hides all of its phrases.", rule.name),
    ))
}

fn padded(wording: &str) -> String {
    format!(" {} ", text::key(wording))
}
