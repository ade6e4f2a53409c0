//! The rhythm in which a source publishes: learned from what it did, it says when to look next and when silence is strange. Pure.
//!
//! A week of half hours at +07:00 (papers publish on the hour and at the half), each with the items it is expected to bring. Few data
//! must not look like knowledge, so a half hour of the week is believed as far as its own items speak (a Gamma prior on
//! Poisson counts), else what its time of day and its weekday say, and those else the source's mean. Tết is a week of its own.

mod tet;

use std::iter::{successors, zip};
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};

use crate::schedule::{Time, vietnam};

/// With fewer items a rhythm is unknown.
const FEWEST: usize = 20;
/// With a shorter history too: it has not seen a whole week.
const SHORTEST: i64 = 7 * DAY;
/// What is older than this says nothing.
const LONGEST: i64 = 400 * DAY;
/// After so many days an item weighs half.
const HALF_LIFE: f64 = 21.0;
/// How many items the prior of a time of day, of a weekday, or of the holiday is worth.
const PRIOR: f64 = 0.5;
/// The same for one half hour of the week, of which a history has seen a few.
const SLOT_PRIOR: f64 = 8.0;
/// Without days of Tết in the history: this share of what Sundays bring.
const TET_SHARE: f64 = 0.5;
/// The wait where nothing is known.
const USUAL: Duration = Duration::from_mins(30);
/// The yardstick where something is known: in its active hours a source's items wait for us as long on average as if it were polled at
/// this interval. Somewhat less than the usual one, because nothing that is learned is exact.
const YARDSTICK: f64 = 28.0 / 60.0;
/// A silence is strange if it happens by chance less often than this.
const CHANCE: f64 = 1e-4;
/// No silence shorter than this is strange.
const SHORT_SILENCE: i64 = 2 * DAY;

/// Seconds.
const HOUR: i64 = 3600;
/// Seconds.
const DAY: i64 = 24 * HOUR;
/// How many pieces of a day are told apart.
const SLOTS: usize = 48;
/// Seconds.
const SLOT: i64 = DAY / 48;

/// Items an hour, or anything else, through a day.
type Day<T> = [T; SLOTS];

/// When a source publishes.
#[derive(Debug, Clone, PartialEq)]
pub struct Rhythm(Option<Box<Learned>>);

/// What a silence means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Silence {
    /// How many items would have come by now.
    pub expected: f64,
    /// Whether chance does not explain it: the source is probably broken, or moved.
    pub alarming: bool,
}

#[derive(Debug, Clone, PartialEq)]
struct Learned {
    /// Items an hour, by weekday (Monday first) and time of day.
    week: [Day<f64>; 7],
    /// Items an hour on a day of Tết.
    tet: Day<f64>,
    /// Item-hours: how long all waiting items together may have waited when it is time to look.
    patience: f64,
    /// The variance of a day's items over their mean, 1 or more: how much they come in heaps.
    dispersion: f64,
    /// The longest time between two items outside Tết, seconds.
    longest_silence: i64,
}

/// What was observed of a slot, by weight.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    items: f64,
    hours: f64,
}

impl Rhythm {
    /// Learns from the instants at which items were published or first seen, in any order. With fewer than 20 of them, or of less
    /// than 7 days, the rhythm is unknown. What lies in the future of `now` is a mistake and left out.
    pub fn learn(history: &[Time], now: Time) -> Rhythm {
        let mut instants: Vec<i64> = history.iter().filter(|t| **t <= now).map(Time::timestamp).collect();
        instants.sort_unstable();
        let Some(last) = instants.last().copied() else { return Rhythm(None) };
        let instants = instants.get(instants.partition_point(|t| *t < last - LONGEST)..).unwrap_or_default();
        match instants.first() {
            Some(first) if instants.len() >= FEWEST && last - first >= SHORTEST => {
                Rhythm(Some(Box::new(Learned::from(instants, *first, last))))
            }
            _ => Rhythm(None),
        }
    }

