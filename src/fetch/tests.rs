use super::*;
use crate::model::Validators;

#[tokio::test]
async fn a_request_that_waited_for_its_turn_was_sent_then() {
    let gap = Duration::from_millis(200);
    let limits = Limits {
        contact: None,
        timeout: Duration::from_mins(1),
        max_body: 8 << 20,
        allow: vec!["127.0.0.1/32".parse().unwrap()],
        concurrency: 1,
        per_host: 1,
        host_gap: gap,
    };
    let client = Client::new(&limits, Clock::System).unwrap();
    // Nobody listens there.
    let nobody = Url::parse("http://127.0.0.1:1/").unwrap();
    let now = crate::clock::now();
    let none = Validators::default();
    let ask = Ask::feed(&nobody, &none);
    let (first, second) = tokio::join!(client.fetch(&ask), client.fetch(&ask));
    assert!(first.answer.is_err() && second.answer.is_err());
    assert!(second.sent.max(first.sent) - now >= TimeDelta::from_std(gap).unwrap());
}

#[tokio::test]
async fn a_client_that_is_offline_connects_to_nobody() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let limits = Limits {
        contact: None,
        timeout: Duration::from_mins(1),
        max_body: 8 << 20,
        allow: vec!["127.0.0.1/32".parse().unwrap()],
        concurrency: 1,
        per_host: 1,
        host_gap: Duration::ZERO,
    };
    let client = Client::new(&limits, Clock::System).unwrap().offline();
    let none = Validators::default();
    for name in [listener.local_addr().unwrap().to_string(), "localhost".to_owned(), "bao.vn".to_owned()] {
        let url = Url::parse(&format!("http://{name}/")).unwrap();
        let error = client.fetch(&Ask::feed(&url, &none)).await.answer.unwrap_err();
        assert_eq!(error.text, "nobody is asked in a replay");
    }
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "nobody came");
}
