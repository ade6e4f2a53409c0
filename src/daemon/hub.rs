//! Our own hub: asks those who subscribe whether they meant it, and delivers to them what changed. It goes by the snapshot that readers
//! see and by what each subscriber has, so a restart owes what was owed before, and nothing else.

mod announcer;
mod calls;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use self::announcer::Announcer;
use self::calls::{Delivered, Verified};
use super::Live;
use crate::clock;
use crate::config::websub as config;
use crate::http::hub::{Asked, Endpoint};
use crate::publish::{Page, Site, Snapshot};
use crate::schedule::{Time, delta};
use crate::store::{self, Store};
use crate::telemetry::Metrics;
use crate::websub::hub::{Answer, Book, Gate, Outcome, Queue, Refusal, Subscriber, queue};
use crate::websub::{Mode, hub};

/// The loop turns at least this often: leases end, the clock may be set while we wait, and the database be back.
const TICK: Duration = Duration::from_secs(5);
/// How long deliveries under way may take when the daemon stops. What does not end is owed, and delivered again after the start.
const DRAIN: Duration = Duration::from_secs(2);
/// Subscribers that are told at once that their topic is no more; others find out when nothing comes.
const MOST_FAREWELLS: usize = 256;

/// What a hub is made of.
pub struct Parts {
    /// The database.
    pub store: Arc<Store>,
    /// What is configured.
    pub live: watch::Receiver<Arc<Live>>,
    /// What readers see.
    pub snapshot: watch::Receiver<Arc<Snapshot>>,
    /// The site.
    pub site: Arc<Site>,
    /// The numbers.
    pub metrics: Arc<Metrics>,
    /// Ends it.
    pub stop: CancellationToken,
}

impl Parts {
    /// Starts the hub that is wanted; gives where to subscribe if that is with us.
    pub fn begin(self, wanted: &config::Hub, tasks: &TaskTracker) -> Option<Arc<Endpoint>> {
        match wanted {
            config::Hub::Off => None,
            config::Hub::External(hub) => {
                tasks.spawn(Announcer { parts: self, hub: hub.clone() }.run());
                None
            }
            config::Hub::Own => {
                let address = self.site.hub.clone()?;
                let (endpoint, asked) = Endpoint::new(self.site.base_url.clone());
                tasks.spawn(Hub { parts: self, asked, address }.run());
                Some(endpoint)
            }
        }
    }

