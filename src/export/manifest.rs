//! What is in the store, as far as we put it there: an object among the others, read first and written last. Never trusted for more than what to
//! send: who changes it changes at most what is sent again, or has keys removed that he could have removed himself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::name;

/// Its key, below the prefix.
pub const KEY: &str = ".dongtin-manifest.json";
/// Another schema was written by another program, and nothing of it holds.
const SCHEMA: &str = "dongtin-manifest/1";

/// What is in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    schema: String,
    /// What vouches for the object under each key; null where that is being replaced or removed, so that whoever finds it so after a kill
    /// takes nothing for granted.
    keys: BTreeMap<String, Option<String>>,
}

impl Default for Manifest {
    fn default() -> Manifest {
        Manifest { schema: SCHEMA.to_owned(), keys: BTreeMap::new() }
    }
}

impl Manifest {
    /// Reads one; nothing if it is none of ours.
    pub fn read(bytes: &[u8]) -> Option<Manifest> {
        let mut manifest: Manifest = serde_json::from_slice(bytes).ok().filter(|m: &Manifest| m.schema == SCHEMA)?;
        // A key that we would not have written is none that we remove.
        manifest.keys.retain(|key, _| name::is_key(key));
        Some(manifest)
    }

    /// As it is written.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// What is known of a key: nothing, that something may be there, or what.
    pub fn get(&self, key: &str) -> Option<Option<&str>> {
        self.keys.get(key).map(|digest| digest.as_deref())
    }

    /// All keys.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.keys.keys()
    }

    /// Says that a key is about to change.
    pub fn doubt(&mut self, key: &str) {
        self.keys.insert(key.to_owned(), None);
    }

    /// Says what was put under a key.
    pub fn set(&mut self, key: String, digest: String) {
        self.keys.insert(key, Some(digest));
    }

    /// Says that a key is gone.
    pub fn forget(&mut self, key: &str) {
        self.keys.remove(key);
    }
}
