//! Pairs of items, and what they are to each other. The texts are made up in the style of the papers.

use chrono::{TimeDelta, TimeZone as _, Utc};
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};

use super::facts::Facts;
use super::grouping::{Memory, Neighbour, Resident, place};
use super::portrait::Portrait;
use super::rarity::Rarity;
use super::sketch::Sketch;
use super::term::{Kind, Terms};
use super::verdict::{Relation, WINDOW, judge};
use super::window::{BYTES_PER_ITEM, Window};
use super::*;
use crate::model::{Aspect, Finding, Kind as Shown};
use crate::schedule::Time;
use crate::text::Folded;

fn item(title: &str, summary: &str, body: &str) -> Item {
    Item { title: title.into(), summary: summary.into(), body: body.into(), ..Item::default() }
}

fn teaser(title: &str, summary: &str) -> Portrait {
    Portrait::of_item(&item(title, summary, ""))
}

fn relation(a: &Portrait, b: &Portrait, hours: i64) -> Relation {
    let distance = Some(TimeDelta::hours(hours));
    let there = judge(a, b, distance, &Rarity::default());
    let back = judge(b, a, distance, &Rarity::default());
    assert_eq!(there.relation, back.relation, "who is asked first decides nothing");
    assert!((there.points - back.points).abs() < 1e-3);
    there.relation
}

fn is_same(relation: Relation) -> bool {
    matches!(relation, Relation::Same(_))
}

const LEAD: &str = "Sáng 23/11, tại nhà văn hóa xã Đồng Xanh, Đảng ủy xã tổ chức hội nghị sơ kết một năm thực hiện mô hình \"Mỗi chi bộ một việc thiết \
    thực\", biểu dương mười hai tập thể và hai mươi cá nhân có cách làm hay, được bà con đồng tình.";

#[test]
fn two_teasers_are_one_story_when_one_is_the_other_edited() {
    let ours = teaser("Xã Đồng Xanh sơ kết mô hình Mỗi chi bộ một việc thiết thực", LEAD);
    let cases = [
        ("word for word", "Xã Đồng Xanh sơ kết mô hình Mỗi chi bộ một việc thiết thực", LEAD.to_owned()),
        ("in capitals", "XÃ ĐỒNG XANH SƠ KẾT MÔ HÌNH MỖI CHI BỘ MỘT VIỆC THIẾT THỰC", LEAD.to_owned()),
        (
            "tones and dates in another habit",
            "Xã Đồng Xanh sơ kết mô hình Mỗi chi bộ một việc thiết thực",
            LEAD.replace("23/11", "23-11").replace("văn hóa", "văn hoá"),
        ),
        (
            "another headline",
            "Mỗi chi bộ một việc thiết thực: Đồng Xanh biểu dương 12 tập thể, 20 cá nhân",
            LEAD.to_owned(),
        ),
        ("behind a paper's mark", "Đồng Xanh sơ kết mô hình Mỗi chi bộ một việc thiết thực", format!("(BĐX) - {LEAD}")),
        (
            "a cut tail",
            "Xã Đồng Xanh sơ kết mô hình Mỗi chi bộ một việc thiết thực",
            LEAD.replace(", được bà con đồng tình", "").replace(" có cách làm hay", ""),
        ),
        (
            "an added lead",
            "Xã Đồng Xanh sơ kết mô hình Mỗi chi bộ một việc thiết thực",
            format!("Nhiều việc khó đã xong. {LEAD}"),
        ),
    ];
    for (what, title, summary) in cases {
        assert!(is_same(relation(&ours, &teaser(title, &summary), 5)), "{what}");
    }
}

#[test]
fn the_same_frame_with_other_facts_is_another_story() {
    let campaign = "học tập và làm theo tư tưởng, đạo đức, phong cách Hồ Chí Minh";
    let title = format!("Xã Đồng Xanh {campaign}");
    let cases = [
        ("another commune", title.replace("Xanh", "Vàng"), LEAD.replace("Đồng Xanh", "Đồng Vàng")),
        ("another day", title.clone(), LEAD.replace("23/11", "30/11")),
        (
            "other numbers",
            title.clone(),
            LEAD.replace("một năm", "5 năm")
                .replace("mười hai tập thể", "15 tập thể")
                .replace("hai mươi cá nhân", "40 cá nhân"),
        ),
    ];
    let ours = LEAD.replace("một năm", "1 năm").replace("mười hai", "12").replace("hai mươi", "20");
    for (what, title_of_other, other) in cases {
        let (a, b) = (
            teaser(&title, &ours),
            teaser(
                &title_of_other,
                &other.replace("một năm", "1 năm").replace("mười hai", "12").replace("hai mươi", "20"),
            ),
        );
        assert!(!is_same(relation(&a, &b, 5)), "{what}");
    }
}

