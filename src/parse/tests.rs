use super::*;
use chrono::DateTime;
use proptest::prelude::*;

fn read(bytes: &[u8]) -> Parsed {
    let base = Url::parse("https://bao.example/rss/thoi-su").unwrap();
    feed(bytes, &Context { base: Some(&base), ..Context::default() }).unwrap_or_else(|e| panic!("{e}"))
}

fn rss(items: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\"><channel><title>Báo thử</title>{items}</channel></rss>"
    )
}

fn date(entry: &Entry) -> Option<String> {
    entry.published.map(|t| t.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
}

/// The documents that Vietnamese sources send, each with the source it was met at (`docs/sources.md`); the texts are ours.
#[test]
fn the_shapes_of_vietnamese_feeds_are_read_with_title_link_and_date() {
    let utf16: Vec<u8> = rss("<item><title>Chuyển đổi số</title><link>https://bao.example/a</link><pubDate>Mon, 23 Nov 2026 08:00:00 +0700</pubDate></item>")
        .replace("UTF-8", "utf-16")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        (
            "no guid, link and title in CDATA, month first (baochinhphu.vn)",
            rss("<item><title><![CDATA[Chuyển đổi số]]></title><description><![CDATA[(BCP) - Chữ.]]></description>\
                <link><![CDATA[https://bao.example/a]]></link><enclosure url=\"https://cdn.example/a.png\" length=\"0\" type=\"image/jpeg\"/>\
                <pubDate>11/23/2026 8:00:00 AM</pubDate></item>")
            .into(),
            "utf-8",
        ),
        (
            "says utf-16, is UTF-8; escaped twice; GMT+7 in CDATA; a guid that is no address (vietnambiz.vn)",
            rss("<item><title><![CDATA[Chuy&#7875;n đổi s&#7889;]]></title><link><![CDATA[https://bao.example/a]]></link>\
                <guid isPermaLink=\"false\"><![CDATA[6436edd2-b40a]]></guid><pubDate><![CDATA[Mon, 23 Nov 2026 08:00:00 GMT+7]]></pubDate></item>")
            .replace("UTF-8", "utf-16")
            .into(),
            "utf-8",
        ),
        ("UTF-16LE without a byte order mark (bnews.vn)", utf16, "utf-16le"),
        (
            "no XML declaration, two-digit year, a space in <guid > (cafef.vn)",
            "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\"><channel><title>x</title><atom:link href=\"https://bao.example/rss\" rel=\"self\"/>\
                <item><title>Chuyển đổi số</title><link>https://bao.example/a</link><guid >https://bao.example/a</guid>\
                <pubDate>Mon, 23 Nov 26 08:00:00 +0700</pubDate></item></channel></rss>"
                .into(),
            "utf-8",
        ),
        (
            "an atom:link and an <image> inside the item, spaces around the title (thanhnien.vn, 2022)",
            rss("<item xmlns:atom=\"http://www.w3.org/2005/Atom\"><title>  Chuyển đổi số </title><atom:link rel=\"self\" href=\"https://bao.example/feed\"/>\
                <link>https://bao.example/a</link><image><url>https://cdn.example/a.jpg</url></image><pubDate>Mon, 23 Nov 2026 08:00:00 +0700</pubDate></item>")
            .into(),
            "utf-8",
        ),
        (
            "line ends around link and guid (vnexpress.net as copied by browsers)",
            rss("<item><title>Chuyển đổi số</title><link>\n https://bao.example/a \n</link><guid>\nhttps://bao.example/a\n</guid>\
                <pubDate>\nMon, 23 Nov 2026 08:00:00 +0700\n</pubDate></item>")
            .into(),
            "utf-8",
        ),
        (
            "decomposed letters (bnews.vn pages)",
            rss("<item><title>Chuye\u{302}\u{309}n đo\u{302}\u{309}i so\u{302}\u{301}</title><link>/a</link><pubDate>2026-11-23T01:00:00Z</pubDate></item>").into(),
            "utf-8",
        ),
        (
            "windows-1258, which writes tones as marks of their own",
            encoding_rs::WINDOWS_1258
                .encode(&rss("<item><title>Chuyê\u{309}n đô\u{309}i sô\u{301}</title><link>/a</link><pubDate>23/11/2026 08:00</pubDate></item>").replace("UTF-8", "windows-1258"))
                .0
                .into_owned(),
            "windows-1258",
        ),
        (
            "Atom",
            "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>x</title><entry><title type=\"html\">Chuy&amp;#7875;n đổi số</title>\
                <link rel=\"alternate\" href=\"/a\"/><id>tag:x</id><published>2026-11-23T08:00:00+07:00</published></entry></feed>"
                .into(),
            "utf-8",
        ),
        (
            "RSS 1.0, which is RDF",
            "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns=\"http://purl.org/rss/1.0/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\
                <channel rdf:about=\"x\"><title>x</title><link>https://bao.example/</link><description>x</description></channel><item rdf:about=\"y\">\
                <title>Chuyển đổi số</title><link>https://bao.example/a</link><dc:date>2026-11-23T08:00:00+07:00</dc:date></item></rdf:RDF>"
                .into(),
            "utf-8",
        ),
        (
            "JSON Feed",
            "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"x\",\"items\":[{\"id\":\"1\",\"url\":\"https://bao.example/a\",\
                \"title\":\"Chuyển đổi số\",\"content_text\":\"Chữ\",\"date_published\":\"2026-11-23T08:00:00+07:00\"}]}"
                .into(),
            "utf-8",
        ),
    ];
    for (shape, bytes, encoding) in cases {
        let parsed = read(&bytes);
        assert_eq!((parsed.entries.len(), parsed.encoding), (1, encoding), "{shape}");
        let entry = &parsed.entries[0];
        assert_eq!(entry.title.as_deref(), Some("Chuyển đổi số"), "{shape}");
        assert_eq!(entry.link.as_ref().map(Url::as_str), Some("https://bao.example/a"), "{shape}");
        assert_eq!(date(entry).as_deref(), Some("2026-11-23T01:00:00Z"), "{shape}: {:?}", entry.published_raw);
        assert_eq!(parsed.repaired, [], "{shape}");
    }
}

