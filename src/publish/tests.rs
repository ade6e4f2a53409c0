mod copies;

use super::*;
use crate::html::Html;
use crate::model::{DateOrder, Enclosure, Field, Item, Level, Match, Organ, Publish, Publisher, Reason, province};
use crate::parse::{self, Parsed};
use crate::schedule::Cadence;
use chrono::{TimeDelta, TimeZone, Utc};
use proptest::prelude::*;

fn now() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 23, 1, 30, 0).unwrap()
}

fn site() -> Site {
    Site {
        base_url: Url::parse("https://tin.example.vn/").unwrap(),
        title: "Dòng tin".into(),
        title_en: "News stream".into(),
        tag: "tag:tin.example.vn,2026-11-23:".into(),
        hub: Some(Url::parse("https://tin.example.vn/hub").unwrap()),
        has_search: true,
    }
}

fn member(id: &str, title: &str, summary: &str) -> Member {
    let publisher = Publisher {
        id: id.into(),
        name: format!("Báo {id} & bạn"),
        feed: Url::parse(&format!("https://{id}.vn/rss?a=1&b=2")).unwrap(),
        site: Url::parse(&format!("https://{id}.vn/")).unwrap(),
        province: province::find("ha-tinh"),
        organ: Organ::Press,
        level: Level::Province,
    };
    let item = Item {
        title: title.into(),
        summary: summary.into(),
        link: Some(Url::parse(&format!("https://{id}.vn/bai-1.html?x=1&y=2")).unwrap()),
        published: Some(now()),
        ..Item::default()
    };
    Member {
        publisher: Arc::new(publisher),
        item,
        seen: now() + TimeDelta::minutes(1),
        topics: Vec::new(),
        joined: None,
    }
}

/// In a topic for the sake of its lead.
fn story(uid: &str, at: Time, mut members: Vec<Member>) -> Story {
    let reasons =
        vec![Reason { rule: "cụm từ".into(), text: "làm theo Bác".into(), field: Field::Title, weight: 20.0 }];
    members[0].topics = vec![Match { topic: "bac".into(), score: 20.0, threshold: 10.0, reasons }];
    Story { uid: uid.into(), at, updated: at + TimeDelta::minutes(1), members, related: Vec::new() }
}

fn names() -> Vec<TopicName> {
    vec![TopicName { id: "bac".into(), vi: "Học Bác".into(), en: "Following Uncle".into() }]
}

/// The documents of a channel with these stories.
fn documents(stories: &[Story]) -> BTreeMap<(String, Lang), String> {
    let (site, names) = (site(), names());
    let channel = channel(&site, &names, stories);
    let text = |page: Page| String::from_utf8(page.body.to_vec()).unwrap();
    let feeds = Format::ALL.map(|format| ((format!("bac/{}", format.file()), Lang::Vi), text(channel.feed(format))));
    let page = |lang| (("bac/".to_owned(), lang), text(channel.page(&html::Extras::default(), lang)));
    feeds.into_iter().chain([page(Lang::Vi), page(Lang::En)]).collect()
}

fn channel<'a>(site: &'a Site, names: &'a [TopicName], stories: &'a [Story]) -> Channel<'a> {
    Channel {
        path: "bac",
        title: "Học Bác",
        title_en: "Following Uncle",
        description: "Gương sáng",
        ..Channel::of_all(site, stories, names)
    }
}

fn document(stories: &[Story], path: &str) -> String {
    documents(stories).remove(&(format!("bac/{path}"), Lang::Vi)).unwrap()
}

fn reread(text: &str) -> Parsed {
    parse::feed(text.as_bytes(), &parse::Context::default()).unwrap()
}

fn two() -> Vec<Story> {
    vec![
        story(
            "aaaa",
            now(),
            vec![member("a", "Làm theo Bác <mỗi> ngày & mãi", "Một gương sáng."), member("b", "Khác", "Khác.")],
        ),
        story("bbbb", now() - TimeDelta::hours(30), vec![member("c", "Việc nhỏ", "")]),
    ]
}

