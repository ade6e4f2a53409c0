//! `dongtin topic list`.

use anyhow::{Result, bail};

use crate::cli::{Exit, TopicList};

pub fn run(_args: &TopicList) -> Result<Exit> {
    bail!("not yet")
}
