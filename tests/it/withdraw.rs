//! What an editor takes back, what is forgotten for its age, and topics that are called otherwise or are no more.

use std::process::Output;

use serde_json::Value;

use super::support::{Answer, Daemon, Item, Origin, Workspace, eventually, rss};

const BRIDGE: &str = "Khánh thành cầu Bến Mơ bắc qua sông Lam tại xã Đồng Lạc";
const TEASER: &str = "Sáng 22/11, cây cầu dài 312 mét trị giá 48 tỷ đồng nối hai thôn Thượng và Hạ của xã Đồng Lạc được đưa vào sử dụng, \
    thay bến đò cũ mà ông Trần Văn Mẫn chèo suốt ba mươi năm qua, học Bác từ việc nhỏ.";
const A: &str = "https://bao.example/a.html";
const HOURLY: &str = "every = \"1h\"\nfull_text = \"never\"\nprovince = \"ha-tinh\"";

fn bridge(name: &str) -> Item {
    Item::new(name, BRIDGE).summary(TEASER)
}

fn other(name: &str) -> Item {
    Item::new(name, "Thi đua học Bác ở trường làng").summary("Cả trường trồng ba trăm cây xanh quanh sân bóng.")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn story(workspace: &Workspace, args: &[&str]) -> String {
    let output = workspace.run("story", args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", said(&output));
    said(&output)
}

fn json(workspace: &Workspace, args: &[&str]) -> Value {
    serde_json::from_str(&story(workspace, &[args, &["--format", "json"]].concat())).unwrap()
}

/// Everything readers can ask for that would show the bridge.
const LISTS: [&str; 16] = [
    "/",
    "/hoc-bac/",
    "/hoc-bac/feed.atom",
    "/hoc-bac/feed.rss",
    "/hoc-bac/feed.json",
    "/hoc-bac/ha-tinh/",
    "/hoc-bac/ha-tinh/feed.atom",
    "/hoc-bac/digest.atom",
    "/hoc-bac/archive/2026-11.atom",
    "/hoc-bac/2026-11/",
    "/all/",
    "/all/feed.json",
    "/all/ha-tinh/feed.rss",
    "/all/archive/2026-11.atom",
    "/search?q=ben+mo",
    "/search/feed.atom?q=ben+mo",
];

fn shows(daemon: &Daemon, path: &str) -> bool {
    // The page of a search repeats the question, not the headline.
    daemon.get(path).text().contains("Khánh thành cầu")
}

#[test]
fn s41_a_story_that_is_taken_back_is_gone_everywhere_and_nothing_brings_it_back_but_its_editor() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/mot", HOURLY), ("hai", "/hai", HOURLY)]);
    origin.script("/mot", [Answer::ok(rss(&[bridge("a"), other("c")]))]);
    origin.script("/hai", [Answer::ok(rss(&[other("d")]))]);
    workspace.poll(&[]);
    let shown = json(&workspace, &["show", A]);
    let (name, at) = (shown["story"].as_str().unwrap().to_owned(), shown["at"].clone());
    assert_eq!(shown["withdrawn"], Value::Null);
    let page = format!("/story/{name}");
    let daemon = Daemon::start(&workspace);
    let before: Vec<bool> = LISTS.iter().map(|path| shows(&daemon, path)).collect();
    assert!(before.iter().filter(|shown| **shown).count() >= 12, "{before:?}");
    let feed = daemon.get("/hoc-bac/feed.json").text();

    let told = story(&workspace, &["withdraw", A]);
    assert!(told.contains(&name) && told.contains("taken back") && told.contains("within seconds"), "{told}");
    daemon.wait_until_says("/hoc-bac/feed.atom", "deleted-entry");
    let is_gone = |daemon: &Daemon, when: &str| {
        assert_eq!(daemon.get(&page).status, 410, "{when}");
        for path in LISTS {
            assert!(!shows(daemon, path), "{path} {when}");
        }
        for path in ["/hoc-bac/feed.atom", "/all/feed.atom"] {
            let text = daemon.get(path).text();
            assert!(text.contains("at:deleted-entry") && text.contains(&name), "{path} {when}");
        }
        assert_ne!(json(&workspace, &["show", &name])["withdrawn"], Value::Null, "{when}");
    };
    is_gone(&daemon, "at once");
    assert!(story(&workspace, &["show", &name]).contains("taken back"));
    assert_eq!(json(&workspace, &["withdraw", &name])["changed"], false, "once");
    for args in [["join", &name, "https://bao.example/c.html"], ["split", &name, A]] {
        let output = workspace.run("story", &args);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains("story restore"), "{}", said(&output));
    }

    assert!(daemon.stop().success());
    origin.script("/mot", [Answer::ok(rss(&[bridge("a"), other("c"), Item::new("e", "Tin khác")]))]);
    workspace.poll(&["mot"]);
    origin.script("/mot", [Answer::ok(rss(&[bridge("a").summary("Viết lại hoàn toàn, làm theo Bác."), other("c")]))]);
    assert_eq!(workspace.poll(&["mot"])["mot"]["items"][0]["decision"], "revise");
    origin.script("/hai", [Answer::ok(rss(&[bridge("b").link(A)]))]);
    assert_eq!(workspace.poll(&["hai"])["hai"]["items"][0]["decision"], "join");
    let daemon = Daemon::start(&workspace);
    is_gone(&daemon, "after a poll, an edit, a copy and a restart");

    let restored = json(&workspace, &["restore", &name]);
    assert_eq!((&restored["changed"], &restored["withdrawn"]), (&Value::Bool(true), &Value::Null));
    eventually("its page is back", || (daemon.get(&page).status == 200).then_some(()));
    eventually("it is in the feed", || shows(&daemon, "/hoc-bac/feed.atom").then_some(()));
    assert!(!daemon.get("/hoc-bac/feed.atom").text().contains("deleted-entry"));
    for (path, before) in LISTS.iter().zip(before).filter(|(path, _)| !path.contains("search")) {
        assert_eq!(shows(&daemon, path), before, "{path}");
    }
    let shown = json(&workspace, &["show", &name]);
    assert_eq!((shown["story"].as_str().unwrap(), &shown["at"]), (name.as_str(), &at), "its name and its place");
    let ids = |feed: &str| -> Vec<Value> {
        let feed: Value = serde_json::from_str(feed).unwrap();
        feed["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect()
    };
    assert_eq!(ids(&daemon.get("/hoc-bac/feed.json").text()), ids(&feed));
}

fn of_year(mut item: Item, year: u32) -> Item {
    item.date = format!("05 Mar {year} 08:00:00 +0700");
    item
}

#[test]
fn s42_what_is_forgotten_for_its_age_never_comes_back() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/mot", HOURLY)]);
    let (old, new) = (of_year(bridge("a"), 2020), other("c"));
    origin.script("/mot", [Answer::ok(rss(&[old.clone(), new.clone()]))]);
    workspace.poll(&[]);
    let (gone, kept) = (json(&workspace, &["show", A]), json(&workspace, &["show", "https://bao.example/c.html"]));
    let name = gone["story"].as_str().unwrap().to_owned();
    let page = format!("/story/{name}");
    let daemon = Daemon::start(&workspace);
    assert_eq!(daemon.get(&page).status, 200);
    let archive = "/hoc-bac/archive/2020-03.atom";
    assert_eq!(daemon.get(archive).status, 200);

    let settings = std::fs::read_to_string(workspace.path().join("config/dongtin.toml")).unwrap();
    workspace.write("config/dongtin.toml", format!("{settings}[retention]\nmonths = 12\n"));
    daemon.signal("HUP");
    eventually("its page is gone", || (daemon.get(&page).status == 410).then_some(()));
    eventually("its month is gone", || (daemon.get(archive).status == 410).then_some(()));
    let is_gone = |daemon: &Daemon, when: &str| {
        assert_eq!((daemon.get(&page).status, daemon.get("/hoc-bac/2020-03/").status), (410, 410), "{when}");
        for path in LISTS {
            assert!(!shows(daemon, path), "{path} {when}");
        }
        assert!(daemon.get("/all/feed.atom").text().contains("trường làng"), "{when}");
    };
    is_gone(&daemon, "at once");
    assert!(daemon.stop().success());
    let output = workspace.run("story", &["show", &name]);
    assert!(output.status.code() == Some(1) && said(&output).contains("forgotten"), "{}", said(&output));

    let slug = of_year(bridge("z").link("https://bao.example/cau-moi.html").summary("Sửa lại."), 2020);
    for again in [old.clone(), old.clone().summary("Sửa lại."), slug] {
        origin.script("/mot", [Answer::ok(rss(&[new.clone(), again]))]);
        let report = workspace.poll(&["mot"]);
        assert_eq!((&report["mot"]["new"], &report["mot"]["known"]), (&0.into(), &2.into()), "{}", report["mot"]);
    }
    workspace.sources(&origin, &[("mot", "/mot", HOURLY), ("hai", "/hai", HOURLY)]);
    origin.script("/hai", [Answer::ok(rss(&[bridge("b").link(A)]))]);
    assert_eq!(workspace.poll(&["hai"])["hai"]["new"], 0, "another paper carries it");
    is_gone(&Daemon::start(&workspace), "after a restart");
    assert_eq!(
        json(&workspace, &["show", "https://bao.example/c.html"])["items"],
        kept["items"],
        "who stays, stays as it was"
    );
}

