//! Topics → two automata over all their phrases: one for texts as they are, one for texts that are written without marks.

use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};

use super::spelling::{Word, spellings};
use crate::model::{Digest, Field, Phrase, Topic};
use crate::text::without_marks;

/// Changes when the same topics would decide differently, so that stored decisions are made again.
const VERSION: &str = "2";

/// Every topic, ready to decide.
pub struct Rules {
    topics: Vec<Topic>,
    plain: Automaton,
    bare: Automaton,
    asks_sections: bool,
}

/// Everything that is looked for, in one pass.
pub struct Automaton {
    search: AhoCorasick,
    /// For each of its patterns, everybody who asked for it.
    uses: Vec<Vec<Use>>,
    /// The longest pattern, in bytes.
    longest: usize,
}

/// What one topic wants of a pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct Use {
    /// Which topic, by position.
    pub topic: usize,
    /// What for.
    pub what: What,
    /// Which of its words need a capital letter, if any do.
    pub capitals: Option<Vec<bool>>,
    /// Whether marks that the phrase has are missing in the pattern.
    pub is_bare: bool,
}

/// What a pattern is for. Rules, phrases and parts are given by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// It is not the topic: its words are hidden.
    Hide,
    /// It speaks for or against the topic, alone or with the phrase's other parts.
    Say { rule: usize, phrase: usize, part: usize },
    /// A rule speaks only where this stands too.
    Need { rule: usize, entry: usize },
    /// A rule does not speak where this stands.
    Bar { rule: usize },
}

/// The phrases are too many or too long for an automaton.
#[derive(Debug, thiserror::Error)]
#[error("the phrases of the topics do not fit into a search automaton: {0}")]
pub struct TooLarge(#[from] aho_corasick::BuildError);

impl Rules {
    /// Compiles the topics.
    pub fn compile(topics: Vec<Topic>) -> Result<Rules, TooLarge> {
        let (mut plain, mut bare) = (BTreeMap::new(), BTreeMap::new());
        for (index, topic) in topics.iter().enumerate() {
            each_phrase(topic, |phrase, what, is_proper| {
                for (part, wording) in phrase.parts.iter().enumerate().flat_map(|(n, p)| p.iter().map(move |w| (n, w)))
                {
                    let what = what(part);
                    for spelling in spellings(wording) {
                        let capitals = is_proper.then(|| spelling.iter().map(|w| w.capital).collect::<Vec<_>>());
                        let capitals = capitals.filter(|c| c.contains(&true));
                        let wanted = Use { topic: index, what, capitals, is_bare: false };
                        let bare_words: Vec<String> = spelling.iter().map(|w| bare_word(&w.word)).collect();
                        let is_bare = spelling.iter().zip(&bare_words).any(|(w, bare)| w.word != *bare);
                        // One syllable without its marks is a dozen words.
                        if !is_bare || spelling.len() > 1 {
                            want(&mut bare, &bare_words, Use { is_bare, ..wanted.clone() });
                        }
                        want(&mut plain, &words(&spelling), wanted);
                    }
                }
            });
        }
        let asks_sections = topics.iter().flat_map(|t| &t.rules).any(|r| r.fields.contains(&Field::Section));
        Ok(Rules { topics, plain: Automaton::build(plain)?, bare: Automaton::build(bare)?, asks_sections })
    }

    /// The topics, in the order of their files.
    pub fn topics(&self) -> &[Topic] {
        &self.topics
    }

    /// Whether any rule looks at where a source keeps an item.
    pub fn asks_sections(&self) -> bool {
        self.asks_sections
    }

    /// A name for this set of rules: two sets with one name decide alike.
    pub fn fingerprint(&self) -> Digest {
        Digest::of(&[VERSION, &format!("{:?}", self.topics)])
    }

    /// What looks into a text that has no marks, or into one that has.
    pub fn automaton(&self, for_bare: bool) -> &Automaton {
        if for_bare { &self.bare } else { &self.plain }
    }
}

impl Automaton {
    fn build(wanted: BTreeMap<String, Vec<Use>>) -> Result<Automaton, TooLarge> {
        let longest = wanted.keys().map(String::len).max().unwrap_or(0);
        let (patterns, uses): (Vec<String>, Vec<Vec<Use>>) = wanted.into_iter().unzip();
        let search = AhoCorasick::builder().match_kind(MatchKind::Standard).build(&patterns)?;
        Ok(Automaton { search, uses, longest })
    }

    /// Everything that is looked for in a folded text, overlapping too, with its span there.
    pub fn occurrences<'a>(&'a self, folded: &'a str) -> impl Iterator<Item = (Range<usize>, &'a Use)> {
        self.search
            .find_overlapping_iter(folded)
            .flat_map(|m| self.uses.get(m.pattern().as_usize()).into_iter().flatten().map(move |u| (m.range(), u)))
    }

    /// The longest span that an occurrence can have, in bytes.
    pub fn longest(&self) -> usize {
        self.longest
    }
}

/// Calls `each` with every phrase of a topic, what its parts are for, and whether capitals count in it.
fn each_phrase(topic: &Topic, mut each: impl FnMut(&Phrase, &dyn Fn(usize) -> What, bool)) {
    for phrase in &topic.hide {
        each(phrase, &|_| What::Hide, false);
    }
    for (rule, of) in topic.rules.iter().enumerate() {
        for (phrase, of_phrase) in of.phrases.iter().enumerate() {
            each(of_phrase, &|part| What::Say { rule, phrase, part }, of.proper);
        }
        for (entry, phrases) in of.all.iter().enumerate() {
            phrases.iter().for_each(|phrase| each(phrase, &|_| What::Need { rule, entry }, of.proper));
        }
        of.none.iter().for_each(|phrase| each(phrase, &|_| What::Bar { rule }, of.proper));
    }
}

/// Adds a pattern: its words between spaces, so that it is found as whole syllables.
fn want(patterns: &mut BTreeMap<String, Vec<Use>>, words: &[String], wanted: Use) {
    let of_pattern = patterns.entry(format!(" {} ", words.join(" "))).or_default();
    let same = |u: &&mut Use| u.topic == wanted.topic && u.what == wanted.what;
    match of_pattern.iter_mut().find(same) {
        // Written with and without a capital, it needs none.
        Some(other) if other.capitals != wanted.capitals => other.capitals = None,
        Some(_) => {}
        None => of_pattern.push(wanted),
    }
}

fn words(spelling: &[Word]) -> Vec<String> {
    spelling.iter().map(|w| w.word.clone()).collect()
}

/// A folded word without its marks.
fn bare_word(word: &str) -> String {
    without_marks(word).chars().filter(|c| !c.is_control()).collect()
}
