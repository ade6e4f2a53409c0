//! The calendar: one square a day, one column a week, as many people know from elsewhere.

use chrono::{Datelike, Days, NaiveDate};

use super::figures::{Figures, MOST_WEEKS, SHADES, shade};
use super::say::{day, grouped, name, short, stories, weekdays};
use crate::publish::{Lang, Month};

/// The distance from one square to the next and the size of one, in pixels: wide enough for a finger.
const PITCH: u32 = 26;
const SQUARE: u32 = 24;
/// Room above for the names of months, and on the right for those of days: narrow windows show the right end.
const ABOVE: u32 = 18;
const BESIDE: u32 = 30;
/// Room below for what the shades say.
const BELOW: u32 = 26;
/// So many weeks are shown where there is little room.
const FEW_WEEKS: usize = 11;

/// The calendar as a page draws it.
pub struct Calendar {
    pub size: (u32, u32),
    pub square: u32,
    pub title: String,
    pub summary: String,
    /// Weeks that are left out where there is little room.
    pub older: Vec<Week>,
    pub newer: Vec<Week>,
    pub weekdays: Vec<(&'static str, u32)>,
    /// Where the names of the days and the last swatch stand.
    pub beside: u32,
    /// What the shades say: the words for few and for many, with where they stand, and the swatches.
    pub legend: Legend,
    pub words: [&'static str; 7],
}

/// What the shades say.
pub struct Legend {
    pub few: (&'static str, u32),
    pub many: (&'static str, u32),
    pub swatches: Vec<(usize, u32)>,
    pub y: u32,
}

/// A column.
pub struct Week {
    /// The name of the month that begins in it, and where it stands.
    pub month: Option<(String, u32)>,
    /// Its Monday: "16/11/2026".
    pub name: String,
    pub days: Vec<Square>,
    /// Monday to Sunday for the table; nothing where the calendar has no day.
    pub cells: Vec<Option<Cell>>,
}

/// A day as it is drawn.
pub struct Square {
    pub x: u32,
    pub y: u32,
    /// "Thứ Hai, 23/11/2026: 12 tin".
    pub title: String,
    pub count: String,
    pub shade: usize,
    /// Its place on the page of its month, below the root.
    pub path: Option<String>,
}

/// A day as the table tells it.
pub struct Cell {
    pub count: String,
    pub path: Option<String>,
}

/// Draws the calendar; nothing if there are no days.
pub fn calendar(figures: &Figures, lang: Lang) -> Option<Calendar> {
    let weeks = weeks(&figures.days);
    let most = weeks.iter().flatten().map(|(_, count)| *count).max()?;
    let (first, last) = (weeks.first()?.first()?.0, weeks.last()?.last()?.0);
    let total = weeks.iter().flatten().map(|(_, count)| *count).fold(0, u32::saturating_add);
    let columns = u32::try_from(weeks.len()).unwrap_or_default();
    let mut drawn: Vec<Week> =
        (0..).zip(&weeks).map(|(column, days)| week(figures, column, days, most, lang)).collect();
    let newer = drawn.split_off(drawn.len().saturating_sub(FEW_WEEKS));
    let width = columns * PITCH;
    let height = ABOVE + 7 * PITCH;
    Some(Calendar {
        size: (width + BESIDE, height + BELOW),
        square: SQUARE,
        title: name(lang, "Tin theo ngày", "Stories by day").to_owned(),
        summary: format!("{} {}.", stories(total, lang), super::map::span(first, last, lang)),
        older: drawn,
        newer,
        weekdays: (0..).zip(weekdays(lang)).map(|(row, name)| (name, ABOVE + row * PITCH + 17)).collect(),
        beside: width + 4,
        legend: legend(width, height + 5, lang),
        words: weekdays(lang),
    })
}

/// The last weeks, Monday first; the first and the last may be shorter.
pub fn weeks(days: &[(NaiveDate, u32)]) -> Vec<Vec<(NaiveDate, u32)>> {
    let mut weeks: Vec<Vec<(NaiveDate, u32)>> = Vec::new();
    for &day in days {
        match weeks.last_mut() {
            Some(week) if week.first().is_some_and(|first| monday(first.0) == monday(day.0)) => week.push(day),
            _ => weeks.push(vec![day]),
        }
    }
    weeks.split_off(weeks.len().saturating_sub(MOST_WEEKS))
}

fn monday(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into())).unwrap_or(day)
}

fn week(figures: &Figures, column: u32, days: &[(NaiveDate, u32)], most: u32, lang: Lang) -> Week {
    let x = column * PITCH;
    let path = |day: NaiveDate, count: u32| {
        (count > 0).then(|| format!("{}/{}/#d{}", figures.base, Month::of_day(day).slug(), day.day()))
    };
    let first = days.iter().find(|(day, _)| day.day() == 1 || (column == 0 && day.day() <= 14)).map(|(day, _)| *day);
    Week {
        month: first.map(|day| (day.format(name(lang, "Th. %-m", "%b")).to_string(), x)),
        name: days.first().map(|(day, _)| super::say::date(monday(*day), lang)).unwrap_or_default(),
        days: days
            .iter()
            .map(|&(date, count)| Square {
                x,
                y: ABOVE + date.weekday().num_days_from_monday() * PITCH,
                title: format!("{}: {}", day(date, lang), stories(count, lang)),
                count: if count == 0 { String::new() } else { short(count) },
                shade: shade(count, most),
                path: path(date, count),
            })
            .collect(),
        cells: (0..7)
            .map(|weekday| {
                let of_day = |(day, _): &&(NaiveDate, u32)| day.weekday().num_days_from_monday() == weekday;
                let (day, count) = days.iter().find(of_day)?;
                Some(Cell { count: grouped(*count, lang), path: path(*day, *count) })
            })
            .collect(),
    }
}

/// "Ít ▢▢▢▢▢ Nhiều", at the right end.
fn legend(width: u32, y: u32, lang: Lang) -> Legend {
    let swatch = |shade: usize| width.saturating_sub(18 * u32::try_from(SHADES - shade).unwrap_or_default() + 42);
    Legend {
        few: (name(lang, "Ít", "Few"), swatch(0).saturating_sub(6)),
        many: (name(lang, "Nhiều", "Many"), width.saturating_sub(38)),
        swatches: (0..SHADES).map(|shade| (shade, swatch(shade))).collect(),
        y,
    }
}
