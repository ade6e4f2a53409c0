//! When each source published.

use anyhow::Result;
use chrono::{TimeDelta, TimeZone, Utc};
use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::schedule::Time;

/// Publications that are remembered of a source: of the busiest papers, with 200 items a day, three weeks.
const MOST: usize = 4_000;

/// What minutes count from.
fn epoch() -> Time {
    Utc.with_ymd_and_hms(2020, 1, 1, 0, 0, 0).single().unwrap_or(Time::UNIX_EPOCH)
}

/// When a source published, oldest first.
pub fn of(db: &Connection, source: i64) -> Result<Vec<Time>> {
    let mut query = db.prepare_cached("SELECT minutes FROM history WHERE source = ?1")?;
    let blob: Option<Vec<u8>> = query.query_row([source], |row| row.get(0)).optional()?;
    let minutes = |bytes: &[u8]| Some(u32::from_le_bytes(bytes.try_into().ok()?));
    let times = blob.unwrap_or_default();
    Ok(times.chunks_exact(4).filter_map(minutes).map(|m| epoch() + TimeDelta::minutes(i64::from(m))).collect())
}

/// Remembers what a source published, and forgets the oldest.
pub fn remember(tx: &Transaction<'_>, source: i64, new: impl Iterator<Item = Time>) -> Result<()> {
    let mut new = new.peekable();
    if new.peek().is_none() {
        return Ok(());
    }
    let mut times = of(tx, source)?;
    times.extend(new.filter(|t| *t >= epoch()));
    times.sort_unstable();
    let minutes = |t: &Time| u32::try_from((*t - epoch()).num_minutes()).unwrap_or(u32::MAX).to_le_bytes();
    let blob: Vec<u8> = times.iter().skip(times.len().saturating_sub(MOST)).flat_map(minutes).collect();
    tx.prepare_cached(
        "INSERT INTO history VALUES (?1, ?2) ON CONFLICT (source) DO UPDATE SET minutes = excluded.minutes",
    )?
    .execute((source, blob))?;
    Ok(())
}
