//! What is due, and what is under way. Due times live in the database; here is only the order in which they come.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::Live;
use super::publisher::{Dirty, seconds};
use super::systemd;
use crate::model::Source;
use crate::poll::{self, Outcome, Report};
use crate::schedule::{self, Cadence, Cause, Due, Setback, Signals, Time, Turn};
use crate::store::Store;
use crate::store::sources::{self, State};
use crate::telemetry::{Metrics, Part, Pulse};

/// Polls waiting or under way at once; each waits for its host's turn without holding anything.
const MOST_IN_FLIGHT: usize = 1_024;
/// The loop turns at least this often, and says so.
const TICK: Duration = Duration::from_secs(5);
/// And not oftener than that for nothing.
const LEAST_WAIT: Duration = Duration::from_millis(1);
/// How long polls under way may take to finish when the daemon stops. Of the ten seconds we promise, two are for readers and
/// one for what runs on threads.
const DRAIN: Duration = Duration::from_secs(6);

/// What the scheduler works with.
pub struct Scheduler {
    /// The database.
    pub store: Arc<Store>,
    /// What is configured.
    pub live: watch::Receiver<Arc<Live>>,
    /// Where changes are told.
    pub dirty: mpsc::UnboundedSender<Dirty>,
    /// The numbers.
    pub metrics: Arc<Metrics>,
    /// The pulse.
    pub pulse: Arc<Pulse>,
    /// Told when a poll found that a source's hub is another, or delivers less than it should.
    pub hubs: Arc<Notify>,
    /// Sources whose due time somebody else has changed.
    pub rescheduled: mpsc::UnboundedReceiver<String>,
    /// Ends everything.
    pub stop: CancellationToken,
}

/// The order of what comes.
#[derive(Default)]
struct Plan {
    by_time: BTreeSet<(Time, String)>,
    by_source: BTreeMap<String, (Time, Arc<Source>)>,
    in_flight: HashMap<Id, Arc<Source>>,
    /// Whose due time somebody else has changed while they were in flight.
    rescheduled: BTreeSet<String>,
    /// Whose last poll failed.
    failing: BTreeSet<String>,
    /// How many are configured and not polled.
    disabled: usize,
    /// How many sources, and how many failing, the service manager was told last.
    told: (usize, usize),
}

impl Plan {
    fn set(&mut self, source: &Arc<Source>, at: Time) {
        self.remove(source.id());
        self.by_time.insert((at, source.id().to_owned()));
        self.by_source.insert(source.id().to_owned(), (at, Arc::clone(source)));
    }

    fn remove(&mut self, id: &str) {
        if let Some((at, _)) = self.by_source.remove(id) {
            self.by_time.remove(&(at, id.to_owned()));
        }
    }

    fn next_at(&self) -> Option<Time> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Takes the next source that is due.
    fn take_due(&mut self, now: Time) -> Option<Arc<Source>> {
        let (at, id) = self.by_time.first().filter(|(at, _)| *at <= now)?.clone();
        self.by_time.remove(&(at, id.clone()));
        self.by_source.remove(&id).map(|(_, source)| source)
    }

    fn is_in_flight(&self, id: &str) -> bool {
        self.in_flight.values().any(|s| s.id() == id)
    }
}

impl Scheduler {
    /// Polls what is due until told to stop; then lets the polls under way finish.
    pub async fn run(mut self) -> Result<()> {
        let mut plan = Plan::default();
        let mut polls: JoinSet<Result<Report>> = JoinSet::new();
        let mut adopted = false;
        loop {
            self.pulse.beat(Part::Scheduler);
            anyhow::ensure!(!self.store.has_stopped(), "the database can no longer be written");
            if !adopted {
                let stop = self.stop.clone();
                let done = tokio::select! {
                    () = stop.cancelled() => break,
                    done = self.adopt(&mut plan) => done,
                };
                match done {
                    Ok(()) => adopted = true,
                    // Somebody holds the database, or the disk is full: both pass.
                    Err(error) => tracing::error!(
                        error = format!("{error:#}"),
                        "the configuration could not be taken over; polling goes on as before, trying again"
                    ),
                }
            }
            let now = self.now();
            while polls.len() < MOST_IN_FLIGHT
                && let Some(source) = plan.take_due(now)
            {
                self.start(&mut plan, &mut polls, source);
            }
            self.count(&mut plan);
            let wait = plan.next_at().and_then(|at| (at - now).to_std().ok()).unwrap_or(TICK);
            let (clock, idle) = (self.live.borrow().tools.clock.clone(), polls.is_empty());
            let full = polls.len() >= MOST_IN_FLIGHT;
            tokio::select! {
                () = self.stop.cancelled() => break,
                Some(ended) = polls.join_next_with_id() => self.ended(&mut plan, ended),
                changed = self.live.changed() => match changed {
                    Ok(()) => adopted = false,
                    Err(_) => break,
                },
                Some(id) = self.rescheduled.recv() => self.look_again(&mut plan, &id),
                () = clock.pass(if full { TICK } else { wait.max(LEAST_WAIT) }, TICK, idle) => {}
            }
        }
        self.drain(plan, polls).await;
        Ok(())
    }

