//! What is stored that an incoming item may be, or may belong to.

use std::borrow::Cow;

use anyhow::Result;
use rusqlite::{Connection, OptionalExtension, Params};

use super::rows::{digest, time, url};
use crate::dedup::{ItemKeys, KnownItem};
use crate::html::Html;
use crate::model::{Digest, Item};
use crate::schedule::Time;
use crate::text;

/// What is stored under the first of an item's keys that is known, and the keys that are its own: without its link where
/// that leads to another item already. Outside a write this is a hint: it may be stale the next moment.
pub fn known<'k>(
    db: &Connection,
    source: i64,
    keys: &'k ItemKeys,
    title: &str,
    same_as: Option<i64>,
) -> Result<(Cow<'k, ItemKeys>, Option<KnownItem>)> {
    let mut found = under_a_key(db, source, keys)?;
    if found.is_none() {
        found = under_its_number(db, source, keys, title)?;
    }
    if let (None, Some(id)) = (&found, same_as) {
        found = by_id(db, id)?;
    }
    if found.as_ref().is_some_and(|known| known.shares_its_page_with(title, keys)) {
        let own = keys.without_link();
        let found = under_a_key(db, source, &own)?;
        return Ok((Cow::Owned(own), found));
    }
    Ok((Cow::Borrowed(keys), found))
}

fn under_a_key(db: &Connection, source: i64, keys: &ItemKeys) -> Result<Option<KnownItem>> {
    for (index, key) in keys.as_slice().iter().enumerate() {
        if let Some(known) = by_key(db, source, key)? {
            return Ok(Some(KnownItem { by_link: index > 0 && keys.link_names_it(), ..known }));
        }
    }
    Ok(None)
}

/// The item that had this number at this host before its headline and slug were edited.
fn under_its_number(db: &Connection, source: i64, keys: &ItemKeys, title: &str) -> Result<Option<KnownItem>> {
    let Some(number) = keys.number() else { return Ok(None) };
    // Two guids are two articles, whatever their numbers are.
    let is_another = |known: &KnownItem| known.has_guid && keys.has_guid();
    Ok(by_key(db, source, number)?.filter(|known| !is_another(known) && text::is_edit(&known.title, title)))
}

fn by_key(db: &Connection, source: i64, key: &Digest) -> Result<Option<KnownItem>> {
    one(
        db,
        "SELECT i.id, i.story, i.content, i.title, i.has_guid FROM item_key k JOIN item i ON i.id = k.item
         WHERE k.source = ?1 AND k.key = ?2",
        (source, key.short()),
    )
}

fn by_id(db: &Connection, id: i64) -> Result<Option<KnownItem>> {
    one(db, "SELECT i.id, i.story, i.content, i.title, i.has_guid FROM item i WHERE i.id = ?1", [id])
}

fn one(db: &Connection, query: &str, of: impl Params) -> Result<Option<KnownItem>> {
    let found = db
        .prepare_cached(query)?
        .query_row(of, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))
        .optional()?;
    let Some((id, story, content, title, has_guid)) = found else { return Ok(None) };
    Ok(Some(KnownItem { id, story, content: digest(content)?, title, has_guid, by_link: false }))
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
