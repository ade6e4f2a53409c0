//! P-01 to P-18: what vouches for a document goes back byte for byte, and only to where it came from.

use chrono::TimeDelta;

use super::world::{Answer, World, feed};

/// The values that one validator takes on the second request after this answer.
fn echoed(given: &str, back: &str, value: &[u8]) -> Option<Vec<u8>> {
    let mut world = World::new();
    let (name, bytes) = (given.to_owned(), value.to_vec());
    world.source("a", "every = \"30m\"", move |_| Answer::ok(feed(1)).header(&name, &bytes));
    let log = world.hours(2, "/a");
    assert!(!log[0].is_conditional(), "P-01: nothing is known of a new source");
    log[1].header(back).map(<[u8]>::to_vec)
}

#[test]
fn p_01_a_new_source_is_asked_for_once_with_get_and_for_nothing_else() {
    let mut world = World::new();
    world.source("a", "every = \"60m\"", |_| Answer::ok(feed(1)).header("etag", "\"1\""));
    let log = world.run(TimeDelta::minutes(59));
    assert_eq!(log.len(), 1, "{log:?}");
    assert_eq!((log[0].method.as_str(), log[0].path.as_str(), log[0].is_conditional()), ("GET", "/a", false));
}

#[test]
fn p_02_p_03_p_04_an_entity_tag_goes_back_byte_for_byte_whatever_it_is() {
    let long = [b"\"".as_slice(), &[b'x'; 4096], b"\""].concat();
    for tag in [
        b"\"abc\"".as_slice(),
        b"W/\"abc\"",
        b"abc",
        b"\"a,b\"",
        b"\"a b\"",
        b"\"\xc3\xa0\xff\x80\"",
        b"\"x-gzip\"",
        b"\"\"",
        &long,
    ] {
        let back = echoed("etag", "if-none-match", tag);
        assert_eq!(back.as_deref(), Some(tag), "{}", String::from_utf8_lossy(tag));
    }
    assert_eq!(echoed("etag", "if-none-match", &[b'x'; 8193]), None, "a validator longer than 8 KiB is none");
}

#[test]
fn p_05_a_date_of_change_goes_back_as_it_was_written() {
    for date in [
        "Mon, 23 Nov 2026 05:00:00 GMT",
        "Monday, 23-Nov-26 05:00:00 GMT",
        "Mon Nov 23 05:00:00 2026",
        "Mon, 23 Nov 2026 12:00:00 +0700",
        "Sun, 1 Nov 2026 5:00:00 GMT",
        "yesterday",
    ] {
        let back = echoed("last-modified", "if-modified-since", date.as_bytes());
        assert_eq!(back.as_deref(), Some(date.as_bytes()), "{date}");
    }
}

#[test]
fn p_06_p_07_both_are_sent_where_there_are_both_and_none_is_made_up() {
    let mut world = World::new();
    world.source("both", "every = \"30m\"", |_| {
        Answer::ok(feed(1)).header("etag", "\"1\"").header("last-modified", "Mon, 23 Nov 2026 05:00:00 GMT")
    });
    world.source("none", "every = \"30m\"", |_| Answer::ok(feed(1)));
    let log = world.run(TimeDelta::hours(2));
    let second = |path: &str| log.iter().filter(|a| a.path == path).nth(1).unwrap().clone();
    assert!(second("/both").header("if-none-match").is_some() && second("/both").header("if-modified-since").is_some());
    assert!(!second("/none").is_conditional());
}

#[test]
fn p_08_p_09_p_10_each_validator_follows_the_last_whole_answer_even_where_the_body_stays() {
    let mut world = World::new();
    world.source("a", "every = \"30m\"", |ask| {
        let answer = Answer::ok(feed(1));
        match ask.before {
            0 => answer.header("etag", "\"1\"").header("last-modified", "one"),
            1 => answer.header("etag", "\"2\"").header("last-modified", "one"),
            2 => answer.header("etag", "\"2\"").header("last-modified", "two"),
            _ => answer,
        }
    });
    let log = world.hours(3, "/a");
    let sent: Vec<_> = log
        .iter()
        .map(|a| {
            [a.header("if-none-match"), a.header("if-modified-since")]
                .map(|v| v.map(|v| String::from_utf8_lossy(v).into_owned()))
        })
        .collect();
    let pair = |tag: &str, date: &str| [Some(tag.to_owned()), Some(date.to_owned())];
    assert_eq!(sent[1..5], [pair("\"1\"", "one"), pair("\"2\"", "one"), pair("\"2\"", "two"), [None, None]]);
}

