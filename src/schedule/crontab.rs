//! crontab as crontab(5) means it, evaluated at +07:00. The only place that knows the `cron` crate's dialect, which is another (six
//! fields, Sunday is 1, and both day-of-month and weekday must match).

use std::str::FromStr;
use std::time::Duration;

use chrono::Utc;

use super::{Time, vietnam};

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
    pub(super) fn shortest_gap(&self, now: Time) -> Duration {
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
