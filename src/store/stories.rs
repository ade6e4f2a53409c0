//! Reading stories for publishing, and the published documents' dates.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use rusqlite::{Connection, OptionalExtension, Row, Transaction};

use super::rows::{because, enclosures, millis, reasons, text, time, url};
use super::sources::{Publishers, publishers};
use crate::html::Html;
use crate::model::{Because, Item, Match, Member, Publisher, Related, Story};
use crate::schedule::Time;

/// How far the newest stories of a feed reach back at least: a reader who polls twice a day misses nothing, whatever
/// the feed's length.
const WINDOW_MILLIS: i64 = 24 * 3_600_000;
/// No feed is longer, whatever happens in a day.
const MOST: u32 = 1_000;
/// No more stories of the same event are told of one.
const MOST_RELATED: u32 = 20;

/// What is known before stories are read.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// Who publishes.
    pub publishers: &'a Publishers,
    /// Whose articles are read too; nobody else's may be published, and they are long.
    pub full: &'a dyn Fn(&Publisher) -> bool,
    /// Which topics are told. After one was removed items are decided again, bite by bite, while pages are made.
    pub topics: &'a dyn Fn(&str) -> bool,
}

/// A story's place in a list, and which revision of it stands there, by [`publish::Revision`](crate::publish::Revision).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stands {
    /// Its number.
    pub story: i64,
    /// Where, in milliseconds since 1970.
    pub at: i64,
    /// How often anything changed that its entry may show.
    pub revision: i64,
}

/// The newest stories of a topic, or of all; at least `limit` where there are that many, and everything within a day of
/// the newest.
pub fn newest(db: &Connection, topic: Option<&str>, limit: usize) -> Result<Vec<Stands>> {
    let stands = |row: &Row<'_>| Ok(Stands { story: row.get(0)?, at: row.get(1)?, revision: row.get(2)? });
    let sql = match topic {
        Some(_) => {
            "SELECT t.story, t.at, s.revision FROM story_topic t CROSS JOIN story s ON s.id = t.story
             WHERE t.topic = ?2 ORDER BY t.at DESC, t.story DESC LIMIT ?1"
        }
        None => "SELECT id, at, revision FROM story WHERE withdrawn IS NULL ORDER BY at DESC, id DESC LIMIT ?1",
    };
    let mut query = db.prepare_cached(sql)?;
    let rows = match topic {
        Some(topic) => query.query_map((MOST, topic), stands)?,
        None => query.query_map([MOST], stands)?,
    };
    let mut newest: Vec<Stands> = Vec::new();
    for row in rows {
        let row = row?;
        if newest.len() >= limit && newest.first().is_some_and(|first| first.at - row.at > WINDOW_MILLIS) {
            break;
        }
        newest.push(row);
    }
    Ok(newest)
}

/// The few newest stories of a topic.
pub fn head(db: &Connection, reading: Reading<'_>, topic: &str) -> Result<Vec<Story>> {
    in_topic(db, topic, 5)?.into_iter().map(|row| placed(db, row, reading)).collect()
}

