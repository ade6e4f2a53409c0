//! What readers are promised, assertion by assertion, with the real program (`docs/assertions.md` says where each is proven).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use chrono::{DateTime, FixedOffset};
use feed_rs::model::Feed;

use super::support::crawl::{BASE, crawl, is_feed, is_page};
use super::support::markup::by_tokens;
use super::support::{Answer, Daemon, Item, Origin, Reply, Workspace, eventually, get, rss, sample};

const FORMATS: [&str; 3] = ["atom", "rss", "json"];
const TOPIC: [&str; 3] = ["/hoc-bac/feed.atom", "/hoc-bac/feed.rss", "/hoc-bac/feed.json"];

/// One source, polled once an hour, in Hà Tĩnh.
fn newsroom(items: &[Item]) -> (Workspace, Origin) {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/rss", "every = \"1h\"\nprovince = \"ha-tinh\"")]);
    origin.script("/rss", [Answer::ok(rss(items))]);
    workspace.poll_one();
    (workspace, origin)
}

fn dated(name: &str, title: &str, date: &str) -> Item {
    Item { date: date.to_owned(), ..Item::new(name, title) }
}

fn read(reply: &Reply) -> Feed {
    assert_eq!(reply.status, 200, "{}", reply.text());
    feed_rs::parser::parse(reply.body.as_slice()).unwrap_or_else(|e| panic!("{e}: {}", reply.text()))
}

/// The ids of a feed's entries, in their order.
fn ids(reply: &Reply) -> Vec<String> {
    read(reply).entries.into_iter().map(|entry| entry.id).collect()
}

/// The id of the entry whose headline says this.
fn id_of(reply: &Reply, title: &str) -> String {
    let found = read(reply).entries.into_iter().find(|e| e.title.as_ref().is_some_and(|t| t.content.contains(title)));
    found.unwrap_or_else(|| panic!("{title} in {}", reply.text())).id
}

fn stops(daemon: Daemon) {
    assert!(daemon.stop().success());
}

/// Body, tag and date of documents.
fn documents(daemon: &Daemon, paths: &[String]) -> BTreeMap<String, (Vec<u8>, String, String)> {
    let of = |path: &String| {
        let reply = daemon.settled(path);
        assert_eq!(reply.status, 200, "{path}");
        // The dates of what is made when somebody asks are not kept.
        let is_dated = TOPIC.contains(&path.as_str()) || path.starts_with("/all/feed.");
        let date = if is_dated { reply.header("last-modified") } else { "" };
        (path.clone(), (reply.body.clone(), reply.header("etag").to_owned(), date.to_owned()))
    };
    paths.iter().map(of).collect()
}

/// An HTTP date.
fn http_date(reply: &Reply, name: &str) -> DateTime<FixedOffset> {
    let text = reply.header(name);
    DateTime::parse_from_rfc2822(text).unwrap_or_else(|e| panic!("{name}: {text}: {e}"))
}

#[test]
fn s03_the_same_content_is_the_same_bytes_however_often_after_a_restart_a_poll_and_elsewhere() {
    let (workspace, _origin) = newsroom(&[
        dated("a", "Một ngày học Bác", "Mon, 05 Oct 2026 08:00:00 +0700"),
        Item::new("b", "Hai ngày học Bác"),
        Item::new("c", "Giá lúa tăng"),
    ]);
    let daemon = Daemon::start(&workspace);
    let paths: Vec<String> = FORMATS
        .iter()
        .flat_map(|f| ["hoc-bac", "all", "hoc-bac/ha-tinh"].map(|list| format!("/{list}/feed.{f}")))
        .chain(
            ["/", "/hoc-bac/", "/search/feed.atom?q=B%C3%A1c", "/hoc-bac/archive/2026-10.atom", "/all/digest.rss"]
                .map(str::to_owned),
        )
        .collect();
    let first = documents(&daemon, &paths);
    for _ in 0..100 {
        for path in TOPIC {
            assert_eq!(daemon.get(path).body, first[path].0, "{path}");
        }
    }
    assert_eq!(documents(&daemon, &paths), first);
    stops(daemon);
    workspace.poll_one();
    let daemon = Daemon::start(&workspace);
    assert_eq!(documents(&daemon, &paths), first, "after a restart and a poll that brought nothing");
    stops(daemon);
    let elsewhere = Workspace::new();
    fs::copy(workspace.path().join("config/sources/thu.toml"), elsewhere.path().join("config/sources/thu.toml"))
        .unwrap();
    fs::create_dir_all(elsewhere.path().join("state")).unwrap();
    fs::copy(workspace.path().join("state/dongtin.db"), elsewhere.path().join("state/dongtin.db")).unwrap();
    let daemon = Daemon::start(&elsewhere);
    assert_eq!(documents(&daemon, &paths), first, "from a copy of the database");
}

