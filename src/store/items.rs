//! Taking items in: the store loads what might be related, `dedup` decides, the store applies, all inside one
//! transaction on the writer thread. With one writer, two sources that carry the same story cannot both found it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use anyhow::Result;
use rusqlite::{Transaction, named_params, params};
use url::Url;

use super::Tx;
use super::kinship::{self, Near};
use super::known::{Known, known};
use super::regroup::{self, Freedom};
use super::rows::{because_json, blob, enclosures_json, millis};
use super::search::{self, Unindexed};
use super::stories::{uid, was_forgotten};
use super::topics::{self, ALL, insert_topic, list_in_topic, set_topics};
use crate::dedup::{self, Decision, ItemKeys, KnownItem};
use crate::html::Html;
use crate::kin::{self, Hint, Traits};
use crate::model::{Because, Digest, Item, Kind, Match};
use crate::schedule::Time;
use crate::text;

/// An item on its way in, with everything about it that can be computed without the database.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// What the source says.
    pub item: Item,
    /// Digest of that.
    pub content: Digest,
    /// Its names within its source.
    pub keys: ItemKeys,
    /// What it is compared by.
    pub traits: Traits,
    /// The public name of the story, should it found one.
    pub uid: String,
    /// The topics it belongs to.
    pub topics: Vec<Match>,
    /// Its terms for searching; nothing where its texts were completed since they were folded.
    pub terms: Option<String>,
    /// The stored item that it is although no key says so: its whole source changed its keys at once.
    pub same_as: Option<i64>,
}

impl Incoming {
    /// The same under keys that turned out to be its own: without its link it is in nobody else's story for it.
    pub fn under(&self, keys: &ItemKeys) -> Cow<'_, Incoming> {
        if *keys == self.keys {
            return Cow::Borrowed(self);
        }
        Cow::Owned(Incoming {
            traits: Traits::of_item(&self.item, keys.link_names_it()),
            uid: dedup::story_uid(&self.item, keys),
            keys: keys.clone(),
            ..self.clone()
        })
    }
}

/// What became of an item.
#[derive(Debug, Clone, PartialEq)]
pub struct TakenIn {
    /// What was decided.
    pub decision: Decision,
    /// The public name of its story.
    pub story: String,
    /// Every topic whose pages show it, before or after.
    pub topics: BTreeSet<String>,
}

impl TakenIn {
    /// Whether the item was not there before.
    pub fn is_new(&self) -> bool {
        matches!(self.decision, Decision::Found | Decision::Join { .. })
    }
}

/// Takes one item of a source in. `first_harvest`: the source's first document, whose items are not news.
pub fn take_in(tx: &Tx<'_>, source: i64, incoming: &Incoming, now: Time, first_harvest: bool) -> Result<TakenIn> {
    let (keys, known) = known(tx, source, &incoming.keys, &incoming.item, incoming.same_as)?;
    let incoming = &*incoming.under(&keys);
    let at = incoming.item.published.unwrap_or(now);
    let arrival = Arrival { tx, source, incoming, now, at, first_harvest };
    match known {
        Known::Stored(known) if known.content == incoming.content => return arrival.update(Decision::Keep, &known),
        Known::Stored(known) => return arrival.update(Decision::Revise, &known),
        // Nothing was changed, and nothing is written.
        Known::Forgotten => return Ok(arrival.forgotten()),
        Known::New if was_forgotten(tx, &incoming.uid)? => return Ok(arrival.forgotten()),
        Known::New => {}
    }
    let near = tx.kinship.near(tx, &incoming.item, &incoming.traits, (at, now), None)?;
    if let Some((story, with, because)) = near.joins.clone() {
        return arrival.join(story, with, because, &near);
    }
    let position = arrival.position();
    match found_story(tx, &incoming.uid, position, now)? {
        Founded::New(story) => arrival.found(story, position, &near),
        // Somebody founded it under this very name: the same address.
        Founded::Before(story) => arrival.join(story, None, Because::plainly(Kind::Link), &near),
    }
}

