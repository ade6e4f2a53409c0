//! The schema, from `migrations/`.

use anyhow::{Context as _, Result};
use rusqlite::{Connection, TransactionBehavior};

use super::search;

/// The files, in order; the version of a database is how many of them it has.
pub const MIGRATIONS: [(&str, &str); 17] = [
    ("0001_initial.sql", include_str!("../../migrations/0001_initial.sql")),
    ("0002_guids.sql", include_str!("../../migrations/0002_guids.sql")),
    ("0003_places.sql", include_str!("../../migrations/0003_places.sql")),
    ("0004_reading.sql", include_str!("../../migrations/0004_reading.sql")),
    ("0005_ttl.sql", include_str!("../../migrations/0005_ttl.sql")),
    ("0006_manners.sql", include_str!("../../migrations/0006_manners.sql")),
    ("0007_websub.sql", include_str!("../../migrations/0007_websub.sql")),
    ("0008_keys.sql", include_str!("../../migrations/0008_keys.sql")),
    (SEARCH, include_str!("../../migrations/0009_search.sql")),
    ("0010_carriers.sql", include_str!("../../migrations/0010_carriers.sql")),
    ("0011_left.sql", include_str!("../../migrations/0011_left.sql")),
    ("0012_kinship.sql", include_str!("../../migrations/0012_kinship.sql")),
    ("0013_history.sql", include_str!("../../migrations/0013_history.sql")),
    ("0014_hub.sql", include_str!("../../migrations/0014_hub.sql")),
    ("0015_enclosures.sql", include_str!("../../migrations/0015_enclosures.sql")),
    ("0016_revision.sql", include_str!("../../migrations/0016_revision.sql")),
    ("0017_given_out.sql", include_str!("../../migrations/0017_given_out.sql")),
];

/// What it makes has to be filled from Rust: SQL cannot fold.
const SEARCH: &str = "0009_search.sql";

/// "DgTn": what `file(1)` and a stray `sqlite3` can know our databases by.
pub const APPLICATION_ID: i32 = 0x4467_546e;

/// The version this program knows.
pub fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// The version a database is at.
pub fn version(db: &Connection) -> Result<i64> {
    Ok(db.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Refuses a database at another version than this program's, for whoever must not change that: the daemon that has it is of its version.
pub fn require_newest(db: &Connection) -> Result<()> {
    let found = version(db)?;
    anyhow::ensure!(
        found == newest(),
        "dữ liệu ở phiên bản {found}, chương trình này đọc phiên bản {0}; hãy dùng đúng chương trình đang chạy nền · the database is at version {found}, this program reads version {0}; use the program that runs the daemon",
        newest()
    );
    Ok(())
}

/// Brings a database to the newest version. Each file commits with its number, so a crash leaves the old or the new
/// version.
pub fn apply(db: &mut Connection) -> Result<()> {
    let from = usize::try_from(version(db)?).context("the database has a negative version")?;
    for (index, (name, sql)) in MIGRATIONS.iter().enumerate().skip(from) {
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute_batch(sql).with_context(|| format!("migration {name}"))?;
        if *name == SEARCH {
            search::index_everything(&tx).with_context(|| format!("migration {name}"))?;
        }
        tx.pragma_update(None, "user_version", i64::try_from(index + 1)?)?;
        tx.commit().with_context(|| format!("migration {name}"))?;
    }
    Ok(())
}
