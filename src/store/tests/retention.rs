//! What was forgotten for its age never comes back; what stays, stays as it is.

use super::super::{find, is_forgotten, retention, search, withdrawn};
use super::*;

fn years_ago(years: i64) -> Time {
    now() - TimeDelta::days(365 * years)
}

/// From before which everything is forgotten.
fn until() -> Time {
    years_ago(1)
}

/// An item of a topic that was published at a time.
fn dated(mut one: Incoming, published: Option<Time>) -> Incoming {
    one.item.published = published;
    about(one, "x")
}

impl Room {
    /// Takes an item in that arrives when it is published.
    fn old(&self, from: &str, one: Incoming, years: i64) -> TakenIn {
        self.take(from, dated(one, Some(years_ago(years))), years_ago(years))
    }

    fn forget(&self, before: Time) -> usize {
        let mut stories = 0;
        loop {
            match self.write(move |tx| retention::forget_before(tx, before)).unwrap() {
                0 => return stories,
                some => stories += some,
            }
        }
    }

    fn rows(&self, table: &str) -> u32 {
        self.store.read(|db| Ok(db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?)).unwrap()
    }

    fn is_forgotten(&self, typed: &str) -> bool {
        self.store.read(|db| is_forgotten(db, &Clue::read(typed).unwrap())).unwrap()
    }
}

const TITLE: &str = "Hội nghị sơ kết mô hình dân vận khéo của xã";

#[test]
fn what_is_too_old_goes_with_everything_about_it_and_the_rest_keeps_its_numbers() {
    let room = Room::new();
    let gone = room.old("a", incoming("a", "https://a.vn/1", "Cũ", LEAD), 3);
    let copy = room.old("b", incoming("b", "https://b.vn/1", "Cũ", LEAD), 3);
    assert_eq!(copy.story, gone.story);
    let kept = room.take("a", dated(incoming("a", "https://a.vn/2", "Mới", ""), Some(now())), now());
    let before = room.all().swap_remove(0);
    let id = room.store.read(|db| stories::by_uid(db, &gone.story)).unwrap().unwrap();
    room.write(move |tx| {
        tx.execute("INSERT INTO story_alias VALUES ('aaaaaaaaaaaaaaaaaaaa', ?1)", [id])?;
        tx.execute("INSERT INTO filed_late VALUES ('x', 0, ?1)", [id])?;
        super::super::kinship::relate(tx, id, &[id + 1])
    })
    .unwrap();
    assert!(room.close("x", "2023-11", (years_ago(4), years_ago(2))));
    assert_eq!(room.forget(until()), 1);
    let [only] = &room.all()[..] else { panic!("one story stays") };
    assert_eq!((&only.uid, &only.members), (&kept.story, &before.members));
    for (table, rows) in [
        ("item", 1),
        ("item_topic", 1),
        ("topic_item", 1),
        ("story_topic", 1),
        ("story_related", 0),
        ("story_alias", 0),
        ("filed_late", 0),
        ("archived", 0),
    ] {
        assert_eq!(room.rows(table), rows, "{table}");
    }
    assert!(room.rows("item_key") > 2, "their names stay");
    assert_eq!(room.store.read(|db| search::find(db, "hội nghị", 10)).unwrap().hits.len(), 0);
    for name in [gone.story.as_str(), "aaaaaaaaaaaaaaaaaaaa", "aaaaaa", "https://a.vn/1", "https://b.vn/1"] {
        assert!(room.is_forgotten(name), "{name}");
        assert_eq!(room.store.read(|db| find(db, &Clue::read(name).unwrap())).unwrap(), [] as [i64; 0], "{name}");
    }
    assert!(!room.is_forgotten(&kept.story) && !room.is_forgotten("https://a.vn/3"));
    assert_eq!(room.store.read(retention::until).unwrap(), Some(until()));
    assert_eq!(room.forget(years_ago(2)), 0);
    assert_eq!(
        room.store.read(retention::until).unwrap(),
        Some(until()),
        "what is forgotten stays so when more is kept"
    );
}

