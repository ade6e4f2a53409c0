//! The dates that feeds of Vietnamese sites carry: RFC 822 in many dialects, ISO 8601, .NET's `9/5/2026 1:30:00 PM`,
//! Vietnamese words.
//!
//! What `9/5/2026` means, and which zone a date without one is in, is the source's or the document's [`Style`], never a guess
//! per item: guessing is wrong on days 1 to 12 and right on the others, which nobody notices.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone, Utc};

use crate::model::DateOrder;
use crate::schedule::{Time, vietnam};

/// Longer than any date; a parser fed 100 KB of nested comments is an attack (RUSTSEC-2026-0009).
const MAX_BYTES: usize = 128;

/// Reads a date as pages of headlines show it: with words around it, or relative ("3 giờ trước", "hôm qua").
pub fn on_listing(shown: &str, style: Style, now: Time) -> Option<Time> {
    // Each number stands for something else than a date in a line of text; a line that is a date has few letters beside it.
    let shown = shown.trim().trim_matches(['|', '-', '(', ')', '•', ',', '"', ' ']).trim();
    if shown.is_empty() || shown.len() > MAX_BYTES {
        return None;
    }
    let has_year_or_clock = shown.bytes().filter(u8::is_ascii_digit).count() >= 5;
    relative(shown, style, now).or_else(|| if has_year_or_clock { parse(shown, style) } else { None })
}

