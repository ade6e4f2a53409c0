//! RFC 9309 and the edges that Google's parser settled, as tables: a file, and who may ask for what.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

const US: &str = "dongtin";

fn url(path: &str) -> Url {
    Url::parse("https://bao.example").unwrap().join(path).unwrap()
}

fn allows(file: &str, path: &str) -> bool {
    Robots::parse(file.as_bytes(), US).allows(&url(path))
}

/// Each path under one pattern that is disallowed.
fn matched(pattern: &str, yes: &[&str], no: &[&str]) {
    let file = format!("User-agent: *\nDisallow: {pattern}\n");
    for path in yes {
        assert!(!allows(&file, path), "{pattern} matches {path}");
    }
    for path in no {
        assert!(allows(&file, path), "{pattern} does not match {path}");
    }
}

#[test]
fn a_pattern_matches_from_the_start_of_the_path_with_star_and_end() {
    matched("/", &["/", "/a", "/?q"], &[]);
    matched(
        "/fish",
        &["/fish", "/fish.html", "/fish/salmon", "/fishheads", "/fish.php?id=1"],
        &["/Fish", "/catfish", "/"],
    );
    matched("/fish*", &["/fish", "/fishheads/yummy.html"], &["/Fish.asp", "/catfish"]);
    matched("/fish/", &["/fish/", "/fish/?id=1"], &["/fish", "/fish.html"]);
    matched("/*.php", &["/index.php", "/a/b.php?x", "/a.php5", "/x?y=.php"], &["/", "/windows.PHP"]);
    matched("/*.php$", &["/a.php", "/a/b.php", "/a.php/b.php"], &["/a.php?x", "/a.php/", "/aphp"]);
    matched("/fish*.php", &["/fish.php", "/fishheads/c.php?p"], &["/Fish.php"]);
    matched("/a*b*c$", &["/abc", "/axbxc", "/abcbc", "/a/b/c"], &["/ab", "/abcd", "/acb"]);
    matched("/ab*ba$", &["/abba", "/ab/ba"], &["/aba"]);
    matched("/$", &["/"], &["/a", "/?q"]);
    matched("*/tim-kiem", &["/tim-kiem", "/vi/tim-kiem?q=1"], &["/tim"]);
    matched("/*?", &["/a?b", "/a?"], &["/a"]);
    matched("/a$b", &["/a$b", "/a%24b"], &["/a", "/ab"]);
    matched("khong-co-gach", &[], &["/khong-co-gach", "/"]);
    matched("https://bao.example/x", &[], &["/x", "/"]);
}

#[test]
fn the_longest_match_decides_and_allow_wins_a_tie() {
    let rows = [
        // RFC 9309 section 5.2.
        ("Allow: /example/page/\nDisallow: /example/page/disallowed.gif", "/example/page/", true),
        ("Allow: /example/page/\nDisallow: /example/page/disallowed.gif", "/example/page/disallowed.gif", false),
        ("Disallow: /folder\nAllow: /folder", "/folder/page", true),
        ("Allow: /p\nDisallow: /", "/page", true),
        ("Allow: /folder\nDisallow: /folder/", "/folder/page", false),
        ("Allow: /page\nDisallow: /*.htm", "/page.htm", false),
        ("Allow: /page\nDisallow: /*.ph", "/page.php5", true),
        ("Allow: /$\nDisallow: /", "/", true),
        ("Allow: /$\nDisallow: /", "/page.htm", false),
        ("Disallow: /x$\nAllow: /x", "/x", false),
        ("Disallow:", "/a", true),
        ("Allow:\nDisallow: /a", "/a", false),
        ("Disallow: $", "/a", true),
        ("Disallow: /", "/robots.txt", true),
    ];
    for (rules, path, expected) in rows {
        assert_eq!(allows(&format!("User-agent: *\n{rules}\n"), path), expected, "{rules:?} {path}");
    }
}

#[test]
fn octets_are_compared_in_one_form() {
    // RFC 9309 section 2.2.2: each pattern with what it means.
    matched("/foo/bar?baz=quz", &["/foo/bar?baz=quz"], &["/foo/bar?baz=qu"]);
    matched("/foo/bar?baz=https://foo.bar", &["/foo/bar?baz=https://foo.bar"], &[]);
    matched("/foo/bar/ツ", &["/foo/bar/%E3%83%84", "/foo/bar/%e3%83%84", "/foo/bar/ツ"], &["/foo/bar/"]);
    matched("/foo/bar/%E3%83%84", &["/foo/bar/ツ"], &[]);
    matched("/foo/bar/%62%61%7A", &["/foo/bar/baz", "/foo/bar/%62a%7a"], &[]);
    matched("/tin-tức", &["/tin-tức", "/tin-t%E1%BB%A9c"], &["/tin-tuc"]);
    matched("/a%2fb", &["/a%2Fb"], &["/a/b"]);
    matched("/a/b", &["/a/b"], &["/a%2Fb"]);
    matched("/a%2Ab", &["/a*b", "/a%2ab"], &["/axb"]);
    matched("/a%24", &["/a$", "/a$b"], &["/a"]);
    matched("/a b", &["/a%20b", "/a b"], &["/a"]);
    matched("/?q='x'", &["/?q='x'", "/?q=%27x%27"], &[]);
    matched("/100%", &["/100%", "/100%zz"], &["/100"]);
    matched("/%zz", &["/%zz"], &[]);
}

