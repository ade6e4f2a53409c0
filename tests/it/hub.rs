//! Our own hub, from a subscriber's first request to its end, and somebody else's in its place. `rocks_…` are the hub tests of
//! websub.rocks: 100 typical subscriber request, 101 with a secret, 102 with additional parameters, 103 subscribing again before the
//! lease is over, 104 unsubscribing, 105 and 106 content that is not HTML, delivered as it is.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use url::form_urlencoded::parse;

use super::support::daemon::{request, send};
use super::support::subscriber::{Subscriber, TOPIC, metric, post, signature};
use super::support::{Answer, Daemon, Item, Origin, Workspace, eventually, get, rss};

/// A newsroom whose feed has so many items.
fn publish(origin: &Origin, items: &[&str]) {
    let items: Vec<Item> = items.iter().map(|name| Item::new(name, &format!("Làm theo Bác ở {name}"))).collect();
    origin.script("/rss", [Answer::ok(rss(&items))]);
}

/// A daemon that serves one story, its newsroom, and a place for subscribers.
fn newsroom() -> (Workspace, Origin, Daemon) {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/rss", "")]);
    publish(&origin, &["A"]);
    let daemon = Daemon::start(&workspace);
    daemon.wait_until_says("/hoc-bac/feed.atom", "ở A");
    (workspace, origin, daemon)
}

fn hub_status(workspace: &Workspace) -> Value {
    let output = workspace.run("status", &["--format", "json"]);
    serde_json::from_slice::<Value>(&output.stdout).unwrap()["hub"].clone()
}

fn wait_for_status(workspace: &Workspace, expected: &Value) {
    eventually(&format!("status says {expected}"), || (hub_status(workspace) == *expected).then_some(()));
}

/// Changes what the daemon remembers, while none is running.
fn edit(workspace: &Workspace, sql: &str) {
    let db = rusqlite::Connection::open(workspace.path().join("state/dongtin.db")).unwrap();
    assert_eq!(db.execute(sql, []).unwrap(), 1, "{sql}");
}

fn wait_for_refusals(daemon: &Daemon, count: u32) {
    let name = "dongtin_hub_verifications_total{outcome=\"refused\"}";
    eventually("refused", || (metric(daemon, name) == count).then_some(()));
}

#[test]
fn s44_rocks_100_a_typical_subscriber_is_asked_and_is_delivered_what_changes() {
    let (workspace, origin, daemon) = newsroom();
    let subscriber = Subscriber::new(&origin, "/cb");
    subscriber.subscribe(&daemon, &[]);
    let question = &subscriber.questions()[0];
    let asked = |name: &str| question.query(&format!("hub.{name}")).unwrap();
    assert_eq!((asked("mode"), asked("topic")), ("subscribe".to_owned(), TOPIC.to_owned()));
    assert_eq!(asked("lease_seconds"), "864000");
    let challenge = asked("challenge");
    assert!(challenge.len() >= 32 && challenge.bytes().all(|b| b.is_ascii_hexdigit()), "{challenge}");
    wait_for_status(&workspace, &json!({ "subscribers": 1, "failing": 0 }));

    publish(&origin, &["B", "A"]);
    daemon.wait_until_says("/hoc-bac/feed.atom", "ở B");
    let visible = Instant::now();
    let delivery = subscriber.delivery(1);
    assert!(visible.elapsed() < Duration::from_secs(5), "{:?}", visible.elapsed());
    let feed = daemon.get("/hoc-bac/feed.atom");
    assert!(feed.text().contains("ở B") && feed.body == delivery.body, "the whole feed as it stands");
    assert_eq!(delivery.header("content-type").unwrap(), feed.header("content-type"));
    assert_eq!(
        delivery.header("link").unwrap(),
        format!("<http://tin.hamau.vn/hub>; rel=\"hub\", <{TOPIC}>; rel=\"self\"")
    );
    assert_eq!(delivery.header("x-hub-signature"), None, "there is no secret");
    for absent in ["referer", "cookie", "authorization"] {
        assert_eq!(delivery.header(absent), None);
    }
    let text = String::from_utf8(workspace.run("status", &[]).stdout).unwrap();
    assert!(text.contains("Hub WebSub: 1 ") && text.contains("1 subscriber, 0 failing"), "{text}");
    assert_eq!(metric(&daemon, "dongtin_hub_subscribers"), 1);
    let delivered = || metric(&daemon, "dongtin_hub_deliveries_total{outcome=\"delivered\"}") == 1;
    eventually("it is counted", || delivered().then_some(()));
}

