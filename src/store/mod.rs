//! The database: one writer thread, a few readers, everything a poll brings in one transaction.
//!
//! Jobs that wait at the same time share one commit, each behind its own savepoint: a thousand "not modified" answers
//! cost a handful of commits, and one job's failure is its own. `synchronous=NORMAL` loses the last commits on a power
//! cut and never corrupts; what it loses is asked for again, because items, validators and due times are lost together.

mod items;
mod migrate;
mod rows;
pub mod sources;
pub mod stories;
#[cfg(test)]
mod tests;

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

/// A connection that queries are made on.
pub use rusqlite::Connection as Db;

pub use items::{Incoming, TakenIn, all_on_file, candidates, known, set_topics, take_in};

/// The database of one daemon.
pub struct Store {
    jobs: Option<mpsc::Sender<Job>>,
    writer: Option<thread::JoinHandle<()>>,
    readers: Mutex<Vec<Connection>>,
    path: PathBuf,
    /// Held for the lifetime of the store: a second daemon, or `dongtin poll`, finds it taken. A store that only reads
    /// has none.
    #[expect(dead_code, reason = "its being open is what it does")]
    lock: Option<File>,
}

/// Why a database cannot be used. Each is a different thing to do for an operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error(
        "một dongtin khác (tiến trình {pid}) đang dùng {dir}; hãy dừng nó, hoặc dùng `dongtin poll --dry-run`\n    \
         another dongtin (process {pid}) is using {dir}; stop it first, or use `dongtin poll --dry-run`"
    )]
    Busy {
        /// The state folder.
        dir: String,
        /// Who has it, as far as it said.
        pid: String,
    },
    /// It was written by a newer program.
    #[error(
        "{path} ở phiên bản {found}, chương trình này chỉ biết đến {known}; hãy dùng lại bản mới hơn, hoặc phục hồi bản sao lưu\n    \
         {path} is at version {found}, this program knows versions up to {known}; use the newer program again, or restore a backup"
    )]
    Newer {
        /// The file.
        path: String,
        /// Its version.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// It is somebody else's.
    #[error(
        "{path} không phải dữ liệu của dongtin; hãy dời nó đi, hoặc chọn state.dir khác\n    \
         {path} is not a dongtin database; move it away or choose another state.dir"
    )]
    Foreign {
        /// The file.
        path: String,
    },
    /// There was one, and it is gone or empty: starting anew would publish the whole world again.
    #[error(
        "{path} bị mất hoặc rỗng, dù thư mục này từng có dữ liệu; hãy phục hồi bản sao lưu, hoặc xoá {lock} để làm lại từ đầu (khi ấy mọi tin đều là mới với bạn đọc)\n    \
         {path} is missing or empty although this folder had a database; restore a backup, or delete {lock} to begin anew (every story will then be new to readers)"
    )]
    Vanished {
        /// The file.
        path: String,
        /// The file that remembers.
        lock: String,
    },
    /// The disk, or SQLite.
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

