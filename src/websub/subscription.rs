//! A subscription as plain data, and what each event makes of it. Every function is told the present; none asks for it.

#[cfg(test)]
mod tests;

use std::time::Duration;

use url::Url;

use super::callback::{Callback, Mode};
use super::discovery::Advertised;
use crate::schedule::{Setback, Time, delta, lot};

/// One subscription of one source at one hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Where we subscribe.
    pub hub: Url,
    /// To what.
    pub topic: Url,
    /// Where the hub finds us; its last part is the [token](Subscription::token).
    pub callback: Url,
    /// What deliveries are signed with; 256 random bits in hexadecimal.
    pub secret: String,
    /// How far it has come.
    pub state: State,
    /// Requests to the hub in a row that were not confirmed.
    pub attempts: u32,
    /// When the hub is asked next.
    pub act_at: Time,
    /// Until when the hub delivers, once it has confirmed.
    pub lease_until: Option<Time>,
    /// Since when it has been delivering without a gap.
    pub since: Option<Time>,
    /// The last genuine delivery.
    pub last_push: Option<Time>,
    /// Whether polling relies on it.
    pub trusted: bool,
}

/// How far a subscription has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// A request is out and not confirmed.
    Asked,
    /// The hub delivers.
    Active,
    /// The hub delivers, and was asked to go on.
    Renewing,
    /// The hub does not deliver, or not reliably; it is asked again when it is time.
    Lapsed,
    /// No longer wanted; the hub was asked to stop, or will be at once.
    Ending,
    /// Over.
    Ended,
}

impl State {
    const ALL: [State; 6] = [State::Asked, State::Active, State::Renewing, State::Lapsed, State::Ending, State::Ended];

    /// The name in the database and in `status`.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Asked => "asked",
            State::Active => "active",
            State::Renewing => "renewing",
            State::Lapsed => "lapsed",
            State::Ending => "ending",
            State::Ended => "ended",
        }
    }

    /// From its name.
    pub fn parse(name: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// While a hub is trusted, its source is polled this often, to see whether it deserves it (assertion P-68).
pub const BACKUP: Duration = Duration::from_hours(24);
/// The lease that is asked for; hubs grant what they like.
pub const LEASE: Duration = Duration::from_hours(10 * 24);
/// A longer lease is not believed: a hub that has forgotten us would be noticed too late.
const MAX_LEASE: Duration = Duration::from_hours(90 * 24);
/// A hub that refused us, or did not keep its word, is asked again after this.
const GRUDGE: Duration = Duration::from_hours(7 * 24);
/// A server's wish for patience is believed this far, as everywhere (assertion P-26).
const MAX_PATIENCE: Duration = Duration::from_hours(7 * 24);
/// A hub has this long to deliver what a source has published, in multiples of the polite floor: an hour.
const LATENESS: u32 = 6;
/// How often a hub is asked to stop. If it goes on, the callback's 410 must do.
const MOST_GOODBYES: u32 = 3;
/// Time between two deliveries of one topic that are read (assertion P-66).
pub const BREATH: Duration = Duration::from_secs(10);

/// Who is asking, for waits that differ from source to source: the polite floor of all waits, and the source's slug.
#[derive(Debug, Clone, Copy)]
pub struct Manners<'a> {
    /// No hub is asked more often.
    pub floor: Duration,
    /// What spreads waits.
    pub seed: &'a str,
}

/// What has to be done about a source's subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Nothing.
    Keep,
    /// A new one is made, with an address and a secret of its own.
    Begin,
    /// The one there is ends.
    End,
}

