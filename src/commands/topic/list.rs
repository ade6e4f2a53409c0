//! `dongtin topic list`: the topics in their order, and what is stored of each.

use std::collections::BTreeMap;

use anyhow::Result;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::super::{counted, line, load_config, local, state_dir, time_json};
use crate::cli::{Exit, Format, TopicList};
use crate::clock;
use crate::model::Topic;
use crate::model::told::points;
use crate::store::Store;
use crate::store::topics::{self, Stored};

/// How far the two recent counts reach back, in days.
const RECENT: [i64; 2] = [7, 30];

pub fn run(args: &TopicList) -> Result<Exit> {
    let (config_dir, config) = load_config(&args.config)?;
    let since = RECENT.map(|days| clock::now() - TimeDelta::days(days));
    let stored = match Store::open_beside(&state_dir(&config_dir, &config))? {
        Some(store) => Some(store.read(|db| topics::stored(db, since))?),
        None => None,
    };
    let topics = config.rules.topics().iter().zip(1..).map(|(topic, order)| Row::new(order, topic, stored.as_ref()));
    match args.format {
        Format::Text => topics.into_iter().try_for_each(|row| row.text()),
        _ => line(json!({ "schema": "topic-list/1", "topics": topics.map(|row| row.json()).collect::<Vec<_>>() })),
    }?;
    Ok(Exit::Ok)
}

/// A topic, and what is stored of it where anything is stored at all.
struct Row<'a> {
    order: u32,
    topic: &'a Topic,
    stored: Option<Stored>,
}

impl<'a> Row<'a> {
    fn new(order: u32, topic: &'a Topic, stored: Option<&BTreeMap<String, Stored>>) -> Row<'a> {
        let of_topic = |all: &BTreeMap<String, Stored>| all.get(&topic.id).cloned().unwrap_or_default();
        Row { order, topic, stored: stored.map(of_topic) }
    }

    fn phrases(&self) -> usize {
        self.topic.rules.iter().map(|rule| rule.phrases.len()).sum()
    }

    fn text(&self) -> Result<()> {
        let Row { order, topic, stored } = self;
        let (rules, phrases) = (topic.rules.len(), self.phrases());
        line(format_args!("{order}. {}  {}", topic.id, topic.name))?;
        line(format_args!(
            "   ngưỡng {0}, {rules} quy tắc, {phrases} cụm từ · threshold {0}, {1}, {2}",
            points(topic.threshold),
            counted(rules, "rule", "rules"),
            counted(phrases, "phrase", "phrases"),
        ))?;
        let count = |of: fn(&Stored) -> u32| stored.as_ref().map_or("–".to_owned(), |s| of(s).to_string());
        let [all, week, month] = [count(|s| s.stories), count(|s| s.since[0]), count(|s| s.since[1])];
        line(format_args!(
            "   sự việc: {all}, 7 ngày qua {week}, 30 ngày qua {month} · stories: {all}, last 7 days {week}, last 30 days {month}"
        ))?;
        match stored.as_ref().and_then(|s| s.newest.as_ref()) {
            Some((at, title)) => line(format_args!("   mới nhất · newest: {}  {title}", local(*at))),
            None => line("   mới nhất · newest: –"),
        }
    }

    fn json(&self) -> Value {
        let Row { order, topic, stored } = self;
        let stored = stored.as_ref();
        let newest = stored.and_then(|s| s.newest.as_ref());
        json!({
            "topic": topic.id, "name": topic.name, "name_en": topic.name_en, "order": order, "threshold": topic.threshold,
            "rules": topic.rules.len(), "phrases": self.phrases(), "stories": stored.map(|s| s.stories),
            "stories_7_days": stored.map(|s| s.since[0]), "stories_30_days": stored.map(|s| s.since[1]),
            "newest": newest.map(|(at, title)| json!({ "at": time_json(Some(*at)), "title": title })),
        })
    }
}
