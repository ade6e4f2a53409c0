//! Atom 1.0, RFC 4287.

use std::collections::BTreeMap;

use atom_syndication::extension::{Extension, ExtensionMap};
use atom_syndication::{Category, Content, Entry, Feed, Generator, Link, Person, Source, Text};
use bytes::Bytes;
use chrono::SubsecRound;
use url::Url;

use super::entry::{ENTRY_BYTES, Frame, element};
use super::{Channel, Format, Past, attribute, categories, dates, link_of, rfc3339, teaser};
use crate::model::{Publisher, Story};
use crate::schedule::Time;

/// What begins and ends an entry; nothing else in a feed is called so.
const ENTRY: (&str, &str) = ("<entry>", "</entry>");

/// What stands around the entries of the channel.
pub fn frame(channel: &Channel<'_>, updated: Time) -> Frame {
    Frame::around(write(&feed(channel, updated, vec![Entry::default()])), ENTRY, b"")
}

/// A story as it stands in the channel.
pub fn entry(channel: &Channel<'_>, story: &Story) -> Option<Bytes> {
    let entries = vec![of_story(channel, story)?];
    Some(element(write(&Feed { entries, ..Feed::default() }), ENTRY))
}

/// Writing to memory cannot fail; an empty document would be seen by every test.
pub(super) fn write(feed: &Feed) -> Vec<u8> {
    feed.write_to(Vec::with_capacity(ENTRY_BYTES)).unwrap_or_default()
}

pub(super) fn feed(channel: &Channel<'_>, updated: Time, entries: Vec<Entry>) -> Feed {
    Feed {
        title: Text::plain(channel.full_title()),
        id: channel.id(),
        updated: updated.fixed_offset(),
        authors: vec![Person {
            name: channel.site.title.clone(),
            uri: Some(channel.site.base_url.to_string()),
            ..Person::default()
        }],
        generator: Some(Generator { value: "dongtin".to_owned(), ..Generator::default() }),
        links: links(channel),
        subtitle: (!channel.description.is_empty()).then(|| Text::plain(channel.description)),
        entries,
        lang: Some("vi".to_owned()),
        namespaces: namespaces(channel),
        extensions: extensions(channel),
        ..Feed::default()
    }
}

/// RFC 5005.
const HISTORY: &str = "http://purl.org/syndication/history/1.0";
/// RFC 6721.
const TOMBSTONES: &str = "http://purl.org/atompub/tombstones/1.0";
/// Media RSS, of which we use the thumbnail.
pub const MEDIA: &str = "http://search.yahoo.com/mrss/";

/// The W3C validator does not know tombstones (`UnknownNamespace`), so they are declared only where there are some.
fn namespaces(channel: &Channel<'_>) -> BTreeMap<String, String> {
    let tombstones = (!channel.withdrawn.is_empty()).then_some(("at", TOMBSTONES));
    let all = [("fh", HISTORY), ("media", MEDIA)].into_iter().chain(tombstones);
    all.map(|(prefix, uri)| (prefix.to_owned(), uri.to_owned())).collect()
}

fn links(channel: &Channel<'_>) -> Vec<Link> {
    let media = Format::Atom.media();
    let mut links = vec![
        link("self", channel.own_url(Format::Atom), Some(media)),
        link("alternate", channel.page_url(), Some("text/html")),
    ];
    links.extend(channel.hub().map(|hub| link("hub", hub.to_string(), None)));
    links.extend(channel.past_links(Format::Atom).into_iter().map(|(rel, href)| link(rel, href, Some(media))));
    links
}

/// That it is a part of the past, and what was taken back.
fn extensions(channel: &Channel<'_>) -> ExtensionMap {
    let mut extensions = ExtensionMap::new();
    if let Past::Archive { .. } = channel.past {
        let archive = Extension { name: "fh:archive".to_owned(), ..Extension::default() };
        extensions.insert("fh".to_owned(), [("archive".to_owned(), vec![archive])].into());
    }
    let deleted = channel.withdrawn.iter().map(|withdrawn| Extension {
        name: "at:deleted-entry".to_owned(),
        attrs: [("ref", channel.site.story_id(&withdrawn.uid)), ("when", rfc3339(withdrawn.at.trunc_subsecs(0)))]
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
        ..Extension::default()
    });
    if !channel.withdrawn.is_empty() {
        extensions.insert("at".to_owned(), [("deleted-entry".to_owned(), deleted.collect())].into());
    }
    extensions
}

/// The picture of a story, where it is: no feed carries it.
fn thumbnail(image: &Url) -> ExtensionMap {
    let thumbnail = Extension {
        name: "media:thumbnail".to_owned(),
        attrs: [("url".to_owned(), attribute(image.as_str()))].into(),
        ..Extension::default()
    };
    [("media".to_owned(), [("thumbnail".to_owned(), vec![thumbnail])].into())].into()
}

pub(super) fn of_story(channel: &Channel<'_>, story: &Story) -> Option<Entry> {
    let lead = story.lead()?;
    let mut links = vec![link("alternate", link_of(lead).to_string(), Some("text/html"))];
    links.extend(story.members.iter().skip(1).filter_map(|member| {
        let other = link_of(member);
        (other != link_of(lead)).then(|| Link {
            title: Some(member.publisher.name.clone()),
            ..link("related", other.to_string(), Some("text/html"))
        })
    }));
    links.extend(lead.item.enclosures.iter().map(|file| Link {
        length: file.length.map(|length| length.to_string()),
        ..link("enclosure", file.url.to_string(), file.media_type.as_deref())
    }));
    let content = lead.item.html.as_ref().map(|html| Content {
        value: Some(html.as_str().to_owned()),
        content_type: Some("html".to_owned()),
        base: lead.item.link.as_ref().map(ToString::to_string),
        ..Content::default()
    });
    let updated = dates::updated(story);
    Some(Entry {
        title: Text::plain(lead.item.title.clone()),
        id: channel.site.story_id(&story.uid),
        updated: updated.fixed_offset(),
        authors: vec![Person {
            name: author(lead.item.author.as_deref(), &lead.publisher),
            uri: Some(lead.publisher.site.to_string()),
            ..Person::default()
        }],
        categories: categories(channel, story)
            .into_iter()
            .map(|c| Category { term: c.term, scheme: Some(channel.site.scheme(c.kind)), label: Some(c.label) })
            .collect(),
        links,
        published: Some(dates::published(story, lead).fixed_offset()),
        source: Some(source(&lead.publisher, updated)),
        summary: Some(Text::plain(teaser(story, lead))),
        content,
        extensions: lead.item.image.as_ref().map(thumbnail).unwrap_or_default(),
        ..Entry::default()
    })
}

/// Where the lead was found (RFC 4287 section 4.2.11).
fn source(publisher: &Publisher, updated: Time) -> Source {
    Source {
        title: Text::plain(publisher.name.clone()),
        id: publisher.feed.to_string(),
        updated: updated.fixed_offset(),
        links: vec![
            link("self", publisher.feed.to_string(), None),
            link("alternate", publisher.site.to_string(), Some("text/html")),
        ],
        ..Source::default()
    }
}

/// Readers show the author under the headline: it must name the paper.
fn author(author: Option<&str>, publisher: &Publisher) -> String {
    match author {
        Some(author) if author != publisher.name => format!("{author}, {}", publisher.name),
        _ => publisher.name.clone(),
    }
}

fn link(rel: &str, href: String, media_type: Option<&str>) -> Link {
    Link { href, rel: rel.to_owned(), mime_type: media_type.map(str::to_owned), ..Link::default() }
}
