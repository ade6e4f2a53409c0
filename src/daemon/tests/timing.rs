//! P-20 to P-46: when a source is asked again.

use chrono::{Datelike, TimeDelta, Timelike};

use super::world::{Answer, Ask, World, feed, feed_with, gaps, start};
use crate::schedule::{Cause, Time};

/// The waits in minutes of a source over so many hours, polled every half hour if it were for the admin alone.
fn waits(hours: i64, handler: impl Fn(&Ask) -> Answer + Send + Sync + 'static) -> (Vec<i64>, Cause) {
    let mut world = World::new();
    world.source("a", "every = \"30m\"", handler);
    let log = world.hours(hours, "/a");
    (gaps(&log), world.cause("a"))
}

/// A good answer with a validator.
fn good() -> Answer {
    Answer::ok(feed(1)).header("etag", "\"1\"")
}

#[test]
fn p_20_the_interval_is_kept_to_the_second() {
    let mut world = World::new();
    for n in 0..20 {
        world.source(&format!("n-{n}"), "every = \"20m\"", |_| good());
    }
    let log = world.run(TimeDelta::hours(24));
    for n in 0..20 {
        let of: Vec<Ask> = log.iter().filter(|a| a.path == format!("/n-{n}")).cloned().collect();
        assert!(of.windows(2).all(|w| w[1].at - w[0].at >= TimeDelta::minutes(20)), "no request is early");
        assert!(of.len() >= 70, "and none is forgotten: {}", of.len());
    }
}

#[test]
fn p_21_a_server_without_validators_or_lifetime_is_asked_every_three_hours_unless_the_admin_says_more() {
    let mut world = World::new();
    world.source("silent", "", |_| Answer::ok(feed(1)));
    world.source("lifetime", "", |_| Answer::ok(feed(1)).header("cache-control", "max-age=60"));
    world.source("own", "every = \"30m\"", |_| Answer::ok(feed(1)));
    let log = world.run(TimeDelta::hours(24));
    let count = |path: &str| log.iter().filter(|a| a.path == path).count();
    assert_eq!(count("/silent"), 8);
    assert!(count("/lifetime") >= 47 && count("/own") >= 47);
    assert_eq!(world.cause("silent"), Cause::Unvouched);
}

#[test]
fn p_22_p_23_p_24_a_lifetime_is_waited_for_in_every_spelling_up_to_a_day() {
    let date = start().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let later = (start() + TimeDelta::hours(2)).format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let cases: Vec<(Vec<(&str, String)>, i64)> = vec![
        (vec![("cache-control", "max-age=7200".into())], 120),
        (vec![("cache-control", "max-age=7200".into()), ("age", "600".into())], 110),
        (vec![("cache-control", "max-age=\"7200\"".into())], 120),
        (vec![("cache-control", "public, MAX-AGE=7200".into())], 120),
        (vec![("cache-control", "max-age=7200, max-age=60".into())], 120),
        (vec![("cache-control", "max-age=-1".into())], 30),
        (vec![("cache-control", "max-age=99999999999999999999".into())], 24 * 60),
        (vec![("cache-control", "s-maxage=7200".into())], 30),
        (vec![("date", date.clone()), ("expires", later)], 120),
        (vec![("date", date), ("expires", "0".into())], 30),
    ];
    for (headers, expected) in cases {
        let shown = format!("{headers:?}");
        let (waits, _) = waits(26, move |ask| {
            // The first answer alone: the dates are of one moment.
            let headers = if ask.before == 0 { headers.as_slice() } else { &[] };
            headers.iter().fold(good(), |answer, (name, value)| answer.header(name, value))
        });
        assert!((expected..=expected + 1).contains(&waits[0]), "{shown}: {waits:?}");
    }
}

