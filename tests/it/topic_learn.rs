//! What labelled items teach, as a person at the prompt sees it.

use std::fs;
use std::io::Write as _;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use super::support::{Answer, Item, Origin, Workspace, rss};

/// A newsroom whose topic knows one phrase of two.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.write(
        "config/topics/hoc-bac.toml",
        "id = \"hoc-bac\"\nname = \"Học Bác\"\nthreshold = 10\n[[rule]]\nname = \"học Bác\"\nweight = 6\nphrases = [\"học Bác\"]\n\
         [[rule]]\nname = \"gương\"\nweight = 4\nphrases = [\"gương sáng\"]\n",
    );
    workspace
}

fn labelled(id: usize, title: &str, summary: &str, body: &str, label: &str) -> String {
    let object = json!({ "id": id.to_string(), "title": title, "summary": summary, "body": body, "label": label });
    format!("{object}\n")
}

/// Eighty items: the topic's own, of which a third say so by a bowl of rice only, and others, of which some are medals.
fn labels() -> String {
    (0..80)
        .map(|i| match i % 8 {
            0 | 1 => labelled(i, &format!("Thôn {i} học Bác"), "Bà con chăm làm.", "", "yes"),
            2 => labelled(i, &format!("Gương sáng thôn {i}"), &format!("Nhà {i} góp hũ gạo tình thương."), "", "yes"),
            3 => labelled(i, &format!("Xã {i} học Bác"), "Huân chương lao động hạng nhất.", "", "no"),
            4 => labelled(i, &format!("Tin {i}"), "Chưa rõ.", "", "unsure"),
            _ => labelled(i, &format!("Xã {i} họp"), "Gương sáng phố phường. Giá gạo tăng.", "Trời đẹp.", "no"),
        })
        .collect()
}

fn topic(workspace: &Workspace, args: &[&str]) -> Output {
    workspace.run("topic", args)
}

fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

