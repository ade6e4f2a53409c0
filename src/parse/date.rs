//! The dates that feeds of Vietnamese sites carry: RFC 822 in many dialects, ISO 8601, .NET's `9/5/2026 1:30:00 PM`,
//! Vietnamese words.
//!
//! What `9/5/2026` means, and which zone a date without one is in, is the source's or the document's [`Style`], never a guess
//! per item: guessing is wrong on days 1 to 12 and right on the others, which nobody notices.

mod shown;
#[cfg(test)]
mod tests;
mod tokens;
mod zone;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone, Utc};

use self::tokens::{Token, Tokens};
use self::zone::{offset, zone_of};
use crate::model::DateOrder;
use crate::schedule::{Time, vietnam};

pub use self::shown::on_listing;

/// Longer than any date; a parser fed 100 KB of nested comments is an attack (RUSTSEC-2026-0009).
const MAX_BYTES: usize = 128;

/// How the dates of a document are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// The order of day and month.
    pub order: DateOrder,
    /// The zone of a date that names none.
    pub zone: FixedOffset,
    /// Whether Vietnamese habits hold: `05/09/2026` is day first. Elsewhere slashes are the American habit, month first, and a bare
    /// year or month is a date as W3CDTF has it.
    pub is_vietnamese: bool,
}

impl Style {
    /// The style of Vietnamese sites.
    pub fn vietnamese(order: DateOrder) -> Style {
        Style { order, zone: vietnam(), is_vietnamese: true }
    }

    /// The style of the rest of the world: UTC unless said otherwise, as every feed reader takes it.
    pub fn international(order: DateOrder) -> Style {
        Style { order, zone: Utc.fix(), is_vietnamese: false }
    }
}

/// Reads a date, or says that it is not one. Never falls back to the present: a dead feed would look fresh.
pub fn parse(written: &str, style: Style) -> Option<Time> {
    let text = written.trim();
    if text.is_empty() || text.len() > MAX_BYTES {
        return None;
    }
    // .NET's "/Date(1795305600000+0700)/" has its number in brackets; elsewhere they hold RFC 822 comments: "(ICT)".
    let text = text.strip_prefix("/Date(").or_else(|| text.split_once('(').map(|(before, _)| before)).unwrap_or(text);
    let text = text.strip_suffix(")/").unwrap_or(text);
    let text = text.split_once('<').map_or(text, |(before, _)| before);
    let mut found = Found::default();
    for token in Tokens::of(text) {
        found.take(token)?;
    }
    found.instant(style)
}

/// The pieces of a date as they are met, before their order is decided.
#[derive(Debug, Default)]
struct Found {
    /// Numbers outside times, with how many digits they had and what followed them.
    numbers: Vec<Number>,
    month: Option<u32>,
    time: Option<NaiveTime>,
    next_day: bool,
    half: Option<Half>,
    half_is_english: bool,
    has_seconds: bool,
    zone: Option<FixedOffset>,
    day_named: Option<u32>,
    expecting: Option<Unit>,
}

