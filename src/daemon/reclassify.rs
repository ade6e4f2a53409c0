//! Rules that changed decide again about everything that is stored, in small bites, while polling and serving go on.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use tokio::sync::mpsc;

use super::AGAIN;
use super::publisher::Dirty;
use crate::poll::{Criteria, decided};
use crate::schedule::Time;
use crate::store::topics::{self, DecidedBy};
use crate::store::{self, Store, stories};

/// Decides again if the stored decisions are not all by these criteria, and then rests. What fails is tried again where it failed; a process that
/// is killed begins again.
///
/// Called with criteria that polls go by already: what they write meanwhile needs no second look.
pub async fn run(store: Arc<Store>, criteria: Arc<Criteria>, dirty: mpsc::UnboundedSender<Dirty>) -> Infallible {
    let mut again = Again::new(store, criteria);
    while let Err(error) = again.decide(&dirty).await {
        tracing::error!(error = format!("{error:#}"), "stored items could not be decided again; trying again");
        tokio::time::sleep(AGAIN).await;
    }
    std::future::pending().await
}

/// How far deciding again has come.
pub struct Again {
    store: Arc<Store>,
    criteria: Arc<Criteria>,
    stage: Stage,
    /// The number of the last item that was decided.
    after: i64,
    /// The number of the last item that there was at the beginning: later ones are decided by these criteria as they come.
    last: i64,
    items: usize,
    changed: usize,
    /// The topics whose pages will show a difference.
    topics: BTreeSet<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Beginning,
    Deciding,
    Done,
}

impl Again {
    pub fn new(store: Arc<Store>, criteria: Arc<Criteria>) -> Again {
        Again {
            store,
            criteria,
            stage: Stage::Beginning,
            after: 0,
            last: 0,
            items: 0,
            changed: 0,
            topics: BTreeSet::new(),
        }
    }

    /// Decides what is left, and tells the topics whose pages differ.
    async fn decide(&mut self, dirty: &mpsc::UnboundedSender<Dirty>) -> Result<()> {
        while self.step().await? {}
        if !self.topics.is_empty() {
            drop(dirty.send(Dirty { topics: std::mem::take(&mut self.topics), everything: false }));
        }
        Ok(())
    }

    /// Goes on a little; whether there is more to do.
    pub async fn step(&mut self) -> Result<bool> {
        match self.stage {
            Stage::Beginning => self.begin().await?,
            Stage::Deciding => self.bite().await?,
            Stage::Done => {}
        }
        Ok(self.stage != Stage::Done)
    }

    async fn begin(&mut self) -> Result<()> {
        let rules = self.criteria.fingerprint();
        // Asked of the writer, so that everything older criteria decided is committed before the first bite is read.
        let (decided_by, items, last) = self
            .store
            .write(move |tx| {
                topics::decide_by(tx, &rules)?;
                let (items, last) = stories::extent(tx)?;
                Ok((topics::decided_by(tx)?, items, last))
            })
            .await?;
        self.last = last;
        self.stage = match decided_by {
            DecidedBy::One(_) => Stage::Done,
            DecidedBy::Unknown | DecidedBy::Several => Stage::Deciding,
        };
        if self.stage == Stage::Deciding && items > 0 {
            tracing::info!(items, "the topic rules changed; stored items are being decided again");
        }
        Ok(())
    }

    async fn bite(&mut self) -> Result<()> {
        if self.after >= self.last {
            return self.end().await;
        }
        let (reader, criteria, after) = (Arc::clone(&self.store), Arc::clone(&self.criteria), self.after);
        let look = move || reader.read(|db| decided::bite(db, &criteria, Time::UNIX_EPOCH, after));
        let bite = tokio::task::spawn_blocking(look).await.context("deciding again panicked")??;
        let Some(last) = bite.last().map(|decided| decided.stored.id) else { return self.end().await };
        let differing: Vec<i64> = bite.iter().filter(|d| d.differs()).map(|d| d.stored.id).collect();
        let (items, changed) = (bite.len(), differing.len());
        if changed > 0 {
            let criteria = Arc::clone(&self.criteria);
            let write = move |tx: &store::Tx<'_>| {
                let mut topics = BTreeSet::new();
                for id in differing {
                    if let Some(decided) = decided::once_more(tx, &criteria, id)? {
                        topics.extend(store::set_topics(tx, id, decided.stored.story, &decided.matched(), None)?);
                    }
                }
                Ok(topics)
            };
            self.topics.extend(self.store.write(write).await?);
        }
        self.after = last;
        self.items += items;
        self.changed += changed;
        Ok(())
    }

    async fn end(&mut self) -> Result<()> {
        let rules = self.criteria.fingerprint();
        let names = self.criteria.topics().iter().map(|t| t.id.clone()).collect::<Vec<_>>();
        self.store.write(move |tx| topics::vouch(tx, &rules, &names)).await?;
        self.stage = Stage::Done;
        if self.items > 0 {
            tracing::info!(
                items = self.items,
                changed = self.changed,
                topics = self.topics.len(),
                "stored items were decided again"
            );
        }
        Ok(())
    }
}