#[test]
fn p_25_p_26_a_time_to_come_back_is_kept_with_every_status_and_in_every_form() {
    let date = |minutes: i64, form: &str| (start() + TimeDelta::minutes(minutes)).format(form).to_string();
    for status in [429, 503, 403, 500] {
        let (waits, _) = waits(13, move |ask| match ask.before {
            0 => Answer::status(status).header("retry-after", "36000"),
            _ => good(),
        });
        assert!((600..=601).contains(&waits[0]), "{status}: {waits:?}");
    }
    for form in ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"] {
        let (given, now) = (date(600, form), date(0, "%a, %d %b %Y %H:%M:%S GMT"));
        // The server's clock runs two hours behind ours.
        let (waits, cause) = waits(9, move |_| Answer::status(429).header("retry-after", &given).header("date", &now));
        assert!(waits.is_empty() && cause == Cause::RetryAfter, "{form}: {waits:?}");
    }
    for worthless in ["-5", "abc", "1e9", "Mon, 23 Nov 2020 05:00:00 GMT"] {
        let (waits, _) = waits(4, move |_| Answer::status(429).header("retry-after", worthless));
        assert!((60..=73).contains(&waits[0]), "{worthless}: {waits:?}");
    }
    let (waits, cause) = waits(24 * 8, |_| Answer::status(503).header("retry-after", "315360000"));
    assert!((24 * 60 * 7..=24 * 60 * 7 + 20).contains(&waits[0]) && cause == Cause::RetryAfter, "{waits:?}");
}

#[test]
fn p_27_a_redirect_that_asks_for_patience_is_not_followed_before() {
    let mut world = World::new();
    world.source("a", "every = \"30m\"", |ask| match ask.before {
        0 => Answer::status(302).header("location", "/b").header("retry-after", "7200"),
        _ => Answer::status(302).header("location", "/b"),
    });
    world.path("/b", |_| good());
    let log = world.run(TimeDelta::hours(3));
    let first = |path: &str| log.iter().find(|a| a.path == path).unwrap().at;
    assert!(first("/b") - first("/a") >= TimeDelta::hours(2));
}

#[test]
fn p_28_too_many_requests_silences_the_host_for_an_hour_and_the_address_as_long_as_it_says_and_503_the_address_alone() {
    let mut world = World::new();
    let refusing = |status| move |_: &Ask| Answer::status(status).header("retry-after", "18000");
    world.source_at(1, "throttled", "every = \"10m\"", refusing(429));
    world.source_at(1, "neighbour", "every = \"10m\"", |_| good());
    world.source_at(2, "elsewhere", "every = \"10m\"", |_| good());
    world.source_at(3, "unavailable", "every = \"10m\"", refusing(503));
    world.source_at(3, "beside", "every = \"10m\"", |_| good());
    let log = world.run(TimeDelta::hours(4));
    let times = |path: &str| log.iter().filter(|a| a.path == path).map(|a| a.at).collect::<Vec<_>>();
    let refused = times("/throttled")[0];
    assert_eq!((times("/throttled").len(), times("/unavailable").len()), (1, 1));
    let meanwhile =
        |path: &str| times(path).iter().filter(|t| **t > refused && **t < refused + TimeDelta::hours(1)).count();
    assert_eq!(meanwhile("/neighbour"), 0);
    assert!(meanwhile("/elsewhere") >= 5 && meanwhile("/beside") >= 5);
    assert!(
        times("/neighbour").iter().filter(|t| **t > refused + TimeDelta::hours(1)).count() >= 10,
        "it comes back alone"
    );
    assert_eq!(world.state("neighbour").health.failures, 0, "and is not to blame");
}

#[test]
fn p_28_a_restart_forgets_no_silence() {
    let mut world = World::new();
    world.source_at(1, "throttled", "every = \"10m\"", |_| Answer::status(429).header("retry-after", "18000"));
    world.source_at(1, "neighbour", "every = \"60m\"", |_| good());
    while world.run(TimeDelta::minutes(1)).iter().all(|a| a.path != "/throttled") {}
    let quiet = world.run(TimeDelta::minutes(58));
    assert!(quiet.is_empty(), "{quiet:?}");
}

#[test]
fn p_29_without_a_time_to_come_back_the_waits_double_from_an_hour_to_a_day_and_begin_anew_after_a_good_answer() {
    for status in [429, 503] {
        let (waits, _) = waits(24 * 6, move |ask| if ask.before == 8 { good() } else { Answer::status(status) });
        assert!((60..=72).contains(&waits[0]) && (96..=144).contains(&waits[1]), "{waits:?}");
        assert!(waits.iter().all(|w| *w <= 29 * 60), "{waits:?}");
        assert!((60..=72).contains(&waits[9]), "after a good answer: {waits:?}");
    }
}

