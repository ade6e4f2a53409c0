mod facets;
mod history;
mod hostile;
mod kinship;
mod retention;
mod revision;
mod taken_back;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, TimeZone, Utc};
use url::Url;

use super::open::DATABASE_FILE;
use super::*;
use crate::dedup::{self, Decision};
use crate::kin;
use crate::model::Relocation;
use crate::model::{Enclosure, Field, Item, Level, Match, Organ, Publisher, Reason, Source, Story};
use crate::parse::{Entry, IdSource};
use crate::schedule::Pace;
use crate::schedule::{Cadence, Cause, Due, Time};

pub fn now() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 23, 5, 0, 0).unwrap()
}

fn source(id: &str, level: Level) -> Arc<Source> {
    Arc::new(Source {
        publisher: Arc::new(Publisher {
            id: id.into(),
            name: format!("Báo {id}"),
            feed: Url::parse(&format!("https://{id}.vn/rss")).unwrap(),
            site: Url::parse(&format!("https://{id}.vn/")).unwrap(),
            province: crate::model::province::find("ha-noi"),
            organ: Organ::Press,
            level,
        }),
        cadence: Cadence::Every(Duration::from_mins(20)),
        dates: crate::model::DateOrder::ByShape,
        zone: crate::schedule::vietnam(),
        listing: None,
        body: Vec::new(),
        full_text: crate::model::FullText::Never,
        trust: None,
        publish: crate::model::Publish::Teaser,
        topics: Vec::new(),
        cadence_is_own: true,
        probe: true,
        allow_downgrade: false,
        enabled: true,
    })
}

/// A database in its own folder with the sources `a` and `b` of a province and `tw` of the centre.
pub struct Room {
    dir: tempfile::TempDir,
    pub store: Store,
    pub rows: BTreeMap<String, i64>,
    /// Every story as it was at each of its revisions.
    revisions: Mutex<BTreeMap<(i64, i64), Story>>,
}

impl Room {
    pub fn new() -> Room {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let mut room = Room { dir, store, rows: BTreeMap::new(), revisions: Mutex::default() };
        let sources: BTreeMap<String, Arc<Source>> =
            [("a", Level::Province), ("b", Level::Province), ("tw", Level::Central)]
                .into_iter()
                .map(|(id, level)| (id.to_owned(), source(id, level)))
                .collect();
        room.write(move |tx| sources::sync(tx, &sources)).unwrap();
        room.rows = room.store.read(sources::states).unwrap().into_iter().map(|(slug, s)| (slug, s.row)).collect();
        room
    }

    /// After a restart.
    fn opened_again(self) -> Room {
        let Room { dir, store, rows, revisions } = self;
        drop(store);
        Room { store: Store::open(dir.path()).unwrap(), dir, rows, revisions }
    }

    pub fn write<T: Send + 'static>(&self, job: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let done = runtime.block_on(self.store.write(job));
        self.everyone_is_listed();
        self.what_differs_is_another_revision();
        done
    }

    /// Whatever was written: a story with the revision that it had before is what it was then.
    fn what_differs_is_another_revision(&self) {
        let now = |db: &Connection| {
            let known = sources::publishers(db)?;
            let reading = stories::Reading { publishers: &known, full: &|_| true, topics: &|_| true };
            let mut query = db.prepare("SELECT id, revision FROM story")?;
            let found = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let found: Vec<(i64, i64)> = found.collect::<rusqlite::Result<_>>()?;
            found.into_iter().map(|(id, revision)| Ok(((id, revision), stories::listed(db, id, reading)?))).collect()
        };
        let stories: Vec<((i64, i64), Story)> = self.store.read(now).unwrap();
        let mut revisions = self.revisions.lock().unwrap();
        for (revision, story) in stories {
            let known = revisions.entry(revision).or_insert_with(|| story.clone());
            assert_eq!(*known, story, "{revision:?}");
        }
    }

    /// Whatever was written: the items of a topic by source are those of its stories, each where both say.
    fn everyone_is_listed(&self) {
        let listed = "SELECT topic, source, at, item FROM topic_item";
        let meant =
            "SELECT t.topic, i.source, max(i.at, t.at), i.id FROM story_topic t JOIN item i ON i.story = t.story";
        let wrong: u32 = self
            .store
            .read(|db| {
                let sql = format!(
                    "SELECT count(*) FROM ({listed} EXCEPT {meant} UNION ALL SELECT * FROM ({meant} EXCEPT {listed}))"
                );
                Ok(db.query_row(&sql, [], |row| row.get(0))?)
            })
            .unwrap();
        assert_eq!(wrong, 0, "the items of topics by source are others than those of their stories");
    }

    pub fn take(&self, from: &str, incoming: Incoming, at: Time) -> TakenIn {
        let row = self.rows[from];
        self.write(move |tx| take_in(tx, row, &incoming, at, false)).unwrap()
    }

    fn all(&self) -> Vec<Story> {
        newest(&self.store, None, 100)
    }
}

