//! The newest stories of some topics from some sources: one cursor a topic and source, merged. A single query over all of them would read and sort
//! everything that they have (measured at a million items: 433 ms against 0.4).

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, VecDeque};

use anyhow::Result;
use rusqlite::{Connection, params_from_iter};

use super::topics::ALL;

/// A story and where it stands, in milliseconds since 1970.
pub type Placed = (i64, i64);

/// What a list is made of.
#[derive(Debug, Clone, Copy)]
pub struct Of<'a> {
    /// The topics; none is all stories.
    pub topics: &'a [String],
    /// The sources; `None` is everybody.
    pub sources: Option<&'a BTreeSet<i64>>,
}

/// How much of a list is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    /// So many of the newest are left out.
    pub skip: usize,
    /// So many are wanted at least, where there are that many.
    pub least: usize,
    /// And whatever stands within so many milliseconds of the newest,
    pub span: i64,
    /// but never more than this.
    pub most: usize,
}

/// The newest stories of a list, newest first, each once: where the first of its items that belong here stands, so that who carries a story later does
/// not bring it up again.
pub fn newest(db: &Connection, of: Of<'_>, extent: Extent) -> Result<Vec<Placed>> {
    let is_everything = of.topics.is_empty() || of.topics.iter().any(|topic| topic == ALL);
    let mut cursors = cursors(of, is_everything, extent.skip + extent.least);
    let mut heads = BinaryHeap::new();
    for (index, cursor) in cursors.iter_mut().enumerate() {
        heads.extend(cursor.next(db)?.map(|head| (head, Reverse(index))));
    }
    let mut found: Vec<Placed> = Vec::new();
    let mut met = BTreeSet::new();
    let mut newest = None;
    while let Some(((at, number), Reverse(index))) = heads.pop() {
        let Some(cursor) = cursors.get_mut(index) else { break };
        heads.extend(cursor.next(db)?.map(|head| (head, Reverse(index))));
        let Some((story, stands)) = place(db, of, is_everything, (at, number))? else { continue };
        // Somebody carried it before: it comes again where that stands.
        if at > stands || !met.insert(story) {
            continue;
        }
        let newest = *newest.get_or_insert(at);
        if found.len() >= extent.skip + extent.least && newest - at > extent.span {
            break;
        }
        found.push((story, at));
        if found.len() >= extent.skip + extent.most {
            break;
        }
    }
    Ok(found.split_off(extent.skip.min(found.len())))
}

/// One way through a list, newest first: `(at, number)` of stories, or of items where sources matter.
struct Cursor<'a> {
    topic: Option<&'a str>,
    source: Option<i64>,
    fetched: VecDeque<(i64, i64)>,
    last: (i64, i64),
    /// How much is read at once.
    chunk: usize,
    is_over: bool,
}

