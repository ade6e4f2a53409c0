//! What somebody else writes beside the daemon (`dongtin story join`) is published too.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::publisher::Dirty;
use crate::store::{self, Store};

/// How often it is asked whether anybody else wrote: soon enough for who waits for a page to follow.
const EVERY: Duration = Duration::from_secs(2);

/// What the database was like for its writer, to be asked before pages are made from it.
pub async fn version(store: &Store) -> Result<i64> {
    store.write(|tx| store::version_of_others(tx)).await
}

/// Has everything made again whenever somebody else wrote since `known`, until told to stop. Who it was and what it concerns is not known, and
/// people do so rarely.
pub async fn run(store: Arc<Store>, mut known: i64, dirty: mpsc::UnboundedSender<Dirty>, stop: CancellationToken) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let asked = async {
            ticks.tick().await;
            version(&store).await
        };
        let now = tokio::select! {
            () = stop.cancelled() => return,
            now = asked => now,
        };
        // A database that is busy is asked again.
        let Ok(now) = now else { continue };
        if now != known {
            known = now;
            tracing::info!("somebody else wrote to the database; pages are made again");
            drop(dirty.send(Dirty { everything: true, ..Dirty::default() }));
        }
    }
}
