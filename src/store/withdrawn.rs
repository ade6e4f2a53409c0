//! Stories that an editor takes back. They stay stored, so that nothing takes them for new, and are shown nowhere; readers who know them are told.

use std::collections::BTreeSet;

use anyhow::Result;
use rusqlite::{Connection, OptionalExtension, Transaction};

use super::archives;
use super::rows::{millis, time};
use super::topics::{self, ALL};
use crate::model::Withdrawn;
use crate::schedule::Time;

/// No feed tells of more.
const MOST_TOLD: u32 = 50;

/// Takes a story back; gives the topics whose pages showed it, or nothing where it was taken back before.
pub fn withdraw(tx: &Transaction<'_>, story: i64, now: Time) -> Result<Option<BTreeSet<String>>> {
    let fresh =
        tx.execute("UPDATE story SET withdrawn = ?2 WHERE id = ?1 AND withdrawn IS NULL", (story, millis(now)))?;
    if fresh == 0 {
        return Ok(None);
    }
    let topics = topics::listed(tx, story)?;
    let lists: BTreeSet<&str> = topics.iter().map(String::as_str).chain([ALL]).collect();
    for list in lists {
        archives::reopen(tx, list, story)?;
        tx.execute(
            "INSERT INTO tombstone (topic, at, uid) SELECT ?2, ?3, uid FROM story WHERE id = ?1",
            (story, list, millis(now)),
        )?;
    }
    for topic in &topics {
        topics::leave_topic(tx, topic, story)?;
    }
    Ok(Some(topics))
}

/// Shows a story again that was taken back, where it stood; gives the topics whose pages show it, or nothing where it was not taken back.
///
/// That is a change of it: readers who were told that it is gone keep what is newer than that (RFC 6721 section 3), and no feed gets older.
pub fn reinstate(tx: &Transaction<'_>, story: i64, now: Time) -> Result<Option<BTreeSet<String>>> {
    let fresh = tx.execute(
        "UPDATE story SET withdrawn = NULL, updated = max(updated, ?2) WHERE id = ?1 AND withdrawn IS NOT NULL",
        (story, millis(now)),
    )?;
    if fresh == 0 {
        return Ok(None);
    }
    tx.execute("DELETE FROM tombstone WHERE uid = (SELECT uid FROM story WHERE id = ?1)", [story])?;
    let topics = topics::bring_up_to_date(tx, story)?;
    for list in topics.iter().map(String::as_str).chain([ALL]) {
        archives::reopen(tx, list, story)?;
    }
    Ok(Some(topics))
}

/// Whether a story was taken back, and when.
pub fn since(db: &Connection, story: i64) -> Result<Option<Time>> {
    let withdrawn: Option<Option<i64>> = db
        .prepare_cached("SELECT withdrawn FROM story WHERE id = ?1")?
        .query_row([story], |row| row.get(0))
        .optional()?;
    Ok(withdrawn.flatten().map(time))
}

/// What was taken back in a list, the latest first.
pub fn of_list(db: &Connection, list: &str) -> Result<Vec<Withdrawn>> {
    let mut query =
        db.prepare_cached("SELECT uid, at FROM tombstone WHERE topic = ?1 ORDER BY at DESC, uid LIMIT ?2")?;
    let rows = query.query_map((list, MOST_TOLD), |row| Ok(Withdrawn { uid: row.get(0)?, at: time(row.get(1)?) }))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