#[test]
fn every_format_lists_the_same_stories_under_the_same_names_in_the_same_order() {
    let stories = two();
    for file in ["feed.atom", "feed.rss", "feed.json"] {
        let parsed = reread(&document(&stories, file));
        assert_eq!(parsed.repaired, [], "{file}");
        let ids: Vec<&str> = parsed.entries.iter().map(|e| e.id.as_str()).collect();
        assert_eq!(
            ids,
            ["tag:tin.example.vn,2026-11-23:story/aaaa", "tag:tin.example.vn,2026-11-23:story/bbbb"],
            "{file}"
        );
        let first = &parsed.entries[0];
        // Our own reader makes a headline harmless as markup; a strict one shows what was written.
        assert_eq!(first.title.as_deref(), Some("Làm theo Bác ‹mỗi› ngày & mãi"), "{file}");
        let strict = feed_rs::parser::parse(document(&stories, file).as_bytes()).unwrap();
        let title = strict.entries[0].title.as_ref().map(|t| t.content.as_str());
        assert_eq!(title, Some("Làm theo Bác <mỗi> ngày & mãi"), "{file}");
        assert_eq!(first.link.as_ref().unwrap().as_str(), "https://a.vn/bai-1.html?x=1&y=2", "{file}");
        assert_eq!(first.published, Some(now()), "{file}");
        let title = parsed.feed.title.as_deref();
        assert_eq!(title, Some("Học Bác · Dòng tin"), "{file}");
    }
}

#[test]
fn attached_files_are_links_in_every_format_and_on_the_page() {
    let mut stories = two();
    let file = |url: &str, media: Option<&str>, length| Enclosure {
        url: Url::parse(url).unwrap(),
        media_type: media.map(str::to_owned),
        length,
    };
    stories[0].members[0].item.enclosures = vec![
        file("https://a.vn/tep/05-ct-tw.pdf?x=1&y=2", Some("application/pdf"), Some(120_000)),
        file("https://a.vn/tep/", None, None),
    ];
    let feeds = [
        (
            "feed.atom",
            "<link href=\"https://a.vn/tep/05-ct-tw.pdf?x=1&amp;y=2\" rel=\"enclosure\" type=\"application/pdf\" length=\"120000\"/>\
            <link href=\"https://a.vn/tep/\" rel=\"enclosure\"/>",
        ),
        (
            "feed.rss",
            "<enclosure url=\"https://a.vn/tep/05-ct-tw.pdf?x=1&amp;y=2\" length=\"120000\" type=\"application/pdf\"/>",
        ),
        (
            "feed.json",
            "\"attachments\":[{\"url\":\"https://a.vn/tep/05-ct-tw.pdf?x=1&y=2\",\"mime_type\":\"application/pdf\",\"size_in_bytes\":120000},\
            {\"url\":\"https://a.vn/tep/\",\"mime_type\":\"application/octet-stream\"}]",
        ),
    ];
    for (file, part) in feeds {
        let text = document(&stories, file);
        assert!(text.contains(part), "{part} in {text}");
        assert_eq!(text.matches("05-ct-tw").count(), 1, "{file}");
    }
    let text = story_page(&stories[0], Lang::Vi);
    assert!(text.contains("<h2>Tệp đính kèm</h2>"), "{text}");
    assert!(
        text.contains(
            "<a href=\"https://a.vn/tep/05-ct-tw.pdf?x=1&#38;y=2\">05-ct-tw.pdf</a> <small>application/pdf</small>"
        ),
        "{text}"
    );
}

#[test]
fn stories_of_one_moment_have_an_updated_of_their_own_before_that_moment() {
    let stories: Vec<Story> =
        (0..100).map(|n| story(&format!("{n:020}"), now(), vec![member("a", "Làm theo Bác", "")])).collect();
    let said: std::collections::BTreeSet<Time> = stories.iter().map(dates::updated).collect();
    let moment = stories[0].updated;
    assert_eq!(said.len(), 100);
    assert!(said.iter().all(|time| *time < moment && *time >= moment - TimeDelta::seconds(1)), "{said:?}");
    assert!(
        stories.iter().all(|s| dates::published(s, &s.members[0]) == now()),
        "its own date is as the source said it"
    );
    let fresh = Story { updated: now(), ..stories[0].clone() };
    assert!(
        dates::published(&fresh, &fresh.members[0]) <= dates::updated(&fresh),
        "nothing changes before it is published"
    );
}

