//! JSON Feed, read by feed-rs; what it is stricter about than writers are (numbers for ids, no title, other versions) is set
//! right before, and what it has no place for (pictures, hubs, the next page) is read beside it.
//!
//! feed-rs keeps no date as it was written, so our timestamp parser files the raw text and hands back its number as a
//! time; our id generator gives nothing, because its own would give a fresh random id on each parse.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use feed_rs::model as raw;
use feed_rs::parser::Builder;
use serde_json::{Map, Value, json};

use super::draft::{self, Draft};
use super::reader::Read;
use super::repair::{Repair, Repairs};
use super::{Context, Enclosure, Format, MAX_ENTRIES, ParseError, Person};
use crate::link;

/// Reads a document that begins with a brace.
pub fn read(document: &str, context: &Context<'_>) -> Result<Read, ParseError> {
    let mut repairs = Repairs::default();
    let mut value = value(document, &mut repairs)?;
    if !is_feed(&value) {
        return Err(ParseError::NotAFeed("JSON of another kind"));
    }
    coerce(&mut value, &mut repairs);
    let (parsed, dates) = through_feed_rs(&value.to_string()).map_err(ParseError::Unrecoverable)?;
    let items = value.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let language = text(&value, "language");
    let entries = parsed.entries.iter().zip(items).map(|(entry, item)| {
        let mut draft = entry_draft(entry, item, &dates, context);
        draft.language = text(item, "language").or_else(|| language.clone());
        draft.entry(context.base, context)
    });
    Ok(Read {
        format: Format::Json1,
        repairs,
        entries: entries.collect(),
        feed: feed_draft(&parsed, &value, context).feed(context),
    })
}

/// The document as a value: the first, if more follow; up to its last whole item, if it was cut.
fn value(document: &str, repairs: &mut Repairs) -> Result<Value, ParseError> {
    let first = |text: &str| serde_json::Deserializer::from_str(text).into_iter::<Value>().next();
    // A value takes many times its text, so what would be dropped anyway is not read.
    if memchr::memchr_iter(b'{', document.as_bytes()).take(MAX_OBJECTS + 1).count() > MAX_OBJECTS
        && let Some(Ok(value)) = whole_items(document).as_deref().and_then(first)
    {
        repairs.note(Repair::TooLong);
        return Ok(value);
    }
    let refusal = match first(document) {
        Some(Ok(value)) => return Ok(value),
        Some(Err(refusal)) => refusal.to_string(),
        None => return Err(ParseError::Empty),
    };
    // Line ends inside strings are forbidden, and outside they are spaces.
    let mended = without_lone_surrogates(&document.replace(['\n', '\r', '\t'], " "));
    if let Some(Ok(value)) = first(&mended) {
        repairs.note(Repair::IllegalCharacters);
        return Ok(value);
    }
    if let Some(value) = whole_items(&mended).and_then(|m| serde_json::from_str(&m).ok()) {
        repairs.note(Repair::Truncated);
        return Ok(value);
    }
    if document.contains("jsonfeed") {
        Err(ParseError::Unrecoverable(refusal))
    } else {
        Err(ParseError::NotAFeed("neither XML nor JSON"))
    }
}

/// More objects than the most entries with an author and a few attachments each have.
const MAX_OBJECTS: usize = 5 * MAX_ENTRIES;

fn is_feed(value: &Value) -> bool {
    value.get("items").is_some_and(Value::is_array)
        || value.get("version").and_then(Value::as_str).is_some_and(|v| v.contains("jsonfeed"))
}

/// A document up to its last whole item, or to the last that is read at all.
fn whole_items(document: &str) -> Option<String> {
    let mut open: Vec<u8> = Vec::new();
    let (mut in_string, mut escaped) = (false, false);
    let (mut last, mut items) = (None, 0);
    for (at, byte) in document.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' if open.len() > 128 => return None,
            b'{' | b'[' => open.push(byte),
            b'}' | b']' => {
                open.pop();
                if byte == b'}' && open == *b"{[" {
                    last = Some(at);
                    items += 1;
                    if items == MAX_ENTRIES {
                        break;
                    }
                }
            }
            _ => {}
        }
    }
    Some(format!("{}]}}", document.get(..=last?)?))
}