/// An item being taken in.
struct Arrival<'a> {
    tx: &'a Tx<'a>,
    source: i64,
    incoming: &'a Incoming,
    now: Time,
    /// When it was published, as far as that is known.
    at: Time,
    /// Whether its source's first document brought it, whose items are not news.
    first_harvest: bool,
}

impl Arrival<'_> {
    /// It founds a story. Most do, so nothing is asked that is known.
    fn found(&self, story: i64, position: Time, near: &Near) -> Result<TakenIn> {
        let (tx, incoming) = (self.tx, self.incoming);
        let item = self.insert(story, None)?;
        self.remember(item, story, near)?;
        tx.prepare_cached("UPDATE story SET lead = ?2 WHERE id = ?1")?.execute((story, item))?;
        self.remember_keys(item, story, &incoming.uid)?;
        let mut topics = BTreeSet::new();
        for matched in incoming.topics.iter().filter(|m| m.matched()) {
            insert_topic(tx, item, matched)?;
            list_in_topic(tx, &matched.topic, millis(position), story)?;
            topics.insert(matched.topic.clone());
        }
        Ok(TakenIn { decision: Decision::Found, story: incoming.uid.clone(), topics })
    }

    fn forgotten(&self) -> TakenIn {
        TakenIn { decision: Decision::Forgotten, story: self.incoming.uid.clone(), topics: BTreeSet::new() }
    }

    /// Writes a new item. `because`: what it shares with which item of the story, where it does not found it.
    fn insert(&self, story: i64, because: Option<(&Because, Option<i64>)>) -> Result<i64> {
        let (tx, incoming, item) = (self.tx, self.incoming, &self.incoming.item);
        tx.prepare_cached(
            "INSERT INTO item (source, story, has_guid, content, title, link, summary, author, categories, image, published, seen, reprint, because,
                 joined_to, at, enclosures)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        )?
        .execute(params![
            self.source,
            story,
            incoming.keys.has_guid(),
            blob(&incoming.content),
            item.title,
            item.link.as_ref().map(Url::as_str),
            item.summary,
            item.author,
            serde_json::to_string(&item.categories)?,
            item.image.as_ref().map(Url::as_str),
            item.published.map(millis),
            millis(self.now),
            incoming.traits.is_reprint,
            because.map(|(because, _)| because_json(because)).transpose()?,
            because.and_then(|(_, with)| with),
            millis(self.position()),
            enclosures_json(&item.enclosures)?,
        ])?;
        let id = tx.last_insert_rowid();
        if has_text(item) {
            tx.prepare_cached("INSERT INTO item_text (item, body, html) VALUES (?1, ?2, ?3)")?.execute((
                id,
                &item.body,
                html(item),
            ))?;
        }
        tx.unindexed.borrow_mut().push(Unindexed { item: id, terms: terms(incoming), replaces: false });
        Ok(id)
    }

    /// Where it stands in time.
    fn position(&self) -> Time {
        dedup::position(self.incoming.item.published, self.now, self.first_harvest)
    }

    /// It is another version of a story.
    fn join(&self, story: i64, with: Option<i64>, because: Because, near: &Near) -> Result<TakenIn> {
        let item = self.insert(story, Some((&because, with)))?;
        self.remember(item, story, near)?;
        let name = uid(self.tx, story)?;
        self.remember_keys(item, story, &name)?;
        regroup::contest_lead(self.tx, story, item, self.now)?;
        topics::list_item(self.tx, story, item)?;
        self.settle(Decision::Join { story, with, because }, item, story, name)
    }

    /// What later items find it by, and which stories tell of the same event.
    fn remember(&self, item: i64, story: i64, near: &Near) -> Result<()> {
        self.tx.kinship.remember(self.tx, item, &self.incoming.traits, (self.at, self.now), near)?;
        kinship::relate(self.tx, story, &near.related)
    }

    /// It is stored: as it is, or changed by its source.
    fn update(&self, decision: Decision, known: &KnownItem) -> Result<TakenIn> {
        let name = uid(self.tx, known.story)?;
        self.remember_keys(known.id, known.story, &name)?;
        if self.incoming.keys.has_guid() && !known.has_guid {
            self.tx.prepare_cached("UPDATE item SET has_guid = 1 WHERE id = ?1")?.execute([known.id])?;
        }
        if decision == Decision::Keep {
            return Ok(TakenIn { decision, story: name, topics: BTreeSet::new() });
        }
        revise(self.tx, known, self.incoming, self.now)?;
        self.tx.kinship.changed(known.id);
        let moved = self.reconsider(known)?;
        let story = regroup::story_of(self.tx, known.id)?;
        let name = if story == known.story { name } else { uid(self.tx, story)? };
        let mut taken = self.settle(decision, known.id, story, name)?;
        taken.topics.extend(moved);
        Ok(taken)
    }

    /// Whether an item still belongs where it is after its source changed it: one that stood alone may turn out to be a version of
    /// another story, one that was taken for a version may turn out to be none. Gives the topics whose pages show it.
    fn reconsider(&self, known: &KnownItem) -> Result<BTreeSet<String>> {
        let (tx, incoming) = (self.tx, self.incoming);
        let freedom = regroup::freedom(tx, known.id, known.story, &incoming.item, self.now)?;
        let (item, times) = ((known.id, known.story), (self.at, self.now));
        match freedom {
            Freedom::Bound => return Ok(BTreeSet::new()),
            Freedom::Guest if tx.kinship.still_agrees(tx, item, &incoming.traits, times)? => return Ok(BTreeSet::new()),
            Freedom::Guest | Freedom::Alone => {}
        }
        let near = tx.kinship.near(tx, &incoming.item, &incoming.traits, times, Some(known.story))?;
        tx.kinship.remember(tx, known.id, &incoming.traits, times, &near)?;
        let alone = freedom == Freedom::Alone;
        let (to, because, with) = match near.joins {
            // A story that readers know does not become one that they would take for new.
            Some((story, with, because)) if !alone || topics::is_within(tx, known.story, story)? => {
                (story, Some(because), with)
            }
            _ if alone => return Ok(BTreeSet::new()),
            _ => {
                let at = dedup::position(Some(self.at), self.now, self.first_harvest);
                (regroup::found_beside(tx, known.id, known.story, Some(at))?, None, None)
            }
        };
        let why = regroup::Why { because, with, by_hand: false };
        Ok(regroup::move_items(tx, &[known.id], to, &why, self.now)?.topics)
    }

    /// Writes the names of an item and of its story, which has this public name.
    fn remember_keys(&self, item: i64, story: i64, name: &str) -> Result<()> {
        let (tx, incoming) = (self.tx, self.incoming);
        let mut insert = tx.prepare_cached(
            "INSERT INTO item_key (source, key, item) VALUES (?1, ?2, ?3) ON CONFLICT (source, key) DO UPDATE SET item = excluded.item
             WHERE NOT EXISTS (SELECT 1 FROM item WHERE id = item_key.item)",
        )?;
        for key in incoming.keys.as_slice().iter().chain(incoming.keys.number()) {
            insert.execute((self.source, key.short(), item))?;
        }
        // A key whose story is out of the window, or gone, belongs to whoever comes with it now; else an address never changes hands.
        let mut share = tx.prepare_cached(
            "INSERT INTO story_key (key, story, at) VALUES (?1, ?2, ?3)
             ON CONFLICT (key) DO UPDATE SET story = excluded.story, at = excluded.at
             WHERE ?4 AND abs(excluded.at - story_key.at) > ?5 OR NOT EXISTS (SELECT 1 FROM story WHERE id = story_key.story)",
        )?;
        for key in incoming.traits.keys.iter().filter(|key| key.founds.as_deref() != Some(name)) {
            let may_move = key.hint == Hint::Title;
            share.execute((key.digest.short(), story, millis(self.at), may_move, kin::WINDOW.num_milliseconds()))?;
        }
        Ok(())
    }

    /// What follows for a story from a change among its items.
    fn settle(&self, decision: Decision, item: i64, story: i64, name: String) -> Result<TakenIn> {
        let news = (!self.first_harvest).then_some(self.now);
        let topics = set_topics(self.tx, item, story, &self.incoming.topics, news)?;
        Ok(TakenIn { decision, story: name, topics })
    }
}

