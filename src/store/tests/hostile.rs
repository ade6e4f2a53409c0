//! Stories under readers who wish them ill.

use super::*;

const TITLE: &str = "Đồng Xanh sơ kết mô hình mỗi chi bộ một việc";
const TEASER: &str = "Sáng 23/11, tại nhà văn hóa xã Đồng Xanh, Đảng ủy xã tổ chức hội nghị sơ kết một năm thực hiện mô hình mỗi chi bộ một việc thiết thực, \
    biểu dương mười hai tập thể và hai mươi cá nhân có cách làm hay, được bà con đồng tình.";
const OTHER: &str = "Chiều 23/11, đoàn khảo sát của Sở Xây dựng kiểm tra tiến độ cây cầu qua sông Nhỏ, yêu cầu nhà thầu bổ sung ba mũi thi công để kịp thông xe trước Tết.";
const THIRD: &str = "Vườn cam của ông Lò Văn Sáu ở bản Nà Lốc cho thu bốn tạ quả một vụ, thương lái từ Sơn La lên tận gốc mua, con trai ông vừa mở thêm đường lên nương.";

fn hours(n: i64) -> Time {
    now() + TimeDelta::hours(n)
}

fn carriers(room: &Room) -> Vec<Vec<String>> {
    let mut all: Vec<Vec<String>> =
        room.all().iter().map(|s| s.members.iter().map(|m| m.publisher.id.clone()).collect()).collect();
    all.sort();
    all
}

#[test]
fn who_left_a_story_is_not_told_to_be_like_whoever_joins_it() {
    let room = Room::new();
    room.take("a", incoming("a", "https://a.vn/1", TITLE, TEASER), now());
    room.take("b", incoming("b", "https://b.vn/9", TITLE, TEASER), now());
    let left =
        room.take("b", incoming("b", "https://b.vn/9", "Kiểm tra tiến độ cây cầu qua sông Nhỏ", OTHER), hours(1));
    room.take("tw", incoming("tw", "https://tw.vn/9", "Kiểm tra tiến độ cây cầu qua sông Nhỏ", OTHER), hours(2));
    let all = room.all();
    let story = all.iter().find(|s| s.uid == left.story).unwrap();
    assert_eq!(story.members.len(), 2);
    assert_eq!(story.members[0].publisher.id, "tw");
    assert!(story.members[1].joined.is_none(), "{:?}", story.members[1].joined);
}

#[test]
fn an_edit_into_another_report_does_not_say_the_event_is_the_same() {
    let room = Room::new();
    room.take("a", incoming("a", "https://a.vn/1", TITLE, TEASER), now());
    room.take("b", incoming("b", "https://b.vn/9", TITLE, TEASER), now());
    room.take("b", incoming("b", "https://b.vn/9", "Kiểm tra tiến độ cây cầu qua sông Nhỏ", OTHER), hours(1));
    assert!(room.all().iter().all(|s| s.related.is_empty()));
}

#[test]
fn one_article_in_two_feeds_stays_one_whatever_is_edited() {
    let room = Room::new();
    let first = room.take("a", incoming("a", "https://a.vn/1", "Họp chi bộ", "Ngắn gọn."), now());
    room.take("b", incoming("b", "https://a.vn/1", "Họp chi bộ", "Ngắn gọn."), hours(1));
    assert_eq!(carriers(&room), [["a", "b"]]);
    let edited = room.take("a", incoming("a", "https://a.vn/1", "Họp chi bộ", "Ngắn gọn (sửa)."), hours(2));
    assert_eq!(edited.story, first.story);
    assert_eq!(carriers(&room), [["a", "b"]]);
}

#[test]
fn who_founded_a_story_keeps_its_name_whatever_it_is_edited_to() {
    let room = Room::new();
    let first = room.take("a", incoming("a", "https://a.vn/1", TITLE, TEASER), now());
    room.take("b", incoming("b", "https://b.vn/9", TITLE, TEASER), now());
    let edited = room.take("a", incoming("a", "https://a.vn/1", "Kiểm tra tiến độ cây cầu", OTHER), hours(1));
    assert_eq!(edited.story, first.story);
}

#[test]
fn a_text_that_comes_every_day_does_not_stay_one_story_for_ever() {
    let room = Room::new();
    for day in 0..30 {
        let mut one = incoming("a", &format!("https://a.vn/{day}"), TITLE, TEASER);
        one.item.published = Some(hours(24 * day));
        room.take("a", one, hours(24 * day));
    }
    let sizes: Vec<usize> = room.all().iter().map(|s| s.members.len()).collect();
    assert!(sizes.len() >= 3, "{sizes:?}");
}

#[test]
fn what_an_admin_takes_out_twice_is_with_nobody_who_joined_it_before() {
    let room = Room::new();
    let take = |from: &str, link: &str| room.take(from, incoming(from, link, TITLE, TEASER), now());
    let split = || room.write(|tx| regroup::split(tx, &[1], now())).unwrap().story;
    take("a", "https://a.vn/1");
    take("tw", "https://tw.vn/1");
    // The name of its address stays behind, so it gets another.
    let first = split();
    let joined = room.take("b", incoming("b", "https://a.vn/1", "Bài khác", OTHER), hours(1));
    assert_eq!(joined.story, first);
    split();
    let find = |room: &Room, item: i64| {
        room.store
            .read(move |db| Ok(db.query_row("SELECT story FROM item WHERE id = ?1", [item], |r| r.get::<_, i64>(0))?))
    };
    let apart = find(&room, 1).unwrap();
    room.write(move |tx| regroup::join(tx, 1, apart, now()).map(drop)).unwrap();
    let again = split();
    assert_ne!(again, first, "somebody else is in that one");
    assert_eq!(carriers(&room), [["a"], ["b"], ["tw"]]);
}

