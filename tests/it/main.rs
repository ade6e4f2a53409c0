//! The only test binary: the real program against real local servers. Each test has its own folder, ports and database, and keeps
//! its folder when it fails.
//!
//! - `poll`: what a source sends, what becomes of it, and how politely it was asked
//! - `serve`: what readers receive, and that a restart changes nothing
//! - `reload`: good and bad configurations while running
//! - `shutdown`: ends in order, ends by `kill -9`, and the service manager
//! - `cli`: the commands, their shapes and exit codes
//! - `tidy`: the borders of the source itself

mod cli;
mod poll;
mod reload;
mod serve;
mod shutdown;
mod support;
mod tidy;
