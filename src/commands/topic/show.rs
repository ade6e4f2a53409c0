//! How items and reasons stand on a screen of a hundred columns. What comes from files is hostile to terminals until it went through here.

use crate::model::{Match, Reason};
use crate::text;

/// Columns of the screens that these texts fit.
const WIDTH: usize = 100;

/// A headline in a line.
pub fn headline(title: &str) -> String {
    let title = text::line(title, WIDTH - 6);
    if title.is_empty() { "(không có tiêu đề · no headline)".to_owned() } else { title }
}

/// The name of an item in a line with something before it.
pub fn name(id: &str) -> String {
    text::line(id, WIDTH - 40)
}

/// How an item stands to a topic.
pub fn score(decided: &Match) -> String {
    let (score, threshold) = (points(decided.score), points(decided.threshold));
    format!("{score} điểm, cần {threshold} · {score} of {threshold}")
}

/// Points as people write them: at most one digit behind the point.
pub fn points(points: f64) -> String {
    // Adding nothing turns -0 into 0.
    format!("{}", (points * 10.0).round() / 10.0 + 0.0)
}

/// Why, a line each, the heaviest first.
pub fn reasons(decided: &Match) -> Vec<String> {
    if decided.reasons.is_empty() {
        return vec!["không quy tắc nào lên tiếng · no rule spoke".to_owned()];
    }
    let mut reasons: Vec<&Reason> = decided.reasons.iter().collect();
    reasons.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
    reasons.into_iter().map(reason).collect()
}

fn reason(reason: &Reason) -> String {
    let Reason { rule, text: words, field, weight } = reason;
    let points = format!("{}{}", if *weight < 0.0 { "" } else { "+" }, points(*weight));
    format!("{points:>6}  {} (\"{}\", {})", text::line(rule, 36), text::line(words, 34), field.names().0)
}

/// Breaks a text into lines that fit behind a margin of `margin` columns, at most `most` of them.
pub fn wrap(text: &str, margin: usize, most: usize) -> Vec<String> {
    let width = WIDTH.saturating_sub(margin);
    let mut lines: Vec<String> = Vec::new();
    for word in text::line(text, width * most).split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.truncate(most);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Field;

    #[test]
    fn lines_fit_the_screen_and_carry_no_codes() {
        let hostile = format!("\u{1b}[31m{}", "chữ rất dài ".repeat(50));
        assert!(headline(&hostile).chars().count() <= WIDTH - 5 && !headline(&hostile).contains('\u{1b}'));
        for line in wrap(&hostile, 4, 3) {
            assert!(line.chars().count() <= WIDTH - 4 && !line.contains('\u{1b}'), "{line}");
        }
        let reason = Reason { rule: hostile.clone(), text: hostile, field: Field::Teaser, weight: -12.34 };
        let decided = Match { topic: "t".into(), score: 1.0, threshold: 10.0, reasons: vec![reason] };
        let shown = &reasons(&decided)[0];
        assert!(shown.chars().count() <= WIDTH - 6 && shown.trim_start().starts_with("-12.3"), "{shown}");
    }

    #[test]
    fn points_have_at_most_one_digit_behind_the_point() {
        for (value, expected) in [(10.0, "10"), (9.96, "10"), (0.2 * 3.0, "0.6"), (-0.01, "0"), (-2.5, "-2.5")] {
            assert_eq!(points(value), expected);
        }
    }
}
