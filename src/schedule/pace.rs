//! What a feed says of its own pace.

use std::time::Duration;

use super::Time;

/// What a feed says of its own pace.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pace {
    pub ttl: Option<Duration>,
    pub skip_hours: u32,
    pub skip_days: u8,
    pub update_every: Option<Duration>,
}

impl Pace {
    pub fn after_skips(&self, at: Time) -> Time {
        at
    }
    pub fn interval(&self) -> Option<Duration> {
        self.ttl.max(self.update_every)
    }
}
