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
use super::publisher::permitted;
use crate::http::{Asked, Found, Library};
use crate::publish::{self, Address, Lang, Page, Site, Snapshot, TopicName, Wanted};
use crate::store::{Store, sources, stories};

/// What is kept of what was made, in bytes.
const BUDGET: u64 = 32 << 20;
/// About as many documents as the budget holds, at 50 KB each.
const DOCUMENTS: usize = 600;
/// Documents that are made at once: more would only wait for a processor.
const AT_ONCE: usize = 4;
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
    version: u64,
}

#[derive(Clone)]
struct ByWeight;

impl Weighter<Key, Arc<Page>> for ByWeight {
    fn weight(&self, _: &Key, page: &Arc<Page>) -> u64 {
        // With the coding that will be asked for, and what stands around it.
        page.body.len() as u64 * 3 / 2 + 512
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
            Address::Moved(..) | Address::Nothing => return Found::Missing,
        };
        let version = self.snapshot.borrow().version_of(wanted.topics());
        let key = Key { wanted: wanted.clone(), lang: asked.lang, version };
        let place = match self.kept.get_value_or_guard_async(&key).await {
            Ok(page) => return Found::Page(page),
            Err(place) => place,
        };
        let Ok(Ok(_turn)) = timeout(PATIENCE, self.turns.acquire()).await else { return Found::Busy };
        let inner = Arc::clone(&self);
        let made = tokio::task::spawn_blocking(move || inner.make(&wanted, asked.lang)).await;
        match made.context("making a document panicked").and_then(|made| made) {
            Ok(Made::Page(page)) => {
                let page = Arc::new(page);
                // Where the place is taken away meanwhile, the next one makes it again.
                drop(place.insert(Arc::clone(&page)));
                Found::Page(page)
            }
            Ok(Made::Moved(to)) => Found::Moved(to),
            Ok(Made::Gone) => Found::Gone,
            Ok(Made::Nothing) => Found::Missing,
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), path = asked.path, "a document could not be made");
                Found::Busy
            }
        }
    }

    /// Whether the topics are there that something is made of.
    fn is_there(&self, wanted: &Wanted) -> bool {
        let live = self.live.borrow();
        let known = |topic: &str| topic == publish::ALL || live.config.rules.topics().iter().any(|t| t.id == topic);
        wanted.topics().all(known)
    }

    fn make(&self, wanted: &Wanted, lang: Lang) -> Result<Made> {
        let live = Arc::clone(&self.live.borrow());
        let names = TopicName::of(live.config.rules.topics());
        self.store.read(|db| match wanted {
            Wanted::Story(uid) => {
                let Some(id) = stories::by_uid(db, uid)? else {
                    return Ok(stories::moved_to(db, uid)?.map_or(Made::Nothing, Made::Moved));
                };
                let publishers = sources::publishers(db)?;
                let story = permitted(&live, vec![stories::story(db, id, &publishers)?]);
                let page = story.first().and_then(|story| publish::story_page(&self.site, &names, story, lang));
                Ok(page.map_or(Made::Nothing, Made::Page))
            }
            _ => Ok(Made::Nothing),
        })
    }
}

/// What came of making a document.
enum Made {
    Page(Page),
    Moved(String),
    Gone,
    Nothing,
}
