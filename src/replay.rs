//! The past again: what was kept is read by today's program and rules into a copy of the database as it was before, and what differs from
//! what is stored is told. No source is asked, and nothing is written where readers look.
//!
//! Documents are read in the order in which they came, a few of different sources at once: what one brings depends on its own source's
//! items alone until it is written, and that is done one behind the other. Items are held, documents are not.

mod changes;
mod compare;
mod coverage;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::RangeInclusive;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use chrono::NaiveDate;
use tokio::task::JoinHandle;
use url::Url;

pub use self::changes::{Changed, Changes, OfSource, Told, Topic, Unread};

use self::coverage::Coverage;
use crate::archive::past::Past;
use crate::archive::{Kept, Kind, Line};
use crate::clock::Clock;
use crate::fetch::Document;
use crate::model::Source;
use crate::poll::{Again, KeptPages, Tools, read_again};
use crate::schedule::Time;
use crate::store::sources::{self, State};
use crate::store::{self, Store};

/// What is run again.
#[derive(Debug, Clone)]
pub struct Span {
    /// From when.
    pub since: Time,
    /// Until when.
    pub until: Time,
    /// The slugs of the sources; all where there is none.
    pub only: BTreeSet<String>,
}

/// What it is run with.
pub struct Replay {
    /// What was kept.
    pub past: Arc<Past>,
    /// The sources as they are configured today.
    pub sources: BTreeMap<String, Arc<Source>>,
    /// The database of readers, only read.
    pub real: Arc<Store>,
    /// Tools that write to a copy of it and reach nobody.
    pub tools: Tools,
    /// The largest body, before and after decompression.
    pub max_body: usize,
}

/// Documents that are read at once. Their sources differ, so a single source is read one document at a time.
const AT_ONCE: usize = 16;

/// The class of a document that the program does not get through.
const INTERRUPTED: &str = "interrupted";

/// Where an answer lies.
type Place = (NaiveDate, Kept);
/// The pages that were kept, by source and the address that was asked, in the order of time.
type PageIndex = BTreeMap<(String, String), Vec<Place>>;

impl Replay {
    /// Runs it and tells what differs.
    pub async fn run(self, span: Span) -> Result<Changes> {
        let (replay, span) = (Arc::new(self), Arc::new(span));
        let (surveyor, all) = (Arc::clone(&replay), Arc::clone(&span));
        let (coverage, pages, torn) = tokio::task::spawn_blocking(move || surveyor.survey(&all)).await??;
        let since = Arc::new(coverage.firsts());
        let last = replay.take_back(&since, span.since).await?;
        let changes = Changes { since: span.since, until: span.until, torn, ..Changes::default() };
        let (vouched, pages) = (BTreeMap::new(), Arc::new(pages));
        let mut runner = Runner { replay: Arc::clone(&replay), pages, coverage, vouched, changes };
        for day in replay.past.days().iter().copied().filter(|day| span.days().contains(day)) {
            let reader = Arc::clone(&replay);
            let (lines, _) = tokio::task::spawn_blocking(move || reader.past.lines(day)).await??;
            runner.run_day(day, lines, &span).await?;
        }
        let Runner { changes, coverage, .. } = runner;
        if changes.missing > 0 {
            tracing::warn!(
                documents = changes.missing,
                "mất bản gốc, bỏ qua · their bodies are gone or damaged, skipped"
            );
        }
        tokio::task::spawn_blocking(move || compare::compare(&replay, &coverage, &since, last, changes)).await?
    }

    /// Takes the copy back to what it was before the first replayed document of each source, and gives the highest number of an item.
    async fn take_back(&self, since: &Arc<BTreeMap<String, Time>>, now: Time) -> Result<i64> {
        let (since, configured) = (Arc::clone(since), self.sources.clone());
        let back = self.tools.store.write(move |tx| {
            let last = store::past::forget(tx, &since, now)?;
            sources::sync(tx, &configured)?;
            Ok(last)
        });
        back.await.context("the copy of the database could not be taken back to the past")
    }

    /// What was kept of which source when, the pages, and how many lines could not be read. Bodies are not looked at.
    fn survey(&self, span: &Span) -> Result<(Coverage, PageIndex, usize)> {
        let (mut coverage, mut pages, mut all_torn) = (Coverage::default(), PageIndex::new(), 0);
        for day in self.past.days().iter().filter(|day| **day >= *span.days().start()) {
            let (lines, torn) = self.past.lines(*day)?;
            if torn > 0 {
                all_torn += torn;
                tracing::warn!(%day, lines = torn, "có dòng không đọc được, bỏ qua · lines that cannot be read, skipped");
            }
            for line in lines.into_iter().filter(|line| line.at() >= span.since) {
                match line {
                    Line::Kept(kept) if kept.kind == Kind::Document => {
                        let is_replayed = kept.at <= span.until && self.wants(span, &kept.source);
                        coverage.note(&kept.source, kept.at, is_replayed);
                    }
                    Line::Kept(kept) => {
                        let asked = kept.asked.clone().unwrap_or_else(|| kept.url.clone());
                        pages.entry((kept.source.clone(), asked)).or_default().push((*day, *kept));
                    }
                    Line::Failed { at, source, failed } => coverage.note_failure(&source, at, failed),
                    Line::Full { at, .. } => coverage.note_full(at),
                }
            }
        }
        Ok((coverage, pages, all_torn))
    }

