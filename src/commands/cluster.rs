//! `dongtin cluster`: JSON Lines of items in, in order of arrival; the story of each out.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use serde_json::json;

use super::classify::{Line, for_each_line};
use crate::cli::Exit;
use crate::dedup;
use crate::kin::{self, Hint, Memory, Neighbour, Portrait, Resident, StoryKey};
use crate::model::{Because, DateOrder, Item, Kind};
use crate::parse::date::Style;
use crate::parse::{Entry, IdSource, date};
use crate::schedule::Time;
use crate::text::Words;
use crate::{link, text};

/// For a million items.
const BUDGET: usize = 200 << 20;
/// Texts are kept this much longer than they are compared: lines may come a little out of order.
const KEPT: i32 = 2;

/// What the daemon keeps in its database, in memory: of every story its name and keys, of what others are still compared with the texts.
struct Stories {
    memory: Memory,
    items: HashMap<i64, Stored>,
    /// The public name of each story, as a number.
    names: Vec<u128>,
    /// The items of each story that are still compared.
    members: HashMap<usize, Vec<i64>>,
    /// The story that an address or an article number leads to, and a headline of the last days.
    by_key: HashMap<i64, u32>,
    by_title: HashMap<i64, u32>,
    last: i64,
    newest: Option<Time>,
}

/// What is kept of an item while others are compared with it.
struct Stored {
    id: String,
    story: usize,
    item: Item,
}

/// An item as it was read.
struct Read {
    id: String,
    item: Item,
    words: Words,
    keys: Vec<StoryKey>,
    uid: String,
}

pub fn run() -> Result<Exit> {
    let mut stories = Stories {
        memory: Memory::with_budget(BUDGET),
        items: HashMap::new(),
        names: Vec::new(),
        members: HashMap::new(),
        by_key: HashMap::new(),
        by_title: HashMap::new(),
        last: 0,
        newest: None,
    };
    for_each_line(|line, out| {
        let read = read(line);
        let id = read.id.clone();
        let (story, because) = stories.place(read);
        let because = because.map(
            |(because, with)| json!({ "kind": because.kind.as_str(), "similarity": because.similarity, "with": with }),
        );
        let object = json!({ "id": id, "story": story, "lead": because.is_none(), "because": because });
        writeln!(out, "{object}").context("cannot write to standard output")
    })?;
    Ok(Exit::Ok)
}

impl Stories {
    fn place(&mut self, read: Read) -> (String, Option<(Because, Option<String>)>) {
        let portrait = Portrait::of(&read.item, &read.words);
        let at = read.item.published;
        let sketch = self.memory.sketch(&portrait);
        let joins = self.join(&read, &portrait, sketch.as_ref());
        self.last += 1;
        let number = self.last;
        let (story, because) = match joins {
            Some((story, with, because)) => {
                let with = with.and_then(|with| Some(self.items.get(&with)?.id.clone()));
                (story, Some((because, with)))
            }
            None => {
                self.names.push(u128::from_str_radix(&read.uid, 16).unwrap_or_default());
                (self.names.len() - 1, None)
            }
        };
        for key in &read.keys {
            let keys = if key.hint == Hint::Title { &mut self.by_title } else { &mut self.by_key };
            keys.insert(key.digest.short(), u32::try_from(story).unwrap_or(u32::MAX));
        }
        if let Some(sketch) = sketch {
            self.memory.insert(number, at.unwrap_or_default(), &sketch);
        }
        if because.is_none() {
            self.memory.learn(&portrait);
        }
        self.items.insert(number, Stored { id: read.id, story, item: read.item });
        self.members.entry(story).or_default().push(number);
        self.forget(at);
        (format!("{:020x}", self.names.get(story).copied().unwrap_or_default()), because)
    }

