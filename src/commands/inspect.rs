//! `dongtin inspect`: one document as the daemon would read it; what it understood, what it had to repair.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};
use url::Url;

use super::{Found, find, line, read_file, refuse, time_json};
use crate::cli::{Exit, Format, Inspect};
use crate::clock;
use crate::html::Html;
use crate::model::Listing;
use crate::parse::{self, Context, Entry, FeedInfo, ParseError, Parsed, Person, cms};

pub fn run(args: &Inspect) -> Result<Exit> {
    if let (Some(list), Some(root)) = (&args.batch, &args.root) {
        return batch(list, root, args.raw);
    }
    let input = args.input.as_deref().unwrap_or("-");
    let found = find(input, &args.config)?;
    let base = found.base("--base-url", args.base_url.as_deref())?;
    let content_type = args.content_type.clone().or(found.content_type.clone());
    let listing = listing(args)?;
    let (parsed, exit) = read(&found, base.as_ref(), content_type.as_deref(), listing.as_ref());
    match args.format {
        Format::Text => print_text(&parsed)?,
        Format::Json | Format::Jsonl => line(inspect_json(&parsed, base.as_ref(), args.raw))?,
    }
    Ok(exit)
}

/// How the document is a page of headlines, if it is said to be one.
fn listing(args: &Inspect) -> Result<Option<Listing>> {
    if let Some(name) = args.cms.as_deref().filter(|name| cms::family(name).is_none()) {
        return Err(refuse(Exit::Usage, format!("--cms {name}: {}", cms::names().join(", "))));
    }
    let is_one = args.listing || args.cms.is_some();
    Ok(is_one.then(|| Listing { cms: args.cms.clone(), pages: 1, least: 1, ..Listing::default() }))
}

fn batch(list: &Path, root: &Path, raw: bool) -> Result<Exit> {
    let list = String::from_utf8(read_file(list)?).context("the list is not UTF-8")?;
    for row in list.lines().filter(|l| !l.trim().is_empty()) {
        let mut columns = row.split('\t');
        let path = columns.next().unwrap_or_default();
        let base = columns.next().filter(|b| !b.is_empty()).and_then(|b| Url::parse(b).ok());
        let content_type = columns.next().filter(|c| !c.is_empty());
        let (mut object, exit) = match read_file(&root.join(path)) {
            Ok(bytes) => {
                let (parsed, exit) =
                    read(&Found { bytes, url: None, content_type: None }, base.as_ref(), content_type, None);
                (inspect_json(&parsed, base.as_ref(), raw), exit)
            }
            Err(error) => (failure("io", &format!("{error:#}")), Exit::Io),
        };
        if let Some(object) = object.as_object_mut() {
            object.insert("path".to_owned(), json!(path));
            object.insert("exit".to_owned(), json!(exit as u8));
        }
        line(object)?;
    }
    Ok(Exit::Ok)
}

fn read(
    found: &Found,
    base: Option<&Url>,
    content_type: Option<&str>,
    listing: Option<&Listing>,
) -> (Result<Parsed, ParseError>, Exit) {
    let context = Context { base, content_type, dates: None };
    let parsed = match listing {
        Some(listing) => parse::listing::read(&found.bytes, &context, listing, clock::now()).map(|page| page.parsed),
        None => parse::feed(&found.bytes, &context),
    };
    let exit = match &parsed {
        Ok(_) => Exit::Ok,
        Err(ParseError::Unrecoverable(_)) => Exit::Unrecoverable,
        Err(ParseError::TooDeep) => Exit::Limit,
        Err(_) => Exit::NotAFeed,
    };
    (parsed, exit)
}

fn inspect_json(parsed: &Result<Parsed, ParseError>, base: Option<&Url>, raw: bool) -> Value {
    let parsed = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return failure(error.code(), &error.to_string()),
    };
    json!({
        "schema": "inspect/1", "ok": true, "error": null,
        "format": parsed.format.as_str(), "encoding": parsed.encoding, "encoding_source": parsed.encoding_source.as_str(),
        "repaired": parsed.repaired.iter().map(|r| r.as_str()).collect::<Vec<_>>(),
        "feed": feed_json(&parsed.feed),
        "entries": parsed.entries.iter().map(|e| entry_json(e, base, raw)).collect::<Vec<_>>(),
    })
}

