//! What the tests share: an origin that answers by script, a folder with a configuration, a running daemon.

pub mod browser;
pub mod bucket;
pub mod crawl;
pub mod daemon;
pub mod feed;
pub mod feedrules;
pub mod hub;
pub mod jsonrules;
pub mod markup;
pub mod origin;
pub mod payloads;
pub mod sample;
pub mod subscriber;
pub mod workspace;

pub use daemon::{Daemon, Reply, get};
pub use feed::{Item, rss};
pub use hub::Asked;
pub use origin::{Answer, Origin};
pub use workspace::Workspace;

use std::time::{Duration, Instant};

/// How long anything may take before the test is given up: far beyond what it takes, so that a busy machine is no failure.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// Looks again until it is so.
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begin.elapsed() < PATIENCE, "it never happened: {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}
