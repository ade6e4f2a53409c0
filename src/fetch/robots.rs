//! robots.txt of the hosts whose pages we found by ourselves (RFC 9309; assertion P-46). A feed's address was typed by an admin and
//! is not asked about here.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use chrono::TimeDelta;
use tokio::sync::Mutex;
use url::Url;

use super::ask::{Answer, Ask, Kind};
use super::error::{Class, FetchError};
use super::{Client, PRODUCT};
use crate::link;
use crate::robots::Robots;
use crate::schedule::{MAX_RETRY_AFTER, Setback, Time, delta};

/// What is known, by scheme, host and port.
#[derive(Default)]
pub struct RobotsCache {
    origins: std::sync::Mutex<HashMap<String, Origin>>,
}

type Origin = Arc<Mutex<Option<Kept>>>;

/// One host's wishes, for a while.
struct Kept {
    until: Time,
    /// Nothing where they could not be had.
    robots: Option<Robots>,
}

/// RFC 9309 section 2.4: not longer than a day.
const KEPT_FOR: TimeDelta = TimeDelta::hours(24);
/// Where the server was in trouble, it is asked again sooner.
const TRIED_AGAIN_AFTER: TimeDelta = TimeDelta::hours(1);
const MOST_ORIGINS: usize = 5_000;

impl Client {
    /// Whether an address may be asked for: always where somebody typed it.
    pub(super) async fn may_ask(&self, ask: &Ask<'_>, url: &Url) -> Result<(), FetchError> {
        if !ask.found {
            return Ok(());
        }
        let kept = self.robots.origin(&url.origin().ascii_serialization());
        let mut kept = kept.lock().await;
        let now = self.clock.now();
        if kept.as_ref().is_none_or(|k| k.until <= now) {
            *kept = Some(self.robots_of(ask, url, now).await?);
        }
        match kept.as_ref().and_then(|k| k.robots.as_ref()) {
            None => {
                Err(FetchError::new(Class::RobotsUnreachable, "robots.txt could not be had, so nothing is asked for"))
            }
            Some(robots) if robots.allows(url) => Ok(()),
            Some(_) => Err(FetchError::new(Class::Robots, format!("robots.txt of the host forbids {}", url.path()))),
        }
    }

    async fn robots_of(&self, ask: &Ask<'_>, url: &Url, now: Time) -> Result<Kept, FetchError> {
        let Ok(address) = url.join("/robots.txt") else {
            return Ok(Kept { until: now + KEPT_FOR, robots: None });
        };
        let ask = Ask { url: &address, validators: None, kind: Kind::Text, found: false, ..*ask };
        let answer = Box::pin(self.follow(&ask, &mut now.clone())).await;
        let wish = answer.as_ref().err().and_then(|error| error.retry_after).unwrap_or_default().min(MAX_RETRY_AFTER);
        let read = |document: &super::Document| {
            let robots = Robots::parse(&document.body().ok()?, PRODUCT);
            if let Some(delay) = robots.crawl_delay {
                self.turns.slow_down(&link::turn_key(url), delay);
            }
            Some(robots)
        };
        let robots = match answer {
            Ok(Answer::Fresh(document)) => read(&document),
            Ok(Answer::NotModified(_)) => None,
            Err(error) if error.class == Class::Paused => return Err(error),
            Err(error) => match error.class.setback() {
                // RFC 9309 sections 2.3.1.3 and 2.3.1.4: not there is no wish, not to be had is a wish for silence.
                Setback::Denied | Setback::Gone | Setback::Content | Setback::Oversized => Some(Robots::everything()),
                Setback::Network | Setback::Server | Setback::Throttled => None,
            },
        };
        let kept_for = if robots.is_some() { KEPT_FOR } else { TRIED_AGAIN_AFTER.max(delta(wish)) };
        Ok(Kept { until: now + kept_for, robots })
    }
}

impl RobotsCache {
    fn origin(&self, name: &str) -> Arc<Mutex<Option<Kept>>> {
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        if origins.len() >= MOST_ORIGINS && !origins.contains_key(name) {
            origins.retain(|_, kept| Arc::strong_count(kept) > 1);
        }
        Arc::clone(origins.entry(name.to_owned()).or_default())
    }
}