#[test]
fn damage_is_mended_and_named_and_costs_no_sound_entry() {
    let two = "<item><title>Một</title><link>https://bao.example/1</link></item><item><title>Hai</title><link>https://bao.example/2</link></item>";
    let sound = rss(two);
    let cases: Vec<(String, &[Repair])> = vec![
        (format!("\n\n{sound}"), &[Repair::LeadingJunk]),
        (format!("<br />\n<b>Notice</b>: Undefined index in x.php\n{sound}"), &[Repair::LeadingJunk]),
        (format!("\u{feff}{sound}"), &[]),
        (format!("{sound}\n<!-- cached -->"), &[]),
        (sound.replace("version=\"2.0\"", ""), &[Repair::RssVersion]),
        (sound.replace("version=\"2.0\"", "version=\"2.00\""), &[Repair::RssVersion]),
        (sound.replace("bao.example/1", "bao.example/1?a=1&b=2"), &[Repair::BareAmpersand]),
        (sound.replace("Một", "Một < hai"), &[Repair::StrayLessThan]),
        (
            sound.replace("<title>Hai</title>", "<title>Hai</title><description>Tom & Jerry < 3\u{1}</description>"),
            &[Repair::IllegalCharacters, Repair::BareAmpersand, Repair::StrayLessThan],
        ),
        (sound.replace("</channel></rss>", ""), &[Repair::Truncated]),
        (sound.replace("</channel></rss>", "<item><title>Ba"), &[Repair::Truncated]),
    ];
    for (document, expected) in cases {
        let parsed = read(document.as_bytes());
        let titles: Vec<&str> = parsed.entries.iter().filter_map(|e| e.title.as_deref()).collect();
        assert!(titles[0].starts_with("Một") && titles[1] == "Hai" && titles.len() == 2, "{titles:?} of {document}");
        assert_eq!(parsed.repaired, expected, "{document}");
    }
}