/// What has to be done, given what there is and what is wanted: a topic at a hub, with callbacks below an address.
pub fn wish(there_is: Option<&Subscription>, wanted: Option<(&Advertised, &Url)>) -> Wish {
    match (there_is, wanted) {
        (None, None) => Wish::Keep,
        (None, Some(_)) => Wish::Begin,
        (Some(old), None) => match old.state {
            State::Ending | State::Ended => Wish::Keep,
            _ => Wish::End,
        },
        (Some(old), Some((new, base))) => {
            // From where we no longer are, the hub's question whether we meant the end cannot be answered.
            let is_here = old.callback.as_str().starts_with(base.as_str());
            let is_same = is_here && (&old.hub, &old.topic) == (&new.hub, &new.topic);
            match old.state {
                State::Ended => Wish::Begin,
                State::Ending if is_same || !is_here => Wish::Begin,
                State::Ending => Wish::Keep,
                _ if is_same => Wish::Keep,
                _ if is_here => Wish::End,
                _ => Wish::Begin,
            }
        }
    }
}

impl Subscription {
    /// One that the hub is asked for at once.
    pub fn new(advertised: &Advertised, callback: Url, secret: String, now: Time) -> Subscription {
        Subscription {
            hub: advertised.hub.clone(),
            topic: advertised.topic.clone(),
            callback,
            secret,
            state: State::Lapsed,
            attempts: 0,
            act_at: now,
            lease_until: None,
            since: None,
            last_push: None,
            trusted: false,
        }
    }

    /// What the listener knows it by.
    pub fn token(&self) -> &str {
        self.callback.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or_default()
    }

    /// What the listener knows of it.
    pub fn for_listener(&self) -> Callback {
        let is_open = !matches!(self.state, State::Ending | State::Ended);
        Callback { topic: self.topic.to_string(), pending: self.pending(), is_open }
    }

    /// What the hub was asked for and has not confirmed.
    pub fn pending(&self) -> Option<Mode> {
        match self.state {
            State::Asked | State::Renewing => Some(Mode::Subscribe),
            State::Ending => Some(Mode::Unsubscribe),
            State::Active | State::Lapsed | State::Ended => None,
        }
    }

    /// What the hub has to be asked now, if anything.
    pub fn due(&self, now: Time) -> Option<Mode> {
        match self.state {
            State::Ended => None,
            _ if now < self.act_at => None,
            State::Ending => Some(Mode::Unsubscribe),
            _ => Some(Mode::Subscribe),
        }
    }

    /// When something has to be done next, by the passing of time alone.
    pub fn next_at(&self) -> Option<Time> {
        match self.state {
            State::Ended => None,
            State::Active | State::Renewing => Some(self.lease_until.map_or(self.act_at, |end| end.min(self.act_at))),
            _ => Some(self.act_at),
        }
    }

    /// Time passes: a lease that is over is over, and so is a goodbye that nobody hears.
    pub fn pass(&mut self, now: Time) {
        match self.state {
            State::Active | State::Renewing if self.lease_until.is_none_or(|end| end <= now) => {
                self.lease_until = None;
                self.lapse();
            }
            State::Ending if self.attempts >= MOST_GOODBYES && self.act_at <= now => self.finish(),
            _ => {}
        }
    }

    /// A request is about to be sent. Written before it is: some hubs ask back before they answer.
    pub fn asked(&mut self, manners: Manners<'_>, now: Time) {
        self.state = match self.state {
            State::Lapsed | State::Asked => State::Asked,
            State::Active | State::Renewing => State::Renewing,
            State::Ending | State::Ended => self.state,
        };
        self.attempts = self.attempts.saturating_add(1);
        self.act_at = now + delta(Setback::Content.wait(self.attempts, manners.floor, manners.seed));
    }

    /// The hub refused the request, or could not be reached; `patience` is how long it asks us to wait. Nothing where it has confirmed
    /// meanwhile.
    pub fn refused(&mut self, setback: Setback, patience: Option<Duration>, manners: Manners<'_>, now: Time) {
        self.state = match self.state {
            State::Asked => State::Lapsed,
            State::Renewing => State::Active,
            State::Ending => State::Ending,
            State::Active | State::Lapsed | State::Ended => return,
        };
        let wait =
            patience.map_or_else(|| setback.wait(self.attempts, manners.floor, manners.seed), |p| p.min(MAX_PATIENCE));
        self.act_at = now + delta(wait.max(manners.floor));
    }