#[test]
fn p_30_a_server_that_is_down_gets_at_most_twelve_requests_a_day() {
    let (waits, cause) = waits(24, |_| Answer::status(500));
    assert!(waits.len() < 12 && cause == Cause::Backoff, "{waits:?}");
}

#[test]
fn p_31_who_does_not_want_us_is_asked_after_four_hours_and_from_the_third_time_after_a_day() {
    for status in [401, 403, 404] {
        let (waits, _) = waits(24 * 5, move |_| Answer::status(status));
        assert!(
            waits[..2].iter().all(|w| *w >= 240) && waits[2..].iter().all(|w| *w >= 24 * 60),
            "{status}: {waits:?}"
        );
    }
}

#[test]
fn p_32_what_is_gone_is_asked_about_once_more_a_day_later_and_then_no_more_and_its_items_stay() {
    let mut world = World::new();
    world.source("a", "every = \"30m\"", |ask| if ask.before == 0 { good() } else { Answer::status(410) });
    let log = world.hours(24 * 30, "/a");
    assert_eq!(log.len(), 3);
    assert!(log[2].at - log[1].at >= TimeDelta::hours(24));
    assert_eq!((world.cause("a"), world.items()), (Cause::Stopped, 1));
    assert!(world.hours(24, "/a").is_empty(), "nor after a restart");
}

#[test]
fn p_31_and_p_32_what_came_before_a_refusal_is_not_counted_with_it() {
    let mut world = World::new();
    world.source("gone", "every = \"30m\"", |ask| match ask.before {
        0 => good(),
        1..=3 => Answer::status(500),
        4 => Answer::status(410),
        _ => good(),
    });
    world.source("shut", "every = \"30m\"", |ask| Answer::status(if ask.before < 4 { 500 } else { 403 }));
    let log = world.run(TimeDelta::days(4));
    assert_eq!((world.class("gone"), world.cause("gone")), (None, Cause::Cadence), "one 410 is not two");
    let shut: Vec<Ask> = log.into_iter().filter(|a| a.path == "/shut").collect();
    assert!((240..=288).contains(&gaps(&shut)[4]), "{:?}", gaps(&shut));
}

#[test]
fn p_25_a_wish_that_something_else_outlasts_still_holds_for_whoever_asks_sooner() {
    let mut world = World::new();
    world.source("a", "every = \"6h\"", |_| Answer::status(429).header("retry-after", "7200"));
    while world.run(TimeDelta::minutes(1)).is_empty() {}
    let state = world.state("a");
    let wish = state.not_before.unwrap() - state.health.polled_at.unwrap();
    assert_eq!((state.due.unwrap().cause, wish.num_minutes()), (Cause::Cadence, 120));
}

#[test]
fn p_28_a_reload_that_changes_the_manners_forgets_no_silence() {
    let mut world = World::new();
    world.source_at(1, "throttled", "every = \"10m\"", |_| Answer::status(429).header("retry-after", "18000"));
    world.source_at(1, "neighbour", "every = \"60m\"", |_| good());
    while world.run(TimeDelta::minutes(1)).iter().all(|a| a.path != "/throttled") {}
    world.manners("host_gap = \"0s\"\nper_host = 2\n");
    assert!(world.run_with_reloads(TimeDelta::minutes(50), 5).is_empty());
}

#[test]
fn p_16_a_restart_keeps_the_rhythm_that_was_learnt() {
    let mut world = World::new();
    let daily = |now: Time| (now - start()).num_days().max(0).unsigned_abs();
    world.source("a", "every = \"auto\"", move |ask| {
        let n = usize::try_from(daily(ask.at)).unwrap() * 5;
        let items: String = (n.saturating_sub(4)..=n)
            .map(|i| format!("<item><guid>{i}</guid><title>Tin {i} của xã mẫu hôm nay</title></item>"))
            .collect();
        Answer::ok(format!("<rss><channel><title>B</title>{items}</channel></rss>")).header("etag", format!("\"{n}\""))
    });
    world.run(TimeDelta::days(30));
    let calm: Vec<i64> = gaps(&world.run(TimeDelta::hours(12)));
    let mut log = Vec::new();
    for _ in 0..24 {
        log.extend(world.run(TimeDelta::minutes(30)));
    }
    assert!(calm.iter().max() > Some(&60), "{calm:?}");
    assert!(log.len() <= calm.len() + 3, "{} polls with restarts, {} without", log.len(), calm.len() + 1);
}

