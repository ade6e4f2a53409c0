//! The page of a story that several papers carry.

use super::*;
use crate::model::{Aspect, Because, Checked, Finding, Kind, Related};

fn because(kind: Kind) -> Because {
    let checked = [Finding::Agree, Finding::Differ, Finding::Silent].into_iter().cycle();
    Because {
        kind,
        similarity: 0.934,
        shared: vec!["đờn ca".into(), "Ngã Bảy".into()],
        checked: Aspect::ALL.into_iter().zip(checked).map(|(aspect, finding)| Checked { aspect, finding }).collect(),
    }
}

fn joined(mut member: Member, because: Because, with: usize) -> Member {
    member.joined = Some((because, with));
    member
}

/// The same headline after an edit, the same words in another hand, and a copy of a copy.
fn carried() -> Story {
    let teaser = "Sáng 22/11, câu lạc bộ đờn ca tài tử phường Ngã Bảy ra mắt với 24 thành viên.\nĐây là mô hình học Bác thứ ba của phường.";
    story(
        "aaaaaaaaaaaaaaaaaaaa",
        now(),
        vec![
            member("a", "Ngã Bảy ra mắt câu lạc bộ đờn ca tài tử học Bác", teaser),
            joined(
                member(
                    "b",
                    "Ngã Bảy: Ra mắt câu lạc bộ đờn ca tài tử làm theo Bác",
                    "Ngày 22/11, câu lạc bộ đờn ca tài tử phường Ngã Bảy ra mắt với 26 thành viên.",
                ),
                because(Kind::Text),
                0,
            ),
            joined(
                member("c", "NGÃ BẢY RA MẮT CÂU LẠC BỘ ĐỜN CA TÀI TỬ HỌC BÁC", teaser),
                Because::plainly(Kind::Link),
                1,
            ),
        ],
    )
}

