//! What each document of the site is made of: read from the database, given to [`publish`]. Writes nothing.

mod archive;
mod digest;
mod edition;
mod figures;
mod health;
mod lists;
mod pages;
mod search;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Result;

use crate::config::Config;
use crate::model::{Publish, Publisher, Story, Topic};
use crate::publish::{self, ALL, Channel, Format, Lang, Page, Past, Revision, Site, TopicName, Wanted, Written};
use crate::schedule::Time;
use crate::store::stories::Reading;
use crate::store::{Db, archives, sources, stories, withdrawn};

pub use crate::store::archives::Closed;
pub use edition::Edition;

/// Everybody whose items are stored, by number.
pub type Publishers = sources::Publishers;

/// What feeds were last made of, by path. Of one site and configuration: another has others.
pub type Kept = HashMap<String, Written>;

/// How many stories the feed of everything holds at least.
const OF_ALL: usize = 100;

/// One moment of the database, and what is said of it.
pub struct Desk<'a> {
    db: &'a Db,
    site: &'a Site,
    config: &'a Config,
    publishers: &'a Publishers,
    names: Vec<TopicName>,
    now: Time,
}

/// What came of making a document.
#[derive(Debug)]
pub enum Made {
    /// It.
    Page(Page),
    /// A month that is over is given out for the first time: from now on it stays as it is, where it can be kept.
    Closed {
        /// What is to be kept.
        closed: Box<Closed>,
        /// The document where it is kept.
        kept: Box<Page>,
        /// The document where it is not.
        open: Page,
    },
    /// Another address for good, relative to this one.
    Moved(String),
    /// The same of a topic that has another name now.
    Renamed(Wanted),
    /// It was there and is not any more.
    Gone,
    /// There is none.
    Nothing,
}

/// A list of stories that has a place of its own: a topic, or everything.
struct List<'a> {
    path: &'a str,
    title: &'a str,
    title_en: &'a str,
    description: &'a str,
    /// How many stories its feeds hold at least.
    limit: usize,
}

