//! Where we listen, how many are taken, and that a restart refuses nobody.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use super::support::origin::read_all;
use super::support::{Answer, Daemon, Item, Origin, Workspace, eventually, rss};

const ASK: &str = "GET /hoc-bac/feed.atom HTTP/1.1\r\nHost: a\r\n\r\n";
const ASK_ONCE: &str = "GET /hoc-bac/feed.atom HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/// A workspace with one story.
fn polled() -> (Workspace, Origin) {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/rss", "every = \"1h\"")]);
    origin.script("/rss", [Answer::ok(rss(&[Item::new("a", "Tuổi trẻ học Bác")]))]);
    workspace.poll_one();
    (workspace, origin)
}

fn said(mut stream: impl Read + Write, request: &str) -> String {
    stream.write_all(request.as_bytes()).unwrap();
    String::from_utf8_lossy(&read_all(&mut stream)).into_owned()
}

/// One answer, whole, on a connection that stays; or none where it was closed.
fn one_answer(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length: usize = head.split("content-length: ").nth(1)?.lines().next()?.parse().ok()?;
            if body.len() >= length {
                return Some(text);
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}

#[test]
fn s12_s52_both_listeners_may_be_sockets_of_this_machine() {
    let (workspace, _origin) = polled();
    let (http, private) = (workspace.path().join("http.sock"), workspace.path().join("private.sock"));
    let line = |path: &std::path::Path| format!("listen = \"unix:{}\"", path.display());
    workspace.listening(&line(&http), &line(&private));
    let mut daemon = Daemon::start(&workspace);
    assert!(said(UnixStream::connect(&http).unwrap(), ASK_ONCE).starts_with("HTTP/1.1 200 OK\r\n"));
    assert_eq!(std::fs::metadata(&http).unwrap().permissions().mode() & 0o777, 0o660);
    for (path, expected) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let text = said(
            UnixStream::connect(&private).unwrap(),
            &format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
        );
        assert!(text.ends_with(&format!("\r\n\r\n{expected}")) && text.contains("no-store"), "{text}");
        assert!(!text.contains("access-control"), "{text}");
    }
    // What one that was killed leaves behind is no obstacle, and another that is alive is.
    daemon.signal("KILL");
    daemon.wait();
    assert!(http.exists());
    let daemon = Daemon::start(&workspace);
    assert!(said(UnixStream::connect(&http).unwrap(), ASK_ONCE).starts_with("HTTP/1.1 200 OK\r\n"));
    let (other, _origin) = polled();
    other.listening(&line(&http), &line(&private));
    let refused = other.run("run", &[]);
    assert!(!refused.status.success());
    let text = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(text.contains("không nghe được ở unix:") && text.contains("another program is there"), "{text}");
    assert!(daemon.stop().success());
}

#[test]
fn s12_s47_so_many_connections_from_one_address_and_in_all_and_no_more() {
    let (workspace, _origin) = polled();
    workspace.listening(
        "listen = \"127.0.0.1:0\"\ntrusted_proxies = []\nconnections_per_address = 4",
        "listen = \"127.0.0.1:0\"",
    );
    let daemon = Daemon::start(&workspace);
    let connect = || TcpStream::connect(daemon.public).unwrap();
    let mut four: Vec<TcpStream> = (0..4).map(|_| connect()).collect();
    for stream in &mut four {
        stream.write_all(ASK.as_bytes()).unwrap();
        assert!(one_answer(stream).unwrap().starts_with("HTTP/1.1 200"));
    }
    let text = String::from_utf8_lossy(&read_all(&mut connect())).into_owned();
    assert!(text.starts_with("HTTP/1.1 429 ") && text.contains("retry-after: 60"), "{text}");
    drop(four.pop());
    eventually("a place is free again", || {
        let mut stream = connect();
        stream.write_all(ASK_ONCE.as_bytes()).ok()?;
        one_answer(&mut stream).filter(|text| text.starts_with("HTTP/1.1 200"))
    });
    assert!(daemon.stop().success());

    workspace.listening("listen = \"127.0.0.1:0\"\nconnections = 16", "listen = \"127.0.0.1:0\"");
    let daemon = Daemon::start(&workspace);
    let idle: Vec<TcpStream> = (0..200).map(|_| TcpStream::connect(daemon.public).unwrap()).collect();
    eventually("who is idle gives way", || {
        let mut stream = TcpStream::connect(daemon.public).ok()?;
        stream.write_all(ASK_ONCE.as_bytes()).ok()?;
        one_answer(&mut stream).filter(|text| text.starts_with("HTTP/1.1 200"))
    });
    drop(idle);
}

