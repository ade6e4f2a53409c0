//! How long a source in trouble is left alone.

use std::time::Duration;

use super::lot;

/// What kind of failure a source is in. Each climbs its own ladder of waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setback {
    /// The network: no name, no connection, no whole answer.
    Network,
    /// The server is in trouble: 5xx.
    Server,
    /// We are asked to come less often: 429, 503.
    Throttled,
    /// We are not wanted or it is not there: 401, 403, 404, 451.
    Denied,
    /// It is gone for good: 410.
    Gone,
    /// An answer that is not a feed, or none we can use.
    Content,
    /// An answer beyond all measure: it is not paid for every hour.
    Oversized,
}

impl Setback {
    /// First wait, and the ceiling, in multiples of the polite floor (10 minutes unless every source is the admin's own
    /// server). P-29: throttled from 1 h to 24 h; P-30: at most 12 requests a day to a server that is down; P-31: 4 h,
    /// and 24 h from the third refusal; P-32: a day, and after the second 410 never; P-55: a day. Never for ever otherwise: no source is
    /// abandoned.
    fn ladder(self, times: u32) -> (u32, u32) {
        match self {
            Setback::Network => (1, 36),
            Setback::Server => (3, 36),
            Setback::Throttled => (6, 144),
            Setback::Denied if times >= 3 => (144, 144),
            Setback::Denied => (24, 24),
            Setback::Gone | Setback::Oversized => (144, 144),
            Setback::Content => (6, 72),
        }
    }

    /// The wait after the `times`-th failure in a row: doubling up to the ceiling, give or take 20 % by source, never under the
    /// first step.
    pub fn wait(self, times: u32, floor: Duration, seed: &str) -> Duration {
        let (first, ceiling) = self.ladder(times);
        let doubled = first.saturating_mul(1_u32.checked_shl(times.saturating_sub(1).min(16)).unwrap_or(u32::MAX));
        let wait = floor.saturating_mul(doubled.min(ceiling));
        let percent = 80 + u32::try_from(lot(seed, u64::from(times)) % 41).unwrap_or(0);
        (wait.saturating_mul(percent) / 100).max(floor.saturating_mul(first))
    }

    /// Whether there is to be no other try.
    pub fn is_final(self, times: u32) -> bool {
        self == Setback::Gone && times >= 2
    }
}