#[test]
fn a_late_copy_that_becomes_a_story_stands_where_readers_see_it() {
    let room = Room::new();
    let mut old = incoming("a", "https://a.vn/1", TITLE, TEASER);
    old.item.published = Some(hours(-6 * 24));
    room.take("a", old, hours(-6 * 24));
    room.take("b", incoming("b", "https://b.vn/9", TITLE, TEASER), now());
    let left =
        room.take("b", incoming("b", "https://b.vn/9", "Kiểm tra tiến độ cây cầu qua sông Nhỏ", OTHER), hours(1));
    let all = room.all();
    let story = all.iter().find(|s| s.uid == left.story).unwrap();
    assert!(story.at >= hours(-6), "{}", story.at);
}

#[test]
fn an_address_that_many_items_share_names_nobody_that_moves() {
    let room = Room::new();
    let shared = |from: &str, guid: &str, title: &str, text: &str| {
        let link = Url::parse("https://a.vn/lich").unwrap();
        let entry = |id: &str, title: &str| Entry {
            id: id.to_owned(),
            id_source: IdSource::Guid,
            link: Some(link.clone()),
            title: Some(title.into()),
            ..Entry::default()
        };
        let keys = dedup::assign(from, &[entry(guid, title), entry("khac", "Lịch khác")]).remove(0).unwrap();
        assert!(!keys.link_names_it());
        let one = incoming(from, "https://a.vn/lich", title, text);
        Incoming {
            traits: kin::Traits::of_item(&one.item, false),
            uid: dedup::story_uid(&one.item, &keys),
            keys,
            ..one
        }
    };
    room.take("tw", incoming("tw", "https://tw.vn/1", TITLE, TEASER), now());
    room.take("a", shared("a", "g1", TITLE, TEASER), now());
    assert_eq!(carriers(&room), [["tw", "a"]]);
    let left = room.take("a", shared("a", "g1", "Kiểm tra tiến độ cây cầu qua sông Nhỏ", OTHER), hours(1));
    let stranger = room.take("b", incoming("b", "https://a.vn/lich", "Vườn cam của ông Sáu", THIRD), hours(2));
    assert_ne!(stranger.story, left.story);
}

#[test]
fn a_copy_of_what_an_admin_joined_joins_it_too() {
    let room = Room::new();
    room.take("a", incoming("a", "https://a.vn/1", TITLE, TEASER), now());
    room.take("b", incoming("b", "https://b.vn/9", "Kiểm tra tiến độ cây cầu qua sông Nhỏ", OTHER), now());
    room.write(|tx| regroup::join(tx, 1, 2, now()).map(drop)).unwrap();
    room.take("tw", incoming("tw", "https://tw.vn/1", TITLE, TEASER), hours(1));
    assert_eq!(room.all().len(), 1, "{:?}", carriers(&room));
}

#[test]
fn a_portrait_follows_its_item() {
    let room = Room::new();
    room.take("a", incoming("a", "https://a.vn/1", TITLE, TEASER), now());
    room.take("b", incoming("b", "https://a.vn/1", TITLE, TEASER), now());
    // Asked, so known by heart.
    room.take("tw", incoming("tw", "https://tw.vn/1", TITLE, THIRD), now());
    room.take("b", incoming("b", "https://a.vn/1", TITLE, OTHER), hours(1));
    room.take("a", incoming("a", "https://a.vn/1", TITLE, OTHER), hours(1));
    let copy = room.take("tw", incoming("tw", "https://tw.vn/2", TITLE, OTHER), hours(2));
    assert!(matches!(copy.decision, Decision::Join { .. }), "{:?}", copy.decision);
}

#[test]
fn a_copy_of_what_was_stored_before_sketches_were_kept_is_found() {
    let room = Room::new();
    room.take("a", incoming("a", "https://a.vn/1", TITLE, TEASER), now());
    // What the migration leaves.
    room.write(|tx| Ok(tx.execute_batch("DELETE FROM sketch; DELETE FROM story_key")?)).unwrap();
    let room = room.opened_again();
    room.take("b", incoming("b", "https://b.vn/1", "Mỗi chi bộ một việc thiết thực ở Đồng Xanh", TEASER), hours(1));
    assert_eq!(carriers(&room), [["a", "b"]]);
}

#[test]
fn a_reason_that_nobody_can_read_stops_no_page_and_no_poll() {
    let room = Room::new();
    room.take("a", incoming("a", "https://a.vn/1", TITLE, TEASER), now());
    room.take("b", incoming("b", "https://b.vn/1", TITLE, TEASER), now());
    room.write(|tx| Ok(tx.execute_batch("UPDATE item SET because = 'teaser' WHERE id = 2")?)).unwrap();
    assert_eq!(carriers(&room), [["a", "b"]]);
    assert!(room.all()[0].members.iter().all(|member| member.joined.is_none()));
    room.take("b", incoming("b", "https://b.vn/1", "Kiểm tra tiến độ cây cầu", OTHER), hours(1));
    assert_eq!(carriers(&room), [["a", "b"]], "and nothing moves for it");
}

#[test]
fn two_late_copies_of_one_day_are_one() {
    let room = Room::new();
    for from in ["a", "b"] {
        let mut old = incoming(from, &format!("https://{from}.vn/1"), TITLE, TEASER);
        old.item.published = Some(hours(-9 * 24));
        room.take(from, old, hours(0));
    }
    assert_eq!(carriers(&room), [["a", "b"]]);
}