    /// The hub asked whether it was meant, and was told yes. A subscription is renewed when three quarters to four fifths of its lease
    /// are over (assertion P-67).
    pub fn confirmed(&mut self, mode: Mode, lease: Option<Duration>, manners: Manners<'_>, now: Time) {
        match self.pending() {
            Some(pending) if pending == mode => {}
            _ => return,
        }
        if mode == Mode::Unsubscribe {
            return self.finish();
        }
        if self.state == State::Asked {
            self.since = Some(now);
        }
        let lease = lease.unwrap_or(LEASE).min(MAX_LEASE);
        let percent = 75 + u32::try_from(lot(manners.seed, 0) % 6).unwrap_or(0);
        self.state = State::Active;
        self.attempts = 0;
        self.lease_until = Some(now + delta(lease));
        self.act_at = now + delta((lease * percent / 100).max(manners.floor));
    }

    /// The hub said that it does not deliver, or no longer.
    pub fn denied(&mut self, now: Time) {
        match self.state {
            State::Ended => {}
            State::Ending => self.finish(),
            _ => {
                self.lease_until = None;
                self.act_at = now + delta(GRUDGE);
                self.lapse();
            }
        }
    }

    /// It is no longer wanted. Where the hub may be delivering, it is asked to stop.
    pub fn end(&mut self, now: Time) {
        let may_deliver = match self.state {
            State::Ending | State::Ended => return,
            State::Asked => true,
            _ => self.lease_until.is_some_and(|end| now < end),
        };
        self.trusted = false;
        if may_deliver {
            (self.state, self.attempts, self.act_at) = (State::Ending, 0, now);
        } else {
            self.finish();
        }
    }

    /// Something genuine was delivered and taken in. That is what trust is earned with.
    pub fn pushed(&mut self, now: Time) {
        self.last_push = Some(now);
        self.trusted |= self.delivers(now);
    }

    /// How long the source need not be polled.
    pub fn backup(&self, now: Time) -> Option<Duration> {
        (self.trusted && self.delivers(now)).then_some(BACKUP)
    }

    /// Whether a poll found what should have been delivered: something that appeared while the hub had to deliver and somebody listened,
    /// long enough ago, and after which no delivery came.
    ///
    /// `appeared`: when what the poll found new appeared at the source; `listening`: since when deliveries would have been received.
    pub fn has_missed(&self, appeared: &[Time], listening: Time, floor: Duration, now: Time) -> bool {
        let Some(from) = self.since.map(|since| since.max(listening)).filter(|_| self.delivers(now)) else {
            return false;
        };
        let late = now - delta(floor * LATENESS);
        appeared.iter().any(|at| {
            let at = (*at).min(now);
            (from..=late).contains(&at) && self.last_push.is_none_or(|push| push < at)
        })
    }

    /// It did not deliver what it should have: polling goes on as without it, and it gets another chance after a week. What it delivers
    /// meanwhile is taken, and changes nothing.
    pub fn distrust(&mut self, now: Time) {
        self.act_at = now + delta(GRUDGE);
        self.lapse();
    }

    fn delivers(&self, now: Time) -> bool {
        matches!(self.state, State::Active | State::Renewing) && self.lease_until.is_some_and(|end| now < end)
    }

    fn lapse(&mut self) {
        (self.state, self.trusted, self.since, self.attempts) = (State::Lapsed, false, None, 0);
    }

    fn finish(&mut self) {
        (self.state, self.trusted, self.since, self.lease_until) = (State::Ended, false, None, None);
    }
}

/// When the next delivery of a topic may be read, after the last was at `last`.
pub fn next_reading(last: Option<Time>, now: Time) -> Time {
    // A clock that was set back must not keep a topic waiting.
    last.map_or(now, |last| (last + delta(BREATH)).clamp(now, now + delta(BREATH)))
}