    /// The story that an item joins, the item of it that it is most like, and why.
    fn join(
        &self,
        read: &Read,
        portrait: &Portrait,
        sketch: Option<&kin::Sketch>,
    ) -> Option<(usize, Option<i64>, Because)> {
        let mut stories: Vec<usize> = Vec::new();
        for key in &read.keys {
            let keys = if key.hint == Hint::Title { &self.by_title } else { &self.by_key };
            let Some(story) = keys.get(&key.digest.short()).and_then(|story| usize::try_from(*story).ok()) else {
                continue;
            };
            let kind = match key.hint {
                Hint::Link => Some(Kind::Link),
                Hint::Number if self.is_one_article(story, read, portrait) => Some(Kind::Number),
                Hint::Number | Hint::Title => None,
            };
            match kind {
                Some(kind) => {
                    let with = self.members.get(&story).and_then(|items| items.first().copied());
                    return Some((story, with, Because::plainly(kind)));
                }
                None => stories.push(story),
            }
        }
        let at = read.item.published;
        let like = sketch.map(|sketch| self.memory.like(sketch, at.unwrap_or_default())).unwrap_or_default();
        stories.extend(like.iter().filter_map(|item| Some(self.items.get(item)?.story)));
        let asked = kin::to_ask(stories);
        let neighbours: Vec<Neighbour> = asked.into_iter().filter_map(|story| self.neighbour(story)).collect();
        let joined = kin::place(portrait, at, &neighbours, self.memory.rarity()).joins?;
        Some((usize::try_from(joined.story).ok()?, Some(joined.with), joined.because(Vec::new())))
    }

    /// Whether an item that has its number from a story's site is that article: in the same folder, or with something of its text in common, as
    /// far as that is still kept.
    fn is_one_article(&self, story: usize, read: &Read, portrait: &Portrait) -> bool {
        let residents = self.neighbour(story).map(|neighbour| neighbour.residents).unwrap_or_default();
        let is_beside = |resident: &Resident| {
            let theirs = self.items.get(&resident.item).and_then(|stored| stored.item.link.as_ref());
            read.item.link.as_ref().zip(theirs).is_some_and(|(ours, theirs)| link::is_same_folder(ours, theirs))
        };
        residents.is_empty() || residents.iter().any(|one| is_beside(one) || one.portrait.has_in_common(portrait))
    }

    fn neighbour(&self, story: usize) -> Option<Neighbour> {
        let items = self.members.get(&story)?;
        let asked = items.first().into_iter().chain(items.get(1..)?.iter().rev().take(kin::MOST_ASKED - 1));
        let residents = asked
            .filter_map(|item| {
                let stored = self.items.get(item)?;
                Some(Resident {
                    item: *item,
                    at: stored.item.published,
                    portrait: Arc::new(Portrait::of_item(&stored.item)),
                })
            })
            .collect();
        let at = items.first().and_then(|first| self.items.get(first)?.item.published);
        Some(Neighbour { story: i64::try_from(story).ok()?, at, by_hand: false, residents })
    }

    /// Forgets texts that nothing will be compared with again.
    fn forget(&mut self, at: Option<Time>) {
        const EVERY: i64 = 10_000;
        self.newest = self.newest.max(at);
        if self.last % EVERY == 0
            && let Some(newest) = self.newest
        {
            self.items.retain(|_, stored| stored.item.published.is_none_or(|at| newest - at <= kin::WINDOW * KEPT));
            self.members.retain(|_, items| {
                items.retain(|item| self.items.contains_key(item));
                !items.is_empty()
            });
            self.by_title
                .retain(|_, story| usize::try_from(*story).is_ok_and(|story| self.members.contains_key(&story)));
        }
    }
}

fn read(line: Line) -> Read {
    // An item that names no source is nobody else's.
    let source = line.source.clone().unwrap_or_else(|| line.id.clone());
    let title = text::line(line.title.as_deref().unwrap_or_default(), crate::model::item::MAX_TITLE_CHARS);
    let link = line.url.as_deref().and_then(|u| link::absolute(None, u));
    let published = line.published.as_deref().and_then(|d| date::parse(d, Style::vietnamese(DateOrder::ByShape)));
    let entry = Entry {
        id: line.id.clone(),
        id_source: IdSource::Guid,
        title: Some(title.clone()),
        link: link.clone(),
        published,
        ..Entry::default()
    };
    let item = Item {
        title,
        link,
        summary: line.summary.unwrap_or_default(),
        body: line.body.unwrap_or_default(),
        published,
        ..Item::default()
    };
    let keys = dedup::assign(&source, &[entry]).into_iter().flatten().next();
    let link_names_it = keys.as_ref().is_some_and(dedup::ItemKeys::link_names_it);
    let uid = keys.map(|k| dedup::story_uid(&item, &k)).unwrap_or_default();
    let words = Words::of(&item.title, &item.summary, &item.body);
    let keys = kin::story_keys(&item, &words, link_names_it);
    Read { id: line.id, item, words, keys, uid }
}
