//! Ends in order, ends by `kill -9`, and the service manager.

use std::collections::BTreeSet;
use std::io::Write;
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::support::{Answer, Daemon, Item, Origin, Workspace, rss};

#[test]
fn a_stop_during_a_slow_poll_is_in_order_and_within_ten_seconds() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("cham", "/cham", "")]);
    origin.script("/cham", [Answer::status(200).never()]);
    let mut daemon = Daemon::start(&workspace);
    origin.wait_for("/cham", 1);
    let asked = Instant::now();
    daemon.signal("TERM");
    daemon.wait_for("STOPPING=1");
    assert!(daemon.wait().success());
    assert!(asked.elapsed() < Duration::from_secs(10));
}

#[test]
fn readers_who_neither_read_nor_finish_asking_do_not_delay_the_end() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/mot", "every = \"1h\"")]);
    // Far more than the sockets between us hold.
    let long = "Một câu dài vừa phải để đếm. ".repeat(20);
    let items: Vec<Item> =
        (0..1000).map(|i| Item::new(&format!("{i}"), &format!("Tin số {i}")).summary(&format!("{i} {long}"))).collect();
    origin.script("/mot", [Answer::ok(rss(&items))]);
    workspace.poll_one();
    let mut daemon = Daemon::start(&workspace);
    let ask = |text: &str| {
        let mut stream = TcpStream::connect(daemon.public).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    };
    let half_a_head = ask("GET / HTTP/1.1\r\nHost:");
    let not_reading = ask(&"GET /all/feed.json HTTP/1.1\r\nHost: a\r\n\r\n".repeat(8));
    // Both are being served: the first byte of the answer is there.
    not_reading.peek(&mut [0]).unwrap();
    let asked = Instant::now();
    daemon.signal("TERM");
    assert!(daemon.wait().success());
    assert!(asked.elapsed() < Duration::from_secs(10));
    drop((half_a_head, not_reading));
}

#[test]
fn the_watchdog_is_fed_while_everything_moves() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/mot", "every = \"1h\"")]);
    let daemon = Daemon::start_with(&workspace, |command| {
        command.env("WATCHDOG_USEC", "600000");
    });
    for _ in 0..3 {
        daemon.wait_for("WATCHDOG=1");
    }
    daemon.signal("STOP");
    // What was sent before it stopped is read; then nothing comes.
    daemon.notify.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    let mut buffer = [0; 1024];
    while daemon.notify.recv(&mut buffer).is_ok() {}
    daemon.signal("CONT");
    daemon.notify.set_read_timeout(Some(super::support::PATIENCE)).unwrap();
    daemon.wait_for("WATCHDOG=1");
}

#[test]
fn a_manager_that_does_not_read_holds_nothing_up() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    let names: Vec<(String, String)> = (0..8).map(|s| (format!("s{s}"), format!("/{s}"))).collect();
    let sources: Vec<(&str, &str, &str)> = names.iter().map(|(id, path)| (id.as_str(), path.as_str(), "")).collect();
    workspace.sources(&origin, &sources);
    // Sources that break every time: each failure is told, and nobody reads it.
    for (_, path) in &names {
        origin.script(path, [Answer::ok("<rss").cut()]);
    }
    let daemon = Daemon::start(&workspace);
    for (_, path) in &names {
        origin.wait_for(path, 3);
    }
    assert!(daemon.stop().success());
}

#[test]
fn the_unit_is_accepted_without_a_word_and_is_well_closed() {
    let workspace = Workspace::new();
    let unit = std::fs::read_to_string("systemd/dongtin.service").unwrap();
    workspace.write("dongtin.service", unit.replace("/usr/local/bin/dongtin", env!("CARGO_BIN_EXE_dongtin")));
    workspace.write("dongtin.socket", std::fs::read_to_string("systemd/dongtin.socket").unwrap());
    let analyze = |args: &[&str], unit: &str| {
        Command::new("systemd-analyze").args(args).arg(unit).current_dir(workspace.path()).output()
    };
    for unit in ["dongtin.service", "dongtin.socket"] {
        let Ok(verified) = analyze(&["verify"], unit) else {
            eprintln!("skipped: there is no systemd-analyze on this machine");
            return;
        };
        // An unknown key is only a warning with exit code 0, so silence is what counts.
        let said = String::from_utf8_lossy(&verified.stderr).into_owned() + &*String::from_utf8_lossy(&verified.stdout);
        assert!(verified.status.success() && said.is_empty(), "{unit}: {said}");
    }
    // 1.1 of 10 is the floor for a single process that must dial out.
    let score = analyze(&["security", "--offline=true", "--threshold=11"], "dongtin.service").unwrap();
    assert!(score.status.success(), "{}", String::from_utf8_lossy(&score.stdout));
}

