//! Fitting: which features of a set of items to look at, and what each weighs.

use std::collections::{BTreeMap, HashMap};

use super::linear::{Place, see};
use super::train::Example;

/// A feature in fewer items of a training set may be a slip of the pen.
const FEWEST: u32 = 3;
/// The most features of a model.
const MOST: usize = 2_000;
/// The strength of the L2 penalty: the inverse variance of a weight of which nothing is known. Measured: 1 to 5 decide alike, 10 is worse
/// (`docs/labels.md`).
const PENALTY: f64 = 2.0;
/// No step of a weight is longer at first.
const FIRST_STEP: f64 = 1.0;
/// Rounds over all weights; the steps are below [`SMALL`] long before, as a rule.
const MOST_ROUNDS: usize = 200;
/// Weights that move less than this in a round are there.
const SMALL: f64 = 1e-4;

/// Items as the numbers of their features.
pub struct Matrix<'a> {
    /// Each feature: where, and its key.
    pub keys: Vec<(Place, &'a str)>,
    /// For each item its features, ascending.
    rows: Vec<Vec<usize>>,
    yes: Vec<bool>,
}

/// The outcome.
pub struct Fit {
    /// The log-odds of an item without any feature.
    pub bias: f64,
    /// What each feature adds; those that are not listed nothing.
    pub weights: HashMap<usize, f64>,
}

impl<'a> Matrix<'a> {
    /// Of these items.
    pub fn of(examples: &[&'a Example<'a>]) -> Matrix<'a> {
        let mut numbers: BTreeMap<Place, HashMap<&'a str, usize>> = BTreeMap::new();
        let mut matrix = Matrix { keys: Vec::new(), rows: Vec::new(), yes: Vec::new() };
        for example in examples {
            let mut row = Vec::new();
            see(&example.article, &example.reasons, |place, key, _| {
                let next = matrix.keys.len();
                let number = *numbers.entry(place).or_default().entry(key).or_insert(next);
                if number == next {
                    matrix.keys.push((place, key));
                }
                row.push(number);
            });
            row.sort_unstable();
            row.dedup();
            matrix.rows.push(row);
            matrix.yes.push(example.yes);
        }
        matrix
    }

    /// Chooses features and fits their weights to some of the items.
    pub fn fit(&self, rows: &[usize]) -> Fit {
        let columns = self.select(rows);
        let yes: Vec<bool> = rows.iter().map(|&row| self.yes.get(row).copied().unwrap_or_default()).collect();
        let (bias, weights) = descend(&columns.iter().map(|(_, items)| items.as_slice()).collect::<Vec<_>>(), &yes);
        let weights = columns.iter().map(|(feature, _)| *feature).zip(weights).filter(|(_, weight)| *weight != 0.0);
        Fit { bias, weights: weights.collect() }
    }

    /// How likely an item is one of the topic.
    pub fn probability(&self, fit: &Fit, row: usize) -> f64 {
        let features = self.rows.get(row).map(Vec::as_slice).unwrap_or_default();
        let sum: f64 = features.iter().filter_map(|feature| fit.weights.get(feature)).sum();
        1.0 / (1.0 + (-(fit.bias + sum)).exp())
    }

    /// The features that tell most by chi-squared (Yang and Pedersen, ICML 1997), each with the items that have it by their place in
    /// `rows`.
    fn select(&self, rows: &[usize]) -> Vec<(usize, Vec<usize>)> {
        let mut seen: Vec<(u32, u32)> = vec![(0, 0); self.keys.len()];
        let (mut all_yes, mut all_no) = (0, 0);
        for &row in rows {
            let is_yes = self.yes.get(row).copied().unwrap_or_default();
            *(if is_yes { &mut all_yes } else { &mut all_no }) += 1;
            for &feature in self.rows.get(row).into_iter().flatten() {
                if let Some((yes, no)) = seen.get_mut(feature) {
                    *(if is_yes { yes } else { no }) += 1;
                }
            }
        }
        let mut ranked: Vec<(usize, f64)> = seen
            .iter()
            .enumerate()
            .filter(|(_, (yes, no))| yes + no >= FEWEST)
            .map(|(feature, &(yes, no))| (feature, chi_squared(yes, no, all_yes, all_no)))
            .collect();
        // By number where equal: in the order in which they were met.
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        ranked.truncate(MOST);
        let mut chosen: Vec<usize> = ranked.into_iter().map(|(feature, _)| feature).collect();
        chosen.sort_unstable();
        let places: HashMap<usize, usize> = chosen.iter().enumerate().map(|(at, &feature)| (feature, at)).collect();
        let mut columns: Vec<(usize, Vec<usize>)> = chosen.into_iter().map(|feature| (feature, Vec::new())).collect();
        for (item, &row) in rows.iter().enumerate() {
            for feature in self.rows.get(row).into_iter().flatten() {
                if let Some((_, items)) = places.get(feature).and_then(|&at| columns.get_mut(at)) {
                    items.push(item);
                }
            }
        }
        columns
    }
}