/// "3 giờ trước", "15 phút trước", "hôm qua", "vừa xong", "2 hours ago".
fn relative(shown: &str, style: Style, now: Time) -> Option<Time> {
    let lower = crate::text::nfc(&shown.to_lowercase());
    let words: Vec<&str> = lower.split([' ', ',', '\u{a0}']).filter(|w| !w.is_empty()).collect();
    if matches!(words.as_slice(), ["vừa", "xong"] | ["mới", "đây"] | ["just", "now"]) {
        return Some(now);
    }
    if let ["hôm", "qua" | "nay", ..] | ["yesterday" | "today", ..] = words.as_slice() {
        let today = now.with_timezone(&style.zone).date_naive();
        let is_today = words.iter().take(2).any(|w| matches!(*w, "nay" | "today"));
        let day = if is_today { today } else { today.pred_opt()? };
        let time =
            words.iter().find_map(|w| w.contains(':').then(|| clock(w)).flatten()).map_or(NaiveTime::MIN, |(t, _)| t);
        return style.zone.from_local_datetime(&day.and_time(time)).single().map(|t| t.with_timezone(&Utc));
    }
    let words = match words.as_slice() {
        [first, rest @ ..] if matches!(*first, "cách" | "khoảng") => rest,
        all => all,
    };
    let [count, unit, "trước" | "ago", ..] = words else { return None };
    let count: i64 = match *count {
        "một" | "a" | "an" => 1,
        digits => digits.parse().ok().filter(|n| (0..10_000).contains(n))?,
    };
    let span = match unit.trim_end_matches('s') {
        "giây" | "second" => TimeDelta::seconds(count),
        "phút" | "minute" | "min" => TimeDelta::minutes(count),
        "giờ" | "tiếng" | "hour" => TimeDelta::hours(count),
        "ngày" | "day" => TimeDelta::days(count),
        "tuần" | "week" => TimeDelta::weeks(count),
        "tháng" | "month" => TimeDelta::days(30 * count),
        "năm" | "year" => TimeDelta::days(365 * count),
        _ => return None,
    };
    now.checked_sub_signed(span)
}

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
    for token in (Tokens { rest: text, after: After::Other }) {
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

#[derive(Debug, Clone, Copy)]
enum Token<'a> {
    Word(&'a str),
    Number {
        text: &'a str,
        next: Option<char>,
    },
    /// `13:30`, `13:30:00.123`.
    Clock(&'a str),
    /// `+07:00`, `-0500`, `+7`.
    Offset(&'a str),
}

/// Splits a date into words, numbers, clock times and zone offsets.
struct Tokens<'a> {
    rest: &'a str,
    after: After,
}

/// What the last token was, which decides what a dash means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    Clock,
    Zone,
    Other,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let rest = self.rest;
        let start = rest.find(|c: char| c.is_alphanumeric() || matches!(c, '+' | '-' | '−'))?;
        let before = rest.get(..start)?.chars().next_back();
        let rest = rest.get(start..)?;
        let first = rest.chars().next()?;
        let length = |accept: &dyn Fn(char) -> bool| rest.find(|c| !accept(c)).unwrap_or(rest.len());
        let (token, used) = if first.is_ascii_digit() {
            let digits = length(&|c| c.is_ascii_digit());
            let after = rest.get(digits..)?;
            if after.starts_with(':')
                && after.get(1..).is_some_and(|a| a.starts_with(|c: char| c.is_ascii_digit()))
                && digits <= 2
            {
                let used = length(&|c| c.is_ascii_digit() || c == ':' || c == '.');
                (Token::Clock(rest.get(..used)?), used)
            } else {
                (Token::Number { text: rest.get(..digits)?, next: after.chars().next() }, digits)
            }
        } else if matches!(first, '+' | '-' | '−') {
            let sign = first.len_utf8();
            let digits =
                rest.get(sign..)?.find(|c: char| !c.is_ascii_digit() && c != ':').map_or(rest.len(), |n| n + sign);
            // A plus is always an offset. A dash is one glued to a clock time ("08:05-0500") or standing with four
            // digits behind white space ("08:05 -0500"); in "23-11-2026" and "18:21 - 08/01/2026" it is punctuation.
            let count = rest.get(sign..digits)?.len();
            let followed = rest.get(digits..)?.starts_with(['/', '-', '.']);
            let spaced = before.is_some_and(char::is_whitespace);
            let is_offset = count > 0
                && (first == '+'
                    || matches!(self.after, After::Clock | After::Zone) && !spaced
                    || self.after == After::Clock && spaced && count <= 3 && !followed && rest.len() == digits
                    || spaced && count >= 4 && !followed);
            if is_offset { (Token::Offset(rest.get(..digits)?), digits) } else { (Token::Word(""), sign) }
        } else {
            // At least one character: other scripts' digits are alphanumeric and neither letter nor ASCII digit.
            let letters = length(&char::is_alphabetic).max(first.len_utf8());
            // "p.m." is a word.
            let dotted = ["a.m.", "p.m."].into_iter().any(|m| rest.get(..4).is_some_and(|r| r.eq_ignore_ascii_case(m)));
            let letters = if dotted { 4 } else { letters };
            (Token::Word(rest.get(..letters)?), letters)
        };
        self.rest = rest.get(used..)?;
        self.after = match token {
            Token::Clock(_) => After::Clock,
            Token::Word(word) if zone_of(&word.to_ascii_lowercase()).is_some() => After::Zone,
            // "--0700"
            Token::Word("") if matches!(self.after, After::Clock) => After::Clock,
            _ => After::Other,
        };
        Some(token)
    }
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

/// The zones that RFC 822 section 5 names, without and with the letter for the season, and those met in feeds beside them.
fn zone_of(word: &str) -> Option<FixedOffset> {
    const ZONES: [(&str, i32); 37] = [
        ("gmt", 0),
        ("utc", 0),
        ("ut", 0),
        ("z", 0),
        ("wet", 0),
        ("west", 1),
        ("bst", 1),
        ("cet", 1),
        ("met", 1),
        ("mez", 1),
        ("cest", 2),
        ("mest", 2),
        ("mesz", 2),
        ("eet", 2),
        ("eest", 3),
        ("msk", 3),
        ("msd", 4),
        ("ict", 7),
        ("hkt", 8),
        ("sgt", 8),
        ("jst", 9),
        ("kst", 9),
        ("aest", 10),
        ("aedt", 11),
        ("nzst", 12),
        ("nzdt", 13),
        ("ast", -4),
        ("adt", -3),
        ("at", -4),
        ("est", -5),
        ("edt", -4),
        ("et", -5),
        ("cst", -6),
        ("cdt", -5),
        ("ct", -6),
        ("mst", -7),
        ("mdt", -6),
    ];
    const MORE: [(&str, i32); 5] = [("mt", -7), ("pst", -8), ("pdt", -7), ("pt", -8), ("akst", -9)];
    ZONES.iter().chain(&MORE).find(|(name, _)| *name == word).and_then(|(_, hours)| east(*hours))
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

/// `+07:00`, `+0700`, `+07`, `+7`, `-07:00:00`.
fn offset(text: &str) -> Option<FixedOffset> {
    let negative = text.starts_with(['-', '−']);
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.as_str(), "0"),
        3 => digits.split_at_checked(1)?,
        4 => digits.split_at_checked(2)?,
        6 => (digits.get(..2)?, digits.get(2..4)?),
        _ => return None,
    };
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let seconds = (hours <= 14 && minutes < 60).then_some(hours * 3600 + minutes * 60)?;
    FixedOffset::east_opt(if negative { -seconds } else { seconds })
}

