//! The clock, read by the shell only: everything that decides is told what time it is.

use crate::schedule::Time;

/// The present.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn now() -> Time {
    chrono::Utc::now()
}