#[test]
fn p_39_a_thousand_that_fall_due_together_are_spread_over_a_quarter_of_an_hour() {
    let mut world = World::new();
    for n in 0..1000 {
        world.source(&format!("n-{n}"), "every = \"60m\"", |_| good());
    }
    let log = world.run(TimeDelta::minutes(20));
    assert_eq!(log.len(), 1000);
    let (first, last) = (log[0].at, log[log.len() - 1].at);
    assert!(last - first >= TimeDelta::minutes(14), "{}", last - first);
    let mut per_minute = [0_usize; 20];
    for ask in &log {
        per_minute[usize::try_from((ask.at - first).num_minutes()).unwrap()] += 1;
    }
    assert!(per_minute.iter().all(|n| *n <= 2 * 1000 / 15), "{per_minute:?}");
    // A week off, and all are overdue.
    world.clock.set(world.clock.now() + TimeDelta::days(7));
    let log = world.run(TimeDelta::minutes(20));
    let spread = log.last().unwrap().at - log[0].at;
    assert!(spread >= TimeDelta::minutes(14), "{} requests within {spread}", log.len());
}

#[test]
fn p_40_a_hundred_reloads_ask_nobody_sooner() {
    let mut world = World::new();
    world.source("a", "every = \"60m\"", |_| good());
    let log = world.run_with_reloads(TimeDelta::hours(10), 100);
    assert!(log.windows(2).all(|w| w[1].at - w[0].at >= TimeDelta::hours(1)), "{:?}", gaps(&log));
    assert!(log.len() >= 9);
}

#[test]
fn p_42_a_feeds_ttl_lengthens_the_wait_up_to_a_day_and_what_is_no_number_does_not() {
    for (ttl, expected) in [("180", 180), ("0", 30), ("-5", 30), ("1000000000", 24 * 60), ("often", 30)] {
        let (waits, _) =
            waits(26, move |_| Answer::ok(feed_with(&format!("<ttl>{ttl}</ttl>"), 1)).header("etag", "\"1\""));
        assert!((expected..=expected + 1).contains(&waits[0]), "{ttl}: {waits:?}");
    }
}

/// The hours at GMT in which a source was asked over so many days.
fn hours_asked(days: i64, channel: &'static str) -> Vec<(u32, chrono::Weekday)> {
    let mut world = World::new();
    world.source("a", "every = \"20m\"", move |_| Answer::ok(feed_with(channel, 1)).header("etag", "\"1\""));
    let log = world.hours(24 * days, "/a");
    log[1..].iter().map(|a| (a.at.hour(), a.at.weekday())).collect()
}

#[test]
fn p_43_nobody_is_asked_in_the_hours_and_on_the_days_that_a_feed_wants_skipped() {
    let night = "<skipHours><hour>0</hour><hour>1</hour><hour>2</hour><hour>3</hour><hour>24</hour></skipHours>";
    let asked = hours_asked(2, night);
    assert!(asked.iter().all(|(hour, _)| *hour > 3) && asked.iter().any(|(hour, _)| *hour == 4), "{asked:?}");
    let weekend = "<skipDays><day>Saturday</day><day>Sunday</day></skipDays>";
    let asked = hours_asked(8, weekend);
    assert!(asked.iter().all(|(_, day)| day.num_days_from_monday() < 5), "{asked:?}");
    let mut failing = World::new();
    failing.source("a", "every = \"20m\"", move |ask| match ask.before {
        0 => Answer::ok(feed_with(night, 1)).header("etag", "\"1\""),
        _ => Answer::status(500),
    });
    let asked = failing.hours(48, "/a");
    assert!(asked[1..].iter().all(|a| (4..24).contains(&a.at.hour())), "nor after a failure");
    let always: String = (0..24).map(|hour| format!("<hour>{hour}</hour>")).collect();
    let always: &'static str = format!("<skipHours>{always}</skipHours>").leak();
    let mut world = World::new();
    world.source("a", "every = \"20m\"", move |_| Answer::ok(feed_with(always, 1)).header("etag", "\"1\""));
    assert!(world.hours(24, "/a").len() >= 70, "to be skipped always is not meant");
    assert_eq!(world.state("a").health.repairs.as_deref(), Some("skips-everything"), "and is said");
}

