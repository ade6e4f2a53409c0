//! `dongtin classify`: JSON Lines of items in, topics with score and reasons out.

use std::io::{self, BufRead, Write};

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::{load_rules, match_json, refuse};
use crate::classify::Evidence;
use crate::cli::{Classify, Exit};
use crate::config::mistake::hint;
use crate::model::Match;
use crate::poll::section;

/// An item as `classify` and `cluster` read it. Only `id` and `title` are needed; null is as absent.
#[derive(Debug, Clone, Deserialize)]
pub struct Line {
    pub id: String,
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub summary: Option<String>,
    #[serde(default)]
    pub body: Option<String>,
    #[serde(default)]
    pub url: Option<String>,
    #[serde(default)]
    pub source: Option<String>,
    #[serde(default)]
    pub published: Option<String>,
    #[serde(default)]
    pub categories: Option<Vec<String>>,
}

/// Calls `each` with every line of standard input.
pub fn for_each_line(mut each: impl FnMut(Line, &mut dyn Write) -> Result<()>) -> Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for (number, text) in io::stdin().lock().lines().enumerate() {
        let text = text.context("cannot read standard input")?;
        if text.trim().is_empty() {
            continue;
        }
        let line = serde_json::from_str(&text).map_err(|error| {
            let number = number + 1;
            let vi = "mỗi dòng phải là một đối tượng JSON có \"id\", như {\"id\": \"1\", \"title\": \"…\"}";
            let en = "every line must be a JSON object with an \"id\"";
            refuse(Exit::Usage, format!("dòng {number}: {vi} · line {number}: {en} ({error})"))
        })?;
        each(line, &mut out)?;
    }
    out.flush().context("cannot write to standard output")
}

pub fn run(args: &Classify) -> Result<Exit> {
    let rules = load_rules(&args.config)?;
    if let Some(topic) = &args.topic {
        let known: Vec<&str> = rules.topics().iter().map(|t| t.id.as_str()).collect();
        if !known.contains(&topic.as_str()) {
            let (vi, en) = hint(topic, &known);
            return Err(refuse(
                Exit::Usage,
                format!("không có chủ đề \"{topic}\". {vi} · there is no topic \"{topic}\". {en}"),
            ));
        }
    }
    for_each_line(|line, out| {
        let categories = line.categories.unwrap_or_default();
        let link = line.url.as_deref().and_then(|url| Url::parse(url).ok());
        let section = [section(link.as_ref(), None), line.source.unwrap_or_default()].join("\n");
        let evidence = Evidence {
            title: line.title.as_deref().unwrap_or_default(),
            teaser: line.summary.as_deref().unwrap_or_default(),
            body: line.body.as_deref().unwrap_or_default(),
            categories: &categories,
            section: &section,
            words: None,
            source: None,
        };
        let mut matches = rules.decide(&evidence);
        if let Some(topic) = &args.topic {
            matches.retain(|m| m.topic == *topic);
            if matches.is_empty() {
                let threshold = rules.topic(topic).map_or(0.0, |t| t.threshold);
                matches.push(Match { topic: topic.clone(), score: 0.0, threshold, reasons: Vec::new() });
            }
        }
        let topics: Vec<_> = matches.iter().map(match_json).collect();
        writeln!(out, "{}", json!({ "id": line.id, "topics": topics })).context("cannot write to standard output")
    })?;
    Ok(Exit::Ok)
}