#[test]
fn s12_s47_without_file_descriptors_it_neither_spins_nor_dies() {
    let (workspace, _origin) = polled();
    let daemon = Daemon::start(&workspace);
    let limit = |files: &str| {
        Command::new("prlimit").args(["--pid", &daemon.pid().to_string(), &format!("--nofile={files}:20000")]).output()
    };
    let open = std::fs::read_dir(format!("/proc/{}/fd", daemon.pid())).unwrap().count();
    match limit(&(open + 8).to_string()) {
        Ok(done) if done.status.success() => {}
        other => return eprintln!("skipped: prlimit does not work on this machine: {other:?}"),
    }
    let crowd: Vec<TcpStream> = (0..100).map(|_| TcpStream::connect(daemon.public).unwrap()).collect();
    let log = workspace.path().join("log");
    eventually("it says so", || std::fs::read_to_string(&log).ok()?.contains("could not be accepted").then_some(()));
    // In half a second, a loop that spins would have run for all of it.
    let ticks = || -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", daemon.pid())).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    };
    let (begin, before) = (Instant::now(), ticks());
    while begin.elapsed() < Duration::from_millis(500) {
        std::thread::park_timeout(Duration::from_millis(50));
    }
    assert!(ticks() - before < 25, "{} hundredths of a second", ticks() - before);
    drop(crowd);
    eventually("it answers again", || {
        let mut stream = TcpStream::connect(daemon.public).ok()?;
        stream.write_all(ASK_ONCE.as_bytes()).ok()?;
        one_answer(&mut stream)
    });
    drop(limit("20000"));
    assert!(daemon.stop().success());
}

/// Starts a daemon as the service manager does that keeps this socket.
fn activated(workspace: &Workspace, listener: &TcpListener) -> Daemon {
    Daemon::start_with(workspace, |command| {
        // The socket comes as the standard input, for that is what can be given without unsafe code.
        let script = "exec 3<&0 </dev/null; LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=http exec \"$0\" \"$@\"";
        let mut shell = Command::new("bash");
        shell.args(["-c", script]).arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        shell.current_dir(workspace.path()).stdin(OwnedFd::from(listener.try_clone().unwrap()));
        shell.stdout(Stdio::null()).stderr(Stdio::null());
        *command = shell;
    })
}

#[test]
fn s12_s51_restarts_under_load_with_a_socket_that_is_kept_lose_no_request() {
    const RESTARTS: usize = 4;
    let (workspace, _origin) = polled();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut daemon = activated(&workspace, &listener);
    assert_eq!(daemon.public, address, "not at the place that the configuration names");
    let (going, answered) = (AtomicBool::new(true), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| -> Result<(), String> {
                    let mut stream = None;
                    while going.load(SeqCst) {
                        let connection = stream.get_or_insert_with(|| TcpStream::connect(address).unwrap());
                        connection.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
                        connection.write_all(ASK.as_bytes()).map_err(|e| format!("refused: {e}"))?;
                        let text = one_answer(connection).ok_or("no whole answer")?;
                        if !text.starts_with("HTTP/1.1 200") {
                            return Err(text);
                        }
                        answered.fetch_add(1, SeqCst);
                        if text.contains("connection: close") {
                            stream = None;
                        }
                    }
                    Ok(())
                })
            })
            .collect();
        for _ in 0..RESTARTS {
            let seen = answered.load(SeqCst);
            eventually("readers are answered", || {
                (answered.load(SeqCst) > seen + 20 || readers.iter().any(|r| r.is_finished())).then_some(())
            });
            let asked = Instant::now();
            daemon.signal("TERM");
            assert!(daemon.wait().success());
            assert!(asked.elapsed() < Duration::from_secs(10));
            daemon = activated(&workspace, &listener);
        }
        going.store(false, SeqCst);
        for reader in readers {
            reader.join().unwrap().unwrap();
        }
    });
}

#[test]
fn s12_s51_at_the_end_a_connection_in_the_queue_and_one_that_is_idle_are_still_answered() {
    let (workspace, _origin) = polled();
    let mut daemon = Daemon::start(&workspace);
    let mut idle = TcpStream::connect(daemon.public).unwrap();
    idle.write_all(ASK.as_bytes()).unwrap();
    assert!(!one_answer(&mut idle).unwrap().contains("connection: close"));
    daemon.signal("TERM");
    daemon.wait_for("STOPPING=1");
    idle.write_all(ASK.as_bytes()).unwrap();
    let last = one_answer(&mut idle).expect("an answer");
    assert!(last.starts_with("HTTP/1.1 200"), "{last}");
    assert!(daemon.wait().success());
}