#[test]
fn a_feed_without_stories_is_as_old_as_the_site() {
    let (site, names) = (site(), names());
    let channel = channel(&site, &names, &[]);
    assert_eq!(channel.updated(std::iter::empty()).to_rfc3339(), "2026-11-23T00:00:00+00:00");
    assert!(document(&[], "feed.atom").contains("<updated>2026-11-23T00:00:00+00:00</updated>"));
    assert!(document(&[], "feed.rss").contains("<lastBuildDate>Mon, 23 Nov 2026 00:00:00 +0000</lastBuildDate>"));
}

#[test]
fn no_entry_says_nothing() {
    let stories = [story("aaaa", now(), vec![member("a", "Làm theo Bác", "")])];
    for (file, part) in [
        ("feed.atom", "<summary>Báo a &amp; bạn</summary>"),
        ("feed.rss", "<description><![CDATA[Báo a &amp; bạn]]></description>"),
        ("feed.json", "\"content_text\":\"Báo a & bạn\""),
    ] {
        assert!(document(&stories, file).contains(part), "{part} in {}", document(&stories, file));
    }
}

#[test]
fn every_item_names_its_source_everyone_who_carries_it_and_why_it_is_here() {
    let stories = two();
    let atom = document(&stories, "feed.atom");
    for part in [
        "<source><title>Báo a &amp; bạn</title><id>https://a.vn/rss?a=1&amp;b=2</id>",
        "Cũng đăng tại: Báo b &amp; bạn.",
        "<link href=\"https://b.vn/bai-1.html?x=1&amp;y=2\" rel=\"related\" type=\"text/html\" title=\"Báo b &amp; bạn\"/>",
        "<category term=\"bac\" scheme=\"tag:tin.example.vn,2026-11-23:topic\" label=\"Học Bác\"/>",
        "<category term=\"bac/cụm từ\" scheme=\"tag:tin.example.vn,2026-11-23:reason\" label=\"cụm từ: “làm theo Bác” (tiêu đề, +20)\"/>",
        "<category term=\"ha-tinh\" scheme=\"tag:tin.example.vn,2026-11-23:province\" label=\"Hà Tĩnh\"/>",
        "<link href=\"https://tin.example.vn/bac/feed.atom\" rel=\"self\"",
        "xml:lang=\"vi\"",
    ] {
        assert!(atom.contains(part), "{part} in {atom}");
    }
    let rss = document(&stories, "feed.rss");
    for part in [
        "<source url=\"https://a.vn/rss?a=1&amp;b=2\">Báo a &amp; bạn</source>",
        "<category domain=\"tag:tin.example.vn,2026-11-23:reason\">cụm từ: “làm theo Bác” (tiêu đề, +20)</category>",
        "<dc:creator>Báo a &amp; bạn</dc:creator>",
        "<guid isPermaLink=\"false\">tag:tin.example.vn,2026-11-23:story/aaaa</guid>",
        "<pubDate>Mon, 23 Nov 2026 01:30:00 +0000</pubDate>",
        "<lastBuildDate>Mon, 23 Nov 2026 01:30:59 +0000</lastBuildDate>",
        "<atom:link href=\"https://tin.example.vn/bac/feed.rss\" rel=\"self\"",
    ] {
        assert!(rss.contains(part), "{part} in {rss}");
    }
    let json: serde_json::Value = serde_json::from_str(&document(&stories, "feed.json")).unwrap();
    assert_eq!(json["items"][0]["_dongtin"]["carriers"][1]["source"], "b");
    assert!(json["items"][0]["tags"].as_array().unwrap().iter().all(|tag| tag != "làm theo Bác"));
    assert_eq!(json["items"][0]["_dongtin"]["topics"][0]["reasons"][0]["text"], "làm theo Bác");
    assert_eq!(json["items"][0]["authors"][0]["name"], "Báo a & bạn");
}

