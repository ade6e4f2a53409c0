//! The table against the algorithm it came from, and the algorithm against dates that are known.

use std::f64::consts::PI;

use super::*;

fn ymd(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// <https://www.informatik.uni-leipzig.de/~duc/amlich/calrules.html>: days are Julian day numbers, `zone` hours east of Greenwich.
mod amlich {
    use super::*;

    fn floor(x: f64) -> i64 {
        format!("{:.0}", x.floor()).parse().unwrap()
    }

    /// The Julian day number of a date.
    pub fn number(date: NaiveDate) -> i64 {
        i64::from(date.num_days_from_ce()) + 1_721_425
    }

    /// The day of the `k`-th new moon since 1900-01-01.
    fn new_moon(k: i64, zone: f64) -> i64 {
        let k = k as f64;
        let t = k / 1236.85;
        let (t2, t3) = (t * t, t * t * t);
        let rad = PI / 180.0;
        let mean = 2_415_020.759_33 + 29.530_588_68 * k + 0.000_117_8 * t2 - 0.000_000_155 * t3
            + 0.00033 * ((166.56 + 132.87 * t - 0.009_173 * t2) * rad).sin();
        let sun = (359.2242 + 29.105_356_08 * k - 0.000_033_3 * t2 - 0.000_003_47 * t3) * rad;
        let moon = (306.0253 + 385.816_918_06 * k + 0.010_730_6 * t2 + 0.000_012_36 * t3) * rad;
        let node = (21.2964 + 390.670_506_46 * k - 0.001_652_8 * t2 - 0.000_002_39 * t3) * rad;
        let terms = [
            (0.1734 - 0.000_393 * t, sun),
            (0.0021, 2.0 * sun),
            (-0.4068, moon),
            (0.0161, 2.0 * moon),
            (-0.0004, 3.0 * moon),
            (0.0104, 2.0 * node),
            (-0.0051, sun + moon),
            (-0.0074, sun - moon),
            (0.0004, 2.0 * node + sun),
            (-0.0004, 2.0 * node - sun),
            (-0.0006, 2.0 * node + moon),
            (0.0010, 2.0 * node - moon),
            (0.0005, 2.0 * moon + sun),
        ];
        let correction: f64 = terms.iter().map(|(size, angle)| size * angle.sin()).sum();
        let delta = -0.000_278 + 0.000_265 * t + 0.000_262 * t2;
        floor(mean + correction - delta + 0.5 + zone / 24.0)
    }

    /// In which twelfth of its year the sun is when a day begins.
    fn sun_sector(day: i64, zone: f64) -> i64 {
        let t = (day as f64 - 2_451_545.5 - zone / 24.0) / 36_525.0;
        let rad = PI / 180.0;
        let mean = (357.529_10 + 35_999.050_30 * t - 0.000_155_9 * t * t - 0.000_000_48 * t * t * t) * rad;
        let shift = (1.914_600 - 0.004_817 * t - 0.000_014 * t * t) * mean.sin()
            + (0.019_993 - 0.000_101 * t) * (2.0 * mean).sin()
            + 0.000_290 * (3.0 * mean).sin();
        let longitude = 280.466_45 + 36_000.769_83 * t + 0.000_303_2 * t * t + shift;
        floor(longitude.rem_euclid(360.0) / 30.0)
    }

    /// The first day of the eleventh month, which holds the winter solstice.
    fn eleventh_month(year: i32, zone: f64) -> i64 {
        let k = floor((number(ymd(year, 12, 31)) - 2_415_021) as f64 / 29.530_588_853);
        let day = new_moon(k, zone);
        if sun_sector(day, zone) >= 9 { new_moon(k - 1, zone) } else { day }
    }

    /// Mùng 1 tháng Giêng.
    pub fn new_year(year: i32, zone: f64) -> NaiveDate {
        let (before, after) = (eleventh_month(year - 1, zone), eleventh_month(year, zone));
        let k = floor(0.5 + (before as f64 - 2_415_021.076_998_695) / 29.530_588_853);
        // Of thirteen months the first in which the sun enters no new twelfth is the leap month.
        let sector = |month: i64| sun_sector(new_moon(k + month, zone), zone);
        let leap = (1..14).find(|month| sector(*month) == sector(month + 1)).filter(|_| after - before > 365);
        let day = new_moon(k + 2 + i64::from(leap.is_some_and(|month| month <= 2)), zone);
        ymd(1900, 1, 1) + chrono::TimeDelta::days(day - number(ymd(1900, 1, 1)))
    }
}

#[test]
fn the_algorithm_knows_the_new_years_of_viet_nam_and_of_china() {
    for (known, zone) in [
        (ymd(1985, 1, 21), 7.0),
        (ymd(1985, 2, 20), 8.0),
        (ymd(2007, 2, 17), 7.0),
        (ymd(2007, 2, 18), 8.0),
        (ymd(2023, 1, 22), 7.0),
        (ymd(2030, 2, 3), 8.0),
        (ymd(2034, 2, 19), 8.0),
    ] {
        assert_eq!(amlich::new_year(known.year(), zone), known);
    }
}

#[test]
fn the_table_is_what_the_algorithm_says() {
    for (year, day) in (FIRST_YEAR..).zip(NEW_YEAR) {
        assert_eq!(amlich::new_year(year, 7.0).ordinal(), u32::from(day), "{year}");
    }
    assert_eq!(FIRST_YEAR + i32::try_from(NEW_YEAR.len()).unwrap(), 2061);
}

#[test]
fn the_holiday_is_from_the_eve_to_the_fifth_day() {
    for new_year in [
        ymd(2024, 2, 10),
        ymd(2025, 1, 29),
        ymd(2026, 2, 17),
        ymd(2027, 2, 6),
        ymd(2028, 1, 26),
        ymd(2029, 2, 13),
        ymd(2030, 2, 2),
        ymd(2060, 2, 2),
    ] {
        let days = |offset| new_year + chrono::TimeDelta::days(offset);
        let holiday: Vec<i64> = (-10..=10).filter(|offset| is_holiday(days(*offset))).collect();
        assert_eq!(holiday, [-1, 0, 1, 2, 3, 4], "{new_year}");
    }
    assert!(!is_holiday(ymd(2023, 1, 22)) && !is_holiday(ymd(2061, 1, 21)), "years we know nothing of have none");
}
