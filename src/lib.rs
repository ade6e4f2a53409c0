//! `dongtin` polls the news of Vietnamese party and government bodies, keeps every item once, decides which topics it
//! belongs to, and republishes each topic as one merged feed. `ARCHITECTURE.md` is the map; [`main`] is the way in.

mod address;
mod archive;
pub mod classify;
mod cli;
mod clock;
mod commands;
mod config;
mod daemon;
mod dedup;
mod demo;
mod desk;
mod export;
mod fetch;
pub mod html;
mod http;
pub mod kin;
pub mod learn;
mod link;
pub mod model;
pub mod parse;
mod poll;
mod publish;
mod replay;
mod rhythm;
mod robots;
mod schedule;
mod store;
mod telemetry;
pub mod text;
mod websub;

use std::process::ExitCode;

use clap::Parser;

/// Reads the command line and does what it says. `--help` lists the exit codes.
pub fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are not errors; a closed stderr is nobody's.
            drop(error.print());
            return ExitCode::from(if error.use_stderr() { cli::Exit::Usage as u8 } else { cli::Exit::Ok as u8 });
        }
    };
    telemetry::start(cli.command.log_level());
    ExitCode::from(commands::run(cli) as u8)
}
