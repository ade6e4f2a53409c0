//! Days and months as people in Việt Nam live them.

use chrono::{Datelike, NaiveDate, TimeDelta, TimeZone, Utc};

use crate::schedule::{Time, vietnam};

/// A month as people in Việt Nam live it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month {
    first: NaiveDate,
}

impl Month {
    /// The month that a moment is in.
    pub fn of(time: Time) -> Month {
        Month::of_day(time.with_timezone(&vietnam()).date_naive())
    }

    /// The month that a day is in.
    pub fn of_day(day: NaiveDate) -> Month {
        Month { first: day.with_day(1).unwrap_or(day) }
    }

    /// `2026-11`.
    pub fn parse(text: &str) -> Option<Month> {
        let is_digit = |index: usize| text.as_bytes().get(index).is_some_and(u8::is_ascii_digit);
        let has_shape = text.len() == 7 && (0..7).all(|index| (index == 4) != is_digit(index));
        let (year, month) = text.split_once('-').filter(|_| has_shape)?;
        Some(Month { first: NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1)? })
    }

    /// `2026-11`.
    pub fn slug(self) -> String {
        self.first.format("%Y-%m").to_string()
    }

    /// Its first day.
    pub fn first_day(self) -> NaiveDate {
        self.first
    }

    /// When it began.
    pub fn begin(self) -> Time {
        day_begins(self.first)
    }

    /// When it ended, and the next began.
    pub fn end(self) -> Time {
        self.next().begin()
    }

    /// The one after it.
    pub fn next(self) -> Month {
        Month::of(day_begins(self.first) + TimeDelta::days(32))
    }
}

/// When a day begins in Việt Nam.
pub fn day_begins(day: NaiveDate) -> Time {
    let midnight = day.and_hms_opt(0, 0, 0).unwrap_or_default();
    vietnam()
        .from_local_datetime(&midnight)
        .single()
        .map_or_else(|| midnight.and_utc(), |local| local.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_at_midnight_in_viet_nam() {
        let month = Month::parse("2026-12").unwrap();
        assert_eq!(month.begin().to_rfc3339(), "2026-11-30T17:00:00+00:00");
        assert_eq!(month.next().slug(), "2027-01");
        assert_eq!(Month::of(month.begin()), month);
        assert_eq!(Month::of(month.begin() - TimeDelta::seconds(1)).slug(), "2026-11");
    }
}
