//! Between rows and values.

use std::borrow::Cow;

use anyhow::{Context as _, Result};
use chrono::DateTime;
use rusqlite::types::ValueRef;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::model::{Aspect, Because, Checked, Digest, Enclosure, Field, Finding, Kind, Match, Reason};
use crate::schedule::Time;

/// Milliseconds since 1970.
pub fn millis(time: Time) -> i64 {
    time.timestamp_millis()
}

/// From milliseconds since 1970.
pub fn time(millis: i64) -> Time {
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}

/// Digests are blobs.
pub fn blob(digest: &Digest) -> &[u8] {
    digest.as_bytes()
}

/// From a blob.
pub fn digest(bytes: Vec<u8>) -> Result<Digest> {
    let bytes: [u8; 16] = bytes.try_into().ok().context("a digest has 16 bytes")?;
    Ok(Digest::from_bytes(bytes))
}

/// Addresses are texts.
pub fn url(text: Option<String>) -> Option<Url> {
    text.and_then(|t| Url::parse(&t).ok())
}

/// An attached file as stored.
#[derive(Serialize, Deserialize)]
struct StoredEnclosure {
    url: Url,
    r#type: Option<String>,
    length: Option<u64>,
}

/// Attached files as JSON; nothing where there is none.
pub fn enclosures_json(files: &[Enclosure]) -> Result<Option<String>> {
    if files.is_empty() {
        return Ok(None);
    }
    let stored = |file: &Enclosure| StoredEnclosure {
        url: file.url.clone(),
        r#type: file.media_type.clone(),
        length: file.length,
    };
    Ok(Some(serde_json::to_string(&files.iter().map(stored).collect::<Vec<_>>())?))
}

/// From JSON. What nobody can read is no file.
pub fn enclosures(json: Option<&str>) -> Vec<Enclosure> {
    let stored: Vec<StoredEnclosure> = json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    stored.into_iter().map(|file| Enclosure { url: file.url, media_type: file.r#type, length: file.length }).collect()
}

/// Why an item is in its story, as stored.
#[derive(Serialize, Deserialize)]
struct StoredBecause {
    kind: String,
    similarity: f64,
    shared: Vec<String>,
    checked: Vec<(String, String)>,
}

/// Why an item is in its story, as JSON.
pub fn because_json(because: &Because) -> Result<String> {
    let name = |one: &Checked| (one.aspect.as_str().to_owned(), one.finding.as_str().to_owned());
    Ok(serde_json::to_string(&StoredBecause {
        kind: because.kind.as_str().to_owned(),
        similarity: because.similarity,
        shared: because.shared.clone(),
        checked: because.checked.iter().map(name).collect(),
    })?)
}

/// From JSON.
pub fn because(json: &str) -> Result<Because> {
    let stored: StoredBecause = serde_json::from_str(json).context("why an item is in its story")?;
    let checked = |(aspect, finding): &(String, String)| {
        Some(Checked { aspect: Aspect::parse(aspect)?, finding: Finding::parse(finding)? })
    };
    Ok(Because {
        kind: Kind::parse(&stored.kind).context("a kind of likeness")?,
        similarity: stored.similarity,
        checked: stored.checked.iter().filter_map(checked).collect(),
        shared: stored.shared,
    })
}

/// A reason as stored.
#[derive(Serialize, Deserialize)]
struct StoredReason<'a> {
    rule: Cow<'a, str>,
    text: Cow<'a, str>,
    // Never kept, so never copied.
    #[serde(borrow)]
    field: Cow<'a, str>,
    weight: f64,
}

/// Reasons as JSON.
pub fn reasons_json(matched: &Match) -> Result<String> {
    let reasons: Vec<StoredReason<'_>> = matched
        .reasons
        .iter()
        .map(|r| StoredReason {
            rule: r.rule.as_str().into(),
            text: r.text.as_str().into(),
            field: r.field.as_str().into(),
            weight: r.weight,
        })
        .collect();
    Ok(serde_json::to_string(&reasons)?)
}

/// A text as it is stored. Vietnamese is mostly letters of several bytes: checking them one by one was a twentieth of what a feed costs.
pub fn text(value: ValueRef<'_>) -> rusqlite::Result<&str> {
    if let ValueRef::Text(bytes) = value
        && let Ok(text) = simdutf8::basic::from_utf8(bytes)
    {
        return Ok(text);
    }
    Ok(value.as_str()?)
}

/// From JSON.
pub fn reasons(json: &str) -> Result<Vec<Reason>> {
    let stored: Vec<StoredReason<'_>> = serde_json::from_str(json).context("stored reasons")?;
    Ok(stored
        .into_iter()
        .filter_map(|r| {
            let field = Field::parse(&r.field)?;
            Some(Reason { rule: r.rule.into_owned(), text: r.text.into_owned(), field, weight: r.weight })
        })
        .collect())
}
