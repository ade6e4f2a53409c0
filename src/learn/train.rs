//! Training: a model from labelled items, and what it would have been worth on items that it had not seen.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::fit::{Fit, Matrix};
use super::gram::Spellings;
use super::learned::{Article, points};
use super::linear::{Feature, Linear, Place, Seen, see, words_of};
use super::measure::Tally;
use crate::model::{Digest, Reason};
use crate::text;

/// A labelled item with what the rules said of it.
#[derive(Debug, Clone)]
pub struct Example<'a> {
    /// What the file calls it.
    pub id: &'a str,
    /// Its texts, folded.
    pub article: Article<'a>,
    /// What the rules said.
    pub reasons: Vec<Reason>,
    /// The sum of that.
    pub score: f64,
    /// Whether it belongs to the topic.
    pub yes: bool,
}

/// Into how many parts the items are divided; each is decided by what the others taught.
pub const FOLDS: usize = 10;

/// What rules alone and rules with a model decide of items that the model has not seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Trial {
    /// The rules alone.
    pub rules: Tally,
    /// With the model.
    pub with: Tally,
    /// Items that only the model decides rightly.
    pub mended: usize,
    /// Items that only the rules alone decide rightly.
    pub spoilt: usize,
}

impl Trial {
    fn count(&mut self, alone: bool, with: bool, should: bool) {
        self.rules.count(alone, should);
        self.with.count(with, should);
        self.mended += usize::from(with == should && alone != should);
        self.spoilt += usize::from(with != should && alone == should);
    }

    /// Whether the model helps: more of both together, and nothing wrong in the topic for it.
    pub fn is_better(&self) -> bool {
        let precision = |tally: &Tally| tally.precision().unwrap_or_default();
        self.with.f1() > self.rules.f1() && precision(&self.with) >= precision(&self.rules)
    }
}

/// Trains on all items, each as it is met in every view. Only of those for or against which a rule speaks: it is they that the model will be
/// asked about. (`views` has the same items in the same order, the fullest view last.)
pub fn train(views: &[Vec<Example<'_>>]) -> Linear {
    let examples: Vec<&Example<'_>> = views.iter().flatten().collect();
    let matrix = Matrix::of(&examples);
    let fit = matrix.fit(&spoken(&examples, |_| true));
    spelt(&examples, &matrix, &fit)
}

/// Cross-validation: each part of the items is decided, in every view, with a model of the other parts, which moves scores by at most
/// `adds` and `vetoes` points. Gives a trial for each view.
pub fn cross_validate(views: &[Vec<Example<'_>>], threshold: f64, adds: f64, vetoes: f64) -> Vec<Trial> {
    let examples: Vec<&Example<'_>> = views.iter().flatten().collect();
    let matrix = Matrix::of(&examples);
    let fold_of = folds(views.last().map(Vec::as_slice).unwrap_or_default());
    let items = fold_of.len().max(1);
    let in_fold = |row: usize| fold_of.get(row % items).copied();
    let mut trials = vec![Trial::default(); views.len()];
    for fold in 0..FOLDS {
        let fit = matrix.fit(&spoken(&examples, |row| in_fold(row) != Some(fold)));
        for (row, example) in examples.iter().enumerate().filter(|(row, _)| in_fold(*row) == Some(fold)) {
            let moved = match example.reasons.is_empty() {
                true => 0.0,
                false => points(matrix.probability(&fit, row), adds, vetoes),
            };
            if let Some(trial) = trials.get_mut(row / items) {
                trial.count(example.score >= threshold, example.score + moved >= threshold, example.yes);
            }
        }
    }
    trials
}

/// The items for or against which a rule speaks, of those that are wanted.
fn spoken(examples: &[&Example<'_>], wanted: impl Fn(usize) -> bool) -> Vec<usize> {
    let all = examples.iter().enumerate();
    all.filter(|(row, example)| !example.reasons.is_empty() && wanted(*row)).map(|(row, _)| row).collect()
}

/// The part of each item. Both classes are dealt out evenly, in the order of a digest of the headline, and items of one headline stay
/// together: who knows one knows the other.
fn folds(examples: &[Example<'_>]) -> Vec<usize> {
    let mut by_class: BTreeMap<(bool, Digest), Vec<usize>> = BTreeMap::new();
    for (at, example) in examples.iter().enumerate() {
        let headline = text::key(example.article.title);
        let name = if headline.is_empty() { example.id } else { &headline };
        by_class.entry((example.yes, Digest::of(&[name]))).or_default().push(at);
    }
    let mut folds = vec![0; examples.len()];
    for (next, at) in
        by_class.into_values().enumerate().flat_map(|(next, all)| all.into_iter().map(move |at| (next, at)))
    {
        if let Some(fold) = folds.get_mut(at) {
            *fold = next % FOLDS;
        }
    }
    folds
}

/// A fit as a model: its features in the spelling that is most frequent in the items.
fn spelt(examples: &[&Example<'_>], matrix: &Matrix<'_>, fit: &Fit) -> Linear {
    let wanted: BTreeMap<(Place, &str), f64> =
        fit.weights.iter().filter_map(|(&feature, &weight)| Some((*matrix.keys.get(feature)?, weight))).collect();
    let mut spellings: BTreeMap<(Place, &str), Spellings> = BTreeMap::new();
    for example in examples {
        see(&example.article, &example.reasons, |place, key, seen| {
            if let Some((&name, _)) = wanted.get_key_value(&(place, key)) {
                let spelling = match seen {
                    Seen::Run(run) => words_of(&example.article, place, run),
                    Seen::Reason(reason) => reason.rule.clone(),
                };
                spellings.entry(name).or_default().take(spelling);
            }
        });
    }
    let features = spellings.iter().filter_map(|((place, key), spellings)| {
        let phrase = spellings.best(|spelling| is_line(spelling) && place.key(spelling) == *key)?;
        Some(Feature { weight: *wanted.get(&(*place, *key))?, place: *place, phrase: phrase.to_owned() })
    });
    Linear::new(fit.bias, features.collect())
}

/// Whether a phrase stands in a line of a file as it is.
fn is_line(phrase: &str) -> bool {
    text::line(phrase, phrase.len()) == phrase
}
