//! Documents that are made when somebody asks: read from the database beside the writer, a few at a time, and kept while nothing changes.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

use super::Live;
use crate::clock;
use crate::desk::{Desk, Made};
use crate::http::{Asked, Found, Library};
use crate::publish::{self, Address, Lang, Page, Site, Snapshot, Version, Wanted};
use crate::schedule::Time;
use crate::store::{Store, archives};

/// What is kept of what was made, in bytes.
const BUDGET: u64 = 32 << 20;
/// About as many documents as the budget holds, at 50 KB each.
const DOCUMENTS: usize = 600;
/// Documents that are made at once: more would only wait for a processor.
const AT_ONCE: usize = 4;
/// How long what follows time is kept, in seconds.
const MOMENT: i64 = 60;
/// Who waits longer for his turn is asked to come again.
const PATIENCE: Duration = Duration::from_secs(5);

/// The library of a daemon.
pub struct Shelf {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<Store>,
    site: Arc<Site>,
    live: watch::Receiver<Arc<Live>>,
    snapshot: watch::Receiver<Arc<Snapshot>>,
    kept: Cache<Key, Arc<Page>, ByWeight>,
    turns: Semaphore,
}

/// What a document was made of: another version of the stories is another key, and the old one ages away.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    wanted: Wanted,
    lang: Lang,
    version: Version,
    /// Of what follows time.
    moment: i64,
}

#[derive(Clone)]
struct ByWeight;

impl Weighter<Key, Arc<Page>> for ByWeight {
    fn weight(&self, _: &Key, page: &Arc<Page>) -> u64 {
        // With a coding that will be asked for, and what stands around it.
        (page.weight() + page.body.len() / 2 + 512) as u64
    }
}

impl Shelf {
    /// Over a database, while these are in force.
    pub fn new(
        store: Arc<Store>,
        site: Arc<Site>,
        live: watch::Receiver<Arc<Live>>,
        snapshot: watch::Receiver<Arc<Snapshot>>,
    ) -> Shelf {
        let kept = Cache::with_weighter(DOCUMENTS, BUDGET, ByWeight);
        Shelf { inner: Arc::new(Inner { store, site, live, snapshot, kept, turns: Semaphore::new(AT_ONCE) }) }
    }
}

/// An address below the root as it is written in a document at another: the site may stand below a path of its host.
fn relative(from: &str, to: &str) -> String {
    format!("{}{to}", "../".repeat(from.matches('/').count()))
}

impl Library for Shelf {
    fn find(&self, asked: Asked) -> Pin<Box<dyn Future<Output = Found> + Send>> {
        let inner = Arc::clone(&self.inner);
        Box::pin(async move { inner.find(asked).await })
    }
}

impl Inner {
    async fn find(self: Arc<Self>, asked: Asked) -> Found {
        let wanted = match Address::parse(&asked.path, asked.query.as_deref()) {
            Address::Of(wanted) => wanted,
            Address::Moved(to, wanted) if self.is_there(&wanted) => return Found::Moved(to),
            // Of topics that are no more, or are called otherwise now.
            Address::Moved(_, wanted) => wanted,
            Address::Nothing => return Found::Missing,
        };
        if !self.shows(&wanted).await {
            return Found::Busy;
        }
        let now = clock::now();
        let key = Key {
            lang: if wanted.is_page() { asked.lang } else { Lang::Vi },
            version: self.snapshot.borrow().version_of(wanted.topics()),
            moment: if wanted.follows_time() { now.timestamp() / MOMENT } else { 0 },
            wanted,
        };
        let place = match self.kept.get_value_or_guard_async(&key).await {
            Ok(page) => return Found::Page(page),
            Err(place) => place,
        };
        let Ok(Ok(_turn)) = timeout(PATIENCE, self.turns.acquire()).await else { return Found::Busy };
        let (inner, asking) = (Arc::clone(&self), key.clone());
        let made = tokio::task::spawn_blocking(move || inner.make(&asking, now)).await;
        let page = match made.context("making a document panicked").and_then(|made| made) {
            // Feeds for programs that remember no tags: as old as the last change that could have touched them.
            Ok(Made::Page(page)) if !key.wanted.is_page() && !key.wanted.follows_time() => {
                page.changed_at(key.version.since)
            }
            Ok(Made::Page(page)) => page,
            Ok(Made::Closed { closed, kept, open }) => {
                match self.store.write(move |tx| archives::keep(tx, &closed)).await {
                    Ok(true) => *kept,
                    Ok(false) => open,
                    Err(error) => return self.failed(&asked.path, &error),
                }
            }
            Ok(Made::Moved(to)) => return Found::Moved(to),
            Ok(Made::Renamed(to)) => return Found::Moved(relative(&asked.path, &to.path())),
            Ok(Made::Gone) => return Found::Gone,
            Ok(Made::Nothing) => return Found::Missing,
            Err(error) => return self.failed(&asked.path, &error),
        };
        let page = Arc::new(page);
        // Where the place was taken away meanwhile, the next one makes it again.
        drop(place.insert(Arc::clone(&page)));
        Found::Page(page)
    }

    fn failed(&self, path: &str, error: &anyhow::Error) -> Found {
        tracing::error!(error = format!("{error:#}"), path, "a document could not be made");
        Found::Busy
    }

    /// Waits until the topics that something is made of are published, where a reload has just brought them: or the new would be seen before
    /// the old has left.
    async fn shows(&self, wanted: &Wanted) -> bool {
        let live = Arc::clone(&self.live.borrow());
        let topics: Vec<&str> = wanted.topics().filter(|topic| live.config.rules.topic(topic).is_some()).collect();
        let mut snapshot = self.snapshot.clone();
        let shown = snapshot.wait_for(|snapshot| topics.iter().all(|topic| snapshot.topics.contains_key(*topic)));
        timeout(PATIENCE, shown).await.is_ok()
    }

    /// Whether the topics are there that something is made of.
    fn is_there(&self, wanted: &Wanted) -> bool {
        let live = self.live.borrow();
        wanted.topics().all(|topic| topic == publish::ALL || live.config.rules.topic(topic).is_some())
    }

    fn make(&self, key: &Key, now: Time) -> Result<Made> {
        let live = Arc::clone(&self.live.borrow());
        let publishers = live.publishers(&self.store)?;
        self.store.read(|db| Desk::new(db, &self.site, &live.config, &publishers, now).make(&key.wanted, key.lang))
    }
}