fn newest(store: &Store, topic: Option<&str>, limit: usize) -> Vec<Story> {
    let newest = |db: &Connection| {
        let reading = stories::Reading { publishers: &sources::publishers(db)?, full: &|_| true, topics: &|_| true };
        let newest = stories::newest(db, topic, limit)?.into_iter();
        newest.map(|stands| stories::placed(db, (stands.story, stands.at), reading)).collect()
    };
    store.read(newest).unwrap()
}

pub fn incoming(from: &str, link: &str, title: &str, summary: &str) -> Incoming {
    guided(from, None, link, title, summary)
}

/// With a guid of its own.
fn guided(from: &str, guid: Option<&str>, link: &str, title: &str, summary: &str) -> Incoming {
    let link = Url::parse(link).unwrap();
    let entry = Entry {
        id: guid.map_or_else(|| link.to_string(), str::to_owned),
        id_source: if guid.is_some() { IdSource::Guid } else { IdSource::Link },
        link: Some(link.clone()),
        title: Some(title.into()),
        ..Entry::default()
    };
    let keys = dedup::assign(from, &[entry]).remove(0).unwrap();
    let item = Item {
        title: title.into(),
        summary: summary.into(),
        link: Some(link),
        published: Some(now()),
        ..Item::default()
    };
    Incoming {
        content: dedup::content(&item),
        traits: kin::Traits::of_item(&item, keys.link_names_it()),
        uid: dedup::story_uid(&item, &keys),
        topics: Vec::new(),
        terms: None,
        item,
        keys,
        same_as: None,
    }
}

fn about(mut incoming: Incoming, topic: &str) -> Incoming {
    incoming.topics = vec![Match {
        topic: topic.into(),
        score: 20.0,
        threshold: 10.0,
        reasons: vec![Reason { rule: "r".into(), text: "học Bác".into(), field: Field::Title, weight: 20.0 }],
    }];
    incoming
}

const LEAD: &str = "Sáng 23/11, tại xã Đồng Xanh, Ban Thường vụ Đảng ủy xã tổ chức hội nghị sơ kết một năm thực hiện mô hình dân vận khéo, \
    biểu dương mười hai tập thể và hai mươi cá nhân có cách làm hay, sát thực tế, được nhân dân đồng tình.";

#[test]
fn an_item_is_kept_once_revised_in_place_and_never_founds_a_second_story() {
    let room = Room::new();
    let first = room.take("a", incoming("a", "https://a.vn/1", "Một", "Chữ"), now());
    assert_eq!(first.decision, Decision::Found);
    let again =
        room.take("a", incoming("a", "http://www.a.vn/1?utm_source=x", "Một", "Chữ"), now() + TimeDelta::hours(1));
    assert_eq!((again.decision, &again.story), (Decision::Keep, &first.story));
    let later = now() + TimeDelta::hours(2);
    let edited = room.take("a", incoming("a", "https://a.vn/1", "Một (sửa)", "Chữ"), later);
    assert_eq!((edited.decision, &edited.story), (Decision::Revise, &first.story));
    let all = room.all();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].lead().unwrap().item.title, "Một (sửa)");
    assert_eq!(all[0].updated, later, "a changed headline is a significant change");
    assert_eq!(all[0].lead().unwrap().published(), now(), "publication is said once");
}

