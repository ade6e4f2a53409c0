//! A linear model of a topic: what speaks for it and against it, each with a weight that a person can read.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::Range;

use super::gram;
use super::learned::Article;
use crate::model::{Field, Reason};
use crate::text::{self, Folded, Words};

/// Where a feature stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Words in the headline.
    Title,
    /// Words in the teaser, or where there is none, in the beginning of the article.
    Opening,
    /// Words in the article.
    Body,
    /// A rule that spoke, and where.
    Rule(Field),
}

/// How much of an article without a teaser is its opening, in words: as much as a long teaser, and less than the paragraphs that rules take for one.
const OPENING_WORDS: usize = 60;
/// A feature has at most this many words: enough for a name. Longer runs are seldom met again.
pub const GRAM: usize = 3;

impl Place {
    /// The word used in files.
    pub fn name(self) -> String {
        match self {
            Place::Title => "title".to_owned(),
            Place::Opening => "opening".to_owned(),
            Place::Body => "body".to_owned(),
            Place::Rule(field) => format!("rule@{}", field.as_str()),
        }
    }

    /// From the word used in files.
    pub fn parse(word: &str) -> Option<Place> {
        match word.strip_prefix("rule@") {
            Some(field) => Field::parse(field).map(Place::Rule),
            None => [Place::Title, Place::Opening, Place::Body].into_iter().find(|place| place.name() == word),
        }
    }

    /// The field of an item whose words these are.
    fn field(self) -> Field {
        match self {
            Place::Title => Field::Title,
            Place::Opening => Field::Teaser,
            Place::Body => Field::Body,
            Place::Rule(field) => field,
        }
    }

    /// What a phrase is compared as here: words as their fold, a rule by its name.
    pub fn key(self, phrase: &str) -> String {
        match self {
            Place::Rule(_) => phrase.to_owned(),
            _ => text::key(phrase),
        }
    }
}

/// Something that may be seen in an item, and what it says.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// What its presence adds to the log-odds of the topic.
    pub weight: f64,
    /// Where it stands.
    pub place: Place,
    /// A phrase as people write it, or the name of a rule.
    pub phrase: String,
}

/// The model: logistic regression over the presence of features.
#[derive(Clone, PartialEq)]
pub struct Linear {
    /// The log-odds of an item without any feature.
    bias: f64,
    /// The heaviest for the topic first, the heaviest against it last.
    features: Vec<Feature>,
    /// Where each feature is, by place and key.
    index: BTreeMap<Place, HashMap<String, usize>>,
}

/// A feature that was seen, in the words of the item.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// What it added to the log-odds.
    pub weight: f64,
    /// Where.
    pub field: Field,
    /// The words as they stand there.
    pub text: String,
}

/// Where something that was seen stands: words in a field, or the words of a reason.
#[derive(Clone)]
pub enum Seen<'a> {
    /// In this folded text.
    Run(Range<usize>),
    /// Because of this reason.
    Reason(&'a Reason),
}

impl Linear {
    /// A model with these weights; of several for one thing, the last counts.
    pub fn new(bias: f64, mut features: Vec<Feature>) -> Linear {
        features.sort_by(|a, b| {
            b.weight.total_cmp(&a.weight).then_with(|| (a.place, &a.phrase).cmp(&(b.place, &b.phrase)))
        });
        let mut index: BTreeMap<Place, HashMap<String, usize>> = BTreeMap::new();
        for (at, feature) in features.iter().enumerate() {
            index.entry(feature.place).or_default().insert(feature.place.key(&feature.phrase), at);
        }
        Linear { bias, features, index }
    }

    /// The log-odds of an item without any feature.
    pub fn bias(&self) -> f64 {
        self.bias
    }

    /// What it looks at, the heaviest for the topic first.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// How likely an item belongs to the topic, from 0 to 1, given what the rules said of it.
    pub fn probability(&self, article: &Article<'_>, reasons: &[Reason]) -> f64 {
        let sum: f64 = self.seen(article, reasons).iter().map(|(feature, ..)| feature.weight).sum();
        1.0 / (1.0 + (-(self.bias + sum)).exp())
    }