/// One item damaged in the middle of three: nothing of its neighbours is lost, and of itself only what was hit.
#[test]
fn tags_that_are_missing_or_wrong_cost_at_most_their_own_field() {
    let item = |n: u32| {
        format!(
            "<item><title>Tin {n}</title><link>https://bao.example/{n}</link><description>Lời &amp;lt;b&amp;gt;dẫn {n}</description>\
             <pubDate>Mon, 23 Nov 2026 08:0{n}:00 +0700</pubDate></item>"
        )
    };
    let sound = rss(&[item(1), item(2), item(3)].concat());
    let middle = item(2);
    let hit = |from: &str, to: &str| sound.replace(&middle, &middle.replacen(from, to, 1));
    let cases = [
        ("an item without an end", hit("</item>", "")),
        ("a title without an end", hit("</title>", "")),
        ("a link without an end", hit("</link>", "")),
        ("a description without an end", hit("</description>", "")),
        ("an end of another name", hit("</title>", "</tilte>")),
        ("an end of another case", hit("</title>", "</TITLE>")),
        ("an end without its bracket", hit("</title>", "</title")),
        ("ends swapped", hit("</title>", "</link>").replacen("2</link><description>", "2</title><description>", 1)),
        ("an end too many", hit("</title>", "</title></b>")),
        ("markup that is not escaped", hit("Lời", "<p>Lời <b>đậm</p></b><br>")),
        ("a section without an end", hit("Lời", "<![CDATA[Lời")),
        ("an attribute without its second quote", hit("<title>", "<title type=\"text>")),
        ("an attribute without quotes", hit("<title>", "<title type=text>")),
        ("a stray bracket", hit("Lời", "3 < 4, <3 và <")),
        ("upper case everywhere", hit("<title>Tin 2</title>", "<TITLE>Tin 2</TITLE>")),
        ("an end of the channel too soon", sound.replace(&middle, &format!("{middle}</channel>"))),
        ("an end of the feed too soon", sound.replace(&middle, &format!("{middle}</channel></rss>"))),
        ("a comment without an end", hit("<link>", "<!-- <link>")),
    ];
    for (damage, document) in cases {
        let parsed = read(document.as_bytes());
        let of = |n: usize| {
            (
                parsed.entries[n].title.as_deref(),
                parsed.entries[n].link.as_ref().map(Url::as_str),
                date(&parsed.entries[n]),
            )
        };
        assert_eq!(parsed.entries.len(), 3, "{damage}");
        for n in [1, 3] {
            let expected = (
                Some(format!("Tin {n}")),
                Some(format!("https://bao.example/{n}")),
                Some(format!("2026-11-23T01:0{n}:00Z")),
            );
            let found = of(n - 1);
            assert_eq!((found.0.map(str::to_owned), found.1.map(str::to_owned), found.2), expected, "{damage}");
        }
        assert_eq!(
            of(1),
            (Some("Tin 2"), Some("https://bao.example/2"), Some("2026-11-23T01:02:00Z".to_owned())),
            "{damage}"
        );
        assert!(!parsed.repaired.is_empty(), "{damage} is named");
    }
}

#[test]
fn formats_of_every_age_are_read() {
    let cases = [
        (
            "rss0.9x",
            "<?xml version='1.0'?><!DOCTYPE rss PUBLIC '-//Netscape Communications//DTD RSS 0.91//EN' 'http://my.netscape.com/publish/formats/rss-0.91.dtd'>\
            <rss version='0.91'><channel><title>x</title><item><title>Chuyển đổi số</title><link>https://bao.example/a</link></item></channel></rss>",
        ),
        (
            "rss1.0",
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://my.netscape.com/rdf/simple/0.9/'><channel><title>x</title></channel>\
            <item><title>Chuyển đổi số</title><link>https://bao.example/a</link></item></rdf:RDF>",
        ),
        (
            "atom0.3",
            "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><title mode='escaped'>Chuyển đổi số</title><link rel='alternate' href='https://bao.example/a'/>\
            <issued>2026-11-23T08:00:00+07:00</issued></entry></feed>",
        ),
        (
            "atom1.0",
            "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>Chuyển <b>đổi</b> số</div></a:title>\
            <a:link href='https://bao.example/a'/></a:entry></a:feed>",
        ),
        (
            "cdf",
            "<CHANNEL HREF='https://bao.example/'><TITLE>x</TITLE><ITEM HREF='https://bao.example/a' LASTMOD='2026-11-23T08:00+0700'><TITLE>Chuyển đổi số</TITLE>\
            <ABSTRACT>Chữ</ABSTRACT></ITEM></CHANNEL>",
        ),
        (
            "rss2.0",
            "<item><title>Chuyển đổi số</title><link>https://bao.example/a</link></item><item><title>Hai</title>",
        ),
        (
            "json1",
            "{\"version\":1,\"items\":[{\"id\":7,\"title\":\"Chuyển đổi số\",\"url\":\"https://bao.example/a\",\"tags\":[1,\"x\"]},{\"id\":8,",
        ),
    ];
    for (format, document) in cases {
        let parsed = read(document.as_bytes());
        assert_eq!(
            (parsed.format.as_str(), parsed.entries[0].title.as_deref()),
            (format, Some("Chuyển đổi số")),
            "{document}"
        );
        assert_eq!(parsed.entries[0].link.as_ref().map(Url::as_str), Some("https://bao.example/a"), "{format}");
    }
}

