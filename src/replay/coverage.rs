//! Which of what is stored a replay can know: what came with an answer that was kept and is replayed.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::schedule::Time;

/// An item is in the database this long after its document came, at the latest; and no source is polled sooner again.
const A_POLL: TimeDelta = TimeDelta::minutes(10);

/// What was kept, and what of it is replayed.
#[derive(Debug, Default)]
pub struct Coverage {
    /// By source, in the order of time: when a document came, and whether it is replayed.
    answers: BTreeMap<String, Vec<(Time, bool)>>,
    /// The class of the failure of those that could not be read then.
    failures: BTreeMap<(String, Time), String>,
    /// When nothing more was kept of a day.
    full: Vec<Time>,
}

impl Coverage {
    /// Notes a document.
    pub fn note(&mut self, source: &str, at: Time, is_replayed: bool) {
        self.answers.entry(source.to_owned()).or_default().push((at, is_replayed));
    }

    /// Notes that a document could not be read then.
    pub fn note_failure(&mut self, source: &str, at: Time, class: String) {
        self.failures.insert((source.to_owned(), at), class);
    }

    /// Notes that nothing more was kept of this day.
    pub fn note_full(&mut self, at: Time) {
        self.full.push(at);
    }

    /// Notes that a document is not replayed after all: its body is gone.
    pub fn lose(&mut self, source: &str, at: Time) {
        let answers = self.answers.get_mut(source).into_iter().flatten();
        answers.filter(|(then, _)| *then == at).for_each(|(_, is_replayed)| *is_replayed = false);
    }

    /// Why a document could not be read then, where it could not.
    pub fn failure(&self, source: &str, at: Time) -> Option<&str> {
        self.failures.get(&(source.to_owned(), at)).map(String::as_str)
    }

    /// When the first replayed document of each source came.
    pub fn firsts(&self) -> BTreeMap<String, Time> {
        let first =
            |answers: &Vec<(Time, bool)>| answers.iter().find(|(_, is_replayed)| *is_replayed).map(|(at, _)| *at);
        self.answers.iter().filter_map(|(source, answers)| Some((source.clone(), first(answers)?))).collect()
    }

    /// Whether what a source brought at a time came with a document that is replayed.
    pub fn covers(&self, source: &str, at: Time) -> bool {
        let before = |answers: &Vec<(Time, bool)>| answers.iter().rev().find(|(then, _)| *then <= at).copied();
        match self.answers.get(source).and_then(before) {
            Some((then, true)) => at - then <= A_POLL && !self.full.iter().any(|full| (then..=at).contains(full)),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::*;

    fn at(minute: u32) -> Time {
        Utc.with_ymd_and_hms(2026, 11, 23, 5, minute, 0).unwrap()
    }

    #[test]
    fn an_item_is_known_to_a_replay_only_if_the_document_that_brought_it_is_replayed() {
        let mut coverage = Coverage::default();
        coverage.note("a", at(0), true);
        coverage.note("a", at(20), false);
        coverage.note("a", at(40), true);
        let covered: Vec<u32> = (0..60).filter(|minute| coverage.covers("a", at(*minute))).collect();
        assert_eq!(covered, (0..=10).chain(40..=50).collect::<Vec<u32>>(), "a poll ends within ten minutes");
        assert!(!coverage.covers("b", at(0)));
        assert_eq!(coverage.firsts(), BTreeMap::from([("a".to_owned(), at(0))]));
    }

    #[test]
    fn a_body_that_is_gone_and_a_day_that_was_full_cover_nothing() {
        let mut coverage = Coverage::default();
        coverage.note("a", at(0), true);
        coverage.note("a", at(40), true);
        coverage.note_full(at(42));
        coverage.lose("a", at(0));
        let covered: Vec<u32> = (0..60).filter(|minute| coverage.covers("a", at(*minute))).collect();
        assert_eq!(covered, [40, 41]);
    }
}
