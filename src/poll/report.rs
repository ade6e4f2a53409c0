//! What became of a poll, for the log, the numbers and whoever asked for it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::dedup::Decision;
use crate::model::Item;
use crate::rhythm::Silence;
use crate::schedule::{Due, Time};
use crate::store::TakenIn;

/// What happened.
#[derive(Debug, Clone)]
pub struct Report {
    /// In one word and a sentence.
    pub outcome: Outcome,
    /// The items that were not known as they are, oldest first.
    pub items: Vec<(Item, TakenIn)>,
    /// How many were known as they are.
    pub unchanged: usize,
    /// When the source is polled next.
    pub due: Due,
    /// Where the server says the feed has moved for good.
    pub moved_to: Option<url::Url>,
    /// Whether the document advertises another hub than before, or the hub turned out to deliver less than it should.
    pub hub_changed: bool,
    /// Whether the source has been silent for longer than its own rhythm explains; looked at once a day.
    pub silence: Option<Silence>,
}

/// How a poll ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The server said "not modified".
    NotModified,
    /// The same body as last time.
    SameBody,
    /// A feed.
    Taken {
        /// How many entries it had.
        entries: usize,
        /// What it needed repairing of.
        repairs: Vec<&'static str>,
    },
    /// Nobody was asked: the host wants to be left alone until then.
    Postponed {
        /// Until when.
        until: Time,
    },
    /// Nothing.
    Failed {
        /// The class.
        class: Cow<'static, str>,
        /// What happened.
        text: String,
    },
}

impl Outcome {
    /// The name of the outcome in logs, metrics and `poll --format json`.
    pub fn as_str(&self) -> &str {
        match self {
            Outcome::Postponed { .. } => "waiting",
            Outcome::NotModified => "not-modified",
            Outcome::SameBody => "same-body",
            Outcome::Taken { .. } => "taken",
            Outcome::Failed { class, .. } => class,
        }
    }
}

impl Report {
    /// The topics whose pages may show a difference.
    pub fn topics(&self) -> BTreeSet<String> {
        self.items.iter().flat_map(|(_, t)| t.topics.iter().cloned()).collect()
    }

    /// Whether anything was written that pages show.
    pub fn has_changes(&self) -> bool {
        self.items.iter().any(|(_, taken)| !matches!(taken.decision, Decision::Keep | Decision::Forgotten))
    }

    /// How many items are new.
    pub fn new_items(&self) -> usize {
        self.items.iter().filter(|(_, taken)| taken.is_new()).count()
    }
}
