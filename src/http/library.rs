//! What is not in the snapshot: documents that are made when somebody asks.

use std::pin::Pin;
use std::sync::Arc;

use crate::publish::{Lang, Page};

/// Makes facets, archives, searches and the pages of single stories. Whoever does so may read the database; the listener does not know.
pub trait Library: Send + Sync {
    /// The document at an address, or what is to be said instead.
    fn find(&self, asked: Asked) -> Finding;
}

/// A search under way.
pub type Finding = Pin<Box<dyn Future<Output = Found> + Send>>;

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The path without the leading `/`, as it was sent.
    pub path: String,
    /// What stands behind the `?`, as it was sent.
    pub query: Option<String>,
    /// The language that is wanted.
    pub lang: Lang,
}

/// What there is at an address.
#[derive(Debug, Clone)]
pub enum Found {
    /// A document, in one language or in the one asked for.
    Page(Arc<Page>),
    /// Another address for good, relative to this one.
    Moved(String),
    /// It was there and is not any more.
    Gone,
    /// Nothing.
    Missing,
    /// Too many ask at once, or the database is in trouble: come again.
    Busy,
}
