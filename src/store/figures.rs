//! How much there is, by day and by source: what pictures show.

use anyhow::Result;
use rusqlite::Connection;

use super::rows::{millis, time};
use super::topics::ALL;
use crate::schedule::{Time, VIETNAM_SECONDS};

/// Milliseconds that Việt Nam is ahead of UTC.
const AHEAD: i64 = 1_000 * VIETNAM_SECONDS as i64;
const DAY: i64 = 24 * 3_600_000;

/// Stories a day since a moment, by the number of the day since 1970 in Việt Nam; days without any are left out.
pub fn by_day(db: &Connection, list: &str, since: Time) -> Result<Vec<(i64, u32)>> {
    let (from, list) = of(list);
    let sql =
        format!("SELECT (at + {AHEAD}) / {DAY} AS day, count(*) FROM {from} AND at >= ?2 GROUP BY day ORDER BY day");
    let mut query = db.prepare_cached(&sql)?;
    let rows = query.query_map((list, millis(since)), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Where the newest story before a moment stands.
pub fn last_before(db: &Connection, list: &str, before: Time) -> Result<Option<Time>> {
    let (from, list) = of(list);
    let sql = format!("SELECT max(at) FROM (SELECT at FROM {from} AND at < ?2 ORDER BY at DESC LIMIT 1)");
    let at: Option<i64> = db.prepare_cached(&sql)?.query_row((list, millis(before)), |row| row.get(0))?;
    Ok(at.map(time))
}

/// Where the first story at or behind a moment stands.
pub fn first_since(db: &Connection, list: &str, since: Time) -> Result<Option<Time>> {
    let (from, list) = of(list);
    let sql = format!("SELECT min(at) FROM (SELECT at FROM {from} AND at >= ?2 ORDER BY at LIMIT 1)");
    let at: Option<i64> = db.prepare_cached(&sql)?.query_row((list, millis(since)), |row| row.get(0))?;
    Ok(at.map(time))
}

/// Stories that stand between two moments, newest first, and where.
pub fn between(db: &Connection, list: &str, (begin, end): (Time, Time), most: usize) -> Result<Vec<(i64, i64)>> {
    let (from, name) = of(list);
    let story = if list == ALL { "id" } else { "story" };
    let sql =
        format!("SELECT {story}, at FROM {from} AND at >= ?2 AND at < ?3 ORDER BY at DESC, {story} DESC LIMIT ?4");
    let mut query = db.prepare_cached(&sql)?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = query.query_map((name, millis(begin), millis(end), most), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many stories stand between two moments.
pub fn count(db: &Connection, list: &str, (begin, end): (Time, Time)) -> Result<u32> {
    let (from, list) = of(list);
    let sql = format!("SELECT count(*) FROM {from} AND at >= ?2 AND at < ?3");
    Ok(db.prepare_cached(&sql)?.query_row((list, millis(begin), millis(end)), |row| row.get(0))?)
}

fn of(list: &str) -> (&'static str, &str) {
    match list {
        ALL => ("story WHERE withdrawn IS NULL AND ?1 <> ''", list),
        _ => ("story_topic WHERE topic = ?1", list),
    }
}

/// The source and the story of every item of a list since a moment.
pub fn carried(
    db: &Connection,
    list: &str,
    sources: impl Iterator<Item = i64>,
    since: Time,
) -> Result<Vec<(i64, i64)>> {
    let sql = match list {
        ALL => "SELECT story FROM item WHERE source = ?2 AND at >= ?3 AND ?1 <> ''",
        _ => {
            "SELECT i.story FROM topic_item t JOIN item i ON i.id = t.item WHERE t.topic = ?1 AND t.source = ?2 AND t.at >= ?3"
        }
    };
    let mut query = db.prepare_cached(sql)?;
    let mut all = Vec::new();
    for source in sources {
        let mut rows = query.query((list, source, millis(since)))?;
        while let Some(row) = rows.next()? {
            all.push((source, row.get(0)?));
        }
    }
    Ok(all)
}

/// How many items of a source are stored.
pub fn items_of(db: &Connection, source: i64) -> Result<u32> {
    Ok(db.prepare_cached("SELECT count(*) FROM item WHERE source = ?1")?.query_row([source], |row| row.get(0))?)
}
