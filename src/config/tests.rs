use super::*;
use chrono::{TimeZone, Utc};
use std::fs;

fn file(name: &str, kind: FileKind, text: &str) -> File {
    File { name: name.into(), kind, text: text.into() }
}

const SETTINGS: &str = "[public]\nbase_url = \"https://tin.hamau.vn\"\n[fetch]\ncontact = \"mailto:tin@hamau.vn\"\n";
const TOPIC: &str = "id = \"bac\"\nname = \"Học Bác\"\n[[rule]]\nname = \"r\"\nweight = 10\nphrases = [\"học Bác\"]\n";
const SOURCE: &str = "[[source]]\nid = \"a\"\nname = \"Báo A\"\nurl = \"https://a.vn/rss\"\nlevel = \"central\"\n";

fn now() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 23, 1, 0, 0).unwrap()
}

fn reading(settings: &str, topic: &str, sources: &[&str]) -> Result<Config, Vec<Mistake>> {
    let mut files =
        vec![file("dongtin.toml", FileKind::Settings, settings), file("topics/bac.toml", FileKind::Topic, topic)];
    for (index, text) in sources.iter().enumerate() {
        files.push(file(&format!("sources/{index}.toml"), FileKind::Sources, text));
    }
    read(&files, now())
}

/// The mistakes of a source file, as `line:column message`.
fn mistakes_in_source(text: &str) -> Vec<String> {
    match reading(SETTINGS, TOPIC, &[text]) {
        Ok(config) => config.warnings.iter().map(|m| format!("warning {}:{} {}", m.line, m.column, m.en)).collect(),
        Err(mistakes) => mistakes.iter().map(|m| format!("{}:{} {}", m.line, m.column, m.en)).collect(),
    }
}

#[test]
fn a_short_configuration_is_enough() {
    let config = reading(SETTINGS, TOPIC, &[SOURCE]).unwrap_or_else(|m| panic!("{m:?}"));
    let source = &config.sources["a"];
    assert_eq!(source.publisher.site.as_str(), "https://a.vn/");
    assert_eq!(source.publisher.level.as_str(), "central");
    assert!(source.enabled);
    assert_eq!(config.settings.public.base_url.as_str(), "https://tin.hamau.vn/");
    assert_eq!(config.rules.topics()[0].limit, 100);
    assert!(config.warnings.is_empty(), "{:?}", config.warnings);
}

#[test]
fn a_character_that_nobody_sees_and_no_feed_may_carry_is_a_mistake_that_names_its_place() {
    for (name, code) in
        [("Báo\\u000bBê", "U+000B"), ("Báo\\uFFFE", "U+FFFE"), ("Báo\u{202e}A", "U+202E"), ("B\u{200b}", "U+200B")]
    {
        let source = SOURCE.replace("name = \"Báo A\"", &format!("name = \"{name}\""));
        assert_ne!(source, SOURCE);
        let said = mistakes_in_source(&source);
        assert!(
            said.len() == 1 && said[0].contains(code) && said[0].contains("\"name\" has a hidden character"),
            "{said:?}"
        );
    }
}

#[test]
fn a_file_gives_its_sources_their_province_and_defaults_and_a_source_may_differ() {
    let text = "province = \"lam-dong\"\n[defaults]\ncron = \"*/20 6-22 * * *\"\norgan = \"government\"\n\
        [[source]]\nid = \"a\"\nname = \"A\"\nurl = \"https://a.vn/rss\"\n\
        [[source]]\nid = \"b\"\nname = \"B\"\nurl = \"https://b.vn/rss\"\nevery = \"2h\"\norgan = \"press\"\nlevel = \"commune\"\nprovince = \"hue\"\n";
    let config = reading(SETTINGS, TOPIC, &[text]).unwrap_or_else(|m| panic!("{m:?}"));
    let (a, b) = (&config.sources["a"], &config.sources["b"]);
    assert_eq!(
        (a.publisher.province.unwrap().id, a.publisher.organ.as_str(), a.publisher.level.as_str()),
        ("lam-dong", "government", "province")
    );
    assert_eq!(
        (b.publisher.province.unwrap().id, b.publisher.organ.as_str(), b.publisher.level.as_str()),
        ("hue", "press", "commune")
    );
    assert_eq!(a.cadence.interval(now()).as_secs(), 1200);
    assert_eq!(b.cadence.interval(now()).as_secs(), 7200);
}

