//! Items that change stories: because their source edited them, or because an admin said so. A story's public name outlives it: whoever knows it
//! finds the story that took its items.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use rusqlite::Transaction;
use url::Url;

use super::kinship::{by_key, by_name};
use super::past::members;
use super::rows::{because_json, millis, time, url};
use super::stories::{self, Stored, stored_item};
use super::topics;
use crate::dedup;
use crate::kin::{self, Hint};
use crate::link;
use crate::model::{Because, Digest, Kind, Level};
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
    let to = found_beside(tx, first, from)?;
    // The first founds it, the others are put beside it.
    let mut moved = move_items(tx, &[first], to, &Why { because: None, with: None, by_hand: true }, now)?;
    let others: Vec<i64> = items.iter().copied().filter(|&item| item != first).collect();
    let why = Why { because: Some(Because::plainly(Kind::Hand)), with: Some(first), by_hand: true };
    moved.topics.extend(move_items(tx, &others, to, &why, now)?.topics);
    Ok(Regrouped { items: items.len(), ..moved })
}

/// Makes one story of two, by an admin's word: the first keeps its name.
pub fn join(tx: &Transaction<'_>, story: i64, other: i64, now: Time) -> Result<Regrouped> {
    stay(tx, story)?;
    let items = members(tx, other)?;
    let lead = tx.query_row("SELECT lead FROM story WHERE id = ?1", [story], |row| row.get(0))?;
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
    /// What is told; nothing of an item that founds the story.
    pub because: Option<Because>,
    /// The item that they are like.
    pub with: Option<i64>,
    /// Whether an admin said so: then nothing moves them again.
    pub by_hand: bool,
}

