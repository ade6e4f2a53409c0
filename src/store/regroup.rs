//! Items that change stories: because their source edited them, or because an admin said so. A story's public name outlives it: whoever knows it
//! finds the story that took its items.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use rusqlite::{Params, Transaction};

use super::kinship::{self, by_key, by_name};
use super::past::members;
use super::rows::{because_json, millis, time};
use super::stories::{self, stored_item};
use super::topics;
use crate::kin::{self, StoryKey};
use crate::model::{Because, Digest, Item, Kind, Level};
use crate::schedule::Time;
use crate::text::Words;

/// What came of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regrouped {
    /// The public name of the story that the items are in now.
    pub story: String,
    /// How many items changed.
    pub items: usize,
    /// Every topic whose pages show it, before or after.
    pub topics: BTreeSet<String>,
}

/// Takes items out of their story and makes one of their own of them, by an admin's word.
pub fn split(tx: &Transaction<'_>, items: &[i64], now: Time) -> Result<Regrouped> {
    let first = *items.iter().min().context("items to take out")?;
    let from = story_of(tx, first)?;
    stay(tx, from)?;
    let to = found_beside(tx, first, from, None)?;
    move_items(tx, items, to, &Why { because: Some(Because::plainly(Kind::Hand)), with: None, by_hand: true }, now)
}

/// Makes one story of two, by an admin's word: the first keeps its name.
pub fn join(tx: &Transaction<'_>, story: i64, other: i64, now: Time) -> Result<Regrouped> {
    stay(tx, story)?;
    let items = members(tx, other)?;
    let lead = kinship::lead(tx, story)?;
    let why = Why { because: Some(Because::plainly(Kind::Hand)), with: Some(lead), by_hand: true };
    move_items(tx, &items, story, &why, now)
}

/// Who came or left by an admin's word says where those belong who were there, too: no edit of theirs undoes it.
fn stay(tx: &Transaction<'_>, story: i64) -> Result<()> {
    tx.execute("UPDATE item SET by_hand = 1 WHERE story = ?1", [story])?;
    Ok(())
}

/// Why items change stories.
pub struct Why {
    /// What is told; nothing of who founds a story.
    pub because: Option<Because>,
    /// The item that they are like.
    pub with: Option<i64>,
    /// Whether an admin said so: then nothing moves them again.
    pub by_hand: bool,
}

/// Moves items into a story. A story that is left empty is no more, and its name leads here.
pub fn move_items(tx: &Transaction<'_>, items: &[i64], to: i64, why: &Why, now: Time) -> Result<Regrouped> {
    let mut left = BTreeSet::new();
    let mut touched = BTreeSet::new();
    for &item in items {
        let from = story_of(tx, item)?;
        if from == to {
            continue;
        }
        touched.extend(topics::topics_of_story(tx, from)?);
        topics::unlist_item(tx, from, item)?;
        tx.prepare_cached("UPDATE item SET story = ?2, because = ?3, joined_to = ?4, by_hand = ?5 WHERE id = ?1")?
            .execute((item, to, why.because.as_ref().map(because_json).transpose()?, why.with, why.by_hand))?;
        topics::list_item(tx, to, item)?;
        take_keys_along(tx, item, from, to)?;
        left.insert(from);
    }
    for &story in &left {
        if members(tx, story)?.is_empty() {
            dissolve(tx, story, to)?;
        } else {
            choose_lead(tx, story, now)?;
            topics::bring_up_to_date(tx, story)?;
        }
    }
    choose_lead(tx, to, now)?;
    touched.extend(topics::bring_up_to_date(tx, to)?);
    Ok(Regrouped { story: stories::uid(tx, to)?, items: items.len(), topics: touched })
}

