//! `dongtin poll`: poll now, once, and print what happened to each source and item.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::because::{self, With};
use super::{line, load_config, local, refuse, runtime, state_dir, time_json};
use crate::archive::Archive;
use crate::cli::{Exit, Format, Poll};
use crate::clock::{self, Clock};
use crate::config::Config;
use crate::config::mistake::{hint, meant};
use crate::daemon;
use crate::dedup::Decision;
use crate::fetch::Client;
use crate::model::{Because, Item, Source};
use crate::poll::{self, Criteria, Outcome, Report, Tools};
use crate::schedule::Cause;
use crate::store::sources::{self, State};
use crate::store::stories::Stored;
use crate::store::{Store, TakenIn, topics};

/// How soon a source may be polled by hand again. Somebody's own server, with manners loosened, may be at once.
const BY_HAND: Duration = Duration::from_mins(1);

pub fn run(args: &Poll) -> Result<Exit> {
    let (config_dir, config) = load_config(&args.config)?;
    let wanted = wanted(args, &config)?;
    let dir = state_dir(&config_dir, &config);
    // A rehearsal never writes: it works on a copy of nothing, or beside the daemon on what is there.
    let scratch;
    let store = match args.dry_run {
        false => Store::open(&dir)?,
        true => match Store::open_beside(&dir)? {
            Some(store) => store,
            None => {
                scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
                Store::open(scratch.path())?
            }
        },
    };
    let client = Arc::new(Client::new(&daemon::limits(&config.settings.fetch), Clock::System)?);
    let criteria = watch::channel(Arc::new(Criteria::new(&config.rules, &config.sources))).1;
    let mut tools = Tools::new(client, Arc::new(store), criteria, config.settings.fetch.floor);
    tools.archive = Archive::under(config.settings.archive, tools.store.folder(), None);
    let failed = runtime()?.block_on(poll_all(args, &tools, &config, wanted))?;
    Ok(if failed == 0 { Exit::Ok } else { Exit::No })
}

fn wanted(args: &Poll, config: &Config) -> Result<Vec<Arc<Source>>> {
    if args.sources.is_empty() {
        return Ok(config.sources.values().filter(|s| s.enabled).map(Arc::clone).collect());
    }
    let known: Vec<&str> = config.sources.keys().map(String::as_str).collect();
    let find = |id: &String| {
        config.sources.get(id).map(Arc::clone).ok_or_else(|| {
            // A hundred names help nobody.
            let (vi, en) = if known.len() > 20 { meant(id, &known).unwrap_or_default() } else { hint(id, &known) };
            refuse(Exit::Usage, format!("không có nguồn \"{id}\". {vi} · there is no source \"{id}\". {en}"))
        })
    };
    args.sources.iter().map(find).collect()
}

/// Polls under way at once, most of them waiting for their turn: far more than requests, so that the sources of one slow host leave room for
/// others, and few enough to cost no memory.
const MOST_AT_ONCE: usize = 128;

async fn poll_all(args: &Poll, tools: &Tools, config: &Config, wanted: Vec<Arc<Source>>) -> Result<usize> {
    let states = states(tools, config, args.dry_run).await?;
    poll::restore_pauses(&tools.client, &states);
    let mut polls = JoinSet::new();
    let mut totals = Totals::default();
    for source in wanted {
        let state = states.get(source.id()).cloned().with_context(|| format!("{} has no row", source.id()))?;
        let now = clock::now();
        // P-41: by hand once a minute and source, and not while the server wants to be left alone.
        let by_hand = if tools.floor < BY_HAND { TimeDelta::zero() } else { TimeDelta::from_std(BY_HAND)? };
        let paused = state.due.filter(|due| due.cause == Cause::HostPause).map(|due| due.at);
        let again = state.health.polled_at.map(|at| at + by_hand).max(state.not_before).max(paused);
        if let Some(not_before) = again.filter(|t| *t > now) {
            totals.waiting += 1;
            waiting(args, &source, not_before)?;
            continue;
        }
        while polls.len() >= MOST_AT_ONCE {
            ended(args, tools, &mut polls, &mut totals).await?;
        }
        let (tools, dry_run) = (tools.clone(), args.dry_run);
        polls.spawn(async move {
            let report = match dry_run {
                true => poll::rehearse(&tools, &source, &state).await,
                false => poll::poll(&tools, &source, &state).await,
            };
            (source, report)
        });
    }
    while !polls.is_empty() {
        ended(args, tools, &mut polls, &mut totals).await?;
    }
    totals.print(args)?;
    Ok(totals.failed)
}

