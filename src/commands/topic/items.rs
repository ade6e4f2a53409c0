//! Items that somebody may be asked about: of a file, or stored.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Result;
use serde_json::{Value, json};

use super::labelled::{self, Subject, View};
use crate::classify::Rules;
use crate::cli::{Exit, TopicLabel};
use crate::clock;
use crate::commands::classify::Line;
use crate::commands::{load_config, refuse, state_dir, time_json, when};
use crate::learn::{self, Document, Labels};
use crate::model::{Match, Topic};
use crate::poll::Criteria;
use crate::schedule::Time;
use crate::store::Store;
use crate::store::stories::{self, Stored};
use crate::text;

/// Stored items that are decided at a time.
const BITE: u32 = 500;

/// An item, how it stands to the topic, and what else is known of it.
pub struct Asked {
    pub title: String,
    pub teaser: String,
    pub body: String,
    /// Source, date and address, as far as they are known.
    pub origin: Vec<String>,
    pub decided: Match,
    /// The item as a labelled file has it.
    pub json: Value,
}

/// Where items come from.
enum Pool {
    File(Vec<Line>),
    Store { store: Store, criteria: Criteria },
}

/// The items that are worth asking about, in the order of their worth.
pub struct Items {
    pool: Pool,
    subject: Subject,
    /// Positions in the file, or numbers of stored items.
    order: Vec<i64>,
}

/// What is held of an item while all are ranked.
struct Ranked {
    at: i64,
    id: String,
    score: f64,
}

impl Items {
    /// Ranks what is not labelled yet.
    pub fn rank(args: &TopicLabel, subject: Subject, labels: &Labels) -> Result<Items> {
        let mut sieve = Sieve { labels, ids: BTreeSet::new(), headlines: labels.headlines.clone(), kept: Vec::new() };
        let pool = match &args.from {
            Some(path) => {
                let lines = read_lines(&path.display().to_string(), &labelled::text_of(path)?)?;
                for (at, item) in (0..).zip(&lines) {
                    let document = labelled::document(item.clone());
                    let decided = subject.decide(&document, View::Everything)?;
                    sieve.take(at, document.id, &document.title, decided.score);
                }
                Pool::File(lines)
            }
            None => from_store(args, &subject, &mut sieve)?,
        };
        let named: Vec<(&str, f64)> = sieve.kept.iter().map(|one| (one.id.as_str(), one.score)).collect();
        let order = learn::order(&named, subject.topic()?.threshold);
        let order = order.into_iter().filter_map(|at| Some(sieve.kept.get(at)?.at)).collect();
        Ok(Items { pool, subject, order })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.order.len()
    }

    /// The topic.
    pub fn topic(&self) -> Result<&Topic> {
        self.subject.topic()
    }

    /// One of them; none where the daemon has just deleted it.
    pub fn get(&self, place: usize) -> Result<Option<Asked>> {
        let Some(&at) = self.order.get(place) else { return Ok(None) };
        match &self.pool {
            Pool::File(lines) => {
                let item = usize::try_from(at).ok().and_then(|at| lines.get(at));
                item.map(|item| self.of_line(item)).transpose()
            }
            Pool::Store { store, criteria } => {
                let stored = store.read(|db| stories::stored_item(db, at))?;
                stored.map(|stored| of_stored(stored, criteria, self.topic()?)).transpose()
            }
        }
    }

    fn of_line(&self, item: &Line) -> Result<Asked> {
        let json = json!({
            "id": item.id, "title": item.title, "summary": item.summary, "body": item.body, "url": item.url,
            "source": item.source, "published": item.published, "categories": item.categories,
        });
        let origin = [&item.source, &item.published, &item.url].into_iter().flatten().cloned().collect();
        let document = labelled::document(item.clone());
        let decided = self.subject.decide(&document, View::Everything)?;
        let Document { title, teaser, body, .. } = document;
        Ok(Asked { title, teaser, body, origin, decided, json })
    }
}

/// Keeps each item once.
struct Sieve<'a> {
    labels: &'a Labels,
    ids: BTreeSet<String>,
    headlines: BTreeSet<String>,
    kept: Vec<Ranked>,
}

impl Sieve<'_> {
    fn take(&mut self, at: i64, id: String, title: &str, score: f64) {
        let headline = text::key(title);
        let is_new = !self.labels.has(&id) && (headline.is_empty() || self.headlines.insert(headline));
        if is_new && self.ids.insert(id.clone()) {
            self.kept.push(Ranked { at, id, score });
        }
    }
}

/// The items of a file in the shape that `classify` reads.
fn read_lines(name: &str, lines: &str) -> Result<Vec<Line>> {
    let lines = lines.trim_start_matches('\u{feff}').lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    let read = lines.map(|(line, number)| {
        serde_json::from_str(line).map_err(|error| {
            let vi = format!("mỗi dòng phải là một đối tượng JSON có \"id\" ({error})");
            refuse(Exit::Usage, format!("{name}:{number}: {vi}\n    every line must be a JSON object with an \"id\""))
        })
    });
    read.collect()
}

fn from_store(args: &TopicLabel, subject: &Subject, sieve: &mut Sieve<'_>) -> Result<Pool> {
    let since = when::time("--since", &args.since, clock::now())?;
    let (dir, config) = load_config(&args.config)?;
    let Some(store) = Store::open_beside(&state_dir(&dir, &config))? else {
        return Err(refuse(
            Exit::No,
            "chưa có tin nào được lưu; hãy chạy dongtin poll, hoặc lấy tin từ tập tin: --from FILE\n    \
             nothing is stored yet; run dongtin poll, or take items from a file: --from FILE",
        ));
    };
    let rules = Rules::compile(vec![subject.topic()?.clone()])?;
    let criteria = Criteria::new(&Arc::new(rules), &config.sources);
    let mut after = 0;
    loop {
        let bite = store.read(|db| stories::items_after(db, after, BITE))?;
        let Some(last) = bite.last() else { break };
        after = last.id;
        for stored in bite.iter().filter(|stored| is_since(stored, since)) {
            let score = criteria.decide(&stored.source, &stored.item).first().map_or(0.0, |m| m.score);
            sieve.take(stored.id, id_of(stored), &stored.item.title, score);
        }
    }
    Ok(Pool::Store { store, criteria })
}

/// An item without a date may be of today.
fn is_since(stored: &Stored, since: Time) -> bool {
    stored.item.published.is_none_or(|published| published >= since)
}

/// What a labelled file calls a stored item: its address, which another database has too.
fn id_of(stored: &Stored) -> String {
    stored.item.link.as_ref().map_or_else(|| format!("{}/{}", stored.source, stored.id), url::Url::to_string)
}

fn of_stored(stored: Stored, criteria: &Criteria, topic: &Topic) -> Result<Asked> {
    let id = id_of(&stored);
    let matched = criteria.decide(&stored.source, &stored.item).into_iter().next();
    let Stored { source, item, .. } = stored;
    let decided = matched.unwrap_or_else(|| labelled::nothing_spoke(topic));
    let link = item.link.as_ref().map(url::Url::as_str);
    let or_null = |text: &str| if text.is_empty() { Value::Null } else { json!(text) };
    let json = json!({
        "id": id, "title": item.title, "summary": or_null(&item.summary), "body": or_null(&item.body), "url": link,
        "source": source, "published": time_json(item.published), "categories": item.categories,
    });
    let origin = [Some(source), item.published.map(crate::commands::local), link.map(str::to_owned)];
    Ok(Asked {
        title: item.title,
        teaser: item.summary,
        body: item.body,
        origin: origin.into_iter().flatten().collect(),
        decided,
        json,
    })
}
