//! Rules are changed without fear: what a change would do is told before, happens once it is in force, and says why.

use std::fs;

use serde_json::{Value, json};

use super::support::{Answer, Daemon, Item, Origin, Workspace, eventually, get, rss};

const TOPIC: &str = "config/topics/hoc-bac.toml";

/// A topic with these rules: name, weight, phrase.
fn topic(id: &str, rules: &[(&str, &str, &str)]) -> String {
    let rules: String = rules
        .iter()
        .map(|(name, weight, phrase)| {
            format!("[[rule]]\nname = \"{name}\"\nweight = {weight}\nphrases = [\"{phrase}\"]\n")
        })
        .collect();
    format!("id = \"{id}\"\nname = \"Chủ đề {id}\"\nthreshold = 10\n{rules}")
}

/// One paper that nobody has asked yet.
fn unpolled() -> (Workspace, Origin) {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/mot", "")]);
    (workspace, origin)
}

/// Two papers that were polled once: one story of both, and two of the first alone.
fn newsroom() -> (Workspace, Origin) {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    let never = "every = \"1h\"\nfull_text = \"never\"";
    workspace.sources(&origin, &[("mot", "/mot", never), ("hai", "/hai", never)]);
    workspace.write(TOPIC, topic("hoc-bac", &[("học", "10", "học Bác"), ("quê", "3", "làng Sen")]));
    let shared = |name| Item::new(name, "Tuổi trẻ học Bác").link("https://bao.example/chung.html").summary("Ở xã.");
    let village = Item::new("c", "Về làng Sen").summary("Một chuyến đi.");
    origin
        .script("/mot", [Answer::ok(rss(&[shared("a"), Item::new("b", "Giá lúa tăng").summary("Vụ mùa."), village]))]);
    origin.script("/hai", [Answer::ok(rss(&[shared("d")]))]);
    workspace.poll(&[]);
    (workspace, origin)
}

/// What `topic …` says as JSON, and how it ended.
fn topics(workspace: &Workspace, args: &[&str]) -> (Value, i32) {
    let output = workspace.run("topic", &[args, &["--format", "json"]].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), 1, "JSON alone: {text}{}", String::from_utf8_lossy(&output.stderr));
    (serde_json::from_str(&text).unwrap(), output.status.code().unwrap())
}

/// The same for people.
fn said(workspace: &Workspace, args: &[&str]) -> String {
    String::from_utf8(workspace.run("topic", args).stdout).unwrap()
}

fn of<'r>(report: &'r Value, topic: &str) -> &'r Value {
    report["topics"].as_array().unwrap().iter().find(|t| t["topic"] == topic).unwrap()
}

fn titles(list: &Value) -> Vec<&str> {
    let titles: Vec<&str> = list["items"].as_array().unwrap().iter().map(|i| i["title"].as_str().unwrap()).collect();
    assert_eq!(list["count"], titles.len());
    titles
}

#[test]
fn the_list_of_topics_counts_what_is_stored_and_needs_no_database() {
    let (workspace, _origin) = unpolled();
    let (report, exit) = topics(&workspace, &["list"]);
    let one = of(&report, "hoc-bac");
    assert_eq!((exit, &report["schema"]), (0, &json!("topic-list/1")));
    assert_eq!(
        (&one["order"], &one["threshold"], &one["rules"], &one["phrases"]),
        (&json!(1), &json!(10.0), &json!(1), &json!(3))
    );
    assert_eq!((&one["stories"], &one["stories_7_days"], &one["newest"]), (&Value::Null, &Value::Null, &Value::Null));
    assert!(said(&workspace, &["list"]).contains("mới nhất · newest: –"));
    let (workspace, _origin) = newsroom();
    workspace.write("config/topics/so.toml", topic("so", &[("r", "10", "chuyển đổi số")]));
    let (report, _) = topics(&workspace, &["list"]);
    let one = of(&report, "hoc-bac");
    assert_eq!((&one["stories"], &one["newest"]["title"]), (&json!(1), &json!("Tuổi trẻ học Bác")), "{report}");
    let other = of(&report, "so");
    assert_eq!((&other["order"], &other["stories"], &other["newest"]), (&json!(2), &json!(0), &Value::Null));
    assert!(said(&workspace, &["list"]).contains("2. so  Chủ đề so"));
}

#[test]
fn rules_that_are_as_they_were_would_change_nothing() {
    let (workspace, _origin) = newsroom();
    let (report, exit) = topics(&workspace, &["diff"]);
    assert_eq!((exit, &report["changes"], &report["items"]), (0, &json!(false), &json!(4)), "{report}");
    let one = of(&report, "hoc-bac");
    assert_eq!((&one["state"], &one["same"], &one["other_reasons"]), (&json!("known"), &json!(2), &json!(0)));
    assert!(said(&workspace, &["diff"]).contains("nothing would change"));
}

