//! `dongtin topic near`.

use anyhow::{Result, bail};

use crate::cli::{Exit, TopicStored};

pub fn run(_args: &TopicStored) -> Result<Exit> {
    bail!("not yet")
}
