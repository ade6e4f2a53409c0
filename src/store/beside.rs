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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Store, meta, set_meta};

    fn said(store: &Store) -> Option<String> {
        store.read(|db| meta(db, "said")).unwrap()
    }

    #[test]
    fn a_job_beside_the_holder_is_written_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(write_beside(dir.path(), |_| Ok(())).unwrap(), None, "there is no database");
        assert!(!dir.path().join("dongtin.db").exists(), "and none is made");
        let store = Store::open(dir.path()).unwrap();
        assert_eq!(write_beside(dir.path(), |tx| set_meta(tx, "said", "một")).unwrap(), Some(()));
        assert_eq!(said(&store).as_deref(), Some("một"));
        let failed = write_beside(dir.path(), |tx| {
            set_meta(tx, "said", "hai")?;
            anyhow::ensure!(meta(tx, "said")?.is_none(), "no");
            Ok(())
        });
        assert_eq!(failed.unwrap_err().to_string(), "no");
        assert_eq!(said(&store).as_deref(), Some("một"));
    }

    #[test]
    fn a_database_at_another_version_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let path = dir.path().join(open::DATABASE_FILE);
        for version in [migrate::newest() - 1, migrate::newest() + 1] {
            open::connection(&path).unwrap().pragma_update(None, "user_version", version).unwrap();
            let refused = write_beside(dir.path(), |tx| set_meta(tx, "said", "một")).unwrap_err().to_string();
            assert!(
                refused.contains(&version.to_string()) && refused.contains("the program that runs the daemon"),
                "{refused}"
            );
        }
        assert_eq!(said(&store), None);
    }

    #[test]
    fn a_writer_notices_what_others_write_and_not_what_it_writes_itself() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let version = || runtime.block_on(store.write(|tx| version_of_others(tx))).unwrap();
        let before = version();
        runtime.block_on(store.write(|tx| set_meta(tx, "said", "một"))).unwrap();
        assert_eq!((said(&store).as_deref(), version()), (Some("một"), before));
        write_beside(dir.path(), |tx| set_meta(tx, "said", "hai")).unwrap();
        let after = version();
        assert_ne!(after, before);
        assert_eq!(version(), after);
    }
}
