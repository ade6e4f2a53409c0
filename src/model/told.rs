//! How a decision is told to people: the one place where the parts of an item and their points have names.

use std::collections::BTreeSet;

use super::{Field, Match, Reason};

impl Field {
    /// What people call it, in Vietnamese and in English.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Field::Title => ("tiêu đề", "headline"),
            Field::Teaser => ("tóm tắt", "teaser"),
            Field::Opening => ("mở đầu", "opening"),
            Field::Body => ("thân bài", "article"),
            Field::Category => ("chuyên mục", "category"),
            Field::Section => ("mục của báo", "section"),
            Field::Source => ("nguồn", "source"),
        }
    }
}

impl Match {
    /// The reasons that speak for the topic, the strongest first, each rule once, and no more than so many.
    pub fn strongest(&self, most: usize) -> Vec<&Reason> {
        let mut reasons: Vec<&Reason> = self.reasons.iter().filter(|r| r.weight > 0.0).collect();
        reasons.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        let mut rules = BTreeSet::new();
        reasons.retain(|reason| rules.insert(reason.rule.as_str()));
        reasons.truncate(most);
        reasons
    }

    /// The reasons that weigh most, for the topic or against it, in their order, and no more than so many.
    pub fn weightiest(&self, most: usize) -> Vec<&Reason> {
        let mut reasons: Vec<(usize, &Reason)> = self.reasons.iter().enumerate().collect();
        reasons.sort_by(|(_, a), (_, b)| b.weight.abs().total_cmp(&a.weight.abs()));
        reasons.truncate(most);
        reasons.sort_by_key(|(at, _)| *at);
        reasons.into_iter().map(|(_, reason)| reason).collect()
    }
}

/// Points as people read them: "20", "8.4". Sums of fractions are not told to the sixteenth digit.
pub fn points(score: f64) -> String {
    let text = format!("{score:.2}");
    match text.trim_end_matches('0').trim_end_matches('.') {
        "-0" => "0".to_owned(),
        short => short.to_owned(),
    }
}

/// The same with its sign: "+20", "-4".
pub fn signed(weight: f64) -> String {
    let text = points(weight);
    if text.starts_with('-') { text } else { format!("+{text}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_told_as_people_write_them() {
        for (score, told, told_signed) in [
            (20.0, "20", "+20"),
            (0.0, "0", "+0"),
            (-0.001, "0", "+0"),
            (8.4, "8.4", "+8.4"),
            (7.0 * 0.2, "1.4", "+1.4"),
            (-4.0, "-4", "-4"),
            (1_000.0, "1000", "+1000"),
            (0.333_333, "0.33", "+0.33"),
        ] {
            assert_eq!((points(score).as_str(), signed(score).as_str()), (told, told_signed), "{score}");
        }
    }

    #[test]
    fn the_strongest_reasons_come_first_and_what_speaks_against_is_none() {
        let reason = |rule: &str, weight| Reason { rule: rule.into(), text: "x".into(), field: Field::Title, weight };
        let reasons = vec![reason("a", 5.0), reason("b", -9.0), reason("c", 20.0), reason("d", 5.0), reason("c", 10.0)];
        let one = Match { topic: "t".into(), score: 21.0, threshold: 10.0, reasons };
        let rules = |most| one.strongest(most).iter().map(|r| r.rule.as_str()).collect::<Vec<_>>();
        assert_eq!(rules(9), ["c", "a", "d"]);
        assert_eq!(rules(2), ["c", "a"]);
    }
}
