//! The clock, read by the shell only: everything that decides is told what time it is.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::schedule::Time;

/// The present.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn now() -> Time {
    chrono::Utc::now()
}

/// What polls go by: the machine's clock, or one that is set by whoever replays the past or tries out a month.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's.
    #[default]
    System,
    /// One that stands still until it is set, shared by all who hold a copy.
    Set(Arc<Mutex<Hands>>),
}

/// Where a clock stands that is set.
#[derive(Debug)]
pub struct Hands {
    time: Time,
    /// It does not jump beyond.
    end: Time,
}

impl Clock {
    /// One that stands at `time`.
    pub fn at(time: Time) -> Clock {
        Clock::Set(Arc::new(Mutex::new(Hands { time, end: time })))
    }

    /// What it shows.
    pub fn now(&self) -> Time {
        match self {
            Clock::System => now(),
            Clock::Set(hands) => hands.lock().unwrap_or_else(PoisonError::into_inner).time,
        }
    }

    /// Sets it; the machine's clock is not ours to set.
    #[cfg(test)]
    pub fn set(&self, to: Time) {
        if let Clock::Set(hands) = self {
            *hands.lock().unwrap_or_else(PoisonError::into_inner) = Hands { time: to, end: to };
        }
    }

    /// Lets it jump up to a time.
    #[cfg(test)]
    pub fn let_run(&self, until: Time) {
        if let Clock::Set(hands) = self {
            hands.lock().unwrap_or_else(PoisonError::into_inner).end = until;
        }
    }

    /// Waits, `most` at a time because the machine's clock may be set meanwhile. A clock that is set jumps instead, but only if `idle`:
    /// while something is under way, no time passes.
    pub async fn pass(&self, wait: Duration, most: Duration, idle: bool) {
        match self {
            Clock::System => tokio::time::sleep(wait.min(most)).await,
            Clock::Set(hands) if idle => {
                let has_ended = {
                    let mut hands = hands.lock().unwrap_or_else(PoisonError::into_inner);
                    hands.time = (hands.time + wait).min(hands.end);
                    hands.time == hands.end
                };
                if has_ended {
                    std::future::pending::<()>().await;
                }
                tokio::task::yield_now().await;
            }
            Clock::Set(_) => std::future::pending().await,
        }
    }
}
