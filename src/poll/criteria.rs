//! What decides about topics. It may be replaced while a poll is under way.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::classify::{Evidence, Rules};
use crate::model::{Digest, Item, Match, Source, Topic};
use crate::text::Words;

/// The topic rules, and what each source is about by itself.
pub struct Criteria {
    rules: Arc<Rules>,
    sources: BTreeMap<String, Arc<Source>>,
}

impl Criteria {
    /// Of a configuration.
    pub fn new(rules: &Arc<Rules>, sources: &BTreeMap<String, Arc<Source>>) -> Criteria {
        Criteria { rules: Arc::clone(rules), sources: sources.clone() }
    }

    /// The topics for or against which something speaks in an item. A source that left the configuration says nothing by itself.
    pub fn decide(&self, source: &str, item: &Item) -> Vec<Match> {
        self.decide_by(source, evidence_of_nobody(item))
    }

    /// The same for an item whose words are known.
    pub fn decide_folded(&self, source: &str, item: &Item, words: &Words) -> Vec<Match> {
        self.decide_by(source, Evidence { words: Some(words), ..evidence_of_nobody(item) })
    }

    fn decide_by(&self, source: &str, evidence: Evidence<'_>) -> Vec<Match> {
        let source = self.sources.get(source).map(|s| (s.topics.as_slice(), s.publisher.name.as_str()));
        self.rules.decide(&Evidence { source, ..evidence })
    }

    /// The topics, in their order.
    pub fn topics(&self) -> &[Topic] {
        self.rules.topics()
    }

    /// A name for everything that decides.
    pub fn fingerprint(&self) -> String {
        let own: Vec<String> = self
            .sources
            .values()
            .filter(|s| !s.topics.is_empty())
            .map(|s| format!("{}:{:?}", s.id(), s.topics))
            .collect();
        Digest::of(&[self.rules.fingerprint().hex(32), own.join("\n")]).hex(32)
    }
}

/// What an item shows the rules by itself.
pub fn evidence_of_nobody(item: &Item) -> Evidence<'_> {
    Evidence {
        title: &item.title,
        teaser: &item.summary,
        body: &item.body,
        categories: &item.categories,
        words: None,
        source: None,
    }
}