#[test]
fn every_feed_names_the_hub_and_what_it_calls_itself_can_be_subscribed_to() {
    let (_workspace, origin, daemon) = newsroom();
    let text = |name: &str| daemon.get(&format!("/all/{name}")).text();
    assert!(text("feed.atom").contains("href=\"http://tin.hamau.vn/hub\" rel=\"hub\""), "{}", text("feed.atom"));
    assert!(
        text("feed.rss").contains("<atom:link href=\"http://tin.hamau.vn/hub\" rel=\"hub\""),
        "{}",
        text("feed.rss")
    );
    let json: Value = serde_json::from_str(&text("feed.json")).unwrap();
    assert_eq!(json["hubs"], json!([{ "type": "WebSub", "url": "http://tin.hamau.vn/hub" }]));
    let subscriber = Subscriber::new(&origin, "/cb");
    for topic in ["http://tin.hamau.vn/all/feed.rss", json["feed_url"].as_str().unwrap(), TOPIC] {
        assert_eq!(subscriber.ask(&daemon, "subscribe", topic, &[]).status, 202, "{topic}");
    }
}

#[test]
fn rocks_101_with_a_secret_deliveries_are_signed() {
    let (_workspace, origin, daemon) = newsroom();
    let subscriber = Subscriber::new(&origin, "/cb");
    subscriber.subscribe(&daemon, &[("hub.secret", "bí mật")]);
    publish(&origin, &["B", "A"]);
    let delivery = subscriber.delivery(1);
    assert_eq!(delivery.header("x-hub-signature").unwrap(), signature("bí mật", &delivery.body));
    assert!(subscriber.questions().iter().all(|q| q.query("hub.secret").is_none()));
}

#[test]
fn rocks_102_parameters_that_nobody_knows_are_ignored_and_the_callbacks_own_query_stays() {
    let (_workspace, origin, daemon) = newsroom();
    let subscriber = Subscriber::new(&origin, "/cb?user=1&hub.mode=mine&x=%2B");
    subscriber.subscribe(&daemon, &[("hub.verify", "sync"), ("foo", "bar"), ("hub.lease_seconds", "7200")]);
    let question = &subscriber.questions()[0];
    assert!(
        question.path.starts_with("/cb?user=1&hub.mode=mine&x=%2B&hub.mode=subscribe&hub.topic="),
        "{}",
        question.path
    );
    assert_eq!(question.query("hub.lease_seconds").unwrap(), "7200");
    publish(&origin, &["B", "A"]);
    assert_eq!(subscriber.delivery(1).path, "/cb?user=1&hub.mode=mine&x=%2B");
}

#[test]
fn rocks_103_a_renewal_holds_once_it_is_verified_and_what_was_before_until_then() {
    let (workspace, origin, daemon) = newsroom();
    let subscriber = Subscriber::new(&origin, "/cb");
    subscriber.subscribe(&daemon, &[("hub.secret", "first")]);
    origin.script("/cb?", [Answer::status(500), Answer::challenge()]);
    assert_eq!(subscriber.ask(&daemon, "subscribe", TOPIC, &[("hub.secret", "forged")]).status, 202);
    wait_for_refusals(&daemon, 1);
    publish(&origin, &["B", "A"]);
    let delivery = subscriber.delivery(1);
    assert_eq!(delivery.header("x-hub-signature").unwrap(), signature("first", &delivery.body));
    subscriber.subscribe(&daemon, &[("hub.secret", "second")]);
    publish(&origin, &["C", "B", "A"]);
    let delivery = subscriber.delivery(2);
    assert_eq!(delivery.header("x-hub-signature").unwrap(), signature("second", &delivery.body));
    wait_for_status(&workspace, &json!({ "subscribers": 1, "failing": 0 }));
    let stories = |n: usize| String::from_utf8_lossy(&subscriber.deliveries()[n].body).matches("<entry>").count();
    assert_eq!((subscriber.deliveries().len(), stories(0), stories(1)), (2, 2, 3), "each change once");
}

