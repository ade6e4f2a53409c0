//! One source, once: the whole pipeline on one page.
//!
//! ```text
//! fetch ─► body ─► parse ─► identify ─► what is new ─► classify ─► one transaction: items, stories, topics, validators, due time
//! ```
//! Network on the runtime; parsing and deciding on a blocking thread; writing on the database's own. A source's failure
//! is a value that is written like any other ending. Only a failure of the database comes back as an error.

mod articles;
mod criteria;
mod pages;
mod read;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

pub use self::criteria::{Criteria, evidence_of_nobody};

use self::read::{Harvest, failed, open, read, reading, ttl};
use crate::clock;
use crate::dedup::{self, Decision};
use crate::fetch::{Answer, Client, Fetched};
use crate::model::{Item, Source};
use crate::schedule::{self, Due, Setback, Signals};
use crate::store::sources::{self, Ending, EndingKind, State};
use crate::store::{self, Db, Incoming, Store, TakenIn};

/// What every poll needs.
#[derive(Clone)]
pub struct Tools {
    /// The network.
    pub client: Arc<Client>,
    /// The database.
    pub store: Arc<Store>,
    /// What decides about topics, as of now: a reload may replace it between the reading of a document and the writing of its
    /// items.
    pub criteria: watch::Receiver<Arc<Criteria>>,
    /// The polite floor.
    pub floor: Duration,
    /// Documents between arrival and commit. A document with everything made of it is many times its compressed size, and
    /// a thousand may arrive at once.
    pub documents: Arc<Semaphore>,
}

impl Tools {
    fn criteria(&self) -> Arc<Criteria> {
        Arc::clone(&self.criteria.borrow())
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit> {
        Arc::clone(&self.documents).acquire_owned().await.context("the permits are gone")
    }
}

/// How many documents are worked on at once, from their arrival until their items are with the writer. More share a commit and cost memory:
/// 6 and 16 gave 3.4 and 3.2 ms of CPU a feed (`docs/performance.md`).
pub const MOST_DOCUMENTS: usize = 16;

/// What happened.
#[derive(Debug, Clone)]
pub struct Report {
    /// In one word and a sentence.
    pub outcome: Outcome,
    /// The items that were not known as they are, oldest first.
    pub items: Vec<(Item, TakenIn)>,
    /// How many were known as they are.
    pub unchanged: usize,
    /// When the source is polled next.
    pub due: Due,
    /// Where the server says the feed has moved for good.
    pub moved_to: Option<url::Url>,
}

/// How a poll ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The server said "not modified".
    NotModified,
    /// The same body as last time.
    SameBody,
    /// A feed.
    Taken {
        /// How many entries it had.
        entries: usize,
        /// What it needed repairing of.
        repairs: Vec<&'static str>,
    },
    /// Nothing.
    Failed {
        /// The class.
        class: &'static str,
        /// What happened.
        text: String,
    },
}

impl Outcome {
    /// The name of the outcome in logs, metrics and `poll --format json`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Outcome::NotModified => "not-modified",
            Outcome::SameBody => "same-body",
            Outcome::Taken { .. } => "taken",
            Outcome::Failed { class, .. } => class,
        }
    }
}

impl Report {
    /// The topics whose pages may show a difference.
    pub fn topics(&self) -> BTreeSet<String> {
        self.items.iter().flat_map(|(_, t)| t.topics.iter().cloned()).collect()
    }

    /// How many items are new.
    pub fn new_items(&self) -> usize {
        self.items.iter().filter(|(_, t)| matches!(t.decision, Decision::Found | Decision::Join { .. })).count()
    }
}

/// Polls a source and writes what came of it.
pub async fn poll(tools: &Tools, source: &Arc<Source>, state: &State) -> Result<Report> {
    let state = &state.read_as(&reading(source));
    let fetched = pages::fetch(tools, source, state).await;
    let permit = tools.permit().await?;
    let criteria = tools.criteria();
    let (ending, mut harvest) = judge(tools, &criteria, source, state, fetched, Purpose::Poll).await?;
    // Waiting for pages holds no place; what waits for nothing keeps its own, or a thousand harvests would pile up before the writer.
    let permit = if articles::are_wanted(source, state, &harvest.incoming) {
        drop(permit);
        harvest.incoming = articles::complete(tools, &criteria, source, state, harvest.incoming).await?;
        tools.permit().await?
    } else {
        permit
    };
    let (row, first_harvest) = (state.row, !state.harvested);
    let (written, polled, in_force) = (ending.clone(), Arc::clone(source), tools.criteria.clone());
    let Harvest { incoming, unchanged, outcome, moved_to } = harvest;
    let items = tools
        .store
        .write(move |tx| {
            let now = clock::now();
            let mut items = Vec::with_capacity(incoming.len());
            // What is stored is decided again after a reload; these would come too late for that.
            let replaced = Some(Arc::clone(&in_force.borrow())).filter(|c| !Arc::ptr_eq(c, &criteria));
            for mut one in incoming {
                if let Some(criteria) = &replaced {
                    one.topics = criteria.decide(polled.id(), &one.item);
                }
                let taken = store::take_in(tx, row, &one, now, first_harvest)?;
                // What matching needed is large, and nobody behind this reads it.
                one.item.body = String::new();
                items.push((one.item, taken));
            }
            sources::end(tx, row, polled.url(), &written)?;
            // The next document may come while this one waits for its commit, which they then share.
            drop(permit);
            Ok(items)
        })
        .await
        .with_context(|| format!("what {} sent could not be stored", source.id()))?;
    Ok(Report { outcome, items, unchanged, due: ending.due, moved_to })
}