type Job = Box<dyn FnOnce(&Transaction<'_>) -> Reply + Send>;
/// Called once with the fate of the commit.
type Reply = Box<dyn FnOnce(Result<(), &str>) + Send>;

/// Jobs in one commit, and waiting: a round of polls never builds up more.
const GROUP: usize = 128;
const LOCK_FILE: &str = "dongtin.lock";
const DATABASE_FILE: &str = "dongtin.db";
/// What the lock file says once a database was made beside it.
const INITIALISED: &str = "initialised";

impl Store {
    /// Opens or makes the database in a state folder and takes it for this process.
    pub fn open(dir: &Path) -> Result<Store, OpenError> {
        make_private(dir).with_context(|| format!("cannot make the state folder {}", dir.display()))?;
        let lock_path = dir.join(LOCK_FILE);
        let (lock, initialised) = take_lock(dir, &lock_path)?;
        let path = dir.join(DATABASE_FILE);
        let there = fs::metadata(&path).is_ok_and(|m| m.len() > 0);
        if initialised && !there {
            return Err(OpenError::Vanished {
                path: path.display().to_string(),
                lock: lock_path.display().to_string(),
            });
        }
        let mut db = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        prepare(&mut db, &path, there)?;
        write_lock(&lock, true).context("cannot write the lock file")?;
        let (jobs, waiting) = mpsc::channel(GROUP);
        let writer = thread::Builder::new()
            .name("db-writer".to_owned())
            .spawn(move || write_jobs(db, waiting))
            .context("cannot start the database writer")?;
        Ok(Store { jobs: Some(jobs), writer: Some(writer), readers: Mutex::default(), path, lock: Some(lock) })
    }

    /// Opens the database of a state folder for reading only, beside a running daemon; nothing where there is none.
    pub fn open_beside(dir: &Path) -> Result<Option<Store>> {
        let path = dir.join(DATABASE_FILE);
        match fs::metadata(&path) {
            Ok(file) if file.len() > 0 => {}
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                return Err(error).with_context(|| {
                    format!("{0} là của trình nền, hãy dùng sudo · {0} belongs to the daemon, use sudo", path.display())
                });
            }
            _ => return Ok(None),
        }
        let store = Store { jobs: None, writer: None, readers: Mutex::default(), path, lock: None };
        let found = store.read(migrate::version)?;
        anyhow::ensure!(
            found == migrate::newest(),
            "the database is at version {found}, this program reads version {}; use the program that runs the daemon",
            migrate::newest()
        );
        Ok(Some(store))
    }

    /// Runs a job on the writer thread inside a transaction; when this returns `Ok`, it is committed.
    pub async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |tx| {
            let result = in_savepoint(tx, job);
            Box::new(move |committed| {
                let result = match committed {
                    Ok(()) => result,
                    Err(why) => Err(anyhow!("{why}")),
                };
                // Nobody waiting any more is no reason to fail: the work is committed.
                drop(answer.send(result));
            })
        });
        let jobs = self.jobs.as_ref().context("the database is open for reading only")?;
        jobs.send(job).await.map_err(|_| anyhow!("the database writer has stopped"))?;
        answered.await.context("the database writer has stopped")?
    }

    /// Reads on the caller's thread, which must be one that may block.
    pub fn read<T>(&self, query: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let pooled = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let db = match pooled {
            Some(db) => db,
            None => {
                let db = connect(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
                db.pragma_update(None, "query_only", true)?;
                db
            }
        };
        // One transaction, so that everything a query sees is of one moment.
        let result = db.unchecked_transaction().map_err(Into::into).and_then(|tx| query(&tx));
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(db);
        result
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
        drop(self.jobs.take());
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the database writer panicked");
        }
    }
}

/// Takes jobs until the last handle is gone; commits whatever is waiting together.
fn write_jobs(mut db: Connection, mut waiting: mpsc::Receiver<Job>) {
    while let Some(first) = waiting.blocking_recv() {
        let mut replies: Vec<Reply> = Vec::new();
        let outcome = run_group(&mut db, first, &mut waiting, &mut replies);
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
    first: Job,
    waiting: &mut mpsc::Receiver<Job>,
    replies: &mut Vec<Reply>,
) -> Result<()> {
    let mut job = Some(first);
    let begun = db.transaction_with_behavior(TransactionBehavior::Immediate);
    let tx = match begun {
        Ok(tx) => tx,
        Err(error) => {
            // The job never ran; its channel closes and the caller hears that, with this in the log.
            tracing::warn!(%error, "a database transaction could not begin");
            return Err(error.into());
        }
    };
    while let Some(run) = job.take() {
        replies.push(run(&tx));
        // A full disk rolls the whole transaction back, savepoints and all.
        anyhow::ensure!(!tx.is_autocommit(), "the transaction was rolled back (is the disk full?)");
        if replies.len() < GROUP {
            job = waiting.try_recv().ok();
        }
    }
    tx.commit().context("cannot commit")
}

fn in_savepoint<T>(tx: &Transaction<'_>, job: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
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
            tx.execute_batch("ROLLBACK TO job; RELEASE job")?;
            Err(error)
        }
    }
}

