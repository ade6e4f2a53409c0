//! RSS 2.0.

use std::collections::BTreeMap;

use rss::extension::atom::{AtomExtension, Link};
use rss::extension::dublincore::DublinCoreExtension;
use rss::extension::{Extension, ExtensionMap};
use rss::{Category, Channel as Rss, Enclosure, Guid, Item, Source};

use bytes::Bytes;
use url::Url;

use super::atom::MEDIA;
use super::entry::{ENTRY_BYTES, Frame, element};
use super::{Channel, Format, categories, dates, link_of, rfc822, teaser};
use crate::model::Story;
use crate::schedule::Time;

/// Minutes between two looks of a reader. Sources are polled every 20 to 30, so looking more often brings little;
/// `Cache-Control` is shorter because it speaks to caches in between.
const TTL: &str = "15";

/// What begins and ends an item; nothing else in a feed is called so.
const ITEM: (&str, &str) = ("<item>", "</item>");

/// What stands around the items of the channel.
pub fn frame(channel: &Channel<'_>, updated: Time) -> Frame {
    Frame::around(write(&feed(channel, updated, vec![Item::default()])), ITEM, b"")
}

/// A story as it stands in the channel.
pub fn entry(channel: &Channel<'_>, story: &Story) -> Option<Bytes> {
    let items = vec![item(channel, story)?];
    Some(element(write(&Rss { items, ..Rss::default() }), ITEM))
}

/// Writing to memory cannot fail; an empty document would be seen by every test.
pub(super) fn write(rss: &Rss) -> Vec<u8> {
    rss.write_to(Vec::with_capacity(ENTRY_BYTES)).unwrap_or_default()
}

pub(super) fn feed(channel: &Channel<'_>, updated: Time, items: Vec<Item>) -> Rss {
    let link = |(rel, href): (&str, String)| Link {
        href,
        rel: rel.to_owned(),
        mime_type: (rel != "hub").then(|| Format::Rss.media().to_owned()),
        ..Link::default()
    };
    let hub = channel.hub().map(|hub| ("hub", hub.to_string()));
    let own = ("self", channel.own_url(Format::Rss));
    // Archives are in Atom: a relation of another format would mislead.
    let past = channel.past_links(Format::Rss).into_iter().filter(|(rel, _)| *rel != "prev-archive");
    let links = [own].into_iter().chain(hub).chain(past).map(link).collect();
    let namespaces: BTreeMap<String, String> = [
        ("atom", "http://www.w3.org/2005/Atom"),
        ("dc", "http://purl.org/dc/elements/1.1/"),
        ("content", "http://purl.org/rss/1.0/modules/content/"),
        ("media", MEDIA),
    ]
    .into_iter()
    .map(|(prefix, uri)| (prefix.to_owned(), uri.to_owned()))
    .collect();
    Rss {
        title: channel.full_title(),
        link: channel.page_url(),
        description: if channel.description.is_empty() {
            channel.title.to_owned()
        } else {
            channel.description.to_owned()
        },
        language: Some("vi".to_owned()),
        last_build_date: Some(rfc822(updated)),
        generator: Some("dongtin".to_owned()),
        ttl: Some(TTL.to_owned()),
        atom_ext: Some(AtomExtension { links }),
        namespaces,
        items,
        ..Rss::default()
    }
}

pub(super) fn item(channel: &Channel<'_>, story: &Story) -> Option<Item> {
    let lead = story.lead()?;
    let mut creators = vec![lead.publisher.name.clone()];
    creators.extend(lead.item.author.clone().filter(|author| *author != lead.publisher.name));
    Some(Item {
        title: Some(lead.item.title.clone()),
        link: Some(link_of(lead).to_string()),
        description: Some(as_html(&teaser(story, lead))),
        categories: categories(channel, story)
            .into_iter()
            .map(|c| Category { name: c.label, domain: Some(channel.site.scheme(c.kind)) })
            .collect(),
        guid: Some(Guid { value: channel.site.story_id(&story.uid), permalink: false }),
        pub_date: Some(rfc822(dates::published(story, lead))),
        source: Some(Source { url: lead.publisher.feed.to_string(), title: Some(lead.publisher.name.clone()) }),
        // One, as most readers expect and the validator asks; its length is 0 where nobody knows it (the validator's UseZeroForUnknown).
        enclosure: lead.item.enclosures.first().map(|file| Enclosure {
            url: file.url.to_string(),
            length: file.length.unwrap_or_default().to_string(),
            mime_type: file.media().to_owned(),
        }),
        content: lead.item.html.as_ref().map(|html| html.as_str().to_owned()),
        extensions: lead.item.image.as_ref().map(thumbnail).unwrap_or_default(),
        dublin_core_ext: Some(DublinCoreExtension { creators, ..DublinCoreExtension::default() }),
        ..Item::default()
    })
}

/// The picture of a story, where it is: no feed carries it.
fn thumbnail(image: &Url) -> ExtensionMap {
    let thumbnail = Extension {
        name: "media:thumbnail".to_owned(),
        attrs: [("url".to_owned(), image.to_string())].into(),
        ..Extension::default()
    };
    [("media".to_owned(), [("thumbnail".to_owned(), vec![thumbnail])].into())].into()
}

/// A description is HTML to every reader, whatever the specification left open: text goes in escaped, lines as breaks.
fn as_html(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    escaped.lines().collect::<Vec<_>>().join("<br>")
}
