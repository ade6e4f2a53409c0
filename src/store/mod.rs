//! The database: one writer thread, a few readers, everything a poll brings in one transaction.
//!
//! Jobs that wait at the same time share one commit, each behind its own savepoint: a thousand "not modified" answers
//! cost a handful of commits, and one job's failure is its own. `synchronous=NORMAL` loses the last commits on a power
//! cut and never corrupts; what it loses is asked for again, because items, validators and due times are lost together.

pub mod archives;
mod beside;
pub mod facets;
pub mod figures;
mod find;
pub mod history;
pub mod hub;
mod items;
pub mod kinship;
mod known;
mod migrate;
mod open;
pub mod past;
pub mod regroup;
pub mod retention;
mod rows;
pub mod search;
pub mod sources;
pub mod stories;
pub mod subscriptions;
#[cfg(test)]
mod tests;
pub mod topics;
pub mod withdrawn;

use std::cell::RefCell;
use std::fs::{self, File};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context as _, Result, anyhow};
use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

/// A connection that queries are made on.
pub use rusqlite::Connection as Db;
/// What a job on the writer thread writes in.
pub use rusqlite::Transaction;

pub use beside::{version_of_others, write_beside};
pub use find::{Clue, find, is_forgotten};
pub use items::{Incoming, TakenIn, take_in};
pub use known::{Known, all_on_file, known, newest_titles, recall_teaser, recall_text};
pub use open::{OpenError, holder};
pub use topics::set_topics;

use kinship::Kinship;
use open::Taken;
use search::Unindexed;

/// The database of one daemon.
pub struct Store {
    /// Gone once the store is closed; a store that only reads has neither.
    writer: Mutex<Option<Writer>>,
    readers: Mutex<Vec<Connection>>,
    kinship: Arc<Kinship>,
    path: PathBuf,
    /// Held for the lifetime of the store: a second daemon, or `dongtin poll`, finds it taken. A store that only reads
    /// has none.
    #[expect(dead_code, reason = "its being open is what it does")]
    lock: Option<File>,
}

/// The way to the thread that writes.
struct Writer {
    jobs: mpsc::Sender<Job>,
    thread: thread::JoinHandle<()>,
}

/// The transaction that jobs share, and what is written once at its end.
pub struct Tx<'db> {
    db: Transaction<'db>,
    unindexed: RefCell<Vec<Unindexed>>,
    kinship: &'db Kinship,
}

impl<'db> Deref for Tx<'db> {
    type Target = Transaction<'db>;

    fn deref(&self) -> &Transaction<'db> {
        &self.db
    }
}

/// Called once, with why where no transaction could begin.
type Job = Box<dyn FnOnce(Result<&Tx<'_>, &rusqlite::Error>) -> Reply + Send>;
/// Called once with the fate of the commit.
type Reply = Box<dyn FnOnce(Result<(), &str>) + Send>;

/// Jobs in one commit, and waiting: a round of polls never builds up more.
const GROUP: usize = 128;

impl Store {
    /// Opens or makes the database in a state folder and takes it for this process.
    pub fn open(dir: &Path) -> Result<Store, OpenError> {
        let Taken { db, path, lock } = open::take(dir)?;
        let (jobs, waiting) = mpsc::channel(GROUP);
        let kinship = Arc::<Kinship>::default();
        let for_writer = Arc::clone(&kinship);
        let thread = thread::Builder::new()
            .name("db-writer".to_owned())
            .spawn(move || write_jobs(db, waiting, &for_writer))
            .context("cannot start the database writer")?;
        let writer = Mutex::new(Some(Writer { jobs, thread }));
        Ok(Store { writer, readers: Mutex::default(), kinship, path, lock: Some(lock) })
    }

    /// Opens the database of a state folder for reading only, beside a running daemon; nothing where there is none.
    pub fn open_beside(dir: &Path) -> Result<Option<Store>> {
        let Some(path) = open::find(dir)? else { return Ok(None) };
        let store =
            Store { writer: Mutex::default(), readers: Mutex::default(), kinship: Arc::default(), path, lock: None };
        store.read(migrate::require_newest)?;
        Ok(Some(store))
    }

    /// Runs a job on the writer thread inside a transaction; when this returns `Ok`, it is committed.
    pub async fn write<T: Send + 'static>(&self, job: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |tx| {
            let result =
                tx.map_err(|why| anyhow!("a transaction could not begin: {why}")).and_then(|tx| in_savepoint(tx, job));
            Box::new(move |committed| {
                let result = match committed {
                    Ok(()) => result,
                    Err(why) => Err(anyhow!("{why}")),
                };
                // Nobody waiting any more is no reason to fail: the work is committed.
                drop(answer.send(result));
            })
        });
        let jobs = self.jobs().context("the database is closed, or open for reading only")?;
        jobs.send(job).await.map_err(|_| anyhow!("the database writer has stopped"))?;
        answered.await.context("the database writer has stopped")?
    }

    /// Reads on the caller's thread, which must be one that may block.
    pub fn read<T>(&self, query: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let pooled = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let db = match pooled {
            Some(db) => db,
            None => open::reader(&self.path)?,
        };
        // One transaction, so that everything a query sees is of one moment.
        let result = db.unchecked_transaction().map_err(Into::into).and_then(|tx| query(&tx));
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(db);
        result.map_err(|error| match open::is_damage(&error) {
            true => OpenError::Damaged { path: self.path.display().to_string() }.into(),
            false => error,
        })
    }

    /// Whether nothing will ever be written again: after a failure that only a fresh process can look behind.
    pub fn has_stopped(&self) -> bool {
        self.jobs().is_none_or(|jobs| jobs.is_closed())
    }

    fn jobs(&self) -> Option<mpsc::Sender<Job>> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|writer| writer.jobs.clone())
    }

    /// Writes what is waiting and tidies up; from now on there is only reading. Blocks.
    pub fn close(&self) {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Writer { jobs, thread }) = writer else { return };
        drop(jobs);
        if thread.join().is_err() {
            tracing::error!("the database writer panicked");
        }
    }

    /// What is remembered of the last days.
    pub fn kinship(&self) -> &Kinship {
        &self.kinship
    }

    /// The state folder.
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    /// Size of the database files, in bytes.
    pub fn size(&self) -> u64 {
        ["", "-wal"]
            .iter()
            .filter_map(|suffix| fs::metadata(format!("{}{suffix}", self.path.display())).ok())
            .map(|m| m.len())
            .sum()
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.close();
    }
}

