//! One request at a time to a host and to an address, a breath between two, and silence where a host asked for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::schedule::Time;

/// Who may ask which host when. A key is a registered domain or a network address: provinces share platforms, and many names
/// stand for one small server (FreshRSS#8925).
pub struct Turns {
    per_host: usize,
    gap: Duration,
    hosts: Mutex<HashMap<String, Arc<Host>>>,
    paused: Mutex<HashMap<String, Time>>,
}

struct Host {
    places: Arc<Semaphore>,
    begins: Mutex<Begins>,
}

/// When the next request may begin.
struct Begins {
    from: Instant,
    /// What robots.txt asks for, where that is longer than ours.
    gap: Duration,
}

/// Places at a host; given back when dropped.
#[derive(Default)]
pub struct Turn {
    hosts: Vec<(Arc<Host>, Option<OwnedSemaphorePermit>)>,
}

impl Turn {
    /// The request goes out now, perhaps long after the turn came: the next one's breath is counted from here.
    pub fn begin(&self) {
        let now = Instant::now();
        for (host, _) in &self.hosts {
            let mut begins = host.begins.lock().unwrap_or_else(PoisonError::into_inner);
            begins.from = begins.from.max(now + begins.gap);
        }
    }
}

/// Hosts remembered. Redirects can name any number of them; those nobody waits for are forgotten.
const MOST_HOSTS: usize = 10_000;

impl Turns {
    /// With at most `per_host` requests at once, starting at least `gap` apart.
    pub fn new(per_host: usize, gap: Duration) -> Turns {
        Turns { per_host, gap, hosts: Mutex::default(), paused: Mutex::default() }
    }

    /// Waits for a place at each of the keys, in their order. Everybody asks for names before addresses, so two never wait
    /// for each other.
    pub async fn take(&self, keys: &[String]) -> Turn {
        let mut hosts = Vec::with_capacity(keys.len());
        for key in keys {
            let host = self.host(key);
            let place = Arc::clone(&host.places).acquire_owned().await.ok();
            let begin = {
                let mut begins = host.begins.lock().unwrap_or_else(PoisonError::into_inner);
                let begin = begins.from.max(Instant::now());
                begins.from = begin + begins.gap;
                begin
            };
            if begin > Instant::now() {
                tokio::time::sleep_until(begin).await;
            }
            hosts.push((host, place));
        }
        Turn { hosts }
    }

    /// Has a host asked more slowly from now on (`Crawl-delay`), never faster than ours.
    pub fn slow_down(&self, key: &str, gap: Duration) {
        let host = self.host(key);
        let mut begins = host.begins.lock().unwrap_or_else(PoisonError::into_inner);
        begins.gap = gap.max(self.gap);
    }

    /// Nobody asks this host before then (assertion P-28).
    pub fn pause(&self, key: &str, until: Time, now: Time) {
        let mut paused = self.paused.lock().unwrap_or_else(PoisonError::into_inner);
        paused.retain(|_, until| *until > now);
        if until > now && (paused.len() < MOST_HOSTS || paused.contains_key(key)) {
            let known = paused.entry(key.to_owned()).or_insert(until);
            *known = (*known).max(until);
        }
    }

    /// Until when a host wants to be left alone.
    pub fn paused(&self, key: &str, now: Time) -> Option<Time> {
        let paused = self.paused.lock().unwrap_or_else(PoisonError::into_inner);
        paused.get(key).copied().filter(|until| *until > now)
    }

