//! Untrusted bytes → what a person could read in them. Never fails halfway: [`feed()`] gives what it understood and what
//! it had to repair, and refuses only what is not a feed at all.

pub mod article;
mod boilerplate;
pub mod cms;
pub mod date;
pub mod discover;
mod draft;
mod encoding;
mod entities;
pub mod item;
mod json;
mod legacy;
pub mod listing;
mod metadata;
mod pace;
mod reader;
mod repair;
mod sitemap;
mod sniff;
mod standin;
#[cfg(test)]
mod tests;
mod vocabulary;
mod xml;

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use url::Url;

use self::date::Style;
use self::repair::Repairs;
use self::sniff::{Kind, is_prolog, style_of};
use crate::link;
use crate::model::DateOrder;
pub use crate::model::Enclosure;
use crate::schedule::Time;

use encoding::Decoded;
pub use encoding::EncodingSource;
pub use repair::Repair;

/// What a reader of a document must know besides its bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// Where the document came from: relative links are resolved against it.
    pub base: Option<&'a Url>,
    /// The `Content-Type` it came with.
    pub content_type: Option<&'a str>,
    /// How its dates are written, where the source's configuration says; else the document tells.
    pub dates: Option<Style>,
}

impl Context<'_> {
    /// How dates are written, once the document was looked at.
    fn style(&self) -> Style {
        self.dates.unwrap_or(Style::vietnamese(DateOrder::ByShape))
    }

    /// A document's bytes as text.
    fn decode<'b>(&self, bytes: &'b [u8]) -> Decoded<'b> {
        encoding::decode(bytes, self.content_type, self.base.and_then(Url::host_str))
    }

    /// The same, with dates written as the document's are where the configuration does not say.
    fn dated_as(&self, document: &str, encoding: &str) -> Self {
        let style = self.dates.unwrap_or_else(|| style_of(document, encoding, self.base));
        Context { dates: Some(style), ..*self }
    }

    /// What the links on a page are relative to: its own base, which on family C is not its address.
    fn base_of(&self, page: &dom_query::Document) -> Option<Url> {
        let own = page.base_uri().and_then(|written| link::absolute(self.base, &written));
        own.or_else(|| self.base.cloned())
    }
}

/// A feed as understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// Which format it is in.
    pub format: Format,
    /// The encoding its bytes were read in, by its WHATWG name in lower case.
    pub encoding: &'static str,
    /// What said so.
    pub encoding_source: EncodingSource,
    /// What had to be mended first, each once.
    pub repaired: Vec<Repair>,
    /// What it says of itself.
    pub feed: FeedInfo,
    /// Its entries, in its order; at most [`MAX_ENTRIES`].
    pub entries: Vec<Entry>,
}

/// More entries than any honest feed has (VietNamNet's holds 1,000).
pub const MAX_ENTRIES: usize = 10_000;

/// The format of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// RSS 0.91 to 0.94.
    Rss0,
    /// RSS 1.0 and 0.90, which are RDF.
    Rss1,
    /// RSS 2.0.
    Rss2,
    /// Atom 0.3.
    Atom03,
    /// Atom 1.0, RFC 4287.
    Atom1,
    /// JSON Feed.
    Json1,
    /// Channel Definition Format, Microsoft 1997.
    Cdf,
    /// A page of headlines, or a sitemap.
    Listing,
}

impl Format {
    /// The name in `inspect`.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Rss0 => "rss0.9x",
            Format::Rss1 => "rss1.0",
            Format::Rss2 => "rss2.0",
            Format::Atom03 => "atom0.3",
            Format::Atom1 => "atom1.0",
            Format::Json1 => "json1",
            Format::Cdf => "cdf",
            Format::Listing => "listing",
        }
    }
}