impl<'a> Desk<'a> {
    /// At a moment. What is said depends on the present only where something is over: a day, a month.
    pub fn new(db: &'a Db, site: &'a Site, config: &'a Config, publishers: &'a Publishers, now: Time) -> Desk<'a> {
        Desk { db, site, config, publishers, names: TopicName::of(config.rules.topics()), now }
    }

    /// A document that is made when somebody asks.
    pub fn make(&self, wanted: &Wanted, lang: Lang) -> Result<Made> {
        if let Some(unknown) = wanted.topics().find(|topic| self.list(topic).is_none()) {
            return self.of_unknown(unknown, wanted);
        }
        match wanted {
            Wanted::Front => self.front(lang),
            Wanted::Story(uid) => self.story(uid, lang),
            Wanted::Facet { topics, facet, shape, number } => self.facet(topics, *facet, (*shape, *number), lang),
            Wanted::Search { .. } if !self.site.has_search => Ok(Made::Nothing),
            Wanted::Search { question, shape, number } => self.search(question, (*shape, *number), lang),
            Wanted::Digest { topic, format } => self.digest(topic, *format),
            Wanted::Archive { topic, month, part } => self.archive(topic, *month, *part),
            Wanted::Month { topic, month } => self.month(topic, *month, lang),
            Wanted::Sources => self.sources(lang),
            Wanted::Sitemap => self.sitemap(),
        }
    }

    /// The feeds of a topic, or of everything, which are finished before anybody asks. Only entries of stories that changed since `kept` was
    /// filled are read and written.
    pub fn feeds(&self, path: &str, kept: &mut Kept) -> Result<Vec<(String, Page)>> {
        let Some(list) = self.list(path) else { return Ok(Vec::new()) };
        let newest = stories::newest(self.db, (path != ALL).then_some(path), list.limit)?;
        let revisions: Vec<Revision> = newest.iter().map(|stands| (stands.story, stands.revision)).collect();
        let paths = Format::ALL.map(|format| (format, format!("{path}/{}", format.file())));
        let is_written = |revision: Revision| {
            paths.iter().all(|(_, path)| kept.get(path).is_some_and(|written| written.entry(revision).is_some()))
        };
        let (places, changed): (Vec<(i64, i64)>, Vec<Revision>) = newest
            .iter()
            .zip(&revisions)
            .filter(|(_, revision)| !is_written(**revision))
            .map(|(stands, revision)| ((stands.story, stands.at), *revision))
            .unzip();
        let changed: HashMap<Revision, Story> = changed.into_iter().zip(self.read(places)?).collect();
        let withdrawn = withdrawn::of_list(self.db, path)?;
        let newest = self.newest_archive(path)?;
        let past = newest.as_deref().map_or(Past::Untold, Past::Archived);
        let channel = Channel { past, withdrawn: &withdrawn, ..self.channel(&list, &[]) };
        Ok(paths
            .map(|(format, path)| {
                let written = kept.entry(path.clone()).or_default();
                let entry = |revision: Revision| channel.entry(changed.get(&revision)?, format);
                (path, channel.feed_again(&revisions, format, written, entry))
            })
            .into())
    }

    fn topic(&self, id: &str) -> Option<&'a Topic> {
        self.config.rules.topic(id)
    }

    fn list(&self, path: &str) -> Option<List<'a>> {
        if path == ALL {
            let Channel { path, title, title_en, description, .. } = Channel::of_all(self.site, &[], &[]);
            return Some(List { path, title, title_en, description, limit: OF_ALL });
        }
        let Topic { id, name, name_en, description, limit, .. } = self.topic(path)?;
        Some(List { path: id, title: name, title_en: name_en, description, limit: *limit })
    }

    fn channel<'s>(&'s self, list: &List<'s>, stories: &'s [Story]) -> Channel<'s> {
        let List { path, title, title_en, description, .. } = *list;
        Channel { path, title, title_en, description, ..Channel::of_all(self.site, stories, &self.names) }
    }

    /// A topic that was renamed leads on, one that was there is gone.
    fn of_unknown(&self, topic: &str, wanted: &Wanted) -> Result<Made> {
        let topics = self.config.rules.topics();
        let now = |was: &str| topics.iter().find(|t| t.was.iter().any(|id| id == was)).map(|t| t.id.clone());
        if now(topic).is_some() {
            return Ok(Made::Renamed(wanted.renamed(now)));
        }
        Ok(if stories::was_topic(self.db, topic)? { Made::Gone } else { Made::Nothing })
    }

    fn story(&self, uid: &str, lang: Lang) -> Result<Made> {
        let Some(id) = stories::by_uid(self.db, uid)? else {
            return Ok(match stories::moved_to(self.db, uid)? {
                Some(uid) => Made::Moved(uid),
                None if stories::was_forgotten(self.db, uid)? => Made::Gone,
                None => Made::Nothing,
            });
        };
        if withdrawn::since(self.db, id)?.is_some() {
            return Ok(Made::Gone);
        }
        let story = self.reading(|reading| stories::story(self.db, id, reading))?;
        let page = publish::story_page(self.site, &self.names, &story, lang);
        Ok(page.map_or(Made::Nothing, Made::Page))
    }

    /// Stories by their numbers and where each stands.
    fn read(&self, placed: Vec<(i64, i64)>) -> Result<Vec<Story>> {
        self.reading(|reading| placed.into_iter().map(|placed| stories::placed(self.db, placed, reading)).collect())
    }

    /// Reads stories without the articles that their sources, as configured now, do not let us publish: what is stored may be from before
    /// that was withdrawn. Topics that left are not told, though items may still be in them.
    fn reading<T>(&self, read: impl FnOnce(Reading<'_>) -> T) -> T {
        let full = |publisher: &Publisher| self.publishes_whole(&publisher.id);
        let topics = |id: &str| self.topic(id).is_some();
        read(Reading { publishers: self.publishers, full: &full, topics: &topics })
    }

    fn publishes_whole(&self, source: &str) -> bool {
        self.config.sources.get(source).is_some_and(|source| source.publish == Publish::Full)
    }

    /// The document of the past that a list's past begins with.
    fn newest_archive(&self, path: &str) -> Result<Option<String>> {
        let newest = archives::last_before(self.db, path, Time::MAX_UTC)?;
        Ok(newest.map(|at| publish::archive_path(path, publish::Month::of(at), None)))
    }
}

/// Who publishes what is stored; read once, and again where the configuration changes.
pub fn publishers(db: &Db) -> Result<Arc<Publishers>> {
    Ok(Arc::new(sources::publishers(db)?))
}