/// `\ud800` without its other half stands for nothing.
fn without_lone_surrogates(document: &str) -> String {
    let mut out = String::with_capacity(document.len());
    let mut pieces = document.split("\\u").peekable();
    out.push_str(pieces.next().unwrap_or_default());
    let unit = |piece: &str| piece.get(..4).and_then(|h| u16::from_str_radix(h, 16).ok());
    let mut after_high = false;
    while let Some(piece) = pieces.next() {
        let half = unit(piece).filter(|u| (0xd800..0xe000).contains(u));
        let next = pieces.peek().and_then(|p| unit(p));
        let is_high = half.is_some_and(|u| u < 0xdc00);
        let is_paired = match half {
            None => true,
            Some(_) if is_high => piece.len() == 4 && next.is_some_and(|n| (0xdc00..0xe000).contains(&n)),
            Some(_) => after_high,
        };
        after_high = is_high && is_paired;
        out.push_str("\\u");
        out.push_str(if is_paired { piece.get(..4).unwrap_or(piece) } else { "fffd" });
        out.push_str(piece.get(4..).unwrap_or_default());
    }
    out
}

/// Gives every member the type that JSON Feed gives it.
fn coerce(feed: &mut Value, repairs: &mut Repairs) {
    const TEXTS: [&str; 7] = ["home_page_url", "feed_url", "language", "description", "icon", "favicon", "next_url"];
    let Some(feed) = feed.as_object_mut() else { return };
    let version = feed.get("version").and_then(Value::as_str).unwrap_or_default();
    if !version.starts_with("https://jsonfeed.org/version/1") {
        repairs.note(Repair::JsonShape);
        feed.insert("version".into(), json!("https://jsonfeed.org/version/1.1"));
    }
    if !feed.get("title").is_some_and(Value::is_string) {
        repairs.note(Repair::JsonShape);
        feed.insert("title".into(), json!(""));
    }
    texts(feed, &TEXTS, repairs);
    people(feed, repairs);
    let items = feed.entry("items").or_insert_with(|| json!([]));
    if !items.is_array() {
        *items = json!([]);
    }
    if let Some(items) = items.as_array_mut()
        && items.len() > MAX_ENTRIES
    {
        repairs.note(Repair::TooLong);
        items.truncate(MAX_ENTRIES);
    }
    for item in items.as_array_mut().into_iter().flatten() {
        if !item.is_object() {
            *item = json!({});
        }
        if let Some(item) = item.as_object_mut() {
            coerce_item(item, repairs);
        }
    }
}

fn coerce_item(item: &mut Map<String, Value>, repairs: &mut Repairs) {
    const TEXTS: [&str; 9] = [
        "id",
        "url",
        "external_url",
        "title",
        "content_html",
        "content_text",
        "summary",
        "date_published",
        "date_modified",
    ];
    texts(item, &TEXTS, repairs);
    people(item, repairs);
    if let Some(tags) = item.get_mut("tags") {
        let kept: Vec<Value> = tags.as_array().into_iter().flatten().filter(|t| t.is_string()).cloned().collect();
        if tags.as_array().is_none_or(|t| t.len() != kept.len()) {
            repairs.note(Repair::JsonShape);
        }
        *tags = Value::Array(kept);
    }
    if let Some(attachments) = item.get_mut("attachments") {
        let kept = attachments.as_array().into_iter().flatten().filter_map(|a| {
            let size = a.get("size_in_bytes").and_then(Value::as_u64);
            let media_type = a.get("mime_type").and_then(Value::as_str).unwrap_or("application/octet-stream");
            Some(json!({ "url": a.get("url")?.as_str()?, "mime_type": media_type, "size_in_bytes": size }))
        });
        *attachments = Value::Array(kept.collect());
    }
}

/// Numbers become text; what cannot be text goes.
fn texts(object: &mut Map<String, Value>, names: &[&str], repairs: &mut Repairs) {
    for name in names {
        let Some(value) = object.get_mut(*name) else { continue };
        match value {
            Value::String(_) | Value::Null => {}
            Value::Number(number) => {
                repairs.note(Repair::JsonShape);
                *value = Value::String(number.to_string());
            }
            _ => {
                repairs.note(Repair::JsonShape);
                *value = Value::Null;
            }
        }
    }
}

fn people(object: &mut Map<String, Value>, repairs: &mut Repairs) {
    let person = |p: &Value, repairs: &mut Repairs| match p {
        Value::Object(person) => {
            let mut person = person.clone();
            texts(&mut person, &["name", "url"], repairs);
            Some(Value::Object(person))
        }
        Value::String(name) => {
            repairs.note(Repair::JsonShape);
            Some(json!({ "name": name }))
        }
        _ => None,
    };
    if let Some(author) = object.get_mut("author") {
        *author = person(author, repairs).unwrap_or(Value::Null);
    }
    if let Some(authors) = object.get_mut("authors") {
        *authors = Value::Array(authors.as_array().into_iter().flatten().filter_map(|p| person(p, repairs)).collect());
    }
}

