//! What is a request and what is not, byte by byte, and who is too slow: the real program at a real socket. The tables are with the
//! code (`src/http`); here is what only a socket shows.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::support::origin::read_all;
use super::support::{Answer, Daemon, Item, Origin, Workspace, eventually, rss};

/// A daemon with one story.
fn published(items: &[Item]) -> (Workspace, Origin, Daemon) {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/rss", "every = \"1h\"")]);
    origin.script("/rss", [Answer::ok(rss(items))]);
    workspace.poll_one();
    let daemon = Daemon::start(&workspace);
    (workspace, origin, daemon)
}

fn one() -> [Item; 1] {
    [Item::new("a", "Tuổi trẻ học Bác")]
}

/// Everything that is answered to these bytes until the connection is closed.
fn answered(address: SocketAddr, sent: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(sent).unwrap();
    String::from_utf8_lossy(&read_all(&mut stream)).into_owned()
}

fn statuses(text: &str) -> Vec<&str> {
    text.split("HTTP/1.1 ").skip(1).map(|answer| answer.split(' ').next().unwrap()).collect()
}

#[test]
fn s12_s24_old_clients_pipelines_and_absolute_forms_are_understood() {
    let (_workspace, _origin, daemon) = published(&one());
    let path = "/hoc-bac/feed.atom";
    let last = format!("HEAD {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    for (sent, expected) in [
        (format!("GET {path} HTTP/1.0\r\n\r\n"), vec!["200"]),
        (format!("GET {path} HTTP/1.0\r\nconnection: keep-alive\r\n\r\n{last}"), vec!["200", "200"]),
        (
            format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\nGET /x HTTP/1.1\r\nhost: a\r\n\r\n{last}"),
            vec!["200", "404", "200"],
        ),
        (format!("GET http://evil.example{path}?a=b HTTP/1.1\r\nHost: a\r\n\r\n{last}"), vec!["200", "200"]),
        (format!("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n{last}"), vec!["204", "200"]),
        (format!("TRACE {path} HTTP/1.1\r\nHost: a\r\nX: secret\r\n\r\n{last}"), vec!["405", "200"]),
        (format!("BREW {path} HTTP/1.1\r\nHost: a\r\n\r\n{last}"), vec!["501", "200"]),
    ] {
        let text = answered(daemon.public, sent.as_bytes());
        assert_eq!(statuses(&text), expected, "{sent}\n{text}");
        assert!(!text.to_lowercase().contains("transfer-encoding") && !text.contains("secret"), "{text}");
    }
}

#[test]
fn s12_s20_s48_what_is_no_request_is_refused_in_a_few_fixed_words_and_the_connection_ends() {
    let (_workspace, _origin, daemon) = published(&one());
    let host = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (sent, status) in [
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), "400"),
        (format!("{host}Host: b\r\n\r\n"), "400"),
        (format!("{host}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), "400"),
        (format!("{host}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"), "400"),
        (format!("{host}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"), "400"),
        (format!("{host}Transfer-Encoding: chunked\r\n\r\nzz\r\n"), "400"),
        (format!("{host}X: 1\r\n folded\r\n\r\n"), "400"),
        ("GET / HTTP/1.1\nHost: a\n\n".to_owned(), "400"),
        (format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(9_000)), "414"),
        (format!("{host}X: {}\r\n\r\n", "a".repeat(17_000)), "431"),
        (format!("{host}{}\r\n", "X: a\r\n".repeat(100)), "431"),
        (format!("{host}Content-Length: 70000\r\n\r\n"), "413"),
    ] {
        let text = answered(daemon.public, sent.as_bytes());
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("nothing was answered to {sent}"));
        assert_eq!(statuses(&text), [status], "{sent}");
        for line in [
            "connection: close",
            "content-type: text/plain; charset=utf-8",
            "cache-control: no-store",
            "x-content-type-options: nosniff",
        ] {
            assert!(head.contains(line), "{line} is not in {head}");
        }
        assert!(head.contains("content-security-policy: default-src 'none'") && body.len() < 40, "{text}");
    }
}

#[test]
fn s12_s49_no_header_of_a_request_is_in_a_document() {
    let (_workspace, _origin, daemon) = published(&one());
    for path in ["/hoc-bac/feed.atom", "/hoc-bac/feed.rss", "/hoc-bac/feed.json", "/hoc-bac/", "/", "/nowhere"] {
        let text = answered(
            daemon.public,
            format!(
                "GET {path} HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-For: evil.example\r\n\
                 Forwarded: host=evil.example\r\nX-Forwarded-Proto: evil\r\nConnection: close\r\n\r\n"
            )
            .as_bytes(),
        );
        assert!(!text.contains("evil"), "{text}");
    }
}

#[test]
fn s12_s45_the_silent_and_the_slow_lose_their_connection() {
    let (_workspace, _origin, daemon) = published(&one());
    let connect = |first: &str| {
        let mut stream = TcpStream::connect(daemon.public).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
        stream.write_all(first.as_bytes()).unwrap();
        stream
    };
    let begin = Instant::now();
    let (mut silent, mut slow) = (connect(""), connect("GET / HTTP/1.1\r\nHost: a\r\nX: "));
    // Both wait at once; the slow one sends a byte whenever the other has waited a while.
    silent.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
    let silence = loop {
        match silent.read(&mut [0; 10]) {
            Ok(0) => break begin.elapsed(),
            Ok(_) => panic!("nothing was asked"),
            Err(_) => drop(slow.write_all(b"a")),
        }
    };
    assert!((8..=15).contains(&silence.as_secs()), "{silence:?}");
    drop(slow.read(&mut [0; 10]));
    let slowness = begin.elapsed();
    assert!((15..=30).contains(&slowness.as_secs()), "{slowness:?}");
}

#[test]
fn s12_s46_a_reader_who_does_not_read_is_cut_off_and_cost_little() {
    let long = "Một câu dài vừa phải để đếm. ".repeat(20);
    let items: Vec<Item> =
        (0..300).map(|i| Item::new(&format!("{i}"), &format!("Tin số {i}")).summary(&format!("{i} {long}"))).collect();
    let (_workspace, _origin, daemon) = published(&items);
    let resident = || -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.pid())).unwrap();
        let line = status.lines().find(|l| l.starts_with("VmRSS")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    let ask = "GET /all/feed.json HTTP/1.1\r\nHost: a\r\n\r\n".repeat(50);
    drop(answered(daemon.public, ask.replacen("\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1).as_bytes()));
    let before = resident();
    let clients: Vec<TcpStream> = (0..100)
        .map(|_| {
            let mut stream = TcpStream::connect(daemon.public).unwrap();
            stream.write_all(ask.as_bytes()).unwrap();
            stream.peek(&mut [0]).unwrap();
            stream
        })
        .collect();
    let each = resident().saturating_sub(before) / 100;
    assert!(each <= 64, "{each} KiB a client");
    let connections = || std::fs::read_dir(format!("/proc/{}/fd", daemon.pid())).unwrap().count();
    let held = connections();
    eventually("who does not read is cut off", || (connections() + clients.len() <= held).then_some(()));
}