/// Waits for a poll to end, counts and prints it.
async fn ended(
    args: &Poll,
    tools: &Tools,
    polls: &mut JoinSet<(Arc<Source>, Result<Report>)>,
    totals: &mut Totals,
) -> Result<()> {
    let Some(ended) = polls.join_next().await else { return Ok(()) };
    let (source, report) = ended.context("a poll panicked")?;
    let report = report?;
    totals.add(&report);
    if args.quiet { Ok(()) } else { print(args, &tools.store, &source, &report) }
}

/// The state of every configured source, with a row for those that had none.
async fn states(tools: &Tools, config: &Config, dry_run: bool) -> Result<BTreeMap<String, State>> {
    if dry_run {
        let mut states = tools.store.read(sources::states)?;
        for source in config.sources.values() {
            states.entry(source.id().to_owned()).or_insert_with(|| State::unknown(&source.publisher));
        }
        return Ok(states);
    }
    let (configured, rules) = (config.sources.clone(), tools.criteria.borrow().fingerprint());
    tools
        .store
        .write(move |tx| {
            sources::sync(tx, &configured)?;
            topics::decide_by(tx, &rules)
        })
        .await?;
    tools.store.read(sources::states)
}

fn waiting(args: &Poll, source: &Source, not_before: crate::schedule::Time) -> Result<()> {
    match args.format {
        Format::Text => line(format_args!(
            "… {}: chờ đến {} rồi lấy (máy chủ xin nghỉ, hoặc vừa lấy xong) · waiting: the server asked for it, or it was asked a moment ago",
            source.id(),
            local(not_before)
        )),
        _ => line(json!({ "source": source.id(), "outcome": "waiting", "not_before": time_json(Some(not_before)) })),
    }
}

fn print(args: &Poll, store: &Store, source: &Source, report: &Report) -> Result<()> {
    if args.format != Format::Text {
        return line(report_json(store, source, report)?);
    }
    let id = source.id();
    match &report.outcome {
        Outcome::Failed { class, text } => line(format_args!("✗ {id}: {class}: {text}"))?,
        Outcome::Postponed { until } => waiting(args, source, *until)?,
        Outcome::NotModified => line(format_args!("= {id}: không đổi (304) · not modified"))?,
        Outcome::SameBody => line(format_args!("= {id}: không đổi · same body"))?,
        Outcome::Taken { entries, repairs } => {
            let repairs = if repairs.is_empty() {
                String::new()
            } else {
                format!(", đã tự sửa/repaired: {}", repairs.join(", "))
            };
            line(format_args!(
                "✓ {id}: {entries} tin/entries, {} mới/new, {} đã có/known{repairs}",
                report.new_items(),
                report.unchanged
            ))?;
        }
    }
    for (item, taken) in &report.items {
        line(format_args!("    {} {}{}", mark(&taken.decision), item.title, in_topics(taken)))?;
        if let Some((because, with)) = joined(store, taken)? {
            for told in because::text(because, with.as_ref().map(With::stored)) {
                line(format_args!("        {told}"))?;
            }
        }
    }
    if let Some(moved) = &report.moved_to {
        line(format_args!("    → địa chỉ đã đổi hẳn, hãy sửa url · moved for good, change the url: {moved}"))?;
    }
    Ok(())
}

