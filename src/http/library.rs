//! What is not in the snapshot: few ask for it, so it is made when somebody does.

use std::pin::Pin;
use std::sync::Arc;

use crate::publish::{Lang, Page};

/// Makes what is not in the snapshot: facets, archives, searches, pages of stories.
pub trait Library: Send + Sync {
    /// Looks for it.
    fn find(&self, asked: Asked) -> Finding;
}

/// A search under way.
pub type Finding = Pin<Box<dyn Future<Output = Found> + Send>>;

/// What a reader asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The path, without the leading `/`, as it was sent.
    pub path: String,
    /// What is behind the `?`, as it was sent.
    pub query: Option<String>,
    /// In which language.
    pub lang: Lang,
}

/// What there is.
#[derive(Debug, Clone)]
pub enum Found {
    /// A document, and whether there is one in another language too.
    Page(Arc<Page>, bool),
    /// It is elsewhere, for good.
    Moved(String),
    /// It was there and will not be again.
    Gone,
    /// Nothing.
    Missing,
    /// Too many ask at once.
    Busy,
}
