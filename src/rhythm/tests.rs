//! What a rhythm says of sources whose habits are known.

use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;

use super::simulation::{CEILING, FLOOR, SOURCES, Source, auto, fixed, follow, midnight, publish};
use super::*;

/// A Monday.
fn begin() -> Time {
    midnight(2026, 8, 3)
}

/// So many weeks and hours later.
fn later(weeks: i64, hours: i64) -> Time {
    begin() + TimeDelta::weeks(weeks) + TimeDelta::hours(hours)
}

fn source(name: &str) -> &'static Source {
    SOURCES.iter().find(|s| s.name == name).unwrap()
}

/// Eight weeks of a source.
fn history(name: &str) -> Vec<Time> {
    publish(source(name), begin(), 56, 1)
}

fn learned(name: &str) -> Rhythm {
    Rhythm::learn(&history(name), later(8, 0))
}

fn minutes_after(rhythm: &Rhythm, at: Time) -> f64 {
    (rhythm.next_after(at, FLOOR, CEILING) - at).as_seconds_f64() / 60.0
}

#[test]
fn little_history_is_no_rhythm() {
    let hourly = |n: i64| -> Vec<Time> { (0..n).map(|hour| later(0, hour * 9)).collect() };
    for (items, is_known) in [(hourly(0), false), (hourly(1), false), (hourly(19), false), (hourly(20), true)] {
        assert_eq!(Rhythm::learn(&items, later(3, 0)).is_known(), is_known, "{} items", items.len());
    }
    let in_six_days: Vec<Time> = (0..500).map(|n| begin() + TimeDelta::minutes(n * 17)).collect();
    let unknown = Rhythm::learn(&in_six_days, later(1, 0));
    assert!(!unknown.is_known());
    assert_eq!(minutes_after(&unknown, later(1, 0)), 30.0);
    let after = |floor, ceiling| {
        unknown.next_after(begin(), Duration::from_mins(floor), Duration::from_mins(ceiling)) - begin()
    };
    assert_eq!((after(45, 360), after(10, 20)), (TimeDelta::minutes(45), TimeDelta::minutes(20)));
    assert_eq!(unknown.silence(begin(), later(50, 0)), Silence { expected: 0.0, alarming: false });
}

#[test]
fn a_history_is_what_came_by_now_in_any_order() {
    let items = history("provincial paper");
    let mut mixed = items.clone();
    mixed.reverse();
    mixed.extend([later(9, 0), DateTime::<chrono::Utc>::MAX_UTC]);
    assert_eq!(Rhythm::learn(&mixed, later(8, 0)), Rhythm::learn(&items, later(8, 0)));
}

#[test]
fn hours_days_and_weekends_are_learned() {
    let portal = learned("office-hours portal");
    let (wednesday, saturday) = (later(8, 48), later(8, 120));
    let hours = |day: Time, hour| minutes_after(&portal, day + TimeDelta::hours(hour));
    assert!(hours(wednesday, 9) < 40.0, "{}", hours(wednesday, 9));
    assert!(hours(wednesday, 20) > 90.0, "{}", hours(wednesday, 20));
    assert!(hours(saturday, 9) > 90.0, "{}", hours(saturday, 9));
    let before_work = wednesday + TimeDelta::minutes(7 * 60 + 30);
    let wait = minutes_after(&portal, before_work);
    assert!((30.0..80.0).contains(&wait), "it is asked soon after something may have come: {wait}");
}

#[test]
fn recent_weeks_weigh_more() {
    let daily = |weeks: std::ops::Range<i64>, hour: i64| {
        weeks.flat_map(move |week| {
            (0..7).flat_map(move |day| (0..4).map(move |n| later(week, day * 24 + hour) + TimeDelta::minutes(n * 10)))
        })
    };
    let items: Vec<Time> = daily(0..4, 8).chain(daily(4..8, 20)).collect();
    let rhythm = Rhythm::learn(&items, later(8, 0));
    let expected = |hour| rhythm.silence(later(8, hour), later(8, hour + 1)).expected;
    assert!(expected(20) > 2.0 * expected(8) && expected(8) > 5.0 * expected(3), "{} {}", expected(20), expected(8));
}

