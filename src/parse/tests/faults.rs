//! F-X: documents made to hurt, or by programs in trouble. Each is read on a stack of 256 KiB.

use std::io::Write as _;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use super::*;
use crate::model::Publish;
use crate::parse::item::item;

const ITEM: &str = "<item><title>Một</title><link>https://bao.example/1</link></item>";

fn read_on_a_small_stack(bytes: impl Into<Vec<u8>>) -> Result<Parsed, &'static str> {
    let bytes = bytes.into();
    let reading = std::thread::Builder::new().stack_size(256 * 1024).spawn(move || {
        let base = Url::parse("https://bao.example/rss").unwrap();
        feed(&bytes, &Context { base: Some(&base), ..Context::default() }).map_err(|e| e.code())
    });
    reading.unwrap().join().unwrap()
}

/// The headlines of a document, or the class of its failure.
fn titles(document: impl Into<Vec<u8>>) -> Result<Vec<String>, &'static str> {
    let parsed = read_on_a_small_stack(document)?;
    Ok(parsed.entries.into_iter().map(|e| e.title.unwrap_or_default()).collect())
}

/// The one item's headline is this.
fn titled(title: &str) -> String {
    rss(ITEM).replacen("Một", title, 1)
}

/// A DOCTYPE with these declarations in front of [`titled`].
fn declared(declarations: &str, title: &str) -> String {
    titled(title).replacen("<rss", &format!("<!DOCTYPE rss [{declarations}]><rss"), 1)
}

fn many(piece: &str, times: usize) -> String {
    piece.repeat(times)
}

#[test]
fn what_is_odd_and_harmless_is_read_as_it_was_meant() {
    let netscape = "<!DOCTYPE rss PUBLIC \"-//Netscape Communications//DTD RSS 0.91//EN\" \"http://my.netscape.com/publish/formats/rss-0.91.dtd\"><rss";
    let sound = rss(ITEM);
    let cases: Vec<(&str, String, &str)> = vec![
        ("F-X06 a harmless DOCTYPE", sound.replacen("<rss", netscape, 1), "Một"),
        ("F-X06 an entity of one's own", declared("<!ENTITY mot \"M&#7897;t\">", "&mot;"), "Một"),
        ("F-X07 entities of HTML", titled("&Agrave;&nbsp;&aacute; &hellip;"), "À á …"),
        ("F-X07 an entity of nobody", titled("a &Đ; &khong; b"), "a &Đ; &khong; b"),
        ("F-X08 a bare ampersand", titled("R&D, AT&T & ba"), "R&D, AT&T & ba"),
        ("F-X09 a bracket that is none", titled("3 < 4 và <3"), "3 < 4 và <3"),
        ("F-X15 an end of a section in text", titled("a ]]> b"), "a ]]> b"),
        ("F-X15 two sections for one end", titled("<![CDATA[a ]]]]><![CDATA[> b]]>"), "a ]]> b"),
        ("F-X16 a mark in front", format!("\u{feff}{sound}"), "Một"),
        ("F-X16 blank lines in front", format!("\r\n \n{sound}"), "Một"),
        (
            "F-X16 a notice of PHP in front",
            format!("<br />\n<b>Warning</b>: x in <b>y.php</b> on line <b>3</b><br />\n{sound}"),
            "Một",
        ),
        ("F-X17 two feeds, one behind the other", format!("{sound}{}", titled("Hai")), "Một"),
        ("F-X19 NUL and other controls", titled("M\0\u{1}\u{8}ột\u{b}\u{1f}"), "Một"),
        ("F-X20 references to no character", titled("M&#0;&#xFFFF;&#999999999999;&#xD800;&#x110000;ột"), "Một"),
        ("F-X21 no namespace for a prefix", sound.replace("title>", "rss:title>"), "Một"),
        (
            "F-X21 another namespace than it should be",
            sound.replacen("<rss", "<rss xmlns='http://bao.example/ns'", 1),
            "Một",
        ),
        ("F-X21 upper case", sound.to_uppercase().replace("MỘT", "Một"), "Một"),
        ("F-X22 instructions everywhere", titled("<?php echo 1 ?>Một"), "Một"),
        ("F-X23 XML 1.1", sound.replacen("version=\"1.0\"", "version=\"1.1\"", 1), "Một"),
        ("F-X24 a name that means UTF-7", sound.replacen("UTF-8", "UTF-7", 1), "Một"),
        ("F-X24 letters of UTF-7 stay as they are", titled("+ADw-b+AD4- Một"), "+ADw-b+AD4- Một"),
    ];
    for (fault, document, expected) in cases {
        assert_eq!(titles(document), Ok(vec![expected.to_owned()]), "{fault}");
    }
}

