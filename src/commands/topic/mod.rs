//! `dongtin topic`: the topics, and what their rules do to what is stored and to what is labelled.

mod diff;
mod eval;
mod items;
mod label;
mod labelled;
mod list;
mod near;
mod notebook;
mod show;
mod stored;
mod suggest;
mod train;

use anyhow::Result;

use crate::cli::{Exit, Topic};

pub fn run(args: &Topic) -> Result<Exit> {
    match args {
        Topic::List(args) => list::run(args),
        Topic::Diff(args) => diff::run(args),
        Topic::Near(args) => near::run(args),
        Topic::Eval(args) => eval::run(args),
        Topic::Label(args) => label::run(args),
        Topic::Suggest(args) => suggest::run(args),
        Topic::Train(args) => train::run(args),
    }
}
