//! What is said of addresses, over a real database.

mod cost;

use std::sync::Arc;

use chrono::{TimeDelta, TimeZone, Utc};
use url::Url;

use super::*;
use crate::config::{self, File, FileKind};
use crate::publish::Address;
use crate::store::{Store, retention};

const SETTINGS: &str = "[public]\nbase_url = \"https://tin.hamau.vn\"\n[fetch]\ncontact = \"mailto:tin@hamau.vn\"\n";
const TOPIC: &str = "id = \"bac\"\nwas = [\"hoc-bac\"]\nname = \"Học Bác\"\n[[rule]]\nname = \"r\"\nweight = 10\nphrases = [\"học Bác\"]\n";
const SOURCE: &str = "[[source]]\nid = \"a\"\nname = \"Báo A\"\nurl = \"https://a.vn/rss\"\nlevel = \"central\"\n";
const SHOWN: &str = "aaaaaaaaaaaaaaaaaa01";
const TAKEN_BACK: &str = "aaaaaaaaaaaaaaaaaa02";

fn now() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 23, 5, 0, 0).unwrap()
}

fn file(name: &str, kind: FileKind, text: &str) -> File {
    File { name: name.into(), kind, text: text.into() }
}

/// A database with a story that is shown, one that was taken back and one that was forgotten, of a topic; and a topic that is no more.
struct Room {
    _dir: tempfile::TempDir,
    store: Store,
    config: Config,
    site: Site,
}

impl Room {
    fn new() -> Room {
        let files = [
            file("dongtin.toml", FileKind::Settings, SETTINGS),
            file("topics/bac.toml", FileKind::Topic, TOPIC),
            file("sources/a.toml", FileKind::Sources, SOURCE),
        ];
        let config = config::read(&files, now()).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let site = Site {
            base_url: Url::parse("https://tin.hamau.vn/").unwrap(),
            title: "Dòng tin".into(),
            title_en: "Dòng tin".into(),
            tag: "tag:tin.hamau.vn,2026-01-01:".into(),
            hub: None,
            has_search: true,
        };
        let room = Room { _dir: dir, store, config, site };
        let (listed, at) = (room.config.sources.clone(), now().timestamp_millis());
        let old = (now() - TimeDelta::days(800)).timestamp_millis();
        room.write(move |tx| {
            sources::sync(tx, &listed)?;
            for (story, uid, at) in [(1, SHOWN, at), (2, TAKEN_BACK, at), (3, "aaaaaaaaaaaaaaaaaa03", old)] {
                tx.execute("INSERT INTO story (id, uid, at, updated, lead) VALUES (?1, ?2, ?3, ?3, ?1)", (story, uid, at))?;
                tx.execute(
                    "INSERT INTO item (id, source, story, content, title, link, summary, categories, seen, at)
                         VALUES (?1, (SELECT id FROM source), ?1, zeroblob(32), 'Học Bác', 'https://a.vn/' || ?1, '', '[]', ?2, ?2)",
                    (story, at),
                )?;
                tx.execute("INSERT INTO item_topic VALUES (?1, 'bac', 10, 10, '[]')", [story])?;
                tx.execute("INSERT INTO story_topic (topic, at, story) VALUES ('bac', ?2, ?1)", (story, at))?;
            }
            stories::remember_topics(tx, &["bac".to_owned(), "cu".to_owned()])?;
            withdrawn::withdraw(tx, 2, now())?;
            while retention::forget_before(tx, now() - TimeDelta::days(400))? > 0 {}
            Ok(())
        });
        room
    }

    fn write(&self, job: impl FnOnce(&crate::store::Tx<'_>) -> Result<()> + Send + 'static) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(self.store.write(job)).unwrap();
    }

    /// What there is at an address, in a word.
    fn at(&self, path: &str) -> String {
        let (Address::Of(wanted) | Address::Moved(_, wanted)) = Address::parse(path, None) else {
            return "nothing".into();
        };
        let publishers: Arc<Publishers> = self.store.read(publishers).unwrap();
        let made =
            self.store.read(|db| Desk::new(db, &self.site, &self.config, &publishers, now()).make(&wanted, Lang::Vi));
        match made.unwrap() {
            Made::Page(_) | Made::Closed { .. } => "page".into(),
            Made::Moved(to) => format!("moved to {to}"),
            Made::Renamed(to) => format!("renamed to {}", to.path()),
            Made::Gone => "gone".into(),
            Made::Nothing => "nothing".into(),
        }
    }

    fn feed(&self, list: &str) -> String {
        let publishers = self.store.read(publishers).unwrap();
        let feeds = self
            .store
            .read(|db| Desk::new(db, &self.site, &self.config, &publishers, now()).feeds(list, &mut Kept::default()))
            .unwrap();
        let (_, atom) = feeds.iter().find(|(path, _)| path.ends_with(".atom")).unwrap();
        String::from_utf8_lossy(&atom.body).into_owned()
    }
}

