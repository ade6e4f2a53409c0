use super::super::frame::root;
use super::super::marks::Marks;
use super::*;
use crate::publish::Lang;
use crate::publish::html::Front;
use crate::publish::html::{self, FrontTopic, MonthPage, SearchHit, SearchPage, SourcesPage};

#[test]
fn the_way_to_the_root_is_as_long_as_the_page_is_deep() {
    for (path, expected) in [
        ("", ""),
        ("search", ""),
        ("search?q=a/b/c", ""),
        ("sources", ""),
        ("hoc-bac/", "../"),
        ("story/0123", "../"),
        ("hoc-bac/nghe-an/", "../../"),
        ("hoc-bac/2026-11/", "../../"),
    ] {
        assert_eq!(root(path), expected, "{path}");
    }
}

#[test]
fn what_was_found_is_marked_as_it_stands() {
    let shown = |question: &str, text: &str| {
        let spans = Marks::new(question).of(text);
        assert_eq!(spans.iter().map(|s| s.text).collect::<String>(), text, "nothing is lost");
        spans.iter().map(|s| if s.is_found { format!("[{}]", s.text) } else { s.text.to_owned() }).collect::<String>()
    };
    for (question, text, expected) in [
        ("gương", "Tấm GƯƠNG sáng, tấm gương tốt", "Tấm [GƯƠNG] sáng, tấm [gương] tốt"),
        ("guong", "Tấm gương, gượng", "Tấm [gương], [gượng]"),
        ("gường", "Tấm gương", "Tấm gương"),
        ("hòa", "Hoà Bình", "[Hoà] Bình"),
        ("\"tam guong\"", "Tấm gương. Gương tấm", "[Tấm gương]. Gương tấm"),
        ("\"miền núi\" xã", "Xã miền núi; miền xuôi", "[Xã] [miền núi]; miền xuôi"),
        ("dak", "Đắk Lắk", "[Đắk] Lắk"),
        ("", "Tấm gương", "Tấm gương"),
        ("\"\" !", "Tấm gương", "Tấm gương"),
        ("b", "<b>", "<[b]>"),
    ] {
        assert_eq!(shown(question, text), expected, "{question:?} in {text:?}");
    }
}

#[test]
fn a_search_says_what_it_found_and_how_it_looked() {
    let (site, names, stories) = (site(), names(), stories());
    let hit = |n: usize, as_written| SearchHit { story: &stories[n], as_written };
    let page = |question, hits: Vec<_>, count, page, has_more| {
        let page =
            SearchPage { site: &site, topics: &names, question, hits, count, is_complete: count < 100, page, has_more };
        html::search(&page, Lang::Vi)
    };
    let found = page("mien \"xa\" & <b>", vec![hit(0, true), hit(1, false)], 1_234, 2, true);
    for part in [
        "<h1>Tìm tin</h1>",
        "value=\"mien &#34;xa&#34; &#38; &#60;b&#62;\"",
        "Ít nhất 1.234\u{a0}tin có",
        "trang\u{a0}2",
        "<mark>xã</mark> <mark>miền</mark>",
        "<h2>Đúng như đã gõ</h2>",
        "<h2>Cùng chữ, khác dấu</h2>",
        "được tìm với mọi dấu",
        "<a rel=\"prev\" href=\"search?q=mien+%22xa%22+%26+%3Cb%3E\">",
        "<a rel=\"next\" href=\"search?q=mien+%22xa%22+%26+%3Cb%3E&#38;page=3\">",
        "https://tin.example.vn/search/feed.atom?q=mien+%22xa%22+%26+%3Cb%3E",
        "<meta name=\"robots\" content=\"noindex\">",
    ] {
        assert!(found.contains(part), "{part} in {found}");
    }
    let nothing = page("miền", Vec::new(), 0, 1, false);
    assert!(nothing.contains("Không tìm thấy tin nào có “miền”.") && nothing.contains("gõ không dấu"), "{nothing}");
    let unasked = page(" ", Vec::new(), 0, 1, false);
    assert!(
        !unasked.contains("feed.atom") && !unasked.contains("noindex") && unasked.contains("name=\"q\""),
        "{unasked}"
    );
    assert_eq!(unasked.matches("<form").count(), 1);
}

