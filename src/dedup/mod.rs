//! Is it known, or changed, and what is it called? Pure: the store loads what might be it, this room decides, the store applies. (Whether it tells
//! the story of another is asked in [`kin`](crate::kin).)
//!
//! The ethic first: **a missed duplicate is better than a lost item.** Two items of a source are one on evidence that cannot be a coincidence.

mod identity;
#[cfg(test)]
mod tests;

pub use identity::{ItemKeys, assign, content, forgotten_name, story_of_address, story_uid};

use chrono::TimeDelta;

use crate::model::Because;
use crate::schedule::Time;
use crate::text;

/// What is stored of an item that shares a key with the incoming one.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownItem {
    /// Its row.
    pub id: i64,
    /// Its story's row.
    pub story: i64,
    /// The digest of what its source said last.
    pub content: crate::model::Digest,
    /// Its headline.
    pub title: String,
    /// Whether its source names it by a guid that is not its link.
    pub has_guid: bool,
    /// Whether it shares its link with the incoming item and no guid.
    pub by_link: bool,
}

impl KnownItem {
    /// Whether an item of its source with this headline and these keys is another one on the same page: a schedule that a
    /// portal replaces every week, under a guid and a headline of its own. An edited headline keeps its guid, or where a
    /// source's guids do not last, founds an item too many; taking the new one for the old would lose both.
    pub fn shares_its_page_with(&self, title: &str, keys: &ItemKeys) -> bool {
        self.by_link && self.has_guid && keys.has_guid() && text::key(title) != text::key(&self.title)
    }
}

/// What to do with an incoming item.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// It is stored as it is.
    Keep,
    /// It is stored, and its source has changed it.
    Revise,
    /// It was forgotten for its age, and is not stored again.
    Forgotten,
    /// It is new and founds a story.
    Found,
    /// It is new and belongs to this story.
    Join {
        /// The story's row.
        story: i64,
        /// The item of it that it is most like.
        with: Option<i64>,
        /// Why.
        because: Because,
    },
}

/// How far back in time a story that arrives late may stand. A feed shows its newest stories; one placed where its date
/// says, days back, would never be shown to a reader who polls every hour.
const LATE: TimeDelta = TimeDelta::hours(6);

/// Where a new story stands in time: where its source says, but not far behind its arrival. The items of a source's
/// first document are not news, and stand where they say.
pub fn position(published: Option<Time>, now: Time, first_harvest: bool) -> Time {
    let said = published.unwrap_or(now).min(now);
    if first_harvest { said } else { said.max(now - LATE) }
}
