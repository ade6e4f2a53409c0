//! What would change.

use std::collections::BTreeMap;

use crate::model::Match;
use crate::schedule::Time;

/// What would change, and what it was found from.
#[derive(Debug, Default)]
pub struct Changes {
    /// From when.
    pub since: Time,
    /// Until when.
    pub until: Time,
    /// Documents that were replayed, those below among them.
    pub documents: usize,
    /// Documents with the very bytes of the one before.
    pub unchanged: usize,
    /// Documents whose bodies are gone.
    pub missing: usize,
    /// Documents of sources that are configured no more; they are not replayed.
    pub unconfigured: usize,
    /// Lines of the archive that could not be read.
    pub torn: usize,
    /// Items that both runs know and that were compared.
    pub compared: usize,
    /// By source.
    pub sources: BTreeMap<String, OfSource>,
    /// Pairs of items that would share a story and do not.
    pub joined: Vec<(Told, Told)>,
    /// Pairs of items that share a story and would not.
    pub split: Vec<(Told, Told)>,
}

/// What would change of one source.
#[derive(Debug, Default)]
pub struct OfSource {
    /// Its documents.
    pub documents: usize,
    /// Items that are read today and were not.
    pub new: Vec<Told>,
    /// Items that were read and would not be.
    pub gone: Vec<Told>,
    /// Items that read otherwise.
    pub changed: Vec<Changed>,
    /// Topics that items would be in.
    pub gained: Vec<Topic>,
    /// Topics that items would be in no more.
    pub lost: Vec<Topic>,
    /// Documents that could not be read then and would be.
    pub read_now: Vec<Unread>,
    /// Documents that were read then and could not be.
    pub unread_now: Vec<Unread>,
}

/// An item, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its headline.
    pub title: String,
    /// Its address.
    pub link: Option<String>,
}

/// An item that reads otherwise.
#[derive(Debug, PartialEq)]
pub struct Changed {
    /// The item as it is stored.
    pub item: Told,
    /// What differs: `title`, `date`, `link` or `teaser`, as it is stored and as it would be.
    pub fields: Vec<(&'static str, Option<String>, Option<String>)>,
}

/// A topic that an item would enter or leave.
#[derive(Debug, PartialEq)]
pub struct Topic {
    /// The item.
    pub item: Told,
    /// The slug.
    pub topic: String,
    /// Why it is in it.
    pub then: Option<Match>,
    /// What speaks for and against it today, if anything.
    pub now: Option<Match>,
}

/// A document that could not be read, then or now.
#[derive(Debug, PartialEq)]
pub struct Unread {
    /// When it came.
    pub at: Time,
    /// Where from.
    pub url: String,
    /// The class of the failure.
    pub class: String,
}

impl Changes {
    /// Those of a source.
    pub fn of(&mut self, source: &str) -> &mut OfSource {
        self.sources.entry(source.to_owned()).or_default()
    }

    /// Whether anything would change.
    pub fn is_any(&self) -> bool {
        !self.joined.is_empty() || !self.split.is_empty() || self.sources.values().any(OfSource::is_any)
    }
}

impl OfSource {
    /// How many of each, in the order of the fields.
    pub fn counts(&self) -> [usize; 7] {
        [
            self.new.len(),
            self.gone.len(),
            self.changed.len(),
            self.gained.len(),
            self.lost.len(),
            self.read_now.len(),
            self.unread_now.len(),
        ]
    }

    /// Whether anything would change.
    pub fn is_any(&self) -> bool {
        self.counts() != [0; 7]
    }
}