#[test]
fn what_was_and_is_no_more_is_told_from_what_never_was() {
    let room = Room::new();
    for (path, expected) in [
        ("story/aaaaaaaaaaaaaaaaaa01", "page"),
        ("story/aaaaaaaaaaaaaaaaaa02", "gone"),
        ("story/aaaaaaaaaaaaaaaaaa03", "gone"),
        ("story/aaaaaaaaaaaaaaaaaa04", "nothing"),
        ("bac/2026-11/", "page"),
        ("bac/archive/2026-11.atom", "page"),
        ("bac/2024-09/", "gone"),
        ("bac/archive/2024-09.atom", "gone"),
        ("bac/2026-10/", "nothing"),
        ("hoc-bac/", "renamed to bac/"),
        ("hoc-bac", "renamed to bac/"),
        ("hoc-bac/feed.json", "renamed to bac/feed.json"),
        ("hoc-bac/ha-noi/page/2/", "renamed to bac/ha-noi/page/2/"),
        ("hoc-bac/archive/2026-11-2.atom", "renamed to bac/archive/2026-11-2.atom"),
        ("hoc-bac/2026-11/", "renamed to bac/2026-11/"),
        ("hoc-bac/digest.rss", "renamed to bac/digest.rss"),
        ("all+hoc-bac/feed.atom", "nothing"),
        ("bac+hoc-bac/feed.atom", "renamed to bac/feed.atom"),
        ("cu/", "gone"),
        ("cu", "gone"),
        ("cu/archive/2026-11.atom", "gone"),
        ("chua-co/", "nothing"),
        ("chua-co/feed.atom", "nothing"),
    ] {
        assert_eq!(room.at(path), expected, "{path}");
    }
}

#[test]
fn a_feed_tells_what_was_taken_back_and_shows_the_rest() {
    let room = Room::new();
    for list in ["bac", ALL] {
        let text = room.feed(list);
        assert_eq!(text.matches("<entry>").count(), 1, "{list}: {text}");
        assert!(
            text.contains("at:deleted-entry") && text.contains(TAKEN_BACK) && text.contains(SHOWN),
            "{list}: {text}"
        );
    }
}

#[test]
fn a_topic_that_left_is_not_told_though_items_are_still_in_it() {
    let room = Room::new();
    room.write(|tx| Ok(tx.execute("INSERT INTO item_topic VALUES (1, 'cu', 10, 10, '[]')", []).map(drop)?));
    let text = room.feed(ALL);
    assert!(text.contains("term=\"bac\"") && !text.contains("\"cu\""), "{text}");
}

/// The last month of a room whose source lets its articles be published, given out as this site and configuration say.
fn october(room: &Room, site: &Site, config: &Config, keep: bool) -> (String, Page) {
    let Address::Of(wanted) = Address::parse("bac/archive/2026-10.atom", None) else { panic!("an address") };
    let publishers = room.store.read(publishers).unwrap();
    let make =
        || room.store.read(|db| Desk::new(db, site, config, &publishers, now()).make(&wanted, Lang::Vi)).unwrap();
    let page = match make() {
        Made::Closed { closed, kept, .. } if keep => {
            room.write(move |tx| archives::keep(tx, &closed).map(drop));
            let Made::Page(again) = make() else { panic!("it is kept") };
            assert_eq!((&again.body, &again.etag, again.modified), (&kept.body, &kept.etag, kept.modified));
            *kept
        }
        Made::Page(page) => page,
        other => panic!("{other:?}"),
    };
    (String::from_utf8_lossy(&page.body).into_owned(), page)
}

#[test]
fn a_month_that_was_given_out_is_made_again_where_the_site_moved_or_a_publisher_takes_its_word_back() {
    let room = Room::new();
    let at = Utc.with_ymd_and_hms(2026, 10, 20, 5, 0, 0).unwrap().timestamp_millis();
    room.write(move |tx| {
        tx.execute("UPDATE story SET at = ?1 WHERE id = 1", [at])?;
        tx.execute("UPDATE story_topic SET at = ?1 WHERE story = 1", [at])?;
        tx.execute("INSERT INTO item_text (item, body, html) VALUES (1, '', '<p>Cả bài</p>')", [])?;
        crate::store::topics::vouch(tx, "r", &["bac".to_owned()])
    });
    let full = config::read(
        &[
            file("dongtin.toml", FileKind::Settings, SETTINGS),
            file("topics/bac.toml", FileKind::Topic, TOPIC),
            file("sources/a.toml", FileKind::Sources, &format!("{SOURCE}publish = \"full\"\n")),
        ],
        now(),
    )
    .unwrap();
    let (text, page) = october(&room, &room.site, &full, true);
    assert!(text.contains("Cả bài") && page.keep == publish::Keep::ForEver, "{text}");
    assert_eq!(page.modified, Some(now()), "a document is as old as its being given out, not as its stories");
    // Nobody asks for more of the same.
    assert_eq!(october(&room, &room.site, &full, false).0, text);
    let (text, _) = october(&room, &room.site, &room.config, true);
    assert!(!text.contains("Cả bài") && text.contains(SHOWN), "{text}");
    let moved = Site { base_url: Url::parse("https://moi.hamau.vn/").unwrap(), ..room.site.clone() };
    let (text, page) = october(&room, &moved, &room.config, true);
    assert!(text.contains("https://moi.hamau.vn/") && !text.contains("https://tin.hamau.vn/"), "{text}");
    assert!(page.link.unwrap().starts_with("<https://moi.hamau.vn/bac/archive/2026-10.atom>"));
}
