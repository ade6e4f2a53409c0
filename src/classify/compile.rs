//! Topics → one automaton over all their phrases.

use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::model::{Digest, Field, Topic};
use crate::text::{self, Folded};

/// Changes when the same topics would decide differently, so that stored decisions are made again.
const VERSION: &str = "1";

/// Every topic, ready to decide.
pub struct Rules {
    topics: Vec<Topic>,
    automaton: AhoCorasick,
    /// For each phrase of the automaton, everybody who asked for it.
    uses: Vec<Vec<Use>>,
}

/// What one topic wants of a phrase.
#[derive(Debug, Clone, PartialEq)]
pub enum Use {
    /// It is not the topic: its words are hidden.
    Hide {
        /// Which topic, by position.
        topic: usize,
    },
    /// It speaks for or against the topic.
    Rule {
        /// Which topic, by position.
        topic: usize,
        /// Which of its rules.
        rule: usize,
        /// Where it counts.
        fields: Vec<Field>,
        /// Which of its words need a capital letter, if any do.
        capitals: Option<Vec<bool>>,
    },
}

/// The phrases are too many or too long for an automaton.
#[derive(Debug, thiserror::Error)]
#[error("the phrases of the topics do not fit into a search automaton: {0}")]
pub struct TooLarge(#[from] aho_corasick::BuildError);

impl Rules {
    /// Compiles the topics. Phrases without a word are left out; the configuration reports them.
    pub fn compile(topics: Vec<Topic>) -> Result<Rules, TooLarge> {
        let mut uses: BTreeMap<String, Vec<Use>> = BTreeMap::new();
        let mut want = |phrase: &str, wanted: Use| {
            let key = text::key(phrase);
            if !key.is_empty() {
                uses.entry(format!(" {key} ")).or_default().push(wanted);
            }
        };
        for (index, topic) in topics.iter().enumerate() {
            for phrase in &topic.hide {
                want(phrase, Use::Hide { topic: index });
            }
            for (rule_index, rule) in topic.rules.iter().enumerate() {
                for phrase in &rule.phrases {
                    let capitals = rule.proper.then(|| capitals_of(phrase));
                    want(phrase, Use::Rule { topic: index, rule: rule_index, fields: rule.fields.clone(), capitals });
                }
            }
        }
        let (patterns, uses): (Vec<String>, Vec<Vec<Use>>) = uses.into_iter().unzip();
        let automaton = AhoCorasick::builder().match_kind(MatchKind::Standard).build(&patterns)?;
        Ok(Rules { topics, automaton, uses })
    }

    /// The topics, in the order of their files.
    pub fn topics(&self) -> &[Topic] {
        &self.topics
    }

    /// A name for this set of rules: two sets with one name decide alike.
    pub fn fingerprint(&self) -> Digest {
        Digest::of(&[VERSION, &format!("{:?}", self.topics)])
    }

    /// Every phrase of every topic in a folded text, overlapping ones too, with its span there.
    pub fn occurrences<'a>(&'a self, folded: &'a str) -> impl Iterator<Item = (Range<usize>, &'a Use)> {
        self.automaton
            .find_overlapping_iter(folded)
            .flat_map(|m| self.uses.get(m.pattern().as_usize()).into_iter().flatten().map(move |u| (m.range(), u)))
    }
}

fn capitals_of(phrase: &str) -> Vec<bool> {
    let folded = Folded::new(phrase);
    folded.capitals(0..folded.as_str().len()).collect()
}
