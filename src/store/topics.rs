//! The topics of items and stories: what was decided and why, and where a story stands in each.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use rusqlite::{Connection, OptionalExtension, Transaction};

use super::rows::{millis, reasons_json, time};
use super::{meta, set_meta};
use crate::dedup;
use crate::model::Match;
use crate::schedule::Time;

/// Writes an item's topics and brings its story's up to date; gives every topic whose pages may show a difference.
///
/// `news`: the present, where it is news that the story enters a topic; it then stands where readers of that topic will see
/// it, as a late story does. Where rules bring it there, it stands where it stood before in that topic, else where it stands among all.
pub fn set_topics(
    tx: &Transaction<'_>,
    item: i64,
    story: i64,
    matches: &[Match],
    news: Option<Time>,
) -> Result<BTreeSet<String>> {
    let mut touched = topics_of_story(tx, story)?;
    tx.prepare_cached("DELETE FROM item_topic WHERE item = ?1")?.execute([item])?;
    for matched in matches.iter().filter(|m| m.matched()) {
        insert_topic(tx, item, matched)?;
    }
    let now = topics_of_story(tx, story)?;
    for topic in touched.difference(&now) {
        leave_topic(tx, topic, story)?;
    }
    if !now.is_subset(&touched) {
        let at = tx.prepare_cached("SELECT at FROM story WHERE id = ?1")?.query_row([story], |row| row.get(0))?;
        for topic in now.difference(&touched) {
            let stood = left(tx, topic, story)?;
            let at = match news {
                Some(now) => millis(dedup::position(Some(time(at)), now, false)),
                None => stood.map_or(at, |stood| stood.at),
            };
            list_again(tx, topic, at, story, stood)?;
        }
    }
    touched.extend(now);
    Ok(touched)
}

/// Lists a story where its items belong, after items came or went; gives the topics whose pages may show a difference.
pub(super) fn bring_up_to_date(tx: &Transaction<'_>, story: i64) -> Result<BTreeSet<String>> {
    let mut touched = listed(tx, story)?;
    let now = topics_of_story(tx, story)?;
    for topic in touched.difference(&now) {
        leave_topic(tx, topic, story)?;
    }
    let at: i64 = tx.prepare_cached("SELECT at FROM story WHERE id = ?1")?.query_row([story], |row| row.get(0))?;
    for topic in now.difference(&touched) {
        let stood = left(tx, topic, story)?;
        list_again(tx, topic, stood.map_or(at, |stood| stood.at), story, stood)?;
    }
    touched.extend(now);
    Ok(touched)
}

/// Whether a story is in every topic that another is in.
pub(super) fn is_within(tx: &Transaction<'_>, story: i64, other: i64) -> Result<bool> {
    Ok(listed(tx, story)?.is_subset(&listed(tx, other)?))
}