#[test]
fn s04_every_change_has_its_tag_and_no_date_goes_back_or_ahead() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/rss", "")]);
    let version = |n: usize| rss(&[Item::new("a", &format!("Học Bác lần thứ {n}"))]);
    origin.script("/rss", (1..=4).map(|n| Answer::ok(version(n))));
    let daemon = Daemon::start(&workspace);
    let seen: Vec<Reply> =
        (1..=4).map(|n| daemon.wait_until_says("/hoc-bac/feed.atom", &format!("lần thứ {n}"))).collect();
    let tags: BTreeSet<&str> = seen.iter().map(|reply| reply.header("etag")).collect();
    assert_eq!(tags.len(), 4, "{tags:?}");
    let dates: Vec<_> = seen.iter().map(|reply| http_date(reply, "last-modified")).collect();
    assert!(dates.is_sorted(), "{dates:?}");
    for reply in &seen {
        assert!(http_date(reply, "last-modified") <= http_date(reply, "date"));
        let feed = read(reply);
        let newest = feed.entries.iter().filter_map(|entry| entry.updated).max();
        assert_eq!(feed.updated, newest, "S-34: as new as its newest entry");
        assert!(feed.updated.unwrap() <= http_date(reply, "last-modified"), "nothing in it is newer than it");
    }
    // Within one second a date says nothing, and a tag everything.
    let last = seen.last().unwrap();
    let conditions = [("If-None-Match", seen[2].header("etag")), ("If-Modified-Since", last.header("last-modified"))];
    assert_eq!(get(daemon.public, "/hoc-bac/feed.atom", &conditions).status, 200);
}

#[test]
fn s19_every_feed_that_a_page_names_is_there_and_is_what_the_page_says() {
    let (_workspace, _origin, daemon) = sample::site();
    let mut named = BTreeMap::new();
    for (path, reply) in crawl(&daemon).iter().filter(|(_, reply)| is_page(reply)) {
        for (name, attributes) in by_tokens(&reply.text()) {
            let of = |wanted: &str| attributes.iter().find(|(a, _)| a == wanted).map_or("", |(_, v)| v.as_str());
            if name == "link" && of("rel") == "alternate" && of("type").contains("feed+json")
                || name == "link" && of("rel") == "alternate" && of("type").contains("+xml")
            {
                assert!(!of("title").is_empty(), "{path}: {attributes:?}");
                let url = url::Url::parse(BASE).unwrap().join(path).unwrap().join(of("href")).unwrap();
                let target = url[url::Position::BeforePath..url::Position::AfterQuery].to_owned();
                named.insert(target, of("type").to_owned());
            }
        }
    }
    for path in TOPIC.iter().chain(&["/all/feed.atom", "/all/feed.rss", "/all/feed.json"]) {
        assert!(named.contains_key(*path), "{path} in {named:?}");
    }
    for (path, media) in &named {
        let reply = daemon.get(path);
        assert!(reply.header("content-type").starts_with(media.as_str()), "{path}: {media}");
        read(&reply);
    }
}

