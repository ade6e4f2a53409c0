use super::*;
use chrono::{TimeZone, Utc};

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
    let client = Client::new(&limits).unwrap();
    // Nobody listens there.
    let nobody = Url::parse("http://127.0.0.1:1/").unwrap();
    let now = Utc.with_ymd_and_hms(2026, 11, 23, 5, 0, 0).unwrap();
    let none = Validators::default();
    let (first, second) = tokio::join!(client.get(&nobody, &none, None, now), client.get(&nobody, &none, None, now));
    assert!(first.answer.is_err() && second.answer.is_err());
    assert!(second.sent.max(first.sent) - now >= TimeDelta::from_std(gap).unwrap());
}