#[test]
fn a_page_that_is_used_again_for_another_item_keeps_both() {
    let room = Room::new();
    let week = |guid: &str, week: u32| {
        guided("a", Some(guid), "https://a.vn/lich", &format!("Lịch công tác tuần {week}"), "Chữ")
    };
    let first = room.take("a", week("g12", 12), now());
    let second = room.take("a", week("g13", 13), now() + TimeDelta::days(7));
    assert_eq!(second.decision, Decision::Found);
    assert_ne!(first.story, second.story);
    let titles: Vec<String> = room.all().iter().map(|s| s.lead().unwrap().item.title.clone()).collect();
    assert_eq!(titles, ["Lịch công tác tuần 13", "Lịch công tác tuần 12"]);
    for (again, which) in [(week("g13", 13), 13), (week("g12", 12), 12), (week("made-anew", 13), 13)] {
        assert_eq!(room.take("a", again, now()).decision, Decision::Keep, "{which} comes again");
    }
    assert_eq!(room.take("a", week("g13", 14), now()).decision, Decision::Revise, "an edited headline keeps its guid");
    assert_eq!(room.all().len(), 2);
}

#[test]
fn a_database_of_the_first_version_learns_which_items_have_guids_keeps_its_keys_and_can_be_searched() {
    let dir = tempfile::tempdir().unwrap();
    let db = Connection::open(dir.path().join(DATABASE_FILE)).unwrap();
    db.pragma_update(None, "application_id", migrate::APPLICATION_ID).unwrap();
    db.execute_batch(migrate::MIGRATIONS[0].1).unwrap();
    db.pragma_update(None, "user_version", 1).unwrap();
    db.execute_batch(
        "INSERT INTO source (id, slug, name, feed, site, organ, level) VALUES (1, 'a', 'A', 'https://a.vn/rss', 'https://a.vn/', 'press', 'province');
         INSERT INTO story (id, uid, at, updated, lead) VALUES (1, 'u1', 0, 0, 1), (2, 'u2', 0, 0, 2);
         INSERT INTO item (id, source, story, content, title, summary, categories, seen)
             VALUES (1, 1, 1, x'00', 'Một', '', '[]', 0), (2, 1, 2, x'00', 'Hai', '', '[]', 0);
         INSERT INTO item_key (key, item) VALUES (x'0000000000000001ff', 1), (x'ff00000000000002ff', 1), (x'03', 2);
         INSERT INTO story_key (key, story, at) VALUES (x'8899aabbccddeeff0011223344556677', 2, 5);
         INSERT INTO item_text (item, body) VALUES (2, 'Cả bài');",
    )
    .unwrap();
    drop(db);
    let store = Store::open(dir.path()).unwrap();
    let with_guid = |db: &Connection| {
        let mut query = db.prepare("SELECT id FROM item WHERE has_guid")?;
        Ok(query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?)
    };
    assert_eq!(store.read(with_guid).unwrap(), [1]);
    let keys = |db: &Connection| {
        let mut query =
            db.prepare("SELECT key, item FROM item_key WHERE source = 1 UNION ALL SELECT key, story FROM story_key")?;
        Ok(query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<Vec<(i64, i64)>>>()?)
    };
    let digest = crate::model::Digest::from_bytes(0x8899_aabb_ccdd_eeff_0011_2233_4455_6677_u128.to_be_bytes());
    let mut stored = store.read(keys).unwrap();
    stored.sort_unstable();
    assert_eq!(stored, [(digest.short(), 2), (-0xff_ffff_ffff_fffe, 1), (1, 1), (0x300_0000_0000_0000, 2)]);
    assert_eq!(store.read(|db| search::find(db, "cả bài", 9)).unwrap().hits[0].item, 2);
    assert_eq!(store.read(migrate::version).unwrap(), migrate::newest());
}