/// F-E of the list of faults: what the bytes are, whatever they are called.
#[test]
fn encodings_are_read_by_their_bytes() {
    let document = rss("<item><title>Chuyển đổi số</title><link>/a</link></item>");
    let utf16be: Vec<u8> = [0xfe, 0xff].into_iter().chain(document.encode_utf16().flat_map(u16::to_be_bytes)).collect();
    let utf32: Vec<u8> = document.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    let mut odd = document.clone().into_bytes();
    odd.splice(document.find("Báo").unwrap()..document.find("Báo").unwrap(), [0x93, 0x94]);
    let cases: [(&str, Vec<u8>, &str); 6] = [
        ("UTF-16BE with a mark", utf16be, "utf-16be"),
        ("UTF-32", utf32, "utf-32"),
        ("two bytes of Windows-1252 in UTF-8", odd, "utf-8"),
        ("ISO-8859-1 declared, UTF-8 sent", document.replace("UTF-8", "ISO-8859-1").into_bytes(), "utf-8"),
        ("an unknown name", document.replace("UTF-8", "x-khong-co").into_bytes(), "utf-8"),
        (
            "escaped letters",
            document.replace("Chuyển đổi số", "Chuy&#7875;n &#273;&#7893;i s&#7889;").into_bytes(),
            "utf-8",
        ),
    ];
    for (what, bytes, encoding) in cases {
        let parsed = read(&bytes);
        assert_eq!((parsed.entries[0].title.as_deref(), parsed.encoding), (Some("Chuyển đổi số"), encoding), "{what}");
    }
    let says_1252 = WINDOWS_1252_DOCUMENT.to_vec();
    let parsed = read(&says_1252);
    assert_eq!(parsed.entries[0].title.as_deref(), Some("Café crème à Orléans, déjà vu"));
    assert_eq!(parsed.repaired, [Repair::WrongEncoding]);
}

/// Declared UTF-8, written in Windows-1252.
const WINDOWS_1252_DOCUMENT: &[u8] = b"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><item><title>Caf\xe9 cr\xe8me \xe0 Orl\xe9ans, d\xe9j\xe0 vu</title></item></channel></rss>";

