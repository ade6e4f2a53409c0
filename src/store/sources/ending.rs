//! How polls end, in the source's row.

use std::borrow::Cow;
use std::time::Duration;

use anyhow::Result;
use rusqlite::{Transaction, named_params};
use url::Url;

use super::super::rows::{blob, millis};
use super::cause_name;
use crate::model::{Digest, Relocation, Validators};
use crate::schedule::{Due, Pace, Time};

/// How a poll ended, for the source's row.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    /// When it was answered.
    pub started: Time,
    /// When the next one is.
    pub due: Due,
    /// The server's `Retry-After`.
    pub not_before: Option<Time>,
    /// Failed polls in a row with this one; 0 after a good one.
    pub failures: u32,
    /// Whether the whole was asked for, or came.
    pub whole: bool,
    /// Where the server says the feed is.
    pub relocation: Relocation,
    /// What it was.
    pub kind: EndingKind,
}

/// The ways a poll ends.
#[derive(Debug, Clone, PartialEq)]
pub enum EndingKind {
    /// The server said "not modified", with these validators where it sent new ones.
    NotModified {
        /// New validators.
        validators: Validators,
    },
    /// A body came that we have already, with these validators.
    SameBody {
        /// Its validators.
        validators: Validators,
    },
    /// A feed came.
    Taken {
        /// Its validators.
        validators: Validators,
        /// Digest of its body; nothing where it was cut off, so that the whole is asked for again.
        body: Option<Digest>,
        /// Digest of how it was read.
        reading: Digest,
        /// What it says of its own pace.
        pace: Pace,
        /// From its oldest item to its newest.
        span: Option<Duration>,
        /// What it needed repairing of.
        repairs: Option<String>,
        /// Whether it had news.
        news: bool,
        /// Its newest publication.
        newest: Option<Time>,
    },
    /// A whole document came that cannot be read; what vouches for it spares its server sending it again.
    Unread {
        /// Its validators.
        validators: Validators,
        /// Digest of its body.
        body: Digest,
        /// Digest of how it was read.
        reading: Digest,
        /// Class for machines.
        class: Cow<'static, str>,
        /// What happened, for people.
        text: String,
    },
    /// It failed.
    Failed {
        /// Class for machines.
        class: Cow<'static, str>,
        /// What happened, for people.
        text: String,
    },
}

impl EndingKind {
    /// Now that it is known what was taken in: whether any of it was new, and whether that was all. What was left to the next poll is
    /// vouched for by nothing.
    pub fn settled(mut self, has_news: bool, is_whole: bool) -> EndingKind {
        if let EndingKind::Taken { validators, body, news, .. } = &mut self {
            *news = has_news;
            if !is_whole {
                (*validators, *body) = (Validators::default(), None);
            }
        }
        self
    }
}

/// Writes that a hub delivered something new.
pub fn pushed(tx: &Transaction<'_>, row: i64, at: Time, newest: Option<Time>) -> Result<()> {
    tx.prepare_cached(
        "UPDATE source SET new_at = ?2, newest_at = coalesce(max(newest_at, ?3), newest_at, ?3) WHERE id = ?1",
    )?
    .execute((row, millis(at), newest.map(millis)))?;
    Ok(())
}

/// Writes that a document is about to be read, as the failure it will have been if the program does not survive it, and when
/// the next try is then: else a document that takes all the memory there is would be asked for again at every start.
pub fn begin(tx: &Transaction<'_>, row: i64, feed: &Url, failures: u32, due: Due) -> Result<()> {
    tx.prepare_cached(
        "UPDATE source SET due_at = :due, due_cause = :cause, failures = :failures, failure_class = 'interrupted',
             failure_text = 'the reading of this document was never finished'
         WHERE id = :row AND feed = :feed",
    )?
    .execute(named_params! {
        ":row": row,
        ":feed": feed.as_str(),
        ":due": millis(due.at),
        ":cause": cause_name(due.cause),
        ":failures": failures,
    })?;
    Ok(())
}

