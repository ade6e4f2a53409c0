//! Rules that changed decide again about what is stored, whatever comes in between.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{TimeDelta, TimeZone, Utc};
use url::Url;

use super::super::reclassify::Again;
use super::*;
use crate::config::{self, File, FileKind};
use crate::dedup;
use crate::kin;
use crate::model::{Item, Match};
use crate::parse::{Entry, IdSource};
use crate::schedule::Time;
use crate::store::topics::DecidedBy;
use crate::store::{Incoming, sources, stories, topics};

/// More than two bites.
const MANY: i64 = 1_200;

fn at() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 23, 5, 0, 0).unwrap()
}

/// Two sources, and topics of one phrase each.
fn config(topics: &[(&str, &str)]) -> Config {
    let file = |name: &str, kind, text: String| File { name: name.into(), kind, text };
    let settings = "[public]\nbase_url = \"https://tin.hamau.vn\"\n[fetch]\ncontact = \"mailto:tin@hamau.vn\"\n";
    let source = |id| {
        format!(
            "[[source]]\nid = \"{id}\"\nname = \"Báo {id}\"\nlevel = \"central\"\nurl = \"https://{id}.hamau.vn/rss\"\n"
        )
    };
    let mut files = vec![
        file("dongtin.toml", FileKind::Settings, settings.to_owned()),
        file("sources/a.toml", FileKind::Sources, source("a") + &*source("b")),
    ];
    files.extend(topics.iter().map(|(id, phrase)| {
        let rule = format!("[[rule]]\nname = \"r\"\nweight = 10\nphrases = [\"{phrase}\"]\n");
        file(&format!("topics/{id}.toml"), FileKind::Topic, format!("id = \"{id}\"\nname = \"{id}\"\n{rule}"))
    }));
    config::read(&files, at()).unwrap_or_else(|m| panic!("{m:?}"))
}

fn criteria(topics: &[(&str, &str)]) -> Arc<Criteria> {
    let config = config(topics);
    Arc::new(Criteria::new(&config.rules, &config.sources))
}

/// An item as a poll would bring it, decided by these criteria.
fn incoming(source: &str, name: &str, title: &str, by: &Criteria) -> Incoming {
    let link = Url::parse(&format!("https://{source}.hamau.vn/{name}.html")).unwrap();
    let entry = Entry {
        id: format!("{source}-{name}"),
        id_source: IdSource::Guid,
        link: Some(link.clone()),
        title: Some(title.to_owned()),
        ..Entry::default()
    };
    let keys = dedup::assign(source, &[entry]).remove(0).unwrap();
    let item = Item { title: title.into(), link: Some(link), published: Some(at()), ..Item::default() };
    Incoming {
        content: dedup::content(&item),
        traits: kin::Traits::of_item(&item, keys.link_names_it()),
        uid: dedup::story_uid(&item, &keys),
        topics: by.decide(source, &item),
        terms: None,
        item,
        keys,
        same_as: None,
    }
}

/// A database and a runtime.
struct Newsroom {
    store: Arc<Store>,
    runtime: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
}

/// Everything that deciding again may change, or must not.
#[derive(Debug, Clone, PartialEq)]
struct Picture {
    /// By number of the item.
    decisions: BTreeMap<i64, Vec<Match>>,
    /// By topic: the names of stories and where they stand.
    places: BTreeMap<String, BTreeSet<(String, i64)>>,
    /// The same of all stories.
    all: BTreeSet<(String, i64)>,
}