#[test]
fn every_mistake_of_every_file_is_reported_at_once_with_its_place_and_a_hint() {
    let one = "province = \"ha-noii\"\n[[source]]\nid = \"a\"\nname = \"A\"\nurll = \"https://a.vn/rss\"\n";
    let two = "[[source]]\nid = \"A b\"\nname = \"\"\nurl = \"ftp://a.vn/rss\"\ncron = \"0 6 * *\"\nenabled = \"yes\"\norgan = \"pres\"\n";
    let topic = "id = \"all\"\nname = \"Tất cả\"\nthreshold = 0\n[[rule]]\nname = \"r\"\nphrases = [\"...\"]\n";
    let found: Vec<String> = reading("[public]\n", topic, &[one, two])
        .err()
        .unwrap()
        .into_iter()
        .map(|m| format!("{}:{}:{} {}", m.file, m.line, m.column, m.en))
        .collect();
    for expected in [
        "dongtin.toml:1:1 [public] lacks the key \"base_url\".",
        "sources/0.toml:1:12 There is no province \"ha-noii\". Did you mean \"ha-noi\"?",
        "sources/0.toml:2:1 [[source]] lacks the key \"url\".",
        "sources/0.toml:5:1 [[source]] has no key \"urll\". Did you mean \"url\"?",
        "sources/1.toml:2:6 \"A b\" may have only lower-case ASCII letters, digits and hyphens, such as \"bao-ha-tinh\".",
        "sources/1.toml:3:8 \"name\" must not be empty.",
        "sources/1.toml:4:7 This must be a full web address beginning with https:// or http://, without user name and password.",
        "sources/1.toml:5:8 Crontab has five fields (minute hour day month weekday), this has 4.",
        "sources/1.toml:6:11 \"enabled\" must be true or false without quotes, not string.",
        "sources/1.toml:7:9 \"organ\" does not know \"pres\". Did you mean \"press\"?",
        "topics/bac.toml:1:6 \"all\" is one of our own addresses; choose another id for the topic.",
        "topics/bac.toml:3:13 \"threshold\" must be between 0.1 and 1000.",
        "topics/bac.toml:4:1 [[rule]] lacks \"weight\": what one of its phrases adds to the score (negative to subtract).",
        "topics/bac.toml:6:12 A phrase needs at least one letter.",
    ] {
        assert!(found.iter().any(|f| f == expected), "missing {expected:?} in {found:#?}");
    }
}

#[test]
fn a_page_of_headlines_needs_one_line_and_may_have_more() {
    let source = |more: &str| format!("{SOURCE}{more}");
    let listing = |more: &str| reading(SETTINGS, TOPIC, &[&source(more)]).unwrap().sources["a"].listing.clone();
    assert_eq!(listing(""), None);
    let short = listing("cms = \"b-grid\"\n").unwrap();
    assert_eq!((short.cms.as_deref(), short.least, short.pages, short.dated), (Some("b-grid"), 5, 1, 0));
    let long = listing("[source.listing]\ncms = \"zce\"\nlink = \"h3 a\"\npattern = '-\\d+$'\npages = 3\ndated = 80\n")
        .unwrap();
    assert_eq!(
        (long.link.as_deref(), long.pattern.as_deref(), long.pages, long.dated),
        (Some("h3 a"), Some("-\\d+$"), 3, 80)
    );
    let found = mistakes_in_source(&source(
        "cms = \"b-gird\"\nbody = [\"#a >\"]\nzone = \"7\"\nfull_text = \"yes\"\n[source.listing]\nlink = \"a[\"\npattern = '('\nlinkk = \"a\"\npages = 0\n",
    ));
    for expected in [
        "6:7 \"cms\" does not know \"b-gird\". Did you mean \"b-grid\"?",
        "7:9 \"#a >\" is no CSS selector",
        "8:8 \"zone\" must look like \"+07:00\"",
        "9:13 \"full_text\" does not know \"yes\".",
        "11:8 \"a[\" is no CSS selector",
        "12:11 \"(\" is no regular expression",
        "13:1 [source.listing] has no key \"linkk\". Did you mean \"link\"?",
        "14:9 \"pages\" must be between 1 and 20.",
    ] {
        assert!(found.iter().any(|f| f.contains(expected)), "missing {expected:?} in {found:#?}");
    }
}

