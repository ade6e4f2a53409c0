//! What came is kept as it came, before it is read.

use anyhow::Result;
use url::Url;

use super::Outcome;
use super::read::Read;
use crate::archive::{Archive, Arrival, Kind};
use crate::fetch::Document;
use crate::model::Source;
use crate::schedule::Time;

/// Keeps a document and the pages behind it, reads it, and keeps that it could not be read, if so.
pub fn around(
    archive: Option<&Archive>,
    now: Time,
    source: &Source,
    document: &Document,
    further: &[Document],
    read: impl FnOnce() -> Result<Read>,
) -> Result<Read> {
    let Some(archive) = archive else { return read() };
    keep(archive, now, source, Kind::Document, source.url(), document);
    for page in further {
        keep(archive, now, source, Kind::Page, &page.url, page);
    }
    let read = read();
    if let Ok((_, harvest, ..)) = &read
        && let Outcome::Failed { class, .. } = &harvest.outcome
    {
        archive.note_failure(now, source.id(), class);
    }
    read
}

/// Keeps one answer.
pub fn keep(archive: &Archive, now: Time, source: &Source, kind: Kind, asked: &Url, document: &Document) {
    let (wire, content_encoding) = document.wire();
    let content_type = document.content_type.as_deref();
    let source = source.id();
    archive.keep(now, &Arrival { source, kind, asked, url: &document.url, content_type, content_encoding, wire });
}
