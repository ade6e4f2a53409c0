//! The past month by month: what was given out stays, and who walks through it meets every story once.

use super::super::archives::{self, Archived, Closed, PART};
use super::super::{regroup, topics, withdrawn};
use super::facets::item;
use super::*;
use std::collections::BTreeSet;

const RULES: &str = "r1";

/// When a month of this year begins in Việt Nam.
fn begin(month: u32) -> Time {
    Utc.with_ymd_and_hms(2026, month, 1, 0, 0, 0).unwrap() - TimeDelta::hours(7)
}

fn october() -> (Time, Time) {
    (begin(10), begin(11))
}

fn about_nothing(mut incoming: Incoming) -> Incoming {
    incoming.topics.clear();
    incoming
}

impl Room {
    /// The last part of a month, as somebody reads it who gives it out.
    fn read_month(&self, list: &str, month: &str, span: (Time, Time)) -> Closed {
        let stories = self.store.read(|db| archives::stories(db, list, span, (0, PART))).unwrap();
        let before = self.store.read(|db| archives::last_before(db, list, span.0)).unwrap();
        let document = Archived {
            body: format!("<feed>{}</feed>", stories.len()).into_bytes(),
            modified: now(),
            base: "https://tin.hamau.vn/".into(),
            articles_of: BTreeSet::new(),
        };
        Closed {
            list: list.into(),
            month: month.into(),
            span,
            part: 0,
            skip: 0,
            stories,
            before,
            again: false,
            document,
        }
    }

    fn keep(&self, closed: &Closed) -> bool {
        let closed = closed.clone();
        self.write(move |tx| archives::keep(tx, &closed)).unwrap()
    }

    /// Has a month given out, by rules that decided everything.
    pub fn close(&self, list: &str, month: &str, span: (Time, Time)) -> bool {
        self.write(|tx| topics::vouch(tx, RULES, &["x".to_owned(), "y".to_owned()])).unwrap();
        self.keep(&self.read_month(list, month, span))
    }

    fn kept(&self, list: &str) -> Option<Archived> {
        self.store.read(|db| archives::archived(db, list, "2026-10", 0)).unwrap()
    }

    fn of_month(&self, list: &str, month: u32) -> Vec<i64> {
        let span = (begin(month), begin(month + 1));
        let stories = self.store.read(|db| archives::stories(db, list, span, (0, 1_000))).unwrap();
        stories.into_iter().map(|(story, _)| story).collect()
    }

    /// Everything that who walks through the past of a list meets.
    fn walk(&self, list: &str) -> Vec<i64> {
        let mut met: Vec<i64> = (8..12).flat_map(|month| self.of_month(list, month)).collect();
        met.sort_unstable();
        met
    }

    /// Takes in an old item of a source that was never polled before.
    fn take_old(&self, from: &str, mut incoming: Incoming, published: Time) -> i64 {
        incoming.item.published = Some(published);
        let row = self.rows[from];
        let uid = self.write(move |tx| take_in(tx, row, &incoming, now(), true)).unwrap().story;
        self.store.read(|db| stories::by_uid(db, &uid)).unwrap().unwrap()
    }

    /// With five stories of October and one of November in topic x.
    fn with_october() -> (Room, Vec<i64>) {
        let room = Room::new();
        let stories: Vec<i64> = (0..5_usize)
            .map(|n| {
                let day = begin(10) + TimeDelta::days(i64::try_from(n).unwrap() + 1);
                room.take_old("a", item("a", n, &["x"], 0), day)
            })
            .collect();
        room.take("a", item("a", 9, &["x"], 1), now());
        (room, stories)
    }
}

#[test]
fn s40_who_walks_through_the_past_meets_every_story_once_also_one_that_comes_into_a_month_that_was_given_out() {
    let (room, october_stories) = Room::with_october();
    for list in ["x", "all"] {
        assert!(room.close(list, "2026-10", october()));
    }
    let late = room.take_old("b", item("b", 500, &["x"], 0), begin(10) + TimeDelta::days(10));
    for list in ["x", "all"] {
        assert_eq!(room.of_month(list, 10), october_stories, "it is not in the month that is over");
        assert!(room.of_month(list, 11).contains(&late));
        assert_eq!(room.walk(list).len(), 7, "and is met, once");
        let counted = room.store.read(|db| archives::count(db, list, (begin(11), begin(12)))).unwrap();
        assert_eq!(usize::try_from(counted).unwrap(), room.of_month(list, 11).len());
    }
    let last = |before| room.store.read(|db| archives::last_before(db, "x", before)).unwrap();
    assert!(last(begin(11)).unwrap() < begin(11) && last(begin(11)).unwrap() >= begin(10));
    assert_eq!(last(begin(9)), None);
    // The first who gives it out decides.
    let kept = room.kept("x");
    let mut other = room.read_month("x", "2026-10", october());
    other.document.body = b"<other/>".to_vec();
    assert!(room.keep(&other));
    assert_eq!(room.kept("x"), kept);
}