/// The newest stories of a topic and where they stand in it.
fn in_topic(db: &Connection, topic: &str, most: u32) -> Result<Vec<(i64, i64)>> {
    let mut query =
        db.prepare_cached("SELECT story, at FROM story_topic WHERE topic = ?1 ORDER BY at DESC, story DESC LIMIT ?2")?;
    let rows = query.query_map((topic, most), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A story as it stands in a list: in a topic that it entered late, elsewhere than among all. No list tells of other stories of the same event.
pub fn placed(db: &Connection, (id, at): (i64, i64), reading: Reading<'_>) -> Result<Story> {
    Ok(Story { at: time(at), ..listed(db, id, reading)? })
}

/// How many stories there are.
pub fn count(db: &Connection) -> Result<u32> {
    let sql = "SELECT count(*) - (SELECT count(*) FROM tombstone WHERE topic = 'all') FROM story";
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// How many stories there are, in all and by topic. Counts every row: not for every change.
pub fn counts(db: &Connection) -> Result<(u32, BTreeMap<String, u32>)> {
    let all = count(db)?;
    let mut query = db.prepare_cached("SELECT topic, count(*) FROM story_topic GROUP BY topic")?;
    let by_topic = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    Ok((all, by_topic))
}

/// The story with this number.
pub fn by_id(db: &Connection, id: i64) -> Result<Story> {
    story(db, id, Reading { publishers: &publishers(db)?, full: &|_| true, topics: &|_| true })
}

/// The number of the story with this public name.
pub fn by_uid(db: &Connection, uid: &str) -> Result<Option<i64>> {
    let mut query = db.prepare_cached("SELECT id FROM story WHERE uid = ?1")?;
    Ok(query.query_row([uid], |row| row.get(0)).optional()?)
}

/// The public name of every story that is shown, and the old names that lead to one.
pub fn uids(db: &Connection) -> Result<Vec<String>> {
    let mut query = db.prepare("SELECT uid FROM story WHERE withdrawn IS NULL UNION SELECT uid FROM story_alias")?;
    Ok(query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Whether the story with this public name was forgotten for its age.
pub fn was_forgotten(db: &Connection, uid: &str) -> Result<bool> {
    Ok(db.prepare_cached("SELECT 1 FROM forgotten WHERE uid = ?1")?.exists([uid])?)
}

/// Whether there ever was a topic of this name.
pub fn was_topic(db: &Connection, topic: &str) -> Result<bool> {
    Ok(db.prepare_cached("SELECT 1 FROM topic_once WHERE topic = ?1")?.exists([topic])?)
}

/// Of these topics those that nobody remembers yet.
pub fn new_topics(db: &Connection, topics: &[&str]) -> Result<Vec<String>> {
    let mut new = Vec::new();
    for topic in topics {
        if !was_topic(db, topic)? {
            new.push((*topic).to_owned());
        }
    }
    Ok(new)
}

/// Remembers that there were these topics.
pub fn remember_topics(tx: &Transaction<'_>, topics: &[String]) -> Result<()> {
    let mut remember = tx.prepare_cached("INSERT OR IGNORE INTO topic_once (topic) VALUES (?1)")?;
    for topic in topics {
        remember.execute([topic])?;
    }
    Ok(())
}

/// The headline of a story, where it is to be read, and the number of its source.
pub fn headline(db: &Connection, story: i64) -> Result<(String, Option<String>, i64)> {
    let mut query = db
        .prepare_cached("SELECT i.title, i.link, i.source FROM story s JOIN item i ON i.id = s.lead WHERE s.id = ?1")?;
    Ok(query.query_row([story], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?)
}

/// The public name of the story that took in the one with this name.
pub fn moved_to(db: &Connection, uid: &str) -> Result<Option<String>> {
    let mut query =
        db.prepare_cached("SELECT s.uid FROM story_alias a JOIN story s ON s.id = a.story WHERE a.uid = ?1")?;
    Ok(query.query_row([uid], |row| row.get(0)).optional()?)
}

/// The public name of the story with this number.
pub fn uid(db: &Connection, id: i64) -> Result<String> {
    Ok(db.prepare_cached("SELECT uid FROM story WHERE id = ?1")?.query_row([id], |row| row.get(0))?)
}

/// The same where it is known who publishes.
pub fn story(db: &Connection, id: i64, reading: Reading<'_>) -> Result<Story> {
    Ok(Story { related: related(db, id, reading.publishers)?, ..listed(db, id, reading)? })
}

/// A story without those of the same event.
pub fn listed(db: &Connection, id: i64, reading: Reading<'_>) -> Result<Story> {
    let (uid, at, updated, lead): (String, i64, i64, i64) = db
        .prepare_cached("SELECT uid, at, updated, lead FROM story WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .with_context(|| format!("story {id}"))?;
    let mut query = db.prepare_cached(
        "SELECT id, source, title, link, summary, author, categories, image, published, seen, enclosures, because, joined_to
         FROM item WHERE story = ?1",
    )?;
    let rows = query.query_map([id], |row| {
        let joined: (Option<String>, Option<i64>) = (row.get(11)?, row.get(12)?);
        Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(9)?, item(row)?, joined))
    })?;
    let mut rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    // Sorted here: a sorter of SQLite's costs more than reading the one item that most stories have.
    rows.sort_unstable_by_key(|(id, ..)| (*id != lead, *id));
    let (mut members, mut joined) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for (id, source, seen, mut item, (why, with)) in rows {
        let publisher = publisher(reading.publishers, source)?;
        if (reading.full)(&publisher) {
            item.html = html_of(db, id)?;
        }
        members.push(Member {
            publisher,
            item,
            seen: time(seen),
            topics: matches(db, id, reading.topics)?,
            joined: None,
        });
        // What nobody can read is told to nobody, and stops no page.
        joined.push((id, why.as_deref().and_then(|why| because(why).ok()), with));
    }
    for (member, joined) in members.iter_mut().zip(within(joined)) {
        member.joined = joined;
    }
    Ok(Story { uid, at: time(at), updated: time(updated), members, related: Vec::new() })
}

/// The article of an item.
fn html_of(db: &Connection, item: i64) -> Result<Option<Html>> {
    let mut query = db.prepare_cached("SELECT html FROM item_text WHERE item = ?1")?;
    let html: Option<Option<String>> = query.query_row([item], |row| row.get(0)).optional()?;
    Ok(html.flatten().as_deref().map(Html::stored))
}

fn publisher(publishers: &Publishers, source: i64) -> Result<Arc<Publisher>> {
    publishers.get(&source).map(Arc::clone).context("an item's source exists")
}

/// Why each item of a story is in it, and the place of the one that it was found to be like: of the lead, where that one is in the story no
/// more or none was needed. The lead itself then has nobody that it joined.
fn within(joined: Vec<(i64, Option<Because>, Option<i64>)>) -> Vec<Option<(Because, usize)>> {
    let places: BTreeMap<i64, usize> = joined.iter().zip(0..).map(|((item, ..), place)| (*item, place)).collect();
    let told = joined.into_iter().zip(0..).map(|((_, because, with), own)| {
        let with = with.and_then(|item| places.get(&item).copied()).unwrap_or_default();
        because.map(|because| (because, with)).filter(|_| with != own)
    });
    told.collect()
}

/// The stories of the same event, newest first.
fn related(db: &Connection, id: i64, publishers: &Publishers) -> Result<Vec<Related>> {
    let mut query = db.prepare_cached(
        "SELECT s.uid, i.title, i.link, i.source, coalesce(i.published, i.seen) AS told
         FROM story_related r JOIN story s ON s.id = r.other JOIN item i ON i.id = s.lead
         WHERE r.story = ?1 AND s.withdrawn IS NULL ORDER BY told DESC, s.id DESC LIMIT ?2",
    )?;
    let rows = query.query_map((id, MOST_RELATED), |row| {
        Ok((row.get(0)?, row.get(1)?, url(row.get(2)?), row.get(3)?, time(row.get(4)?)))
    })?;
    rows.map(|row| {
        let (uid, title, link, source, published) = row?;
        Ok(Related { uid, title, link, publisher: publisher(publishers, source)?, published })
    })
    .collect()
}

/// The numbers of a story's items, in the order of its members.
pub fn numbers(db: &Connection, id: i64) -> Result<Vec<i64>> {
    let mut query = db.prepare_cached(
        "SELECT i.id FROM story s JOIN item i ON i.story = s.id WHERE s.id = ?1 ORDER BY i.id <> s.lead, i.id",
    )?;
    Ok(query.query_map([id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// An item without its long texts.
fn item(row: &Row<'_>) -> rusqlite::Result<Item> {
    Ok(Item {
        title: text(row.get_ref(2)?)?.to_owned(),
        link: url(row.get(3)?),
        summary: text(row.get_ref(4)?)?.to_owned(),
        body: String::new(),
        html: None,
        author: row.get(5)?,
        categories: serde_json::from_str(text(row.get_ref(6)?)?).unwrap_or_default(),
        image: url(row.get(7)?),
        enclosures: enclosures(row.get::<_, Option<String>>(10)?.as_deref()),
        published: row.get::<_, Option<i64>>(8)?.map(time),
    })
}

/// The topics an item is in.
pub fn matches_of_item(db: &Connection, item: i64) -> Result<Vec<Match>> {
    matches(db, item, &|_| true)
}

fn matches(db: &Connection, item: i64, told: &dyn Fn(&str) -> bool) -> Result<Vec<Match>> {
    let mut query =
        db.prepare_cached("SELECT topic, score, threshold, reasons FROM item_topic WHERE item = ?1 ORDER BY topic")?;
    let mut rows = query.query([item])?;
    let mut matches = Vec::new();
    while let Some(row) = rows.next()? {
        if told(row.get_ref(0)?.as_str()?) {
            let reasons = reasons(text(row.get_ref(3)?)?)?;
            matches.push(Match { topic: row.get(0)?, score: row.get(1)?, threshold: row.get(2)?, reasons });
        }
    }
    Ok(matches)
}

/// When each published document last changed, by path, with its tag.
pub fn page_dates(db: &Connection) -> Result<BTreeMap<String, (String, Time)>> {
    let mut query = db.prepare_cached("SELECT substr(path, 2), etag, modified FROM page")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, time(row.get(2)?)))))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Remembers when published documents changed.
pub fn set_page_dates(tx: &Transaction<'_>, changed: &BTreeMap<String, (String, Time)>) -> Result<()> {
    let mut upsert = tx.prepare_cached(
        "INSERT INTO page (path, etag, modified) VALUES ('/' || ?1, ?2, ?3)
         ON CONFLICT (path) DO UPDATE SET etag = excluded.etag, modified = max(page.modified, excluded.modified)",
    )?;
    for (path, (etag, modified)) in changed {
        upsert.execute((path, etag, millis(*modified)))?;
    }
    Ok(())
}

/// Forgets documents that are no more.
pub fn forget_pages(tx: &Transaction<'_>, paths: &[String]) -> Result<()> {
    let mut forget = tx.prepare_cached("DELETE FROM page WHERE path = '/' || ?1")?;
    for path in paths {
        forget.execute([path])?;
    }
    Ok(())
}

/// What deciding an item's topics again needs.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The item's number.
    pub id: i64,
    /// Its story's.
    pub story: i64,
    /// Its source's slug.
    pub source: String,
    /// When it arrived.
    pub seen: Time,
    /// The item with its body.
    pub item: Item,
}

/// The next items after `after`, newest numbers last.
pub fn items_after(db: &Connection, after: i64, count: u32) -> Result<Vec<Stored>> {
    items_since(db, Time::UNIX_EPOCH, after, count)
}

/// The same of the items that arrived since a time.
pub fn items_since(db: &Connection, since: Time, after: i64, count: u32) -> Result<Vec<Stored>> {
    let mut query = db.prepare_cached(
        "SELECT i.id, i.story, i.title, i.link, i.summary, i.author, i.categories, i.image, i.published, i.seen,
             i.enclosures, t.html, s.slug, t.body
         FROM item i JOIN source s ON s.id = i.source LEFT JOIN item_text t ON t.item = i.id
         WHERE i.id > ?1 AND i.seen >= ?3 ORDER BY i.id LIMIT ?2",
    )?;
    let rows = query.query_map((after, count, millis(since)), |row| {
        let (html, body): (Option<String>, Option<String>) = (row.get(11)?, row.get(13)?);
        let html = html.as_deref().map(Html::stored);
        let item = Item { html, body: body.unwrap_or_default(), ..item(row)? };
        Ok(Stored { id: row.get(0)?, story: row.get(1)?, source: row.get(12)?, seen: time(row.get(9)?), item })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many items there are, and the highest number of one.
pub fn extent(db: &Connection) -> Result<(u32, i64)> {
    let mut query = db.prepare_cached("SELECT count(*), coalesce(max(id), 0) FROM item")?;
    Ok(query.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// The item with this number.
pub fn stored_item(db: &Connection, id: i64) -> Result<Option<Stored>> {
    Ok(items_after(db, id - 1, 1)?.into_iter().find(|stored| stored.id == id))
}