#[test]
fn a_message_is_in_one_language_at_a_time() {
    let found = reading(SETTINGS, TOPIC, &[&format!("sources = []\n{SOURCE}")]).err().unwrap();
    assert!(found[0].vi.starts_with("Tập tin này không có khoá \"sources\"."), "{found:?}");
    assert!(found[0].en.starts_with("This file has no key \"sources\"."), "{found:?}");
}

#[test]
fn a_former_province_is_named_with_its_successor() {
    let found = mistakes_in_source(&format!("province = \"yen-bai\"\n{SOURCE}"));
    assert!(found[0].contains("it belongs to Lào Cai: use \"lao-cai\""), "{found:?}");
}

#[test]
fn the_first_syntax_mistake_of_a_file_is_shown_where_it_is_with_its_line_and_cause() {
    let head = "[[source]]\nid = \"a\"\n";
    for (text, place, vi, en) in [
        ("name = \"A\nurl = \"x\"\n", "3:", "«name = \"A»: thiếu dấu nháy đóng", "closing quote is missing"),
        ("topics = [\"a\", \"b\n\"c\"]\n", "3:", "thiếu dấu nháy đóng", "closing quote is missing"),
        ("name = “A”\n", "3:8", "«name = “A”»: dấu nháy cong", "curly quotes"),
        ("name = \"A”\n", "3:", "dấu nháy cong", "curly quotes"),
        ("name\u{a0}= \"A\"\n", "3:5", "dấu cách đặc biệt", "special space"),
        ("enabled = False\n", "3:11", "viết true hoặc false", "write true or false"),
        ("enabled = có\n", "3:11", "viết true hoặc false", "write true or false"),
        ("name = A\n", "3:8", "phải đặt trong dấu nháy", "must be in quotes"),
        ("name =\n", "3:", "thiếu giá trị sau dấu =", "value after = is missing"),
        ("name: \"A\"\n", "3:", "dùng dấu = sau tên khoá", "use = after the key"),
        ("// ghi chú\n", "3:", "bắt đầu bằng dấu #", "begins with #"),
        ("tên = \"A\"\n", "3:", "chữ cái không dấu", "ASCII letters"),
        ("name = \"A\"; every = \"1h\"\n", "3:", "thừa chữ sau giá trị", "after the value"),
        ("name = \"C:\\Users\"\n", "3:", "phải viết hai lần", "written twice"),
        ("topics = [\"a\" \"b\"]\n", "3:", "thiếu dấu phẩy", "comma is missing"),
        ("topics = [\"a\", \"b\"\nname = \"A\"\n", "3:10", "mở bằng [ ở dòng này", "lacks its closing ]"),
        ("topics = [\n\"a\",\n\n[[source]]\nid = \"b\"\n", "3:10", "mở bằng [ ở dòng này", "lacks its closing ]"),
        ("topics = [\n\"a\",\n\"b\"\n", "3:10", "mở bằng [ ở dòng này", "lacks its closing ]"),
        ("name = \"A\"\n[[source]\nid = \"b\"\n", "4:", "«[[source]»: thiếu dấu ]", "closing ] is missing"),
        (
            "name = \"A\"\n\nid = \"b\"\nname = \"B\"\n",
            "5:1",
            "thiếu dòng [[source]] trước khối này (khoá \"id\" đã có ở dòng 2)",
            "already in line 2",
        ),
    ] {
        let found = reading(SETTINGS, TOPIC, &[&format!("{head}{text}")]).err().unwrap();
        let [one] = &found[..] else { panic!("{text:?}: {found:#?}") };
        let at = format!("{}:{}", one.line, one.column);
        assert!(at.starts_with(place) && one.vi.contains(vi) && one.en.contains(en), "{text:?}: {at} {one:#?}");
    }
    let topic = TOPIC.replace("weight = 10", "weight = 7,5");
    let found = reading(SETTINGS, &topic, &[SOURCE]).err().unwrap();
    assert!(found.len() == 1 && found[0].vi.contains("dấu chấm, không phải dấu phẩy: 7.5"), "{found:#?}");
    let found = reading(&SETTINGS.replace('\n', "\r"), TOPIC, &[SOURCE]).err().unwrap();
    assert!(found.len() == 1 && found[0].en.contains("CR alone"), "{found:#?}");
    let found = reading(&format!("{SETTINGS}[public]\n"), TOPIC, &[SOURCE]).err().unwrap();
    assert!(found.len() == 1 && found[0].en.contains("already in line 1"), "{found:#?}");
}

