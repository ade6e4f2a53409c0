//! The bytes readers receive, as a pure function of the stories: the same content gives the same bytes, so no clock
//! time of rendering is in any of them, and a validator survives restarts.

mod address;
mod atom;
mod channel;
mod dates;
mod digest;
mod entry;
mod format;
pub mod html;
mod json;
mod missing;
mod month;
mod opml;
mod page;
mod rss;
pub mod sitemap;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use url::Url;

use crate::model::{Match, Member, Reason, Source, Story, Topic, told};
use crate::schedule::Time;
use crate::text;

use dates::{rfc822, rfc3339};

pub use address::{Address, Facet, LAST_PAGE, Shape, Wanted, archive_path};
pub use channel::{Channel, Past};
pub use digest::{Day, Digest, Headline, MOST_NAMED};
pub use entry::{Revision, Written};
pub use format::Format;
pub use html::story_page;
pub use month::{Month, day_begins};
pub use page::{Coding, Keep, Page};

/// What every document says of the site.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// The address readers reach it under, ending in `/`.
    pub base_url: Url,
    /// Its name.
    pub title: String,
    /// Its name in English.
    pub title_en: String,
    /// The prefix of every id, `tag:<authority>,<date>:`, fixed when the database was made.
    pub tag: String,
    /// The WebSub hub that feeds name, if any.
    pub hub: Option<Url>,
    /// Whether pages offer to search.
    pub has_search: bool,
}

impl Site {
    /// An address of ours.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    /// The id of the story with this public name, for ever (RFC 4151, RFC 4287 section 4.2.6).
    pub fn story_id(&self, uid: &str) -> String {
        format!("{}story/{uid}", self.tag)
    }

    /// What the `Link` header of a feed says: its own address and its hub, as the feed itself does (assertion S-18).
    pub fn link_header(own: &str, hub: Option<&Url>) -> String {
        let hub = hub.map(|hub| format!(", <{hub}>; rel=\"hub\""));
        format!("<{own}>; rel=\"self\"{}", hub.unwrap_or_default())
    }

    /// A category scheme of ours.
    fn scheme(&self, kind: &str) -> String {
        format!("{}{kind}", self.tag)
    }
}

/// The two languages of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lang {
    /// Vietnamese, for everybody who does not ask for something else.
    Vi,
    /// English.
    En,
}

/// How often something changed since the process began, and when last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Grows with every change.
    pub number: u64,
    /// When it came to be.
    pub since: Time,
}

/// Everything that is finished before anybody asks. Never changed, only replaced.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// By path without the leading `/`.
    pub pages: BTreeMap<String, Arc<Page>>,
    /// Of everything.
    pub version: Version,
    /// Of each topic, by name.
    pub topics: BTreeMap<String, Version>,
}

impl Snapshot {
    /// Of a document of these topics; of none, of everything.
    pub fn version_of<'t>(&self, topics: impl Iterator<Item = &'t str>) -> Version {
        let newest = topics.map(|topic| self.topics.get(topic).copied().unwrap_or(self.version)).max();
        newest.unwrap_or(self.version)
    }

    /// The feed under a path, as it is now: what a hub delivers.
    pub fn feed(&self, path: &str) -> Option<&Arc<Page>> {
        let is_feed = Format::ALL.iter().any(|format| path.ends_with(format.file()));
        self.pages.get(path).filter(|_| is_feed)
    }

    /// All feeds by path.
    pub fn feeds(&self) -> impl Iterator<Item = (&str, &Arc<Page>)> {
        self.pages.keys().filter_map(|path| Some((path.as_str(), self.feed(path)?)))
    }
}

/// What a topic is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicName {
    /// Its path.
    pub id: String,
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

impl TopicName {
    /// The names of topics, in their order.
    pub fn of(topics: &[Topic]) -> Vec<TopicName> {
        topics.iter().map(|t| TopicName { id: t.id.clone(), vi: t.name.clone(), en: t.name_en.clone() }).collect()
    }
}

/// The media type of pages for people.
pub const HTML: &str = "text/html; charset=utf-8";

/// The path of the page for what is not there; static hosts know it by this name too.
pub const MISSING: &str = "404.html";

/// The path of all stories.
pub const ALL: &str = "all";

/// The documents that depend on the configuration alone.
pub fn fixed<'s>(site: &Site, sources: impl Iterator<Item = &'s Arc<Source>>, began: Time) -> Vec<(String, Page)> {
    let style = Page::new(html::STYLE.as_bytes().to_vec(), "text/css; charset=utf-8", began);
    let style = Page { keep: Keep::ForEver, ..style };
    let icon = Page::new(html::ICON.as_bytes().to_vec(), "image/svg+xml", began);
    let robots = Page::new(sitemap::robots(site).into_bytes(), "text/plain; charset=utf-8", began);
    let opml = Page::new(opml::render(site, sources).into_bytes(), "text/x-opml; charset=utf-8", began);
    let missing = Page::new(missing::render(site).into_bytes(), HTML, began);
    vec![
        (MISSING.to_owned(), missing),
        (html::style_path(), style),
        (html::ICON_PATH.to_owned(), icon),
        ("robots.txt".to_owned(), robots),
        ("sources.opml".to_owned(), opml),
    ]
}