    /// The features of an item that speak in the direction of `sign`, the heaviest first, at most `count`.
    pub fn top(&self, article: &Article<'_>, reasons: &[Reason], sign: f64, count: usize) -> Vec<Told> {
        let mut seen = self.seen(article, reasons);
        seen.retain(|(feature, ..)| feature.weight * sign > 0.0);
        seen.sort_by(|a, b| b.0.weight.abs().total_cmp(&a.0.weight.abs()));
        let mut told: Vec<Told> = Vec::new();
        for (feature, seen) in seen {
            let text = match seen {
                Seen::Reason(reason) => reason.text.clone(),
                Seen::Run(run) => words_of(article, feature.place, run),
            };
            // "học tập" says nothing beside "học tập và".
            if !told.iter().any(|other| other.text.contains(&text) || text.contains(&other.text)) {
                told.push(Told { weight: feature.weight, field: feature.place.field(), text });
            }
            if told.len() == count {
                break;
            }
        }
        told
    }

    /// The features of an item, each once, where it stands first.
    fn seen<'a>(&self, article: &Article<'a>, reasons: &'a [Reason]) -> Vec<(&Feature, Seen<'a>)> {
        let mut found = vec![false; self.features.len()];
        let mut all = Vec::new();
        see(article, reasons, |place, key, seen| {
            let at = self.index.get(&place).and_then(|keys| keys.get(key)).copied();
            if let Some(at) = at
                && let (Some(found), Some(feature)) = (found.get_mut(at), self.features.get(at))
                && !std::mem::replace(found, true)
            {
                all.push((feature, seen));
            }
        });
        all
    }
}

/// Calls `each` with everything in an item that may be a feature, as its place, its key, and where it stands. An item whose words nobody
/// folded has none but the rules'.
pub fn see<'a>(article: &Article<'a>, reasons: &'a [Reason], mut each: impl FnMut(Place, &'a str, Seen<'a>)) {
    for reason in reasons {
        each(Place::Rule(reason.field), &reason.rule, Seen::Reason(reason));
    }
    for Text { place, looked_at, .. } in texts(article) {
        gram::for_each(looked_at, GRAM, |run, key| {
            each(place, key, Seen::Run(run));
            true
        });
    }
}

/// The words of a run as they stand in the item.
pub fn words_of(article: &Article<'_>, place: Place, run: Range<usize>) -> String {
    let text = texts(article).find(|text| text.place == place);
    text.map(|text| gram::surface(text.original, text.folded, run)).unwrap_or_default()
}

/// A text of an item in which words are features.
struct Text<'a> {
    place: Place,
    original: &'a str,
    folded: &'a Folded,
    /// The part of the folded text.
    looked_at: &'a str,
}

/// Words of texts that the item does not have count for nothing: whoever folded them may know more than is shown here.
fn texts<'a>(article: &Article<'a>) -> impl Iterator<Item = Text<'a>> {
    let Article { title, teaser, body, words } = *article;
    let whole = |place, original, folded: &'a Folded| Text { place, original, folded, looked_at: folded.as_str() };
    let all = words.map(|Words { title: title_words, teaser: teaser_words, body: body_words }| {
        let opening = match teaser.is_empty() {
            false => whole(Place::Opening, teaser, teaser_words),
            true => Text { looked_at: beginning(body_words.as_str()), ..whole(Place::Opening, body, body_words) },
        };
        [whole(Place::Title, title, title_words), opening, whole(Place::Body, body, body_words)]
    });
    all.into_iter().flatten().filter(|text| !text.original.is_empty())
}

/// As much of a folded article as stands in for a teaser.
fn beginning(folded: &str) -> &str {
    let end = folded.match_indices(' ').nth(OPENING_WORDS).map_or(folded.len(), |(at, _)| at);
    folded.get(..end).unwrap_or_default()
}

/// Without the index, whose order differs from run to run: two models with one name decide alike.
impl fmt::Debug for Linear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Linear").field("bias", &self.bias).field("features", &self.features).finish_non_exhaustive()
    }
}
