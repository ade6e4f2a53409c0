//! What training learns, and what it may not.

use super::*;
use crate::learn::labels::Document;
use crate::learn::learned::Learned;
use crate::model::Field;
use crate::text::Words;

fn document(id: usize, title: &str, teaser: &str) -> Document {
    Document {
        id: id.to_string(),
        title: title.into(),
        teaser: teaser.into(),
        words: Words::of(title, teaser, ""),
        ..Document::default()
    }
}

/// Sixty items of which a rule says the same, half of them in the topic: those that speak of a bowl of rice.
fn documents() -> Vec<Document> {
    let titles = ["Gương sáng thôn bản", "Chuyện ở xã", "Một tấm lòng"];
    (0..60)
        .map(|i| {
            let said = if i % 2 == 0 { "góp hũ gạo tình thương" } else { "dự hội nghị tổng kết" };
            document(i, &format!("{} {i}", titles[i % 3]), &format!("Chi hội {said} sáng nay, theo lời Bác."))
        })
        .collect()
}

fn examples(documents: &[Document]) -> Vec<Example<'_>> {
    let reason = Reason { rule: "lời Bác".into(), text: "lời Bác".into(), field: Field::Teaser, weight: 9.0 };
    documents
        .iter()
        .enumerate()
        .map(|(at, d)| Example {
            id: &d.id,
            article: Article { title: &d.title, teaser: &d.teaser, body: "", words: Some(&d.words) },
            reasons: vec![reason.clone()],
            score: 9.0,
            yes: at % 2 == 0,
        })
        .collect()
}

#[test]
fn a_planted_phrase_is_learned_and_says_so_in_its_own_words() {
    let documents = documents();
    let linear = train(&[examples(&documents)]);
    let heaviest: Vec<&str> = linear.features().iter().take(4).map(|f| f.phrase.as_str()).collect();
    assert!(heaviest.iter().all(|phrase| "Chi hội góp hũ gạo tình thương sáng nay".contains(phrase)), "{heaviest:?}");
    let new = document(99, "Tin mới", "Bà con góp HŨ GẠO tình thương.");
    let article = Article { title: &new.title, teaser: &new.teaser, body: "", words: None };
    let learned = Learned { linear, adds: 3.0, vetoes: 3.0 };
    let reasons = examples(&documents)[0].reasons.clone();
    let reason = learned.reason(&article, &reasons).unwrap();
    assert!(reason.weight > 1.0 && reason.weight <= 3.0, "{reason:?}");
    assert!(reason.text.contains("GẠO") && reason.field == Field::Teaser, "{reason:?}");
    assert_eq!(learned.reason(&article, &[]), None, "where no rule spoke, nobody asks the model");
    let declared = Reason { field: Field::Source, ..reasons[0].clone() };
    assert_eq!(learned.reason(&article, &[declared]), None, "an editor's word about a source stands");
}

#[test]
fn training_twice_gives_the_same_bytes() {
    let documents = documents();
    let write = || train(&[examples(&documents)]).write("x");
    assert_eq!(write(), write());
    assert_eq!(Linear::read(&write()).unwrap().write("x"), write(), "and they are read as they were meant");
}

#[test]
fn the_trial_decides_only_what_it_has_not_seen() {
    let documents = documents();
    let trial = cross_validate(&[examples(&documents)], 10.0, 3.0, 3.0)[0];
    assert_eq!(trial.rules, Tally { missed: 30, rest: 30, ..Tally::default() });
    assert_eq!(trial.with, Tally { right: 30, rest: 30, ..Tally::default() });
    assert_eq!((trial.mended, trial.spoilt, trial.is_better()), (30, 0, true));
    // Labels without any connection to the words: what is learned by heart does not help.
    let mut noise = examples(&documents);
    for (at, example) in noise.iter_mut().enumerate() {
        example.yes = (at / 2) % 2 == 0;
    }
    let trial = cross_validate(&[noise], 10.0, 3.0, 3.0)[0];
    assert!(trial.with.f1().unwrap() < 0.8, "{trial:?}");
}

#[test]
fn folds_are_even_in_both_classes_and_keep_copies_together() {
    let mut documents = documents();
    let copy = documents[4].title.to_uppercase();
    documents[40] = document(40, &copy, "khác");
    let examples = examples(&documents);
    let folds = folds(&examples);
    assert_eq!(folds[4], folds[40]);
    for fold in 0..FOLDS {
        let yes = folds.iter().zip(&examples).filter(|(f, e)| **f == fold && e.yes).count();
        let no = folds.iter().zip(&examples).filter(|(f, e)| **f == fold && !e.yes).count();
        assert!((2..=4).contains(&yes) && no == 3, "{fold}: {yes} {no}");
    }
    assert!(cross_validate(&[], 10.0, 3.0, 3.0).is_empty());
    assert_eq!(cross_validate(&[Vec::new()], 10.0, 3.0, 3.0), [Trial::default()]);
}

#[test]
fn better_is_more_of_both_and_nothing_wrong_for_it() {
    let tally = |right, wrong, missed| Tally { right, wrong, missed, rest: 100 };
    for (rules, with, is_better) in [
        (tally(40, 3, 10), tally(42, 3, 8), true),
        (tally(40, 3, 10), tally(40, 0, 10), true),
        (tally(40, 3, 10), tally(40, 3, 10), false),
        (tally(40, 0, 10), tally(48, 1, 2), false),
        (tally(40, 3, 10), tally(30, 0, 20), false),
    ] {
        let trial = Trial { rules, with, ..Trial::default() };
        assert_eq!(trial.is_better(), is_better, "{trial:?}");
    }
}
