//! The rules of feeds, over everything the daemon serves, whatever its sources send (assertions S-34 to S-39).

use std::collections::BTreeMap;

use serde_json::Value;

use super::support::crawl::{BASE, crawl, is_feed, is_page};
use super::support::feedrules::faults;
use super::support::{Reply, Workspace, sample};

fn feeds_of(documents: &BTreeMap<String, Reply>) -> impl Iterator<Item = (&String, &Reply)> {
    documents.iter().filter(|(_, reply)| is_feed(reply))
}

#[test]
fn s_38_no_feed_breaks_a_rule_that_a_validator_knows() {
    let (_workspace, _origin, daemon) = sample::site();
    let documents = crawl(&daemon);
    let mut broken = Vec::new();
    for (path, reply) in feeds_of(&documents) {
        let address = format!("{BASE}{}", path.trim_start_matches('/'));
        let found = faults(&reply.body, &address).into_iter();
        broken.extend(found.map(|fault| format!("{path}: {fault}")));
    }
    assert!(feeds_of(&documents).count() >= 6, "topic and all in three formats: {:?}", documents.keys());
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn a_feed_with_faults_is_told_each_of_them() {
    let rss = "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\" xmlns:x=\"urn:x\"><channel><title>T&lt;b&gt;</title><link>/</link>\
        <description>d</description><language>tiếng Việt</language><lastBuildDate>Thứ hai</lastBuildDate><ttl>0</ttl><x:y/>\
        <atom:link rel=\"self\" href=\"http://khac.example/\"/>\
        <item><title>a</title><link>b.html</link><guid>khong-phai-dia-chi</guid><pubDate>Mon, 22 Nov 2026 09:00:00 GMT</pubDate></item>\
        <item><title>a\u{202e}</title><link>http://a.example/</link><guid>khong-phai-dia-chi</guid><pubDate>Sun, 22 Nov 26 09:00:00 GMT</pubDate>\
        <description>&lt;a href=\"/x\"&gt;&lt;img src=y onerror=z()&gt;</description><author>x</author><creator>y</creator></item></channel></rss>";
    let atom = "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>T</title><id>khong</id><updated>2026-11-22t09:00:00z</updated>\
        <link rel=\"alternate\" type=\"text/html\" href=\"http://a.example/\"/><link rel=\"alternate\" type=\"text/html\" href=\"http://b.example/\"/>\
        <entry><id>tag:a.example,2026:1</id><title type=\"xhtml\">a</title><updated>2026-11-22T09:00:00Z</updated><published>2026-11-23T09:00:00Z</published></entry>\
        <entry><id>tag:a.example,2026:1</id><title>a</title><updated>2026-11-22T09:00:00Z</updated><link rel=\"x\" href=\"a\"/></entry></feed>";
    let json = "{\"version\":\"1\",\"title\":\"\",\"feed_url\":\"x\",\"author\":null,\"items\":[{\"id\":\"tag:x\",\"url\":\"x\",\"date_published\":\"2026-11-23\"}]}";
    let cases: [(&str, &[&str]); 6] = [
        (
            rss,
            &[
                "ContainsHTML",
                "InvalidFullLink",
                "InvalidLanguage",
                "InvalidRFC2822Date",
                "InvalidPositiveInteger",
                "UnknownNamespace",
                "SelfDoesntMatchLocation",
                "DuplicateValue",
                "BadCharacters",
                "ContainsRelRef",
                "SecurityRisk",
                "DuplicateItemSemantics",
            ],
        ),
        (
            atom,
            &[
                "InvalidTAG",
                "InvalidRFC3339Date",
                "MissingSelf",
                "DuplicateAtomLink",
                "InvalidContentMode",
                "S-33",
                "DuplicateEntries",
                "DuplicateUpdated",
                "MissingElement: entry: author",
                "MissingTextualContent",
                "UnregisteredAtomLinkRel",
                "MissingContentOrAlternate",
                "InvalidLanguage",
            ],
        ),
        (
            json,
            &[
                "version",
                "MissingElement: feed: title",
                "SelfDoesntMatchLocation",
                "UndefinedElement: feed: author",
                "null",
                "InvalidTAG",
                "InvalidFullLink",
                "InvalidRFC3339Date",
                "MissingTextualContent",
            ],
        ),
        ("<rss version=\"2.0\"><channel>&nbsp;</channel></rss>", &["SAXError"]),
        ("<rss version=\"2.0\"><channel>\u{1}</channel></rss>", &["SAXError"]),
        ("{\"title\":\"\\ud800\"}", &["JSON"]),
    ];
    for (feed, names) in cases {
        let found = faults(feed.as_bytes(), "http://tin.hamau.vn/x");
        for name in names {
            assert!(found.iter().any(|fault| fault.starts_with(name)), "{name} in {found:#?}");
        }
    }
}

/// The (id, title, published, updated) of each entry, as `inspect` reads them.
fn as_we_read(workspace: &Workspace, reply: &Reply) -> Vec<[String; 4]> {
    workspace.write("feed", &reply.body);
    let output = workspace.run("inspect", &["--format", "json", "feed"]);
    let read: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&read["ok"], &read["repaired"]), (&Value::Bool(true), &serde_json::json!([])), "{read}");
    let of = |entry: &Value| {
        ["id", "title", "published", "updated"].map(|k| entry[k].as_str().unwrap_or_default().to_owned())
    };
    read["entries"].as_array().unwrap().iter().map(of).collect()
}