/// The dates of a document as they were written, in the order they were met.
struct Dates(Vec<String>);

impl Dates {
    fn raw(&self, number: Option<DateTime<Utc>>) -> Option<Cow<'static, str>> {
        let index = usize::try_from(number?.timestamp()).ok()?;
        self.0.get(index).map(|s| Cow::Owned(s.clone()))
    }
}

fn through_feed_rs(document: &str) -> Result<(raw::Feed, Dates), String> {
    let dates: Arc<Mutex<Vec<String>>> = Arc::default();
    let file = Arc::clone(&dates);
    let parser = Builder::new()
        .sanitize_content(false)
        .id_generator(|_, _, _| String::new())
        .timestamp_parser(move |written| {
            let mut filed = file.lock().unwrap_or_else(PoisonError::into_inner);
            filed.push(written.chars().take(128).collect());
            DateTime::from_timestamp(i64::try_from(filed.len()).ok()? - 1, 0)
        })
        .build();
    let feed = parser.parse(document.as_bytes()).map_err(|e| e.to_string())?;
    let filed = std::mem::take(&mut *dates.lock().unwrap_or_else(PoisonError::into_inner));
    Ok((feed, Dates(filed)))
}

fn entry_draft<'a>(entry: &raw::Entry, item: &Value, dates: &Dates, context: &Context<'_>) -> Draft<'a> {
    let owned = |text: &str| Cow::Owned(text.to_owned());
    let mut draft = Draft::default();
    if !entry.id.is_empty() {
        draft.id.offer(0, owned(&entry.id));
    }
    if let Some(title) = &entry.title {
        draft.title.offer(0, owned(&title.content));
    }
    if let Some(summary) = &entry.summary {
        draft.summary.offer(0, owned(&summary.content));
    }
    if let Some(body) = entry.content.as_ref().and_then(|c| c.body.as_deref()) {
        draft.content.offer(0, owned(body));
    }
    for link in &entry.links {
        let Some(url) = link::absolute(context.base, &link.href) else {
            let relative = link::relative(&link.href).filter(|_| context.base.is_none() && link.media_type.is_none());
            draft.relative_link = draft.relative_link.take().or(relative);
            continue;
        };
        match &link.media_type {
            Some(media_type) => {
                draft.add_enclosure(Enclosure { url, media_type: Some(media_type.clone()), length: link.length });
            }
            None => draft.add_link(None, url),
        }
    }
    draft.published.extend(dates.raw(entry.published).map(|d| (0, d)));
    draft.updated.extend(dates.raw(entry.updated).map(|d| (0, d)));
    entry.authors.iter().for_each(|a| draft.add_author(0, person(a)));
    entry.categories.iter().for_each(|c| draft.add_tag(&c.term));
    for name in ["image", "banner_image"] {
        if let Some(url) = text(item, name).and_then(|u| link::absolute(context.base, &u)) {
            draft.image.offer(0, url);
        }
    }
    draft
}

fn feed_draft<'a>(feed: &raw::Feed, value: &Value, context: &Context<'_>) -> Draft<'a> {
    let mut draft = Draft::default();
    let address = |name: &str| text(value, name).and_then(|u| link::absolute(context.base, &u));
    for (name, rel) in [("home_page_url", None), ("feed_url", Some("self")), ("next_url", Some("next"))] {
        if let Some(url) = address(name) {
            draft.add_link(rel.map(str::to_owned), url);
        }
    }
    if let Some(title) = &feed.title {
        draft.title.offer(0, Cow::Owned(title.content.clone()));
    }
    if let Some(description) = &feed.description {
        draft.summary.offer(0, Cow::Owned(description.content.clone()));
    }
    if let Some(icon) = address("icon") {
        draft.image.offer(0, icon);
    }
    draft.icon = address("favicon");
    draft.language = text(value, "language");
    feed.authors.iter().for_each(|a| draft.add_author(0, person(a)));
    let hubs = value.get("hubs").and_then(Value::as_array).into_iter().flatten();
    draft.hubs = hubs.filter_map(|h| link::absolute(context.base, h.get("url")?.as_str()?)).take(8).collect();
    draft
}

fn person(person: &raw::Person) -> Person {
    let part = |p: &Option<String>| p.as_deref().and_then(draft::one_line);
    Person { name: part(&person.name), email: part(&person.email), uri: part(&person.uri) }
}

fn text(value: &Value, name: &str) -> Option<String> {
    draft::words(value.get(name)?.as_str()?)
}
