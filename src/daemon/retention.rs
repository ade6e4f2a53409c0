//! What is older than the operator wants to keep is forgotten, a little at a time, while polling and serving go on.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use chrono::Months;
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::Live;
use super::publisher::Dirty;
use crate::clock;
use crate::publish::Month;
use crate::schedule::Time;
use crate::store::{Store, retention};

/// How often it is asked whether a month has become too old.
const EVERY: Duration = Duration::from_hours(24);
/// Between two transactions: polls that wait go first.
const PAUSE: Duration = Duration::from_millis(50);

/// Forgets after the start, then daily and with every new configuration, until told to stop.
pub async fn run(
    store: Arc<Store>,
    mut live: watch::Receiver<Arc<Live>>,
    dirty: mpsc::UnboundedSender<Dirty>,
    stop: CancellationToken,
) {
    loop {
        let months = live.borrow_and_update().config.settings.retention;
        if let Some(before) = before(clock::now(), months) {
            let forgotten = tokio::select! {
                () = stop.cancelled() => return,
                forgotten = forget(&store, before) => forgotten,
            };
            match forgotten {
                Ok(0) => {}
                Ok(stories) => {
                    tracing::info!(stories, before = %before, "stories were forgotten for their age");
                    drop(dirty.send(Dirty { everything: true, ..Dirty::default() }));
                }
                Err(error) => {
                    tracing::error!(
                        error = format!("{error:#}"),
                        "old stories could not be forgotten; trying again tomorrow"
                    );
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(EVERY) => {}
            // Who sends no more is the daemon ending.
            changed = live.changed() => if changed.is_err() { return },
        }
    }
}

/// From before when everything is forgotten: the first moment of the month so many months back, in Việt Nam. Nothing where all is kept.
fn before(now: Time, months: u32) -> Option<Time> {
    if months == 0 {
        return None;
    }
    // In the middle of a month no zone matters.
    let middle = Month::of(now).begin().checked_add_days(chrono::Days::new(14))?;
    Some(Month::of(middle.checked_sub_months(Months::new(months))?).begin())
}

async fn forget(store: &Store, before: Time) -> Result<usize> {
    let mut stories = 0;
    loop {
        match store.write(move |tx| retention::forget_before(tx, before)).await? {
            0 => return Ok(stories),
            some => stories += some,
        }
        sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_months_are_kept_as_people_in_viet_nam_count_them() {
        for (now, months, expected) in [
            ("2026-11-23T05:00:00Z", 0, None),
            ("2026-11-23T05:00:00Z", 1, Some("2026-09-30T17:00:00Z")),
            ("2026-11-23T05:00:00Z", 12, Some("2025-10-31T17:00:00Z")),
            // The first of December began at seven in the evening.
            ("2026-11-30T16:59:59Z", 1, Some("2026-09-30T17:00:00Z")),
            ("2026-11-30T17:00:00Z", 1, Some("2026-10-31T17:00:00Z")),
            ("2026-03-31T05:00:00Z", 1, Some("2026-01-31T17:00:00Z")),
            ("2026-01-01T05:00:00Z", 1_200, Some("1925-12-31T17:00:00Z")),
        ] {
            let told = before(now.parse().unwrap(), months);
            assert_eq!(told, expected.map(|at| at.parse().unwrap()), "{now}, {months} months");
        }
    }
}