#[test]
fn a_teaser_goes_out_and_an_article_only_where_its_publisher_agreed() {
    let mut full = story("cccc", now(), vec![member("a", "Một", "Tóm tắt.")]);
    full.members[0].item.body = "Cả bài viết.".into();
    for file in ["feed.atom", "feed.rss", "feed.json", ""] {
        assert!(!document(std::slice::from_ref(&full), file).contains("Cả bài viết"), "{file}");
    }
    full.members[0].item.html = Some(Html::clean("<p>Cả bài viết.<script>x</script></p>", None));
    for file in ["feed.atom", "feed.rss", "feed.json"] {
        let entry = reread(&document(std::slice::from_ref(&full), file)).entries.remove(0);
        assert_eq!(entry.content.as_deref(), Some("<p>Cả bài viết.</p>"), "{file}");
    }
}

#[test]
fn what_is_put_together_of_entries_is_what_the_libraries_write_at_once() {
    let (site, names, stories) = (site(), names(), two());
    for count in 0..=stories.len() {
        let stories = &stories[..count];
        let channel = channel(&site, &names, stories);
        let updated = channel.updated(stories.iter().map(dates::updated));
        let entries = stories.iter().filter_map(|story| atom::of_story(&channel, story)).collect();
        let items = stories.iter().filter_map(|story| rss::item(&channel, story)).collect();
        let whole =
            [atom::write(&atom::feed(&channel, updated, entries)), rss::write(&rss::feed(&channel, updated, items))];
        for (whole, format) in whole.iter().zip([Format::Atom, Format::Rss]) {
            let apart = channel.feed(format).body;
            assert_eq!(String::from_utf8_lossy(&apart), String::from_utf8_lossy(whole), "{format:?}, {count}");
        }
        let json: serde_json::Value = serde_json::from_slice(&channel.feed(Format::Json).body).unwrap();
        assert_eq!(json["items"].as_array().unwrap().len(), count);
    }
}

#[test]
fn a_revision_is_written_once_wherever_it_stands() {
    let (site, names, stories) = (site(), names(), two());
    let none = channel(&site, &names, &[]);
    for format in Format::ALL {
        let (asked, mut written) = (std::cell::RefCell::new(Vec::new()), Written::default());
        let mut feed = |revisions: &[(Revision, &Story)]| {
            let entry = |revision: Revision| {
                asked.borrow_mut().push(revision);
                let (_, story) = revisions.iter().find(|(known, _)| *known == revision).unwrap();
                none.entry(story, format)
            };
            let numbers: Vec<Revision> = revisions.iter().map(|(revision, _)| *revision).collect();
            let page = none.feed_again(&numbers, format, &mut written, entry);
            let stories: Vec<Story> = revisions.iter().map(|(_, story)| (*story).clone()).collect();
            let anew = channel(&site, &names, &stories).feed(format);
            assert_eq!((page.body, page.etag), (anew.body, anew.etag), "{format:?}");
            asked.take()
        };
        let edited = Story { updated: stories[0].updated + TimeDelta::hours(1), ..stories[0].clone() };
        let (a, b, edited) = (((1, 1), &stories[0]), ((2, 1), &stories[1]), ((1, 2), &edited));
        assert_eq!(feed(&[a]), [a.0], "at first");
        assert_eq!(feed(&[a]), [], "the same again");
        assert_eq!(feed(&[b, a]), [b.0], "one more");
        assert_eq!(feed(&[a, b]), [], "in another order");
        assert_eq!(feed(&[edited, b]), [edited.0], "one was edited");
        assert_eq!(feed(&[b]), [], "it left");
        assert_eq!(feed(&[edited, b]), [edited.0], "and came again");
        assert_eq!(feed(&[]), [], "nothing");
    }
}