pub(super) fn listed(tx: &Transaction<'_>, story: i64) -> Result<BTreeSet<String>> {
    let mut query = tx.prepare_cached("SELECT topic FROM story_topic WHERE story = ?1")?;
    Ok(query.query_map([story], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Writes that an item is in a topic, and why.
pub(super) fn insert_topic(tx: &Transaction<'_>, item: i64, matched: &Match) -> Result<()> {
    tx.prepare_cached("INSERT INTO item_topic (item, topic, score, threshold, reasons) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute((item, &matched.topic, matched.score, matched.threshold, reasons_json(matched)?))?;
    Ok(())
}

/// What the list of all stories is called where topics are.
pub(super) const ALL: &str = "all";

/// Writes where a story stands in a topic, with everyone who carries it.
pub(super) fn list_in_topic(tx: &Transaction<'_>, topic: &str, at: i64, story: i64) -> Result<()> {
    list(tx, topic, at, story)?;
    file(tx, topic, at, story)
}

/// The same of a story that may have stood there before. In the past it stays where it was given out.
fn list_again(tx: &Transaction<'_>, topic: &str, at: i64, story: i64, stood: Option<Stood>) -> Result<()> {
    list(tx, topic, at, story)?;
    match stood {
        Some(Stood { given: true, filed, .. }) if filed != at => file_at(tx, topic, filed, story),
        Some(Stood { given: true, .. }) => Ok(()),
        _ => {
            tx.prepare_cached("DELETE FROM filed_late WHERE topic = ?1 AND story = ?2")?.execute((topic, story))?;
            file(tx, topic, at, story)
        }
    }
}

fn list(tx: &Transaction<'_>, topic: &str, at: i64, story: i64) -> Result<()> {
    tx.prepare_cached("INSERT OR IGNORE INTO story_topic (topic, at, story) VALUES (?1, ?2, ?3)")?
        .execute((topic, at, story))?;
    tx.prepare_cached(
        "INSERT OR IGNORE INTO topic_item (topic, source, at, item)
         SELECT ?1, source, max(at, ?2), id FROM item WHERE story = ?3",
    )?
    .execute((topic, at, story))?;
    Ok(())
}

/// Lists an item that came into a story in every topic where that stands.
pub(super) fn list_item(tx: &Transaction<'_>, story: i64, item: i64) -> Result<()> {
    tx.prepare_cached(
        "INSERT OR IGNORE INTO topic_item (topic, source, at, item)
         SELECT t.topic, i.source, max(i.at, t.at), i.id FROM story_topic t JOIN item i ON i.id = ?2 WHERE t.story = ?1",
    )?
    .execute((story, item))?;
    Ok(())
}

/// The same of an item that leaves a story.
pub(super) fn unlist_item(tx: &Transaction<'_>, story: i64, item: i64) -> Result<()> {
    tx.prepare_cached(
        "DELETE FROM topic_item WHERE (topic, source, at, item) IN
             (SELECT t.topic, i.source, max(i.at, t.at), i.id FROM story_topic t JOIN item i ON i.id = ?2 WHERE t.story = ?1)",
    )?
    .execute((story, item))?;
    Ok(())
}

/// Has who walks through the past of a list meet a story that came where a month was given out already.
pub(super) fn file(tx: &Transaction<'_>, topic: &str, at: i64, story: i64) -> Result<()> {
    let ended: Option<i64> = tx
        .prepare_cached("SELECT ends FROM archived WHERE topic = ?1 ORDER BY month DESC LIMIT 1")?
        .query_row([topic], |row| row.get(0))
        .optional()?;
    if let Some(filed) = ended.filter(|ended| at < *ended) {
        file_at(tx, topic, filed, story)?;
    }
    Ok(())
}

fn file_at(tx: &Transaction<'_>, topic: &str, filed: i64, story: i64) -> Result<()> {
    tx.prepare_cached("INSERT OR IGNORE INTO filed_late (topic, filed, story) VALUES (?1, ?2, ?3)")?
        .execute((topic, filed, story))?;
    Ok(())
}

/// Takes a story out of a topic and remembers where it stood.
pub(super) fn leave_topic(tx: &Transaction<'_>, topic: &str, story: i64) -> Result<()> {
    tx.prepare_cached(
        "DELETE FROM topic_item WHERE (topic, source, at, item) IN
             (SELECT t.topic, i.source, max(i.at, t.at), i.id FROM story_topic t JOIN item i ON i.story = t.story
              WHERE t.story = ?1 AND t.topic = ?2)",
    )?
    .execute((story, topic))?;
    tx.prepare_cached(
        "INSERT OR REPLACE INTO story_left (story, topic, at, given)
         SELECT story, topic, at, EXISTS (SELECT 1 FROM archived a WHERE a.topic = ?2 AND a.ends >
             coalesce((SELECT filed FROM filed_late l WHERE l.topic = ?2 AND l.story = ?1), t.at))
         FROM story_topic t WHERE story = ?1 AND topic = ?2",
    )?
    .execute((story, topic))?;
    tx.prepare_cached("DELETE FROM story_topic WHERE story = ?1 AND topic = ?2")?.execute((story, topic))?;
    Ok(())
}

/// Where a story stood in a topic that it left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stood {
    at: i64,
    /// Where whoever walks through the past meets it.
    filed: i64,
    /// Whether that part of the past had been given out.
    given: bool,
}

/// Where a story stood in a topic that it left; from now on it is not remembered.
fn left(tx: &Transaction<'_>, topic: &str, story: i64) -> Result<Option<Stood>> {
    let mut forget = tx.prepare_cached(
        "DELETE FROM story_left WHERE story = ?1 AND topic = ?2
         RETURNING at, coalesce((SELECT filed FROM filed_late l WHERE l.topic = ?2 AND l.story = ?1), at), given",
    )?;
    let stood = |row: &rusqlite::Row<'_>| Ok(Stood { at: row.get(0)?, filed: row.get(1)?, given: row.get(2)? });
    Ok(forget.query_row((story, topic), stood).optional()?)
}

/// Has what is stored of a topic stand under the name that it has now, so that its readers, who are sent on, find what they left. Where something
/// is stored under that already, deciding again does it.
pub fn rename(tx: &Transaction<'_>, was: &str, id: &str) -> Result<()> {
    let is_listed = |topic: &str| -> Result<bool> {
        let mut any = tx.prepare_cached("SELECT EXISTS (SELECT 1 FROM story_topic WHERE topic = ?1)")?;
        Ok(any.query_row([topic], |row| row.get(0))?)
    };
    if !is_listed(was)? || is_listed(id)? {
        return Ok(());
    }
    // By the items that are listed: there is no index by topic over what was decided.
    tx.execute(
        "UPDATE OR REPLACE item_topic SET topic = ?2
         WHERE topic = ?1 AND item IN (SELECT item FROM topic_item WHERE topic = ?1)",
        (was, id),
    )?;
    for table in ["topic_item", "story_topic", "story_left", "filed_late", "tombstone", "archived"] {
        tx.execute(&format!("UPDATE OR REPLACE {table} SET topic = ?2 WHERE topic = ?1"), (was, id))?;
    }
    // They name the addresses it had.
    tx.execute("UPDATE archived SET body = x'' WHERE topic = ?1", [id])?;
    Ok(())
}

/// The topics that a story's items are in; none where it was taken back.
pub(super) fn topics_of_story(tx: &Transaction<'_>, story: i64) -> Result<BTreeSet<String>> {
    // Every topic a story stands in is there because one of its items is in it.
    let mut query = tx.prepare_cached(
        "SELECT DISTINCT t.topic FROM story s JOIN item i ON i.story = s.id JOIN item_topic t ON t.item = i.id
         WHERE s.id = ?1 AND s.withdrawn IS NULL",
    )?;
    Ok(query.query_map([story], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// The fact in the database that names the rules every stored decision was made with; empty while only some were.
const RULES: &str = "rules";

/// By which rules everything stored was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecidedBy {
    /// Nobody said yet.
    Unknown,
    /// By several: deciding again is under way, or waits for the daemon.
    Several,
    /// All by the rules with this fingerprint.
    One(String),
}

/// By which rules everything stored was decided.
pub fn decided_by(db: &Connection) -> Result<DecidedBy> {
    Ok(match meta(db, RULES)? {
        None => DecidedBy::Unknown,
        Some(rules) if rules.is_empty() => DecidedBy::Several,
        Some(rules) => DecidedBy::One(rules),
    })
}

/// Written before anything is decided by rules: if they are others than before, nothing vouches for all decisions until [`vouch`]. Where nothing is
/// stored yet, all of it will be by these.
pub fn decide_by(tx: &Transaction<'_>, rules: &str) -> Result<()> {
    match decided_by(tx)? {
        DecidedBy::One(before) if before != rules => set_meta(tx, RULES, ""),
        DecidedBy::Unknown if super::stories::extent(tx)?.0 == 0 => set_meta(tx, RULES, rules),
        _ => Ok(()),
    }
}

/// Everything stored is decided by these rules, which have these topics. Where stories stood in others is forgotten.
pub fn vouch(tx: &Transaction<'_>, rules: &str, topics: &[String]) -> Result<()> {
    let topics = serde_json::to_string(topics)?;
    tx.execute("DELETE FROM story_left WHERE topic NOT IN (SELECT value FROM json_each(?1))", [topics])?;
    set_meta(tx, RULES, rules)
}

/// What is stored of a topic.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stored {
    /// How many stories.
    pub stories: u32,
    /// How many of them stand after each of the times that were asked about.
    pub since: [u32; 2],
    /// The newest: where it stands, and its headline.
    pub newest: Option<(Time, String)>,
}

/// What is stored of every topic that anything is stored of.
pub fn stored(db: &Connection, since: [Time; 2]) -> Result<BTreeMap<String, Stored>> {
    // SQLite takes the other columns from the row with the highest `at`.
    let mut query = db.prepare(
        "SELECT t.topic, count(*), sum(t.at >= ?1), sum(t.at >= ?2), max(t.at),
             (SELECT i.title FROM story s JOIN item i ON i.id = s.lead WHERE s.id = t.story)
         FROM story_topic t GROUP BY t.topic",
    )?;
    let rows = query.query_map(since.map(millis), |row| {
        let title: Option<String> = row.get(5)?;
        let newest = title.map(|title| Ok::<_, rusqlite::Error>((time(row.get(4)?), title))).transpose()?;
        Ok((row.get(0)?, Stored { stories: row.get(1)?, since: [row.get(2)?, row.get(3)?], newest }))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
