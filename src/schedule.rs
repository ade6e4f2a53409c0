//! When a source is due, and why. Pure: the caller brings the clock.
//!
//! The only module that knows the `cron` crate's dialect, which is not crontab (six fields, Sunday is 1, and both
//! day-of-month and weekday must match). What an admin writes here is crontab as crontab(5) means it, evaluated at
//! +07:00: Việt Nam has no daylight saving.

use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, Offset, TimeDelta, Utc};

/// An instant.
pub type Time = DateTime<Utc>;

/// Seconds east of Greenwich in Việt Nam, all year.
const VIETNAM_SECONDS: i32 = 7 * 3600;

/// +07:00.
pub fn vietnam() -> FixedOffset {
    #[expect(clippy::expect_used, reason = "seven hours are within a day")]
    FixedOffset::east_opt(VIETNAM_SECONDS).expect("a valid offset")
}

/// A fixed zone.
pub type Zone = FixedOffset;

/// The zone of a text such as "+07:00" or "Z".
pub fn zone(text: &str) -> Option<Zone> {
    if text == "Z" {
        return Some(Utc.fix());
    }
    let (sign, rest) = text.split_at_checked(1)?;
    let (hours, minutes) = rest.split_once(':')?;
    let number = |digits: &str| Some(digits).filter(|d| d.len() == 2)?.parse::<i32>().ok();
    let (hours, minutes) = (number(hours)?, number(minutes).filter(|m| *m < 60)?);
    let seconds = hours * 3600 + minutes * 60;
    match sign {
        "+" => FixedOffset::east_opt(seconds),
        "-" => FixedOffset::west_opt(seconds),
        _ => None,
    }
}

/// How often a source is polled.
#[derive(Debug, Clone, PartialEq)]
pub enum Cadence {
    /// At this interval after the last poll started.
    Every(Duration),
    /// At the times of a crontab line, plus the source's own offset.
    Cron(Crontab),
}

impl Cadence {
    /// The shortest time between two polls that this cadence asks for.
    pub fn interval(&self, now: Time) -> Duration {
        match self {
            Cadence::Every(interval) => *interval,
            Cadence::Cron(cron) => cron.shortest_gap(now),
        }
    }
}

/// A crontab line of five fields.
#[derive(Debug, Clone)]
pub struct Crontab {
    text: String,
    /// crontab(5): if day-of-month and weekday are both restricted, either may match. The crate would require both, so
    /// there is one schedule for each.
    any: Vec<cron::Schedule>,
}

impl PartialEq for Crontab {
    fn eq(&self, other: &Crontab) -> bool {
        self.text == other.text
    }
}

/// Why a crontab line was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// Not five fields.
    #[error("crontab has five fields (minute hour day month weekday), this has {0}")]
    Fields(usize),
    /// A field the crate or we cannot read.
    #[error("the {field} field {text:?} is not crontab")]
    Field {
        /// Which of the five.
        field: &'static str,
        /// What stood there.
        text: String,
    },
    /// For example 31 February.
    #[error("this time never comes")]
    Never,
}

const FIELDS: [&str; 5] = ["minute", "hour", "day", "month", "weekday"];
const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

impl Crontab {
    /// Reads `minute hour day-of-month month day-of-week`, or `@hourly`, `@daily`, `@weekly`, `@monthly`. Fields take
    /// `*`, lists, ranges and steps; months and weekdays also English three-letter names; Sunday is 0 or 7.
    pub fn parse(text: &str, now: Time) -> Result<Crontab, CronError> {
        let spelled = match text.trim() {
            "@hourly" => "0 * * * *",
            "@daily" | "@midnight" => "0 0 * * *",
            "@weekly" => "0 0 * * 0",
            "@monthly" => "0 0 1 * *",
            other => other,
        };
        let fields: Vec<&str> = spelled.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = *fields.as_slice() else {
            return Err(CronError::Fields(fields.len()));
        };
        let weekdays =
            expand_weekdays(weekday).ok_or_else(|| CronError::Field { field: "weekday", text: weekday.to_owned() })?;
        let both = day != "*" && weekdays != "*";
        let pairs = if both { vec![(day, "*"), ("*", weekdays.as_str())] } else { vec![(day, weekdays.as_str())] };
        let mut any = Vec::new();
        for (day, weekdays) in pairs {
            let line = format!("0 {minute} {hour} {day} {month} {weekdays}");
            let schedule = cron::Schedule::from_str(&line).map_err(|_| first_bad_field(&fields))?;
            any.push(schedule);
        }
        let cron = Crontab { text: spelled.to_owned(), any };
        cron.next(now).map(|_| cron).ok_or(CronError::Never)
    }

