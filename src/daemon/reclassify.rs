//! Rules that changed decide again about everything that is stored, in small bites, while polling and serving go on.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use tokio::sync::mpsc;

use super::publisher::Dirty;
use crate::model::Match;
use crate::poll::Criteria;
use crate::store::stories::{self, Stored};
use crate::store::{self, Store};

/// Items decided between two commits.
const BITE: u32 = 500;
/// The fact in the database that names the criteria every stored decision was made with; empty while only some were.
const RULES: &str = "rules";

/// Decides again if the criteria are not those of the stored decisions. Interrupted, it begins again at the next start.
///
/// Called with criteria that polls go by already: what they write meanwhile needs no second look.
pub async fn run(store: &Arc<Store>, criteria: &Arc<Criteria>, dirty: &mpsc::UnboundedSender<Dirty>) -> Result<()> {
    let fingerprint = criteria.fingerprint();
    let wanted = fingerprint.clone();
    // Asked of the writer, so that everything older criteria decided is committed before the first bite is read.
    let stored = store
        .write(move |tx| {
            let stored = store::meta(tx, RULES)?;
            if stored.as_ref().is_some_and(|stored| *stored != wanted) {
                store::set_meta(tx, RULES, "")?;
            }
            Ok(stored)
        })
        .await?;
    if stored.as_deref() == Some(fingerprint.as_str()) {
        return Ok(());
    }
    let mut after = 0;
    let mut decided = 0_usize;
    let mut touched = BTreeSet::new();
    loop {
        let (reader, judge) = (Arc::clone(store), Arc::clone(criteria));
        let bite = tokio::task::spawn_blocking(move || look(&reader, &judge, after))
            .await
            .context("deciding again panicked")??;
        let Some(last) = bite.last else { break };
        after = last;
        decided += bite.decided;
        let (differing, judge) = (bite.differing, Arc::clone(criteria));
        let topics = store
            .write(move |tx| {
                let mut topics = BTreeSet::new();
                for id in differing {
                    // Read once more, for its source may have changed it since.
                    if let Some(stored) = stories::stored_item(tx, id)? {
                        topics.extend(store::set_topics(tx, id, stored.story, &matches(&judge, &stored), None)?);
                    }
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
    /// The items whose topics differ from the stored ones.
    differing: Vec<i64>,
}

fn look(store: &Store, criteria: &Criteria, after: i64) -> Result<Bite> {
    store.read(|db| {
        let items = stories::items_after(db, after, BITE)?;
        let mut differing = Vec::new();
        for stored in &items {
            if matches(criteria, stored) != stories::matches_of_item(db, stored.id)? {
                differing.push(stored.id);
            }
        }
        Ok(Bite { last: items.last().map(|i| i.id), decided: items.len(), differing })
    })
}

fn matches(criteria: &Criteria, stored: &Stored) -> Vec<Match> {
    criteria.decide(&stored.source, &stored.item).into_iter().filter(Match::matched).collect()
}
