//! For a replay: a copy of the database as it was before, and what of the copy and the original can be compared.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result};
use rusqlite::{Connection, OptionalExtension, Transaction};

use super::regroup::choose_lead;
use super::rows::{millis, time};
use super::stories::{Stored, stored_item};
use super::{Store, open};
use crate::kin;
use crate::schedule::Time;
use crate::text::Words;

impl Store {
    /// Writes a copy of the database, as it is at this moment, into another state folder, which must have none. Nothing is written to
    /// the original.
    pub fn copy_into(&self, dir: &Path) -> Result<()> {
        let to = dir.join(open::DATABASE_FILE);
        let to = to.to_str().context("the temporary folder has a name that is not text")?;
        // Not in a transaction, and on a connection of its own: "query_only" would refuse to write the copy too.
        open::connection(&self.path)?.execute("VACUUM INTO ?1", [to]).context("the database could not be copied")?;
        Ok(())
    }
}

/// Forgets what was first seen since a time, by source: every item with its topics, keys and texts, every story that nobody else
/// carries, and what vouched for the source's documents. Gives the highest number that an item has had: items with higher ones come
/// after. From then on the items that are written over are remembered: [`written_over`].
pub fn forget(tx: &Transaction<'_>, since: &BTreeMap<String, Time>, now: Time) -> Result<i64> {
    let last: i64 = tx.query_row("SELECT coalesce(max(id), 0) FROM item", [], |row| row.get(0))?;
    tx.execute_batch(
        "CREATE TABLE replayed (source INTEGER PRIMARY KEY, since INTEGER NOT NULL) STRICT;
         CREATE TABLE gone (item INTEGER PRIMARY KEY, story INTEGER NOT NULL) STRICT;
         CREATE TABLE written_over (item INTEGER PRIMARY KEY) STRICT;",
    )?;
    {
        let mut replayed = tx.prepare("INSERT INTO replayed SELECT id, ?2 FROM source WHERE slug = ?1")?;
        for (source, since) in since {
            replayed.execute((source, millis(*since)))?;
        }
    }
    tx.execute(
        "INSERT INTO gone SELECT i.id, i.story FROM item i JOIN replayed r ON r.source = i.source WHERE i.seen >= r.since",
        [],
    )?;
    let bereaved = numbers(
        tx,
        "SELECT DISTINCT g.story FROM gone g WHERE EXISTS
             (SELECT 1 FROM item i WHERE i.story = g.story AND i.id NOT IN (SELECT item FROM gone))",
    )?;
    for story in &bereaved {
        forget_keys(tx, *story)?;
    }
    tx.execute_batch(
        "DELETE FROM item_text WHERE item IN (SELECT item FROM gone);
         DELETE FROM item_topic WHERE item IN (SELECT item FROM gone);
         DELETE FROM topic_item WHERE item IN (SELECT item FROM gone);
         DELETE FROM sketch WHERE item IN (SELECT item FROM gone);
         DELETE FROM search WHERE rowid IN (SELECT item FROM gone);
         DELETE FROM item_key WHERE item IN (SELECT item FROM gone);
         DELETE FROM item WHERE id IN (SELECT item FROM gone);
         DELETE FROM gone WHERE EXISTS (SELECT 1 FROM item i WHERE i.story = gone.story);
         DELETE FROM story_topic WHERE story IN (SELECT story FROM gone);
         DELETE FROM story_left WHERE story IN (SELECT story FROM gone);
         DELETE FROM story_key WHERE story IN (SELECT story FROM gone);
         DELETE FROM story_related WHERE story IN (SELECT story FROM gone) OR other IN (SELECT story FROM gone);
         DELETE FROM story_alias WHERE story IN (SELECT story FROM gone);
         DELETE FROM story WHERE id IN (SELECT story FROM gone);
         DROP TABLE gone;
         UPDATE source SET harvested = id IN (SELECT source FROM item), validated_url = NULL, etag = NULL, last_modified = NULL,
             body_digest = NULL, reading = NULL, unread_class = NULL, unread_text = NULL, failures = 0, failure_class = NULL,
             failure_text = NULL, moved_to = NULL, moved_since = NULL, moved_times = 0, adopted = NULL
         WHERE id IN (SELECT source FROM replayed);
         DROP TABLE replayed;
         CREATE TRIGGER remember AFTER UPDATE OF content ON item
             BEGIN INSERT OR IGNORE INTO written_over VALUES (new.id); END;",
    )?;
    for story in bereaved {
        choose_lead(tx, story, now)?;
    }
    Ok(last)
}