fn failure(code: &str, message: &str) -> Value {
    json!({
        "schema": "inspect/1", "ok": false, "error": { "code": code, "message": message },
        "format": null, "encoding": null, "encoding_source": null, "repaired": [], "feed": null, "entries": [],
    })
}

fn address(url: Option<&Url>) -> Value {
    url.map_or(Value::Null, |u| json!(u.as_str()))
}

fn feed_json(feed: &FeedInfo) -> Value {
    json!({
        "id": feed.id, "title": feed.title, "link": address(feed.link.as_ref()), "self": address(feed.self_link.as_ref()),
        "hubs": feed.hubs.iter().map(Url::as_str).collect::<Vec<_>>(), "subtitle": feed.subtitle, "language": feed.language,
        "authors": people(&feed.authors), "rights": feed.rights, "generator": feed.generator, "image": address(feed.image.as_ref()),
        "icon": address(feed.icon.as_ref()), "published": time_json(feed.published), "updated": time_json(feed.updated),
        "ttl": feed.ttl, "next": address(feed.next.as_ref()), "tags": feed.tags,
    })
}

fn entry_json(entry: &Entry, base: Option<&Url>, raw: bool) -> Value {
    let link_base = entry.link.as_ref().or(base);
    let markup = |field: &Option<String>| match field {
        None => Value::Null,
        Some(text) if raw => json!(text),
        Some(text) => {
            let clean = Html::clean(text, link_base);
            if clean.as_str().is_empty() { Value::Null } else { json!(clean.as_str()) }
        }
    };
    let mut object = Map::new();
    for (key, value) in [
        ("id", json!(entry.id)),
        ("id_source", json!(entry.id_source.as_str())),
        ("title", json!(entry.title)),
        ("link", entry.link.as_ref().map_or_else(|| json!(entry.relative_link), |l| json!(l.as_str()))),
        ("published", time_json(entry.published)),
        ("updated", time_json(entry.updated)),
        ("published_raw", json!(entry.published_raw)),
        ("updated_raw", json!(entry.updated_raw)),
        ("authors", people(&entry.authors)),
        ("tags", json!(entry.tags)),
        ("summary", markup(&entry.summary)),
        ("content", markup(&entry.content)),
        (
            "enclosures",
            entry
                .enclosures
                .iter()
                .map(|e| json!({ "url": e.url.as_str(), "type": e.media_type, "length": e.length }))
                .collect(),
        ),
        ("comments", address(entry.comments.as_ref())),
        ("image", address(entry.image.as_ref())),
        ("language", json!(entry.language)),
    ] {
        object.insert(key.to_owned(), value);
    }
    Value::Object(object)
}

fn people(people: &[Person]) -> Value {
    people.iter().map(|p| json!({ "name": p.name, "email": p.email, "uri": p.uri })).collect()
}

fn print_text(parsed: &Result<Parsed, ParseError>) -> Result<()> {
    let parsed = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return line(format_args!("✗ {}: {error}", error.code())),
    };
    let none = "-".to_owned();
    line(format_args!(
        "Dạng/format:    {}, {} ({})",
        parsed.format.as_str(),
        parsed.encoding,
        parsed.encoding_source.as_str()
    ))?;
    let repaired: Vec<&str> = parsed.repaired.iter().map(|r| r.as_str()).collect();
    line(format_args!("Đã vá/repaired: {}", if repaired.is_empty() { none.clone() } else { repaired.join(", ") }))?;
    line(format_args!("Tên/title:      {}", parsed.feed.title.as_ref().unwrap_or(&none)))?;
    line(format_args!("Số tin/entries: {}", parsed.entries.len()))?;
    for entry in &parsed.entries {
        let date = entry
            .published
            .or(entry.updated)
            .map_or(none.clone(), |t| t.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
        line(format_args!("\n  {}", entry.title.as_ref().unwrap_or(&none)))?;
        line(format_args!(
            "    {date}  ({})",
            entry.published_raw.as_ref().or(entry.updated_raw.as_ref()).unwrap_or(&none)
        ))?;
        line(format_args!("    {}", entry.link.as_ref().map_or(none.as_str(), Url::as_str)))?;
        line(format_args!("    {}: {}", entry.id_source.as_str(), entry.id))?;
    }
    Ok(())
}
