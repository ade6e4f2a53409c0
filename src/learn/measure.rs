//! How well decisions agree with labels.

use std::ops::AddAssign;

/// Decisions counted against labels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// In the topic, and rightly so (true positives).
    pub right: usize,
    /// In the topic, and wrongly so (false positives).
    pub wrong: usize,
    /// Not in the topic, and should be (false negatives).
    pub missed: usize,
    /// Not in the topic, and rightly so (true negatives).
    pub rest: usize,
}

impl Tally {
    /// Of pairs: is in the topic, should be.
    pub fn of(decisions: impl IntoIterator<Item = (bool, bool)>) -> Tally {
        let mut tally = Tally::default();
        for (is, should) in decisions {
            tally.count(is, should);
        }
        tally
    }

    /// Counts one decision.
    pub fn count(&mut self, is: bool, should: bool) {
        let cell = match (is, should) {
            (true, true) => &mut self.right,
            (true, false) => &mut self.wrong,
            (false, true) => &mut self.missed,
            (false, false) => &mut self.rest,
        };
        *cell += 1;
    }

    /// Takes back one that was counted.
    pub fn discount(&mut self, is: bool, should: bool) {
        let cell = match (is, should) {
            (true, true) => &mut self.right,
            (true, false) => &mut self.wrong,
            (false, true) => &mut self.missed,
            (false, false) => &mut self.rest,
        };
        *cell = cell.saturating_sub(1);
    }

    /// How much of what is in the topic belongs there (độ đúng). Nothing in it says nothing.
    pub fn precision(&self) -> Option<f64> {
        ratio(self.right, self.right + self.wrong)
    }

    /// How much of what belongs to the topic is in it (độ đủ).
    pub fn recall(&self) -> Option<f64> {
        ratio(self.right, self.right + self.missed)
    }

    /// The harmonic mean of both; none where nothing is in the topic and nothing should be.
    pub fn f1(&self) -> Option<f64> {
        ratio(2 * self.right, 2 * self.right + self.wrong + self.missed)
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.missed += other.missed;
        self.rest += other.rest;
    }
}

fn ratio(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The chance that two ways of deciding differ this much where they are equally good: McNemar's test, exact and two-sided.
/// `mended` is how many items only the second decides rightly, `spoilt` how many only the first. (McNemar, Psychometrika 12, 1947;
/// Dietterich, Neural Computation 10, 1998, on comparing classifiers.)
pub fn mcnemar(mended: usize, spoilt: usize) -> f64 {
    let (n, few) = (mended + spoilt, mended.min(spoilt));
    // The binomial of n throws of a coin, from its end: logarithms, because 2⁻ⁿ underflows.
    let mut log_term = -(n as f64) * std::f64::consts::LN_2;
    let mut tail = log_term.exp();
    for k in 1..=few {
        log_term += ((n - k + 1) as f64 / k as f64).ln();
        tail += log_term.exp();
    }
    (2.0 * tail).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_and_recall_count_different_mistakes() {
        // right, wrong, missed → precision, recall, F1
        let cases = [
            ((42, 3, 11), (Some(0.933), Some(0.792), Some(0.857))),
            ((0, 0, 5), (None, Some(0.0), Some(0.0))),
            ((0, 4, 0), (Some(0.0), None, Some(0.0))),
            ((0, 0, 0), (None, None, None)),
            ((5, 0, 0), (Some(1.0), Some(1.0), Some(1.0))),
        ];
        let short = |x: Option<f64>| x.map(|x| (x * 1000.0).round() / 1000.0);
        for ((right, wrong, missed), expected) in cases {
            let tally = Tally { right, wrong, missed, rest: 9 };
            assert_eq!((short(tally.precision()), short(tally.recall()), short(tally.f1())), expected, "{tally:?}");
        }
    }

    #[test]
    fn a_tally_is_counted_and_taken_back() {
        let all = [(true, true), (true, false), (false, true), (false, false)];
        let mut tally = Tally::of(all);
        assert_eq!(tally, Tally { right: 1, wrong: 1, missed: 1, rest: 1 });
        tally += tally;
        for (is, should) in all {
            tally.discount(is, should);
            tally.discount(is, should);
        }
        assert_eq!(tally, Tally::default());
    }

    #[test]
    fn few_differences_prove_nothing() {
        // The two-sided binomial, from tables.
        let cases = [(0, 0, 1.0), (1, 0, 1.0), (5, 0, 0.0625), (6, 0, 0.03125), (9, 1, 0.02148), (4, 4, 1.0)];
        for (mended, spoilt, expected) in cases {
            assert!((mcnemar(mended, spoilt) - expected).abs() < 1e-4, "{mended} {spoilt} {}", mcnemar(mended, spoilt));
            assert!((mcnemar(spoilt, mended) - expected).abs() < 1e-4);
        }
        assert!(mcnemar(3000, 0) < 1e-300);
        assert!((mcnemar(3000, 3000) - 1.0).abs() < 1e-9);
    }
}
