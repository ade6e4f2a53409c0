use super::*;
use crate::model::{Digest, Item};
use crate::parse::{Entry, IdSource};
use chrono::{TimeZone, Utc};
use url::Url;

fn entry(guid: Option<&str>, link: Option<&str>, title: &str) -> Entry {
    let link = link.map(|l| Url::parse(l).unwrap());
    Entry {
        id: guid.map(str::to_owned).or(link.as_ref().map(Url::to_string)).unwrap_or_default(),
        id_source: match (guid, &link) {
            (Some(_), _) => IdSource::Guid,
            (None, Some(_)) => IdSource::Link,
            _ => IdSource::Hash,
        },
        link,
        title: Some(title.into()),
        ..Entry::default()
    }
}

fn same_item(a: Entry, b: Entry) -> bool {
    let keys = |e| assign("bao", &[e]).remove(0).unwrap();
    let (a, b) = (keys(a), keys(b));
    a.as_slice().iter().any(|k| b.as_slice().contains(k))
}

#[test]
fn items_of_one_source_agree_by_guid_or_link_or_else_by_title_and_day() {
    let a = "https://bao.vn/a-1.html";
    assert!(same_item(entry(Some("g1"), Some(a), "Cũ"), entry(Some("g1"), Some("https://bao.vn/moi-1.html"), "Mới")));
    assert!(same_item(entry(Some("g1"), Some(a), "Cũ"), entry(Some("g2"), Some(a), "Mới")));
    assert!(
        same_item(entry(None, Some(a), "Cũ"), entry(Some(&a.replace("https", "http")), None, "Mới")),
        "http guids of an https site"
    );
    assert!(same_item(entry(None, None, "Hoà Bình"), entry(None, None, "HÒA BÌNH")));
    assert!(!same_item(entry(None, None, "Tin vắn"), entry(None, None, "Tin vắn khác")));
    assert!(!same_item(
        entry(Some("g1"), Some(a), "Cùng tên"),
        entry(Some("g2"), Some("https://bao.vn/b-2.html"), "Cùng tên")
    ));
}

#[test]
fn a_repeated_entry_counts_once_and_a_guid_shared_by_articles_not_at_all() {
    let (a, b) = ("https://bao.vn/a", "https://bao.vn/b");
    let repeated = assign("bao", &[entry(Some("g"), Some(a), "Một"), entry(Some("g"), Some(a), "Một (sửa)")]);
    assert_eq!(repeated.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false]);
    let shared = assign("bao", &[entry(Some("g"), Some(a), "Một"), entry(Some("g"), Some(b), "Hai")]);
    assert!(shared.iter().all(Option::is_some), "both are kept");
    let numbered = assign(
        "bao",
        &[entry(Some("https://bao.vn/rss#1"), Some(a), "Một"), entry(Some("https://bao.vn/rss#2"), Some(b), "Hai")],
    );
    assert!(numbered.iter().all(Option::is_some), "guids that differ behind the # are different");
    let spelled = assign(
        "bao",
        &[entry(Some("https://bao.vn/rss"), Some(a), "Một"), entry(Some("http://www.bao.vn/rss/"), Some(b), "Hai")],
    );
    assert!(spelled.iter().all(Option::is_some), "one address in two spellings names neither");
    let to_one_page =
        assign("bao", &[entry(Some("1"), Some(a), "Thông báo một"), entry(Some("2"), Some(a), "Thông báo hai")]);
    assert!(
        to_one_page.iter().all(|k| k.as_ref().is_some_and(|k| !k.link_names_it())),
        "two notices, one page: two items"
    );
    let as_guid_too =
        assign("bao", &[entry(Some(a), Some(a), "Thông báo một"), entry(Some(a), Some(a), "Thông báo hai")]);
    assert!(as_guid_too.iter().all(Option::is_some), "a guid that is the shared page names no notice either");
    let home = assign(
        "bao",
        &[entry(None, Some("https://bao.vn/"), "Thông báo"), entry(None, Some("https://bao.vn"), "Thông báo")],
    );
    assert_eq!(
        home.iter().map(Option::is_some).collect::<Vec<_>>(),
        [true, false],
        "a home page is no address of an item; the titles agree"
    );
    assert_ne!(
        assign("bao", &[entry(Some("g"), None, "x")]),
        assign("dai", &[entry(Some("g"), None, "x")]),
        "guids are a source's own"
    );
}