#[test]
fn a_block_without_its_header_or_with_half_of_it_is_named() {
    let single = SOURCE.replace("[[source]]", "[source]");
    assert_eq!(mistakes_in_source(&single), ["1:2 Write [[source]] with two brackets, not [source]."]);
    assert_eq!(
        mistakes_in_source(&format!("{single}{}{single}", SOURCE.replace("\"a\"", "\"c\""))),
        ["1:1", "11:1"].map(|at| format!("{at} Write [[source]] with two brackets, not [source]."))
    );
    let without = SOURCE.replace("[[source]]\n", "");
    assert_eq!(mistakes_in_source(&without), ["1:1 The line [[source]] is missing before this block."]);
    let rules = TOPIC.replace("[[rule]]", "[rule]");
    let found = reading(SETTINGS, &rules, &[SOURCE]).err().unwrap();
    assert_eq!(found[0].vi, "Viết [[rule]] (hai ngoặc vuông), không phải [rule].", "{found:#?}");
}

#[test]
fn a_source_of_which_nobody_says_where_it_belongs_is_doubted() {
    let source = |id: &str| format!("[[source]]\nid = \"{id}\"\nname = \"A\"\nurl = \"https://{id}.vn/rss\"\n");
    let two = format!("{}{}", source("a"), source("b"));
    let found = mistakes_in_source(&two);
    assert!(found.len() == 1 && found[0].starts_with("warning 1:1 Without \"province\" or \"level\""), "{found:?}");
    let found = mistakes_in_source(&format!("{two}\nprovince = \"hue\"\n"));
    assert!(found.len() == 1 && found[0].starts_with("warning 10:1 \"province\" belongs here only"), "{found:?}");
    let found = mistakes_in_source(&format!("province = \"Huế\"\n{two}"));
    assert!(found.len() == 1 && found[0].contains("There is no province"), "{found:?}");
    for placed in [
        format!("province = \"hue\"\n{two}"),
        format!("[defaults]\nlevel = \"central\"\n{two}"),
        format!("{}province = \"hue\"\n", source("a")),
    ] {
        assert!(mistakes_in_source(&placed).is_empty(), "{placed}");
    }
}

#[test]
fn an_id_is_used_once_and_an_address_twice_is_doubted() {
    let again = SOURCE.replace("Báo A", "Báo A hai");
    let found = reading(SETTINGS, TOPIC, &[SOURCE, &again]).err().unwrap();
    assert!(
        found
            .iter()
            .any(|m| m.fatal && m.en == "The source \"a\" is already in sources/0.toml. Every id is used once."),
        "{found:?}"
    );
    let other = SOURCE.replace("\"a\"", "\"b\"").replace("https://a.vn/rss", "http://www.a.vn/rss");
    let config = reading(SETTINGS, TOPIC, &[SOURCE, &other]).unwrap_or_else(|m| panic!("{m:?}"));
    assert!(config.warnings[0].en.contains("already belongs to the source \"a\""));
}

