//! Hubs: how they are found and asked, what they may say, and what is done with what they deliver. The numbers are those of the
//! subscriber tests of websub.rocks, and of the assertions.

use std::fs;

use serde_json::{Value, json};

use super::support::daemon::{request, send};
use super::support::{Answer, Asked, Daemon, Item, Origin, Workspace, eventually, get, rss};

/// A feed that names its hub and itself.
fn feed(origin: &Origin, items: &[Item]) -> Vec<u8> {
    let links = format!(
        "<atom:link rel=\"hub\" href=\"{}\"/><atom:link rel=\"self\" href=\"{}\"/></channel>",
        origin.url("/hub"),
        origin.url("/self?a=1&amp;b=2")
    );
    let text = String::from_utf8(rss(items)).unwrap().replace("</channel>", &links);
    text.replace("<rss ", "<rss xmlns:atom=\"http://www.w3.org/2005/Atom\" ").into_bytes()
}

fn old_item() -> Item {
    Item::new("a", "Tuổi trẻ học Bác")
}

fn new_item() -> Item {
    Item::new("b", "Phụ nữ làm theo Bác")
}

/// An origin with a feed and a hub that accepts, and a source that polls it every two seconds.
fn origin() -> (Workspace, Origin) {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/rss", "every = \"2s\"")]);
    origin.script("/rss", [Answer::ok(feed(&origin, &[old_item()]))]);
    origin.script("/hub", [Answer::status(202)]);
    (workspace, origin)
}

/// A daemon whose subscription the hub has confirmed for this many seconds.
fn subscribed(lease: u32) -> (Workspace, Origin, Daemon, Asked) {
    let (workspace, origin) = origin();
    let daemon = Daemon::start(&workspace);
    let asked = Asked::nth(&origin, "/hub", 1);
    asked.verify(&daemon, lease);
    wait_for_state(&workspace, "active");
    (workspace, origin, daemon, asked)
}

const TEN_DAYS: u32 = 864_000;

fn source_status(workspace: &Workspace) -> Value {
    let output = workspace.run("status", &["--format", "json"]);
    let status: Value = serde_json::from_slice(&output.stdout).unwrap();
    status["sources"][0].clone()
}

/// Waits until `status` says so; gives what it says of the source.
fn wait_for(workspace: &Workspace, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    eventually(what, || Some(source_status(workspace)).filter(&is_so))
}

fn wait_for_state(workspace: &Workspace, state: &str) -> Value {
    wait_for(workspace, state, |source| source["websub"]["state"] == state)
}

fn wait_for_metric(daemon: &Daemon, line: &str) {
    eventually(line, || get(daemon.private, "/metrics", &[]).text().contains(line).then_some(()));
}

fn log_says(workspace: &Workspace, what: &str) -> bool {
    fs::read_to_string(workspace.path().join("log")).unwrap_or_default().contains(what)
}

#[test]
fn p60_p61_rocks_100_101_103_104_200_a_hub_is_found_wherever_it_is_named_and_asked_for_the_topic_it_knows() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    let page: String = (1..=5)
        .map(|n| format!("<div class=item><a href='/tin-{n}-a1.html'>Tin thứ {n} của trang nhất</a><span class=date>23/11/2026 08:00</span></div>"))
        .collect();
    let links = |name: &str| format!("<{}>; rel=\"hub\", <{}>; rel=\"self\"", origin.url("/hub"), origin.url(name));
    let plain = rss(&[old_item()]);
    origin.script("/header", [Answer::ok(plain.clone()).header("Link", links("/of-header"))]);
    origin.script("/feed", [Answer::ok(feed(&origin, &[old_item()]))]);
    origin.script("/both", [Answer::ok(feed(&origin, &[old_item()])).header("Link", links("/before-feed"))]);
    origin.script("/trang", [Answer::ok(format!(
        "<html><head><link rel=hub href=/hub><link rel=self href=/of-page></head><body><main>{page}</main></body></html>"
    ))]);
    origin.script("/half", [Answer::ok(plain).header("Link", format!("<{}>; rel=hub", origin.url("/hub")))]);
    origin.script("/hub", [Answer::status(202)]);
    let listing = "every = \"1h\"\ncms = \"a-id\"\nfull_text = \"never\"";
    let hourly = "every = \"1h\"";
    workspace.sources(
        &origin,
        &[
            ("mot", "/header", hourly),
            ("hai", "/feed", hourly),
            ("ba", "/both", hourly),
            ("bon", "/trang", listing),
            ("nam", "/half", hourly),
        ],
    );
    workspace.poll(&[]);
    assert_eq!(origin.requests("/hub").len(), 0, "who does not stay subscribes to nothing");
    let daemon = Daemon::start(&workspace);
    let asked: Vec<Asked> = (1..=4).map(|nth| Asked::nth(&origin, "/hub", nth)).collect();
    let mut topics: Vec<&str> = asked.iter().map(|a| a.field("topic")).collect();
    topics.sort_unstable();
    let mut expected = ["/of-header", "/self?a=1&b=2", "/before-feed", "/of-page"].map(|path| origin.url(path));
    expected.sort_unstable();
    assert_eq!(topics, expected);
    asked.iter().for_each(|a| a.verify(&daemon, TEN_DAYS));
    assert_eq!(origin.requests("/hub").len(), 4, "a hub without a topic is none");
}