#[test]
fn the_groups_that_name_us_count_together_else_those_for_all() {
    let rows = [
        // RFC 9309 section 5.1, of its three robots.
        ("User-agent: *\nDisallow: *.gif$\nUser-agent: foobot\nDisallow: /\n", "/a.gif", false),
        ("User-agent: *\nDisallow: *.gif$\nUser-agent: dongtin\nDisallow: /b\n", "/a.gif", true),
        ("User-agent: foobot\nUser-agent: dongtin\nDisallow: /b\n", "/b", false),
        (
            "User-agent: dongtin\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: dongtin\nDisallow: /b",
            "/a",
            false,
        ),
        (
            "User-agent: dongtin\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: dongtin\nDisallow: /b",
            "/b",
            false,
        ),
        (
            "User-agent: dongtin\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: dongtin\nDisallow: /b",
            "/c",
            true,
        ),
        ("User-agent: *\nDisallow: /a\nUser-agent: x\nDisallow: /\nUser-agent: *\nDisallow: /b", "/b", false),
        // Whoever is named with nothing forbidden may have all.
        ("User-agent: *\nDisallow: /\nUser-agent: dongtin\nDisallow:\n", "/a", true),
        ("User-agent: *\nDisallow: /\nUser-agent: dongtin\n", "/a", true),
        ("User-agent: dongtin\nUser-agent: *\nDisallow: /\n", "/a", false),
        ("User-agent: other\nDisallow: /\n", "/a", true),
        // Names.
        ("USER-AGENT: DongTin\nDISALLOW: /\n", "/a", false),
        ("User-agent: dongtin/2.1 (+https://x)\nDisallow: /\n", "/a", false),
        ("User-agent: dongtin-news\nDisallow: /\n", "/a", true),
        ("User-agent: dong\nDisallow: /\n", "/a", true),
        ("User-agent: dongtin*\nDisallow: /\n", "/a", false),
        ("User-agent: * all of you\nDisallow: /\n", "/a", false),
        ("User-agent: *bot\nDisallow: /\n", "/a", true),
        ("User-agent:\nDisallow: /\n", "/a", true),
        // A record that is not of the protocol neither ends nor begins a group.
        ("User-agent: x\nSitemap: https://bao.example/s.xml\nUser-agent: *\nDisallow: /", "/a", false),
        ("User-agent: *\nnonsense\n\n\nHost: y\nDisallow: /", "/a", false),
        // Nobody is meant.
        ("Disallow: /\nUser-agent: x\nDisallow: /", "/a", true),
        ("", "/a", true),
    ];
    for (file, path, expected) in rows {
        assert_eq!(allows(file, path), expected, "{file:?} {path}");
    }
    let named = Robots::parse(b"User-agent: dongtin\nDisallow: /", "DongTin/1.0 (+https://x.example)");
    assert!(!named.allows(&url("/a")), "a whole User-Agent is read for its token");
}

#[test]
fn lines_are_read_however_they_are_written() {
    let rows = [
        "User-agent: *\r\nDisallow: /a\r\n",
        "User-agent: *\rDisallow: /a\r",
        "User-agent: *\nDisallow: /a",
        "\u{feff}User-agent: *\nDisallow: /a\n",
        "  user-agent  :  *  \n\t disallow \t:\t/a \t\n",
        "User-agent: * # all\n# a comment\nDisallow: /a#b\n",
        "User-agent:*\n\n\nDisallow:/a\n",
        "user-agent *\ndisallow /a\n",
        "User agent: *\nDissallow: /a\n",
        "useragent: *\ndisalow: /a\n",
        "User-agent: *\nDisallow: /a\u{0}\nDisallow: /a\n",
    ];
    for file in rows {
        assert!(!allows(file, "/a") && allows(file, "/b"), "{file:?}");
    }
    let page =
        "<!DOCTYPE html><html><head><style>body { color: red }</style></head><body>404: không tìm thấy</body></html>";
    assert_eq!(Robots::parse(page.as_bytes(), US), Robots::everything(), "a page in its place forbids nothing");
    assert!(allows("User-agent: *\ndisallow a b\n", "/a"), "a colon is missed between two words only");
}