    /// Waits until the database can be read; nothing where the daemon ends first.
    async fn read<T>(&self, query: impl Fn(&store::Db) -> anyhow::Result<T>) -> Option<T> {
        loop {
            match self.store.read(&query) {
                Ok(found) => return Some(found),
                Err(error) => log(&error),
            }
            tokio::select! {
                () = self.stop.cancelled() => return None,
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }
}

/// The hub.
struct Hub {
    parts: Parts,
    asked: mpsc::Receiver<Asked>,
    address: Url,
}

/// What is going on.
#[derive(Default)]
struct Room {
    book: Book,
    gate: Gate,
    queue: Queue,
    verifying: JoinSet<Verified>,
    delivering: JoinSet<Delivered>,
    farewells: JoinSet<()>,
    /// The subscribers that are not in the database as they are here.
    unsaved: BTreeSet<i64>,
    /// When ended leases were last looked for.
    swept_at: Time,
}

impl Hub {
    /// Until told to stop.
    async fn run(mut self) {
        let Some(subscribers) = self.parts.read(store::hub::subscribers).await else { return };
        let mut room = Room::default();
        subscribers.into_iter().for_each(|(id, subscriber)| room.book.put(id, subscriber));
        self.look(&mut room);
        loop {
            let now = clock::now();
            self.sweep(&mut room, now);
            self.verify(&mut room);
            self.deliver(&mut room, now);
            self.save(&mut room).await;
            let wait = room.queue.next_at().and_then(|at| (at - now).to_std().ok()).unwrap_or(TICK);
            // Where something is due already, it waits for a place.
            let wait = if wait.is_zero() { TICK } else { wait.min(TICK) };
            tokio::select! {
                () = self.parts.stop.cancelled() => break,
                changed = self.parts.snapshot.changed() => match changed {
                    Ok(()) => self.look(&mut room),
                    Err(_) => break,
                },
                Some(asked) = self.asked.recv() => self.hear(&mut room, asked),
                Some(verified) = room.verifying.join_next() => self.verified(&mut room, verified.ok()),
                Some(delivered) = room.delivering.join_next() => self.delivered(&mut room, delivered.ok()),
                Some(_) = room.farewells.join_next() => {}
                () = tokio::time::sleep(wait) => {}
            }
            // One commit for all that ended meanwhile.
            while let Some(delivered) = room.delivering.try_join_next() {
                self.delivered(&mut room, delivered.ok());
            }
        }
        self.drain(room).await;
    }

    /// The feed with this address as it is now.
    fn feed(&self, topic: &str) -> Option<Arc<Page>> {
        let path = topic.strip_prefix(self.parts.site.base_url.as_str())?;
        self.parts.snapshot.borrow().feed(path).map(Arc::clone)
    }

    /// Compares what each subscriber has with what there is.
    fn look(&mut self, room: &mut Room) {
        self.parts.snapshot.mark_unchanged();
        let all: Vec<i64> = room.book.iter().map(|(id, _)| id).collect();
        all.into_iter().for_each(|id| self.compare(room, id));
    }

    /// Owes a subscriber what it does not have; whose feed is no more is told so, and goes.
    fn compare(&self, room: &mut Room, id: i64) {
        let Some(subscriber) = room.book.get(id) else { return };
        match self.feed(&subscriber.topic) {
            Some(page) if page.etag == subscriber.has => room.queue.forget(id),
            Some(_) => {
                let (at, is_failing, host) = (subscriber.next_at, subscriber.is_failing(), subscriber.host());
                room.queue.owe(id, queue::Owed { at, is_failing, host });
            }
            None => {
                tracing::info!(topic = subscriber.topic, "a feed was withdrawn; its subscriber is told");
                let url = hub::denial(&subscriber.topic, &subscriber.callback);
                if room.farewells.len() < MOST_FAREWELLS {
                    room.farewells.spawn(calls::tell(self.client(), url));
                }
                self.remove(room, id);
            }
        }
    }

    fn client(&self) -> calls::Caller {
        Arc::clone(&self.parts.live.borrow().tools.client)
    }

    fn put(&self, room: &mut Room, id: i64, subscriber: Subscriber) {
        room.book.put(id, subscriber);
        room.unsaved.insert(id);
        self.compare(room, id);
    }

    fn remove(&self, room: &mut Room, id: i64) {
        room.book.remove(id);
        room.queue.forget(id);
        room.unsaved.insert(id);
    }

    /// Takes out those whose lease is over.
    fn sweep(&self, room: &mut Room, now: Time) {
        self.parts.metrics.hub_subscribers(room.book.len());
        // A clock that was set back is no reason to stop looking.
        if (now - room.swept_at).abs() < delta(TICK) {
            return;
        }
        room.swept_at = now;
        let over: Vec<i64> = room.book.iter().filter(|(_, s)| !s.is_active(now)).map(|(id, _)| id).collect();
        over.into_iter().for_each(|id| self.remove(room, id));
    }

    /// Somebody asks for something.
    fn hear(&self, room: &mut Room, asked: Asked) {
        let Asked { request, answer } = asked;
        let is_known = room.book.number(&request.topic, &request.callback).is_some();
        let has_room = || room.book.has_room(&request.topic, &hub::host(&request.callback));
        let said = match self.client().may_call(&request.callback) {
            Err(error) => {
                tracing::info!(topic = request.topic, class = error.class.as_str(), "a callback is refused: {error}");
                Answer::Refused(Refusal::Callback)
            }
            Ok(()) if request.mode == Mode::Subscribe && !is_known && !has_room() => Answer::Full,
            Ok(()) => room.gate.admit(request),
        };
        if answer.send(said).is_err() {
            tracing::debug!("who asked did not wait; what it asked for is verified all the same");
        }
    }

    /// Asks those whose turn it is whether they meant it.
    fn verify(&self, room: &mut Room) {
        while let Some((host, request)) = room.gate.next() {
            room.verifying.spawn(calls::verify(self.client(), host, request));
        }
    }

    fn verified(&self, room: &mut Room, verified: Option<Verified>) {
        let Some(Verified { host, request, is_confirmed }) = verified else { return };
        room.gate.done(&host);
        self.parts.metrics.hub_verification(if is_confirmed { "confirmed" } else { "refused" });
        tracing::info!(topic = request.topic, mode = request.mode.as_str(), is_confirmed, "a subscriber was asked");
        let (now, known) = (clock::now(), room.book.number(&request.topic, &request.callback));
        let known = known.and_then(|id| Some((id, room.book.get(id)?.clone())));
        match (request.mode, known, self.feed(&request.topic)) {
            _ if !is_confirmed => {}
            (Mode::Unsubscribe, Some((id, _)), _) => self.remove(room, id),
            (Mode::Subscribe, Some((id, mut subscriber)), _) => {
                subscriber.renew(request, now);
                self.put(room, id, subscriber);
            }
            (Mode::Subscribe, None, Some(page)) => {
                self.put(room, room.book.free_number(), Subscriber::new(request, &page.etag, now));
            }
            (Mode::Unsubscribe, None, _) | (Mode::Subscribe, None, None) => {}
        }
    }

    /// Sends what is owed to those whose turn it is.
    fn deliver(&self, room: &mut Room, now: Time) {
        while let Some(id) = room.queue.take(now) {
            let active = room.book.get(id).filter(|subscriber| subscriber.is_active(now));
            match active.and_then(|subscriber| Some((subscriber.clone(), self.feed(&subscriber.topic)?))) {
                Some((to, page)) => {
                    let links = hub::links(&self.address, &to.topic);
                    room.delivering.spawn(calls::deliver(self.client(), id, to, page, links));
                }
                None => room.queue.done(id),
            }
        }
    }

    fn delivered(&self, room: &mut Room, delivered: Option<Delivered>) {
        let Some(Delivered { id, to, etag, outcome }) = delivered else { return };
        room.queue.done(id);
        self.parts.metrics.hub_delivery(outcome.as_str());
        // It may have ended, or have been renewed, meanwhile.
        let same = room.book.get(id).filter(|s| (&s.topic, &s.callback) == (&to.topic, &to.callback));
        let Some(mut subscriber) = same.cloned() else { return self.compare(room, id) };
        match subscriber.delivered(&etag, outcome, clock::now()) {
            true => self.put(room, id, subscriber),
            false => self.remove(room, id),
        }
        if let Outcome::Failed { .. } = outcome {
            tracing::debug!(topic = to.topic, "a delivery was not taken; it is tried again");
        }
    }

    /// Writes what changed; what cannot be written now is written later.
    async fn save(&self, room: &mut Room) {
        if room.unsaved.is_empty() {
            return;
        }
        let changed: Vec<(i64, Option<Subscriber>)> =
            room.unsaved.iter().map(|id| (*id, room.book.get(*id).cloned())).collect();
        let written = self.parts.store.write(move |tx| {
            changed.iter().try_for_each(|(id, subscriber)| store::hub::set(tx, *id, subscriber.as_ref()))
        });
        match written.await {
            Ok(()) => room.unsaved.clear(),
            Err(error) => log(&error),
        }
    }

    /// Waits a moment for what is under way, so that it is not delivered twice.
    async fn drain(self, mut room: Room) {
        let ended = tokio::time::timeout(DRAIN, async {
            while let Some(delivered) = room.delivering.join_next().await {
                self.delivered(&mut room, delivered.ok());
            }
        });
        if ended.await.is_err() {
            tracing::info!("deliveries under way were given up; they are repeated after the start");
        }
        self.save(&mut room).await;
    }
}

fn log(error: &anyhow::Error) {
    tracing::error!(error = format!("{error:#}"), "the hub waits for the database; trying again");
}
