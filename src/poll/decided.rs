//! What is stored beside what the rules say of it: to write the difference, or to tell it.

use anyhow::Result;

use super::Criteria;
use crate::model::Match;
use crate::schedule::Time;
use crate::store::Db;
use crate::store::stories::{self, Stored};

/// Items that are looked at in one transaction: enough to be fast, few enough that a checkpoint never waits for long.
const BITE: u32 = 500;

/// A stored item, as it was decided and as it would be.
#[derive(Debug, Clone)]
pub struct Decided {
    /// The item.
    pub stored: Stored,
    /// The topics it is in by what is stored, by name.
    pub then: Vec<Match>,
    /// The topics for or against which anything speaks today, by name.
    pub now: Vec<Match>,
}

impl Decided {
    fn new(db: &Db, criteria: &Criteria, stored: Stored) -> Result<Decided> {
        let then = stories::matches_of_item(db, stored.id)?;
        let mut now = criteria.decide(&stored.source, &stored.item);
        now.sort_by(|a, b| a.topic.cmp(&b.topic));
        Ok(Decided { stored, then, now })
    }

    /// Whether the item would be in other topics, or in the same for other reasons.
    pub fn differs(&self) -> bool {
        !self.then.iter().eq(self.now.iter().filter(|m| m.matched()))
    }

    /// The topics it would be in.
    pub fn matched(&self) -> Vec<Match> {
        self.now.iter().filter(|m| m.matched()).cloned().collect()
    }
}

/// Looks at the next items that arrived since a time, behind the number `after`. Nothing behind the last.
pub fn bite(db: &Db, criteria: &Criteria, since: Time, after: i64) -> Result<Vec<Decided>> {
    stories::items_since(db, since, after, BITE)?.into_iter().map(|stored| Decided::new(db, criteria, stored)).collect()
}

/// One item, read once more: its source may have changed it meanwhile.
pub fn once_more(db: &Db, criteria: &Criteria, id: i64) -> Result<Option<Decided>> {
    stories::stored_item(db, id)?.map(|stored| Decided::new(db, criteria, stored)).transpose()
}
