//! A story as feeds write it, apart from any feed: from one version of a feed to the next most entries are the same, and what was written once
//! is put together again.

use std::collections::HashMap;
use std::ops::Range;

use bytes::Bytes;
use memchr::memmem;

use super::{Channel, Format, Page, dates, page};
use crate::model::{Digest, Story};
use crate::schedule::Time;

/// About what an entry takes: room that is there before it is written need not be moved.
pub(super) const ENTRY_BYTES: usize = 4_096;

/// A story as it was at a time: its number, and how often it had changed.
pub type Revision = (i64, i64);

/// An entry as a format writes it.
#[derive(Debug, Clone)]
pub struct Entry {
    bytes: Bytes,
    digest: Digest,
    /// When the story last changed, as it says.
    updated: Time,
}

/// The entries of a list's feed as they were last written. They are parts of that feed's own bytes, so that they cost no memory while it is there.
#[derive(Debug, Default)]
pub struct Written {
    etag: String,
    entries: HashMap<Revision, Entry>,
}

impl Written {
    /// A revision's entry, if it was written.
    pub fn entry(&self, revision: Revision) -> Option<&Entry> {
        self.entries.get(&revision)
    }
}

/// Where the entries of a feed begin and end in its document: what stands before and after them.
pub(super) struct Frame {
    head: Vec<u8>,
    tail: Vec<u8>,
    /// What stands between two.
    between: &'static [u8],
}

impl Frame {
    /// Of a document in which something stands for all entries, once.
    pub(super) fn around(document: Vec<u8>, (begin, end): (&str, &str), between: &'static [u8]) -> Frame {
        let place = place(&document, begin, end);
        Frame::split(document, place, between)
    }

    /// Of a document in which all entries stand behind this.
    pub(super) fn behind(document: Vec<u8>, before: &str, between: &'static [u8]) -> Frame {
        let at = place(&document, before, before).end;
        Frame::split(document, at..at, between)
    }

    fn split(mut head: Vec<u8>, place: Range<usize>, between: &'static [u8]) -> Frame {
        let tail = head.split_off(place.end);
        head.truncate(place.start);
        Frame { head: page::readable(head), tail: page::readable(tail), between }
    }
}

/// The only element with this name of a document.
pub(super) fn element(document: Vec<u8>, (begin, end): (&str, &str)) -> Bytes {
    let place = place(&document, begin, end);
    Bytes::from(document).slice(place)
}

/// From where something begins to where something ends; the end of the document where it is not in it.
fn place(document: &[u8], begin: &str, end: &str) -> Range<usize> {
    let from = memmem::find(document, begin.as_bytes());
    let to = memmem::rfind(document, end.as_bytes()).map(|at| at + end.len());
    from.zip(to).filter(|(from, to)| from < to).map_or(document.len()..document.len(), |(from, to)| from..to)
}

impl Channel<'_> {
    /// A story as it stands in feeds of a format; nothing where nobody carries it.
    pub fn entry(&self, story: &Story, format: Format) -> Option<Entry> {
        let bytes = match format {
            Format::Atom => super::atom::entry(self, story),
            Format::Rss => super::rss::entry(self, story),
            Format::Json => super::json::entry(self, story),
        }?;
        let bytes = page::readable_bytes(bytes);
        Some(Entry { digest: Digest::of(&[&bytes]), bytes, updated: dates::updated(story) })
    }

    /// It as a feed.
    pub fn feed(&self, format: Format) -> Page {
        let entries: Vec<Entry> = self.stories.iter().filter_map(|story| self.entry(story, format)).collect();
        self.assemble(&entries, format).0
    }

    /// A feed of revisions; `entry` writes what is not known from before, and `written` knows all of them afterwards.
    pub fn feed_again(
        &self,
        revisions: &[Revision],
        format: Format,
        written: &mut Written,
        entry: impl Fn(Revision) -> Option<Entry>,
    ) -> Page {
        let known = |revision: &Revision| written.entry(*revision).cloned().or_else(|| entry(*revision));
        let found: Vec<(Revision, Entry)> =
            revisions.iter().filter_map(|revision| Some((*revision, known(revision)?))).collect();
        let (revisions, entries): (Vec<Revision>, Vec<Entry>) = found.into_iter().unzip();
        let (page, entries) = self.assemble(&entries, format);
        // Where it says the same, whoever has it keeps it, and these are parts of what he has.
        if written.etag != page.etag {
            *written = Written { etag: page.etag.clone(), entries: revisions.into_iter().zip(entries).collect() };
        }
        page
    }

    /// The document, and the entries as parts of it.
    fn assemble(&self, entries: &[Entry], format: Format) -> (Page, Vec<Entry>) {
        let updated = self.updated(entries.iter().map(|entry| entry.updated));
        let frame = match format {
            Format::Atom => super::atom::frame(self, updated),
            Format::Rss => super::rss::frame(self, updated),
            Format::Json => super::json::frame(self),
        };
        let Frame { head, tail, between } = frame;
        let length: usize = entries.iter().map(|entry| entry.bytes.len() + between.len()).sum();
        let mut body = Vec::with_capacity(head.len() + length + tail.len());
        body.extend_from_slice(&head);
        let mut places = Vec::with_capacity(entries.len());
        for (index, entry) in entries.iter().enumerate() {
            if index > 0 {
                body.extend_from_slice(between);
            }
            places.push(body.len()..body.len() + entry.bytes.len());
            body.extend_from_slice(&entry.bytes);
        }
        body.extend_from_slice(&tail);
        // Of digests: what was written before is not read again.
        let parts = entries.iter().map(|entry| entry.digest.as_bytes().as_slice());
        let parts: Vec<&[u8]> = [head.as_slice()].into_iter().chain(parts).chain([tail.as_slice()]).collect();
        let body = Bytes::from(body);
        let page = Page::feed(body.clone(), &Digest::of(&parts), format, &self.own_url(format), self.hub());
        let of_it = entries.iter().zip(places);
        (page, of_it.map(|(entry, place)| Entry { bytes: body.slice(place), ..entry.clone() }).collect())
    }
}
