//! One source, once: the whole pipeline on one page.
//!
//! ```text
//! fetch ─► body ─► parse ─► identify ─► what is new ─► classify ─► one transaction: items, stories, topics, validators, due time
//! ```
//! Network on the runtime; parsing and deciding on a blocking thread; writing on the database's own. A source's failure
//! is a value that is written like any other ending. Only a failure of the database comes back as an error.

mod again;
mod articles;
mod criteria;
pub mod decided;
mod keep;
mod outage;
mod pages;
mod pushed;
mod read;
mod rehearsal;
mod report;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

pub use self::again::{Again, KeptPages, read_again};
pub use self::criteria::{Criteria, evidence_of_nobody, section};
pub use self::pushed::take_pushed;
pub use self::rehearsal::rehearse;
pub use self::report::{Outcome, Report};

use self::outage::Outage;
use self::pages::Asked;
use self::pushed::Polled;
use self::read::{Harvest, failed, open, read, reading};
use crate::archive::Archive;
use crate::clock::Clock;
use crate::fetch::error::Class;
use crate::fetch::{Answer, Client, Document};
use crate::model::{Item, Source};
use crate::rhythm::{Rhythm, Silence};
use crate::schedule::{self, Cadence, Cause, Due, Setback, Signals, Time, Turn, delta};
use crate::store::sources::{self, Ending, EndingKind, State};
use crate::store::{self, Db, Incoming, Store, TakenIn, Tx};
use crate::websub::subscription::BACKUP;

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
    /// Since when deliveries of hubs are received without a gap; nothing where nobody listens for them.
    pub listening: Option<Time>,
    /// What time it is.
    pub clock: Clock,
    /// Whether anybody can be reached at all.
    pub outage: Arc<Outage>,
    /// Where what comes is kept, if anywhere.
    pub archive: Option<Arc<Archive>>,
    /// In a replay, what is had instead of asking for a page.
    pub pages: Option<Arc<KeptPages>>,
}