#[test]
fn a_change_no_reader_would_see_does_not_move_the_story() {
    let room = Room::new();
    room.take("a", incoming("a", "https://a.vn/1", "Hoà Bình", "Chữ"), now());
    room.take("a", incoming("a", "https://a.vn/1", "Hòa Bình", "Chữ"), now() + TimeDelta::hours(1));
    let all = room.all();
    assert_eq!((all[0].updated, all[0].lead().unwrap().item.title.as_str()), (now(), "Hòa Bình"));
}

#[test]
fn a_story_lists_everyone_who_carries_it_and_the_widest_reach_leads_without_changing_its_name() {
    let room = Room::new();
    let first = room.take("a", incoming("a", "https://a.vn/1", "Hội nghị", LEAD), now());
    let second =
        room.take("b", incoming("b", "https://b.vn/9", "Hội nghị ở Đồng Xanh", LEAD), now() + TimeDelta::minutes(5));
    assert!(matches!(second.decision, Decision::Join { story: 1, with: Some(1), .. }));
    assert_eq!(room.all()[0].updated, now(), "a copy is no news");
    let third = room.take("tw", incoming("tw", "https://tw.vn/7", "Hội nghị", LEAD), now() + TimeDelta::minutes(9));
    let all = room.all();
    let carriers: Vec<&str> = all[0].members.iter().map(|m| m.publisher.id.as_str()).collect();
    assert_eq!((all.len(), carriers), (1, vec!["tw", "a", "b"]));
    assert_eq!((&first.story, &second.story), (&second.story, &third.story));
}

#[test]
fn what_a_source_posts_again_under_another_address_is_no_news() {
    let room = Room::new();
    room.take("a", incoming("a", "https://a.vn/1", "Bản tin", LEAD), now());
    let again = room.take("a", incoming("a", "https://a.vn/2", "Bản tin", LEAD), now());
    assert!(matches!(again.decision, Decision::Join { story: 1, .. }));
}

#[test]
fn an_old_text_come_again_is_another_story_and_takes_the_key_over() {
    let room = Room::new();
    let mut old = incoming("a", "https://a.vn/1", "Bản tin", LEAD);
    old.item.published = Some(now() - TimeDelta::days(30));
    room.take("a", old, now());
    assert_eq!(room.take("b", incoming("b", "https://b.vn/1", "Bản tin", LEAD), now()).decision, Decision::Found);
    assert!(matches!(
        room.take("tw", incoming("tw", "https://tw.vn/1", "Bản tin", LEAD), now()).decision,
        Decision::Join { story: 2, .. }
    ));
}

#[test]
fn a_story_is_in_a_topic_while_one_of_its_items_is() {
    let room = Room::new();
    let taken = room.take("a", about(incoming("a", "https://a.vn/1", "Một", "Chữ"), "bac"), now());
    assert_eq!(taken.topics.into_iter().collect::<Vec<_>>(), ["bac"]);
    let in_topic = || newest(&room.store, Some("bac"), 100);
    assert_eq!(in_topic()[0].topics()[0].1.reasons[0].text, "học Bác");
    let taken = room.take("a", incoming("a", "https://a.vn/1", "Khác hẳn", "Chữ"), now());
    assert_eq!(taken.topics.into_iter().collect::<Vec<_>>(), ["bac"], "its pages must be made again");
    assert!(in_topic().is_empty());
    assert_eq!(room.all().len(), 1);
}

