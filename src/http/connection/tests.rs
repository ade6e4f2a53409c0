use super::*;
use crate::http::connections::{Connections, Limits};
use bytes::Bytes;
use proptest::prelude::*;
use std::time::Duration;
use tokio::io::{DuplexStream, duplex};
use tokio::time::Instant;

/// Says which path was asked for.
struct Echo;

impl Service for Echo {
    fn answer(&self, head: &Head<'_>, frame: Frame<'_>, out: &mut Vec<u8>) -> Turn {
        let body = Bytes::copy_from_slice(head.path.as_bytes());
        if head.path == "/later" {
            return Turn::Find(Box::pin(async { Found::Busy }));
        }
        Turn::Answered(answer::said(out, frame, 200, answer::TEXT, body, &[]))
    }

    fn conclude(&self, _: &Found, head: &Head<'_>, frame: Frame<'_>, out: &mut Vec<u8>) -> Answer {
        answer::said(out, frame, 503, answer::TEXT, head.path.to_owned().into(), &[])
    }

    fn relay(&self, _: &str) -> Option<Arc<Handler>> {
        None
    }
}

fn connect(connections: &Arc<Connections>) -> DuplexStream {
    let (ours, theirs) = duplex(1 << 20);
    let place = connections.enter(None).unwrap();
    let number = place.number();
    let task = tokio::spawn(serve(ours, Arc::new(Echo), place));
    connections.works_for(number, task.abort_handle());
    theirs
}

/// The statuses and bodies of what is answered to these bytes, and whether the connection was then closed.
async fn said(pieces: &[&[u8]]) -> (Vec<(u16, String)>, bool) {
    let connections = Connections::new(Limits::default());
    let mut stream = connect(&connections);
    for piece in pieces {
        drop(stream.write_all(piece).await);
        tokio::task::yield_now().await;
    }
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(1), stream.read_to_end(&mut bytes)).await;
    let mut text = String::from_utf8(bytes).unwrap();
    let mut answers = Vec::new();
    while let Some((head, rest)) = text.split_once("\r\n\r\n") {
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let length = head.split("content-length: ").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
        answers.push((status, rest.get(..length).unwrap().to_owned()));
        text = rest.get(length..).unwrap().to_owned();
    }
    assert_eq!(text, "");
    (answers, read.is_ok())
}

#[tokio::test(start_paused = true)]
async fn s24_s48_what_follows_what_on_a_connection() {
    let ok = |path: &str| (200, path.to_owned());
    let bad = |status: u16, text: &str| (status, format!("{text}\n"));
    let (get, host) = ("GET /a HTTP/1.1\r\nHost: x\r\n", "Host: x\r\n");
    for (sent, answers, closes) in [
        (format!("{get}\r\n"), vec![ok("/a")], false),
        (format!("{get}\r\n{get}\r\n\r\n{get}\r\n"), vec![ok("/a"); 3], false),
        (format!("{get}Connection: close\r\n\r\n{get}\r\n"), vec![ok("/a")], true),
        ("GET /a HTTP/1.0\r\n\r\n".to_owned(), vec![ok("/a")], true),
        ("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n".to_owned(), vec![ok("/a")], false),
        (format!("GET /later HTTP/1.1\r\n{host}\r\n{get}\r\n"), vec![(503, "/later".into()), ok("/a")], false),
        (format!("{get}Content-Length: 5\r\n\r\nGET /{get}\r\n"), vec![ok("/a"), ok("/a")], false),
        (
            format!("{get}Transfer-Encoding: chunked\r\n\r\n2\r\nGE\r\n0\r\n\r\n{get}\r\n"),
            vec![ok("/a"), ok("/a")],
            false,
        ),
        (format!("{get}Transfer-Encoding: chunked\r\n\r\n2\r\nGET /"), vec![bad(400, "Bad Request")], true),
        (format!("{get}Content-Length: 65537\r\n\r\nx"), vec![bad(413, "Content Too Large")], true),
        (format!("{get}Content-Length: 65536\r\n\r\n{}{get}\r\n", "x".repeat(65_536)), vec![ok("/a"), ok("/a")], false),
        (format!("{get}Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"), vec![ok("/a")], true),
        (format!("POST /a HTTP/1.1\r\n{host}Content-Length: 5\r\n\r\nGET /"), vec![ok("/a")], true),
        (format!("{get}\r\nGET /b HTTP/1.1\r\n\r\n{get}\r\n"), vec![ok("/a"), bad(400, "Bad Request")], true),
        ("\u{16}\u{3}\u{1}".to_owned(), vec![bad(400, "Bad Request")], true),
        (format!("{get}X: {}", "a".repeat(20_000)), vec![bad(431, "Request Header Fields Too Large")], true),
        (format!("GET /{} HTTP/1.1\r\n{host}\r\n", "a".repeat(8_192)), vec![bad(414, "URI Too Long")], true),
        (format!("{get}{}\r\n", "X: a\r\n".repeat(100)), vec![bad(431, "Request Header Fields Too Large")], true),
        ("GET /a HTTP/2.0\r\n\r\n".to_owned(), vec![bad(505, "HTTP Version Not Supported")], true),
    ] {
        let got = said(&[sent.as_bytes()]).await;
        assert_eq!(got, (answers, closes), "{}", sent.chars().take(200).collect::<String>());
    }
}