/// Whether a story was made or was there.
enum Founded {
    New(i64),
    Before(i64),
}

/// A new story, or the one that already has this name.
fn found_story(tx: &Transaction<'_>, uid: &str, at: Time, now: Time) -> Result<Founded> {
    let inserted = tx
        .prepare_cached(
            "INSERT INTO story (uid, at, updated, lead) VALUES (?1, ?2, ?3, 0) ON CONFLICT (uid) DO NOTHING",
        )?
        .execute((uid, millis(at), millis(now)))?;
    if inserted == 1 {
        let story = tx.last_insert_rowid();
        topics::file(tx, ALL, millis(at), story)?;
        return Ok(Founded::New(story));
    }
    let id = tx.prepare_cached("SELECT id FROM story WHERE uid = ?1")?.query_row([uid], |row| row.get(0))?;
    Ok(Founded::Before(id))
}

fn terms(incoming: &Incoming) -> String {
    incoming.terms.clone().unwrap_or_else(|| search::terms_of(&incoming.item))
}

fn has_text(item: &Item) -> bool {
    !item.body.is_empty() || item.html.is_some()
}

fn html(item: &Item) -> Option<&str> {
    item.html.as_ref().map(Html::as_str)
}

/// Writes the text of an item that is stored.
fn set_text(tx: &Transaction<'_>, id: i64, item: &Item) -> Result<()> {
    if !has_text(item) {
        tx.prepare_cached("DELETE FROM item_text WHERE item = ?1")?.execute([id])?;
        return Ok(());
    }
    tx.prepare_cached(
        "INSERT INTO item_text (item, body, html) VALUES (?1, ?2, ?3)
         ON CONFLICT (item) DO UPDATE SET body = excluded.body, html = excluded.html",
    )?
    .execute((id, &item.body, html(item)))?;
    Ok(())
}

