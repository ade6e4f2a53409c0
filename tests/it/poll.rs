//! What a source sends, what becomes of it, and how politely it was asked.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::support::{Answer, Daemon, Item, Origin, Workspace, rss};

fn one(path: &str) -> (Workspace, Origin) {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", path, "")]);
    (workspace, origin)
}

fn two_items() -> Vec<u8> {
    rss(&[Item::new("a", "Tuổi trẻ học Bác"), Item::new("b", "Mưa lớn ở Thành phố Hồ Chí Minh")])
}

fn stories(workspace: &Workspace) -> u64 {
    status(workspace)["stories"].as_u64().unwrap()
}

fn status(workspace: &Workspace) -> Value {
    serde_json::from_slice(&workspace.run("status", &["--format", "json"]).stdout).unwrap()
}

#[test]
fn a_new_source_is_asked_once_without_conditions_by_somebody_who_says_who_he_is() {
    let (workspace, origin) = one("/rss");
    origin.script("/rss", [Answer::ok(two_items())]);
    let report = workspace.poll_one();
    assert_eq!((&report["outcome"], &report["new"]), (&json!("taken"), &json!(2)));
    let log = origin.log();
    assert_eq!(log.len(), 1, "{log:?}");
    let request = &log[0];
    assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", "/rss"));
    assert_eq!(
        request.header("user-agent").unwrap(),
        concat!("dongtin/", env!("CARGO_PKG_VERSION"), " (+mailto:tin@hamau.vn)")
    );
    assert_eq!(request.header("accept-encoding").unwrap(), "gzip, br, zstd");
    assert!(request.header("accept").unwrap().starts_with("application/atom+xml"));
    for absent in ["if-none-match", "if-modified-since", "referer", "cookie", "cache-control", "pragma", "range"] {
        assert_eq!(request.header(absent), None, "{absent}");
    }
}

#[test]
fn items_go_into_their_topics_and_the_city_is_not_the_man() {
    let (workspace, origin) = one("/rss");
    origin.script("/rss", [Answer::ok(two_items())]);
    let report = workspace.poll_one();
    let topics: Vec<(&str, &Value)> =
        report["items"].as_array().unwrap().iter().map(|i| (i["title"].as_str().unwrap(), &i["topics"])).collect();
    assert_eq!(topics, [("Mưa lớn ở Thành phố Hồ Chí Minh", &json!([])), ("Tuổi trẻ học Bác", &json!(["hoc-bac"]))]);
}

#[test]
fn validators_go_back_byte_for_byte_and_not_modified_costs_nothing() {
    let (workspace, origin) = one("/rss");
    let etag = b"W/\"a, b \xff\"";
    origin.script("/rss", [Answer::ok(two_items()).etag(etag).header("Last-Modified", "hôm qua")]);
    workspace.poll_one();
    for _ in 0..2 {
        assert_eq!(workspace.poll_one()["outcome"], "not-modified");
    }
    let log = origin.log();
    assert!(log[1..].iter().all(|r| r.headers["if-none-match"] == etag));
    assert!(log[1..].iter().all(|r| r.headers["if-modified-since"] == "hôm qua".as_bytes()));
    assert_eq!(stories(&workspace), 2);
}

#[test]
fn an_unchanged_body_is_not_read_again_and_its_new_validators_count() {
    let (workspace, origin) = one("/rss");
    origin.script("/rss", [Answer::ok(two_items()).etag("\"1\""), Answer::ok(two_items()).header("ETag", "\"2\"")]);
    workspace.poll_one();
    assert_eq!(workspace.poll_one()["outcome"], "same-body");
    workspace.poll_one();
    assert_eq!(origin.log()[2].header("if-none-match").unwrap(), "\"2\"");
}