#[test]
fn the_same_stories_give_the_same_bytes_and_another_story_another_tag() {
    let pages = |stories: &[Story]| {
        let (site, names) = (site(), names());
        Format::ALL.map(|format| channel(&site, &names, stories).feed(format))
    };
    let (once, again, fewer) = (pages(&two()), pages(&two()), pages(&two()[..1]));
    for ((a, same), b) in once.iter().zip(&again).zip(&fewer) {
        assert_eq!((&a.body, &a.etag, a.modified), (&same.body, &same.etag, same.modified));
        assert_ne!(a.etag, b.etag);
        assert!(a.etag.starts_with("W/\""));
    }
}

#[test]
fn pages_speak_vietnamese_and_english_and_say_why() {
    let stories = two();
    let pages = documents(&stories);
    let vi = &pages[&("bac/".to_owned(), Lang::Vi)];
    let en = &pages[&("bac/".to_owned(), Lang::En)];
    for part in [
        "<html lang=\"vi\">",
        "<h1>Học Bác</h1>",
        "Thứ Hai, 23/11/2026",
        "08:30",
        "Cũng đăng tại",
        "Vì có <q lang=\"vi\">làm theo Bác</q>",
        "Chủ Nhật, 22/11/2026",
    ] {
        // 30 hours earlier is Saturday evening in Greenwich and Sunday morning in Việt Nam.
        assert!(vi.contains(part), "{part} in {vi}");
    }
    for part in ["<html lang=\"en\">", "<h1>Following Uncle</h1>", "Monday, 23 November 2026", "Also in", "Because of"]
    {
        assert!(en.contains(part), "{part} in {en}");
    }
    for feed in ["application/atom+xml", "application/rss+xml", "application/feed+json"] {
        assert!(vi.contains(&format!("<link rel=\"alternate\" type=\"{feed}\"")), "{feed}");
    }
    assert!(!vi.contains("<script") && !vi.contains("style="), "{vi}");
    assert!(document(&[], "").contains("Chưa có tin nào"));
}

#[test]
fn the_front_page_has_every_topic_with_its_newest_stories() {
    let (site, stories) = (site(), two());
    let topic = html::FrontTopic {
        id: "bac",
        name: "Học Bác",
        name_en: "Following Uncle",
        description: "Gương",
        count: 12345,
        stories: &stories,
    };
    let page = html::Front { site: &site, topics: vec![topic], all: 1234, sources: 56, figures: None };
    let vi = html::front(&page, Lang::Vi);
    for part in ["12.345", "1.234", "<a href=\"bac/\">Học Bác</a>", "bac/feed.atom", "sources.opml"] {
        assert!(vi.contains(part), "{part} in {vi}");
    }
    assert!(html::front(&page, Lang::En).contains("12,345"));
}

#[test]
fn the_list_of_sources_is_grouped_the_centre_first_and_without_the_disabled() {
    let source = |id: &str, place: Option<&str>, enabled| {
        let mut publisher = (*member(id, "", "").publisher).clone();
        publisher.province = place.and_then(province::find);
        let cadence = Cadence::Every(std::time::Duration::from_mins(30));
        let topics = Vec::new();
        Arc::new(Source {
            publisher: Arc::new(publisher),
            cadence,
            dates: DateOrder::ByShape,
            zone: crate::schedule::vietnam(),
            listing: None,
            body: Vec::new(),
            full_text: crate::model::FullText::Never,
            trust: None,
            publish: Publish::Teaser,
            topics,
            cadence_is_own: true,
            probe: true,
            allow_downgrade: false,
            enabled,
        })
    };
    let sources = [
        source("hue", Some("hue"), true),
        source("tw", None, true),
        source("tat", Some("hue"), false),
        source("hn", Some("ha-noi"), true),
    ];
    let opml = opml::render(&site(), sources.iter());
    let order: Vec<usize> =
        ["Trung ương", "Hà Nội", "Huế"].iter().map(|p| opml.find(&format!("<outline text=\"{p}\"")).unwrap()).collect();
    assert!(order.is_sorted(), "{opml}");
    assert!(opml.contains("xmlUrl=\"https://hue.vn/rss?a=1&#38;b=2\"") && !opml.contains("tat.vn"), "{opml}");
}