#[test]
fn a_story_that_enters_a_topic_late_stands_where_its_readers_will_see_it() {
    let room = Room::new();
    let places = |topic| {
        let stories = newest(&room.store, topic, 100);
        stories.iter().map(|s| s.at).collect::<Vec<_>>()
    };
    let later = now() + TimeDelta::days(2);
    room.take("a", incoming("a", "https://a.vn/1", "Hội nghị", LEAD), now());
    // By a revision, by another carrier, and by neither.
    room.take("a", about(incoming("a", "https://a.vn/1", "Hội nghị học Bác", LEAD), "bac"), later);
    assert_eq!(places(Some("bac")), [later - TimeDelta::hours(6)]);
    room.take("b", about(incoming("b", "https://b.vn/1", "Hội nghị", LEAD), "xa"), later + TimeDelta::hours(1));
    assert_eq!(places(Some("xa")), [later - TimeDelta::hours(5)]);
    let row = room.rows["tw"];
    let archive = about(incoming("tw", "https://tw.vn/1", "Hội nghị", LEAD), "dang");
    room.write(move |tx| take_in(tx, row, &archive, later, true)).unwrap();
    assert_eq!(places(Some("dang")), [now()], "a source's first document is no news");
    let matches = about(incoming("a", "https://a.vn/1", "Hội nghị", LEAD), "so").topics;
    room.write(move |tx| set_topics(tx, 1, 1, &matches, None)).unwrap();
    assert_eq!(places(Some("so")), [now()], "nor is a backlog that new rules find");
    assert!(places(Some("bac")).is_empty(), "what leaves is found wherever it stood");
    assert_eq!(places(None), [now()]);
}

#[test]
fn what_vouches_for_items_is_written_with_them_or_not_at_all() {
    let room = Room::new();
    let row = room.rows["a"];
    let ending = sources::Ending {
        started: now(),
        due: Due { at: now() + TimeDelta::minutes(20), cause: Cause::Cadence },
        not_before: None,
        failures: 0,
        whole: true,
        relocation: Relocation::default(),
        kind: sources::EndingKind::Taken {
            validators: crate::model::Validators {
                url: Some("https://a.vn/rss".into()),
                etag: Some(b"\"\xff,\"".to_vec()),
                last_modified: None,
            },
            body: Some(crate::model::Digest::of(&["x"])),
            reading: crate::model::Digest::of(&["1"]),
            pace: Pace { ttl: Some(Duration::from_hours(4)), ..Pace::default() },
            span: None,
            repairs: None,
            news: true,
            newest: Some(now()),
        },
    };
    let item = incoming("a", "https://a.vn/1", "Một", "Chữ");
    let (failing, failing_item) = (ending.clone(), item.clone());
    let feed = source("a", Level::Province).url().clone();
    let failing_feed = feed.clone();
    let failed: Result<()> = room.write(move |tx| {
        take_in(tx, row, &failing_item, now(), true)?;
        sources::end(tx, row, &failing_feed, &failing)?;
        anyhow::bail!("the disk is full")
    });
    assert!(failed.is_err_and(|e| e.to_string().contains("disk")));
    let state = || room.store.read(sources::states).unwrap().remove("a").unwrap();
    assert!(state().validators.etag.is_none() && room.all().is_empty());
    room.write(move |tx| {
        take_in(tx, row, &item, now(), true)?;
        sources::end(tx, row, &feed, &ending)
    })
    .unwrap();
    assert_eq!(state().validators.etag.as_deref(), Some(b"\"\xff,\"".as_slice()), "byte for byte");
    assert_eq!((state().health.failures, state().harvested, room.all().len()), (0, true, 1));
}