#[test]
fn settings_that_read_a_document_otherwise_have_it_sent_and_read_again() {
    let (workspace, origin) = one("/rss");
    let article = "<content:encoded>&lt;p&gt;Cả bài.&lt;/p&gt;</content:encoded></item>";
    let body = String::from_utf8(rss(&[Item::new("a", "Một")])).unwrap().replace("</item>", article);
    let body = body.replace("<rss ", "<rss xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" ");
    origin.script("/rss", [Answer::ok(body).etag("\"1\"")]);
    workspace.poll_one();
    for (settings, decision) in [("publish = \"full\"", json!("revise")), ("dates = \"month-first\"", json!("revise"))]
    {
        workspace.sources(&origin, &[("mot", "/rss", settings)]);
        let report = workspace.poll_one();
        assert_eq!((&report["outcome"], &report["items"][0]["decision"]), (&json!("taken"), &decision), "{settings}");
        assert_eq!(origin.log().last().unwrap().header("if-none-match"), None);
        assert_eq!(workspace.poll_one()["outcome"], "not-modified", "once");
    }
}

#[test]
fn validators_stay_with_the_address_that_gave_them() {
    let (workspace, origin) = one("/alt");
    origin.script("/alt", [Answer::redirect(302, "/neu").header("ETag", "\"of-alt\"")]);
    origin.script("/neu", [Answer::ok(two_items()).etag("\"of-neu\"")]);
    workspace.poll_one();
    assert_eq!(workspace.poll_one()["outcome"], "not-modified");
    assert!(origin.requests("/alt").iter().all(|r| r.header("if-none-match").is_none()));
    assert_eq!(origin.requests("/neu")[1].header("if-none-match").unwrap(), "\"of-neu\"");
}

#[test]
fn a_failure_has_its_class_costs_no_item_and_keeps_the_validators() {
    let cases: Vec<(&str, Answer)> = vec![
        ("server", Answer::status(500)),
        ("not-found", Answer::status(404)),
        ("forbidden", Answer::status(403)),
        ("gone", Answer::status(410)),
        ("throttled", Answer::status(429)),
        ("unavailable", Answer::status(503)),
        ("empty", Answer::status(204)),
        ("truncated", Answer::ok(two_items()).cut()),
        ("html-page", Answer::ok("<!DOCTYPE html><html><body>Trang chủ</body></html>")),
        ("maintenance", Answer::ok("<!DOCTYPE html><html><body>Bảo trì</body></html>")),
        ("soft-404", Answer::ok("<title>404 Not Found</title>")),
        ("captcha", Answer::ok("<html><div class=h-captcha></div></html>")),
        (
            "challenge-js",
            Answer::ok("<html><script>document.cookie=\"D1N=1\";window.location.reload(true)</script></html>"),
        ),
        ("empty", Answer::ok("")),
        ("not-a-feed", Answer::ok("RssPage.html")),
        ("unrecoverable", Answer::ok("<rss version=\"2.0\"><chan")),
        ("encoding", Answer::ok("x").header("Content-Encoding", "aes")),
        ("redirect-loop", Answer::redirect(302, "/rss")),
        ("redirect-bad", Answer::status(302)),
        ("redirect-bad", Answer::redirect(302, "javascript:alert(1)")),
        ("refused-address", Answer::redirect(302, "http://169.254.169.254/latest")),
        ("refused-address", Answer::redirect(302, "http://[::1]:80/")),
        ("refused-address", Answer::redirect(302, "http://127.0.0.1:22/")),
        ("refused-address", Answer::redirect(302, "http://localhost:25/")),
    ];
    for (class, answer) in cases {
        let (workspace, origin) = one("/rss");
        origin.script("/rss", [Answer::ok(two_items()).header("ETag", "\"1\""), answer, Answer::status(304)]);
        workspace.poll_one();
        let report = workspace.poll_one();
        assert_eq!((&report["outcome"], &report["class"]), (&json!("failed"), &json!(class)), "{report}");
        assert_eq!(
            workspace.poll_one()["outcome"],
            "not-modified",
            "{class}: the validators are still those of the last good answer"
        );
        assert_eq!(origin.log().last().unwrap().header("if-none-match").unwrap(), "\"1\"");
        assert_eq!(stories(&workspace), 2);
    }
}

#[test]
fn nothing_vouches_for_a_document_that_was_cut_off_and_the_whole_is_asked_for_again() {
    let (workspace, origin) = one("/rss");
    let whole = rss(&[Item::new("a", "Một"), Item::new("b", "Hai"), Item::new("c", "Ba")]);
    let answer = Answer::ok(whole).etag("\"1\"");
    origin.script("/rss", [answer.clone().header("Cache-Control", "max-age=7200").lost(), answer]);
    let report = workspace.poll_one();
    assert_eq!((&report["outcome"], &report["new"]), (&json!("taken"), &json!(2)), "what came is kept");
    assert_eq!(report["repaired"], json!(["truncated"]));
    assert_ne!(report["next_cause"], "max-age", "half a document does not stay fresh");
    assert_eq!(workspace.poll_one()["new"], 1);
    assert_eq!(origin.log()[1].header("if-none-match"), None);
    assert_eq!(workspace.poll_one()["outcome"], "not-modified");
}

#[test]
fn a_document_that_the_program_does_not_survive_is_asked_for_less_and_less_often() {
    let (workspace, origin) = one("/rss");
    origin.script("/rss", [Answer::status(500), Answer::ok(two_items())]);
    workspace.poll_one();
    // The document is read, and nothing that follows is written: all that a crash leaves.
    let database = rusqlite::Connection::open(workspace.path().join("state/dongtin.db")).unwrap();
    database
        .execute_batch("CREATE TRIGGER crash BEFORE INSERT ON item BEGIN SELECT RAISE(ABORT, 'crash'); END")
        .unwrap();
    for failures in 2..=3 {
        assert_eq!(workspace.run("poll", &[]).status.code(), Some(3));
        let source = &status(&workspace)["sources"][0];
        assert_eq!((&source["failures"], &source["class"]), (&json!(failures), &json!("interrupted")));
        assert_eq!(source["next_cause"], "backoff", "{source}");
    }
    database.execute_batch("DROP TRIGGER crash").unwrap();
    assert_eq!(workspace.poll_one()["new"], 2);
    let source = &status(&workspace)["sources"][0];
    assert_eq!((&source["failures"], &source["class"]), (&json!(0), &Value::Null));
}

#[test]
fn failures_are_counted_with_the_source_until_it_is_well() {
    let (workspace, origin) = one("/rss");
    origin.script("/rss", [Answer::status(500), Answer::status(500), Answer::status(500), Answer::ok(two_items())]);
    for failures in 1..=3 {
        workspace.poll_one();
        assert_eq!(status(&workspace)["sources"][0]["failures"], failures);
    }
    let ill = workspace.run("status", &[]);
    assert_eq!(ill.status.code(), Some(1), "an ill source is an answer of no");
    let said = String::from_utf8_lossy(&ill.stdout).into_owned();
    assert!(said.contains("500") && said.contains("Chương trình KHÔNG chạy nền"), "{said}");
    workspace.poll_one();
    let well = &status(&workspace)["sources"][0];
    assert_eq!((&well["failures"], &well["condition"], &well["class"]), (&json!(0), &json!("well"), &Value::Null));
}

#[test]
fn who_asks_us_to_wait_is_not_asked_before_that_not_even_by_hand() {
    let (workspace, origin) = one("/rss");
    origin.script("/rss", [Answer::status(503).header("Retry-After", "3600"), Answer::ok(two_items())]);
    let report = workspace.poll_one();
    assert_eq!((&report["class"], &report["next_cause"]), (&json!("unavailable"), &json!("retry-after")));
    assert_eq!(workspace.poll_one()["outcome"], "waiting");
    assert_eq!(origin.log().len(), 1);
}

#[test]
fn p_41_by_hand_a_source_is_asked_once_a_minute() {
    let (workspace, origin) = one("/rss");
    workspace.settings("", "");
    workspace.sources(&origin, &[("mot", "/rss", "every = \"30m\"")]);
    origin.script("/rss", [Answer::ok(two_items()).etag("\"1\"")]);
    assert_eq!(workspace.poll_one()["outcome"], "taken");
    for _ in 0..19 {
        assert_eq!(workspace.poll_one()["outcome"], "waiting");
    }
    assert_eq!(origin.log().len(), 1);
}

#[test]
fn what_a_server_says_of_freshness_and_a_feed_of_its_ttl_lengthens_the_wait() {
    let (workspace, origin) = one("/rss");
    let with_ttl = String::from_utf8(two_items()).unwrap().replace("</title><item>", "</title><ttl>180</ttl><item>");
    origin.script("/rss", [Answer::ok(two_items()).header("Cache-Control", "max-age=7200"), Answer::ok(with_ttl)]);
    assert_eq!(workspace.poll_one()["next_cause"], "max-age");
    assert_eq!(workspace.poll_one()["next_cause"], "ttl");
    let same = workspace.poll_one();
    assert_eq!(
        (&same["outcome"], &same["next_cause"]),
        (&json!("same-body"), &json!("ttl")),
        "it holds while the body does"
    );
}

#[test]
fn an_answer_that_never_comes_is_given_up_and_delays_nobody() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.settings("timeout = \"1s\"\n", "floor = \"1s\"\nhost_gap = \"0s\"\nper_host = 8\n");
    workspace.sources(&origin, &[("cham", "/cham", ""), ("nhanh", "/nhanh", "")]);
    origin.script("/cham", [Answer::status(200).never()]);
    origin.script("/nhanh", [Answer::ok(two_items())]);
    let reports = workspace.poll(&[]);
    assert_eq!(reports["cham"]["class"], "header-timeout");
    assert_eq!(reports["nhanh"]["new"], 2);
}