/// Takes from a story that stays the keys that only items left that go, and the names that one of them gave it, or a story that it took in: who
/// comes with them now would join nobody.
fn forget_keys(tx: &Transaction<'_>, story: i64) -> Result<()> {
    let (mut left, mut kept) = (BTreeSet::new(), BTreeSet::new());
    let (mut left_names, mut kept_names) = (BTreeSet::new(), BTreeSet::new());
    for item in members(tx, story)? {
        let goes = tx.prepare_cached("SELECT 1 FROM gone WHERE item = ?1")?.exists([item])?;
        if let Some(stored) = stored_item(tx, item)? {
            let words = Words::of(&stored.item.title, "", "");
            let keys = kin::story_keys(&stored.item, &words, true);
            let (digests, names) = if goes { (&mut left, &mut left_names) } else { (&mut kept, &mut kept_names) };
            for key in keys {
                digests.insert(key.digest.short());
                names.extend(key.founds);
            }
        }
    }
    for key in left.difference(&kept) {
        tx.prepare_cached("DELETE FROM story_key WHERE key = ?1 AND story = ?2")?.execute((key, story))?;
    }
    for name in left_names.difference(&kept_names) {
        tx.prepare_cached("UPDATE story SET uid = 'of-who-went-' || id WHERE id = ?2 AND uid = ?1")?
            .execute((name, story))?;
        tx.prepare_cached("DELETE FROM story_alias WHERE uid = ?1 AND story = ?2")?.execute((name, story))?;
    }
    Ok(())
}

/// Whether an admin put an item into its story, or left it there: that is no decision of the program.
pub fn is_by_hand(db: &Connection, item: i64) -> Result<bool> {
    let mut query = db.prepare_cached("SELECT by_hand FROM item WHERE id = ?1")?;
    Ok(query.query_row([item], |row| row.get(0))?)
}

/// An item, and when its source brought and last changed it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Its number.
    pub id: i64,
    /// Its source's slug.
    pub source: String,
    /// When it was first seen.
    pub at: Time,
    /// When its source last changed it significantly.
    pub revised: Option<Time>,
}

/// Every item that was first seen since a time.
pub fn seen_since(db: &Connection, since: Time) -> Result<Vec<Seen>> {
    seen(db, "i.seen >= ?1", millis(since))
}

/// An item by its number.
pub fn seen_item(db: &Connection, id: i64) -> Result<Option<Seen>> {
    Ok(seen(db, "i.id = ?1", id)?.pop())
}

fn seen(db: &Connection, condition: &str, value: i64) -> Result<Vec<Seen>> {
    let mut query = db.prepare_cached(&format!(
        "SELECT i.id, s.slug, i.seen, i.revised FROM item i JOIN source s ON s.id = i.source WHERE {condition} ORDER BY i.id"
    ))?;
    let rows = query.query_map([value], |row| {
        let revised: Option<i64> = row.get(3)?;
        Ok(Seen { id: row.get(0)?, source: row.get(1)?, at: time(row.get(2)?), revised: revised.map(time) })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The items that came after the one with this number, oldest first.
pub fn items_after(db: &Connection, after: i64) -> Result<Vec<i64>> {
    let mut query = db.prepare("SELECT id FROM item WHERE id > ?1 ORDER BY id")?;
    Ok(query.query_map([after], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// A key of an item, as it is stored, and the number of its source. Sources have the same numbers in a copy.
pub type Key = (i64, i64);

/// The keys of the items that came after the one with this number, by item.
pub fn keys_after(db: &Connection, after: i64) -> Result<BTreeMap<i64, Vec<Key>>> {
    let mut query = db.prepare("SELECT item, source, key FROM item_key WHERE item > ?1")?;
    let mut keys: BTreeMap<i64, Vec<Key>> = BTreeMap::new();
    for row in query.query_map([after], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))? {
        let (item, key) = row?;
        keys.entry(item).or_default().push(key);
    }
    Ok(keys)
}

/// The item with a key.
pub fn item_of_key(db: &Connection, key: Key) -> Result<Option<i64>> {
    let mut query = db.prepare_cached("SELECT item FROM item_key WHERE source = ?1 AND key = ?2")?;
    Ok(query.query_row(key, |row| row.get(0)).optional()?)
}

/// The items that were there when the rest was forgotten and were written over since.
pub fn written_over(db: &Connection, last: i64) -> Result<Vec<i64>> {
    let mut query = db.prepare("SELECT item FROM written_over WHERE item <= ?1")?;
    Ok(query.query_map([last], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// The items of a story.
pub fn members(db: &Connection, story: i64) -> Result<Vec<i64>> {
    let mut query = db.prepare_cached("SELECT id FROM item WHERE story = ?1 ORDER BY id")?;
    Ok(query.query_map([story], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// An item with its story and its text.
pub fn item(db: &Connection, id: i64) -> Result<Stored> {
    stored_item(db, id)?.with_context(|| format!("item {id} is gone"))
}

fn numbers(db: &Connection, query: &str) -> Result<Vec<i64>> {
    Ok(db.prepare(query)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}
