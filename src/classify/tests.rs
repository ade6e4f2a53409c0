use super::*;
use super::phrase::{Groups, read};
use crate::model::{Phrase, Rule};

fn written(phrases: &[&str]) -> Vec<Phrase> {
    phrases.iter().flat_map(|p| read(p, &Groups::new()).unwrap()).collect()
}

fn rule(name: &str, weight: f64, phrases: &[&str]) -> Rule {
    Rule {
        name: name.into(),
        weight,
        phrases: written(phrases),
        all: Vec::new(),
        none: Vec::new(),
        within: 8,
        proper: false,
        fields: Field::TEXT.to_vec(),
    }
}

fn topic(hide: &[&str], rules: Vec<Rule>) -> Topic {
    Topic {
        id: "bac".into(),
        name: "Bác".into(),
        name_en: "Uncle".into(),
        description: String::new(),
        threshold: 10.0,
        hide: written(hide),
        rules,
        limit: 100,
    }
}

fn decide(topic: Topic, evidence: &Evidence<'_>) -> Option<Match> {
    Rules::compile(vec![topic]).unwrap().decide(evidence).into_iter().next()
}

fn titled(title: &str) -> Evidence<'_> {
    Evidence { title, ..Evidence::default() }
}

#[test]
fn a_phrase_is_found_however_it_is_typed_and_only_as_whole_syllables() {
    let t = || topic(&[], vec![rule("r", 5.0, &["hòa bình", "Chỉ thị 05-CT/TW", "gia"])]);
    for title in ["HOÀ BÌNH", "Hòa-bình", "ho\u{300}a bi\u{300}nh", "chỉ thị 05 - CT / TW", "CHỈ THỊ 05‑CT/TW"]
    {
        assert!(decide(t(), &titled(title)).is_some_and(|m| m.matched()), "{title}");
    }
    for title in ["hoa binh", "hòa bìn", "quốc giao", "chỉ thị. 05-CT/TW"] {
        assert!(decide(t(), &titled(title)).is_none(), "{title}");
    }
}

#[test]
fn a_hidden_phrase_hides_its_words_from_shorter_phrases_but_not_from_longer_ones() {
    let rules = || vec![rule("tên", 6.0, &["Hồ Chí Minh", "học tập thành phố Hồ Chí Minh anh hùng"])];
    let t = || topic(&["thành phố Hồ Chí Minh", "bác sĩ"], rules());
    assert!(decide(t(), &titled("Mưa lớn ở Thành phố Hồ Chí Minh")).is_none());
    assert!(decide(t(), &titled("Tư tưởng Hồ Chí Minh")).is_some());
    assert!(
        decide(t(), &titled("Thành phố Hồ Chí Minh học theo Hồ Chí Minh")).is_some(),
        "the second mention is not hidden"
    );
    assert!(decide(t(), &titled("Học tập thành phố Hồ Chí Minh anh hùng")).is_some());
}

#[test]
fn a_headline_counts_double_and_a_mention_in_passing_a_fifth() {
    let t = || topic(&[], vec![rule("r", 10.0, &["học Bác"])]);
    let score = |e: &Evidence<'_>| decide(t(), e).map(|m| (m.score, m.matched()));
    assert_eq!(score(&titled("Học Bác mỗi ngày")), Some((20.0, true)));
    assert_eq!(score(&Evidence { title: "x", teaser: "học Bác", ..Evidence::default() }), Some((10.0, true)));
    assert_eq!(score(&Evidence { teaser: "x", body: "học Bác", ..Evidence::default() }), Some((2.0, false)));
    assert_eq!(score(&Evidence { teaser: "x", body: "học Bác, học Bác", ..Evidence::default() }), Some((4.0, false)));
    assert_eq!(
        score(&Evidence { teaser: "x", body: &"học Bác. ".repeat(50), ..Evidence::default() }),
        Some((8.0, false))
    );
}

#[test]
fn overlapping_phrases_of_one_rule_count_once() {
    let t = topic(&[], vec![rule("r", 2.0, &["học tập và làm theo Bác", "làm theo Bác"])]);
    let m = decide(t, &Evidence { teaser: "x", body: "học tập và làm theo Bác", ..Evidence::default() }).unwrap();
    assert_eq!(m.score, 0.4);
    assert_eq!(m.reasons[0].text, "học tập và làm theo Bác", "the longest is the reason");
}

#[test]
fn proper_nouns_need_their_capital_unless_the_text_has_none() {
    let mut r = rule("r", 10.0, &["học Bác"]);
    r.proper = true;
    let t = || topic(&[], vec![r.clone()]);
    assert!(decide(t(), &titled("Tuổi trẻ học Bác")).is_some());
    assert!(decide(t(), &titled("TUỔI TRẺ HỌC BÁC")).is_some());
    assert!(decide(t(), &titled("tuổi trẻ học bác")).is_some());
    assert!(decide(t(), &titled("Trẻ học bác hàng xóm")).is_none());
}

#[test]
fn a_source_about_the_topic_is_reason_enough_and_rules_may_speak_against() {
    let t = || topic(&[], vec![rule("chống", -6.0, &["quảng cáo"])]);
    let own = ["bac".to_owned()];
    let evidence = Evidence { title: "Gương sáng", source: Some((&own, "Báo mẫu")), ..Evidence::default() };
    let m = decide(t(), &evidence).unwrap();
    assert!(m.matched() && m.reasons[0].field == Field::Source);
    let m = decide(t(), &Evidence { title: "Quảng cáo", ..evidence }).unwrap();
    assert!(!m.matched(), "{m:?}");
}

#[test]
fn the_reason_quotes_the_words_as_they_stand() {
    let t = topic(&[], vec![rule("cụm từ", 5.0, &["hòa bình"])]);
    let m = decide(t, &titled("Vì HOÀ\u{a0}BÌNH thế giới")).unwrap();
    assert_eq!(
        m.reasons,
        [Reason { rule: "cụm từ".into(), text: "HOÀ\u{a0}BÌNH".into(), field: Field::Title, weight: 10.0 }]
    );
}

#[test]
fn many_topics_are_decided_at_once_and_the_fingerprint_knows_them_apart() {
    let mut other = topic(&[], vec![rule("r", 5.0, &["chuyển đổi số"])]);
    other.id = "so".into();
    let rules = Rules::compile(vec![topic(&[], vec![rule("r", 5.0, &["học Bác"])]), other.clone()]).unwrap();
    let matched: Vec<String> =
        rules.decide(&titled("Học Bác trong chuyển đổi số")).into_iter().map(|m| m.topic).collect();
    assert_eq!(matched, ["bac", "so"]);
    assert_ne!(rules.fingerprint(), Rules::compile(vec![other]).unwrap().fingerprint());
}