/// What is there below an address when every hint is followed.
fn followed(daemon: &Daemon, path: &str) -> (Vec<u16>, String) {
    let (mut path, mut seen) = (path.to_owned(), Vec::new());
    loop {
        let reply = daemon.get(&path);
        seen.push(reply.status);
        if reply.status != 308 || seen.len() > 4 {
            return (seen, path);
        }
        let base = url::Url::parse("http://tin.hamau.vn/").unwrap().join(&path).unwrap();
        path = base.join(reply.header("location")).unwrap().path().to_owned();
    }
}

#[test]
fn s21_a_topic_that_is_called_otherwise_leads_on_and_one_that_is_no_more_is_gone() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/mot", HOURLY)]);
    origin.script("/mot", [Answer::ok(rss(&[bridge("a"), other("c")]))]);
    workspace.poll(&[]);
    let daemon = Daemon::start(&workspace);
    let topic = std::fs::read_to_string(workspace.path().join("config/topics/hoc-bac.toml")).unwrap();
    let renamed = topic.replace("id = \"hoc-bac\"\n", "id = \"lam-theo\"\nwas = [\"hoc-bac\", \"bac-ho\"]\n");
    workspace.write("config/topics/hoc-bac.toml", &renamed);
    daemon.signal("HUP");
    // What was finished under the old configuration is given out until the new one's documents are; nobody is sent on to less.
    eventually("the old feed leads on", || (daemon.get("/hoc-bac/feed.atom").status == 308).then_some(()));
    assert!(daemon.get("/lam-theo/feed.atom").text().contains(BRIDGE));
    for below in [
        "/",
        "/feed.atom",
        "/feed.rss",
        "/feed.json",
        "/ha-tinh/",
        "/ha-tinh/feed.atom",
        "/digest.atom",
        "/archive/2026-11.atom",
        "/2026-11/",
    ] {
        for was in ["hoc-bac", "bac-ho"] {
            let (seen, path) = followed(&daemon, &format!("/{was}{below}"));
            assert_eq!((seen, path), (vec![308, 200], format!("/lam-theo{below}")), "/{was}{below}");
        }
    }
    for (path, to) in [("/hoc-bac", "/lam-theo/"), ("/hoc-bac/ha-tinh", "/lam-theo/ha-tinh/")] {
        assert_eq!(followed(&daemon, path), (vec![308, 200], to.to_owned()), "{path}");
    }
    // A merged feed in which both names stand.
    assert_eq!(followed(&daemon, "/hoc-bac+lam-theo/feed.atom"), (vec![308, 200], "/lam-theo/feed.atom".to_owned()));
    for path in ["/chua-co/", "/chua-co/feed.atom", "/chua-co", "/chua-co/archive/2026-11.atom"] {
        assert_eq!(daemon.get(path).status, 404, "{path}");
    }

    // And one that is no more, also after a restart.
    let another = renamed.replace("\"lam-theo\"", "\"khac\"").replace("[\"hoc-bac\", \"bac-ho\"]", "[]");
    workspace.write("config/topics/hoc-bac.toml", another);
    daemon.signal("HUP");
    daemon.wait_until_says("/khac/feed.atom", BRIDGE);
    eventually("the old page is gone", || (daemon.get("/lam-theo/").status == 410).then_some(()));
    let is_gone = |daemon: &Daemon| {
        for path in [
            "/lam-theo/",
            "/lam-theo/feed.atom",
            "/lam-theo",
            "/lam-theo/ha-tinh/",
            "/lam-theo/archive/2026-11.atom",
            "/hoc-bac/",
        ] {
            assert_eq!(daemon.get(path).status, 410, "{path}");
        }
        assert_eq!((daemon.get("/chua-co/").status, daemon.get("/bac-ho/").status), (404, 404), "these never were");
    };
    is_gone(&daemon);
    assert!(daemon.stop().success());
    is_gone(&Daemon::start(&workspace));
}
