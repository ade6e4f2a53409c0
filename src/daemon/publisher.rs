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
use crate::desk::Desk;
use crate::model::Source;
use crate::publish::{self, ALL, Page, Site, Snapshot, Version};
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
const LEAST_PAUSE: Duration = Duration::from_millis(20);
/// and never more.
const MOST_PAUSE: Duration = Duration::from_secs(1);

/// Makes pages whenever something is dirty, at once if it has been quiet.
pub async fn run(
    store: Arc<Store>,
    site: Arc<Site>,
    live: watch::Receiver<Arc<Live>>,
    mut dirty: mpsc::UnboundedReceiver<Dirty>,
    snapshot: watch::Sender<Arc<Snapshot>>,
    metrics: Arc<Metrics>,
    stop: CancellationToken,
) {
    let mut free_from = Instant::now();
    // What could not be made is wanted still.
    let mut owed: Option<Dirty> = None;
    loop {
        let mut wanted = match owed.take() {
            Some(wanted) => wanted,
            None => tokio::select! {
                () = stop.cancelled() => return,
                received = dirty.recv() => match received {
                    Some(wanted) => wanted,
                    None => return,
                },
            },
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep_until(free_from) => {}
        }
        while let Ok(more) = dirty.try_recv() {
            wanted.topics.extend(more.topics);
            wanted.everything |= more.everything;
        }
        let before = Arc::clone(&snapshot.borrow());
        let live = Arc::clone(&live.borrow());
        let began = Instant::now();
        match make(&store, &site, &live, before, wanted.clone()).await {
            Ok(after) => {
                snapshot.send_replace(after);
                count(&store, &metrics).await;
            }
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "pages could not be made; the last ones stay");
                owed = Some(wanted);
            }
        }
        free_from = Instant::now() + pause(began.elapsed());
    }
}

fn pause(took: Duration) -> Duration {
    took.saturating_mul(REST).clamp(LEAST_PAUSE, MOST_PAUSE)
}

/// Tells the metrics what is published. It counts every story, so no reader waits for it.
pub async fn count(store: &Arc<Store>, metrics: &Metrics) {
    let reader = Arc::clone(store);
    let counted = tokio::task::spawn_blocking(move || reader.read(stories::count)).await;
    match counted.context("counting stories panicked").and_then(|counted| counted) {
        Ok(stories) => metrics.publication(stories, store.size(), seconds(clock::now())),
        Err(error) => tracing::error!(error = format!("{error:#}"), "stories could not be counted"),
    }
}

/// Makes what is dirty and puts it beside what is not.
pub async fn make(
    store: &Arc<Store>,
    site: &Arc<Site>,
    live: &Arc<Live>,
    before: Arc<Snapshot>,
    dirty: Dirty,
) -> Result<Arc<Snapshot>> {
    let (reader, site, live) = (Arc::clone(store), Arc::clone(site), Arc::clone(live));
    let made = tokio::task::spawn_blocking(move || assemble(&reader, &site, &live, &before, &dirty))
        .await
        .context("making pages panicked")??;
    let Made { snapshot, changed, gone, topics } = made;
    if !changed.is_empty() || !gone.is_empty() || !topics.is_empty() {
        let write = move |tx: &store::Tx<'_>| {
            stories::remember_topics(tx, &topics)?;
            stories::forget_pages(tx, &gone)?;
            stories::set_page_dates(tx, &changed)
        };
        store.write(write).await?;
    }
    Ok(snapshot)
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are exact in a double for 285,000 years")]
pub fn seconds(time: Time) -> f64 {
    time.timestamp_millis() as f64 / 1000.0
}

struct Made {
    snapshot: Arc<Snapshot>,
    changed: Vec<(String, String, Time)>,
    /// The documents that are remembered and are no more: those of a topic that left.
    gone: Vec<String>,
    /// The topics that are published for the first time.
    topics: Vec<String>,
}

fn assemble(store: &Store, site: &Site, live: &Live, before: &Snapshot, dirty: &Dirty) -> Result<Made> {
    let config = &live.config;
    let topics = config.rules.topics();
    let publishers = live.publishers(store)?;
    let (documents, dates, first) = store.read(|db| {
        let desk = Desk::new(db, site, config, &publishers, clock::now());
        let mut documents = Vec::new();
        for topic in topics.iter().filter(|t| dirty.everything || dirty.topics.contains(&t.id)) {
            documents.extend(desk.feeds(&topic.id)?);
        }
        documents.extend(desk.feeds(ALL)?);
        if dirty.everything {
            let listed: Vec<Arc<Source>> = config.sources.values().map(Arc::clone).collect();
            documents.extend(publish::fixed(site, &listed, clock::now()));
        }
        let ids: Vec<&str> = topics.iter().map(|topic| topic.id.as_str()).collect();
        Ok((documents, stories::page_dates(db)?, stories::new_topics(db, &ids)?))
    })?;
    tracing::debug!(documents = documents.len(), "pages made");
    let mut pages = if dirty.everything { BTreeMap::new() } else { before.pages.clone() };
    let mut changed = Vec::new();
    for (path, page) in documents {
        let page = match before.pages.get(&path) {
            Some(known) if known.etag == page.etag => Arc::clone(known),
            known => {
                let page = dated(&path, page, &dates, &mut changed);
                if let Some(known) = known {
                    page.code_like(known);
                }
                Arc::new(page)
            }
        };
        pages.insert(path, page);
    }
    let is_there = |key: &String| pages.contains_key(key.trim_start_matches('/'));
    let gone = dates.keys().filter(|key| dirty.everything && !is_there(key)).cloned().collect();
    let version = Version { number: before.version.number + 1, since: clock::now() };
    let mut versions = if dirty.everything { BTreeMap::new() } else { before.topics.clone() };
    let remade = topics.iter().filter(|t| dirty.everything || dirty.topics.contains(&t.id));
    versions.extend(remade.map(|topic| (topic.id.clone(), version)));
    Ok(Made { snapshot: Arc::new(Snapshot { pages, version, topics: versions }), changed, gone, topics: first })
}

/// Gives a document the date of its last change: the stored one if it is the stored document, else now.
fn dated(
    path: &str,
    page: Page,
    dates: &BTreeMap<String, (String, Time)>,
    changed: &mut Vec<(String, String, Time)>,
) -> Page {
    let key = format!("/{path}");
    match dates.get(&key) {
        Some((etag, modified)) if *etag == page.etag => page.changed_at(*modified),
        _ => {
            let now = clock::now();
            changed.push((key, page.etag.clone(), now));
            page.changed_at(now)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_quickly_is_made_at_once_and_what_is_not_at_most_once_a_second() {
        let paused = |took| u64::try_from(pause(Duration::from_millis(took)).as_millis()).unwrap();
        assert_eq!([0, 1, 10, 100, 250, 9_000].map(paused), [20, 20, 40, 400, 1_000, 1_000]);
    }
}