#[test]
fn an_answer_without_end_or_beyond_measure_is_cut_off() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.settings("max_body = \"64 KiB\"\n", "floor = \"1s\"\nhost_gap = \"0s\"\nper_host = 8\n");
    workspace.sources(&origin, &[("bom", "/bom", ""), ("dai", "/dai", ""), ("vo-tan", "/vo-tan", "")]);
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut bomb, &vec![b' '; 8 << 20]).unwrap();
    origin.script("/bom", [Answer::ok(bomb.finish().unwrap()).header("Content-Encoding", "gzip")]);
    origin.script("/dai", [Answer::ok(vec![b' '; 70 << 10])]);
    origin.script("/vo-tan", [Answer::status(200).endless()]);
    let reports = workspace.poll(&[]);
    for id in ["bom", "dai", "vo-tan"] {
        assert_eq!(reports[id]["class"], "too-large", "{id}");
    }
}

#[test]
fn compressed_feeds_are_read() {
    let (workspace, origin) = one("/rss");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut gzip, &two_items()).unwrap();
    origin.script("/rss", [Answer::ok(gzip.finish().unwrap()).header("Content-Encoding", "gzip")]);
    assert_eq!(workspace.poll_one()["new"], 2);
}

#[test]
fn a_permanent_move_is_reported_and_a_passing_one_is_not() {
    for (status, moved) in [(301, true), (308, true), (302, false), (307, false)] {
        let (workspace, origin) = one("/cu");
        origin.script("/cu", [Answer::redirect(status, "/moi")]);
        origin.script("/moi", [Answer::ok(two_items())]);
        let report = workspace.poll_one();
        assert_eq!(report["new"], 2);
        assert_eq!(report["moved_to"].is_string(), moved, "{status}");
    }
}