    /// The first firing after `after`, or nothing within the crate's horizon (year 2100).
    pub fn next(&self, after: Time) -> Option<Time> {
        let local = after.with_timezone(&vietnam());
        self.any.iter().filter_map(|s| s.after(&local).next()).min().map(|t| t.with_timezone(&Utc))
    }

    /// The shortest of the next gaps between firings. A hundred see a whole week of any hourly pattern.
    fn shortest_gap(&self, now: Time) -> Duration {
        let mut shortest = Duration::MAX;
        let mut last = self.next(now);
        for _ in 0..100 {
            let next = last.and_then(|t| self.next(t));
            let (Some(from), Some(to)) = (last, next) else { break };
            shortest = shortest.min((to - from).to_std().unwrap_or_default());
            last = next;
        }
        shortest
    }
}

/// Crontab weekdays (0 to 7 or names, lists, ranges over the week's end, steps) as a list of the crate's names, or `*`.
fn expand_weekdays(field: &str) -> Option<String> {
    let mut on = [false; 7];
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse::<usize>().ok().filter(|&s| s > 0)?),
            None => (part, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (0, 6),
            Some((from, to)) => (weekday(from)?, weekday(to)?),
            None => (weekday(range)?, weekday(range)?),
        };
        // Fri-Mon and 5-7 run over the end of the week.
        let to = if to < from { to + 7 } else { to };
        for day in (from..=to).step_by(step) {
            *on.get_mut(day % 7)? = true;
        }
    }
    if on.iter().all(|&day| day) {
        return Some("*".to_owned());
    }
    let names: Vec<&str> = WEEKDAYS.iter().zip(on).filter(|(_, on)| *on).map(|(name, _)| *name).collect();
    Some(names.join(","))
}

fn weekday(text: &str) -> Option<usize> {
    match text.parse::<usize>() {
        Ok(number) => (number <= 7).then_some(number),
        Err(_) => WEEKDAYS.iter().position(|name| name.eq_ignore_ascii_case(text)),
    }
}

/// Which of the five fields the crate refuses, found by trying each alone.
fn first_bad_field(fields: &[&str]) -> CronError {
    for (index, (name, text)) in FIELDS.iter().zip(fields).enumerate() {
        let mut alone = ["*"; 5];
        if let Some(slot) = alone.get_mut(index) {
            *slot = text;
        }
        if index < 4 && cron::Schedule::from_str(&format!("0 {}", alone.join(" "))).is_err() {
            return CronError::Field { field: name, text: (*text).to_owned() };
        }
    }
    CronError::Never
}

/// What a server asked for in its last answer, or does for us. Each only ever lengthens the wait (assertion P-45).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signals {
    /// `Retry-After` of a refusal.
    pub retry_after: Option<Duration>,
    /// Freshness lifetime left: `max-age` less `Age`, or `Expires` less `Date`.
    pub max_age: Option<Duration>,
    /// RSS `<ttl>`.
    pub ttl: Option<Duration>,
    /// The source is pushed by a hub that deserves trust: polling only makes sure of it.
    pub websub: Option<Duration>,
}

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
}

impl Setback {
    /// First wait, and the ceiling, in multiples of the polite floor (10 minutes unless every source is the admin's own
    /// server). P-29: throttled from 1 h to 24 h; P-30: at most 12 requests a day to a server that is down; P-31: 403
    /// from 4 h, and 24 h from the third refusal; P-32: 410 a day, then weekly. Never for ever: no source is abandoned.
    fn ladder(self, times: u32) -> (u32, u32) {
        match self {
            Setback::Network => (1, 36),
            Setback::Server => (3, 36),
            Setback::Throttled => (6, 144),
            Setback::Denied if times >= 3 => (144, 144),
            Setback::Denied => (24, 24),
            Setback::Gone if times >= 2 => (1008, 1008),
            Setback::Gone => (144, 144),
            Setback::Content => (6, 72),
        }
    }

    /// The wait after the `times`-th failure in a row: doubling up to the ceiling, give or take 20 % by source.
    pub fn wait(self, times: u32, floor: Duration, seed: &str) -> Duration {
        let (first, ceiling) = self.ladder(times);
        let doubled = first.saturating_mul(1_u32.checked_shl(times.saturating_sub(1).min(16)).unwrap_or(u32::MAX));
        let wait = floor.saturating_mul(doubled.min(ceiling));
        let percent = 80 + u32::try_from(lot(seed, u64::from(times)) % 41).unwrap_or(0);
        wait.saturating_mul(percent) / 100
    }
}