/// Takes jobs until the last handle is gone; commits whatever is waiting together.
fn write_jobs(mut db: Connection, mut waiting: mpsc::Receiver<Job>, kinship: &Kinship) {
    while let Some(first) = waiting.blocking_recv() {
        let mut replies: Vec<Reply> = Vec::new();
        let outcome = run_group(&mut db, kinship, first, &mut waiting, &mut replies);
        let message = outcome.as_ref().err().map(|e| format!("{e:#}"));
        for reply in replies {
            reply(match &message {
                None => Ok(()),
                Some(message) => Err(message),
            });
        }
        if let Err(error) = outcome
            && is_hopeless(&error)
        {
            // After a failed fsync the page cache may be lying ("fsyncgate"): a fresh process reads what is really
            // there.
            tracing::error!(error = format!("{error:#}"), "the database cannot be written; stopping");
            return;
        }
    }
    if let Err(error) = db.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);") {
        tracing::warn!(%error, "the database was not tidied up at the end");
    }
}

fn run_group(
    db: &mut Connection,
    kinship: &Kinship,
    first: Job,
    waiting: &mut mpsc::Receiver<Job>,
    replies: &mut Vec<Reply>,
) -> Result<()> {
    let mut job = Some(first);
    let begun = db.transaction_with_behavior(TransactionBehavior::Immediate);
    let tx = match begun {
        Ok(db) => Tx { db, unindexed: RefCell::default(), kinship },
        Err(error) => {
            // Whoever waited meanwhile waited for the same.
            let together = job.into_iter().chain(std::iter::from_fn(|| waiting.try_recv().ok()));
            replies.extend(together.map(|job| job(Err(&error))));
            return Err(anyhow::Error::new(error).context("a transaction could not begin"));
        }
    };
    while let Some(run) = job.take() {
        replies.push(run(Ok(&tx)));
        // A full disk rolls the whole transaction back, savepoints and all.
        anyhow::ensure!(!tx.is_autocommit(), "the transaction was rolled back (is the disk full?)");
        if replies.len() < GROUP {
            job = waiting.try_recv().ok();
        }
    }
    let Tx { db, unindexed, .. } = tx;
    search::index(&db, &unindexed.into_inner())?;
    db.commit().context("cannot commit")
}

fn in_savepoint<T>(tx: &Tx<'_>, job: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
    let unindexed = tx.unindexed.borrow().len();
    tx.prepare_cached("SAVEPOINT job")?.execute([])?;
    let result = job(tx);
    if tx.is_autocommit() {
        return result;
    }
    match result {
        Ok(value) => {
            tx.prepare_cached("RELEASE job")?.execute([])?;
            Ok(value)
        }
        Err(error) => {
            tx.unindexed.borrow_mut().truncate(unindexed);
            tx.execute_batch("ROLLBACK TO job; RELEASE job")?;
            Err(error)
        }
    }
}

fn is_hopeless(error: &anyhow::Error) -> bool {
    let code = error.downcast_ref::<rusqlite::Error>().and_then(rusqlite::Error::sqlite_error_code);
    matches!(code, Some(ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// A fact about the database itself.
pub fn meta(db: &Connection, name: &str) -> Result<Option<String>> {
    use rusqlite::OptionalExtension;
    let mut query = db.prepare_cached("SELECT value FROM meta WHERE name = ?1")?;
    Ok(query.query_row([name], |row| row.get(0)).optional()?)
}

/// Sets a fact about the database itself.
pub fn set_meta(tx: &Transaction<'_>, name: &str, value: &str) -> Result<()> {
    tx.execute(
        "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [name, value],
    )?;
    Ok(())
}
