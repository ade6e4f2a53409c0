//! The past again: what was kept is read by today's rules, and what would change is told.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::support::{Answer, Item, Origin, Workspace, rss};

const TOPIC: &str = "config/topics/hoc-bac.toml";

/// A workspace that keeps what comes, and an origin with two papers.
fn keeping() -> (Workspace, Origin) {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    archive(&workspace, "days = 7");
    workspace.sources(&origin, &[("mot", "/mot", "full_text = \"never\""), ("hai", "/hai", "full_text = \"never\"")]);
    (workspace, origin)
}

fn archive(workspace: &Workspace, lines: &str) {
    let settings = std::fs::read_to_string(workspace.path().join("config/dongtin.toml")).unwrap();
    let settings = settings.split("[archive]").next().unwrap().to_owned();
    workspace.write("config/dongtin.toml", format!("{settings}[archive]\n{lines}\n"));
}

/// A report, and how the program ended.
fn replay(workspace: &Workspace, args: &[&str]) -> (Value, i32) {
    let output = workspace.run("replay", &[&["--format", "json"], args].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), 1, "JSON alone: {text}{}", String::from_utf8_lossy(&output.stderr));
    (serde_json::from_str(&text).unwrap(), output.status.code().unwrap())
}

fn of<'r>(report: &'r Value, source: &str) -> &'r Value {
    report["sources"].as_array().unwrap().iter().find(|s| s["source"] == source).unwrap()
}

fn teaser(words: &str) -> String {
    format!("{words} ").repeat(40)
}

#[test]
fn the_past_run_again_with_the_same_program_and_rules_changes_nothing() {
    let (workspace, origin) = keeping();
    let wire = teaser("Đoàn xã phát động phong trào học Bác");
    let (a, b) = (Item::new("a", "Tuổi trẻ học Bác").summary(&wire), Item::new("b", "Giá lúa tăng"));
    let revised = Item::new("b", "Giá lúa tăng mạnh");
    let elsewhere = Item::new("c", "Tuổi trẻ học Bác").link("https://baohai.example/c.html").summary(&wire);
    origin.script(
        "/mot",
        [
            Answer::ok(rss(&[a.clone(), b.clone()])),
            Answer::ok(rss(&[a.clone(), b])),
            Answer::ok(rss(&[a, revised, Item::new("d", "Mưa lớn")])),
        ],
    );
    origin.script("/hai", [Answer::ok(rss(&[elsewhere]))]);
    for _ in 0..3 {
        workspace.poll(&[]);
    }
    let asked = origin.log().len();
    let (report, exit) = replay(&workspace, &[]);
    assert_eq!((&report["schema"], &report["changes"], exit), (&json!("replay/1"), &json!(false), 0), "{report}");
    assert_eq!((&report["documents"], &report["unchanged"], &report["compared"]), (&json!(6), &json!(3), &json!(4)));
    assert_eq!(origin.log().len(), asked, "nobody was asked");
    let text = workspace.run("replay", &[]);
    assert_eq!(text.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&text.stdout).contains("nothing would change"), "{text:?}");
}

#[test]
fn a_rule_that_changed_moves_items_and_says_why_though_the_source_is_gone() {
    let (workspace, origin) = keeping();
    origin.script("/mot", [Answer::ok(rss(&[Item::new("a", "Tuổi trẻ học Bác"), Item::new("b", "Giá lúa tăng")]))]);
    origin.script("/hai", [Answer::ok(rss(&[Item::new("c", "Mưa lớn")]))]);
    workspace.poll(&[]);
    origin.stop();
    let database = std::fs::read(workspace.path().join("state/dongtin.db")).unwrap();
    let topic = std::fs::read_to_string(workspace.path().join(TOPIC)).unwrap();
    workspace.write(TOPIC, topic.replace("\"học Bác\"", "\"giá lúa\""));
    let (report, exit) = replay(&workspace, &[]);
    assert_eq!((&report["changes"], exit), (&json!(true), 1), "{report}");
    let (gained, lost) = (&of(&report, "mot")["gained"], &of(&report, "mot")["lost"]);
    assert_eq!((gained.as_array().unwrap().len(), lost.as_array().unwrap().len()), (1, 1), "{report}");
    assert_eq!((&gained[0]["title"], &gained[0]["topic"]), (&json!("Giá lúa tăng"), &json!("hoc-bac")));
    let reason = &gained[0]["now"]["reasons"][0];
    assert_eq!((&reason["rule"], &reason["text"], &reason["field"]), (&json!("r"), &json!("Giá lúa"), &json!("title")));
    assert!(reason["weight"].as_f64().unwrap() >= 10.0);
    assert_eq!(
        (&lost[0]["title"], &lost[0]["then"]["reasons"][0]["text"]),
        (&json!("Tuổi trẻ học Bác"), &json!("học Bác"))
    );
    assert_eq!(lost[0]["now"], Value::Null, "nothing speaks for it any more");
    assert_eq!(report["total"]["new"], 0, "{report}");
    let text = String::from_utf8(workspace.run("replay", &[]).stdout).unwrap();
    assert!(
        text.contains("vào · enters hoc-bac: Giá lúa tăng") && text.contains("r (\"Giá lúa\" trong tiêu đề)"),
        "{text}"
    );
    assert_eq!(std::fs::read(workspace.path().join("state/dongtin.db")).unwrap(), database, "nothing was written");
}