/// F-X: a stack of 256 KiB is enough for any document, and none reaches out.
#[test]
fn no_document_exhausts_anything() {
    let within_a_small_stack = |bytes: Vec<u8>| {
        let reading = std::thread::Builder::new()
            .stack_size(256 * 1024)
            .spawn(move || feed(&bytes, &Context::default()).map(|p| p.entries.len()).map_err(|e| e.code()));
        reading.unwrap().join().unwrap()
    };
    let item = "<item><title>Một</title><link>https://bao.example/1</link></item>";
    let many = |piece: &str, times: usize| piece.repeat(times);
    let cases: Vec<(&str, String, Result<usize, &str>)> = vec![
        (
            "a million nested elements",
            format!("<rss version='2.0'><channel>{}", many("<x>", 1_000_000)),
            Err("too-deep"),
        ),
        ("80,000 attributes", rss(item).replacen("<item>", &format!("<item {}>", many("a='' ", 80_000)), 1), Ok(1)),
        (
            "100,000 namespaces",
            rss(item).replacen("<rss ", &format!("<rss {}", many("xmlns:a='b' ", 100_000)), 1),
            Ok(1),
        ),
        ("a tag of ten megabytes", rss(item).replacen("<item>", &format!("<item {}", many("x", 10_000_000)), 1), Ok(1)),
        (
            "comments that never end",
            rss(item).replacen("<item>", &format!("{}<item>", many("<!-- </item>", 100_000)), 1),
            Ok(1),
        ),
        ("sections that never end", format!("{}{}", rss(item), many("<![CDATA[", 100_000)), Ok(1)),
        (
            "quotes that never end",
            rss(item).replacen("<item>", &format!("{}<item>", many("<a b='", 100_000)), 1),
            Ok(1),
        ),
        ("ampersands alone", rss(item).replacen("Một", &many("&", 1_000_000), 1), Ok(1)),
        ("one text of ten megabytes", rss(item).replacen("Một", &many("chữ ", 2_000_000), 1), Ok(1)),
        ("two documents, one behind the other", format!("{}{}", rss(item), rss(item)), Ok(1)),
        ("a feed in a comment", format!("<!-- {} -->", rss(item)), Err("not-a-feed")),
        ("a feed shown as text", format!("<pre>{}</pre>", rss(item)), Err("html-page")),
        (
            "a stylesheet and XInclude",
            rss(item).replacen(
                "<rss",
                "<?xml-stylesheet href='http://169.254.169.254/'?><xi:include href='file:///etc/passwd'/><rss",
                1,
            ),
            Ok(1),
        ),
        ("JSON without a bottom", "{\"items\":[".to_owned() + &many("[", 100_000), Err("not-a-feed")),
        (
            "numbers that are none",
            "{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[{\"id\":\"1\",\"title\":\"\\ud800 x\"}]}"
                .to_owned(),
            Ok(1),
        ),
    ];
    for (what, document, expected) in cases {
        assert_eq!(within_a_small_stack(document.into_bytes()), expected, "{what}");
    }
}

#[test]
fn one_bad_entry_does_not_cost_the_others() {
    let document =
        rss("<item><title>Một</title></item><item><title>Hỏng</b></title></item><item><title>Ba</title></item>");
    let parsed = read(document.as_bytes());
    let titles: Vec<&str> = parsed.entries.iter().filter_map(|e| e.title.as_deref()).collect();
    assert!(titles.contains(&"Một") && titles.contains(&"Ba"), "{titles:?}");
}

#[test]
fn an_entry_without_a_name_gets_the_same_one_every_time() {
    let document = rss(
        "<item><title>Một</title><pubDate>Mon, 23 Nov 2026 08:00:00 +0700</pubDate></item><item><title>Hai</title></item>",
    );
    let (once, again) = (read(document.as_bytes()), read(document.as_bytes()));
    assert_eq!(once, again);
    assert_eq!(once.entries[0].id_source, IdSource::Hash);
    assert_ne!(once.entries[0].id, once.entries[1].id);
    let linked = read(rss("<item><title>Một</title><link>/a</link></item>").as_bytes());
    assert_eq!((linked.entries[0].id.as_str(), linked.entries[0].id_source), ("https://bao.example/a", IdSource::Link));
    let only_guid = read(rss("<item><title>Một</title><guid>https://bao.example/b</guid></item>").as_bytes());
    assert_eq!(only_guid.entries[0].link.as_ref().map(Url::as_str), Some("https://bao.example/b"));
}

