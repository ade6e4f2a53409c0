//! What happened to each source, and when it is due.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};
use url::Url;

use super::rows::{digest, millis, time};
use crate::model::{Digest, Level, Organ, Publisher, Relocation, Source, Validators, province};
use crate::schedule::{Cause, Due, Pace, Time};

mod ending;

pub use self::ending::{Ending, EndingKind, begin, end, pushed};

/// A source's row.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Its number.
    pub row: i64,
    /// What readers are told about it.
    pub publisher: Arc<Publisher>,
    /// When it is due, once that was planned.
    pub due: Option<Due>,
    /// Not even by hand before this.
    pub not_before: Option<Time>,
    /// How it went.
    pub health: Health,
    /// Whether a first document with items was taken in.
    pub harvested: bool,
    /// What vouches for what we have.
    pub validators: Validators,
    /// Digest of the last body.
    pub body: Option<Digest>,
    /// Digest of how that was read.
    pub reading: Option<Digest>,
    /// What it said of its own pace.
    pub pace: Pace,
    /// From its oldest item to its newest.
    pub span: Option<Duration>,
    /// Why it could not be read, as a class and a sentence, where it was not.
    pub unread: Option<(String, String)>,
    /// When the whole was last asked for, or came.
    pub whole_at: Option<Time>,
    /// How many polls brought news after the first document.
    pub changes: u32,
    /// Where its server says it has moved.
    pub relocation: Relocation,
}

impl State {
    /// A source that was never polled and has no row; a rehearsal begins with it.
    pub fn unknown(publisher: &Arc<Publisher>) -> State {
        State {
            row: 0,
            publisher: Arc::clone(publisher),
            due: None,
            not_before: None,
            health: Health::default(),
            harvested: false,
            validators: Validators::default(),
            body: None,
            reading: None,
            pace: Pace::default(),
            span: None,
            unread: None,
            whole_at: None,
            changes: 0,
            relocation: Relocation::default(),
        }
    }

    /// The same for a poll that reads in this way: what was read in another is not vouched for.
    pub fn read_as(&self, reading: &Digest) -> State {
        match self.reading == Some(*reading) {
            true => self.clone(),
            false => State { validators: Validators::default(), body: None, unread: None, ..self.clone() },
        }
    }
}

/// How polling a source went.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Health {
    /// The last poll.
    pub polled_at: Option<Time>,
    /// The last good poll.
    pub ok_at: Option<Time>,
    /// The last poll that brought something new.
    pub new_at: Option<Time>,
    /// The newest item's publication.
    pub newest_at: Option<Time>,
    /// Failed polls in a row.
    pub failures: u32,
    /// Class of the last failure.
    pub failure_class: Option<String>,
    /// What happened.
    pub failure_text: Option<String>,
    /// What the last document needed repairing of.
    pub repairs: Option<String>,
}

/// The name of a cause in the database and in `status`.
pub fn cause_name(cause: Cause) -> &'static str {
    CAUSES.iter().find(|(c, _)| *c == cause).map_or("cadence", |(_, name)| name)
}

const CAUSES: [(Cause, &str); 14] = [
    (Cause::First, "first"),
    (Cause::Cadence, "cadence"),
    (Cause::MaxAge, "max-age"),
    (Cause::Ttl, "ttl"),
    (Cause::Rhythm, "rhythm"),
    (Cause::Skip, "skip-hours"),
    (Cause::Unvouched, "no-validators"),
    (Cause::Bytes, "daily-bytes"),
    (Cause::WebSub, "websub"),
    (Cause::RetryAfter, "retry-after"),
    (Cause::HostPause, "host-pause"),
    (Cause::Backoff, "backoff"),
    (Cause::Outage, "network-down"),
    (Cause::Stopped, "stopped"),
];