#[test]
fn what_edited_rules_would_add_and_drop_is_told_with_the_reasons_and_nothing_is_written() {
    let (workspace, _origin) = newsroom();
    let database = fs::read(workspace.path().join("state/dongtin.db")).unwrap();
    workspace.write(TOPIC, topic("hoc-bac", &[("lúa", "10", "giá lúa"), ("học", "1", "học Bác")]));
    workspace.write("config/topics/sen.toml", topic("sen", &[("quê", "10", "làng Sen")]));
    let (report, exit) = topics(&workspace, &["diff"]);
    assert_eq!((exit, &report["schema"], &report["changes"]), (1, &json!("topic-diff/1"), &json!(true)));
    let one = of(&report, "hoc-bac");
    assert_eq!(
        (titles(&one["added"]), titles(&one["dropped"])),
        (vec!["Giá lúa tăng"], vec!["Tuổi trẻ học Bác"; 2]),
        "{report}"
    );
    let added = &one["added"]["items"][0];
    assert_eq!((&added["source"], &added["link"]), (&json!("mot"), &json!("https://bao.example/b.html")));
    assert_eq!((&added["then"], &added["now"]["score"]), (&Value::Null, &json!(20.0)));
    assert_eq!(
        added["now"]["reasons"],
        json!([{ "rule": "lúa", "text": "Giá lúa", "field": "title", "weight": 20.0 }])
    );
    let dropped = &one["dropped"]["items"][0];
    assert_eq!(
        (&dropped["then"]["score"], &dropped["now"]["score"], &dropped["now"]["matched"]),
        (&json!(20.0), &json!(2.0), &json!(false))
    );
    assert_eq!(
        (&of(&report, "sen")["state"], titles(&of(&report, "sen")["added"])),
        (&json!("new"), vec!["Về làng Sen"])
    );
    let text = said(&workspace, &["diff"]);
    for part in [
        "~ hoc-bac  Chủ đề hoc-bac\n  thêm 1, bớt 2, giữ 0,",
        "  + Giá lúa tăng\n      [mot] 23/11/2026  https://bao.example/b.html\n      – → 20 điểm, cần 10 · points, threshold\n      + lúa \"Giá lúa\" tiêu đề +20\n",
        "      20 → 2 điểm, cần 10 · points, threshold\n      - học \"học Bác\" tiêu đề +20\n      + học \"học Bác\" tiêu đề +2\n",
        "sen  Chủ đề sen  chủ đề mới",
        "systemctl reload dongtin",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let (only, exit) = topics(&workspace, &["diff", "--topic", "sen"]);
    assert_eq!((only["topics"].as_array().unwrap().len(), exit), (1, 1));
    assert_eq!(fs::read(workspace.path().join("state/dongtin.db")).unwrap(), database, "nothing was written");
}

#[test]
fn other_reasons_are_counted_and_a_topic_that_is_gone_is_named() {
    let (workspace, _origin) = newsroom();
    workspace.write(TOPIC, topic("hoc-bac", &[("học tập", "10", "học Bác")]));
    let (report, exit) = topics(&workspace, &["diff"]);
    let one = of(&report, "hoc-bac");
    assert_eq!((exit, &one["other_reasons"], &one["same"]), (1, &json!(2), &json!(0)), "{report}");
    fs::remove_file(workspace.path().join(TOPIC)).unwrap();
    workspace.write("config/topics/sen.toml", topic("sen", &[("quê", "10", "đồng lúa")]));
    let (report, exit) = topics(&workspace, &["diff"]);
    let gone = of(&report, "hoc-bac");
    assert_eq!((exit, &gone["state"], gone["dropped"]["count"].as_u64()), (1, &json!("gone"), Some(2)), "{report}");
    assert_eq!((&of(&report, "sen")["state"], &of(&report, "sen")["added"]["count"]), (&json!("new"), &json!(0)));
    assert!(said(&workspace, &["diff", "--topic", "hoc-bac"]).contains("the topic is gone"));
}

#[test]
fn what_cannot_be_compared_is_said_with_what_to_do() {
    let (workspace, _origin) = unpolled();
    for command in ["diff", "near"] {
        let output = workspace.run("topic", &[command]);
        assert_eq!(output.status.code(), Some(3));
        assert!(String::from_utf8_lossy(&output.stderr).contains("run: dongtin poll"), "{output:?}");
    }
    let (workspace, _origin) = newsroom();
    for (args, hint) in [
        (["diff", "--topic", "hoc-bax"], "Did you mean \"hoc-bac\"?"),
        (["near", "--topic", "hoc-bax"], "Did you mean \"hoc-bac\"?"),
        (["near", "--since", "hôm qua"], "--since must be such as"),
    ] {
        let output = workspace.run("topic", &args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(hint), "{output:?}");
    }
    let (report, exit) = topics(&workspace, &["diff", "--since", "2026-01-01"]);
    assert_eq!((&report["items"], exit), (&json!(4), 0));
    let (report, _) = topics(&workspace, &["near", "--since", "2999-01-01"]);
    assert_eq!(report["items"], json!(0), "nothing has come since then");
}

#[test]
fn what_is_near_the_edge_of_a_topic_is_told_with_what_is_missing() {
    let (workspace, _origin) = newsroom();
    workspace.write(
        TOPIC,
        topic("hoc-bac", &[("học", "5.5", "học Bác"), ("quê", "3", "làng Sen"), ("lúa", "2", "giá lúa")]),
    );
    let (report, exit) = topics(&workspace, &["near"]);
    let one = of(&report, "hoc-bac");
    assert_eq!((exit, &report["schema"], &report["items"]), (0, &json!("topic-near/1"), &json!(4)));
    assert_eq!(titles(&one["below"]), ["Về làng Sen"], "{report}");
    let below = &one["below"]["items"][0];
    assert_eq!((&below["score"], &below["threshold"], &below["missing"]), (&json!(6.0), &json!(10.0), &json!(4.0)));
    assert_eq!(below["reasons"][0]["text"], "làng Sen");
    assert_eq!((titles(&one["barely"]), titles(&one["bare"])), (vec!["Tuổi trẻ học Bác"; 2], vec![]));
    let text = said(&workspace, &["near"]);
    assert!(text.contains("  ? Về làng Sen\n      [mot] 23/11/2026  https://bao.example/c.html\n      6 điểm, cần 10; thiếu 4 · 4 missing\n      +6 quê (\"làng Sen\" trong tiêu đề)\n"), "{text}");
}

#[test]
fn a_reload_does_what_the_diff_beside_the_daemon_said_and_every_story_keeps_its_name() {
    let (workspace, _origin) = newsroom();
    let daemon = Daemon::start(&workspace);
    daemon.wait_until_says("/hoc-bac/feed.atom", "Tuổi trẻ học Bác");
    let ids = || -> Vec<String> {
        let feed: Value = serde_json::from_slice(&daemon.get("/all/feed.json").body).unwrap();
        feed["items"].as_array().unwrap().iter().map(|i| i["id"].as_str().unwrap().to_owned()).collect()
    };
    let (names, before) = (ids(), daemon.get("/hoc-bac/feed.atom"));
    workspace.write(TOPIC, topic("hoc-bac", &[("lúa", "10", "giá lúa")]));
    let (report, exit) = topics(&workspace, &["diff"]);
    assert_eq!((exit, titles(&of(&report, "hoc-bac")["added"])), (1, vec!["Giá lúa tăng"]));
    let status = |what: &str| String::from_utf8_lossy(&workspace.run("status", &[]).stdout).contains(what);
    assert!(status("The topic rules on disk are not those in force"));
    daemon.signal("HUP");
    daemon.wait_until_says("/hoc-bac/feed.atom", "Giá lúa tăng");
    eventually("the diff is empty", || (topics(&workspace, &["diff"]).1 == 0).then_some(()));
    assert!(!daemon.get("/hoc-bac/feed.atom").text().contains("Tuổi trẻ") && !status("on disk"));
    let log = fs::read_to_string(workspace.path().join("log")).unwrap();
    assert!(
        log.contains("stored items are being decided again") && log.contains("stored items were decided again"),
        "{log}"
    );
    workspace.write(TOPIC, topic("hoc-bac", &[("học", "10", "học Bác"), ("quê", "3", "làng Sen")]));
    daemon.signal("HUP");
    daemon.wait_until_says("/hoc-bac/feed.atom", "Tuổi trẻ học Bác");
    eventually("the feed is as it was", || (daemon.get("/hoc-bac/feed.atom").body == before.body).then_some(()));
    assert_eq!(ids(), names);
}

#[test]
fn killed_while_it_decides_again_the_next_start_ends_right() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/mot", "every = \"1h\"\nfull_text = \"never\"")]);
    let items: Vec<Item> = (0..900).map(|n| Item::new(&format!("n{n}"), &format!("Giá lúa ở thôn {n}"))).collect();
    origin.script("/mot", [Answer::ok(rss(&items))]);
    workspace.poll(&[]);
    drop(Daemon::start(&workspace));
    workspace.write(TOPIC, topic("hoc-bac", &[("lúa", "10", "giá lúa")]));
    let mut daemon = Daemon::start(&workspace);
    eventually("it begins", || {
        fs::read_to_string(workspace.path().join("log")).unwrap().contains("are being decided again").then_some(())
    });
    daemon.signal("KILL");
    daemon.wait();
    let daemon = Daemon::start(&workspace);
    eventually("everything is decided", || (topics(&workspace, &["diff"]).1 == 0).then_some(()));
    let (report, _) = topics(&workspace, &["list"]);
    assert_eq!(of(&report, "hoc-bac")["stories"], json!(900));
    daemon.wait_until_says("/hoc-bac/feed.atom", "Giá lúa ở thôn 1");
}