#[test]
fn the_same_story_from_two_papers_is_one_with_both_their_names() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    let lead = "Sáng 23/11, tại xã Đồng Xanh, hội nghị sơ kết một năm thực hiện mô hình dân vận khéo biểu dương mười hai tập thể và hai \
        mươi cá nhân có cách làm hay, sát thực tế, được nhân dân đồng tình ủng hộ.";
    let theirs = Item::new("b", "Hội nghị sơ kết").summary(&format!("(TTM) - {lead}")).link("https://khac.example/b");
    workspace.sources(&origin, &[("a", "/a", ""), ("b", "/b", ""), ("c", "/c", "")]);
    origin.script("/a", [Answer::ok(rss(&[Item::new("a", "Hội nghị sơ kết").summary(lead)]))]);
    origin.script("/b", [Answer::ok(rss(&[theirs]))]);
    // One commune's name is another story, however alike the rest.
    let other = Item::new("c", "Hội nghị sơ kết").summary(&lead.replace("Đồng Xanh", "Đồng Vàng"));
    origin.script("/c", [Answer::ok(rss(&[other]))]);
    workspace.poll(&[]);
    assert_eq!(stories(&workspace), 2);
    let explained = workspace.run("explain", &["--format", "json", &origin.url("/a")]);
    let explained: Value = serde_json::from_slice(&explained.stdout).unwrap();
    let mut carriers: Vec<&str> =
        explained["items"][0]["carriers"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
    carriers.sort_unstable();
    assert_eq!(carriers, ["a", "b"]);
}

