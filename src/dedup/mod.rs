//! Is it known, changed, or the same story? Pure: the store loads what might be related, [`decide`] decides, the store
//! applies.
//!
//! The ethic first: **a missed duplicate is better than a lost item.** Two items are one only on evidence that cannot
//! be a coincidence: the same identity, the same address, or the same text, long enough and near in time. Likeness is
//! not evidence here: on the flagship topic the formula *is* the likeness.

mod identity;
mod same_text;
#[cfg(test)]
mod tests;

pub use identity::{ItemKeys, assign, content, story_uid};
pub use same_text::{Evidence, StoryKey, story_keys, story_keys_of};

use chrono::TimeDelta;

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

/// A story that shares a key with the incoming item.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Its row.
    pub story: i64,
    /// Which kind of key they share.
    pub evidence: Evidence,
    /// When the item that left the key was published or first seen.
    pub at: Time,
    /// The headline it stands under.
    pub title: String,
    /// Whether the incoming item's own source already carries it.
    pub carried_by_same_source: bool,
}

/// What to do with an incoming item.
#[derive(Debug, Clone, Copy, PartialEq)]
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
        /// What they share.
        evidence: Evidence,
    },
}

/// Texts further apart than this are not one story even when equal: bulletins repeat.
pub const WINDOW: TimeDelta = TimeDelta::days(7);

/// How far back in time a story that arrives late may stand. A feed shows its newest stories; one placed where its date
/// says, days back, would never be shown to a reader who polls every hour.
const LATE: TimeDelta = TimeDelta::hours(6);

/// Where a new story stands in time: where its source says, but not far behind its arrival. The items of a source's
/// first document are not news, and stand where they say.
pub fn position(published: Option<Time>, now: Time, first_harvest: bool) -> Time {
    let said = published.unwrap_or(now).min(now);
    if first_harvest { said } else { said.max(now - LATE) }
}

/// Decides what an incoming item is, by its headline, content and time. `known` is the stored item with one of its keys,
/// the guid's first; `candidates` are in the order of the incoming item's story keys.
pub fn decide(
    title: &str,
    content: &crate::model::Digest,
    at: Time,
    known: Option<&KnownItem>,
    candidates: &[Candidate],
) -> Decision {
    match known {
        Some(item) if item.content == *content => Decision::Keep,
        Some(_) => Decision::Revise,
        None => candidates
            .iter()
            .find(|c| joins(c, title, at))
            .map_or(Decision::Found, |c| Decision::Join { story: c.story, evidence: c.evidence }),
    }
}

fn joins(candidate: &Candidate, title: &str, at: Time) -> bool {
    let near = || !candidate.carried_by_same_source && (candidate.at - at).abs() <= WINDOW;
    match candidate.evidence {
        Evidence::Link => true,
        Evidence::TitleAndTeaser | Evidence::Body => near(),
        Evidence::Teaser => near() && text::headlines_agree(title, &candidate.title),
    }
}
