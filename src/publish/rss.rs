//! RSS 2.0.

use std::collections::BTreeMap;

use rss::extension::atom::{AtomExtension, Link};
use rss::extension::dublincore::DublinCoreExtension;
use rss::{Category, Channel as Rss, Guid, Item, Source};

use super::{Channel, categories, link_of, reasons, rfc822, teaser};
use crate::model::Story;

/// Minutes between two looks of a reader. Sources are polled every 20 to 30, so looking more often brings little;
/// `Cache-Control` is shorter because it speaks to caches in between.
const TTL: &str = "15";

/// The channel as an RSS feed.
pub fn render(channel: &Channel<'_>) -> Vec<u8> {
    let self_link = Link {
        href: channel.feed_url("feed.rss"),
        rel: "self".to_owned(),
        mime_type: Some("application/rss+xml".to_owned()),
        ..Link::default()
    };
    let hub =
        channel.site.hub.iter().map(|hub| Link { href: hub.to_string(), rel: "hub".to_owned(), ..Link::default() });
    let namespaces: BTreeMap<String, String> = [
        ("atom", "http://www.w3.org/2005/Atom"),
        ("dc", "http://purl.org/dc/elements/1.1/"),
        ("content", "http://purl.org/rss/1.0/modules/content/"),
    ]
    .into_iter()
    .map(|(prefix, uri)| (prefix.to_owned(), uri.to_owned()))
    .collect();
    let rss = Rss {
        title: channel.full_title(),
        link: channel.page_url(),
        description: if channel.description.is_empty() {
            channel.title.to_owned()
        } else {
            channel.description.to_owned()
        },
        language: Some("vi".to_owned()),
        last_build_date: Some(rfc822(channel.updated())),
        generator: Some("dongtin".to_owned()),
        ttl: Some(TTL.to_owned()),
        atom_ext: Some(AtomExtension { links: std::iter::once(self_link).chain(hub).collect() }),
        namespaces,
        items: channel.stories.iter().filter_map(|story| item(channel, story)).collect(),
        ..Rss::default()
    };
    rss.write_to(Vec::new()).unwrap_or_default()
}

fn item(channel: &Channel<'_>, story: &Story) -> Option<Item> {
    let lead = story.lead()?;
    let mut creators = vec![lead.publisher.name.clone()];
    creators.extend(lead.item.author.clone().filter(|author| *author != lead.publisher.name));
    Some(Item {
        title: Some(lead.item.title.clone()),
        link: Some(link_of(lead).to_string()),
        description: Some(as_html(&teaser(story, lead))),
        categories: categories(channel, story)
            .into_iter()
            .chain(reasons(story))
            .map(|c| Category { name: c.label, domain: Some(channel.site.scheme(c.kind)) })
            .collect(),
        guid: Some(Guid { value: channel.site.story_id(story), permalink: false }),
        pub_date: Some(rfc822(lead.published())),
        source: Some(Source { url: lead.publisher.feed.to_string(), title: Some(lead.publisher.name.clone()) }),
        content: lead.item.html.as_ref().map(|html| html.as_str().to_owned()),
        dublin_core_ext: Some(DublinCoreExtension { creators, ..DublinCoreExtension::default() }),
        ..Item::default()
    })
}

/// A description is HTML to every reader, whatever the specification left open: text goes in escaped, lines as breaks.
fn as_html(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    escaped.lines().collect::<Vec<_>>().join("<br>")
}