#[test]
fn what_was_forgotten_never_comes_back_however_it_is_shown() {
    let link = "https://a.vn/so-ket-post123456.html";
    let at = Some(years_ago(3));
    for (what, from, again) in [
        ("as it was", "a", dated(incoming("a", link, TITLE, LEAD), at)),
        ("without its date", "a", dated(incoming("a", link, TITLE, LEAD), None)),
        ("with a new date", "a", dated(incoming("a", link, TITLE, LEAD), Some(now()))),
        ("edited", "a", dated(incoming("a", link, "Tiêu đề khác hẳn", "Khác."), at)),
        (
            "under another slug",
            "a",
            dated(incoming("a", "https://a.vn/khac-post123456.html", "Đã sửa: sơ kết", ""), at),
        ),
        ("at another address altogether", "a", dated(incoming("a", "https://a.vn/moi/so-ket.htm", TITLE, LEAD), at)),
        ("under a new guid", "a", dated(guided("a", Some("g2"), link, TITLE, LEAD), at)),
        ("under a new guid without its date", "a", dated(guided("a", Some("g2"), link, TITLE, LEAD), at)),
        ("by another paper at the same address", "b", dated(incoming("b", link, TITLE, LEAD), Some(now()))),
        ("by another paper at the address of a copy", "b", dated(incoming("b", "https://tw.vn/1", TITLE, LEAD), at)),
    ] {
        let room = Room::new();
        room.old("a", incoming("a", link, TITLE, LEAD), 3);
        room.old("tw", incoming("tw", "https://tw.vn/1", TITLE, LEAD), 3);
        assert_eq!((room.forget(until()), room.all().len()), (1, 0));
        let written = (room.rows("item_key"), room.rows("story_key"));
        let taken = room.take(from, again, now());
        assert_eq!((taken.decision, room.rows("item")), (Decision::Forgotten, 0), "{what}");
        assert!(taken.topics.is_empty());
        assert_eq!((room.rows("item_key"), room.rows("story_key")), written, "{what}: nothing is written");
    }
}

#[test]
fn what_only_looks_like_something_forgotten_is_taken_in() {
    let link = "https://a.vn/lich-post123456.html";
    for (what, from, other) in [
        (
            "another item of the same day",
            "a",
            dated(incoming("a", "https://a.vn/khac.html", "Khác hẳn", ""), Some(years_ago(3))),
        ),
        (
            "the headline again, on another day",
            "a",
            dated(incoming("a", "https://a.vn/khac.html", TITLE, ""), Some(now())),
        ),
        ("the next one on its page", "a", dated(guided("a", Some("g2"), link, "Lịch tuần sau", ""), Some(now()))),
        (
            "a new one with its number",
            "a",
            dated(incoming("a", "https://a.vn/anh-post123456.html", "Chùm ảnh", ""), Some(now())),
        ),
        ("the same words in another paper", "b", dated(incoming("b", "https://b.vn/1", TITLE, LEAD), Some(now()))),
    ] {
        let room = Room::new();
        room.old("a", guided("a", Some("g1"), link, TITLE, LEAD), 3);
        assert_eq!(room.forget(until()), 1);
        let taken = room.take(from, other.clone(), now());
        assert_eq!((taken.decision, room.all().len()), (Decision::Found, 1), "{what}");
        assert_eq!(room.take(from, other, now()).decision, Decision::Keep, "{what}, again");
    }
}

#[test]
fn a_headline_that_led_to_a_forgotten_story_leads_to_who_comes_with_it_now() {
    let room = Room::new();
    room.old("a", incoming("a", "https://a.vn/1", TITLE, LEAD), 3);
    room.forget(until());
    let new = dated(incoming("a", "https://a.vn/2", TITLE, LEAD), Some(now()));
    assert_eq!(room.take("a", new, now()).decision, Decision::Found);
    let copy = dated(incoming("b", "https://b.vn/2", TITLE, LEAD), Some(now()));
    assert!(matches!(room.take("b", copy, now()).decision, Decision::Join { .. }));
}

