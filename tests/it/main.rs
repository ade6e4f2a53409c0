//! The only test binary: the real program against real local servers. Each test has its own folder, ports and database, and keeps
//! its folder when it fails.
//!
//! - `poll`: what a source sends, what becomes of it, and how politely it was asked
//! - `serve`: what readers receive, and that a restart changes nothing
//! - `reload`: good and bad configurations while running
//! - `story`: who carries a story and why, and what an admin says of it
//! - `withdraw`: what an editor takes back, what is forgotten for its age, and topics that are called otherwise or are no more
//! - `shutdown`: ends in order, ends by `kill -9`, and the service manager
//! - `websub`: hubs, from being found to being gone
//! - `hub`: our own hub, and somebody else's in its place
//! - `replay`: the past again, from what was kept
//! - `assertions`: what readers are promised, one by one
//! - `browser`: every kind of page in a real browser
//! - `cli`: the commands, their shapes and exit codes
//! - `crash`: `kill -9` at every write to the disk
//! - `guard`: a network of its own with a hostile name server, where nothing private is reached
//! - `documents`: the rules of feeds, over everything that is served
//! - `http_wire`: what is a request and what is not, byte by byte, and who is too slow
//! - `http_sockets`: where we listen, how many are taken, and that a restart refuses nobody
//! - `faults`: what needs the real program in the catalogue of faults
//! - `tls`: whose certificates are believed, as an operator sets it
//! - `topic_learn`: what labelled items teach
//! - `topic_stored`: what a change of rules would do to what is stored, that it does it, and why a story is where it is
//! - `xss`: ten thousand pieces of hostile markup into every output
//! - `export`: the site as files and in an S3-compatible store, replaced as a whole or not at all
//! - `tidy`: the borders of the source itself

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stderr,
    reason = "a test that panics has failed, and says where its folder is"
)]

mod assertions;
mod browser;
mod cli;
mod crash;
mod documents;
mod export;
mod faults;
mod guard;
mod http_sockets;
mod http_wire;
mod hub;
mod pages;
mod poll;
mod reload;
mod replay;
mod serve;
mod shutdown;
mod story;
mod support;
mod tidy;
mod tls;
mod topic_learn;
mod topic_stored;
mod websub;
mod withdraw;
mod xss;
