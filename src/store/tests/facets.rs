//! Lists of some topics from some sources, the past month by month, and what was taken back.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::{facets, regroup, search, withdrawn};
use super::*;

const HOUR: i64 = 3_600_000;

/// An item whose story nobody else tells, in these topics, published so many hours ago.
pub fn item(from: &str, number: usize, topics: &[&str], hours_ago: i64) -> Incoming {
    let words = ["một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười"];
    let word = |place: usize| words[number / 10_usize.pow(u32::try_from(place).unwrap()) % 10];
    let title = format!("Tin {} {} {} của {from}", word(0), word(1), word(2));
    let mut incoming = incoming(from, &format!("https://{from}.vn/{from}-{number}.html"), &title, "");
    incoming.item.published = Some(now() - TimeDelta::hours(hours_ago));
    incoming.topics = topics
        .iter()
        .map(|topic| Match { topic: (*topic).into(), score: 1.0, threshold: 1.0, reasons: Vec::new() })
        .collect();
    incoming
}

fn names(topics: &[&str]) -> Vec<String> {
    topics.iter().map(|topic| (*topic).to_owned()).collect()
}

impl Room {
    /// The headlines of a list from some sources.
    fn list(&self, topics: &[&str], sources: Option<&[&str]>, extent: facets::Extent) -> Vec<String> {
        let (topics, sources) =
            (names(topics), sources.map(|s| s.iter().map(|s| self.rows[*s]).collect::<BTreeSet<_>>()));
        let of = facets::Of { topics: &topics, sources: sources.as_ref() };
        let title = |db: &Connection, story| Ok(stories::by_id(db, story)?.members[0].item.title.clone());
        let read = |db: &Connection| {
            facets::newest(db, of, extent)?.into_iter().map(|(story, _)| title(db, story)).collect::<Result<Vec<_>>>()
        };
        self.store.read(read).unwrap()
    }
}