impl Tools {
    /// Tools around a client, for polls that decide by these criteria.
    pub fn new(
        client: Arc<Client>,
        store: Arc<Store>,
        criteria: watch::Receiver<Arc<Criteria>>,
        floor: Duration,
    ) -> Tools {
        Tools {
            client,
            store,
            criteria,
            floor,
            documents: Arc::new(Semaphore::new(MOST_DOCUMENTS)),
            listening: None,
            clock: Clock::System,
            outage: Arc::default(),
            archive: None,
            pages: None,
        }
    }

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

/// Polls a source and writes what came of it.
pub async fn poll(tools: &Tools, source: &Arc<Source>, state: &State) -> Result<Report> {
    let state = &state.read_as(&reading(source));
    let asked = pages::fetch(tools, source, state).await;
    if let Some(until) = asked.postponed(tools.clock.now()) {
        return postpone(tools, source, state, until).await;
    }
    // Waiting for pages holds no place.
    let further = pages::further_of(tools, source, state, &asked).await?;
    let permit = tools.permit().await?;
    let criteria = tools.criteria();
    let (ending, if_pushed, harvest) = judge(tools, &criteria, source, state, (asked, further), Purpose::Poll).await?;
    let Harvest { incoming, unchanged, outcome, moved_to, advertised } = harvest;
    let polled = Polled {
        before: state.health.polled_at,
        advertised,
        plain: ending.due,
        if_pushed,
        listening: tools.listening,
        floor: tools.floor,
    };
    let (row, feed, started) = (state.row, source.url().clone(), ending.started);
    let written = write(tools, &criteria, source, state, incoming, permit, move |tx, items, now, is_whole| {
        let (due, hub_changed) = polled.settle(tx, row, items, now)?;
        let kind = ending.kind.settled(items.iter().any(|(_, taken)| taken.is_new()), is_whole);
        sources::end(tx, row, &feed, &Ending { due, kind, ..ending })?;
        Ok((due, hub_changed))
    });
    let (items, (due, hub_changed)) = written.await?;
    let silence = silence(tools, state, started)?;
    Ok(Report { outcome, items, unchanged, due, moved_to, hub_changed, silence })
}

/// Completes what a document brought, and writes it in one transaction with whatever `conclude` adds, which is told whether that is all there
/// was in it.
async fn write<T: Send + 'static>(
    tools: &Tools,
    criteria: &Arc<Criteria>,
    source: &Arc<Source>,
    state: &State,
    mut incoming: Vec<Incoming>,
    permit: OwnedSemaphorePermit,
    conclude: impl FnOnce(&Tx<'_>, &[(Item, TakenIn)], Time, bool) -> Result<T> + Send + 'static,
) -> Result<(Vec<(Item, TakenIn)>, T)> {
    // Waiting for pages holds no place; what waits for nothing keeps its own, or a thousand harvests would pile up before the writer.
    let mut is_whole = true;
    let permit = if articles::are_wanted(source, state, &incoming) {
        drop(permit);
        (incoming, is_whole) = articles::complete(tools, criteria, source, state, incoming).await?;
        tools.permit().await?
    } else {
        permit
    };
    let (row, first_harvest) = (state.row, !state.harvested);
    let (criteria, in_force, id) = (Arc::clone(criteria), tools.criteria.clone(), source.id().to_owned());
    let clock = tools.clock.clone();
    tools
        .store
        .write(move |tx| {
            let now = clock.now();
            let mut items = Vec::with_capacity(incoming.len());
            // What is stored is decided again after a reload; these would come too late for that.
            let replaced = Some(Arc::clone(&in_force.borrow())).filter(|c| !Arc::ptr_eq(c, &criteria));
            for mut one in incoming {
                if let Some(criteria) = &replaced {
                    one.topics = criteria.decide(&id, &one.item);
                }
                let taken = store::take_in(tx, row, &one, now, first_harvest)?;
                // What matching needed is large, and nobody behind this reads it.
                one.item.body = String::new();
                items.push((one.item, taken));
            }
            let new = items.iter().filter(|(_, taken)| taken.is_new());
            store::history::remember(tx, row, new.map(|(item, _)| item.published.unwrap_or(now)))?;
            let concluded = conclude(tx, &items, now, is_whole)?;
            // The next document may come while this one waits for its commit, which they then share.
            drop(permit);
            Ok((items, concluded))
        })
        .await
        .with_context(|| format!("what {} sent could not be stored", source.id()))
}

/// What is known of a source's rhythm.
pub fn rhythm(db: &Db, row: i64, now: Time) -> Result<Rhythm> {
    Ok(Rhythm::learn(&store::history::of(db, row)?, now))
}

/// Looks at a silence with the first poll of a day.
fn silence(tools: &Tools, state: &State, now: Time) -> Result<Option<Silence>> {
    let health = &state.health;
    let is_first_today = health.polled_at.is_some_and(|at| at.date_naive() != now.date_naive());
    let Some(new_at) = health.new_at.filter(|_| is_first_today) else { return Ok(None) };
    let silence = tools.store.read(|db| rhythm(db, state.row, now))?.silence(new_at, now);
    Ok(Some(silence).filter(|silence| silence.alarming))
}

/// Has hosts left alone that asked for it before this start. Of a redirect's target nothing is known by now.
pub fn restore_pauses(client: &Client, states: &BTreeMap<String, State>) {
    for state in states.values() {
        let until = state.not_before.zip(state.health.polled_at);
        if state.health.failure_class.as_deref() == Some(Class::Throttled.as_str())
            && let Some((until, polled_at)) = until
        {
            let asked = state.relocation.adopted.as_ref().unwrap_or(&state.publisher.feed);
            client.pause(asked, until.min(polled_at + delta(schedule::MAX_PAUSE)));
        }
    }
}

/// Leaves a source for later that was not asked, because its host wants to be left alone: no failure of its own.
async fn postpone(tools: &Tools, source: &Source, state: &State, until: Time) -> Result<Report> {
    let turn = turn(tools, source, tools.clock.now(), None);
    let due = schedule::behind(until, Cause::HostPause, &turn, &state.pace);
    let row = state.row;
    tools.store.write(move |tx| sources::set_due(tx, row, due)).await?;
    Ok(Report {
        outcome: Outcome::Postponed { until },
        items: Vec::new(),
        unchanged: 0,
        due,
        moved_to: None,
        hub_changed: false,
        silence: None,
    })
}

/// What an answer brings, with the pages of its items, and nothing written.
async fn look_at(tools: &Tools, source: &Arc<Source>, state: &State, asked: Asked) -> Result<(Ending, Harvest)> {
    let further = pages::further_of(tools, source, state, &asked).await?;
    let criteria = tools.criteria();
    let (ending, _, mut harvest) = judge(tools, &criteria, source, state, (asked, further), Purpose::Rehearsal).await?;
    harvest.incoming = articles::complete(tools, &criteria, source, state, harvest.incoming).await?.0;
    Ok((ending, harvest))
}

/// What a poll is for.
#[derive(Clone, Copy, PartialEq)]
enum Purpose {
    /// To be written.
    Poll,
    /// To be told.
    Rehearsal,
}

/// Whose turn is worked out.
pub fn turn<'a>(tools: &Tools, source: &'a Source, started: Time, expected: Option<Time>) -> Turn<'a> {
    Turn {
        cadence: &source.cadence,
        is_own: source.cadence_is_own,
        seed: source.id(),
        floor: tools.floor,
        started,
        expected,
    }
}

