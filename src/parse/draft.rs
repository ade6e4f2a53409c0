//! Entries and feeds while they are being read: every witness of a field, in any order, until the best is chosen.

use std::borrow::Cow;

use url::Url;

use super::pace::Said;
use super::{Context, Enclosure, Entry, FeedInfo, IdSource, Person, date};
use crate::model::Digest;
use crate::model::item::MAX_TITLE_CHARS;
use crate::schedule::Time;
use crate::{html, link, text};

/// More categories, authors or enclosures than any entry has.
const MOST: usize = 64;

/// What was found for an entry or for the feed itself; the two have most fields in common.
#[derive(Debug, Default)]
pub struct Draft<'a> {
    pub title: Best<Cow<'a, str>>,
    pub id: Best<Cow<'a, str>>,
    pub summary: Best<Cow<'a, str>>,
    pub content: Best<Cow<'a, str>>,
    pub published: Vec<(u8, Cow<'a, str>)>,
    pub updated: Vec<(u8, Cow<'a, str>)>,
    pub links: Vec<Link>,
    pub authors: Vec<(u8, Person)>,
    pub tags: Vec<String>,
    pub enclosures: Vec<Enclosure>,
    pub thumbnail: Option<Url>,
    pub image: Best<Url>,
    pub icon: Option<Url>,
    pub comments: Option<Url>,
    pub language: Option<String>,
    pub ttl: Option<u32>,
    pub pace: Said,
    /// A link that nothing says the base of.
    pub relative_link: Option<String>,
    pub rights: Option<String>,
    pub generator: Option<String>,
    pub hubs: Vec<Url>,
}

/// The best witness so far: the lowest rank, and of equals the first.
#[derive(Debug)]
pub struct Best<T>(Option<(u8, T)>);

impl<T> Default for Best<T> {
    fn default() -> Self {
        Best(None)
    }
}

impl<T> Best<T> {
    pub fn offer(&mut self, rank: u8, value: T) {
        if self.0.as_ref().is_none_or(|(best, _)| rank < *best) {
            self.0 = Some((rank, value));
        }
    }

    pub fn get(&self) -> Option<&T> {
        self.0.as_ref().map(|(_, value)| value)
    }

    fn take(self) -> Option<T> {
        self.0.map(|(_, value)| value)
    }
}

/// The relation of an Atom link that names none: "alternate" too (RFC 4287 section 4.2.7.2), but said more softly.
pub const UNSAID: &str = "";

/// A link with its relation in lower case; an RSS link has none.
#[derive(Debug)]
pub struct Link {
    pub rel: Option<String>,
    pub url: Url,
}

impl Draft<'_> {
    pub fn add_author(&mut self, rank: u8, person: Person) {
        if person != Person::default() && self.authors.len() < MOST && !self.authors.iter().any(|(_, p)| *p == person) {
            self.authors.push((rank, person));
        }
    }

    pub fn add_tag(&mut self, written: &str) {
        if let Some(tag) = one_line(written)
            && self.tags.len() < MOST
            && !self.tags.contains(&tag)
        {
            self.tags.push(tag);
        }
    }

    pub fn add_enclosure(&mut self, enclosure: Enclosure) {
        if self.enclosures.len() < MOST && !self.enclosures.iter().any(|e| e.url == enclosure.url) {
            self.enclosures.push(enclosure);
        }
    }

    pub fn add_link(&mut self, rel: Option<String>, url: Url) {
        if self.links.len() < MOST {
            self.links.push(Link { rel, url });
        }
    }

    fn by_rel(&self, rel: &str) -> Option<Url> {
        self.links.iter().find(|l| l.rel.as_deref() == Some(rel)).map(|l| l.url.clone())
    }

    /// The article: an RSS link, else the first alternate, else the first link that says nothing, else the entry itself.
    fn alternate(&self) -> Option<Url> {
        let plain = self.links.iter().find(|l| l.rel.is_none()).map(|l| l.url.clone());
        plain.or_else(|| self.by_rel("alternate")).or_else(|| self.by_rel(UNSAID))
    }

    fn authors(&self) -> Vec<Person> {
        let best = self.authors.iter().map(|(rank, _)| *rank).min();
        self.authors.iter().filter(|(rank, _)| Some(*rank) == best).map(|(_, p)| p.clone()).collect()
    }

    fn picture(&self) -> Option<Url> {
        const ENDINGS: [&str; 6] = [".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif"];
        let is_picture = |e: &&Enclosure| match e.media_type.as_deref() {
            Some(media_type) if media_type.starts_with("image") => true,
            Some(media_type) if media_type.starts_with("video") || media_type.starts_with("audio") => false,
            _ => ENDINGS.iter().any(|x| {
                let path = e.url.path();
                path.len() > x.len() && path.get(path.len() - x.len()..).is_some_and(|p| p.eq_ignore_ascii_case(x))
            }),
        };
        let enclosed = self.enclosures.iter().find(is_picture).map(|e| e.url.clone());
        enclosed.or_else(|| self.thumbnail.clone()).or_else(|| self.image.get().cloned())
    }

    /// Whether there is enough of it to show a reader where it stopped in the middle.
    pub fn can_stand_cut(&self) -> bool {
        self.title.get().is_some_and(|t| !t.trim().is_empty())
            && (self.id.get().is_some()
                || self.links.iter().any(|l| matches!(l.rel.as_deref(), None | Some("alternate" | UNSAID))))
    }

    /// The entry.
    pub fn entry(self, base: Option<&Url>, context: &Context<'_>) -> Entry {
        let guid = self.id.get().and_then(|id| words(id));
        let link = self
            .alternate()
            .or_else(|| link::absolute(None, guid.as_deref().filter(|g| g.starts_with("http"))?))
            .or_else(|| self.by_rel("self"));
        let title = self.title.get().and_then(|t| one_line(t));
        let authors = self.authors();
        let picture = self.picture();
        let (published_raw, published) = best_date(&self.published, context);
        let (updated_raw, updated) = best_date(&self.updated, context);
        let summary = self.summary.take().and_then(|s| words(&s));
        let content = self.content.take().and_then(|c| words(&c));
        let image = picture
            .or_else(|| summary.as_deref().and_then(|s| html::first_image(s, base)))
            .or_else(|| content.as_deref().and_then(|c| html::first_image(c, base)));
        let (id, id_source) = match (guid, &link) {
            (Some(guid), _) => (guid, IdSource::Guid),
            (None, Some(link)) => (link.to_string(), IdSource::Link),
            (None, None) => {
                let parts =
                    [title.as_deref(), published_raw.as_deref(), summary.as_deref()].map(Option::unwrap_or_default);
                (Digest::of(&parts).hex(32), IdSource::Hash)
            }
        };
        Entry {
            id,
            id_source,
            title,
            relative_link: self.relative_link.filter(|_| link.is_none()),
            link,
            published,
            updated,
            published_raw,
            updated_raw,
            authors,
            tags: self.tags,
            summary,
            content,
            enclosures: self.enclosures,
            comments: self.comments,
            image,
            language: self.language,
        }
    }

    /// What the feed says of itself.
    pub fn feed(self, context: &Context<'_>) -> FeedInfo {
        let published = best_date(&self.published, context).1;
        let updated = best_date(&self.updated, context).1;
        FeedInfo {
            link: self.alternate(),
            self_link: self.by_rel("self"),
            next: self.by_rel("next"),
            authors: self.authors(),
            id: self.id.take().and_then(|id| words(&id)),
            title: self.title.take().and_then(|t| one_line(&t)),
            subtitle: self.summary.take().and_then(|s| words(&s)),
            language: self.language,
            rights: self.rights,
            generator: self.generator,
            image: self.image.take().or(self.thumbnail),
            icon: self.icon,
            published,
            updated,
            ttl: self.ttl,
            skip_hours: self.pace.skip_hours,
            skip_days: self.pace.skip_days,
            update_every: self.pace.update_every(),
            tags: self.tags,
            hubs: self.hubs,
        }
    }
}

