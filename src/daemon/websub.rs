//! The subscriber: asks hubs for what sources advertise, goes by what hubs say, and has deliveries taken in. What is true is in the
//! database; here and in the listener are copies.

mod deliveries;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use url::Url;

use self::deliveries::Deliveries;
use super::publisher::Dirty;
use super::{Live, random};
use crate::clock;
use crate::fetch::error::FetchError;
use crate::http::callback::{Callbacks, Event, TOKEN_DIGITS, Table, What};
use crate::poll::Report;
use crate::schedule::Time;
use crate::store::{Store, sources, subscriptions};
use crate::telemetry::Metrics;
use crate::websub::subscription::{LEASE, Manners, Wish, wish};
use crate::websub::{Mode, Subscription};

/// Hubs that are being asked at once; most wait for their host's turn.
const MOST_ASKED: usize = 32;
/// The loop turns at least this often: the clock may be set while we wait, and the database be back.
const TICK: Duration = Duration::from_secs(5);
/// How long what was delivered may take to be taken in when the daemon stops; as long as polls may.
const DRAIN: Duration = Duration::from_secs(6);

/// What the subscriber works with.
pub struct Subscriber {
    /// The database.
    pub store: Arc<Store>,
    /// What is configured.
    pub live: watch::Receiver<Arc<Live>>,
    /// The listener's copy.
    pub callbacks: Arc<Callbacks>,
    /// What hubs say.
    pub heard: mpsc::Receiver<Event>,
    /// Told when a source's hub is another, or delivers less than it should.
    pub hubs: Arc<Notify>,
    /// Sources that are due at another time.
    pub reschedule: mpsc::UnboundedSender<String>,
    /// Where changes are told.
    pub dirty: mpsc::UnboundedSender<Dirty>,
    /// The numbers.
    pub metrics: Arc<Metrics>,
    /// Ends it.
    pub stop: CancellationToken,
}

/// What is going on.
#[derive(Default)]
struct Room {
    /// The subscriptions by slug, with the numbers of their sources.
    subscriptions: BTreeMap<String, (i64, Subscription)>,
    by_token: HashMap<String, String>,
    deliveries: Deliveries,
    asking: JoinSet<Asked>,
    taking: JoinSet<Taken>,
    /// Sources that are to be polled when they would be without a hub, because something of what it delivered was not taken in.
    owed: BTreeSet<String>,
    /// Whether the copy may be older than the database.
    is_stale: bool,
}

/// What becomes of a source's subscription.
enum Change {
    /// There is a new one.
    Begin(Box<Subscription>),
    /// The one with this callback is no longer wanted.
    End(Url),
}

/// A hub was asked for something.
struct Asked {
    slug: String,
    callback: Url,
    answer: Result<(), FetchError>,
}

/// A delivery was read.
struct Taken {
    slug: String,
    report: Result<Report>,
}

impl Subscriber {
    /// Makes the copies: a daemon that says it is ready answers hubs. What it gives runs until told to stop.
    pub async fn begin(mut self) -> impl Future<Output = ()> {
        let mut room = Room::default();
        self.renew(&mut room).await;
        self.run(room)
    }

    /// Until told to stop; then what was delivered is taken in.
    async fn run(mut self, mut room: Room) {
        loop {
            if room.is_stale {
                self.renew(&mut room).await;
            }
            if let Err(error) = self.act(&mut room).await {
                room.is_stale = true;
                log(&error);
            }
            let now = clock::now();
            let next = room.subscriptions.values().filter_map(|(_, s)| s.next_at()).chain(room.deliveries.next_at());
            let wait = next.min().and_then(|at| (at - now).to_std().ok()).unwrap_or(TICK);
            // Where something is due already, it waits for a place or for the database.
            let wait = if wait.is_zero() { TICK } else { wait.min(TICK) };
            tokio::select! {
                () = self.stop.cancelled() => break,
                changed = self.live.changed() => match changed {
                    Ok(()) => room.is_stale = true,
                    Err(_) => break,
                },
                () = self.hubs.notified() => room.is_stale = true,
                Some(event) = self.heard.recv() => self.hear(&mut room, event).await,
                Some(asked) = room.asking.join_next() => self.asked(&mut room, asked).await,
                Some(taken) = room.taking.join_next() => self.taken(&mut room, taken).await,
                () = tokio::time::sleep(wait) => {}
            }
        }
        self.drain(room).await;
    }

    /// Refreshes, now or when the database is back.
    async fn renew(&mut self, room: &mut Room) {
        room.is_stale = self.refresh(room).await.inspect_err(log).is_err();
    }

