//! How many requests are under way, over all hosts. Those that answer at once share few places; those that take their time
//! are moved to a lane of their own, so that a hundred slow servers hold up none of the quick ones.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

/// The places.
pub struct Lanes {
    quick: Semaphore,
    slow: Semaphore,
}

/// A place in the quick lane.
pub struct Lane<'l> {
    lanes: &'l Lanes,
    place: Option<SemaphorePermit<'l>>,
}

/// Who has not ended by then goes to the slow lane.
const QUICK: Duration = Duration::from_millis(1_500);
/// Places in the slow lane. What waits there costs a connection and little more: bodies are bounded apart.
const SLOW_PLACES: usize = 256;

impl Lanes {
    /// With this many quick places.
    pub fn new(quick: usize) -> Lanes {
        Lanes { quick: Semaphore::new(quick), slow: Semaphore::new(SLOW_PLACES) }
    }

    /// Waits for a quick place.
    pub async fn enter(&self) -> Lane<'_> {
        Lane { lanes: self, place: self.quick.acquire().await.ok() }
    }
}

impl Lane<'_> {
    /// Does the work, giving up the quick place where it takes long.
    pub async fn run<T>(mut self, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = tokio::time::sleep(QUICK) => {}
        }
        tokio::select! {
            biased;
            done = &mut work => done,
            slow = self.lanes.slow.acquire() => {
                self.place = None;
                let done = work.await;
                drop(slow);
                done
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Instant;

    #[tokio::test(start_paused = true)]
    async fn a_hundred_slow_ones_hold_up_no_quick_one() {
        let lanes = Lanes::new(2);
        let begin = Instant::now();
        let slow = (0..100).map(|_| async {
            lanes.enter().await.run(tokio::time::sleep(Duration::from_mins(1))).await;
        });
        let quick = async {
            tokio::task::yield_now().await;
            lanes.enter().await.run(std::future::ready(())).await;
            begin.elapsed()
        };
        let slow = futures(slow.collect());
        tokio::pin!(slow);
        let waited = tokio::select! {
            () = &mut slow => Duration::MAX,
            waited = quick => waited,
        };
        // Behind fifty pairs that each gave their places up.
        assert!(waited <= QUICK * 51, "{waited:?}");
    }

    async fn futures<F: Future<Output = ()>>(all: Vec<F>) {
        let mut all: Vec<_> = all.into_iter().map(Box::pin).collect();
        std::future::poll_fn(|context| {
            all.retain_mut(|one| one.as_mut().poll(context).is_pending());
            if all.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
    }
}