#[test]
fn p61_rocks_201_202_the_topic_is_what_the_document_behind_a_redirect_calls_itself() {
    for status in [301, 302] {
        let (workspace, origin) = origin();
        workspace.sources(&origin, &[("mot", "/alt", "every = \"1h\"")]);
        origin.script("/alt", [Answer::redirect(status, "/rss")]);
        workspace.poll_one();
        let _daemon = Daemon::start(&workspace);
        assert_eq!(Asked::nth(&origin, "/hub", 1).field("topic"), origin.url("/self?a=1&b=2"));
    }
}

#[test]
fn p66_a_request_says_everything_and_its_callback_and_secret_cannot_be_guessed() {
    let (workspace, origin, _daemon, asked) = subscribed(TEN_DAYS);
    let names: Vec<&str> = asked.form.keys().map(String::as_str).collect();
    assert_eq!(names, ["hub.callback", "hub.lease_seconds", "hub.mode", "hub.secret", "hub.topic"]);
    assert_eq!((asked.field("mode"), asked.field("lease_seconds")), ("subscribe", "864000"));
    let token = asked.field("callback").strip_prefix("http://tin.hamau.vn/websub/").unwrap();
    let is_random = |text: &str, digits| text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit());
    assert!(is_random(token, 32) && is_random(asked.field("secret"), 64), "{asked:?}");
    let request = &origin.requests("/hub")[0];
    assert!(request.header("user-agent").unwrap().starts_with("dongtin/"));
    for absent in ["referer", "cookie"] {
        assert_eq!(request.header(absent), None);
    }
    assert_eq!(source_status(&workspace)["websub"]["hub"], origin.url("/hub"));
}

#[test]
fn p62_rocks_203_204_a_redirected_hub_is_asked_where_it_is_with_the_whole_request() {
    for status in [307, 308] {
        let (workspace, origin) = origin();
        origin.script("/hub", [Answer::redirect(status, "/hub2")]);
        origin.script("/hub2", [Answer::status(202)]);
        let daemon = Daemon::start(&workspace);
        let asked = Asked::nth(&origin, "/hub2", 1);
        assert_eq!(asked, Asked::nth(&origin, "/hub", 1));
        asked.verify(&daemon, TEN_DAYS);
    }
}

#[test]
fn p70_no_hub_leads_to_a_private_address_or_another_port() {
    let elsewhere = Origin::start();
    let port = |origin: &Origin| origin.address.port();
    // 127.0.0.1 is allowed, and no other.
    let (first, second) = (Origin::start(), Origin::start());
    let hubs = [(&first, format!("http://127.0.0.2:{}/hub", port(&first))), (&second, elsewhere.url("/hub"))];
    for (origin, hub) in hubs {
        let workspace = Workspace::new();
        workspace.sources(origin, &[("mot", "/rss", "every = \"1h\"")]);
        let link = format!("<{hub}>; rel=hub, </rss>; rel=self");
        origin.script("/rss", [Answer::ok(rss(&[old_item()])).header("Link", link)]);
        workspace.poll_one();
        let _daemon = Daemon::start(&workspace);
        eventually("it is refused", || log_says(&workspace, "refused-address").then_some(()));
        assert_eq!(source_status(&workspace)["websub"]["state"], "lapsed");
    }
    let (workspace, origin) = origin();
    origin.script("/hub", [Answer::redirect(307, &format!("http://127.0.0.2:{}/hub2", port(&origin)))]);
    let _daemon = Daemon::start(&workspace);
    eventually("it is refused", || log_says(&workspace, "refused-address").then_some(()));
    assert!(elsewhere.log().is_empty(), "another port");
    assert!(first.requests("/hub").is_empty() && origin.requests("/hub2").is_empty(), "another address");
}

