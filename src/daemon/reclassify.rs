//! Rules that changed decide again about everything that is stored, in small bites, while polling and serving go on.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use tokio::sync::mpsc;

use super::Live;
use super::publisher::Dirty;
use crate::model::{Digest, Match};
use crate::poll;
use crate::store::{self, Store, stories};

/// Items decided between two commits.
const BITE: u32 = 500;
/// The fact in the database that names the rules every stored decision was made with.
const RULES: &str = "rules";

/// A name for everything that decides: the rules, and the topics that sources are about by themselves.
fn fingerprint(live: &Live) -> String {
    let own: Vec<String> = live
        .config
        .sources
        .values()
        .filter(|s| !s.topics.is_empty())
        .map(|s| format!("{}:{:?}", s.id(), s.topics))
        .collect();
    Digest::of(&[live.config.rules.fingerprint().hex(32), own.join("\n")]).hex(32)
}

/// Decides again if the rules are not those of the stored decisions. Interrupted, it begins again at the next start.
pub async fn run(store: &Arc<Store>, live: &Arc<Live>, dirty: &mpsc::UnboundedSender<Dirty>) -> Result<()> {
    let fingerprint = fingerprint(live);
    let stored = store.read(|db| store::meta(db, RULES))?;
    if stored.as_deref() == Some(fingerprint.as_str()) {
        return Ok(());
    }
    let mut after = 0;
    let mut decided = 0_usize;
    let mut touched = BTreeSet::new();
    loop {
        let (reader, live) = (Arc::clone(store), Arc::clone(live));
        let bite = tokio::task::spawn_blocking(move || decide(&reader, &live, after))
            .await
            .context("deciding again panicked")??;
        let Some(last) = bite.last else { break };
        after = last;
        decided += bite.decided;
        let changed = bite.changed;
        let topics = store
            .write(move |tx| {
                let mut topics = BTreeSet::new();
                for (item, story, matches) in &changed {
                    topics.extend(store::set_topics(tx, *item, *story, matches)?);
                }
                Ok(topics)
            })
            .await?;
        touched.extend(topics);
    }
    store.write(move |tx| store::set_meta(tx, RULES, &fingerprint)).await?;
    if stored.is_some() || decided > 0 {
        tracing::info!(
            items = decided,
            topics = touched.len(),
            "the topic rules changed; stored items were decided again"
        );
    }
    if !touched.is_empty() {
        drop(dirty.send(Dirty { topics: touched, everything: false }));
    }
    Ok(())
}

struct Bite {
    last: Option<i64>,
    decided: usize,
    /// (item, story, its matches), only where they differ from the stored ones.
    changed: Vec<(i64, i64, Vec<Match>)>,
}

fn decide(store: &Store, live: &Live, after: i64) -> Result<Bite> {
    store.read(|db| {
        let items = stories::items_after(db, after, BITE)?;
        let mut changed = Vec::new();
        for stored in &items {
            let evidence = match live.config.sources.get(&stored.source) {
                Some(source) => poll::evidence(&stored.item, source),
                None => poll::evidence_of_nobody(&stored.item),
            };
            let matches: Vec<Match> = live.config.rules.decide(&evidence).into_iter().filter(Match::matched).collect();
            if matches != stories::matches_of_item(db, stored.id)? {
                changed.push((stored.id, stored.story, matches));
            }
        }
        Ok(Bite { last: items.last().map(|i| i.id), decided: items.len(), changed })
    })
}
