//! The service manager: readiness, reload, stopping, and a watchdog that is fed only while every part makes progress.
//!
//! Telling the manager can block (its socket holds a handful of messages), so a thread of its own does it: a manager that does
//! not read must never hold up the poller.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio_util::sync::CancellationToken;

use crate::telemetry::{Part, Pulse};

/// What the manager is told.
enum Message {
    Ready(String),
    Reloading,
    Status(String),
    Stopping,
    Watchdog,
}

/// A process has one manager, so there is one way to it.
static MANAGER: LazyLock<Option<SyncSender<Message>>> = LazyLock::new(|| {
    let (sender, messages) = sync_channel::<Message>(64);
    let tell = move || messages.into_iter().for_each(|message| tell(&message));
    thread::Builder::new().name("notify".to_owned()).spawn(tell).ok().map(|_| sender)
});

fn tell(message: &Message) {
    let told = match message {
        Message::Ready(status) => sd_notify::notify(&[NotifyState::Ready, NotifyState::Status(status)]),
        Message::Reloading => match NotifyState::monotonic_usec_now() {
            Ok(now) => sd_notify::notify(&[NotifyState::Reloading, now]),
            Err(_) => sd_notify::notify(&[NotifyState::Reloading]),
        },
        Message::Status(status) => sd_notify::notify(&[NotifyState::Status(status)]),
        Message::Stopping => sd_notify::notify(&[NotifyState::Stopping]),
        Message::Watchdog => sd_notify::notify(&[NotifyState::Watchdog]),
    };
    if let Err(error) = told {
        tracing::debug!(%error, "the service manager was not told");
    }
}

/// A message that finds the queue full is dropped: the manager has stopped reading, and the next one says more.
fn send(message: Message) {
    if let Some(manager) = &*MANAGER
        && manager.try_send(message).is_err()
    {
        tracing::debug!("the service manager does not read");
    }
}

/// Readers can be served.
pub fn ready(status: &str) {
    send(Message::Ready(status.to_owned()));
}

/// A reload begins; [`ready`] ends it.
pub fn reloading() {
    send(Message::Reloading);
}

/// One line in `systemctl status`.
pub fn status(text: String) {
    send(Message::Status(text));
}

/// The end begins.
pub fn stopping() {
    send(Message::Stopping);
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
            None if wanted.is_some() => send(Message::Watchdog),
            None => {}
            Some(part) => tracing::error!(?part, "a part of the daemon has stopped; the watchdog is not fed"),
        }
    }
}
