//! What is allowed in a topic and cannot be meant: rules that can never speak, thresholds that nothing reaches.

use std::collections::BTreeSet;
use std::ops::Range;

use super::mistake::Report;
use super::reader::Fields;
use crate::classify::spelled;
use crate::model::{Phrase, Rule, Topic};
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
    let hidden: BTreeSet<String> =
        topic.hide.iter().flat_map(|p| &p.parts).flatten().flat_map(|w| spelled(w)).collect();
    for (rule, span) in topic.rules.iter().zip(spans) {
        if let Some((vi, en)) = never_speaks(rule, &hidden) {
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
fn never_speaks(rule: &Rule, hidden: &BTreeSet<String>) -> Option<(String, String)> {
    let phrases: Vec<&Phrase> = rule.phrases.iter().collect();
    let bars: Vec<String> = rule.none.iter().flat_map(|p| p.parts.concat()).map(|w| padded(&w)).collect();
    let is_barred = |phrase: &&Phrase| {
        let mut parts = phrase.parts.iter();
        parts.any(|part| part.iter().map(|w| padded(w)).all(|w| bars.iter().any(|bar| w.contains(bar.as_str()))))
    };
    if phrases.iter().all(is_barred) {
        return Some((
            format!("[[rule]] \"{}\" không bao giờ khớp: \"none\" chặn chính các cụm từ của nó.", rule.name),
            format!("[[rule]] \"{}\" can never match: its \"none\" bars its own phrases.", rule.name),
        ));
    }
    // Only a hidden phrase as long as itself hides a phrase wherever it stands.
    let is_hidden = |wording: &String| spelled(wording).iter().all(|spelling| hidden.contains(spelling));
    if !phrases.iter().all(|phrase| phrase.parts.iter().any(|part| part.iter().all(is_hidden))) {
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

#[cfg(test)]
mod tests {
    use crate::config::{File, FileKind, read_topics};

    /// The doubts about a topic with these lines and this rule.
    fn doubts(top: &str, rule: &str) -> Vec<String> {
        let text = format!("id = \"bac\"\nname = \"Học Bác\"\n{top}\n[[rule]]\nname = \"r\"\nweight = 10\n{rule}\n");
        let file = |name: &str, text: &str| File { name: name.into(), kind: FileKind::Topic, text: text.into() };
        let groups = "[groups]\nthanh-pho = [\"thành phố Hồ Chí Minh\"]\n";
        let files = [file("topics/00.toml", groups), file("topics/bac.toml", &text)];
        let mut mistakes = Vec::new();
        super::super::topics_of(&files, &mut mistakes);
        assert_eq!(read_topics(&files).is_ok(), mistakes.iter().all(|m| !m.fatal), "{mistakes:?}");
        mistakes.into_iter().map(|m| format!("{}{}", if m.fatal { "fatal " } else { "" }, m.vi)).collect()
    }

    #[test]
    fn a_rule_that_can_never_speak_is_doubted() {
        for (top, rule, doubt) in [
            ("hide = [\"bác sĩ\"]", "phrases = [\"bác sĩ\"]", "\"hide\" che hết"),
            ("hide = [\"@thanh-pho\"]", "phrases = [\"TP.HCM\", \"TP Hồ Chí Minh\"]", "\"hide\" che hết"),
            ("hide = [\"bác sĩ\"]", "phrases = [\"học bác sĩ … giỏi\", \"bác sĩ … hiền\"]", ""),
            ("", "phrases = [\"học Bác\"]\nnone = [\"Bác\"]", "\"none\" chặn chính"),
            ("", "phrases = [\"học Bác\", \"theo gương\"]\nnone = [\"Bác\"]", ""),
            ("", "phrases = [\"chuyển đổi số\"]\nproper = true", "không cụm từ nào viết hoa"),
            ("", "phrases = [\"học Bác\"]\nproper = true", ""),
            ("threshold = 50", "phrases = [\"học Bác\"]", "\"threshold\" quá cao"),
        ] {
            let found = doubts(top, rule);
            assert_eq!(found.len(), usize::from(!doubt.is_empty()), "{top} {rule}: {found:?}");
            assert!(found.iter().all(|m| m.contains(doubt) && !m.starts_with("fatal")), "{found:?}");
        }
    }

    #[test]
    fn what_is_no_phrase_refuses_the_topic() {
        for (rule, mistake) in [
            ("phrases = [\"học (số\"]", "Dấu ngoặc phải có đủ"),
            ("phrases = [\"@thanhpho\"]", "Ý bạn là \"thanh-pho\"?"),
            ("phrases = [\"a\"]\nall = [\"@nhom-la\"]", "Không có nhóm \"@nhom-la\""),
            ("phrases = [\"a\"]\nnone = [\"…\"]", "ít nhất một chữ"),
            ("phrases = [\"a\"]\nin = [\"titel\"]", "\"in\" không nhận \"titel\""),
            ("phrases = [\"a\"]\nin = []", "\"in\" trống"),
            ("phrases = [\"a\"]\nwithin = 99", "\"within\" phải từ"),
            ("phrases = [\"a … b … c … d … e\"]", "nhiều nhất bốn phần"),
            ("phrases = [\"a\"]\nall = [\"b\", \"học … Bác\"]", "không dùng trong \"all\""),
            ("phrases = [\"a\"]\nnone = [\"học...Bác\"]", "không dùng trong \"none\""),
            (
                &format!(
                    "phrases = [\"a\"]\n[[rule]]\nname = \"s\"\nweight = 1\nphrases = [{}]",
                    "\"(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)\",".repeat(30)
                ),
                "hơn 100000 cách viết",
            ),
        ] {
            let found = doubts("", rule);
            assert!(found.iter().any(|m| m.starts_with("fatal") && m.contains(mistake)), "{rule}: {found:?}");
        }
    }

    #[test]
    fn what_hides_has_no_gap_in_its_own_words_or_a_group() {
        for top in ["hide = [\"a\", \"học … Bác\"]", "hide = [\"@xa\"]\n[groups]\nxa = [\"học … Bác\"]"] {
            let found = doubts(top, "phrases = [\"học Bác\"]");
            assert!(
                found.iter().any(|m| m.starts_with("fatal") && m.contains("không dùng trong \"hide\"")),
                "{top}: {found:?}"
            );
        }
    }

    #[test]
    fn groups_are_shared_by_all_topics_and_defined_once() {
        let found = doubts("[groups]\nthanh-pho = [\"x\"]\n", "phrases = [\"a\"]");
        assert!(found.iter().any(|m| m.contains("Nhóm \"thanh-pho\" đã có")), "{found:?}");
        let found = doubts("[groups]\ntrong = []\nvong = 3\n", "phrases = [\"a\"]");
        assert!(found.iter().any(|m| m.contains("chưa có cụm từ nào")), "{found:?}");
        let found = doubts("[groups]\nvong = [\"@vong\"]\n", "phrases = [\"a\"]");
        assert!(found.iter().any(|m| m.contains("chứa chính nó")), "{found:?}");
        assert_eq!(doubts("[groups]\nbac = [\"Bác\", \"Bác Hồ\"]\n", "phrases = [\"học @bac\"]"), [""; 0]);
    }
}