    /// Makes subscriptions what the configuration and the sources' documents want, and the copies what the database says.
    async fn refresh(&mut self, room: &mut Room) -> Result<()> {
        let live = Arc::clone(&self.live.borrow_and_update());
        let base = live.config.settings.callbacks();
        let now = clock::now();
        let mut changes = Vec::new();
        for (slug, record) in self.store.read(subscriptions::all)? {
            let source = live.config.sources.get(&slug).filter(|s| s.enabled);
            let wanted = source.and(record.advertised.as_ref()).zip(base.as_ref());
            match (wish(record.subscription.as_ref(), wanted), wanted, record.subscription) {
                (Wish::Begin, Some((advertised, base)), _) => {
                    let callback = base.join(&random(TOKEN_DIGITS / 2)?)?;
                    let new = Subscription::new(advertised, callback, random(32)?, now);
                    changes.push((slug, record.row, Change::Begin(Box::new(new))));
                }
                (Wish::End, _, Some(old)) => changes.push((slug, record.row, Change::End(old.callback))),
                _ => {}
            }
        }
        if !changes.is_empty() {
            self.write_changes(changes, now).await?;
        }
        let stored = self.store.read(subscriptions::all)?.into_iter();
        room.subscriptions = stored.filter_map(|(slug, r)| Some((slug, (r.row, r.subscription?)))).collect();
        room.by_token = room.subscriptions.iter().map(|(slug, (_, s))| (s.token().to_owned(), slug.clone())).collect();
        self.tell_listener(room);
        Ok(())
    }

    async fn write_changes(&self, changes: Vec<(String, i64, Change)>, now: Time) -> Result<()> {
        let written = self.store.write(move |tx| {
            let mut alone = Vec::new();
            for (slug, row, change) in changes {
                match change {
                    Change::Begin(subscription) => subscriptions::save(tx, row, &subscription)?,
                    Change::End(callback) => drop(subscriptions::update(tx, row, &callback, |s| s.end(now))?),
                }
                if subscriptions::forget_push(tx, row)? {
                    alone.push(slug);
                }
            }
            Ok(alone)
        });
        // A closed channel is the daemon ending.
        written.await?.into_iter().for_each(|slug| drop(self.reschedule.send(slug)));
        Ok(())
    }

    fn tell_listener(&self, room: &Room) {
        let callbacks = room.subscriptions.values().map(|(_, s)| (s.token().to_owned(), s.for_listener())).collect();
        self.callbacks.set(Table { callbacks, max_body: self.live.borrow().config.settings.fetch.max_body });
    }

    /// Writes what an event makes of a subscription, and has its source polled as without it where it is relied on no more.
    async fn apply(
        &self,
        room: &mut Room,
        slug: &str,
        event: impl FnOnce(&mut Subscription) + Send + 'static,
    ) -> Result<()> {
        let Some((row, copy)) = room.subscriptions.get_mut(slug) else { return Ok(()) };
        let (row, callback, now) = (*row, copy.callback.clone(), clock::now());
        let written = self.store.write(move |tx| {
            let after = subscriptions::update(tx, row, &callback, event)?;
            let is_alone = after.as_ref().is_some_and(|s| s.backup(now).is_none());
            Ok((after, is_alone && subscriptions::forget_push(tx, row)?))
        });
        let (after, resumed) = written.await.with_context(|| format!("the subscription of {slug}"))?;
        match after {
            Some(after) => *copy = after,
            None => room.is_stale = true,
        }
        if resumed {
            drop(self.reschedule.send(slug.to_owned()));
        }
        self.tell_listener(room);
        Ok(())
    }

    /// Does what is due: leases that are over, hubs to be asked, deliveries whose time has come, polls that are owed.
    async fn act(&self, room: &mut Room) -> Result<()> {
        let live = Arc::clone(&self.live.borrow());
        let now = clock::now();
        let due: Vec<String> = room
            .subscriptions
            .iter()
            .filter(|(_, (_, s))| s.next_at().is_some_and(|at| at <= now))
            .map(|(slug, _)| slug.clone())
            .collect();
        for slug in due {
            let floor = live.tools.floor;
            if room.subscriptions.get(&slug).is_some_and(|(_, s)| passed(s, now) != *s) {
                self.apply(room, &slug, move |s| s.pass(now)).await?;
            }
            let Some(mode) = room.subscriptions.get(&slug).and_then(|(_, s)| s.due(now)) else { continue };
            if room.asking.len() >= MOST_ASKED {
                continue;
            }
            let seed = slug.clone();
            self.apply(room, &slug, move |s| s.asked(Manners { floor, seed: &seed }, now)).await?;
            if let Some((_, subscription)) = room.subscriptions.get(&slug) {
                room.asking.spawn(ask(Arc::clone(&live), slug, subscription.clone(), mode));
            }
        }
        while let Some((slug, document)) = room.deliveries.next(now) {
            self.take(room, &slug, document, now);
        }
        while let Some(slug) = room.owed.first().cloned() {
            if let Some(&(row, _)) = room.subscriptions.get(&slug)
                && self.store.write(move |tx| subscriptions::forget_push(tx, row)).await?
            {
                drop(self.reschedule.send(slug.clone()));
            }
            room.owed.remove(&slug);
        }
        Ok(())
    }