#[test]
fn sources_stand_by_place_and_say_how_they_are_in_words() {
    let (site, names) = (site(), names());
    let (here, centre) = (publisher("Báo Hà Tĩnh", Some("ha-tinh")), publisher("Báo mẫu", None));
    let failing = Condition::Failing { since: Some(now()), class: "connect-timeout".into() };
    let sources = vec![
        health(&here, failing),
        health(&centre, Condition::Well),
        health(&centre, Condition::New),
        health(&here, Condition::Slow),
    ];
    let page = html::sources(&SourcesPage { site: &site, topics: &names, sources }, Lang::Vi);
    for part in [
        "4\u{a0}nguồn: 1\u{a0}tốt, 1\u{a0}chậm, 1\u{a0}lỗi, 1\u{a0}chưa đọc.",
        "Lỗi từ 08:30 23/11/2026: không kết nối được",
        "aria-label=\"Chậm\"",
        "<a lang=\"vi\" href=\"all/ha-tinh/\">Hà Tĩnh</a> <small>2\u{a0}nguồn</small>",
        "1.234\u{a0}tin",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(page.find("id=\"trung-uong\"") < page.find("id=\"ha-tinh\""));
    let english = html::sources(&SourcesPage { site: &site, topics: &names, sources: Vec::new() }, Lang::En);
    assert!(english.contains("0\u{a0}sources.") && english.contains("No source is enabled"), "{english}");
}

#[test]
fn a_month_has_its_days_its_neighbours_and_its_feed() {
    let (site, names, stories) = (site(), names(), stories());
    let page = MonthPage {
        channel: &channel(&site, "hoc-bac/2026-11", &stories, &names),
        month: MonthCount { month: month(), count: 12_345 },
        previous: Some(Month::parse("2026-10").unwrap()),
        next: None,
    };
    let page = html::month(&page, Lang::Vi);
    for part in [
        "<h1>Học tập và làm theo Bác: tháng 11/2026</h1>",
        "12.345\u{a0}tin trong tháng; trang này có 3 tin mới nhất.",
        "<section class=\"day\" id=\"d23\">",
        "<section class=\"day\" id=\"d20\">",
        "<a rel=\"prev\" href=\"../../hoc-bac/2026-10/\">← Tháng 10/2026</a>",
        "<a href=\"../../hoc-bac/\">Học tập và làm theo Bác</a>",
        "https://tin.example.vn/hoc-bac/archive/2026-11.atom",
        "<link rel=\"canonical\" href=\"https://tin.example.vn/hoc-bac/2026-11/\">",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("rel=\"next\""));
}

#[test]
fn the_page_of_a_province_has_its_sources_topics_and_former_names() {
    let (site, names, stories) = (site(), names(), stories());
    let publisher = publisher("Báo Tuyên Quang", Some("tuyen-quang"));
    let extras = Extras {
        province: province::find("tuyen-quang"),
        sources: vec![health(&publisher, Condition::Well)],
        topics: vec![facet("Chuyển đổi số", "chuyen-doi-so/tuyen-quang/", 7)],
        ..Extras::default()
    };
    let page = html::channel(&channel(&site, "hoc-bac/tuyen-quang", &stories, &names), &extras, Lang::Vi);
    for part in [
        "gồm cả Hà Giang.",
        "Báo Tuyên Quang",
        "aria-label=\"Tốt\"",
        "<a href=\"../../chuyen-doi-so/tuyen-quang/\">Chuyển đổi số <small>7</small></a>",
        "<a class=\"place\" href=\"../../hoc-bac/nghe-an/\">Nghệ An</a>",
        "<li><a href=\"../../hoc-bac/\">Học tập và làm theo Bác</a></li>",
        "href=\"https://tin.example.vn/hoc-bac/tuyen-quang/feed.rss\"",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
}

#[test]
fn every_page_tells_programs_what_it_is() {
    let (site, names, stories) = (site(), names(), stories());
    let topic =
        FrontTopic {
            id: "hoc-bac", name: "Học Bác", name_en: "Uncle", description: "", count: 1, stories: &stories
        };
    let front = Front { site: &site, topics: vec![topic], all: 1, sources: 1, figures: Some(figures()) };
    let channel = channel(&site, "hoc-bac", &stories, &names);
    let sources = SourcesPage { site: &site, topics: &names, sources: Vec::new() };
    for (path, page) in [
        ("", html::front(&front, Lang::Vi)),
        ("hoc-bac/", html::channel(&channel, &extras(), Lang::Vi)),
        ("sources", html::sources(&sources, Lang::Vi)),
    ] {
        for part in [
            format!("<link rel=\"canonical\" href=\"https://tin.example.vn/{path}\">"),
            format!("<meta property=\"og:url\" content=\"https://tin.example.vn/{path}\">"),
            "<meta property=\"og:locale\" content=\"vi_VN\">".to_owned(),
            "<meta property=\"og:site_name\" content=\"Dòng tin\">".to_owned(),
            "<form role=\"search\"".to_owned(),
            "class=\"skip\"".to_owned(),
        ] {
            assert!(page.contains(&part), "{part} in {page}");
        }
        assert_eq!((page.matches("<h1").count(), page.matches("og:image").count()), (1, 0));
        assert!(!page.contains("<script") && !page.contains("style=\""), "{page}");
    }
    let offered = html::front(&front, Lang::Vi).matches("<link rel=\"alternate\"").count();
    assert_eq!(offered, 6, "three formats of the topic and of everything");
    assert!(html::channel(&channel, &extras(), Lang::Vi).contains("hoc-bac/digest.atom"));
}

#[test]
fn a_page_behind_the_first_leads_back_to_it_and_on() {
    let (site, names, stories) = (site(), names(), stories());
    let extras = Extras { number: 3, has_more: true, ..Extras::default() };
    let page = html::channel(&channel(&site, "hoc-bac/nghe-an", &stories, &names), &extras, Lang::Vi);
    for part in [
        "<link rel=\"canonical\" href=\"https://tin.example.vn/hoc-bac/nghe-an/page/3/\">",
        "<a rel=\"prev\" href=\"../../../../hoc-bac/nghe-an/page/2/\">",
        "<a rel=\"next\" href=\"../../../../hoc-bac/nghe-an/page/4/\">",
        "<li><a href=\"../../../../hoc-bac/nghe-an/\">",
        "<li aria-current=\"page\">Trang 3</li>",
        "href=\"https://tin.example.vn/hoc-bac/nghe-an/feed.atom\"",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let first = html::channel(&channel(&site, "hoc-bac", &stories, &names), &Extras::default(), Lang::Vi);
    assert!(!first.contains("rel=\"prev\"") && !first.contains("rel=\"next\""), "{first}");
}
