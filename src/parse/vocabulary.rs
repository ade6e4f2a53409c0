//! The names that XML feeds use, of every format and extension we read, and what each means to us.
//!
//! A namespace is known by its address; where that is missing or wrong, by the prefix that everybody writes for it.

use std::borrow::Cow;

/// A vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ns {
    /// RSS of every version, Atom of both, CDF: their names agree where they meet.
    Core,
    /// Dublin Core elements, <http://purl.org/dc/elements/1.1/>, and terms.
    DublinCore,
    /// <http://purl.org/rss/1.0/modules/content/>.
    Content,
    /// Media RSS, <http://search.yahoo.com/mrss/>.
    Media,
    /// Podcasts, <http://www.itunes.com/dtds/podcast-1.0.dtd>.
    Itunes,
    /// How often a feed changes, <http://purl.org/rss/1.0/modules/syndication/>.
    Syndication,
    /// XHTML.
    Xhtml,
    /// Anything else.
    Other,
}

impl Ns {
    /// By its address; a wrong scheme, version or ending does not matter.
    pub fn of_uri(uri: &str) -> Ns {
        const KNOWN: [(&str, Ns); 15] = [
            ("purl.org/dc/", Ns::DublinCore),
            ("purl.org/rss/1.0/modules/content", Ns::Content),
            ("purl.org/rss/1.0/modules/syndication", Ns::Syndication),
            ("purl.org/rss/1.0/modules/", Ns::Other),
            ("purl.org/rss/1.0", Ns::Core),
            ("w3.org/2005/atom", Ns::Core),
            ("purl.org/atom/", Ns::Core),
            ("purl.org/net/rss", Ns::Core),
            ("netscape.com/", Ns::Core),
            ("backend.userland.com/", Ns::Core),
            ("blogs.law.harvard.edu/tech/rss", Ns::Core),
            ("search.yahoo.com/mrss", Ns::Media),
            ("itunes.com/dtds/podcast", Ns::Itunes),
            ("w3.org/1999/xhtml", Ns::Xhtml),
            ("w3.org/1999/02/22-rdf-syntax-ns", Ns::Core),
        ];
        let uri = uri.to_ascii_lowercase();
        KNOWN.iter().find(|(part, _)| uri.contains(part)).map_or(Ns::Other, |(_, ns)| *ns)
    }

    /// By the prefix everybody writes.
    pub fn of_prefix(prefix: &str) -> Option<Ns> {
        Some(match prefix {
            "atom" | "a10" | "atom10" | "rss" | "rdf" => Ns::Core,
            "dc" | "dcterms" => Ns::DublinCore,
            "content" => Ns::Content,
            "media" => Ns::Media,
            "itunes" => Ns::Itunes,
            "sy" => Ns::Syndication,
            "xhtml" => Ns::Xhtml,
            _ => return None,
        })
    }
}

/// What an element means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    Rss,
    Feed,
    Rdf,
    Channel,
    Item,
    Title,
    Link,
    Id,
    Published,
    Updated,
    Summary,
    Content,
    /// A person: text or name, mail and home page in elements.
    Person,
    Called,
    Mail,
    HomePage,
    Category,
    Enclosure,
    MediaContent,
    Thumbnail,
    /// Holds fields of the entry it is in.
    Group,
    Comments,
    /// A picture: text, an attribute, or an element `url`.
    Image,
    Icon,
    Language,
    Ttl,
    /// Holds hours or days at which nobody need look.
    Skips,
    SkippedHour,
    SkippedDay,
    UpdatePeriod,
    UpdateFrequency,
    Rights,
    Generator,
    /// Has a title and a link that are not the entry's.
    Aside,
}

