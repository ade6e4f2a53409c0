//! The rules of JSON Feed 1.1 (jsonfeed.org/version/1.1), which the W3C validator does not know.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::feedrules::Faults;

const FEED: [&str; 14] = [
    "version",
    "title",
    "home_page_url",
    "feed_url",
    "description",
    "user_comment",
    "next_url",
    "icon",
    "favicon",
    "authors",
    "language",
    "expired",
    "hubs",
    "items",
];
const ITEM: [&str; 15] = [
    "id",
    "url",
    "external_url",
    "title",
    "content_html",
    "content_text",
    "summary",
    "image",
    "banner_image",
    "date_published",
    "date_modified",
    "authors",
    "tags",
    "language",
    "attachments",
];

/// The faults of a JSON feed that was found at an address.
pub fn check(text: &str, address: &str, faults: &mut Faults) {
    // A lone surrogate in an escape is refused here: it is no character.
    let feed = match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(feed)) => feed,
        Ok(_) => return faults.say("JSON", "document", "not an object"),
        Err(error) => return faults.say("JSON", "document", &error.to_string()),
    };
    keys("feed", &feed, &FEED, faults);
    if of(&feed, "version") != "https://jsonfeed.org/version/1.1" {
        faults.say("version", "feed", of(&feed, "version"));
    }
    required("feed", &feed, "title", faults);
    if of(&feed, "feed_url") != address {
        faults.say("SelfDoesntMatchLocation", "feed_url", &format!("{} at {address}", of(&feed, "feed_url")));
    }
    addresses("feed", &feed, &["home_page_url", "feed_url", "next_url", "icon", "favicon"], faults);
    faults.language("feed", of(&feed, "language"));
    people("feed", &feed, faults);
    let Some(items) = feed.get("items").and_then(Value::as_array) else {
        return faults.say("MissingElement", "feed", "items");
    };
    let mut ids = BTreeSet::new();
    for item in items {
        let Some(item) = item.as_object() else {
            faults.say("JSON", "item", "not an object");
            continue;
        };
        check_item(item, faults);
        if !ids.insert(of(item, "id").to_owned()) {
            faults.say("DuplicateEntries", "item", of(item, "id"));
        }
    }
}

fn check_item(item: &Map<String, Value>, faults: &mut Faults) {
    keys("item", item, &ITEM, faults);
    required("item", item, "id", faults);
    faults.id("item id", of(item, "id"));
    faults.plain("item title", of(item, "title"));
    if !item.contains_key("content_html") && !item.contains_key("content_text") {
        faults.say("MissingTextualContent", "item", of(item, "id"));
    }
    if let Some(markup) = item.get("content_html") {
        faults.markup("content_html", markup.as_str().unwrap_or_default());
    }
    addresses("item", item, &["url", "external_url", "image", "banner_image"], faults);
    let mut time = |name| item.get(name).and_then(|t| faults.rfc3339(name, t.as_str().unwrap_or_default()));
    let (published, modified) = (time("date_published"), time("date_modified"));
    if modified.is_some() && published > modified {
        faults.say("S-33", "item", "modified before it was published");
    }
    people("item", item, faults);
    for tag in list(item, "tags") {
        match tag.as_str() {
            Some(tag) if !tag.is_empty() => faults.plain("tag", tag),
            _ => faults.say("NotBlank", "tags", &tag.to_string()),
        }
    }
    for attachment in list(item, "attachments").iter().filter_map(Value::as_object) {
        addresses("attachment", attachment, &["url"], faults);
        required("attachment", attachment, "url", faults);
        required("attachment", attachment, "mime_type", faults);
    }
}

fn of<'a>(object: &'a Map<String, Value>, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(object: &'a Map<String, Value>, name: &str) -> &'a [Value] {
    object.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn required(place: &str, object: &Map<String, Value>, name: &str, faults: &mut Faults) {
    if of(object, name).is_empty() {
        faults.say("MissingElement", place, name);
    }
}

/// Known keys or extensions, nothing null, no text that must not be seen.
fn keys(place: &str, object: &Map<String, Value>, known: &[&str], faults: &mut Faults) {
    for (key, value) in object {
        if !known.contains(&key.as_str()) && !key.starts_with('_') {
            faults.say("UndefinedElement", place, key);
        }
        if key != "items" {
            texts(key, value, faults);
        }
    }
}

fn texts(key: &str, value: &Value, faults: &mut Faults) {
    match value {
        Value::Null => faults.say("null", key, ""),
        Value::String(text) => faults.text(key, text),
        Value::Array(all) => all.iter().for_each(|one| texts(key, one, faults)),
        Value::Object(all) => all.iter().for_each(|(key, one)| texts(key, one, faults)),
        _ => {}
    }
}

fn addresses(place: &str, object: &Map<String, Value>, names: &[&str], faults: &mut Faults) {
    for name in names.iter().filter(|n| object.contains_key(**n)) {
        faults.absolute(&format!("{place} {name}"), of(object, name));
    }
}

fn people(place: &str, object: &Map<String, Value>, faults: &mut Faults) {
    for person in list(object, "authors").iter().filter_map(Value::as_object) {
        if person.is_empty() {
            faults.say("NotBlank", place, "an author without name, url or avatar");
        }
        faults.plain("author", of(person, "name"));
        addresses("author", person, &["url", "avatar"], faults);
    }
}
