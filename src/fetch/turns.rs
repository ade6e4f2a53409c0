//! One request at a time to a host, and a breath between two.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Who may ask which host when.
pub struct Turns {
    per_host: usize,
    gap: Duration,
    hosts: Mutex<HashMap<String, Arc<Host>>>,
}

struct Host {
    places: Arc<Semaphore>,
    free_from: Mutex<Instant>,
}

/// A place at a host; given back when dropped.
pub struct Turn {
    _place: Option<OwnedSemaphorePermit>,
}

impl Turns {
    /// With at most `per_host` requests at once, starting at least `gap` apart.
    pub fn new(per_host: usize, gap: Duration) -> Turns {
        Turns { per_host, gap, hosts: Mutex::default() }
    }

    /// Waits for a turn at a host.
    pub async fn take(&self, host: &str) -> Turn {
        let host = self.host(host);
        let place = Arc::clone(&host.places).acquire_owned().await.ok();
        if !self.gap.is_zero() {
            let start = {
                let mut free_from = host.free_from.lock().unwrap_or_else(PoisonError::into_inner);
                let start = (*free_from).max(Instant::now());
                *free_from = start + self.gap;
                start
            };
            tokio::time::sleep_until(start).await;
        }
        Turn { _place: place }
    }

    fn host(&self, name: &str) -> Arc<Host> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = hosts.get(name) {
            return Arc::clone(host);
        }
        // Redirects can name any number of hosts; those nobody waits for are forgotten.
        if hosts.len() >= 10_000 {
            hosts.retain(|_, host| Arc::strong_count(host) > 1);
        }
        let host =
            Arc::new(Host { places: Arc::new(Semaphore::new(self.per_host)), free_from: Mutex::new(Instant::now()) });
        hosts.insert(name.to_owned(), Arc::clone(&host));
        host
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_host_is_asked_one_at_a_time_with_a_breath_between_and_hosts_do_not_wait_for_each_other() {
        let turns = Turns::new(1, Duration::from_secs(1));
        let begin = Instant::now();
        let first = turns.take("a.vn").await;
        let waiting = turns.take("a.vn");
        tokio::pin!(waiting);
        assert!(tokio::time::timeout(Duration::from_secs(30), &mut waiting).await.is_err(), "the first has not ended");
        drop(turns.take("b.vn").await);
        drop(first);
        drop(waiting.await);
        let second = begin.elapsed();
        drop(turns.take("a.vn").await);
        assert!(begin.elapsed() - second >= Duration::from_secs(1));
    }
}