#[test]
fn what_was_known_before_the_archive_began_is_neither_new_nor_joined_otherwise() {
    let (workspace, origin) = keeping();
    archive(&workspace, "days = 0");
    let wire = teaser("Đoàn xã phát động phong trào học Bác");
    let (old, new) = (Item::new("a", "Tuổi trẻ học Bác").summary(&wire), Item::new("b", "Giá lúa tăng"));
    let elsewhere = Item::new("c", "Tuổi trẻ học Bác").link("https://baohai.example/c.html").summary(&wire);
    origin.script("/mot", [Answer::ok(rss(std::slice::from_ref(&old))), Answer::ok(rss(&[new, old]))]);
    origin.script("/hai", [Answer::ok(rss(&[Item::new("e", "Mưa lớn")])), Answer::ok(rss(&[elsewhere]))]);
    workspace.poll(&[]);
    archive(&workspace, "days = 7");
    workspace.poll(&[]);
    let (report, exit) = replay(&workspace, &[]);
    assert_eq!((&report["changes"], exit, &report["compared"]), (&json!(false), 0, &json!(2)), "{report}");
}

#[test]
fn a_source_that_is_read_otherwise_has_its_items_told() {
    let (workspace, origin) = keeping();
    let dated = |name: &str, date: &str| {
        let mut item = Item::new(name, "Thông báo");
        item.date = date.to_owned();
        item
    };
    origin.script("/mot", [Answer::ok(rss(&[dated("a", "5/6/2026 08:00:00")]))]);
    origin.script("/hai", [Answer::ok("<html><body>Bảo trì</body></html>"), Answer::ok(rss(&[Item::new("c", "Mưa")]))]);
    for _ in 0..2 {
        workspace.poll(&[]);
    }
    let read = "full_text = \"never\"\ndates = \"month-first\"";
    workspace.sources(&origin, &[("mot", "/mot", read), ("hai", "/hai", "[source.listing]\nleast = 3\n")]);
    let (report, exit) = replay(&workspace, &[]);
    assert_eq!(exit, 1);
    let fields = &of(&report, "mot")["changed"][0]["fields"];
    assert_eq!(
        fields,
        &json!({ "date": { "then": "2026-06-05T01:00:00Z", "now": "2026-05-06T01:00:00Z" } }),
        "{report}"
    );
    let hai = of(&report, "hai");
    assert_eq!(
        (&hai["gone"][0]["title"], &hai["unread_now"][0]["class"]),
        (&json!("Mưa"), &json!("drift")),
        "{report}"
    );
    let (only, _) = replay(&workspace, &["--source", "mot"]);
    let told: BTreeSet<&str> =
        only["sources"].as_array().unwrap().iter().map(|s| s["source"].as_str().unwrap()).collect();
    assert_eq!(told, BTreeSet::from(["mot"]));
    assert_eq!(workspace.run("replay", &["--source", "bon"]).status.code(), Some(2));
}

#[test]
fn a_document_that_failed_then_and_is_read_now_brings_its_items() {
    let (workspace, origin) = keeping();
    let page =
        "<html><body><main><a href=\"/bai-viet-thu-nhat-a1.html\">Bài viết thứ nhất của trang</a></main></body></html>";
    let listing =
        |least: u32| format!("full_text = \"never\"\n[source.listing]\ncms = \"a-id\"\nleast = {least}\ndated = 0\n");
    workspace.sources(&origin, &[("mot", "/mot", &listing(5))]);
    origin.script("/mot", [Answer::ok(page)]);
    assert_eq!(workspace.poll_one()["class"], "drift");
    workspace.sources(&origin, &[("mot", "/mot", &listing(1))]);
    let (report, exit) = replay(&workspace, &[]);
    let mot = of(&report, "mot");
    assert_eq!((exit, &mot["read_now"][0]["class"]), (1, &json!("drift")), "{report}");
    assert_eq!(mot["new"][0]["title"], "Bài viết thứ nhất của trang");
}

