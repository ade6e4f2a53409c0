//! The daemon: wiring, reload, shutdown. A start is a reload from nothing: one path for both.
//!
//! ```text
//!  scheduler ──► polls ──► database ──► dirty topics ──► publisher ──► snapshot ──► http
//!      ▲                                                     ▲
//!      └───────────────── live configuration ────────────────┘
//! ```

mod beside;
mod hub;
mod library;
mod listeners;
mod publisher;
mod reclassify;
mod reload;
mod retention;
mod scheduler;
mod systemd;
mod websub;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::library::Shelf;
use self::publisher::{Dirty, Publisher};
use self::reload::Reloading;
use self::scheduler::Scheduler;
use self::websub::Subscriber;
use crate::archive::Archive;
use crate::clock::{self, Clock};
use crate::config::{Config, Fetch, Listen, Mistake, Settings};
use crate::desk::{self, Publishers};
use crate::fetch::{Client, Limits};
use crate::http::{self, callback::Callbacks};
use crate::model::Topic;
use crate::poll::{Criteria, Tools};
use crate::publish::Site;
use crate::store::{self, Store};
use crate::telemetry::{Metrics, Part, Pulse};

/// A configuration in force, with what was made of it.
pub struct Live {
    /// The configuration.
    pub config: Config,
    /// What polls work with.
    pub tools: Tools,
    /// Who publishes what is stored: everybody that was ever configured, as of this configuration.
    publishers: OnceLock<Arc<Publishers>>,
}

impl Live {
    /// `before`: what was in force until now. Its client stays where nothing about it changed: hosts that are being asked keep
    /// their turns, and connections stay open.
    fn new(
        config: Config,
        store: &Arc<Store>,
        criteria: watch::Receiver<Arc<Criteria>>,
        before: Option<&Live>,
        clock: Clock,
    ) -> Result<Live> {
        let limits = limits(&config.settings.fetch);
        let client = match before.filter(|live| self::limits(&live.config.settings.fetch) == limits) {
            Some(live) => Arc::clone(&live.tools.client),
            None => {
                let client = Client::new(&limits, clock.clone())?;
                Arc::new(match before {
                    Some(before) => client.in_place_of(&before.tools.client),
                    None => client,
                })
            }
        };
        let mut tools = Tools::new(client, Arc::clone(store), criteria, config.settings.fetch.floor);
        tools.listening = before.map_or_else(|| Some(clock.now()), |live| live.tools.listening);
        tools.clock = clock;
        let kept = before.and_then(|live| live.tools.archive.as_ref());
        tools.archive = Archive::under(config.settings.archive, store.folder(), kept);
        if let Some(before) = before {
            tools.documents = Arc::clone(&before.tools.documents);
            tools.outage = Arc::clone(&before.tools.outage);
        }
        Ok(Live { config, tools, publishers: OnceLock::new() })
    }

    /// Who publishes what is stored.
    fn publishers(&self, store: &Store) -> Result<Arc<Publishers>> {
        if let Some(known) = self.publishers.get() {
            return Ok(Arc::clone(known));
        }
        let read = store.read(desk::publishers)?;
        Ok(Arc::clone(self.publishers.get_or_init(|| read)))
    }
}

/// How a client goes out under these settings.
pub fn limits(fetch: &Fetch) -> Limits {
    Limits {
        contact: fetch.contact.clone(),
        timeout: fetch.timeout,
        max_body: fetch.max_body,
        allow: fetch.allow.clone(),
        concurrency: fetch.concurrency,
        per_host: fetch.per_host,
        host_gap: fetch.host_gap,
    }
}

/// What a daemon begins with.
pub struct Start {
    /// The configuration.
    pub config: Config,
    /// Where the database is.
    pub state_dir: PathBuf,
    /// Reads the configuration again.
    pub reload: Box<dyn Fn() -> Result<Config, Vec<Mistake>> + Send + Sync>,
    /// Asks for a reload.
    pub reloads: mpsc::Receiver<()>,
    /// Ends the daemon.
    pub stop: CancellationToken,
    /// Told once readers can be served: where the public and private listeners are.
    pub ready: Box<dyn FnOnce(&Addresses) + Send>,
}

