//! Whether it is our own network that is down. Then nobody is blamed: nine servers in ten do not fail together.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use chrono::TimeDelta;

use crate::schedule::Time;

/// How the last polls of different sources went, as far as the network goes.
#[derive(Debug, Default)]
pub struct Outage {
    seen: Mutex<VecDeque<Seen>>,
}

#[derive(Debug)]
struct Seen {
    at: Time,
    source: String,
    unreachable: bool,
}

/// Sources looked back at.
const MOST: usize = 64;
/// Fewer say nothing about the network.
const LEAST: usize = 5;
/// How far back.
const SPAN: TimeDelta = TimeDelta::minutes(45);

impl Outage {
    /// Notes how a poll went, and says whether nearly everybody is out of reach (F-N15: nine in ten).
    pub fn note(&self, source: &str, at: Time, unreachable: bool) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|s| s.source != source && at - s.at < SPAN);
        if seen.len() == MOST {
            seen.pop_front();
        }
        seen.push_back(Seen { at, source: source.to_owned(), unreachable });
        let out = seen.iter().filter(|s| s.unreachable).count();
        unreachable && seen.len() >= LEAST && out * 10 >= seen.len() * 9
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone, Utc};

    #[test]
    fn f_n15_when_nearly_all_are_out_of_reach_it_is_our_network() {
        let now = Utc.with_ymd_and_hms(2026, 11, 23, 5, 0, 0).unwrap();
        let outage = Outage::default();
        let said: Vec<bool> = (0..6).map(|n| outage.note(&n.to_string(), now, true)).collect();
        assert_eq!(said, [false, false, false, false, true, true], "a few say nothing");
        assert!(!outage.note("7", now, false) && !outage.note("8", now, true), "some answer");
        assert!(!outage.note("8", now + SPAN * 2, true), "what was long ago says nothing");
    }

    #[test]
    fn one_source_that_fails_often_is_one_voice() {
        let now = Utc.with_ymd_and_hms(2026, 11, 23, 5, 0, 0).unwrap();
        let outage = Outage::default();
        assert!(!(0..20).any(|_| outage.note("a", now, true)));
    }
}