#[test]
fn p63_rocks_205_only_what_was_asked_for_is_confirmed_once() {
    let (workspace, origin) = origin();
    let daemon = Daemon::start(&workspace);
    let asked = Asked::nth(&origin, "/hub", 1);
    let topic = asked.field("topic").to_owned();
    for (mode, topic) in [("subscribe", origin.url("/rss")), ("unsubscribe", topic.clone()), ("publish", topic.clone())]
    {
        assert_eq!(asked.question(&daemon, mode, &topic, TEN_DAYS).status, 404, "{mode} {topic}");
    }
    let wrong = Asked { form: [("hub.callback".to_owned(), format!("http://x/websub/{}", "0".repeat(32)))].into() };
    assert_eq!(wrong.question(&daemon, "subscribe", &topic, TEN_DAYS).status, 404);
    asked.verify(&daemon, TEN_DAYS);
    assert_eq!(asked.question(&daemon, "subscribe", &topic, TEN_DAYS).status, 404, "it is confirmed already");
    assert_eq!(request(daemon.public, "PUT", &asked.path(), &[]).status, 405);
    wait_for_state(&workspace, "active");
}

#[test]
fn a_hub_that_denies_is_understood_and_polling_goes_on() {
    let (workspace, origin, daemon, asked) = subscribed(TEN_DAYS);
    assert_eq!(asked.question(&daemon, "denied", asked.field("topic"), 0).status, 200);
    wait_for_state(&workspace, "lapsed");
    let polls = origin.requests("/rss").len();
    origin.wait_for("/rss", polls + 2);
}

#[test]
fn p64_p68_rocks_300_a_delivery_is_answered_at_once_and_read_and_then_the_source_is_polled_once_a_day() {
    let (workspace, origin, daemon, asked) = subscribed(TEN_DAYS);
    let polls = origin.requests("/rss").len();
    origin.wait_for("/rss", polls + 2);
    let before = source_status(&workspace);
    assert_eq!(
        (&before["websub"]["trusted"], &before["next_cause"]),
        (&json!(false), &json!("cadence")),
        "only verified"
    );
    // Long to read: the answer does not wait for it.
    let mut items: Vec<Item> =
        (0..3_000).map(|n| Item::new(&format!("x{n}"), &format!("Tin số {n} trong ngày"))).collect();
    items.push(new_item());
    asked.deliver(&daemon, &feed(&origin, &items));
    daemon.wait_until_says("/hoc-bac/feed.atom", "Phụ nữ làm theo Bác");
    let status = wait_for(&workspace, "the next poll is tomorrow", |source| source["next_cause"] == "websub");
    let at = |name: &str| chrono::DateTime::parse_from_rfc3339(status[name].as_str().unwrap()).unwrap();
    assert_eq!((at("next") - at("polled_at")).num_hours(), 24);
    assert_eq!((&status["websub"]["trusted"], &status["failures"]), (&json!(true), &json!(0)));
    assert!(status["new_at"].as_str() > before["new_at"].as_str(), "what is delivered is no silence: {status}");
    assert!(status["websub"]["last_push"].is_string() && status["websub"]["lease_until"].is_string(), "{status}");
    let text = String::from_utf8(workspace.run("status", &[]).stdout).unwrap();
    assert!(text.contains("trusted") && text.contains("WebSub"), "{text}");
    let polls = origin.requests("/rss").len();
    daemon.signal("HUP");
    daemon.wait_for("READY=1");
    assert_eq!(origin.requests("/rss").len(), polls, "a reload asks no source that was not due");
}

#[test]
fn a_delivery_is_no_answer_of_the_polled_address() {
    let (workspace, origin) = origin();
    origin.script("/rss", [Answer::ok(feed(&origin, &[old_item()])).etag("\"1\"")]);
    let daemon = Daemon::start(&workspace);
    let asked = Asked::nth(&origin, "/hub", 1);
    asked.verify(&daemon, TEN_DAYS);
    wait_for_state(&workspace, "active");
    asked.deliver(&daemon, &feed(&origin, &[new_item(), old_item()]));
    daemon.wait_until_says("/hoc-bac/feed.atom", "Phụ nữ làm theo Bác");
    wait_for(&workspace, "polled again", |source| source["next_cause"] == "websub");
    let last = origin.requests("/rss").pop().unwrap();
    assert_eq!(last.header("if-none-match").unwrap(), "\"1\"", "validators are as they were");
    let titles = daemon.get("/all/feed.atom").text().matches("<entry>").count();
    assert_eq!(titles, 2, "what is polled and delivered is there once");
}