#[test]
fn series_are_recognised_by_their_headlines() {
    let same = "Bản tin cập nhật những tin đáng chú ý nhất trong ngày và các câu chuyện đang được nhiều người quan tâm trên mạng xã hội hôm nay.";
    let cases = [
        ("Giá xăng dầu hôm nay 12/11", "Giá xăng dầu hôm nay 13/11"),
        ("Kết quả xổ số miền Nam ngày 16 tháng 8", "Kết quả xổ số miền Nam ngày 23 tháng 8"),
        ("Đại hội Đảng bộ tỉnh, ngày làm việc thứ 1: trù bị", "Đại hội Đảng bộ tỉnh, ngày làm việc thứ 2: trù bị"),
        ("Toàn cảnh 17h: Lũ rút ở Đồng Xanh | Cầu mới thông xe", "Toàn cảnh 17h: Bão số 9 vào bờ | Học sinh nghỉ học"),
        (
            "Toàn cảnh 17h 12.10: Lũ rút ở Đồng Xanh | Cầu mới thông xe",
            "Toàn cảnh 17h: Bão số 9 vào bờ | Học sinh nghỉ học",
        ),
        ("Đáp án đề thi môn Vật lý mã đề 216", "Đáp án đề thi môn Vật lý mã đề 212"),
    ];
    for (a, b) in cases {
        assert_eq!(relation(&teaser(a, same), &teaser(b, same), 20), Relation::Apart, "{a} | {b}");
        assert!(is_same(relation(&teaser(a, same), &teaser(a, same), 2)), "{a}: the same instalment again");
    }
}

#[test]
fn equal_texts_far_apart_are_two_and_a_short_formula_shows_nothing() {
    let ours = teaser("Xã Đồng Xanh sơ kết mô hình Mỗi chi bộ một việc thiết thực", LEAD);
    assert_eq!(relation(&ours, &ours, WINDOW.num_hours() + 1), Relation::Apart);
    let notice = teaser("Lịch tiếp công dân định kỳ", "Ủy ban nhân dân tỉnh thông báo lịch tiếp công dân.");
    let other = teaser("Lịch tiếp công dân định kỳ", "Ủy ban nhân dân tỉnh thông báo lịch tiếp dân.");
    assert!(!is_same(relation(&notice, &other, 1)));
    let empty = teaser("Lịch tiếp công dân định kỳ", "");
    assert!(!is_same(relation(&empty, &empty, 1)), "a headline alone shows nothing");
}

#[test]
fn one_event_told_in_other_words_is_related_and_no_more() {
    let a = teaser(
        "Bí thư Tỉnh ủy thăm bà con vùng lũ xã Đồng Xanh",
        "Chiều 23/11, đồng chí Trần Văn Lúa đến từng nhà ở thôn Bãi Giữa, hỏi han việc dọn bùn, sửa mái và chuyện học của các cháu sau lũ.",
    );
    let b = teaser(
        "Bí thư Tỉnh ủy Trần Văn Lúa: Không để bà con vùng lũ Đồng Xanh thiếu chỗ ở",
        "Đi thực tế tại thôn Bãi Giữa, người đứng đầu cấp ủy yêu cầu trước 30/11 phải dựng lại toàn bộ nhà sập, ưu tiên hộ neo đơn.",
    );
    assert_eq!(relation(&a, &b, 3), Relation::Related);
    assert_eq!(relation(&a, &b, 24 * 5), Relation::Apart, "not a week later");
}

