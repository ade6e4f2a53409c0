//! Ten thousand pieces of hostile markup through every field of a source's feed into every output: nothing of them runs, loads or takes over.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

use super::support::browser::{Browser, in_browser};
use super::support::crawl::{BASE, crawl, is_page};
use super::support::markup::{Place, dangers};
use super::support::{Answer, Daemon, Origin, Workspace, get, payloads};

/// Payloads a topic: as many as a page shows.
const BATCH: usize = 100;
const HOOKS: &str = include_str!("support/hooks.js");

/// A daemon that read them all, a source and a topic for each batch.
fn attacked(payloads: &[String]) -> (Workspace, Origin, Daemon) {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    let batches: Vec<&[String]> = payloads.chunks(BATCH).collect();
    let names: Vec<(String, String)> = (0..batches.len()).map(|b| (format!("nguon-{b}"), format!("/{b}"))).collect();
    let more = "level = \"central\"\npublish = \"full\"\nfull_text = \"never\"\nevery = \"1h\"";
    workspace.sources(&origin, &names.iter().map(|(id, path)| (id.as_str(), path.as_str(), more)).collect::<Vec<_>>());
    for (b, batch) in batches.iter().enumerate() {
        workspace.write(
            &format!("config/topics/{}.toml", topic(b)),
            format!("id = \"{}\"\nname = \"Lô {b}\"\nname_en = \"Batch {b}\"\nlimit = {BATCH}\n[[rule]]\nname = \"r\"\nweight = 10\nphrases = [\"lo{b}x\"]\n", topic(b)),
        );
        let items: Vec<(usize, &String)> =
            batch.iter().enumerate().map(|(at, payload)| (b * BATCH + at, payload)).collect();
        let document = match b % 4 {
            0 => rss(b, &items, &escaped),
            1 => rss(b, &items, &|text| format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))),
            2 => atom(b, &items),
            _ => json_feed(b, &items),
        };
        origin.script(&format!("/{b}"), [Answer::ok(document)]);
    }
    let reports = workspace.poll(&[]);
    let taken = names.iter().filter(|(id, _)| reports[id]["outcome"] == "taken").count();
    assert_eq!(taken, batches.len(), "every batch is read");
    let daemon = Daemon::start(&workspace);
    (workspace, origin, daemon)
}

