//! `dongtin topic eval`.

use anyhow::{Result, bail};

use crate::cli::{Exit, TopicEval};

pub fn run(_args: &TopicEval) -> Result<Exit> {
    bail!("not yet")
}