#[test]
fn stories_that_would_be_joined_or_split_are_told_in_pairs() {
    let (workspace, origin) = keeping();
    let wire = teaser("Đoàn xã phát động phong trào học Bác");
    let shared = Item::new("a", "Tuổi trẻ học Bác").summary(&wire);
    let same = Item::new("c", "Tuổi trẻ học Bác").link("https://baohai.example/c.html").summary(&wire);
    origin.script("/mot", [Answer::ok(rss(&[shared, Item::new("b", "Giá lúa tăng")]))]);
    origin.script("/hai", [Answer::ok(rss(&[same, Item::new("d", "Mưa lớn")]))]);
    workspace.poll(&[]);
    // As if an older program had seen one story where there are two, and two where there is one.
    let database = rusqlite::Connection::open(workspace.path().join("state/dongtin.db")).unwrap();
    let change = "INSERT INTO story (uid, at, updated, lead) SELECT 'khac', at, updated, lead FROM story LIMIT 1;
        UPDATE item SET story = (SELECT id FROM story WHERE uid = 'khac') WHERE link LIKE '%/c.html';
        UPDATE item SET story = (SELECT story FROM item WHERE title = 'Mưa lớn') WHERE title = 'Giá lúa tăng';";
    database.execute_batch(change).unwrap();
    let (report, exit) = replay(&workspace, &[]);
    let links = |pairs: &Value| -> BTreeSet<String> {
        let both = pairs.as_array().unwrap().iter().flat_map(|pair| pair.as_array().unwrap());
        both.map(|item| item["link"].as_str().unwrap().to_owned()).collect()
    };
    let names = |names: [&str; 2]| -> BTreeSet<String> { names.map(str::to_owned).into() };
    assert_eq!(exit, 1);
    assert_eq!(
        links(&report["stories"]["joined"]),
        names(["https://bao.example/a.html", "https://baohai.example/c.html"]),
        "{report}"
    );
    assert_eq!(
        links(&report["stories"]["split"]),
        names(["https://bao.example/b.html", "https://bao.example/d.html"]),
        "{report}"
    );
    assert_eq!((&report["total"]["joined"], &report["total"]["split"]), (&json!(1), &json!(1)));
}

#[test]
fn pages_of_articles_come_from_the_archive_or_not_at_all() {
    let (workspace, origin) = keeping();
    workspace.sources(&origin, &[("mot", "/mot", "full_text = \"always\"")]);
    let topic = std::fs::read_to_string(workspace.path().join(TOPIC)).unwrap();
    workspace.write(TOPIC, topic.replace("weight = 10", "weight = 50"));
    let items = [
        Item::new("a", "Một ngày ở xã vùng cao").link(&origin.url("/a-a1.html")),
        Item::new("b", "Một ngày ở xã ven biển").link(&origin.url("/b-a2.html")),
    ];
    origin.script("/mot", [Answer::ok(rss(&items))]);
    let text = "Chị luôn học Bác, học Bác từ những việc nhỏ. ".repeat(20);
    let article = format!("<html><body><div id=newscontents><p>{text}</p></div></body></html>");
    origin.script("/a-a1.html", [Answer::ok(article)]);
    origin.script("/b-a2.html", [Answer::status(404)]);
    let report = workspace.poll_one();
    assert_eq!((&report["new"], &report["items"][1]["topics"]), (&json!(2), &json!(["hoc-bac"])), "{report}");
    let asked = origin.log().len();
    let (report, exit) = replay(&workspace, &[]);
    assert_eq!((exit, &report["compared"]), (0, &json!(2)), "{report}");
    assert_eq!(origin.log().len(), asked);
    // Without what was kept, the topic that the page decided is lost.
    let log = std::fs::read_dir(workspace.path().join("state/raw"))
        .unwrap()
        .flatten()
        .next()
        .unwrap()
        .path()
        .join("log.jsonl");
    let lines = std::fs::read_to_string(&log).unwrap();
    let without: String =
        lines.lines().filter(|l| !l.contains("\"article\"")).map(|line| format!("{line}\n")).collect();
    assert_ne!(lines, without);
    std::fs::write(&log, without).unwrap();
    let (report, exit) = replay(&workspace, &[]);
    assert_eq!((exit, &of(&report, "mot")["lost"][0]["title"]), (1, &json!("Một ngày ở xã vùng cao")), "{report}");
    assert_eq!(origin.log().len(), asked);
}

