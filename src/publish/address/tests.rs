use super::*;

fn of(path: &str) -> Address {
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    Address::parse(path, query)
}

#[test]
fn every_document_has_one_address() {
    let bac = || vec!["bac".to_owned()];
    let atom = Shape::Feed(Format::Atom);
    let facet = |facet, shape, number| Wanted::Facet { topics: bac(), facet, shape, number };
    let november = Month::parse("2026-11").unwrap();
    for (path, wanted) in [
        ("story/0123456789abcdef0123", Wanted::Story("0123456789abcdef0123".into())),
        ("bac/hue/", facet(Some(Facet::Province(1)), Shape::Page, 1)),
        ("bac/hue/feed.atom", facet(Some(Facet::Province(1)), atom, 1)),
        ("bac/party/feed.atom?x=1", facet(Some(Facet::Organ(Organ::Party)), atom, 1)),
        ("bac/central/page/2/feed.atom", facet(Some(Facet::Level(Level::Central)), atom, 2)),
        ("bac/page/3/", facet(None, Shape::Page, 3)),
        (
            "a+b/feed.rss",
            Wanted::Facet {
                topics: vec!["a".into(), "b".into()],
                facet: None,
                shape: Shape::Feed(Format::Rss),
                number: 1,
            },
        ),
        ("bac/digest.json", Wanted::Digest { topic: "bac".into(), format: Format::Json }),
        ("all/archive/2026-11.atom", Wanted::Archive { topic: "all".into(), month: november, part: None }),
        ("all/archive/2026-11-12.atom", Wanted::Archive { topic: "all".into(), month: november, part: Some(12) }),
        ("bac/2026-11/", Wanted::Month { topic: "bac".into(), month: november }),
        (
            "search?q=h%E1%BB%8Dc+B%C3%A1c&page=2",
            Wanted::Search { question: "học Bác".into(), shape: Shape::Page, number: 2 },
        ),
        ("search/feed.json?q=x", Wanted::Search { question: "x".into(), shape: Shape::Feed(Format::Json), number: 1 }),
        ("", Wanted::Front),
        ("sources", Wanted::Sources),
        ("sitemap.xml", Wanted::Sitemap),
    ] {
        let own = wanted.path();
        assert_eq!(of(path), Address::Of(wanted), "{path}");
        assert_eq!(own, path.trim_end_matches("?x=1"), "and is written so");
    }
}

#[test]
fn what_is_written_in_another_way_leads_on_or_nowhere() {
    for (path, to) in [("bac/hue", "hue/"), ("bac/2026-11", "2026-11/"), ("a+b", "a+b/"), ("bac/hue/page/2", "2/")] {
        assert!(matches!(of(path), Address::Moved(moved, _) if moved == to), "{path}");
    }
    for path in [
        "story/",
        "story/0123456789ABCDEF0123",
        "story/../etc",
        "bac/hue/x",
        "bac/atlantis/",
        "b+a/",
        "a+a/",
        "all+bac/",
        "bac/feed.xml",
        "bac/2026-13/",
        "bac/2026-1/",
        "bac/+026-11/",
        "bac/archive/2026-11-0.atom",
        "bac/archive/2026-11-02.atom",
        "bac/archive/2026-11.rss",
        "bac/page/1/",
        "bac/page/101/",
        "bac/page/-2/",
        "search/x",
        "BAC/hue/",
        "bac//",
        "bac/hue//feed.atom",
        "bac%2Fhue/",
        "x/y/z/u/v/w",
    ] {
        assert_eq!(of(path), Address::Nothing, "{path}");
    }
}

#[test]
fn of_a_question_remains_what_may_stand_in_a_feed_and_the_beginning_of_a_long_one() {
    let asked = |query: &str| match Address::parse("search/feed.atom", Some(query)) {
        Address::Of(Wanted::Search { question, .. }) => question,
        other => panic!("{other:?}"),
    };
    for (query, question) in [
        ("q=a%00b%0B%1Bc", "a b c"),
        ("q=%EF%BF%BE%EF%BF%BFa%E2%80%AEb", "ab"),
        ("q=++h%E1%BB%8Dc%0A%09B%C3%A1c+", "học Bác"),
        ("q=%22h%E1%BB%8Dc+B%C3%A1c%22", "\"học Bác\""),
        ("q=%00", ""),
        ("x=1", ""),
    ] {
        assert_eq!(asked(query), question, "{query}");
    }
    assert_eq!(asked(&format!("q={}", "%E1%BB%8D".repeat(720))), "ọ".repeat(256));
}

#[test]
fn what_shows_the_health_of_sources_is_not_kept_until_something_is_published() {
    for (path, expected) in [
        ("all/hue/", true),
        ("sources", true),
        ("all/hue/feed.atom", false),
        ("all/party/", false),
        ("bac/hue/", false),
        ("all/", false),
        ("", false),
    ] {
        let (Address::Of(wanted) | Address::Moved(_, wanted)) = of(path) else { panic!("{path}") };
        assert_eq!(wanted.follows_time(), expected, "{path}");
    }
}
