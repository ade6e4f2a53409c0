//! What readers receive, and that a restart changes nothing.

use std::collections::BTreeMap;

use serde_json::Value;

use super::support::daemon::request;
use super::support::{Answer, Daemon, Item, Origin, Reply, Workspace, get, rss};

/// A daemon that has published two stories, one of them on the topic.
fn published() -> (Workspace, Origin, Daemon) {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/rss", "every = \"1h\"\nprovince = \"ha-tinh\"")]);
    let items = [Item::new("a", "Tuổi trẻ học Bác & làm theo Bác"), Item::new("b", "Giá lúa tăng")];
    origin.script("/rss", [Answer::ok(rss(&items)).etag("\"1\"")]);
    workspace.poll_one();
    let daemon = Daemon::start(&workspace);
    (workspace, origin, daemon)
}

const FEEDS: [&str; 3] = ["feed.atom", "feed.rss", "feed.json"];

/// The (id, title) of every entry, as `inspect` reads them.
fn entries(workspace: &Workspace, reply: &Reply) -> Vec<(String, String)> {
    workspace.write("feed", &reply.body);
    let output = workspace.run("inspect", &["--format", "json", "feed"]);
    let read: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&read["ok"], &read["repaired"]), (&Value::Bool(true), &serde_json::json!([])), "{read}");
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    read["entries"].as_array().unwrap().iter().map(|e| (text(&e["id"]), text(&e["title"]))).collect()
}

#[test]
fn every_topic_and_everything_is_there_in_three_formats_with_the_same_entries() {
    let (workspace, _origin, daemon) = published();
    for (channel, titles) in [
        ("hoc-bac", vec!["Tuổi trẻ học Bác & làm theo Bác"]),
        ("all", vec!["Giá lúa tăng", "Tuổi trẻ học Bác & làm theo Bác"]),
    ] {
        let lists: Vec<_> =
            FEEDS.iter().map(|f| entries(&workspace, &daemon.get(&format!("/{channel}/{f}")))).collect();
        assert!(lists.windows(2).all(|w| w[0] == w[1]), "{lists:?}");
        let mut found: Vec<&str> = lists[0].iter().map(|(_, title)| title.as_str()).collect();
        found.sort_unstable();
        assert_eq!(found, titles);
        assert!(lists[0].iter().all(|(id, _)| id.starts_with("tag:tin.hamau.vn,2")), "{lists:?}");
    }
    let types: Vec<String> =
        FEEDS.iter().map(|f| daemon.get(&format!("/hoc-bac/{f}")).header("content-type").to_owned()).collect();
    assert_eq!(
        types,
        ["application/atom+xml; charset=utf-8", "application/rss+xml; charset=utf-8", "application/feed+json"]
    );
}

#[test]
fn pages_opml_and_the_parts_of_a_page_are_there() {
    let (_workspace, _origin, daemon) = published();
    let page = daemon.get("/hoc-bac/").text();
    assert!(
        page.contains("<h1>Học Bác</h1>") && page.contains("Tuổi trẻ học Bác") && page.contains("Hà Tĩnh"),
        "{page}"
    );
    let english = get(daemon.public, "/hoc-bac/", &[("Accept-Language", "en-GB,en")]).text();
    assert!(english.contains("<h1>Following Uncle</h1>"));
    let front = daemon.get("/").text();
    assert!(front.contains("hoc-bac/") && front.contains(">2\u{a0}tin</a>"), "{front}");
    assert!(daemon.get("/sources.opml").text().contains("Báo mot"));
    for reference in page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        let Some(path) = reference.strip_prefix("../").or(reference.strip_prefix("http://tin.hamau.vn/")) else {
            continue;
        };
        let path = path.strip_prefix("./").unwrap_or(path).split('#').next().unwrap_or_default();
        assert_eq!(daemon.get(&format!("/{path}")).status, 200, "{reference}");
    }
    assert_eq!(daemon.get("/hoc-bac").status, 308);
    for path in ["/khong-co/feed.atom", "/hoc-bac/x", "/a/b/c/", "/404.html"] {
        let missing = get(daemon.public, path, &[("Accept", "text/html, */*;q=0.8")]);
        assert_eq!((missing.status, missing.header("content-type")), (404, "text/html; charset=utf-8"), "{path}");
        assert_eq!((missing.header("cache-control"), missing.header("etag")), ("no-store", ""), "{path}");
        let text = missing.text();
        assert!(text.contains("Không có trang này") && text.contains("href=\"http://tin.hamau.vn/\""), "{text}");
    }
}