    async fn hear(&self, room: &mut Room, event: Event) {
        let Some(slug) = room.by_token.get(&event.token).cloned() else { return };
        let now = clock::now();
        let floor = self.live.borrow().tools.floor;
        let heard = match event.what {
            What::Confirmed { mode, lease } => {
                tracing::info!(
                    source = slug,
                    mode = mode.as_str(),
                    lease = lease.map(|l| l.as_secs()),
                    "the hub asked, and was told yes"
                );
                let seed = slug.clone();
                self.apply(room, &slug, move |s| s.confirmed(mode, lease, Manners { floor, seed: &seed }, now)).await
            }
            What::Denied { reason } => {
                tracing::warn!(source = slug, reason, "the hub refuses; polling goes on as without it");
                self.apply(room, &slug, move |s| s.denied(now)).await
            }
            What::Delivered(delivery) => {
                self.delivered(room, &slug, delivery, now);
                Ok(())
            }
        };
        if let Err(error) = heard {
            room.is_stale = true;
            log(&error);
        }
    }

    /// A hub answered, or could not be asked.
    async fn asked(&self, room: &mut Room, asked: Result<Asked, JoinError>) {
        let Asked { slug, callback, answer } = match asked {
            Ok(asked) => asked,
            // It counts as not confirmed, and is tried again.
            Err(error) => return tracing::error!(%error, "asking a hub panicked"),
        };
        let Err(error) = answer else { return };
        if room.subscriptions.get(&slug).is_none_or(|(_, s)| s.callback != callback) {
            return;
        }
        let (class, setback, patience) = (error.class.as_str(), error.class.setback(), error.retry_after);
        tracing::info!(source = slug, class, "the hub cannot be asked: {}", error.text);
        let (now, floor, seed) = (clock::now(), self.live.borrow().tools.floor, slug.clone());
        let written =
            self.apply(room, &slug, move |s| s.refused(setback, patience, Manners { floor, seed: &seed }, now));
        if let Err(error) = written.await {
            room.is_stale = true;
            log(&error);
        }
    }

    /// Takes in what was delivered. From now on hubs are asked to come again later.
    async fn drain(mut self, mut room: Room) {
        self.heard.close();
        while let Ok(event) = self.heard.try_recv() {
            self.hear(&mut room, event).await;
        }
        let now = clock::now();
        while let Some((slug, document)) = room.deliveries.next_of_all() {
            self.take(&mut room, &slug, document, now);
        }
        let drained = tokio::time::timeout(DRAIN, async {
            while let Some(taken) = room.taking.join_next().await {
                self.taken(&mut room, taken).await;
            }
        });
        if drained.await.is_err() {
            tracing::info!("deliveries were given up; every source is polled after the start as without a hub");
        }
    }
}

/// A subscription after time has passed.
fn passed(subscription: &Subscription, now: Time) -> Subscription {
    let mut after = subscription.clone();
    after.pass(now);
    after
}

/// Sends a hub what WebSub section 5.1 wants.
async fn ask(live: Arc<Live>, slug: String, subscription: Subscription, mode: Mode) -> Asked {
    let Subscription { hub, topic, callback, secret, .. } = subscription;
    let lease = LEASE.as_secs().to_string();
    let mut form =
        vec![("hub.mode", mode.as_str()), ("hub.topic", topic.as_str()), ("hub.callback", callback.as_str())];
    if mode == Mode::Subscribe {
        form.extend([("hub.secret", secret.as_str()), ("hub.lease_seconds", lease.as_str())]);
    }
    let store = &live.tools.store;
    // Of a source that left the configuration, only the database knows where it was.
    let feed = match store.read(|db| sources::state_of(db, &slug)) {
        Ok(Some(state)) => state.publisher.feed.clone(),
        _ => topic.clone(),
    };
    let answer = live.tools.client.post_form(&hub, &feed, &form).await;
    Asked { slug, callback, answer }
}

fn log(error: &anyhow::Error) {
    tracing::error!(error = format!("{error:#}"), "subscriptions wait for the database; trying again");
}