/// What a feed says of itself. Texts as written (NFC, trimmed); markup unsanitised.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FeedInfo {
    /// Its permanent name.
    pub id: Option<String>,
    /// Its title, as text.
    pub title: Option<String>,
    /// The page it belongs to.
    pub link: Option<Url>,
    /// Its own address.
    pub self_link: Option<Url>,
    /// WebSub hubs.
    pub hubs: Vec<Url>,
    /// Its description.
    pub subtitle: Option<String>,
    /// BCP 47 tag.
    pub language: Option<String>,
    /// Who writes it.
    pub authors: Vec<Person>,
    /// Copyright notice.
    pub rights: Option<String>,
    /// The program that made it.
    pub generator: Option<String>,
    /// Its picture.
    pub image: Option<Url>,
    /// Its small picture.
    pub icon: Option<Url>,
    /// When it was published.
    pub published: Option<Time>,
    /// When it was last changed.
    pub updated: Option<Time>,
    /// RSS `<ttl>`, minutes.
    pub ttl: Option<u32>,
    /// RSS `<skipHours>`: the hours of the day at GMT when nobody need look, midnight is bit 0.
    pub skip_hours: u32,
    /// RSS `<skipDays>`: the days of the week at GMT when nobody need look, Monday is bit 0.
    pub skip_days: u8,
    /// How often it says it changes, by the RSS 1.0 syndication module: `updatePeriod` / `updateFrequency`.
    pub update_every: Option<Duration>,
    /// RFC 5005 next page.
    pub next: Option<Url>,
    /// Its categories.
    pub tags: Vec<String>,
}

/// A person.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Person {
    /// Name.
    pub name: Option<String>,
    /// Electronic mail.
    pub email: Option<String>,
    /// Home page.
    pub uri: Option<String>,
}

/// One entry. Texts as written (NFC, trimmed); `summary` and `content` are markup, unsanitised.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entry {
    /// A name that is the same every time the document is read.
    pub id: String,
    /// Where the name is from.
    pub id_source: IdSource,
    /// The headline, as text.
    pub title: Option<String>,
    /// The article.
    pub link: Option<Url>,
    /// The article's address as written, where it is relative and nothing says to what.
    pub relative_link: Option<String>,
    /// When it was published.
    pub published: Option<Time>,
    /// When it was last changed.
    pub updated: Option<Time>,
    /// `published` as written.
    pub published_raw: Option<String>,
    /// `updated` as written.
    pub updated_raw: Option<String>,
    /// Who wrote it.
    pub authors: Vec<Person>,
    /// Its categories.
    pub tags: Vec<String>,
    /// The teaser.
    pub summary: Option<String>,
    /// The article, where the feed carries it.
    pub content: Option<String>,
    /// Attached files.
    pub enclosures: Vec<Enclosure>,
    /// The page of comments.
    pub comments: Option<Url>,
    /// The lead picture.
    pub image: Option<Url>,
    /// BCP 47 tag.
    pub language: Option<String>,
}

/// Where an entry's id is from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum IdSource {
    /// The document's own.
    Guid,
    /// The link.
    Link,
    /// A hash over title and date.
    #[default]
    Hash,
}

impl IdSource {
    /// The name in `inspect`.
    pub fn as_str(self) -> &'static str {
        match self {
            IdSource::Guid => "guid",
            IdSource::Link => "link",
            IdSource::Hash => "hash",
        }
    }
}

