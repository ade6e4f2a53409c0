//! A month in seconds: the real scheduler, poller, client and database against a real local server, by a clock that jumps. Names begin with
//! the assertion of polite polling that they hold.

mod deciding;
mod faults;
mod identity;
mod month;
mod moving;
mod timing;
mod validators;
mod world;

use std::path::Path;

use super::*;

#[test]
fn hosts_keep_their_turns_over_a_reload_that_does_not_concern_them() {
    let load = || crate::config::load(Path::new("config"), clock::now()).unwrap_or_else(|m| panic!("{m:?}"));
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::open(folder.path()).unwrap());
    let config = load();
    let criteria = watch::channel(Arc::new(Criteria::new(&config.rules, &config.sources))).1;
    let first = Live::new(config, &store, criteria.clone(), None, Clock::System).unwrap();
    let reloaded = Live::new(load(), &store, criteria.clone(), Some(&first), Clock::System).unwrap();
    assert!(Arc::ptr_eq(&first.tools.client, &reloaded.tools.client));
    let mut slower = load();
    slower.settings.fetch.timeout += Duration::from_secs(1);
    let changed = Live::new(slower, &store, criteria, Some(&reloaded), Clock::System).unwrap();
    assert!(!Arc::ptr_eq(&first.tools.client, &changed.tools.client));
    assert!(Arc::ptr_eq(&first.tools.documents, &changed.tools.documents));
}