#[test]
fn why_a_story_is_in_a_topic_is_on_its_page_in_the_feeds_and_explained() {
    let (workspace, origin) = newsroom();
    let daemon = Daemon::start(&workspace);
    let feed: Value = serde_json::from_slice(&daemon.get("/hoc-bac/feed.json").body).unwrap();
    let entry = &feed["items"][0];
    assert_eq!(
        entry["_dongtin"]["topics"],
        json!([{ "id": "hoc-bac", "score": 20.0, "threshold": 10.0, "reasons":
            [{ "rule": "học", "text": "học Bác", "field": "title", "weight": 20.0 }] }])
    );
    let label = "học: “học Bác” (tiêu đề, +20)";
    assert!(daemon.get("/hoc-bac/feed.atom").text().contains(&format!(":reason\" label=\"{label}\"")));
    assert!(daemon.get("/hoc-bac/feed.rss").text().contains(&format!(":reason\">{label}</category>")));
    let path = format!("/story/{}", entry["id"].as_str().unwrap().rsplit('/').next().unwrap());
    assert!(daemon.get("/hoc-bac/").text().contains(&format!("href=\"..{path}\"")));
    let page = daemon.get(&path);
    assert_eq!((page.status, page.header("vary")), (200, "Accept-Encoding, Accept-Language"));
    for part in [
        "Báo mot",
        "Báo hai",
        "20 điểm, cần 10 · theo bài của",
        "+20 <q lang=\"vi\">học Bác</q> <small>(tiêu đề)</small>",
    ] {
        assert!(page.text().contains(part), "{part} in {}", page.text());
    }
    let english = get(daemon.public, &path, &[("Accept-Language", "en")]).text();
    assert!(
        english.contains("20 points, threshold 10 · by the article of") && english.contains("(headline)"),
        "{english}"
    );
    let again = get(daemon.public, &path, &[("If-None-Match", page.header("etag"))]);
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(daemon.get("/story/0123456789abcdef0123").status, 404);
    let document = rss(&[Item::new("x", "Tuổi trẻ học Bác").link("https://bao.example/chung.html")]);
    origin.script("/bai", [Answer::ok(document.clone()), Answer::ok(document)]);
    let explained = workspace.run("explain", &["--format", "json", &origin.url("/bai")]);
    let explained: Value = serde_json::from_slice(&explained.stdout).unwrap();
    let stored = &explained["items"][0]["stored_topics"][0];
    assert_eq!(
        (&stored["match"]["topic"], &stored["match"]["reasons"][0]["text"]),
        (&json!("hoc-bac"), &json!("học Bác")),
        "{explained}"
    );
    let text = String::from_utf8(workspace.run("explain", &[&origin.url("/bai")]).stdout).unwrap();
    assert!(
        text.contains("đã lưu trong \"hoc-bac\" theo bài của Báo")
            && text.contains("+20 học (\"học Bác\" trong tiêu đề)"),
        "{text}"
    );
}

