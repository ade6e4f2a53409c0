//! When a source is due, and why. Pure: the caller brings the clock. Việt Nam has no daylight saving, so its time is +07:00.

mod crontab;
mod pace;
mod setback;

use std::time::Duration;

use chrono::{DateTime, FixedOffset, Offset, TimeDelta, TimeZone, Utc};

pub use self::crontab::{CronError, Crontab};
pub use self::pace::Pace;
pub use self::setback::Setback;

/// An instant.
pub type Time = DateTime<Utc>;

/// Seconds east of Greenwich in Việt Nam, all year.
pub const VIETNAM_SECONDS: i32 = 7 * 3600;

/// +07:00.
pub fn vietnam() -> FixedOffset {
    #[expect(clippy::expect_used, reason = "seven hours are within a day")]
    FixedOffset::east_opt(VIETNAM_SECONDS).expect("a valid offset")
}

/// A fixed zone.
pub type Zone = FixedOffset;

/// The zone of a text such as "+07:00" or "Z".
pub fn zone(text: &str) -> Option<Zone> {
    if text == "Z" {
        return Some(Utc.fix());
    }
    let (sign, rest) = text.split_at_checked(1)?;
    let (hours, minutes) = rest.split_once(':')?;
    let number = |digits: &str| Some(digits).filter(|d| d.len() == 2)?.parse::<i32>().ok();
    let (hours, minutes) = (number(hours)?, number(minutes).filter(|m| *m < 60)?);
    let seconds = hours * 3600 + minutes * 60;
    match sign {
        "+" => FixedOffset::east_opt(seconds),
        "-" => FixedOffset::west_opt(seconds),
        _ => None,
    }
}

/// How often a source is polled.
#[derive(Debug, Clone, PartialEq)]
pub enum Cadence {
    /// At this interval after the last poll started.
    Every(Duration),
    /// At the times of a crontab line, plus the source's own offset.
    Cron(Crontab),
    /// As often as it publishes, learnt from its own history.
    Auto,
}

/// A source whose rhythm is learnt is polled at least this often, so that a habit that changes is noticed.
pub const AUTO_CEILING: Duration = Duration::from_hours(6);
/// And where nothing was learnt yet.
const AUTO_FIRST: Duration = Duration::from_mins(30);

impl Cadence {
    /// The shortest time between two polls that this cadence asks for.
    pub fn interval(&self, now: Time) -> Duration {
        match self {
            Cadence::Every(interval) => *interval,
            Cadence::Cron(cron) => cron.shortest_gap(now),
            Cadence::Auto => AUTO_FIRST,
        }
    }

    /// The longest time that it leaves between two.
    pub fn patience(&self, now: Time) -> Duration {
        match self {
            Cadence::Auto => AUTO_CEILING,
            Cadence::Every(interval) => *interval,
            // A line may leave months between two of its times.
            Cadence::Cron(cron) => cron.next(now).and_then(|next| (next - now).to_std().ok()).unwrap_or(MAX_FRESHNESS),
        }
    }
}

/// What a server asked for in its last answer, and what that cost. Each only ever lengthens the wait (assertion P-45).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signals {
    /// `Retry-After`.
    pub retry_after: Option<Duration>,
    /// Freshness lifetime left: `max-age` less `Age`, or `Expires` less `Date`.
    pub max_age: Option<Duration>,
    /// What the feed says of its own pace.
    pub pace: Pace,
    /// A whole document came that nothing can be asked about: without validators and without a lifetime.
    pub is_unvouched: bool,
    /// How large that was on the wire, in bytes.
    pub bytes: u64,
    /// From the oldest item of the document to the newest: who comes later than that misses some.
    pub span: Option<Duration>,
    /// A hub that has proved itself pushes what is new; polls are its understudy.
    pub websub: Option<Duration>,
}

impl Signals {
    /// The longest wait that we may impose ourselves: a quarter of what the document spans, or an item may leave it unseen.
    fn harmless(&self) -> Duration {
        self.span.map_or(MAX_FRESHNESS, |span| span / SPANS)
    }
}

