//! The commands, their shapes and exit codes.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::support::{Answer, Item, Origin, Workspace, eventually, get, rss};

fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_dongtin"));
    // Nothing of the project's own configuration may help.
    program.current_dir("/").env_remove("DONGTIN_CONFIG");
    program
}

/// Runs a command with this input; gives the exit code and the lines of JSON.
fn lines(args: &[&str], input: &str) -> (i32, Vec<Value>) {
    let mut child =
        program().args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code().unwrap(), text.lines().map(|l| serde_json::from_str(l).unwrap()).collect())
}

/// The names of an object's members; their order is nobody's.
fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn inspect_prints_one_object_of_the_fixed_shape() {
    let feed = "<rss version=\"2.0\"><channel><title>Báo &amp; bạn</title><link>/</link><ttl>50</ttl><item><title>m&amp;#227; Một</title>\
        <link>/bai-1.html</link><description>&lt;p onclick=x&gt;Chữ &lt;script&gt;x&lt;/script&gt;&lt;/p&gt;</description>\
        <pubDate>9/5/2026 1:30:00 PM</pubDate><enclosure url=\"/a.png\" length=\"0\" type=\"image/jpeg\"/></item></channel></rss>";
    let (exit, printed) = lines(&["inspect", "--format", "json", "-", "--base-url", "https://bao.example/rss"], feed);
    assert_eq!((exit, printed.len()), (0, 1));
    let object = &printed[0];
    assert_eq!(
        keys(object),
        ["encoding", "encoding_source", "entries", "error", "feed", "format", "ok", "repaired", "schema"]
    );
    assert_eq!(
        (&object["schema"], &object["format"], &object["encoding"], &object["encoding_source"]),
        (&json!("inspect/1"), &json!("rss2.0"), &json!("utf-8"), &json!("guess"))
    );
    assert_eq!(object["feed"]["title"], "Báo & bạn");
    assert_eq!((&object["feed"]["ttl"], &object["feed"]["subtitle"]), (&json!(50), &Value::Null));
    let entry = &object["entries"][0];
    assert_eq!(
        keys(entry),
        [
            "authors",
            "comments",
            "content",
            "enclosures",
            "id",
            "id_source",
            "image",
            "language",
            "link",
            "published",
            "published_raw",
            "summary",
            "tags",
            "title",
            "updated",
            "updated_raw"
        ]
    );
    assert_eq!((&entry["id"], &entry["id_source"]), (&json!("https://bao.example/bai-1.html"), &json!("link")));
    assert_eq!((&entry["title"], &entry["summary"]), (&json!("mã Một"), &json!("<p>Chữ </p>")));
    assert_eq!(
        (&entry["published"], &entry["published_raw"]),
        (&json!("2026-09-05T06:30:00Z"), &json!("9/5/2026 1:30:00 PM"))
    );
    assert_eq!(entry["image"], "https://bao.example/a.png");
    let (_, raw) = lines(&["inspect", "--format", "json", "-", "--raw"], feed);
    assert!(raw[0]["entries"][0]["summary"].as_str().unwrap().contains("onclick"));
}

#[test]
fn inspect_ends_with_the_code_of_what_it_found() {
    let cases = [
        ("<html><body>trang</body></html>", 4, "html-page"),
        ("", 4, "empty"),
        ("xin chào", 4, "not-a-feed"),
        ("<rss version=\"2.0\"><chan", 5, "unrecoverable"),
    ];
    for (input, expected, code) in cases {
        let (exit, printed) = lines(&["inspect", "--format", "json", "-"], input);
        assert_eq!((exit, &printed[0]["ok"], &printed[0]["error"]["code"]), (expected, &json!(false), &json!(code)));
        assert_eq!((&printed[0]["entries"], &printed[0]["feed"]), (&json!([]), &Value::Null));
    }
    let missing = program().args(["inspect", "/khong/co"]).output().unwrap();
    assert_eq!((missing.status.code(), missing.stdout.len()), (Some(3), 0));
    let address = program().args(["inspect", "baomau.vn/rss"]).output().unwrap();
    assert!(String::from_utf8_lossy(&address.stderr).contains("thiếu https:// ở đầu?"), "{address:?}");
    assert_eq!(program().arg("khong-co").output().unwrap().status.code(), Some(2));
    assert_eq!(program().arg("--help").output().unwrap().status.code(), Some(0));
}