#[test]
fn an_address_that_changed_begins_anew_and_the_old_ones_answer_comes_too_late() {
    let room = Room::new();
    let row = room.rows["a"];
    let configured = |path: &str| {
        let mut source = (*source("a", Level::Province)).clone();
        let feed = source.url().join(path).unwrap();
        source.publisher = Arc::new(Publisher { feed, ..(*source.publisher).clone() });
        Arc::new(source)
    };
    let (old, new) = (configured("/rss"), configured("/moi"));
    let refused = sources::Ending {
        started: now(),
        due: Due { at: now() + TimeDelta::days(7), cause: Cause::RetryAfter },
        not_before: Some(now() + TimeDelta::days(7)),
        failures: 1,
        whole: true,
        relocation: Relocation::default(),
        kind: sources::EndingKind::Failed { class: "throttled".into(), text: "503".into() },
    };
    let end = |source: &Arc<Source>, ending: &sources::Ending| {
        let (feed, ending) = (source.url().clone(), ending.clone());
        room.write(move |tx| sources::end(tx, row, &feed, &ending)).unwrap();
    };
    let sync = |source: &Arc<Source>| {
        let sources = BTreeMap::from([("a".to_owned(), Arc::clone(source))]);
        room.write(move |tx| sources::sync(tx, &sources)).unwrap();
    };
    let waits = || {
        let state = room.store.read(sources::states).unwrap().remove("a").unwrap();
        (state.due.is_some(), state.not_before.is_some(), state.health.failures)
    };
    end(&old, &refused);
    sync(&old);
    assert_eq!(waits(), (true, true, 1), "nothing changed");
    sync(&new);
    assert_eq!(waits(), (false, false, 0));
    end(&old, &refused);
    assert_eq!(waits(), (false, false, 0), "a poll of the old address was under way");
    end(&new, &refused);
    assert_eq!(waits(), (true, true, 1));
}

#[test]
fn a_failed_job_takes_nothing_from_the_jobs_that_share_its_commit() {
    let room = Room::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let results = runtime.block_on(async {
        let jobs = (0..50).map(|i| {
            room.store.write(move |tx| {
                set_meta(tx, &format!("m{i}"), "x")?;
                anyhow::ensure!(i % 7 != 0, "no");
                Ok(())
            })
        });
        let mut results = Vec::new();
        for job in jobs.collect::<Vec<_>>() {
            results.push(job.await.is_ok());
        }
        results
    });
    for (i, ok) in results.into_iter().enumerate() {
        let there = room.store.read(|db| meta(db, &format!("m{i}"))).unwrap().is_some();
        assert_eq!((ok, there), (i % 7 != 0, i % 7 != 0), "job {i}");
    }
}