/// When a source is due, and why then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Not before this instant.
    pub at: Time,
    /// What decided it.
    pub cause: Cause,
}

/// What decided the time of the next poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Never polled before.
    First,
    /// The source's cadence.
    Cadence,
    /// When the source is expected to have something, from its own history.
    Rhythm,
    /// The server's `Cache-Control` or `Expires`.
    MaxAge,
    /// The feed's `<ttl>` or `sy:updatePeriod`.
    Ttl,
    /// The feed's `<skipHours>` or `<skipDays>`.
    Skip,
    /// The server gives nothing to ask "has it changed?" with, so every poll costs it a whole document.
    Unvouched,
    /// What the source has cost its server today.
    Bytes,
    /// A hub pushes.
    WebSub,
    /// The server's `Retry-After`.
    RetryAfter,
    /// Another address of the host was asked to wait.
    HostPause,
    /// The ladder after failures.
    Backoff,
    /// Our own network was down: nobody is blamed.
    Outage,
    /// The server said twice that it is gone for good; only a person starts it again.
    Stopped,
}

/// A lifetime is believed for a day at most: NetNewsWire met a max-age of 16 years.
const MAX_FRESHNESS: Duration = Duration::from_hours(24);
/// P-26: a longer `Retry-After` is a mistake or an attack (CVE-2025-68148).
pub const MAX_RETRY_AFTER: Duration = Duration::from_hours(7 * 24);
/// P-28: longest that the refusal of one address silences its whole host; longer waits are for the address that was asked.
pub const MAX_PAUSE: Duration = Duration::from_hours(1);
/// Sources that fall due together are spread over half an interval, and no more than this (P-39).
const MAX_SPREAD: Duration = Duration::from_mins(15);
/// P-21, in multiples of the floor: three hours between whole documents that nothing vouches for.
const UNVOUCHED: u32 = 18;
/// P-21: a source's documents cost its server this much a day at most, in bytes.
const DAILY_BYTES: u64 = 32 << 20;
/// A document is looked at this often at least before all its items may have left it.
const SPANS: u32 = 4;
const DAY: Duration = Duration::from_hours(24);

/// Whose next poll is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Turn<'a> {
    /// How often the admin wants it.
    pub cadence: &'a Cadence,
    /// Whether that was said of this very source, and not of all.
    pub is_own: bool,
    /// What spreads it: the slug.
    pub seed: &'a str,
    /// Nobody is asked more often.
    pub floor: Duration,
    /// When the last poll was answered.
    pub started: Time,
    /// When news is expected, where the rhythm is learnt.
    pub expected: Option<Time>,
}

/// When to poll a source for the first time, or after it was overdue for long (the daemon was down): its own offset
/// from now, so that a thousand sources never start together.
pub fn first(cadence: &Cadence, seed: &str, now: Time) -> Due {
    Due { at: now + delta(offset(cadence, seed, now)), cause: Cause::First }
}