/// Writes what a source changed. The publication date stays as it was first said; it is part of what readers know the
/// entry by.
fn revise(tx: &Tx<'_>, known: &KnownItem, incoming: &Incoming, now: Time) -> Result<()> {
    let item = &incoming.item;
    let (title, summary, link): (String, String, Option<String>) = tx
        .prepare_cached("SELECT title, summary, link FROM item WHERE id = ?1")?
        .query_row([known.id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let same_words = |a: &str, b: &str| a == b || text::key(a) == text::key(b);
    let significant = !same_words(&title, &item.title)
        || !same_words(&summary, &item.summary)
        || link.as_deref() != item.link.as_ref().map(Url::as_str);
    tx.prepare_cached(
        "UPDATE item SET content = :content, title = :title, link = :link, summary = :summary, author = :author, categories = :categories,
             image = :image, enclosures = :enclosures, revised = CASE WHEN :significant THEN :now ELSE revised END WHERE id = :id",
    )?
    .execute(named_params! {
        ":id": known.id,
        ":content": blob(&incoming.content),
        ":title": item.title,
        ":link": item.link.as_ref().map(Url::as_str),
        ":summary": item.summary,
        ":author": item.author,
        ":categories": serde_json::to_string(&item.categories)?,
        ":image": item.image.as_ref().map(Url::as_str),
        ":enclosures": enclosures_json(&item.enclosures)?,
        ":significant": significant,
        ":now": millis(now),
    })?;
    set_text(tx, known.id, item)?;
    tx.unindexed.borrow_mut().push(Unindexed { item: known.id, terms: terms(incoming), replaces: true });
    if significant {
        tx.prepare_cached("UPDATE story SET updated = max(updated, ?2) WHERE id = ?1 AND lead = ?3")?.execute((
            known.story,
            millis(now),
            known.id,
        ))?;
    }
    Ok(())
}
