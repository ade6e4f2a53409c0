//! Good and bad configurations while running.

use super::support::{Answer, Daemon, Item, Origin, Workspace, eventually, get, rss};

fn running() -> (Workspace, Origin, Daemon) {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/mot", "every = \"1h\"")]);
    origin
        .script("/mot", [Answer::ok(rss(&[Item::new("a", "Tuổi trẻ học Bác"), Item::new("b", "Chuyển đổi số ở xã")]))]);
    origin.script("/hai", [Answer::ok(rss(&[Item::new("c", "Phụ nữ làm theo Bác")]))]);
    workspace.poll_one();
    let daemon = Daemon::start(&workspace);
    (workspace, origin, daemon)
}

#[test]
fn a_good_configuration_is_taken_over_whole() {
    let (workspace, origin, daemon) = running();
    workspace.sources(&origin, &[("mot", "/mot", "every = \"1h\""), ("hai", "/hai", "every = \"2s\"")]);
    daemon.signal("HUP");
    daemon.wait_for("RELOADING=1");
    assert!(daemon.wait_for("READY=1").contains("2 nguồn"));
    daemon.wait_until_says("/hoc-bac/feed.atom", "Phụ nữ làm theo Bác");
    daemon.wait_until_says("/sources.opml", "Báo hai");
}

#[test]
fn a_bad_configuration_changes_nothing_and_says_where_the_mistakes_are() {
    let (workspace, origin, daemon) = running();
    let before = daemon.get("/hoc-bac/feed.atom");
    workspace.sources(&origin, &[("mot", "/mot", "every = \"1h\"\nurll = \"x\""), ("hai", "/hai", "cron = \"x\"")]);
    daemon.signal("HUP");
    assert!(daemon.wait_for("READY=1").contains("bị từ chối"));
    let log = std::fs::read_to_string(workspace.path().join("log")).unwrap();
    assert!(
        log.contains("thu.toml:6:1") && log.contains("Did you mean \\\"url\\\"?")
            || log.contains("Did you mean \"url\"?"),
        "{log}"
    );
    assert_eq!(daemon.get("/hoc-bac/feed.atom"), Reply { headers: daemon.get("/hoc-bac/feed.atom").headers, ..before });
    assert_eq!(get(daemon.private, "/healthz", &[]).status, 200);
    // A folder that is away (a network disk, a deployment half done) is not a wish to have no topics.
    let topics = workspace.path().join("config/topics");
    std::fs::rename(&topics, workspace.path().join("away")).unwrap();
    daemon.signal("HUP");
    assert!(daemon.wait_for("READY=1").contains("bị từ chối"));
    assert_eq!(daemon.get("/hoc-bac/").status, 200);
    std::fs::rename(workspace.path().join("away"), &topics).unwrap();
    workspace.sources(&origin, &[("mot", "/mot", "every = \"1h\""), ("hai", "/hai", "every = \"2s\"")]);
    daemon.signal("HUP");
    daemon.wait_until_says("/hoc-bac/feed.atom", "Phụ nữ làm theo Bác");
}

use super::support::Reply;

#[test]
fn what_cannot_change_while_running_is_refused_not_half_done() {
    let (workspace, _origin, daemon) = running();
    let settings = std::fs::read_to_string(workspace.path().join("config/dongtin.toml")).unwrap();
    for (before, after) in
        [("http://tin.hamau.vn/", "http://khac.hamau.vn/"), ("[public]\n", "[public]\nsearch = false\n")]
    {
        assert!(settings.contains(before));
        workspace.write("config/dongtin.toml", settings.replace(before, after));
        daemon.signal("HUP");
        assert!(daemon.wait_for("READY=1").contains("bị từ chối"), "{after}");
    }
    assert!(daemon.get("/hoc-bac/feed.atom").text().contains("http://tin.hamau.vn/"));
    let log = std::fs::read_to_string(workspace.path().join("log")).unwrap();
    assert!(log.contains("dongtin.toml: ") && !log.contains(":0:0"), "{log}");
}

#[test]
fn rules_that_changed_decide_again_about_what_is_stored() {
    let (workspace, _origin, daemon) = running();
    let topic =
        "id = \"so\"\nname = \"Chuyển đổi số\"\n[[rule]]\nname = \"r\"\nweight = 10\nphrases = [\"chuyển đổi số\"]\n";
    workspace.write("config/topics/so.toml", topic);
    daemon.signal("HUP");
    daemon.wait_until_says("/so/feed.atom", "Chuyển đổi số ở xã");
    assert!(daemon.get("/").text().contains("so/"));
    // And while the daemon was away.
    drop(daemon);
    workspace.write("config/topics/so.toml", topic.replace("[\"chuyển đổi số\"]", "[\"không có\"]"));
    let daemon = Daemon::start(&workspace);
    eventually("the story leaves the topic", || {
        (!daemon.get("/so/feed.atom").text().contains("Chuyển đổi số ở xã")).then_some(())
    });
}

