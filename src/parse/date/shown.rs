//! Dates as pages of headlines show them to people: in a line of words, or by how long ago they are.

use chrono::{NaiveTime, TimeDelta, TimeZone, Utc};

use super::{MAX_BYTES, Style, clock, parse};
use crate::schedule::Time;

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
