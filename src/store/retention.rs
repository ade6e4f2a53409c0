//! Forgetting what is older than the operator wants to keep, whole months at a time. What was forgotten is known by its names and never comes again.

use anyhow::Result;
use rusqlite::Transaction;

use super::rows::{millis, time};
use super::{meta, set_meta};
use crate::schedule::Time;

/// The fact in the database that says until when everything was forgotten.
pub const FORGOTTEN_UNTIL: &str = "forgotten_until";
/// Stories that are forgotten in one transaction: a poll that waits for it waits some milliseconds.
const BATCH: u32 = 200;

/// Forgets some of the stories whose every item is from before a moment, oldest first; gives how many. Call it again until there are none.
pub fn forget_before(tx: &Transaction<'_>, before: Time) -> Result<usize> {
    let mut query = tx.prepare_cached(
        "SELECT s.id, s.uid FROM story s WHERE s.at < ?1
             AND NOT EXISTS (SELECT 1 FROM item i WHERE i.story = s.id AND i.at >= ?1) ORDER BY s.at LIMIT ?2",
    )?;
    let stories: Vec<(i64, String)> = query
        .query_map((millis(before), BATCH), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (story, uid) in &stories {
        forget(tx, *story, uid)?;
    }
    if stories.is_empty() {
        tx.execute("DELETE FROM archived WHERE ends <= ?1", [millis(before)])?;
        let until = meta(tx, FORGOTTEN_UNTIL)?.and_then(|at| at.parse().ok()).map_or(before, |at| time(at).max(before));
        set_meta(tx, FORGOTTEN_UNTIL, &millis(until).to_string())?;
    }
    Ok(stories.len())
}

/// Forgets a story with its items. Their names in their sources stay, and say that they are known.
fn forget(tx: &Transaction<'_>, story: i64, uid: &str) -> Result<()> {
    let mut query = tx.prepare_cached("SELECT id FROM item WHERE story = ?1")?;
    let items: Vec<i64> = query.query_map([story], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    tx.prepare_cached(
        "DELETE FROM topic_item WHERE (topic, source, at, item) IN
             (SELECT t.topic, i.source, max(i.at, t.at), i.id FROM story_topic t JOIN item i ON i.story = t.story WHERE t.story = ?1)",
    )?
    .execute([story])?;
    for item in items {
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
        "DELETE FROM story_related WHERE story = ?1",
        "DELETE FROM story_alias WHERE story = ?1",
        "DELETE FROM filed_late WHERE story = ?1",
        "DELETE FROM story WHERE id = ?1",
    ] {
        tx.prepare_cached(sql)?.execute([story])?;
    }
    tx.prepare_cached("INSERT OR IGNORE INTO forgotten (uid) VALUES (?1)")?.execute([uid])?;
    tx.prepare_cached("DELETE FROM tombstone WHERE uid = ?1")?.execute([uid])?;
    Ok(())
}
