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
use crate::config::Config;
use crate::model::{Publish, Source, Story, Topic};
use crate::publish::{
    self, ALL, Channel, Front, FrontTopic, Lang, Languages, Page, Site, Snapshot, Stories, TopicName,
};
use crate::schedule::Time;
use crate::store::{self, Store, sources, stories};
use crate::telemetry::Metrics;

/// What must be made again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dirty {
    /// These topics, and what shows all stories.
    pub topics: BTreeSet<String>,
    /// Everything, the documents of the configuration too.
    pub everything: bool,
}

/// Pages are made at most this often: a round of polls changes the same ones again and again.
const PAUSE: Duration = Duration::from_secs(1);

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
        match make(&store, &site, &live, before, wanted.clone(), &metrics).await {
            Ok(after) => {
                snapshot.send_replace(after);
            }
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "pages could not be made; the last ones stay");
                owed = Some(wanted);
            }
        }
        free_from = Instant::now() + PAUSE;
    }
}

/// Makes what is dirty and puts it beside what is not.
pub async fn make(
    store: &Arc<Store>,
    site: &Arc<Site>,
    live: &Arc<Live>,
    before: Arc<Snapshot>,
    dirty: Dirty,
    metrics: &Metrics,
) -> Result<Arc<Snapshot>> {
    let (reader, site, live) = (Arc::clone(store), Arc::clone(site), Arc::clone(live));
    let made = tokio::task::spawn_blocking(move || assemble(&reader, &site, &live.config, &before, &dirty))
        .await
        .context("making pages panicked")??;
    let Made { snapshot, changed, gone, stories } = made;
    if !changed.is_empty() || !gone.is_empty() {
        let write = move |tx: &store::Tx<'_>| {
            stories::forget_pages(tx, &gone)?;
            stories::set_page_dates(tx, &changed)
        };
        store.write(write).await?;
    }
    metrics.publication(stories, store.size(), seconds(clock::now()));
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
    stories: u32,
}

/// Everything, as a daemon with this configuration would serve it now. Writes nothing: what has no stored date is of now.
pub fn everything(store: &Store, site: &Site, config: &Config) -> Result<Arc<Snapshot>> {
    let all = Dirty { everything: true, ..Dirty::default() };
    assemble(store, site, config, &Snapshot::default(), &all).map(|made| made.snapshot)
}

fn assemble(store: &Store, site: &Site, config: &Config, before: &Snapshot, dirty: &Dirty) -> Result<Made> {
    let topics = config.rules.topics();
    let names = TopicName::of(topics);
    let mut own = if dirty.everything { Stories::new(site, &names) } else { before.stories.clone() };
    let (all, counts, documents, dates) = store.read(|db| {
        let (all, counts) = stories::counts(db)?;
        let publishers = sources::publishers(db)?;
        let mut documents = Vec::new();
        for topic in topics.iter().filter(|t| dirty.everything || dirty.topics.contains(&t.id)) {
            let stories = permitted(config, stories::newest(db, &publishers, Some(&topic.id), topic.limit)?);
            documents.extend(Channel::of_topic(site, topic, &stories, &names).documents());
            own.set(&topic.id, stories);
        }
        let newest = permitted(config, stories::newest(db, &publishers, None, DEFAULT_LIMIT)?);
        documents.extend(Channel::of_all(site, &newest, &names).documents());
        own.set(ALL, newest);
        own.set_aliases(stories::aliases(db)?);
        let heads =
            topics.iter().map(|t| Ok((t, stories::head(db, &publishers, &t.id)?))).collect::<Result<Vec<_>>>()?;
        documents.extend(front(site, &heads, &counts, all, config.polled()));
        if dirty.everything {
            let listed: Vec<Arc<Source>> = config.sources.values().map(Arc::clone).collect();
            documents.extend(publish::fixed(site, &listed, clock::now()));
        }
        Ok((all, counts, documents, stories::page_dates(db)?))
    })?;
    tracing::debug!(stories = all, topics = counts.len(), documents = documents.len(), "pages made");
    let mut pages = if dirty.everything { BTreeMap::new() } else { before.pages.clone() };
    let mut changed = Vec::new();
    for (path, lang, page) in documents {
        let known = before.pages.get(&path).map(|known| match lang {
            Lang::Vi => Some(&known.vi),
            Lang::En => known.en.as_ref(),
        });
        let page = match known.flatten() {
            Some(known) if known.etag == page.etag => Arc::clone(known),
            _ => Arc::new(dated(&path, lang, page, &dates, &mut changed)),
        };
        match (lang, pages.get_mut(&path)) {
            (Lang::Vi, Some(languages)) => languages.vi = page,
            (Lang::En, Some(languages)) => languages.en = Some(page),
            (_, None) => {
                pages.insert(path, Languages { vi: page, en: None });
            }
        }
    }
    let is_there = |key: &String| {
        let (path, lang) = key.strip_suffix("#en").map_or((key.as_str(), Lang::Vi), |path| (path, Lang::En));
        let languages = pages.get(path.trim_start_matches('/'));
        languages.is_some_and(|languages| lang == Lang::Vi || languages.en.is_some())
    };
    let gone = dates.keys().filter(|key| dirty.everything && !is_there(key)).cloned().collect();
    Ok(Made { snapshot: Arc::new(Snapshot { pages, stories: own }), changed, gone, stories: all })
}

/// Stories without the articles that their sources, as configured now, do not let us publish: what is stored may be from before
/// that was withdrawn.
fn permitted(config: &Config, mut stories: Vec<Story>) -> Vec<Story> {
    let full = |id: &str| config.sources.get(id).is_some_and(|source| source.publish == Publish::Full);
    for member in stories.iter_mut().flat_map(|story| &mut story.members) {
        if !full(&member.publisher.id) {
            member.item.html = None;
        }
    }
    stories
}

/// How many stories the feed of everything holds at least.
const DEFAULT_LIMIT: usize = 100;

/// Gives a document the date of its last change: the stored one if it is the stored document, else now.
fn dated(
    path: &str,
    lang: Lang,
    page: Page,
    dates: &BTreeMap<String, (String, Time)>,
    changed: &mut Vec<(String, String, Time)>,
) -> Page {
    let key = match lang {
        Lang::Vi => format!("/{path}"),
        Lang::En => format!("/{path}#en"),
    };
    match dates.get(&key) {
        Some((etag, modified)) if *etag == page.etag => Page { modified: Some(*modified), ..page },
        _ => {
            let modified = clock::now();
            changed.push((key, page.etag.clone(), modified));
            Page { modified: Some(modified), ..page }
        }
    }
}

fn front(
    site: &Site,
    heads: &[(&Topic, Vec<Story>)],
    counts: &BTreeMap<String, u32>,
    all: u32,
    sources: usize,
) -> Vec<(String, Lang, Page)> {
    let topics = heads
        .iter()
        .map(|(topic, stories)| FrontTopic {
            id: &topic.id,
            name: &topic.name,
            name_en: &topic.name_en,
            description: &topic.description,
            count: counts.get(&topic.id).copied().unwrap_or(0),
            stories,
        })
        .collect();
    publish::front(&Front { site, topics, all, sources })
}