#[test]
fn s40_what_comes_into_a_month_while_it_is_given_out_for_the_first_time_is_not_lost() {
    let (room, stories) = Room::with_october();
    room.write(|tx| topics::vouch(tx, RULES, &["x".to_owned()])).unwrap();
    let read = room.read_month("x", "2026-10", october());
    let late = room.take_old("b", item("b", 500, &["x"], 0), begin(10) + TimeDelta::days(10));
    assert!(!room.keep(&read), "somebody came in between");
    assert_eq!(room.of_month("x", 10).len(), stories.len() + 1, "and stands where he belongs");
    let read = room.read_month("x", "2026-10", october());
    room.take_old("b", item("b", 501, &["x"], 0), begin(9) + TimeDelta::days(10));
    assert!(!room.keep(&read), "what was before it is another month now");
    assert!(room.keep(&room.read_month("x", "2026-10", october())));
    assert!(room.of_month("x", 10).contains(&late));
}

#[test]
fn s40_a_part_is_the_last_only_while_nothing_stands_behind_it() {
    let room = Room::new();
    let found = |numbers: std::ops::Range<u32>| {
        room.write(move |tx| {
            for number in numbers {
                let at = (begin(10) + TimeDelta::minutes(i64::from(number) + 1)).timestamp_millis();
                tx.execute(
                    "INSERT INTO story (uid, at, updated, lead) VALUES (?1, ?2, ?2, 0)",
                    (format!("{number:020}"), at),
                )?;
            }
            topics::vouch(tx, RULES, &["x".to_owned()])
        })
        .unwrap();
    };
    found(0..PART);
    let read = room.read_month("all", "2026-10", october());
    found(PART..PART + 1);
    let again = room.read_month("all", "2026-10", october());
    assert_eq!(again.stories, read.stories, "the first thousand are the same");
    assert!(!room.keep(&read), "but the last part begins behind them");
}

#[test]
fn where_one_part_of_a_month_may_not_be_given_out_any_more_all_are_made_again() {
    let (room, _) = Room::with_october();
    assert!(room.close("x", "2026-10", october()));
    let read = room.read_month("x", "2026-10", october());
    assert!(room.keep(&Closed { part: 1, ..read.clone() }));
    let document = Archived { base: "https://moi.hamau.vn/".into(), ..read.document.clone() };
    assert!(room.keep(&Closed { part: 1, again: true, document, ..read }));
    let (bases, _) = room.store.read(|db| archives::said(db, "x", "2026-10")).unwrap();
    assert_eq!(
        (bases.into_iter().collect::<Vec<_>>(), room.kept("x")),
        (vec!["https://moi.hamau.vn/".to_owned()], None)
    );
}

#[test]
fn s40_no_month_is_kept_while_stored_items_are_decided_again() {
    let (room, _) = Room::with_october();
    assert!(!room.keep(&room.read_month("x", "2026-10", october())), "nobody said by which rules");
    room.write(|tx| topics::vouch(tx, RULES, &["x".to_owned()])).unwrap();
    room.write(|tx| topics::decide_by(tx, "r2")).unwrap();
    assert!(!room.keep(&room.read_month("x", "2026-10", october())));
    assert_eq!(room.kept("x"), None);
    room.write(|tx| topics::vouch(tx, "r2", &["x".to_owned()])).unwrap();
    assert!(room.keep(&room.read_month("x", "2026-10", october())));
}

#[test]
fn s41_a_story_taken_back_is_in_no_document_of_the_past_and_the_month_stays_given_out() {
    let (room, stories) = Room::with_october();
    assert!(room.close("x", "2026-10", october()));
    let story = stories[2];
    room.write(move |tx| withdrawn::withdraw(tx, story, now())).unwrap();
    assert_eq!(room.kept("x"), None, "it is made again");
    assert_eq!(room.of_month("x", 10).len(), stories.len() - 1);
    let late = room.take_old("b", item("b", 500, &["x"], 0), begin(10) + TimeDelta::days(10));
    assert!(room.of_month("x", 11).contains(&late), "who has October already meets it");
    room.write(move |tx| withdrawn::reinstate(tx, story, now())).unwrap();
    assert_eq!(room.of_month("x", 10), stories, "it is where it was");
}

