//! Faults of the catalogue that need the real program: what its machine denies it, what its environment tells it, what a hundred
//! bombs weigh, and a daemon among faulty servers.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::process::Command;

use serde_json::Value;

use super::support::{Answer, Daemon, Item, Origin, Workspace, eventually, get, rss};

fn one_item() -> Vec<u8> {
    rss(&[Item::new("a", "Tuổi trẻ học Bác")])
}

/// The same program under a limit of the shell.
fn under(limit: &str, program: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("{limit} && exec \"$0\" \"$@\"")).arg(program.get_program()).args(program.get_args());
    shell.current_dir(program.get_current_dir().unwrap());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

#[test]
fn f_n16_where_this_machine_has_no_more_sockets_no_server_is_blamed() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.settings("timeout = \"2s\"\nconcurrency = 64\n", "floor = \"1s\"\nhost_gap = \"0s\"\nper_host = 64\n");
    let ids: Vec<(String, String)> = (0..64).map(|i| (format!("s{i}"), format!("/{i}"))).collect();
    let sources: Vec<(&str, &str, &str)> = ids.iter().map(|(id, path)| (id.as_str(), path.as_str(), "")).collect();
    workspace.sources(&origin, &sources);
    // Whoever is connected stays so, until the time is over.
    ids.iter().for_each(|(_, path)| origin.script(path, [Answer::status(200).never()]));
    let mut poll = workspace.command("poll");
    poll.args(["--format", "jsonl"]);
    let output = under("ulimit -n 48", &poll).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let times = |class: &str| said.matches(&format!("\"class\":\"{class}\"")).count();
    assert!(times("local-resource") > 0, "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(times("local-resource") + times("header-timeout"), 64, "{said}");
}

#[test]
fn f_n18_f_u34_proxies_in_the_environment_are_ignored() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/rss", "")]);
    origin.script("/rss", [Answer::ok(one_item())]);
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    proxy.set_nonblocking(true).unwrap();
    let mut poll = workspace.command("poll");
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        poll.env(name, format!("http://{}", proxy.local_addr().unwrap()));
    }
    assert!(poll.env_remove("no_proxy").env_remove("NO_PROXY").output().unwrap().status.success());
    assert_eq!(origin.requests("/rss").len(), 1);
    assert!(proxy.accept().is_err(), "nobody came by");
}

fn megabytes_at_most(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

/// The classes that `status` names, by source.
fn classes(workspace: &Workspace) -> BTreeMap<String, Option<String>> {
    let status: Value = serde_json::from_slice(&workspace.run("status", &["--format", "json"]).stdout).unwrap();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let sources = status["sources"].as_array().unwrap();
    sources.iter().map(|s| (text(&s["source"]).unwrap(), text(&s["class"]))).collect()
}

#[test]
fn f_c15_a_hundred_bombs_at_once_weigh_little() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.settings("concurrency = 64\n", "floor = \"1s\"\nhost_gap = \"0s\"\nper_host = 64\n");
    let mut member = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut member, &vec![0; 1 << 20]).unwrap();
    // A gibibyte of a mebibyte; and 256 MiB behind enough that cannot be packed for all that is allowed to come of it.
    let gzip = ("gzip", member.finish().unwrap().repeat(1024));
    let noise =
        (0..45_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).step_by(3).collect::<Vec<u8>>();
    let zeros = std::io::Read::take(std::io::repeat(0), 256 << 20);
    let zstd = ("zstd", zstd::encode_all(std::io::Read::chain(noise.as_slice(), zeros), 3).unwrap());
    let bombs = [&gzip, &zstd, &zstd, &zstd, &zstd];
    let ids: Vec<(String, String)> = (0..100).map(|i| (format!("s{i}"), format!("/{i}"))).collect();
    let sources: Vec<(&str, &str, &str)> = ids.iter().map(|(id, path)| (id.as_str(), path.as_str(), "")).collect();
    workspace.sources(&origin, &sources);
    for ((_, path), (coding, bomb)) in ids.iter().zip(bombs.into_iter().cycle()) {
        origin.script(path, [Answer::ok(bomb.clone()).header("Content-Encoding", coding)]);
    }
    let daemon = Daemon::start(&workspace);
    let metric = "dongtin_polls_total{outcome=\"too-large\"} 100";
    eventually(metric, || get(daemon.private, "/metrics", &[]).text().contains(metric).then_some(()));
    let most = megabytes_at_most(daemon.pid());
    eprintln!("a hundred bombs: {most} MB at most");
    assert!(most <= 256, "{most} MB");
}