#[test]
fn a_second_daemon_finds_the_state_taken() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/mot", "every = \"1h\"")]);
    let daemon = Daemon::start(&workspace);
    for command in ["run", "poll"] {
        let second = workspace.run(command, &[]);
        assert_eq!(second.status.code(), Some(75), "{command}");
        assert!(String::from_utf8_lossy(&second.stderr).contains(&format!("process {}", daemon.id())), "{command}");
    }
    let status = workspace.run("status", &[]);
    assert!(status.status.code().is_some_and(|c| c < 2), "the status can be asked beside it");
    let running = format!("tiến trình {}", daemon.id());
    assert!(String::from_utf8_lossy(&status.stdout).contains(&running), "{status:?}");
}

#[test]
fn a_database_that_vanished_is_not_silently_begun_anew() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/mot", "")]);
    origin.script("/mot", [Answer::ok(rss(&[Item::new("a", "Một")]))]);
    workspace.poll_one();
    std::fs::remove_file(workspace.path().join("state/dongtin.db")).unwrap();
    let output = workspace.run("poll", &[]);
    assert_eq!(output.status.code(), Some(78));
    assert!(String::from_utf8_lossy(&output.stderr).contains("restore a backup"));
}

/// Kills the daemon again and again while it takes in feeds that grow, and looks at what is there in the end.
#[test]
fn kill_9_at_any_moment_loses_nothing_and_doubles_nothing() {
    const SOURCES: usize = 6;
    const ROUNDS: usize = 12;
    let (workspace, origin) = (Workspace::new(), Origin::start());
    let names: Vec<(String, String)> = (0..SOURCES).map(|s| (format!("s{s}"), format!("/{s}"))).collect();
    let sources: Vec<(&str, &str, &str)> = names.iter().map(|(id, path)| (id.as_str(), path.as_str(), "")).collect();
    workspace.sources(&origin, &sources);
    let items = |source: usize, count: usize| -> Vec<Item> {
        (0..count)
            .map(|i| Item::new(&format!("{source}-{i}"), &format!("Học Bác, nguồn {source}, tin số {i}")))
            .collect()
    };
    let mut seen_ids: BTreeSet<(String, String)> = BTreeSet::new();
    for round in 1..=ROUNDS {
        for (source, (_, path)) in names.iter().enumerate() {
            let body = rss(&items(source, round * 5));
            origin.script(path, [Answer::ok(body).etag(format!("\"{round}\""))]);
        }
        let already: Vec<usize> = names.iter().map(|(_, path)| origin.requests(path).len()).collect();
        let mut daemon = Daemon::start(&workspace);
        // A different point of the work in every round: after the first answer, the second …
        let (source, wait) = (round % SOURCES, already[round % SOURCES] + 1 + round % 2);
        origin.wait_for(&names[source].1, wait);
        seen_ids.extend(ids(&daemon));
        daemon.signal("KILL");
        daemon.wait();
    }
    let reports = workspace.poll(&[]);
    assert_eq!(reports[""]["summary"]["failed"], 0);
    let daemon = Daemon::start(&workspace);
    let in_the_end = ids(&daemon);
    let titles: BTreeSet<&String> = in_the_end.iter().map(|(_, title)| title).collect();
    let total = SOURCES * ROUNDS * 5;
    assert_eq!((in_the_end.len(), titles.len()), (total, total), "every item once");
    let changed: Vec<_> = seen_ids.difference(&in_the_end).collect();
    assert!(changed.is_empty(), "what was published once keeps its name: {changed:?}");
}

/// The (id, title) of everything in the feed of all stories.
fn ids(daemon: &Daemon) -> BTreeSet<(String, String)> {
    let feed: Value = serde_json::from_slice(&daemon.get("/all/feed.json").body).unwrap();
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    feed["items"].as_array().unwrap().iter().map(|i| (text(&i["id"]), text(&i["title"]))).collect()
}