#[test]
fn of_a_topic_that_is_removed_nothing_is_served_or_remembered() {
    let (workspace, _origin) = newsroom();
    let daemon = Daemon::start(&workspace);
    daemon.wait_until_says("/hoc-bac/feed.atom", "Tuổi trẻ học Bác");
    fs::remove_file(workspace.path().join(TOPIC)).unwrap();
    workspace.write("config/topics/sen.toml", topic("sen", &[("quê", "10", "làng Sen")]));
    daemon.signal("HUP");
    daemon.wait_until_says("/sen/feed.atom", "Về làng Sen");
    for path in ["/hoc-bac/", "/hoc-bac/feed.atom"] {
        eventually("it is gone", || (daemon.get(path).status == 410).then_some(()));
    }
    assert!(!daemon.get("/all/feed.atom").text().contains("hoc-bac"));
    assert!(daemon.stop().success());
    let db = rusqlite::Connection::open(workspace.path().join("state/dongtin.db")).unwrap();
    for sql in [
        "SELECT count(*) FROM item_topic WHERE topic = 'hoc-bac'",
        "SELECT count(*) FROM story_topic WHERE topic = 'hoc-bac'",
        "SELECT count(*) FROM story_left WHERE topic = 'hoc-bac'",
        "SELECT count(*) FROM page WHERE path LIKE '/hoc-bac/%'",
    ] {
        let count: i64 = db.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(count, 0, "{sql}");
    }
}