/// A story in topics for these reasons.
fn reasoned(topics: &[(&str, Vec<Reason>)]) -> Story {
    let mut member = member("a", "Một", "Hai.");
    member.topics = topics
        .iter()
        .map(|(topic, reasons)| Match {
            topic: (*topic).into(),
            score: reasons.iter().map(|r| r.weight).sum(),
            threshold: 10.0,
            reasons: reasons.clone(),
        })
        .collect();
    Story { members: vec![member], ..story("cccc", now(), vec![self::member("a", "", "")]) }
}

fn reason(rule: &str, words: &str, field: Field, weight: f64) -> Reason {
    Reason { rule: rule.into(), text: words.into(), field, weight }
}

/// The page of a story.
fn story_page(story: &Story, lang: Lang) -> String {
    let page = super::story_page(&site(), &names(), story, lang).unwrap();
    String::from_utf8(page.body.to_vec()).unwrap()
}

const HOSTILE: &str = "</q><script>alert(1)</script>\"'&]]>\u{202e}\u{0}";

#[test]
fn of_many_reasons_the_strongest_of_each_topic_are_among_the_categories_and_no_more_than_five() {
    let many = |topic: &str| {
        let reasons = (1..40).map(|n| reason(&format!("{topic}{n}"), "x", Field::Body, f64::from(n))).collect();
        (if topic == "r" { "bac" } else { "so" }, reasons)
    };
    let story = reasoned(&[many("r"), many("s")]);
    let filed: Vec<String> = reasons(&story.topics()).into_iter().map(|c| c.term).collect();
    assert_eq!(filed, ["bac/r39", "so/s39", "bac/r38", "so/s38", "bac/r37"]);
    for lang in [Lang::Vi, Lang::En] {
        assert_eq!(story_page(&story, lang).matches("<li>+").count(), 2 * MOST_REASONS, "{lang:?}");
    }
    let json = document(&[story], "feed.json");
    assert_eq!(json.matches("\"rule\":").count(), 2 * MOST_REASONS);
    assert!(reasons(&reasoned(&[("bac", vec![reason("phạt", "x", Field::Title, -5.0)])]).topics()).is_empty());
}

#[test]
fn of_many_reasons_what_decided_is_told_wherever_it_stands() {
    let small = |n: u32| reason(&format!("r{n}"), "x", Field::Title, 0.5);
    let decisive = [reason("phạt", "x", Field::Body, -4.0), reason("nguồn", "Báo mẫu", Field::Source, 10.0)];
    let story = reasoned(&[("bac", (0..40).map(small).chain(decisive).collect())]);
    let (page, json) = (story_page(&story, Lang::Vi), document(&[story], "feed.json"));
    for rule in ["r0", "phạt", "nguồn"] {
        assert!(page.contains(&format!(">{rule}<")) && json.contains(&format!("\"{rule}\"")), "{rule}: {page} {json}");
    }
}

#[test]
fn hostile_words_of_a_source_or_a_rule_stay_words_wherever_reasons_are_told() {
    let story = reasoned(&[("bac", vec![reason(HOSTILE, HOSTILE, Field::Teaser, 1.5)])]);
    for (path, lang) in [("", Lang::Vi), ("", Lang::En)] {
        let page = documents(std::slice::from_ref(&story)).remove(&(format!("bac/{path}"), lang)).unwrap();
        assert!(!page.contains("<script") && !page.contains('\u{202e}') && page.contains("&#60;script"), "{page}");
        let page = story_page(&story, lang);
        assert!(!page.contains("<script") && !page.contains('\u{202e}') && page.contains("&#60;script"), "{page}");
    }
    for file in ["feed.atom", "feed.rss", "feed.json"] {
        let text = document(std::slice::from_ref(&story), file);
        assert_eq!(reread(&text).repaired, [], "{file}: {text}");
        assert!(feed_rs::parser::parse(text.as_bytes()).is_ok(), "{file}: {text}");
        assert!(file == "feed.json" || !text.contains("<script"), "{file}: {text}");
    }
}

