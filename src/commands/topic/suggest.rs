//! `dongtin topic suggest`.

use anyhow::{Result, bail};

use crate::cli::{Exit, TopicLearn};

pub fn run(_args: &TopicLearn) -> Result<Exit> {
    bail!("not yet")
}
