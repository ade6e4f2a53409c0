//! `dongtin topic train`.

use anyhow::{Result, bail};

use crate::cli::{Exit, TopicTrain};

pub fn run(_args: &TopicTrain) -> Result<Exit> {
    bail!("not yet")
}