/// Runs until told to stop, or until the database fails for good.
pub async fn run(start: Start) -> Result<()> {
    let Start { config, state_dir, reload, reloads, stop, ready } = start;
    let store = Arc::new(Store::open(&state_dir)?);
    let site = Arc::new(site(&store, &config.settings).await?);
    let (metrics, pulse) = (Arc::new(Metrics::new()), Arc::new(Pulse::new()));
    let (criteria, in_force) = watch::channel(Arc::new(Criteria::new(&config.rules, &config.sources)));
    let live = Arc::new(Live::new(config, &store, in_force, None, Clock::System)?);
    let everything = Dirty { everything: true, ..Dirty::default() };
    sync(&store, &live).await?;
    store.write(|tx| store::subscriptions::forget_pushes(tx)).await?;
    let before = beside::version(&store).await?;
    let mut publisher = Publisher::new(Arc::clone(&store), Arc::clone(&site), Arc::clone(&metrics));
    let first = publisher.make(&live, Arc::default(), everything).await?;
    publisher.note().await;

    let settings = live.config.settings.clone();
    let (public, private) = listeners::open(&settings).await?;
    let addresses = (public.1, private.as_ref().map(|(_, listen)| listen.clone()));

    let (live_sender, live_receiver) = watch::channel(live);
    let (snapshot_sender, snapshot) = watch::channel(first);
    let (dirty, dirty_receiver) = mpsc::unbounded_channel();
    let tasks = TaskTracker::new();
    let ended = CancellationToken::new();
    let serving = CancellationToken::new();

    let beating = Arc::clone(&pulse);
    let (callbacks, heard) = Callbacks::new();
    let parts = hub::Parts {
        store: Arc::clone(&store),
        live: live_receiver.clone(),
        snapshot: snapshot.clone(),
        site: Arc::clone(&site),
        metrics: Arc::clone(&metrics),
        stop: stop.clone(),
    };
    let own_hub = parts.begin(&settings.websub.hub, &tasks);
    let shelf = Shelf::new(Arc::clone(&store), Arc::clone(&site), live_receiver.clone(), snapshot.clone());
    let hubs = http::Hubs { callbacks: Arc::clone(&callbacks), own: own_hub };
    let readers = http::Public::new(snapshot, Arc::new(shelf), hubs, Arc::clone(&metrics));
    let limits = listeners::limits(&settings);
    tasks.spawn(http::answer(public.0, limits, readers, serving.clone(), move || beating.beat(Part::Http)));
    if let Some((listener, _)) = private {
        let operators = http::Private { pulse: Arc::clone(&pulse), metrics: Arc::clone(&metrics) };
        tasks.spawn(http::answer(listener, http::Limits::default(), operators, serving.clone(), || {}));
    }
    tasks.spawn(publisher.run(live_receiver.clone(), dirty_receiver, snapshot_sender, serving.clone()));
    tasks.spawn(retention::run(Arc::clone(&store), live_receiver.clone(), dirty.clone(), serving.clone()));
    tasks.spawn(beside::run(Arc::clone(&store), before, dirty.clone(), serving.clone()));
    let probed = Arc::clone(&store);
    tasks.spawn(systemd::watchdog(Arc::clone(&pulse), serving.clone(), move || {
        let store = Arc::clone(&probed);
        async move { store.write(|_| Ok(())).await.is_ok() }
    }));
    let hubs = Arc::new(Notify::new());
    let (reschedule, rescheduled) = mpsc::unbounded_channel();
    let subscriber = Subscriber {
        store: Arc::clone(&store),
        live: live_receiver.clone(),
        callbacks,
        heard,
        hubs: Arc::clone(&hubs),
        reschedule,
        dirty: dirty.clone(),
        metrics: Arc::clone(&metrics),
        stop: stop.clone(),
    };
    tasks.spawn(subscriber.begin().await);
    let scheduler = Scheduler {
        store: Arc::clone(&store),
        live: live_receiver,
        dirty: dirty.clone(),
        metrics: Arc::clone(&metrics),
        pulse: Arc::clone(&pulse),
        hubs,
        rescheduled,
        stop: stop.clone(),
    };
    let scheduling = tokio::spawn(scheduler.run());

    pulse.set_ready();
    systemd::ready(&status_line(&live_sender.borrow(), &addresses));
    ready(&addresses);
    let reloading = Reloading {
        reload,
        reloads,
        live: live_sender,
        criteria,
        store: Arc::clone(&store),
        dirty,
        addresses,
        began_with: settings,
    };
    let reloader = tokio::spawn(reloading.run(ended.clone()));

    let outcome = scheduling.await.context("the scheduler panicked").and_then(|result| result);
    systemd::stopping();
    stop.cancel();
    ended.cancel();
    serving.cancel();
    tasks.close();
    tasks.wait().await;
    reloader.await.context("the reloader panicked")?;
    // A document that is still being read keeps the store, but nothing more will come of it.
    tokio::task::block_in_place(|| store.close());
    tracing::info!("stopped");
    outcome
}