#[test]
fn an_edited_headline_is_the_same_item_under_the_same_name() {
    let (workspace, origin) = one("/rss");
    let (before, after) = (Item::new("a", "Tuổi trẻ học Bác"), Item::new("a", "Tuổi trẻ xã Đồng Xanh học Bác"));
    origin.script("/rss", [Answer::ok(rss(&[before])), Answer::ok(rss(&[after]))]);
    let first = workspace.poll_one();
    let second = workspace.poll_one();
    assert_eq!(second["items"][0]["decision"], "revise");
    assert_eq!(second["items"][0]["story"], first["items"][0]["story"]);
    assert_eq!(stories(&workspace), 1);
}

#[test]
fn an_item_that_goes_and_comes_back_and_a_feed_that_empties_change_nothing() {
    let (workspace, origin) = one("/rss");
    let (a, b) = (Item::new("a", "Một"), Item::new("b", "Hai"));
    let both = rss(&[a.clone(), b.clone()]);
    origin.script("/rss", [Answer::ok(both.clone()), Answer::ok(rss(&[b])), Answer::ok(rss(&[])), Answer::ok(both)]);
    for expected in [2, 0, 0, 0] {
        assert_eq!(workspace.poll_one()["new"], expected);
    }
    assert_eq!(stories(&workspace), 2);
}

#[test]
fn a_first_document_without_items_leaves_the_archive_to_the_next() {
    let (workspace, origin) = one("/rss");
    let old = Item { date: "Mon, 03 Nov 2025 08:00:00 +0700".to_owned(), ..Item::new("a", "Một") };
    origin.script("/rss", [Answer::ok(rss(&[])), Answer::ok(rss(&[old]))]);
    for expected in [0, 1] {
        assert_eq!(workspace.poll_one()["new"], expected);
    }
    let page = Daemon::start(&workspace).get("/all/").text();
    assert!(page.contains("3/11/2025"), "it stands where it says: {page}");
}

#[test]
fn a_site_that_moves_from_http_to_https_does_not_come_again_as_new() {
    let (workspace, origin) = one("/rss");
    let document = |scheme: &str| {
        let link = format!("{scheme}://bao.example/bai-1.html");
        rss(&[Item { guid: link.clone(), ..Item::new("a", "Một").link(&link) }])
    };
    origin.script("/rss", [Answer::ok(document("http")), Answer::ok(document("https"))]);
    workspace.poll_one();
    assert_eq!(workspace.poll_one()["new"], 0);
}

#[test]
fn one_host_is_asked_one_thing_at_a_time() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.settings("", "floor = \"1s\"\nhost_gap = \"0s\"\nper_host = 1\n");
    let ids: Vec<(String, String)> = (0..12).map(|i| (format!("s{i}"), format!("/{i}"))).collect();
    let sources: Vec<(&str, &str, &str)> = ids.iter().map(|(id, path)| (id.as_str(), path.as_str(), "")).collect();
    workspace.sources(&origin, &sources);
    for (_, path) in &ids {
        origin.script(path, [Answer::ok(two_items())]);
    }
    assert_eq!(workspace.poll(&["-q"])[""]["summary"]["polled"], 12);
    assert_eq!(origin.most_in_flight(), 1);
}

#[test]
fn a_rehearsal_says_what_would_happen_and_writes_nothing() {
    let (workspace, origin) = one("/rss");
    origin.script("/rss", [Answer::ok(two_items())]);
    assert_eq!(workspace.poll(&["--dry-run"])["mot"]["new"], 2);
    assert!(!workspace.path().join("state").exists());
    workspace.poll_one();
    let rehearsed = workspace.poll(&["--dry-run"]);
    assert_eq!(rehearsed["mot"]["outcome"], "same-body");
    assert_eq!(status(&workspace)["stories"], 2);
}