/// Why a document is not a feed to us.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// No bytes, or only white space.
    #[error("the document is empty")]
    Empty,
    /// A web page that is none of the following: an index page, an article.
    #[error("this is a web page, not a feed")]
    Page,
    /// A page that says that there is nothing here, with a status that says there is.
    #[error("the server answered with a page that says \"not found\"; the address has probably changed")]
    SoftNotFound,
    /// A page that says that the server is being worked on.
    #[error("the server answered with a notice of maintenance")]
    Maintenance,
    /// A page that wants to know whether we are human.
    #[error("the server answered with a captcha, not with a feed; it lets only people in")]
    Captcha,
    /// The cookie stub that many Vietnamese servers answer robots with ("D1N").
    #[error("the server answered with a script that sets a cookie, not with a feed; it lets only browsers in")]
    Challenge,
    /// Something else.
    #[error("this is not a feed: {0}")]
    NotAFeed(&'static str),
    /// A page of headlines that no longer keeps what it promised; its look has probably changed.
    #[error("the page is no longer what it was: {0}")]
    Drift(String),
    /// Elements nested without end: an attack, or a program in a loop.
    #[error("the document is nested deeper than any feed; this is an attack or a broken program")]
    TooDeep,
    /// A feed, too damaged to read anything in.
    #[error("this is a feed, but nothing in it can be read: {0}")]
    Unrecoverable(String),
}

impl ParseError {
    /// The stable name for scripts and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            ParseError::Empty => "empty",
            ParseError::Page => "html-page",
            ParseError::SoftNotFound => "soft-404",
            ParseError::Maintenance => "maintenance",
            ParseError::Captcha => "captcha",
            ParseError::Challenge => "challenge-js",
            ParseError::NotAFeed(_) => "not-a-feed",
            ParseError::TooDeep => "too-deep",
            ParseError::Drift(_) => "drift",
            ParseError::Unrecoverable(_) => "unrecoverable",
        }
    }
}

/// Reads a feed of any format.
pub fn feed(bytes: &[u8], context: &Context<'_>) -> Result<Parsed, ParseError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ParseError::Empty);
    }
    let decoded = context.decode(bytes);
    let mut repairs = decoded.repairs;
    let document = legal(&decoded.text, &mut repairs);
    let kind = Kind::of(&document)?;
    let context = &context.dated_as(&document, decoded.encoding);
    // The reader is ours and does not panic; the libraries under it (dates, addresses, markup) are others'.
    let read = catch_unwind(AssertUnwindSafe(|| match kind {
        Kind::Json => json::read(&document, context),
        Kind::Xml { root } => {
            let mut read = reader::read(&document, root, context);
            if !is_prolog(document.get(..root).unwrap_or_default()) {
                read.repairs.note(Repair::LeadingJunk);
            }
            Ok(read)
        }
    }))
    .map_err(|_| ParseError::Unrecoverable("the feed reader panicked".to_owned()))??;
    repairs.join(read.repairs);
    let is_damaged = [Repair::TooDeep, Repair::Truncated].into_iter().find(|r| repairs.has(*r));
    if let Some(damage) = is_damaged.filter(|_| read.entries.is_empty() && read.feed.title.is_none()) {
        return Err(match damage {
            Repair::TooDeep => ParseError::TooDeep,
            _ => ParseError::Unrecoverable("it stops before its first entry".to_owned()),
        });
    }
    Ok(Parsed {
        format: read.format,
        encoding: decoded.encoding,
        encoding_source: decoded.source,
        repaired: repairs.list(),
        feed: read.feed,
        entries: read.entries,
    })
}

/// The document without the characters that XML forbids (section 2.2).
fn legal<'a>(text: &'a str, repairs: &mut Repairs) -> Cow<'a, str> {
    // Without a branch in a chunk, so that it runs over sixteen bytes at once.
    let is_control = |b: &u8| *b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r');
    let has_control = text.as_bytes().chunks(256).any(|c| c.iter().filter(|b| is_control(b)).count() > 0);
    let has_noncharacter = || text.contains("\u{fffe}") || text.contains("\u{ffff}");
    if !has_control && (memchr::memmem::find(text.as_bytes(), b"\xef\xbf").is_none() || !has_noncharacter()) {
        return Cow::Borrowed(text);
    }
    repairs.note(Repair::IllegalCharacters);
    let illegal = |c: char| !matches!(c, '\t' | '\n' | '\r') && (c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}'));
    Cow::Owned(text.chars().filter(|&c| !illegal(c)).collect())
}