fn text_of(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn eval_gives_the_figures_of_three_views_and_every_error_with_its_reasons() {
    let workspace = workspace();
    workspace.write("labels.jsonl", labels());
    let output = topic(&workspace, &["eval", "labels.jsonl", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let object = json_of(&output);
    assert_eq!((&object["schema"], &object["topic"]), (&json!("topic-eval/1"), &json!("hoc-bac")));
    assert_eq!(object["items"], json!({ "yes": 30, "no": 40, "unsure": 10, "other_topics": 0 }));
    let views: Vec<(&str, u64, u64, u64)> = object["views"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| {
            (
                v["view"].as_str().unwrap(),
                v["right"].as_u64().unwrap(),
                v["wrong"].as_u64().unwrap(),
                v["missed"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(views, [("headline", 20, 10, 10), ("teaser", 20, 10, 10), ("everything", 20, 10, 10)]);
    let errors = object["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 60);
    let missed = errors.iter().find(|e| e["view"] == "everything" && e["error"] == "missed").unwrap();
    assert_eq!((&missed["score"], &missed["threshold"]), (&json!(8.0), &json!(10.0)));
    assert_eq!(missed["reasons"][0], json!({ "rule": "gương", "text": "Gương sáng", "field": "title", "weight": 8.0 }));

    let text = text_of(&topic(&workspace, &["eval", "labels.jsonl"]));
    for expected in ["0.667", "Sai (vào chủ đề mà không phải) · Wrong: 10", "Missed: 10", "còn thiếu 2 điểm · 2 short"]
    {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(text.lines().all(|l| l.chars().count() <= 100), "{text}");
}

#[test]
fn a_line_that_is_wrong_is_named_and_nothing_is_counted() {
    let workspace = workspace();
    let good = labelled(1, "Học Bác", "", "", "yes");
    let cases = [
        (format!("{good}{good}"), "labels.jsonl:2: "),
        (format!("{good}{{\"id\":\"2\",\"label\":\"có\"}}\n"), "labels.jsonl:2: "),
        (format!("{good}\n{{\"id\":\"2\""), "labels.jsonl:3: "),
    ];
    for (text, place) in cases {
        workspace.write("labels.jsonl", &text);
        let output = topic(&workspace, &["eval", "labels.jsonl"]);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{text}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(place), "{output:?}");
    }
    let output = topic(&workspace, &["eval", "labels.jsonl", "--topic", "hoc-ba"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("hoc-bac"), "a hint: {output:?}");
    workspace.write("labels.jsonl", good);
    assert_eq!(
        topic(&workspace, &["train", "labels.jsonl", "--out", "w.tsv"]).status.code(),
        Some(2),
        "one class only"
    );
}

#[test]
fn suggest_finds_the_planted_phrases_and_tells_their_effect_truly() {
    let workspace = workspace();
    workspace.write("labels.jsonl", labels());
    let object = json_of(&topic(&workspace, &["suggest", "labels.jsonl", "--format", "json"]));
    let proposals = object["proposals"].as_array().unwrap();
    let find = |phrase: &str| proposals.iter().find(|p| p["phrase"].as_str().unwrap().contains(phrase)).unwrap();
    let rice = find("gạo tình thương");
    assert_eq!((&rice["change"], &rice["yes"], &rice["no"]), (&json!("rule"), &json!(10), &json!(0)));
    assert_eq!(rice["fields"], json!({ "title": 0, "teaser": 10, "body": 0 }));
    let medal = find("Huân chương");
    assert!(medal["weight"].as_f64().unwrap() < 0.0 && medal["after"]["wrong"] == 0, "{medal}");
    let before = object["before"]["f1"].as_f64().unwrap();
    assert!(proposals.iter().all(|p| p["after"]["f1"].as_f64().unwrap() > before), "{proposals:?}");

    // What was promised holds once the rule is there.
    let file = "config/topics/hoc-bac.toml";
    let rules = fs::read_to_string(workspace.path().join(file)).unwrap();
    let (phrase, weight) = (rice["phrase"].as_str().unwrap(), &rice["weight"]);
    workspace.write(file, format!("{rules}[[rule]]\nname = \"gạo\"\nweight = {weight}\nphrases = [\"{phrase}\"]\n"));
    let measured = json_of(&topic(&workspace, &["eval", "labels.jsonl", "--format", "json"]));
    for count in ["right", "wrong", "missed", "rest"] {
        assert_eq!(measured["views"][2][count], rice["after"][count], "{count}");
    }
}

#[test]
fn train_writes_weights_only_where_they_help_on_unseen_items() {
    let workspace = workspace();
    workspace.write("labels.jsonl", labels());
    let train = |out| topic(&workspace, &["train", "labels.jsonl", "--out", out, "--format", "json"]);
    let output = train("w.tsv");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let everything = &json_of(&output)["views"][2];
    assert!(everything["with"]["f1"].as_f64() > everything["rules"]["f1"].as_f64(), "{everything}");
    let weights = fs::read_to_string(workspace.path().join("w.tsv")).unwrap();
    assert!(weights.starts_with("# ") && weights.contains("\nbias\t") && weights.contains("\topening\t"), "{weights}");
    train("again.tsv");
    assert_eq!(
        weights,
        fs::read_to_string(workspace.path().join("again.tsv")).unwrap(),
        "the same labels, the same bytes"
    );

    // Rules that decide everything rightly leave nothing to learn.
    let perfect: String =
        labels().lines().filter(|l| l.contains("họp") || l.contains("Bà con")).map(|l| format!("{l}\n")).collect();
    workspace.write("labels.jsonl", perfect);
    let output = topic(&workspace, &["train", "labels.jsonl", "--out", "none.tsv"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text_of(&output).contains("none.tsv was not written"), "{output:?}");
    assert!(!workspace.path().join("none.tsv").exists());
}

#[test]
fn a_topic_that_names_its_weights_goes_by_them_and_says_so() {
    let workspace = workspace();
    workspace.write("labels.jsonl", labels());
    let weights = "config/topics/hoc-bac.tsv";
    assert_eq!(topic(&workspace, &["train", "labels.jsonl", "--out", weights]).status.code(), Some(0));
    let check = || text_of(&workspace.run("check", &[]));
    let eval = || json_of(&topic(&workspace, &["eval", "labels.jsonl", "--format", "json"]))["views"][2].clone();
    let before = eval();
    assert_eq!(before["rules_alone"], Value::Null, "off unless the topic's file says so");

    let file = "config/topics/hoc-bac.toml";
    let rules = fs::read_to_string(workspace.path().join(file)).unwrap();
    workspace.write(file, format!("{rules}[learned]\nfile = \"hoc-bac.tsv\"\n"));
    let after = eval();
    assert_eq!(after["rules_alone"]["f1"], before["f1"]);
    assert!(after["f1"].as_f64() > before["f1"].as_f64(), "{after}");
    assert!(text_of(&topic(&workspace, &["eval", "labels.jsonl"])).contains("rules alone"));
    let explained = told(&workspace, "classify", &[], labels().lines().nth(2).unwrap());
    assert!(text_of(&explained).contains("mô hình đã học"), "{explained:?}");

    workspace.write(weights, "bias\t0\nx\ttitle\thọc\n");
    assert!(check().contains("hoc-bac.tsv:2:1"), "{}", check());
    workspace.write(file, format!("{rules}[learned]\nfile = \"hoc-bac2.tsv\"\n"));
    assert!(check().contains("hoc-bac.toml:13:8: Không có tập tin \"hoc-bac2.tsv\""), "{}", check());
}

/// Answers of a person, one a line.
fn label(workspace: &Workspace, args: &[&str], answers: &str) -> Output {
    told(workspace, "topic", &[&["label", "labels.jsonl"], args].concat(), answers)
}

/// Runs a command that reads this.
fn told(workspace: &Workspace, command: &str, args: &[&str], input: &str) -> Output {
    let mut command = workspace.command(command);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn written(workspace: &Workspace) -> Vec<(String, String)> {
    let text = fs::read_to_string(workspace.path().join("labels.jsonl")).unwrap();
    let lines = text.lines().map(|l| serde_json::from_str::<Value>(l).unwrap());
    lines.map(|l| (l["id"].as_str().unwrap().to_owned(), l["label"].as_str().unwrap().to_owned())).collect()
}

#[test]
fn label_asks_the_doubtful_first_takes_back_skips_and_goes_on_where_it_ended() {
    let workspace = workspace();
    let item = |id: &str, title: &str, body: &str| format!("{}\n", json!({ "id": id, "title": title, "body": body }));
    workspace.write(
        "items.jsonl",
        [
            item("sure", "Học Bác, gương sáng học Bác", ""),
            item("near", "Gương sáng", "Nhà ông Ba là gương sáng từ lâu."),
            item("none", "Mưa lớn", "Trời\u{1b}[31m mưa."),
            item("copy", "GƯƠNG SÁNG", "Chép lại."),
        ]
        .concat(),
    );
    let output = label(&workspace, &["--from", "items.jsonl"], "x\nc\nl\nk\nb\n");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = text_of(&output);
    assert!(text.contains("── 1/3 ──") && text.contains("«gương sáng»") && !text.contains('\u{1b}'), "{text}");
    assert_eq!(written(&workspace), [("near".to_owned(), "no".to_owned())], "taken back, said again, and one skipped");

    // A session that was cut off within a line.
    let path = workspace.path().join("labels.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{whole}{{\"id\":\"sure\",\"tit")).unwrap();
    let output = label(&workspace, &["--from", "items.jsonl"], "?\nc\n");
    assert!(String::from_utf8_lossy(&output.stderr).contains("half written"), "{output:?}");
    let labels: Vec<String> = written(&workspace).into_iter().map(|(_, label)| label).collect();
    assert_eq!(labels, ["no", "unsure", "yes"]);
    assert_eq!(label(&workspace, &["--from", "items.jsonl"], "c\n").status.code(), Some(1), "nothing is left");
    let evaluated = json_of(&topic(&workspace, &["eval", "labels.jsonl", "--format", "json"]));
    assert_eq!(evaluated["items"]["unsure"], 1, "what was written is read");
}

#[test]
fn label_asks_about_what_is_stored() {
    let workspace = workspace();
    let origin = Origin::start();
    workspace.sources(&origin, &[("bao-mau", "/rss", "")]);
    let items = [Item::new("a", "Xã Mẫu học Bác"), Item::new("b", "Gương sáng"), Item::new("c", "Xã Mẫu học Bác")];
    origin.script("/rss", [Answer::ok(rss(&items))]);
    let nothing = label(&workspace, &[], "c\n");
    assert_eq!(nothing.status.code(), Some(1), "{nothing:?}");
    workspace.poll_one();
    let output = label(&workspace, &[], "k\nc\nc\n");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(written(&workspace).len(), 2, "one headline is asked about once: {output:?}");
    let line = fs::read_to_string(workspace.path().join("labels.jsonl")).unwrap();
    let first: Value = serde_json::from_str(line.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["source"], &first["topic"], &first["title"]),
        (&json!("bao-mau"), &json!("hoc-bac"), &json!("Gương sáng"))
    );
    assert_eq!(first["id"], first["url"]);
}
