//! The topics that come with the program, for commands that run without a configuration.

use super::{File, FileKind};

/// `config/topics/`, as built in.
pub fn topics() -> Vec<File> {
    Vec::new()
}
