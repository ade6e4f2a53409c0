//! `kill -9` at every write to the disk that a poll makes (assertion P-13): what vouches for items is there with them, or not at all.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

use super::support::{Answer, Item, Origin, Workspace, rss};

/// The signal that cannot be caught.
const KILL: i32 = 9;

/// Polls under `strace`, which kills the program at its `n`-th write; gives whether it did.
fn poll_killed_at(workspace: &Workspace, n: usize) -> std::io::Result<bool> {
    let plain = workspace.command("poll");
    let mut strace = Command::new("strace");
    strace
        .args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64", "-e"])
        .arg(format!("inject=pwrite64:signal=KILL:when={n}"))
        .arg(plain.get_program())
        .args(plain.get_args())
        .current_dir(workspace.path())
        .env("DONGTIN_CONFIG", workspace.path().join("config"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Ok(strace.status()?.signal() == Some(KILL))
}

#[test]
fn p_13_a_kill_at_any_write_leaves_items_and_what_vouches_for_them_together() {
    let origin = Origin::start();
    let first = rss(&[Item::new("1", "Tin một về việc học Bác"), Item::new("2", "Tin hai về việc học Bác")]);
    let more = rss(&[
        Item::new("3", "Tin ba về việc học Bác"),
        Item::new("1", "Tin một về việc học Bác"),
        Item::new("2", "Tin hai về việc học Bác"),
    ]);
    let mut killed = 0;
    for n in 1.. {
        let workspace = Workspace::new();
        workspace.sources(&origin, &[("mot", "/rss", "")]);
        origin.script("/rss", [Answer::ok(first.clone()).etag("\"1\"")]);
        workspace.poll_one();
        origin.script("/rss", [Answer::ok(more.clone()).etag("\"2\"")]);
        let was_killed = match poll_killed_at(&workspace, n) {
            Ok(was_killed) => was_killed,
            Err(error) => {
                eprintln!("skipped: no strace on this machine: {error}");
                return;
            }
        };
        if !was_killed {
            break;
        }
        killed += 1;
        let asked = origin.requests("/rss").len();
        workspace.poll_one();
        let sent = origin.requests("/rss")[asked].header("if-none-match").unwrap();
        let stored = workspace.run("status", &["--format", "json"]);
        let status: serde_json::Value = serde_json::from_slice(&stored.stdout).unwrap();
        assert_eq!(status["stories"], 3, "killed at write {n}, then asked with {sent}");
        assert!(sent == "\"1\"" || sent == "\"2\"", "killed at write {n}: {sent}");
        assert_eq!(workspace.poll_one()["outcome"], "not-modified", "killed at write {n}");
    }
    assert!(killed > 5, "a poll writes more often than {killed} times");
}
