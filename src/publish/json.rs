//! JSON Feed 1.1.

use bytes::Bytes;
use serde::Serialize;

use super::entry::Frame;
use super::{Channel, Format, MOST_REASONS, dates, filed, link_of, others, rfc3339, teaser};
use crate::model::{Member, Story};

#[derive(Serialize)]
struct Feed<'a> {
    version: &'static str,
    title: String,
    home_page_url: String,
    feed_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_url: Option<String>,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    language: &'static str,
    authors: [Author<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    hubs: Option<[Hub<'a>; 1]>,
    items: [(); 0],
}

#[derive(Serialize)]
struct Hub<'a> {
    r#type: &'static str,
    url: &'a str,
}

#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
    url: &'a str,
}

#[derive(Serialize)]
struct Item<'a> {
    id: String,
    url: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_html: Option<&'a str>,
    content_text: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    summary: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    date_published: String,
    date_modified: String,
    authors: Vec<Author<'a>>,
    tags: Vec<String>,
    language: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attachment<'a>>,
    /// What readers of our own kind may use; others ignore keys that begin with `_`.
    _dongtin: Extension<'a>,
}

#[derive(Serialize)]
struct Attachment<'a> {
    url: &'a str,
    mime_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_in_bytes: Option<u64>,
}

#[derive(Serialize)]
struct Extension<'a> {
    about: &'static str,
    carriers: Vec<Carrier<'a>>,
    topics: Vec<TopicOf<'a>>,
}

#[derive(Serialize)]
struct Carrier<'a> {
    source: &'a str,
    name: &'a str,
    url: &'a str,
    published: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<BecauseOf>,
}

/// Why it belongs to the story.
#[derive(Serialize)]
struct BecauseOf {
    kind: &'static str,
    similarity: f64,
}

#[derive(Serialize)]
struct TopicOf<'a> {
    id: &'a str,
    score: f64,
    threshold: f64,
    reasons: Vec<ReasonOf<'a>>,
}

#[derive(Serialize)]
struct ReasonOf<'a> {
    rule: &'a str,
    text: &'a str,
    field: &'static str,
    weight: f64,
}

/// A story as it stands in the channel.
pub fn entry(channel: &Channel<'_>, story: &Story) -> Option<Bytes> {
    serde_json::to_vec(&item(channel, story)?).ok().map(Bytes::from)
}

/// What stands around the items of the channel.
pub fn frame(channel: &Channel<'_>) -> Frame {
    let feed = Feed {
        version: "https://jsonfeed.org/version/1.1",
        title: channel.full_title(),
        home_page_url: channel.page_url(),
        feed_url: channel.own_url(Format::Json),
        next_url: channel.past_links(Format::Json).into_iter().find(|(rel, _)| *rel == "next").map(|(_, url)| url),
        description: channel.description,
        language: "vi",
        authors: [Author { name: &channel.site.title, url: channel.site.base_url.as_str() }],
        hubs: channel.hub().map(|hub| [Hub { r#type: "WebSub", url: hub.as_str() }]),
        items: [],
    };
    Frame::behind(serde_json::to_vec(&feed).unwrap_or_default(), "\"items\":[", b",")
}

/// Everybody whom a reader shows under the headline: who wrote it, as the other formats say it too, and everyone who carries it.
fn authors<'a>(story: &'a Story, lead: &'a Member) -> Vec<Author<'a>> {
    let written = lead.item.author.as_deref().filter(|author| *author != lead.publisher.name);
    let written = written.map(|name| Author { name, url: lead.publisher.site.as_str() });
    let carriers = [lead].into_iter().chain(others(story));
    let carriers = carriers.map(|m| Author { name: &m.publisher.name, url: m.publisher.site.as_str() });
    written.into_iter().chain(carriers).collect()
}

fn item<'a>(channel: &Channel<'_>, story: &'a Story) -> Option<Item<'a>> {
    let lead = story.lead()?;
    let topics = story.topics();
    Some(Item {
        id: channel.site.story_id(&story.uid),
        url: link_of(lead).as_str(),
        title: &lead.item.title,
        content_html: lead.item.html.as_ref().map(|h| h.as_str()),
        content_text: teaser(story, lead),
        summary: &lead.item.summary,
        image: lead.item.image.as_ref().map(url::Url::as_str),
        date_published: rfc3339(dates::published(story, lead)),
        date_modified: rfc3339(dates::updated(story)),
        authors: authors(story, lead),
        tags: filed(channel, story, &topics).into_iter().map(|category| category.label).collect(),
        language: "vi",
        attachments: lead
            .item
            .enclosures
            .iter()
            .map(|file| Attachment { url: file.url.as_str(), mime_type: file.media(), size_in_bytes: file.length })
            .collect(),
        _dongtin: Extension {
            about: "https://jsonfeed.org/version/1.1#extensions",
            carriers: story
                .members
                .iter()
                .map(|m| Carrier {
                    source: &m.publisher.id,
                    name: &m.publisher.name,
                    url: link_of(m).as_str(),
                    published: rfc3339(dates::published(story, m)),
                    because: m
                        .joined
                        .as_ref()
                        .map(|(why, _)| BecauseOf { kind: why.kind.as_str(), similarity: why.similarity }),
                })
                .collect(),
            topics: topics
                .into_iter()
                .map(|(_, m)| TopicOf {
                    id: &m.topic,
                    score: m.score,
                    threshold: m.threshold,
                    reasons: m
                        .weightiest(MOST_REASONS)
                        .into_iter()
                        .map(|r| ReasonOf { rule: &r.rule, text: &r.text, field: r.field.as_str(), weight: r.weight })
                        .collect(),
                })
                .collect(),
        },
    })
}
