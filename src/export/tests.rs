//! What export decides, without a disk or a network.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::manifest::Manifest;
use super::object::Object;
use super::*;
use crate::schedule::Time;

fn document(path: &str, lang: Lang, body: &str, content_type: &'static str) -> Document {
    let page = Page::new(body.as_bytes().to_vec(), content_type, Time::default());
    Document { path: path.to_owned(), lang, page: Arc::new(page) }
}

#[test]
fn a_document_is_called_what_static_servers_and_stores_look_for() {
    let cases = [
        ("", Lang::Vi, "index.html", "index.html"),
        ("", Lang::En, "index.en.html", "index.en.html"),
        ("hoc-bac/", Lang::Vi, "hoc-bac/index.html", "hoc-bac/index.html"),
        ("hoc-bac/ha-tinh/", Lang::En, "hoc-bac/ha-tinh/index.en.html", "hoc-bac/ha-tinh/index.en.html"),
        ("story/1f", Lang::Vi, "story/1f.html", "story/1f"),
        ("story/1f", Lang::En, "story/1f.en.html", "story/1f.en.html"),
        ("hoc-bac/feed.atom", Lang::Vi, "hoc-bac/feed.atom", "hoc-bac/feed.atom"),
        ("404.html", Lang::Vi, "404.html", "404.html"),
    ];
    for (path, lang, file, key) in cases {
        assert_eq!(name::file(path, lang).as_deref(), Some(file));
        assert_eq!(name::key(path, lang).as_deref(), Some(key));
    }
}

#[test]
fn what_could_lead_out_of_a_folder_is_no_name() {
    let long = "x".repeat(201);
    let wrong = [
        "..",
        "../x",
        "x/../y",
        "x/..",
        "/etc/passwd",
        "/",
        "x//y",
        "x//",
        ".",
        "./x",
        "x\0",
        "x\\y",
        ".dongtin",
        ".dongtin-manifest.json",
        "x/.hidden",
        "c:x",
        "x y",
        "học",
        "%2e%2e",
        &long,
    ];
    for path in wrong {
        for lang in [Lang::Vi, Lang::En] {
            assert_eq!((name::file(path, lang), name::key(path, lang)), (None, None), "{path:?}");
        }
    }
}

proptest! {
    #[test]
    fn a_name_stays_below_its_folder_and_two_documents_have_two(path in "[a-c./]{0,12}", other in "[a-c./]{0,12}") {
        if let Some(name) = name::file(&path, Lang::Vi) {
            let inside = std::path::Path::new(&name).components().all(|c| matches!(c, std::path::Component::Normal(_)));
            prop_assert!(inside, "{name}");
            prop_assert_ne!(name::file(&path, Lang::En), Some(name.clone()));
        }
        if path != other && name::key(&path, Lang::Vi).is_some() {
            // "a" and "a.html" would be one file, "a/" and "a/index.html" too: the export refuses, whichever comes second.
            let clash = |p: &str| p.ends_with("index.html") || p.ends_with(".html");
            prop_assert!(name::key(&path, Lang::Vi) != name::key(&other, Lang::Vi) || clash(&path) || clash(&other));
        }
    }
}

#[test]
fn what_is_linked_to_comes_before_what_links_to_it() {
    let order = [
        "assets/style-1.css",
        "story/1f",
        "all/archive/2026-10.atom",
        "404.html",
        "",
        "all/",
        "all/feed.atom",
        "robots.txt",
    ];
    let stages: Vec<Stage> = order.iter().map(|path| Stage::of(path)).collect();
    assert!(stages.is_sorted(), "{stages:?}");
    assert_eq!(stages.last(), Some(&Stage::of("sitemap.xml")));
    assert!(Stage::of("all/archive/2026-10.atom") < Stage::of("all/feed.atom"));
}

#[test]
fn an_objects_digest_vouches_for_its_headers_too() {
    let text = "học Bác ".repeat(50);
    let object = |lang, media, coded| Object::of(&document("x/", lang, &text, media), coded).unwrap();
    let page = object(Lang::Vi, "text/html; charset=utf-8", Coded::Plain);
    let others = [
        object(Lang::En, "text/html; charset=utf-8", Coded::Plain),
        object(Lang::Vi, "text/plain; charset=utf-8", Coded::Plain),
        object(Lang::Vi, "text/html; charset=utf-8", Coded::Gzip),
    ];
    assert!(others.iter().all(|other| other.digest() != page.digest()));
    assert_eq!((page.language, page.encoding, others[2].encoding), (Some("vi"), None, Some("gzip")));
    let short = document("x", Lang::Vi, "a", "text/plain");
    assert_eq!(Object::of(&short, Coded::Gzip).unwrap().encoding, None, "compressed it would be longer");
}

#[test]
fn a_manifest_is_read_as_it_was_written_and_names_no_key_that_is_not_ours() {
    let mut manifest = Manifest::default();
    manifest.set("all/feed.atom".to_owned(), "1".to_owned());
    manifest.doubt("story/1f");
    let read = Manifest::read(&manifest.to_bytes().unwrap()).unwrap();
    assert_eq!(read, manifest);
    assert_eq!((read.get("all/feed.atom"), read.get("story/1f"), read.get("x")), (Some(Some("1")), Some(None), None));
    for (wrong, kept) in [("../other", 0), (".dongtin-manifest.json", 0), ("x/", 0), ("x/y", 1)] {
        let text = serde_json::json!({ "schema": "dongtin-manifest/1", "keys": BTreeMap::from([(wrong, "1")]) });
        assert_eq!(Manifest::read(text.to_string().as_bytes()).unwrap().keys().count(), kept, "{wrong}");
    }
    for none in [
        "",
        "{}",
        "[]",
        r#"{"schema":"dongtin-manifest/2","keys":{}}"#,
        r#"{"schema":"dongtin-manifest/1","keys":[1]}"#,
    ] {
        assert_eq!(Manifest::read(none.as_bytes()), None, "{none}");
    }
}
