//! `dongtin` polls the news of Vietnamese party and government bodies, keeps every item once, decides which topics it belongs to, and
//! republishes each topic as one merged feed. `ARCHITECTURE.md` is the map; [`main`] is the way in.

#![allow(dead_code, unused_imports)] // DEV

mod address;
mod classify;
mod clock;
mod config;
mod dedup;
mod fetch;
mod html;
mod http;
mod link;
mod model;
mod parse;
mod poll;
mod publish;
mod schedule;
mod store;
mod telemetry;
mod text;

/// x
pub fn main() -> std::process::ExitCode { std::process::ExitCode::SUCCESS }