fn topic(batch: usize) -> String {
    format!("lo-{batch}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// A headline that is nobody else's, for two items of one headline would be one story.
fn headline(b: usize, n: usize, payload: &str) -> String {
    const WORDS: [&str; 16] = [
        "lúa",
        "cầu",
        "trường",
        "suối",
        "đồi",
        "chợ",
        "thuyền",
        "gốm",
        "chè",
        "mưa",
        "nắng",
        "rừng",
        "biển",
        "làng",
        "phố",
        "đường",
    ];
    let words: Vec<&str> = (0..5).map(|digit| WORDS[n / 16_usize.pow(digit) % 16]).collect();
    format!("{} số {n} lo{b}x {payload}", words.join(" "))
}

fn link(n: usize, payload: &str) -> String {
    // Every other link is the payload itself, as an address.
    if n.is_multiple_of(2) { format!("https://bao.example/{n}?q={payload}#{payload}") } else { payload.to_owned() }
}

fn rss(b: usize, items: &[(usize, &String)], write: &dyn Fn(&str) -> String) -> String {
    let items: String = items
        .iter()
        .map(|(n, p)| {
            format!(
                "<item><title>{}</title><link>{}</link><guid isPermaLink=\"false\">{n}</guid><description>{}</description><content:encoded>{}</content:encoded>\
                 <author>{}</author><category>{}</category><enclosure url=\"{}\" type=\"image/png\" length=\"1\"/><media:thumbnail url=\"{}\"/></item>",
                write(&headline(b, *n, p)), write(&link(*n, p)), write(p), write(p), write(p), write(p), escaped(p), escaped(p)
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" \
         xmlns:media=\"http://search.yahoo.com/mrss/\"><channel><title>Báo thử</title>{items}</channel></rss>"
    )
}

fn atom(b: usize, items: &[(usize, &String)]) -> String {
    let entries: String = items
        .iter()
        .map(|(n, p)| {
            let e = escaped(p);
            format!(
                "<entry><id>urn:{n}</id><title type=\"html\">{}</title><link href=\"{}\"/><summary type=\"html\">{e}</summary><content type=\"html\">{e}</content>\
                 <author><name>{e}</name><uri>{e}</uri></author><category term=\"{e}\" label=\"{e}\"/><link rel=\"enclosure\" type=\"image/png\" href=\"{e}\"/></entry>",
                escaped(&headline(b, *n, p)), escaped(&link(*n, p))
            )
        })
        .collect();
    format!("<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Báo thử</title>{entries}</feed>")
}

fn json_feed(b: usize, items: &[(usize, &String)]) -> String {
    let items: Vec<Value> = items
        .iter()
        .map(|(n, p)| {
            json!({ "id": n.to_string(), "url": link(*n, p), "title": headline(b, *n, p), "summary": p, "content_html": p, "image": p, "tags": [p],
                    "authors": [{ "name": p, "url": p, "avatar": p }], "attachments": [{ "url": p, "mime_type": "image/png" }] })
        })
        .collect();
    json!({ "version": "https://jsonfeed.org/version/1.1", "title": "Báo thử", "items": items }).to_string()
}

/// The markup that readers show of each entry of a topic: of RSS the title too, which many take for markup.
fn markup_of_feeds(daemon: &Daemon, topic: &str) -> Vec<Vec<String>> {
    let document = |file: &str| daemon.get(&format!("/{topic}/{file}")).text();
    let (rss, atom) = (document("feed.rss"), document("feed.atom"));
    let xml = |text: &str, entry: &str, parts: &[&str]| -> Vec<String> {
        let document = roxmltree::Document::parse(text).unwrap();
        let entries = document.descendants().filter(|n| n.tag_name().name() == entry);
        entries
            .map(|entry| {
                let shown = entry
                    .children()
                    .filter(|n| parts.contains(&n.tag_name().name()) && !matches!(n.attribute("type"), Some("text")));
                shown.filter_map(|n| n.text()).collect::<Vec<_>>().join("\n")
            })
            .collect()
    };
    let json: Value = serde_json::from_str(&document("feed.json")).unwrap();
    let items = json["items"].as_array().unwrap().iter();
    vec![
        xml(&rss, "item", &["title", "description", "encoded"]),
        xml(&atom, "entry", &["title", "content"]),
        items.map(|item| item["content_html"].as_str().unwrap_or_default().to_owned()).collect(),
    ]
}

#[test]
fn ten_thousand_payloads_leave_as_harmless_text() {
    let payloads = payloads::all();
    assert!(payloads.len() >= 10_000, "{}", payloads.len());
    let (_workspace, _origin, daemon) = attacked(&payloads);
    let batches = payloads.len().div_ceil(BATCH);
    let mut found = BTreeSet::new();
    let mut entries = 0;
    for b in 0..batches {
        for feed in markup_of_feeds(&daemon, &topic(b)) {
            entries += feed.len();
            for (markup, danger) in feed.iter().flat_map(|m| dangers(m, Place::Feed).into_iter().map(move |d| (m, d))) {
                found.insert(format!("{danger} in a feed: {markup}"));
            }
        }
        let page = daemon.get(&format!("/{}/", topic(b))).text();
        found.extend(dangers(&page, Place::Page).into_iter().map(|danger| format!("{danger} in /{}/", topic(b))));
    }
    assert_eq!(entries, 3 * payloads.len(), "each payload is an entry of each feed");
    for (path, reply) in crawl(&daemon).iter().filter(|(_, reply)| is_page(reply)) {
        found.extend(dangers(&reply.text(), Place::Page).into_iter().map(|danger| format!("{danger} in {path}")));
    }
    // The page of one story in fifty, and what comes back to who asks for a payload.
    let all: Value = serde_json::from_str(&daemon.get("/all/feed.json").text()).unwrap();
    let ids = all["items"].as_array().unwrap().iter().map(|i| i["id"].as_str().unwrap().rsplit('/').next().unwrap());
    let stories = ids.step_by(5).map(|id| format!("/story/{id}"));
    let questions = payloads.iter().step_by(50).map(|payload| format!("/search?q={}", encoded(payload)));
    for path in stories.chain(questions) {
        let reply = get(daemon.public, &path, &[]);
        if is_page(&reply) {
            found.extend(dangers(&reply.text(), Place::Page).into_iter().map(|danger| format!("{danger} in {path}")));
        }
    }
    assert!(found.is_empty(), "{} dangers\n{}", found.len(), found.into_iter().take(20).collect::<Vec<_>>().join("\n"));
    in_browser(daemon.public, async |browser| in_a_browser(&browser, &daemon, &payloads, batches).await);
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The same in a browser in which nothing protects: pages without their policy, entries as a careless reader shows them.
async fn in_a_browser(browser: &Browser, daemon: &Daemon, payloads: &[String], batches: usize) {
    browser.tell("Page.addScriptToEvaluateOnNewDocument", json!({ "source": HOOKS })).await;
    browser.tell("Page.setBypassCSP", json!({ "enabled": true })).await;
    let mut wrong = BTreeSet::new();
    for b in 0..batches {
        let address = format!("{BASE}{}/", topic(b));
        browser.open(&address).await;
        wrong.extend(provoked(browser).await.into_iter().map(|what| format!("{address}: {what}")));
        browser.open("about:blank").await;
        browser.ask(&shown(&markup_of_feeds(daemon, &topic(b)).concat())).await;
        wrong.extend(provoked(browser).await.into_iter().map(|what| format!("feeds of {}: {what}", topic(b))));
    }
    assert!(wrong.is_empty(), "{}", wrong.into_iter().take(20).collect::<Vec<_>>().join("\n"));
    // What arrived does run where nobody cleans it: the judge can see.
    let raw: Vec<&String> = payloads.iter().filter(|p| !p.contains("http-equiv") && !p.contains("<base")).collect();
    let mut fired = BTreeSet::new();
    for entries in raw.chunks(BATCH).take(20) {
        browser.open("about:blank").await;
        browser.ask(&shown(entries)).await;
        fired.extend(provoked(browser).await);
    }
    assert!(fired.iter().filter(|what| what.starts_with("ran")).count() > 300, "{} fired", fired.len());
    assert!(fired.iter().any(|what| what.starts_with("asked") && what.contains(payloads::CANARY)), "{fired:?}");
}

/// Shows entries as a reader does that trusts them: as the markup of an element, read once and again as what the browser made of it, and as
/// a document of its own.
fn shown(entries: &[impl serde::Serialize]) -> String {
    format!(
        "(() => {{ document.body.replaceChildren(); const entries = {};
         for (const entry of entries) {{
           const one = document.createElement('div'), two = document.createElement('div');
           document.body.append(one, two);
           one.innerHTML = entry;
           two.innerHTML = one.innerHTML;
         }}
         const page = document.createElement('iframe');
         page.srcdoc = '<!DOCTYPE html><body>' + entries.join('<hr>');
         const loaded = new Promise(done => {{ page.onload = done; setTimeout(done, 3000); }});
         document.body.append(page);
         return loaded.then(() => true); }})()",
        json!(entries)
    )
}

/// What happens when somebody touches everything: which scripts ran, which links would run one, what was asked of others.
async fn provoked(browser: &Browser) -> Vec<String> {
    browser
        .ask(
            "for (const element of document.querySelectorAll('body *')) {
               for (const name of ['mouseover', 'focus', 'pointerover', 'toggle', 'animationstart', 'error', 'load', 'click']) {
                 const event = new Event(name, { bubbles: false, cancelable: true });
                 element.dispatchEvent(event);
               }
             } true",
        )
        .await;
    browser.breathe(Duration::from_millis(40)).await;
    let ran = browser.ask("[...new Set(fired.splice(0))]").await;
    let mut wrong: Vec<String> = ran.as_array().unwrap().iter().map(|n| format!("ran {n}")).collect();
    let links = "[...document.querySelectorAll('[href],[src],[action]')].map(e => e.protocol ?? '').filter(p => !['', 'http:', 'https:', 'mailto:'].includes(p))";
    wrong.extend(browser.ask(links).await.as_array().unwrap().iter().map(|scheme| format!("a link with {scheme}")));
    let asked = browser.requests().await;
    let foreign = asked.into_iter().filter(|(kind, url)| {
        kind != "Image" && !url.starts_with(BASE) && !url.starts_with("about:") && !url.starts_with("chrome")
    });
    wrong.extend(foreign.map(|(kind, url)| format!("asked for {kind} {url}")));
    wrong
}

#[test]
fn both_readers_of_markup_see_a_danger() {
    let seen = payloads::all().iter().filter(|payload| !dangers(payload, Place::Feed).is_empty()).count();
    assert!(seen > 8_000, "{seen}");
    for harmless in [
        "<p>a <b>b</b> <a href=\"https://a.example/\">c</a></p>",
        "javascript: là một ngôn ngữ",
        "<img src=\"http://a.example/x.png\" alt=\"\">",
    ] {
        assert!(dangers(harmless, Place::Feed).is_empty(), "{harmless}");
    }
}