#[test]
fn a_copy_stands_beside_the_lead_and_what_differs_is_marked() {
    let page = story_page(&carried(), Lang::Vi);
    for part in [
        "<h2>Khác nhau chỗ nào, vì sao là một</h2>",
        "<del>Gạch ngang</del>: chỉ bài đại diện có. <ins>Gạch chân</ins>: chỉ bài này có.",
        "<p class=\"headline\" lang=\"vi\">Ngã Bảy ra mắt câu lạc bộ đờn ca tài tử <del>học</del> Bác</p>",
        "<a href=\"https://b.vn/bai-1.html?x=1&#38;y=2\">Ngã Bảy: Ra mắt câu lạc bộ đờn ca tài tử <ins>làm theo</ins> Bác</a>",
        "<p class=\"teaser\" lang=\"vi\"><del>Sáng</del> 22/11,",
        "với <ins>26</ins> thành viên.</p>",
        "<a class=\"tag\" href=\"#n2\">Có chỗ khác</a>",
        "<article id=\"n2\"",
        "<span class=\"tag\">Giống hệt bài đại diện</span>",
        "<b lang=\"vi\">Báo c &#38; bạn</b> · Giống hệt bài đại diện",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert_eq!(page.matches("class=\"pair\"").count(), 1, "{page}");
    let en = story_page(&carried(), Lang::En);
    for part in ["<h2>What differs, and why they are one</h2>", "The same, word for word", "only this copy says it"] {
        assert!(en.contains(part), "{part} in {en}");
    }
}

#[test]
fn a_page_without_another_version_has_nothing_to_compare_and_no_legend_where_nothing_differs() {
    let mut story = carried();
    story.members.remove(1);
    let same = story_page(&story, Lang::Vi);
    assert!(same.contains("Giống hệt bài đại diện") && !same.contains("<ins>") && !same.contains("<del>"), "{same}");
    story.members.truncate(1);
    let alone = story_page(&story, Lang::Vi);
    for part in ["vì sao là một", "class=\"tag\"", "Cùng sự kiện"] {
        assert!(!alone.contains(part), "{part} in {alone}");
    }
}

#[test]
fn a_copy_says_why_it_belongs_in_the_words_of_the_reader() {
    let cases = [
        (Kind::Hand, "<b>Ban biên tập ghép</b> với bài của ", "<b>Joined by the editors</b> with "),
        (Kind::Link, "<b>Cùng địa chỉ</b> với bài của ", "<b>The same address</b> as "),
        (
            Kind::Number,
            "<b>Cùng số bài trên cùng trang, tít đã sửa</b> so với bài của ",
            "<b>The same article number at the same site, the headline edited</b>, as ",
        ),
        (Kind::Text, "<b>Cùng lời văn</b> với bài của ", "<b>The same wording</b> as "),
        (Kind::Part, "<b>Một bài nằm trong bài kia</b>, so với bài của ", "<b>One stands in the other</b>, compared "),
    ];
    for (kind, vi, en) in cases {
        let mut story = carried();
        story.members[1].joined = Some((because(kind), 0));
        let pages = [(story_page(&story, Lang::Vi), vi), (story_page(&story, Lang::En), en)];
        for (page, sentence) in pages {
            assert!(page.contains(sentence), "{sentence} in {page}");
            assert!(page.contains("<a lang=\"vi\" href=\"#n1\">Báo a &#38; bạn</a>."), "{page}");
            assert!(page.contains("<q lang=\"vi\">đờn ca</q>, <q lang=\"vi\">Ngã Bảy</q>."), "{page}");
            let by_text = matches!(kind, Kind::Text | Kind::Part);
            assert_eq!(page.contains("<b>93%</b>"), by_text, "{kind:?}: only where texts decided: {page}");
        }
    }
}

#[test]
fn what_was_checked_is_told_with_how_it_came_out() {
    let list = |lang| {
        let page = story_page(&carried(), lang);
        let list = page.split("<ul class=\"checked\"").nth(1).unwrap().split("</ul>").next().unwrap();
        let lines = list.split("<li>").skip(1).map(|l| l.split("</li>").next().unwrap());
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        list(Lang::Vi),
        [
            "con số: khớp",
            "ngày tháng: <b>khác</b>",
            "địa danh: một bên không nói",
            "tên người: khớp",
            "cơ quan: <b>khác</b>",
            "lúc đăng: một bên không nói",
        ]
    );
    assert_eq!(list(Lang::En)[..3], ["numbers: agree", "dates: <b>differ</b>", "places: one is silent"]);
}

#[test]
fn a_similarity_is_a_whole_percentage_and_only_all_is_all() {
    let cases =
        [(0.0, "0%"), (0.29, "29%"), (0.934, "93%"), (0.999, "99%"), (1.0, "100%"), (7.0, "100%"), (-1.0, "0%")];
    for (similarity, shown) in cases {
        let mut story = carried();
        story.members[1].joined = Some((Because { similarity, ..because(Kind::Text) }, 0));
        assert!(story_page(&story, Lang::Vi).contains(&format!("<b>{shown}</b>")), "{similarity}");
    }
    let mut story = carried();
    story.members[1].joined = Some((Because { similarity: f64::NAN, ..because(Kind::Text) }, 0));
    assert!(!story_page(&story, Lang::Vi).contains('%'));
}

#[test]
fn the_lead_too_says_why_if_it_joined_and_whom_it_joined() {
    let mut story = carried();
    story.members[1].joined = None;
    story.members[0].joined = Some((because(Kind::Part), 1));
    let page = story_page(&story, Lang::Vi);
    assert!(
        page.contains("<p class=\"meta\">Bài đại diện: <b lang=\"vi\">Báo a &#38; bạn</b></p>\n<h3 lang=\"vi\"><a href=\"https://a.vn/bai-1.html?x=1&#38;y=2\">Ngã Bảy ra mắt câu lạc bộ đờn ca tài tử học Bác</a></h3>\n<p class=\"because\">"),
        "{page}"
    );
    assert!(page.contains("so với bài của <a lang=\"vi\" href=\"#n2\">Báo b &#38; bạn</a>."), "{page}");
    assert_eq!(page.matches("id=\"n1\"").count(), 1, "{page}");
    // Whom it joined has left since.
    story.members[0].joined = Some((because(Kind::Part), 99));
    assert!(story_page(&story, Lang::Vi).contains("<b>Một bài nằm trong bài kia</b>. <b>93%</b>"));
}

fn related(n: usize) -> Related {
    Related {
        uid: format!("{n:020x}"),
        title: format!("Tin khác <số {n}>"),
        link: Some(Url::parse(&format!("https://d.vn/{n}?a=1&b=2")).unwrap()),
        publisher: member("d", "", "").publisher,
        published: now() - TimeDelta::hours(1),
    }
}

#[test]
fn other_stories_of_the_event_are_listed_with_their_pages() {
    let mut lead = carried();
    lead.related = vec![related(1), Related { link: None, ..related(2) }];
    let page = |lang| story_page(&lead, lang);
    let vi = page(Lang::Vi);
    for part in [
        "<h2>Cùng sự kiện</h2>",
        "<time datetime=\"2026-11-23T07:30:00+07:00\">07:30 23/11/2026</time> <b lang=\"vi\"><a href=\"https://d.vn/1?a=1&#38;b=2\">Báo d &#38; bạn</a></b>",
        "<a href=\"../story/00000000000000000001\">Tin khác &#60;số 1&#62;</a>",
        "<a href=\"../story/00000000000000000002\">Tin khác &#60;số 2&#62;</a>",
    ] {
        assert!(vi.contains(part), "{part} in {vi}");
    }
    assert!(page(Lang::En).contains("<h2>The same event</h2>"));
    let mut lead = lead.clone();
    lead.related = (0..50).map(related).collect();
    assert_eq!(story_page(&lead, Lang::Vi).matches("Tin khác").count(), 20);
}

#[test]
fn hostile_words_stay_words_beside_one_another() {
    let mut bad = because(Kind::Text);
    bad.shared = vec![HOSTILE.into(); 100];
    bad.checked = (0..100).flat_map(|_| bad.checked.clone()).collect();
    let lead = member("a", "Một <script>x</script> \"hai\"", "Ba <del>bốn</del>");
    let copy = joined(member("b", "<script>alert(1)</script> 'hai'", "<img src=x onerror=y>"), bad, 0);
    let mut story = story("cccc", now(), vec![lead, copy]);
    story.related = vec![Related { title: HOSTILE.into(), uid: "\"><script>".into(), ..related(1) }];
    for lang in [Lang::Vi, Lang::En] {
        let page = story_page(&story, lang);
        for tag in ["<script", "<img", "<del>bốn", "\"><script"] {
            assert!(!page.contains(tag), "{tag} in {page}");
        }
        assert_eq!(page.matches("<q lang=\"vi\">").count(), 8 + 1, "eight of them, and the topic's reason");
        let checked = page.split("<ul class=\"checked\"").nth(1).unwrap().split("</ul>").next().unwrap();
        assert_eq!(checked.matches("<li>").count(), Aspect::ALL.len());
    }
}

#[test]
fn a_page_compares_so_many_words_and_shows_the_rest_unmarked() {
    // As bad as may be stored: a thousand words of one letter, in every version others.
    let copies = (0..100).map(|n| {
        let word = char::from_u32(0x3b1 + n % 20).unwrap();
        member("b", "Hai", format!("{word} ").repeat(1_000).trim_end())
    });
    let page = story_page(&story("cccc", now(), copies.collect()), Lang::Vi);
    let marked = page.matches("<p class=\"teaser\" lang=\"vi\"><ins>").count();
    let unmarked = page.matches("Quá nhiều chữ nên không đánh dấu chỗ khác.").count();
    assert_eq!((marked, page.matches("class=\"pair\"").count()), (4, 95), "4 are the same as the lead: {unmarked}");
    assert_eq!(unmarked, 95 - 4);
}

#[test]
fn an_absent_teaser_is_said_and_the_others_words_are_all_marked() {
    let cases = [
        ("", "Hai ba.", "<p class=\"empty\">Không có tóm tắt.</p>", "<ins>Hai ba</ins>."),
        ("Hai ba.", "", "<del>Hai ba</del>.", "<p class=\"empty\">Không có tóm tắt.</p>"),
    ];
    for (first, second, left, right) in cases {
        let members = vec![member("a", "Một", first), member("b", "Một", second)];
        let page = story_page(&story("cccc", now(), members), Lang::Vi);
        let (left_at, right_at) = (page.find(left).unwrap(), page.find(right).unwrap());
        assert!(left_at < right_at, "{page}");
    }
}

#[test]
fn the_json_feed_says_of_each_carrier_why_it_belongs() {
    let json: serde_json::Value = serde_json::from_str(&document(&[carried()], "feed.json")).unwrap();
    let carriers = &json["items"][0]["_dongtin"]["carriers"];
    assert!(carriers[0].get("because").is_none(), "it founded the story");
    assert_eq!(carriers[1]["because"], serde_json::json!({"kind": "text", "similarity": 0.934}));
    assert_eq!(carriers[2]["because"], serde_json::json!({"kind": "link", "similarity": 1.0}));
}