/// When to poll next: the latest of what the cadence, the server, the feed and past failures ask for.
pub fn next(turn: &Turn<'_>, signals: &Signals, setback: Option<(Setback, u32)>) -> Due {
    let mut due = after(turn, signals);
    let mut not_before = |wait: Option<Duration>, cap: Duration, cause: Cause| {
        if let Some(wait) = wait {
            let at = turn.started + delta(wait.min(cap));
            if at > due.at {
                due = Due { at, cause };
            }
        }
    };
    not_before(Some(turn.floor), MAX_FRESHNESS, Cause::Cadence);
    not_before(signals.max_age, MAX_FRESHNESS, Cause::MaxAge);
    not_before(signals.pace.interval(), MAX_FRESHNESS, Cause::Ttl);
    // What we impose on ourselves must not cost an item; what a server asks for may.
    let harmless = signals.harmless();
    let unvouched = (signals.is_unvouched && !turn.is_own).then(|| turn.floor.saturating_mul(UNVOUCHED));
    not_before(unvouched, harmless, Cause::Unvouched);
    let cost = signals.bytes.saturating_mul(DAY.as_secs()) / DAILY_BYTES;
    not_before(signals.is_unvouched.then(|| Duration::from_secs(cost)), harmless, Cause::Bytes);
    not_before(signals.websub, MAX_FRESHNESS, Cause::WebSub);
    // A server that says when to come back has answered the question the ladder guesses at.
    match (signals.retry_after, setback) {
        (Some(wait), _) => not_before(Some(wait), MAX_RETRY_AFTER, Cause::RetryAfter),
        (None, Some((setback, times))) if setback.is_final(times) => return stopped(),
        (None, Some((setback, times))) => {
            not_before(Some(setback.wait(times, turn.floor, turn.seed)), MAX_RETRY_AFTER, Cause::Backoff);
        }
        (None, None) => {}
    }
    let open = signals.pace.after_skips(due.at);
    if open > due.at {
        // Who is let in at midnight comes at his own place behind it.
        return Due { at: open + delta(offset(turn.cadence, turn.seed, turn.started)), cause: Cause::Skip };
    }
    due
}

/// Never, unless a person has it polled or changes its address.
fn stopped() -> Due {
    let at = Utc.with_ymd_and_hms(9999, 1, 1, 0, 0, 0).single().unwrap_or(Time::MAX_UTC);
    Due { at, cause: Cause::Stopped }
}

/// After a time in which a source is not to be asked, at its own place behind it.
pub fn behind(until: Time, cause: Cause, turn: &Turn<'_>, pace: &Pace) -> Due {
    Due { at: pace.after_skips(until + delta(offset(turn.cadence, turn.seed, until))), cause }
}

/// The stored due time, seen again at `now` after a start or reload: kept, unless it lies so far in the past that many
/// sources would start at once, or further ahead than any rule allows (a clock that was wrong when it was written).
pub fn resume(stored: Due, cadence: &Cadence, seed: &str, now: Time) -> Due {
    if stored.cause == Cause::Stopped {
        return stored;
    }
    let late = now - stored.at;
    let patience = delta(cadence.interval(now) / 2);
    if late > patience || late < -(delta(MAX_RETRY_AFTER) + delta(cadence.patience(now))) {
        first(cadence, seed, now)
    } else {
        stored
    }
}

/// The cadence's own next time. An interval counts from the answer to the last poll, so two polls are never nearer than
/// it.
fn after(turn: &Turn<'_>, signals: &Signals) -> Due {
    let Turn { cadence, seed, started, .. } = *turn;
    match cadence {
        Cadence::Every(interval) => Due { at: started + delta(*interval), cause: Cause::Cadence },
        Cadence::Cron(cron) => {
            let offset = delta(offset(cadence, seed, started));
            let at = cron.next(started - offset).map_or(started + delta(MAX_FRESHNESS), |t| t + offset);
            Due { at, cause: Cause::Cadence }
        }
        Cadence::Auto => match turn.expected {
            Some(at) => Due { at: at.min(started + delta(signals.harmless())), cause: Cause::Rhythm },
            None => Due { at: started + delta(AUTO_FIRST), cause: Cause::Cadence },
        },
    }
}

/// The source's stable place within the spread.
fn offset(cadence: &Cadence, seed: &str, now: Time) -> Duration {
    let window = (cadence.interval(now) / 2).min(MAX_SPREAD);
    let millis = u64::try_from(window.as_millis()).unwrap_or(0).max(1);
    Duration::from_millis(lot(seed, 0) % millis)
}

/// A length of time between two instants; one beyond all measure is as long as can be added.
pub fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX / 4)
}

/// FNV-1a, 64 bits: the same on every machine and in every version, which the standard library's hasher does not
/// promise.
pub fn lot(seed: &str, salt: u64) -> u64 {
    const PRIME: u64 = 0x0100_0000_01b3;
    seed.bytes().chain(salt.to_le_bytes()).fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests;
