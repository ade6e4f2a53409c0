//! Who is owed a delivery, and whose turn it is. Those whose last one failed have few places of their own, so that no number of dead
//! subscribers delays one that is well.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::schedule::Time;

/// Deliveries under way at once to subscribers that are well: at a tenth of a second each, 10,000 are through in half a minute.
const PLACES: usize = 32;
/// The same for those whose last delivery failed.
const FAILING_PLACES: usize = 8;

/// Who is owed something.
#[derive(Default)]
pub struct Queue {
    owed: HashMap<i64, Owed>,
    prompt: Lane,
    failing: Lane,
    /// The hosts that something is under way to, one delivery at a time.
    busy: HashSet<String>,
    under_way: HashMap<i64, Owed>,
}

/// One delivery that is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// Not before this.
    pub at: Time,
    /// Whether the last one failed.
    pub is_failing: bool,
    /// Where it goes to.
    pub host: String,
}

#[derive(Default)]
struct Lane {
    order: BTreeSet<(Time, i64)>,
    under_way: usize,
}

impl Queue {
    /// Somebody is owed a delivery. Of one that is under way nothing is noted: what is owed after it is looked at when it ends.
    pub fn owe(&mut self, id: i64, owed: Owed) {
        self.forget(id);
        if !self.under_way.contains_key(&id) {
            self.lane(owed.is_failing).order.insert((owed.at, id));
            self.owed.insert(id, owed);
        }
    }

    /// Somebody is owed nothing.
    pub fn forget(&mut self, id: i64) {
        if let Some(owed) = self.owed.remove(&id) {
            self.lane(owed.is_failing).order.remove(&(owed.at, id));
        }
    }

    /// Whose turn it is; it is under way until [`Queue::done`].
    pub fn take(&mut self, now: Time) -> Option<i64> {
        let id = self.first(&self.prompt, PLACES, now).or_else(|| self.first(&self.failing, FAILING_PLACES, now))?;
        let owed = self.owed.remove(&id)?;
        let lane = self.lane(owed.is_failing);
        lane.order.remove(&(owed.at, id));
        lane.under_way += 1;
        self.busy.insert(owed.host.clone());
        self.under_way.insert(id, owed);
        Some(id)
    }

    fn first(&self, lane: &Lane, places: usize, now: Time) -> Option<i64> {
        if lane.under_way >= places {
            return None;
        }
        let is_free = |id: &i64| self.owed.get(id).is_some_and(|owed| !self.busy.contains(&owed.host));
        lane.order.iter().take_while(|(at, _)| *at <= now).map(|(_, id)| *id).find(is_free)
    }

    /// A delivery ended.
    pub fn done(&mut self, id: i64) {
        if let Some(owed) = self.under_way.remove(&id) {
            self.busy.remove(&owed.host);
            let lane = self.lane(owed.is_failing);
            lane.under_way = lane.under_way.saturating_sub(1);
        }
    }

    /// When the next one's time comes, past or not.
    pub fn next_at(&self) -> Option<Time> {
        [&self.prompt, &self.failing].into_iter().filter_map(|lane| lane.order.first()).map(|(at, _)| *at).min()
    }

    fn lane(&mut self, is_failing: bool) -> &mut Lane {
        if is_failing { &mut self.failing } else { &mut self.prompt }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeDelta, TimeZone, Utc};
    use proptest::prelude::*;

    fn at(seconds: i64) -> Time {
        Utc.with_ymd_and_hms(2026, 11, 23, 5, 0, 0).unwrap() + TimeDelta::seconds(seconds)
    }

    fn owed(seconds: i64, is_failing: bool, host: &str) -> Owed {
        Owed { at: at(seconds), is_failing, host: host.to_owned() }
    }

    fn taken(queue: &mut Queue, now: i64) -> Vec<i64> {
        std::iter::from_fn(|| queue.take(at(now))).collect()
    }

    #[test]
    fn each_gets_one_delivery_at_a_time_when_its_time_has_come() {
        let mut queue = Queue::default();
        queue.owe(1, owed(5, false, "a"));
        queue.owe(2, owed(3, false, "b"));
        assert_eq!((queue.next_at(), queue.take(at(2))), (Some(at(3)), None));
        assert_eq!(taken(&mut queue, 5), [2, 1]);
        queue.owe(1, owed(5, false, "a"));
        assert_eq!(queue.take(at(9)), None, "it is under way");
        queue.done(1);
        queue.owe(1, owed(9, true, "a"));
        queue.owe(1, owed(7, false, "a"));
        assert_eq!(taken(&mut queue, 7), [1], "the last word counts");
        queue.done(1);
        queue.owe(1, owed(0, false, "a"));
        queue.forget(1);
        assert_eq!((queue.take(at(9)), queue.next_at()), (None, None));
    }

    #[test]
    fn a_host_has_one_delivery_at_a_time_and_the_others_pass_it() {
        let mut queue = Queue::default();
        for (id, host) in [(1, "slow"), (2, "slow"), (3, "quick")] {
            queue.owe(id, owed(0, false, host));
        }
        assert_eq!(taken(&mut queue, 0), [1, 3]);
        queue.done(1);
        assert_eq!(taken(&mut queue, 0), [2]);
    }

    #[test]
    fn ten_thousand_dead_ones_delay_none_that_is_well() {
        let mut queue = Queue::default();
        for id in 0..10_000 {
            queue.owe(id, owed(0, true, &format!("dead{id}")));
        }
        assert_eq!(taken(&mut queue, 1).len(), FAILING_PLACES);
        queue.owe(10_001, owed(1, false, "well"));
        assert_eq!(taken(&mut queue, 1), [10_001]);
        for id in 20_000..20_100 {
            queue.owe(id, owed(1, false, &format!("well{id}")));
        }
        assert_eq!(taken(&mut queue, 1).len(), PLACES - 1);
    }

    proptest! {
        #[test]
        fn places_and_hosts_always_come_back(moves in proptest::collection::vec((0_u8..3, 0_i64..6, any::<bool>(), 0_u8..3), 0..200)) {
            let mut queue = Queue::default();
            let mut under_way = Vec::new();
            for (what, id, is_failing, host) in moves {
                match what {
                    0 => queue.owe(id, owed(0, is_failing, &host.to_string())),
                    1 => under_way.extend(queue.take(at(0))),
                    _ => under_way.pop().into_iter().for_each(|id| queue.done(id)),
                }
                prop_assert!(under_way.len() <= 3, "one a host");
            }
            under_way.drain(..).for_each(|id| queue.done(id));
            prop_assert!(queue.busy.is_empty() && queue.under_way.is_empty());
            prop_assert_eq!((queue.prompt.under_way, queue.failing.under_way), (0, 0));
            while let Some(id) = queue.take(at(0)) { queue.done(id); }
            prop_assert!(queue.owed.is_empty() && queue.next_at().is_none());
        }
    }
}