fn item(title: &str, summary: &str, link: &str) -> Item {
    Item { title: title.into(), summary: summary.into(), link: Some(Url::parse(link).unwrap()), ..Item::default() }
}

#[test]
fn another_guid_with_another_headline_on_a_known_page_is_another_item() {
    let page = "https://bao.vn/lich";
    let keys = |guid: Option<&str>| assign("bao", &[entry(guid, Some(page), "Lịch tuần 13")]).remove(0).unwrap();
    let known = |has_guid, by_link| KnownItem {
        id: 1,
        story: 1,
        content: Digest::of(&["a"]),
        title: "Lịch tuần 12".into(),
        has_guid,
        by_link,
    };
    let cases = [
        (Some("g13"), known(true, true), "Lịch tuần 13", true),
        (Some("g13"), known(true, true), "LỊCH TUẦN 12", false),
        (Some("g13"), known(true, false), "Lịch tuần 13", false),
        (Some("g13"), known(false, true), "Lịch tuần 13", false),
        (Some(page), known(true, true), "Lịch tuần 13", false),
        (None, known(true, true), "Lịch tuần 13", false),
    ];
    for (guid, known, title, expected) in cases {
        assert_eq!(known.shares_its_page_with(title, &keys(guid)), expected, "{guid:?} {known:?} {title}");
    }
    let (with, without) = (keys(Some("g13")), keys(Some("g13")).without_link());
    assert_eq!(without.as_slice()[0], with.as_slice()[0]);
    assert!(!without.link_names_it() && !without.as_slice().contains(&with.as_slice()[1]));
}

#[test]
fn a_storys_name_is_the_same_whoever_carries_it_first() {
    let keys = |source, e| assign(source, &[e]).remove(0).unwrap();
    let link = "https://bao.vn/a-1.html";
    let ours = story_uid(&item("Một", "", link), &keys("a", entry(Some("g"), Some(link), "Một")));
    let theirs =
        story_uid(&item("Hai", "", &format!("{link}?utm_source=x")), &keys("b", entry(None, Some(link), "Hai")));
    assert_eq!(ours, theirs);
    assert_eq!(ours.len(), 20);
}

#[test]
fn only_what_a_reader_would_see_is_a_change() {
    let before = item("Một", "Hai", "https://bao.vn/a");
    let mut after = item("Một", "Hai", "https://bao.vn/a?utm_source=x");
    after.image = Some(Url::parse("https://bao.vn/i.jpg").unwrap());
    after.published = Some(Utc.with_ymd_and_hms(2026, 11, 23, 1, 0, 0).unwrap());
    assert_eq!(content(&before), content(&after));
    after.title = "Một (sửa)".into();
    assert_ne!(content(&before), content(&after));
}

#[test]
fn a_late_story_stands_where_readers_will_see_it() {
    let now = Utc.with_ymd_and_hms(2026, 11, 23, 12, 0, 0).unwrap();
    let hours = |h| now - TimeDelta::hours(h);
    assert_eq!(position(Some(hours(1)), now, false), hours(1));
    assert_eq!(position(Some(hours(72)), now, false), hours(6));
    assert_eq!(position(Some(hours(72)), now, true), hours(72), "the first document is an archive");
    assert_eq!(position(None, now, true), now);
    assert_eq!(position(Some(now + TimeDelta::hours(1)), now, false), now);
}
