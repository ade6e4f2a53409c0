//! Which stored stories an item may belong to: candidates from the memory of the last days, their texts from the database, the decision from
//! `kin`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use rusqlite::{Connection, OptionalExtension, Row, Transaction};

use super::rows::{millis, time, url};
use crate::kin::{self, Hint, Memory, Neighbour, Portrait, Resident, Sketch, StoryKey, Traits, WINDOW};
use crate::link;
use crate::model::{Because, Item, Kind};
use crate::schedule::Time;

/// What the memory of single items may take: a million items. In bytes.
const BUDGET: usize = 192 << 20;
/// The newest items are counted again at start, to know what is common.
const COUNTED: u32 = 2_000;
/// Of so many of the newest items those without a sketch are sketched at start.
const SKETCHED_AGAIN: u32 = 10_000;
/// Old sketches are forgotten whenever so many items came.
const FORGOTTEN_EVERY: i64 = 1_000;
/// Portraits that are kept at hand; one of an article takes some 20 KB.
const MOST_PORTRAITS: usize = 256;

/// The memory of a database's last days, made when it is first needed.
#[derive(Debug, Default)]
pub struct Kinship(Mutex<Option<Remembered>>);

/// What is remembered, and what some of it says.
#[derive(Debug)]
struct Remembered {
    memory: Memory,
    /// Of the items asked last, which are asked again: copies of a story come together.
    portraits: HashMap<i64, Arc<Portrait>>,
}

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
    /// What is remembered, read from the database the first time. Sketches are as old as `now` lets them be.
    fn with<T>(&self, db: &Connection, now: Time, ask: impl FnOnce(&mut Remembered) -> Result<T>) -> Result<T> {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match remembered.as_mut() {
            Some(remembered) => ask(remembered),
            None => ask(remembered.insert(Remembered { memory: load(db, now)?, portraits: HashMap::new() })),
        }
    }

    /// What is near an item that is not stored yet, or that stands in the story `own` and is looked for elsewhere.
    pub fn near(
        &self,
        db: &Connection,
        item: &Item,
        traits: &Traits,
        (at, now): (Time, Time),
        own: Option<i64>,
    ) -> Result<Near> {
        self.with(db, now, |remembered| {
            let sketch = remembered.memory.sketch(&traits.portrait);
            let mut stories = Vec::new();
            for key in &traits.keys {
                let Some(story) = by_key(db, key)?.filter(|story| Some(*story) != own) else { continue };
                let kind = match key.hint {
                    Hint::Link => Some(Kind::Link),
                    Hint::Number if remembered.is_one_article(db, story, item, traits)? => Some(Kind::Number),
                    Hint::Number | Hint::Title => None,
                };
                if let Some(kind) = kind {
                    let joins = Some((story, Some(lead(db, story)?), Because::plainly(kind)));
                    return Ok(Near { joins, related: Vec::new(), sketch });
                }
                stories.push(story);
            }
            if let Some(sketch) = &sketch {
                let mut story_of = db.prepare_cached("SELECT story FROM item WHERE id = ?1")?;
                for item in remembered.memory.like(sketch, at) {
                    let story: Option<i64> = story_of.query_row([item], |row| row.get(0)).optional()?;
                    stories.extend(story.filter(|story| Some(*story) != own));
                }
            }
            let neighbours = kin::to_ask(stories).into_iter().map(|story| remembered.neighbour(db, story));
            let neighbours: Vec<Neighbour> = neighbours.collect::<Result<_>>()?;
            let rarity = remembered.memory.rarity();
            let placed = kin::place(&traits.portrait, Some(at), &neighbours, rarity);
            let joins = placed.joins.map(|joined| {
                let mut residents = neighbours.iter().flat_map(|neighbour| &neighbour.residents);
                let with = residents.find(|resident| resident.item == joined.with);
                let shared = with.map(|with| kin::rarest(item, &with.portrait, rarity)).unwrap_or_default();
                (joined.story, Some(joined.with), joined.because(shared))
            });
            Ok(Near { joins, related: placed.related, sketch })
        })
    }

    /// Whether an item that its source changed still agrees with more than half of the others of its story.
    pub fn still_agrees(
        &self,
        db: &Connection,
        (item, story): (i64, i64),
        traits: &Traits,
        (at, now): (Time, Time),
    ) -> Result<bool> {
        self.with(db, now, |remembered| {
            let mut neighbour = remembered.neighbour(db, story)?;
            neighbour.residents.retain(|resident| resident.item != item);
            Ok(kin::place(&traits.portrait, Some(at), &[neighbour], remembered.memory.rarity()).joins.is_some())
        })
    }

    /// Learns that a stored item says something else now.
    pub fn changed(&self, item: i64) {
        if let Some(remembered) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            remembered.portraits.remove(&item);
        }
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
        if let Some(remembered) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            remembered.portraits.remove(&item);
            if near.joins.is_none() {
                remembered.memory.learn(&traits.portrait);
            }
            if let Some(sketch) = &near.sketch {
                remembered.memory.insert(item, at, sketch);
            }
        }
        Ok(())
    }
}