#[test]
fn rocks_104_unsubscribing_is_verified_and_then_nothing_comes() {
    let (workspace, origin, daemon) = newsroom();
    let (leaving, staying) = (Subscriber::new(&origin, "/leaving"), Subscriber::new(&origin, "/staying"));
    leaving.subscribe(&daemon, &[]);
    staying.subscribe(&daemon, &[]);
    origin.script("/staying?", [Answer::ok("no")]);
    assert_eq!(staying.ask(&daemon, "unsubscribe", TOPIC, &[]).status, 202);
    wait_for_refusals(&daemon, 1);
    assert_eq!(leaving.ask(&daemon, "unsubscribe", TOPIC, &[]).status, 202);
    wait_for_status(&workspace, &json!({ "subscribers": 1, "failing": 0 }));
    let question = leaving.questions().pop().unwrap();
    assert_eq!(question.query("hub.mode").unwrap(), "unsubscribe");
    publish(&origin, &["B", "A"]);
    staying.delivery(1);
    assert!(leaving.deliveries().is_empty());
}

#[test]
fn rocks_105_106_other_formats_are_delivered_as_they_are() {
    let (_workspace, origin, daemon) = newsroom();
    let formats = [("/rss-cb", "/hoc-bac/feed.rss"), ("/json-cb", "/all/feed.json")];
    for (nth, (callback, path)) in formats.into_iter().enumerate() {
        let subscriber = Subscriber::new(&origin, callback);
        assert_eq!(subscriber.ask(&daemon, "subscribe", &format!("http://tin.hamau.vn{path}"), &[]).status, 202);
        let name = "dongtin_hub_verifications_total{outcome=\"confirmed\"}";
        eventually("confirmed", || (metric(&daemon, name) == u32::try_from(nth).unwrap() + 1).then_some(()));
    }
    publish(&origin, &["B", "A"]);
    for (callback, path) in formats {
        let delivery = Subscriber { origin: &origin, path: callback }.delivery(1);
        let feed = daemon.get(path);
        assert_eq!(delivery.body, feed.body, "{path}");
        assert_eq!(delivery.header("content-type").unwrap(), feed.header("content-type"), "{path}");
    }
}

#[test]
fn a_lease_ends() {
    let (workspace, origin, daemon) = newsroom();
    let (ending, staying) = (Subscriber::new(&origin, "/ending"), Subscriber::new(&origin, "/staying"));
    ending.subscribe(&daemon, &[("hub.lease_seconds", "1")]);
    assert_eq!(ending.questions()[0].query("hub.lease_seconds").unwrap(), "3600", "an hour at least");
    staying.subscribe(&daemon, &[]);
    wait_for_status(&workspace, &json!({ "subscribers": 2, "failing": 0 }));
    daemon.stop();
    edit(&workspace, "UPDATE subscriber SET lease_until = lease_until - 3600000 WHERE callback LIKE '%/ending'");
    let daemon = Daemon::start(&workspace);
    publish(&origin, &["B", "A"]);
    staying.delivery(1);
    assert!(ending.deliveries().is_empty());
    assert_eq!(metric(&daemon, "dongtin_hub_subscribers"), 1);
}

