use super::*;
use crate::websub::Verdict;
use chrono::{TimeDelta, TimeZone, Utc};

const MANNERS: Manners<'_> = Manners { floor: Duration::from_mins(10), seed: "bao-mau" };

fn now() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 23, 5, 0, 0).unwrap()
}

fn hours(hours: i64) -> TimeDelta {
    TimeDelta::hours(hours)
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn advertised(hub: &str) -> Advertised {
    Advertised { hub: url(hub), topic: url("https://bao.example/rss") }
}

fn base() -> Url {
    url("https://tin.example/a/websub/")
}

fn begun() -> Subscription {
    Subscription::new(&advertised("https://hub.example/"), base().join("c0ffee").unwrap(), "secret".into(), now())
}

/// Confirmed at `now()` for ten days.
fn active() -> Subscription {
    let mut subscription = begun();
    subscription.asked(MANNERS, now());
    subscription.confirmed(Mode::Subscribe, Some(LEASE), MANNERS, now());
    subscription
}

fn in_state(state: State) -> Subscription {
    Subscription { state, ..active() }
}

#[test]
fn a_subscription_is_asked_for_confirmed_and_active() {
    let mut one = begun();
    assert_eq!((one.due(now()), one.pending(), one.token()), (Some(Mode::Subscribe), None, "c0ffee"));
    one.asked(MANNERS, now());
    assert_eq!((one.state, one.pending(), one.due(now())), (State::Asked, Some(Mode::Subscribe), None));
    one.confirmed(Mode::Subscribe, Some(LEASE), MANNERS, now() + hours(1));
    assert_eq!((one.state, one.pending(), one.attempts), (State::Active, None, 0));
    assert_eq!((one.since, one.lease_until), (Some(now() + hours(1)), Some(now() + hours(241))));
    assert!(!one.trusted, "a hub that verifies has delivered nothing yet");
}

#[test]
fn only_what_is_pending_is_confirmed() {
    for state in State::ALL {
        for mode in [Mode::Subscribe, Mode::Unsubscribe] {
            let before = in_state(state);
            let mut after = before.clone();
            after.confirmed(mode, None, MANNERS, now() + hours(1));
            assert_eq!(before == after, before.pending() != Some(mode), "{state:?} {mode:?}");
        }
    }
}

#[test]
fn p67_a_lease_is_renewed_at_about_four_fifths_of_it_and_not_by_all_sources_at_once() {
    let mut times = std::collections::BTreeSet::new();
    for i in 0..100 {
        let seed = format!("nguon-{i}");
        let mut one = begun();
        one.asked(MANNERS, now());
        one.confirmed(Mode::Subscribe, Some(Duration::from_hours(100)), Manners { seed: &seed, ..MANNERS }, now());
        assert!((hours(75)..=hours(80)).contains(&(one.act_at - now())), "{seed}");
        times.insert(one.act_at);
    }
    assert!(times.len() > 3);
}

#[test]
fn p67_leases_without_measure_are_bounded_on_both_sides() {
    let lease = |granted: Option<u64>| {
        let mut one = begun();
        one.asked(MANNERS, now());
        one.confirmed(Mode::Subscribe, granted.map(Duration::from_secs), MANNERS, now());
        (one.lease_until.unwrap() - now(), one.act_at - now())
    };
    assert_eq!(lease(None).0, hours(240));
    assert_eq!(lease(Some(u64::MAX)).0, hours(24 * 90));
    for short in [0, 1, 60] {
        let granted = delta(Duration::from_secs(short));
        assert_eq!(lease(Some(short)), (granted, TimeDelta::minutes(10)), "never a busy loop");
    }
}

#[test]
fn p67_a_renewal_that_comes_keeps_trust_and_one_that_does_not_ends_it_with_the_lease() {
    let mut one = active();
    one.pushed(now() + hours(1));
    let (at, end) = (one.act_at, one.lease_until.unwrap());
    assert_eq!((one.due(at - hours(1)), one.due(at)), (None, Some(Mode::Subscribe)));
    one.asked(MANNERS, at);
    assert_eq!((one.state, one.backup(at)), (State::Renewing, Some(BACKUP)));
    let mut renewed = one.clone();
    renewed.confirmed(Mode::Subscribe, Some(LEASE), MANNERS, at);
    assert_eq!((renewed.state, renewed.since, renewed.trusted), (State::Active, Some(now()), true));
    one.refused(Setback::Network, None, MANNERS, at);
    assert_eq!((one.state, one.trusted), (State::Active, true), "the lease goes on");
    assert!(one.act_at > at && one.act_at < end, "and it is tried again before its end");
    assert_eq!(
        (one.backup(end), one.next_at().unwrap() <= end),
        (None, true),
        "polling resumes with the end of the lease"
    );
    one.pass(end);
    assert_eq!((one.state, one.trusted, one.lease_until), (State::Lapsed, false, None));
}

#[test]
fn a_hub_that_refuses_or_never_confirms_is_asked_less_and_less_and_never_more_often_than_politeness_allows() {
    for setback in [None, Some(Setback::Network), Some(Setback::Denied), Some(Setback::Gone)] {
        let (mut one, mut at) = (begun(), now());
        let mut requests = 0;
        while at < now() + hours(24) {
            assert_eq!(one.due(at), Some(Mode::Subscribe));
            one.asked(MANNERS, at);
            requests += 1;
            if let Some(setback) = setback {
                one.refused(setback, None, MANNERS, at);
                assert_eq!(one.pending(), None, "a refused request is not pending");
            }
            at = one.act_at;
        }
        assert!(requests <= 12, "{setback:?}: {requests}");
    }
    let mut one = begun();
    one.asked(MANNERS, now());
    one.refused(Setback::Throttled, Some(Duration::from_hours(5)), MANNERS, now());
    assert_eq!(one.act_at, now() + hours(5), "what the hub asks for holds");
    one.asked(MANNERS, one.act_at);
    one.refused(Setback::Throttled, Some(Duration::from_secs(u64::from(u32::MAX))), MANNERS, now());
    assert_eq!(one.act_at, now() + hours(7 * 24));
}

#[test]
fn a_refusal_that_comes_behind_the_confirmation_changes_nothing() {
    let mut one = active();
    let before = one.clone();
    one.refused(Setback::Server, None, MANNERS, now() + hours(1));
    assert_eq!(one, before);
}

#[test]
fn a_hub_that_denies_is_left_alone_for_a_week() {
    for state in [State::Asked, State::Active, State::Renewing, State::Lapsed] {
        let mut one = Subscription { trusted: true, ..in_state(state) };
        one.denied(now() + hours(1));
        assert_eq!((one.state, one.trusted, one.lease_until), (State::Lapsed, false, None), "{state:?}");
        assert_eq!(one.act_at, now() + hours(1 + 7 * 24));
    }
}

#[test]
fn p69_what_is_no_longer_wanted_is_ended_at_the_hub_and_its_callback_is_gone() {
    let mut one = active();
    one.pushed(now());
    one.end(now() + hours(1));
    assert_eq!((one.state, one.trusted, one.due(now() + hours(1))), (State::Ending, false, Some(Mode::Unsubscribe)));
    assert!(!one.for_listener().is_open, "deliveries are answered 410 from now on");
    one.asked(MANNERS, now() + hours(1));
    let mut unheard = one.clone();
    one.confirmed(Mode::Unsubscribe, None, MANNERS, now() + hours(2));
    assert_eq!((one.state, one.next_at(), one.lease_until), (State::Ended, None, None));
    assert_eq!(one.for_listener().answer("hub.mode=subscribe"), Verdict::Gone);
    for _ in 1..MOST_GOODBYES {
        let at = unheard.act_at;
        unheard.pass(at);
        assert_eq!(unheard.due(at), Some(Mode::Unsubscribe));
        unheard.asked(MANNERS, at);
    }
    unheard.pass(unheard.act_at);
    assert_eq!(unheard.state, State::Ended, "a hub that does not answer is not asked for ever");
}

#[test]
fn what_no_hub_delivers_ends_without_a_word_to_it() {
    let mut refused = begun();
    refused.asked(MANNERS, now());
    refused.refused(Setback::Denied, None, MANNERS, now());
    refused.end(now());
    assert_eq!(refused.state, State::Ended);
    let mut distrusted = active();
    distrusted.distrust(now());
    distrusted.end(now());
    assert_eq!(distrusted.state, State::Ending, "its lease goes on");
}

#[test]
fn p68_trust_is_earned_by_a_delivery_and_only_then_is_polling_daily() {
    let mut one = active();
    assert_eq!(one.backup(now()), None, "verified, but nothing delivered");
    one.pushed(now() + hours(1));
    assert_eq!((one.backup(now() + hours(1)), one.last_push), (Some(BACKUP), Some(now() + hours(1))));
    for state in [State::Asked, State::Lapsed, State::Ending, State::Ended] {
        let mut other = in_state(state);
        other.pushed(now());
        assert_eq!((other.trusted, other.backup(now())), (false, None), "{state:?}");
    }
}

#[test]
fn a_hub_that_did_not_deliver_what_a_poll_found_is_distrusted_and_tried_again_after_a_week() {
    let listening = now() - hours(100);
    let mut one = active();
    one.pushed(now() + hours(10));
    let at = now() + hours(24);
    let missed = |appeared: &[TimeDelta]| {
        let appeared: Vec<Time> = appeared.iter().map(|after| now() + *after).collect();
        one.has_missed(&appeared, listening, MANNERS.floor, at)
    };
    assert!(missed(&[hours(12)]) && missed(&[hours(1), hours(23)]));
    assert!(!missed(&[]) && !missed(&[hours(1)]), "a delivery came after it appeared");
    assert!(!missed(&[hours(-1)]), "it appeared before the hub had to deliver");
    assert!(!missed(&[hours(24) - TimeDelta::minutes(59)]), "the hub may still deliver it");
    assert!(!missed(&[hours(48)]), "a date in the future means now");
    assert!(!one.has_missed(&[now() + hours(12)], now() + hours(13), MANNERS.floor, at), "nobody listened then");
    one.distrust(at);
    assert_eq!((one.state, one.trusted, one.backup(at)), (State::Lapsed, false, None));
    one.pushed(at + hours(1));
    assert!(!one.trusted, "what it delivers meanwhile is taken, and changes nothing");
    assert_eq!((one.due(at + hours(7 * 24 - 1)), one.due(at + hours(7 * 24))), (None, Some(Mode::Subscribe)));
}

#[test]
fn a_subscription_follows_what_is_wanted() {
    let (mine, other) = (advertised("https://hub.example/"), advertised("https://other.example/"));
    let (here, moved) = (base(), url("https://neu.example/websub/"));
    // state, no longer wanted, wanted as it is, wanted elsewhere, wanted from elsewhere
    use Wish::{Begin, End, Keep};
    assert_eq!((wish(None, None), wish(None, Some((&mine, &here)))), (Keep, Begin));
    for (state, expected) in [
        (State::Asked, [End, Keep, End, Begin]),
        (State::Active, [End, Keep, End, Begin]),
        (State::Renewing, [End, Keep, End, Begin]),
        (State::Lapsed, [End, Keep, End, Begin]),
        (State::Ending, [Keep, Begin, Keep, Begin]),
        (State::Ended, [Keep, Begin, Begin, Begin]),
    ] {
        let one = in_state(state);
        let wishes = [None, Some((&mine, &here)), Some((&other, &here)), Some((&mine, &moved))];
        assert_eq!(wishes.map(|wanted| wish(Some(&one), wanted)), expected, "{state:?}");
    }
}

#[test]
fn p66_deliveries_of_a_topic_are_read_ten_seconds_apart_whatever_the_clock_does() {
    let second = TimeDelta::seconds;
    assert_eq!(next_reading(None, now()), now());
    for (last, expected) in [(-60, 0), (-10, 0), (-4, 6), (0, 10), (3_600, 10)] {
        assert_eq!(next_reading(Some(now() + second(last)), now()), now() + second(expected), "{last}");
    }
}

#[test]
fn states_have_names_and_come_back_from_them() {
    for state in State::ALL {
        assert_eq!(State::parse(state.as_str()), Some(state));
    }
    assert_eq!(State::parse("?"), None);
}
