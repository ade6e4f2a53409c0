//! What a feed asks of whoever polls it: to wait, and to stay away at some hours and on some days.

use std::iter::successors;
use std::time::Duration;

use chrono::{DateTime, Datelike, Timelike};

use super::{MAX_FRESHNESS, Time};

/// Every hour of the day, as bits.
const ALL_HOURS: u32 = (1 << 24) - 1;
/// Every day of the week, as bits.
const ALL_DAYS: u8 = (1 << 7) - 1;

/// What a feed says of its own pace. Each part only ever lengthens the wait (assertion P-45).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pace {
    /// RSS `<ttl>`: how long a copy may be used.
    pub ttl: Option<Duration>,
    /// RSS `<skipHours>`: hours of the day at GMT, midnight is bit 0.
    pub skip_hours: u32,
    /// RSS `<skipDays>`: days of the week at GMT, Monday is bit 0.
    pub skip_days: u8,
    /// How often it says it changes, by the RSS 1.0 syndication module.
    pub update_every: Option<Duration>,
}

impl Pace {
    /// The least time between two polls: the longer of what it says, and a day at most (P-42, P-44).
    pub fn interval(&self) -> Option<Duration> {
        self.ttl.max(self.update_every).map(|wait| wait.min(MAX_FRESHNESS)).filter(|wait| !wait.is_zero())
    }

    /// Of what it says, the hours and days alone: they hold also where nothing came that it could be said in.
    pub fn skips_only(&self) -> Pace {
        Pace { skip_hours: self.skip_hours, skip_days: self.skip_days, ..Pace::default() }
    }

    /// The first instant from `at` on that is in no skipped hour and on no skipped day.
    pub fn after_skips(&self, at: Time) -> Time {
        let (hours, days) = self.skips();
        let skipped = |t: &Time| hours >> t.hour() & 1 == 1 || days >> t.weekday().num_days_from_monday() & 1 == 1;
        // Some hour of some day is free, so one within a week is.
        successors(Some(at), |t| next_hour(*t)).take(7 * 24 + 1).find(|t| !skipped(t)).unwrap_or(at)
    }

    /// Whether it says to skip every hour or every day, which cannot be meant: an operator should know (P-43).
    pub fn skips_everything(&self) -> bool {
        self.skip_hours & ALL_HOURS == ALL_HOURS || self.skip_days & ALL_DAYS == ALL_DAYS
    }

    /// What is skipped, without a list that leaves nothing.
    fn skips(&self) -> (u32, u8) {
        let hours = if self.skip_hours & ALL_HOURS == ALL_HOURS { 0 } else { self.skip_hours };
        let days = if self.skip_days & ALL_DAYS == ALL_DAYS { 0 } else { self.skip_days };
        (hours, days)
    }
}

/// When the next hour begins.
fn next_hour(at: Time) -> Option<Time> {
    DateTime::from_timestamp((at.timestamp().div_euclid(3600) + 1) * 3600, 0)
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};
    use proptest::prelude::*;

    use super::*;

    /// November 2026 at GMT (the 23rd is a Monday).
    fn gmt(day: u32, hour: u32, minute: u32) -> Time {
        Utc.with_ymd_and_hms(2026, 11, day, hour, minute, 0).unwrap()
    }

    #[test]
    fn a_poll_waits_for_the_end_of_skipped_hours_and_days() {
        let night = Pace { skip_hours: 0b111_1111, ..Pace::default() };
        let weekend = Pace { skip_days: 0b110_0000, ..Pace::default() };
        let both = Pace { skip_hours: 1 | 1 << 23, skip_days: 0b110_0000, ..Pace::default() };
        for (pace, at, expected) in [
            (night, gmt(23, 3, 20), gmt(23, 7, 0)),
            (night, gmt(23, 7, 0), gmt(23, 7, 0)),
            (night, gmt(23, 6, 59), gmt(23, 7, 0)),
            (night, gmt(23, 12, 34), gmt(23, 12, 34)),
            (weekend, gmt(28, 10, 5), gmt(30, 0, 0)),
            (weekend, gmt(27, 23, 59), gmt(27, 23, 59)),
            (both, gmt(27, 23, 10), gmt(30, 1, 0)),
            (Pace::default(), gmt(23, 3, 20), gmt(23, 3, 20)),
        ] {
            assert_eq!(pace.after_skips(at), expected, "{pace:?} {at}");
        }
    }

    #[test]
    fn skipping_every_hour_or_every_day_is_not_meant() {
        let hours = Pace { skip_hours: u32::MAX, skip_days: 0b100_0000, ..Pace::default() };
        let days = Pace { skip_days: u8::MAX, skip_hours: 1, ..Pace::default() };
        assert!(hours.skips_everything() && days.skips_everything());
        assert_eq!(hours.after_skips(gmt(29, 5, 0)), gmt(30, 0, 0), "the days still count");
        assert_eq!(days.after_skips(gmt(23, 0, 30)), gmt(23, 1, 0), "the hours still count");
    }

    #[test]
    fn the_wait_is_the_longest_that_is_asked_for_and_a_day_at_most() {
        let hours = |h| Some(Duration::from_hours(h));
        for (ttl, update_every, expected) in [
            (hours(3), hours(12), hours(12)),
            (hours(3), hours(1), hours(3)),
            (hours(3), None, hours(3)),
            (None, hours(168), hours(24)),
            (Some(Duration::from_mins(1_000_000_000)), None, hours(24)),
            (hours(0), None, None),
            (None, None, None),
        ] {
            assert_eq!(Pace { ttl, update_every, ..Pace::default() }.interval(), expected);
        }
    }

    proptest! {
        #[test]
        fn where_it_ends_nothing_is_skipped_and_it_ends_within_a_week(
            skip_hours in any::<u32>(), skip_days in any::<u8>(), seconds in 0_i64..4_000_000_000
        ) {
            let pace = Pace { skip_hours, skip_days, ..Pace::default() };
            let at = DateTime::from_timestamp(seconds, 0).unwrap();
            let free = pace.after_skips(at);
            prop_assert!(free >= at && (free - at).num_days() <= 7);
            prop_assert_eq!(pace.after_skips(free), free);
        }
    }
}
