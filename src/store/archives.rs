//! The past of a list, month by month. A month that is over is kept as it was first given out; a story that comes into it later is met in the first
//! month that was open then, so that who walks through the past meets every story once.

use std::io::Read as _;

use anyhow::{Context as _, Result};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::facets::Placed;
use super::rows::{millis, time};
use super::topics::ALL;
use crate::schedule::Time;

/// Stories in a part of a month.
pub const PART: u32 = 1_000;
/// No document that we kept is larger.
const MAX_BODY: u64 = 64 << 20;

/// The stories of a stretch of a list's past, in the order of time, and where each is filed.
fn filed(list: &str) -> String {
    let (table, story, topic) = match list {
        ALL => ("story", "id", "withdrawn IS NULL"),
        _ => ("story_topic", "story", "topic = :list"),
    };
    format!(
        "SELECT {story} AS story, at AS filed FROM {table} WHERE {topic} AND at >= :begin AND at < :end
             AND NOT EXISTS (SELECT 1 FROM filed_late l WHERE l.topic = :list AND l.story = {table}.{story})
         UNION ALL SELECT l.story, l.filed FROM filed_late l WHERE l.topic = :list AND l.filed >= :begin AND l.filed < :end
             AND EXISTS (SELECT 1 FROM {table} WHERE {story} = l.story AND {topic})"
    )
}

/// How many stories are filed between two moments.
pub fn count(db: &Connection, list: &str, (begin, end): (Time, Time)) -> Result<u32> {
    let mut query = db.prepare_cached(&format!("SELECT count(*) FROM ({})", filed(list)))?;
    let parameters = rusqlite::named_params! { ":list": list, ":begin": millis(begin), ":end": millis(end) };
    Ok(query.query_row(parameters, |row| row.get(0))?)
}

/// Stories that are filed between two moments, the first ones first: so many behind so many.
pub fn stories(
    db: &Connection,
    list: &str,
    (begin, end): (Time, Time),
    (skip, most): (u32, u32),
) -> Result<Vec<Placed>> {
    let sql = format!("SELECT story, filed FROM ({}) ORDER BY filed, story LIMIT :most OFFSET :skip", filed(list));
    let mut query = db.prepare_cached(&sql)?;
    let parameters = rusqlite::named_params! {
        ":list": list, ":begin": millis(begin), ":end": millis(end), ":most": most, ":skip": skip,
    };
    let rows = query.query_map(parameters, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Where the last story before a moment is filed.
pub fn last_before(db: &Connection, list: &str, before: Time) -> Result<Option<Time>> {
    let (table, condition) = match list {
        ALL => ("story", "withdrawn IS NULL"),
        _ => ("story_topic", "topic = ?1"),
    };
    let sql = format!(
        "SELECT max(filed) FROM (
             SELECT * FROM (SELECT at AS filed FROM {table} WHERE {condition} AND ?1 <> '' AND at < ?2 ORDER BY at DESC LIMIT 1)
             UNION ALL SELECT max(filed) FROM filed_late WHERE topic = ?1 AND filed < ?2)"
    );
    let filed: Option<i64> = db.prepare_cached(&sql)?.query_row((list, millis(before)), |row| row.get(0))?;
    Ok(filed.map(time))
}

/// A document of the past as it was first given out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    /// The document.
    pub body: Vec<u8>,
    /// The last change of a story in it.
    pub modified: Time,
}

/// A part of a month that is over as it was first given out, if it was.
pub fn archived(db: &Connection, list: &str, month: &str, part: u32) -> Result<Option<Archived>> {
    let row: Option<(i64, Vec<u8>)> = db
        .prepare_cached("SELECT modified, body FROM archived WHERE topic = ?1 AND month = ?2 AND part = ?3")?
        .query_row((list, month, part), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((modified, packed)) = row else { return Ok(None) };
    let mut body = Vec::new();
    zstd::Decoder::new(packed.as_slice())
        .and_then(|unpacked| unpacked.take(MAX_BODY).read_to_end(&mut body))
        .with_context(|| format!("the archive of {list}, {month}, part {part} cannot be read"))?;
    Ok(Some(Archived { body, modified: time(modified) }))
}

/// Keeps a part of a month that is over, which ended at `ends`. The first one who gives it out decides what it says.
pub fn keep(tx: &Transaction<'_>, list: &str, month: &str, part: u32, ends: Time, document: &Archived) -> Result<()> {
    let packed = zstd::bulk::compress(&document.body, 6).context("an archive cannot be packed")?;
    tx.execute(
        "INSERT OR IGNORE INTO archived (topic, month, part, ends, modified, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![list, month, part, millis(ends), millis(document.modified), packed],
    )?;
    Ok(())
}
