//! A story (sự việc): one event or text, carried by one or more items.

use std::collections::BTreeMap;
use std::sync::Arc;

use url::Url;

use super::{Because, Item, Match, Publisher};
use crate::schedule::Time;

/// A story with everyone who carries it.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// Its public name, for ever: 20 hexadecimal digits made from the first item's own identity, so that a database
    /// restored from yesterday's backup gives the same name again.
    pub uid: String,
    /// Where it stands in time, in the list it was read for. Set once for each topic, and for the list of all.
    pub at: Time,
    /// The last significant change.
    pub updated: Time,
    /// Who carries it, the lead first. Never empty.
    pub members: Vec<Member>,
    /// Other stories of the same event, told in other words; newest first. Lists do without.
    pub related: Vec<Related>,
}

/// A story of the same event (cùng sự kiện) that is not the same text.
#[derive(Debug, Clone, PartialEq)]
pub struct Related {
    /// Its public name.
    pub uid: String,
    /// The headline it stands under.
    pub title: String,
    /// Where its lead is to be read.
    pub link: Option<Url>,
    /// Whose that is.
    pub publisher: Arc<Publisher>,
    /// When that was published.
    pub published: Time,
}

/// A story that an editor took back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawn {
    /// Its public name.
    pub uid: String,
    /// When.
    pub at: Time,
}

/// One source's version.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Who.
    pub publisher: Arc<Publisher>,
    /// What.
    pub item: Item,
    /// When we first saw it.
    pub seen: Time,
    /// The topics that it belongs to by itself, by name.
    pub topics: Vec<Match>,
    /// Why it belongs to the story, and the place among the story's members of the one that it was compared with; nothing for the one
    /// that founded it.
    pub joined: Option<(Because, usize)>,
}

impl Story {
    /// The version that stands for the story.
    pub fn lead(&self) -> Option<&Member> {
        self.members.first()
    }

    /// The topics it belongs to, by name: of each the version that brought it there, which is the one for which most speaks, and why.
    pub fn topics(&self) -> Vec<(&Member, &Match)> {
        let mut best: BTreeMap<&str, (&Member, &Match)> = BTreeMap::new();
        for member in &self.members {
            for matched in &member.topics {
                let known = best.entry(&matched.topic).or_insert((member, matched));
                if matched.score > known.1.score {
                    *known = (member, matched);
                }
            }
        }
        best.into_values().collect()
    }
}

impl Member {
    /// The time a reader sees: the source's own, or when we first saw it.
    pub fn published(&self) -> Time {
        self.item.published.unwrap_or(self.seen)
    }
}