fn cursors(of: Of<'_>, is_everything: bool, wanted: usize) -> Vec<Cursor<'_>> {
    let topics: Vec<Option<&str>> = match is_everything {
        true => vec![None],
        false => of.topics.iter().map(|topic| Some(topic.as_str())).collect(),
    };
    let sources: Vec<Option<i64>> =
        of.sources.map_or_else(|| vec![None], |sources| sources.iter().copied().map(Some).collect());
    let ways = (topics.len() * sources.len()).max(1);
    // Most of a list comes from a few; what is read in vain costs less than asking again.
    let chunk = (3 * wanted / ways).clamp(4, 200);
    let ways = topics.iter().flat_map(|&topic| sources.iter().map(move |&source| (topic, source)));
    ways.map(|(topic, source)| Cursor {
        topic,
        source,
        fetched: VecDeque::new(),
        last: (i64::MAX, i64::MAX),
        chunk,
        is_over: false,
    })
    .collect()
}

impl Cursor<'_> {
    fn next(&mut self, db: &Connection) -> Result<Option<(i64, i64)>> {
        if self.fetched.is_empty() && !self.is_over {
            self.fetch(db)?;
        }
        Ok(self.fetched.pop_front())
    }

    fn fetch(&mut self, db: &Connection) -> Result<()> {
        let sql = match (self.topic, self.source) {
            (Some(_), Some(_)) => {
                "SELECT at, item FROM topic_item WHERE topic = ?4 AND source = ?5 AND (at, item) < (?1, ?2)
                 ORDER BY at DESC, item DESC LIMIT ?3"
            }
            (None, Some(_)) => {
                "SELECT at, story FROM item WHERE source = ?4 AND (at, story) < (?1, ?2) ORDER BY at DESC, story DESC LIMIT ?3"
            }
            (Some(_), None) => {
                "SELECT at, story FROM story_topic WHERE topic = ?4 AND (at, story) < (?1, ?2)
                 ORDER BY at DESC, story DESC LIMIT ?3"
            }
            (None, None) => "SELECT at, id FROM story WHERE (at, id) < (?1, ?2) ORDER BY at DESC, id DESC LIMIT ?3",
        };
        let chunk = i64::try_from(self.chunk).unwrap_or(i64::MAX);
        let mut query = db.prepare_cached(sql)?;
        let (from, topic, source) = (self.last, self.topic, self.source);
        let mut parameters: Vec<&dyn rusqlite::ToSql> = vec![&from.0, &from.1, &chunk];
        if let Some(topic) = &topic {
            parameters.push(topic);
        }
        if let Some(source) = &source {
            parameters.push(source);
        }
        let rows = query.query_map(params_from_iter(parameters), |row| Ok((row.get(0)?, row.get(1)?)))?;
        self.fetched.extend(rows.collect::<rusqlite::Result<Vec<(i64, i64)>>>()?);
        self.is_over = self.fetched.len() < self.chunk;
        self.last = self.fetched.back().copied().unwrap_or(self.last);
        self.chunk = (self.chunk * 2).min(1_000);
        Ok(())
    }
}

/// The story of an item, if nobody of these sources carried it before the item: then it stands in a topic where the item does. So most
/// stories are not looked up in the topic, which is one page of the database less for each.
fn of_nobody_before(db: &Connection, sources: &BTreeSet<i64>, (at, item): (i64, i64)) -> Result<Option<i64>> {
    let mut query = db.prepare_cached(
        "SELECT i.story, i.source, i.at FROM item found CROSS JOIN item i ON i.story = found.story WHERE found.id = ?1",
    )?;
    let mut rows = query.query([item])?;
    let mut found = None;
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(2)? < at && sources.contains(&row.get(1)?) {
            return Ok(None);
        }
        found = Some(row.get(0)?);
    }
    Ok(found)
}

/// The story that a cursor came upon and where it stands in the list; nothing where it was taken back.
fn place(db: &Connection, of: Of<'_>, is_everything: bool, (at, number): (i64, i64)) -> Result<Option<Placed>> {
    let sql = match (is_everything, of.sources) {
        // It stands in one place only, and what was taken back stands in none.
        (false, None) if of.topics.len() < 2 => return Ok(Some((number, at))),
        (true, None) => "SELECT id, '', 0, at FROM story WHERE id = ?1 AND withdrawn IS NULL",
        (true, Some(_)) => {
            "SELECT s.id, '', i.source, i.at FROM item i JOIN story s ON s.id = i.story WHERE i.story = ?1 AND s.withdrawn IS NULL"
        }
        (false, None) => "SELECT story, topic, 0, at FROM story_topic WHERE story = ?1",
        (false, Some(sources)) => {
            if of.topics.len() < 2
                && let Some(story) = of_nobody_before(db, sources, (at, number))?
            {
                return Ok(Some((story, at)));
            }
            "SELECT i.story, t.topic, i.source, max(i.at, t.at)
             FROM item found CROSS JOIN item i ON i.story = found.story CROSS JOIN story_topic t ON t.story = found.story
             WHERE found.id = ?1"
        }
    };
    let mut query = db.prepare_cached(sql)?;
    let mut rows = query.query([number])?;
    let mut first: Option<Placed> = None;
    while let Some(row) = rows.next()? {
        let topic = row.get_ref(1)?.as_str()?;
        let is_meant = (is_everything || of.topics.iter().any(|meant| meant == topic))
            && of.sources.is_none_or(|sources| row.get(2).is_ok_and(|source| sources.contains(&source)));
        if is_meant {
            let (story, at): Placed = (row.get(0)?, row.get(3)?);
            first = Some(first.map_or((story, at), |(_, first)| (story, first.min(at))));
        }
    }
    Ok(first)
}
