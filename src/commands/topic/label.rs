//! `dongtin topic label`.

use anyhow::{Result, bail};

use crate::cli::{Exit, TopicLabel};

pub fn run(_args: &TopicLabel) -> Result<Exit> {
    bail!("not yet")
}
