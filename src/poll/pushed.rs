//! What hubs push: a delivery is a document of its source like any other, and each poll asks whether the hub delivered what it should
//! have.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use url::Url;

use super::read::{open, read, reading};
use super::{Outcome, Report, Tools, keep, write};
use crate::fetch::Document;
use crate::model::{Item, Source};
use crate::schedule::{self, Cause, Due, Time};
use crate::store::sources::{self, State};
use crate::store::{TakenIn, Transaction, subscriptions};
use crate::websub::Advertised;

/// Takes in what a hub delivered to a callback, as a document of the source. It says nothing about the polled address: neither
/// validators nor failures nor the due time change. Where it holds no entry that can be read, nothing is written, and the outcome says
/// so; else it is the genuine delivery by which the hub is trusted.
pub async fn take_pushed(
    tools: &Tools,
    source: &Arc<Source>,
    state: &State,
    callback: Url,
    document: Document,
) -> Result<Report> {
    let state = &state.read_as(&reading(source));
    let permit = tools.permit().await?;
    let criteria = tools.criteria();
    let (store, decides) = (Arc::clone(&tools.store), Arc::clone(&criteria));
    let (pushed, known, now) = (Arc::clone(source), state.clone(), tools.clock.now());
    let archive = tools.archive.clone();
    let (_, harvest, ..) = tokio::task::spawn_blocking(move || {
        keep::around(archive.as_deref(), now, &pushed, &document, &[], || match open(&document, &known) {
            Ok((body, digest)) => read(&store, &decides, &pushed, (&document, &[]), (&body, digest), &known, now),
            Err(settled) => Ok(*settled),
        })
    })
    .await
    .context("reading a delivery panicked")??;
    let due = state.due.unwrap_or_else(|| schedule::first(&source.cadence, source.id(), now));
    let report = Report {
        outcome: harvest.outcome,
        items: Vec::new(),
        unchanged: harvest.unchanged,
        due,
        moved_to: None,
        hub_changed: false,
        silence: None,
    };
    match report.outcome {
        Outcome::Failed { .. }
        | Outcome::Postponed { .. }
        | Outcome::NotModified
        | Outcome::Taken { entries: 0, .. } => return Ok(report),
        Outcome::SameBody | Outcome::Taken { .. } => {}
    }
    let row = state.row;
    let written = write(tools, &criteria, source, state, harvest.incoming, permit, move |tx, items, now, _| {
        let new = items.iter().filter(|(_, taken)| taken.is_new());
        if let Some(newest) = new.map(|(item, _)| item.published.unwrap_or(now)).max() {
            sources::pushed(tx, row, now, Some(newest))?;
        }
        subscriptions::update(tx, row, &callback, |subscription| subscription.pushed(now)).map(drop)
    });
    let (items, ()) = written.await?;
    Ok(Report { items, ..report })
}

/// A poll, as far as a hub is concerned.
pub struct Polled {
    /// The start of the poll before.
    pub before: Option<Time>,
    /// What the document advertises, where one was read.
    pub advertised: Option<Option<Advertised>>,
    /// When the source is due next.
    pub plain: Due,
    /// When it is due next if its hub can be relied on.
    pub if_pushed: Due,
    /// Since when deliveries would have been received.
    pub listening: Option<Time>,
    /// The polite floor.
    pub floor: Duration,
}

impl Polled {
    /// When the source is due, now that it is known what the poll brought; and whether the daemon has to look at the subscription.
    pub fn settle(self, tx: &Transaction<'_>, row: i64, items: &[(Item, TakenIn)], now: Time) -> Result<(Due, bool)> {
        let is_news = match &self.advertised {
            Some(advertised) => subscriptions::advertise(tx, row, advertised.as_ref())?,
            None => false,
        };
        let subscription = subscriptions::of(tx, row)?.and_then(|record| record.subscription);
        let Some((mut subscription, listening)) = subscription.zip(self.listening) else {
            return Ok((self.plain, is_news));
        };
        if subscription.backup(now).is_none() {
            return Ok((self.plain, is_news));
        }
        let new = items.iter().filter(|(_, taken)| taken.is_new());
        // What was not there at the poll before appeared after it, however it is dated.
        let appeared: Vec<Time> = new.filter_map(|(item, _)| item.published.max(self.before)).collect();
        if subscription.has_missed(&appeared, listening, self.floor, now) {
            subscription.distrust(now);
            subscriptions::save(tx, row, &subscription)?;
            return Ok((self.plain, true));
        }
        if self.if_pushed.cause == Cause::WebSub {
            subscriptions::remember_due(tx, row, self.plain)?;
        }
        Ok((self.if_pushed, is_news))
    }
}