#[test]
fn what_would_poll_ourselves_a_private_address_or_too_often_is_refused() {
    for (line, expected) in [
        ("url = \"https://tin.hamau.vn/bac/feed.atom\"", "your own site"),
        ("url = \"http://10.0.0.1/rss\"", "not a public address"),
        ("url = \"http://0x7f.1/rss\"", "not a public address"),
        ("url = \"https://a.vn/rss\"\nevery = \"5m\"", "at least 10 minutes"),
        ("url = \"https://a.vn/rss\"\ncron = \"*/5 * * * *\"", "at least 10 minutes"),
        ("url = \"https://a.vn/rss\"\ntopics = [\"bacc\"]", "There is no topic \"bacc\". Did you mean \"bac\"?"),
        ("url = \"https://a.vn/rss\"\nlevel = \"province\"", "needs a \"province\""),
        ("url = \"https://a.vn/rss\"\nevery = \"1h\"\ncron = \"@daily\"", "not both"),
    ] {
        let found = mistakes_in_source(&format!("[[source]]\nid = \"a\"\nname = \"A\"\n{line}\n"));
        assert!(found.iter().any(|f| f.contains(expected) && !f.starts_with("warning")), "{line}: {found:?}");
    }
}

/// The warnings and mistakes of a configuration of these three files.
fn doubts(settings: &str, topic: &str, source: &str) -> Vec<Mistake> {
    reading(settings, topic, &[source]).map_or_else(|mistakes| mistakes, |config| config.warnings)
}

#[test]
fn what_would_work_but_is_hardly_meant_is_doubted() {
    let settings = |more: &str| doubts(&format!("{SETTINGS}{more}\n"), TOPIC, SOURCE);
    let topic = |from: &str, to: &str| doubts(SETTINGS, &TOPIC.replace(from, to), SOURCE);
    let source = |from: &str, to: &str| doubts(SETTINGS, TOPIC, &SOURCE.replace(from, to));
    for (fatal, vi, found) in [
        (true, "trùng với [public] listen", settings("[private]\nlisten = \"127.0.0.1:8750\"")),
        (true, "trùng với [public] listen", settings("[private]\nlisten = \"0.0.0.0:8750\"")),
        (false, "mở ra mọi nơi", settings("[private]\nlisten = \"0.0.0.0:8751\"")),
        (true, "phải là địa chỉ IP và cổng", settings("[private]\nlisten = \"unix:http.sock\"")),
        (true, "phải là địa chỉ IP và cổng", settings("[private]\nlisten = \"unix:/run/\"")),
        (true, "phải là địa chỉ IP và cổng", settings("[private]\nlisten = \"8751\"")),
        (true, "\"dir\" không được để trống", settings("[state]\ndir = \"\"")),
        (true, "\"days\" phải từ 0 đến 90", settings("[archive]\ndays = 91")),
        (true, "\"days\" phải là số nguyên", settings("[archive]\ndays = 1.5")),
        (true, "\"bytes\" phải từ 1 MiB đến 64 GiB", settings("[archive]\nbytes = \"512 KiB\"")),
        (true, "\"bytes\" phải từ 1 MiB đến 64 GiB", settings("[archive]\nbytes = \"65 GiB\"")),
        (true, "không có khoá \"day\"", settings("[archive]\nday = 7")),
        (true, "\"timeout\" phải từ 1s đến 10m", settings("timeout = \"1h\"")),
        (true, "\"max_body\" phải từ 64 KiB đến 64 MiB", settings("max_body = \"1 GiB\"")),
        (false, "dài hơn một tuần", settings("[defaults]\nevery = \"3000d\"")),
        (
            false,
            "\"threshold\" quá cao: tiêu đề có đủ mọi [[rule]] cũng chỉ được 20",
            topic("[[rule]]", "threshold = 500\n[[rule]]"),
        ),
        (false, "không có dấu", topic("học Bác", "hoc tap va lam theo Bac")),
        (false, "không có dấu", topic("học Bác", "hoc Bac")),
        (false, "không có dấu", topic("học Bác", "chuyen doi")),
        (false, "không có dấu", topic("học Bác", "nong thon moi")),
        (false, "mạng nội bộ", source("https://a.vn/rss", "http://localhost/rss")),
        (false, "mạng nội bộ", source("https://a.vn/rss", "http://bao.local/rss")),
    ] {
        assert!(found.iter().any(|m| m.fatal == fatal && m.vi.contains(vi)), "{vi}: {found:#?}");
    }
    for plain in ["OCOP", "an ninh", "thanh tra", "VNeID", "smart city", "TP HCM", "chip", "startup", "CT TW"] {
        assert_eq!(topic("học Bác", plain), [], "{plain}");
    }
    for listen in ["127.0.0.1:8751", "unix:/run/dongtin/private.sock"] {
        assert_eq!(settings(&format!("[private]\nlisten = \"{listen}\"")), [], "{listen}");
    }
}

