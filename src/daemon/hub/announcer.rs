//! Somebody else's hub: it is told which feeds changed, and fetches them itself.

use std::collections::BTreeMap;

use anyhow::Result;
use url::Url;

use super::{Parts, TICK, log};
use crate::clock;
use crate::fetch::error::FetchError;
use crate::schedule::{Time, delta};
use crate::store;
use crate::websub::hub::subscriber::backoff;

/// Feeds in one announcement: at 2 KiB an address at most, what any server takes as a form.
const MOST_AT_ONCE: usize = 50;
/// How often it is tried, over about forty minutes. Who missed it finds the next change, or polls.
const MOST_ATTEMPTS: u32 = 4;

/// Tells a hub what changed.
pub struct Announcer {
    /// What it works with.
    pub parts: Parts,
    /// The hub.
    pub hub: Url,
}

/// Feeds by their addresses, with the `ETag`s of their documents.
type Feeds = BTreeMap<String, String>;

impl Announcer {
    /// Until told to stop.
    pub async fn run(mut self) {
        let hub = self.hub.clone();
        let Some(mut told) = self.parts.read(|db| store::hub::announced(db, &hub)).await else { return };
        let (mut attempts, mut not_before) = (0, Time::default());
        loop {
            let owed = self.owed(&mut told).await;
            let now = clock::now();
            if !owed.is_empty() && now >= not_before {
                let announced = tokio::select! {
                    () = self.parts.stop.cancelled() => return,
                    announced = self.announce(&owed) => announced,
                };
                match announced {
                    Ok(()) => {
                        attempts = 0;
                        self.parts.metrics.hub_delivery("announced");
                    }
                    Err(error) => {
                        attempts += 1;
                        not_before = clock::now() + delta(backoff(attempts, self.hub.as_str()));
                        self.parts.metrics.hub_delivery("announcement-failed");
                        tracing::info!(hub = %self.hub, attempts, class = error.class.as_str(), "the hub was not told: {error}");
                    }
                }
                if attempts == 0 || attempts >= MOST_ATTEMPTS {
                    attempts = 0;
                    self.remember(&owed).await;
                    told.extend(owed);
                }
            }
            let wait = (not_before - now).to_std().unwrap_or(TICK).min(TICK);
            tokio::select! {
                () = self.parts.stop.cancelled() => return,
                changed = self.parts.snapshot.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// The feeds that are other documents than the hub was told of. One that was not there before is no change: nobody has subscribed to it.
    async fn owed(&mut self, told: &mut Feeds) -> Feeds {
        let base = self.parts.site.base_url.clone();
        let now: Feeds = {
            let snapshot = self.parts.snapshot.borrow_and_update();
            snapshot.feeds().map(|(path, page)| (format!("{base}{path}"), page.etag.clone())).collect()
        };
        let (known, new): (Feeds, Feeds) = now.into_iter().partition(|(topic, _)| told.contains_key(topic));
        if !new.is_empty() {
            self.remember(&new).await;
            told.extend(new);
        }
        known.into_iter().filter(|(topic, etag)| told.get(topic) != Some(etag)).collect()
    }

    /// `hub.topic` and `hub.url`: the Recommendation leaves the form open (section 6), and hubs read one or the other.
    async fn announce(&self, owed: &Feeds) -> Result<(), FetchError> {
        let client = self.parts.live.borrow().tools.client.clone();
        let topics: Vec<&str> = owed.keys().map(String::as_str).collect();
        for some in topics.chunks(MOST_AT_ONCE) {
            let mut form = vec![("hub.mode", "publish")];
            form.extend(some.iter().flat_map(|topic| [("hub.topic", *topic), ("hub.url", *topic)]));
            client.post_form(&self.hub, &self.hub, &form).await?;
        }
        Ok(())
    }

    /// Writes what the hub was told. Where that fails, it is told again after a restart.
    async fn remember(&self, told: &Feeds) {
        let (hub, told) = (self.hub.clone(), told.clone().into_iter().collect::<Vec<_>>());
        if let Err(error) = self.parts.store.write(move |tx| store::hub::announce(tx, &hub, &told)).await {
            log(&error);
        }
    }
}