/// When a source is due, and why then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Not before this instant.
    pub at: Time,
    /// What decided it.
    pub cause: Cause,
}

/// What decided the time of the next poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Never polled before.
    First,
    /// The source's cadence.
    Cadence,
    /// The server's `Cache-Control` or `Expires`.
    MaxAge,
    /// The feed's `<ttl>`.
    Ttl,
    /// The server's `Retry-After`.
    RetryAfter,
    /// The ladder after failures.
    Backoff,
    /// A WebSub hub pushes what is new.
    WebSub,
}

/// A lifetime is believed for a day at most: NetNewsWire met a max-age of 16 years.
const MAX_FRESHNESS: Duration = Duration::from_hours(24);
/// P-26: a longer `Retry-After` is a mistake or an attack (CVE-2025-68148).
const MAX_RETRY_AFTER: Duration = Duration::from_hours(7 * 24);
/// Sources that fall due together are spread over half an interval, and no more than this (P-39).
const MAX_SPREAD: Duration = Duration::from_mins(15);

/// When to poll a source for the first time, or after it was overdue for long (the daemon was down): its own offset
/// from now, so that a thousand sources never start together.
pub fn first(cadence: &Cadence, seed: &str, now: Time) -> Due {
    Due { at: now + delta(offset(cadence, seed, now)), cause: Cause::First }
}

/// When to poll next after a poll that started at `started`: the latest of what the cadence, the server and past
/// failures ask for.
pub fn next(
    cadence: &Cadence,
    seed: &str,
    started: Time,
    signals: &Signals,
    setback: Option<(Setback, u32)>,
    floor: Duration,
) -> Due {
    let mut due = Due { at: after(cadence, seed, started), cause: Cause::Cadence };
    let mut not_before = |wait: Option<Duration>, cap: Duration, cause: Cause| {
        if let Some(wait) = wait {
            let at = started + delta(wait.min(cap));
            if at > due.at {
                due = Due { at, cause };
            }
        }
    };
    not_before(signals.max_age, MAX_FRESHNESS, Cause::MaxAge);
    not_before(signals.ttl, MAX_FRESHNESS, Cause::Ttl);
    not_before(signals.websub, MAX_FRESHNESS, Cause::WebSub);
    // A server that says when to come back has answered the question the ladder guesses at.
    match (signals.retry_after, setback) {
        (Some(wait), _) => not_before(Some(wait), MAX_RETRY_AFTER, Cause::RetryAfter),
        (None, Some((setback, times))) => {
            not_before(Some(setback.wait(times, floor, seed)), MAX_RETRY_AFTER, Cause::Backoff);
        }
        (None, None) => {}
    }
    due
}

/// The stored due time, seen again at `now` after a start or reload: kept, unless it lies so far in the past that many
/// sources would start at once, or further ahead than any rule allows (a clock that was wrong when it was written).
pub fn resume(stored: Due, cadence: &Cadence, seed: &str, now: Time) -> Due {
    let late = now - stored.at;
    let patience = delta(cadence.interval(now) / 2);
    if late > patience || late < -(delta(MAX_RETRY_AFTER) + delta(cadence.interval(now))) {
        first(cadence, seed, now)
    } else {
        stored
    }
}

/// The cadence's own next time. An interval counts from the start of the last poll, so two polls are never nearer than
/// it.
fn after(cadence: &Cadence, seed: &str, started: Time) -> Time {
    match cadence {
        Cadence::Every(interval) => started + delta(*interval),
        Cadence::Cron(cron) => {
            let offset = delta(offset(cadence, seed, started));
            cron.next(started - offset).map_or(started + delta(MAX_FRESHNESS), |t| t + offset)
        }
    }
}

/// The source's stable place within the spread.
fn offset(cadence: &Cadence, seed: &str, now: Time) -> Duration {
    let window = (cadence.interval(now) / 2).min(MAX_SPREAD);
    let millis = u64::try_from(window.as_millis()).unwrap_or(0).max(1);
    Duration::from_millis(lot(seed, 0) % millis)
}

fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX / 4)
}

/// A source's own lot, by which what all sources do is spread. FNV-1a, 64 bits: the same on every machine and in every
/// version, which the standard library's hasher does not promise.
pub fn lot(seed: &str, salt: u64) -> u64 {
    const PRIME: u64 = 0x0100_0000_01b3;
    seed.bytes().chain(salt.to_le_bytes()).fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests;
