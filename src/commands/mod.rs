//! One file a command; here what they share. Data goes to stdout, everything else to stderr.

mod because;
mod check;
mod classify;
mod cluster;
mod demo;
mod discover;
mod explain;
mod export;
mod extract;
mod inspect;
mod poll;
mod replay;
mod run;
mod search;
mod status;
mod story;
mod topic;
mod when;

use std::fmt::Display;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use url::Url;

use crate::cli::{Cli, Command, ConfigDir, Exit};
use crate::clock::{self, Clock};
use crate::config::{self, Config, Fetch, Mistake, shipped};
use crate::daemon;
use crate::fetch::decode::decode;
use crate::fetch::error::{Class, FetchError};
use crate::fetch::{Answer, Ask, Client, Document};
use crate::link;
use crate::model::{Match, Reason, Validators, told};
use crate::parse;
use crate::schedule::Time;
use crate::store::OpenError;

/// Does what was asked for.
pub fn run(cli: Cli) -> Exit {
    let done = match cli.command {
        Command::Demo(args) => demo::run(&args),
        Command::Run(args) => run::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Poll(args) => poll::run(&args),
        Command::Status(args) => status::run(&args),
        Command::Search(args) => search::run(&args),
        Command::Story(args) => story::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Discover(args) => discover::run(&args),
        Command::Extract(args) => extract::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Classify(args) => classify::run(&args),
        Command::Cluster => cluster::run(),
        Command::Topic(args) => topic::run(&args),
    };
    match done {
        Ok(exit) => exit,
        Err(error) if is_broken_pipe(&error) => Exit::Ok,
        Err(error) => {
            say(format_args!("dongtin: {error:#}"));
            exit_of(&error)
        }
    }
}

/// A message for the person at the terminal.
pub fn say(message: impl Display) {
    // Without a stderr there is nobody to tell.
    drop(writeln!(io::stderr(), "{message}"));
}

/// A failure that names its exit code.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
struct Refusal {
    exit: Exit,
    text: String,
}

fn refuse(exit: Exit, text: impl Into<String>) -> anyhow::Error {
    Refusal { exit, text: text.into() }.into()
}

fn exit_of(error: &anyhow::Error) -> Exit {
    if let Some(refusal) = error.downcast_ref::<Refusal>() {
        return refusal.exit;
    }
    match error.downcast_ref::<OpenError>() {
        Some(OpenError::Busy { .. }) => Exit::Later,
        Some(
            OpenError::Newer { .. }
            | OpenError::Foreign { .. }
            | OpenError::Vanished { .. }
            | OpenError::Damaged { .. },
        ) => Exit::Config,
        _ => Exit::Io,
    }
}

/// The reader of our output has gone (`| head`): nothing is wrong.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|e| e.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe))
}

/// The folder to read, if one is named or found where it usually is.
fn find_config(args: &ConfigDir) -> Option<PathBuf> {
    let named = args.config.clone();
    let of_systemd = || std::env::var_os("CONFIGURATION_DIRECTORY").map(PathBuf::from);
    named.or_else(of_systemd).or_else(|| {
        let mut there = USUAL.into_iter().map(PathBuf::from).filter(|dir| dir.join("dongtin.toml").is_file());
        let dir = there.next()?;
        if let Some(other) = there.next() {
            // Commands ask more than once.
            static SAID: Once = Once::new();
            let (dir, other) = (absolute(&dir), other.display());
            SAID.call_once(|| {
                say(format_args!(
                    "dongtin: dùng cấu hình {dir}, không phải {other}; muốn khác thì ghi --config\n    \
                     the configuration is {dir}, not {other}; say --config for another"
                ));
            });
        }
        Some(dir)
    })
}

/// Where a configuration is when nobody says: in a checkout, else where it is installed.
const USUAL: [&str; 2] = ["config", "/etc/dongtin"];

