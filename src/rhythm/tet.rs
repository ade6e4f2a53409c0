//! When Tết is: the lunar new year as Việt Nam reckons it, at the meridian of +07:00.

use chrono::{Datelike, NaiveDate};

/// The first year of [`NEW_YEAR`].
const FIRST_YEAR: i32 = 2024;

/// The day of the year of mùng 1 tháng Giêng, from 2024 to 2060. The test beside computes each anew by the published algorithm of
/// Hồ Ngọc Đức. China, at +08:00, differs in 2030 and 2053.
const NEW_YEAR: [u8; 37] = [
    41, 29, 48, 37, 26, 44, 33, 23, 42, 31, 50, 39, 28, 46, 35, 24, 43, 32, 22, 41, 30, 48, 37, 26, 45, 33, 23, 42, 32,
    49, 39, 28, 46, 35, 24, 43, 33,
];

/// Whether a day of Việt Nam is of the holiday, when papers are half asleep and portals wholly: from the eve of the new year to its
/// fifth day.
pub fn is_holiday(date: NaiveDate) -> bool {
    let new_year = usize::try_from(date.year() - FIRST_YEAR).ok().and_then(|year| NEW_YEAR.get(year));
    new_year.is_some_and(|day| (-1..=4).contains(&(i64::from(date.ordinal()) - i64::from(*day))))
}

#[cfg(test)]
mod tests;
