use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use proptest::prelude::*;

use super::super::bars::bars;
use super::super::calendar::{calendar, weeks};
use super::super::figures::{Figures, MOST_BARS, MOST_WEEKS, SHADES, least, shade};
use super::super::map::{ISLANDS, LAYOUT, map};
use super::{channel, extras, figures, names, site, today};
use crate::model::province;
use crate::publish::{Lang, html};

#[test]
fn every_province_stands_once_and_none_in_the_place_of_another() {
    let ids: BTreeSet<&str> = LAYOUT.iter().map(|(id, ..)| *id).collect();
    assert_eq!(ids, province::ALL.iter().map(|p| p.id).collect());
    let places: BTreeSet<(u32, u32)> = LAYOUT.iter().map(|(_, column, row, _)| (*column, *row)).collect();
    assert_eq!((places.len(), LAYOUT.len()), (34, 34));
    for (name, id, ..) in ISLANDS {
        assert!(province::find(id).is_some(), "{name}");
    }
}

#[test]
fn the_map_has_the_shape_of_the_country() {
    let at: BTreeMap<&str, (u32, u32)> = LAYOUT.iter().map(|(id, x, y, _)| (*id, (*x, *y))).collect();
    let from_north_to_south = [
        "cao-bang",
        "thai-nguyen",
        "ha-noi",
        "ninh-binh",
        "thanh-hoa",
        "nghe-an",
        "ha-tinh",
        "quang-tri",
        "hue",
        "da-nang",
        "quang-ngai",
        "gia-lai",
        "dak-lak",
        "lam-dong",
        "ho-chi-minh",
        "vinh-long",
        "ca-mau",
    ];
    for pair in from_north_to_south.windows(2) {
        assert!(at[pair[0]].1 < at[pair[1]].1, "{} is north of {}", pair[0], pair[1]);
    }
    for (west, east) in [
        ("dien-bien", "son-la"),
        ("son-la", "phu-tho"),
        ("lai-chau", "lao-cai"),
        ("lao-cai", "tuyen-quang"),
        ("thai-nguyen", "lang-son"),
        ("ha-noi", "bac-ninh"),
        ("bac-ninh", "quang-ninh"),
        ("ninh-binh", "hung-yen"),
        ("hung-yen", "hai-phong"),
        ("tay-ninh", "dong-nai"),
        ("dong-nai", "lam-dong"),
        ("lam-dong", "khanh-hoa"),
        ("an-giang", "dong-thap"),
        ("dong-thap", "ho-chi-minh"),
        ("can-tho", "vinh-long"),
    ] {
        assert!(at[west].0 < at[east].0, "{west} is west of {east}");
    }
}

#[test]
fn shades_go_from_nothing_to_the_most_and_few_are_not_none() {
    for (count, most, expected) in [
        (0, 0, 0),
        (0, 9, 0),
        (1, 1, 1),
        (1, 1_000, 1),
        (62, 1_000, 1),
        (63, 1_000, 2),
        (250, 1_000, 3),
        (563, 1_000, 4),
        (u32::MAX, u32::MAX, 4),
    ] {
        assert_eq!(shade(count, most), expected, "{count} of {most}");
    }
}

proptest! {
    #[test]
    fn a_larger_count_is_never_lighter_and_a_shade_begins_where_the_legend_says(a in 0..50_000_u32, b in 0..50_000_u32, most in 0..50_000_u32) {
        let (a, b) = (a.min(most), b.min(most));
        if a <= b {
            prop_assert!(shade(a, most) <= shade(b, most));
        }
        prop_assert_eq!(shade(a, most) == 0, a == 0);
        prop_assert!(a >= least(shade(a, most), most) && (0..SHADES).all(|s| s <= shade(a, most) || a < least(s, most)));
        prop_assert!((0..SHADES).all(|s| least(s, most) < least(s + 1, most)), "each shade has a number of its own");
    }
}

#[test]
fn weeks_begin_on_monday_and_run_over_the_end_of_a_year() {
    let from = |day: (i32, u32, u32), days: u64| -> Vec<(NaiveDate, u32)> {
        let first = NaiveDate::from_ymd_opt(day.0, day.1, day.2).unwrap();
        (0..days).map(|n| (first + Days::new(n), 1)).collect()
    };
    let lengths = |days: &[(NaiveDate, u32)]| weeks(days).iter().map(Vec::len).collect::<Vec<_>>();
    // 1 January 2027 is a Friday.
    for (first, days, expected) in [
        ((2026, 12, 28), 7, vec![7]),
        ((2026, 12, 26), 10, vec![2, 7, 1]),
        ((2027, 1, 1), 4, vec![3, 1]),
        ((2026, 11, 23), 1, vec![1]),
        ((2026, 11, 23), 0, vec![]),
    ] {
        assert_eq!(lengths(&from(first, days)), expected, "{first:?} and {days} days");
    }
    assert_eq!(weeks(&from((2025, 1, 1), 700)).len(), MOST_WEEKS);
    let calendar = calendar(&Figures { days: from((2026, 12, 26), 10), ..figures() }, Lang::Vi).unwrap();
    let months: Vec<_> =
        calendar.newer.iter().filter_map(|w| w.month.as_ref().map(|(name, _)| name.as_str())).collect();
    assert_eq!(months, ["Th. 1"]);
    let day = &calendar.newer[1].days[4];
    assert_eq!(
        (day.title.as_str(), day.path.as_deref()),
        ("Thứ Sáu, 01/01/2027: 1\u{a0}tin", Some("hoc-bac/2027-01/#d1"))
    );
}