#[test]
fn p65_rocks_301_302_a_delivery_without_a_valid_signature_is_answered_alike_dropped_and_counted() {
    let (workspace, origin, daemon, asked) = subscribed(TEN_DAYS);
    let forged = rss(&[Item::new("f", "Tin giả học Bác")]);
    let stranger = Asked { form: [("hub.secret".to_owned(), "x".to_owned())].into() };
    for signature in [None, Some("sha256=00"), Some("md5=abc"), Some(stranger.signature(&forged).as_str())] {
        assert_eq!(asked.post(&daemon, &forged, signature).status, 202, "{signature:?}");
    }
    wait_for_metric(&daemon, "dongtin_websub_deliveries_total{outcome=\"bad-signature\"} 4");
    assert_eq!(source_status(&workspace)["websub"]["last_push"], Value::Null);
    asked.deliver(&daemon, &feed(&origin, &[new_item()]));
    let feed = daemon.wait_until_says("/hoc-bac/feed.atom", "Phụ nữ làm theo Bác");
    assert!(!feed.text().contains("Tin giả"));
}

#[test]
fn p66_a_body_over_the_limit_is_refused_before_it_is_read_and_junk_is_no_delivery() {
    let (workspace, _origin, daemon, asked) = subscribed(TEN_DAYS);
    let declared = ((8 << 20) + 1).to_string();
    let reply = send(daemon.public, "POST", &asked.path(), &[("Content-Length", &declared)], b"<rss>");
    assert_eq!(reply.status, 413);
    asked.deliver(&daemon, b"\x1f\x8b\x08 not gzip");
    wait_for_metric(&daemon, "dongtin_websub_deliveries_total{outcome=\"");
    assert_eq!(source_status(&workspace)["websub"]["trusted"], false);
}

#[test]
fn p66_of_deliveries_that_come_too_fast_one_waits_and_the_feed_is_asked_for_the_others() {
    let (workspace, origin, daemon, asked) = subscribed(TEN_DAYS);
    let item = |name: &str| Item::new(name, &format!("Làm theo Bác ở {name}"));
    asked.deliver(&daemon, &feed(&origin, &[item("xã A")]));
    daemon.wait_until_says("/hoc-bac/feed.atom", "ở xã A");
    wait_for(&workspace, "polled again", |source| source["next_cause"] == "websub");
    let polls = origin.requests("/rss").len();
    origin.script("/rss", [Answer::ok(feed(&origin, &[item("xã B"), item("xã C")]))]);
    asked.deliver(&daemon, &feed(&origin, &[item("xã B")]));
    asked.deliver(&daemon, &feed(&origin, &[item("xã D")]));
    origin.wait_for("/rss", polls + 1);
    for name in ["xã B", "xã C"] {
        daemon.wait_until_says("/hoc-bac/feed.atom", &format!("ở {name}"));
    }
    assert!(get(daemon.private, "/metrics", &[]).text().contains("{outcome=\"too-many\"} 1"));
    daemon.wait_until_says("/hoc-bac/feed.atom", "ở xã D");
}

#[test]
fn p67_a_lease_is_renewed_before_its_end_and_without_it_polling_resumes() {
    let (workspace, origin, daemon, asked) = subscribed(16);
    asked.deliver(&daemon, &feed(&origin, &[new_item()]));
    wait_for(&workspace, "trusted", |source| source["next_cause"] == "websub");
    let renewed = Asked::nth(&origin, "/hub", 2);
    assert_eq!(renewed, asked, "the same subscription");
    renewed.verify(&daemon, 4);
    let status = wait_for_state(&workspace, "active");
    assert_eq!(status["websub"]["trusted"], true);
    // The next one is not confirmed.
    Asked::nth(&origin, "/hub", 3);
    let polls = origin.requests("/rss").len();
    let status = wait_for(&workspace, "the lease is over", |source| source["websub"]["lease_until"].is_null());
    assert_eq!(status["websub"]["trusted"], false);
    origin.wait_for("/rss", polls + 2);
}