    fn wants(&self, span: &Span, source: &str) -> bool {
        self.sources.contains_key(source) && (span.only.is_empty() || span.only.contains(source))
    }

    fn document(&self, (day, kept): &Place) -> Option<Document> {
        let wire = self.past.body(*day, kept, self.max_body)?;
        let url = Url::parse(&kept.url).ok()?;
        let (content_type, content_encoding) = (kept.content_type.clone(), kept.content_encoding.clone());
        Some(Document::kept(url, content_type, content_encoding, wire.into(), self.max_body))
    }
}

impl Span {
    /// The days of the archive that it touches.
    fn days(&self) -> RangeInclusive<NaiveDate> {
        self.since.date_naive()..=self.until.date_naive()
    }
}

/// A replay under way.
struct Runner {
    replay: Arc<Replay>,
    pages: Arc<PageIndex>,
    coverage: Coverage,
    /// The digest of each source's last document, where it need not be read again.
    vouched: BTreeMap<String, String>,
    changes: Changes,
}

/// A document that is being read.
struct Reading {
    kept: Kept,
    /// Nothing where its body is gone.
    read: JoinHandle<Result<Option<(Tools, Again)>>>,
}

impl Runner {
    async fn run_day(&mut self, day: NaiveDate, lines: Vec<Line>, span: &Span) -> Result<()> {
        let mut under_way: VecDeque<Reading> = VecDeque::new();
        for line in lines {
            let Line::Kept(kept) = line else { continue };
            if kept.kind != Kind::Document || kept.at < span.since || kept.at > span.until {
                continue;
            }
            if !self.replay.wants(span, &kept.source) {
                self.changes.unconfigured += usize::from(!self.replay.sources.contains_key(&kept.source));
                continue;
            }
            while under_way.len() == AT_ONCE || under_way.iter().any(|reading| reading.kept.source == kept.source) {
                self.write(under_way.pop_front()).await?;
            }
            self.changes.documents += 1;
            self.changes.of(&kept.source).documents += 1;
            if self.vouched.get(&kept.source) == Some(&kept.digest) {
                self.changes.unchanged += 1;
                continue;
            }
            under_way.push_back(self.begin(day, *kept));
        }
        while !under_way.is_empty() {
            self.write(under_way.pop_front()).await?;
        }
        Ok(())
    }

    /// Begins to read a document.
    fn begin(&self, day: NaiveDate, kept: Kept) -> Reading {
        let (replay, pages, place) = (Arc::clone(&self.replay), Arc::clone(&self.pages), (day, kept.clone()));
        let read = tokio::spawn(async move {
            let reading = Arc::clone(&replay);
            let known = tokio::task::spawn_blocking(move || {
                let state = reading.tools.store.read(|db| sources::state_of(db, &place.1.source))?;
                anyhow::Ok((reading.document(&place), state, place.1))
            });
            let (document, state, kept) = known.await??;
            let Some(document) = document else { return Ok(None) };
            let source = replay.sources.get(&kept.source).context("the source is configured")?;
            let state = state.unwrap_or_else(|| State::unknown(&source.publisher));
            let tools = Tools {
                clock: Clock::at(kept.at),
                pages: Some(kept_pages(&replay, pages, &kept)),
                ..replay.tools.clone()
            };
            let again = read_again(&tools, source, &state, Box::new(document)).await?;
            Ok(Some((tools, again)))
        });
        Reading { kept, read }
    }

    /// Waits for a document and writes what it brought; others are read meanwhile.
    async fn write(&mut self, reading: Option<Reading>) -> Result<()> {
        let Some(Reading { kept, read }) = reading else { return Ok(()) };
        self.vouched.remove(&kept.source);
        let (tools, again) = match read.await.context("a document was not read to its end").flatten() {
            Ok(Some(read)) => read,
            Ok(None) => {
                self.changes.missing += 1;
                self.coverage.lose(&kept.source, kept.at);
                return Ok(());
            }
            // In a poll it would be the same: a failed poll, and nothing else.
            Err(error) => {
                tracing::warn!(
                    source = kept.source,
                    url = kept.url,
                    error = format!("{error:#}"),
                    "not read to its end"
                );
                let unread = Unread { at: kept.at, url: kept.url, class: INTERRUPTED.to_owned() };
                self.changes.of(&kept.source).unread_now.push(unread);
                return Ok(());
            }
        };
        let (then, now) = (self.coverage.failure(&kept.source, kept.at), again.failure());
        if then.is_some() != now.is_some() {
            let class = then.or(now).unwrap_or_default().to_owned();
            let unread = Unread { at: kept.at, url: kept.url, class };
            let of_source = self.changes.of(&kept.source);
            if then.is_some() { of_source.read_now.push(unread) } else { of_source.unread_now.push(unread) }
        }
        if again.is_vouched_for() {
            self.vouched.insert(kept.source, kept.digest);
        }
        self.replay.tools.store.write(move |tx| again.take_in(tx, &tools)).await
    }
}

/// The pages of a source as a poll at that time found them: the first that was kept since, else the last before.
fn kept_pages(replay: &Arc<Replay>, pages: Arc<PageIndex>, document: &Kept) -> Arc<KeptPages> {
    let (replay, source, at) = (Arc::clone(replay), document.source.clone(), document.at);
    Arc::new(move |url: &Url| {
        let kept = pages.get(&(source.clone(), url.to_string()))?;
        let place = kept.iter().find(|(_, page)| page.at >= at).or_else(|| kept.last())?;
        replay.document(place)
    })
}
