use super::*;
use chrono::TimeZone;
use proptest::prelude::*;

/// A time in Việt Nam, November 2026 (the 23rd is a Monday).
fn local(day: u32, hour: u32, minute: u32) -> Time {
    vietnam().with_ymd_and_hms(2026, 11, day, hour, minute, 0).unwrap().with_timezone(&Utc)
}

fn fires(text: &str, after: Time, expected: Time) {
    let cron = Crontab::parse(text, after).unwrap();
    assert_eq!(cron.next(after), Some(expected), "{text}");
}

#[test]
fn crontab_means_what_crontab_means_in_vietnamese_time() {
    fires("*/15 * * * *", local(23, 8, 1), local(23, 8, 15));
    fires("0 6 * * *", local(23, 8, 0), local(24, 6, 0));
    fires("30 7 * * 1-5", local(27, 8, 0), local(30, 7, 30));
    fires("0 6 * * 0", local(23, 8, 0), local(29, 6, 0));
    fires("0 6 * * 7", local(23, 8, 0), local(29, 6, 0));
    fires("0 6 * * sun", local(23, 8, 0), local(29, 6, 0));
    fires("0 6 * * 5-7", local(28, 7, 0), local(29, 6, 0));
    fires("0 6 * * fri-mon", local(23, 8, 0), local(27, 6, 0));
    fires("0 6 1 jan *", local(23, 8, 0), vietnam().with_ymd_and_hms(2027, 1, 1, 6, 0, 0).unwrap().with_timezone(&Utc));
    fires("@hourly", local(23, 8, 1), local(23, 9, 0));
}

#[test]
fn day_of_month_and_weekday_are_alternatives_as_in_crontab() {
    fires("0 6 26 * mon", local(23, 8, 0), local(26, 6, 0));
    fires("0 6 26 * mon", local(26, 8, 0), local(30, 6, 0));
}

#[test]
fn a_line_that_is_not_crontab_says_what_is_wrong() {
    let now = local(23, 8, 0);
    let refused = |text: &str| Crontab::parse(text, now).unwrap_err();
    assert_eq!(refused("0 6 * *"), CronError::Fields(4));
    assert_eq!(refused("0 0 6 * * *"), CronError::Fields(6));
    assert_eq!(refused("61 6 * * *"), CronError::Field { field: "minute", text: "61".into() });
    assert_eq!(refused("0 x * * *"), CronError::Field { field: "hour", text: "x".into() });
    assert_eq!(refused("0 6 * * 8"), CronError::Field { field: "weekday", text: "8".into() });
    assert_eq!(refused("0 6 * * */0"), CronError::Field { field: "weekday", text: "*/0".into() });
    assert_eq!(refused("0 6 31 2 *"), CronError::Never);
}

const FLOOR: Duration = Duration::from_mins(10);

/// A source with this cadence, said of itself.
fn turn<'a>(cadence: &'a Cadence, seed: &'a str, started: Time) -> Turn<'a> {
    Turn { cadence, is_own: true, seed, floor: FLOOR, started, expected: None }
}

fn every(minutes: u64) -> Cadence {
    Cadence::Every(Duration::from_mins(minutes))
}

#[test]
fn p_45_the_longest_wait_anybody_asks_for_holds_and_is_the_cause() {
    let started = local(23, 8, 0);
    let plain = Signals::default();
    let minutes = |m| Some(Duration::from_mins(m));
    let cases = [
        (plain, None, 20, Cause::Cadence),
        (Signals { max_age: minutes(5), ..plain }, None, 20, Cause::Cadence),
        (Signals { max_age: minutes(120), ..plain }, None, 120, Cause::MaxAge),
        (Signals { max_age: minutes(1_000_000), ..plain }, None, 24 * 60, Cause::MaxAge),
        (
            Signals { pace: Pace { ttl: minutes(180), ..Pace::default() }, max_age: minutes(120), ..plain },
            None,
            180,
            Cause::Ttl,
        ),
        (Signals { websub: minutes(24 * 60), max_age: minutes(120), ..plain }, None, 24 * 60, Cause::WebSub),
        (Signals { websub: minutes(10), ..plain }, None, 20, Cause::Cadence),
        (Signals { retry_after: minutes(90), ..plain }, Some((Setback::Throttled, 1)), 90, Cause::RetryAfter),
        (
            Signals { retry_after: minutes(60 * 24 * 365), ..plain },
            Some((Setback::Throttled, 1)),
            7 * 24 * 60,
            Cause::RetryAfter,
        ),
    ];
    for (signals, setback, expected, cause) in cases {
        let due = next(&turn(&every(20), "bao-mau", started), &signals, setback);
        assert_eq!(((due.at - started).num_minutes(), due.cause), (expected, cause), "{signals:?}");
    }
}

/// The wait in minutes after the `times`-th failure in a row.
fn wait(setback: Setback, times: u32) -> i64 {
    let started = local(23, 8, 0);
    let due = next(&turn(&every(20), "bao-mau", started), &Signals::default(), Some((setback, times)));
    (due.at - started).num_minutes()
}

const HOUR: i64 = 60;

#[test]
fn failures_climb_a_ladder_with_a_ceiling_and_never_poll_sooner_than_the_cadence() {
    assert_eq!(wait(Setback::Network, 1), 20, "the cadence is longer than the first rung");
    for setback in
        [Setback::Network, Setback::Server, Setback::Throttled, Setback::Denied, Setback::Content, Setback::Oversized]
    {
        assert!(wait(setback, u32::MAX) <= 29 * HOUR, "{setback:?} has a ceiling");
    }
}

