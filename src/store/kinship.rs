//! Which stored stories an item may belong to: candidates from the memory of the last days, their texts from the database, the decision from
//! `dedup`.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};
use rusqlite::{Connection, OptionalExtension, Row, Transaction};

use super::rows::{millis, time};
use crate::kin::{self, Hint, Memory, Neighbour, Portrait, Relation, Resident, Sketch, StoryKey, Traits, WINDOW};
use crate::model::{Because, Item, Kind};
use crate::schedule::Time;

/// What the memory of single items may take: a million items. In bytes.
const BUDGET: usize = 192 << 20;
/// The newest items are counted again at start, to know what is common.
const COUNTED: u32 = 4_000;
/// Old sketches are forgotten whenever so many items came.
const FORGOTTEN_EVERY: i64 = 1_000;
/// No story is asked for its items more often than this for one newcomer.
const MOST_STORIES: usize = 16;

/// The memory of a database's last days, made when it is first needed.
#[derive(Debug, Default)]
pub struct Kinship(Mutex<Option<Memory>>);

/// What is near an item.
#[derive(Debug, Default)]
pub struct Near {
    /// The story it belongs to, the item of it that it is most like, and why.
    pub joins: Option<(i64, Option<i64>, Because)>,
    /// The stories that tell of the same event.
    pub related: Vec<i64>,
    /// What stands for it from now on.
    pub sketch: Option<Sketch>,
}

impl Kinship {
    /// The memory, read from the database the first time. Sketches are as old as `now` lets them be.
    fn memory(&self, db: &Connection, now: Time) -> Result<MutexGuard<'_, Option<Memory>>> {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.is_none() {
            *memory = Some(load(db, now)?);
        }
        Ok(memory)
    }

    /// What is near an item that is not stored, or stands alone with this number.
    pub fn near(
        &self,
        db: &Connection,
        item: &Item,
        traits: &Traits,
        at: Time,
        now: Time,
        own: Option<i64>,
    ) -> Result<Near> {
        let mut stories = BTreeSet::new();
        for key in &traits.keys {
            let Some(story) = by_key(db, key)?.filter(|story| Some(*story) != own) else { continue };
            match key.hint {
                Hint::Link => return certainly(db, story, Kind::Link, self, traits, now),
                Hint::Number if has_in_common(db, story, traits)? => {
                    return certainly(db, story, Kind::Number, self, traits, now);
                }
                Hint::Number | Hint::Title => stories.insert(story),
            };
        }
        let memory = self.memory(db, now)?;
        let memory = memory.as_ref().context("the memory was just made")?;
        let sketch = memory.sketch(&traits.portrait);
        if let Some(sketch) = &sketch {
            let mut story = db.prepare_cached("SELECT story FROM item WHERE id = ?1")?;
            for item in memory.like(sketch, at) {
                stories.extend(story.query_row([item], |row| row.get::<_, i64>(0)).optional()?);
            }
        }
        if let Some(own) = own {
            stories.remove(&own);
        }
        let neighbours: Vec<Neighbour> =
            stories.into_iter().rev().take(MOST_STORIES).map(|story| neighbour(db, story)).collect::<Result<_>>()?;
        let placed = kin::place(&traits.portrait, Some(at), &neighbours, memory.rarity());
        let joins = placed.joins.and_then(|joined| {
            let Relation::Same(kind) = joined.verdict.relation else { return None };
            let residents = || neighbours.iter().flat_map(|neighbour| &neighbour.residents);
            let with = residents().find(|resident| resident.item == joined.with);
            let shared = with.map(|with| kin::rarest(item, &with.portrait, memory.rarity()));
            let because = Because {
                kind,
                similarity: f64::from(joined.verdict.similarity),
                shared: shared.unwrap_or_default(),
                checked: joined.verdict.checked.to_vec(),
            };
            Some((joined.story, Some(joined.with), because))
        });
        Ok(Near { joins, related: placed.related, sketch })
    }

    /// Whether an item that its source changed still agrees with more than half of the others of its story.
    pub fn still_agrees(
        &self,
        db: &Connection,
        item: i64,
        story: i64,
        traits: &Traits,
        at: Time,
        now: Time,
    ) -> Result<bool> {
        let mut neighbour = neighbour(db, story)?;
        neighbour.residents.retain(|resident| resident.item != item);
        let memory = self.memory(db, now)?;
        let memory = memory.as_ref().context("the memory was just made")?;
        Ok(kin::place(&traits.portrait, Some(at), &[neighbour], memory.rarity()).joins.is_some())
    }

    /// Remembers an item that is stored now.
    pub fn remember(
        &self,
        tx: &Transaction<'_>,
        item: i64,
        traits: &Traits,
        (at, now): (Time, Time),
        near: &Near,
    ) -> Result<()> {
        if item % FORGOTTEN_EVERY == 0 {
            forget_old(tx, now)?;
        }
        if let Some(sketch) = &near.sketch {
            tx.prepare_cached(
                "INSERT INTO sketch (item, at, sketch) VALUES (?1, ?2, ?3)
                 ON CONFLICT (item) DO UPDATE SET at = excluded.at, sketch = excluded.sketch",
            )?
            .execute((item, millis(at), sketch.to_bytes()))?;
        }
        if let Some(memory) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            memory.learn(&traits.portrait);
            if let Some(sketch) = &near.sketch {
                memory.insert(item, at, sketch);
            }
        }
        Ok(())
    }
}