#[test]
fn who_does_not_confirm_is_no_subscriber_and_nothing_it_answers_leads_anywhere() {
    let (workspace, origin, daemon) = newsroom();
    let answers = [
        ("/404", Answer::status(404)),
        ("/empty", Answer::status(200)),
        ("/other", Answer::ok("something else")),
        ("/long", Answer::ok("x".repeat(100_000))),
        ("/endless", Answer::ok("").endless()),
        ("/cut", Answer::ok("xxxx").cut()),
        ("/away", Answer::redirect(302, "/elsewhere")),
        ("/moved", Answer::redirect(307, "/elsewhere")),
    ];
    origin.script("/elsewhere", [Answer::status(204)]);
    for (nth, (path, answer)) in answers.iter().enumerate() {
        origin.script(&format!("{path}?"), [answer.clone()]);
        let subscriber = Subscriber { origin: &origin, path };
        assert_eq!(subscriber.ask(&daemon, "subscribe", TOPIC, &[]).status, 202, "{path}");
        wait_for_refusals(&daemon, u32::try_from(nth).unwrap() + 1);
        assert_eq!(subscriber.questions().len(), 1, "{path}: asked once");
    }
    assert!(origin.log().iter().all(|r| !r.path.starts_with("/elsewhere")));
    assert_eq!(hub_status(&workspace), json!({ "subscribers": 0, "failing": 0 }));
}

#[test]
fn what_is_not_in_order_is_refused_at_once_and_not_repeated() {
    let (_workspace, origin, daemon) = newsroom();
    let callback = origin.url("/cb");
    let mode = ("hub.mode", "subscribe");
    let long = "s".repeat(200);
    let to = ("hub.callback", callback.as_str());
    let topic = ("hub.topic", TOPIC);
    let cases: Vec<(Vec<(&str, &str)>, u16)> = vec![
        (vec![], 400),
        (vec![topic, to], 400),
        (vec![("hub.mode", "<b>publish"), topic, to], 400),
        (vec![mode, to], 400),
        (vec![mode, topic], 400),
        (vec![mode, topic, ("hub.callback", "javascript:alert(1)")], 400),
        (vec![mode, topic, to, ("hub.secret", &long)], 400),
        (vec![mode, ("hub.topic", "http://tin.hamau.vn/khong-co/feed.atom"), to], 404),
        (vec![mode, ("hub.topic", "http://tin.hamau.vn/hoc-bac/"), to], 404),
        (vec![mode, ("hub.topic", "http://tin.hamau.vn//hoc-bac/feed.atom"), to], 404),
        (vec![mode, ("hub.topic", "http://TIN.hamau.vn/hoc-bac/feed.atom"), to], 404),
        (vec![mode, ("hub.topic", "http://tin.hamau.vn/hoc-bac/feed.atom?"), to], 404),
        (vec![mode, ("hub.topic", "http://bao.vn/feed.atom"), to], 404),
    ];
    for (form, status) in cases {
        let reply = post(daemon.public, &form);
        assert_eq!(reply.status, status, "{form:?}");
        assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
        assert!(reply.text().contains("hub.") && !reply.text().contains('<'), "{}", reply.text());
    }
    for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"] {
        let reply = request(daemon.public, method, "/hub", &[]);
        assert_eq!((reply.status, reply.header("allow")), (405, "POST"), "{method}");
    }
    let raw = |headers: &[(&str, &str)], body: &[u8]| send(daemon.public, "POST", "/hub", headers, body).status;
    assert_eq!(raw(&[("Content-Type", "application/json"), ("Content-Length", "2")], b"{}"), 415);
    let form = ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
    assert_eq!(raw(&[form, ("Content-Length", "9000")], &[b'a'; 9_000]), 413);
    assert!(origin.log().iter().all(|r| r.path == "/rss" || r.path == "/robots.txt"), "nobody was asked");
}