#[test]
fn s22_while_sources_and_database_are_in_trouble_readers_have_what_there_was() {
    let (workspace, origin) = newsroom(&[Item::new("a", "Một ngày học Bác")]);
    origin.script("/rss", [Answer::ok("").held()]);
    workspace.sources(&origin, &[("mot", "/rss", "province = \"ha-tinh\"")]);
    let daemon = Daemon::start(&workspace);
    let first = daemon.get(TOPIC[0]);
    assert_eq!(ids(&first).len(), 1, "before the first poll is over");
    origin.wait_for("/rss", 2);
    origin.script("/rss", [Answer::ok(rss(&[])), Answer::status(500), Answer::ok("<html>hỏng</html>"), Answer::ok("")]);
    origin.release();
    origin.wait_for("/rss", 6);
    let database = rusqlite::Connection::open(workspace.path().join("state/dongtin.db")).unwrap();
    database.execute_batch("BEGIN EXCLUSIVE").unwrap();
    for path in TOPIC {
        assert_eq!(ids(&daemon.get(path)), ids(&first), "{path}: not emptied, and nobody opens a database for it");
    }
    database.execute_batch("ROLLBACK").unwrap();
    assert_eq!(daemon.get(TOPIC[0]).body, first.body);
}

#[test]
fn s25_who_asks_every_hour_for_what_has_not_changed_is_always_told_so() {
    let (workspace, _origin) = newsroom(&[Item::new("a", "Một ngày học Bác"), Item::new("b", "Hai ngày học Bác")]);
    let daemon = Daemon::start(&workspace);
    let mut told = BTreeMap::new();
    daemon.settled("/hoc-bac/ha-tinh/feed.rss");
    for path in TOPIC.iter().chain(&["/all/feed.atom", "/hoc-bac/ha-tinh/feed.rss"]) {
        for coding in ["identity", "gzip", "br", "gzip, deflate, br, zstd"] {
            let first = get(daemon.public, path, &[("Accept-Encoding", coding)]);
            let (tag, date) = (first.header("etag").to_owned(), first.header("last-modified").to_owned());
            let through_a_proxy = format!("{}-gzip\"", tag.trim_end_matches('"'));
            let strong = tag.trim_start_matches("W/").to_owned();
            for hour in 0..24 {
                let reader: &[(&str, &str)] = match hour % 6 {
                    0 => &[("If-None-Match", &tag)],
                    1 => &[("If-Modified-Since", &date)],
                    2 => &[("If-None-Match", &tag), ("If-Modified-Since", &date)],
                    3 => &[("If-None-Match", &through_a_proxy)],
                    4 => &[("If-None-Match", &strong)],
                    _ => &[("If-None-Match", &tag), ("Cache-Control", "max-age=0")],
                };
                let asked = [reader, &[("Accept-Encoding", coding)]].concat();
                *told.entry(get(daemon.public, path, &asked).status).or_insert(0) += 1;
            }
        }
    }
    assert_eq!(told, BTreeMap::from([(304, 5 * 4 * 24)]));
}

#[test]
fn s30_s31_an_entry_has_one_id_whatever_happens_to_it() {
    let golden = Item::new("a", "Một ngày học Bác");
    let (workspace, origin) = newsroom(&[golden.clone(), Item::new("b", "Giá lúa tăng")]);
    let daemon = Daemon::start(&workspace);
    let id = id_of(&daemon.get("/all/feed.atom"), "Một ngày");
    // From the address alone, written down when this test was: any later program gives the same.
    assert!(id.starts_with("tag:tin.hamau.vn,") && id.ends_with(GOLDEN), "{id}");
    let same = |daemon: &Daemon, title: &str, what: &str| {
        for format in FORMATS {
            assert_eq!(id_of(&daemon.get(&format!("/all/feed.{format}")), title), id, "{what}: {format}");
        }
        let all = daemon.get("/all/feed.atom");
        assert_eq!(ids(&all).len(), 2, "{what}: {}", all.text());
    };
    same(&daemon, "Một ngày", "at first");
    stops(daemon);
    let backup = workspace.path().join("backup.db");
    fs::copy(workspace.path().join("state/dongtin.db"), &backup).unwrap();

    let again = |items: &[Item], what: &str, title: &str| {
        origin.script("/rss", [Answer::ok(rss(items))]);
        workspace.poll_one();
        let daemon = Daemon::start(&workspace);
        same(&daemon, title, what);
        stops(daemon);
    };
    let second = Item::new("b", "Giá lúa tăng");
    let edited = Item::new("a", "Một ngày làm theo Bác (cập nhật)");
    again(&[golden.clone(), second.clone()], "a restart and another poll", "Một ngày");
    again(&[edited.clone(), second.clone()], "an edit", "Một ngày làm theo");
    again(
        &[edited.clone().link("http://www.bao.example/a.html?utm_source=rss"), second.clone()],
        "https that became http",
        "Một ngày làm theo",
    );
    workspace.write(
        "config/topics/hoc-bac.toml",
        "id = \"hoc-bac\"\nname = \"Học Bác\"\nname_en = \"Uncle\"\n[[rule]]\nname = \"x\"\nweight = 10\nphrases = [\"giá lúa\"]\n",
    );
    again(&[edited.clone(), second.clone()], "other rules", "Một ngày làm theo");
    workspace.sources(&origin, &[("mot", "/moi", "every = \"1h\"\nprovince = \"ha-tinh\"")]);
    origin.script("/moi", [Answer::ok(rss(&[edited.clone(), second.clone()]))]);
    again(&[], "a source that moved", "Một ngày làm theo");
    fs::copy(&backup, workspace.path().join("state/dongtin.db")).unwrap();
    for left in ["dongtin.db-wal", "dongtin.db-shm"] {
        drop(fs::remove_file(workspace.path().join("state").join(left)));
    }
    again(&[], "yesterday's database", "Một ngày");
}