    /// Takes the configuration over: new sources get a first time, those that stay keep theirs, those that went are
    /// polled no more. On an error the plan is as it was.
    async fn adopt(&mut self, plan: &mut Plan) -> Result<()> {
        let live = Arc::clone(&self.live.borrow_and_update());
        let now = self.now();
        let states = self.store.read(sources::states)?;
        let wanted: BTreeMap<&str, &Arc<Source>> =
            live.config.sources.values().filter(|s| s.enabled).map(|s| (s.id(), s)).collect();
        let mut planned = Vec::new();
        let mut first_times = Vec::new();
        poll::restore_pauses(&live.tools.client, &states);
        for (&id, &source) in &wanted {
            if plan.is_in_flight(id) || plan.by_source.get(id).is_some_and(|(_, known)| known == source) {
                continue;
            }
            let state = states.get(id).context("every source has a row")?;
            let due = match state.due {
                Some(stored) => {
                    let wanted = self.shortened(stored, source, state);
                    let due = schedule::resume(wanted, &source.cadence, id, now);
                    Due { at: state.pace.after_skips(due.at), ..due }
                }
                None => schedule::first(&source.cadence, id, now),
            };
            if state.due != Some(due) {
                first_times.push((state.row, due));
            }
            if due.cause != Cause::Stopped {
                planned.push((source, due.at));
            }
        }
        self.store
            .write(move |tx| first_times.iter().try_for_each(|(row, due)| sources::set_due(tx, *row, *due)))
            .await
            .context("the due times could not be written")?;
        let gone: Vec<String> = plan.by_source.keys().filter(|id| !wanted.contains_key(id.as_str())).cloned().collect();
        for id in gone {
            plan.remove(&id);
        }
        for (source, at) in planned {
            plan.set(source, at);
        }
        plan.disabled = live.config.sources.len() - wanted.len();
        plan.failing = states
            .values()
            .filter(|s| s.health.failures > 0)
            .map(|s| s.publisher.id.clone())
            .filter(|id| wanted.contains_key(id.as_str()))
            .collect();
        Ok(())
    }

    /// A source whose cadence was shortened does not sit out the old one; what a server or a failure asked for still
    /// holds.
    fn shortened(&self, stored: Due, source: &Source, state: &State) -> Due {
        let is_learnt = source.cadence == Cadence::Auto && stored.cause == Cause::Rhythm;
        match (stored.cause, state.health.polled_at) {
            (Cause::Cadence | Cause::First | Cause::Rhythm, Some(polled_at)) if !is_learnt => {
                let by_cadence = schedule::next(&self.turn(source, polled_at), &Signals::default(), None);
                let at = state.not_before.map_or(by_cadence.at, |wish| wish.max(by_cadence.at));
                if at < stored.at { Due { at, ..by_cadence } } else { stored }
            }
            _ => stored,
        }
    }

    fn now(&self) -> Time {
        self.live.borrow().tools.clock.now()
    }