#[test]
fn a_table_has_the_numbers_of_its_picture() {
    let figures = figures();
    let map = map(&figures, Lang::Vi);
    let drawn: BTreeMap<_, _> =
        map.tiles.iter().chain(&map.central).map(|t| (t.path.clone(), t.count.clone())).collect();
    let told: BTreeMap<_, _> = map.table.iter().map(|line| (line.path.clone(), line.count.clone())).collect();
    assert!(told.iter().all(|(path, count)| drawn.get(path) == Some(count)), "{drawn:?} {told:?}");
    assert_eq!(told.len(), figures.places.iter().filter(|(_, count)| *count > 0).count());

    let calendar = calendar(&figures, Lang::Vi).unwrap();
    for week in calendar.older.iter().chain(&calendar.newer) {
        let drawn: Vec<_> = week.days.iter().map(|day| day.path.clone()).collect();
        let told: Vec<_> = week.cells.iter().flatten().map(|cell| cell.path.clone()).collect();
        assert_eq!(drawn, told);
        for (day, cell) in week.days.iter().zip(week.cells.iter().flatten()) {
            assert!(day.title.ends_with(&format!(": {}\u{a0}tin", cell.count)), "{} {}", day.title, cell.count);
        }
    }
    let all = calendar.older.len() + calendar.newer.len();
    assert!(all <= MOST_WEEKS && calendar.summary.contains("tin từ"), "{}", calendar.summary);

    let bars = bars(&figures, Lang::Vi).unwrap();
    assert_eq!(bars.bars.len(), MOST_BARS.min(figures.sources.len()));
    assert_eq!((bars.bars[0].width.as_str(), bars.bars[1].width.as_str()), ("100.0", "92.5"));
}

#[test]
fn a_place_without_a_page_links_nowhere_and_nothing_is_drawn_of_nothing() {
    let empty = Figures { places: Vec::new(), central: None, days: Vec::new(), sources: Vec::new(), ..figures() };
    let drawn = map(&empty, Lang::Vi);
    assert_eq!(drawn.tiles.len(), 34);
    assert!(drawn.tiles.iter().all(|t| t.path.is_none() && t.count == "0" && t.shade == 0));
    assert!(drawn.central.is_none() && drawn.table.is_empty() && drawn.legend.len() == 1);
    assert!(calendar(&empty, Lang::Vi).is_none() && bars(&empty, Lang::Vi).is_none());
}

#[test]
fn hostile_names_stay_words_in_a_picture_and_the_same_figures_give_the_same_bytes() {
    let (site, names) = (site(), names());
    let mut extras = extras();
    let figures = extras.figures.as_mut().unwrap();
    figures.sources[0].name = super::HOSTILE.into();
    figures.sources[0].path = None;
    figures.sources[0].site = url::Url::parse("https://x.vn/?\"><script>alert(1)</script>").ok();
    let channel = channel(&site, "hoc-bac", &[], &names);
    for lang in [Lang::Vi, Lang::En] {
        let page = html::channel(&channel, &extras, lang);
        assert!(!page.contains("<script") && !page.contains("<svg onload"), "{page}");
        assert!(page.contains("&#60;script&#62;alert(1)"), "{page}");
        assert_eq!(page, html::channel(&channel, &extras, lang));
    }
    assert!(html::channel(&channel, &extras, Lang::Vi).contains(&super::super::say::date(today(), Lang::Vi)));
}

#[test]
fn every_picture_has_a_name_a_description_and_a_table() {
    let (site, names) = (site(), names());
    let page = html::channel(&channel(&site, "hoc-bac", &[], &names), &extras(), Lang::Vi);
    for picture in ["map", "calendar", "bars"] {
        for part in [
            format!("<svg role=\"img\" aria-labelledby=\"{picture}-title {picture}-desc\""),
            format!("<title id=\"{picture}-title\">"),
            format!("<desc id=\"{picture}-desc\">"),
        ] {
            assert!(page.contains(&part), "{part}");
        }
    }
    assert_eq!((page.matches("<details>").count(), page.matches("<caption>").count()), (3, 3));
    for name in ["Hoàng Sa", "(Đà Nẵng)", "Trường Sa", "(Khánh Hoà)"] {
        assert!(page.contains(&format!(">{name}<")), "{name}");
    }
}
