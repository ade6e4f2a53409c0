//! Every kind of page in a real browser: at two widths, light and dark, on paper, without scripts, and what it asks for.

use std::collections::BTreeSet;

use serde_json::Value;

use super::support::browser::{Browser, in_browser};
use super::support::crawl::{BASE, crawl, is_page, kind};
use super::support::sample;

/// The rules that a page keeps, as a program that runs in it and gives what it breaks.
const PAGE_RULES: &str = include_str!("support/page_rules.js");
/// A phone whose owner reads Vietnamese and a desk whose owner reads English, in CSS pixels.
const READERS: [(u32, u32, &str); 2] = [(360, 740, "vi"), (1200, 900, "en")];

fn lines(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_page_keeps_the_rules_of_pages_at_every_size_and_in_every_light() {
    let (_workspace, _origin, daemon) = sample::site();
    let documents = crawl(&daemon);
    let pages: Vec<String> = documents.into_iter().filter(|(_, reply)| is_page(reply)).map(|(path, _)| path).collect();
    let kinds: BTreeSet<String> = pages.iter().map(|path| kind(path)).collect();
    assert!(kinds.len() >= 3, "front page, topic and story: {kinds:?}");
    in_browser(daemon.public, async |browser| {
        let mut faults = BTreeSet::new();
        for path in &pages {
            let address = format!("{BASE}{}", path.trim_start_matches('/'));
            for (width, height, language) in READERS {
                browser.resize(width, height).await;
                browser.speak(language).await;
                browser.show("screen", "light").await;
                browser.open(&address).await;
                for scheme in ["light", "dark"] {
                    browser.show("screen", scheme).await;
                    let found = lines(&browser.ask(PAGE_RULES).await);
                    faults.extend(found.into_iter().map(|fault| format!("{path} {width} {scheme}: {fault}")));
                }
            }
            faults.extend(on_paper(&browser).await.into_iter().map(|fault| format!("{path} on paper: {fault}")));
            let asked = browser.requests().await;
            let foreign = asked.iter().filter(|(_, url)| !url.starts_with(BASE) && !url.starts_with("data:,"));
            faults.extend(foreign.map(|(kind, url)| format!("{path}: asks for {kind} {url}")));
            faults.extend(browser.complaints().await.into_iter().map(|said| format!("{path}: {said}")));
            if browser.ask("document.cookie + Object.keys(localStorage)").await != "" {
                faults.insert(format!("{path}: leaves something in the browser"));
            }
        }
        assert!(faults.is_empty(), "{}", faults.into_iter().collect::<Vec<_>>().join("\n"));
    });
}

/// On paper the main text is there, dark on white, and what it is about.
async fn on_paper(browser: &Browser) -> Vec<String> {
    browser.show("print", "light").await;
    let mut found = lines(&browser.ask(PAGE_RULES).await);
    found.retain(|fault| fault.starts_with("contrast"));
    let said = browser
        .ask("[document.querySelector('h1'), document.querySelector('main')].map(e => e.innerText.trim().length)")
        .await;
    if said.as_array().unwrap().iter().any(|length| length == 0) {
        found.push("the main text is missing".to_owned());
    }
    found
}

#[test]
fn every_page_says_the_same_without_scripts() {
    let (_workspace, _origin, daemon) = sample::site();
    let documents = crawl(&daemon);
    in_browser(daemon.public, async |browser| {
        let mut seen = BTreeSet::new();
        for (path, _) in documents.iter().filter(|(path, reply)| is_page(reply) && seen.insert(kind(path))) {
            let mut said = Vec::new();
            for is_off in [false, true] {
                browser.tell("Emulation.setScriptExecutionDisabled", serde_json::json!({ "value": is_off })).await;
                browser.open(&format!("{BASE}{}", path.trim_start_matches('/'))).await;
                said.push(browser.ask("document.body.textContent").await);
            }
            assert_eq!(said[0], said[1], "{path}");
            assert!(said[0].as_str().unwrap().len() > 50, "{path}: {}", said[0]);
        }
    });
}

#[test]
fn a_page_that_keeps_no_rule_is_told_so() {
    use super::support::{Answer, Origin};
    let origin = Origin::start();
    let page = "<!DOCTYPE html><html><body style='margin:0'><h2 id=a>Hai</h2><p id=a style='color:#999'>mờ</p><img src='http://khac.example/x.png'>\
        <div style='width:900px'>rộng</div><nav><a href='#khong' style='display:block;height:9px;overflow:hidden'>nhỏ</a></nav><svg></svg>\
        <svg width=99 height=40><rect width=99 height=40 fill='#777'/><text y=20 fill='#888'>chìm</text></svg>\
        <input><a href=x></a><script>document.cookie='a=b';console.error('lỗi')</script></body></html>";
    origin.script("/", [Answer::ok(page).header("Content-Type", "text/html; charset=utf-8")]);
    in_browser(origin.address, async |browser| {
        browser.resize(360, 740).await;
        browser.open(BASE).await;
        let found = lines(&browser.ask(PAGE_RULES).await);
        for rule in [
            "horizontal scroll",
            "0 h1",
            "no title",
            "no language",
            "heading jumps",
            "id a twice",
            "a link to nowhere",
            "a picture without",
            "a drawing without",
            "a link without words",
            "a field without",
            "no main",
            "a target 9 px",
            "contrast 2.8",
            "contrast 1.2",
        ] {
            assert!(found.iter().any(|fault| fault.starts_with(rule)), "{rule}: {found:#?}");
        }
        assert!(browser.requests().await.iter().any(|(_, url)| url.contains("khac.example")));
        assert!(browser.complaints().await.iter().any(|said| said.contains("lỗi")));
        assert_eq!(browser.ask("document.cookie").await, "a=b");
    });
}
