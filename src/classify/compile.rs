//! Topics → automata over all their phrases: one for texts as they are, one for addresses, and, once there is such a text, one for texts that are written
//! without marks.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::OnceLock;

use daachorse::DoubleArrayAhoCorasick;
use daachorse::errors::DaachorseError;

use super::spelling::{Word, spellings};
use crate::learn::Learned;
use crate::model::{Digest, Field, Phrase, Rule, Topic};
use crate::text::without_marks;

/// Changes when the same topics would decide differently, so that stored decisions are made again.
const VERSION: &str = "3";

/// No more spellings of phrases are looked for, in all topics: the shipped ones have 19,000, and so many take a second to compile.
const MOST_SPELLINGS: usize = 200_000;

/// Every topic, ready to decide.
pub struct Rules {
    topics: Vec<Topic>,
    plain: Automaton,
    /// Without marks, of the rules that look at sections: addresses have none. None where no rule does.
    section: Option<Automaton>,
    /// Without marks, of all. Few installations ever meet a text that needs it.
    bare: OnceLock<Automaton>,
    wants_company: bool,
    /// What topics learned, by position.
    learned: Vec<Option<Learned>>,
}

/// Everything that is looked for, in one pass.
#[derive(Default)]
pub struct Automaton {
    /// None where nothing is looked for.
    search: Option<DoubleArrayAhoCorasick<u32>>,
    /// What is wanted of its patterns, pattern by pattern.
    uses: Vec<Use>,
    /// Where those of each pattern end.
    ends: Vec<u32>,
    /// The longest pattern, in bytes.
    longest: usize,
}

/// What one topic wants of a pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct Use {
    /// Which topic, by position.
    pub topic: u32,
    /// What for.
    pub what: What,
    /// Where it counts.
    pub fields: FieldSet,
    /// Which of its words need a capital letter.
    pub capitals: Capitals,
    /// Whether marks that the phrase has are missing in the pattern.
    pub is_bare: bool,
}

/// What a pattern is for. Rules, phrases and parts are given by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// It is not the topic: its words are hidden.
    Hide,
    /// It speaks for or against the topic, alone or with the phrase's other parts.
    Say { rule: u32, phrase: u32, part: Option<u32> },
    /// A rule speaks only where this stands too.
    Need { rule: u32, entry: u32 },
    /// A rule does not speak where this stands.
    Bar { rule: u32 },
}

/// Words of a phrase that need a capital letter: the first is the lowest bit. Nobody writes a phrase of more than 32.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capitals(u32);

impl Capitals {
    fn of(needed: impl Iterator<Item = bool>) -> Capitals {
        Capitals(needed.take(32).zip(0..).fold(0, |set, (is, place)| set | u32::from(is) << place))
    }

    /// Whether words that begin with a capital, or not, will do.
    pub fn are_in(self, mut words: impl Iterator<Item = bool>) -> bool {
        (0..32)
            .take_while(|place| self.0 >> place != 0)
            .all(|place| words.next() != Some(false) || self.0 >> place & 1 == 0)
    }

    /// Whether no word needs one.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// A set of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldSet(u8);

impl FieldSet {
    fn of(fields: &[Field]) -> FieldSet {
        FieldSet(fields.iter().fold(0, |set, field| set | 1 << *field as u8))
    }

    /// Whether a field is in it.
    pub fn has(self, field: Field) -> bool {
        self.0 & 1 << field as u8 != 0
    }
}

/// The phrases are too many or too long for an automaton.
#[derive(Debug, thiserror::Error)]
#[error("the phrases of the topics do not fit into a search automaton: {0}")]
pub struct TooLarge(String);

impl From<DaachorseError> for TooLarge {
    fn from(error: DaachorseError) -> TooLarge {
        TooLarge(error.to_string())
    }
}

impl Rules {
    /// Compiles the topics.
    pub fn compile(topics: Vec<Topic>) -> Result<Rules, TooLarge> {
        let plain = Automaton::of(&topics, Marks::Kept, |_| true)?;
        let asks = |rule: &Rule| rule.fields.contains(&Field::Section);
        let is_asked = topics.iter().flat_map(|topic| &topic.rules).any(asks);
        let section = if is_asked { Some(Automaton::of(&topics, Marks::LeftOut, asks)?) } else { None };
        let wants_company = topics.iter().flat_map(|t| &t.rules).any(|r| !r.all.is_empty());
        Ok(Rules { topics, plain, section, bare: OnceLock::new(), wants_company, learned: Vec::new() })
    }