/// The id of the story at `https://bao.example/a.html`, without the site's prefix.
const GOLDEN: &str = ":story/a36b70e59c6e927d9521";

#[test]
fn s32_a_story_has_the_same_id_in_every_list_and_is_in_none_twice() {
    let (workspace, origin) = newsroom(&[Item::new("a", "Một ngày học Bác"), Item::new("b", "Giá lúa tăng")]);
    workspace.write(
        "config/topics/nong-nghiep.toml",
        "id = \"nong-nghiep\"\nname = \"Nông nghiệp\"\nname_en = \"Farming\"\n[[rule]]\nname = \"r\"\nweight = 10\nphrases = [\"lúa\"]\n",
    );
    let both = Item::new("c", "Trồng lúa sạch, học Bác mỗi ngày");
    origin.script("/rss", [Answer::ok(rss(&[both.clone(), both, Item::new("a", "Một ngày học Bác")]))]);
    workspace.poll_one();
    let daemon = Daemon::start(&workspace);
    let lists = ["hoc-bac", "nong-nghiep", "all", "hoc-bac/ha-tinh", "hoc-bac+nong-nghiep"];
    let found: BTreeSet<String> = lists
        .iter()
        .map(|list| {
            let feed = daemon.get(&format!("/{list}/feed.atom"));
            let all = ids(&feed);
            assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{list}: {all:?}");
            id_of(&feed, "Trồng lúa sạch")
        })
        .collect();
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn s33_s34_updated_moves_with_what_a_reader_sees_and_published_never() {
    let first = [Item::new("a", "Một ngày học Bác"), Item::new("b", "Hai ngày học Bác")];
    let (workspace, origin) = newsroom(&first);
    let dates = |title: &str| {
        let daemon = Daemon::start(&workspace);
        let reply = daemon.get(TOPIC[0]);
        let now = http_date(&reply, "date");
        let feed = read(&reply);
        assert_eq!(feed.updated, feed.entries.iter().filter_map(|entry| entry.updated).max());
        assert!(feed.entries.iter().all(|e| e.updated.unwrap() <= now && e.published.unwrap() <= e.updated.unwrap()));
        stops(daemon);
        let entry = feed.entries.into_iter().find(|e| e.title.as_ref().is_some_and(|t| t.content.contains(title)));
        let entry = entry.unwrap();
        (entry.updated.unwrap(), entry.published.unwrap(), feed.updated.unwrap())
    };
    let poll = |item: Item| {
        origin.script("/rss", [Answer::ok(rss(&[item, first[1].clone()]))]);
        workspace.poll_one();
    };
    // All of it an hour ago, for dates know whole seconds.
    let database = rusqlite::Connection::open(workspace.path().join("state/dongtin.db")).unwrap();
    database
        .execute_batch("UPDATE story SET updated = updated - 3600000; UPDATE item SET seen = seen - 3600000")
        .unwrap();
    drop(database);
    let before = dates("Một ngày");
    poll(Item::new("a", "Một  ngày \u{a0}học Bác ").link("https://bao.example/a.html?utm_source=rss&fbclid=1"));
    assert_eq!(dates("Một ngày"), before, "white space and tracking are no change");
    poll(Item { date: "Mon, 23 Nov 2026 07:00:00 +0700".to_owned(), ..Item::new("a", "Một ngày làm theo Bác") });
    let after = dates("Một ngày làm theo");
    assert!(after.0 > before.0 && after.2 >= before.2, "{before:?} {after:?}");
    assert_eq!(after.1, before.1, "published is said once");
}

#[test]
fn s35_dates_are_english_and_the_same_wherever_the_machine_stands() {
    let (workspace, _origin) = newsroom(&[Item::new("a", "Một ngày học Bác"), Item::new("b", "Hai ngày học Bác")]);
    let bodies = |zone: &str, locale: &str| {
        let daemon = Daemon::start_with(&workspace, |command| {
            command.env("TZ", zone).env("LC_ALL", locale).env("LANG", locale);
        });
        let bodies = TOPIC.map(|path| daemon.get(path).text());
        stops(daemon);
        bodies
    };
    let here = bodies("UTC", "C");
    for (zone, locale) in [("Asia/Ho_Chi_Minh", "vi_VN.UTF-8"), ("America/St_Johns", "tr_TR.UTF-8")] {
        assert_eq!(bodies(zone, locale), here, "{zone} {locale}");
    }
    let form = regex::Regex::new(
        r"<pubDate>(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000</pubDate>",
    )
    .unwrap();
    assert_eq!(form.find_iter(&here[1]).count(), 2, "{}", here[1]);
    let form = regex::Regex::new(r#""date_(published|modified)":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z""#).unwrap();
    assert_eq!(form.find_iter(&here[2]).count(), 4, "{}", here[2]);
}

#[test]
fn s36_every_entry_says_whose_it_is() {
    let (_workspace, origin, daemon) = sample::site();
    let documents = crawl(&daemon);
    let ours: Vec<String> = ["/mot", "/hai", "/ba"].map(|path| origin.url(path)).into();
    let mut entries = 0;
    for (path, reply) in documents.iter().filter(|(path, reply)| is_feed(reply) && !path.contains("/digest.")) {
        let text = reply.text();
        if text.starts_with('{') {
            let feed: serde_json::Value = serde_json::from_str(&text).unwrap();
            for item in feed["items"].as_array().unwrap() {
                assert!(!item["_dongtin"]["carriers"][0]["name"].as_str().unwrap().is_empty(), "{path}: {item}");
                entries += 1;
            }
            continue;
        }
        let document = roxmltree::Document::parse(&text).unwrap();
        for entry in document.descendants().filter(|n| matches!(n.tag_name().name(), "entry" | "item")) {
            let source = entry.children().find(|n| n.tag_name().name() == "source").unwrap_or_else(|| panic!("{path}"));
            let child = |name: &str| source.children().find(|n| n.tag_name().name() == name);
            let own = match child("id") {
                Some(id) => {
                    assert!(["title", "updated"].iter().all(|name| child(name).is_some()), "{path}");
                    let is_self = |n: &roxmltree::Node<'_, '_>| n.attribute("rel") == Some("self");
                    let link = source.children().find(is_self).and_then(|n| n.attribute("href"));
                    assert_eq!(link, id.text(), "{path}");
                    id.text()
                }
                None => source.attribute("url"),
            };
            assert!(ours.iter().any(|url| Some(url.as_str()) == own), "{path}: {own:?}");
            entries += 1;
        }
    }
    assert!(entries > 50, "{entries}");
}

#[test]
fn s37_the_newest_stand_first_ties_stay_as_they_are_and_a_feed_ends() {
    let old = |n: usize| {
        dated(
            &format!("cu-{n}"),
            &format!("Làm theo Bác, chuyện thứ {n}"),
            &format!("Mon, 05 Oct 2026 08:{:02}:00 +0700", n % 60),
        )
    };
    let at_once =
        |n: usize| dated(&format!("moi-{n}"), &format!("Học Bác, chuyện thứ {n}"), "Sun, 22 Nov 2026 08:00:00 +0700");
    let items: Vec<Item> = (0..120).map(old).chain((0..20).map(at_once)).collect();
    let (workspace, _origin) = newsroom(&items);
    let daemon = Daemon::start(&workspace);
    let feed = read(&daemon.get(TOPIC[0]));
    let dates: Vec<_> = feed.entries.iter().map(|e| e.published.unwrap()).collect();
    assert!(dates.windows(2).all(|pair| pair[0] >= pair[1]), "{dates:?}");
    assert_eq!(feed.entries.len(), 100, "of 140 that reach back two months");
    let before = TOPIC.map(|path| ids(&daemon.get(path)));
    stops(daemon);
    let daemon = Daemon::start(&workspace);
    assert_eq!(TOPIC.map(|path| ids(&daemon.get(path))), before);
    for path in TOPIC {
        assert!(
            daemon.get(path).body.len() < 1 << 20,
            "{path}: a megabyte at most, where entries are as papers write them"
        );
    }
}

#[test]
fn s43_three_formats_of_one_list_have_the_same_ids_in_the_same_order_and_say_where_they_are() {
    let (_workspace, _origin, daemon) = sample::site();
    let lists = [
        "/hoc-bac/feed.{}",
        "/all/feed.{}",
        "/hoc-bac/ha-tinh/feed.{}",
        "/all/press/feed.{}",
        "/all/page/2/feed.{}",
        "/hoc-bac/digest.{}",
        "/all/digest.{}",
        "/search/feed.{}?q=h%E1%BB%8Dc+B%C3%A1c",
        "/search/feed.{}?q=kh%C3%B4ng+c%C3%B3+g%C3%AC",
    ];
    let mut feeds = BTreeMap::new();
    for list in lists {
        let replies = FORMATS.map(|format| (list.replace("{}", format), daemon.get(&list.replace("{}", format))));
        if replies.iter().all(|(_, reply)| reply.status == 404) {
            assert!(list.contains("/press/") || list.contains("/page/"), "{list} is there");
            continue;
        }
        let all = replies.each_ref().map(|(_, reply)| ids(reply));
        assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "{list}: {all:?}");
        assert_eq!(all[0].iter().collect::<BTreeSet<_>>().len(), all[0].len(), "{list}: no id twice");
        for (path, reply) in &replies {
            let own = format!("{BASE}{}", path.trim_start_matches('/'));
            assert_eq!(own_address(reply), own, "{path}");
            assert!(
                reply.header("link").starts_with(&format!("<{own}>; rel=\"self\"")),
                "{path}: {}",
                reply.header("link")
            );
            let known = get(daemon.public, path, &[("If-None-Match", reply.header("etag"))]);
            assert_eq!((known.status, known.body.len()), (304, 0), "{path}: it has validators of its own");
        }
        feeds.insert(list, read(&replies[0].1).id);
    }
    let names: BTreeSet<&String> = feeds.values().collect();
    // A page of a list is the list (RFC 5005 section 3).
    let pages = feeds.keys().filter(|list| list.contains("/page/")).count();
    assert_eq!(names.len(), feeds.len() - pages, "{feeds:?}");
}

/// Where a feed says that it is.
fn own_address(reply: &Reply) -> String {
    let text = reply.text();
    if text.starts_with('{') {
        let feed: serde_json::Value = serde_json::from_str(&text).unwrap();
        return feed["feed_url"].as_str().unwrap().to_owned();
    }
    let document = roxmltree::Document::parse(&text).unwrap();
    let own = document.descendants().find(|n| n.tag_name().name() == "link" && n.attribute("rel") == Some("self"));
    own.unwrap().attribute("href").unwrap().to_owned()
}

/// The documents of the past of a topic, the newest first: path, reply.
fn past(daemon: &Daemon) -> Vec<(String, Reply)> {
    let mut found: Vec<(String, Reply)> = Vec::new();
    let mut next = before(&daemon.get(TOPIC[0]));
    while let Some(path) = next {
        assert!(found.len() < 100 && found.iter().all(|(known, _)| *known != path), "the chain ends: {path}");
        let reply = daemon.get(&path);
        assert_eq!(reply.status, 200, "{path}");
        assert!(reply.text().contains("<fh:archive"), "{path}");
        next = before(&reply);
        found.push((path, reply));
    }
    found
}

/// The path of the document before one.
fn before(reply: &Reply) -> Option<String> {
    let text = reply.text();
    let document = roxmltree::Document::parse(&text).unwrap();
    let link = document.root_element().children().find(|n| n.attribute("rel") == Some("prev-archive"))?;
    Some(format!("/{}", link.attribute("href").unwrap().strip_prefix(BASE).unwrap()))
}

#[test]
fn s40_who_walks_through_the_past_meets_every_story_once_and_what_is_frozen_stays() {
    let months = ["05 May", "08 Jun", "03 Jul", "11 Aug", "07 Sep", "12 Oct", "10 Nov"];
    let item = |paper: &str, n: usize| {
        let day = months[n % months.len()];
        dated(
            &format!("{paper}-{n}"),
            &format!("Xã {paper} thứ {n} học Bác bằng việc số {}", n * 37),
            &format!("{day} 2026 08:{:02}:00 +0700", n % 60),
        )
    };
    let first: Vec<Item> = (0..35).map(|n| item("Đông", n)).collect();
    let (workspace, origin) = newsroom(&first);
    let daemon = Daemon::start(&workspace);
    let stories = |daemon: &Daemon| {
        let all: Vec<String> = past(daemon).iter().flat_map(|(_, reply)| ids(reply)).collect();
        let once: BTreeSet<String> = all.iter().cloned().collect();
        assert_eq!(once.len(), all.len(), "no story twice");
        once
    };
    let frozen = |daemon: &Daemon| -> BTreeMap<String, Reply> {
        let is_frozen = |reply: &Reply| reply.header("cache-control").contains("immutable");
        let kept = past(daemon).into_iter().filter(|(_, reply)| is_frozen(reply));
        kept.map(|(path, reply)| (path, without_date(reply))).collect()
    };
    let begin = frozen(&daemon);
    assert_eq!(begin.len(), 6, "six months are over: {:?}", begin.keys());
    assert_eq!(stories(&daemon).len(), 35);
    let unchanged = |daemon: &Daemon, what: &str| {
        let now = frozen(daemon);
        for (path, reply) in &begin {
            assert_eq!(now.get(path).map(Reply::text), Some(reply.text()), "{what}: {path}");
            assert_eq!(now.get(path), Some(reply), "{what}: {path}");
        }
    };
    unchanged(&daemon, "asked again");
    stops(daemon);

    let edited: Vec<Item> = first.iter().map(|i| Item { title: format!("{} (sửa)", i.title), ..i.clone() }).collect();
    origin.script("/rss", [Answer::ok(rss(&edited))]);
    workspace.poll_one();
    let daemon = Daemon::start(&workspace);
    unchanged(&daemon, "edits and a restart");
    assert_eq!(stories(&daemon).len(), 35);
    stops(daemon);

    origin.script("/hai", [Answer::ok(rss(&(0..21).map(|n| item("Tây", n)).collect::<Vec<_>>()))]);
    let every = "every = \"1h\"\nprovince = \"ha-tinh\"";
    workspace.sources(&origin, &[("mot", "/rss", every), ("hai", "/hai", every)]);
    workspace.poll(&[]);
    let daemon = Daemon::start(&workspace);
    unchanged(&daemon, "a source that came late with old stories");
    assert_eq!(stories(&daemon).len(), 35 + 21, "who walks now meets the late ones too");
    assert_eq!(stories(&daemon), eventually("all of them", || Some(stories(&daemon))));
}

/// A reply without what differs each time.
fn without_date(mut reply: Reply) -> Reply {
    reply.headers.remove("date");
    reply
}

#[test]
fn every_promise_names_tests_that_are_there() {
    let table = fs::read_to_string("docs/assertions.md").unwrap();
    let code = ["src", "tests"].map(sources).concat();
    let named = regex::Regex::new(r"`([a-z0-9]+(?:_[a-z0-9]+){3,})`").unwrap();
    let missing: BTreeSet<&str> = named
        .captures_iter(&table)
        .map(|found| found.get(1).unwrap().as_str())
        .filter(|name| !code.contains(&format!("fn {name}(")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    for number in (1..=25).chain(30..=52) {
        assert!(table.contains(&format!("\n| S-{number:02} | ")), "S-{number:02} has a line");
    }
}

/// All Rust below a folder.
fn sources(folder: &str) -> String {
    let mut text = String::new();
    let mut folders = vec![std::path::PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    text
}