#[test]
fn the_first_document_of_a_source_that_is_new_brings_nothing_back_that_has_its_address() {
    let room = Room::new();
    room.old("a", incoming("a", "https://a.vn/1", TITLE, LEAD), 3);
    room.forget(until());
    let (row, again) = (room.rows["b"], dated(incoming("b", "https://a.vn/1", TITLE, LEAD), Some(years_ago(3))));
    let taken = room.write(move |tx| take_in(tx, row, &again, now(), true)).unwrap();
    assert_eq!((taken.decision, room.all().len()), (Decision::Forgotten, 0));
}

#[test]
fn a_story_that_somebody_still_carries_stays_whole() {
    let room = Room::new();
    room.old("a", incoming("a", "https://a.vn/1", TITLE, LEAD), 3);
    // Joined by its address, long after.
    let late = dated(incoming("b", "https://a.vn/1", "Nhìn lại", ""), Some(now()));
    assert!(matches!(room.take("b", late, now()).decision, Decision::Join { .. }));
    assert_eq!(room.forget(until()), 0);
    assert_eq!(room.all()[0].members.len(), 2);
    // And one that entered a topic late.
    let room = Room::new();
    let mut old = incoming("a", "https://a.vn/1", TITLE, LEAD);
    old.item.published = Some(years_ago(3));
    room.take("a", old.clone(), years_ago(3));
    let mut edited = about(old, "x");
    edited.content = dedup::content(&Item { summary: "Nhắc đến Bác".into(), ..edited.item.clone() });
    assert_eq!(room.take("a", edited, now()).decision, Decision::Revise);
    assert_eq!((room.forget(until()), newest(&room.store, Some("x"), 10).len()), (0, 1));
}

#[test]
fn a_story_that_was_taken_back_is_forgotten_like_any_other() {
    let room = Room::new();
    let gone = room.old("a", incoming("a", "https://a.vn/1", TITLE, LEAD), 3);
    room.write(|tx| withdrawn::withdraw(tx, 1, now())).unwrap();
    assert_eq!(room.forget(until()), 1);
    assert_eq!((room.rows("tombstone"), room.is_forgotten(&gone.story)), (0, true));
    assert_eq!(room.store.read(stories::counts).unwrap().0, 0);
}

#[test]
fn an_item_of_a_story_that_was_taken_back_stays_in_it_whatever_its_source_makes_of_it() {
    let room = Room::new();
    room.take("a", about(incoming("a", "https://a.vn/1", TITLE, LEAD), "x"), now());
    room.take("b", about(incoming("b", "https://b.vn/1", TITLE, LEAD), "x"), now());
    room.write(|tx| withdrawn::withdraw(tx, 1, now())).unwrap();
    let words =
        "Thời tiết ngày mai có mưa rào và dông vài nơi, nhiệt độ cao nhất ba mươi hai độ, gió đông nam cấp hai.";
    for (from, link) in [("b", "https://b.vn/1"), ("a", "https://a.vn/1")] {
        let edited = about(incoming(from, link, "Dự báo thời tiết ngày mai ở các tỉnh phía nam", words), "x");
        assert_eq!(room.take(from, edited, now()).decision, Decision::Revise);
    }
    let copy = about(incoming("tw", "https://a.vn/1", TITLE, LEAD), "x");
    assert!(matches!(room.take("tw", copy, now()).decision, Decision::Join { .. }));
    assert!(room.all().is_empty() && newest(&room.store, Some("x"), 10).is_empty());
    let touched = room.write(|tx| withdrawn::reinstate(tx, 1, now())).unwrap().unwrap();
    assert!(touched.contains("x"));
    assert_eq!((room.all().len(), room.all()[0].members.len()), (1, 3));
}
