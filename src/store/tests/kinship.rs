//! Stories of several papers, as the database keeps them.

use super::*;
use crate::model::{Because, Kind};
use crate::store::{regroup, rows};

const TEASER: &str = "Sáng 23/11, tại nhà văn hóa xã Đồng Xanh, Đảng ủy xã tổ chức hội nghị sơ kết một năm thực hiện mô hình mỗi chi bộ một việc thiết thực, \
    biểu dương mười hai tập thể và hai mươi cá nhân có cách làm hay, được bà con đồng tình.";
const OTHER: &str = "Chiều 23/11, đoàn khảo sát của Sở Xây dựng kiểm tra tiến độ cây cầu qua sông Nhỏ, yêu cầu nhà thầu bổ sung ba mũi thi công để kịp thông xe trước Tết.";

fn told(room: &Room, item: i64) -> (Option<Because>, Option<i64>) {
    room.store
        .read(move |db| {
            let row = db.query_row("SELECT because, joined_to FROM item WHERE id = ?1", [item], |row| {
                Ok((row.get::<_, Option<String>>(0)?, row.get(1)?))
            })?;
            Ok((row.0.as_deref().map(rows::because).transpose()?, row.1))
        })
        .unwrap()
}

fn joined(taken: &TakenIn) -> Option<i64> {
    match taken.decision {
        Decision::Join { story, .. } => Some(story),
        _ => None,
    }
}

fn carriers(room: &Room) -> Vec<Vec<String>> {
    room.all().iter().map(|s| s.members.iter().map(|m| m.publisher.id.clone()).collect()).collect()
}

#[test]
fn a_reworded_copy_joins_and_why_is_kept() {
    let room = Room::new();
    room.take("a", incoming("a", "https://a.vn/1", "Đồng Xanh sơ kết mô hình mỗi chi bộ một việc", TEASER), now());
    let copy = incoming(
        "b",
        "https://b.vn/9",
        "Xã Đồng Xanh sơ kết mô hình mỗi chi bộ một việc",
        &TEASER.replace("được bà con đồng tình", "bà con đồng tình"),
    );
    let taken = room.take("b", copy, now() + TimeDelta::hours(1));
    assert_eq!(joined(&taken), Some(1));
    let (because, with) = told(&room, 2);
    let because = because.unwrap();
    assert_eq!((because.kind, with), (Kind::Text, Some(1)));
    assert!(because.similarity > 0.9 && because.similarity <= 1.0);
    assert!(because.shared.iter().any(|words| words.contains("Đồng Xanh")), "{:?}", because.shared);
    assert_eq!(because.checked.len(), 6);
    assert_eq!(told(&room, 1), (None, None));
}

#[test]
fn the_memory_survives_a_restart() {
    let room = Room::new();
    room.take("a", incoming("a", "https://a.vn/1", "Đồng Xanh sơ kết mô hình mỗi chi bộ một việc", TEASER), now());
    let room = room.opened_again();
    let copy = incoming("b", "https://b.vn/9", "Mỗi chi bộ một việc thiết thực ở Đồng Xanh", TEASER);
    assert_eq!(joined(&room.take("b", copy, now() + TimeDelta::hours(1))), Some(1));
}

#[test]
fn a_number_at_one_host_is_one_story_under_any_slug_and_by_whoever_links_it() {
    let room = Room::new();
    room.take(
        "a",
        incoming("a", "https://a.vn/dong-xanh-so-ket-a196670.html", "Đồng Xanh sơ kết mô hình", TEASER),
        now(),
    );
    let edited =
        incoming("b", "https://a.vn/dong-xanh-bieu-duong-a196670.html", "Đồng Xanh biểu dương 12 tập thể", "Ngắn hơn.");
    let taken = room.take("b", edited, now() + TimeDelta::hours(1));
    assert_eq!((joined(&taken), told(&room, 2).0.map(|b| b.kind)), (Some(1), Some(Kind::Number)));
    let picture = incoming("b", "https://a.vn/anh/cau-moi-a196670.html", "Cây cầu qua sông Nhỏ", OTHER);
    assert_eq!(joined(&room.take("b", picture, now())), None, "some sites count pictures and articles apart");
}

#[test]
fn of_equal_reach_the_original_leads_before_the_reprint_and_the_name_stays() {
    let room = Room::new();
    let reprint = room.take(
        "a",
        incoming("a", "https://a.vn/1", "Đồng Xanh sơ kết mô hình", &format!("{TEASER} (Theo Báo b)")),
        now(),
    );
    let original = room.take(
        "b",
        incoming("b", "https://b.vn/1", "Đồng Xanh sơ kết mô hình", TEASER),
        now() + TimeDelta::hours(2),
    );
    assert_eq!(carriers(&room), [["b", "a"]]);
    assert_eq!(reprint.story, original.story);
    room.take(
        "tw",
        incoming("tw", "https://tw.vn/1", "Đồng Xanh sơ kết mô hình", &format!("{TEASER} (Theo Báo b)")),
        now() + TimeDelta::hours(3),
    );
    assert_eq!(carriers(&room), [["tw", "a", "b"]], "reach counts more");
}

