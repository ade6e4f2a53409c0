//! `topics/*.toml`: one topic a file.

use std::collections::BTreeMap;

use super::File;
use super::doubts;
use super::learned::{self, Wanted};
use super::mistake::{Mistake, Report};
use super::phrases::Phrasebook;
use super::reader::{At, Fields};
use super::sources::is_slug;
use crate::classify::phrase::Groups;
use crate::model::{Field, Rule, Topic};

/// First parts of our own addresses: a topic of that name could not be reached.
const RESERVED: [&str; 10] =
    ["all", "archive", "assets", "hub", "search", "sources", "story", "robots", "sitemap", "websub"];

/// A topic and where its id stands.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The topic.
    pub topic: Topic,
    /// The file.
    pub file: String,
    /// Where its id stands.
    pub id_at: At<()>,
    /// Where each of its former ids stands.
    pub was_at: Vec<At<String>>,
    /// What it learned.
    pub learned: Option<Wanted>,
}

/// How many syllables may stand between the parts of a phrase, unless a rule says otherwise.
const WITHIN: usize = 8;

/// Reads one file. One that only has `[groups]` is no topic.
pub fn read(root: &Fields<'_>, file: &str, groups: &Groups, report: &Report<'_>) -> Option<Listed> {
    let book = Phrasebook::new(groups, report);
    if root.has("groups") {
        book.check_groups(root);
        if !root.has("id") && !root.has("rule") {
            return None;
        }
    }
    let id = root.required("id").filter(|text| is_slug(text, report) && is_free(text, report));
    let was = root.texts("was").into_iter().filter(|text| is_slug(text, report) && is_free(text, report));
    let was_at: Vec<_> = was.map(|At { value, span }| At { value: value.to_owned(), span }).collect();
    let name = root.required("name");
    let name_en = root.text("name_en");
    let description = root.text("description");
    let threshold = root.number("threshold", 0.1..1000.0).unwrap_or(10.0);
    let limit = root.count("limit", 10..1000).unwrap_or(100);
    let hide = book.whole(root, "hide").concat();
    let learned = if root.has("learned") { learned::read(root) } else { None };
    let tables = root.tables("rule", "[[rule]]");
    let spans: Vec<_> = tables.iter().map(Fields::span).collect();
    let rules: Vec<Option<Rule>> = tables.into_iter().map(|fields| read_rule(fields, &book, report)).collect();
    let (id, name) = (id?, name?);
    let spans =
        spans.into_iter().zip(&rules).filter(|(_, rule)| rule.is_some()).map(|(span, _)| span).collect::<Vec<_>>();
    let topic = Topic {
        id: id.value.to_owned(),
        was: was_at.iter().map(|was| was.value.clone()).collect(),
        name: name.value.to_owned(),
        name_en: name_en.map_or(name.value, |n| n.value).to_owned(),
        description: description.map_or("", |d| d.value).to_owned(),
        threshold,
        hide,
        rules: rules.into_iter().flatten().collect(),
        limit,
    };
    // A rule that could not be read may be the one.
    if report.is_clean() {
        doubts::report(&topic, root, &spans, report);
    }
    Some(Listed { topic, file: file.to_owned(), id_at: At { value: (), span: id.span }, was_at, learned })
}

fn read_rule(fields: Fields<'_>, book: &Phrasebook<'_>, report: &Report<'_>) -> Option<Rule> {
    let name = fields.required("name");
    let weight = fields.number("weight", -1000.0..1000.0);
    if !fields.has("weight") {
        report.mistake(
            &fields.span(),
            "[[rule]] thiếu \"weight\": điểm cộng khi gặp một trong các cụm từ (điểm âm để trừ).",
            "[[rule]] lacks \"weight\": what one of its phrases adds to the score (negative to subtract).",
        );
    }
    let phrases = book.list(&fields, "phrases");
    // One that cannot be read has been reported.
    if phrases.is_empty() && fields.texts("phrases").is_empty() {
        report.mistake(
            &fields.span(),
            "[[rule]] phải có ít nhất một cụm từ trong \"phrases\".",
            "[[rule]] needs at least one phrase in \"phrases\".",
        );
    }
    let proper = fields.boolean("proper").unwrap_or(false);
    let (all, none) = (book.whole(&fields, "all"), book.whole(&fields, "none").concat());
    let within = fields.count("within", 0..50).unwrap_or(WITHIN);
    let known: Vec<&str> = Field::SEARCHED.iter().map(|f| f.as_str()).collect();
    let mut in_fields = Vec::new();
    for text in fields.texts("in") {
        match Field::parse(text.value).filter(|f| Field::SEARCHED.contains(f)) {
            Some(field) => in_fields.push(field),
            None => fields.unknown_word("in", &text, &known),
        }
    }
    if fields.has("in") && fields.texts("in").is_empty() {
        report.mistake(
            &fields.span_of("in"),
            "\"in\" trống thì không tìm ở đâu cả; hãy bỏ dòng này (tìm khắp nơi) hoặc ghi rõ nơi tìm.",
            "An empty \"in\" looks nowhere; delete the line (to look everywhere), or say where to look.",
        );
    }
    if in_fields.is_empty() {
        in_fields = Field::TEXT.to_vec();
    }
    fields.finish();
    let (name, weight) = (name?.value.to_owned(), weight?);
    Some(Rule { name, weight, phrases, all, none, within, proper, fields: in_fields })
}

/// An old id that leads to two topics, or to another than the one that has it, leads nowhere.
pub fn check_former_ids(topics: &[Listed], files: &[File], mistakes: &mut Vec<Mistake>) {
    let mut known: BTreeMap<&str, &str> = topics.iter().map(|t| (t.topic.id.as_str(), t.file.as_str())).collect();
    for listed in topics {
        let Some(file) = files.iter().find(|file| file.name == listed.file) else { continue };
        let report = Report::new(&file.name, &file.text);
        for was in &listed.was_at {
            if let Some(first) = known.insert(&was.value, &listed.file) {
                report.mistake(
                    &was.span,
                    format!("\"{}\" trong \"was\" đã là tên của một chủ đề trong {first}; mỗi tên cũ chỉ dẫn đến một nơi.", was.value),
                    format!("\"{}\" in \"was\" is a topic's id, or former id, in {first} already; an old id leads to one place.", was.value),
                );
            }
        }
        mistakes.extend(report.into_mistakes());
    }
}

fn is_free(text: &At<&str>, report: &Report<'_>) -> bool {
    let free = !RESERVED.contains(&text.value);
    if !free {
        report.mistake(
            &text.span,
            format!("\"{}\" là địa chỉ riêng của chương trình, hãy chọn id khác cho chủ đề.", text.value),
            format!("\"{}\" is one of our own addresses; choose another id for the topic.", text.value),
        );
    }
    free
}