    /// Whether there was enough to learn from.
    #[cfg(test)]
    pub fn is_known(&self) -> bool {
        self.0.is_some()
    }

    /// When to look next after a look at `started`: never sooner than `floor`, never later than `ceiling`, the floor before all.
    ///
    /// It is time when the items expected since then have together waited as long as is tolerable. For a steady rate r that is an
    /// interval in proportion to 1/√r, which of all ways to spend so many polls gives the least mean delay; and the tolerable is such
    /// that in active hours the mean delay is about that of polling every half an hour. So a source that never rests is polled every half
    /// an hour, and the others so much less as they rest.
    pub fn next_after(&self, started: Time, floor: Duration, ceiling: Duration) -> Time {
        let most = i64::try_from(ceiling.as_secs()).unwrap_or(DAY).min(7 * DAY);
        let wait = self
            .0
            .as_ref()
            .map_or(USUAL, |learned| Duration::from_secs(learned.wait(started.timestamp(), most).unsigned_abs()));
        started
            .checked_add_signed(TimeDelta::from_std(wait.min(ceiling).max(floor)).unwrap_or_default())
            .unwrap_or(started)
    }

    /// What it means that nothing new has come since `last_new`. It is alarming if chance explains it in less than one of 10,000
    /// cases, and it has lasted two days and one and a half times as long as any silence before.
    pub fn silence(&self, last_new: Time, now: Time) -> Silence {
        let Some(learned) = &self.0 else { return Silence { expected: 0.0, alarming: false } };
        // What is strange for a year is strange.
        let lasted = (now - last_new).num_seconds().clamp(0, 366 * DAY);
        // What is left of the half hour of a burst is no silence.
        let begin = (now.timestamp() - lasted + SLOT - 1).div_euclid(SLOT) * SLOT;
        let expected = learned.expected(begin, now.timestamp());
        let alarming =
            lasted >= SHORT_SILENCE.max(learned.longest_silence * 3 / 2) && learned.chance(expected) < CHANCE;
        Silence { expected, alarming }
    }
}

impl Learned {
    /// From sorted instants.
    fn from(instants: &[i64], first: i64, last: i64) -> Learned {
        let days = observe(instants, first, last);
        let (mut week, mut holiday) = ([[Seen::default(); SLOTS]; 7], [Seen::default(); SLOTS]);
        for Observed { day, is_tet, weight, slots } in &days {
            // Days of Tết are too few to weigh.
            let (sums, weight) =
                if *is_tet { (Some(&mut holiday), 1.0) } else { (week.get_mut(weekday(*day)), *weight) };
            for (sum, seen) in zip(sums.into_iter().flatten(), slots) {
                sum.items += seen.items * weight;
                sum.hours += seen.hours * weight;
            }
        }
        let week = weekly(&week);
        let [.., sunday] = &week;
        Learned {
            tet: on_tet(sunday, &holiday),
            patience: patience(week.as_flattened()),
            dispersion: dispersion(&week, &days),
            longest_silence: longest_silence(instants),
            week,
        }
    }

    /// Items an hour at an instant.
    fn rate(&self, instant: i64) -> f64 {
        let day = day_of(instant);
        let rates = if is_tet(day) { Some(&self.tet) } else { self.week.get(weekday(day)) };
        rates.and_then(|rates| rates.get(slot_of(instant))).copied().unwrap_or(0.0)
    }

    /// How many items come between two instants.
    fn expected(&self, from: i64, to: i64) -> f64 {
        pieces(from)
            .take_while(|(begin, _)| *begin < to)
            .map(|(begin, end)| self.rate(begin) * hours(end.min(to) - begin))
            .sum()
    }

