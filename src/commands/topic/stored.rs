//! What `topic diff` and `topic near` share: a walk over what is stored, beside the daemon, deciding by the configuration on disk.

use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::{Map, Value, json};
use url::Url;

use super::super::when::time;
use super::super::{absolute, load_config, refuse, state_dir, time_json};
use crate::cli::{Exit, TopicStored};
use crate::clock;
use crate::config::mistake::hint;
use crate::model::Topic;
use crate::poll::Criteria;
use crate::poll::decided::{self, Decided};
use crate::schedule::{Time, vietnam};
use crate::store::stories::Stored;
use crate::store::{Store, topics};

/// More of one kind in one topic is counted and not listed: memory does not grow with the database.
pub const MOST: usize = 1_000;
/// More of one kind in one topic is for programs.
pub const SHOWN: usize = 20;

/// What is looked at.
pub struct Look {
    pub store: Store,
    pub criteria: Criteria,
    pub since: Time,
    /// The topics of the configuration that are asked about.
    pub topics: Vec<Topic>,
    /// The topics of which something is stored.
    pub stored: BTreeSet<String>,
    /// Those of them of which the configuration knows nothing, as far as they are asked about.
    pub gone: Vec<String>,
}

impl Look {
    /// Opens the database of a configuration.
    pub fn open(args: &TopicStored) -> Result<Look> {
        let (config_dir, config) = load_config(&args.config)?;
        let since = time("--since", &args.since, clock::now())?;
        let dir = state_dir(&config_dir, &config);
        let Some(store) = Store::open_beside(&dir)? else {
            let dir = absolute(&dir);
            return Err(refuse(
                Exit::Io,
                format!(
                    "chưa có tin nào được lưu trong {dir}; hãy chạy: dongtin poll\n    nothing is stored in {dir} yet; run: dongtin poll"
                ),
            ));
        };
        let criteria = Criteria::new(&config.rules, &config.sources);
        let stored: BTreeSet<String> = store.read(|db| topics::stored(db, [since; 2]))?.into_keys().collect();
        let is_configured = |id: &str| criteria.topics().iter().any(|t| t.id == id);
        let is_wanted = |id: &str| args.topic.as_deref().is_none_or(|wanted| wanted == id);
        let gone: Vec<String> = stored.iter().filter(|id| !is_configured(id) && is_wanted(id)).cloned().collect();
        let topics: Vec<Topic> = criteria.topics().iter().filter(|t| is_wanted(&t.id)).cloned().collect();
        if let (Some(wanted), [], []) = (&args.topic, &topics[..], &gone[..]) {
            let known: Vec<&str> = criteria.topics().iter().map(|t| t.id.as_str()).collect();
            let (vi, en) = hint(wanted, &known);
            return Err(refuse(
                Exit::Usage,
                format!("không có chủ đề \"{wanted}\". {vi} · there is no topic \"{wanted}\". {en}"),
            ));
        }
        Ok(Look { store, criteria, since, topics, stored, gone })
    }

    /// Shows every item that arrived since; gives how many there are. Bite by bite, so that the daemon is never in the way of itself.
    pub fn walk(&self, mut show: impl FnMut(&Decided)) -> Result<usize> {
        let (mut after, mut count) = (0, 0);
        loop {
            let bite = self.store.read(|db| decided::bite(db, &self.criteria, self.since, after))?;
            let Some(last) = bite.last() else { return Ok(count) };
            after = last.stored.id;
            count += bite.len();
            bite.iter().for_each(&mut show);
        }
    }
}

/// An item, as far as it is told.
#[derive(Debug, Clone)]
pub struct Told {
    pub id: i64,
    title: String,
    source: String,
    link: Option<Url>,
    /// When it was published, or else arrived.
    pub at: Time,
}

impl Told {
    pub fn new(stored: &Stored) -> Told {
        let item = &stored.item;
        Told {
            id: stored.id,
            title: item.title.clone(),
            source: stored.source.clone(),
            link: item.link.clone(),
            at: item.published.unwrap_or(stored.seen),
        }
    }

    /// For people: two lines behind a mark.
    pub fn text(&self, mark: &str) -> String {
        let link = self.link.as_ref().map_or("", Url::as_str);
        format!("  {mark} {}\n      [{}] {}  {link}", self.title, self.source, day(self.at))
    }

    /// For programs, with what else there is to say.
    pub fn json(&self, more: Value) -> Value {
        let Told { title, source, link, .. } = self;
        let link = link.as_ref().map(Url::as_str);
        let own = json!({ "title": title, "source": source, "link": link, "published": time_json(Some(self.at)) });
        let both: Map<String, Value> =
            [own, more].into_iter().filter_map(|value| value.as_object().cloned()).flatten().collect();
        Value::Object(both)
    }
}

/// A day as people here write it: "23/11/2026".
pub fn day(time: Time) -> String {
    time.with_timezone(&vietnam()).format("%d/%m/%Y").to_string()
}

/// The line below a list of which only the first are shown.
pub fn more(count: usize, listed: usize) -> Option<String> {
    let more = count.checked_sub(listed.min(SHOWN)).filter(|more| *more > 0)?;
    let hint = if listed > SHOWN { " (--format json)" } else { "" };
    Some(format!("    … và {more} tin nữa{hint} · and {more} more"))
}