#[test]
fn p_44_a_feed_that_says_how_often_it_changes_is_asked_as_often() {
    for (channel, expected) in [
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", 12 * 60),
        ("<sy:updatePeriod>daily</sy:updatePeriod>", 24 * 60),
        ("<sy:updatePeriod>yearly</sy:updatePeriod>", 24 * 60),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", 60),
        ("<sy:updatePeriod>now and then</sy:updatePeriod>", 30),
    ] {
        let (waits, _) = waits(26, move |_| Answer::ok(feed_with(channel, 1)).header("etag", "\"1\""));
        assert!((expected..=expected + 1).contains(&waits[0]), "{channel}: {waits:?}");
    }
}

#[test]
fn p_45_all_signals_at_once_give_the_longest_wait() {
    let (waits, _) = waits(9, |_| {
        Answer::ok(feed_with("<ttl>120</ttl>", 1)).header("etag", "\"1\"").header("cache-control", "max-age=14400")
    });
    assert!((240..=241).contains(&waits[0]), "{waits:?}");
}

#[test]
fn a_source_that_publishes_in_office_hours_is_asked_when_it_publishes_and_missed_when_it_falls_silent() {
    let mut world = World::new();
    // Twelve items a working day, at +07:00, for four weeks; then nothing.
    let office = |time: Time| (8..17).contains(&((time.hour() + 7) % 24)) && time.weekday().num_days_from_monday() < 5;
    let number = move |now: Time| {
        let hours = (now - start()).num_hours().min(28 * 24);
        (0..hours).filter(|h| office(start() + TimeDelta::hours(*h))).count()
    };
    world.source("a", "every = \"auto\"", move |ask| {
        let n = number(ask.at);
        match ask.header("if-none-match") == Some(format!("\"{n}\"").as_bytes()) {
            true => Answer::status(304),
            false => Answer::ok(feed(n)).header("etag", format!("\"{n}\"")),
        }
    });
    let log = world.hours(28 * 24, "/a");
    let last_week: Vec<&Ask> = log.iter().filter(|a| a.at > start() + TimeDelta::days(21)).collect();
    let in_office = last_week.iter().filter(|a| office(a.at)).count();
    assert!(log.windows(2).all(|w| w[1].at - w[0].at >= TimeDelta::minutes(10)), "never faster than the floor");
    assert!(in_office * 2 > last_week.len(), "{in_office} of {} polls when it publishes", last_week.len());
    assert!(last_week.len() < 7 * 48 / 2, "half of the polls of every half hour: {}", last_week.len());
    assert_eq!(world.cause("a"), Cause::Rhythm);
    assert!(!world.silence("a").alarming);
    world.hours(5 * 24, "/a");
    assert!(world.silence("a").alarming, "{:?}", world.silence("a"));
}

#[test]
fn p_55_a_body_without_end_is_not_paid_for_every_hour() {
    let (waits, _) = waits(50, |_| Answer::ok(vec![b' '; 9 << 20]));
    assert!(waits.iter().all(|w| *w >= 24 * 60), "{waits:?}");
}

#[test]
fn f_n15_when_our_own_network_is_down_nobody_is_blamed_and_all_come_back_spread() {
    let mut world = World::new();
    for n in 0..20 {
        // Nobody listens there.
        world.source_at(n, &format!("n-{n}"), "every = \"10m\"", |_| good());
    }
    world.break_network();
    world.run(TimeDelta::hours(6));
    let blamed = (0..20).filter(|n| world.state(&format!("n-{n}")).health.failures > 2).count();
    assert_eq!(blamed, 0);
    world.mend_network();
    let log = world.run(TimeDelta::minutes(30));
    let back: std::collections::BTreeSet<&str> = log.iter().map(|a| a.path.as_str()).collect();
    assert_eq!(back.len(), 20, "all are back within half an hour");
}