#[test]
fn an_unknown_source_is_named_with_the_nearest() {
    let (workspace, _origin) = one("/rss");
    let output = workspace.run("poll", &["mott"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("Did you mean \"mot\"?"));
}

fn moved(n: usize, address: impl Fn(usize) -> String, guid: &str) -> Vec<Item> {
    (0..n)
        .map(|i| {
            let mut item = Item::new(&format!("{guid}{i}"), &format!("Xã thứ {i} đón bằng công nhận nông thôn mới"));
            item.link = address(i);
            item
        })
        .collect()
}

#[test]
fn a_source_that_changes_all_its_guids_and_addresses_at_once_is_not_read_again_by_anyone() {
    let (workspace, origin) = one("/rss");
    let before = moved(20, |i| format!("https://bao.example/xa-{i}-post{}.html", 1000 + i), "cu");
    let mut after = moved(20, |i| format!("https://bao.example/tin/xa-{i}-{}.htm", 90_000 + i), "moi");
    after.insert(0, Item::new("that", "Một tin thật sự mới của tờ báo"));
    origin.script("/rss", [Answer::ok(rss(&before)), Answer::ok(rss(&after))]);
    workspace.poll_one();
    let report = workspace.poll_one();
    assert_eq!((&report["new"], stories(&workspace)), (&json!(1), 21), "{report}");
    assert_eq!(workspace.poll_one()["outcome"], "same-body");
}

#[test]
fn an_edited_headline_under_a_new_slug_is_the_same_article() {
    let (workspace, origin) = one("/rss");
    let item = |slug: &str, title: &str| {
        let mut item = Item::new(slug, title);
        item.link = format!("https://bao.example/{slug}-a12345.html");
        item.guid.clone_from(&item.link);
        item
    };
    origin.script(
        "/rss",
        [
            Answer::ok(rss(&[item("khoi-cong-duong", "Khởi công đường nối hai xã vùng cao")])),
            Answer::ok(rss(&[item("khoi-cong-cau", "Khởi công cầu và đường nối hai xã vùng cao")])),
            Answer::ok(rss(&[item("gia-lua", "Giá lúa tăng mạnh trong tháng mười một")])),
        ],
    );
    workspace.poll_one();
    let report = workspace.poll_one();
    assert_eq!((&report["new"], &report["items"][0]["decision"]), (&json!(0), &json!("revise")), "{report}");
    assert_eq!(workspace.poll_one()["new"], 1, "another headline is another article, whatever its number");
}

#[test]
fn bulletins_that_bear_the_same_headlines_every_day_are_new_every_day() {
    let (workspace, origin) = one("/rss");
    let day = |day: u32| {
        let items: Vec<Item> = (0..12)
            .map(|i| {
                let mut item = Item::new(&format!("{day}-{i}"), &format!("Dự báo thời tiết khu vực thứ {i}"));
                item.summary = format!("Ngày {day}, khu vực {i} có mưa.");
                item.date = format!("{day} Nov 2026 05:00:00 +0700");
                item
            })
            .collect();
        Answer::ok(rss(&items))
    };
    origin.script("/rss", [day(20), day(21), day(22)]);
    for _ in 0..3 {
        assert_eq!(workspace.poll_one()["new"], 12);
    }
    assert_eq!(stories(&workspace), 36);
}

#[test]
fn p_28_who_is_left_alone_because_of_a_neighbour_waits_and_has_not_failed() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.settings("", "floor = \"1s\"\nhost_gap = \"0s\"\nper_host = 1\n");
    workspace.sources(&origin, &[("mot", "/mot", ""), ("hai", "/hai", "")]);
    for path in ["/mot", "/hai"] {
        origin.script(path, [Answer::status(429).header("Retry-After", "600")]);
    }
    let reports = workspace.poll(&[]);
    let outcomes: BTreeSet<&str> = ["mot", "hai"].map(|id| reports[id]["outcome"].as_str().unwrap()).into();
    assert_eq!(outcomes, BTreeSet::from(["failed", "waiting"]));
    let summary = &reports[""]["summary"];
    assert_eq!((&summary["polled"], &summary["failed"], &summary["waiting"]), (&json!(1), &json!(1), &json!(1)));
    assert_eq!(origin.log().len(), 1);
}
