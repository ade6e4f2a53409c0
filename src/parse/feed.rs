//! feed-rs behind our own rules: ids that are the same on every parse, dates by the source's order, links against the
//! right base.
//!
//! feed-rs 3.0 gives an entry without guid and link a fresh random UUID on each parse, and keeps no date as it was
//! written. So our id generator gives nothing, and our timestamp parser files the raw text and hands back its number as
//! a time; both are resolved here.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use feed_rs::model as raw;
use feed_rs::parser::Builder;
use url::Url;

use super::{
    Context, Enclosure, Entry, FeedInfo, Format, IdSource, Kind, MAX_ENTRIES, ParseError, Person, Repair, date, repair,
};
use crate::model::Digest;
use crate::schedule::Time;
use crate::{html, link, text};

/// A feed as feed-rs and our rules read it.
pub struct Read {
    pub format: Format,
    pub feed: FeedInfo,
    pub entries: Vec<Entry>,
}

/// Reads a document; where the strict reader refuses it, mends it by ever rougher means, and says by which.
pub fn read_repairing(document: &str, kind: Kind, context: &Context<'_>) -> Result<(Read, Vec<Repair>), ParseError> {
    if kind == Kind::Json {
        return read(document, document, context).map(|r| (r, Vec::new())).map_err(ParseError::Unrecoverable);
    }
    let (xml, junk) = repair::from_root(document);
    let mut repaired: Vec<Repair> = junk.into_iter().collect();
    // Silent damage: the reader accepts what follows the root, and control characters.
    let refusal = match read(xml, document, context) {
        Ok(read) => return Ok((read, repaired)),
        Err(refusal) => refusal,
    };
    let mended = repair::everything(xml, &mut repaired);
    if let Ok(read) = read(&mended, document, context) {
        return Ok((read, repaired));
    }
    let cut = repair::up_to_last_entry(&mended);
    if let Some(read) = cut.as_deref().and_then(|cut| read(cut, document, context).ok()) {
        repaired.push(Repair::Truncated);
        return Ok((read, repaired));
    }
    let reads = |candidate: &str| read(candidate, document, context).is_ok_and(|r| !r.entries.is_empty());
    if let Some(read) = repair::without_bad_entries(&mended, reads).and_then(|kept| read(&kept, document, context).ok())
    {
        repaired.push(Repair::Truncated);
        return Ok((read, repaired));
    }
    Err(ParseError::Unrecoverable(refusal))
}

/// The dates of a document as they were written, in the order they were met.
type RawDates = Arc<Mutex<Vec<String>>>;

fn read(text: &str, document: &str, context: &Context<'_>) -> Result<Read, String> {
    let dates: RawDates = Arc::default();
    let file = Arc::clone(&dates);
    let parser = Builder::new()
        .base_uri(context.base.map(Url::as_str))
        .sanitize_content(false)
        .id_generator(|_, _, _| String::new())
        .timestamp_parser(move |written| {
            let mut filed = file.lock().unwrap_or_else(PoisonError::into_inner);
            filed.push(written.chars().take(128).collect());
            DateTime::from_timestamp(i64::try_from(filed.len()).ok()? - 1, 0)
        })
        .build();
    let feed = catch_unwind(AssertUnwindSafe(|| parser.parse(text.as_bytes())))
        .map_err(|_| "the feed reader panicked".to_owned())?
        .map_err(|e| e.to_string())?;
    let filed = std::mem::take(&mut *dates.lock().unwrap_or_else(PoisonError::into_inner));
    let dates = Dates { filed, context };
    let format = format(&feed, document);
    let entries = feed.entries.iter().take(MAX_ENTRIES).map(|e| entry(e, &feed, &dates)).collect();
    Ok(Read { format, feed: info(&feed, &dates), entries })
}

struct Dates<'a> {
    filed: Vec<String>,
    context: &'a Context<'a>,
}

impl Dates<'_> {
    fn raw(&self, number: Option<DateTime<Utc>>) -> Option<&str> {
        let index = usize::try_from(number?.timestamp()).ok()?;
        self.filed.get(index).map(|s| s.trim()).filter(|s| !s.is_empty())
    }

    fn read(&self, number: Option<DateTime<Utc>>) -> Option<Time> {
        date::parse(self.raw(number)?, self.context.dates)
    }
}

fn format(feed: &raw::Feed, document: &str) -> Format {
    match feed.feed_type {
        raw::FeedType::Atom if document.chars().take(2048).collect::<String>().contains("purl.org/atom/ns#") => {
            Format::Atom03
        }
        raw::FeedType::Atom => Format::Atom1,
        raw::FeedType::JSON => Format::Json1,
        raw::FeedType::RSS0 => Format::Rss0,
        raw::FeedType::RSS1 => Format::Rss1,
        raw::FeedType::RSS2 => Format::Rss2,
    }
}

fn info(feed: &raw::Feed, dates: &Dates<'_>) -> FeedInfo {
    let base = dates.context.base;
    let by_rel = |rel: &str| {
        feed.links.iter().filter(|l| l.rel.as_deref() == Some(rel)).filter_map(|l| link::absolute(base, &l.href)).next()
    };
    FeedInfo {
        id: words(&feed.id),
        title: feed.title.as_ref().and_then(|t| title(&t.content)),
        link: alternate(&feed.links, base),
        self_link: by_rel("self"),
        hubs: feed
            .links
            .iter()
            .filter(|l| l.rel.as_deref() == Some("hub"))
            .filter_map(|l| link::absolute(base, &l.href))
            .collect(),
        subtitle: feed.description.as_ref().and_then(|t| words(&t.content)),
        language: feed.language.as_deref().and_then(words),
        authors: feed.authors.iter().map(person).collect(),
        rights: feed.rights.as_ref().and_then(|t| words(&t.content)),
        generator: feed.generator.as_ref().and_then(|g| words(&g.content)),
        image: feed.logo.as_ref().and_then(|i| link::absolute(base, &i.uri)),
        icon: feed.icon.as_ref().and_then(|i| link::absolute(base, &i.uri)),
        published: dates.read(feed.published),
        updated: dates.read(feed.updated),
        ttl: feed.ttl,
        next: by_rel("next"),
        tags: feed.categories.iter().filter_map(category).collect(),
    }
}