/// A new story for an item, standing where the one stands that it leaves.
pub fn found_beside(tx: &Transaction<'_>, item: i64, from: i64, at: Option<Time>) -> Result<i64> {
    let stored = stored_item(tx, item)?.context("an item to found a story")?;
    let uid = free_name(tx, &stored, from)?;
    let (beside, updated): (i64, i64) =
        tx.query_row("SELECT at, updated FROM story WHERE id = ?1", [from], |row| Ok((row.get(0)?, row.get(1)?)))?;
    tx.execute(
        "INSERT INTO story (uid, at, updated, lead) VALUES (?1, ?2, ?3, ?4)",
        (uid, at.map_or(beside, millis), updated, item),
    )?;
    let story = tx.last_insert_rowid();
    topics::file(tx, topics::ALL, at.map_or(beside, millis), story)?;
    Ok(story)
}

/// The name of the story that an item founds when it leaves one: of its address, where that is its own and names no story yet.
fn free_name(tx: &Transaction<'_>, stored: &stories::Stored, from: i64) -> Result<String> {
    if let Some(key) = address_keys(&stored.item).into_iter().next()
        && by_key(tx, &key)? == Some(from)
        && let Some(name) = key.founds
        && by_name(tx, &name)?.is_none()
    {
        return Ok(name);
    }
    let mut names = (0_u32..)
        .map(|time| Digest::of(&["split", &stored.id.to_string(), &from.to_string(), &time.to_string()]).hex(20));
    loop {
        let name = names.next().context("names do not run out")?;
        if by_name(tx, &name)?.is_none() {
            return Ok(name);
        }
    }
}

/// Who comes with an item's address or number follows it.
fn take_keys_along(tx: &Transaction<'_>, item: i64, from: i64, to: i64) -> Result<()> {
    let stored = stored_item(tx, item)?.context("an item that moves")?;
    let words = Words::of(&stored.item.title, "", "");
    let at = millis(stored.item.published.unwrap_or(stored.seen));
    for key in kin::story_keys(&stored.item, &words, true) {
        if by_key(tx, &key)? == Some(from) {
            tx.prepare_cached("INSERT OR REPLACE INTO story_key (key, story, at) VALUES (?1, ?2, ?3)")?.execute((
                key.digest.short(),
                to,
                at,
            ))?;
        }
    }
    Ok(())
}

