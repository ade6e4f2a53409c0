//! Which items are most worth a person's time.

use std::cmp::Ordering;

use crate::model::Digest;

/// The order in which to ask about items, given as name and score: those nearest to the threshold first, from both sides in turn, then the
/// clear ones as if drawn by lot. (Uncertainty sampling: Lewis and Gale, SIGIR 1994; the clear ones find what no rule knows of.)
///
/// The lot is a digest of the name, so a session that is taken up again goes on where it ended.
pub fn order(items: &[(impl AsRef<str>, f64)], threshold: f64) -> Vec<usize> {
    let mut ranked: Vec<(usize, f64, Digest)> = items
        .iter()
        .enumerate()
        .map(|(index, (name, score))| {
            let distance = ((score - threshold) / threshold.max(f64::MIN_POSITIVE)).abs().min(1.0);
            (index, distance, Digest::of(&[name.as_ref()]))
        })
        .collect();
    ranked.sort_by(|a, b| a.1.partial_cmp(&b.1).unwrap_or(Ordering::Equal).then(a.2.cmp(&b.2)));
    let clear = ranked.partition_point(|(_, distance, _)| *distance < 1.0);
    let (doubtful, clear) = ranked.split_at_checked(clear).unwrap_or_default();
    let is_above = |at: usize| items.get(at).is_some_and(|(_, score)| *score >= threshold);
    [doubtful, clear].into_iter().flat_map(|part| in_turn(part.iter().map(|(at, ..)| *at), is_above)).collect()
}

/// From both sides in turn, as long as both have any.
fn in_turn(all: impl Iterator<Item = usize>, is_above: impl Fn(usize) -> bool) -> Vec<usize> {
    let (above, below): (Vec<usize>, Vec<usize>) = all.partition(|&at| is_above(at));
    let both = above.len().min(below.len());
    let pairs = below.iter().zip(&above).flat_map(|(below, above)| [*below, *above]);
    pairs.chain(below.iter().skip(both).copied()).chain(above.iter().skip(both).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_doubtful_are_asked_first_from_both_sides_then_the_clear() {
        let items = [
            ("a", 0.0),
            ("b", 9.0),
            ("c", 30.0),
            ("d", 10.0),
            ("e", 6.0),
            ("f", 12.0),
            ("g", 0.0),
            ("h", -5.0),
            ("i", 0.0),
        ];
        let asked: Vec<&str> = order(&items, 10.0).into_iter().map(|i| items[i].0).collect();
        assert_eq!(asked[..4], ["b", "d", "e", "f"]);
        assert_eq!(asked[5], "c", "the clear ones from both sides in turn too");
        let one_sided = [("x", 0.0), ("y", 12.0), ("z", 13.0)];
        assert_eq!(order(&one_sided, 10.0), [1, 2, 0], "what is clear comes after what is not");
        let mut all = asked.clone();
        all.sort_unstable();
        assert_eq!(all, ["a", "b", "c", "d", "e", "f", "g", "h", "i"], "each once");
        assert_eq!(order(&items, 10.0), order(&items, 10.0));
    }

    #[test]
    fn no_score_and_no_threshold_is_too_odd() {
        for score in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0] {
            assert_eq!(order(&[("a", score), ("b", 1.0)], 0.0).len(), 2);
        }
        assert!(order(&[] as &[(&str, f64)], 10.0).is_empty());
    }
}