impl Newsroom {
    fn new() -> Newsroom {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(folder.path()).unwrap());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let sources = config(&[("khac", "khác")]).sources;
        runtime.block_on(store.write(move |tx| sources::sync(tx, &sources))).unwrap();
        Newsroom { store, runtime, _folder: folder }
    }

    /// With many stories about both topics of the tests, one about neither, decided by criteria.
    fn full(by: &Arc<Criteria>) -> Newsroom {
        let room = Newsroom::new();
        let mut items: Vec<Incoming> = (1..MANY)
            .map(|n| match n % 2 {
                0 => incoming("a", &format!("{n}"), &format!("Tổ {n} học Bác"), by),
                _ => incoming("a", &format!("{n}"), &format!("Thôn {n} giá lúa tăng"), by),
            })
            .collect();
        items.push(incoming("a", "mua", "Mưa lớn", by));
        room.take("a", items, at());
        room.decide(by);
        room
    }

    fn write<T: Send + 'static>(&self, job: impl FnOnce(&store::Tx<'_>) -> Result<T> + Send + 'static) -> T {
        self.runtime.block_on(self.store.write(job)).unwrap()
    }

    fn take(&self, source: &str, items: Vec<Incoming>, when: Time) {
        let row = self.store.read(sources::states).unwrap()[source].row;
        self.write(move |tx| {
            for item in &items {
                store::take_in(tx, row, item, when, false)?;
            }
            Ok(())
        });
    }

    fn again(&self, by: &Arc<Criteria>) -> Again {
        Again::new(Arc::clone(&self.store), Arc::clone(by))
    }

    /// Goes on a little; whether there is more to do.
    fn step(&self, again: &mut Again) -> bool {
        self.runtime.block_on(again.step()).unwrap()
    }

    fn decide(&self, by: &Arc<Criteria>) {
        let mut again = self.again(by);
        while self.step(&mut again) {}
    }

    fn decided_by(&self) -> DecidedBy {
        self.store.read(topics::decided_by).unwrap()
    }

    fn picture(&self) -> Picture {
        let items = self.store.read(|db| stories::items_after(db, 0, 10_000)).unwrap();
        let decisions = items
            .iter()
            .map(|item| (item.id, self.store.read(|db| stories::matches_of_item(db, item.id)).unwrap()))
            .collect();
        let listed = |sql: &str| {
            self.store
                .read(|db| {
                    let mut query = db.prepare(sql)?;
                    let rows = query.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
                    Ok(rows.collect::<Result<Vec<(String, (String, i64))>, _>>()?)
                })
                .unwrap()
        };
        let mut places: BTreeMap<String, BTreeSet<(String, i64)>> = BTreeMap::new();
        for (topic, place) in listed("SELECT t.topic, s.uid, t.at FROM story_topic t JOIN story s ON s.id = t.story") {
            places.entry(topic).or_default().insert(place);
        }
        let all = listed("SELECT '', uid, at FROM story").into_iter().map(|(_, place)| place).collect();
        Picture { decisions, places, all }
    }
}

const BAC: (&str, &str) = ("bac", "học Bác");
const LUA: (&str, &str) = ("lua", "giá lúa");

#[test]
fn what_is_stored_is_as_if_the_new_rules_had_always_been_there() {
    let (before, after) = (criteria(&[BAC]), criteria(&[BAC, LUA]));
    let room = Newsroom::full(&before);
    room.decide(&after);
    assert_eq!(room.picture(), Newsroom::full(&after).picture());
    assert_eq!(room.decided_by(), DecidedBy::One(after.fingerprint()));
    let mut idle = room.again(&after);
    assert!(!room.step(&mut idle), "nothing to do");
}

#[test]
fn interrupted_anywhere_it_ends_right_whatever_the_rules_are_then() {
    let (before, after, third) = (criteria(&[BAC]), criteria(&[LUA]), criteria(&[("bac", "mưa"), LUA]));
    for (what, then) in [("the same", &after), ("the old ones again", &before), ("others", &third)] {
        let expected = Newsroom::full(then).picture();
        for steps in 0..5 {
            let room = Newsroom::full(&before);
            let mut again = room.again(&after);
            for _ in 0..steps {
                room.step(&mut again);
            }
            // Whoever looks now is not told that all was decided by one set of rules, unless it was.
            let vouched = room.decided_by();
            match steps {
                0 => assert_eq!(vouched, DecidedBy::One(before.fingerprint())),
                1..5 => assert_eq!(vouched, DecidedBy::Several, "after {steps} steps"),
                _ => {}
            }
            drop(again);
            room.decide(then);
            assert_eq!(room.picture(), expected, "{what}, after {steps} steps");
        }
    }
}