fn is_hopeless(error: &anyhow::Error) -> bool {
    let code = error.downcast_ref::<rusqlite::Error>().and_then(rusqlite::Error::sqlite_error_code);
    matches!(code, Some(ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

fn make_private(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

fn take_lock(dir: &Path, path: &Path) -> Result<(File, bool), OpenError> {
    let mut lock = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .with_context(|| format!("cannot open {}", path.display()))?;
    let mut said = String::new();
    match lock.try_lock() {
        Ok(()) => {
            lock.read_to_string(&mut said).context("cannot read the lock file")?;
            Ok((lock, said.contains(INITIALISED)))
        }
        Err(TryLockError::WouldBlock) => {
            // Best effort: the message is useful without the number too.
            if lock.read_to_string(&mut said).is_err() {
                said.clear();
            }
            let pid = said.lines().next().unwrap_or("?").to_owned();
            Err(OpenError::Busy { dir: dir.display().to_string(), pid })
        }
        Err(TryLockError::Error(error)) => {
            Err(anyhow!(error).context(format!("cannot lock {}", path.display())).into())
        }
    }
}

fn write_lock(mut lock: &File, initialised: bool) -> io::Result<()> {
    use io::Seek;
    lock.set_len(0)?;
    lock.rewind()?;
    writeln!(lock, "{}", std::process::id())?;
    if initialised {
        writeln!(lock, "{INITIALISED}")?;
    }
    Ok(())
}

/// Opens a connection with the settings that every connection has, each for a reason.
fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    // A connection is used by one thread at a time, which is what the type already says.
    let db = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI)
        .with_context(|| format!("cannot open {}", path.display()))?;
    // A backup or a person in the sqlite3 shell may hold the lock for a moment.
    db.busy_timeout(Duration::from_secs(5))?;
    // A damaged or hostile file must not run anything.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.pragma_update(None, "cell_size_check", true)?;
    db.pragma_update(None, "foreign_keys", true)?;
    // Memory-mapped reading turns a disk error into a crash.
    db.pragma_update(None, "mmap_size", 0)?;
    db.pragma_update(None, "temp_store", "memory")?;
    db.set_prepared_statement_cache_capacity(64);
    Ok(db)
}

fn prepare(db: &mut Connection, path: &Path, existed: bool) -> Result<(), OpenError> {
    let name = || path.display().to_string();
    if existed {
        let id = db.pragma_query_value(None, "application_id", |row| row.get::<_, i32>(0));
        match id {
            Ok(migrate::APPLICATION_ID) => {}
            Ok(_) => return Err(OpenError::Foreign { path: name() }),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
                return Err(OpenError::Foreign { path: name() });
            }
            Err(error) => return Err(anyhow!(error).context(format!("cannot read {}", path.display())).into()),
        }
        let found = migrate::version(db)?;
        if found > migrate::newest() {
            return Err(OpenError::Newer { path: name(), found, known: migrate::newest() });
        }
    }
    let set_up = |db: &mut Connection| -> Result<()> {
        if !existed {
            restrict(path)?;
            db.pragma_update(None, "auto_vacuum", "incremental")?;
            db.pragma_update(None, "application_id", migrate::APPLICATION_ID)?;
        }
        db.pragma_update(None, "journal_mode", "wal")?;
        db.pragma_update(None, "synchronous", "normal")?;
        db.pragma_update(None, "journal_size_limit", 64 << 20)?;
        // Eight megabytes: the keys of new items land all over their trees.
        db.pragma_update(None, "cache_size", -8_192)?;
        migrate::apply(db)
    };
    set_up(db).with_context(|| format!("cannot set up {}", path.display()))?;
    Ok(())
}

fn restrict(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

/// A fact about the database itself.
pub fn meta(db: &Connection, name: &str) -> Result<Option<String>> {
    use rusqlite::OptionalExtension;
    Ok(db.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0)).optional()?)
}

/// Sets a fact about the database itself.
pub fn set_meta(tx: &Transaction<'_>, name: &str, value: &str) -> Result<()> {
    tx.execute(
        "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [name, value],
    )?;
    Ok(())
}
