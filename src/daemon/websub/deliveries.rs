//! Deliveries: which are genuine, which are read when, and what came of them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinError;
use url::Url;

use super::{Dirty, Room, Subscriber, Taken, log};
use crate::fetch::Document;
use crate::http::callback::Delivery;
use crate::model::Source;
use crate::poll::{self, Outcome, Report, Tools};
use crate::schedule::Time;
use crate::store::sources;
use crate::websub::signature;
use crate::websub::subscription::next_reading;

/// Deliveries that wait because their topic had one a moment ago: half of what the listener takes, so that they never keep others out.
const MOST_WAITING: usize = 8;

/// A genuine delivery, not read.
pub struct Genuine {
    callback: Url,
    document: Document,
    /// Held until it was read.
    place: OwnedSemaphorePermit,
}

/// The deliveries of all topics, by slug.
#[derive(Default)]
pub struct Deliveries {
    /// When a topic's last delivery was read.
    read_at: HashMap<String, Time>,
    /// At most one a topic, and when it may be read.
    waiting: BTreeMap<String, (Time, Genuine)>,
}

impl Deliveries {
    /// When the next one may be read.
    pub fn next_at(&self) -> Option<Time> {
        self.waiting.values().map(|(at, _)| *at).min()
    }

    /// One that may be read now.
    pub fn next(&mut self, now: Time) -> Option<(String, Genuine)> {
        let slug = self.waiting.iter().find(|(_, (at, _))| *at <= now)?.0.clone();
        self.waiting.remove(&slug).map(|(_, genuine)| (slug, genuine))
    }

    /// One of all that wait.
    pub fn next_of_all(&mut self) -> Option<(String, Genuine)> {
        self.waiting.pop_first().map(|(slug, (_, genuine))| (slug, genuine))
    }

    /// Has a delivery wait for its time, which may be now; gives whether another had to make place for it, or there was none.
    fn wait(&mut self, slug: &str, genuine: Genuine, now: Time) -> bool {
        let at = next_reading(self.read_at.get(slug).copied(), now);
        if at > now && self.waiting.len() >= MOST_WAITING && !self.waiting.contains_key(slug) {
            return true;
        }
        self.waiting.insert(slug.to_owned(), (at, genuine)).is_some()
    }
}

impl Subscriber {
    /// A delivery came. What is not genuine is dropped without a word to whoever sent it (assertion P-65); what comes too fast replaces
    /// what waits, and the source is polled when it would be without a hub.
    pub(super) fn delivered(&self, room: &mut Room, slug: &str, delivery: Delivery, now: Time) {
        let Some((_, subscription)) = room.subscriptions.get(slug) else { return };
        let secret = &subscription.secret;
        let is_genuine =
            tokio::task::block_in_place(|| signature::is_genuine(secret, &delivery.signatures, &delivery.body));
        if !is_genuine {
            tracing::info!(
                source = slug,
                bytes = delivery.body.len(),
                "a delivery without a valid signature was dropped"
            );
            self.metrics.delivery("bad-signature", 0);
            return;
        }
        let Delivery { body, content_type, content_encoding, place, .. } = delivery;
        let max_body = self.live.borrow().config.settings.fetch.max_body;
        let document = Document::kept(subscription.topic.clone(), content_type, content_encoding, body, max_body);
        let genuine = Genuine { callback: subscription.callback.clone(), document, place };
        if room.deliveries.wait(slug, genuine, now) {
            self.metrics.delivery("too-many", 0);
            room.owed.insert(slug.to_owned());
        }
    }

    /// Has a delivery read.
    pub(super) fn take(&self, room: &mut Room, slug: &str, genuine: Genuine, now: Time) {
        room.deliveries.read_at.insert(slug.to_owned(), now);
        let live = Arc::clone(&self.live.borrow());
        let Some(source) = live.config.sources.get(slug).map(Arc::clone) else { return };
        let tools = live.tools.clone();
        let slug = slug.to_owned();
        room.taking.spawn(async move {
            let Genuine { callback, document, place } = genuine;
            let report = take(&tools, &source, callback, document).await;
            drop(place);
            Taken { slug, report }
        });
    }

    /// A delivery was read.
    pub(super) async fn taken(&self, room: &mut Room, taken: Result<Taken, JoinError>) {
        let Taken { slug, report } = match taken {
            Ok(taken) => taken,
            Err(error) => return tracing::error!(%error, "reading a delivery panicked"),
        };
        match report {
            Ok(report) => {
                self.tell(room, &slug, &report);
                // What it did for trust stands in the database.
                if let Err(error) = self.apply(room, &slug, |_| {}).await {
                    room.is_stale = true;
                    log(&error);
                }
            }
            Err(error) => {
                tracing::error!(source = slug, error = format!("{error:#}"), "a delivery came to nothing");
                self.metrics.delivery("lost", 0);
                room.owed.insert(slug);
            }
        }
    }

    /// Says what was delivered: to the log, the numbers, and the publisher.
    fn tell(&self, room: &mut Room, slug: &str, report: &Report) {
        let new = report.new_items();
        self.metrics.delivery(report.outcome.as_str(), new);
        if report.has_changes() {
            drop(self.dirty.send(Dirty { topics: report.topics(), everything: false }));
        }
        match &report.outcome {
            // Some hubs only say that there is something new.
            Outcome::Failed { class, text } => {
                tracing::info!(source = slug, class = class.as_ref(), "a delivery says nothing: {text}");
                room.owed.insert(slug.to_owned());
            }
            Outcome::Taken { entries: 0, .. } => drop(room.owed.insert(slug.to_owned())),
            outcome => tracing::info!(source = slug, new, "delivered: {}", outcome.as_str()),
        }
    }
}

async fn take(tools: &Tools, source: &Arc<Source>, callback: Url, document: Document) -> Result<Report> {
    let state = tools.store.read(|db| sources::state_of(db, source.id()))?.context("the source has no row")?;
    poll::take_pushed(tools, source, &state, callback, document).await
}
