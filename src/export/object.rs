//! A document as an object store keeps it: a body under a key, with the headers that readers receive.

use bytes::Bytes;

use super::{Document, name};
use crate::model::Digest;
use crate::publish::{Coding, Lang};

/// How bodies are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coded {
    /// As they are: whoever stands in front compresses.
    Plain,
    /// Compressed where that is smaller. A store has one body a key, so a reader who does not know gzip cannot read it.
    Gzip,
}

/// A body under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// The key, below the prefix.
    pub key: String,
    /// The body as it is sent.
    pub body: Bytes,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// `Cache-Control`.
    pub cache: &'static str,
    /// `Content-Encoding`.
    pub encoding: Option<&'static str>,
    /// `Content-Language`, of pages.
    pub language: Option<&'static str>,
}

impl Object {
    /// A document as an object; nothing if its path is none that can be a key.
    pub fn of(document: &Document, coded: Coded) -> Option<Object> {
        let page = &document.page;
        let gzip = (coded == Coded::Gzip).then(|| page.coded(Coding::Gzip)).flatten();
        let language = match document.lang {
            Lang::Vi => "vi",
            Lang::En => "en",
        };
        Some(Object {
            key: name::key(&document.path, document.lang)?,
            encoding: gzip.is_some().then_some(Coding::Gzip.name()),
            body: gzip.unwrap_or_else(|| page.body.clone()),
            content_type: page.content_type,
            cache: page.keep.cache_control(),
            language: page.content_type.starts_with("text/html").then_some(language),
        })
    }

    /// What vouches for the body and every header.
    pub fn digest(&self) -> String {
        let headers =
            [self.content_type, self.cache, self.encoding.unwrap_or_default(), self.language.unwrap_or_default()];
        let parts = headers.iter().map(|header| header.as_bytes()).chain([self.body.as_ref()]);
        Digest::of(&parts.collect::<Vec<_>>()).hex(32)
    }
}