#[test]
fn a_reader_who_has_it_is_told_so_and_head_is_get_without_the_body() {
    let (_workspace, _origin, daemon) = published();
    let path = "/hoc-bac/feed.atom";
    let full = daemon.settled(path);
    let by_tag = get(daemon.public, path, &[("If-None-Match", full.header("etag"))]);
    assert_eq!((by_tag.status, by_tag.body.len(), by_tag.header("etag")), (304, 0, full.header("etag")));
    let by_date = get(daemon.public, path, &[("If-Modified-Since", full.header("last-modified"))]);
    assert_eq!(by_date.status, 304);
    let head = request(daemon.public, "HEAD", path, &[]);
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), full.body.len().to_string());
    let zipped = get(daemon.public, path, &[("Accept-Encoding", "gzip")]);
    assert_eq!(zipped.header("content-encoding"), "gzip");
    let mut plain = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(zipped.body.as_slice()), &mut plain).unwrap();
    assert_eq!(plain, full.body);
    assert_eq!(request(daemon.public, "POST", path, &[]).status, 405);
}

#[test]
fn what_is_for_the_operator_is_on_the_private_listener_only() {
    let (_workspace, _origin, daemon) = published();
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(get(daemon.private, path, &[]).status, 200, "{path}");
        assert_eq!(daemon.get(path).status, 404, "{path}");
    }
    let metrics = get(daemon.private, "/metrics", &[]).text();
    assert!(
        metrics.contains("dongtin_stories 2") && metrics.contains("dongtin_requests_total{status=\"404\"} 3"),
        "{metrics}"
    );
}

#[test]
fn a_restart_gives_the_same_bytes_tags_and_dates() {
    let (workspace, _origin, daemon) = published();
    let documents = |daemon: &Daemon| -> BTreeMap<String, (Vec<u8>, String, String)> {
        let paths = ["hoc-bac/", "all/", ""].map(|p| format!("/{p}")).into_iter();
        let feeds = FEEDS.iter().flat_map(|f| [format!("/hoc-bac/{f}"), format!("/all/{f}")]);
        paths
            .chain(feeds)
            .map(|path| {
                let reply = daemon.settled(&path);
                let (etag, modified) = (reply.header("etag").to_owned(), reply.header("last-modified").to_owned());
                (path, (reply.body, etag, modified))
            })
            .collect()
    };
    let before = documents(&daemon);
    assert!(daemon.stop().success());
    // Another poll without news is no news.
    assert_eq!(workspace.poll_one()["outcome"], "not-modified");
    let daemon = Daemon::start(&workspace);
    let after = documents(&daemon);
    assert_eq!(before, after);
}

#[test]
fn a_new_item_appears_and_a_failing_source_empties_nothing() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/rss", "")]);
    let first = rss(&[Item::new("a", "Một ngày học Bác")]);
    let second = rss(&[Item::new("b", "Hai ngày học Bác"), Item::new("a", "Một ngày học Bác")]);
    origin.script("/rss", [Answer::ok(first), Answer::ok(second), Answer::ok("<html>hỏng</html>")]);
    let daemon = Daemon::start(&workspace);
    daemon.wait_until_says("/hoc-bac/feed.atom", "Hai ngày học Bác");
    origin.wait_for("/rss", 3);
    let metric = "dongtin_polls_total{outcome=\"html-page\"} 1";
    super::support::eventually(metric, || get(daemon.private, "/metrics", &[]).text().contains(metric).then_some(()));
    let feed = daemon.get("/hoc-bac/feed.atom").text();
    assert!(feed.contains("Một ngày học Bác") && feed.contains("Hai ngày học Bác"));
}

#[test]
fn hostile_text_leaves_as_harmless_text() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/rss", "every = \"1h\"")]);
    let body = "<rss version=\"2.0\"><channel><title>x</title><item><title>học Bác &lt;script&gt;alert(1)&lt;/script&gt; \u{202e}ngược ]]&gt;</title>\
        <link>javascript:alert(1)</link><guid>1</guid><description>&lt;img src=x onerror=alert(1)&gt;&lt;svg onload=alert(1)&gt;chữ</description>\
        </item></channel></rss>";
    origin.script("/rss", [Answer::ok(body)]);
    workspace.poll_one();
    let daemon = Daemon::start(&workspace);
    for path in ["/hoc-bac/", "/hoc-bac/feed.atom", "/hoc-bac/feed.rss", "/hoc-bac/feed.json", "/"] {
        let text = daemon.get(path).text();
        for bad in ["<script>", "alert(1)", "onerror", "onload", "javascript:", "\u{202e}"] {
            assert!(!text.contains(bad), "{bad} in {path}: {text}");
        }
        assert!(text.contains("học Bác"), "{path}");
    }
    assert_eq!(entries(&workspace, &daemon.get("/hoc-bac/feed.atom")).len(), 1);
}
