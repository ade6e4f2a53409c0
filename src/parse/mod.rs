//! Untrusted bytes → what a person could read in them. Never fails halfway: [`feed()`] gives what it understood and what
//! it had to repair, and refuses only what is not a feed at all.

pub mod article;
pub mod date;
mod encoding;
mod feed;
pub mod item;
mod repair;
#[cfg(test)]
mod tests;

use url::Url;

use crate::model::DateOrder;
use crate::schedule::Time;

pub use encoding::{EncodingSource, decode};
pub use repair::Repair;

/// What a reader of a document must know besides its bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// Where the document came from: relative links are resolved against it.
    pub base: Option<&'a Url>,
    /// The `Content-Type` it came with.
    pub content_type: Option<&'a str>,
    /// The source's order of day and month.
    pub dates: DateOrder,
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

/// A file attached to an entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Enclosure {
    /// Where it is.
    pub url: Url,
    /// Its media type, as declared.
    pub media_type: Option<String>,
    /// Its size in bytes, as declared; 0 is how portals write "unknown".
    pub length: Option<u64>,
}

/// Why a document is not a feed to us.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// No bytes, or only white space.
    #[error("the document is empty")]
    Empty,
    /// A web page: a soft 404, a maintenance notice, an index page.
    #[error("this is a web page, not a feed")]
    Page,
    /// The cookie stub that many Vietnamese servers answer robots with ("D1N").
    #[error("the server answered with a script that sets a cookie, not with a feed; it lets only browsers in")]
    Challenge,
    /// Something else.
    #[error("this is not a feed: {0}")]
    NotAFeed(&'static str),
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
            ParseError::Challenge => "challenge-js",
            ParseError::NotAFeed(_) => "not-a-feed",
            ParseError::Unrecoverable(_) => "unrecoverable",
        }
    }
}

/// Reads a feed of any format.
pub fn feed(bytes: &[u8], context: &Context<'_>) -> Result<Parsed, ParseError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ParseError::Empty);
    }
    let decoded = decode(bytes, context.content_type);
    let kind = Kind::of(&decoded.text)?;
    let (read, repaired) = feed::read_repairing(&decoded.text, kind, context)?;
    Ok(Parsed {
        format: read.format,
        encoding: decoded.encoding,
        encoding_source: decoded.source,
        repaired,
        feed: read.feed,
        entries: read.entries,
    })
}

/// What the first element says a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Xml,
    Json,
}

impl Kind {
    fn of(text: &str) -> Result<Kind, ParseError> {
        let head: String = text.chars().take(4096).collect::<String>().to_ascii_lowercase();
        let trimmed = head.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if trimmed.starts_with('{') {
            return if head.contains("\"version\"") || head.contains("\"items\"") {
                Ok(Kind::Json)
            } else {
                Err(ParseError::NotAFeed("JSON of another kind"))
            };
        }
        // The roots of the formats we know, wherever junk put them, but not inside a web page.
        let root = ["<rss", "<feed", "<rdf:rdf", "<rdf ", "<channel", "<atom:feed", ":feed "]
            .iter()
            .filter_map(|r| head.find(r))
            .min();
        let page = ["<html", "<!doctype html", "<body", "<head>", "<script"].iter().filter_map(|p| head.find(p)).min();
        match (root, page) {
            (Some(root), page) if page.is_none_or(|p| root < p) => Ok(Kind::Xml),
            (_, Some(_)) if is_challenge(&head) => Err(ParseError::Challenge),
            (_, Some(_)) => Err(ParseError::Page),
            _ if trimmed.starts_with('<') => Err(ParseError::NotAFeed("XML of another kind")),
            _ => Err(ParseError::NotAFeed("neither XML nor JSON")),
        }
    }
}

/// A few hundred bytes of script that set a cookie and load the page again
/// (`document.cookie="D1N=…";window.location.reload`).
fn is_challenge(head: &str) -> bool {
    head.len() < 4096 && head.contains("document.cookie") && head.contains("location")
}