/// Ends a story that has no items any more.
fn dissolve(tx: &Transaction<'_>, story: i64, into: i64) -> Result<()> {
    let uid = stories::uid(tx, story)?;
    tx.execute("INSERT OR REPLACE INTO story_alias (uid, story) VALUES (?1, ?2)", (uid, into))?;
    tx.execute("UPDATE story_alias SET story = ?2 WHERE story = ?1", (story, into))?;
    // In a topic where only this one stood, the other stands in its place.
    let mut only = tx.prepare_cached(
        "SELECT topic, at FROM story_topic t WHERE story = ?1
             AND NOT EXISTS (SELECT 1 FROM story_topic o WHERE o.story = ?2 AND o.topic = t.topic)",
    )?;
    let only: Vec<(String, i64)> =
        only.query_map((story, into), |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    for (topic, at) in only {
        topics::list_in_topic(tx, &topic, at, into)?;
    }
    let others: Vec<i64> = related(tx, story)?;
    kinship::relate(tx, into, &others)?;
    for table in ["story_topic", "story_left", "story_related", "story_key", "filed_late"] {
        tx.execute(&format!("DELETE FROM {table} WHERE story = ?1"), [story])?;
    }
    tx.execute("DELETE FROM story_related WHERE other = ?1", [story])?;
    tx.execute("DELETE FROM story WHERE id = ?1", [story])?;
    Ok(())
}

fn related(tx: &Transaction<'_>, story: i64) -> Result<Vec<i64>> {
    let mut query = tx.prepare_cached("SELECT other FROM story_related WHERE story = ?1")?;
    Ok(query.query_map([story], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// The story of an item.
pub fn story_of(tx: &Transaction<'_>, item: i64) -> Result<i64> {
    tx.prepare_cached("SELECT story FROM item WHERE id = ?1")?
        .query_row([item], |row| row.get(0))
        .with_context(|| format!("item {item}"))
}

/// Whether an item that came stands for its story from now on. Asks about the two alone: a story may have thousands.
pub fn contest_lead(tx: &Transaction<'_>, story: i64, item: i64, now: Time) -> Result<()> {
    let current = kinship::lead(tx, story)?;
    let members = "SELECT s.level, i.reprint, i.id FROM item i JOIN source s ON s.id = i.source WHERE i.id IN (?1, ?2)";
    set_lead(tx, story, current, first(tx, members, [current, item])?, now)
}

/// The item that stands for a story: of widest reach, then an original before a reprint, then first seen. A new one is a significant change;
/// the name stays.
pub fn choose_lead(tx: &Transaction<'_>, story: i64, now: Time) -> Result<()> {
    let members = "SELECT s.level, i.reprint, i.id FROM item i JOIN source s ON s.id = i.source WHERE i.story = ?1";
    set_lead(tx, story, kinship::lead(tx, story)?, first(tx, members, [story])?, now)
}

/// Of items with their levels and whether they are reprints, the one that stands before the others.
fn first(tx: &Transaction<'_>, members: &str, of: impl Params) -> Result<i64> {
    let mut members = tx.prepare_cached(members)?;
    let rows = members.query_map(of, |row| {
        let level: String = row.get(0)?;
        Ok((Level::parse(&level).unwrap_or(Level::Commune), row.get::<_, bool>(1)?, row.get::<_, i64>(2)?))
    })?;
    let ranked: Vec<(Level, bool, i64)> = rows.collect::<rusqlite::Result<_>>()?;
    ranked.into_iter().min().map(|(.., first)| first).context("a story has a member")
}

fn set_lead(tx: &Transaction<'_>, story: i64, current: i64, lead: i64, now: Time) -> Result<()> {
    if lead == current {
        return Ok(());
    }
    tx.prepare_cached(
        "UPDATE story SET lead = ?2, updated = CASE WHEN lead = 0 THEN updated ELSE max(updated, ?3) END WHERE id = ?1",
    )?
    .execute((story, lead, millis(now)))?;
    Ok(())
}

/// How long after it was first seen an edit may still take an item into another story.
const RECONSIDERED: chrono::TimeDelta = chrono::TimeDelta::days(2);

/// Whether an edit may move an item, which stands in a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freedom {
    /// It stays: an admin placed it or took its story back, it is old, it founded the story of several, or another item of it has its address or number.
    Bound,
    /// It stands alone, and may turn out to be a version of another story.
    Alone,
    /// Its text brought it here, and may no longer keep it.
    Guest,
}

/// Whether an edit may move an item.
pub fn freedom(tx: &Transaction<'_>, item: i64, story: i64, edited: &Item, now: Time) -> Result<Freedom> {
    let (because, by_hand, seen): (Option<String>, bool, i64) = tx
        .prepare_cached(
            "SELECT i.because, i.by_hand OR s.withdrawn IS NOT NULL, i.seen FROM item i JOIN story s ON s.id = i.story WHERE i.id = ?1",
        )?
        .query_row([item], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    if by_hand || now - time(seen) > RECONSIDERED {
        return Ok(Freedom::Bound);
    }
    let others: Vec<i64> = members(tx, story)?.into_iter().filter(|&other| other != item).collect();
    if others.is_empty() {
        return Ok(Freedom::Alone);
    }
    let because = because.as_deref().and_then(|because| super::rows::because(because).ok());
    if !because.is_some_and(|because| matches!(because.kind, Kind::Text | Kind::Part)) {
        return Ok(Freedom::Bound);
    }
    let own = address_keys(edited);
    for other in others {
        let other = stored_item(tx, other)?;
        if other.is_some_and(|other| address_keys(&other.item).iter().any(|key| own.contains(key))) {
            return Ok(Freedom::Bound);
        }
    }
    Ok(Freedom::Guest)
}

fn address_keys(item: &Item) -> Vec<StoryKey> {
    item.link.as_ref().map(kin::address_keys).unwrap_or_default()
}