#[test]
fn an_archive_at_its_bound_keeps_no_more_and_what_it_missed_is_no_change() {
    let (workspace, origin) = keeping();
    archive(&workspace, "days = 7\nbytes = \"1 MiB\"");
    workspace.sources(&origin, &[("mot", "/mot", "full_text = \"never\"")]);
    let mut state = 7_u32;
    let noise: String = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b'a' + u8::try_from((state >> 16) % 26).unwrap())
    })
    .take(3 << 20)
    .collect();
    let large = format!("{}<!-- {noise} -->", String::from_utf8(rss(&[Item::new("b", "Giá lúa tăng")])).unwrap());
    origin.script("/mot", [Answer::ok(rss(&[Item::new("a", "Mưa lớn")])), Answer::ok(large)]);
    workspace.poll(&[]);
    assert_eq!(workspace.poll_one()["new"], 1, "what cannot be kept is taken in all the same");
    let (report, exit) = replay(&workspace, &[]);
    assert_eq!((&report["documents"], exit), (&json!(1), 0), "{report}");
}

#[test]
fn a_body_that_is_gone_costs_only_itself() {
    let (workspace, origin) = keeping();
    workspace.sources(&origin, &[("mot", "/mot", "full_text = \"never\"")]);
    let (a, b) = (Item::new("a", "Mưa lớn"), Item::new("b", "Giá lúa tăng"));
    origin.script("/mot", [Answer::ok(rss(std::slice::from_ref(&a))), Answer::ok(rss(&[a, b]))]);
    workspace.poll(&[]);
    let raw = workspace.path().join("state/raw");
    let day = std::fs::read_dir(&raw).unwrap().flatten().next().unwrap().path();
    for folder in std::fs::read_dir(&day).unwrap().flatten().filter(|f| f.path().is_dir()) {
        std::fs::remove_dir_all(folder.path()).unwrap();
    }
    workspace.poll(&[]);
    let (report, exit) = replay(&workspace, &[]);
    assert_eq!((&report["documents"], &report["missing"], exit), (&json!(2), &json!(1), 0), "{report}");
    assert_eq!(report["compared"], 2);
}

#[test]
fn without_an_archive_there_is_nothing_to_run_again() {
    let (workspace, origin) = keeping();
    archive(&workspace, "days = 0");
    workspace.sources(&origin, &[("mot", "/mot", "")]);
    origin.script("/mot", [Answer::ok(rss(&[Item::new("a", "Mưa lớn")]))]);
    workspace.poll(&[]);
    assert!(!workspace.path().join("state/raw").exists());
    let output = workspace.run("replay", &[]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(3), 0), "{output:?}");
    archive(&workspace, "days = 91");
    assert_eq!(workspace.run("replay", &[]).status.code(), Some(78));
    archive(&workspace, "days = 7");
    let rehearsed = workspace.run("poll", &["--dry-run"]);
    assert_eq!(rehearsed.status.code(), Some(0), "{rehearsed:?}");
    assert!(!workspace.path().join("state/raw").exists(), "a rehearsal keeps nothing");
    assert_eq!(workspace.run("replay", &["--since", "hôm qua"]).status.code(), Some(2));
}

#[test]
fn what_an_admin_said_of_stories_is_no_difference() {
    let (workspace, origin) = keeping();
    let wire = teaser("Đoàn xã phát động phong trào học Bác");
    let same = |name| Item::new(name, "Tuổi trẻ học Bác").summary(&wire);
    origin.script("/mot", [Answer::ok(rss(&[same("a"), Item::new("b", "Giá lúa tăng")]))]);
    origin.script("/hai", [Answer::ok(rss(&[same("c"), Item::new("d", "Mưa lớn")]))]);
    workspace.poll(&[]);
    let address = |name: &str| format!("https://bao.example/{name}.html");
    let (a, b, c, d) = (address("a"), address("b"), address("c"), address("d"));
    for args in [["split", &a, &c], ["join", &b, &d]] {
        let output = workspace.run("story", &args);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
    for args in [&[][..], &["--source", "hai"]] {
        let (report, exit) = replay(&workspace, args);
        assert_eq!((&report["changes"], exit), (&json!(false), 0), "{report}");
    }
}