/// Why an item joined a story, and the item of it that it was found to be like.
fn joined<'t>(store: &Store, taken: &'t TakenIn) -> Result<Option<(&'t Because, Option<Stored>)>> {
    let Decision::Join { because, with, .. } = &taken.decision else { return Ok(None) };
    Ok(Some((because, store.read(|db| because::with(db, *with))?)))
}

fn in_topics(taken: &TakenIn) -> String {
    if taken.topics.is_empty() {
        return String::new();
    }
    format!("  [{}]", taken.topics.iter().map(String::as_str).collect::<Vec<_>>().join(", "))
}

fn mark(decision: &Decision) -> &'static str {
    match decision {
        Decision::Keep | Decision::Forgotten => "=",
        Decision::Revise => "~",
        Decision::Found => "+",
        Decision::Join { .. } => "&",
    }
}

fn report_json(store: &Store, source: &Source, report: &Report) -> Result<Value> {
    let (class, text, entries, repairs) = match &report.outcome {
        Outcome::Failed { class, text } => (Some(class.as_ref()), Some(text.as_str()), None, &[][..]),
        Outcome::Taken { entries, repairs } => (None, None, Some(*entries), repairs.as_slice()),
        _ => (None, None, None, &[][..]),
    };
    let outcome = if class.is_some() { "failed" } else { report.outcome.as_str() };
    let items = report.items.iter().map(|item| item_json(store, item)).collect::<Result<Vec<_>>>()?;
    Ok(json!({
        "source": source.id(), "outcome": outcome, "class": class, "text": text, "entries": entries, "repaired": repairs,
        "new": report.new_items(), "known": report.unchanged, "next": time_json(Some(report.due.at)),
        "next_cause": sources::cause_name(report.due.cause), "moved_to": report.moved_to.as_ref().map(url::Url::as_str),
        "items": items,
    }))
}

fn item_json(store: &Store, (item, taken): &(Item, TakenIn)) -> Result<Value> {
    let decision = match &taken.decision {
        Decision::Keep => "keep",
        Decision::Forgotten => "forgotten",
        Decision::Revise => "revise",
        Decision::Found => "new",
        Decision::Join { .. } => "join",
    };
    let because = joined(store, taken)?;
    let because = because.map(|(because, with)| because::json(because, with.as_ref().map(With::stored)));
    Ok(json!({
        "title": item.title, "link": item.link.as_ref().map(url::Url::as_str), "published": time_json(item.published),
        "decision": decision, "because": because, "story": taken.story, "topics": taken.topics,
    }))
}

#[derive(Default)]
struct Totals {
    polled: usize,
    unchanged: usize,
    failed: usize,
    waiting: usize,
    new_items: usize,
    joined: usize,
}

impl Totals {
    fn add(&mut self, report: &Report) {
        if matches!(report.outcome, Outcome::Postponed { .. }) {
            self.waiting += 1;
            return;
        }
        self.polled += 1;
        self.unchanged += usize::from(matches!(report.outcome, Outcome::NotModified | Outcome::SameBody));
        self.failed += usize::from(matches!(report.outcome, Outcome::Failed { .. }));
        self.new_items += report.new_items();
        self.joined += report.items.iter().filter(|(_, t)| matches!(t.decision, Decision::Join { .. })).count();
    }

    fn print(&self, args: &Poll) -> Result<()> {
        let Totals { polled, unchanged, failed, waiting, new_items, joined } = self;
        match args.format {
            Format::Text => line(format_args!(
                "{polled} nguồn: {unchanged} không đổi, {failed} lỗi, {waiting} phải chờ; {new_items} tin mới, {joined} trùng sự việc đã có\n    \
                 {polled} sources: {unchanged} unchanged, {failed} failed, {waiting} waiting; {new_items} new items, {joined} joined known stories"
            )),
            _ => line(
                json!({ "summary": { "polled": polled, "unchanged": unchanged, "failed": failed, "waiting": waiting, "new": new_items, "joined": joined } }),
            ),
        }
    }
}
