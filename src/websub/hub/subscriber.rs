//! One subscriber of one feed, from its verification to its end: what it is owed, and when that is tried again.

use std::time::Duration;

use url::Url;

use super::{Request, host};
use crate::schedule::{Time, delta, lot};

/// A subscriber that has said that it meant it.
#[derive(Clone, PartialEq, Eq)]
pub struct Subscriber {
    /// The feed's address.
    pub topic: String,
    /// Where it is delivered.
    pub callback: Url,
    /// What deliveries are signed with.
    pub secret: Option<String>,
    /// Until when.
    pub lease_until: Time,
    /// The `ETag` of the document that it has: delivered last, or current when it was verified first.
    pub has: String,
    /// Deliveries in a row that it did not take.
    pub attempts: u32,
    /// No delivery before this.
    pub next_at: Time,
}

/// What came of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken.
    Delivered,
    /// 410: the subscription has ended (WebSub section 7).
    Gone,
    /// It was not taken, or nobody answered; the server may have asked for patience.
    Failed {
        /// How long.
        patience: Option<Duration>,
    },
}

impl Outcome {
    /// What an answer means. A redirect is not followed: who moves subscribes again.
    pub fn of(status: u16, patience: Option<Duration>) -> Outcome {
        match status {
            200..=299 => Outcome::Delivered,
            410 => Outcome::Gone,
            _ => Outcome::Failed { patience },
        }
    }

    /// The name in the metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Delivered => "delivered",
            Outcome::Gone => "gone",
            Outcome::Failed { .. } => "failed",
        }
    }
}

/// Between two deliveries to one subscriber: during a round of polls a feed changes every second, and readers want the last of it. With
/// the publisher's second and the way, what is new is delivered within five (assertion S-44).
const BREATH: Duration = Duration::from_secs(2);

/// The waits after failures; the last one stays until the lease is over. A minute outlives a restart of the subscriber, a day a weekend's
/// outage at ten requests.
const LADDER: [Duration; 6] = [
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(6),
    Duration::from_hours(24),
];

/// How long to wait after so many failures in a row. Never less than the step, up to a fifth more by who is waited for: after our own
/// outage they do not come back together.
pub fn backoff(attempts: u32, seed: &str) -> Duration {
    let step = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX).min(LADDER.len() - 1);
    let step = LADDER.get(step).copied().unwrap_or_default();
    let percent = u32::try_from(lot(seed, u64::from(attempts)) % 21).unwrap_or(0);
    step + step * percent / 100
}

impl Subscriber {
    /// As of a verified request, with the document that is current.
    pub fn new(request: Request, current: &str, now: Time) -> Subscriber {
        let Request { topic, callback, secret, lease, .. } = request;
        Subscriber {
            topic,
            callback,
            secret,
            lease_until: now + delta(lease),
            has: current.to_owned(),
            attempts: 0,
            next_at: now,
        }
    }

    /// Verified again: the new lease and secret hold; what it has and is owed stays.
    pub fn renew(&mut self, request: Request, now: Time) {
        let has = std::mem::take(&mut self.has);
        *self = Subscriber::new(request, &has, now);
    }

    /// Whether anything is still delivered.
    pub fn is_active(&self, now: Time) -> bool {
        now < self.lease_until
    }

    /// Whether its last delivery failed.
    pub fn is_failing(&self) -> bool {
        self.attempts > 0
    }

    /// Whose turn its deliveries take.
    pub fn host(&self) -> String {
        host(&self.callback)
    }