/// Moves items into a story. A story that is left empty is no more, and its name leads here.
pub fn move_items(tx: &Transaction<'_>, items: &[i64], to: i64, why: &Why, now: Time) -> Result<Regrouped> {
    let because = why.because.as_ref().map(because_json).transpose()?;
    let mut left = BTreeSet::new();
    let mut touched = BTreeSet::new();
    for &item in items {
        let from = story_of(tx, item)?;
        if from == to {
            continue;
        }
        touched.extend(topics::topics_of_story(tx, from)?);
        tx.prepare_cached("UPDATE item SET story = ?2, because = ?3, joined_to = ?4, by_hand = ?5 WHERE id = ?1")?
            .execute((item, to, because.as_deref(), why.with, why.by_hand))?;
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

/// A new story for an item: it stands where the one stands that it leaves, or where its source says if that is later, for readers to see it.
pub fn found_beside(tx: &Transaction<'_>, item: i64, from: i64) -> Result<i64> {
    let stored = stored_item(tx, item)?.context("an item to found a story")?;
    let own = stored.item.link.as_ref().map(link::identity);
    let own =
        own.filter(|_| is_named_by_its_link(tx, &stored).is_ok_and(|is| is)).map(|own| dedup::story_of_address(&own));
    let own = own.filter(|name| by_name(tx, name).is_ok_and(|known| known.is_none()));
    // Its address may name the story that it leaves, which may be one that it founded by leaving another; and others may be in that.
    let mut uid = own.unwrap_or_else(|| Digest::of(&["split", &item.to_string(), &from.to_string()]).hex(20));
    while tx.prepare_cached("SELECT 1 FROM story WHERE uid = ?1")?.exists([&uid])? {
        uid = Digest::of(&["split", &uid]).hex(20);
    }
    let (at, updated): (i64, i64) =
        tx.query_row("SELECT at, updated FROM story WHERE id = ?1", [from], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let said = stored.item.published.unwrap_or(stored.seen).min(stored.seen);
    tx.execute(
        "INSERT INTO story (uid, at, updated, lead) VALUES (?1, ?2, ?3, ?4)",
        (uid, at.max(millis(said)), updated, item),
    )?;
    Ok(tx.last_insert_rowid())
}

/// Whether an item's link leads to it alone, as far as its source ever said.
fn is_named_by_its_link(tx: &Transaction<'_>, stored: &Stored) -> Result<bool> {
    let Some(link) = &stored.item.link else { return Ok(false) };
    let key = dedup::key_of_address(&stored.source, &link::identity(link)).short();
    let mut query = tx.prepare_cached(
        "SELECT 1 FROM item i JOIN item_key k ON k.source = i.source AND k.item = i.id WHERE i.id = ?1 AND k.key = ?2",
    )?;
    Ok(query.exists((stored.id, key))?)
}

/// Who comes with an item's address or number follows it.
fn take_keys_along(tx: &Transaction<'_>, item: i64, from: i64, to: i64) -> Result<()> {
    let stored = stored_item(tx, item)?.context("an item that moves")?;
    let words = Words::of(&stored.item.title, "", "");
    let at = millis(stored.item.published.unwrap_or(stored.seen));
    for key in kin::story_keys(&stored.item, &words, is_named_by_its_link(tx, &stored)?) {
        if by_key(tx, &key)? == Some(from) || key.hint == Hint::Link {
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
    tx.execute(
        "INSERT OR IGNORE INTO story_topic (topic, at, story)
         SELECT topic, at, ?2 FROM story_topic t WHERE story = ?1
             AND NOT EXISTS (SELECT 1 FROM story_topic o WHERE o.story = ?2 AND o.topic = t.topic)",
        (story, into),
    )?;
    let others: Vec<i64> = related(tx, story)?;
    super::kinship::relate(tx, into, &others)?;
    for table in ["story_topic", "story_left", "story_related", "story_key"] {
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

/// The item that stands for a story: of widest reach, then an original before a reprint, then first seen. A new one is a significant change;
/// the name stays.
pub fn choose_lead(tx: &Transaction<'_>, story: i64, now: Time) -> Result<()> {
    let current: i64 =
        tx.prepare_cached("SELECT lead FROM story WHERE id = ?1")?.query_row([story], |row| row.get(0))?;
    let mut members = tx.prepare_cached(
        "SELECT i.id, i.reprint, s.level FROM item i JOIN source s ON s.id = i.source WHERE i.story = ?1",
    )?;
    let rows = members.query_map([story], |row| {
        let level: String = row.get(2)?;
        Ok((Level::parse(&level).unwrap_or(Level::Commune), row.get::<_, bool>(1)?, row.get::<_, i64>(0)?))
    })?;
    let ranked: Vec<(Level, bool, i64)> = rows.collect::<rusqlite::Result<_>>()?;
    let (.., lead) = ranked.into_iter().min().context("a story has a member")?;
    if lead != current {
        tx.prepare_cached(
            "UPDATE story SET lead = ?2, updated = CASE WHEN lead = 0 THEN updated ELSE max(updated, ?3) END WHERE id = ?1",
        )?
        .execute((story, lead, millis(now)))?;
    }
    Ok(())
}

/// How long after it was first seen an edit may still take an item into another story.
const RECONSIDERED: chrono::TimeDelta = chrono::TimeDelta::days(2);

/// An item as far as its place is in question.
pub struct InQuestion {
    /// How many items its story has.
    pub size: usize,
    /// Whether it may move: an admin did not put it where it is, its texts did and its address does not, and it is not old. Who founded a
    /// story that others joined stays.
    pub may_move: bool,
}

/// Whether an edit may move an item.
pub fn in_question(tx: &Transaction<'_>, item: i64, story: i64, now: Time) -> Result<InQuestion> {
    let (because, by_hand, seen): (Option<String>, bool, i64) = tx
        .prepare_cached("SELECT because, by_hand, seen FROM item WHERE id = ?1")?
        .query_row([item], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let because = because.as_deref().map(super::rows::because).transpose()?;
    let size = members(tx, story)?.len();
    // The name of a story is made of who founded it, and stays with it.
    let by_text = because.map_or(size == 1, |because| matches!(because.kind, Kind::Text | Kind::Part));
    let is_young = now - time(seen) <= RECONSIDERED;
    Ok(InQuestion { size, may_move: !by_hand && by_text && is_young && !shares_its_page(tx, item, story)? })
}

/// Whether another item of a story has an item's address, or its number at its host: those are one article, whatever they say.
fn shares_its_page(tx: &Transaction<'_>, item: i64, story: i64) -> Result<bool> {
    let mut links = tx.prepare_cached("SELECT id, link FROM item WHERE story = ?1 AND link IS NOT NULL")?;
    let links = links.query_map([story], |row| Ok((row.get(0)?, url(row.get(1)?))))?;
    let names = |link: &Url| [Some(link::identity(link)), link::article_number(link)];
    let links: Vec<(i64, [Option<String>; 2])> = links
        .map(|row| row.map(|(id, link)| (id, link.as_ref().map(names).unwrap_or_default())))
        .collect::<rusqlite::Result<_>>()?;
    let own = links.iter().find(|(id, _)| *id == item).map(|(_, names)| names);
    let is_own = |(id, names): &(i64, [Option<String>; 2])| {
        *id != item && own.is_some_and(|own| own.iter().zip(names).any(|(a, b)| a.is_some() && a == b))
    };
    Ok(links.iter().any(is_own))
}
