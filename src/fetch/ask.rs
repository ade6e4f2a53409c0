//! What is asked for, and what comes of it.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;
use url::Url;

use super::decode;
use super::error::FetchError;
use crate::model::{Source, Trust, Validators};
use crate::schedule::{Signals, Time};

/// A request, before it is made.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// Where.
    pub url: &'a Url,
    /// Has it changed since? Sent only where they are of the address.
    pub validators: Option<&'a Validators>,
    /// What is expected there.
    pub kind: Kind,
    /// Whether robots.txt has a say: in everything that nobody typed (assertion P-46).
    pub found: bool,
    /// Whether a redirect may lead from https to http, because the admin says so.
    pub downgrade: bool,
    /// Who vouches for the server, besides the authorities of this machine.
    pub trust: Option<&'a Trust>,
}

/// What is expected at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A feed.
    Feed,
    /// A web page.
    Page,
    /// robots.txt.
    Text,
}

impl<'a> Ask<'a> {
    /// For a feed somebody typed.
    pub fn feed(url: &'a Url, validators: &'a Validators) -> Ask<'a> {
        Ask { url, validators: Some(validators), kind: Kind::Feed, found: false, downgrade: false, trust: None }
    }

    /// For a page of a source that was found.
    pub fn page(url: &'a Url, source: &'a Source) -> Ask<'a> {
        let (downgrade, trust) = (source.allow_downgrade, source.trust.as_deref());
        Ask { url, validators: None, kind: Kind::Page, found: true, downgrade, trust }
    }

    /// The page that is asked for, where nobody typed it.
    pub(super) fn page_found(&self) -> Option<&'a Url> {
        self.found.then_some(self.url)
    }

    /// The validators that go to an address.
    pub(super) fn validators_for(&self, url: &Url) -> Option<&'a Validators> {
        self.validators.filter(|v| v.url.as_deref() == Some(url.as_str()) && !v.is_empty())
    }
}

/// What came of a fetch.
#[derive(Debug)]
pub struct Fetched {
    /// When it was answered, behind all others that had their turn before: what a server asks us to wait counts from then.
    pub answered: Time,
    /// What it brought.
    pub answer: Result<Answer, FetchError>,
}

/// What a server answered.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Something new, perhaps.
    Fresh(Box<Document>),
    /// Nothing changed since the validators that were sent.
    NotModified(Box<Unchanged>),
}

/// What comes with "not modified".
#[derive(Debug, Clone)]
pub struct Unchanged {
    /// New validators, where the server sent any.
    pub validators: Validators,
    /// When it wants to be asked again.
    pub signals: Signals,
    /// Where the address has moved for good.
    pub moved_to: Option<Url>,
}

/// A body and what came with it.
#[derive(Debug, Clone)]
pub struct Document {
    /// Where it was found in the end.
    pub url: Url,
    /// Its `Content-Type`.
    pub content_type: Option<String>,
    /// Its validators.
    pub validators: Validators,
    /// When the server wants to be asked again.
    pub signals: Signals,
    /// Where the server says the address has moved for good: every hop was a 301 or 308.
    pub moved_to: Option<Url>,
    /// Whether it has only what is new since the validators that were sent (RFC 3229).
    pub is_delta: bool,
    /// The values of its `Link` headers.
    pub links: Vec<String>,
    pub(super) wire: Bytes,
    pub(super) content_encoding: Option<String>,
    pub(super) max_body: usize,
    /// A place among the large ones, held until nobody holds the document.
    pub(super) place: Option<Arc<OwnedSemaphorePermit>>,
}

impl Document {
    /// The body behind its content coding. Costs time: not for the threads that serve.
    pub fn body(&self) -> Result<Cow<'_, [u8]>, FetchError> {
        decode::decode(&self.wire, self.content_encoding.as_deref(), self.max_body)
    }

    /// Gives its place among the large ones up, because it is held together with others.
    pub fn give_place_up(&mut self) {
        self.place = None;
    }

    /// The body as it came, and its content coding.
    pub fn wire(&self) -> (&[u8], Option<&str>) {
        (&self.wire, self.content_encoding.as_deref())
    }

    /// A document that came without being asked for, or was kept; nothing vouches for it, and it asks for nothing.
    ///
    /// `url`: what links in it are relative to.
    pub fn kept(
        url: Url,
        content_type: Option<String>,
        content_encoding: Option<String>,
        wire: Bytes,
        max_body: usize,
    ) -> Document {
        Document {
            validators: Validators::default(),
            signals: Signals::default(),
            moved_to: None,
            is_delta: false,
            links: Vec::new(),
            url,
            content_type,
            wire,
            content_encoding,
            max_body,
            place: None,
        }
    }
}