fn sentences(from: usize, to: usize) -> String {
    let nouns = [
        "cây cầu",
        "con đê",
        "lớp học",
        "trạm bơm",
        "vườn cam",
        "đội văn nghệ",
        "tổ hợp tác",
        "thư viện",
        "sân bóng",
        "bến đò",
        "ngọn đèn",
        "hàng cau",
    ];
    let verbs = [
        "được dựng lại",
        "đã khánh thành",
        "còn dang dở",
        "đổi tên mới",
        "vừa sửa xong",
        "đón khách đầu tiên",
        "trồng thêm",
    ];
    let places = ["bên bờ kênh", "giữa cánh đồng", "sau đình làng", "gần chợ huyện", "dưới chân đồi"];
    (from..to)
        .map(|n| {
            format!(
                "Theo lời kể thứ {n}, {} {} {} nhờ công sức {} hộ dân góp lại.",
                nouns[n % 12],
                verbs[n % 7],
                places[n % 5],
                n * 7 + 3
            )
        })
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn two_articles_are_one_story_by_what_stands_in_both_and_a_follow_up_is_not() {
    let opening = "Ngày 20/11, ủy ban xã Đồng Xanh họp dân bàn việc dựng lại xóm nhỏ sau lũ, mọi người nhất trí góp công góp của ngay trong tháng.";
    let ours = Portrait::of_item(&item("Xóm nhỏ dựng lại sau lũ", opening, &format!("{opening} {}", sentences(0, 20))));
    assert!(ours.has_article);
    let reprint = Portrait::of_item(&item(
        "Đồng Xanh: xóm nhỏ đứng dậy sau lũ",
        opening,
        &format!("{opening} {}", sentences(0, 14)),
    ));
    assert!(is_same(relation(&ours, &reprint, 6)), "a cut tail under another headline");
    let news = "Ngày 25/11, đoàn kiểm tra của tỉnh kết luận khoản tiền góp bị chi sai, yêu cầu trả lại từng hộ và kiểm điểm kế toán thôn.";
    let follow_up =
        Portrait::of_item(&item("Kết luận chi sai tiền góp dựng xóm", news, &format!("{news} {}", sentences(6, 14))));
    assert!(!is_same(relation(&ours, &follow_up, 120)), "another day, another opening, the same background");
    let alone = teaser("Xóm nhỏ dựng lại sau lũ", opening);
    assert!(is_same(relation(&ours, &alone, 2)), "a feed with teasers beside one with articles");
}

#[test]
fn numbers_days_and_names_are_read_as_people_read_them() {
    let kinds = |text: &str| {
        let mut terms = Terms::default();
        terms.extend(text, &Folded::new(text), usize::MAX);
        terms.kinds.iter().filter(|kind| **kind != Kind::Plain).copied().collect::<Vec<_>>()
    };
    let terms = |text: &str| {
        let mut terms = Terms::default();
        terms.extend(text, &Folded::new(text), usize::MAX);
        terms.words
    };
    let cases: [(&str, &[Kind]); 8] = [
        ("ngày 15/6", &[Kind::Date]),
        ("ngày 15-6-2017", &[Kind::Date]),
        ("ngày 15 tháng 6", &[Kind::Date]),
        ("2.400 tỉ đồng", &[Kind::Number]),
        ("5,44 km", &[Kind::Number]),
        ("lúc 22h30", &[Kind::Number]),
        ("ở Hà Nội", &[Kind::Name, Kind::Name]),
        ("Nhiệm kỳ 2025-2030", &[Kind::Number]),
    ];
    for (text, expected) in cases {
        assert_eq!(kinds(text), expected, "{text}");
    }
    for (a, b) in [
        ("ngày 05/6", "ngày 5-6"),
        ("ngày 15/6/2017", "ngày 15.6"),
        ("ngày 15 tháng 6", "ngày 15/6"),
        ("44km", "44 km"),
        ("hoà", "Hòa"),
    ] {
        assert_eq!(terms(a), terms(b), "{a} | {b}");
    }
    assert_ne!(terms("2.400"), terms("2 400"));
}

#[test]
fn places_of_today_and_of_before_the_mergers_agree_where_one_took_the_other_in() {
    let facts = |text: &str| {
        let (mut title, mut body) = (Terms::default(), Terms::default());
        title.extend(text, &Folded::new(text), usize::MAX);
        body.stop();
        Facts::of(&title, &body)
    };
    let agree = |a: &str, b: &str| {
        let (a, b) = (facts(a), facts(b));
        let (a, b) = (a.stated(Aspect::Places).unwrap(), b.stated(Aspect::Places).unwrap());
        a.head.iter().any(|fact| b.head.iter().any(|other| fact.agrees(*other)))
    };
    let cases = [
        ("Mưa lớn ở Bình Dương", "Mưa lớn ở TP.HCM", true),
        ("Mưa lớn ở Bình Dương", "Mưa lớn ở Bà Rịa - Vũng Tàu", false),
        ("Mưa lớn ở Quảng Ninh", "Mưa lớn ở Quảng Nam", false),
        ("Mưa lớn ở Quảng Nam", "Mưa lớn ở Đà Nẵng", true),
        ("Mưa ở xã Đồng Xanh", "Mưa ở xã Đồng Vàng", false),
        ("Mưa ở TP HCM", "Mưa ở Thành phố Hồ Chí Minh", true),
    ];
    for (a, b, expected) in cases {
        assert_eq!(agree(a, b), expected, "{a} | {b}");
    }
    assert!(facts("Học tập Hồ Chí Minh").stated(Aspect::Places).is_none(), "a person, not the city");
    assert!(facts("Gặp ông Nguyễn Văn Lúa").stated(Aspect::Persons).is_some());
    assert!(facts("Làm việc với Sở Nội vụ").stated(Aspect::Bodies).is_some());
}

#[test]
fn a_verdict_tells_what_was_compared() {
    let verdict = judge(
        &teaser("Mưa lớn ở Quảng Nam", "Sáng 23/11, mưa lớn ở huyện Đồng Xanh làm 12 nhà tốc mái."),
        &teaser("Mưa lớn ở Quảng Ninh", "Sáng 23/11, mưa lớn ở huyện Đồng Vàng làm 30 nhà tốc mái."),
        Some(TimeDelta::hours(1)),
        &Rarity::default(),
    );
    let told: Vec<(Aspect, Finding)> = verdict.checked.iter().map(|one| (one.aspect, one.finding)).collect();
    assert_eq!(
        told,
        [
            (Aspect::Numbers, Finding::Differ),
            (Aspect::Dates, Finding::Agree),
            (Aspect::Places, Finding::Differ),
            (Aspect::Persons, Finding::Silent),
            (Aspect::Bodies, Finding::Silent),
            (Aspect::Time, Finding::Agree),
        ]
    );
    assert_eq!(verdict.relation, Relation::Apart);
}

#[test]
fn what_every_item_says_weighs_nothing() {
    let formula = teaser("", "học tập và làm theo tư tưởng, đạo đức, phong cách Hồ Chí Minh");
    let mut rarity = Rarity::default();
    assert!(formula.pairs.iter().all(|pair| rarity.weight(pair) < 0.1), "known before anything was counted");
    let boilerplate = teaser("", "mời quý độc giả đón xem tại chuyên mục của chúng tôi");
    assert!(boilerplate.pairs.iter().all(|pair| rarity.weight(pair) > 0.99));
    (0..500).for_each(|_| rarity.learn(&boilerplate.pairs));
    assert!(boilerplate.pairs.iter().all(|pair| rarity.weight(pair) < 0.01 && rarity.is_common(pair)), "learned");
}

#[test]
fn the_rarest_words_that_two_items_share_are_told_as_they_are_written() {
    let one = item(
        "Xã Đồng Xanh khen thưởng",
        "Ông Trần Văn Lúa nhận giấy khen theo Chỉ thị số 05-CT/TW của Bộ Chính trị.",
        "",
    );
    let shared = rarest(&one, &teaser("Ông Trần Văn Lúa nhận giấy khen", ""), &Rarity::default());
    assert_eq!(shared.first().map(String::as_str), Some("Ông Trần Văn Lúa nhận"), "{shared:?}");
    assert!(shared.len() <= 5 && !shared.iter().any(|words| words.contains("Bộ Chính")), "{shared:?}");
}

fn at(hour: i64) -> Time {
    Utc.with_ymd_and_hms(2026, 11, 23, 0, 0, 0).unwrap() + TimeDelta::hours(hour)
}

fn resident(item: i64, portrait: &Portrait) -> Resident {
    Resident { item, at: Some(at(item)), portrait: Arc::new(portrait.clone()) }
}

#[test]
fn an_item_belongs_where_more_than_half_of_a_story_say_so() {
    let own = teaser("Xã Đồng Xanh sơ kết mô hình Mỗi chi bộ một việc thiết thực", LEAD);
    let edited = teaser("Đồng Xanh sơ kết mô hình Mỗi chi bộ một việc thiết thực", LEAD);
    let foreign = teaser(
        "Giá lúa tăng ở miền Tây",
        "Thương lái trả cao hơn tuần trước năm trăm đồng một cân, nông dân phấn khởi gặt sớm trước khi nước lên.",
    );
    let joins = |residents: Vec<Resident>| {
        let placement = place(
            &own,
            Some(at(9)),
            &[Neighbour { story: 7, at: None, by_hand: false, residents }],
            &Rarity::default(),
        );
        placement.joins.map(|joined| (joined.story, joined.with))
    };
    assert_eq!(joins(vec![resident(1, &edited)]), Some((7, 1)));
    assert_eq!(
        joins(vec![resident(1, &foreign), resident(2, &edited)]),
        None,
        "no chain through one item in the middle"
    );
    assert_eq!(joins(vec![resident(1, &foreign), resident(2, &edited), resident(3, &own)]), Some((7, 3)));
    assert_eq!(joins(vec![resident(1, &foreign)]), None);
    let instalment =
        |number: u32| teaser(&format!("Đồng Xanh sơ kết mô hình Mỗi chi bộ một việc, bản số {number}"), LEAD);
    let (ours, shorter) = (instalment(216), LEAD.split(", biểu dương").next().unwrap());
    let cut = Portrait::of_item(&item("Đồng Xanh sơ kết mô hình Mỗi chi bộ một việc", shorter, ""));
    let residents = vec![resident(1, &instalment(212)), resident(2, &cut), resident(3, &cut)];
    let placement =
        place(&ours, Some(at(9)), &[Neighbour { story: 7, at: None, by_hand: false, residents }], &Rarity::default());
    assert_eq!(
        placement.joins.map(|joined| joined.story),
        Some(7),
        "the most alike of them may be the one in conflict"
    );
    let two = [
        Neighbour { story: 7, at: None, by_hand: false, residents: vec![resident(1, &edited)] },
        Neighbour { story: 8, at: None, by_hand: false, residents: vec![resident(2, &own)] },
    ];
    let placement = place(&own, Some(at(9)), &two, &Rarity::default());
    assert_eq!(
        (placement.joins.map(|joined| joined.story), placement.related),
        (Some(8), vec![7]),
        "the nearest, and the other beside it"
    );
}

#[test]
fn a_copy_is_found_among_many_and_a_stranger_is_not() {
    let memory = Memory::with_budget(1 << 20);
    let sketch = |text: &str| memory.sketch(&teaser("Xóm nhỏ", text)).unwrap();
    let mut window = Window::with_budget(1 << 20);
    for n in 0..1_000_i64 {
        let n = usize::try_from(n).unwrap();
        window.insert(i64::try_from(n).unwrap(), at(0), &sketch(&sentences(2 * n, 2 * n + 2)));
    }
    assert_eq!(window.len(), 1_000);
    let found = window.like(&sketch(&sentences(1_400, 1_402)), at(5), WINDOW);
    assert_eq!(found.first(), Some(&700), "{found:?}");
    assert!(window.like(&sketch(LEAD), at(5), WINDOW).is_empty());
    assert!(window.like(&sketch(&sentences(1_400, 1_402)), at(24 * 30), WINDOW).is_empty(), "out of the window");
    assert!(memory.sketch(&teaser("", "")).is_none());
}

#[test]
fn at_its_budget_the_window_forgets_the_oldest() {
    let budget = 8_192 * BYTES_PER_ITEM;
    let mut window = Window::with_budget(budget);
    let sketch =
        |n: u64| Sketch(std::array::from_fn(|at| u16::try_from((n * 31 + at as u64 * 7_919) % 65_521).unwrap()));
    for n in 0..30_000_u64 {
        window.insert(i64::try_from(n).unwrap(), at(0), &sketch(n));
    }
    assert!(window.len() <= 8_192, "{}", window.len());
    assert_eq!(window.like(&sketch(29_999), at(0), WINDOW).first(), Some(&29_999));
    assert!(!window.like(&sketch(3), at(0), WINDOW).contains(&3));
    const { assert!(BYTES_PER_ITEM <= 200) };
}

proptest! {
    /// An item is always its own copy, whatever it says, if it says enough to be recognised by; and is found by its sketch.
    #[test]
    fn whatever_is_long_enough_is_like_itself(words in proptest::collection::vec("[a-zăâđêôơưà-ỹ]{2,6}", 30..60), title in proptest::collection::vec("[a-zăâđ]{2,6}", 6..9)) {
        let portrait = teaser(&title.join(" "), &words.join(" "));
        prop_assert!(is_same(judge(&portrait, &portrait, Some(TimeDelta::hours(1)), &Rarity::default()).relation));
        let memory = Memory::with_budget(1 << 20);
        let sketch = memory.sketch(&portrait).unwrap();
        prop_assert_eq!(Sketch::from_bytes(&sketch.to_bytes()), Some(sketch));
        let mut window = Window::with_budget(1 << 20);
        window.insert(5, at(0), &sketch);
        prop_assert_eq!(window.like(&sketch, at(0), WINDOW), vec![5]);
    }

    /// Nothing that a source can write breaks the comparison, and neither side is asked first.
    #[test]
    fn any_two_texts_compare_the_same_in_either_order(a in any_text(), b in any_text(), hours in 0_i64..400) {
        let (a, b) = (Portrait::of_item(&a), Portrait::of_item(&b));
        let distance = Some(TimeDelta::hours(hours));
        let (there, back) = (judge(&a, &b, distance, &Rarity::default()), judge(&b, &a, distance, &Rarity::default()));
        prop_assert_eq!(there.relation, back.relation);
        prop_assert!(there.points.is_finite() && (0.0..=1.0).contains(&there.similarity));
    }

    /// The order in which the versions of one event arrive decides nothing, as long as they agree with each other.
    #[test]
    fn the_order_of_arrival_decides_nothing(order in proptest::sample::subsequence((0..12_usize).collect::<Vec<_>>(), 12).prop_shuffle(), seed in any::<u8>()) {
        // Three events, four versions each.
        let version = |n: usize| {
            let event = n % 3 + usize::from(seed);
            let text = sentences(event * 9, event * 9 + 3);
            teaser(&format!("Chuyện ở xóm {event}, kể lại lần này của bà con"), &text.replace("nhờ", if n < 6 { "nhờ" } else { "do" }))
        };
        let mut stories: Vec<Vec<usize>> = Vec::new();
        for &n in &order {
            let neighbours: Vec<Neighbour> = stories.iter().enumerate().map(|(story, items)| Neighbour { story: i64::try_from(story).unwrap(), at: None, by_hand: false,
                residents: items.iter().map(|&item| Resident { item: i64::try_from(item).unwrap(), at: Some(at(0)), portrait: Arc::new(version(item)) }).collect(),
            }).collect();
            match place(&version(n), Some(at(0)), &neighbours, &Rarity::default()).joins {
                Some(joined) => stories[usize::try_from(joined.story).unwrap()].push(n),
                None => stories.push(vec![n]),
            }
        }
        stories.iter_mut().for_each(|story| story.sort_unstable());
        stories.sort();
        prop_assert_eq!(stories, vec![vec![0, 3, 6, 9], vec![1, 4, 7, 10], vec![2, 5, 8, 11]]);
    }
}

fn any_text() -> impl Strategy<Value = Item> {
    ("\\PC{0,60}", "[\\PC0-9/.,-]{0,200}", "\\PC{0,400}")
        .prop_map(|(title, summary, body)| item(&title, &summary, &body))
}

#[test]
fn kinds_are_told_apart() {
    let whole = teaser("Xã Đồng Xanh sơ kết mô hình Mỗi chi bộ một việc thiết thực", LEAD);
    let half: String = LEAD.split(", biểu dương").next().unwrap().to_owned();
    let part = teaser("Xã Đồng Xanh sơ kết mô hình Mỗi chi bộ một việc thiết thực", &half);
    assert_eq!(relation(&whole, &whole, 1), Relation::Same(Shown::Text));
    assert_eq!(relation(&whole, &part, 1), Relation::Same(Shown::Part));
}