/// A folder as everybody can find it, wherever he stands.
fn absolute(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

/// Reads the configuration, or prints every mistake.
fn load_config(args: &ConfigDir) -> Result<(PathBuf, Config)> {
    let Some(dir) = find_config(args) else {
        return Err(refuse(
            Exit::Config,
            "không thấy cấu hình: dùng --config DIR, hoặc chạy trong thư mục có config/dongtin.toml\n    \
             no configuration: use --config DIR, or run where config/dongtin.toml is",
        ));
    };
    match config::load(&dir, clock::now()) {
        Ok(config) => Ok((dir, config)),
        Err(mistakes) => {
            mistakes.iter().for_each(say);
            let count = mistakes.iter().filter(|m| m.fatal).count();
            Err(refuse(
                Exit::Config,
                format!(
                    "cấu hình có {count} lỗi, chưa làm gì cả · {} in the configuration, nothing was done",
                    counted(count, "mistake", "mistakes")
                ),
            ))
        }
    }
}

/// The topic rules: of a configuration if there is one, else those built in.
fn load_rules(args: &ConfigDir) -> Result<crate::classify::Rules> {
    let rules = match find_config(args) {
        Some(dir) => config::load_topics(&dir),
        None => config::read_topics(&shipped::topics()),
    };
    rules.map_err(|mistakes: Vec<Mistake>| {
        mistakes.iter().for_each(say);
        refuse(Exit::Config, "chủ đề có lỗi · mistakes in the topics")
    })
}

/// Where the database of a configuration is: where it says, where systemd says, where the unit puts it for a configuration
/// in `/etc` (so that `dongtin status` at a prompt finds the daemon's), else `state` here.
fn state_dir(dir: &Path, config: &Config) -> PathBuf {
    let of_systemd = || std::env::var_os("STATE_DIRECTORY").map(PathBuf::from);
    let usual = || PathBuf::from(if dir.starts_with("/etc") { "/var/lib/dongtin" } else { "state" });
    config.settings.state_dir.clone().or_else(of_systemd).unwrap_or_else(usual)
}

/// A document to look at, from wherever it was asked for.
struct Found {
    bytes: Vec<u8>,
    url: Option<Url>,
    content_type: Option<String>,
}

impl Found {
    /// What its relative addresses are of: what an option says, else where it was found.
    fn base(&self, option: &str, said: Option<&str>) -> Result<Option<Url>> {
        match said {
            Some(text) => Url::parse(text).map(Some).map_err(|e| refuse(Exit::Usage, format!("{option} {text}: {e}"))),
            None => Ok(self.url.clone()),
        }
    }

    fn context<'a>(&'a self, base: Option<&'a Url>) -> parse::Context<'a> {
        parse::Context { base, content_type: self.content_type.as_deref(), dates: None }
    }
}

/// No file is read further.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// Reads a file, standard input, or an address (politely, through the guard, with the configuration's contact if there
/// is one).
fn find(input: &str, args: &ConfigDir) -> Result<Found> {
    if input == "-" {
        return Ok(Found { bytes: read_bounded(io::stdin().lock(), "standard input")?, url: None, content_type: None });
    }
    if !input.starts_with("http://") && !input.starts_with("https://") {
        return Ok(Found { bytes: read_file(Path::new(input))?, url: None, content_type: None });
    }
    let url = Url::parse(input).map_err(|e| refuse(Exit::Usage, format!("{input}: {e}")))?;
    let document = fetch(&url, args)?;
    let bytes = document.body().map_err(of_fetch)?.into_owned();
    Ok(Found { bytes, content_type: document.content_type.clone(), url: Some(document.url.clone()) })
}

fn read_file(path: &Path) -> Result<Vec<u8>> {
    let file = File::open(path).map_err(|error| {
        let name = path.display();
        // `baodongnai.com.vn/rss` is no file.
        let first = path.components().next().map(|c| c.as_os_str().to_string_lossy().into_owned()).unwrap_or_default();
        let (vi, en) = match error.kind() {
            io::ErrorKind::NotFound if first.trim_matches('.').contains('.') && !Path::new(&first).exists() => (
                "không có tập tin này; thiếu https:// ở đầu?".to_owned(),
                "no such file; is https:// missing?".to_owned(),
            ),
            io::ErrorKind::NotFound => ("không có tập tin này".to_owned(), "no such file".to_owned()),
            io::ErrorKind::PermissionDenied => ("không có quyền đọc".to_owned(), "permission denied".to_owned()),
            _ => (error.to_string(), error.to_string()),
        };
        refuse(Exit::Io, format!("không mở được {name}: {vi} · cannot open {name}: {en}"))
    })?;
    let bytes = read_bounded(file, &path.display().to_string())?;
    // A page saved by a program is often still compressed.
    let most = usize::try_from(MAX_FILE_BYTES).unwrap_or(usize::MAX);
    Ok(decode(&bytes, None, most).map_err(of_fetch)?.into_owned())
}

fn read_bounded(from: impl Read, name: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).with_context(|| format!("cannot read {name}"))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(refuse(
            Exit::Limit,
            format!("{name} lớn hơn {0} MiB · {name} is larger than {0} MiB", MAX_FILE_BYTES >> 20),
        ));
    }
    Ok(bytes)
}

