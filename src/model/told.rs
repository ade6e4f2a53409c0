//! How a decision is told to people: the one place where the parts of an item, their points, and what shows that two are one story have names.

use std::collections::BTreeSet;

use super::{Aspect, Because, Field, Finding, Kind, Match, Reason};

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

impl Kind {
    /// What people call it, in Vietnamese and in English.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Kind::Hand => ("ban biên tập xếp", "placed by the editors"),
            Kind::Link => ("cùng địa chỉ", "the same address"),
            Kind::Number => ("cùng số bài trên cùng trang", "the same article number at the same site"),
            Kind::Text => ("cùng lời văn", "the same wording"),
            Kind::Part => ("một bài nằm trong bài kia", "one stands in the other"),
        }
    }
}

impl Aspect {
    /// What people call it, in Vietnamese and in English.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Aspect::Numbers => ("con số", "numbers"),
            Aspect::Dates => ("ngày tháng", "dates"),
            Aspect::Places => ("địa danh", "places"),
            Aspect::Persons => ("tên người", "persons"),
            Aspect::Bodies => ("cơ quan", "bodies"),
            Aspect::Time => ("lúc đăng", "time published"),
        }
    }
}

impl Finding {
    /// What people call it, in Vietnamese and in English.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Finding::Agree => ("khớp", "agree"),
            Finding::Differ => ("khác", "differ"),
            Finding::Silent => ("một bên không nói", "one is silent"),
        }
    }
}

impl Because {
    /// How alike the texts are as a whole percentage, where that is what decided: "93%". Only all is 100%.
    pub fn percent(&self) -> Option<String> {
        let by_text = matches!(self.kind, Kind::Text | Kind::Part);
        let percent = (self.similarity.clamp(0.0, 1.0) * 100.0).round();
        let percent = if self.similarity < 1.0 { percent.min(99.0) } else { percent };
        (by_text && percent.is_finite()).then(|| format!("{percent}%"))
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