    /// What another one, whose client this one's replaces, knows of its hosts.
    pub fn take_over(&self, before: &Turns) {
        let paused = before.paused.lock().unwrap_or_else(PoisonError::into_inner).clone();
        *self.paused.lock().unwrap_or_else(PoisonError::into_inner) = paused;
        let hosts = before.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, host) in hosts.iter() {
            let gap = host.begins.lock().unwrap_or_else(PoisonError::into_inner).gap;
            if gap > before.gap {
                self.slow_down(name, gap);
            }
        }
    }

    fn host(&self, name: &str) -> Arc<Host> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = hosts.get(name) {
            return Arc::clone(host);
        }
        if hosts.len() >= MOST_HOSTS {
            let now = Instant::now();
            hosts.retain(|_, host| {
                let begins = host.begins.lock().unwrap_or_else(PoisonError::into_inner);
                Arc::strong_count(host) > 1 || begins.from > now || begins.gap > self.gap
            });
        }
        let host = Arc::new(Host {
            places: Arc::new(Semaphore::new(self.per_host)),
            begins: Mutex::new(Begins { from: Instant::now(), gap: self.gap }),
        });
        hosts.insert(name.to_owned(), Arc::clone(&host));
        host
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeDelta, TimeZone, Utc};

    fn keys(names: &[&str]) -> Vec<String> {
        names.iter().map(|n| (*n).to_owned()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn p_38_a_host_is_asked_one_at_a_time_with_a_breath_between_and_hosts_do_not_wait_for_each_other() {
        let turns = Turns::new(1, Duration::from_secs(1));
        let begin = Instant::now();
        let first = turns.take(&keys(&["a.vn"])).await;
        let host = keys(&["a.vn"]);
        let waiting = turns.take(&host);
        tokio::pin!(waiting);
        assert!(tokio::time::timeout(Duration::from_secs(30), &mut waiting).await.is_err(), "the first has not ended");
        drop(turns.take(&keys(&["b.vn"])).await);
        drop(first);
        drop(waiting.await);
        let second = begin.elapsed();
        drop(turns.take(&keys(&["a.vn"])).await);
        assert!(begin.elapsed() - second >= Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn p_38_two_names_of_one_address_take_turns_too() {
        let turns = Turns::new(1, Duration::from_secs(1));
        let first = turns.take(&keys(&["a.vn", "203.162.0.1"])).await;
        let other = keys(&["b.vn", "203.162.0.1"]);
        let waiting = turns.take(&other);
        tokio::pin!(waiting);
        assert!(tokio::time::timeout(Duration::from_secs(30), &mut waiting).await.is_err());
        drop(first);
        drop(waiting.await);
    }

    #[tokio::test(start_paused = true)]
    async fn p_46_a_crawl_delay_makes_the_breath_longer_and_never_shorter() {
        let turns = Turns::new(1, Duration::from_secs(1));
        for (asked, expected) in [(10, 10), (0, 1)] {
            turns.slow_down("a.vn", Duration::from_secs(asked));
            drop(turns.take(&keys(&["a.vn"])).await);
            let begin = Instant::now();
            drop(turns.take(&keys(&["a.vn"])).await);
            assert_eq!(begin.elapsed().as_secs(), expected, "{asked}");
            tokio::time::advance(Duration::from_mins(1)).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn p_38_the_breath_is_counted_from_the_request_and_not_from_the_turn() {
        let turns = Turns::new(1, Duration::from_secs(1));
        let turn = turns.take(&keys(&["a.vn"])).await;
        tokio::time::advance(Duration::from_secs(30)).await;
        let begin = Instant::now();
        turn.begin();
        drop(turn);
        drop(turns.take(&keys(&["a.vn"])).await);
        assert!(begin.elapsed() >= Duration::from_secs(1));
    }

    #[test]
    fn what_hosts_asked_for_outlives_their_client() {
        let (before, after) = (Turns::new(1, Duration::ZERO), Turns::new(2, Duration::ZERO));
        let now = Utc.with_ymd_and_hms(2026, 11, 23, 5, 0, 0).unwrap();
        before.pause("a.vn", now + TimeDelta::hours(1), now);
        after.take_over(&before);
        assert_eq!(after.paused("a.vn", now), Some(now + TimeDelta::hours(1)));
    }

    #[test]
    fn p_28_the_longest_silence_asked_for_holds_for_its_host_alone() {
        let turns = Turns::new(1, Duration::ZERO);
        let now = Utc.with_ymd_and_hms(2026, 11, 23, 5, 0, 0).unwrap();
        let minutes = |m| now + TimeDelta::minutes(m);
        turns.pause("a.vn", minutes(60), now);
        turns.pause("a.vn", minutes(10), now);
        assert_eq!(turns.paused("a.vn", minutes(59)), Some(minutes(60)));
        assert_eq!(turns.paused("a.vn", minutes(60)), None);
        assert_eq!(turns.paused("b.vn", now), None);
    }
}
