//! The borders of the source itself: who may import whom, and which module is the only door to which crate. `ARCHITECTURE.md`
//! draws the same tables.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each module and what of ours it may name. What is not listed is not allowed.
const MAY_IMPORT: [(&str, &[&str]); 31] = [
    // 0: pure, knows nothing of the house
    ("text", &[]),
    ("schedule", &[]),
    ("address", &[]),
    ("link", &[]),
    ("robots", &[]),
    ("rhythm", &["schedule"]),
    ("html", &["link", "text"]),
    ("model", &["html", "schedule"]),
    // 1: pure, turns values into values
    ("parse", &["html", "link", "model", "schedule", "text"]),
    ("dedup", &["link", "model", "parse", "schedule", "text"]),
    ("kin", &["dedup", "link", "model", "schedule", "text"]),
    ("learn", &["model", "text"]),
    ("classify", &["learn", "model", "text"]),
    ("publish", &["model", "schedule", "text"]),
    ("websub", &["link", "schedule", "text"]),
    // 2: each owns one part of the outside world
    ("clock", &["schedule"]),
    ("telemetry", &[]),
    ("config", &["address", "archive", "classify", "fetch", "learn", "link", "model", "parse", "schedule", "text"]),
    ("archive", &["model", "schedule"]),
    ("fetch", &["address", "clock", "link", "model", "robots", "schedule"]),
    ("store", &["dedup", "html", "kin", "link", "model", "schedule", "text", "websub"]),
    ("export", &["model", "publish", "schedule", "text"]),
    ("http", &["clock", "publish", "schedule", "telemetry", "websub"]),
    // 3: the order of things
    ("desk", &["config", "model", "publish", "schedule", "store"]),
    (
        "poll",
        &[
            "archive", "classify", "clock", "dedup", "fetch", "kin", "link", "model", "parse", "rhythm", "schedule",
            "store", "text", "websub",
        ],
    ),
    (
        "daemon",
        &[
            "archive",
            "clock",
            "config",
            "dedup",
            "desk",
            "fetch",
            "http",
            "model",
            "poll",
            "publish",
            "schedule",
            "store",
            "telemetry",
            "websub",
        ],
    ),
    ("replay", &["archive", "clock", "fetch", "model", "poll", "schedule", "store"]),
    ("demo", &["clock", "config", "http", "model", "schedule"]),
    // 4: what an operator can type
    ("cli", &[]),
    (
        "commands",
        &[
            "archive", "classify", "cli", "clock", "config", "daemon", "dedup", "demo", "desk", "export", "fetch",
            "html", "kin", "learn", "link", "model", "parse", "poll", "publish", "replay", "rhythm", "schedule",
            "store", "text", "websub",
        ],
    ),
    ("lib", &["cli", "commands", "telemetry"]),
];

/// Each third-party crate and the modules that may name it.
const DOORS: [(&str, &[&str]); 61] = [
    ("ammonia", &["html"]),
    ("anyhow", &["store", "fetch", "poll", "desk", "replay", "daemon", "demo", "commands"]),
    ("askama", &["publish"]),
    ("atom_syndication", &["publish"]),
    ("brotli", &["publish"]),
    ("brotli_decompressor", &["fetch"]),
    ("bytes", &["fetch", "publish", "http", "export", "demo"]),
    ("chardetng", &["parse"]),
    (
        "chrono",
        &[
            "schedule", "websub", "rhythm", "model", "parse", "dedup", "kin", "publish", "clock", "archive", "fetch",
            "store", "desk", "poll", "replay", "daemon", "demo", "commands",
        ],
    ),
    ("clap", &["cli", "lib"]),
    ("cron", &["schedule"]),
    ("daachorse", &["classify"]),
    ("dom_query", &["parse"]),
    ("dom_smoothie", &["parse"]),
    ("encoding_rs", &["parse"]),
    ("feed_rs", &["parse"]),
    ("flate2", &["fetch", "publish"]),
    ("getrandom", &["daemon"]),
    ("hex", &["websub", "daemon"]),
    ("hickory_resolver", &["fetch"]),
    ("hmac", &["websub"]),
    ("html5gum", &["html"]),
    ("http_body_util", &["http", "demo"]),
    ("httparse", &["http"]),
    ("httpdate", &["fetch", "http"]),
    ("hyper", &["http", "demo"]),
    ("hyper_util", &["http"]),
    ("ipnet", &["address", "config", "fetch", "http"]),
    ("libdeflater", &["publish"]),
    ("listenfd", &["daemon"]),
    ("memchr", &["parse", "html", "robots", "http", "publish"]),
    ("object_store", &["export"]),
    ("prometheus_client", &["telemetry"]),
    ("psl", &["link"]),
    ("quick_cache", &["daemon"]),
    ("quick_xml", &["parse"]),
    ("regex", &["parse"]),
    ("reqwest", &["fetch"]),
    ("rss", &["publish"]),
    ("rusqlite", &["store"]),
    ("rustix", &["export"]),
    ("rustls", &["fetch"]),
    ("rustls_native_certs", &["fetch"]),
    ("sd_notify", &["daemon"]),
    ("serde", &["publish", "archive", "export", "store", "commands"]),
    ("serde_json", &["parse", "publish", "archive", "export", "store", "demo", "commands"]),
    ("sha1", &["websub"]),
    ("sha2", &["model", "websub"]),
    ("simdutf8", &["parse", "store", "text"]),
    ("similar", &["publish"]),
    ("socket2", &["http"]),
    ("strsim", &["config"]),
    ("tempfile", &["archive", "commands"]),
    ("tokio", &["clock", "fetch", "store", "http", "export", "poll", "replay", "daemon", "demo", "commands"]),
    ("tokio_util", &["http", "daemon", "demo", "commands"]),
    ("toml", &["config"]),
    ("tracing_journald", &["telemetry"]),
    ("tracing_subscriber", &["telemetry"]),
    ("unicode_normalization", &["text"]),
    ("wide", &["text"]),
    ("zstd", &["archive", "fetch", "publish", "store"]),
];