#[test]
fn inspect_reads_a_list_of_files() {
    let workspace = Workspace::new();
    workspace.write("a.xml", rss(&[Item::new("a", "Một")]));
    workspace.write("b.html", "<html></html>");
    workspace.write("list", "a.xml\thttps://bao.example/\ttext/xml\nb.html\t\t\nc.xml\n");
    let output = workspace.run("inspect", &["--format", "jsonl", "--batch", "list", "--root", "."]);
    let rows: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let seen: Vec<(&Value, &Value)> = rows.iter().map(|r| (&r["path"], &r["exit"])).collect();
    assert_eq!(seen, [(&json!("a.xml"), &json!(0)), (&json!("b.html"), &json!(4)), (&json!("c.xml"), &json!(3))]);
}

#[test]
fn extract_finds_the_article_on_a_page() {
    let body =
        "Sáng nay, hội nghị biểu dương các tập thể có cách làm hay, được nhân dân đồng tình, ủng hộ và học theo. "
            .repeat(12);
    let page = format!(
        "<!DOCTYPE html><html lang=\"vi\"><head><title>Gương sáng</title><link rel=\"canonical\" href=\"/bai-1.html\">\
         <meta property=\"article:published_time\" content=\"2026-11-23T08:00:00+0700\"></head><body><nav><a href=/x>Trang chủ</a></nav>\
         <article><h1>Gương sáng</h1><p>{body}</p><p>{body}</p></article><footer>Liên kết website</footer></body></html>"
    );
    let (exit, printed) = lines(&["extract", "--format", "json", "-", "--url", "https://bao.example/x"], &page);
    let object = &printed[0];
    assert_eq!((exit, &object["schema"], &object["title"]), (0, &json!("extract/1"), &json!("Gương sáng")));
    assert_eq!(
        (&object["canonical"], &object["published"]),
        (&json!("https://bao.example/bai-1.html"), &json!("2026-11-23T01:00:00Z"))
    );
    let text = object["text"].as_str().unwrap();
    assert!(text.contains("hội nghị biểu dương") && !text.contains("Trang chủ"), "{text}");
}

#[test]
fn classify_works_without_a_configuration_and_says_why() {
    let input = concat!(
        "{\"id\":\"1\",\"title\":\"Học tập và làm theo tư tưởng, đạo đức, phong cách Hồ Chí Minh\"}\n",
        "{\"id\":\"2\",\"title\":\"Thành phố Hồ Chí Minh mở tuyến xe buýt\",\"summary\":null}\n",
        "\n{\"id\":\"3\"}\n",
    );
    let topic = "hoc-tap-va-lam-theo-bac";
    let (exit, printed) = lines(&["classify", "--topic", topic], input);
    assert_eq!(exit, 0);
    let matched: Vec<(&Value, &Value)> = printed.iter().map(|o| (&o["id"], &o["topics"][0]["matched"])).collect();
    assert_eq!(matched, [(&json!("1"), &json!(true)), (&json!("2"), &json!(false)), (&json!("3"), &json!(false))]);
    let reason = &printed[0]["topics"][0]["reasons"][0];
    assert_eq!(keys(reason), ["field", "rule", "text", "weight"]);
    assert_eq!(reason["text"], "Học tập và làm theo tư tưởng, đạo đức, phong cách Hồ Chí Minh");
    assert_eq!(lines(&["classify", "--topic", "hoc-bac"], "").0, 2);
    assert_eq!(lines(&["classify"], "không phải JSON\n").0, 2);
    assert_eq!(lines(&["classify"], "{\"title\": \"không có id\"}\n").0, 2);
}

