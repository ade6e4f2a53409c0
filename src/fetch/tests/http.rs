//! F-H: what servers say in HTTP, rightly or wrongly. F-H22 to F-H24 are about many polls: `daemon/tests/faults.rs`.

use super::server::{Do, Server, answer, ok};
use super::*;

async fn said(bytes: impl Into<Vec<u8>>) -> String {
    let server = Server::answering(bytes).await;
    let said = outcome(&client(), &server.url()).await;
    assert_eq!(server.requests(), 1, "whatever is said, nobody is asked again at once, or elsewhere");
    said
}

#[tokio::test]
async fn each_answer_has_its_class() {
    let stub = "<html><body><script>document.cookie=\"D1N=ab\"+\";path=/\";window.location.reload(true);</script></body></html>";
    let status = |line: &str| answer(&format!("{line}\r\nContent-Length: 0"), "");
    let huge = |length: &str| answer(&format!("200 OK\r\nContent-Length: {length}"), FEED);
    let many =
        |line: &str, times| answer(&format!("200 OK\r\n{}Content-Length: {}", line.repeat(times), FEED.len()), FEED);
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("F-H01 200 without a body", ok("", ""), "empty"),
        ("F-H01 200 with white space", ok("", " \r\n"), "empty"),
        ("F-H02 204", answer("204 No Content", ""), "empty"),
        ("F-H02 205", status("205 Reset Content"), "empty"),
        (
            "F-H03 206 that nobody asked for",
            answer(&format!("206 Partial Content\r\nContent-Length: {}", FEED.len()), FEED),
            "status",
        ),
        ("F-H05 the cookie stub", ok("", stub), "challenge-js"),
        ("F-H06 403 that says it is a challenge", status("403 Forbidden\r\ncf-mitigated: challenge"), "challenge"),
        ("F-H06 503 that says it is a challenge", status("503 No\r\ncf-mitigated: challenge"), "challenge"),
        ("F-H07 403", status("403 Forbidden"), "forbidden"),
        ("F-H08 401, Basic", status("401 No\r\nWWW-Authenticate: Basic realm=x"), "auth"),
        ("F-H08 401, NTLM", status("401 No\r\nWWW-Authenticate: NTLM"), "auth"),
        ("F-H08 407", status("407 No"), "auth"),
        ("F-H09 a feed called text/html", ok("Content-Type: text/html", FEED), TIN),
        ("F-H09 a feed called octet-stream", ok("Content-Type: application/octet-stream", FEED), TIN),
        ("F-H09 a feed without a type", ok("", FEED), TIN),
        ("F-H09 a feed with a type that is none", ok("Content-Type: ;;\tx", FEED), TIN),
        ("F-H11 100 Continue that nobody asked for", [answer("100 Continue", ""), ok("", FEED)].concat(), TIN),
        (
            "F-H11 103 Early Hints",
            [answer("103 Early Hints\r\nLink: </x>; rel=preload", ""), ok("", FEED)].concat(),
            TIN,
        ),
        ("F-H12 999", status("999 No"), "status"),
        ("F-H12 000", status("000 No"), "status"),
        ("F-H13 a head line of a megabyte", many(&format!("X: {}\r\n", "x".repeat(1 << 20)), 1), "header-too-large"),
        ("F-H13 ten thousand head lines", many("X: x\r\n", 10_000), "header-too-large"),
        (
            "F-H14 two lengths that differ",
            answer(&format!("200 OK\r\nContent-Length: 5\r\nContent-Length: {}", FEED.len()), FEED),
            "protocol",
        ),
        ("F-H14 two lengths in one line", huge("5, 6"), "protocol"),
        ("F-H15 a negative length", huge("-1"), "protocol"),
        ("F-H15 a length that is no number", huge("abc"), "protocol"),
        ("F-H15 2 to the 63rd", huge("9223372036854775808"), "too-large"),
        ("F-H15 more than a number holds", huge("99999999999999999999999999"), "protocol"),
        ("F-H16 HTTP/0.9", FEED.into(), "protocol"),
        ("F-H16 another protocol", b"SSH-2.0-OpenSSH_9.2\r\n".to_vec(), "protocol"),
        ("F-H16 a status that is no number", b"HTTP/1.1 abc OK\r\n\r\n".to_vec(), "status"),
        ("F-H16 zeros", vec![0; 64], "protocol"),
        ("F-H17 a thousand cookies", many("Set-Cookie: a=b; path=/\r\n", 1_000), TIN),
        (
            "F-H18 Content-Location and Refresh",
            ok("Content-Location: http://127.0.0.1:1/\r\nRefresh: 0; url=http://127.0.0.1:1/", FEED),
            TIN,
        ),
        (
            "F-H19 a page that sends browsers elsewhere",
            ok("", "<html><head><meta http-equiv=refresh content='0; url=/x'></head></html>"),
            "html-page",
        ),
        ("F-H25 425", status("425 Too Early"), "denied"),
        ("F-H25 408", status("408 Request Timeout"), "denied"),
        ("F-H25 421", status("421 Misdirected Request"), "denied"),
        ("F-H26 451", status("451 No"), "legal"),
        ("F-H27 500 with a sound feed", answer(&format!("500 No\r\nContent-Length: {}", FEED.len()), FEED), "server"),
        (
            "F-H28 chunk extensions and trailers",
            answer(
                "200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X",
                format!("{:x};a=b;c=\"d\"\r\n{FEED}\r\n0\r\nX: y\r\n\r\n", FEED.len()),
            ),
            TIN,
        ),
    ];
    for (fault, bytes, expected) in cases {
        assert_eq!(said(bytes).await, expected, "{fault}");
    }
}