/// What an answer means: for the source's row, for when it is due if a hub pushes it reliably, and for the items.
async fn judge(
    tools: &Tools,
    criteria: &Arc<Criteria>,
    source: &Arc<Source>,
    state: &State,
    (asked, further): (Asked, Vec<Document>),
    purpose: Purpose,
) -> Result<(Ending, Due, Harvest)> {
    let started = asked.fetched.answered;
    let expected = match source.cadence {
        Cadence::Auto => {
            let rhythm = tools.store.read(|db| rhythm(db, state.row, started))?;
            Some(rhythm.next_after(started, tools.floor, schedule::AUTO_CEILING))
        }
        _ => None,
    };
    let turn = turn(tools, source, started, expected);
    let one_more = state.health.failures.saturating_add(1);
    let unreachable = matches!(&asked.fetched.answer, Err(error) if error.is_connectivity());
    let is_outage = tools.outage.note(source.id(), started, unreachable);
    let is_whole = matches!(asked.fetched.answer, Ok(Answer::Fresh(_))) || asked.whole;
    let (mut relocation, mut moved_to) = (asked.relocation, None);
    let (kind, harvest, signals, setback) = match asked.fetched.answer {
        Err(error) => failed(error, state),
        Ok(Answer::NotModified(unchanged)) => {
            moved_to = unchanged.moved_to;
            read::not_modified(state, unchanged.validators, unchanged.signals)
        }
        Ok(Answer::Fresh(document)) => {
            moved_to.clone_from(&document.moved_to);
            let if_interrupted = schedule::next(&turn, &Signals::default(), Some((Setback::Network, one_more)));
            let (store, criteria) = (Arc::clone(&tools.store), Arc::clone(criteria));
            let (source, state, now) = (Arc::clone(source), state.clone(), tools.clock.now());
            let archive = tools.archive.clone();
            tokio::task::spawn_blocking(move || {
                keep::around(archive.as_deref(), now, &source, &document, &further, || {
                    let (body, digest) = match open(&document, &state) {
                        Ok(opened) => opened,
                        Err(settled) => return Ok(*settled),
                    };
                    if purpose == Purpose::Poll {
                        let (row, polled) = (state.row, Arc::clone(&source));
                        let begun =
                            store.write(move |tx| sources::begin(tx, row, polled.url(), one_more, if_interrupted));
                        Handle::current().block_on(begun)?;
                    }
                    read(&store, &criteria, &source, (&document, &further), (&body, digest), &state, now)
                })
            })
            .await
            .context("reading a document panicked")??
        }
    };
    let is_failed = matches!(kind, EndingKind::Failed { .. } | EndingKind::Unread { .. });
    relocation = match is_failed {
        // The address we adopted is asked no more; the configured one is.
        true if relocation.adopted.is_some() && !is_outage => Default::default(),
        true => relocation,
        // A dated address leads elsewhere tomorrow.
        false if asked.is_dated => relocation,
        false => relocation.after(moved_to.as_ref(), started),
    };
    let failures = match is_failed {
        // What hits nearly everybody is nobody's fault.
        true if is_outage => state.health.failures,
        true => one_more,
        false => 0,
    };
    // A document that is cut off is taken all the same: it is the first of its failures however often it comes.
    let step = if is_outage { 1 } else { failures.max(1) };
    let setback = setback.map(|setback| (setback, if is_another(setback, state) { 1 } else { step }));
    let mut due = schedule::next(&turn, &signals, setback);
    // A poll that brought nothing has made sure of nothing.
    let if_pushed =
        if setback.is_none() { schedule::next(&turn, &Signals { websub: Some(BACKUP), ..signals }, None) } else { due };
    if is_outage && due.cause == Cause::Backoff {
        due.cause = Cause::Outage;
    }
    // Also where something else lasts longer: a shorter cadence must not undercut it.
    let not_before = signals.retry_after.map(|wait| started + delta(wait.min(schedule::MAX_RETRY_AFTER)));
    Ok((Ending { started, due, not_before, failures, whole: is_whole, relocation, kind }, if_pushed, harvest))
}

/// Whether a failure that says "not here" or "gone" follows one that said something else: those count by themselves (assertions P-31,
/// P-32).
fn is_another(setback: Setback, state: &State) -> bool {
    let before = state.health.failure_class.as_deref();
    let before = Class::ALL.iter().find(|class| Some(class.as_str()) == before).map(|class| class.setback());
    matches!(setback, Setback::Gone | Setback::Denied) && before != Some(setback)
}