#[test]
fn crawl_delay_is_of_the_group_and_at_most_a_minute() {
    let seconds = |file: &str| Robots::parse(file.as_bytes(), US).crawl_delay.map(|d| d.as_secs_f64());
    let rows = [
        ("User-agent: *\nCrawl-delay: 10", Some(10.0)),
        ("User-agent: *\ncrawl-delay: 0.5", Some(0.5)),
        ("User-agent: *\nCrawl-delay: 3600", Some(60.0)),
        ("User-agent: *\nCrawl-delay: 1e300", Some(60.0)),
        ("User-agent: *\nCrawl-delay: inf", Some(60.0)),
        ("User-agent: *\nCrawl-delay: 0", None),
        ("User-agent: *\nCrawl-delay: -5", None),
        ("User-agent: *\nCrawl-delay: NaN", None),
        ("User-agent: *\nCrawl-delay: 10 s", None),
        ("User-agent: *\nCrawl-delay:", None),
        ("Crawl-delay: 10", None),
        ("User-agent: x\nCrawl-delay: 10", None),
        ("User-agent: *\nCrawl-delay: 10\nUser-agent: dongtin\nAllow: /", None),
        ("User-agent: *\nCrawl-delay: 5\nCrawl-delay: 9\nCrawl-delay: 2", Some(9.0)),
    ];
    for (file, expected) in rows {
        assert_eq!(seconds(file), expected, "{file:?}");
    }
    // A site that asks all to be slow and one to stay away has not closed itself to all.
    assert!(allows("User-agent: *\nCrawl-delay: 10\n\nUser-agent: AhrefsBot\nDisallow: /\n", "/a"));
}

#[test]
fn no_file_is_everything() {
    for path in ["/", "/a?b", "/robots.txt"] {
        assert!(Robots::everything().allows(&url(path)));
    }
}

#[test]
fn a_file_is_read_up_to_500_kib_and_no_line_in_half() {
    let head = "User-agent: *\nDisallow: /first\n";
    let filled = |bytes: usize| format!("{head}{}\n", "#".repeat(bytes - head.len() - 1));
    let behind = format!("{}Disallow: /second\n", filled(MAX_BYTES));
    assert!(!allows(&behind, "/first") && allows(&behind, "/second"), "what is behind the limit is not read");
    let within = format!("{}Disallow: /second\n", filled(MAX_BYTES - 40));
    assert!(!allows(&within, "/second"));
    let cut = format!("{}Disallow: /tin/cu-the/mot-bai\n", filled(MAX_BYTES - 16));
    assert!(cut.len() > MAX_BYTES && allows(&cut, "/tin/khac"), "half a path is no rule");
    assert!(allows(&format!("User-agent: *{}\nDisallow: /", " ".repeat(MAX_BYTES)), "/a"), "one endless line is none");
}

#[test]
fn hostile_patterns_take_linear_time() {
    let path = format!("/{}", "a".repeat(2_000));
    let patterns = [
        "*".repeat(10_000),
        "*a".repeat(10_000),
        format!("/{}b", "a*".repeat(10_000)),
        format!("/{}b$", "a*".repeat(900)),
        "/*a*b\nDisallow: /*a*c".to_owned(),
        format!("/{}b", "*aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".repeat(100)),
    ];
    for pattern in patterns {
        let file = format!("User-agent: *\nDisallow: {pattern}\n").repeat(MAX_BYTES / pattern.len());
        let started = Instant::now();
        let robots = Robots::parse(file.as_bytes(), US);
        robots.allows(&url(&path));
        assert!(started.elapsed() < Duration::from_secs(2), "{} octets", pattern.len());
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_robots_txt(bytes in proptest::collection::vec(any::<u8>(), 0..400), path in "/[ -~]{0,40}") {
        Robots::parse(&bytes, US).allows(&url("/").join(&path).unwrap_or_else(|_| url("/")));
    }

    #[test]
    fn matching_is_what_trying_every_place_says(pattern in "/[ab*]{0,8}[$]?", path in "/[ab]{0,10}") {
        fn tried(pattern: &[u8], path: &[u8]) -> bool {
            match pattern {
                [] => true,
                [b'$'] => path.is_empty(),
                [b'*', rest @ ..] => (0..=path.len()).any(|at| tried(rest, &path[at..])),
                [first, rest @ ..] => path.first() == Some(first) && tried(rest, &path[1..]),
            }
        }
        let file = format!("User-agent: *\nDisallow: {pattern}");
        prop_assert_eq!(!allows(&file, &path), tried(pattern.as_bytes(), path.as_bytes()));
    }
}
