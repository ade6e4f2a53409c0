//! Opening the database: who has it, whether it is ours, and the settings of every connection.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::migrate;

const LOCK_FILE: &str = "dongtin.lock";
/// The name of the database in its folder.
pub const DATABASE_FILE: &str = "dongtin.db";
/// Longer than anybody asks who has the lock.
const MOMENT: Duration = Duration::from_millis(200);
/// What the lock file says once a database was made beside it.
const INITIALISED: &str = "initialised";

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
    /// Its pages contradict each other.
    #[error(
        "{path} bị hỏng; hãy dừng chương trình và phục hồi bản sao lưu\n    \
         {path} is damaged; stop the daemon and restore a backup"
    )]
    Damaged {
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

/// A database that belongs to this process.
pub struct Taken {
    /// The connection to write with.
    pub db: Connection,
    /// The file.
    pub path: PathBuf,
    /// What keeps others away while it is open.
    pub lock: File,
}

/// Opens or makes the database in a state folder and takes it for this process.
pub fn take(dir: &Path) -> Result<Taken, OpenError> {
    make_private(dir).with_context(|| {
        format!(
            "không tạo được thư mục dữ liệu {0}; hãy dùng sudo, hoặc chọn state.dir khác\n    \
             cannot make the state folder {0}; use sudo, or choose another state.dir",
            dir.display()
        )
    })?;
    let lock_path = dir.join(LOCK_FILE);
    let (lock, initialised) = take_lock(dir, &lock_path)?;
    let path = dir.join(DATABASE_FILE);
    let there = fs::metadata(&path).is_ok_and(|m| m.len() > 0);
    if initialised && !there {
        return Err(OpenError::Vanished { path: path.display().to_string(), lock: lock_path.display().to_string() });
    }
    let mut db = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    prepare(&mut db, &path, there).map_err(|error| match error {
        OpenError::Other(error) if is_damage(&error) => OpenError::Damaged { path: path.display().to_string() },
        other => other,
    })?;
    write_lock(&lock).context("cannot write the lock file")?;
    Ok(Taken { db, path, lock })
}

/// Whether an error says that the database is damaged. SQLite's own words do not say what to do.
pub fn is_damage(error: &anyhow::Error) -> bool {
    let codes = error.chain().filter_map(|e| e.downcast_ref::<rusqlite::Error>()?.sqlite_error_code());
    codes.into_iter().any(|code| code == ErrorCode::DatabaseCorrupt)
}

/// The database in a state folder, if there is one.
pub fn find(dir: &Path) -> Result<Option<PathBuf>> {
    let path = dir.join(DATABASE_FILE);
    match fs::metadata(&path) {
        Ok(file) if file.len() > 0 => Ok(Some(path)),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(error).with_context(|| {
            format!(
                "{0} là của chương trình chạy nền, hãy dùng sudo · {0} belongs to the daemon, use sudo",
                path.display()
            )
        }),
        _ => Ok(None),
    }
}

/// Eight megabytes, as `cache_size` says it: the keys of new items land all over their trees, and the upper parts of the trees of a million
/// items are about as large.
const CACHE: i32 = -8_192;

/// A connection that only reads. (Opened for writing all the same: a reader of a write-ahead log takes part in it.)
pub fn reader(path: &Path) -> Result<Connection> {
    let db = connection(path)?;
    db.pragma_update(None, "query_only", true)?;
    db.pragma_update(None, "cache_size", CACHE)?;
    Ok(db)
}

/// A connection to a database that is there, with the settings of every connection and nothing forbidden.
pub fn connection(path: &Path) -> Result<Connection> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
}

/// The process that has the database of a state folder, as far as it said; nothing if nobody has it.
pub fn holder(dir: &Path) -> Result<Option<String>> {
    let path = dir.join(LOCK_FILE);
    let mut lock = match File::open(&path) {
        Ok(lock) => lock,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot open {}", path.display())),
    };
    match lock.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => Ok(Some(holder_said(&mut lock))),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {}", path.display())),
    }
}

/// Best effort: a message is useful without the number too.
fn holder_said(lock: &mut File) -> String {
    let mut said = String::new();
    if lock.read_to_string(&mut said).is_err() {
        said.clear();
    }
    said.lines().next().unwrap_or("?").to_owned()
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
    let taken = match lock.try_lock() {
        // `dongtin status` asks who has it, and while it asks it has a share of it.
        Err(TryLockError::WouldBlock) => {
            thread::sleep(MOMENT);
            lock.try_lock()
        }
        taken => taken,
    };
    match taken {
        Ok(()) => {
            let mut said = String::new();
            lock.read_to_string(&mut said).context("cannot read the lock file")?;
            Ok((lock, said.contains(INITIALISED)))
        }
        Err(TryLockError::WouldBlock) => {
            Err(OpenError::Busy { dir: dir.display().to_string(), pid: holder_said(&mut lock) })
        }
        Err(TryLockError::Error(error)) => {
            Err(anyhow!(error).context(format!("cannot lock {}", path.display())).into())
        }
    }
}

/// Who has the database, and that there is one.
fn write_lock(mut lock: &File) -> io::Result<()> {
    use io::Seek;
    lock.set_len(0)?;
    lock.rewind()?;
    writeln!(lock, "{}\n{INITIALISED}", std::process::id())
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
    // Plans are made without looking at the values: SQLite else compiles a statement anew when another value is bound to it.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
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
        // Thirty-two megabytes of log: a page that many commits change is carried over to the database once.
        db.pragma_update(None, "wal_autocheckpoint", 8_192)?;
        db.pragma_update(None, "cache_size", CACHE)?;
        migrate::apply(db)
    };
    set_up(db).with_context(|| format!("cannot set up {}", path.display()))?;
    Ok(())
}

fn restrict(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}
