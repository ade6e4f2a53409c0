//! What pages say, with sample figures. Sources and stories are invented.

mod pages;
mod pictures;

use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate, TimeDelta, TimeZone, Utc};
use url::Url;

use super::figures::{Figures, SourceCount};
use super::{Condition, Extras, MonthCount, Narrower, SourceHealth};
use crate::model::{Item, Level, Member, Organ, Publisher, Story, province};
use crate::publish::{Channel, Month, Site, TopicName};
use crate::schedule::Time;

const HOSTILE: &str = "</title></text><script>alert(1)</script>\"'& <svg onload=alert(1)>";

fn now() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 23, 1, 30, 0).unwrap()
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()
}

fn month() -> Month {
    Month::of_day(today())
}

fn site() -> Site {
    Site {
        base_url: Url::parse("https://tin.example.vn/").unwrap(),
        title: "Dòng tin".into(),
        title_en: "News stream".into(),
        tag: "tag:tin.example.vn,2026-11-23:".into(),
        hub: None,
        has_search: true,
    }
}

fn names() -> Vec<TopicName> {
    [("hoc-bac", "Học tập và làm theo Bác", "Following Uncle Hồ"), ("chuyen-doi-so", "Chuyển đổi số", "Going digital")]
        .into_iter()
        .map(|(id, vi, en)| TopicName { id: id.into(), vi: vi.into(), en: en.into() })
        .collect()
}

fn publisher(name: &str, place: Option<&str>) -> Arc<Publisher> {
    Arc::new(Publisher {
        id: "mau".into(),
        name: name.into(),
        feed: Url::parse("https://bao.example.vn/rss").unwrap(),
        site: Url::parse("https://bao.example.vn/").unwrap(),
        province: place.and_then(province::find),
        organ: Organ::Press,
        level: if place.is_some() { Level::Province } else { Level::Central },
    })
}

fn story(number: i64, title: &str, place: Option<&str>) -> Story {
    let at = now() - TimeDelta::hours(7 * number);
    let item = Item {
        title: title.into(),
        summary: "Mỗi chi bộ chọn một việc cụ thể, công khai cho dân biết và cùng làm, cùng kiểm tra.".into(),
        link: Some(Url::parse(&format!("https://bao.example.vn/bai-{number}.html?x=1&y=2")).unwrap()),
        published: Some(at),
        ..Item::default()
    };
    let publisher = publisher("Báo mẫu", place);
    let member = Member { publisher, item, seen: at, topics: Vec::new(), joined: None };
    Story { uid: format!("{number:020}"), at, updated: at, members: vec![member], related: Vec::new() }
}

fn stories() -> Vec<Story> {
    vec![
        story(0, "Một xã miền núi làm theo lời Bác từ những việc nhỏ", Some("nghe-an")),
        story(1, "Chi bộ thôn giữ nếp sinh hoạt ngày mồng Ba", Some("ha-tinh")),
        story(9, "Tuổi trẻ vùng biển thi đua học tập", Some("ca-mau")),
    ]
}

fn channel<'a>(site: &'a Site, path: &'a str, stories: &'a [Story], topics: &'a [TopicName]) -> Channel<'a> {
    Channel {
        path,
        title: "Học tập và làm theo Bác",
        title_en: "Following Uncle Hồ",
        description: "Gương sáng, việc tốt và cách làm hay trong học tập, làm theo tư tưởng, đạo đức, phong cách Hồ Chí Minh.",
        ..Channel::of_all(site, stories, topics)
    }
}

/// Half a year of a topic: every province has some, weekends are quiet.
fn figures() -> Figures {
    let count = |n: usize| u32::try_from((n * 37 + 11) % 50).unwrap();
    let mut places: Vec<_> = province::ALL.iter().enumerate().map(|(n, province)| (Some(province), count(n))).collect();
    places.push((None, 57));
    let days = (0..182).rev().map(|back| {
        let day = today() - Days::new(back);
        (day, if day.weekday().num_days_from_monday() > 4 { 1 } else { u32::try_from(back * 7 % 13).unwrap() })
    });
    let sources = (0..12).map(|n| SourceCount {
        name: format!("Báo và phát thanh, truyền hình tỉnh mẫu số {}", n + 1),
        province: province::ALL.get(n),
        path: province::ALL.get(n).filter(|_| n % 3 > 0).map(|p| format!("hoc-bac/{}/", p.id)),
        site: Url::parse("https://bao.example.vn/").ok(),
        count: u32::try_from(120 - 9 * n).unwrap(),
    });
    Figures {
        base: "hoc-bac".into(),
        places,
        central: Some("hoc-bac/cap-trung-uong/".into()),
        days: days.collect(),
        sources: sources.collect(),
        since: today() - Days::new(29),
        until: today(),
    }
}

fn facet(name: &str, path: &str, count: u32) -> Narrower {
    Narrower { name: name.into(), name_en: name.into(), path: path.into(), count }
}

fn extras() -> Extras<'static> {
    Extras {
        figures: Some(figures()),
        provinces: province::ALL.iter().map(|p| facet(p.name, &format!("hoc-bac/{}/", p.id), 12)).collect(),
        organs: vec![facet("Cơ quan Đảng", "hoc-bac/party/", 120), facet("Báo chí", "hoc-bac/press/", 1_234)],
        levels: vec![facet("Trung ương", "hoc-bac/cap-trung-uong/", 57)],
        months: vec![
            MonthCount { month: month(), count: 321 },
            MonthCount { month: Month::parse("2026-10").unwrap(), count: 1_456 },
        ],
        digest: Some("hoc-bac/digest.atom".into()),
        ..Extras::default()
    }
}

fn health(publisher: &Arc<Publisher>, condition: Condition) -> SourceHealth<'_> {
    SourceHealth {
        publisher,
        condition,
        ok_at: Some(now()),
        newest_at: Some(now() - TimeDelta::hours(3)),
        count: 1_234,
    }
}