#[test]
fn no_callback_leads_to_a_private_address_or_another_port() {
    let (_workspace, origin, daemon) = newsroom();
    let port = origin.address.port();
    let callbacks = [
        format!("http://127.0.0.2:{port}/cb"),
        format!("http://localhost:{port}/cb"),
        format!("http://tin.hamau.vn:{port}/cb"),
        "http://0x7f.2/cb".to_owned(),
        "http://2130706434/cb".to_owned(),
        "http://[::1]/cb".to_owned(),
        "http://[::ffff:10.0.0.1]/cb".to_owned(),
        "http://[fe80::1]/cb".to_owned(),
        "http://10.0.0.1/cb".to_owned(),
        "http://192.168.1.1/cb".to_owned(),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://100.64.0.1/cb".to_owned(),
        "http://0.0.0.0/cb".to_owned(),
        "https://203.162.0.1:22/cb".to_owned(),
        "http://203.162.0.1:25/cb".to_owned(),
    ];
    for callback in &callbacks {
        let form = [("hub.mode", "subscribe"), ("hub.topic", TOPIC), ("hub.callback", callback)];
        assert_eq!(post(daemon.public, &form).status, 400, "{callback}");
    }
    assert!(origin.log().iter().all(|r| !r.path.starts_with("/cb")));
}

#[test]
fn a_flood_at_one_host_is_turned_away_and_asked_one_at_a_time() {
    let (_workspace, origin, daemon) = newsroom();
    let path = |n: usize| format!("/flood/{n}");
    for n in 0..80 {
        origin.script(&format!("{}?", path(n)), [Answer::challenge().held()]);
    }
    let replies: Vec<_> =
        (0..80).map(|n| Subscriber { origin: &origin, path: &path(n) }.ask(&daemon, "subscribe", TOPIC, &[])).collect();
    let taken = replies.iter().filter(|r| r.status == 202).count();
    assert!((64..=66).contains(&taken), "{taken}");
    let turned_away = replies.last().unwrap();
    assert_eq!((turned_away.status, turned_away.header("retry-after")), (503, "120"));
    let flooded = origin.log().iter().filter(|r| r.path.starts_with("/flood")).count();
    assert!(flooded <= 2, "one at a time: {flooded}");
    assert_eq!(
        Subscriber { origin: &origin, path: &path(40) }.ask(&daemon, "subscribe", TOPIC, &[]).status,
        202,
        "it waits already"
    );
    daemon.get("/hoc-bac/feed.atom");
}

#[test]
fn a_restart_delivers_what_was_owed_and_nothing_else() {
    let (workspace, origin, daemon) = newsroom();
    let subscriber = Subscriber::new(&origin, "/cb");
    origin.script("/cb", [Answer::status(204).held(), Answer::status(204)]);
    subscriber.subscribe(&daemon, &[]);
    publish(&origin, &["B", "A"]);
    subscriber.delivery(1);
    drop(daemon);
    origin.release();
    let daemon = Daemon::start(&workspace);
    let owed = subscriber.delivery(2);
    assert_eq!(owed.body, daemon.get("/hoc-bac/feed.atom").body);
    let name = "dongtin_hub_deliveries_total{outcome=\"delivered\"}";
    eventually("it is taken", || (metric(&daemon, name) == 1).then_some(()));
    daemon.stop();
    let _daemon = Daemon::start(&workspace);
    publish(&origin, &["C", "B", "A"]);
    let next = subscriber.delivery(3);
    assert!(String::from_utf8_lossy(&next.body).contains("ở C"), "nothing was sent at the start");
}

#[test]
fn what_is_not_taken_is_tried_again_with_the_newest_document_and_410_is_the_end() {
    let (workspace, origin, daemon) = newsroom();
    let subscriber = Subscriber::new(&origin, "/cb");
    origin.script("/cb", [Answer::status(500), Answer::status(204), Answer::status(410)]);
    subscriber.subscribe(&daemon, &[]);
    publish(&origin, &["B", "A"]);
    wait_for_status(&workspace, &json!({ "subscribers": 1, "failing": 1 }));
    publish(&origin, &["C", "B", "A"]);
    daemon.wait_until_says("/hoc-bac/feed.atom", "ở C");
    daemon.stop();
    assert_eq!(subscriber.deliveries().len(), 1, "not before its time");
    edit(&workspace, "UPDATE subscriber SET next_at = next_at - 120000");
    let _daemon = Daemon::start(&workspace);
    assert!(String::from_utf8_lossy(&subscriber.delivery(2).body).contains("ở C"));
    wait_for_status(&workspace, &json!({ "subscribers": 1, "failing": 0 }));
    publish(&origin, &["D", "C", "B", "A"]);
    subscriber.delivery(3);
    wait_for_status(&workspace, &json!({ "subscribers": 0, "failing": 0 }));
}