#[test]
fn polls_go_on_meanwhile_and_what_they_write_stays() {
    let (before, after) = (criteria(&[BAC]), criteria(&[LUA]));
    let room = Newsroom::full(&before);
    let mut again = room.again(&after);
    let mut round = 0;
    while room.step(&mut again) {
        round += 1;
        let name = format!("moi-{round}");
        let (new, revised) = (incoming("b", &name, "Giá lúa hôm nay", &after), format!("Giá lúa ở thôn {round}"));
        room.take("b", vec![new], at());
        // Items before and behind the place where it is.
        let revised = |n: i64| incoming("a", &n.to_string(), &revised, &after);
        room.take("a", vec![revised(round), revised(MANY - round)], at() + TimeDelta::minutes(round));
    }
    assert!(round >= 3, "{round} steps");
    let picture = room.picture();
    let items = room.store.read(|db| stories::items_after(db, 0, 10_000)).unwrap();
    for item in items {
        let matched: Vec<Match> = after.decide(&item.source, &item.item).into_iter().filter(Match::matched).collect();
        assert_eq!(picture.decisions[&item.id], matched, "{}", item.item.title);
    }
    assert!(!picture.places.contains_key("bac"));
}

#[test]
fn what_leaves_a_topic_and_comes_back_stands_where_it_stood_under_the_name_it_had() {
    let (both, lua) = (criteria(&[BAC, LUA]), criteria(&[("bac", "không có"), LUA]));
    let room = Newsroom::full(&both);
    // One story entered the topic a day after it was founded, through a revision.
    room.take("a", vec![incoming("a", "mua", "Mưa lớn, bộ đội học Bác giúp dân", &both)], at() + TimeDelta::days(1));
    let before = room.picture();
    let late: Vec<&(String, i64)> = before.places["bac"].iter().filter(|place| !before.all.contains(place)).collect();
    assert_eq!(late.len(), 1, "it stands later in the topic than among all");
    room.decide(&lua);
    let between = room.picture();
    assert!(!between.places.contains_key("bac"));
    assert_eq!(between.all, before.all);
    room.decide(&both);
    assert_eq!(room.picture(), before);
}

#[test]
fn of_a_topic_that_is_removed_or_renamed_nothing_stays() {
    let before = criteria(&[BAC, LUA]);
    for after in [criteria(&[LUA]), criteria(&[("lam-theo", BAC.1), LUA])] {
        let room = Newsroom::full(&before);
        let stories = room.picture().places["bac"].clone();
        room.decide(&after);
        let named = |table: &str| -> i64 {
            let count = format!("SELECT count(*) FROM {table} WHERE topic = 'bac'");
            room.store.read(|db| Ok(db.query_row(&count, [], |row| row.get(0))?)).unwrap()
        };
        for table in ["item_topic", "story_topic", "story_left"] {
            assert_eq!(named(table), 0, "{table}");
        }
        let renamed = room.picture().places.get("lam-theo").cloned();
        assert!(renamed.is_none_or(|renamed| renamed == stories), "under the new name they stand where they stood");
    }
}

#[test]
fn rules_that_decided_only_for_one_poll_by_hand_are_found_out() {
    let (daemons, edited) = (criteria(&[BAC]), criteria(&[LUA]));
    let room = Newsroom::full(&daemons);
    let rules = edited.fingerprint();
    room.write(move |tx| topics::decide_by(tx, &rules));
    room.take("b", vec![incoming("b", "x", "Giá lúa và việc học Bác", &edited)], at());
    // The edit is taken back before the daemon starts.
    room.decide(&daemons);
    assert!(!room.picture().places.contains_key("lua"));
}