/// The same, as feed-rs reads them.
fn as_others_read(reply: &Reply) -> Vec<[String; 4]> {
    let time = |t: Option<chrono::DateTime<chrono::Utc>>| {
        t.map(|t| t.format("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default()
    };
    let feed = feed_rs::parser::parse(reply.body.as_slice()).unwrap();
    feed.entries
        .into_iter()
        .map(|e| [e.id, e.title.map(|t| t.content).unwrap_or_default(), time(e.published), time(e.updated)])
        .collect()
}

#[test]
fn s_38_others_read_the_same_ids_titles_and_dates_as_we_do() {
    let (workspace, _origin, daemon) = sample::site();
    for (path, reply) in feeds_of(&crawl(&daemon)) {
        let (ours, theirs) = (as_we_read(&workspace, reply), as_others_read(reply));
        assert_eq!(ours.len(), theirs.len(), "{path}");
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert_eq!(ours[..3], theirs[..3], "{path}");
            assert!(ours[3].is_empty() || theirs[3].is_empty() || ours[3] == theirs[3], "{path}: {ours:?} {theirs:?}");
        }
    }
}

#[test]
fn s_39_hostile_characters_leave_in_no_document_and_take_no_text_with_them() {
    let (_workspace, _origin, daemon) = sample::site();
    let documents = crawl(&daemon);
    for (path, reply) in &documents {
        let text = String::from_utf8(reply.body.clone()).unwrap_or_else(|e| panic!("{path} is not UTF-8: {e}"));
        // References to what must not leave count as it does, where a program resolves them.
        let resolved = match serde_json::from_str::<Value>(&text) {
            Ok(value) => strings(&value),
            Err(_) => quick_xml::escape::unescape_with(&text, |_| Some("")).map_or(text.clone(), |t| t.into_owned()),
        };
        let illegal = |c: &char| {
            matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' | '\u{200f}' | '\u{fffe}' | '\u{ffff}' | '\u{1fffe}')
        };
        for seen in [&text, &resolved] {
            assert_eq!(seen.chars().find(illegal), None, "{path}");
        }
    }
    let listed = |path: &str| String::from_utf8(documents[path].body.clone()).unwrap();
    for path in ["/all/feed.atom", "/all/feed.rss", "/all/feed.json", "/all/"] {
        assert_eq!(listed(path).matches("ngược").count().min(2), 2, "{path}: what stood around them stays");
        assert!(is_page(&documents[path]) || is_feed(&documents[path]));
    }
}

/// Every string in a value, resolved.
fn strings(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(strings).collect(),
        Value::Object(all) => all.values().map(strings).collect(),
        _ => String::new(),
    }
}