    /// How many seconds to wait, at most `most`.
    fn wait(&self, from: i64, most: i64) -> i64 {
        // Items that wait, and what they have waited together.
        let (mut items, mut waited) = (0.0, 0.0);
        for (begin, end) in pieces(from).take_while(|(begin, _)| *begin < from + most) {
            let (rate, span) = (self.rate(begin), hours(end - begin));
            let after = waited + items * span + rate * span * span / 2.0;
            if after >= self.patience {
                // patience = waited + items t + rate t²/2, solved so that a rate of nothing does no harm.
                let left = self.patience - waited;
                let more = 2.0 * left / (items + (items * items + 2.0 * rate * left).sqrt());
                return (begin - from + seconds(more)).min(most);
            }
            (items, waited) = (items + rate * span, after);
        }
        most
    }

    /// How probable it is that nothing comes where so many items are expected: Poisson, or negative binomial where they come in heaps,
    /// of the dispersion that was found.
    fn chance(&self, expected: f64) -> f64 {
        let excess = self.dispersion - 1.0;
        let heaps = if excess < 1e-3 { 1.0 } else { excess / self.dispersion.ln() };
        (-expected / heaps).exp()
    }
}

/// What was observed of a day.
struct Observed {
    /// Counted from 1970-01-01.
    day: i64,
    is_tet: bool,
    /// How much it counts: recent days count more.
    weight: f64,
    slots: Day<Seen>,
}

/// The first instant only begins the observation, and the last ends it: a source that fell silent keeps the rhythm of when it spoke.
fn observe(instants: &[i64], first: i64, last: i64) -> Vec<Observed> {
    let (from, to) = (day_of(first), day_of(last));
    let observed = |day: i64| {
        let mut slots = [Seen::default(); SLOTS];
        for (begin, seen) in zip(successors(Some(day * DAY - east()), |t| Some(t + SLOT)), &mut slots) {
            seen.hours = overlap((begin, begin + SLOT), (first, last));
        }
        Observed { day, is_tet: is_tet(day), weight: 0.5_f64.powf((to - day) as f64 / HALF_LIFE), slots }
    };
    let mut days: Vec<Observed> = (from..=to).map(observed).collect();
    for instant in instants.iter().skip(1) {
        let day = usize::try_from(day_of(*instant) - from).ok().and_then(|day| days.get_mut(day));
        if let Some(seen) = day.and_then(|day| day.slots.get_mut(slot_of(*instant))) {
            seen.items += 1.0;
        }
    }
    days
}

/// The rates of a week. Each level corrects the one before as far as its own items speak.
fn weekly(seen: &[Day<Seen>; 7]) -> [Day<f64>; 7] {
    let all = sum(seen.as_flattened().iter());
    // All of it may have come on days of Tết.
    let mean = all.items.max(PRIOR) / all.hours;
    let mut daily = [0.0; SLOTS];
    for (slot, rate) in daily.iter_mut().enumerate() {
        let seen = sum(seen.iter().filter_map(|day| day.get(slot)));
        *rate = mean * correction(seen.items, mean * seen.hours, PRIOR);
    }
    let mut rates = [daily; 7];
    for (rates, seen) in zip(&mut rates, seen) {
        let of_the_weekday =
            correction(sum(seen.iter()).items, zip(&*rates, seen).map(|(rate, s)| rate * s.hours).sum(), PRIOR);
        for (rate, seen) in zip(rates, seen) {
            *rate *= of_the_weekday;
            *rate *= correction(seen.items, *rate * seen.hours, SLOT_PRIOR);
        }
    }
    rates
}

/// The rates of a day of Tết: those of earlier ones where there are any, else a share of a Sunday's.
fn on_tet(sunday: &Day<f64>, seen: &Day<Seen>) -> Day<f64> {
    let mut rates = sunday.map(|rate| rate * TET_SHARE);
    let of_the_holiday =
        correction(sum(seen.iter()).items, zip(&rates, seen).map(|(rate, s)| rate * s.hours).sum(), PRIOR);
    for (rate, seen) in zip(&mut rates, seen) {
        *rate *= of_the_holiday;
        *rate *= correction(seen.items, *rate * seen.hours, SLOT_PRIOR);
    }
    rates
}