#[test]
fn few_items_are_not_taken_for_a_law() {
    // Twenty-one mornings of one item each.
    let items: Vec<Time> = (0..21).map(|day| later(0, day * 24 + 9)).collect();
    let rhythm = Rhythm::learn(&items, later(3, 0));
    let expected = |hour| rhythm.silence(later(3, hour), later(3, hour + 1)).expected;
    assert!((0.3..1.0).contains(&expected(9)), "{}", expected(9));
    assert!(expected(15) > 0.005, "an afternoon is not impossible: {}", expected(15));
    let week = rhythm.silence(later(3, 0), later(4, 0)).expected;
    assert!((5.0..9.0).contains(&week), "{week}");
}

#[test]
fn the_expected_number_is_what_comes() {
    for name in
        ["newspaper, day and night", "provincial paper", "office-hours portal", "burst at 17:00", "without any rhythm"]
    {
        let items = publish(source(name), begin(), 84, 1);
        let (before, after): (Vec<Time>, Vec<Time>) = items.iter().partition(|t| **t < later(8, 0));
        let expected = Rhythm::learn(&before, later(8, 0)).silence(later(8, 0), later(12, 0)).expected;
        let ratio = after.len() as f64 / expected;
        assert!((0.75..1.25).contains(&ratio), "{name}: {} came, {expected} were expected", after.len());
    }
}

#[test]
fn tet_has_a_rhythm_of_its_own() {
    let from = midnight(2026, 12, 14);
    let tet = |day: i64| midnight(2027, 2, 6) + TimeDelta::days(day);
    let paper = publish(source("newspaper, day and night"), from, 54, 1);
    let rhythm = Rhythm::learn(&paper, tet(-2));
    let expected = |rhythm: &Rhythm, day| rhythm.silence(tet(day), tet(day + 1)).expected;
    // Without an earlier Tết: half a Sunday. Tết of 2027 ends on Wednesday the 10th.
    assert!(expected(&rhythm, 0) < 0.6 * expected(&rhythm, 8), "{} {}", expected(&rhythm, 0), expected(&rhythm, 8));
    assert!(expected(&rhythm, -2) > 1.5 * expected(&rhythm, -1), "the eve is Tết, the day before is not");
    assert!(expected(&rhythm, 5) > 1.5 * expected(&rhythm, 4), "the fifth day is Tết, the sixth is not");
    // With one: what that brought.
    let busy: Vec<Time> =
        (0..6 * 24).flat_map(|hour| [5, 25, 45].map(|m| tet(-1) + TimeDelta::minutes(hour * 60 + m))).collect();
    let both: Vec<Time> = paper.into_iter().chain(busy).collect();
    let year_after = midnight(2028, 1, 26);
    let next = Rhythm::learn(&both, tet(5)).silence(year_after, year_after + TimeDelta::days(1)).expected;
    assert!((55.0..85.0).contains(&next), "72 a day came at the Tết before, {next} are expected");
}

#[test]
fn a_silence_is_alarming_only_when_chance_does_not_explain_it() {
    let portal = history("office-hours portal");
    let rhythm = Rhythm::learn(&portal, later(8, 0));
    let friday = later(8, 4 * 24 + 17);
    let alarming = |hours| rhythm.silence(friday, friday + TimeDelta::hours(hours)).alarming;
    assert!(!alarming(63), "a weekend is nothing");
    assert!(!alarming(48 + 20), "nor a Monday without news");
    assert!(alarming(7 * 24), "a week is");
    let burst = learned("burst at 17:00");
    let saturday = later(8, 5 * 24 + 17) + TimeDelta::minutes(6);
    let rest = burst.silence(saturday, saturday + TimeDelta::minutes(24)).expected;
    assert!(rest < 0.1, "a burst that is over earlier than usual is no silence: {rest}");
    let newspaper = learned("newspaper, day and night");
    let silence = |hours| newspaper.silence(later(8, 0), later(8, hours));
    assert!(silence(47).expected > 100.0 && !silence(47).alarming, "nothing is strange within two days");
    assert!(silence(48).alarming);
    assert!(!newspaper.silence(later(8, 1), later(8, 0)).alarming, "a clock that went back is no silence");
}

