//! What the addresses of the site mean, and how each is written. A document has one address; everything else leads there or is nothing.

use url::form_urlencoded;

use super::{ALL, Format, Month};
use crate::model::{Level, Organ, Province, province};
use crate::text;

/// The longest question, in characters: what the field of a page takes. Of a longer one the beginning is looked for.
const MOST_ASKED: usize = 256;
/// The last page of a long list: behind it, months are the way.
pub const LAST_PAGE: u32 = 100;
/// Topics whose stories one feed may merge.
const MOST_TOPICS: usize = 12;

/// A document that is made when somebody asks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// The front page.
    Front,
    /// The page of the story with this public name.
    Story(String),
    /// The stories of topics from some sources.
    Facet {
        /// Which topics; [`ALL`] alone is all stories.
        topics: Vec<String>,
        /// From whom.
        facet: Option<Facet>,
        /// In what shape.
        shape: Shape,
        /// Which page of the list, from 1.
        number: u32,
    },
    /// What a question finds.
    Search {
        /// As it was asked.
        question: String,
        /// In what shape.
        shape: Shape,
        /// Which page of the list, from 1.
        number: u32,
    },
    /// One entry a day of a topic.
    Digest {
        /// Which topic, or [`ALL`].
        topic: String,
        /// In what format.
        format: Format,
    },
    /// A part of a topic's past (RFC 5005 section 4).
    Archive {
        /// Which topic, or [`ALL`].
        topic: String,
        /// Which month.
        month: Month,
        /// Which full part before the last one, from 1; nothing for the last.
        part: Option<u32>,
    },
    /// The page of a month of a topic.
    Month {
        /// Which topic, or [`ALL`].
        topic: String,
        /// Which month.
        month: Month,
    },
    /// The page of sources and their health.
    Sources,
    /// The addresses of all pages, for search engines.
    Sitemap,
}

/// What there may be at an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A document, if there is anything to put into it.
    Of(Wanted),
    /// The same without the `/` at its end: the address of what is wanted, relative to this one.
    Moved(String, Wanted),
    /// Nothing, whatever is stored.
    Nothing,
}

/// A list of stories in a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A page for people.
    Page,
    /// A feed.
    Feed(Format),
}

impl Shape {
    fn file(self) -> &'static str {
        match self {
            Shape::Page => "",
            Shape::Feed(format) => format.file(),
        }
    }
}

/// From whom stories are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Facet {
    /// Bodies of a province, by its place among [`province::ALL`].
    Province(usize),
    /// Bodies of a kind.
    Organ(Organ),
    /// Bodies of a reach.
    Level(Level),
}

impl Facet {
    /// All there are: provinces, organs, levels.
    pub fn all() -> impl Iterator<Item = Facet> {
        let organs = [Organ::Party, Organ::Government, Organ::Press, Organ::Broadcaster];
        let levels = [Level::Central, Level::Province, Level::Commune];
        let provinces = (0..province::ALL.len()).map(Facet::Province);
        provinces.chain(organs.map(Facet::Organ)).chain(levels.map(Facet::Level))
    }

    /// Its part of an address.
    pub fn slug(self) -> &'static str {
        match self {
            Facet::Province(_) => self.province().map_or("", |province| province.id),
            Facet::Organ(organ) => organ.as_str(),
            Facet::Level(level) => level.as_str(),
        }
    }

    /// The province that it is.
    pub fn province(self) -> Option<&'static Province> {
        match self {
            Facet::Province(index) => province::ALL.get(index),
            Facet::Organ(_) | Facet::Level(_) => None,
        }
    }

    fn parse(slug: &str) -> Option<Facet> {
        Facet::all().find(|facet| facet.slug() == slug)
    }
}

