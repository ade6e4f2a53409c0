//! Who carries a story and why, and what an admin says of it: that it holds, with a daemon and without.

use std::process::Output;

use serde_json::{Value, json};

use super::support::{Answer, Daemon, Item, Origin, Workspace, eventually, rss};

const BRIDGE: &str = "Khánh thành cầu Bến Mơ bắc qua sông Lam tại xã Đồng Lạc";
const TEASER: &str = "Sáng 22/11, cây cầu dài 312 mét trị giá 48 tỷ đồng nối hai thôn Thượng và Hạ của xã Đồng Lạc được đưa vào sử dụng, \
    thay bến đò cũ mà ông Trần Văn Mẫn chèo suốt ba mươi năm qua, học Bác từ việc nhỏ.";

/// An item that two papers carry, in a document with others.
fn shared(name: &str) -> Item {
    Item::new(name, BRIDGE).summary(TEASER)
}

fn other(name: &str) -> Item {
    Item::new(name, "Giá lúa vụ mùa tăng").summary("Thương lái mua tại ruộng với giá 8.200 đồng một cân.")
}

/// Two papers that carry one story in the same words, polled once; the second has another one, too. `later` is what the second sends then.
fn newsroom(later: &[Item]) -> (Workspace, Origin) {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    let never = "every = \"1h\"\nfull_text = \"never\"";
    workspace.sources(&origin, &[("mot", "/mot", never), ("hai", "/hai", never)]);
    origin.script("/mot", [Answer::ok(rss(&[shared("a")]))]);
    origin.script("/hai", [Answer::ok(rss(&[shared("b"), other("c")])), Answer::ok(rss(later))]);
    workspace.poll(&["mot"]);
    workspace.poll(&["hai"]);
    (workspace, origin)
}

const A: &str = "https://bao.example/a.html";
const B: &str = "https://bao.example/b.html";
const C: &str = "https://bao.example/c.html";

fn story(workspace: &Workspace, args: &[&str]) -> Output {
    workspace.run("story", args)
}