    /// The same rules, and what their topics learned, by id.
    pub fn with_learned(mut self, mut learned: BTreeMap<String, Learned>) -> Rules {
        self.learned = self.topics.iter().map(|topic| learned.remove(&topic.id)).collect();
        self
    }

    /// What a topic learned.
    pub fn learned(&self, topic: u32) -> Option<&Learned> {
        self.learned.get(topic as usize)?.as_ref()
    }

    /// A rule of a topic, both by position.
    pub fn rule(&self, topic: u32, rule: u32) -> Option<&Rule> {
        self.topics.get(topic as usize)?.rules.get(rule as usize)
    }

    /// The topics, in the order of their files.
    pub fn topics(&self) -> &[Topic] {
        &self.topics
    }

    /// The topic with this id.
    pub fn topic(&self, id: &str) -> Option<&Topic> {
        self.topics.iter().find(|topic| topic.id == id)
    }

    /// Whether any rule looks at where a source keeps an item.
    pub fn asks_sections(&self) -> bool {
        self.section.is_some()
    }

    /// Whether any rule speaks only in company.
    pub fn wants_company(&self) -> bool {
        self.wants_company
    }

    /// A name for this set of rules: two sets with one name decide alike.
    pub fn fingerprint(&self) -> Digest {
        Digest::of(&[VERSION, &format!("{:?}{:?}", self.topics, self.learned)])
    }

    /// What looks into a text that has marks.
    pub fn plain(&self) -> &Automaton {
        &self.plain
    }

    /// What looks into a text that has none.
    pub fn bare(&self) -> &Automaton {
        // With marks they did fit.
        self.bare.get_or_init(|| Automaton::of(&self.topics, Marks::LeftOut, |_| true).unwrap_or_default())
    }

    /// What looks into addresses.
    pub fn section(&self) -> Option<&Automaton> {
        self.section.as_ref()
    }
}

/// Whether the patterns of an automaton have the marks of their phrases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marks {
    Kept,
    LeftOut,
}

impl Automaton {
    /// Of these rules of the topics, and what hides words from them.
    fn of(topics: &[Topic], marks: Marks, takes: impl Fn(&Rule) -> bool) -> Result<Automaton, TooLarge> {
        let mut patterns: BTreeMap<String, Vec<Use>> = BTreeMap::new();
        let (mut known, mut count) = (HashMap::new(), 0);
        for (index, topic) in (0..).zip(topics) {
            each_phrase(topic, &takes, |phrase, what, fields, is_proper| {
                for (part, wordings) in (0..).zip(&phrase.parts) {
                    let what = what((phrase.parts.len() > 1).then_some(part));
                    for wording in wordings {
                        // Topics share groups, and one that is tried out in several versions shares nearly everything.
                        let spellings = known.entry(wording).or_insert_with(|| spelled(wording, marks));
                        for spelled in spellings.iter().take((MOST_SPELLINGS + 1).saturating_sub(count)) {
                            count += 1;
                            let needs_capital = |w: &Word| w.is_short || is_proper && w.capital;
                            let capitals = Capitals::of(spelled.words.iter().map(needs_capital));
                            let fields = FieldSet::of(fields);
                            let wanted = Use { topic: index, what, fields, capitals, is_bare: spelled.is_bare };
                            want(&mut patterns, &spelled.pattern, wanted);
                        }
                    }
                }
            });
        }
        if count > MOST_SPELLINGS {
            return Err(TooLarge(format!("more than {MOST_SPELLINGS} spellings")));
        }
        let longest = patterns.keys().map(String::len).max().unwrap_or(0);
        let search = if patterns.is_empty() { None } else { Some(DoubleArrayAhoCorasick::new(patterns.keys())?) };
        let (mut uses, mut ends) = (Vec::new(), Vec::with_capacity(patterns.len()));
        for of_pattern in patterns.into_values() {
            uses.extend(of_pattern);
            ends.push(u32::try_from(uses.len()).unwrap_or(u32::MAX));
        }
        Ok(Automaton { search, uses, ends, longest })
    }