    /// A delivery of the document with this `ETag` ended; gives whether the subscription goes on.
    pub fn delivered(&mut self, etag: &str, outcome: Outcome, now: Time) -> bool {
        match outcome {
            Outcome::Delivered => {
                etag.clone_into(&mut self.has);
                self.attempts = 0;
                self.next_at = now + delta(BREATH);
            }
            Outcome::Gone => return false,
            Outcome::Failed { patience } => {
                self.attempts = self.attempts.saturating_add(1);
                let longest = LADDER.last().copied().unwrap_or_default();
                let patience = patience.unwrap_or_default().min(longest);
                self.next_at = now + delta(backoff(self.attempts, self.callback.as_str()).max(patience));
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::websub::Mode;
    use chrono::{TimeDelta, TimeZone, Utc};
    use proptest::prelude::*;

    fn now() -> Time {
        Utc.with_ymd_and_hms(2026, 11, 23, 5, 0, 0).unwrap()
    }

    fn request(secret: Option<&str>) -> Request {
        Request {
            mode: Mode::Subscribe,
            topic: "https://tin.vn/a/feed.atom".to_owned(),
            callback: Url::parse("https://b.vn/cb").unwrap(),
            lease: Duration::from_hours(2),
            secret: secret.map(str::to_owned),
        }
    }

    #[test]
    fn what_an_answer_to_a_delivery_means() {
        let wait = Some(Duration::from_secs(7));
        for (status, expected) in [
            (200, Outcome::Delivered),
            (202, Outcome::Delivered),
            (204, Outcome::Delivered),
            (410, Outcome::Gone),
            (301, Outcome::Failed { patience: wait }),
            (404, Outcome::Failed { patience: wait }),
            (429, Outcome::Failed { patience: wait }),
            (500, Outcome::Failed { patience: wait }),
        ] {
            assert_eq!(Outcome::of(status, wait), expected, "{status}");
        }
    }

    #[test]
    fn failures_climb_the_ladder_and_a_delivery_leaves_it() {
        let mut subscriber = Subscriber::new(request(None), "1", now());
        for minutes in [1, 5, 30, 120, 360, 1_440, 1_440] {
            assert!(subscriber.delivered("2", Outcome::Failed { patience: None }, now()));
            let wait = subscriber.next_at - now();
            let step = TimeDelta::minutes(minutes);
            assert!(step <= wait && wait <= step * 6 / 5, "{minutes}: {wait}");
            assert_eq!((subscriber.has.as_str(), subscriber.is_failing()), ("1", true));
        }
        assert!(subscriber.delivered("2", Outcome::Delivered, now()));
        assert_eq!((subscriber.has.as_str(), subscriber.is_failing()), ("2", false));
        assert_eq!(subscriber.next_at, now() + TimeDelta::seconds(2));
        assert!(!subscriber.delivered("3", Outcome::Gone, now()));
    }

    #[test]
    fn a_wish_for_patience_is_believed_up_to_a_day_and_never_shortens() {
        for (asked, least, most) in [(600, 600, 600), (1, 60, 72), (9_999_999, 86_400, 86_400)] {
            let mut subscriber = Subscriber::new(request(None), "1", now());
            subscriber.delivered("2", Outcome::Failed { patience: Some(Duration::from_secs(asked)) }, now());
            let wait = (subscriber.next_at - now()).num_seconds();
            assert!((least..=most).contains(&wait), "{asked}: {wait}");
        }
    }

    #[test]
    fn rocks_103_a_renewal_has_a_new_lease_and_secret_and_is_owed_what_it_was() {
        let mut subscriber = Subscriber::new(request(Some("old")), "1", now());
        subscriber.delivered("2", Outcome::Failed { patience: None }, now());
        let later = now() + TimeDelta::hours(1);
        subscriber.renew(request(Some("new")), later);
        assert_eq!((subscriber.has.as_str(), subscriber.secret.as_deref()), ("1", Some("new")));
        assert_eq!((subscriber.next_at, subscriber.attempts), (later, 0));
        assert!(subscriber.is_active(now() + TimeDelta::hours(3) - TimeDelta::milliseconds(1)));
        assert!(!subscriber.is_active(now() + TimeDelta::hours(3)), "a lease ends");
    }

    proptest! {
        #[test]
        fn a_wait_is_a_minute_at_least_and_a_day_and_a_fifth_at_most(attempts in 0_u32.., seed in ".*") {
            let wait = backoff(attempts, &seed);
            prop_assert!(wait >= Duration::from_mins(1) && wait <= Duration::from_mins(1_728));
        }
    }
}