/// By how much more or less came than expected, moderated: the mean of a Gamma distribution around 1 whose prior is
/// worth so many items.
fn correction(items: f64, expected: f64, prior: f64) -> f64 {
    (items + prior) / (expected + prior)
}

/// The patience that makes the items of active hours, which bring at least half the mean, wait half of [`YARDSTICK`]: at a rate r it
/// makes an interval of √(2·patience/r). But where there is no rest to save polls in, no more polls than usual.
fn patience(rates: &[f64]) -> f64 {
    let mean = rates.iter().sum::<f64>() / rates.len() as f64;
    let active = || rates.iter().filter(|rate| **rate >= mean / 2.0);
    let roots: f64 = rates.iter().map(|rate| rate.sqrt()).sum();
    let fresh = YARDSTICK * active().sum::<f64>() / active().map(|rate| rate.sqrt()).sum::<f64>();
    let polite = USUAL.as_secs_f64() / 3600.0 * roots / rates.len() as f64;
    fresh.max(polite).powi(2) / 2.0
}

/// The variance of a whole ordinary day's items over their mean, 1 or more.
fn dispersion(week: &[Day<f64>; 7], days: &[Observed]) -> f64 {
    let (mut squares, mut means) = (0.0, 0.0);
    let inner = days.get(1..days.len().saturating_sub(1)).unwrap_or_default();
    for Observed { day, weight, slots, .. } in inner.iter().filter(|day| !day.is_tet) {
        let mean = week.get(weekday(*day)).into_iter().flatten().sum::<f64>() * hours(SLOT);
        squares += weight * (sum(slots.iter()).items - mean).powi(2);
        means += weight * mean;
    }
    if means > 0.0 { (squares / means).max(1.0) } else { 1.0 }
}

fn sum<'a>(seen: impl Iterator<Item = &'a Seen>) -> Seen {
    seen.fold(Seen::default(), |sum, s| Seen { items: sum.items + s.items, hours: sum.hours + s.hours })
}

fn longest_silence(instants: &[i64]) -> i64 {
    let mut longest = 0;
    for (from, to) in zip(instants, instants.iter().skip(1)) {
        if to - from > longest && !(day_of(*from)..=day_of(*to)).any(is_tet) {
            longest = to - from;
        }
    }
    longest
}

/// The pieces of time from an instant on, each within one slot.
fn pieces(from: i64) -> impl Iterator<Item = (i64, i64)> {
    let end = |begin: i64| (begin.div_euclid(SLOT) + 1) * SLOT;
    successors(Some((from, end(from))), move |(_, begin)| Some((*begin, end(*begin))))
}

/// Seconds as hours.
fn hours(seconds: i64) -> f64 {
    seconds as f64 / HOUR as f64
}

/// A part of an hour as seconds.
fn seconds(hours: f64) -> i64 {
    TimeDelta::from_std(Duration::try_from_secs_f64(hours * 3600.0).unwrap_or_default()).map_or(0, |d| d.num_seconds())
}

/// What two spans share, hours.
fn overlap(a: (i64, i64), b: (i64, i64)) -> f64 {
    hours((a.1.min(b.1) - a.0.max(b.0)).max(0))
}

fn east() -> i64 {
    vietnam().local_minus_utc().into()
}

/// The day of an instant at +07:00, counted from 1970-01-01.
fn day_of(instant: i64) -> i64 {
    (instant + east()).div_euclid(DAY)
}

/// The slot of its day at +07:00.
fn slot_of(instant: i64) -> usize {
    usize::try_from((instant + east()).rem_euclid(DAY) / SLOT).unwrap_or(0)
}

/// The weekday of a day, Monday is 0; 1970-01-01 was a Thursday.
fn weekday(day: i64) -> usize {
    usize::try_from((day + 3).rem_euclid(7)).unwrap_or(0)
}

fn is_tet(day: i64) -> bool {
    i32::try_from(day).ok().and_then(NaiveDate::from_epoch_days).is_some_and(tet::is_holiday)
}

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