#[test]
fn f_x18_what_came_whole_of_a_document_that_stops_is_kept_and_the_rest_is_known_to_be_missing() {
    let items: String = (1..=20).map(|n| format!("<item><guid>{n}</guid><title>Tin {n}</title></item>")).collect();
    let whole = rss(&items);
    let cut = whole.split_once("<title>Tin 8").unwrap().0;
    let parsed = read_on_a_small_stack(cut).unwrap();
    assert_eq!((parsed.entries.len(), parsed.repaired.contains(&Repair::Truncated)), (7, true));
}

#[test]
fn f_x24_bases_within_bases_end_at_an_address() {
    let nested = many("<x xml:base='a/'>", 150) + ITEM;
    let parsed = read_on_a_small_stack(rss(&nested.replacen("https://bao.example/1", "1.html", 1))).unwrap();
    assert_eq!(parsed.entries[0].link.as_ref().unwrap().host_str(), Some("bao.example"));
    let elsewhere = rss(ITEM).replacen("<channel", "<channel xml:base='javascript:alert(1)'", 1);
    assert_eq!(titles(elsewhere), Ok(vec!["Một".to_owned()]));
}

#[test]
fn f_x26_a_channel_without_items_is_a_feed() {
    assert_eq!(titles(rss("")), Ok(vec![]));
    assert_eq!(titles("<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>x</title></feed>"), Ok(vec![]));
    assert_eq!(titles("{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":[]}"), Ok(vec![]));
}

#[test]
fn f_x28_a_feed_that_is_only_shown_is_none() {
    assert_eq!(titles(format!("<!-- {} -->", rss(ITEM))), Err("not-a-feed"), "F-X28 in a comment");
    assert_eq!(
        titles(format!("<html><body><pre>{}</pre></body></html>", rss(ITEM))),
        Err("html-page"),
        "F-X28 on a page"
    );
    assert_eq!(titles(format!("<pre>{}</pre>", rss(ITEM))), Err("html-page"), "F-X28 as browsers save it");
}

#[test]
fn entities_that_multiply_do_not() {
    let ten = |name: &str, of: &str| format!("<!ENTITY {name} \"{}\">", many(&format!("&{of};"), 10));
    let laughs: String = ["<!ENTITY a0 \"hahaha\">".to_owned()]
        .into_iter()
        .chain((1..10).map(|n| ten(&format!("a{n}"), &format!("a{}", n - 1))))
        .collect();
    let long = format!("<!ENTITY a \"{}\">", many("a", 10_000));
    let short = format!("<!ENTITY a \"{}\">", many("a", 250));
    let cases = [
        ("F-X01 a billion laughs", declared(&laughs, "Một &a9;")),
        ("F-X01 an entity of itself", declared("<!ENTITY a \"&a;&a;\">", "Một &a;")),
        ("F-X02 one long entity, often", declared(&long, &format!("Một {}", many("&a;", 100_000)))),
        ("F-X02 one short entity, very often", declared(&short, &format!("Một {}", many("&a;", 1_000_000)))),
        (
            "F-X02 one short entity in many fields",
            declared(&short, "Một").replacen(ITEM, &many(&titled_item("&a;&a;&a;&a;"), 9_000), 1),
        ),
        (
            "F-X05 parameter entities",
            declared(
                "<!ENTITY % p \"<!ENTITY b 'x'>\"> %p; <!ENTITY % q SYSTEM \"http://169.254.169.254/\"> %q;",
                "Một &b;",
            ),
        ),
    ];
    for (fault, document) in cases {
        let size = document.len();
        let titles = titles(document).unwrap();
        let came: usize = titles.iter().map(String::len).sum();
        assert!(came <= size + (2 << 20), "{fault}: {came} bytes of {size}");
        assert!(titles.iter().all(|t| !t.contains("hahahahaha")), "{fault}");
    }
}

fn titled_item(title: &str) -> String {
    ITEM.replacen("Một", title, 1)
}

#[test]
fn f_x03_f_x04_f_x22_no_document_opens_a_file_or_a_connection() {
    let secret = "bí mật của máy";
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(secret.as_bytes()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let near = format!("http://{}/x", listener.local_addr().unwrap());
    let path = format!("file://{}", file.path().display());
    for address in [near.as_str(), path.as_str()] {
        let cases = [
            ("F-X03 an entity elsewhere", declared(&format!("<!ENTITY x SYSTEM \"{address}\">"), "Một &x;")),
            ("F-X03 a public one", declared(&format!("<!ENTITY x PUBLIC \"x\" \"{address}\">"), "Một &x;")),
            (
                "F-X04 a DTD elsewhere",
                rss(ITEM).replacen("<rss", &format!("<!DOCTYPE rss SYSTEM \"{address}\"><rss"), 1),
            ),
            ("F-X05 a parameter entity elsewhere", declared(&format!("<!ENTITY % x SYSTEM \"{address}\"> %x;"), "Một")),
            (
                "F-X22 XInclude",
                rss(&format!(
                    "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='{address}' parse='text'/>{ITEM}"
                )),
            ),
            (
                "F-X22 a stylesheet",
                rss(ITEM).replacen("<rss", &format!("<?xml-stylesheet href='{address}' type='text/xsl'?><rss"), 1),
            ),
            (
                "a schema",
                rss(ITEM).replacen(
                    "<rss",
                    &format!(
                        "<rss xsi:schemaLocation='x {address}' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'"
                    ),
                    1,
                ),
            ),
        ];
        for (fault, document) in cases {
            let parsed = read_on_a_small_stack(document).unwrap();
            assert_eq!(parsed.entries.len(), 1, "{fault}");
            assert!(!format!("{parsed:?}").contains(secret), "{fault}");
        }
    }
    assert!(listener.accept().is_err(), "nobody came by");
}

#[test]
fn no_document_exhausts_anything() {
    let sound = rss(ITEM);
    let before_item = |junk: String| sound.replacen("<item>", &format!("{junk}<item>"), 1);
    let on = |element: &str, junk: String| sound.replacen(&format!("<{element}"), &format!("<{element} {junk}"), 1);
    let named = |times: usize| (0..times).map(|n| format!("a{n}='x' ")).collect::<String>();
    let cases: Vec<(&str, String, Result<usize, &str>)> = vec![
        (
            "F-X10 a million nested tags",
            format!("<rss version='2.0'><channel>{}", many("<x>", 1_000_000)),
            Err("too-deep"),
        ),
        ("F-X10 in a title", titled(&many("<b>", 1_000_000)), Ok(1)),
        (
            "F-X10 in a description",
            before_item(String::new()).replacen(
                "<link>",
                &format!("<description>{}</description><link>", many("<div>", 1_000_000)),
                1,
            ),
            Ok(1),
        ),
        ("F-X10 a million ends", before_item(many("</x>", 1_000_000)), Ok(1)),
        ("F-X11 80,000 attributes", on("item", named(80_000)), Ok(1)),
        ("F-X11 800,000 attributes", on("item", named(800_000)), Ok(1)),
        ("F-X11 800,000 times the same", on("rss", many("a='' ", 800_000)), Ok(1)),
        ("F-X12 a million namespaces", on("rss", many("xmlns:a='b' ", 1_000_000)), Ok(1)),
        (
            "F-X13 a tag of ten megabytes that does not end",
            on("item", many("x", 10_000_000)).replacen("><title>", "<title>", 1),
            Ok(1),
        ),
        ("F-X14 a section that does not end", format!("{sound}<![CDATA["), Ok(1)),
        ("F-X14 sections that do not end", format!("{sound}{}", many("<![CDATA[", 100_000)), Ok(1)),
        ("F-X14 a comment that does not end", before_item("<!-- ".to_owned()), Ok(1)),
        ("F-X14 comments that do not end", before_item(many("<!-- </item>", 100_000)), Ok(1)),
        ("F-X14 an instruction that does not end", before_item("<?php ".to_owned()), Ok(1)),
        ("F-X14 instructions that do not end", before_item(many("<?php ", 100_000)), Ok(1)),
        ("F-X14 a value that does not end", on("item", "a='x".to_owned()), Ok(1)),
        ("F-X14 values that do not end", before_item(many("<a b='", 100_000)), Ok(1)),
        (
            "F-X14 a DOCTYPE that does not end",
            sound.replacen("<rss", "<!DOCTYPE rss [ <!ENTITY a \"b\"> <rss", 1),
            Ok(1),
        ),
        ("ampersands alone", titled(&many("&", 1_000_000)), Ok(1)),
        ("brackets alone", titled(&many("<", 1_000_000)), Ok(1)),
    ];
    for (fault, document, expected) in cases {
        let read = read_on_a_small_stack(document).map(|parsed| parsed.entries.len());
        assert_eq!(read, expected, "{fault}");
    }
}

#[test]
fn f_x25_a_field_without_end_is_cut_and_an_item_is_short() {
    for document in [titled(&many("chữ ", 10_000_000)), titled(&format!("<![CDATA[{}]]>", many("chữ ", 10_000_000)))]
    {
        let parsed = read_on_a_small_stack(document).unwrap();
        assert!(parsed.repaired.contains(&Repair::TooLong));
        assert!(parsed.entries[0].title.as_ref().is_some_and(|t| t.len() <= 1 << 20));
        let now = DateTime::from_timestamp(1_795_395_600, 0).unwrap();
        assert!(item(&parsed.entries[0], Publish::Teaser, now).unwrap().title.chars().count() <= 500);
    }
}

#[test]
fn f_x27_json_that_is_legal_and_mad_or_neither() {
    let of = |item: &str| format!("{{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":[{item}]}}");
    let cases = [
        ("F-X27 a key twice", of("{\"id\":\"1\",\"title\":\"Một\",\"title\":\"Hai\"}"), Ok(vec!["Hai".to_owned()])),
        ("F-X27 half a surrogate", of("{\"id\":\"1\",\"title\":\"\\ud800 x\"}"), Ok(vec!["\u{fffd} x".to_owned()])),
        ("F-X27 a whole one", of("{\"id\":\"1\",\"title\":\"\\ud83d\\ude00\"}"), Ok(vec!["😀".to_owned()])),
        ("F-X27 a number beyond numbers", of("{\"id\":1e400,\"title\":\"Một\"}"), Err("unrecoverable")),
        ("F-X27 a hundred thousand deep", of(&many("[", 100_000)), Err("unrecoverable")),
        (
            "F-X27 as deep, in an extension",
            of(&format!("{{\"id\":\"1\",\"_x\":{}", many("{\"a\":", 100_000))),
            Err("unrecoverable"),
        ),
        ("F-X27 as deep, and nothing else", many("[", 100_000), Err("not-a-feed")),
        ("F-X27 NUL in a string", of("{\"id\":\"1\",\"title\":\"M\\u0000ột\"}"), Ok(vec!["M ột".to_owned()])),
    ];
    for (fault, document, expected) in cases {
        // The JSON library goes 128 deep, for which it wants a stack as threads have.
        let read = feed(document.as_bytes(), &Context::default()).map_err(|e| e.code());
        let titles = read.map(|parsed| parsed.entries.into_iter().filter_map(|e| e.title).collect::<Vec<_>>());
        assert_eq!(titles, expected, "{fault}");
    }
}

/// Eight times the document takes eight times as long, give or take a busy machine; what looks back at all it has seen takes
/// sixty-four times.
#[test]
fn f_x11_to_f_x14_twice_the_trouble_is_twice_the_work() {
    let constructs = [
        ("F-X11 attributes", "<rss><channel><item ", "a='' ", "><title>x</title></item></channel></rss>"),
        ("F-X12 namespaces", "<rss ", "xmlns:a='b' ", "><channel><item><title>x</title></item></channel></rss>"),
        ("F-X10 elements", "<rss><channel><item><description>", "<b>", "</description></item></channel></rss>"),
        ("F-X13 tags that do not end", "<rss><channel>", "<a ", ""),
        ("F-X14 comments", "<rss><channel>", "<!-- </item>", ""),
        ("F-X14 sections", "<rss><channel><item><title>", "<![CDATA[", ""),
        ("F-X14 instructions", "<rss><channel>", "<?a ", ""),
        ("F-X14 values", "<rss><channel>", "<a b='", ""),
        ("F-X14 DOCTYPEs", "", "<!DOCTYPE a [", "<rss><channel></channel></rss>"),
        ("F-X24 bases", "<rss><channel>", "<a xml:base='b/'></a>", ""),
        (
            "F-X02 entities",
            "<!DOCTYPE rss [<!ENTITY a 'b'>]><rss><channel><item><title>",
            "&a;",
            "</title></item></channel></rss>",
        ),
        ("ends of nothing", "<rss><channel>", "</a>", ""),
        ("items that do not end", "<rss><channel>", "<item><title>", ""),
    ];
    for (fault, begin, piece, end) in constructs {
        let work = |times: usize| {
            let document = format!("{begin}{}{end}", many(piece, times));
            let once = || {
                let begun = Instant::now();
                drop(feed(document.as_bytes(), &Context::default()));
                begun.elapsed()
            };
            (0..3).map(|_| once()).min().unwrap().max(Duration::from_micros(200))
        };
        let (little, much) = (work(8_000), work(64_000));
        assert!(much < little * 32, "{fault}: {little:?} and {much:?}");
    }
}