#[test]
fn a_subscriber_that_never_answers_delays_nobody() {
    let (_workspace, origin, daemon) = newsroom();
    let elsewhere = Origin::at("127.0.0.1:0");
    let (stuck, quick) = (Subscriber::new(&origin, "/stuck"), Subscriber::new(&elsewhere, "/quick"));
    origin.script("/stuck", [Answer::status(204).never()]);
    stuck.subscribe(&daemon, &[]);
    quick.subscribe(&daemon, &[]);
    publish(&origin, &["B", "A"]);
    stuck.delivery(1);
    daemon.wait_until_says("/hoc-bac/feed.atom", "ở B");
    publish(&origin, &["C", "B", "A"]);
    daemon.wait_until_says("/hoc-bac/feed.atom", "ở C");
    eventually("the quick one has the newest", || {
        let last = quick.deliveries().pop()?;
        String::from_utf8_lossy(&last.body).contains("ở C").then_some(())
    });
    assert_eq!(stuck.deliveries().len(), 1, "never two at once");
}

#[test]
#[ignore = "measures; run it with --release, --ignored and --nocapture"]
fn how_soon_thousands_have_what_is_new() {
    const SUBSCRIBERS: u32 = 10_000;
    const HOSTS: u32 = 100;
    let (workspace, origin, daemon) = newsroom();
    let subscriber = Subscriber::new(&origin, "/cb");
    subscriber.subscribe(&daemon, &[("hub.secret", "s")]);
    daemon.stop();
    workspace.settings("", "floor = \"1s\"\nhost_gap = \"0s\"\nper_host = 8\n");
    let settings = std::fs::read_to_string(workspace.path().join("config/dongtin.toml")).unwrap();
    workspace.write("config/dongtin.toml", settings.replace("[\"127.0.0.1\"]", "[\"127.0.0.0/8\"]"));
    let everywhere = Origin::at("0.0.0.0:0");
    let port = everywhere.address.port();
    let db = rusqlite::Connection::open(workspace.path().join("state/dongtin.db")).unwrap();
    for n in 2..=SUBSCRIBERS {
        let callback = format!("http://127.0.1.{}:{port}/cb/{n}", n % HOSTS + 1);
        everywhere.script(&format!("/cb/{n}"), [Answer::status(204)]);
        let copy = "INSERT INTO subscriber SELECT ?1, topic, ?2, secret, lease_until, has, 0, next_at FROM subscriber WHERE id = 1";
        db.execute(copy, (n, callback)).unwrap();
    }
    drop(db);
    let daemon = Daemon::start(&workspace);
    publish(&origin, &["B", "A"]);
    daemon.wait_until_says("/hoc-bac/feed.atom", "ở B");
    let visible = Instant::now();
    let delivered = || metric(&daemon, "dongtin_hub_deliveries_total{outcome=\"delivered\"}");
    eventually("half of them", || (delivered() >= SUBSCRIBERS / 2).then_some(()));
    let half = visible.elapsed();
    eventually("all of them", || (delivered() == SUBSCRIBERS).then_some(()));
    eprintln!("{SUBSCRIBERS} subscribers at {HOSTS} hosts: half after {half:?}, all after {:?}", visible.elapsed());
}

#[test]
fn whose_feed_is_withdrawn_is_told() {
    let (workspace, origin, daemon) = newsroom();
    let subscriber = Subscriber::new(&origin, "/cb");
    subscriber.subscribe(&daemon, &[]);
    let topic = std::fs::read_to_string(workspace.path().join("config/topics/hoc-bac.toml")).unwrap();
    workspace.write("config/topics/hoc-bac.toml", topic.replace("id = \"hoc-bac\"", "id = \"hoc-tap\""));
    daemon.signal("HUP");
    let denied = eventually("the subscriber is told", || subscriber.questions().into_iter().nth(1));
    assert_eq!(denied.query("hub.mode").unwrap(), "denied");
    assert_eq!(denied.query("hub.topic").unwrap(), TOPIC);
    wait_for_status(&workspace, &json!({ "subscribers": 0, "failing": 0 }));
}

