use anyhow::Result;
use crate::cli::{Demo, Exit};
pub fn run(_: &Demo) -> Result<Exit> { Ok(Exit::Ok) }