#[derive(Debug, Clone, Copy)]
struct Number {
    value: i64,
    digits: usize,
    before_slash: bool,
    before_dash: bool,
    before_space: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Half {
    Morning,
    Afternoon,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Unit {
    Day,
    Month,
    Year,
    /// The number after "thứ" is a weekday.
    Weekday,
    /// The number after "giờ" may be the minute.
    Minute,
}

impl Found {
    /// Takes one token in; nothing when the text cannot be a date.
    fn take(&mut self, token: Token<'_>) -> Option<()> {
        match token {
            // "AT" is a zone, "at" is not.
            Token::Word("at") => Some(()),
            Token::Word(word) => self.word(&word.to_lowercase()),
            Token::Clock(text) => {
                let (time, next_day) = clock(text)?;
                self.has_seconds = text.matches(':').count() == 2;
                self.time = Some(time);
                self.next_day = next_day;
                Some(())
            }
            Token::Offset(text) => {
                self.zone = Some(offset(text)?);
                Some(())
            }
            Token::Number { text, next } => self.number(text, next),
        }
    }

    fn word(&mut self, word: &str) -> Option<()> {
        const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
        match word {
            "am" | "a.m." | "sa" | "sáng" => self.half = Some(Half::Morning),
            "pm" | "p.m." | "ch" | "chiều" | "tối" => self.half = Some(Half::Afternoon),
            "ngày" => self.expecting = Some(Unit::Day),
            "tháng" => self.expecting = Some(Unit::Month),
            "năm" if self.expecting != Some(Unit::Weekday) => self.expecting = Some(Unit::Year),
            "thứ" => self.expecting = Some(Unit::Weekday),
            // Behind an offset a name only repeats it ("-0700 GMT").
            zone if zone_of(zone).is_some() => self.zone = self.zone.or(zone_of(zone)),
            // "T2, 23/11/2026" is a Monday; the T of ISO 8601 comes after the date.
            "t" if self.numbers.is_empty() => self.expecting = Some(Unit::Weekday),
            // "15 giờ 30 phút", "15h30".
            "giờ" | "h" | "g"
                if self.time.is_none() && self.numbers.last().is_some_and(|n| n.value < 24 && n.digits <= 2) =>
            {
                let hour = self.numbers.pop().and_then(|n| u32::try_from(n.value).ok())?;
                self.time = NaiveTime::from_hms_opt(hour, 0, 0);
                self.expecting = Some(Unit::Minute);
            }
            "" | "t" | "lúc" | "giờ" | "phút" | "ngày đăng" | "đăng" | "cập" | "cn" | "chủ" | "nhật" | "hai" | "ba"
            | "tư" | "bốn" | "sáu" | "bảy" | "se" | "asia" | "năm" | "at" | "st" | "nd" | "rd" | "th" | "of" | "h" => {
                if self.expecting == Some(Unit::Weekday) {
                    self.expecting = None;
                }
            }
            other => {
                let month = MONTHS.iter().position(|m| other.starts_with(m) && other.is_ascii());
                match month {
                    Some(index) => self.month = u32::try_from(index + 1).ok(),
                    None if is_weekday(other) => {}
                    None => return None,
                }
            }
        }
        self.half_is_english |= matches!(word, "am" | "pm");
        Some(())
    }

    fn number(&mut self, text: &str, next: Option<char>) -> Option<()> {
        let value: i64 = text.parse().ok()?;
        let small = u32::try_from(value).ok();
        match self.expecting.take() {
            Some(Unit::Weekday) => {}
            Some(Unit::Minute) if text.len() <= 2 && value < 60 && !matches!(next, Some('/' | '-' | '.')) => {
                self.time = self.time.and_then(|t| chrono::Timelike::with_minute(&t, small?));
            }
            Some(Unit::Month) => self.month = small,
            // "Ngày 28/5" names the day of a slashed date; alone it names the day.
            Some(Unit::Day) if !matches!(next, Some('/' | '-' | '.')) => self.day_named = small,
            _ => self.numbers.push(Number {
                value,
                digits: text.len(),
                before_slash: next == Some('/'),
                before_dash: next == Some('-'),
                before_space: next == Some(' '),
            }),
        }
        Some(())
    }

    fn instant(self, style: Style) -> Option<Time> {
        if let [only] = *self.numbers.as_slice()
            && self.time.is_none()
            && self.month.is_none()
            && self.day_named.is_none()
            && (only.digits != 4 || style.is_vietnamese)
        {
            return match only.digits {
                14 | 8 => compact(only, style.zone),
                _ => unix(only),
            };
        }
        let date = self.date(style)?;
        let mut time = self.time.unwrap_or_default();
        if let Some(half) = self.half {
            time = twelve_hours(time, half)?;
        }
        let date = if self.next_day { date.succ_opt()? } else { date };
        let zone = self.zone.unwrap_or(style.zone);
        let local = zone.from_local_datetime(&date.and_time(time)).single()?;
        Some(local.with_timezone(&Utc))
    }

    fn date(&self, style: Style) -> Option<NaiveDate> {
        let whole = |n: &Number| u32::try_from(n.value).ok();
        // W3CDTF: "2003", "2003-12".
        match *self.numbers.as_slice() {
            _ if style.is_vietnamese || self.month.is_some() => {}
            [year] if year.digits == 4 => return NaiveDate::from_ymd_opt(full_year(year)?, 1, 1),
            [year, month] if year.digits == 4 && year.before_dash => {
                return NaiveDate::from_ymd_opt(full_year(year)?, whole(&month)?, 1);
            }
            _ => {}
        }
        if let Some(month) = self.month {
            // "21 Nov 2022", "Nov 21, 2022", "2022-Nov-21", "Ngày 8 tháng 1 năm 2026".
            let (day, year) = match (self.day_named, self.numbers.as_slice()) {
                (Some(day), [year]) => (day, *year),
                (None, [year, day]) if year.digits == 4 => (whole(day)?, *year),
                // "… 15:04:05 00" ends in what is left of a zone.
                (None, [day, year] | [day, year, Number { value: 0, .. }]) => (whole(day)?, *year),
                _ => return None,
            };
            return NaiveDate::from_ymd_opt(full_year(year)?, month, day);
        }
        let ([first, second, third] | [first, second, third, Number { value: 0, .. }]) = *self.numbers.as_slice()
        else {
            return None;
        };
        if first.digits == 4 {
            return NaiveDate::from_ymd_opt(full_year(first)?, whole(&second)?, whole(&third)?);
        }
        let is_american = !style.is_vietnamese && (first.before_slash || first.before_space);
        let month_first = match style.order {
            DateOrder::MonthFirst => true,
            DateOrder::DayFirst => false,
            // .NET writes `M/d/yyyy h:mm:ss tt` for en-US, and `dd/MM/yyyy h:mm:ss tt` with SA and CH for vi-VN. Pages
            // that mean day first with AM and PM (`%d/%m/%Y %I:%M %p`) show no seconds.
            DateOrder::ByShape => is_american || first.before_slash && self.half_is_english && self.has_seconds,
        };
        let (day, month) = if month_first { (second, first) } else { (first, second) };
        NaiveDate::from_ymd_opt(full_year(third)?, whole(&month)?, whole(&day)?)
    }
}

fn is_weekday(word: &str) -> bool {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    DAYS.iter().any(|d| word.starts_with(d)) && word.is_ascii()
}

/// RFC 2822 section 4.3: two digits below 50 are this century.
fn full_year(number: Number) -> Option<i32> {
    let year = i32::try_from(number.value).ok()?;
    match number.digits {
        4 if (1700..=2100).contains(&year) => Some(year),
        2 if year < 50 => Some(2000 + year),
        2 => Some(1900 + year),
        _ => None,
    }
}

fn clock(text: &str) -> Option<(NaiveTime, bool)> {
    let mut parts = text.trim_end_matches('.').split(':');
    let hour: u32 = parts.next()?.parse().ok()?;
    let minute: u32 = parts.next()?.parse().ok()?;
    let second = parts.next().map_or(Some(0), |s| s.split('.').next()?.parse::<u32>().ok())?;
    // ISO 8601 allows 24:00; a leap second is shown as 60.
    let (hour, next_day) = if hour == 24 && minute == 0 { (0, true) } else { (hour, false) };
    Some((NaiveTime::from_hms_opt(hour, minute, second.min(59))?, next_day))
}

fn twelve_hours(time: NaiveTime, half: Half) -> Option<NaiveTime> {
    use chrono::Timelike;
    let hour = time.hour();
    match half {
        Half::Morning if hour == 12 => time.with_hour(0),
        Half::Afternoon if hour < 12 => time.with_hour(hour + 12),
        _ => Some(time),
    }
}

/// Unix seconds or milliseconds.
fn unix(number: Number) -> Option<Time> {
    match number.digits {
        9 | 10 => DateTime::from_timestamp(number.value, 0),
        12 | 13 => DateTime::from_timestamp_millis(number.value),
        _ => None,
    }
}

/// `20261123081500`, `20261123`.
fn compact(number: Number, zone: FixedOffset) -> Option<Time> {
    let value = if number.digits == 8 { number.value * 1_000_000 } else { number.value };
    let part = |divisor: i64, modulus: i64| u32::try_from(value / divisor % modulus).ok();
    let year = i32::try_from(value / 10_000_000_000).ok().filter(|y| (1990..=2100).contains(y))?;
    let date = NaiveDate::from_ymd_opt(year, part(100_000_000, 100)?, part(1_000_000, 100)?)?;
    let time = NaiveTime::from_hms_opt(part(10_000, 100)?, part(100, 100)?, part(1, 100)?)?;
    zone.from_local_datetime(&date.and_time(time)).single().map(|t| t.with_timezone(&Utc))
}

/// A date in the future is a wrong clock or a mistake; first-seen stands in for it. An hour covers honest clocks that run fast.
/// So is one before the web: zero, .NET's first day, a CMS's empty field.
pub fn plausible(date: Time, now: Time) -> Option<Time> {
    let is_plausible = date <= now + TimeDelta::hours(1) && date.timestamp() > BEFORE_THE_WEB;
    is_plausible.then_some(date.min(now))
}

/// 1990-01-01.
const BEFORE_THE_WEB: i64 = 631_152_000;
