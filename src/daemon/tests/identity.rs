//! P-46, P-50 to P-54: who we say we are, on every request, and what we do not send.

use chrono::TimeDelta;

use super::world::{Answer, Ask, World, feed, start};

/// The requests of a poll through a redirect, and of a page of headlines with its robots.txt.
fn every_kind() -> Vec<Ask> {
    let mut world = World::new();
    world.source("a", "every = \"30m\"", |_| {
        Answer::status(302).header("location", "/b#part").header("set-cookie", "a=1").header("etag", "\"1\"")
    });
    world.path("/b", |_| Answer::ok(feed(1)).header("etag", "\"2\"").header("set-cookie", "b=2"));
    world.source("page", "every = \"30m\"\nlisting = {}", |_| Answer::ok("<html></html>"));
    world.path("/robots.txt", |_| Answer::ok("User-agent: *\nDisallow: /private\n"));
    world.run(TimeDelta::hours(2))
}

#[test]
fn p_50_p_51_p_53_every_request_says_who_asks_and_carries_nothing_else_of_us() {
    let log = every_kind();
    for path in ["/a", "/b", "/page", "/robots.txt"] {
        assert!(log.iter().any(|a| a.path == path), "{path}");
    }
    let agent = format!("dongtin/{} (+mailto:tin@hamau.vn)", env!("CARGO_PKG_VERSION"));
    for ask in &log {
        assert_eq!(ask.header("user-agent"), Some(agent.as_bytes()));
        assert_eq!(ask.method, "GET");
        for name in [
            "referer",
            "cookie",
            "cache-control",
            "pragma",
            "upgrade-insecure-requests",
            "authorization",
            "range",
            "expect",
            "x-forwarded-for",
        ] {
            assert_eq!(ask.header(name), None, "{name} of {}", ask.path);
        }
    }
}

#[test]
fn p_52_what_is_accepted_is_what_we_read_and_feeds_come_first() {
    let log = every_kind();
    assert!(log.iter().all(|a| a.header("accept-encoding") == Some(b"gzip, br, zstd")));
    let accept =
        String::from_utf8_lossy(log.iter().find(|a| a.path == "/b").unwrap().header("accept").unwrap()).into_owned();
    assert!(accept.starts_with("application/atom+xml") && accept.ends_with("*/*;q=0.1"), "{accept}");
}

#[test]
fn p_54_a_difference_is_asked_for_with_a_tag_only_and_what_is_missing_in_it_is_not_gone() {
    let mut world = World::new();
    world.source("a", "every = \"30m\"", |ask| match ask.before {
        0 => Answer::ok(feed(1)).header("etag", "\"1\""),
        1 => Answer::status(226).header("im", "feed").header("etag", "\"2\"").with(feed(2)),
        _ => Answer::status(304),
    });
    let log = world.hours(3, "/a");
    assert_eq!(log[0].header("a-im"), None);
    assert!(log[1..].iter().all(|a| a.header("a-im") == Some(b"feed")));
    assert_eq!((world.items(), world.class("a")), (2, None));
    assert_eq!(log[2].header("if-none-match"), Some(b"\"2\"".as_slice()));
}

#[test]
fn p_46_robots_txt_decides_about_pages_that_were_found_and_not_about_a_feed_somebody_typed() {
    let mut world = World::new();
    let page = "<html><body>".to_owned()
        + &*(0..9).map(|n| format!("<div class=\"tin\"><h3><a href=\"/tin-{n}-post10000{n}.html\">Tin số {n} về việc học Bác</a></h3></div>")).collect::<String>();
    let listed = page.clone();
    world.source("open", "every = \"30m\"\nlisting = { item = \".tin\" }", move |_| Answer::ok(page.clone()));
    world.source("closed", "every = \"30m\"\nlisting = { item = \".tin\" }", move |_| Answer::ok(listed.clone()));
    world.source("feed", "every = \"30m\"", |_| Answer::ok(feed(1)));
    world.path("/robots.txt", |_| Answer::ok("User-agent: dongtin\nDisallow: /closed\nDisallow: /feed\n"));
    let log = world.run(TimeDelta::days(2));
    let asked = |path: &str| log.iter().filter(|a| a.path == path).count();
    assert_eq!((asked("/closed"), world.class("closed").as_deref()), (0, Some("robots")));
    assert!(asked("/open") > 10 && asked("/feed") > 10);
    let hosts: std::collections::BTreeSet<&str> = log.iter().map(|a| a.host.as_str()).collect();
    for host in hosts {
        let times: Vec<_> = log.iter().filter(|a| a.path == "/robots.txt" && a.host == host).map(|a| a.at).collect();
        assert!(times.windows(2).all(|w| w[1] - w[0] >= TimeDelta::hours(23)), "kept for a day");
    }
}

#[test]
fn p_46_a_robots_txt_that_asks_for_patience_is_asked_for_no_sooner() {
    let mut world = World::new();
    world.source("page", "every = \"30m\"\nlisting = { item = \".tin\" }", |_| Answer::ok("<html></html>"));
    world.path("/robots.txt", |_| Answer::status(503).header("retry-after", "86400"));
    let log = world.run(TimeDelta::hours(23));
    assert_eq!(log.len(), 1, "{log:?}");
}

#[test]
fn p_46_a_robots_txt_that_is_not_there_allows_and_one_that_cannot_be_had_forbids_until_it_can() {
    for (status, class) in [(404, "drift"), (503, "robots-unreachable"), (500, "robots-unreachable")] {
        let mut world = World::new();
        world.source("page", "every = \"30m\"\nlisting = { item = \".tin\" }", |_| Answer::ok("<html></html>"));
        world.path("/robots.txt", move |_| Answer::status(status));
        let log = world.run(TimeDelta::minutes(20));
        assert_eq!(world.class("page").as_deref(), Some(class), "{status}");
        assert_eq!(log.iter().filter(|a| a.path == "/page").count(), usize::from(status == 404));
        assert!(log[0].at >= start());
    }
}
