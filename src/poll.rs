//! One source, once: the whole pipeline on one page.
//!
//! ```text
//! fetch ─► body ─► parse ─► identify ─► what is new ─► classify ─► one transaction: items, stories, topics, validators, due time
//! ```
//! Network on the runtime; parsing and deciding on a blocking thread; writing on the database's own. A source's failure
//! is a value that is written like any other ending. Only a failure of the database comes back as an error.

mod criteria;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::sync::{Semaphore, watch};

pub use self::criteria::{Criteria, evidence_of_nobody};

use crate::clock;
use crate::dedup::{self, Decision};
use crate::fetch::error::FetchError;
use crate::fetch::{Answer, Client, Document, Fetched};
use crate::model::{Digest, Item, Source, Validators};
use crate::parse::date::Style;
use crate::parse::{self, ParseError, Parsed, Repair};
use crate::schedule::{self, Due, Setback, Signals, Time};
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
}

/// How many documents are worked on at once. More share a commit and cost memory: 8, 16 and 24 gave 4.6, 4.4 and 4.0 ms of CPU
/// a feed and 56, 62 and 65 MB at most (`docs/performance.md`).
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

/// Changes when the same bytes would be read differently, so that an unchanged body is read again after an upgrade.
const READER_VERSION: &str = "2";

/// How a source's documents are read. (Its topics are not here: what is stored is decided again when they change.)
fn reading(source: &Source) -> Digest {
    Digest::of(&[READER_VERSION.to_owned(), format!("{:?} {:?}", source.dates, source.publish)])
}

/// Polls a source and writes what came of it.
pub async fn poll(tools: &Tools, source: &Arc<Source>, state: &State) -> Result<Report> {
    let state = &state.read_as(&reading(source));
    let fetched = tools.client.get(source.url(), &state.validators, clock::now()).await;
    let permit = tools.documents.acquire().await.context("the permits are gone")?;
    let criteria = tools.criteria();
    let (ending, harvest) = judge(tools, &criteria, source, state, fetched).await?;
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
                items.push((one.item, taken));
            }
            sources::end(tx, row, polled.url(), &written)?;
            Ok(items)
        })
        .await
        .with_context(|| format!("what {} sent could not be stored", source.id()))?;
    drop(permit);
    Ok(Report { outcome, items, unchanged, due: ending.due, moved_to })
}

/// Polls a source and says what would come of it.
pub async fn rehearse(tools: &Tools, source: &Arc<Source>, state: &State) -> Result<Report> {
    let state = &state.read_as(&reading(source));
    let fetched = tools.client.get(source.url(), &state.validators, clock::now()).await;
    let (ending, harvest) = judge(tools, &tools.criteria(), source, state, fetched).await?;
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
    let (keys, known) = store::known(db, &one.keys, &one.item.title)?;
    let one = one.under(&keys).into_owned();
    let candidates = store::candidates(db, source, &one.story_keys)?;
    let at = one.item.published.unwrap_or_else(clock::now);
    let decision = dedup::decide(&one.item.title, &one.content, at, known.as_ref(), &candidates);
    let story = match (&decision, known) {
        (Decision::Join { story, .. }, _) => store::stories::by_id(db, *story)?.uid,
        (_, Some(known)) => store::stories::by_id(db, known.story)?.uid,
        (_, None) => one.uid.clone(),
    };
    let topics = one.topics.iter().filter(|m| m.matched()).map(|m| m.topic.clone()).collect();
    Ok((one.item, TakenIn { decision, story, topics }))
}

/// What a poll brought, ready to be written.
struct Harvest {
    incoming: Vec<Incoming>,
    unchanged: usize,
    outcome: Outcome,
    moved_to: Option<url::Url>,
}

impl Harvest {
    fn nothing(outcome: Outcome) -> Harvest {
        Harvest { incoming: Vec::new(), unchanged: 0, outcome, moved_to: None }
    }
}

/// What an answer means: for the source's row, and for the items.
async fn judge(
    tools: &Tools,
    criteria: &Arc<Criteria>,
    source: &Arc<Source>,
    state: &State,
    fetched: Fetched,
) -> Result<(Ending, Harvest)> {
    let started = fetched.sent;
    let (kind, harvest, signals, setback) = match fetched.answer {
        Err(error) => failed(error),
        Ok(Answer::NotModified { validators, signals }) => {
            let signals = Signals { ttl: ttl(state.ttl), ..signals };
            (EndingKind::NotModified { validators }, Harvest::nothing(Outcome::NotModified), signals, None)
        }
        Ok(Answer::Fresh(document)) => {
            let (store, criteria) = (Arc::clone(&tools.store), Arc::clone(criteria));
            let (source, state) = (Arc::clone(source), state.clone());
            tokio::task::spawn_blocking(move || read(&store, &criteria, &source, &document, &state))
                .await
                .context("reading a document panicked")??
        }
    };
    // A document that is cut off is taken all the same, so it is the first of its failures however often it comes.
    let failures = match kind {
        EndingKind::Failed { .. } => state.health.failures.saturating_add(1),
        _ => 1,
    };
    let due =
        schedule::next(&source.cadence, source.id(), started, &signals, setback.map(|s| (s, failures)), tools.floor);
    let not_before = signals.retry_after.and_then(|_| (due.cause == schedule::Cause::RetryAfter).then_some(due.at));
    Ok((Ending { started, due, not_before, kind }, harvest))
}