#[test]
fn p_11_not_modified_renews_the_validators_it_brings_and_keeps_the_others() {
    let mut world = World::new();
    world.source("a", "every = \"30m\"", |ask| match ask.before {
        0 => Answer::ok(feed(1)).header("etag", "\"1\"").header("last-modified", "one"),
        1 => Answer::status(304).header("etag", "\"2\""),
        _ => Answer::status(304),
    });
    let log = world.hours(3, "/a");
    for ask in &log[2..] {
        assert_eq!(ask.header("if-none-match"), Some(b"\"2\"".as_slice()));
        assert_eq!(ask.header("if-modified-since"), Some(b"one".as_slice()));
    }
}

#[test]
fn p_12_not_modified_to_a_first_request_is_a_failure_and_is_not_asked_about_at_once() {
    let mut world = World::new();
    world.source("a", "every = \"10m\"", |_| Answer::status(304));
    let log = world.hours(1, "/a");
    assert_eq!((log.len(), world.class("a").as_deref()), (1, Some("unexpected-304")));
}

#[test]
fn p_14_a_whole_document_that_cannot_be_read_is_not_sent_again_and_stays_a_failure() {
    let mut world = World::new();
    world.source("a", "every = \"30m\"", |ask| match ask.is_conditional() {
        true => Answer::status(304),
        false => Answer::ok("<rss><channel>".repeat(2000)).header("etag", "\"1\""),
    });
    let log = world.hours(48, "/a");
    assert!(log.len() > 2 && log[1..].iter().all(super::world::Ask::is_conditional), "{}", log.len());
    let state = world.state("a");
    assert!(state.health.failures as usize >= log.len() - 1, "{:?}", state.health);
}

#[test]
fn p_15_validators_belong_to_the_address_that_gave_them() {
    let mut world = World::new();
    world.source("a", "every = \"30m\"", |_| Answer::status(302).header("location", "/b").header("etag", "\"a\""));
    world.path("/b", |_| Answer::ok(feed(1)).header("etag", "\"b\""));
    let log = world.run(TimeDelta::hours(3));
    assert!(log.iter().filter(|a| a.path == "/a").all(|a| !a.is_conditional()));
    let tags: Vec<_> = log.iter().filter(|a| a.path == "/b").map(|a| a.header("if-none-match")).collect();
    assert_eq!(tags[0], None);
    assert!(tags[1..].iter().all(|tag| *tag == Some(b"\"b\"".as_slice())));
}

#[test]
fn p_16_a_hundred_restarts_cost_no_request_before_its_time_and_none_without_conditions() {
    let mut world = World::new();
    world.source("a", "every = \"60m\"", |ask| match ask.is_conditional() {
        true => Answer::status(304),
        false => Answer::ok(feed(1)).header("etag", "\"1\""),
    });
    let mut log = Vec::new();
    for _ in 0..100 {
        log.extend(world.run(TimeDelta::minutes(6)));
    }
    assert!(super::world::gaps(&log).iter().all(|gap| *gap >= 59), "{:?}", super::world::gaps(&log));
    assert!(log.len() >= 9 && log[1..].iter().all(super::world::Ask::is_conditional));
}

#[test]
fn p_17_a_server_that_says_not_modified_for_ever_is_asked_for_the_whole_once_a_week_if_its_feed_used_to_change() {
    let lying = |ask: &super::world::Ask| match ask.is_conditional() {
        true if ask.before > 1 => Answer::status(304),
        _ => Answer::ok(feed(ask.before)).header("etag", format!("\"{}\"", ask.before)),
    };
    let mut world = World::new();
    world.source("changed", "every = \"2h\"", lying);
    world.source("never-changed", "every = \"2h\"", |ask| match ask.is_conditional() {
        true => Answer::status(304),
        false => Answer::ok(feed(1)).header("etag", "\"1\""),
    });
    world.source("opted-out", "every = \"2h\"\nprobe = false", lying);
    let log = world.run(TimeDelta::days(30));
    let whole = |path: &str| log.iter().filter(|a| a.path == path && !a.is_conditional()).count();
    assert!((3..=5).contains(&whole("/changed")), "{}", whole("/changed"));
    assert_eq!((whole("/never-changed"), whole("/opted-out")), (1, 1));
}

#[test]
fn p_18_what_must_not_be_cached_is_still_asked_about_with_conditions() {
    for (name, value) in [("expires", "0"), ("cache-control", "no-store"), ("cache-control", "no-cache")] {
        let mut world = World::new();
        world.source("a", "every = \"30m\"", move |_| Answer::ok(feed(1)).header(name, value).header("etag", "\"1\""));
        let log = world.hours(2, "/a");
        assert!(log[1..].iter().all(super::world::Ask::is_conditional), "{value}");
        assert!(super::world::gaps(&log).iter().all(|gap| (29..=31).contains(gap)), "{value}");
    }
}