fn fetch(url: &Url, args: &ConfigDir) -> Result<Box<Document>> {
    let config = find_config(args).and_then(|dir| config::load(&dir, clock::now()).ok());
    // A page of a source that is known is asked for as its feed is.
    let trust = config.as_ref().and_then(|config| {
        config.sources.values().find_map(|s| s.trust.clone().filter(|_| link::host_key(s.url()) == link::host_key(url)))
    });
    let settings = config.map_or_else(Fetch::polite, |config| config.settings.fetch);
    let client = Client::new(&daemon::limits(&settings), Clock::System)?;
    let none = Validators::default();
    let fetched = runtime()?.block_on(client.fetch(&Ask { trust: trust.as_deref(), ..Ask::feed(url, &none) }));
    match fetched.answer.map_err(of_fetch)? {
        Answer::Fresh(document) => Ok(document),
        Answer::NotModified(_) => Err(refuse(
            Exit::Io,
            "máy chủ trả lời \"không đổi\" cho lần hỏi đầu tiên · the server answered \"not modified\" to a first request",
        )),
    }
}

fn of_fetch(error: FetchError) -> anyhow::Error {
    let exit = match error.class {
        Class::TooLarge => Exit::Limit,
        Class::Throttled | Class::Unavailable => Exit::Later,
        _ => Exit::Io,
    };
    refuse(exit, format!("{}: {error}", error.class.as_str()))
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")
}

/// Runs to the end, and waits no longer for what still runs on threads: a document being read would hold the end up.
fn run_to_the_end<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = runtime()?;
    let result = runtime.block_on(work);
    runtime.shutdown_timeout(LAST_WAIT);
    result
}

/// Of the ten seconds in which the daemon promises to end.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// Writes a line of data.
fn line(text: impl Display) -> Result<()> {
    writeln!(io::stdout().lock(), "{text}").context("cannot write to standard output")
}

/// "1 source", "2 sources".
fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// RFC 3339 in UTC, or null.
fn time_json(time: Option<Time>) -> Value {
    time.map_or(Value::Null, |t| json!(t.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)))
}

/// A topic's decision as `classify` prints it.
fn match_json(matched: &Match) -> Value {
    json!({
        "topic": matched.topic,
        "matched": matched.matched(),
        "score": matched.score,
        "threshold": matched.threshold,
        "reasons": matched.reasons.iter().map(reason_json).collect::<Vec<_>>(),
    })
}

fn reason_json(reason: &Reason) -> Value {
    json!({ "rule": reason.rule, "text": reason.text, "field": reason.field.as_str(), "weight": reason.weight })
}

/// A reason as people read it: `+20 cụm từ ("học Bác" trong tiêu đề)`.
fn reason_text(reason: &Reason) -> String {
    format!("{} {} (\"{}\" trong {})", told::signed(reason.weight), reason.rule, reason.text, reason.field.names().0)
}

/// A time as people here read it: "14:20 23/11".
fn local(time: Time) -> String {
    time.with_timezone(&crate::schedule::vietnam()).format("%H:%M %d/%m").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_still_runs_on_a_thread_does_not_hold_the_end_up() {
        let (let_go, held) = std::sync::mpsc::channel::<()>();
        let (say_begun, begun) = std::sync::mpsc::channel();
        let ended = run_to_the_end(async {
            drop(tokio::task::spawn_blocking(move || {
                say_begun.send(()).unwrap();
                held.recv()
            }));
            tokio::task::block_in_place(|| begun.recv())?;
            Ok("ended")
        });
        assert_eq!(ended.unwrap(), "ended");
        drop(let_go);
    }
}
