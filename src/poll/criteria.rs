//! What decides about topics. It may be replaced while a poll is under way.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::classify::{Evidence, Rules};
use crate::link;
use crate::model::{Digest, Item, Match, Source, Topic};
use crate::text::Words;
use url::Url;

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
        self.ask(source, item, |evidence| self.rules.decide(&evidence))
    }

    /// The same for an item whose words are known; it is told why only where the item belongs.
    pub fn verdicts(&self, source: &str, item: &Item, words: &Words) -> Vec<Match> {
        self.ask(source, item, |evidence| self.rules.verdicts(&Evidence { words: Some(words), ..evidence }))
    }

    fn ask(&self, source: &str, item: &Item, decide: impl FnOnce(Evidence<'_>) -> Vec<Match>) -> Vec<Match> {
        let source = self.sources.get(source);
        let publisher = source.map(|s| s.publisher.as_ref()).filter(|_| self.rules.asks_sections());
        let section = publisher.map(|p| section(item.link.as_ref(), Some((&p.name, &p.feed)))).unwrap_or_default();
        let source = source.map(|s| (s.topics.as_slice(), s.publisher.name.as_str()));
        decide(Evidence { section: &section, source, ..evidence_of_nobody(item) })
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
            .filter(|s| !s.topics.is_empty() || self.rules.asks_sections())
            .map(|s| format!("{}:{:?}:{}:{}", s.id(), s.topics, s.publisher.name, s.publisher.feed))
            .collect();
        Digest::of(&[self.rules.fingerprint().hex(32), own.join("\n")]).hex(32)
    }
}

/// Where a source keeps an item, a line each: the folders of its address, and the name and address of the source itself. A paper's own section is in one of them.
pub fn section(link: Option<&Url>, source: Option<(&str, &Url)>) -> String {
    let mut lines = link.map(link::segments).unwrap_or_default();
    // The last is the article.
    lines.pop();
    if let Some((name, feed)) = source {
        lines.push(name);
        lines.extend(link::segments(feed));
    }
    lines.join("\n")
}

/// What an item shows the rules by itself.
pub fn evidence_of_nobody(item: &Item) -> Evidence<'_> {
    Evidence {
        title: &item.title,
        teaser: &item.summary,
        body: &item.body,
        categories: &item.categories,
        section: "",
        words: None,
        source: None,
    }
}
