//! When two items of one source are the same item: source and guid agree, or the canonical link, or (without both)
//! folded title and day.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use url::Url;

use crate::model::{Digest, Item};
use crate::parse::{Entry, IdSource};
use crate::schedule::{Time, vietnam};
use crate::{link, text};

/// The keys under which an item is known, strongest first; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemKeys {
    keys: Vec<Digest>,
    link_names_it: bool,
    /// Where the first key is a guid of its own, beside the link's.
    has_guid: bool,
    /// The key of its title and day, for an item that has no better one.
    title: Digest,
    /// The key of its number at its host, which stays when headline and slug are edited (1.1 % of articles; 2.7 % at one paper).
    number: Option<Digest>,
}

impl ItemKeys {
    /// The keys.
    pub fn as_slice(&self) -> &[Digest] {
        &self.keys
    }

    /// Whether the item's link leads to it alone. Notices that all link to a home page do not have one.
    pub fn link_names_it(&self) -> bool {
        self.link_names_it
    }

    /// Whether its source names it by a guid that is not its link.
    pub fn has_guid(&self) -> bool {
        self.has_guid
    }

    /// The key of its number, which is proof only under a headline that agrees.
    pub fn number(&self) -> Option<&Digest> {
        self.number.as_ref()
    }

    /// The keys of the same item where its link leads to another one already. With its title and day among them: a source that
    /// makes its guids anew at every request would otherwise send it as new for ever.
    pub fn without_link(&self) -> ItemKeys {
        let guid = self.keys.first().copied().filter(|_| self.has_guid);
        ItemKeys { keys: guid.into_iter().chain([self.title]).collect(), link_names_it: false, number: None, ..*self }
    }
}

/// The keys of each entry of one document, in its order; nothing for an entry that repeats an earlier one, so that two
/// versions in one document do not revise each other at every poll.
///
/// A guid that entries with different links share (an engine that writes its own address everywhere) identifies
/// nothing, and so does a link that entries with different headlines share: taking either at its word would lose every
/// item but one.
pub fn assign(source: &str, entries: &[Entry]) -> Vec<Option<ItemKeys>> {
    let links: Vec<Option<String>> = entries.iter().map(|e| e.link.as_ref().and_then(article_address)).collect();
    let guids: Vec<Option<Guid>> =
        entries.iter().map(|e| (e.id_source == IdSource::Guid).then(|| Guid::of(&e.id))).collect();
    let vague_guids =
        vague(guids.iter().zip(&links).map(|(guid, link)| Some((guid.as_ref()?, link.as_deref().unwrap_or_default()))));
    let repeated = vague(links.iter().enumerate().map(|(index, link)| Some((link.as_deref()?, index))));
    let vague_links = vague(entries.iter().zip(&links).map(|(entry, link)| {
        let link = link.as_deref().filter(|l| repeated.contains(l))?;
        Some((link, text::key(entry.title.as_deref().unwrap_or_default())))
    }));
    // A guid that is such a link says no more than the link does.
    let is_vague_guid = |guid: &Guid| {
        vague_guids.contains(guid) || matches!(guid, Guid::Address(address) if vague_links.contains(address.as_str()))
    };
    let numbers: Vec<Option<String>> = entries.iter().map(|e| e.link.as_ref().and_then(link::article_number)).collect();
    let vague_numbers = vague(numbers.iter().zip(&links).map(|(n, link)| Some((n.as_deref()?, link.as_deref()))));
    let mut taken = BTreeSet::new();
    let mut assigned = Vec::with_capacity(entries.len());
    for (((entry, guid), link), number) in entries.iter().zip(&guids).zip(&links).zip(&numbers) {
        let guid = guid.as_ref().filter(|g| !is_vague_guid(g));
        let link = link.as_deref().filter(|l| !vague_links.contains(l));
        let day = entry.published.map(|t| t.with_timezone(&vietnam()).date_naive());
        let number = number.as_deref().filter(|n| link.is_some() && !vague_numbers.contains(n));
        let number = number.map(|n| Digest::of(&[source, "number", n]));
        let keys = ItemKeys { number, ..keys(source, guid, link, entry.title.as_deref().unwrap_or_default(), day) };
        let is_new = !keys.keys.iter().any(|k| taken.contains(k));
        taken.extend(keys.keys.iter().copied());
        assigned.push(is_new.then_some(keys));
    }
    assigned
}