/// Writes what the configuration says of its sources, and by which rules is decided from now on.
async fn sync(store: &Store, live: &Live) -> Result<()> {
    let configured = live.config.sources.clone();
    let rules = Criteria::new(&live.config.rules, &configured).fingerprint();
    let topics: Vec<Topic> = live.config.rules.topics().to_vec();
    store
        .write(move |tx| {
            store::sources::sync(tx, &configured)?;
            for topic in &topics {
                for was in &topic.was {
                    store::topics::rename(tx, was, &topic.id)?;
                }
            }
            store::topics::decide_by(tx, &rules)
        })
        .await
}

/// How soon a database that was busy, or a disk that was full, is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// The site's identity. Its ids begin with what the first start wrote, so that they outlive a change of address.
async fn site(store: &Arc<Store>, settings: &Settings) -> Result<Site> {
    let host = settings.public.base_url.host_str().unwrap_or("localhost").to_owned();
    let tag = store
        .write(move |tx| match store::meta(tx, "tag")? {
            Some(tag) => Ok(tag),
            None => {
                let tag = format!("tag:{host},{}:", clock::now().format("%Y-%m-%d"));
                store::set_meta(tx, "tag", &tag)?;
                Ok(tag)
            }
        })
        .await?;
    Ok(site_of(settings, tag))
}

fn site_of(settings: &Settings, tag: String) -> Site {
    let public = &settings.public;
    Site {
        base_url: public.base_url.clone(),
        title: public.title.clone(),
        title_en: public.title_en.clone(),
        tag,
        hub: settings.websub.hub.address(&public.base_url),
        has_search: public.search,
    }
}

/// What a daemon with this database and these settings says of itself. Nothing where no daemon ever ran: the first one makes the beginning of every id.
pub fn site_beside(store: &Store, settings: &Settings) -> Result<Option<Site>> {
    Ok(store.read(|db| store::meta(db, "tag"))?.map(|tag| site_of(settings, tag)))
}

/// So many bytes that nobody can guess, in hexadecimal.
fn random(bytes: usize) -> Result<String> {
    let mut drawn = vec![0; bytes];
    getrandom::fill(&mut drawn).context("the system has no random numbers")?;
    Ok(hex::encode(drawn))
}

/// Where the public and the private listener are in the end.
pub type Addresses = (Listen, Option<Listen>);

fn status_line(live: &Live, (public, private): &Addresses) -> String {
    let private = private.as_ref().map(|listen| format!(", riêng/private {listen}")).unwrap_or_default();
    let topics = live.config.rules.topics().len();
    format!("{} nguồn, {topics} chủ đề, {}{private}", live.config.polled(), public.shown())
}

#[cfg(test)]
mod tests;
