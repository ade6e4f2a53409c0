//! Dirty topics → new snapshot. The database is read here, never while answering a reader.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Live;
use crate::clock;
use crate::desk::{Desk, Kept};
use crate::publish::{self, ALL, Site, Snapshot, Version};
use crate::schedule::Time;
use crate::store::{self, Store, stories};
use crate::telemetry::Metrics;

/// What must be made again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dirty {
    /// These topics, and what shows all stories.
    pub topics: BTreeSet<String>,
    /// Everything, the documents of the configuration too.
    pub everything: bool,
}

/// A round of polls changes the same pages again and again: between two makings there is a pause of so many times what the last one took, so
/// that what is cheap is made at once, and what is not takes no more than a fifth of a processor; but never less
const REST: u32 = 4;
/// than this,
const LEAST_PAUSE: Duration = Duration::from_millis(50);
/// and never more.
const MOST_PAUSE: Duration = Duration::from_secs(1);

/// The most time between two writings of what is known of the pages.
const NOTED: Duration = Duration::from_secs(1);

/// Makes pages.
pub struct Publisher {
    store: Arc<Store>,
    site: Arc<Site>,
    metrics: Arc<Metrics>,
    /// What the feeds of the last snapshot are made of.
    kept: Kept,
    /// What is to be written of the last snapshots.
    owed: Notes,
    noted: Instant,
}

/// What the database knows of pages.
#[derive(Default)]
struct Notes {
    /// Since when a document is as it is, by path: its tag, and the time.
    dates: BTreeMap<String, (String, Time)>,
    /// The documents that are remembered and are no more: those of a topic that left.
    gone: Vec<String>,
    /// The topics that are published for the first time.
    topics: Vec<String>,
}

impl Publisher {
    /// Of a database, as this site.
    pub fn new(store: Arc<Store>, site: Arc<Site>, metrics: Arc<Metrics>) -> Publisher {
        let (kept, owed) = (Kept::default(), Notes::default());
        Publisher { store, site, metrics, kept, owed, noted: Instant::now() }
    }

    /// Makes pages whenever something is dirty, at once if it has been quiet.
    pub async fn run(
        mut self,
        live: watch::Receiver<Arc<Live>>,
        mut dirty: mpsc::UnboundedReceiver<Dirty>,
        snapshot: watch::Sender<Arc<Snapshot>>,
        stop: CancellationToken,
    ) {
        let mut free_from = Instant::now();
        // What could not be made is wanted still.
        let mut owed: Option<Dirty> = None;
        loop {
            let wanted = async {
                match owed.take() {
                    Some(wanted) => Some(wanted),
                    None => dirty.recv().await,
                }
            };
            let mut wanted = tokio::select! {
                () = stop.cancelled() => break,
                wanted = wanted => match wanted {
                    Some(wanted) => wanted,
                    None => break,
                },
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep_until(free_from) => {}
            }
            while let Ok(more) = dirty.try_recv() {
                wanted.topics.extend(more.topics);
                wanted.everything |= more.everything;
            }
            let before = Arc::clone(&snapshot.borrow());
            let live = Arc::clone(&live.borrow());
            let began = Instant::now();
            match self.make(&live, before, wanted.clone()).await {
                Ok(after) => drop(snapshot.send_replace(after)),
                Err(error) => {
                    tracing::error!(error = format!("{error:#}"), "pages could not be made; the last ones stay");
                    owed = Some(wanted);
                }
            }
            free_from = Instant::now() + pause(began.elapsed());
            // No reader waits for the writer.
            if dirty.is_empty() || self.noted.elapsed() >= NOTED {
                self.note().await;
            }
        }
        self.note().await;
    }

    /// Makes what is dirty and puts it beside what is not.
    pub async fn make(&mut self, live: &Arc<Live>, before: Arc<Snapshot>, dirty: Dirty) -> Result<Arc<Snapshot>> {
        let (store, site, live) = (Arc::clone(&self.store), Arc::clone(&self.site), Arc::clone(live));
        // Where making fails, everything is written anew.
        let kept = std::mem::take(&mut self.kept);
        let made = tokio::task::spawn_blocking(move || assemble(&store, &site, &live, &before, &dirty, kept))
            .await
            .context("making pages panicked")??;
        let Made { snapshot, kept, notes } = made;
        self.kept = kept;
        self.owed.dates.extend(notes.dates);
        self.owed.dates.retain(|path, _| snapshot.pages.contains_key(path));
        self.owed.gone.extend(notes.gone);
        self.owed.topics.extend(notes.topics);
        Ok(snapshot)
    }