/// I1 to I9: what holds whatever servers do.
#[test]
fn a_daemon_among_faulty_servers_stays_up_serves_the_sound_one_and_names_each_fault() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace
        .settings("timeout = \"2s\"\nmax_body = \"64 KiB\"\n", "floor = \"1s\"\nhost_gap = \"0s\"\nper_host = 64\n");
    let page = |text: &str| Answer::ok(format!("<html><head><title>{text}</title></head></html>"));
    let nested = format!("<rss version='2.0'><channel>{}", "<x>".repeat(5_000));
    let faulty = [
        ("truncated", Answer::ok(one_item()).cut()),
        ("header-timeout", Answer::status(200).never()),
        ("too-large", Answer::status(200).endless()),
        ("server", Answer::status(500).header("Content-Type", "application/rss+xml")),
        ("not-found", Answer::status(404)),
        ("redirect-loop", Answer::redirect(302, "/redirect-loop")),
        ("refused-address", Answer::redirect(302, "http://169.254.169.254/")),
        ("unexpected-304", Answer::status(304)),
        ("encoding", Answer::ok("x").header("Content-Encoding", "aes")),
        ("header-too-large", Answer::ok("x").header("X", "x".repeat(1 << 20))),
        ("empty", Answer::ok("")),
        ("html-page", page("Trang chủ")),
        ("soft-404", page("Không tìm thấy trang")),
        ("maintenance", page("Hệ thống đang bảo trì")),
        ("captcha", page("Xác minh bạn không phải robot")),
        ("challenge-js", Answer::ok("<script>document.cookie=\"D1N=1\";window.location.reload(true)</script>")),
        ("not-a-feed", Answer::ok("\u{0}\u{1}\u{2}")),
        ("too-deep", Answer::ok(nested)),
        ("unrecoverable", Answer::ok("<rss version=\"2.0\"><chan")),
    ];
    let paths: Vec<String> = faulty.iter().map(|(class, _)| format!("/{class}")).collect();
    let mut sources = vec![("lanh", "/lanh", "")];
    sources.extend(faulty.iter().zip(&paths).map(|((class, _), path)| (*class, path.as_str(), "")));
    workspace.sources(&origin, &sources);
    origin.script("/lanh", [Answer::ok(one_item()).etag("\"1\"")]);
    for ((_, answer), path) in faulty.iter().zip(&paths) {
        origin.script(path, [answer.clone()]);
    }
    let mut daemon = Daemon::start(&workspace);
    let pid = daemon.pid();
    daemon.wait_until_says("/all/", "Tuổi trẻ học Bác");
    let expected: BTreeMap<String, Option<String>> = faulty
        .iter()
        .map(|(class, _)| ((*class).to_owned(), Some((*class).to_owned())))
        .chain([("lanh".to_owned(), None)])
        .collect();
    eventually("each fault has its class", || (classes(&workspace) == expected).then_some(()));
    // The sound one is polled on, and served as before; what follows is asked with what vouches for it.
    let before = daemon.get("/all/").text();
    let polls = origin.requests("/lanh").len();
    origin.wait_for("/lanh", polls + 2);
    assert_eq!(origin.requests("/lanh").last().unwrap().header("if-none-match").as_deref(), Some("\"1\""));
    assert_eq!(daemon.get("/all/").text(), before);
    assert_eq!(daemon.pid(), pid);
    assert!(megabytes_at_most(pid) <= 256);
    daemon.signal("TERM");
    assert!(daemon.wait().success());
    let log = std::fs::read_to_string(workspace.path().join("log")).unwrap();
    assert!(!log.contains("panicked"), "{log}");
    for (class, _) in &faulty {
        let lines: Vec<&str> = log.lines().filter(|l| l.contains(&format!("source=\"{class}\""))).collect();
        assert!(!lines.is_empty(), "{class}");
        assert!(
            lines.iter().all(|l| l.contains(&format!("class=\"{class}\"")) && l.contains("next=")),
            "{class}: {lines:?}"
        );
    }
    let database = rusqlite::Connection::open(workspace.path().join("state/dongtin.db")).unwrap();
    let check: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}