#[test]
fn an_address_of_the_shipped_file_is_known_as_a_sample() {
    for (url, sample) in [
        ("https://tin.example.vn/", true),
        ("https://example.com", true),
        ("http://bao.example:8080/x", true),
        ("https://tin.hamau.vn/example/", false),
        ("https://example-tin.vn/", false),
    ] {
        let settings = SETTINGS.replace("https://tin.hamau.vn", url);
        let config = reading(&settings, TOPIC, &[SOURCE]).unwrap_or_else(|m| panic!("{m:?}"));
        assert_eq!((config.settings.public.is_sample(), config.warnings.len()), (sample, usize::from(sample)), "{url}");
    }
}

#[test]
fn manners_are_loosened_only_towards_ones_own_servers() {
    let loose =
        format!("{SETTINGS}allow = [\"127.0.0.1\"]\n[manners]\nfloor = \"1s\"\nhost_gap = \"0s\"\nper_host = 8\n");
    let own = SOURCE.replace("https://a.vn/rss", "http://127.0.0.1:9100/rss");
    assert!(reading(&loose, TOPIC, &[&own]).is_ok());
    let found = reading(&loose, TOPIC, &[&own, &SOURCE.replace("\"a\"", "\"b\"")]).err().unwrap();
    assert!(found.iter().any(|m| m.line == 6 && m.en.starts_with("[manners] may be loosened")), "{found:?}");
}

/// A folder with one topic and one source.
fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["sources", "topics"] {
        fs::create_dir(dir.path().join(folder)).unwrap();
    }
    fs::write(dir.path().join("dongtin.toml"), format!("\u{feff}{}", SETTINGS.replace('\n', "\r\n"))).unwrap();
    fs::write(dir.path().join("topics/bac.toml"), TOPIC).unwrap();
    fs::write(dir.path().join("sources/a.toml"), SOURCE).unwrap();
    dir
}

#[test]
fn a_folder_is_read_whole_and_editors_leftovers_are_not() {
    let dir = folder();
    let write = |name: &str, text: &[u8]| fs::write(dir.path().join(name), text).unwrap();
    for leftover in ["sources/.a.toml.swp", "sources/a.toml~", "sources/#a.toml#", "sources/.b.toml", "topics/4913"] {
        write(leftover, b"not toml");
    }
    assert!(load(dir.path(), now()).is_ok_and(|c| c.warnings.is_empty()));
    write("sources/b.toml", b"\xff\xfe");
    let found = load(dir.path(), now()).err().unwrap();
    assert!(found[0].en.contains("not UTF-8"), "{found:?}");
    let found = load(&dir.path().join("nowhere"), now()).err().unwrap();
    assert!(found.len() == 3 && found[0].vi.starts_with("Không đọc được: không có ở đây."), "{found:?}");
}

#[test]
fn what_looks_like_a_configuration_but_is_not_read_is_named() {
    let dir = folder();
    for name in ["sources/b.toml.txt", "sources/c.TOML", "topics/ghi-chu.md"] {
        fs::write(dir.path().join(name), "").unwrap();
    }
    fs::create_dir_all(dir.path().join("config/sources")).unwrap();
    fs::create_dir(dir.path().join("sources/cu")).unwrap();
    let warnings = load(dir.path(), now()).unwrap_or_else(|m| panic!("{m:?}")).warnings;
    for (name, expected) in [
        ("config", "Put dongtin.toml, topics/ and sources/ straight into"),
        ("sources/b.toml.txt", "rename it to \"b.toml\""),
        ("sources/c.TOML", "rename it to \"c.toml\""),
        ("sources/cu", "move it away"),
        ("topics/ghi-chu.md", "move it away"),
    ] {
        let one = warnings.iter().find(|w| w.file.ends_with(name)).unwrap_or_else(|| panic!("{name}: {warnings:#?}"));
        assert!(!one.fatal && one.en.contains(expected), "{one:#?}");
    }
    assert_eq!(warnings.len(), 5, "{warnings:#?}");
}