    /// Writes what is to be remembered of the pages, and tells the metrics what is published, which counts every story.
    pub async fn note(&mut self) {
        self.noted = Instant::now();
        if let Err(error) = self.remember().await {
            tracing::error!(error = format!("{error:#}"), "since when pages are as they are could not be written");
        }
        let reader = Arc::clone(&self.store);
        let counted = tokio::task::spawn_blocking(move || reader.read(stories::count)).await;
        match counted.context("counting stories panicked").and_then(|counted| counted) {
            Ok(stories) => self.metrics.publication(stories, self.store.size(), seconds(clock::now())),
            Err(error) => tracing::error!(error = format!("{error:#}"), "stories could not be counted"),
        }
    }

    async fn remember(&mut self) -> Result<()> {
        let Notes { dates, gone, topics } = &self.owed;
        if dates.is_empty() && gone.is_empty() && topics.is_empty() {
            return Ok(());
        }
        let (dates, gone, topics) = (dates.clone(), gone.clone(), topics.clone());
        let write = move |tx: &store::Tx<'_>| {
            stories::remember_topics(tx, &topics)?;
            stories::forget_pages(tx, &gone)?;
            stories::set_page_dates(tx, &dates)
        };
        self.store.write(write).await?;
        self.owed = Notes::default();
        Ok(())
    }
}

fn pause(took: Duration) -> Duration {
    took.saturating_mul(REST).clamp(LEAST_PAUSE, MOST_PAUSE)
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are exact in a double for 285,000 years")]
pub fn seconds(time: Time) -> f64 {
    time.timestamp_millis() as f64 / 1000.0
}

struct Made {
    snapshot: Arc<Snapshot>,
    kept: Kept,
    notes: Notes,
}

fn assemble(store: &Store, site: &Site, live: &Live, before: &Snapshot, dirty: &Dirty, mut kept: Kept) -> Result<Made> {
    let config = &live.config;
    let topics = config.rules.topics();
    let publishers = live.publishers(store)?;
    if dirty.everything {
        kept.clear();
    }
    let mut notes = Notes::default();
    let mut dates = BTreeMap::new();
    let documents = store.read(|db| {
        let desk = Desk::new(db, site, config, &publishers, clock::now());
        let mut documents = Vec::new();
        for topic in topics.iter().filter(|t| dirty.everything || dirty.topics.contains(&t.id)) {
            documents.extend(desk.feeds(&topic.id, &mut kept)?);
        }
        documents.extend(desk.feeds(ALL, &mut kept)?);
        if dirty.everything {
            documents.extend(publish::fixed(site, config.sources.values(), clock::now()));
            let ids: Vec<&str> = topics.iter().map(|topic| topic.id.as_str()).collect();
            notes.topics = stories::new_topics(db, &ids)?;
            dates = stories::page_dates(db)?;
        }
        Ok(documents)
    })?;
    tracing::debug!(documents = documents.len(), "pages made");
    let mut pages = if dirty.everything { BTreeMap::new() } else { before.pages.clone() };
    for (path, page) in documents {
        let page = match before.pages.get(&path) {
            Some(known) if known.etag == page.etag => Arc::clone(known),
            known => {
                let stored = known.is_none().then(|| dates.get(&path)).flatten();
                let stored = stored.filter(|(etag, _)| *etag == page.etag);
                let modified = match stored {
                    Some((_, modified)) => *modified,
                    None => {
                        let now = clock::now();
                        notes.dates.insert(path.clone(), (page.etag.clone(), now));
                        now
                    }
                };
                let page = page.changed_at(modified).for_many();
                if let Some(known) = known {
                    page.code_like(known);
                }
                Arc::new(page)
            }
        };
        pages.insert(path, page);
    }
    notes.gone = dates.into_keys().filter(|path| !pages.contains_key(path)).collect();
    let version = Version { number: before.version.number + 1, since: clock::now() };
    let mut versions = if dirty.everything { BTreeMap::new() } else { before.topics.clone() };
    let remade = topics.iter().filter(|t| dirty.everything || dirty.topics.contains(&t.id));
    versions.extend(remade.map(|topic| (topic.id.clone(), version)));
    Ok(Made { snapshot: Arc::new(Snapshot { pages, version, topics: versions }), kept, notes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_quickly_is_made_at_once_and_what_is_not_at_most_once_a_second() {
        let paused = |took| u64::try_from(pause(Duration::from_millis(took)).as_millis()).unwrap();
        assert_eq!([0, 1, 10, 100, 250, 9_000].map(paused), [50, 50, 50, 400, 1_000, 1_000]);
    }
}
