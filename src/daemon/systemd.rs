//! The service manager: readiness, reload, stopping, and a watchdog that is fed only while every part makes progress.

use std::sync::Arc;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio_util::sync::CancellationToken;

use crate::telemetry::{Part, Pulse};

/// Tells the manager; without one, does nothing.
fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "the service manager was not told");
    }
}

/// Readers can be served.
pub fn ready(status: &str) {
    notify(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// A reload begins; [`ready`] ends it.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => notify(&[NotifyState::Reloading, now]),
        Err(_) => notify(&[NotifyState::Reloading]),
    }
}

/// One line in `systemctl status`.
pub fn status(text: &str) {
    notify(&[NotifyState::Status(text)]);
}

/// The end begins.
pub fn stopping() {
    notify(&[NotifyState::Stopping]);
}

/// Feeds the watchdog, if the manager set one, every third of its time, as long as nothing is stuck. `probe` makes the
/// database answer.
pub async fn watchdog<F: Future<Output = bool>>(pulse: Arc<Pulse>, stop: CancellationToken, probe: impl Fn() -> F) {
    let wanted = sd_notify::watchdog_enabled();
    let period = wanted.unwrap_or(Duration::from_secs(30)) / 3;
    let mut timer = tokio::time::interval(period.max(Duration::from_millis(100)));
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = timer.tick() => {}
        }
        let answered = tokio::select! {
            () = stop.cancelled() => return,
            answered = probe() => answered,
        };
        if answered {
            pulse.beat(Part::Database);
        }
        match pulse.stuck() {
            None if wanted.is_some() => notify(&[NotifyState::Watchdog]),
            None => {}
            Some(part) => tracing::error!(?part, "a part of the daemon has stopped; the watchdog is not fed"),
        }
    }
}