#[test]
fn what_is_missing_from_a_folder_is_a_mistake_and_never_nothing() {
    for (missing, expected) in [("topics", "it is not there"), ("sources", "it is not there")] {
        let dir = folder();
        fs::remove_dir_all(dir.path().join(missing)).unwrap();
        let found = load(dir.path(), now()).err().unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].fatal && found[0].file.ends_with(missing) && found[0].en.contains(expected), "{found:?}");
        assert_eq!(load_topics(dir.path()).err().unwrap(), found);
        fs::write(dir.path().join(missing), "").unwrap();
        assert!(load(dir.path(), now()).err().unwrap()[0].en.contains("not a folder"));
    }
    let dir = folder();
    fs::remove_file(dir.path().join("topics/bac.toml")).unwrap();
    let found = load(dir.path(), now()).err().unwrap();
    assert!(found.len() == 1 && found[0].fatal && found[0].en.starts_with("There is no topic:"), "{found:?}");
    assert_eq!(load_topics(dir.path()).err().unwrap(), found);
}

#[test]
fn the_shipped_configuration_has_every_province_and_only_asks_for_ones_own_address() {
    let config = load(Path::new("config"), now()).unwrap_or_else(|m| panic!("{m:#?}"));
    let lines: Vec<&str> = include_str!("../../config/dongtin.toml").lines().collect();
    let warned: Vec<&str> = config.warnings.iter().map(|w| lines[w.line - 1].split(' ').next().unwrap()).collect();
    assert_eq!(warned, ["base_url", "contact"]);
    for province in &crate::model::province::ALL {
        assert!(config.sources.values().any(|s| s.publisher.province == Some(province)), "{}", province.name);
    }
    assert!(config.sources.values().any(|s| s.enabled && s.publisher.level == crate::model::Level::Central));
    // A source that is off says why, in the line above it.
    for file in fs::read_dir("config/sources").unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        for block in text.split("\n\n").filter(|b| b.contains("enabled = false\n") || b.ends_with("enabled = false")) {
            assert!(block.contains("# Tắt: ") || block.starts_with("# Nguồn tin trung ương"), "{block}");
        }
    }
}

#[test]
fn a_list_of_a_hundred_thousand_lines_is_nothing() {
    let many: String = (0..20_000)
        .map(|i| format!("[[source]]\nid = \"s{i}\"\nname = \"S\"\nurl = \"https://s{i}.vn/rss\"\nevery = \"30m\"\n"))
        .collect();
    assert_eq!(reading(SETTINGS, TOPIC, &[&many]).unwrap_or_else(|m| panic!("{m:?}")).sources.len(), 20_000);
}

#[test]
fn hubs_are_subscribed_to_only_where_they_can_reach_us_and_unless_switched_off() {
    let callbacks = |base: &str, more: &str| {
        let settings = format!("[public]\nbase_url = \"{base}\"\n[fetch]\ncontact = \"mailto:tin@hamau.vn\"\n{more}");
        let config = reading(&settings, TOPIC, &[SOURCE]).unwrap_or_else(|m| panic!("{m:?}"));
        config.settings.callbacks().map(String::from)
    };
    for (base, expected) in [
        ("https://tin.hamau.vn", Some("https://tin.hamau.vn/websub/")),
        ("https://hamau.vn/tin/", Some("https://hamau.vn/tin/websub/")),
        ("http://203.162.0.1:8080/", Some("http://203.162.0.1:8080/websub/")),
        ("https://tin.example.vn/", None),
        ("http://localhost:8750/", None),
        ("http://tin/", None),
        ("http://tin.lan/", None),
        ("http://tin.local./", None),
        ("http://127.0.0.1:8750/", None),
        ("http://10.1.2.3/", None),
        ("http://[::1]/", None),
    ] {
        assert_eq!(callbacks(base, "").as_deref(), expected, "{base}");
    }
    assert!(callbacks("http://10.1.2.3/", "allow = [\"10.1.2.0/24\"]").is_some(), "named by the admin");
    assert!(callbacks("https://tin.hamau.vn", "[websub]\nsubscribe = true").is_some());
    assert_eq!(callbacks("https://tin.hamau.vn", "[websub]\nsubscribe = false"), None);
}