#[tokio::test(start_paused = true)]
async fn s45_a_head_that_dribbles_and_a_peer_that_is_silent_are_given_up_in_time() {
    let connections = Connections::new(Limits::default());
    let walking = Arc::clone(&connections);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(crate::http::connections::WALK).await;
            walking.walk();
        }
    });
    for (first, dribbles, expected) in [
        ("", false, 9..=10),
        ("GET / HTTP/1.1\r\n", false, 20..=21),
        ("GET / HTTP/1.1\r\n", true, 20..=21),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n", true, 20..=21),
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", false, 74..=75),
    ] {
        let mut stream = connect(&connections);
        stream.write_all(first.as_bytes()).await.unwrap();
        let begin = Instant::now();
        let mut buffer = [0; 4096];
        loop {
            match tokio::time::timeout(Duration::from_secs(1), stream.read(&mut buffer)).await {
                Ok(Ok(0) | Err(_)) => break,
                Ok(Ok(_)) => {}
                Err(_) if dribbles => drop(stream.write_all(b"a").await),
                Err(_) => {}
            }
        }
        assert!(expected.contains(&begin.elapsed().as_secs()), "{first:?} {dribbles}: {:?}", begin.elapsed());
    }
    assert_eq!(connections.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn s51_at_the_end_every_answer_is_the_last_and_what_was_asked_is_answered() {
    let connections = Connections::new(Limits::default());
    let mut stream = connect(&connections);
    let mut buffer = vec![0; 4096];
    stream.write_all(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let length = stream.read(&mut buffer).await.unwrap();
    assert!(!String::from_utf8_lossy(&buffer[..length]).contains("connection: close"));
    connections.stop();
    stream.write_all(b"GET /b HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    assert!(rest.contains("connection: close\r\n") && rest.ends_with("\r\n\r\n/b"), "{rest}");
}

#[tokio::test(start_paused = true)]
async fn s46_a_stalled_connection_is_small() {
    let connections = Connections::new(Limits::default());
    let (ours, _theirs) = duplex(1);
    let place = connections.enter(None).unwrap();
    let size = size_of_val(&serve(ours, Arc::new(Echo), place));
    assert!(size <= 2_048, "{size} bytes beside what was received");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Requests arrive in any pieces.
    #[test]
    fn pieces_make_no_difference(cuts in prop::collection::vec(0_usize..250, 0..6)) {
        let text = "GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\
                    3\r\nabc\r\n0\r\n\r\nGET /c HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab\
                    GET /d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|two| &text.as_bytes()[two[0]..two[1]]).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let whole = runtime.block_on(said(&[text.as_bytes()]));
        prop_assert_eq!(runtime.block_on(said(&pieces)), whole);
    }
}
