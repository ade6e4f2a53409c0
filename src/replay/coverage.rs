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
    pub full: Vec<Time>,
    /// Lines that could not be read.
    pub torn: usize,
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