#[test]
fn an_edit_that_makes_a_copy_another_report_takes_it_out_and_the_other_way_round() {
    let room = Room::new();
    let title = "Đồng Xanh sơ kết mô hình mỗi chi bộ một việc";
    let first = room.take("a", incoming("a", "https://a.vn/1", title, TEASER), now());
    room.take("b", incoming("b", "https://b.vn/9", title, TEASER), now());
    let edited = incoming("b", "https://b.vn/9", "Kiểm tra tiến độ cây cầu qua sông Nhỏ", OTHER);
    let taken = room.take("b", edited, now() + TimeDelta::hours(1));
    assert_eq!(taken.decision, Decision::Revise);
    assert_ne!(taken.story, first.story);
    assert_eq!(carriers(&room).len(), 2);
    let back = room.take("b", incoming("b", "https://b.vn/9", title, TEASER), now() + TimeDelta::hours(2));
    assert_eq!(back.story, first.story);
    assert_eq!(carriers(&room), [["a", "b"]]);
    let name = taken.story;
    let found = room.store.read(move |db| crate::store::kinship::by_name(db, &name)).unwrap();
    assert_eq!(found, Some(1), "who knows the name that it had finds the story");
}

#[test]
fn an_edit_moves_nothing_that_is_old_or_that_an_admin_placed() {
    let title = "Đồng Xanh sơ kết mô hình mỗi chi bộ một việc";
    let edited = || incoming("b", "https://b.vn/9", "Kiểm tra tiến độ cây cầu qua sông Nhỏ", OTHER);
    let old = Room::new();
    old.take("a", incoming("a", "https://a.vn/1", title, TEASER), now());
    old.take("b", incoming("b", "https://b.vn/9", title, TEASER), now());
    old.take("b", edited(), now() + TimeDelta::days(3));
    assert_eq!(carriers(&old), [["a", "b"]]);
    let placed = Room::new();
    placed.take("a", incoming("a", "https://a.vn/1", title, TEASER), now());
    placed.take("b", edited(), now());
    placed.write(|tx| regroup::join(tx, 1, 2, now()).map(drop)).unwrap();
    placed.take("b", incoming("b", "https://b.vn/9", "Kiểm tra tiến độ cây cầu", OTHER), now() + TimeDelta::hours(1));
    assert_eq!(carriers(&placed), [["a", "b"]]);
}

#[test]
fn what_an_admin_takes_out_stays_out_and_copies_of_it_follow_it() {
    let room = Room::new();
    let title = "Đồng Xanh sơ kết mô hình mỗi chi bộ một việc";
    for (from, link) in [("a", "https://a.vn/1"), ("b", "https://b.vn/1"), ("tw", "https://tw.vn/1")] {
        room.take(from, about(incoming(from, link, title, TEASER), "bac"), now());
    }
    let out = room.write(|tx| regroup::split(tx, &[2], now())).unwrap();
    assert_eq!((out.items, out.topics.into_iter().collect::<Vec<_>>()), (1, vec!["bac".to_owned()]));
    let apart = |room: &Room| {
        let mut carriers = carriers(room);
        carriers.sort();
        carriers
    };
    assert_eq!(apart(&room), [vec!["b"], vec!["tw", "a"]]);
    room.take(
        "b",
        about(incoming("b", "https://b.vn/1", title, &format!("{TEASER} Sửa.")), "bac"),
        now() + TimeDelta::hours(1),
    );
    assert_eq!(apart(&room), [vec!["b"], vec!["tw", "a"]], "an edit brings nothing back");
    let same_address = room.take("a", incoming("a", "https://b.vn/1?utm_source=x", "Khác", "Khác hẳn."), now());
    assert_eq!(same_address.story, out.story, "its address is its own");
    assert_eq!(newest(&room.store, Some("bac"), 9).len(), 2);
}

#[test]
fn the_same_event_in_other_words_is_remembered_as_related() {
    let room = Room::new();
    let theirs = "Cùng đoàn công tác đến từng nhà ở thôn Bãi Giữa, đồng chí Trần Văn Lúa yêu cầu trong tuần phải dựng lại toàn bộ nhà sập, ưu tiên hộ neo đơn.";
    let ours = "Chiều qua, đồng chí Trần Văn Lúa đến từng nhà ở thôn Bãi Giữa, hỏi han việc dọn bùn, sửa mái và chuyện học của các cháu sau lũ.";
    room.take("a", incoming("a", "https://a.vn/1", "Bí thư Tỉnh ủy thăm bà con vùng lũ xã Đồng Xanh", ours), now());
    let taken = room.take(
        "b",
        incoming(
            "b",
            "https://b.vn/1",
            "Bí thư Tỉnh ủy thăm bà con vùng lũ xã Đồng Xanh: Không để ai thiếu nhà",
            theirs,
        ),
        now(),
    );
    assert_eq!(taken.decision, Decision::Found);
    let related = |db: &Connection| {
        let mut query = db.prepare("SELECT story, other FROM story_related")?;
        Ok(query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<Vec<(i64, i64)>>>()?)
    };
    assert_eq!(room.store.read(related).unwrap(), [(1, 2), (2, 1)]);
}

#[test]
fn sketches_of_before_the_window_are_forgotten_little_by_little() {
    let room = Room::new();
    for n in 0..1_001 {
        let mut one =
            incoming("a", &format!("https://a.vn/{n}"), &format!("Chuyện số {n} ở xóm"), &format!("{TEASER} {n} {n}"));
        let day = if n < 500 { 60 } else { 0 };
        one.item.published = Some(now() - TimeDelta::days(day));
        let row = room.rows["a"];
        room.write(move |tx| take_in(tx, row, &one, now(), true)).unwrap();
    }
    let counted = |db: &Connection| {
        Ok(db.query_row("SELECT count(*), min(item) FROM sketch", [], |row| Ok((row.get(0)?, row.get(1)?)))?)
    };
    let (count, oldest): (i64, i64) = room.store.read(counted).unwrap();
    assert!(count <= 501 && oldest > 500, "{count} {oldest}");
}