    fn turn<'s>(&self, source: &'s Source, started: Time) -> Turn<'s> {
        poll::turn(&self.live.borrow().tools, source, started, None)
    }

    fn start(&self, plan: &mut Plan, polls: &mut JoinSet<Result<Report>>, source: Arc<Source>) {
        let tools = self.live.borrow().tools.clone();
        let polled = Arc::clone(&source);
        let task = polls.spawn(async move {
            let state = tools.store.read(|db| sources::state_of(db, polled.id()))?.context("the source has no row")?;
            poll::poll(&tools, &polled, &state).await
        });
        plan.in_flight.insert(task.id(), source);
    }

    fn ended(&self, plan: &mut Plan, ended: Result<(Id, Result<Report>), JoinError>) {
        let (task, report) = match ended {
            Ok((task, report)) => (task, report),
            Err(error) => (error.id(), Err(anyhow::Error::new(error).context("the poll panicked"))),
        };
        let Some(source) = plan.in_flight.remove(&task) else {
            return;
        };
        let live = Arc::clone(&self.live.borrow());
        let due = match &report {
            Ok(report) => {
                self.tell(&source, report);
                match report.outcome {
                    Outcome::Postponed { .. } => false,
                    Outcome::Failed { .. } => plan.failing.insert(source.id().to_owned()),
                    _ => plan.failing.remove(source.id()),
                };
                report.due
            }
            Err(error) => {
                // A full disk or a mistake of ours: nothing was written, so nothing is lost; the server is not asked
                // sooner for it.
                tracing::error!(
                    source = source.id(),
                    error = format!("{error:#}"),
                    "a poll came to nothing; trying again later"
                );
                let setback = Some((Setback::Network, 1));
                schedule::next(&self.turn(&source, self.now()), &Signals::default(), setback)
            }
        };
        if let Some(current) = live.config.sources.get(source.id()).filter(|s| s.enabled) {
            // What was asked of an address that changed meanwhile says nothing about the new one.
            let moved = current.url() != source.url();
            let due = if moved { schedule::first(&current.cadence, current.id(), self.now()) } else { due };
            if due.cause == Cause::Stopped {
                tracing::error!(
                    source = source.id(),
                    "máy chủ báo hai lần là feed đã mất hẳn (410): ngừng lấy, tin cũ vẫn giữ; hãy sửa url hoặc đặt enabled = false · \
                     gone for good, said twice (410): polled no more, its items stay; change its url or set enabled = false"
                );
            } else {
                plan.set(current, due.at);
            }
        }
        if plan.rescheduled.remove(source.id()) {
            self.look_again(plan, source.id());
        }
    }

    /// Goes by the due time that is in the database now; for a source in flight, once it has ended.
    fn look_again(&self, plan: &mut Plan, id: &str) {
        if plan.is_in_flight(id) {
            plan.rescheduled.insert(id.to_owned());
            return;
        }
        let Some((_, source)) = plan.by_source.get(id).cloned() else { return };
        match self.store.read(|db| sources::state_of(db, id)) {
            Ok(state) => {
                if let Some(due) = state.and_then(|state| state.due) {
                    plan.set(&source, due.at);
                }
            }
            Err(error) => tracing::error!(source = id, error = format!("{error:#}"), "its new due time is not known"),
        }
    }

    /// Says what happened: to the log, the numbers, and the publisher.
    fn tell(&self, source: &Source, report: &Report) {
        let new_items = report.new_items();
        self.metrics.poll(report.outcome.as_str(), new_items, seconds(self.now()));
        let next = report.due.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        match &report.outcome {
            Outcome::Failed { class, text } => {
                tracing::warn!(source = source.id(), class = class.as_ref(), next, "{text}");
            }
            Outcome::Taken { repairs, .. } if !repairs.is_empty() => {
                tracing::info!(
                    source = source.id(),
                    new = new_items,
                    next,
                    repairs = repairs.join(","),
                    "taken, after repairs"
                );
            }
            Outcome::Taken { entries, .. } => {
                tracing::info!(source = source.id(), entries, new = new_items, next, "taken");
            }
            outcome => tracing::debug!(source = source.id(), next, "{}", outcome.as_str()),
        }
        if let Some(moved) = &report.moved_to {
            tracing::info!(source = source.id(), to = %moved, "the server says this feed has moved for good; change its url");
        }
        if report.hub_changed {
            self.hubs.notify_one();
        }
        if let Some(silence) = &report.silence {
            let expected = format!("{:.0}", silence.expected);
            tracing::warn!(
                source = source.id(),
                expected,
                "im lặng lâu hơn nhịp đăng bài của nguồn; feed có còn đúng địa chỉ không? · silent for longer than its own rhythm explains"
            );
        }
        if report.has_changes() {
            // A closed channel is the daemon ending.
            drop(self.dirty.send(Dirty { topics: report.topics(), everything: false }));
        }
    }

    /// Brings the numbers and the line in `systemctl status` up to date.
    fn count(&self, plan: &mut Plan) {
        let now = (plan.by_source.len() + plan.in_flight.len(), plan.failing.len());
        if plan.told != now {
            plan.told = now;
            let (sources, failing) = now;
            systemd::status(match failing {
                0 => format!("{sources} nguồn, đều lấy được tin"),
                _ => format!("{sources} nguồn, {failing} đang lỗi (dongtin status)"),
            });
        }
        self.metrics.sources("planned", plan.by_source.len());
        self.metrics.sources("polling", plan.in_flight.len());
        self.metrics.sources("failing", plan.failing.len());
        self.metrics.sources("disabled", plan.disabled);
        let failures = self.live.borrow().tools.archive.as_ref().map_or(0, |archive| archive.failures());
        self.metrics.archive_failures(failures);
    }

    async fn drain(&self, mut plan: Plan, mut polls: JoinSet<Result<Report>>) {
        let drained = tokio::time::timeout(DRAIN, async {
            while let Some(ended) = polls.join_next_with_id().await {
                self.ended(&mut plan, ended);
            }
        });
        if drained.await.is_err() {
            tracing::info!(
                unfinished = polls.len(),
                "polls under way were given up; they are due again after the start"
            );
        }
        polls.shutdown().await;
    }
}
