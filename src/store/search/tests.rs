use super::*;
use crate::store::Store;
use crate::store::tests::{Room, incoming, now};

fn found(store: &Store, question: &str) -> Vec<String> {
    titles(store, &store.read(|db| find(db, question, 10)).unwrap().hits)
}

fn titles(store: &Store, hits: &[Hit]) -> Vec<String> {
    let title = |hit: &Hit| {
        store
            .read(|db| Ok(db.query_row("SELECT title FROM item WHERE id = ?1", [hit.item], |row| row.get(0))?))
            .unwrap()
    };
    hits.iter().map(title).collect()
}

/// A newsroom with these headlines, the newest last.
fn room(titles: &[&str]) -> Room {
    let room = Room::new();
    for (index, title) in titles.iter().enumerate() {
        room.take("a", incoming("a", &format!("https://a.vn/{index}"), title, ""), now());
    }
    room
}

#[test]
fn a_term_has_its_marks_behind_its_letters() {
    let spelt = |text: &str| terms_of(&Item { title: text.to_owned(), ..Item::default() });
    assert_eq!(spelt("Đảng"), "dang^0s3 ");
    assert_eq!(spelt("dang"), "dang^ ");
    assert_eq!(spelt("đang"), "dang^0s ");
    assert_eq!(spelt("đường"), "duong^0s1h2h1 ");
    assert_eq!(spelt("Nghị quyết 57-NQ/TW"), "nghi^5 quyet^3c2 57^ nq^ tw^ ");
    assert_eq!(spelt("Müller"), "muller^1ü ");
}

#[test]
fn a_word_with_marks_is_found_as_it_is_in_any_spelling_and_without_marks_with_any() {
    let room = room(&["Báo Nhân Dân", "Bão số 9", "Hoà Bình", "Ho\u{e0}ng Sa"]);
    assert_eq!(found(&room.store, "báo"), ["Báo Nhân Dân"]);
    assert_eq!(found(&room.store, "BA\u{301}O"), ["Báo Nhân Dân"], "decomposed, in capitals");
    assert_eq!(found(&room.store, "hòa bình"), ["Hoà Bình"], "tone placement");
    assert_eq!(found(&room.store, "bao"), ["Bão số 9", "Báo Nhân Dân"]);
    assert_eq!(found(&room.store, "hoa"), ["Hoà Bình"], "whole words only");
    assert!(found(&room.store, "bảo").is_empty());
}

#[test]
fn what_is_written_exactly_so_comes_first_and_of_equals_the_newest() {
    let room = room(&["Dang cap", "Đảng bộ", "Dang dở", "Đăng ký"]);
    let hits = room.store.read(|db| find(db, "dang", 10)).unwrap().hits;
    assert_eq!(titles(&room.store, &hits), ["Dang dở", "Dang cap", "Đăng ký", "Đảng bộ"]);
    assert_eq!(hits.iter().map(|hit| hit.as_written).collect::<Vec<_>>(), [true, true, false, false]);
}

#[test]
fn a_phrase_stands_together_in_one_sentence_of_one_text() {
    let titles = ["Học tập và làm theo Bác", "Làm theo, học tập", "Học. Tập huấn", "Hoc tap", "Cải cách hành chính"];
    let room = room(&titles);
    assert_eq!(found(&room.store, "\"học tập\""), ["Làm theo, học tập", "Học tập và làm theo Bác"]);
    assert_eq!(found(&room.store, "\"hoc tap\""), ["Hoc tap", "Làm theo, học tập", "Học tập và làm theo Bác"]);
    assert_eq!(found(&room.store, "theo “học tập” bác"), ["Học tập và làm theo Bác"]);
    assert_eq!(found(&room.store, "học tập").len(), 3, "without quotation marks they may stand apart");
    assert_eq!(found(&room.store, "\"cải cách"), ["Cải cách hành chính"], "an open quotation");
}

#[test]
fn teaser_and_article_are_searched_too_and_a_revision_replaces_what_was_found() {
    let room = Room::new();
    let mut one = incoming("a", "https://a.vn/1", "Một", "Tiêu biểu");
    one.item.body = "Dân vận khéo".to_owned();
    room.take("a", one, now());
    assert_eq!(found(&room.store, "tiêu biểu \"vận khéo\""), ["Một"]);
    room.take("a", incoming("a", "https://a.vn/1", "Hai", "Chữ khác"), now());
    assert_eq!(found(&room.store, "khác"), ["Hai"]);
    assert!(found(&room.store, "tiêu biểu").is_empty());
}

#[test]
fn of_a_story_one_item_is_shown() {
    let room = Room::new();
    room.take("a", incoming("a", "https://a.vn/1", "Hội nghị tổng kết", ""), now());
    room.take("b", incoming("b", "https://a.vn/1", "Hội nghị tổng kết năm", ""), now());
    assert_eq!(found(&room.store, "hội nghị"), ["Hội nghị tổng kết năm"]);
}

#[test]
fn a_question_is_words_whatever_it_looks_like() {
    let room = room(&["NEAR AND OR NOT", "words: x", "Không phẩy '; DROP TABLE item; --"]);
    let hostile = [
        "",
        " ",
        "\"",
        "\"\"",
        "^",
        "*",
        "-",
        "\u{0}",
        "AND",
        "NEAR(",
        "words:",
        "a OR",
        "'; DROP TABLE item; --",
        "\" OR \"",
        "{x} : y",
        "NOT NOT",
        "x*",
        "^x",
        "+",
        "\u{1}\u{2}",
        "đ^",
    ];
    for question in hostile {
        room.store.read(|db| find(db, question, 10)).unwrap_or_else(|e| panic!("{question:?}: {e:#}"));
    }
    assert_eq!(found(&room.store, "and or"), ["NEAR AND OR NOT"]);
    assert_eq!(found(&room.store, "drop table"), ["Không phẩy '; DROP TABLE item; --"]);
    let long = "tin ".repeat(10_000);
    assert!(found(&room.store, &long).is_empty());
    assert!(found(&room.store, "…").is_empty(), "no word, no hits");
}

#[test]
fn no_more_is_read_for_a_question_than_was_promised() {
    let room = Room::new();
    let row = room.rows["a"];
    let count = MOST_READ + 5;
    room.write(move |tx| {
        for index in 0..count {
            let title = if index == 0 { "một hai" } else { "hai một" };
            let one = incoming("a", &format!("https://a.vn/{index}"), title, "");
            crate::store::take_in(tx, row, &one, now(), true)?;
        }
        Ok(())
    })
    .unwrap();
    let found = room.store.read(|db| find(db, "\"một hai\"", 10)).unwrap();
    assert_eq!((found.hits.len(), found.complete), (0, false), "the only one is the oldest");
    let found = room.store.read(|db| find(db, "một", 10)).unwrap();
    assert_eq!((found.hits.len(), found.complete), (10, true));
}

#[test]
fn a_job_that_failed_leaves_no_words() {
    let room = Room::new();
    let row = room.rows["a"];
    let failed: Result<()> = room.write(move |tx| {
        crate::store::take_in(tx, row, &incoming("a", "https://a.vn/1", "Mất", ""), now(), true)?;
        anyhow::bail!("no")
    });
    failed.unwrap_err();
    room.take("a", incoming("a", "https://a.vn/2", "Còn", ""), now());
    assert!(found(&room.store, "mất").is_empty());
    assert_eq!(found(&room.store, "còn"), ["Còn"]);
}