#[test]
fn the_page_of_a_story_says_who_carries_it_and_why_it_is_in_its_topics() {
    let mut story = two().remove(0);
    story.members[1].topics = vec![Match {
        topic: "bac".into(),
        score: 23.5,
        threshold: 10.0,
        reasons: vec![
            reason("gương", "điển hình <mới>", Field::Teaser, 27.5),
            reason("thể thao", "bóng đá", Field::Body, -4.0),
        ],
    }];
    let vi = story_page(&story, Lang::Vi);
    for part in [
        "<html lang=\"vi\">",
        "<h1 lang=\"vi\"><a href=\"https://a.vn/bai-1.html?x=1&#38;y=2\">Làm theo Bác &#60;mỗi&#62; ngày &#38; mãi</a></h1>",
        "<h2>Nơi đăng</h2>",
        "<a href=\"https://b.vn/bai-1.html?x=1&#38;y=2\">Báo b &#38; bạn</a>",
        "<a href=\"https://b.vn/bai-1.html?x=1&#38;y=2\"><ins>Khác</ins></a>",
        "<a href=\"../bac/\">Học Bác</a>",
        "23,5 điểm, cần 10 · theo bài của <b lang=\"vi\">Báo b &#38; bạn</b>",
        "<li>+27,5 <q lang=\"vi\">điển hình &#60;mới&#62;</q> <small>(tóm tắt)</small> <span lang=\"vi\">gương</span></li>",
        "<li>-4 <q lang=\"vi\">bóng đá</q> <small>(thân bài)</small>",
        "href=\"https://tin.example.vn/story/aaaa\"",
    ] {
        assert!(vi.contains(part), "{part} in {vi}");
    }
    let en = story_page(&story, Lang::En);
    for part in
        ["<html lang=\"en\">", "<h2>Who carries it</h2>", "23.5 points, threshold 10", "(teaser)", "Following Uncle"]
    {
        assert!(en.contains(part), "{part} in {en}");
    }
    assert!(story_page(&reasoned(&[]), Lang::Vi).contains("không thuộc chủ đề nào"));
    assert!(!story_page(&two().remove(1), Lang::Vi).contains("theo bài của"), "nobody else carries it");
}

#[test]
fn the_address_of_a_picture_leaves_whole_whatever_is_in_it() {
    let mut with_picture = story("dddd", now(), vec![member("a", "Tin", "")]);
    let address = "https://a.vn/anh.jpg?w=1&h=2&quot;%22<";
    with_picture.members[0].item.image = Some(Url::parse(address).unwrap());
    for file in ["feed.atom", "feed.rss"] {
        let text = document(std::slice::from_ref(&with_picture), file);
        let read = roxmltree::Document::parse(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
        let thumbnail = read.descendants().find(|node| node.tag_name().name() == "thumbnail").unwrap();
        assert_eq!(thumbnail.attribute("url"), Url::parse(address).ok().as_ref().map(Url::as_str), "{file}");
    }
}

proptest! {
    #[test]
    fn whatever_a_source_writes_the_feeds_stay_well_formed(title in "\\PC{1,40}", summary in "[ -~\\u{0}-\\u{20}<>&\"'\\u{fffe}\\u{202e}\\]\\]>ế]{0,60}") {
        let tidy = |s: &str| text::line(s, 200);
        let (title, summary) = (tidy(&title), tidy(&summary));
        prop_assume!(!title.is_empty());
        let stories = vec![story("dddd", now(), vec![member("a", &title, &summary)])];
        for file in ["feed.atom", "feed.rss", "feed.json"] {
            let text = document(&stories, file);
            let parsed = reread(&text);
            prop_assert_eq!(&parsed.repaired, &[], "{}", &text);
            prop_assert!(feed_rs::parser::parse(text.as_bytes()).is_ok(), "{}", &text);
            prop_assert_eq!(parsed.entries.len(), 1);
            prop_assert!(text.chars().all(|c| text::may_leave(c) || c == '\n'));
        }
    }
}