/// Writes what the configuration says of its sources, making rows for new ones. An address that changed is another server's,
/// or mended: what the old one asked for and failed at does not hold for it.
pub fn sync(tx: &Transaction<'_>, sources: &BTreeMap<String, Arc<Source>>) -> Result<()> {
    let mut upsert = tx.prepare_cached(
        "INSERT INTO source (slug, name, feed, site, province, organ, level)
         VALUES (:slug, :name, :feed, :site, :province, :organ, :level)
         ON CONFLICT (slug) DO UPDATE SET
             due_at = iif(feed = excluded.feed, due_at, NULL), due_cause = iif(feed = excluded.feed, due_cause, NULL),
             not_before = iif(feed = excluded.feed, not_before, NULL), failures = iif(feed = excluded.feed, failures, 0),
             failure_class = iif(feed = excluded.feed, failure_class, NULL), failure_text = iif(feed = excluded.feed, failure_text, NULL),
             validated_url = iif(feed = excluded.feed, validated_url, NULL), etag = iif(feed = excluded.feed, etag, NULL),
             last_modified = iif(feed = excluded.feed, last_modified, NULL), body_digest = iif(feed = excluded.feed, body_digest, NULL),
             ttl = iif(feed = excluded.feed, ttl, NULL), update_every = iif(feed = excluded.feed, update_every, NULL),
             skip_hours = iif(feed = excluded.feed, skip_hours, 0), skip_days = iif(feed = excluded.feed, skip_days, 0),
             span = iif(feed = excluded.feed, span, NULL),
             whole_at = iif(feed = excluded.feed, whole_at, NULL), moved_to = iif(feed = excluded.feed, moved_to, NULL),
             moved_since = iif(feed = excluded.feed, moved_since, NULL), moved_times = iif(feed = excluded.feed, moved_times, 0),
             adopted = iif(feed = excluded.feed, adopted, NULL), unread_class = iif(feed = excluded.feed, unread_class, NULL),
             unread_text = iif(feed = excluded.feed, unread_text, NULL), name = excluded.name, feed = excluded.feed, site = excluded.site,
             province = excluded.province, organ = excluded.organ, level = excluded.level
         WHERE (name, feed, site, province, organ, level)
             IS NOT (excluded.name, excluded.feed, excluded.site, excluded.province, excluded.organ, excluded.level)",
    )?;
    for source in sources.values() {
        let who = &source.publisher;
        upsert.execute(named_params! {
            ":slug": who.id,
            ":name": who.name,
            ":feed": who.feed.as_str(),
            ":site": who.site.as_str(),
            ":province": who.province.map(|p| p.id),
            ":organ": who.organ.as_str(),
            ":level": who.level.as_str(),
        })?;
    }
    Ok(())
}

/// The columns of a publisher, and those of a state, in the order in which they are read: by name it would be a search for each.
const PUBLISHER: &str = "slug, name, feed, site, province, organ, level";
const STATE: &str = "slug, name, feed, site, province, organ, level, id, due_at, due_cause, not_before, polled_at, ok_at, new_at, \
    newest_at, failures, failure_class, failure_text, repairs, harvested, validated_url, etag, last_modified, body_digest, reading, ttl, \
    update_every, skip_hours, skip_days, span, unread_class, unread_text, whole_at, changes, moved_to, moved_since, moved_times, adopted";

/// Every source's state, by slug.
pub fn states(db: &Connection) -> Result<BTreeMap<String, State>> {
    let mut query = db.prepare_cached(&format!("SELECT {STATE} FROM source"))?;
    let rows = query.query_map([], |row| Ok(state(row)))?;
    let mut states = BTreeMap::new();
    for row in rows {
        let state = row??;
        states.insert(state.publisher.id.clone(), state);
    }
    Ok(states)
}

/// One source's state.
pub fn state_of(db: &Connection, slug: &str) -> Result<Option<State>> {
    let mut query = db.prepare_cached(&format!("SELECT {STATE} FROM source WHERE slug = ?1"))?;
    query.query_row([slug], |row| Ok(state(row))).optional()?.transpose()
}

/// A row, read column by column.
struct Columns<'r> {
    row: &'r Row<'r>,
    next: usize,
}