#[test]
fn a_source_that_comes_in_heaps_is_given_more_time() {
    let steady: Vec<Time> = (0..8 * 7 * 2).map(|n| later(0, n * 12 + n % 5)).collect();
    // As many items, twelve at a time on days that nobody can foresee.
    let heaps: Vec<Time> = (0..8 * 7)
        .filter(|day| day * day % 11 == 1)
        .flat_map(|day| (0..12).map(move |n| later(0, day * 24 + 8) + TimeDelta::minutes(n)))
        .collect();
    let [steady, heaps] = [steady, heaps].map(|items| Rhythm::learn(&items, later(8, 0)).0.unwrap());
    assert!(steady.dispersion < 1.5 && heaps.dispersion > 4.0, "{} {}", steady.dispersion, heaps.dispersion);
    assert!(steady.chance(12.0) < CHANCE && heaps.chance(12.0) > CHANCE);
}

#[test]
fn a_silence_as_long_as_one_before_is_not_alarming() {
    // A fortnight's holiday in the history.
    let items: Vec<Time> =
        history("provincial paper").into_iter().filter(|t| *t < later(3, 0) || *t > later(5, 0)).collect();
    let rhythm = Rhythm::learn(&items, later(8, 0));
    assert!(!rhythm.silence(later(8, 0), later(11, 0)).alarming);
    assert!(rhythm.silence(later(8, 0), later(11, 24)).alarming);
}

#[test]
fn tet_is_neither_a_silence_nor_a_measure_of_one() {
    let from = midnight(2026, 12, 14);
    let ministry = publish(source("ministry that pauses at Tết"), from, 84, 1);
    let eve = midnight(2027, 2, 5);
    let before: Vec<Time> = ministry.iter().copied().filter(|t| *t < eve).collect();
    assert!(!Rhythm::learn(&before, eve).silence(eve, eve + TimeDelta::days(6)).alarming);
    let rhythm = Rhythm::learn(&ministry, from + TimeDelta::weeks(12));
    assert!(rhythm.0.unwrap().longest_silence < 4 * DAY, "the pause of Tết hides no breakdown in March");
}

#[test]
fn following_the_rhythm_costs_fewer_polls_and_no_freshness() {
    let (from, to) = (later(8, 0), later(12, 0));
    for source in &SOURCES {
        let items = publish(source, begin(), 84, 1);
        let (fixed, auto) = (fixed(&items, from, to), auto(&items, from, to, 8));
        let said = format!("{}: {fixed:?} {auto:?}", source.name);
        assert!(auto.shortest_gap >= 10.0, "{said}");
        let share = if source.name == "without any rhythm" { 1.03 } else { 0.85 };
        assert!(auto.polls_a_day <= share * fixed.polls_a_day, "{said}");
        // A burst of ten minutes is shorter than what is told apart.
        let slack = if source.name == "burst at 17:00" { 1.5 } else { 1.08 };
        assert!(auto.delay_when_active <= slack * fixed.delay_when_active, "{said}");
    }
}

#[test]
fn a_poll_finds_what_came_before_it() {
    let cost = follow(&[later(0, 1)], begin(), later(0, 3), |at| at + TimeDelta::minutes(90));
    assert_eq!((cost.delay, cost.shortest_gap), (30.0, 90.0));
}

proptest! {
    #[test]
    fn the_next_poll_is_between_floor_and_ceiling(
        items in proptest::collection::vec(-20_000_000_i64..20_000_000, 0..200),
        at in -4_000_000_000_i64..40_000_000_000, floor in 0_u64..10_000, ceiling in 0_u64..1_000_000
    ) {
        let now = DateTime::from_timestamp(20_000_000, 0).unwrap();
        let items: Vec<Time> = items.into_iter().map(|s| DateTime::from_timestamp(s, 0).unwrap()).collect();
        let rhythm = Rhythm::learn(&items, now);
        let started = DateTime::from_timestamp(at, 0).unwrap();
        let (floor, ceiling) = (Duration::from_secs(floor), Duration::from_secs(ceiling));
        let wait = (rhythm.next_after(started, floor, ceiling) - started).to_std().unwrap();
        prop_assert!(wait >= floor && wait <= ceiling.max(floor));
        let silence = rhythm.silence(started, now);
        prop_assert!(silence.expected.is_finite() && silence.expected >= 0.0);
    }
}
