//! Who waits for verification: anybody may send us a request that makes us ask somebody else, so how many we take, and how fast we ask,
//! is bounded.

use std::collections::{HashSet, VecDeque};

use super::{Refusal, Request, host};

/// What whoever asked is told at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// 202: it will be verified.
    Taken,
    /// 4xx: it cannot be.
    Refused(Refusal),
    /// 503: there are too many already; again later.
    Full,
}

/// Requests that wait at once: 512 of at most [`super::MAX_REQUEST`] bytes are 4 MiB.
const MOST_WAITING: usize = 512;
/// Requests that wait for one host. A reading service that comes with every feed of thirty topics at once fits; at a breath of a second
/// (assertion P-38), which the client keeps, they take a minute and no stranger's server notices them.
const MOST_AT_HOST: usize = 64;
/// Verifications under way at once, each for another host and at most forty seconds, its turn included: with every callback stalling, all
/// that can wait is through in eleven minutes; with callbacks that answer, in seconds.
const MOST_UNDER_WAY: usize = 32;

/// The requests that wait, oldest first.
#[derive(Default)]
pub struct Gate {
    waiting: VecDeque<(String, Request)>,
    /// The hosts that are being asked, one question at a time.
    under_way: HashSet<String>,
}

impl Gate {
    /// Has a request wait. One for the same feed and callback takes the place of the one before: the last wish counts, and is asked for once.
    pub fn admit(&mut self, request: Request) -> Answer {
        let host = host(&request.callback);
        let is_same = |r: &Request| (&r.topic, &r.callback) == (&request.topic, &request.callback);
        if let Some((_, same)) = self.waiting.iter_mut().find(|(_, r)| is_same(r)) {
            *same = request;
            return Answer::Taken;
        }
        let at_host = self.waiting.iter().filter(|(other, _)| *other == host).count();
        if self.waiting.len() >= MOST_WAITING || at_host >= MOST_AT_HOST {
            return Answer::Full;
        }
        self.waiting.push_back((host, request));
        Answer::Taken
    }

    /// The next request whose host is not being asked, with the host; it counts as being asked until [`Gate::done`].
    pub fn next(&mut self) -> Option<(String, Request)> {
        if self.under_way.len() >= MOST_UNDER_WAY {
            return None;
        }
        let at = self.waiting.iter().position(|(host, _)| !self.under_way.contains(host))?;
        let (host, request) = self.waiting.remove(at)?;
        self.under_way.insert(host.clone());
        Some((host, request))
    }

    /// A host was asked.
    pub fn done(&mut self, host: &str) {
        self.under_way.remove(host);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::websub::Mode;
    use std::time::Duration;
    use url::Url;

    fn request(topic: &str, callback: &str, secret: Option<&str>) -> Request {
        Request {
            mode: Mode::Subscribe,
            topic: topic.to_owned(),
            callback: Url::parse(callback).unwrap(),
            lease: Duration::from_hours(1),
            secret: secret.map(str::to_owned),
        }
    }

    #[test]
    fn the_same_feed_and_callback_wait_once_and_the_last_wish_counts() {
        let mut gate = Gate::default();
        for secret in ["1", "2", "3"] {
            assert_eq!(gate.admit(request("t", "http://a.vn/1", Some(secret))), Answer::Taken);
        }
        let (host, taken) = gate.next().unwrap();
        assert_eq!((host.as_str(), taken.secret.as_deref()), ("a.vn", Some("3")));
        assert!(gate.next().is_none());
        gate.admit(request("t", "http://a.vn/1", Some("4")));
        assert!(gate.next().is_none(), "the same host is asked one question at a time");
        gate.done(&host);
        assert_eq!(gate.next().unwrap().1.secret.as_deref(), Some("4"));
    }

    #[test]
    fn a_slow_host_holds_up_nobody_but_itself() {
        let mut gate = Gate::default();
        for (topic, callback) in [("t", "http://slow.vn/"), ("u", "http://x.slow.vn/"), ("t", "http://quick.vn/")] {
            gate.admit(request(topic, callback, None));
        }
        let hosts: Vec<String> = std::iter::from_fn(|| gate.next()).map(|(host, _)| host).collect();
        assert_eq!(hosts, ["slow.vn", "quick.vn"]);
    }

    #[test]
    fn a_flood_is_turned_away_at_one_host_and_at_all() {
        let mut gate = Gate::default();
        let at = |host: usize, n: usize| request("t", &format!("http://h{host}.vn/{n}"), None);
        for n in 0..MOST_AT_HOST {
            assert_eq!(gate.admit(at(0, n)), Answer::Taken);
        }
        assert_eq!(gate.admit(at(0, MOST_AT_HOST)), Answer::Full);
        assert_eq!(gate.admit(at(0, 0)), Answer::Taken, "it waits already");
        for host in 1..=MOST_WAITING - MOST_AT_HOST {
            assert_eq!(gate.admit(at(host, 0)), Answer::Taken);
        }
        assert_eq!(gate.admit(at(999, 0)), Answer::Full);
        assert_eq!(std::iter::from_fn(|| gate.next()).count(), MOST_UNDER_WAY);
    }
}
