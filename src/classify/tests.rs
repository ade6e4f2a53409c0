use super::phrase::{Groups, read};
use super::*;
use crate::model::{Phrase, Rule, Topic};

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
        was: Vec::new(),
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

fn score_of(topic: &Topic, evidence: &Evidence<'_>) -> f64 {
    decide(topic.clone(), evidence).map_or(0.0, |m| m.score)
}

/// An article that begins with so many words of nothing.
fn behind(words: usize, text: &str) -> String {
    format!("{}{text}", "lời ".repeat(words))
}

#[test]
fn a_phrase_is_found_however_it_is_typed_and_only_as_whole_syllables() {
    let t = || topic(&[], vec![rule("r", 5.0, &["hòa bình", "Chỉ thị 05-CT/TW", "gia"])]);
    for title in [
        "HOÀ BÌNH",
        "Hòa-bình",
        "ho\u{300}a bi\u{300}nh",
        "chỉ thị 05 - CT / TW",
        "CHỈ THỊ 05‑CT/TW",
        "Chỉ thị số 5-CT/T.Ư",
    ] {
        assert!(decide(t(), &titled(title)).is_some_and(|m| m.matched()), "{title}");
    }
    for title in ["hòa bìn", "quốc giao", "chỉ thị. 05-CT/TW", "Chỉ thị 15-CT/TW", "bão hoa"] {
        assert!(decide(t(), &titled(title)).is_none(), "{title}");
    }
}

#[test]
fn a_text_without_any_mark_is_read_without_marks_and_says_so() {
    let t = topic(&[], vec![rule("r", 5.0, &["hòa bình", "báo"])]);
    let m = decide(t.clone(), &titled("Vi HOA BINH the gioi")).unwrap();
    assert_eq!((m.score, m.reasons[0].rule.as_str(), m.reasons[0].text.as_str()), (10.0, "r (không dấu)", "HOA BINH"));
    assert!(decide(t.clone(), &titled("Bao ve")).is_none(), "one syllable without its marks is a dozen words");
    let mixed = Evidence { title: "Hoa binh", teaser: "Vì thế giới", ..Evidence::default() };
    assert!(decide(t, &mixed).is_none(), "who typed the teaser with marks meant the headline as it is");
    let own = topic(&[], vec![rule("r", 5.0, &["OCOP Lam Dong"])]);
    assert_eq!(decide(own, &titled("OCOP Lam Dong")).unwrap().reasons[0].rule, "r", "no mark is missing");
}

#[test]
fn an_abbreviation_is_one_in_capitals_only() {
    let t = topic(&[], vec![rule("r", 5.0, &["cơ quan Trung ương", "thành phố Huế"])]);
    assert!(decide(t.clone(), &titled("Cơ quan TƯ họp")).is_some() && decide(t.clone(), &titled("TP.Huế")).is_some());
    assert!(decide(t, &titled("Cơ quan tư vấn pháp luật ở Huế")).is_none());
}

#[test]
fn parts_stand_in_order_in_one_sentence_and_near_each_other() {
    let t = topic(&[], vec![Rule { within: 4, ..rule("r", 5.0, &["học tập … (Bác|Bác Hồ)"]) }]);
    for (title, words) in [
        ("Học tập và làm theo gương Bác", Some("Học tập và làm theo gương Bác")),
        ("Học tập Bác", Some("Học tập Bác")),
        ("Thi học tập, tuổi trẻ học tập Bác Hồ", Some("học tập Bác Hồ")),
        ("Học tập một hai ba bốn năm Bác", None),
        ("Học tập. Bác", None),
        ("Bác học tập", None),
    ] {
        let found = decide(t.clone(), &titled(title)).map(|m| m.reasons[0].text.clone());
        assert_eq!(found.as_deref(), words, "{title}");
    }
}