/// Of several dates the best that is one; where none is, the best as it was written.
fn best_date(written: &[(u8, Cow<'_, str>)], context: &Context<'_>) -> (Option<String>, Option<Time>) {
    let mut by_rank: Vec<&(u8, Cow<'_, str>)> = written.iter().collect();
    by_rank.sort_by_key(|(rank, _)| *rank);
    let read = by_rank.iter().find_map(|(_, raw)| Some((raw, date::parse(raw, context.style())?)));
    let raw = read.map(|(raw, _)| raw).or_else(|| by_rank.first().map(|(_, raw)| raw));
    (raw.and_then(|r| words(r)).map(|r| r.chars().take(128).collect()), read.map(|(_, time)| time))
}

/// A field that is one line of text: entities decoded, tags gone.
pub fn one_line(field: &str) -> Option<String> {
    let line = text::line(&html::line_of_field(field), MAX_TITLE_CHARS);
    (!line.is_empty()).then_some(line)
}

/// A field kept as written: trimmed, in NFC.
pub fn words(field: &str) -> Option<String> {
    let trimmed = field.trim();
    (!trimmed.is_empty()).then(|| text::nfc(trimmed))
}

/// A person as one text: "a@b (Tên)", "Tên <a@b>", "a@b", "Tên".
pub fn person(written: &str) -> Person {
    let Some(line) = one_line(written) else {
        return Person::default();
    };
    let is_mail = |s: &str| s.contains('@') && !s.contains(char::is_whitespace);
    for (open, close) in [('(', ')'), ('<', '>')] {
        if let Some((before, inside)) = line.split_once(open) {
            let (before, inside) = (before.trim(), inside.trim_end_matches(close).trim());
            let (mail, name) = if is_mail(before) { (before, inside) } else { (inside, before) };
            if is_mail(mail) && !name.is_empty() {
                return Person { name: one_line(name), email: Some(mail.to_owned()), uri: None };
            }
        }
    }
    if is_mail(&line) {
        return Person { name: None, email: Some(line), uri: None };
    }
    Person { name: Some(line), email: None, uri: None }
}