fn extent(least: usize) -> facets::Extent {
    facets::Extent { skip: 0, least, span: 0, most: 1_000 }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_merged_list_is_what_one_query_over_everything_finds(
        items in prop::collection::vec((0..3_usize, 0..4_usize, 0..5_i64), 1..40), least in 1..12_usize, skip in 0..6_usize,
    ) {
        let room = Room::new();
        let (froms, topics) = (["a", "b", "tw"], [&[][..], &["x"], &["y"], &["x", "y"]]);
        for (number, (from, topic, ago)) in items.into_iter().enumerate() {
            room.take(froms[from], item(froms[from], number, topics[topic], ago), now());
        }
        for (topics, sources) in [
            (&["x"][..], Some(&["a"][..])), (&["x"], Some(&["a", "tw"])), (&["x", "y"], Some(&["a", "b"])), (&["x", "y"], None), (&["y"], None),
            (&["all"], Some(&["b", "tw"])), (&["all"], None),
        ] {
            let (names, rows) = (names(topics), sources.map(|s| s.iter().map(|s| room.rows[*s]).collect::<BTreeSet<_>>()));
            let of = facets::Of { topics: &names, sources: rows.as_ref() };
            let extent = facets::Extent { skip, ..extent(least) };
            let found: Vec<i64> =
                room.store.read(|db| facets::newest(db, of, extent)).unwrap().into_iter().map(|(_, at)| at).collect();
            let is_in = |alias: &str| {
                let topics: Vec<String> = topics.iter().map(|t| format!("'{t}'")).collect();
                if topics == ["'all'"] { "1".to_owned() } else { format!("{alias}.topic IN ({})", topics.join(",")) }
            };
            let from = rows.map_or("1".to_owned(), |rows| {
                format!("i.source IN ({})", rows.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
            });
            let table = if topics == ["all"] { "(SELECT id AS story, at, '' AS topic FROM story)" } else { "story_topic" };
            let sql = format!(
                "SELECT min(max(i.at, t.at)) AS stands FROM {table} t JOIN item i ON i.story = t.story WHERE {} AND {from}
                 GROUP BY t.story ORDER BY stands DESC", is_in("t"));
            let all: Vec<i64> = room.store.read(|db| {
                let mut query = db.prepare(&sql)?;
                Ok(query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
            }).unwrap();
            let wanted: Vec<i64> = all.into_iter().skip(skip).collect();
            // Whatever stands at the same moment as the last one is within the span.
            prop_assert!(found.len() >= least.min(wanted.len()), "{:?} of {:?}", found, wanted);
            prop_assert_eq!(&found[..], &wanted[..found.len()]);
        }
    }
}

#[test]
fn who_carries_a_story_later_does_not_bring_it_up_again_in_a_list_and_brings_it_into_his_own() {
    let room = Room::new();
    room.take("a", item("a", 1, &["x"], 5), now());
    room.take("a", item("a", 2, &["x"], 1), now());
    let copy = Incoming { traits: item("a", 1, &["x"], 5).traits, ..item("b", 1, &["x"], 0) };
    let mut copy = copy;
    copy.item.title = item("a", 1, &[], 5).item.title;
    assert!(matches!(room.take("b", copy, now()).decision, Decision::Join { .. }));
    let titles = room.list(&["x"], Some(&["a", "b"]), extent(10));
    assert!(titles.len() == 2 && titles[1].starts_with("Tin hai"), "{titles:?}");
    assert_eq!(room.list(&["x"], Some(&["b"]), extent(10)), [titles[1].clone()]);
}

#[test]
fn a_list_reaches_back_a_stretch_behind_its_newest_and_never_further_than_it_may() {
    let room = Room::new();
    for number in 0..30 {
        room.take("a", item("a", number, &["x"], i64::try_from(number).unwrap()), now());
    }
    let reach = |least, span, most| {
        room.list(&["x"], Some(&["a"]), facets::Extent { skip: 0, least, span: span * HOUR, most }).len()
    };
    // What is older than six hours stands six hours behind its arrival.
    assert_eq!((reach(2, 3, 100), reach(2, 0, 100), reach(10, 0, 100), reach(2, 24, 20)), (4, 2, 10, 20));
}

#[test]
fn a_story_taken_back_is_shown_nowhere_told_of_and_never_comes_again() {
    let room = Room::new();
    let taken = room.take("a", item("a", 1, &["x"], 1), now());
    room.take("b", item("b", 2, &["x"], 2), now());
    let id = room.store.read(|db| stories::by_uid(db, &taken.story)).unwrap().unwrap();
    let touched = room.write(move |tx| withdrawn::withdraw(tx, id, now())).unwrap().unwrap();
    assert_eq!(touched.into_iter().collect::<Vec<_>>(), ["x"]);
    let shown = |room: &Room| {
        let newest = newest(&room.store, None, 10).len() + newest(&room.store, Some("x"), 10).len();
        let listed =
            room.list(&["all"], Some(&["a"]), extent(9)).len() + room.list(&["x"], Some(&["a"]), extent(9)).len();
        let found = room.store.read(|db| search::find(db, "một", 10)).unwrap().hits.len();
        (newest, listed, found)
    };
    assert_eq!(shown(&room), (2, 0, 1), "the other one");
    // Its source shows it still, edits it, and another carries it.
    room.take("a", item("a", 1, &["x"], 1), now() + TimeDelta::hours(1));
    let mut edited = item("a", 1, &["x"], 1);
    edited.item.summary = "Thêm một câu".into();
    edited.content = dedup::content(&edited.item);
    room.take("a", edited, now() + TimeDelta::hours(1));
    assert_eq!(shown(&room), (2, 0, 1));
    let told = |list: &'static str| room.store.read(|db| withdrawn::of_list(db, list)).unwrap();
    assert_eq!((told("x")[0].uid.clone(), told("x")[0].at, told("all").len()), (taken.story, now(), 1));
    assert_eq!(room.write(move |tx| withdrawn::withdraw(tx, id, now())).unwrap(), None, "once");
    room.write(move |tx| withdrawn::reinstate(tx, id, now())).unwrap().unwrap();
    assert_eq!((shown(&room), told("x")), ((4, 2, 2), Vec::new()));
}

#[test]
fn joined_and_split_stories_stand_in_the_lists_of_who_carries_them() {
    let room = Room::new();
    let stories = [("a", 1), ("b", 2)].map(|(from, n)| room.take(from, item(from, n, &["x"], 1), now()).story);
    let ids = stories.map(|uid| room.store.read(|db| stories::by_uid(db, &uid)).unwrap().unwrap());
    room.write(move |tx| regroup::join(tx, ids[0], ids[1], now())).unwrap();
    assert_eq!(room.list(&["x"], Some(&["b"]), extent(9)), room.list(&["x"], Some(&["a"]), extent(9)));
    room.write(move |tx| regroup::split(tx, &[2], now())).unwrap();
    assert_ne!(room.list(&["x"], Some(&["b"]), extent(9)), room.list(&["x"], Some(&["a"]), extent(9)));
}
