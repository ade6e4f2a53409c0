//! F-H22 to F-H24: servers that contradict themselves from poll to poll. What readers see of it is nothing.

use super::world::{Answer, Ask, World, feed_with};
use crate::model::Story;
use crate::store::stories::Reading;
use crate::store::{Db, sources, stories};

/// Everything as it would be published, newest first.
fn published(world: &World) -> Vec<Story> {
    let newest = |db: &Db| {
        let reading = Reading { publishers: &sources::publishers(db)?, full: &|_| true, topics: &|_| true };
        let newest = stories::newest(db, None, 100)?.into_iter();
        newest.map(|stands| stories::placed(db, (stands.story, stands.at), reading)).collect()
    };
    world.store.read(newest).unwrap()
}

/// A feed with the items of these numbers.
fn feed_of(numbers: std::ops::RangeInclusive<usize>) -> Vec<u8> {
    let items: String = numbers
        .map(|n| {
            format!(
                "<item><guid>tin-{n}</guid><title>Tin số {n} về việc học Bác ở xã mẫu</title><link>http://mau.vn/tin-{n}.html</link></item>"
            )
        })
        .collect();
    format!("<rss version=\"2.0\"><channel><title>Báo mẫu</title>{items}</channel></rss>").into_bytes()
}

/// Runs a source for three hours, then for two days, and says that nothing became of the second part.
fn nothing_moves(fault: &str, answer: impl Fn(&Ask) -> Answer + Send + Sync + 'static) {
    let mut world = World::new();
    world.source("a", "every = \"30m\"", answer);
    assert!(world.hours(3, "/a").len() > 2, "{fault}");
    let before = published(&world);
    assert!(!before.is_empty(), "{fault}");
    assert!(world.hours(48, "/a").len() > 20, "{fault}");
    assert_eq!(published(&world), before, "{fault}");
    assert_eq!(world.class("a"), None, "{fault}");
}

#[test]
fn f_h22_a_tag_that_is_another_every_time_moves_no_item() {
    nothing_moves("F-H22 the same body", |ask| {
        Answer::ok(feed_of(1..=3)).header("etag", format!("\"{}\"", ask.before))
    });
    nothing_moves("F-H22 a body that names its server", |ask| {
        let channel = format!("<generator>máy {}</generator>", ask.before);
        Answer::ok(feed_with(&channel, 1)).header("etag", format!("\"{}\"", ask.before))
    });
}

#[test]
fn f_h23_a_document_that_always_changed_just_now_moves_no_item() {
    nothing_moves("F-H23", |ask| {
        let now = ask.at.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let channel = format!("<lastBuildDate>{now}</lastBuildDate><pubDate>{now}</pubDate>");
        Answer::ok(feed_with(&channel, 1)).header("last-modified", now)
    });
}

#[test]
fn f_h24_two_servers_of_which_one_is_behind_neither_take_away_nor_bring_again() {
    nothing_moves("F-H24", |ask| {
        let (tag, items) = if ask.before.is_multiple_of(2) { ("\"cũ\"", 1..=3) } else { ("\"mới\"", 2..=5) };
        match ask.header("if-none-match") == Some(tag.as_bytes()) {
            true => Answer::status(304),
            false => Answer::ok(feed_of(items)).header("etag", tag),
        }
    });
}