fn ttl(minutes: Option<u32>) -> Option<Duration> {
    minutes.map(|minutes| Duration::from_mins(u64::from(minutes)))
}

type Read = (EndingKind, Harvest, Signals, Option<Setback>);

fn failed(error: FetchError) -> Read {
    let (class, text) = (error.class.as_str(), error.text);
    let outcome = Outcome::Failed { class, text: text.clone() };
    (EndingKind::Failed { class, text }, Harvest::nothing(outcome), error.signals, Some(error.class.setback()))
}

fn unreadable(error: &ParseError, signals: Signals) -> Read {
    let (class, text) = (error.code(), error.to_string());
    let outcome = Outcome::Failed { class, text: text.clone() };
    (EndingKind::Failed { class, text }, Harvest::nothing(outcome), signals, Some(Setback::Content))
}

/// Reads a document and finds what in it is new. On a blocking thread.
fn read(store: &Store, criteria: &Criteria, source: &Source, document: &Document, state: &State) -> Result<Read> {
    let body = match document.body() {
        Ok(body) => body,
        Err(error) => return Ok(failed(error)),
    };
    let digest = Digest::of(&[&body]);
    let validators = document.validators.clone();
    if state.body == Some(digest) {
        let signals = Signals { ttl: ttl(state.ttl), ..document.signals };
        return Ok((EndingKind::SameBody { validators }, Harvest::nothing(Outcome::SameBody), signals, None));
    }
    let context = parse::Context {
        base: Some(&document.url),
        content_type: document.content_type.as_deref(),
        dates: Some(Style::vietnamese(source.dates)),
    };
    let parsed = match parse::feed(&body, &context) {
        Ok(parsed) => parsed,
        Err(error) => return Ok(unreadable(&error, document.signals)),
    };
    let now = clock::now();
    let (incoming, unchanged) = store.read(|db| whats_new(db, criteria, source, &parsed, state.harvested, now))?;
    let moved_to = document.moved_to.clone();
    if parsed.repaired.contains(&Repair::Truncated) {
        // Nothing vouches for what did not come, and how long half a document stays fresh is of no interest.
        return Ok((
            taken(source, &parsed, &incoming, Validators::default(), None),
            harvest(&parsed, incoming, unchanged, moved_to),
            Signals::default(),
            Some(Setback::Network),
        ));
    }
    let signals = Signals { ttl: ttl(parsed.feed.ttl), ..document.signals };
    Ok((
        taken(source, &parsed, &incoming, validators, Some(digest)),
        harvest(&parsed, incoming, unchanged, moved_to),
        signals,
        None,
    ))
}

fn taken(
    source: &Source,
    parsed: &Parsed,
    incoming: &[Incoming],
    validators: Validators,
    body: Option<Digest>,
) -> EndingKind {
    let repairs = repairs(parsed);
    EndingKind::Taken {
        validators,
        body,
        reading: reading(source),
        ttl: parsed.feed.ttl,
        repairs: (!repairs.is_empty()).then(|| repairs.join(",")),
        news: !incoming.is_empty(),
        newest: incoming.iter().filter_map(|i| i.item.published).max(),
    }
}

fn harvest(parsed: &Parsed, mut incoming: Vec<Incoming>, unchanged: usize, moved_to: Option<url::Url>) -> Harvest {
    // Feeds are written newest first; taken in oldest first, numbers rise with time.
    incoming.reverse();
    let outcome = Outcome::Taken { entries: parsed.entries.len(), repairs: repairs(parsed) };
    Harvest { incoming, unchanged, outcome, moved_to }
}

/// What was wrong with a document that was read all the same. An empty channel is not an error and never empties
/// anything, but hanoimoi.vn answers one under a wrong address for ever, so it is said.
fn repairs(parsed: &Parsed) -> Vec<&'static str> {
    let mended = parsed.repaired.iter().map(|r| r.as_str());
    mended.chain(parsed.entries.is_empty().then_some("no-entries")).collect()
}

/// The entries that are not stored as they are, with everything computed; and how many are. Of a source's first document
/// nothing is stored, so nothing is looked up.
fn whats_new(
    db: &Db,
    criteria: &Criteria,
    source: &Source,
    parsed: &Parsed,
    harvested: bool,
    now: Time,
) -> Result<(Vec<Incoming>, usize)> {
    let mut incoming = Vec::new();
    let mut unchanged = 0;
    for (entry, keys) in parsed.entries.iter().zip(dedup::assign(source.id(), &parsed.entries)) {
        let Some((keys, item)) = keys.zip(parse::item::item(entry, source.publish, now)) else {
            continue;
        };
        let content = dedup::content(&item);
        let (keys, known) =
            if harvested { store::known(db, &keys, &item.title)? } else { (Cow::Borrowed(&keys), None) };
        if known.is_some_and(|k| k.content == content) && store::all_on_file(db, &keys)? {
            unchanged += 1;
            continue;
        }
        incoming.push(Incoming {
            story_keys: dedup::story_keys(&item, keys.link_names_it()),
            uid: dedup::story_uid(&item, &keys),
            topics: criteria.decide(source.id(), &item),
            item,
            content,
            keys: keys.into_owned(),
        });
    }
    Ok((incoming, unchanged))
}