#[test]
fn cluster_gives_each_item_its_story() {
    let lead = "Sáng 23/11, tại xã Đồng Xanh, hội nghị sơ kết một năm thực hiện mô hình dân vận khéo biểu dương mười hai tập thể và hai \
        mươi cá nhân có cách làm hay, sát thực tế, được nhân dân đồng tình ủng hộ.";
    let item = |id: &str, source: &str, url: &str, summary: &str| json!({ "id": id, "title": "Hội nghị", "summary": summary, "url": url, "source": source, "published": "2026-11-23T08:00:00+07:00" });
    let input: String = [
        item("1", "a", "https://a.example/1", lead),
        item("2", "b", "https://b.example/2", lead),
        item("3", "c", "https://c.example/3", &lead.replace("Đồng Xanh", "Đồng Vàng")),
        item("4", "d", "https://a.example/1?utm_source=zalo", "khác"),
    ]
    .iter()
    .map(|i| format!("{i}\n"))
    .collect();
    let (exit, printed) = lines(&["cluster"], &input);
    assert_eq!(exit, 0);
    assert_eq!(printed[0]["story"], printed[1]["story"]);
    assert_eq!(printed[0]["story"], printed[3]["story"]);
    assert_ne!(printed[0]["story"], printed[2]["story"]);
    assert_eq!((&printed[0]["lead"], &printed[0]["because"]), (&json!(true), &Value::Null));
    assert_eq!(printed[1]["because"], json!({ "kind": "text", "similarity": 1.0, "with": "1" }));
    assert_eq!(printed[3]["because"]["kind"], "link");
}

#[test]
fn explain_shows_the_whole_decision_of_a_page() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    let body = "Chuyện kể về một người làm theo Bác từ những việc nhỏ nhất trong đời sống hằng ngày ở xóm núi xa xôi. "
        .repeat(10);
    let page = format!(
        "<!DOCTYPE html><html><head><title>Người học Bác</title></head><body><article><h1>Người học Bác</h1><p>{body}</p></article></body></html>"
    );
    origin.script("/bai", [Answer::ok(page).header("Content-Type", "text/html; charset=utf-8")]);
    workspace.sources(&origin, &[("mot", "/rss", "")]);
    let output = workspace.run("explain", &["--format", "json", &origin.url("/bai")]);
    let explained: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &explained["kind"]), (Some(0), &json!("article")));
    let topic = &explained["items"][0]["topics"][0];
    assert_eq!((&topic["topic"], &topic["matched"]), (&json!("hoc-bac"), &json!(true)), "{explained}");
    let text = String::from_utf8(workspace.run("explain", &[&origin.url("/bai")]).stdout).unwrap();
    assert!(text.contains("✓ thuộc \"hoc-bac\"") && text.contains("Sự việc mới"), "{text}");
    assert!(text.contains("chưa có dữ liệu đã lưu để so"), "{text}");
    assert!(!workspace.path().join("state").exists(), "nothing is written");
    // A database that is there and cannot be read is not one that is not there. (Permissions do not stop root.)
    workspace.poll_one();
    workspace.write("state/dongtin.db", "x".repeat(9000));
    let text = String::from_utf8(workspace.run("explain", &[&origin.url("/bai")]).stdout).unwrap();
    assert!(text.contains("không so được với dữ liệu đã lưu") && text.contains("✓ thuộc"), "{text}");
}

