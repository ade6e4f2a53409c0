//! `dongtin cluster`: JSON Lines of items in, in order of arrival; the story of each out.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use serde_json::json;

use super::classify::{Line, for_each_line};
use crate::cli::Exit;
use crate::dedup::{self, Candidate, Decision, Evidence, StoryKey};
use crate::model::{DateOrder, Digest, Item};
use crate::parse::date::Style;
use crate::parse::{Entry, IdSource, date};
use crate::schedule::Time;
use crate::{link, text};

/// What the daemon keeps in its database, in memory.
#[derive(Default)]
struct Stories {
    by_key: HashMap<Digest, Left>,
    sources: Vec<Vec<String>>,
    titles: Vec<String>,
    uids: Vec<String>,
}

/// Who left a key.
struct Left {
    story: usize,
    at: Time,
    item: String,
}

pub fn run() -> Result<Exit> {
    let mut stories = Stories::default();
    for_each_line(|line, out| {
        let id = line.id.clone();
        let (story, because) = stories.place(line);
        let because =
            because.map(|(evidence, with)| json!({ "kind": evidence.as_str(), "similarity": 1.0, "with": with }));
        let object = json!({ "id": id, "story": story, "lead": because.is_none(), "because": because });
        writeln!(out, "{object}").context("cannot write to standard output")
    })?;
    Ok(Exit::Ok)
}

impl Stories {
    fn place(&mut self, line: Line) -> (String, Option<(Evidence, String)>) {
        let id = line.id.clone();
        // An item that names no source is nobody else's.
        let source = line.source.clone().unwrap_or_else(|| id.clone());
        let (item, keys, uid) = read(line, &source);
        let at = item.published.unwrap_or_default();
        let candidates: Vec<Candidate> = keys.iter().filter_map(|key| self.candidate(key, &source)).collect();
        let story = match dedup::decide(&item.title, &dedup::content(&item), at, None, &candidates) {
            Decision::Join { story, evidence } => {
                let with = keys
                    .iter()
                    .find(|k| k.evidence == evidence)
                    .and_then(|k| self.by_key.get(&k.digest))
                    .map(|left| left.item.clone());
                usize::try_from(story).ok().zip(with).map(|(story, with)| (story, Some((evidence, with))))
            }
            _ => None,
        };
        let (story, because) = story.unwrap_or_else(|| {
            self.uids.push(uid);
            self.sources.push(Vec::new());
            self.titles.push(item.title.clone());
            (self.uids.len() - 1, None)
        });
        if let Some(sources) = self.sources.get_mut(story) {
            sources.push(source);
        }
        for key in keys {
            let left = Left { story, at, item: id.clone() };
            let stale = |known: &Left| key.evidence != Evidence::Link && (known.at - at).abs() > dedup::WINDOW;
            if self.by_key.get(&key.digest).is_none_or(stale) {
                self.by_key.insert(key.digest, left);
            }
        }
        (self.uids.get(story).cloned().unwrap_or_default(), because)
    }

    fn candidate(&self, key: &StoryKey, source: &str) -> Option<Candidate> {
        let left = self.by_key.get(&key.digest)?;
        let carried_by_same_source = self.sources.get(left.story).is_some_and(|s| s.iter().any(|s| s == source));
        Some(Candidate {
            story: i64::try_from(left.story).ok()?,
            evidence: key.evidence,
            at: left.at,
            title: self.titles.get(left.story)?.clone(),
            carried_by_same_source,
        })
    }
}

fn read(line: Line, source: &str) -> (Item, Vec<StoryKey>, String) {
    let title = text::line(line.title.as_deref().unwrap_or_default(), crate::model::item::MAX_TITLE_CHARS);
    let link = line.url.as_deref().and_then(|u| link::absolute(None, u));
    let published = line.published.as_deref().and_then(|d| date::parse(d, Style::vietnamese(DateOrder::ByShape)));
    let entry = Entry {
        id: line.id,
        id_source: IdSource::Guid,
        title: Some(title.clone()),
        link: link.clone(),
        published,
        ..Entry::default()
    };
    let item = Item {
        title,
        link,
        summary: line.summary.unwrap_or_default(),
        body: line.body.unwrap_or_default(),
        published,
        ..Item::default()
    };
    let keys = dedup::assign(source, &[entry]).into_iter().flatten().next();
    let link_names_it = keys.as_ref().is_some_and(dedup::ItemKeys::link_names_it);
    let uid = keys.map(|k| dedup::story_uid(&item, &k)).unwrap_or_default();
    let story_keys = dedup::story_keys(&item, link_names_it);
    (item, story_keys, uid)
}