/// A newsroom that has its feeds announced at `/hub` of its origin.
fn announcing() -> (Workspace, Origin) {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/rss", "")]);
    workspace.settings(
        "",
        &format!("floor = \"1s\"\nhost_gap = \"0s\"\nper_host = 8\n[websub]\nhub = \"{}\"\n", origin.url("/hub")),
    );
    publish(&origin, &["A"]);
    (workspace, origin)
}

/// The forms that the hub was sent, from the `nth` on, once there are so many.
fn announced(origin: &Origin, nth: usize) -> BTreeMap<String, Vec<String>> {
    origin.wait_for("/hub", nth);
    let request = origin.requests("/hub").swap_remove(nth - 1);
    let mut form: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in parse(&request.body).into_owned() {
        form.entry(name).or_default().push(value);
    }
    form
}

#[test]
fn s44_an_external_hub_is_told_which_feeds_changed_and_nothing_else() {
    let (workspace, origin) = announcing();
    origin.script("/hub", [Answer::status(204)]);
    let daemon = Daemon::start(&workspace);
    let form = announced(&origin, 1);
    assert_eq!(form["hub.mode"], ["publish"]);
    let feeds: Vec<String> = ["all", "hoc-bac"]
        .iter()
        .flat_map(|channel| ["atom", "json", "rss"].map(|f| format!("http://tin.hamau.vn/{channel}/feed.{f}")))
        .collect();
    assert_eq!((&form["hub.topic"], &form["hub.url"]), (&feeds, &feeds), "all of them in one request");
    let feed = daemon.get("/hoc-bac/feed.atom").text();
    assert!(feed.contains(&format!("href=\"{}\" rel=\"hub\"", origin.url("/hub"))), "{feed}");
    assert_eq!(request(daemon.public, "GET", "/hub", &[]).status, 404, "the other one is the hub");
    let told = || get(daemon.private, "/metrics", &[]).text().contains("{outcome=\"announced\"} 1");
    eventually("it is noted", || told().then_some(()));
    daemon.stop();
    let _daemon = Daemon::start(&workspace);
    publish(&origin, &["ngoài chủ đề", "A"]);
    announced(&origin, 2);
    assert_eq!(origin.requests("/hub").len(), 2, "nothing was announced at the start");
}

#[test]
fn s44_an_external_hub_that_fails_delays_nothing_and_is_told_after_a_restart() {
    let (workspace, origin) = announcing();
    origin.script("/hub", [Answer::status(500), Answer::status(204)]);
    let daemon = Daemon::start(&workspace);
    announced(&origin, 1);
    publish(&origin, &["B", "A"]);
    daemon.wait_until_says("/hoc-bac/feed.atom", "ở B");
    assert_eq!(origin.requests("/hub").len(), 1, "it is tried again in a minute");
    daemon.stop();
    let _daemon = Daemon::start(&workspace);
    announced(&origin, 2);
}

#[test]
fn without_a_hub_no_feed_names_one() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/rss", "")]);
    workspace.settings("", "floor = \"1s\"\nhost_gap = \"0s\"\nper_host = 8\n[websub]\nhub = \"off\"\n");
    publish(&origin, &["A"]);
    let daemon = Daemon::start(&workspace);
    daemon.wait_until_says("/hoc-bac/feed.atom", "ở A");
    for name in ["feed.atom", "feed.rss", "feed.json"] {
        assert!(!daemon.get(&format!("/hoc-bac/{name}")).text().contains("hub"), "{name}");
    }
    assert_eq!(post(daemon.public, &[("hub.mode", "subscribe")]).status, 405);
}