#[test]
fn check_prints_every_mistake_with_its_place_and_ends_with_78() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/rss", ""), ("hai", "/hai", "enabled = false")]);
    let output = workspace.run("check", &["--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "a warning is not a refusal");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["folder"], workspace.path().join("config").to_str().unwrap());
    assert_eq!(
        ["enabled", "disabled", "topics", "errors", "warnings"].map(|key| report[key].as_u64().unwrap()),
        [1, 1, 1, 0, 1],
        "{report}"
    );
    let here = program().current_dir(workspace.path()).arg("check").output().unwrap();
    let said = String::from_utf8(here.stdout).unwrap();
    assert!(said.contains(&format!("Cấu hình {}/config dùng được: 1 nguồn", workspace.path().display())), "{said}");
    workspace.sources(&origin, &[("mot", "/rss", "urll = \"x\""), ("mot", "/rss", "province = \"ha-noii\"")]);
    let output = workspace.run("check", &[]);
    assert_eq!(output.status.code(), Some(78));
    let text = String::from_utf8(output.stdout).unwrap();
    for part in ["thu.toml:6:1: ", "Ý bạn là \"url\"?", "Ý bạn là \"ha-noi\"?", "đã có trong"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let output = workspace.run("check", &["--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let fatal = report["mistakes"].as_array().unwrap().iter().filter(|m| m["fatal"] == true).count();
    assert_eq!((&report["ok"], fatal, &report["topics"]), (&json!(false), 3, &Value::Null), "{report}");
    for command in ["run", "poll"] {
        assert_eq!(workspace.run(command, &[]).status.code(), Some(78), "{command}");
    }
}

#[test]
fn the_sample_address_is_warned_of_and_never_becomes_the_name_of_the_ids() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/rss", "")]);
    let settings = std::fs::read_to_string(workspace.path().join("config/dongtin.toml")).unwrap();
    workspace.write("config/dongtin.toml", settings.replace("tin.hamau.vn", "tin.example.vn"));
    assert_eq!(workspace.run("check", &[]).status.code(), Some(0));
    let output = workspace.run("run", &[]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(78), "{said}");
    assert!(said.contains("hãy sửa dòng base_url = \"http://tin.example.vn/\" trong"), "{said}");
    assert!(!workspace.path().join("state").exists(), "nothing is made yet");
}

#[test]
fn demo_needs_nothing_serves_at_once_and_leaves_nothing_behind() {
    let temporary = tempfile::tempdir().unwrap();
    let mut child = program()
        .args(["demo", "--listen", "127.0.0.1:0", "--pace", "1"])
        .env("TMPDIR", temporary.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
    let home = out.by_ref().map(Result::unwrap).find(|l| l.starts_with("http://")).unwrap();
    let address = home.trim_start_matches("http://").trim_end_matches('/').parse().unwrap();
    let feed = "/hoc-tap-va-lam-theo-bac/feed.json";
    let count = || {
        let feed: Value = serde_json::from_slice(&get(address, feed, &[]).body).unwrap();
        feed["items"].as_array().map_or(0, Vec::len)
    };
    let before = eventually("the archive is published", || Some(count()).filter(|&n| n > 10));
    eventually("something new comes in", || Some(count()).filter(|&n| n > before));
    let reply = get(address, "/all/feed.json", &[]);
    let all: Value = serde_json::from_slice(&reply.body).unwrap();
    let carried_by_several = |i: &Value| i["_dongtin"]["carriers"].as_array().is_some_and(|c| c.len() > 1);
    assert!(all["items"].as_array().unwrap().iter().any(carried_by_several), "wire stories are one");
    assert!(Command::new("kill").arg("-INT").arg(child.id().to_string()).status().unwrap().success());
    assert!(child.wait().unwrap().success());
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0);
}

#[test]
fn search_finds_what_was_polled_with_and_without_marks() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/rss", "")]);
    let found = |args: &[&str]| {
        let output = workspace.run("search", args);
        let titles: Vec<Value> = String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .map(|l| serde_json::from_str::<Value>(l).unwrap()["title"].clone())
            .collect();
        (output.status.code(), titles)
    };
    assert_eq!(found(&["--format", "jsonl", "học"]).0, Some(1), "nothing is stored yet");
    origin.script("/rss", [Answer::ok(rss(&[Item::new("a", "Tuổi trẻ học Bác"), Item::new("b", "Bác sĩ học trẻ")]))]);
    workspace.poll_one();
    assert_eq!(
        found(&["--format", "jsonl", "học bác"]),
        (Some(0), vec![json!("Tuổi trẻ học Bác")]),
        "one argument is a phrase"
    );
    let (exit, both) = found(&["--format", "jsonl", "hoc", "bac"]);
    assert_eq!((exit, both.len()), (Some(0), 2));
    assert_eq!(found(&["--format", "jsonl", "hóc"]), (Some(1), vec![]));
}