impl Columns<'_> {
    fn next<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        self.next += 1;
        self.row.get(self.next - 1)
    }

    fn time(&mut self) -> rusqlite::Result<Option<Time>> {
        Ok(self.next::<Option<i64>>()?.map(time))
    }

    fn minutes(&mut self) -> rusqlite::Result<Option<Duration>> {
        Ok(self.next::<Option<u32>>()?.map(|minutes| Duration::from_mins(u64::from(minutes))))
    }

    fn address(&mut self) -> rusqlite::Result<Option<Url>> {
        Ok(self.next::<Option<String>>()?.and_then(|text| Url::parse(&text).ok()))
    }

    fn digest(&mut self) -> Result<Option<Digest>> {
        self.next::<Option<Vec<u8>>>()?.map(digest).transpose()
    }
}

fn state(row: &Row<'_>) -> Result<State> {
    let c = &mut Columns { row, next: 0 };
    let publisher = Arc::new(publisher(c)?);
    let id = c.next()?;
    let (due_at, cause) = (c.time()?, c.next::<Option<String>>()?);
    let cause = CAUSES.iter().find(|(_, name)| cause.as_deref() == Some(name)).map(|(c, _)| *c);
    Ok(State {
        row: id,
        publisher,
        due: due_at.zip(cause).map(|(at, cause)| Due { at, cause }),
        not_before: c.time()?,
        health: Health {
            polled_at: c.time()?,
            ok_at: c.time()?,
            new_at: c.time()?,
            newest_at: c.time()?,
            failures: c.next()?,
            failure_class: c.next()?,
            failure_text: c.next()?,
            repairs: c.next()?,
        },
        harvested: c.next()?,
        validators: Validators { url: c.next()?, etag: c.next()?, last_modified: c.next()? },
        body: c.digest()?,
        reading: c.digest()?,
        pace: Pace { ttl: c.minutes()?, update_every: c.minutes()?, skip_hours: c.next()?, skip_days: c.next()? },
        span: c.minutes()?,
        unread: c.next::<Option<String>>()?.zip(c.next()?),
        whole_at: c.time()?,
        changes: c.next()?,
        relocation: Relocation { to: c.address()?, since: c.time()?, times: c.next()?, adopted: c.address()? },
    })
}

/// What readers are told.
fn publisher(c: &mut Columns<'_>) -> Result<Publisher> {
    Ok(Publisher {
        id: c.next()?,
        name: c.next()?,
        feed: Url::parse(&c.next::<String>()?)?,
        site: Url::parse(&c.next::<String>()?)?,
        province: c.next::<Option<String>>()?.as_deref().and_then(province::find),
        organ: Organ::parse(&c.next::<String>()?).unwrap_or(Organ::Press),
        level: Level::parse(&c.next::<String>()?).unwrap_or(Level::Province),
    })
}

/// Every publisher by its source's number. Lists of stories that are read in one moment share it.
pub type Publishers = BTreeMap<i64, Arc<Publisher>>;

/// Reads them.
pub fn publishers(db: &Connection) -> Result<Publishers> {
    let mut query = db.prepare_cached(&format!("SELECT {PUBLISHER}, id FROM source"))?;
    let rows = query.query_map([], |row| {
        let c = &mut Columns { row, next: 0 };
        let publisher = publisher(c);
        Ok((c.next::<i64>()?, publisher))
    })?;
    let mut publishers = BTreeMap::new();
    for row in rows {
        let (id, publisher) = row?;
        publishers.insert(id, Arc::new(publisher?));
    }
    Ok(publishers)
}

/// Plans a poll.
pub fn set_due(tx: &Transaction<'_>, row: i64, due: Due) -> Result<()> {
    tx.prepare_cached("UPDATE source SET due_at = ?2, due_cause = ?3 WHERE id = ?1")?.execute((
        row,
        millis(due.at),
        cause_name(due.cause),
    ))?;
    Ok(())
}