fn entry(entry: &raw::Entry, feed: &raw::Feed, dates: &Dates<'_>) -> Entry {
    let base = dates.context.base;
    let guid = words(&entry.id);
    let title = entry.title.as_ref().and_then(|t| title(&t.content));
    let summary = entry.summary.as_ref().and_then(|t| markup(&t.content));
    let content = entry.content.as_ref().and_then(|c| c.body.as_deref()).and_then(markup);
    // A guid is a link unless it says otherwise (RSS 2.0), and some feeds have no other.
    let link = alternate(&entry.links, base)
        .or_else(|| guid.as_deref().filter(|g| g.starts_with("http")).and_then(|g| link::absolute(None, g)));
    let published_raw = dates.raw(entry.published).map(str::to_owned);
    // feed-rs copies an RSS date into `updated`; the document said it once.
    let updated = entry.updated.filter(|u| entry.published != Some(*u));
    let enclosures = enclosures(entry, base);
    let image = picture(entry, &enclosures, base)
        .or_else(|| summary.as_deref().and_then(|s| html::first_image(s, base)))
        .or_else(|| content.as_deref().and_then(|c| html::first_image(c, base)));
    let (id, id_source) = match (guid, &link) {
        (Some(guid), _) => (guid, IdSource::Guid),
        (None, Some(link)) => (link.to_string(), IdSource::Link),
        (None, None) => {
            let parts = [title.as_deref(), published_raw.as_deref(), summary.as_deref()].map(Option::unwrap_or_default);
            (Digest::of(&parts).hex(32), IdSource::Hash)
        }
    };
    Entry {
        id,
        id_source,
        title,
        link,
        published: dates.read(entry.published),
        updated: dates.read(updated),
        published_raw,
        updated_raw: dates.raw(updated).map(str::to_owned),
        authors: entry.authors.iter().map(person).collect(),
        tags: entry.categories.iter().filter_map(category).collect(),
        summary,
        content,
        enclosures,
        comments: entry
            .links
            .iter()
            .find(|l| l.target == Some(raw::LinkTarget::Comments))
            .and_then(|l| link::absolute(base, &l.href)),
        image,
        language: entry.language.as_deref().or(feed.language.as_deref()).and_then(words),
    }
}

/// The link to the article: the first without a relation or with "alternate".
fn alternate(links: &[raw::Link], base: Option<&Url>) -> Option<Url> {
    links
        .iter()
        .filter(|l| l.target.is_none() && matches!(l.rel.as_deref(), None | Some("alternate")))
        .find_map(|l| link::absolute(base, &l.href))
}

fn enclosures(entry: &raw::Entry, base: Option<&Url>) -> Vec<Enclosure> {
    let media = entry.media.iter().flat_map(|m| &m.content).filter_map(|c| {
        Some(Enclosure {
            url: c.url.as_ref().and_then(|u| link::absolute(base, u.as_str()))?,
            media_type: c.content_type.as_ref().map(ToString::to_string),
            length: c.size,
        })
    });
    let linked = entry.links.iter().filter(|l| l.rel.as_deref() == Some("enclosure")).filter_map(|l| {
        Some(Enclosure { url: link::absolute(base, &l.href)?, media_type: l.media_type.clone(), length: l.length })
    });
    let mut all: Vec<Enclosure> = Vec::new();
    for enclosure in media.chain(linked) {
        if !all.iter().any(|e| e.url == enclosure.url) {
            all.push(enclosure);
        }
    }
    all
}

fn picture(entry: &raw::Entry, enclosures: &[Enclosure], base: Option<&Url>) -> Option<Url> {
    const ENDINGS: [&str; 6] = [".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif"];
    let is_picture = |e: &&Enclosure| {
        e.media_type.as_deref().is_some_and(|t| t.starts_with("image/"))
            || ENDINGS.iter().any(|x| e.url.path().to_ascii_lowercase().ends_with(x))
    };
    let thumbnail = entry.media.iter().flat_map(|m| &m.thumbnails).find_map(|t| link::absolute(base, &t.image.uri));
    enclosures.iter().find(is_picture).map(|e| e.url.clone()).or(thumbnail)
}

fn person(person: &raw::Person) -> Person {
    let part = |p: &Option<String>| p.as_deref().and_then(title);
    Person { name: part(&person.name), email: part(&person.email), uri: part(&person.uri) }
}

fn category(category: &raw::Category) -> Option<String> {
    title(category.label.as_deref().filter(|l| !l.trim().is_empty()).unwrap_or(&category.term))
}

/// A field that is one line of text: entities decoded, tags gone.
fn title(field: &str) -> Option<String> {
    words(&text::line(&html::text_of_field(field), crate::model::item::MAX_TITLE_CHARS))
}

/// A field kept as written, in NFC.
fn markup(field: &str) -> Option<String> {
    words(field)
}

fn words(field: &str) -> Option<String> {
    let trimmed = field.trim();
    (!trimmed.is_empty()).then(|| text::nfc(trimmed))
}