/// Writes how a poll of an address ended; nothing where the source has another address by now.
pub fn end(tx: &Transaction<'_>, row: i64, feed: &Url, ending: &Ending) -> Result<()> {
    let started = millis(ending.started);
    let (class, text) = match &ending.kind {
        EndingKind::Failed { class, text } | EndingKind::Unread { class, text, .. } => (Some(class), Some(text)),
        _ => (None, None),
    };
    let place = &ending.relocation;
    let written = tx
        .prepare_cached(
            "UPDATE source SET due_at = :due, due_cause = :cause, polled_at = :at, not_before = :not_before, failures = :failures,
                 ok_at = iif(:class IS NULL, :at, ok_at), failure_class = :class, failure_text = :text, whole_at = iif(:whole, :at, whole_at),
                 moved_to = :to, moved_since = :since, moved_times = :times, adopted = :adopted
             WHERE id = :row AND feed = :feed",
        )?
        .execute(named_params! {
            ":row": row,
            ":feed": feed.as_str(),
            ":due": millis(ending.due.at),
            ":cause": cause_name(ending.due.cause),
            ":at": started,
            ":not_before": ending.not_before.map(millis),
            ":failures": ending.failures,
            ":class": class,
            ":text": text,
            ":whole": ending.whole,
            ":to": place.to.as_ref().map(Url::as_str),
            ":since": place.since.map(millis),
            ":times": place.times,
            ":adopted": place.adopted.as_ref().map(Url::as_str),
        })?;
    if written == 0 {
        return Ok(());
    }
    match &ending.kind {
        EndingKind::NotModified { validators } if !validators.is_empty() => {
            tx.prepare_cached(
                "UPDATE source SET etag = coalesce(?2, etag), last_modified = coalesce(?3, last_modified) WHERE id = ?1
                     AND (etag, last_modified) IS NOT (coalesce(?2, etag), coalesce(?3, last_modified))",
            )?
            .execute((row, &validators.etag, &validators.last_modified))?;
        }
        EndingKind::SameBody { validators } => vouch(tx, row, validators)?,
        EndingKind::Taken { validators, body, reading, pace, span, repairs, news, newest } => {
            vouch(tx, row, validators)?;
            tx.prepare_cached(
                "UPDATE source SET unread_class = NULL, unread_text = NULL,
                     changes = changes + (harvested AND :news), harvested = max(harvested, :news),
                     new_at = iif(:news, :at, new_at), newest_at = coalesce(max(newest_at, :newest), newest_at, :newest),
                     body_digest = :body, reading = :reading, ttl = :ttl, update_every = :every, skip_hours = :hours,
                     skip_days = :days, span = :span, repairs = :repairs
                 WHERE id = :row",
            )?
            .execute(named_params! {
                ":row": row,
                ":at": started,
                ":news": news,
                ":newest": newest.map(millis),
                ":body": body.as_ref().map(blob),
                ":reading": blob(reading),
                ":ttl": pace.ttl.map(minutes),
                ":every": pace.update_every.map(minutes),
                ":hours": pace.skip_hours,
                ":days": pace.skip_days,
                ":span": span.map(minutes),
                ":repairs": repairs,
            })?;
        }
        EndingKind::Unread { validators, body, reading, class, text } => {
            vouch(tx, row, validators)?;
            tx.prepare_cached(
                "UPDATE source SET unread_class = ?2, unread_text = ?3, body_digest = ?4, reading = ?5 WHERE id = ?1",
            )?
            .execute((row, class, text, blob(body), blob(reading)))?;
        }
        EndingKind::NotModified { .. } | EndingKind::Failed { .. } => {}
    }
    Ok(())
}

fn vouch(tx: &Transaction<'_>, row: i64, validators: &Validators) -> Result<()> {
    tx.prepare_cached("UPDATE source SET validated_url = ?2, etag = ?3, last_modified = ?4 WHERE id = ?1")?
        .execute((row, &validators.url, &validators.etag, &validators.last_modified))?;
    Ok(())
}

fn minutes(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs() / 60).unwrap_or(u32::MAX)
}