/// It is in a story for a name that it shares.
fn certainly(db: &Connection, story: i64, kind: Kind, kinship: &Kinship, traits: &Traits, now: Time) -> Result<Near> {
    let lead = db.prepare_cached("SELECT lead FROM story WHERE id = ?1")?.query_row([story], |row| row.get(0))?;
    let memory = kinship.memory(db, now)?;
    let sketch = memory.as_ref().and_then(|memory| memory.sketch(&traits.portrait));
    Ok(Near { joins: Some((story, Some(lead), Because::plainly(kind))), related: Vec::new(), sketch })
}

/// The story that a key leads to. One that outlived its story leads nowhere.
pub fn by_key(db: &Connection, key: &StoryKey) -> Result<Option<i64>> {
    let mut query =
        db.prepare_cached("SELECT k.story FROM story_key k JOIN story s ON s.id = k.story WHERE k.key = ?1")?;
    let written = query.query_row([key.digest.short()], |row| row.get(0)).optional()?;
    match (&key.founds, written) {
        (Some(name), None) => by_name(db, name),
        (_, written) => Ok(written),
    }
}

/// The story that has a public name, or took in the one that had it.
pub fn by_name(db: &Connection, name: &str) -> Result<Option<i64>> {
    let mut query = db.prepare_cached(
        "SELECT id FROM story WHERE uid = ?1 UNION ALL SELECT story FROM story_alias WHERE uid = ?1 LIMIT 1",
    )?;
    Ok(query.query_row([name], |row| row.get(0)).optional()?)
}

/// Whether an item that has its number from a story's site has something of its text in common too.
fn has_in_common(db: &Connection, story: i64, traits: &Traits) -> Result<bool> {
    let neighbour = neighbour(db, story)?;
    Ok(neighbour.residents.iter().any(|resident| resident.portrait.has_in_common(&traits.portrait)))
}

/// The items of a story that are asked: the one that stands for it, and the newest.
fn neighbour(db: &Connection, story: i64) -> Result<Neighbour> {
    let mut query = db.prepare_cached(
        "SELECT i.id, i.title, i.summary, t.body, coalesce(i.published, i.seen)
         FROM item i JOIN story s ON s.id = i.story LEFT JOIN item_text t ON t.item = i.id
         WHERE i.story = ?1 ORDER BY i.id = s.lead DESC, i.id DESC LIMIT ?2",
    )?;
    let most = u32::try_from(kin::MOST_ASKED).unwrap_or(u32::MAX);
    let residents = query.query_map((story, most), resident)?.collect::<rusqlite::Result<_>>()?;
    Ok(Neighbour { story, residents })
}

fn resident(row: &Row<'_>) -> rusqlite::Result<Resident> {
    let body: Option<String> = row.get(3)?;
    let item = Item { title: row.get(1)?, summary: row.get(2)?, body: body.unwrap_or_default(), ..Item::default() };
    Ok(Resident { item: row.get(0)?, at: Some(time(row.get(4)?)), portrait: Portrait::of_item(&item) })
}

/// The memory as the database has it: the sketches of the window, and what the newest items say.
fn load(db: &Connection, now: Time) -> Result<Memory> {
    let mut memory = Memory::with_budget(BUDGET);
    let mut sketches = db.prepare("SELECT item, at, sketch FROM sketch WHERE at >= ?1 ORDER BY item")?;
    // A late item may be as old as the window and as far from those that came before it.
    let mut rows = sketches.query([millis(now - WINDOW * 2)])?;
    while let Some(row) = rows.next()? {
        let bytes: Vec<u8> = row.get(2)?;
        if let Some(sketch) = Sketch::from_bytes(&bytes) {
            memory.insert(row.get(0)?, time(row.get(1)?), &sketch);
        }
    }
    let mut newest = db.prepare(
        "SELECT i.id, i.title, i.summary, t.body, i.seen FROM item i LEFT JOIN item_text t ON t.item = i.id
         ORDER BY i.id DESC LIMIT ?1",
    )?;
    let mut rows = newest.query([COUNTED])?;
    while let Some(row) = rows.next()? {
        memory.learn(&resident(row)?.portrait);
    }
    Ok(memory)
}

/// Forgets the sketches that nothing will be compared with any more: of the oldest items a few, so that it never takes long.
fn forget_old(tx: &Transaction<'_>, now: Time) -> Result<()> {
    tx.prepare_cached("DELETE FROM sketch WHERE item IN (SELECT item FROM sketch ORDER BY item LIMIT ?1) AND at < ?2")?
        .execute((2 * FORGOTTEN_EVERY, millis(now - WINDOW * 2)))?;
    Ok(())
}

/// Writes that a story tells of the same event as others.
pub fn relate(tx: &Transaction<'_>, story: i64, others: &[i64]) -> Result<()> {
    let mut insert = tx.prepare_cached("INSERT OR IGNORE INTO story_related (story, other) VALUES (?1, ?2)")?;
    for &other in others.iter().filter(|&&other| other != story) {
        insert.execute((story, other))?;
        insert.execute((other, story))?;
    }
    Ok(())
}
