//! Runs of words within a sentence, in a folded text.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::text::{self, Folded};

/// No text is looked at further, in words: an article says what it is about before.
pub const MOST_WORDS: usize = 3_000;
/// A phrase for people is no longer, in characters.
const MOST_CHARS: usize = 200;

/// Calls `each` with the place of every run of one to `most` words of a sentence, the shorter of those that begin together first;
/// it says whether the longer ones are of interest.
pub fn for_each<'a>(folded: &'a str, most: usize, mut each: impl FnMut(Range<usize>, &'a str) -> bool) {
    let words = words(folded);
    for (at, first) in words.iter().enumerate() {
        for last in words.iter().skip(at).take(most) {
            if is_stop(folded, last) {
                break;
            }
            let place = first.start..last.end;
            let run = folded.get(place.clone()).unwrap_or_default();
            if !each(place, run) {
                break;
            }
        }
    }
}

/// The words of a folded text, sentence ends too.
fn words(folded: &str) -> Vec<Range<usize>> {
    let mut at = 0;
    let pieces = folded.split(' ').map(|word| {
        let place = at..at + word.len();
        at = place.end + 1;
        place
    });
    pieces.filter(|place| !place.is_empty()).take(MOST_WORDS).collect()
}

fn is_stop(folded: &str, word: &Range<usize>) -> bool {
    folded.get(word.clone()) == Some(".")
}

/// The words of a run as they stand in the original, on one line and without what may not leave.
pub fn surface(original: &str, folded: &Folded, place: Range<usize>) -> String {
    text::line(original.get(folded.original(place)).unwrap_or_default(), MOST_CHARS)
}

/// The spellings in which a run of words was met.
#[derive(Debug, Default)]
pub struct Spellings(BTreeMap<String, usize>);

impl Spellings {
    /// Counts one.
    pub fn take(&mut self, spelling: String) {
        *self.0.entry(spelling).or_default() += 1;
    }

    /// The most frequent that will do, the first in the alphabet of equals.
    pub fn best(&self, mut will_do: impl FnMut(&str) -> bool) -> Option<&str> {
        let mut by_count: Vec<(&String, &usize)> = self.0.iter().collect();
        by_count.sort_by(|a, b| b.1.cmp(a.1));
        by_count.into_iter().map(|(spelling, _)| spelling.as_str()).find(|spelling| will_do(spelling))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(text: &str, most: usize) -> Vec<String> {
        let folded = Folded::new(text);
        let mut runs = Vec::new();
        for_each(folded.as_str(), most, |place, run| {
            assert_eq!(text::key(&surface(text, &folded, place)), run);
            runs.push(run.to_owned());
            true
        });
        runs
    }

    #[test]
    fn runs_stay_within_a_sentence() {
        assert_eq!(runs("Lam, ba lan. Hai", 2), ["lam", "lam ba", "ba", "ba lan", "lan", "hai"]);
        assert_eq!(runs("a b c", 3), ["a", "a b", "a b c", "b", "b c", "c"]);
        assert!(runs(" . ; ", 3).is_empty());
    }

    #[test]
    fn the_most_frequent_spelling_that_reads_the_same_is_shown() {
        let mut spellings = Spellings::default();
        for spelling in ["Học Bác", "học Bác", "học Bác", "học. Bác", "học bác", "học bạc", "học bạc", "học bạc"]
        {
            spellings.take(spelling.to_owned());
        }
        assert_eq!(spellings.best(|spelling| text::key(spelling) == text::key("HỌC BÁC")), Some("học Bác"));
        assert_eq!(spellings.best(|_| false), None);
    }
}