#[test]
fn what_is_not_a_feed_is_named_for_what_it_is() {
    let cases: [(&[u8], &str); 9] = [
        (b"", "empty"),
        (b" \r\n ", "empty"),
        (b"<!DOCTYPE html><html><body>B\xe1\xba\xa3o tr\xc3\xac</body></html>", "maintenance"),
        (b"<html><head><link rel=alternate type=application/rss+xml href=/rss></head></html>", "html-page"),
        (b"<html><body><script>document.cookie=\"D1N=abc\"+\";path=/\";window.location.reload(true);</script></body></html>", "challenge-js"),
        (b"RssPage.html", "not-a-feed"),
        (b"{\"ok\":true}", "not-a-feed"),
        (b"<sitemapindex></sitemapindex>", "not-a-feed"),
        (b"\x89PNG\r\n\x1a\n", "not-a-feed"),
    ];
    for (bytes, code) in cases {
        assert_eq!(feed(bytes, &Context::default()).unwrap_err().code(), code, "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn a_hostile_document_is_bounded_and_reaches_nothing() {
    let entity = "<!DOCTYPE rss [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY x SYSTEM \"file:///etc/passwd\">]>";
    let bomb = format!("{entity}{}", rss("<item><title>Một &b; &x;</title></item>").split_once("?>").unwrap().1);
    let title = read(bomb.as_bytes()).entries.remove(0).title.unwrap();
    assert!(title.starts_with("Một") && !title.contains("root:") && !title.contains("aaaa"), "{title}");
    let nested = format!("<rss version=\"2.0\"><channel>{}", "<a>".repeat(200_000));
    assert!(feed(nested.as_bytes(), &Context::default()).is_err());
    let attributes = format!(
        "<rss version=\"2.0\" {}><channel></channel></rss>",
        (0..20_000).map(|i| format!("a{i}=\"\" ")).collect::<String>()
    );
    assert!(feed(attributes.as_bytes(), &Context::default()).is_ok_and(|p| p.entries.is_empty()));
    let many = rss(&"<item><title>x</title></item>".repeat(MAX_ENTRIES + 5));
    assert_eq!(read(many.as_bytes()).entries.len(), MAX_ENTRIES);
    let references = read(rss("<item><title>a&#0;b&#xFFFF;c&#999999999999;d</title></item>").as_bytes());
    assert_eq!(references.entries.len(), 1);
}

#[test]
fn an_empty_channel_is_a_feed_without_entries() {
    let parsed = read(rss("").as_bytes());
    assert_eq!((parsed.entries.len(), parsed.feed.title.as_deref()), (0, Some("Báo thử")));
}

#[test]
fn what_a_feed_says_of_itself_is_kept() {
    let document = "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"vi\"><title>Báo</title><subtitle>Phụ</subtitle><id>tag:x</id>\
        <link rel=\"self\" href=\"/rss\"/><link rel=\"hub\" href=\"https://hub.example/\"/><link rel=\"next\" href=\"?page=2\"/>\
        <link href=\"https://bao.example/\"/><updated>2026-11-23T08:00:00+07:00</updated><author><name>Ban biên tập</name></author>\
        <rights>Bản quyền</rights><generator>cms</generator><icon>/i.png</icon></feed>";
    let info = read(document.as_bytes()).feed;
    let address = |url: &Option<Url>| url.as_ref().map(Url::to_string).unwrap_or_default();
    assert_eq!(address(&info.self_link), "https://bao.example/rss");
    assert_eq!(address(&info.next), "https://bao.example/rss/thoi-su?page=2");
    assert_eq!(address(&info.link), "https://bao.example/");
    assert_eq!(address(&info.icon), "https://bao.example/i.png");
    assert_eq!(info.hubs.len(), 1);
    assert_eq!(
        (info.subtitle.as_deref(), info.rights.as_deref(), info.generator.as_deref()),
        (Some("Phụ"), Some("Bản quyền"), Some("cms"))
    );
    assert_eq!(info.authors[0].name.as_deref(), Some("Ban biên tập"));
    assert_eq!(info.updated, DateTime::from_timestamp(1_795_395_600, 0));
}

proptest! {
    #[test]
    fn any_bytes_are_a_feed_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        drop(feed(&bytes, &Context::default()));
    }

    #[test]
    fn a_feed_cut_anywhere_gives_its_whole_entries_or_an_error(cut in 0_usize..700) {
        let document = rss(&(0..5).map(|i| format!("<item><title>Tin {i}</title><link>/{i}</link></item>")).collect::<String>());
        let bytes = document.as_bytes();
        let whole = document.get(..document.floor_char_boundary(cut)).unwrap().matches("</item>").count();
        match feed(bytes.get(..cut).unwrap_or(bytes), &Context::default()) {
            Ok(parsed) => prop_assert!(parsed.entries.len() >= whole.min(5), "{} of {whole}", parsed.entries.len()),
            Err(error) => prop_assert!(whole == 0, "{error}"),
        }
    }
}