#[test]
fn what_a_poll_brings_that_began_before_a_reload_is_decided_by_the_new_rules() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/mot", ""), ("hai", "/hai", "every = \"1h\"")]);
    origin.script("/mot", [Answer::ok(rss(&[Item::new("a", "Chuyển đổi số ở xã")])).held()]);
    origin.script("/hai", [Answer::ok(rss(&[Item::new("b", "Chuyển đổi số ở phường")]))]);
    workspace.poll(&["hai"]);
    let daemon = Daemon::start(&workspace);
    origin.wait_for("/mot", 1);
    let topic =
        "id = \"so\"\nname = \"Chuyển đổi số\"\n[[rule]]\nname = \"r\"\nweight = 10\nphrases = [\"chuyển đổi số\"]\n";
    workspace.write("config/topics/so.toml", topic);
    workspace.sources(&origin, &[("mot", "/mot", "every = \"1h\""), ("hai", "/hai", "every = \"1h\"")]);
    daemon.signal("HUP");
    // What is stored has been decided again; then the answer comes.
    daemon.wait_until_says("/so/feed.atom", "Chuyển đổi số ở phường");
    origin.release();
    daemon.wait_until_says("/all/feed.atom", "Chuyển đổi số ở xã");
    daemon.wait_until_says("/so/feed.atom", "Chuyển đổi số ở xã");
}

#[test]
fn a_reload_while_somebody_holds_the_database_is_taken_over_once_it_is_free() {
    let (workspace, origin, daemon) = running();
    let other = rusqlite::Connection::open(workspace.path().join("state/dongtin.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    workspace.sources(&origin, &[("mot", "/mot", "every = \"1h\""), ("hai", "/hai", "every = \"2s\"")]);
    daemon.signal("HUP");
    eventually("the log says that it is tried again", || {
        std::fs::read_to_string(workspace.path().join("log")).unwrap().contains("trying again").then_some(())
    });
    assert_eq!(daemon.get("/hoc-bac/feed.atom").status, 200);
    other.execute_batch("ROLLBACK").unwrap();
    daemon.wait_until_says("/hoc-bac/feed.atom", "Phụ nữ làm theo Bác");
    assert!(daemon.stop().success());
}

#[test]
fn a_name_that_changed_is_in_every_page_of_the_reload() {
    let (workspace, origin, daemon) = running();
    for name in ["Sông Xanh", "Đồng Xanh", "Rừng Xanh", "Núi Xanh"] {
        workspace.sources(&origin, &[("mot", "/mot", "every = \"1h\"")]);
        let file = workspace.path().join("config/sources/thu.toml");
        let text = std::fs::read_to_string(&file).unwrap().replace("Báo mot", name);
        workspace.write("config/sources/thu.toml", text);
        daemon.signal("HUP");
        daemon.wait_for("READY=1");
        // The list of sources is of the configuration, the feed of the database.
        daemon.wait_until_says("/sources.opml", name);
        assert!(daemon.get("/hoc-bac/feed.rss").text().contains(name), "{name}");
    }
}

#[test]
fn a_permission_to_publish_articles_can_be_withdrawn() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/mot", "every = \"1h\"\npublish = \"full\"")]);
    let article = "<content:encoded>&lt;p&gt;Cả bài viết.&lt;/p&gt;</content:encoded></item>";
    let body = String::from_utf8(rss(&[Item::new("a", "Tuổi trẻ học Bác")])).unwrap().replace("</item>", article);
    let body = body.replace("<rss ", "<rss xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" ");
    origin.script("/mot", [Answer::ok(body)]);
    workspace.poll_one();
    let daemon = Daemon::start(&workspace);
    let feeds = ["/hoc-bac/feed.atom", "/hoc-bac/feed.rss", "/all/feed.json"];
    for feed in feeds {
        daemon.wait_until_says(feed, "Cả bài viết.");
    }
    workspace.sources(&origin, &[("mot", "/mot", "every = \"1h\"")]);
    daemon.signal("HUP");
    for feed in feeds {
        eventually("the article is gone", || (!daemon.get(feed).text().contains("Cả bài")).then_some(()));
        assert!(daemon.get(feed).text().contains("Tuổi trẻ học Bác"));
    }
}

#[test]
fn reloading_asks_no_source_that_was_not_due() {
    let (_workspace, origin, daemon) = running();
    for _ in 0..20 {
        daemon.signal("HUP");
        daemon.wait_for("READY=1");
    }
    assert_eq!(origin.requests("/mot").len(), 1, "the poll before the start");
}

#[test]
fn a_source_that_leaves_is_asked_no_more_and_its_items_stay() {
    let (workspace, origin, daemon) = running();
    workspace.sources(&origin, &[("hai", "/hai", "every = \"2s\"")]);
    daemon.signal("HUP");
    daemon.wait_until_says("/hoc-bac/feed.atom", "Phụ nữ làm theo Bác");
    assert!(daemon.get("/hoc-bac/feed.atom").text().contains("Tuổi trẻ học Bác"));
    assert_eq!(origin.requests("/mot").len(), 1);
}
