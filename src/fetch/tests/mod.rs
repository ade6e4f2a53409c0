//! The network's faults, each with the class it gets. Names and rows begin with the id of the fault in the catalogue: F-N network,
//! F-H HTTP, F-C content codings; F-T (TLS) is in `tls/tests.rs`.

mod codings;
mod http;
mod names;
mod network;
mod server;

use super::*;
use crate::model::Validators;
use crate::parse::{self, Context};

/// Short of everything, and at home on this machine.
fn limits() -> Limits {
    Limits {
        contact: None,
        timeout: Duration::from_secs(1),
        max_body: 256 << 10,
        allow: vec!["127.0.0.0/8".parse().unwrap()],
        concurrency: 8,
        per_host: 1,
        host_gap: Duration::ZERO,
    }
}

fn client() -> Client {
    Client::new(&limits(), Clock::System).unwrap()
}

async fn get(client: &Client, url: &str) -> Result<Answer, FetchError> {
    let (url, none) = (Url::parse(url).unwrap(), Validators::default());
    client.fetch(&Ask::feed(&url, &none)).await.answer
}

/// What a poll of an address would come to: the class of its failure, or the first headline.
async fn outcome(client: &Client, url: &str) -> String {
    match get(client, url).await {
        Ok(answer) => read(answer),
        Err(error) => error.class.as_str().to_owned(),
    }
}

fn read(answer: Answer) -> String {
    let Answer::Fresh(document) = answer else { return "not-modified".to_owned() };
    let body = match document.body() {
        Ok(body) => body,
        Err(error) => return error.class.as_str().to_owned(),
    };
    match parse::feed(&body, &Context { content_type: document.content_type.as_deref(), ..Context::default() }) {
        Ok(parsed) => parsed.entries.into_iter().next().and_then(|entry| entry.title).unwrap_or_default(),
        Err(error) => error.code().to_owned(),
    }
}

/// A feed, and the headline that [`outcome`] gives for it.
const FEED: &str = "<rss version=\"2.0\"><channel><title>Báo</title><item><title>Tin</title></item></channel></rss>";
const TIN: &str = "Tin";

#[tokio::test]
async fn a_request_that_waited_for_its_turn_was_sent_then() {
    let gap = Duration::from_millis(200);
    let limits = Limits { concurrency: 1, host_gap: gap, timeout: Duration::from_mins(1), ..limits() };
    let client = Client::new(&limits, Clock::System).unwrap();
    // Nobody listens there.
    let nobody = Url::parse("http://127.0.0.1:1/").unwrap();
    let now = crate::clock::now();
    let none = Validators::default();
    let ask = Ask::feed(&nobody, &none);
    let (first, second) = tokio::join!(client.fetch(&ask), client.fetch(&ask));
    assert!(first.answer.is_err() && second.answer.is_err());
    assert!(second.answered.max(first.answered) - now >= chrono::TimeDelta::from_std(gap).unwrap());
}

#[test]
fn every_class_stands_in_the_manual() {
    let manual = std::fs::read_to_string("docs/operating.md").unwrap();
    for class in Class::ALL {
        assert!(manual.contains(&format!("`{}`", class.as_str())), "{}", class.as_str());
    }
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