impl Address {
    /// What a path without its leading `/` and a query say. Only searching looks at the query.
    pub fn parse(path: &str, query: Option<&str>) -> Address {
        let wanted = match path {
            "" => Some(Wanted::Front),
            "sources" => Some(Wanted::Sources),
            "sitemap.xml" => Some(Wanted::Sitemap),
            "search" => search(Shape::Page, query),
            _ => None,
        };
        if let Some(wanted) = wanted {
            return Address::Of(wanted);
        }
        let segments: Vec<&str> = path.split('/').collect();
        let wanted = match *segments.as_slice() {
            ["story", uid] => is_uid(uid).then(|| Wanted::Story(uid.to_owned())),
            ["search", file] => feed(file).and_then(|format| search(Shape::Feed(format), query)),
            [topic, "archive", file] => archive(topic, file),
            [topic, file] if file.starts_with("digest.") => {
                let format =
                    Format::ALL.into_iter().find(|format| file.strip_prefix("digest.") == Some(format.extension()));
                format.filter(|_| is_slug(topic)).map(|format| Wanted::Digest { topic: topic.to_owned(), format })
            }
            [topics, file] => shape(file).and_then(|shape| facet(topics, None, shape, 1)),
            [topic, month, ""] if Month::parse(month).is_some() => Month::parse(month)
                .filter(|_| is_slug(topic))
                .map(|month| Wanted::Month { topic: topic.to_owned(), month }),
            [topics, "page", number, file] => {
                shape(file).and_then(|shape| facet(topics, None, shape, further(number)?))
            }
            [topics, slug, file] => shape(file).and_then(|shape| facet(topics, Some(slug), shape, 1)),
            [topics, slug, "page", number, file] => {
                shape(file).and_then(|shape| facet(topics, Some(slug), shape, further(number)?))
            }
            _ => None,
        };
        match (wanted, segments.last()) {
            (Some(wanted), _) => Address::Of(wanted),
            (None, Some(last)) if !last.is_empty() => match Address::parse(&format!("{path}/"), None) {
                Address::Of(wanted) => Address::Moved(format!("{last}/"), wanted),
                _ => Address::Nothing,
            },
            _ => Address::Nothing,
        }
    }
}

fn search(shape: Shape, query: Option<&str>) -> Option<Wanted> {
    let query = query.unwrap_or_default();
    let value =
        |name: &str| form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value);
    let number = value("page").and_then(|number| further(&number)).unwrap_or(1);
    // It stands in feeds and titles, where not every character may stand.
    let question = text::line(&value("q").unwrap_or_default(), usize::MAX).chars().take(MOST_ASKED).collect();
    Some(Wanted::Search { question, shape, number })
}

fn archive(topic: &str, file: &str) -> Option<Wanted> {
    let name = file.strip_suffix(".atom")?;
    let (month, part) = match name.split_at_checked(7)? {
        (month, "") => (month, None),
        (month, rest) => (month, Some(counted(rest.strip_prefix('-')?)?)),
    };
    let month = Month::parse(month).filter(|_| is_slug(topic))?;
    Some(Wanted::Archive { topic: topic.to_owned(), month, part })
}

/// Topics in the order of the alphabet, each once, so that a merged feed has one address.
fn facet(topics: &str, slug: Option<&str>, shape: Shape, number: u32) -> Option<Wanted> {
    let topics: Vec<String> = topics.split('+').map(str::to_owned).collect();
    let in_order = topics.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
    let is_all = |topic: &String| topic == ALL;
    let fine = in_order && topics.len() <= MOST_TOPICS && topics.iter().all(|topic| is_slug(topic));
    let facet = slug.map(|slug| Facet::parse(slug).ok_or(())).transpose().ok()?;
    (fine && (topics.len() == 1 || !topics.iter().any(is_all))).then_some(Wanted::Facet {
        topics,
        facet,
        shape,
        number,
    })
}

fn shape(file: &str) -> Option<Shape> {
    if file.is_empty() { Some(Shape::Page) } else { feed(file).map(Shape::Feed) }
}

fn feed(file: &str) -> Option<Format> {
    Format::ALL.into_iter().find(|format| format.file() == file)
}

/// The number of a page behind the first.
fn further(number: &str) -> Option<u32> {
    counted(number).filter(|number| (2..=LAST_PAGE).contains(number))
}

/// A number from 1 in its one way of being written.
fn counted(number: &str) -> Option<u32> {
    let fine = number.len() <= 5 && !number.starts_with('0') && number.bytes().all(|b| b.is_ascii_digit());
    number.parse().ok().filter(|_| fine)
}

