//! Atom 1.0, RFC 4287.

use atom_syndication::{Category, Content, Entry, Feed, FixedDateTime, Generator, Link, Person, Source, Text};

use super::{Channel, categories, link_of, reasons, teaser};
use crate::model::{Publisher, Story};
use crate::schedule::Time;

/// The channel as an Atom feed.
pub fn render(channel: &Channel<'_>) -> Vec<u8> {
    let feed = Feed {
        title: Text::plain(channel.full_title()),
        id: format!("{}feed/{}", channel.site.tag, channel.path),
        updated: date(channel.updated()),
        authors: vec![Person {
            name: channel.site.title.clone(),
            uri: Some(channel.site.base_url.to_string()),
            ..Person::default()
        }],
        generator: Some(Generator { value: "dongtin".to_owned(), ..Generator::default() }),
        links: vec![
            link("self", channel.feed_url("feed.atom"), Some("application/atom+xml")),
            link("alternate", channel.page_url(), Some("text/html")),
        ],
        subtitle: (!channel.description.is_empty()).then(|| Text::plain(channel.description)),
        entries: channel.stories.iter().filter_map(|story| entry(channel, story)).collect(),
        lang: Some("vi".to_owned()),
        ..Feed::default()
    };
    // Writing to memory cannot fail; an empty document would be seen by every test.
    feed.write_to(Vec::new()).unwrap_or_default()
}

fn entry(channel: &Channel<'_>, story: &Story) -> Option<Entry> {
    let lead = story.lead()?;
    let mut links = vec![link("alternate", link_of(lead).to_string(), Some("text/html"))];
    links.extend(story.members.iter().skip(1).filter_map(|member| {
        let other = link_of(member);
        (other != link_of(lead)).then(|| Link {
            title: Some(member.publisher.name.clone()),
            ..link("related", other.to_string(), Some("text/html"))
        })
    }));
    let content = lead.item.html.as_ref().map(|html| Content {
        value: Some(html.as_str().to_owned()),
        content_type: Some("html".to_owned()),
        base: lead.item.link.as_ref().map(ToString::to_string),
        ..Content::default()
    });
    let teaser = teaser(story, lead);
    Some(Entry {
        title: Text::plain(lead.item.title.clone()),
        id: channel.site.story_id(story),
        updated: date(story.updated),
        authors: vec![Person {
            name: author(lead.item.author.as_deref(), &lead.publisher),
            uri: Some(lead.publisher.site.to_string()),
            ..Person::default()
        }],
        categories: categories(channel, story)
            .into_iter()
            .chain(reasons(story))
            .map(|c| Category { term: c.term, scheme: Some(channel.site.scheme(c.kind)), label: Some(c.label) })
            .collect(),
        links,
        published: Some(date(lead.published().min(story.updated))),
        source: Some(source(&lead.publisher, story.updated)),
        // An entry must say something (the validator's MissingTextualContent): at least who published it.
        summary: Some(Text::plain(if teaser.is_empty() { lead.publisher.name.clone() } else { teaser })),
        content,
        ..Entry::default()
    })
}

/// Where the lead was found (RFC 4287 section 4.2.11).
fn source(publisher: &Publisher, updated: Time) -> Source {
    Source {
        title: Text::plain(publisher.name.clone()),
        id: publisher.feed.to_string(),
        updated: date(updated),
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

fn date(time: Time) -> FixedDateTime {
    use chrono::SubsecRound;
    time.trunc_subsecs(0).fixed_offset()
}
