//! P-33 to P-37: where a redirect is followed, and when it is believed.

use chrono::TimeDelta;

use super::world::{Answer, World, feed};

fn good() -> Answer {
    Answer::ok(feed(1)).header("etag", "\"1\"")
}

fn count(log: &[super::world::Ask], path: &str) -> usize {
    log.iter().filter(|a| a.path == path).count()
}

#[test]
fn p_33_a_move_for_good_is_adopted_after_a_day_and_the_admin_is_told() {
    for status in [301, 308] {
        let mut world = World::new();
        world.source("a", "every = \"6h\"", move |_| Answer::status(status).header("location", "/b"));
        world.path("/b", |_| good());
        world.run(TimeDelta::hours(36));
        let log = world.run(TimeDelta::hours(48));
        assert_eq!((count(&log, "/a"), count(&log, "/b")), (0, 8), "{status}: requests go straight there");
        let place = world.state("a").relocation;
        assert!(place.adopted.is_some_and(|to| to.path() == "/b"));
    }
}

#[test]
fn p_33_when_the_new_address_fails_the_old_one_is_asked_once_and_believed_again() {
    let mut world = World::new();
    world.source("a", "every = \"6h\"", |ask| match ask.before < 6 {
        true => Answer::status(301).header("location", "/b"),
        false => good(),
    });
    world.path("/b", |ask| if ask.before < 12 { good() } else { Answer::status(404) });
    world.run(TimeDelta::days(6));
    let log = world.run(TimeDelta::days(1));
    assert_eq!((count(&log, "/b"), count(&log, "/a")), (0, 4));
    assert_eq!((world.class("a"), world.state("a").relocation.adopted), (None, None));
}

#[test]
fn p_33_an_address_that_is_another_every_month_is_never_adopted() {
    let mut world = World::new();
    let host = world.url(0, "");
    let sitemap = move |number: usize| {
        format!("<urlset><url><loc>{host}/tin-so-{number}-post{}.html</loc></url></urlset>", 100_000 + number)
    };
    let more = "every = \"6h\"\nfull_text = \"never\"\nlisting = { least = 1 }";
    world.source_with_url("map", "/map-{yyyy}-{MM}", more);
    for month in [11, 12] {
        world.path(&format!("/map-2026-{month}"), move |_| {
            Answer::status(301).header("location", format!("/www-{month}"))
        });
        let sitemap = sitemap.clone();
        world.path(&format!("/www-{month}"), move |_| Answer::ok(sitemap(month)));
    }
    let log = world.run(TimeDelta::days(12));
    assert!(log.iter().any(|a| a.path == "/map-2026-12"));
}

#[test]
fn p_34_a_passing_redirect_is_followed_each_time_from_the_beginning() {
    for status in [302, 303, 307] {
        let mut world = World::new();
        world.source("a", "every = \"6h\"", move |_| Answer::status(status).header("location", "/b"));
        world.path("/b", |_| good());
        let log = world.run(TimeDelta::days(5));
        assert_eq!(count(&log, "/a"), count(&log, "/b"), "{status}");
        assert!(count(&log, "/a") >= 19);
    }
}

#[test]
fn p_35_chains_circles_and_addresses_that_are_none_end_with_their_name_after_one_request_each() {
    let mut world = World::new();
    let to = |location: String| move |_: &super::world::Ask| Answer::status(302).header("location", &location);
    let cases: [(&str, String, &str); 7] = [
        ("chain", "/c-1".into(), "redirect-too-many"),
        ("circle", "/circle-b".into(), "redirect-loop"),
        ("nowhere", String::new(), "redirect-bad"),
        ("script", "javascript:alert(1)".into(), "redirect-bad"),
        ("long", format!("/{}", "x".repeat(10_000)), "redirect-bad"),
        ("relative", "sub/feed#part".into(), ""),
        ("vietnamese", "/tin-tức".into(), ""),
    ];
    for (id, location, _) in &cases {
        world.source(id, "every = \"30m\"", to(location.clone()));
    }
    for n in 1..9 {
        world.path(&format!("/c-{n}"), to(format!("/c-{}", n + 1)));
    }
    world.path("/circle-b", to("/circle".into()));
    world.path("/sub/feed", |_| good());
    world.path("/tin-t%E1%BB%A9c", |_| good());
    let log = world.run(TimeDelta::minutes(20));
    for (id, _, class) in &cases {
        assert_eq!(world.class(id).unwrap_or_default(), *class, "{id}");
    }
    assert_eq!(count(&log, "/c-5") + count(&log, "/c-6"), 1, "five are followed");
    assert_eq!((count(&log, "/circle"), count(&log, "/circle-b")), (1, 1));
}

#[test]
fn p_37_a_page_at_the_end_of_a_permanent_redirect_is_never_adopted() {
    let mut world = World::new();
    world.source("a", "every = \"6h\"", |_| Answer::status(301).header("location", "/login"));
    world.path("/login", |_| Answer::ok("<html><body>Đăng nhập</body></html>"));
    let log = world.run(TimeDelta::days(6));
    assert_eq!(count(&log, "/a"), count(&log, "/login"));
    let state = world.state("a");
    assert_eq!((state.relocation.adopted, state.relocation.times), (None, 0));
}
