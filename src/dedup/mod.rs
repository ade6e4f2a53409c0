//! Is it known, changed, or the same story? Pure: the store loads what might be related, this room decides, the store applies.
//!
//! The ethic first: **a missed duplicate is better than a lost item.** Two items of a source are one on evidence that cannot be a coincidence
//! ([`identity`]). Two items are one story by their address or number, or by what they say: which words they share that are
//! rare, and that nothing they state is in conflict ([`verdict`]). Likeness alone is no evidence here: on the flagship topic the formula *is* the
//! likeness.

mod compare;
mod credit;
#[cfg(test)]
mod dump;
mod facts;
mod formulas;
mod grouping;
mod identity;
mod portrait;
mod rarity;
mod set;
mod shared;
mod sketch;
mod story_key;
mod term;
#[cfg(test)]
mod tests;
mod verdict;
mod window;

pub use grouping::{MOST_ASKED, Memory, Neighbour, Resident, place};
pub use identity::{ItemKeys, assign, content, story_of_address, story_uid};
pub use portrait::Portrait;
pub use shared::rarest;
pub use sketch::Sketch;
pub use story_key::{Hint, StoryKey, story_keys};
pub use verdict::{Relation, WINDOW};

use std::sync::Arc;

use chrono::TimeDelta;

use crate::model::{Because, Item};
use crate::schedule::Time;
use crate::text::{self, Words};

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

/// What an item is compared by.
#[derive(Debug, Clone)]
pub struct Traits {
    /// The names that it shares with others of its story, strongest first.
    pub keys: Vec<StoryKey>,
    /// What it says.
    pub portrait: Arc<Portrait>,
    /// Whether it names another paper as its source.
    pub is_reprint: bool,
}

impl Traits {
    /// Of an item and its words; by its link only where that leads to it alone.
    pub fn of(item: &Item, words: &Words, link_names_it: bool) -> Traits {
        Traits {
            keys: story_keys(item, words, link_names_it),
            portrait: Arc::new(Portrait::of(item, words)),
            is_reprint: credit::is_reprint(item),
        }
    }

    /// The same of an item whose words are not known yet.
    pub fn of_item(item: &Item, link_names_it: bool) -> Traits {
        Traits::of(item, &Words::of(&item.title, &item.summary, &item.body), link_names_it)
    }
}