#[test]
fn a_job_that_finds_the_database_taken_hears_so_and_the_next_one_runs() {
    let room = Room::new();
    let other = Connection::open(room.dir.path().join(DATABASE_FILE)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = room.write(|tx| set_meta(tx, "m", "x")).unwrap_err();
    assert!(format!("{refused:#}").contains("locked"), "{refused:#}");
    other.execute_batch("ROLLBACK").unwrap();
    room.write(|tx| set_meta(tx, "m", "x")).unwrap();
    assert!(!room.store.has_stopped());
}

#[test]
fn a_closed_store_has_written_everything_and_takes_nothing_more() {
    let room = Room::new();
    room.write(|tx| set_meta(tx, "m", "x")).unwrap();
    room.store.close();
    assert!(room.store.has_stopped() && room.write(|_| Ok(())).is_err());
    assert_eq!(room.store.read(|db| meta(db, "m")).unwrap().as_deref(), Some("x"));
    assert_eq!(fs::metadata(room.dir.path().join("dongtin.db-wal")).map_or(0, |wal| wal.len()), 0, "tidied up");
}

#[test]
fn everything_is_there_after_reopening_and_one_process_has_it_at_a_time() {
    let room = Room::new();
    let story = room.take("a", incoming("a", "https://a.vn/1", "Một", "Chữ"), now()).story;
    assert!(matches!(Store::open(room.dir.path()), Err(OpenError::Busy { .. })));
    let Room { dir, store, .. } = room;
    drop(store);
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(newest(&store, None, 9)[0].uid, story);
}

#[test]
fn a_database_that_is_gone_foreign_or_newer_is_refused_with_what_to_do() {
    let remake = |spoil: &dyn Fn(&Path)| {
        let Room { dir, store, .. } = Room::new();
        drop(store);
        spoil(&dir.path().join(DATABASE_FILE));
        Store::open(dir.path()).err().expect("refused")
    };
    let sql = |path: &Path, sql: &str| Connection::open(path).unwrap().execute_batch(sql).unwrap();
    let gone = remake(&|path| fs::remove_file(path).unwrap());
    assert!(matches!(gone, OpenError::Vanished { .. }) && gone.to_string().contains("restore a backup"));
    assert!(matches!(remake(&|path| fs::write(path, "").unwrap()), OpenError::Vanished { .. }));
    assert!(matches!(remake(&|path| fs::write(path, "x".repeat(9000)).unwrap()), OpenError::Foreign { .. }));
    assert!(matches!(remake(&|path| sql(path, "PRAGMA application_id = 1")), OpenError::Foreign { .. }));
    let damage = |path: &Path| {
        let mut bytes = fs::read(path).unwrap();
        bytes[100..1000].fill(7);
        fs::write(path, bytes).unwrap();
    };
    let damaged = remake(&damage);
    assert!(matches!(damaged, OpenError::Damaged { .. }), "{damaged:#?}");
    assert!(damaged.to_string().contains("phục hồi bản sao lưu"));
    let newer = remake(&|path| sql(path, "PRAGMA user_version = 99"));
    assert!(matches!(newer, OpenError::Newer { found: 99, .. }) && newer.to_string().contains("newer program"));
}

#[test]
fn attached_files_are_stored_and_a_change_of_them_alone_is_none() {
    let file = |name: &str| Enclosure {
        url: Url::parse(&format!("https://bao.vn/{name}")).unwrap(),
        media_type: Some("application/pdf".into()),
        length: Some(u64::MAX),
    };
    let with = |files: Vec<Enclosure>| {
        let mut incoming = incoming("a", "https://a.vn/1", "Một", "");
        incoming.item.enclosures = files;
        incoming
    };
    let room = Room::new();
    let stored = |room: &Room| room.all()[0].lead().unwrap().item.enclosures.clone();
    room.take("a", with(vec![file("a.pdf"), Enclosure { media_type: None, length: None, ..file("b") }]), now());
    assert_eq!(stored(&room), [file("a.pdf"), Enclosure { media_type: None, length: None, ..file("b") }]);
    assert_eq!(room.take("a", with(vec![]), now()).decision, Decision::Keep);
    assert_eq!(stored(&room).len(), 2);
    for damaged in ["", "x", "[1]", "[{\"url\":\"x\"}]"] {
        assert_eq!(rows::enclosures(Some(damaged)), [], "{damaged}");
    }
}

#[test]
fn every_migration_file_is_built_in_and_in_order() {
    let mut files: Vec<String> =
        fs::read_dir("migrations").unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
    files.retain(|f| f.ends_with(".sql"));
    files.sort();
    assert_eq!(files, migrate::MIGRATIONS.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>());
}

#[test]
fn a_feed_reaches_back_a_day_even_when_it_is_full() {
    let room = Room::new();
    for i in 0..30 {
        let mut one = incoming("a", &format!("https://a.vn/{i}"), &format!("Tin {i}"), "Chữ");
        let at = now() + TimeDelta::hours(i);
        one.item.published = Some(at);
        room.take("a", one, at);
    }
    let shown = newest(&room.store, None, 10);
    assert_eq!(shown.len(), 25, "ten at least, and a day behind the newest");
    assert_eq!(shown[0].lead().unwrap().item.title, "Tin 29");
}

#[test]
fn a_document_changes_date_only_forwards() {
    let room = Room::new();
    let set = |etag: &str, at: Time| {
        let changed = [("bac/feed.atom".to_owned(), (etag.to_owned(), at))].into();
        room.write(move |tx| stories::set_page_dates(tx, &changed)).unwrap();
    };
    set("1", now());
    set("2", now() - TimeDelta::hours(1));
    let dates = room.store.read(stories::page_dates).unwrap();
    assert_eq!(dates["bac/feed.atom"], ("2".to_owned(), now()));
}
