//! The past of a list, month by month. A month that is over is kept as it was first given out; a story that comes into it later is met in the first
//! month that was open then, so that who walks through the past meets every story once.

use std::collections::BTreeSet;
use std::io::Read as _;

use anyhow::{Context as _, Result};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::facets::Placed;
use super::rows::{millis, time};
use super::topics::{self, ALL, DecidedBy};
use crate::schedule::{Time, VIETNAM_SECONDS};

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
    /// When it was.
    pub modified: Time,
    /// The address of the site that it names.
    pub base: String,
    /// The names of the sources whose whole articles are in it.
    pub articles_of: BTreeSet<String>,
}

/// A document of a month that is over, to be kept as it is, and what was read for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// Of which list.
    pub list: String,
    /// Which month, `2026-11`.
    pub month: String,
    /// When it began and ended.
    pub span: (Time, Time),
    /// Which part; 0 is the last.
    pub part: u32,
    /// How many stories of the month stand before it.
    pub skip: u32,
    /// Its stories, the first ones first, and where each is filed.
    pub stories: Vec<Placed>,
    /// Where the last story before the month is filed: that is where the document leads on.
    pub before: Option<Time>,
    /// Whether what was given out of the month before may not be given out any more: then every part of it is made again, for a story that left
    /// since moves those behind it.
    pub again: bool,
    /// The document.
    pub document: Archived,
}

/// A part of a month that is over as it was first given out, if it was.
pub fn archived(db: &Connection, list: &str, month: &str, part: u32) -> Result<Option<Archived>> {
    let row: Option<(i64, Vec<u8>, String, String)> = db
        .prepare_cached(
            "SELECT modified, body, base, articles_of FROM archived WHERE topic = ?1 AND month = ?2 AND part = ?3 AND body <> x''",
        )?
        .query_row((list, month, part), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let Some((modified, packed, base, articles_of)) = row else { return Ok(None) };
    let mut body = Vec::new();
    zstd::Decoder::new(packed.as_slice())
        .and_then(|unpacked| unpacked.take(MAX_BODY).read_to_end(&mut body))
        .with_context(|| format!("the archive of {list}, {month}, part {part} cannot be read"))?;
    Ok(Some(Archived { body, modified: time(modified), base, articles_of: names(&articles_of)? }))
}

/// What the documents of a month that were given out say: the addresses of the site, and the names of the sources whose whole articles are in them.
pub fn said(db: &Connection, list: &str, month: &str) -> Result<(BTreeSet<String>, BTreeSet<String>)> {
    let mut query =
        db.prepare_cached("SELECT base, articles_of FROM archived WHERE topic = ?1 AND month = ?2 AND body <> x''")?;
    let mut rows = query.query((list, month))?;
    let (mut bases, mut articles_of) = (BTreeSet::new(), BTreeSet::new());
    while let Some(row) = rows.next()? {
        bases.insert(row.get(0)?);
        articles_of.append(&mut names(row.get_ref(1)?.as_str()?)?);
    }
    Ok((bases, articles_of))
}

fn names(json: &str) -> Result<BTreeSet<String>> {
    serde_json::from_str(json).context("names of sources that are no JSON")
}

/// Keeps a part of a month that is over, and says whether it is kept. The first one who gives it out decides what it says.
///
/// What came into the month since it was read would be met by nobody who walks through the past, so then it is not kept; nor while stored items
/// are decided again: a month would for ever be what the old and the new rules have in common.
pub fn keep(tx: &Transaction<'_>, closed: &Closed) -> Result<bool> {
    let Closed { list, month, span, part, skip, stories: read, before, again, document } = closed;
    let is_decided = matches!(topics::decided_by(tx)?, DecidedBy::One(_));
    // The last part ends where the month does.
    let ends = u32::try_from(read.len()).map_or(u32::MAX, |read| skip.saturating_add(read));
    let is_whole = *part > 0 || count(tx, list, *span)? == ends;
    let is_same = || Ok::<_, anyhow::Error>(stories(tx, list, *span, (*skip, PART))? == *read);
    if !is_decided || !is_whole || !is_same()? || last_before(tx, list, span.0)? != *before {
        return Ok(false);
    }
    if *again {
        tx.execute("UPDATE archived SET body = x'' WHERE topic = ?1 AND month = ?2", (list, month))?;
    }
    let packed = zstd::bulk::compress(&document.body, 6).context("an archive cannot be packed")?;
    let articles_of = serde_json::to_string(&document.articles_of)?;
    tx.execute(
        "INSERT INTO archived (topic, month, part, ends, modified, body, base, articles_of) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (topic, month, part) DO UPDATE
             SET modified = excluded.modified, body = excluded.body, base = excluded.base, articles_of = excluded.articles_of
             WHERE body = x''",
        params![list, month, part, millis(span.1), millis(document.modified), packed, document.base, articles_of],
    )?;
    Ok(true)
}

/// Has the documents of a month made again when somebody asks: that somebody took a story back is the one thing that changes the past. What comes
/// into the list later is still filed behind it.
pub fn reopen(tx: &Transaction<'_>, list: &str, story: i64) -> Result<()> {
    tx.execute(
        &format!(
            "UPDATE archived SET body = x'' WHERE topic = ?1 AND month = (SELECT strftime('%Y-%m', coalesce(
                 (SELECT filed FROM filed_late WHERE topic = ?1 AND story = ?2),
                 (SELECT at FROM story_topic WHERE topic = ?1 AND story = ?2),
                 (SELECT at FROM story WHERE id = ?2)) / 1000 + {VIETNAM_SECONDS}, 'unixepoch'))"
        ),
        (list, story),
    )?;
    Ok(())
}