/// The others who carry a story, each name once.
fn others(story: &Story) -> Vec<&Member> {
    let mut others: Vec<&Member> = Vec::new();
    for member in story.members.iter().skip(1) {
        let is_named = |known: &Member| known.publisher.name == member.publisher.name;
        if !story.lead().is_some_and(is_named) && !others.iter().any(|known| is_named(known)) {
            others.push(member);
        }
    }
    others
}

/// The same as readers are told: "Cũng đăng tại: Báo A, Báo B."
fn also_in(story: &Story) -> Option<String> {
    let names: Vec<&str> = others(story).into_iter().map(|m| m.publisher.name.as_str()).collect();
    (!names.is_empty()).then(|| format!("Cũng đăng tại: {}.", names.join(", ")))
}

/// The teaser, and who else carries the story. An entry must say something (the validator's `MissingTextualContent`, `MissingDescription`):
/// where nobody wrote a teaser, who published it.
fn teaser(story: &Story, lead: &Member) -> String {
    let own = if lead.item.summary.is_empty() { &lead.publisher.name } else { &lead.item.summary };
    match also_in(story) {
        Some(also) => format!("{own}\n{also}"),
        None => own.clone(),
    }
}

/// Where a story's entry leads: the article, or the body's site where the item has no address.
fn link_of(member: &Member) -> &Url {
    member.item.link.as_ref().unwrap_or(&member.publisher.site)
}

/// What a story is filed under.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Category {
    /// The last part of the scheme: topic, province, organ, level, reason.
    kind: &'static str,
    /// For programs.
    term: String,
    /// For people.
    label: String,
}

/// What an entry stands among, for programs and people: what its story is filed under, and why it is in its topics.
fn categories(channel: &Channel<'_>, story: &Story) -> Vec<Category> {
    let topics = story.topics();
    let mut all = filed(channel, story, &topics);
    all.extend(reasons(&topics));
    all
}

/// What a story is filed under: topics, provinces, organ, level.
fn filed(channel: &Channel<'_>, story: &Story, topics: &[(&Member, &Match)]) -> Vec<Category> {
    let mut all: Vec<Category> = Vec::new();
    let mut push = |kind, term: &str, label: &str| {
        if !all.iter().any(|known| known.kind == kind && known.term == term) {
            all.push(Category { kind, term: term.to_owned(), label: label.to_owned() });
        }
    };
    for (_, matched) in topics {
        let name = channel.topics.iter().find(|t| t.id == matched.topic).map_or(matched.topic.as_str(), |t| &t.vi);
        push("topic", &matched.topic, name);
    }
    for member in &story.members {
        if let Some(province) = member.publisher.province {
            push("province", province.id, province.name);
        }
    }
    if let Some(lead) = story.lead() {
        push("organ", lead.publisher.organ.as_str(), html::organ(lead.publisher.organ, Lang::Vi));
        push("level", lead.publisher.level.as_str(), html::level(lead.publisher.level, Lang::Vi));
    }
    all
}

/// The most reasons that are told of a topic: rules are many, and whoever reads is one.
const MOST_REASONS: usize = 20;
/// The most reasons of an entry that stand among its categories, where readers show them beside topics and places.
const MOST_FILED: usize = 5;
/// The longest quotation, in characters.
const MAX_QUOTED_CHARS: usize = 80;

/// Why a story is in its topics, as categories of their own scheme: the strongest reasons of each topic, in turns.
fn reasons(topics: &[(&Member, &Match)]) -> Vec<Category> {
    let by_topic: Vec<(&str, Vec<&Reason>)> =
        topics.iter().map(|(_, m)| (m.topic.as_str(), m.strongest(MOST_FILED))).collect();
    (0..MOST_FILED)
        .flat_map(|turn| by_topic.iter().filter_map(move |(topic, reasons)| Some((*topic, *reasons.get(turn)?))))
        .take(MOST_FILED)
        .map(|(topic, reason)| Category {
            kind: "reason",
            term: format!("{topic}/{}", quoted(&reason.rule)),
            label: format!(
                "{}: “{}” ({}, {})",
                quoted(&reason.rule),
                quoted(&reason.text),
                html::field(reason.field, Lang::Vi),
                points(told::signed(reason.weight), Lang::Vi),
            ),
        })
        .collect()
}

/// Words of a source or a rule, short enough to be quoted.
fn quoted(words: &str) -> String {
    text::line(words, MAX_QUOTED_CHARS)
}

/// Points with the decimal sign of a language.
fn points(points: String, lang: Lang) -> String {
    match lang {
        Lang::Vi => points.replace('.', ","),
        Lang::En => points,
    }
}

/// The value of an attribute of an extension element, which the Atom crate writes as it is (the RSS crate does not).
fn attribute(value: &str) -> String {
    value.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
