//! Writing beside a running daemon, which has the database: one short transaction on a connection of one's own.

use std::path::Path;

use anyhow::{Context as _, Result};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{migrate, open};

/// Runs a job in one transaction on the database of a state folder, whoever has it; nothing where there is none. When this returns `Ok`, it is
/// committed; where the job fails, nothing is written.
///
/// The job must leave alone what the daemon holds in memory: items and their texts, sources, due times. Stories, and which items are in them, are
/// read anew in every transaction.
pub fn write_beside<T>(dir: &Path, job: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<Option<T>> {
    let Some(path) = open::find(dir)? else { return Ok(None) };
    let mut db = open::connection(&path)?;
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).with_context(|| {
        format!(
            "{0} đang có chương trình khác ghi, chưa sửa gì; hãy thử lại · another program is writing to {0}, nothing was changed; try again",
            path.display()
        )
    })?;
    migrate::require_newest(&tx)?;
    let done = job(&tx)?;
    tx.commit().context("cannot commit")?;
    Ok(Some(done))
}

/// A number that stays while nobody but this connection writes.
pub fn version_of_others(db: &Connection) -> Result<i64> {
    Ok(db.pragma_query_value(None, "data_version", |row| row.get(0))?)
}