fn east(hours: i32) -> Option<FixedOffset> {
    FixedOffset::east_opt(hours * 3600)
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Each shape with the source that sends it (`docs/sources.md`), and the instant it means.
    #[test]
    fn the_shapes_that_vietnamese_sites_send() {
        let cases = [
            ("Mon, 21 Nov 2022 21:18:04 +0700", "2022-11-21T21:18:04+07:00"),
            ("9/5/2026 1:30:00 PM", "2026-09-05T13:30:00+07:00"),
            ("11/12/2026 11:27:22 PM", "2026-11-12T23:27:22+07:00"),
            ("Sat, 05 Sep 26 17:09:00 +0700", "2026-09-05T17:09:00+07:00"),
            ("Fri, 04 Sep 2026 18:48:27 GMT+7", "2026-09-04T18:48:27+07:00"),
            ("Fri, 04 Sep 2026 18:48:27 GMT+0700", "2026-09-04T18:48:27+07:00"),
            ("Mon, 05 Oct 2026 11:07:00 +07", "2026-10-05T11:07:00+07:00"),
            ("Mon, 05 Oct 2026 11:07:00 +07:00", "2026-10-05T11:07:00+07:00"),
            ("Fri, 04 Sep 2026 02:43:06 GMT", "2026-09-04T02:43:06Z"),
            ("Thứ 5, 28/05/2026 17:00:00 GMT+7", "2026-05-28T17:00:00+07:00"),
            ("2025-06-17T13:43:02+0700", "2025-06-17T13:43:02+07:00"),
            ("2026-11-23T08:05:00", "2026-11-23T08:05:00+07:00"),
            ("2026-11-23T08:05:00.123456789012Z", "2026-11-23T08:05:00Z"),
            ("2026-11-23t01:05:00z", "2026-11-23T01:05:00Z"),
            ("2026-11-23T08:05:00-05:00", "2026-11-23T08:05:00-05:00"),
            ("2026-11-23 08:05:00 -0500", "2026-11-23T08:05:00-05:00"),
            ("2026-01-08", "2026-01-08T00:00:00+07:00"),
            ("23/11/2026 08:05", "2026-11-23T08:05:00+07:00"),
            ("23-11-2026", "2026-11-23T00:00:00+07:00"),
            ("08/01/2026 - 18:21", "2026-01-08T18:21:00+07:00"),
            ("18:20 ngày 03/10/2026", "2026-10-03T18:20:00+07:00"),
            ("Thứ Hai, 23/11/2026, 8:15 SA", "2026-11-23T08:15:00+07:00"),
            ("Thứ Năm, 12/11/2026 | 12:15 SA", "2026-11-12T00:15:00+07:00"),
            ("T2, 23/11/2026 20:15", "2026-11-23T20:15:00+07:00"),
            ("Chủ nhật, 22/11/2026 3:30 CH", "2026-11-22T15:30:00+07:00"),
            ("23 Tháng 11 2026", "2026-11-23T00:00:00+07:00"),
            ("Ngày 8 tháng 1 năm 2026", "2026-01-08T00:00:00+07:00"),
            ("05-09-2026 01:30:00 PM", "2026-09-05T13:30:00+07:00"),
            ("15h30, 23/11/2026", "2026-11-23T15:30:00+07:00"),
            ("23/11/2026 15h30", "2026-11-23T15:30:00+07:00"),
            ("15 giờ 30 phút, ngày 23/11/2026", "2026-11-23T15:30:00+07:00"),
            ("15 giờ, 23/11/2026", "2026-11-23T15:00:00+07:00"),
            ("Ngày đăng: 22/11/2026", "2026-11-22T00:00:00+07:00"),
            ("Cập nhật lúc 10:00, 22/11/2026", "2026-11-22T10:00:00+07:00"),
            ("25/05/2026 01:30 PM", "2026-05-25T13:30:00+07:00"),
            ("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37Z"),
            ("Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37+07:00"),
            ("Mon, 23 Nov 2026 24:00:00 +0700", "2026-11-24T00:00:00+07:00"),
            ("Mon, 23 Nov 2026 08:59:60 +0700", "2026-11-23T08:59:59+07:00"),
            ("Mon, 23 Nov 2026 08:05:00 ICT (Indochina Time)", "2026-11-23T08:05:00+07:00"),
            ("1795305600", "2026-11-22T00:00:00Z"),
            ("1795305600000", "2026-11-22T00:00:00Z"),
            ("20261123081500", "2026-11-23T08:15:00+07:00"),
        ];
        for (written, expected) in cases {
            let expected = DateTime::parse_from_rfc3339(expected).unwrap().with_timezone(&Utc);
            assert_eq!(parse(written, Style::vietnamese(DateOrder::ByShape)), Some(expected), "{written}");
        }
    }

    /// Shapes of the rest of the world, in a document that nothing calls Vietnamese.
    #[test]
    fn the_shapes_that_others_send() {
        let cases = [
            ("2003", "2003-01-01T00:00:00Z"),
            ("2003-12", "2003-12-01T00:00:00Z"),
            ("01/02/2006 - 15:04", "2006-01-02T15:04:00Z"),
            ("02.01.2006 15:04", "2006-01-02T15:04:00Z"),
            ("02-01-2006", "2006-01-02T00:00:00Z"),
            ("2004-07-08 23:56:58.0", "2004-07-08T23:56:58Z"),
            ("2006-01-02 at 15:04:05", "2006-01-02T15:04:05Z"),
            ("2006-01-02T15:04:05-07:00:00", "2006-01-02T22:04:05Z"),
            ("January 2, 2006, 3:04 p.m.", "2006-01-02T15:04:00Z"),
            ("Mon, 02 Jan 2006 15:04:05 --0700", "2006-01-02T22:04:05Z"),
            ("Mon, 02 Jan 2006 15:04:05 -07", "2006-01-02T22:04:05Z"),
            ("Mon, 02 Jan 2006 15:04:05 00", "2006-01-02T15:04:05Z"),
            ("Mon, 02 Jan 2006 15:04:05 CEST", "2006-01-02T13:04:05Z"),
            ("Mon, 02 Jan 2006 15:04:05 GMT-0700", "2006-01-02T22:04:05Z"),
            ("Mon, 2 Jan 2006 15:4:5 -0700 GMT", "2006-01-02T22:04:05Z"),
            ("Mon, 2nd Jan 2006 15:04:05 MST", "2006-01-02T22:04:05Z"),
            ("Mon, Jan 2 2006 15:04:05 -700", "2006-01-02T22:04:05Z"),
            ("Mon, January 2, 2006 at 03:04 PM MST", "2006-01-02T22:04:00Z"),
            ("Mon, 26 January 2004 16:31:00 AT", "2004-01-26T20:31:00Z"),
            ("/Date(1795305600000)/", "2026-11-22T00:00:00Z"),
            ("20261123", "2026-11-23T00:00:00Z"),
            ("5 May 1983 00:00:00 GMT", "1983-05-05T00:00:00Z"),
        ];
        for (written, expected) in cases {
            let expected = DateTime::parse_from_rfc3339(expected).unwrap().with_timezone(&Utc);
            assert_eq!(parse(written, Style::international(DateOrder::ByShape)), Some(expected), "{written}");
        }
    }

    #[test]
    fn pages_show_dates_by_how_long_ago_they_are() {
        let now = Utc.with_ymd_and_hms(2026, 11, 23, 3, 0, 0).unwrap();
        let cases = [
            ("3 giờ trước", "2026-11-23T00:00:00Z"),
            ("15 phút trước", "2026-11-23T02:45:00Z"),
            ("khoảng 2 ngày trước", "2026-11-21T03:00:00Z"),
            ("Hôm qua, 08:30", "2026-11-22T01:30:00Z"),
            ("Hôm nay, 08:30", "2026-11-23T01:30:00Z"),
            ("Vừa xong", "2026-11-23T03:00:00Z"),
            ("2 hours ago", "2026-11-23T01:00:00Z"),
            ("| 08/01/2026 - 18:21", "2026-01-08T11:21:00Z"),
            ("18:20 ngày 03/10/2026", "2026-10-03T11:20:00Z"),
        ];
        for (shown, expected) in cases {
            let expected = DateTime::parse_from_rfc3339(expected).unwrap().with_timezone(&Utc);
            assert_eq!(on_listing(shown, Style::vietnamese(DateOrder::ByShape), now), Some(expected), "{shown}");
        }
        for shown in ["Thời sự", "9 giờ sáng mai", "12345", "Hội nghị năm 2026", "giờ trước"] {
            assert_eq!(on_listing(shown, Style::vietnamese(DateOrder::ByShape), now), None, "{shown}");
        }
    }

    #[test]
    fn the_order_of_day_and_month_is_the_sources_and_is_never_swapped() {
        let day = |order| {
            parse("9/5/2026 13:30", Style::vietnamese(order))
                .map(|t| t.with_timezone(&vietnam()).format("%d.%m").to_string())
        };
        assert_eq!(day(DateOrder::MonthFirst).as_deref(), Some("05.09"));
        assert_eq!(day(DateOrder::DayFirst).as_deref(), Some("09.05"));
        assert_eq!(parse("25/12/2026 13:30", Style::vietnamese(DateOrder::MonthFirst)), None);
    }

    #[test]
    fn what_is_not_a_date_is_not_guessed() {
        for written in [
            "",
            "hôm nay",
            "31 Feb 2026",
            "00/00/0000",
            "32/01/2026",
            "2026",
            "Mon, 21 Nov",
            "99:99 01/01/2026",
            "0001-01-01T00:00:00",
        ] {
            assert_eq!(parse(written, Style::vietnamese(DateOrder::ByShape)), None, "{written}");
        }
        assert_eq!(parse(&"1".repeat(100_000), Style::vietnamese(DateOrder::ByShape)), None);
    }

    #[test]
    fn a_date_in_the_future_is_not_believed() {
        let now = Utc.with_ymd_and_hms(2026, 11, 23, 0, 0, 0).unwrap();
        assert_eq!(plausible(now + TimeDelta::days(1), now), None);
        assert_eq!(plausible(now + TimeDelta::minutes(30), now), Some(now));
        assert_eq!(plausible(DateTime::UNIX_EPOCH, now), None);
        assert_eq!(plausible(now - TimeDelta::days(1), now), Some(now - TimeDelta::days(1)));
    }

    proptest! {
        #[test]
        fn any_text_is_a_date_or_is_not(text in "\\PC{0,40}") {
            parse(&text, Style::vietnamese(DateOrder::ByShape));
            parse(&text, Style::international(DateOrder::ByShape));
        }

        #[test]
        fn any_jumble_of_date_pieces_is_harmless(text in "[-+/: 0-9TZAPMthứngàyáGCHS,.]{0,30}") {
            parse(&text, Style::vietnamese(DateOrder::ByShape));
            parse(&text, Style::international(DateOrder::ByShape));
        }
    }
}
