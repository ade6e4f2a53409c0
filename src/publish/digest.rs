//! A topic once a day: one entry with the headlines of each day that is over, for readers who want no more than that.

use askama::Template;
use atom_syndication::{Content, Entry, Feed, FixedDateTime, Generator, Link, Person, Text};
use chrono::NaiveDate;
use serde::Serialize;

use super::month::{Month, day_begins};
use super::{Format, Lang, Page, Site, html, page, rfc822, rfc3339};
use crate::schedule::Time;

/// The headlines of a day that an entry names; the page of the day has all.
pub const MOST_NAMED: usize = 200;

/// A topic, day by day.
pub struct Digest<'a> {
    /// The site.
    pub site: &'a Site,
    /// The topic's path.
    pub path: &'a str,
    /// Its name.
    pub title: &'a str,
    /// Days that are over and had stories, the newest first.
    pub days: Vec<Day>,
}

/// A day of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// Which, in Việt Nam.
    pub day: NaiveDate,
    /// When it was over and nothing could come into it any more: that is when its entry is published.
    pub over: Time,
    /// How many stories it had.
    pub count: u32,
    /// The newest of them, the newest first, at most [`MOST_NAMED`].
    pub headlines: Vec<Headline>,
}

/// A story in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headline {
    /// What it is called.
    pub title: String,
    /// Where it is to be read.
    pub link: String,
    /// Who publishes it.
    pub who: String,
}

#[derive(Template)]
#[template(path = "digest.html")]
struct Markup<'a> {
    headlines: &'a [Headline],
    more: u32,
    page: &'a str,
}

/// An entry in no format.
struct Told {
    id: String,
    url: String,
    title: String,
    html: String,
    at: Time,
}

impl Digest<'_> {
    /// It as a feed.
    pub fn feed(&self, format: Format) -> Page {
        let body = match format {
            Format::Atom => self.atom(),
            Format::Rss => self.rss(),
            Format::Json => self.json(),
        };
        let body = page::readable(body);
        let digest = crate::model::Digest::of(&[&body]);
        Page::feed(body.into(), &digest, format, &self.own_url(format), None)
    }

    fn own_url(&self, format: Format) -> String {
        self.site.url(&format!("{}/digest.{}", self.path, format.extension()))
    }

    fn page_url(&self) -> String {
        self.site.url(&format!("{}/", self.path))
    }

    fn updated(&self) -> Time {
        self.days.iter().map(|day| day.over).max().unwrap_or_else(|| self.site.began())
    }

    fn title(&self) -> String {
        format!("{}, mỗi ngày một lần · {}", self.title, self.site.title)
    }

    fn entries(&self) -> Vec<Told> {
        self.days.iter().map(|day| self.told(day)).collect()
    }

    fn told(&self, day: &Day) -> Told {
        let month = Month::of(day_begins(day.day)).slug();
        let number = day.day.format("%-d");
        let url = self.site.url(&format!("{}/{month}/#d{number}", self.path));
        let named = u32::try_from(day.headlines.len()).unwrap_or(u32::MAX);
        let more = day.count.saturating_sub(named);
        Told {
            id: format!("{}digest/{}/{}", self.site.tag, self.path, day.day.format("%Y-%m-%d")),
            title: format!("{}: {} tin", html::day(day.day, Lang::Vi), html::grouped(day.count, Lang::Vi)),
            html: Markup { headlines: &day.headlines, more, page: &url }.render().unwrap_or_default(),
            url,
            at: day.over,
        }
    }

    fn atom(&self) -> Vec<u8> {
        let date = |time: Time| -> FixedDateTime { time.fixed_offset() };
        let link = |rel: &str, href: String, media: &str| Link {
            href,
            rel: rel.to_owned(),
            mime_type: Some(media.to_owned()),
            ..Link::default()
        };
        let entries = self.entries().into_iter().map(|told| Entry {
            title: Text::plain(told.title),
            id: told.id,
            updated: date(told.at),
            published: Some(date(told.at)),
            links: vec![link("alternate", told.url, "text/html")],
            content: Some(Content {
                value: Some(told.html),
                content_type: Some("html".to_owned()),
                ..Content::default()
            }),
            ..Entry::default()
        });
        let feed = Feed {
            title: Text::plain(self.title()),
            id: format!("{}digest/{}", self.site.tag, self.path),
            updated: date(self.updated()),
            authors: vec![Person {
                name: self.site.title.clone(),
                uri: Some(self.site.base_url.to_string()),
                ..Person::default()
            }],
            generator: Some(Generator { value: "dongtin".to_owned(), ..Generator::default() }),
            links: vec![
                link("self", self.own_url(Format::Atom), Format::Atom.media()),
                link("alternate", self.page_url(), "text/html"),
            ],
            entries: entries.collect(),
            lang: Some("vi".to_owned()),
            ..Feed::default()
        };
        feed.write_to(Vec::new()).unwrap_or_default()
    }

    fn rss(&self) -> Vec<u8> {
        use rss::extension::atom::{AtomExtension, Link};
        use rss::{Channel, Guid, Item};
        let own = Link {
            href: self.own_url(Format::Rss),
            rel: "self".to_owned(),
            mime_type: Some(Format::Rss.media().to_owned()),
            ..Link::default()
        };
        let items = self.entries().into_iter().map(|told| Item {
            title: Some(told.title),
            link: Some(told.url),
            description: Some(told.html),
            guid: Some(Guid { value: told.id, permalink: false }),
            pub_date: Some(rfc822(told.at)),
            ..Item::default()
        });
        let channel = Channel {
            title: self.title(),
            link: self.page_url(),
            description: self.title(),
            language: Some("vi".to_owned()),
            last_build_date: Some(rfc822(self.updated())),
            generator: Some("dongtin".to_owned()),
            atom_ext: Some(AtomExtension { links: vec![own] }),
            namespaces: [("atom".to_owned(), "http://www.w3.org/2005/Atom".to_owned())].into(),
            items: items.collect(),
            ..Channel::default()
        };
        channel.write_to(Vec::new()).unwrap_or_default()
    }

    fn json(&self) -> Vec<u8> {
        let feed = Json {
            version: "https://jsonfeed.org/version/1.1",
            title: self.title(),
            home_page_url: self.page_url(),
            feed_url: self.own_url(Format::Json),
            language: "vi",
            authors: [Author { name: &self.site.title, url: self.site.base_url.as_str() }],
            items: self
                .entries()
                .into_iter()
                .map(|told| JsonItem {
                    id: told.id,
                    url: told.url,
                    title: told.title,
                    content_html: told.html,
                    date_published: rfc3339(told.at),
                    date_modified: rfc3339(told.at),
                })
                .collect(),
        };
        serde_json::to_vec(&feed).unwrap_or_default()
    }
}

#[derive(Serialize)]
struct Json<'a> {
    version: &'static str,
    title: String,
    home_page_url: String,
    feed_url: String,
    language: &'static str,
    authors: [Author<'a>; 1],
    items: Vec<JsonItem>,
}

#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
    url: &'a str,
}

#[derive(Serialize)]
struct JsonItem {
    id: String,
    url: String,
    title: String,
    content_html: String,
    date_published: String,
    date_modified: String,
}