/// The names that stand with more than one different companion.
fn vague<N: Ord + Copy, C: PartialEq>(pairs: impl Iterator<Item = Option<(N, C)>>) -> BTreeSet<N> {
    let mut first: BTreeMap<N, C> = BTreeMap::new();
    let mut vague = BTreeSet::new();
    for (name, companion) in pairs.flatten() {
        match first.get(&name) {
            Some(known) if *known != companion => {
                vague.insert(name);
            }
            Some(_) => {}
            None => {
                first.insert(name, companion);
            }
        }
    }
    vague
}

/// What a source calls an item.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Guid {
    /// An address, compared as one, so that a site's move from http to https leaves its items known. Its fragment counts:
    /// some engines number their items behind the address of the feed.
    Address(String),
    /// Anything else, as it is.
    Opaque(String),
}

impl Guid {
    fn of(written: &str) -> Guid {
        let url = link::absolute(None, written);
        match url.as_ref().and_then(|url| Some((article_address(url)?, url.fragment().unwrap_or_default()))) {
            Some((address, "")) => Guid::Address(address),
            Some((address, fragment)) => Guid::Address(format!("{address}#{fragment}")),
            None => Guid::Opaque(written.to_owned()),
        }
    }
}

/// The identity of a link that can lead to an article: a home page cannot.
fn article_address(url: &Url) -> Option<String> {
    (url.path() != "/" || url.query().is_some()).then(|| link::identity(url))
}

fn keys(source: &str, guid: Option<&Guid>, link: Option<&str>, title: &str, day: Option<NaiveDate>) -> ItemKeys {
    let guid = guid.map(|guid| match guid {
        Guid::Address(address) => Digest::of(&[source, "link", address]),
        Guid::Opaque(guid) => Digest::of(&[source, "guid", guid]),
    });
    let link = link.map(|link| Digest::of(&[source, "link", link]));
    let day = day.map(|d| d.to_string()).unwrap_or_default();
    let title = Digest::of(&[source, "title", &text::key(title), &day]);
    let mut keys: Vec<Digest> = guid.into_iter().chain(link).collect();
    keys.dedup();
    if keys.is_empty() {
        keys.push(title);
    }
    ItemKeys { keys, link_names_it: link.is_some(), has_guid: guid.is_some() && guid != link, title, number: None }
}

/// What stays of an item that is forgotten for its age, besides its keys: its headline and its day in Việt Nam, by which it is known under another
/// address.
pub fn forgotten_name(title: &str, published: Option<Time>) -> Digest {
    let day = published.map(|at| at.with_timezone(&vietnam()).date_naive().to_string()).unwrap_or_default();
    Digest::of(&["forgotten", &text::key(title), &day])
}

/// What a source says in an item: equal until the source changes something a reader would see. White space, tracking
/// parameters, pictures and dates do not count; they change on servers by themselves.
pub fn content(item: &Item) -> Digest {
    let link = item.link.as_ref().map(link::identity).unwrap_or_default();
    let html = item.html.as_ref().map_or("", |h| h.as_str());
    Digest::of(&[&item.title, &item.summary, &item.body, html, &link])
}

/// The public name of the story that this item founds: from its address, which any source that carries it would give
/// too, else from its own first key. So a database restored from an old backup names the stories it meets again as
/// before.
pub fn story_uid(item: &Item, keys: &ItemKeys) -> String {
    match (&item.link, keys.keys.first()) {
        (Some(link), _) if keys.link_names_it => story_of_address(&link::identity(link)),
        (_, Some(key)) => Digest::of(&[b"story".as_slice(), key.as_bytes()]).hex(20),
        (_, None) => Digest::of(&["story", &item.title]).hex(20),
    }
}

/// The public name of the story that an item with this [address](link::identity) founds.
pub fn story_of_address(address: &str) -> String {
    Digest::of(&["story", address]).hex(20)
}