#[test]
fn a_rule_may_want_company_and_may_be_silenced() {
    let wanting = topic(
        &["thành phố Hồ Chí Minh"],
        vec![Rule { all: vec![written(&["Bác", "Hồ Chí Minh"])], ..rule("r", 5.0, &["gương sáng"]) }],
    );
    let evidence = |teaser, body| Evidence { title: "Gương sáng", teaser, body, ..Evidence::default() };
    assert!(decide(wanting.clone(), &evidence("x", "Theo Bác")).is_some(), "wherever in the item");
    assert!(decide(wanting.clone(), &evidence("x", "")).is_none());
    assert!(decide(wanting, &evidence("Ở TP.HCM", "")).is_none(), "what is hidden is no company");
    let silenced = topic(&[], vec![Rule { none: written(&["bóng đá"]), ..rule("r", 5.0, &["gương sáng"]) }]);
    assert!(decide(silenced.clone(), &titled("Gương sáng bóng đá")).is_none());
    assert!(decide(silenced, &evidence("Bóng đá", "")).is_some(), "another field is another thing");
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
fn a_headline_counts_double_the_opening_once_and_a_passage_of_the_rest_a_fifth() {
    let t = topic(&[], vec![rule("r", 10.0, &["học Bác"])]);
    let score = |e: &Evidence<'_>| score_of(&t, e);
    let body = |body| Evidence { teaser: "x", body, ..Evidence::default() };
    let late = |text: &str| score_of(&t, &Evidence { teaser: "x", body: &behind(200, text), ..Evidence::default() });
    assert_eq!(score(&titled("Học Bác mỗi ngày, học Bác mỗi giờ")), 20.0);
    assert_eq!(score(&Evidence { title: "x", teaser: "học Bác", ..Evidence::default() }), 10.0);
    assert_eq!(score(&body("học Bác")), 10.0, "an article begins with what it is about");
    assert_eq!(score(&Evidence { teaser: "học Bác", ..body("học Bác") }), 10.0, "a teaser mostly is the opening");
    assert_eq!(late("học Bác"), 2.0, "in passing");
    assert_eq!(late("học Bác và học Bác"), 2.0, "one passage");
    assert_eq!(late(&behind(60, "học Bác ").repeat(2)), 4.0);
    assert_eq!(late(&behind(60, "học Bác ").repeat(50)), 10.0, "an article about it says so again and again");
}

#[test]
fn the_same_words_count_once_for_the_rule_they_are_worth_most_to() {
    let rules = vec![
        rule("lời", 5.0, &["lời Bác dạy", "Bác dạy"]),
        rule("làm", 10.0, &["học tập và làm theo lời Bác", "làm theo lời Bác"]),
        rule("chống", -1.0, &["lời Bác"]),
    ];
    let m = decide(topic(&[], rules), &Evidence { teaser: "học tập và làm theo lời Bác dạy", ..Evidence::default() })
        .unwrap();
    let said: Vec<(&str, &str)> = m.reasons.iter().map(|r| (r.rule.as_str(), r.text.as_str())).collect();
    assert_eq!(
        said,
        [("chống", "lời Bác"), ("làm", "học tập và làm theo lời Bác")],
        "the longest; for and against apart"
    );
    assert_eq!(m.score, 9.0);
}

#[test]
fn a_rule_looks_where_it_is_told() {
    let fields = |fields: &[Field]| topic(&[], vec![Rule { fields: fields.to_vec(), ..rule("r", 5.0, &["học Bác"]) }]);
    let long = behind(200, "học Bác");
    let everywhere = Evidence { title: "học Bác", teaser: "học Bác", body: &long, ..Evidence::default() };
    for (field, score) in
        [(Field::Title, 10.0), (Field::Teaser, 5.0), (Field::Opening, 0.0), (Field::Body, 1.0), (Field::Section, 0.0)]
    {
        assert_eq!(score_of(&fields(&[field]), &everywhere), score, "{field:?}");
    }
    let no_teaser = Evidence { body: "học Bác", ..Evidence::default() };
    assert_eq!(score_of(&fields(&[Field::Teaser]), &no_teaser), 5.0, "then the opening stands for it");
    assert_eq!(
        score_of(&fields(&[Field::Category]), &Evidence { categories: &["Học Bác".into()], ..Evidence::default() }),
        10.0
    );
    let section = Evidence { title: "Tiếng Việt", section: "xay-dung-dang\nhoc-bac", ..Evidence::default() };
    let m = decide(fields(&[Field::Section]), &section).unwrap();
    assert_eq!((m.score, m.reasons[0].rule.as_str()), (10.0, "r"), "an address has no marks, and nobody left them out");
    assert_eq!(
        score_of(&topic(&[], vec![rule("r", 5.0, &["học Bác"])]), &section),
        0.0,
        "only where a rule asks for it"
    );
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
fn an_address_is_a_section_of_a_proper_noun_beside_the_name_of_its_source() {
    let r = Rule { proper: true, fields: vec![Field::Section], ..rule("r", 10.0, &["học Bác"]) };
    for section in ["hoc-bac", "hoc-bac\nBáo Sông Xanh\nrss"] {
        let m = decide(topic(&[], vec![r.clone()]), &Evidence { title: "Gương sáng", section, ..Evidence::default() });
        assert!(m.is_some_and(|m| m.matched()), "{section:?}");
    }
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
fn what_a_topic_learned_says_nothing_of_a_source_that_is_the_topic() {
    let t = topic(&[], vec![rule("r", 1.0, &["học Bác"])]);
    let linear = crate::learn::Linear::read("bias\t-100\n").unwrap();
    let learned = crate::learn::Learned { linear, adds: 3.0, vetoes: 3.0 };
    let rules = Rules::compile(vec![t]).unwrap().with_learned([("bac".to_owned(), learned)].into());
    let own = ["bac".to_owned()];
    let judged = |source| rules.decide(&Evidence { source, ..titled("Học Bác") }).remove(0);
    assert_eq!(judged(None).score, -1.0, "two for the headline, three taken away");
    let m = judged(Some((&own[..], "Báo mẫu")));
    assert_eq!((m.score, m.reasons.len()), (12.0, 2), "an editor declared it: {m:?}");
}

#[test]
fn what_is_stored_of_a_source_about_the_topic_has_every_reason() {
    let rules = Rules::compile(vec![topic(&[], vec![rule("r", 1.0, &["học Bác"])])]).unwrap();
    let own = ["bac".to_owned()];
    let evidence = Evidence { source: Some((&own, "Báo mẫu")), ..titled("Học Bác") };
    assert_eq!(rules.verdicts(&evidence), rules.decide(&evidence));
    assert!(rules.verdicts(&titled("Học Bác"))[0].reasons.is_empty(), "below the threshold nobody asks why");
}

#[test]
fn parts_follow_each_other_wherever_they_can() {
    let within = |within, phrase| topic(&[], vec![Rule { within, ..rule("r", 5.0, &[phrase]) }]);
    for (phrase, title, words) in [
        ("a … b … c", "a b x b x x c", Some("a b x b x x c")),
        ("a … (b|b c) … c d", "a b c d", Some("a b c d")),
        ("a … b … c", "a b x x x b x c", None),
        ("a … b … c", "a x b. b x c", None),
    ] {
        let found = decide(within(2, phrase), &titled(title)).map(|m| m.reasons[0].text.clone());
        assert_eq!(found.as_deref(), words, "{phrase} in {title}");
    }
}

#[test]
fn more_spellings_than_a_machine_holds_are_refused() {
    // Each of 4,096 wordings has a name of five spellings three times.
    let many = rule("r", 5.0, &[&format!("{}TW TW TW", "(a|b) ".repeat(12))]);
    assert!(Rules::compile(vec![topic(&[], vec![many])]).is_err_and(|e| e.to_string().contains("200000 spellings")));
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
fn no_reason_quotes_an_article() {
    let t = topic(&[], vec![rule("r", 10.0, &["học … Bác"])]);
    for long in ["ê".repeat(100_000), "\u{200b}".repeat(100_000)] {
        let body = format!("Thôn học {long} Bác");
        let m = decide(t.clone(), &Evidence { body: &body, ..Evidence::default() }).unwrap();
        assert_eq!(m.reasons[0].text.chars().count(), 300);
        assert!(body.contains(&m.reasons[0].text), "its beginning, as it stands");
    }
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

/// What does not change the words of a text for a reader, nor their number.
fn variants(text: &str) -> Vec<String> {
    use unicode_normalization::UnicodeNormalization;
    let replaced =
        |pairs: &[(&str, &str)]| pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    vec![
        text.nfd().collect(),
        text.nfc().collect(),
        text.to_uppercase(),
        text.to_lowercase(),
        replaced(&[("òa", "oà"), ("óa", "oá"), ("ỏe", "oẻ"), ("ủy", "uỷ"), ("úy", "uý"), ("kỹ", "kĩ"), ("lý", "lí")]),
        replaced(&[(" ", "\u{a0}")]),
        replaced(&[(" ", "  \t")]),
        replaced(&[("ọ", "\u{ad}ọ"), ("a", "a\u{200b}")]),
        replaced(&[("05-CT/TW", "05 – CT/TW"), ("\"", "”"), ("TP.HCM", "TP. HCM")]),
        replaced(&[("đ", "ð"), ("Đ", "Ɖ"), ("-", "\u{2011}")]),
    ]
}

proptest::proptest! {
    /// With the shipped topics: whoever typed an item, and however, it is decided alike.
    #[test]
    fn every_spelling_of_an_item_has_the_same_score(picks in proptest::collection::vec(0usize..24, 1..14), cut in 0usize..14) {
        const PIECES: [&str; 24] = [
            "học tập và làm theo", "tư tưởng, đạo đức, phong cách Hồ Chí Minh", "Chỉ thị 05-CT/TW của Bộ Chính trị", "ở TP.HCM", "làm theo lời Bác",
            "bác sĩ kể", "\"Hòa Bình xanh\"", "Ủy ban nhân dân tỉnh", "Đảng ủy xã", "thủy lợi", "kỹ sư", "sức khỏe", "chuyển đổi số", "nông thôn mới",
            "xã hội hóa", "phòng, chống tham nhũng", "nhớ lời Bác dạy", "lý luận chính trị", "Đoàn TNCS Hồ Chí Minh", "gương sáng.", "tuyên dương", "kết nạp đảng viên",
            "Lăng Bác", "sắp xếp tổ chức bộ máy;",
        ];
        static RULES: std::sync::LazyLock<Rules> = std::sync::LazyLock::new(|| {
            let topics = crate::config::read_topics(&crate::config::shipped::topics());
            topics.unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
        });
        let words: Vec<&str> = picks.iter().map(|&pick| PIECES[pick]).collect();
        let (title, teaser) = words.split_at(cut.min(words.len()));
        let scores = |write: &dyn Fn(&str) -> String| {
            let (title, teaser) = (write(&title.join(" ")), write(&teaser.join(" ")));
            let evidence = Evidence { title: &title, teaser: &teaser, ..Evidence::default() };
            RULES.decide(&evidence).into_iter().map(|m| (m.topic, m.score)).collect::<Vec<_>>()
        };
        let wanted = scores(&str::to_owned);
        for index in 0..variants("").len() {
            proptest::prop_assert_eq!(&scores(&|text| variants(text)[index].clone()), &wanted, "{:?} as {}", words, index);
        }
    }
}