/// Polls a source and says what would come of it.
pub async fn rehearse(tools: &Tools, source: &Arc<Source>, state: &State) -> Result<Report> {
    let state = &state.read_as(&reading(source));
    let fetched = pages::fetch(tools, source, state).await;
    let criteria = tools.criteria();
    let (ending, mut harvest) = judge(tools, &criteria, source, state, fetched, Purpose::Rehearsal).await?;
    harvest.incoming = articles::complete(tools, &criteria, source, state, harvest.incoming).await?;
    let row = state.row;
    let store = Arc::clone(&tools.store);
    let incoming = harvest.incoming;
    let items = tokio::task::spawn_blocking(move || {
        store.read(|db| incoming.into_iter().map(|one| foresee(db, row, one)).collect())
    })
    .await
    .context("a rehearsal panicked")??;
    Ok(Report {
        outcome: harvest.outcome,
        items,
        unchanged: harvest.unchanged,
        due: ending.due,
        moved_to: harvest.moved_to,
    })
}

/// What taking an item in would decide.
fn foresee(db: &Db, source: i64, one: Incoming) -> Result<(Item, TakenIn)> {
    let (keys, known) = store::known(db, source, &one.keys, &one.item.title, one.same_as)?;
    let one = one.under(&keys).into_owned();
    let candidates = store::candidates(db, source, &one.story_keys)?;
    let at = one.item.published.unwrap_or_else(clock::now);
    let decision = dedup::decide(&one.item.title, &one.content, at, known.as_ref(), &candidates);
    let story = match (&decision, known) {
        (Decision::Join { story, .. }, _) => store::stories::uid(db, *story)?,
        (_, Some(known)) => store::stories::uid(db, known.story)?,
        (_, None) => one.uid.clone(),
    };
    let topics = one.topics.iter().filter(|m| m.matched()).map(|m| m.topic.clone()).collect();
    Ok((one.item, TakenIn { decision, story, topics }))
}

/// What a poll is for.
#[derive(Clone, Copy, PartialEq)]
enum Purpose {
    /// To be written.
    Poll,
    /// To be told.
    Rehearsal,
}

/// What an answer means: for the source's row, and for the items.
async fn judge(
    tools: &Tools,
    criteria: &Arc<Criteria>,
    source: &Arc<Source>,
    state: &State,
    fetched: Fetched,
    purpose: Purpose,
) -> Result<(Ending, Harvest)> {
    let started = fetched.sent;
    let next = |signals: &Signals, setback| {
        schedule::next(&source.cadence, source.id(), started, signals, setback, tools.floor)
    };
    let one_more = state.health.failures.saturating_add(1);
    let (kind, harvest, signals, setback) = match fetched.answer {
        Err(error) => failed(error),
        Ok(Answer::NotModified { validators, signals }) => {
            let signals = Signals { ttl: ttl(state.ttl), ..signals };
            (EndingKind::NotModified { validators }, Harvest::nothing(Outcome::NotModified), signals, None)
        }
        Ok(Answer::Fresh(document)) => {
            let further = pages::further(tools, source, state, &document).await?;
            let if_interrupted = next(&Signals::default(), Some((Setback::Network, one_more)));
            let (store, criteria) = (Arc::clone(&tools.store), Arc::clone(criteria));
            let (source, state) = (Arc::clone(source), state.clone());
            tokio::task::spawn_blocking(move || {
                let (body, digest) = match open(&document, &state) {
                    Ok(opened) => opened,
                    Err(settled) => return Ok(*settled),
                };
                if purpose == Purpose::Poll {
                    let (row, polled) = (state.row, Arc::clone(&source));
                    let begun = store.write(move |tx| sources::begin(tx, row, polled.url(), one_more, if_interrupted));
                    Handle::current().block_on(begun)?;
                }
                read(&store, &criteria, &source, (&document, &further), (&body, digest), &state)
            })
            .await
            .context("reading a document panicked")??
        }
    };
    let failures = if matches!(kind, EndingKind::Failed { .. }) { one_more } else { 0 };
    // A document that is cut off is taken all the same: it is the first of its failures however often it comes.
    let due = next(&signals, setback.map(|setback| (setback, failures.max(1))));
    let not_before = signals.retry_after.and_then(|_| (due.cause == schedule::Cause::RetryAfter).then_some(due.at));
    Ok((Ending { started, due, not_before, failures, kind }, harvest))
}