/// What an element means and how good a witness it is: 0 is best. Names that mean nothing to us are nothing.
pub fn meaning(ns: Ns, local: &str) -> Option<(Name, u8)> {
    let lower = lower(local);
    let name = lower.as_ref();
    Some(match (ns, name) {
        (Ns::Core, "rss") => (Name::Rss, 0),
        (Ns::Core, "feed") => (Name::Feed, 0),
        (Ns::Core, "rdf") => (Name::Rdf, 0),
        (Ns::Core, "channel") => (Name::Channel, 0),
        (Ns::Core, "item" | "entry") => (Name::Item, 0),
        (Ns::Core, "title") => (Name::Title, 0),
        (Ns::DublinCore, "title") => (Name::Title, 1),
        (Ns::Itunes | Ns::Media, "title") => (Name::Title, 2),
        (Ns::Core, "link") => (Name::Link, 0),
        (Ns::Core, "guid" | "id") => (Name::Id, 0),
        (Ns::DublinCore, "identifier") => (Name::Id, 1),
        (Ns::Core, "pubdate" | "published" | "issued") => (Name::Published, 0),
        (Ns::DublinCore, "date" | "issued" | "available") => (Name::Published, 1),
        (Ns::Core | Ns::DublinCore, "created") => (Name::Published, 2),
        (Ns::Core, "date") => (Name::Published, 3),
        (Ns::Core, "updated" | "lastbuilddate") => (Name::Updated, 0),
        (Ns::Core | Ns::DublinCore, "modified") => (Name::Updated, 1),
        (Ns::Core, "description") => (Name::Summary, 0),
        (Ns::Core, "summary" | "abstract" | "subtitle" | "tagline") => (Name::Summary, 1),
        (Ns::DublinCore, "description" | "abstract") => (Name::Summary, 2),
        (Ns::Itunes, "summary") => (Name::Summary, 3),
        (Ns::Itunes, "subtitle") => (Name::Summary, 4),
        (Ns::Media, "description" | "text") => (Name::Summary, 5),
        (Ns::Content, "encoded") => (Name::Content, 0),
        (Ns::Core, "content") => (Name::Content, 0),
        (Ns::Xhtml, "body") => (Name::Content, 1),
        (Ns::Core, "fullitem" | "body") => (Name::Content, 2),
        (Ns::Core, "author") => (Name::Person, 0),
        (Ns::DublinCore, "creator") => (Name::Person, 1),
        (Ns::Itunes, "author") => (Name::Person, 2),
        (Ns::Core, "managingeditor") => (Name::Person, 2),
        (Ns::DublinCore, "author") => (Name::Person, 1),
        (Ns::Core, "name") => (Name::Called, 0),
        (Ns::Core, "email") => (Name::Mail, 0),
        (Ns::Core, "uri" | "homepage" | "url") => (Name::HomePage, 0),
        (Ns::Core | Ns::Media, "category") | (Ns::DublinCore, "subject") => (Name::Category, 0),
        (Ns::Itunes, "category" | "keywords") | (Ns::Media, "keywords") => (Name::Category, 1),
        (Ns::Core, "enclosure") => (Name::Enclosure, 0),
        (Ns::Media, "content") => (Name::MediaContent, 0),
        (Ns::Media, "thumbnail") => (Name::Thumbnail, 0),
        (Ns::Media, "group") => (Name::Group, 0),
        (Ns::Core, "comments") => (Name::Comments, 0),
        (Ns::Core, "image") | (Ns::Itunes, "image") => (Name::Image, 0),
        (Ns::Core, "logo") => (Name::Image, 1),
        (Ns::Core, "icon") => (Name::Icon, 0),
        (Ns::Core | Ns::DublinCore, "language") => (Name::Language, 0),
        (Ns::Core, "ttl") => (Name::Ttl, 0),
        (Ns::Core, "skiphours" | "skipdays") => (Name::Skips, 0),
        (Ns::Core, "hour") => (Name::SkippedHour, 0),
        (Ns::Core, "day") => (Name::SkippedDay, 0),
        (Ns::Syndication, "updateperiod") => (Name::UpdatePeriod, 0),
        (Ns::Syndication, "updatefrequency") => (Name::UpdateFrequency, 0),
        (Ns::Core, "copyright" | "rights") | (Ns::DublinCore, "rights") => (Name::Rights, 0),
        (Ns::Core, "generator") => (Name::Generator, 0),
        (Ns::Core, "source" | "textinput" | "contributor") => (Name::Aside, 0),
        _ => return None,
    })
}

/// Elements of HTML that are met unescaped between fields and often have no end.
pub fn is_html(local: &str) -> bool {
    const NAMES: [&str; 16] =
        ["a", "b", "br", "center", "div", "em", "font", "hr", "i", "img", "li", "p", "span", "strong", "u", "ul"];
    NAMES.iter().any(|n| n.eq_ignore_ascii_case(local))
}

/// Whether a name is written in a case that no format uses.
pub fn is_odd_case(local: &str) -> bool {
    const MIXED: [&str; 10] = [
        "pubDate",
        "lastBuildDate",
        "managingEditor",
        "webMaster",
        "skipHours",
        "skipDays",
        "textInput",
        "RDF",
        "updatePeriod",
        "updateFrequency",
    ];
    local.bytes().any(|b| b.is_ascii_uppercase()) && !MIXED.contains(&local)
}

fn lower(local: &str) -> Cow<'_, str> {
    match local {
        "pubDate" => Cow::Borrowed("pubdate"),
        _ if local.bytes().any(|b| b.is_ascii_uppercase()) => Cow::Owned(local.to_ascii_lowercase()),
        _ => Cow::Borrowed(local),
    }
}
