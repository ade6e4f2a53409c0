//! Forgetting what is older than the operator wants to keep, whole months at a time. What was forgotten is known by its names and never comes again.

use anyhow::Result;
use rusqlite::{Connection, Transaction};

use super::kinship::by_key;
use super::rows::{millis, time, url};
use super::{meta, set_meta, topics};
use crate::dedup;
use crate::kin;
use crate::schedule::Time;

/// The fact in the database that says until when everything was forgotten.
const FORGOTTEN_UNTIL: &str = "forgotten_until";
/// Stories that are forgotten in one transaction: a poll that waits for it waits some milliseconds.
const BATCH: u32 = 100;

/// Until when everything was forgotten for its age, or is being forgotten.
pub fn until(db: &Connection) -> Result<Option<Time>> {
    Ok(meta(db, FORGOTTEN_UNTIL)?.and_then(|at| at.parse().ok()).map(time))
}

/// Forgets some of the stories that have nothing from after a moment, oldest first; gives how many. Call it again until there are none.
pub fn forget_before(tx: &Transaction<'_>, before: Time) -> Result<usize> {
    if until(tx)?.is_none_or(|until| until < before) {
        set_meta(tx, FORGOTTEN_UNTIL, &millis(before).to_string())?;
    }
    // Where a topic lists it later than it stands among all, it is no older than that.
    let mut query = tx.prepare_cached(
        "SELECT s.id, s.uid FROM story s WHERE s.at < ?1
             AND NOT EXISTS (SELECT 1 FROM item i WHERE i.story = s.id AND i.at >= ?1)
             AND NOT EXISTS (SELECT 1 FROM story_topic t WHERE t.story = s.id AND t.at >= ?1) ORDER BY s.at LIMIT ?2",
    )?;
    let stories: Vec<(i64, String)> = query
        .query_map((millis(before), BATCH), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (story, uid) in &stories {
        forget(tx, *story, uid)?;
    }
    if stories.is_empty() {
        tx.execute("DELETE FROM archived WHERE ends <= ?1", [millis(before)])?;
    } else {
        forget_places(tx, &stories)?;
    }
    Ok(stories.len())
}

/// Forgets a story with its items. Their names in their sources stay, and say that they are known.
fn forget(tx: &Transaction<'_>, story: i64, uid: &str) -> Result<()> {
    let mut query = tx.prepare_cached("SELECT id FROM item WHERE story = ?1")?;
    let items: Vec<i64> = query.query_map([story], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for item in items {
        keep_names(tx, item, story)?;
        topics::unlist_item(tx, story, item)?;
        for sql in [
            "DELETE FROM item_text WHERE item = ?1",
            "DELETE FROM item_topic WHERE item = ?1",
            "DELETE FROM sketch WHERE item = ?1",
            "DELETE FROM search WHERE rowid = ?1",
            "DELETE FROM item WHERE id = ?1",
        ] {
            tx.prepare_cached(sql)?.execute([item])?;
        }
    }
    for sql in [
        "DELETE FROM story_topic WHERE story = ?1",
        "DELETE FROM story_left WHERE story = ?1",
        "DELETE FROM story_related WHERE (story, other) IN (SELECT other, story FROM story_related WHERE story = ?1)",
        "DELETE FROM story_related WHERE story = ?1",
        "DELETE FROM story WHERE id = ?1",
    ] {
        tx.prepare_cached(sql)?.execute([story])?;
    }
    is_gone(tx, uid)
}

/// Remembers what an item is known by that no key says: its headline and day in its source, and the name of the story that an item with its
/// address would found, where that led to its story.
fn keep_names(tx: &Transaction<'_>, item: i64, story: i64) -> Result<()> {
    let (source, title, published, link): (i64, String, Option<i64>, Option<String>) = tx
        .prepare_cached("SELECT source, title, published, link FROM item WHERE id = ?1")?
        .query_row([item], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let name = dedup::forgotten_name(&title, published.map(time));
    tx.prepare_cached("INSERT OR IGNORE INTO item_key (source, key, item) VALUES (?1, ?2, ?3)")?.execute((
        source,
        name.short(),
        item,
    ))?;
    for key in url(link).iter().flat_map(kin::address_keys) {
        if let Some(founds) = key.founds.as_deref().filter(|_| key.hint == kin::Hint::Link)
            && by_key(tx, &key)? == Some(story)
        {
            is_gone(tx, founds)?;
        }
    }
    Ok(())
}

/// Writes that a story with this public name is never founded again.
fn is_gone(tx: &Transaction<'_>, uid: &str) -> Result<()> {
    tx.prepare_cached("INSERT OR IGNORE INTO forgotten (uid) VALUES (?1)")?.execute([uid])?;
    Ok(())
}

/// What is kept of stories in tables that are not found by story: read once for all of them.
fn forget_places(tx: &Transaction<'_>, stories: &[(i64, String)]) -> Result<()> {
    let (numbers, names): (Vec<i64>, Vec<&str>) = stories.iter().map(|(story, uid)| (*story, uid.as_str())).unzip();
    let (numbers, names) = (serde_json::to_string(&numbers)?, serde_json::to_string(&names)?);
    for (sql, which) in [
        (
            "INSERT OR IGNORE INTO forgotten SELECT uid FROM story_alias WHERE story IN (SELECT value FROM json_each(?1))",
            &numbers,
        ),
        ("DELETE FROM story_alias WHERE story IN (SELECT value FROM json_each(?1))", &numbers),
        ("DELETE FROM filed_late WHERE story IN (SELECT value FROM json_each(?1))", &numbers),
        ("DELETE FROM tombstone WHERE uid IN (SELECT value FROM json_each(?1))", &names),
    ] {
        tx.prepare_cached(sql)?.execute([which])?;
    }
    Ok(())
}