fn is_slug(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 100
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_uid(text: &str) -> bool {
    text.len() == 20 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

impl Wanted {
    /// Its one address below the root.
    pub fn path(&self) -> String {
        match self {
            Wanted::Front => String::new(),
            Wanted::Story(uid) => format!("story/{uid}"),
            Wanted::Facet { topics, facet, shape, number } => {
                let facet = facet.map(|facet| format!("/{}", facet.slug())).unwrap_or_default();
                page_path(&format!("{}{facet}", topics.join("+")), *number, shape.file())
            }
            Wanted::Search { question, shape, number } => {
                let folder = if *shape == Shape::Page { "search" } else { "search/" };
                format!("{folder}{}{}", shape.file(), search_query(question, *number))
            }
            Wanted::Digest { topic, format } => format!("{topic}/digest.{}", format.extension()),
            Wanted::Archive { topic, month, part } => archive_path(topic, *month, *part),
            Wanted::Month { topic, month } => format!("{topic}/{}/", month.slug()),
            Wanted::Sources => "sources".to_owned(),
            Wanted::Sitemap => "sitemap.xml".to_owned(),
        }
    }

    /// The same of topics that have other names now; where two of them became one, that once.
    pub fn renamed(&self, now: impl Fn(&str) -> Option<String>) -> Wanted {
        let mut wanted = self.clone();
        match &mut wanted {
            Wanted::Facet { topics, .. } => {
                for topic in topics.iter_mut() {
                    *topic = now(topic).unwrap_or_else(|| topic.clone());
                }
                topics.sort();
                topics.dedup();
            }
            Wanted::Digest { topic, .. } | Wanted::Archive { topic, .. } | Wanted::Month { topic, .. } => {
                *topic = now(topic).unwrap_or_else(|| topic.clone());
            }
            Wanted::Front | Wanted::Story(_) | Wanted::Search { .. } | Wanted::Sources | Wanted::Sitemap => {}
        }
        wanted
    }

    /// Whether it is a page, which there is in each language; a feed is in one.
    pub fn is_page(&self) -> bool {
        match self {
            Wanted::Facet { shape, .. } | Wanted::Search { shape, .. } => *shape == Shape::Page,
            Wanted::Front | Wanted::Story(_) | Wanted::Month { .. } | Wanted::Sources => true,
            Wanted::Digest { .. } | Wanted::Archive { .. } | Wanted::Sitemap => false,
        }
    }

    /// Whether it says another thing when a day or a month is over, without anything else having happened; or follows the health of sources, as
    /// the page of all stories of a province does.
    pub fn follows_time(&self) -> bool {
        match self {
            Wanted::Digest { .. } | Wanted::Archive { .. } | Wanted::Sources => true,
            Wanted::Facet { topics, facet: Some(Facet::Province(_)), shape: Shape::Page, .. } => *topics == [ALL],
            _ => false,
        }
    }

    /// The topics that it is made of; none where it is made of all stories, or of one.
    pub fn topics(&self) -> impl Iterator<Item = &str> {
        let topics = match self {
            Wanted::Facet { topics, .. } => topics.as_slice(),
            Wanted::Digest { topic, .. } | Wanted::Archive { topic, .. } | Wanted::Month { topic, .. } => {
                std::slice::from_ref(topic)
            }
            Wanted::Front | Wanted::Story(_) | Wanted::Search { .. } | Wanted::Sources | Wanted::Sitemap => &[],
        };
        topics.iter().map(String::as_str)
    }
}

/// The path of a page of a list: its file in the list's own folder, or in one by the number of the page.
pub fn page_path(list: &str, number: u32, file: &str) -> String {
    if number > 1 { format!("{list}/page/{number}/{file}") } else { format!("{list}/{file}") }
}

/// What stands behind the file's name in the address of a page of a search.
pub fn search_query(question: &str, number: u32) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("q", question);
    if number > 1 {
        query.append_pair("page", &number.to_string());
    }
    format!("?{}", query.finish())
}

/// The path of a document of the past: the last part of a month, or a full one before it.
pub fn archive_path(list: &str, month: Month, part: Option<u32>) -> String {
    let month = month.slug();
    part.map_or_else(|| format!("{list}/archive/{month}.atom"), |part| format!("{list}/archive/{month}-{part}.atom"))
}

#[cfg(test)]
mod tests;