impl Remembered {
    /// Whether an item that has its number from a story's site is that article: in the same folder, or with something of its text in common.
    /// Some sites count pictures and articles apart.
    fn is_one_article(&mut self, db: &Connection, story: i64, item: &Item, traits: &Traits) -> Result<bool> {
        let mut link = db.prepare_cached("SELECT i.link FROM story s JOIN item i ON i.id = s.lead WHERE s.id = ?1")?;
        let theirs = url(link.query_row([story], |row| row.get(0))?);
        if item.link.as_ref().zip(theirs).is_some_and(|(ours, theirs)| link::is_same_folder(ours, &theirs)) {
            return Ok(true);
        }
        let residents = self.neighbour(db, story)?.residents;
        Ok(residents.iter().any(|resident| resident.portrait.has_in_common(&traits.portrait)))
    }

    /// The items of a story that are asked: the one that stands for it, and the newest.
    fn neighbour(&mut self, db: &Connection, story: i64) -> Result<Neighbour> {
        let mut query = db.prepare_cached(
            "SELECT i.id, coalesce(i.published, i.seen) FROM item i JOIN story s ON s.id = i.story
             WHERE i.story = ?1 ORDER BY i.id = s.lead DESC, i.id DESC LIMIT ?2",
        )?;
        let most = u32::try_from(kin::MOST_ASKED).unwrap_or(u32::MAX);
        let items: Vec<(i64, i64)> =
            query.query_map((story, most), |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
        let resident = |(item, at)| Ok(Resident { item, at: Some(time(at)), portrait: self.portrait(db, item)? });
        let (at, by_hand): (i64, bool) = db
            .prepare_cached(
                "SELECT at, EXISTS (SELECT 1 FROM item WHERE story = ?1 AND by_hand) FROM story WHERE id = ?1",
            )?
            .query_row([story], |row| Ok((row.get(0)?, row.get(1)?)))?;
        // A story that came late stands behind its date; who is as late is as near as ever.
        let at = items.first().map_or(at, |(_, lead)| at.min(*lead));
        Ok(Neighbour {
            story,
            at: Some(time(at)),
            by_hand,
            residents: items.into_iter().map(resident).collect::<Result<_>>()?,
        })
    }

    fn portrait(&mut self, db: &Connection, item: i64) -> Result<Arc<Portrait>> {
        if let Some(portrait) = self.portraits.get(&item) {
            return Ok(Arc::clone(portrait));
        }
        let mut query = db.prepare_cached(
            "SELECT i.title, i.summary, t.body FROM item i LEFT JOIN item_text t ON t.item = i.id WHERE i.id = ?1",
        )?;
        let portrait = Arc::new(query.query_row([item], portrait)?);
        if self.portraits.len() >= MOST_PORTRAITS {
            self.portraits.clear();
        }
        self.portraits.insert(item, Arc::clone(&portrait));
        Ok(portrait)
    }
}

/// The item that stands for a story.
pub fn lead(db: &Connection, story: i64) -> Result<i64> {
    Ok(db.prepare_cached("SELECT lead FROM story WHERE id = ?1")?.query_row([story], |row| row.get(0))?)
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

/// Of the headline, teaser and article in a row.
fn portrait(row: &Row<'_>) -> rusqlite::Result<Portrait> {
    let body: Option<String> = row.get(2)?;
    let item = Item { title: row.get(0)?, summary: row.get(1)?, body: body.unwrap_or_default(), ..Item::default() };
    Ok(Portrait::of_item(&item))
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
        "SELECT i.title, i.summary, t.body FROM item i LEFT JOIN item_text t ON t.item = i.id WHERE i.because IS NULL ORDER BY i.id DESC LIMIT ?1",
    )?;
    let mut rows = newest.query([COUNTED])?;
    while let Some(row) = rows.next()? {
        memory.learn(&portrait(row)?);
    }
    sketch_again(db, now, &mut memory)?;
    Ok(memory)
}

/// Sketches those of the newest items that have none: the ones of before sketches were kept, and the few that are too short for one.
fn sketch_again(db: &Connection, now: Time, memory: &mut Memory) -> Result<()> {
    let mut without = db.prepare(
        "SELECT i.title, i.summary, t.body, i.id, coalesce(i.published, i.seen) FROM item i LEFT JOIN item_text t ON t.item = i.id
         WHERE i.id > (SELECT max(id) FROM item) - ?2 AND i.seen >= ?1 AND NOT EXISTS (SELECT 1 FROM sketch WHERE item = i.id) ORDER BY i.id",
    )?;
    let mut rows = without.query((millis(now - WINDOW * 2), SKETCHED_AGAIN))?;
    while let Some(row) = rows.next()? {
        if let Some(sketch) = memory.sketch(&portrait(row)?) {
            memory.insert(row.get(3)?, time(row.get(4)?), &sketch);
        }
    }
    Ok(())
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
