//! The dates of entries and feeds, and how each format writes them.

use chrono::{NaiveDate, SecondsFormat, SubsecRound, TimeDelta};

use super::Site;
use crate::model::{Digest, Member, Story};
use crate::schedule::Time;

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;

/// When a story last changed, as feeds say it. The stories of one document were taken in at one moment, and readers (and the W3C validator,
/// `DuplicateUpdated`) take entries with one `updated` for one change: each story has its own part of the second before, by its name. Before
/// and not after, so that nothing is later than the `Date` and `Last-Modified` it is served with, which know whole seconds. Microseconds,
/// because among a hundred stories two would have the same millisecond.
pub fn updated(story: &Story) -> Time {
    let part = Digest::of(&["updated", &story.uid]).short().rem_euclid(SECOND);
    story.updated.trunc_subsecs(0) - TimeDelta::microseconds(SECOND - part)
}

/// When a version of a story was published: what its source says, else when we first saw it, in either case before that. It does not change
/// when the story does, and is never later than [`updated`].
pub fn published(story: &Story, member: &Member) -> Time {
    // The second that `updated` is in, whatever its part of it.
    let second = story.updated.trunc_subsecs(0).min(member.seen) - TimeDelta::seconds(1);
    member.published().min(second).trunc_subsecs(0)
}

impl Site {
    /// The day the database was made, as the prefix of ids says it (RFC 4151): before it, nothing here can have changed.
    pub(super) fn began(&self) -> Time {
        let date = self.tag.trim_end_matches(':').rsplit(',').next().unwrap_or_default();
        let day = NaiveDate::parse_from_str(date, "%Y-%m-%d").unwrap_or_default();
        day.and_hms_opt(0, 0, 0).unwrap_or_default().and_utc()
    }
}

/// RFC 3339 in UTC, as Atom and JSON Feed want it, with as many digits of the second as it has.
pub fn rfc3339(time: Time) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// RFC 822 with a four-digit year, as RSS wants it. In whole seconds.
pub fn rfc822(time: Time) -> String {
    time.format("%a, %d %b %Y %H:%M:%S +0000").to_string()
}
