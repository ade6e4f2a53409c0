//! A month of many sources, judged by what the server saw and not by what the program believes of itself.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::world::{Answer, Ask, World, feed_with};
use crate::schedule::Time;

/// How a source of this number answers: most never change, some do each day; some ask for patience in one of the ways there are.
fn answer(number: usize, ask: &Ask) -> Answer {
    let day = (ask.at.timestamp() / 86_400).unsigned_abs();
    let edition = if number.is_multiple_of(4) { day } else { 0 };
    let tag = format!("\"{number}-{edition}\"");
    let spell = usize::try_from(day).unwrap() + number;
    match number % 20 {
        1 if spell.is_multiple_of(7) => return Answer::status(429).header("retry-after", "5400"),
        2 if spell.is_multiple_of(9) => return Answer::status(503).header("retry-after", "20000"),
        3 if spell.is_multiple_of(5) => return Answer::status(500),
        _ => {}
    }
    let answer = match ask.header("if-none-match") == Some(tag.as_bytes()) {
        true => Answer::status(304),
        false => {
            let channel = match number % 20 {
                4 => "<ttl>120</ttl>",
                5 => "<skipHours><hour>17</hour><hour>18</hour><hour>19</hour></skipHours>",
                6 => "<sy:updatePeriod>hourly</sy:updatePeriod>",
                _ => "",
            };
            Answer::ok(feed_with(channel, usize::try_from(edition).unwrap()))
        }
    };
    let answer = answer.header("etag", tag);
    if number % 20 == 7 { answer.header("cache-control", "max-age=7200") } else { answer }
}

/// The shortest wait in seconds that a source of this number ever asks for.
fn least_gap(number: usize) -> i64 {
    match number % 20 {
        4 | 7 => 7200,
        6 => 3600,
        _ => 1800,
    }
}

/// What a judge at the server counts.
#[derive(Debug, Default)]
struct Judged {
    requests: usize,
    early: usize,
    ignored: usize,
    in_skipped_hours: usize,
    of_unchanged: usize,
    not_modified: usize,
}

fn judge(sources: usize, days: i64) -> Judged {
    let mut world = World::new();
    for number in 0..sources {
        world.source(&format!("n-{number}"), "every = \"30m\"", move |ask| answer(number, ask));
    }
    let log = world.run(TimeDelta::days(days));
    let mut judged = Judged { requests: log.len(), ..Judged::default() };
    let mut last: BTreeMap<usize, Time> = BTreeMap::new();
    let mut not_before: BTreeMap<usize, Time> = BTreeMap::new();
    for ask in &log {
        let number: usize = ask.path.trim_start_matches("/n-").parse().unwrap();
        let begins = last.insert(number, ask.at);
        judged.early += usize::from(begins.is_some_and(|at| ask.at - at < TimeDelta::seconds(least_gap(number))));
        judged.ignored += usize::from(not_before.get(&number).is_some_and(|at| ask.at < *at));
        // What a feed says of its hours is known behind its first answer.
        let hour = ask.at.time().to_string();
        judged.in_skipped_hours +=
            usize::from(number % 20 == 5 && begins.is_some() && ["17", "18", "19"].iter().any(|h| hour.starts_with(h)));
        let answer = answer(number, ask);
        if let Some(wait) = answer.retry_after() {
            not_before.insert(number, ask.at + TimeDelta::seconds(wait));
        }
        if !number.is_multiple_of(4) && begins.is_some() && !matches!(answer.code(), 429 | 500 | 503) {
            judged.of_unchanged += 1;
            judged.not_modified += usize::from(answer.code() == 304);
        }
    }
    judged
}

fn hold(judged: &Judged) {
    assert_eq!((judged.early, judged.ignored, judged.in_skipped_hours), (0, 0, 0), "{judged:?}");
    assert!(judged.not_modified * 100 >= judged.of_unchanged * 99, "{judged:?}");
}

#[test]
fn a_week_of_twenty_sources_are_polite_to_everybody() {
    let judged = judge(20, 7);
    hold(&judged);
    assert!(judged.requests > 4_000, "and nobody is forgotten: {judged:?}");
}

/// `cargo test --release --lib thirty_days -- --ignored --nocapture`
#[test]
#[ignore = "takes minutes; the short one above is run always"]
fn thirty_days_of_a_thousand_sources_are_polite_to_everybody() {
    let judged = judge(1000, 30);
    println!("{judged:?}");
    hold(&judged);
}