#[test]
fn s34_a_story_that_is_shown_again_changed_with_that() {
    let (room, stories) = Room::with_october();
    let (story, later) = (stories[2], now() + TimeDelta::hours(1));
    room.write(move |tx| withdrawn::withdraw(tx, story, now())).unwrap();
    room.write(move |tx| withdrawn::reinstate(tx, story, later)).unwrap();
    assert_eq!(room.store.read(|db| stories::by_id(db, story)).unwrap().updated, later);
}

#[test]
fn s40_a_story_that_leaves_a_topic_and_comes_back_is_met_where_it_was_given_out_and_nowhere_else() {
    for news in [None, Some(now())] {
        let (room, stories) = Room::with_october();
        let decide = |story: i64, topics: &[&str], news: Option<Time>| {
            let matches = item("a", 0, topics, 0).topics;
            let set = move |tx: &Tx<'_>| {
                let lead = tx.query_row("SELECT lead FROM story WHERE id = ?1", [story], |row| row.get(0))?;
                set_topics(tx, lead, story, &matches, news)
            };
            room.write(set).unwrap();
        };
        let (absent, known) = (stories[2], stories[3]);
        decide(absent, &[], None);
        assert!(room.close("x", "2026-10", october()));
        decide(absent, &["x"], None);
        assert!(room.of_month("x", 11).contains(&absent), "October was given out without it");
        decide(absent, &[], None);
        decide(absent, &["x"], news);
        assert_eq!(room.walk("x").len(), 6, "once, {news:?}");
        decide(known, &[], None);
        decide(known, &["x"], news);
        assert!(room.of_month("x", 10).contains(&known), "who has October has it, {news:?}");
        assert_eq!(room.walk("x").len(), 6, "once, {news:?}");
    }
}

#[test]
fn s40_a_story_that_is_split_off_in_a_month_that_was_given_out_is_met() {
    let (room, _) = Room::with_october();
    let copy = room.take_old("b", item("b", 700, &["x"], 0), begin(10) + TimeDelta::days(10));
    let other = room.of_month("all", 10)[0];
    room.write(move |tx| regroup::join(tx, other, copy, now())).unwrap();
    for list in ["x", "all"] {
        assert!(room.close(list, "2026-10", october()));
    }
    let split = room
        .write(move |tx| {
            let item: i64 = tx.query_row("SELECT max(id) FROM item WHERE story = ?1", [other], |row| row.get(0))?;
            regroup::split(tx, &[item], now())
        })
        .unwrap();
    let story = room.store.read(|db| stories::by_uid(db, &split.story)).unwrap().unwrap();
    for list in ["x", "all"] {
        assert!(room.walk(list).contains(&story), "{list}");
        assert!(!room.of_month(list, 10).contains(&story), "{list}");
    }
}

#[test]
fn s22_a_topic_that_has_another_name_keeps_what_is_stored_of_it_where_it_stood() {
    let (room, stories) = Room::with_october();
    assert!(room.close("x", "2026-10", october()));
    let late = room.take_old("b", item("b", 500, &["x"], 0), begin(10) + TimeDelta::days(10));
    let gone = stories[0];
    room.write(move |tx| withdrawn::withdraw(tx, gone, now())).unwrap();
    let reasons = |topic: &str| -> i64 {
        let sql = "SELECT count(*) FROM item_topic WHERE topic = ?1";
        room.store.read(|db| Ok(db.query_row(sql, [topic], |row| row.get(0))?)).unwrap()
    };
    let (before, listed) = (room.walk("x"), newest(&room.store, Some("x"), 10));
    room.write(|tx| topics::rename(tx, "x", "z")).unwrap();
    assert_eq!((room.walk("z"), room.walk("x")), (before, Vec::new()));
    assert!(room.of_month("z", 11).contains(&late));
    let uids = |stories: &[Story]| stories.iter().map(|story| story.uid.clone()).collect::<Vec<_>>();
    assert_eq!(uids(&newest(&room.store, Some("z"), 10)), uids(&listed));
    assert_eq!(room.store.read(|db| withdrawn::of_list(db, "z")).unwrap().len(), 1);
    // What was taken back is listed nowhere; deciding again brings it over.
    assert_eq!((reasons("z"), reasons("x")), (6, 1));
    // Where both have something, nothing is thrown together.
    room.take("b", about_nothing(item("b", 600, &[], 1)), now());
    room.take("b", item("b", 601, &["y"], 1), now());
    room.write(|tx| topics::rename(tx, "z", "y")).unwrap();
    assert_eq!(room.walk("y").len(), 1);
}