/// How far a feature's presence in this many items of each class is from chance.
fn chi_squared(yes: u32, no: u32, all_yes: u32, all_no: u32) -> f64 {
    let [a, b, all_yes, all_no] = [yes, no, all_yes, all_no].map(f64::from);
    let (c, d) = (all_yes - a, all_no - b);
    let below = (a + b) * (c + d) * all_yes * all_no;
    if below == 0.0 { 0.0 } else { (all_yes + all_no) * (a * d - b * c).powi(2) / below }
}

/// Logistic regression with an L2 penalty by cyclic coordinate descent with a bound on each step (CLG: Genkin, Lewis and Madigan,
/// Technometrics 49, 2007, after Zhang and Oles 2001). No randomness: the same items give the same weights. The bias, a column of every
/// item, is not penalised.
fn descend(columns: &[&[usize]], yes: &[bool]) -> (f64, Vec<f64>) {
    let count = |class: bool| yes.iter().filter(|&&is| is == class).count().max(1) as f64;
    // Both classes weigh the same together, however rare one is.
    let balance = count(false) / count(true);
    let mut items: Vec<Item> = yes
        .iter()
        .map(|&is| Item { sign: if is { 1.0 } else { -1.0 }, worth: if is { balance } else { 1.0 }, margin: 0.0 })
        .collect();
    let every: Vec<usize> = (0..items.len()).collect();
    let mut bias = Weight::default();
    let mut weights = vec![Weight::default(); columns.len()];
    for _ in 0..MOST_ROUNDS {
        let mut furthest = bias.step(&every, &mut items, 0.0);
        for (weight, column) in weights.iter_mut().zip(columns) {
            furthest = furthest.max(weight.step(column, &mut items, PENALTY));
        }
        if furthest < SMALL {
            break;
        }
    }
    (rounded(bias.value), weights.iter().map(|weight| rounded(weight.value)).collect())
}

/// As files have it.
fn rounded(weight: f64) -> f64 {
    (weight * 1e4).round() / 1e4 + 0.0
}

/// An item while weights move.
struct Item {
    /// 1 in the topic, -1 out of it.
    sign: f64,
    /// What its loss counts.
    worth: f64,
    /// How far it is on its own side.
    margin: f64,
}

#[derive(Clone)]
struct Weight {
    value: f64,
    longest_step: f64,
}

impl Default for Weight {
    fn default() -> Weight {
        Weight { value: 0.0, longest_step: FIRST_STEP }
    }
}

impl Weight {
    /// Goes one step towards the best value while all others stand still; gives its length.
    fn step(&mut self, column: &[usize], items: &mut [Item], penalty: f64) -> f64 {
        let (mut slope, mut curve) = (-penalty * self.value, penalty);
        for item in column.iter().filter_map(|&at| items.get(at)) {
            slope += item.worth * item.sign / (1.0 + item.margin.exp());
            curve += item.worth * steepest(item.margin, self.longest_step);
        }
        let step = if curve > 0.0 { (slope / curve).clamp(-self.longest_step, self.longest_step) } else { 0.0 };
        self.value += step;
        self.longest_step = (2.0 * step.abs()).max(self.longest_step / 2.0);
        for &at in column {
            if let Some(item) = items.get_mut(at) {
                item.margin += step * item.sign;
            }
        }
        step.abs()
    }
}

/// An upper bound of the curvature of the logistic loss within `step` of a margin.
fn steepest(margin: f64, step: f64) -> f64 {
    let beyond = margin.abs() - step;
    if beyond <= 0.0 { 0.25 } else { 1.0 / (2.0 + beyond.exp() + (-beyond).exp()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chi_squared_is_that_of_the_books() {
        // Manning, Raghavan and Schütze, Introduction to Information Retrieval, example 13.4.
        assert!((chi_squared(49, 27652, 190, 801_758) - 284.0).abs() < 1.0);
        assert_eq!(chi_squared(0, 0, 3, 4), 0.0);
        assert_eq!(chi_squared(2, 2, 5, 5), 0.0);
    }

    #[test]
    fn one_feature_finds_the_optimum_of_its_penalised_likelihood() {
        // Four items, the feature in the two of the topic: at the optimum the slope is nothing.
        let (bias, weights) = descend(&[&[0, 1]], &[true, true, false, false]);
        let margin = |x: f64| 1.0 / (1.0 + x.exp());
        let slope = 2.0 * margin(bias + weights[0]) - PENALTY * weights[0];
        assert!(slope.abs() < 1e-2, "{slope}");
        assert!(weights[0] > 0.0 && bias < 0.0, "{bias} {weights:?}");
    }

    #[test]
    fn nothing_to_learn_from_is_no_trouble() {
        assert_eq!(descend(&[], &[]).1.len(), 0);
        let (bias, _) = descend(&[&[]], &[true, true]);
        assert!(bias.is_finite());
        let (bias, weights) = descend(&[&[0, 1]], &[false, false]);
        assert!(bias.is_finite() && weights[0].is_finite());
    }
}