#[test]
fn our_feeds_have_our_own_hub_another_one_or_none() {
    let hub = |line: &str| {
        let settings = format!(
            "[public]\nbase_url = \"https://hamau.vn/tin\"\n[fetch]\ncontact = \"mailto:tin@hamau.vn\"\n[websub]\n{line}"
        );
        let config = reading(&settings, TOPIC, &[SOURCE])?;
        let address = config.settings.websub.hub.address(&config.settings.public.base_url).map(String::from);
        Ok::<_, Vec<Mistake>>((address, config.warnings.len()))
    };
    for (line, expected) in [
        ("", Some("https://hamau.vn/tin/hub")),
        ("hub = \"own\"", Some("https://hamau.vn/tin/hub")),
        ("hub = \"off\"", None),
        ("hub = \"https://hub.vn/?a=1\"", Some("https://hub.vn/?a=1")),
    ] {
        assert_eq!(hub(line).unwrap(), (expected.map(str::to_owned), 0), "{line}");
    }
    assert_eq!(hub("hub = \"http://10.1.2.3/\"").unwrap().1, 1, "it would never be reached");
    for wrong in ["", "true", "OWN", "hub.vn", "ftp://hub.vn/", "https://u:p@hub.vn/", "https://hub.vn/#x"] {
        let mistakes = hub(&format!("hub = \"{wrong}\"")).unwrap_err();
        assert!(mistakes.iter().any(|m| m.fatal && m.in_one_line().contains("pubsubhubbub")), "{wrong}: {mistakes:?}");
    }
}

#[test]
fn of_a_file_that_is_wrong_throughout_a_thousand_mistakes_are_told_and_none_is_forgotten_for_doubts() {
    let text = "x\n".repeat(5_000);
    let report = Report::new("a", &text);
    (0..5_000).for_each(|line| report.warning(&(2 * line..2 * line), "ngờ", "doubt"));
    assert!(report.is_clean());
    (0..5_000).for_each(|line| report.mistake(&(2 * line..2 * line), "sai", "wrong"));
    let found = report.into_mistakes();
    assert_eq!((found.len(), found.iter().filter(|m| m.fatal).count()), (2_000, 1_000));
    assert_eq!(found.last().map(|m| m.line), Some(1_000));
}

#[test]
fn a_topic_may_have_had_other_ids_that_nothing_else_has_or_had() {
    let was = |list: &str| TOPIC.replace("name = \"Học Bác\"", &format!("name = \"Học Bác\"\nwas = {list}"));
    let config = reading(SETTINGS, &was("[\"bac-ho\", \"hoc-bac\"]"), &[SOURCE]).unwrap_or_else(|m| panic!("{m:?}"));
    assert_eq!(config.rules.topics()[0].was, ["bac-ho", "hoc-bac"]);
    for (list, mistake) in [
        ("[\"bac\"]", "3:8 \"bac\" in \"was\" is a topic's id"),
        ("[\"cu\", \"cu\"]", "3:14 \"cu\" in \"was\" is a topic's id, or former id"),
        ("[\"all\"]", "3:8 \"all\" is one of our own addresses"),
        ("[\"Học Bác\"]", "3:8 \"Học Bác\" may have only"),
    ] {
        let mistakes = reading(SETTINGS, &was(list), &[SOURCE]).err().unwrap_or_default();
        let told: Vec<String> = mistakes.iter().map(|m| format!("{}:{} {}", m.line, m.column, m.en)).collect();
        assert!(told.len() == 1 && told[0].starts_with(mistake), "{list}: {told:?}");
    }
}

#[test]
fn how_long_stories_are_kept_is_a_number_of_months() {
    for (text, months) in [
        ("", Some(0)),
        ("0", Some(0)),
        ("1", Some(1)),
        ("1200", Some(1200)),
        ("1201", None),
        ("-1", None),
        ("1.5", None),
    ] {
        let table = if text.is_empty() { String::new() } else { format!("[retention]\nmonths = {text}\n") };
        let read = reading(&format!("{SETTINGS}{table}"), TOPIC, &[SOURCE]);
        assert_eq!(read.ok().map(|config| config.settings.retention), months, "{text}");
    }
}
