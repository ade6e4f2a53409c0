//! An item (tin): one source's version of a story.

use url::Url;

use super::Enclosure;
use crate::html::Html;
use crate::schedule::Time;

/// What one source says, as display text. Bounded at ingest, so nothing later has to be.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Item {
    /// The headline: one line, never empty.
    pub title: String,
    /// The address of the article.
    pub link: Option<Url>,
    /// The teaser: plain text, paragraphs joined by `\n`; may be empty.
    pub summary: String,
    /// The article, where the source gives it: plain text, paragraphs joined by `\n`. Kept for matching, not for
    /// publishing.
    pub body: String,
    /// The article as sanitised markup, kept only where the source says it may be published.
    pub html: Option<Html>,
    /// Who wrote it.
    pub author: Option<String>,
    /// The source's own categories.
    pub categories: Vec<String>,
    /// The lead picture.
    pub image: Option<Url>,
    /// Files that the source attaches, in its order. They are linked to, never fetched, and a change of them alone is no change of the item.
    pub enclosures: Vec<Enclosure>,
    /// When the source says it was published; never in the future.
    pub published: Option<Time>,
}

/// The longest headline, in characters. The longest of 48,387 headlines of three national papers (October to December
/// 2025) has 143.
pub const MAX_TITLE_CHARS: usize = 500;
/// The longest teaser. In the same headlines' teasers: 303.
pub const MAX_SUMMARY_CHARS: usize = 2_000;
/// The longest body kept for matching.
pub const MAX_BODY_CHARS: usize = 100_000;
/// The most categories of one item, and the longest category.
pub const MAX_CATEGORIES: usize = 20;
/// See [`MAX_CATEGORIES`].
pub const MAX_CATEGORY_CHARS: usize = 100;
/// The most attached files of one item. Portals attach a decree and its annexes; feeds for listening attach one.
pub const MAX_ENCLOSURES: usize = 8;