    /// Calls `found` with everything that is looked for in a folded text, overlapping too, and its span there.
    pub fn each<'a>(&'a self, folded: &str, mut found: impl FnMut(Range<usize>, &'a Use)) {
        let Some(search) = &self.search else { return };
        for m in search.find_overlapping_iter(folded) {
            let pattern = m.value() as usize;
            let begin = pattern.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| *end as usize);
            let end = self.ends.get(pattern).map_or(0, |end| *end as usize);
            for wanted in self.uses.get(begin..end).into_iter().flatten() {
                found(m.start()..m.end(), wanted);
            }
        }
    }

    /// The longest span that an occurrence can have, in bytes.
    pub fn longest(&self) -> usize {
        self.longest
    }
}

/// Calls `each` with every phrase of the rules of a topic, what its parts are for, where they count, and whether capitals do.
fn each_phrase<'t>(
    topic: &'t Topic,
    takes: impl Fn(&Rule) -> bool,
    mut each: impl FnMut(&'t Phrase, &dyn Fn(Option<u32>) -> What, &'t [Field], bool),
) {
    if topic.rules.iter().any(&takes) {
        topic.hide.iter().for_each(|phrase| each(phrase, &|_| What::Hide, &[], false));
    }
    for (rule, of) in (0..).zip(&topic.rules).filter(|(_, rule)| takes(rule)) {
        for (phrase, of_phrase) in (0..).zip(&of.phrases) {
            each(of_phrase, &|part| What::Say { rule, phrase, part }, &of.fields, of.proper);
        }
        for (entry, phrases) in (0..).zip(&of.all) {
            phrases.iter().for_each(|phrase| each(phrase, &|_| What::Need { rule, entry }, &[], of.proper));
        }
        of.none.iter().for_each(|phrase| each(phrase, &|_| What::Bar { rule }, &[], of.proper));
    }
}

/// One spelling of a wording, as it is searched for: its words between spaces, so that it is found as whole syllables.
struct Spelled {
    words: Vec<Word>,
    pattern: String,
    /// Whether marks are missing in the pattern.
    is_bare: bool,
}

fn spelled(wording: &str, marks: Marks) -> Vec<Spelled> {
    let pattern = |words: Vec<&str>| format!(" {} ", words.join(" "));
    let one = |words: Vec<Word>| {
        let plain = pattern(words.iter().map(|w| w.word.as_str()).collect());
        let bare = (marks == Marks::LeftOut).then(|| {
            let bare: Vec<String> = words.iter().map(|w| bare_word(&w.word)).collect();
            pattern(bare.iter().map(String::as_str).collect())
        });
        let is_bare = bare.as_ref().is_some_and(|bare| *bare != plain);
        // One syllable without its marks is a dozen words.
        let is_telling = !is_bare || words.len() > 1;
        is_telling.then(|| Spelled { pattern: bare.unwrap_or(plain), is_bare, words })
    };
    spellings(wording).into_iter().filter_map(one).collect()
}

/// Adds a pattern.
fn want(patterns: &mut BTreeMap<String, Vec<Use>>, pattern: &str, wanted: Use) {
    let of_pattern = match patterns.get_mut(pattern) {
        Some(of_pattern) => of_pattern,
        None => patterns.entry(pattern.to_owned()).or_default(),
    };
    let same = |u: &&mut Use| u.topic == wanted.topic && u.what == wanted.what;
    match of_pattern.iter_mut().find(same) {
        // Written with and without a capital, it needs none.
        Some(other) if other.capitals != wanted.capitals => other.capitals = Capitals(0),
        Some(_) => {}
        None => of_pattern.push(wanted),
    }
}

/// A folded word without its marks.
fn bare_word(word: &str) -> String {
    without_marks(word).chars().filter(|c| !c.is_control()).collect()
}
