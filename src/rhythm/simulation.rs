//! Sources that publish as sources do, and what it costs to follow them: polls a day, and how long an item waits.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, TimeZone};

use super::*;

pub const FLOOR: Duration = Duration::from_mins(10);
pub const CEILING: Duration = Duration::from_hours(6);

/// A made-up source.
pub struct Source {
    pub name: &'static str,
    /// Items an hour, by weekday (Monday is 0), minute of the day and whether it is Tết.
    pub rate: fn(usize, i64, bool) -> f64,
    /// How many items come at once.
    pub heap: usize,
}

/// Between two hours of the day.
fn within(minute: i64, from: i64, to: i64) -> bool {
    (from * 60..to * 60).contains(&minute)
}

pub const SOURCES: [Source; 7] = [
    Source {
        name: "newspaper, day and night",
        rate: |day, minute, tet| {
            let hour = if within(minute, 6, 22) { 10.0 } else { 0.7 };
            hour * if day >= 5 { 0.7 } else { 1.0 } * if tet { 0.4 } else { 1.0 }
        },
        heap: 1,
    },
    Source {
        name: "provincial paper",
        rate: |day, minute, tet| {
            let hour = if within(minute, 7, 18) { 2.0 } else { 0.1 };
            hour * if day >= 5 { 0.5 } else { 1.0 } * if tet { 0.3 } else { 1.0 }
        },
        heap: 1,
    },
    Source {
        name: "office-hours portal",
        rate: |day, minute, tet| {
            let works = day < 5 && !tet && (within(minute, 8, 12) || within(minute, 13, 17));
            if works { 0.8 } else { 0.0 }
        },
        heap: 1,
    },
    Source {
        name: "weekly bulletin",
        rate: |day, minute, tet| if day == 4 && !tet && within(minute, 15, 17) { 0.5 } else { 0.0 },
        heap: 6,
    },
    Source {
        name: "burst at 17:00",
        rate: |day, minute, tet| match minute {
            _ if tet || day == 6 => 0.0,
            1020..1030 => 30.0,
            _ if within(minute, 8, 17) => 0.1,
            _ => 0.0,
        },
        heap: 3,
    },
    Source {
        name: "ministry that pauses at Tết",
        rate: |day, minute, tet| match (day, tet) {
            (_, true) => 0.0,
            (0..5, _) if within(minute, 8, 18) => 1.5,
            _ => 0.05,
        },
        heap: 1,
    },
    Source { name: "without any rhythm", rate: |_, _, _| 1.0, heap: 1 },
];

/// `SplitMix64`: numbers that look random and are the same everywhere.
pub struct Random(pub u64);

impl Random {
    /// From 0 to 1.
    pub fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Midnight of a date at +07:00.
pub fn midnight(year: i32, month: u32, day: u32) -> Time {
    vietnam().with_ymd_and_hms(year, month, day, 0, 0, 0).unwrap().to_utc()
}

/// What a source publishes in the days from `from` on.
pub fn publish(source: &Source, from: Time, days: i64, seed: u64) -> Vec<Time> {
    let mut random = Random(seed);
    let mut items = Vec::new();
    for minute in 0..days * 1440 {
        let at = from + TimeDelta::minutes(minute);
        let day = day_of(at.timestamp());
        let rate = (source.rate)(weekday(day), minute % 1440, is_tet(day));
        if random.next() < rate / 60.0 {
            items.extend(std::iter::repeat_n(at + TimeDelta::seconds(30), source.heap));
        }
    }
    items
}

/// What it costs to follow a source.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cost {
    pub polls_a_day: f64,
    /// Minutes that an item waits.
    pub delay: f64,
    /// Minutes that an item waits which comes in an hour of the week with more items than the mean.
    pub delay_when_active: f64,
    /// Minutes between the two polls that were nearest.
    pub shortest_gap: f64,
}

/// Polls from `from` to `to`, each time when `next` says.
pub fn follow(items: &[Time], from: Time, to: Time, mut next: impl FnMut(Time) -> Time) -> Cost {
    let items: Vec<Time> = items.iter().copied().filter(|t| from <= *t && *t < to).collect();
    let mut by_hour = [0.0; 168];
    let slot = |t: &Time| weekday(day_of(t.timestamp())) * 24 + slot_of(t.timestamp()) / 2;
    items.iter().for_each(|t| by_hour[slot(t)] += 168.0 / items.len() as f64);
    let mut cost = Cost { shortest_gap: f64::MAX, ..Cost::default() };
    let (mut at, mut seen, mut active) = (from, 0, 0.0);
    while at < to {
        let due = next(at);
        cost.polls_a_day += 1.0 / ((to - from).as_seconds_f64() / 86_400.0);
        cost.shortest_gap = cost.shortest_gap.min((due - at).as_seconds_f64() / 60.0);
        at = due;
        while let Some(item) = items.get(seen).filter(|t| **t <= at) {
            let delay = (at - item).as_seconds_f64() / 60.0;
            cost.delay += delay / items.len() as f64;
            if by_hour[slot(item)] > 1.0 {
                (cost.delay_when_active, active) = (cost.delay_when_active + delay, active + 1.0);
            }
            seen += 1;
        }
    }
    cost.delay_when_active /= active;
    cost
}

/// Follows a source every half an hour, at the mean of many places within it, because papers publish on the hour.
pub fn fixed(items: &[Time], from: Time, to: Time) -> Cost {
    let places = (1..30).step_by(4);
    let costs =
        places.map(|minute| follow(items, from + TimeDelta::minutes(minute), to, |at| at + TimeDelta::minutes(30)));
    let mut mean = Cost { shortest_gap: 30.0, ..Cost::default() };
    for cost in costs {
        mean.polls_a_day += cost.polls_a_day / 8.0;
        mean.delay += cost.delay / 8.0;
        mean.delay_when_active += cost.delay_when_active / 8.0;
    }
    mean
}

/// Follows a source by the rhythm that is learned each day anew from the `weeks` before.
pub fn auto(items: &[Time], from: Time, to: Time, weeks: i64) -> Cost {
    let mut learned = (DateTime::UNIX_EPOCH, Rhythm(None));
    follow(items, from, to, |at| {
        if at - learned.0 >= TimeDelta::days(1) {
            let known: Vec<Time> =
                items.iter().copied().filter(|t| *t <= at && *t > at - TimeDelta::weeks(weeks)).collect();
            learned = (at, Rhythm::learn(&known, at));
        }
        learned.1.next_after(at, FLOOR, CEILING)
    })
}