/// F-H04: what stands in for a feed is named for what it is; the pages themselves are in `parse/sniff/tests.rs`.
#[tokio::test]
async fn f_h04_a_page_with_status_200_is_no_empty_feed() {
    let cases = [
        ("F-H04 soft 404", "<html><head><title>404 - Không tìm thấy trang</title></head></html>", "soft-404"),
        ("F-H04 maintenance", "<html><body><h1>Hệ thống đang bảo trì</h1></body></html>", "maintenance"),
        ("F-H04 a captcha", "<html><body><div class=g-recaptcha></div></body></html>", "captcha"),
        ("F-H04 any other page", "<html><body><h1>Trang chủ</h1></body></html>", "html-page"),
    ];
    for (fault, page, expected) in cases {
        assert_eq!(said(ok("Content-Type: application/rss+xml", page)).await, expected, "{fault}");
    }
}

/// The rest never comes: who answers has seen no more.
#[tokio::test]
async fn f_h10_a_body_that_is_no_text_is_refused_by_its_first_bytes() {
    let cases: [(&str, &[u8]); 6] = [
        ("F-H10 PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3"),
        ("F-H10 PNG", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        ("F-H10 JPEG", b"\xff\xd8\xff\xe0\0\x10JFIF"),
        ("F-H10 GIF", b"GIF89a\x01\0\x01\0"),
        ("F-H10 ZIP", b"PK\x03\x04\x14\0\0\0"),
        ("F-H10 WebP", b"RIFF\0\0\0\0WEBP"),
    ];
    for (fault, first) in cases {
        // In two pieces, as the network may cut it.
        let (two, rest) = first.split_at(2);
        let head = answer("200 OK\r\nContent-Length: 200000", two);
        let script = [Do::Hear, Do::Send(head), Do::Send(rest.to_vec()), Do::Stall];
        let server = Server::playing(script).await;
        assert_eq!(outcome(&client(), &server.url()).await, "not-a-feed", "{fault}");
    }
}

#[tokio::test]
async fn f_h20_a_stream_that_is_never_over_is_cut_off() {
    let tick = Duration::from_millis(20);
    for kind in ["multipart/x-mixed-replace; boundary=x", "text/event-stream"] {
        let head = answer(&format!("200 OK\r\nContent-Type: {kind}"), "--x\r\n\r\ndata: 1\n\n");
        let server = Server::playing([Do::Hear, Do::Drip(head, b'\n', tick)]).await;
        assert_eq!(outcome(&client(), &server.url()).await, "slow", "F-H20 {kind}");
    }
}

#[tokio::test]
async fn f_h21_a_body_behind_304_is_ignored_and_so_is_its_connection() {
    let not_modified = answer("304 Not Modified\r\nContent-Length: 7\r\nETag: \"2\"", "HTTP/1.");
    let server = Server::playing_each(vec![
        vec![Do::Hear, Do::Send(not_modified), Do::Hear, Do::Send(ok("", "from the old connection"))],
        vec![Do::Hear, Do::Send(ok("", FEED))],
    ])
    .await;
    let (client, url) = (client(), Url::parse(&server.url()).unwrap());
    let validators = Validators { url: Some(url.to_string()), etag: Some(b"\"1\"".to_vec()), last_modified: None };
    let ask = Ask::feed(&url, &validators);
    assert_eq!(client.fetch(&ask).await.answer.map(read).unwrap(), "not-modified");
    assert_eq!(outcome(&client, url.as_str()).await, TIN);
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn f_h17_no_cookie_is_ever_sent_back() {
    let server = Server::playing([Do::Hear, Do::Send(ok("Set-Cookie: a=b", FEED))]).await;
    let client = client();
    for _ in 0..2 {
        assert_eq!(outcome(&client, &server.url()).await, TIN);
    }
    assert!(server.heads().iter().all(|head| !head.to_ascii_lowercase().contains("cookie")));
}