/// Everywhere: errors as types, addresses, and the log of whoever does something.
const EVERYWHERE: [&str; 3] = ["thiserror", "url", "tracing"];

/// No file of code passes this many lines.
const LONG: usize = 400;

/// A source file: where it is, its module, and its code by line, comments and tests gone.
type Room = (PathBuf, String, Vec<(usize, String)>);

fn rooms() -> Vec<Room> {
    let mut files = Vec::new();
    walk(Path::new("src"), &mut files);
    let is_test = |f: &PathBuf| f.iter().any(|part| part == "tests" || part == "tests.rs");
    files.retain(|f| f.extension().is_some_and(|e| e == "rs") && !is_test(f));
    files
        .into_iter()
        .map(|file| {
            let part = file.components().nth(1).unwrap().as_os_str().to_string_lossy().into_owned();
            let module = part.trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            let lines = code
                .lines()
                .enumerate()
                .filter(|(_, l)| !l.trim_start().starts_with("//"))
                .map(|(n, l)| (n + 1, l.to_owned()));
            let lines = lines.collect();
            (file, module, lines)
        })
        .collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, files) } else { files.push(path) }
    }
    files.sort();
}

/// The names that stand behind a prefix in a line: `crate::link::identity` names `link`, `use crate::{link, text}` both.
fn named(line: &str, prefix: &str) -> Vec<String> {
    let word = |s: &str| s.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut names = Vec::new();
    for (_, after) in line.match_indices(prefix).map(|(at, _)| line.split_at(at + prefix.len())) {
        match after.strip_prefix('{') {
            Some(list) => {
                let mut depth = 0;
                let mut item = String::new();
                for c in list.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => names.push(word(std::mem::take(&mut item).trim())),
                        _ => item.push(c),
                    }
                }
                names.push(word(item.trim()));
            }
            None => names.push(word(after)),
        }
    }
    names.retain(|n| !n.is_empty());
    names
}

#[test]
fn nobody_imports_what_is_above_or_beside_him() {
    let allowed: BTreeMap<&str, &[&str]> = MAY_IMPORT.into_iter().collect();
    let modules: BTreeSet<String> = rooms().into_iter().map(|(_, module, _)| module).filter(|m| m != "main").collect();
    assert_eq!(
        modules,
        allowed.keys().map(|m| (*m).to_owned()).collect(),
        "the table and the source have the same modules"
    );
    let mut wrong = Vec::new();
    for (file, module, lines) in rooms() {
        let Some(may) = allowed.get(module.as_str()) else { continue };
        for (number, line) in lines {
            for other in named(&line, "crate::") {
                if other != module && modules.contains(&other) && !may.contains(&other.as_str()) {
                    wrong.push(format!("{}:{number}: `{module}` must not import `{other}`", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_crate_has_its_door() {
    let doors: BTreeMap<&str, &[&str]> = DOORS.into_iter().collect();
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    let dependencies: BTreeSet<String> = manifest
        .split("[dependencies]")
        .nth(1)
        .and_then(|rest| rest.split("\n[").next())
        .unwrap()
        .lines()
        .filter(|l| l.contains('=') && !l.trim_start().starts_with('#'))
        .map(|l| l.split([' ', '=']).next().unwrap().replace('-', "_"))
        .collect();
    let known: BTreeSet<String> = doors.keys().chain(&EVERYWHERE).map(|c| (*c).to_owned()).collect();
    assert_eq!(known, dependencies, "the table and Cargo.toml have the same crates");
    let mut wrong = Vec::new();
    for (file, module, lines) in rooms() {
        for (number, line) in lines {
            for (name, at) in &doors {
                let names_it = line.match_indices(&format!("{name}::")).any(|(i, _)| {
                    let before = line[..i].chars().next_back();
                    before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':')
                });
                if names_it && !at.contains(&module.as_str()) {
                    wrong.push(format!("{}:{number}: `{name}` belongs to {at:?}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rooms_stay_rooms_and_the_map_stays_a_map() {
    for (file, ..) in rooms() {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= LONG, "{} has {lines} lines; make it two rooms", file.display());
    }
    let map = fs::read_to_string("ARCHITECTURE.md").unwrap();
    assert!(map.lines().count() < 200, "ARCHITECTURE.md is a map");
    for (module, _) in MAY_IMPORT.iter().filter(|(m, _)| *m != "lib") {
        assert!(map.contains(&format!("`{module}`")), "`{module}` is not on the map");
    }
}

#[test]
fn every_room_says_what_it_owns() {
    for (file, ..) in rooms() {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//!"), "{} has no opening sentence", file.display());
    }
}

#[test]
fn the_two_readmes_have_the_same_commands() {
    let commands = |name: &str| -> Vec<String> {
        let text = fs::read_to_string(name).unwrap();
        let blocks =
            text.split("```").skip(1).step_by(2).flat_map(|b| b.lines().skip(1).map(str::to_owned).collect::<Vec<_>>());
        blocks.map(|l| l.split('#').next().unwrap_or_default().trim().to_owned()).filter(|l| !l.is_empty()).collect()
    };
    assert_eq!(commands("README.md"), commands("README.vi.md"));
}
