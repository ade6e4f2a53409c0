//! Everything the daemon offers to a visitor who follows the links from the front page.

use std::collections::{BTreeMap, VecDeque};

use url::Url;

use super::markup::by_tokens;
use super::{Daemon, Reply};

/// Where the daemon of a test says that it is.
pub const BASE: &str = "http://tin.hamau.vn/";

/// How many documents of one kind are looked at: a kind is an address without its particulars.
const OF_A_KIND: usize = 3;

/// Every document by its path, at most three of a kind. What a link leads to must be there.
pub fn crawl(daemon: &Daemon) -> BTreeMap<String, Reply> {
    let base = Url::parse(BASE).unwrap();
    let mut found: BTreeMap<String, Reply> = BTreeMap::new();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut waiting = VecDeque::from(["/".to_owned()]);
    while let Some(path) = waiting.pop_front() {
        let seen = kinds.entry(kind(&path)).or_default();
        if found.contains_key(&path) || *seen >= OF_A_KIND {
            continue;
        }
        *seen += 1;
        let reply = daemon.get(&path);
        assert_eq!(reply.status, 200, "a link leads to {path}");
        if is_page(&reply) {
            let here = base.join(&path).unwrap();
            let links = by_tokens(&reply.text()).into_iter().flat_map(|(_, attributes)| attributes);
            for (name, address) in links {
                // What is asked of the search is an ordinary question.
                let address = match name.as_str() {
                    "href" | "src" => address,
                    "action" => format!("{address}?q=h%E1%BB%8Dc+B%C3%A1c"),
                    _ => continue,
                };
                let Ok(url) = here.join(&address) else { continue };
                if url.origin() == base.origin() {
                    waiting.push_back(url[url::Position::BeforePath..url::Position::AfterQuery].to_owned());
                }
            }
        }
        found.insert(path, reply);
    }
    found
}

/// Whether a document is a page for people.
pub fn is_page(reply: &Reply) -> bool {
    reply.header("content-type").starts_with("text/html")
}

/// Whether a document is a feed.
pub fn is_feed(reply: &Reply) -> bool {
    ["application/atom+xml", "application/rss+xml", "application/feed+json"]
        .iter()
        .any(|t| reply.header("content-type").starts_with(t))
}

/// The kind of a document: its path with topics, provinces, months and ids taken out, and whether something is asked.
pub fn kind(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let parts: Vec<String> = path
        .split('/')
        .map(|part| {
            let is_month =
                part.len() >= 7 && part.as_bytes()[4] == b'-' && part[..4].bytes().all(|b| b.is_ascii_digit());
            let is_id = part.len() == 20 && part.bytes().all(|b| b.is_ascii_hexdigit());
            match part {
                "" | "all" | "story" | "search" | "sources" | "archive" | "assets" => part.to_owned(),
                _ if is_month => format!("month{}", &part[7..]),
                _ if is_id => "id".to_owned(),
                _ if part.contains('.') => part.to_owned(),
                _ => "x".to_owned(),
            }
        })
        .collect();
    format!("{}{}", parts.join("/"), if query.is_empty() { "" } else { "?" })
}