fn exit(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn show(workspace: &Workspace, clue: &str) -> Value {
    let output = story(workspace, &["show", clue, "--format", "json"]);
    assert_eq!(exit(&output), 0, "{}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The public name of the story that an address leads to.
fn name(workspace: &Workspace, clue: &str) -> String {
    show(workspace, clue)["story"].as_str().unwrap().to_owned()
}

/// The addresses of the items of a story, sorted.
fn links(shown: &Value) -> Vec<String> {
    let mut links: Vec<String> =
        shown["items"].as_array().unwrap().iter().map(|i| i["link"].as_str().unwrap().to_owned()).collect();
    links.sort();
    links
}

#[test]
fn a_story_tells_who_carries_it_and_why_they_are_one() {
    let (workspace, _origin) = newsroom(&[]);
    let shown = show(&workspace, A);
    let name = shown["story"].as_str().unwrap();
    assert_eq!(
        (&shown["schema"], &shown["page"]),
        (&json!("story/1"), &json!(format!("http://tin.hamau.vn/story/{name}")))
    );
    let [lead, second] = &shown["items"].as_array().unwrap()[..] else { panic!("{shown}") };
    assert_eq!((&lead["lead"], &lead["source"], &lead["because"]), (&json!(true), &json!("mot"), &Value::Null));
    let because = &second["because"];
    assert_eq!((&because["kind"], &because["similarity"]), (&json!("text"), &json!(1.0)), "{because}");
    assert_eq!((&because["with"]["item"], &because["with"]["source"]), (&lead["item"], &json!("mot")));
    assert!(because["checked"].as_array().unwrap().iter().any(|c| c["finding"] == "agree"), "{because}");
    assert!(!because["shared"].as_array().unwrap().is_empty(), "{because}");
    assert_eq!(shown["topics"][0]["match"]["topic"], "hoc-bac");
    // By whatever a person has of it.
    for clue in [
        name,
        &name[..6],
        &format!("https://tin.hamau.vn/story/{name}"),
        B,
        "http://www.bao.example/b.html?utm_source=x",
    ] {
        assert_eq!(show(&workspace, clue), shown, "{clue}");
    }
    let text = said(&story(&workspace, &["show", name]));
    for part in [
        BRIDGE,
        "★",
        A,
        B,
        "cùng lời văn 100% với tin 1 [mot]",
        "the same wording 100%, compared with item 1 [mot]",
        "hoc-bac",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn what_leads_to_no_story_is_no_and_what_is_no_name_is_usage() {
    let (workspace, _origin) = newsroom(&[]);
    let whole = show(&workspace, A);
    let (name, lead) = (whole["story"].as_str().unwrap(), whole["items"][0]["item"].to_string());
    for (args, expected) in [
        (vec!["show", "ffffffffffffffffffff"], 1),
        (vec!["show", "https://bao.example/khac.html"], 1),
        (vec!["show", "01234"], 2),
        (vec!["show", "hoc-bac"], 2),
        (vec!["split", "ffffffff", "1"], 1),
        (vec!["split", name, "999"], 2),
        (vec!["split", name, C], 2),
        (vec!["split", name, &lead, B], 2),
        (vec!["join", name, A], 2),
        (vec!["join", name, "ffffffff"], 1),
        (vec!["split", name], 2),
    ] {
        let output = story(&workspace, &args);
        assert_eq!(exit(&output), expected, "{args:?}: {}", said(&output));
        assert!(!output.stderr.is_empty(), "{args:?}");
    }
    assert_eq!(show(&workspace, A), whole, "nothing was changed");
    let empty = Workspace::new();
    empty.sources(&Origin::start(), &[("mot", "/mot", "")]);
    for args in [&["show", "ffffffff"][..], &["join", "ffffffff", "eeeeeeee"]] {
        assert_eq!(exit(&story(&empty, args)), 1, "nothing is stored yet");
    }
}

#[test]
fn an_item_that_is_taken_out_stays_out_whatever_its_source_sends() {
    let edited = shared("b").summary(&TEASER.replace("Sáng", "Sáng nay"));
    let (workspace, origin) = newsroom(&[shared("b"), other("c"), Item::new("d", "Tin mới")]);
    let before = name(&workspace, A);
    let output = story(&workspace, &["split", A, B]);
    assert_eq!(exit(&output), 0, "{}", said(&output));
    let apart = name(&workspace, B);
    assert!(
        apart != before && said(&output).contains(&apart) && said(&output).contains("1 item taken out"),
        "{}",
        said(&output)
    );
    let is_apart = |when: &str| {
        assert_eq!((name(&workspace, A), links(&show(&workspace, A))), (before.clone(), vec![A.to_owned()]), "{when}");
        assert_eq!((name(&workspace, B), links(&show(&workspace, B))), (apart.clone(), vec![B.to_owned()]), "{when}");
    };
    is_apart("at once");
    assert_eq!(workspace.poll(&["hai"])["hai"]["known"], 2);
    is_apart("after the same items again");
    origin.script("/hai", [Answer::ok(rss(&[edited]))]);
    assert_eq!(workspace.poll(&["hai"])["hai"]["items"][0]["decision"], "revise");
    is_apart("after an edit of what was taken out");
    origin.script("/mot", [Answer::ok(rss(&[shared("a").summary(&TEASER.replace("48 tỷ", "48,5 tỷ"))]))]);
    assert_eq!(workspace.poll(&["mot"])["mot"]["items"][0]["decision"], "revise");
    is_apart("after an edit of what stayed");
    // And back, and out again: names come and go, none leads nowhere.
    assert_eq!(exit(&story(&workspace, &["join", &before, &apart])), 0);
    assert_eq!(name(&workspace, &apart), before);
    assert_eq!(exit(&story(&workspace, &["split", &before, B])), 0);
    assert_eq!(links(&show(&workspace, B)), [B]);
    assert_eq!(links(&show(&workspace, A)), [A]);
}

#[test]
fn two_stories_that_are_made_one_stay_one_whatever_their_sources_send() {
    let (workspace, origin) = newsroom(&[shared("b"), other("c"), Item::new("d", "Tin mới")]);
    let (first, second) = (name(&workspace, C), name(&workspace, A));
    let output = story(&workspace, &["join", &first, &second]);
    assert_eq!(exit(&output), 0, "{}", said(&output));
    assert!(said(&output).contains(&first) && said(&output).contains(&second), "{}", said(&output));
    let is_one = |when: &str| {
        for clue in [&first, &second, &second[..8], A, B, C] {
            let shown = show(&workspace, clue);
            assert_eq!((shown["story"].as_str().unwrap(), links(&shown).len()), (first.as_str(), 3), "{clue} {when}");
        }
    };
    is_one("at once");
    assert_eq!(
        show(&workspace, A)["items"].as_array().unwrap().iter().filter(|i| i["because"]["kind"] == "hand").count(),
        2
    );
    assert_eq!(workspace.poll(&["hai"])["hai"]["known"], 2);
    is_one("after the same items again");
    let edits = [shared("b").summary("Câu khác hẳn."), other("c").summary("Chuyện khác hẳn.")];
    origin.script("/hai", [Answer::ok(rss(&edits))]);
    assert_eq!(workspace.poll(&["hai"])["hai"]["items"].as_array().unwrap().len(), 2);
    is_one("after edits on both sides");
}

#[test]
fn beside_a_running_daemon_the_pages_follow_and_the_old_name_leads_on() {
    let (workspace, _origin) = newsroom(&[shared("b"), other("c")]);
    let (first, second) = (name(&workspace, A), name(&workspace, C));
    let page = |name: &str| format!("/story/{name}");
    let daemon = Daemon::start(&workspace);
    assert_eq!((daemon.get(&page(&first)).status, daemon.get(&page(&second)).status), (200, 200));
    let output = story(&workspace, &["join", &first, &second]);
    assert_eq!(exit(&output), 0, "{}", said(&output));
    assert!(said(&output).contains("within seconds"), "{}", said(&output));
    let leads_on = |daemon: &Daemon| {
        let reply = eventually("the old name leads on", || {
            let reply = daemon.get(&page(&second));
            (reply.status == 308).then_some(reply)
        });
        assert_eq!(reply.header("location"), first);
        assert!(daemon.get(&page(&first)).text().contains("Giá lúa vụ mùa tăng"));
        assert_eq!(daemon.get("/all/feed.atom").text().matches("<entry>").count(), 1);
    };
    leads_on(&daemon);
    assert!(daemon.stop().success());
    let daemon = Daemon::start(&workspace);
    leads_on(&daemon);
    let output = story(&workspace, &["split", &first, A]);
    assert_eq!(exit(&output), 0, "{}", said(&output));
    daemon.wait_until_says(&page(&name(&workspace, A)), BRIDGE);
}

#[test]
fn a_poll_and_explain_tell_why_an_item_joins() {
    let (workspace, origin) = newsroom(&[shared("b"), other("c"), shared("d")]);
    let report = workspace.poll(&["hai"]);
    let joined = report["hai"]["items"].as_array().unwrap().iter().find(|i| i["decision"] == "join").unwrap();
    assert_eq!((&joined["because"]["kind"], &joined["because"]["similarity"]), (&json!("text"), &json!(1.0)));
    assert_eq!(joined["because"]["with"]["title"], BRIDGE);
    origin.script("/hai", [Answer::ok(rss(&[shared("e")]))]);
    let text = said(&workspace.run("poll", &["hai", "--dry-run"]));
    assert!(
        text.contains("cùng lời văn 100% với tin") && text.contains("the same wording 100%, compared with item"),
        "{text}"
    );
    let explained = workspace.run("explain", &[&origin.url("/hai"), "--format", "json"]);
    let explained: Value = serde_json::from_slice(&explained.stdout).unwrap();
    let one = &explained["items"][0];
    assert_eq!(
        (&one["because"]["kind"], &one["because"]["with"]["title"]),
        (&json!("text"), &json!(BRIDGE)),
        "{explained}"
    );
    let text = said(&workspace.run("explain", &[&origin.url("/hai")]));
    assert!(text.contains("cùng lời văn 100% với tin"), "{text}");
}