#[test]
fn p69_what_is_no_longer_wanted_is_unsubscribed_and_its_callback_is_gone() {
    let off = "every = \"2s\"\nenabled = false";
    for (why, sources, settings) in [
        ("the source left", vec![("hai", "/hai", "")], ""),
        ("it is disabled", vec![("hai", "/hai", ""), ("mot", "/rss", off)], ""),
        ("hubs are switched off", vec![("mot", "/rss", "every = \"2s\"")], "[websub]\nsubscribe = false\n"),
    ] {
        let (workspace, origin, daemon, asked) = subscribed(TEN_DAYS);
        workspace.settings("", &format!("floor = \"1s\"\nhost_gap = \"0s\"\n{settings}"));
        workspace.sources(&origin, &sources);
        daemon.signal("HUP");
        let goodbye = Asked::nth(&origin, "/hub", 2);
        assert_eq!(goodbye.field("mode"), "unsubscribe", "{why}");
        assert_eq!((goodbye.field("topic"), goodbye.path()), (asked.field("topic"), asked.path()));
        goodbye.verify(&daemon, 0);
        let body = feed(&origin, &[new_item()]);
        let is_gone = |daemon: &Daemon| {
            assert_eq!(asked.post(daemon, &body, Some(&asked.signature(&body))).status, 410, "{why}");
            eventually("it has ended", || {
                (asked.question(daemon, "subscribe", asked.field("topic"), TEN_DAYS).status == 410).then_some(())
            });
        };
        is_gone(&daemon);
        assert!(daemon.stop().success());
        is_gone(&Daemon::start(&workspace));
        assert_eq!(origin.requests("/hub").len(), 2, "{why}");
    }
}

#[test]
fn a_subscription_outlives_a_restart_and_sources_are_polled_after_it_as_without_a_hub() {
    let (workspace, origin, daemon, asked) = subscribed(TEN_DAYS);
    asked.deliver(&daemon, &feed(&origin, &[old_item()]));
    wait_for(&workspace, "trusted", |source| source["next_cause"] == "websub");
    daemon.signal("KILL");
    drop(daemon);
    let polls = origin.requests("/rss").len();
    // What the hub could not deliver meanwhile.
    origin.script("/rss", [Answer::ok(feed(&origin, &[new_item(), old_item()]))]);
    let daemon = Daemon::start(&workspace);
    daemon.wait_until_says("/hoc-bac/feed.atom", "Phụ nữ làm theo Bác");
    assert!(origin.requests("/rss").len() > polls);
    let status = wait_for(&workspace, "trusted", |source| source["next_cause"] == "websub");
    assert_eq!((&status["websub"]["state"], &status["websub"]["trusted"]), (&json!("active"), &json!(true)));
    asked.deliver(&daemon, &feed(&origin, &[Item::new("c", "Nông dân làm theo Bác")]));
    daemon.wait_until_says("/hoc-bac/feed.atom", "Nông dân làm theo Bác");
    assert_eq!(origin.requests("/hub").len(), 1, "nothing is asked for again");
}

#[test]
fn a_hub_that_does_not_deliver_what_a_poll_finds_is_trusted_no_more() {
    let (workspace, origin) = origin();
    // Without a floor, a hub is late at once.
    workspace.settings("", "floor = \"0s\"\nhost_gap = \"0s\"\n");
    let daemon = Daemon::start(&workspace);
    let asked = Asked::nth(&origin, "/hub", 1);
    asked.verify(&daemon, TEN_DAYS);
    asked.deliver(&daemon, &feed(&origin, &[old_item()]));
    wait_for(&workspace, "trusted", |source| source["next_cause"] == "websub");
    let now = chrono::DateTime::parse_from_rfc2822(daemon.get("/").header("date")).unwrap();
    let late = now + chrono::TimeDelta::seconds(1);
    let missed = Item { date: late.to_rfc2822(), ..new_item() };
    origin.script("/rss", [Answer::ok(feed(&origin, &[missed, old_item()]))]);
    // That there is something new is no delivery; but it has the source polled.
    asked.deliver(&daemon, b"");
    daemon.wait_until_says("/hoc-bac/feed.atom", "Phụ nữ làm theo Bác");
    let status = wait_for(&workspace, "trust is lost", |source| source["websub"]["trusted"] == false);
    assert_eq!((&status["websub"]["state"], &status["next_cause"]), (&json!("lapsed"), &json!("cadence")));
    let polls = origin.requests("/rss").len();
    origin.wait_for("/rss", polls + 2);
    assert_eq!(origin.requests("/hub").len(), 1, "it gets another chance in a week");
}

#[test]
fn hubs_are_not_asked_where_it_is_switched_off_or_nobody_could_reach_us() {
    for (from, to) in [
        ("http://tin.hamau.vn/", "http://localhost:8750/"),
        ("http://tin.hamau.vn/", "http://10.1.2.3/"),
        ("[manners]", "[websub]\nsubscribe = false\n[manners]"),
    ] {
        let (workspace, origin) = origin();
        let settings = fs::read_to_string(workspace.path().join("config/dongtin.toml")).unwrap();
        workspace.write("config/dongtin.toml", settings.replace(from, to));
        let _daemon = Daemon::start(&workspace);
        origin.wait_for("/rss", 3);
        assert!(origin.requests("/hub").is_empty(), "{to}");
        assert_eq!(source_status(&workspace)["websub"], Value::Null);
    }
}
