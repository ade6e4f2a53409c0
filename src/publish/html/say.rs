//! Numbers, dates and closed sets of words as people read them in each language. Dates are those of Việt Nam.

use chrono::{Datelike, NaiveDate, Timelike, Weekday};

use crate::model::{Field, Level, Organ};
use crate::publish::{Lang, Month};
use crate::schedule::{Time, vietnam};

/// Of a name in two languages, the one that is read.
pub fn name<'a>(lang: Lang, vi: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Vi => vi,
        Lang::En => en,
    }
}

/// 12.345 in Vietnamese, 12,345 in English.
pub fn grouped(number: u32, lang: Lang) -> String {
    let digits = number.to_string();
    let separator = if lang == Lang::Vi { '.' } else { ',' };
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

/// "12 tin", "1 story". No line ends between a number and its unit.
pub fn stories(number: u32, lang: Lang) -> String {
    let unit = name(lang, "tin", if number == 1 { "story" } else { "stories" });
    format!("{}\u{a0}{unit}", grouped(number, lang))
}

/// "12 nguồn", "1 source".
pub fn sources(number: u32, lang: Lang) -> String {
    let unit = name(lang, "nguồn", if number == 1 { "source" } else { "sources" });
    format!("{}\u{a0}{unit}", grouped(number, lang))
}

/// A number of at most four characters, for narrow places: 999, 1k, 12k.
pub fn short(number: u32) -> String {
    match number {
        0..1_000 => number.to_string(),
        1_000..1_000_000 => format!("{}k", number / 1_000),
        _ => format!("{}M", number / 1_000_000),
    }
}

/// The day of a moment in Việt Nam.
pub fn day_of(time: Time) -> NaiveDate {
    time.with_timezone(&vietnam()).date_naive()
}

/// 23/11/2026; "23 November 2026".
pub fn date(day: NaiveDate, lang: Lang) -> String {
    day.format(name(lang, "%d/%m/%Y", "%-d %B %Y")).to_string()
}

/// "Thứ Hai, 23/11/2026".
pub fn day(day: NaiveDate, lang: Lang) -> String {
    let weekday = match day.weekday() {
        Weekday::Mon => name(lang, "Thứ Hai", "Monday"),
        Weekday::Tue => name(lang, "Thứ Ba", "Tuesday"),
        Weekday::Wed => name(lang, "Thứ Tư", "Wednesday"),
        Weekday::Thu => name(lang, "Thứ Năm", "Thursday"),
        Weekday::Fri => name(lang, "Thứ Sáu", "Friday"),
        Weekday::Sat => name(lang, "Thứ Bảy", "Saturday"),
        Weekday::Sun => name(lang, "Chủ Nhật", "Sunday"),
    };
    format!("{weekday}, {}", date(day, lang))
}

/// The days of a week in short, Monday first.
pub fn weekdays(lang: Lang) -> [&'static str; 7] {
    match lang {
        Lang::Vi => ["T2", "T3", "T4", "T5", "T6", "T7", "CN"],
        Lang::En => ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    }
}

/// "Tháng 11/2026"; "November 2026".
pub fn month(month: Month, lang: Lang) -> String {
    month.first_day().format(name(lang, "Tháng %-m/%Y", "%B %Y")).to_string()
}

/// A moment as people read it in Việt Nam, and as programs do.
pub fn moment(time: Time) -> (String, String) {
    let local = time.with_timezone(&vietnam());
    (format!("{} {}", clock(time), local.format("%d/%m/%Y")), for_programs(time))
}

/// "08:30", in Việt Nam.
pub fn clock(time: Time) -> String {
    let local = time.with_timezone(&vietnam());
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// What the attribute `datetime` wants.
pub fn for_programs(time: Time) -> String {
    time.with_timezone(&vietnam()).format("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// The name of a part of an item.
pub fn field(field: Field, lang: Lang) -> &'static str {
    let (vi, en) = field.names();
    name(lang, vi, en)
}

/// The name of an organ.
pub fn organ(organ: Organ, lang: Lang) -> &'static str {
    match organ {
        Organ::Party => name(lang, "Cơ quan Đảng", "Party"),
        Organ::Government => name(lang, "Chính quyền", "Government"),
        Organ::Press => name(lang, "Báo chí", "Press"),
        Organ::Broadcaster => name(lang, "Phát thanh, truyền hình", "Broadcaster"),
    }
}

/// The name of a level.
pub fn level(level: Level, lang: Lang) -> &'static str {
    match level {
        Level::Central => name(lang, "Trung ương", "Central"),
        Level::Province => name(lang, "Tỉnh, thành phố", "Province"),
        Level::Commune => name(lang, "Xã, phường, đặc khu", "Commune"),
    }
}
