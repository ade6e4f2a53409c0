//! What is stored that an incoming item may be, or may belong to.

use std::borrow::Cow;

use anyhow::Result;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row};

use super::retention;
use super::rows::{digest, time, url};
use crate::dedup::{self, ItemKeys, KnownItem};
use crate::html::Html;
use crate::model::{Digest, Item};
use crate::schedule::Time;
use crate::text;

/// What an incoming item is to what is stored.
#[derive(Debug, Clone, PartialEq)]
pub enum Known {
    /// Nothing.
    New,
    /// This item.
    Stored(KnownItem),
    /// One that was stored and was forgotten for its age.
    Forgotten,
}

impl Known {
    /// The stored item, if it is one.
    pub fn stored(&self) -> Option<&KnownItem> {
        match self {
            Known::Stored(known) => Some(known),
            Known::New | Known::Forgotten => None,
        }
    }
}

/// What is stored under the first of an item's keys that is known, and the keys that are its own: without its link where
/// that leads to another item already. Outside a write this is a hint: it may be stale the next moment.
pub fn known<'k>(
    db: &Connection,
    source: i64,
    keys: &'k ItemKeys,
    item: &Item,
    same_as: Option<i64>,
) -> Result<(Cow<'k, ItemKeys>, Known)> {
    let (mut found, is_next_on_page) = under_a_key(db, source, keys, item)?;
    if found == Known::New {
        found = under_its_number(db, source, keys, item)?;
    }
    if let (Known::New, Some(id)) = (&found, same_as) {
        found = by_id(db, id)?.map_or(Known::New, Known::Stored);
    }
    if is_next_on_page || found.stored().is_some_and(|known| known.shares_its_page_with(&item.title, keys)) {
        let own = keys.without_link();
        let (found, _) = under_a_key(db, source, &own, item)?;
        return Ok((Cow::Owned(own), found));
    }
    if found == Known::New && is_from_before(db, item)? && is_name_of_forgotten(db, source, item)? {
        found = Known::Forgotten;
    }
    Ok((Cow::Borrowed(keys), found))
}

/// What is stored under the first key that is known; and whether that is the link of a forgotten item, which this one only follows on its page.
fn under_a_key(db: &Connection, source: i64, keys: &ItemKeys, item: &Item) -> Result<(Known, bool)> {
    for (index, key) in keys.as_slice().iter().enumerate() {
        let by_link = index > 0 && keys.link_names_it();
        match by_key(db, source, key)? {
            Known::Stored(known) => return Ok((Known::Stored(KnownItem { by_link, ..known }), false)),
            Known::Forgotten if by_link && keys.has_guid() && !is_forgotten(db, source, item)? => {
                return Ok((Known::New, true));
            }
            Known::Forgotten => return Ok((Known::Forgotten, false)),
            Known::New => {}
        }
    }
    Ok((Known::New, false))
}

/// The item that had this number at this host before its headline and slug were edited.
fn under_its_number(db: &Connection, source: i64, keys: &ItemKeys, item: &Item) -> Result<Known> {
    let Some(number) = keys.number() else { return Ok(Known::New) };
    Ok(match by_key(db, source, number)? {
        // Two guids are two articles, whatever their numbers are.
        Known::Stored(known) if known.has_guid && keys.has_guid() || !text::is_edit(&known.title, &item.title) => {
            Known::New
        }
        Known::Forgotten if !is_forgotten(db, source, item)? => Known::New,
        found => found,
    })
}

/// Whether an item that has one name of a forgotten one is it: its date or its headline says so, too.
fn is_forgotten(db: &Connection, source: i64, item: &Item) -> Result<bool> {
    Ok(is_from_before(db, item)? || is_name_of_forgotten(db, source, item)?)
}

fn is_from_before(db: &Connection, item: &Item) -> Result<bool> {
    let Some(published) = item.published else { return Ok(false) };
    Ok(retention::until(db)?.is_some_and(|until| published < until))
}

fn is_name_of_forgotten(db: &Connection, source: i64, item: &Item) -> Result<bool> {
    let name = dedup::forgotten_name(&item.title, item.published);
    Ok(by_key(db, source, &name)? == Known::Forgotten)
}

/// Keys outlive their items (`retention`).
fn by_key(db: &Connection, source: i64, key: &Digest) -> Result<Known> {
    let mut query = db.prepare_cached(
        "SELECT i.id, i.story, i.content, i.title, i.has_guid FROM item_key k LEFT JOIN item i ON i.id = k.item
         WHERE k.source = ?1 AND k.key = ?2",
    )?;
    let row = query
        .query_row((source, key.short()), |row| {
            if row.get_ref(0)? == ValueRef::Null { Ok(None) } else { columns(row).map(Some) }
        })
        .optional()?;
    Ok(match row {
        None => Known::New,
        Some(None) => Known::Forgotten,
        Some(Some(columns)) => Known::Stored(item_of(columns)?),
    })
}

fn by_id(db: &Connection, id: i64) -> Result<Option<KnownItem>> {
    db.prepare_cached("SELECT id, story, content, title, has_guid FROM item WHERE id = ?1")?
        .query_row([id], columns)
        .optional()?
        .map(item_of)
        .transpose()
}

type Columns = (i64, i64, Vec<u8>, String, bool);

fn columns(row: &Row<'_>) -> rusqlite::Result<Columns> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
}

fn item_of((id, story, content, title, has_guid): Columns) -> Result<KnownItem> {
    Ok(KnownItem { id, story, content: digest(content)?, title, has_guid, by_link: false })
}

/// The headlines of a source's newest items with their rows and dates, newest first. What has no date is left out.
pub fn newest_titles(db: &Connection, source: i64, most: usize) -> Result<Vec<(i64, String, Time)>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut query = db.prepare_cached(
        "SELECT id, title, published FROM item WHERE source = ?1 AND published IS NOT NULL ORDER BY id DESC LIMIT ?2",
    )?;
    let rows = query.query_map((source, most), |row| Ok((row.get(0)?, row.get(1)?, time(row.get(2)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Gives an item the text that was read on its page, where its source does not bring one.
pub fn recall_text(db: &Connection, id: i64, item: &mut Item) -> Result<()> {
    if !item.body.is_empty() {
        return Ok(());
    }
    let stored: Option<(String, Option<String>)> = db
        .prepare_cached("SELECT body, html FROM item_text WHERE item = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((body, html)) = stored {
        item.body = body;
        item.html = item.html.take().or_else(|| html.as_deref().map(Html::stored));
    }
    Ok(())
}

/// Gives a headline on a page its teaser and picture, which the page shows only while it stands on top.
pub fn recall_teaser(db: &Connection, id: i64, item: &mut Item) -> Result<()> {
    if !item.summary.is_empty() && item.image.is_some() {
        return Ok(());
    }
    let (summary, image): (String, Option<String>) = db
        .prepare_cached("SELECT summary, image FROM item WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if item.summary.is_empty() {
        item.summary = summary;
    }
    item.image = item.image.take().or_else(|| url(image));
    Ok(())
}

/// Whether every key is on file, so that a known and unchanged item has nothing to write.
pub fn all_on_file(db: &Connection, source: i64, keys: &ItemKeys) -> Result<bool> {
    let mut query = db.prepare_cached("SELECT 1 FROM item_key WHERE source = ?1 AND key = ?2")?;
    for key in keys.as_slice() {
        if !query.exists((source, key.short()))? {
            return Ok(false);
        }
    }
    Ok(true)
}