#[test]
fn p_29_who_says_come_less_often_waits_an_hour_and_then_twice_as_long_up_to_a_day() {
    let waits: Vec<i64> = (1..=9).map(|times| wait(Setback::Throttled, times)).collect();
    assert!((HOUR..=72).contains(&waits[0]), "{waits:?}");
    for (times, wait) in waits.iter().enumerate() {
        let doubled = (HOUR << times).min(24 * HOUR);
        assert!((doubled * 8 / 10..=doubled * 12 / 10).contains(wait), "{waits:?}");
    }
}

#[test]
fn p_31_and_p_32_and_p_55_who_does_not_want_us_or_is_too_large_is_left_alone_for_long() {
    assert!(wait(Setback::Denied, 1) >= 4 * HOUR && wait(Setback::Denied, 3) >= 24 * HOUR);
    assert!(wait(Setback::Oversized, 1) >= 24 * HOUR);
    assert!(wait(Setback::Gone, 1) >= 24 * HOUR);
    let due = next(&turn(&every(20), "a", local(23, 8, 0)), &Signals::default(), Some((Setback::Gone, 2)));
    assert_eq!(due.cause, Cause::Stopped);
    assert_eq!(resume(due, &every(20), "a", local(24, 8, 0)), due, "a start changes nothing about it");
}

#[test]
fn p_21_a_document_that_nothing_vouches_for_is_asked_for_every_three_hours_unless_the_admin_says_otherwise() {
    let (cadence, started) = (every(30), local(23, 8, 0));
    let unvouched = |is_own, bytes| {
        let signals = Signals { is_unvouched: true, bytes, ..Signals::default() };
        let due = next(&Turn { is_own, ..turn(&cadence, "a", started) }, &signals, None);
        ((due.at - started).num_minutes(), due.cause)
    };
    assert_eq!(unvouched(false, 100_000), (180, Cause::Unvouched));
    assert_eq!(unvouched(true, 100_000), (30, Cause::Cadence));
    assert_eq!(unvouched(true, 4 << 20), (180, Cause::Bytes), "32 MiB a day");
    let fast = Signals { is_unvouched: true, span: Some(Duration::from_hours(4)), ..Signals::default() };
    let due = next(&Turn { is_own: false, ..turn(&cadence, "a", started) }, &fast, None);
    assert_eq!((due.at - started).num_minutes(), 60, "no item leaves a fast feed unseen");
}

#[test]
fn p_30_a_server_that_is_down_all_day_gets_at_most_twelve_requests() {
    for setback in [Setback::Network, Setback::Server] {
        let mut at = local(23, 0, 0);
        let (mut requests, end) = (0, local(24, 0, 0));
        while at < end {
            requests += 1;
            at = next(&turn(&every(10), "bao-mau", at), &Signals::default(), Some((setback, requests))).at;
        }
        assert!(requests <= 12, "{setback:?}: {requests}");
    }
}

#[test]
fn p_39_a_thousand_new_sources_start_spread_over_the_first_quarter_hour() {
    let now = local(23, 8, 0);
    let mut per_minute = [0; 15];
    for i in 0..1000 {
        let due = first(&every(60), &format!("nguon-{i}"), now);
        per_minute[usize::try_from((due.at - now).num_minutes()).unwrap()] += 1;
    }
    assert!(per_minute.iter().all(|&n| (34..=134).contains(&n)), "never more than twice the mean: {per_minute:?}");
}

#[test]
fn crontab_sources_keep_their_own_offset_behind_the_hour() {
    let now = local(23, 8, 0);
    let cadence = Cadence::Cron(Crontab::parse("0 * * * *", now).unwrap());
    let mut at = now + TimeDelta::minutes(30);
    let mut minutes = Vec::new();
    for _ in 0..3 {
        at = next(&turn(&cadence, "bao-mau", at), &Signals::default(), None).at;
        minutes.push((at - now).num_seconds() % 3600);
    }
    assert!(minutes.windows(2).all(|w| w[0] == w[1]), "stable: {minutes:?}");
    assert!(minutes[0] < 15 * 60);
}

#[test]
fn a_due_time_survives_a_restart_unless_it_is_absurd() {
    let now = local(23, 8, 0);
    let cadence = every(60);
    let stored = |at| Due { at, cause: Cause::MaxAge };
    for at in [local(23, 7, 45), local(23, 8, 30), local(24, 8, 0)] {
        assert_eq!(resume(stored(at), &cadence, "a", now), stored(at));
    }
    for at in [local(16, 8, 0), local(23, 8, 0) + TimeDelta::days(400)] {
        assert_eq!(resume(stored(at), &cadence, "a", now).cause, Cause::First);
    }
}

proptest! {
    #[test]
    fn the_next_poll_is_never_sooner_than_the_interval(seed in "[a-z]{1,8}", minutes in 1_u64..3000, max_age in proptest::option::of(0_u64..100_000)) {
        let started = local(23, 8, 0);
        let signals = Signals { max_age: max_age.map(Duration::from_secs), ..Signals::default() };
        let due = next(&turn(&every(minutes), &seed, started), &signals, None);
        prop_assert!(due.at - started >= delta(Duration::from_mins(minutes)));
    }

    #[test]
    fn any_text_as_crontab_is_read_or_refused(text in "[-0-9*/, a-zA-Z@]{0,24}") {
        if let Ok(cron) = Crontab::parse(&text, local(23, 8, 0)) {
            prop_assert!(cron.next(local(23, 8, 0)) > Some(local(23, 8, 0)));
        }
    }
}
