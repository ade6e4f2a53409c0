//! F-N: what becomes of connections. Names that do not resolve are in `names.rs`; F-N15 is in `poll/outage.rs` and
//! `daemon/tests/timing.rs`, F-N16 and F-N18 need a process of their own (`tests/it/faults.rs`).

use std::net::Ipv4Addr;

use tokio::net::TcpStream;

use super::server::{Do, Server, ok};
use super::*;
use crate::fetch::receive::keeps_pace;

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

#[tokio::test]
async fn each_way_in_which_a_connection_fails_has_its_class() {
    use Do::{Drip, Flood, Hear, Reset, Send, Stall};
    let tick = Duration::from_millis(20);
    let part = FEED.as_bytes().to_vec();
    let after = |head: &[u8]| Send([head, &part].concat());
    let cases: Vec<(&str, Vec<Do>, &str)> = vec![
        ("F-N03 reset before a head", vec![Hear, Reset], "reset"),
        ("F-N03 reset in the middle of the head", vec![Hear, Send(b"HTTP/1.1 200 OK\r\nDa".to_vec()), Reset], "reset"),
        ("F-N03 closed in the middle of the head", vec![Hear, Send(b"HTTP/1.1 200 OK\r\nDa".to_vec())], "reset"),
        ("F-N04 reset in the middle of the body", vec![Hear, after(HEAD), Reset], "truncated"),
        ("F-N05 closed before the declared length", vec![Hear, after(HEAD)], "truncated"),
        (
            "F-N06 chunked, closed in a chunk",
            vec![Hear, Send(CHUNKED.to_vec()), Send(b"ff\r\n<rss".to_vec())],
            "truncated",
        ),
        (
            "F-N06 chunked, without the last chunk",
            vec![Hear, Send(CHUNKED.to_vec()), Send(b"4\r\n<rss\r\n".to_vec())],
            "truncated",
        ),
        ("F-N07 a body byte by byte, for ever", vec![Hear, Drip(HEAD.to_vec(), b' ', tick)], "slow"),
        (
            "F-N08 a head byte by byte, for ever",
            vec![Hear, Drip(b"HTTP/1.1 200 OK\r\nX: ".to_vec(), b'x', tick)],
            "header-timeout",
        ),
        ("F-N08 no head at all", vec![Hear, Stall], "header-timeout"),
        ("F-N09 a body that stops coming", vec![Hear, after(HEAD), Stall], "read-timeout"),
        (
            "F-N10 a body without end",
            vec![Hear, Send(CHUNKED.to_vec()), Flood([&b"1000\r\n"[..], &[b' '; 4096], b"\r\n"].concat())],
            "too-large",
        ),
        (
            "F-N10 a body without length or end",
            vec![Hear, Send(b"HTTP/1.1 200 OK\r\n\r\n".to_vec()), Flood(vec![b' '; 4096])],
            "too-large",
        ),
    ];
    for (fault, script, class) in cases {
        let server = Server::playing(script).await;
        assert_eq!(outcome(&client(), &server.url()).await, class, "{fault}");
        assert_eq!(server.connections(), 1, "{fault}: nobody is asked again at once");
    }
}

#[tokio::test]
async fn f_n01_where_nobody_listens_is_connect() {
    let port = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    assert_eq!(outcome(&client(), &format!("http://127.0.0.1:{port}/")).await, "connect");
}

#[tokio::test]
async fn f_n02_where_packets_vanish_is_connect_timeout() {
    let listener = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    listener.bind(&std::net::SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    // Nobody accepts: once the queue is full, the kernel drops what knocks.
    let mut waiting = Vec::new();
    while let Ok(Ok(queued)) = tokio::time::timeout(Duration::from_millis(100), TcpStream::connect(address)).await {
        waiting.push(queued);
    }
    let begin = Instant::now();
    assert_eq!(outcome(&client(), &format!("http://{address}/")).await, "connect-timeout");
    assert!(begin.elapsed() < limits().timeout, "there would be time left for an answer");
}

#[test]
fn f_n07_a_body_of_less_than_a_hundred_bytes_a_second_is_given_up_after_a_while() {
    for (bytes, seconds, expected) in [(0, 1, true), (20, 20, true), (21, 21, false), (2_100, 21, true)] {
        assert_eq!(keeps_pace(bytes, Duration::from_secs(seconds)), expected, "{bytes} bytes in {seconds} s");
    }
}

#[tokio::test]
async fn f_n17_a_connection_that_the_server_closed_meanwhile_is_no_failure() {
    let answered = vec![Do::Hear, Do::Send(ok("", FEED))];
    // It promises to stay and leaves.
    let server = Server::playing(answered).await;
    let client = client();
    for _ in 0..3 {
        assert_eq!(outcome(&client, &server.url()).await, TIN);
    }
    assert_eq!((server.connections(), server.requests()), (3, 3));
}
