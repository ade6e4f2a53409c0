//! The copy after a replay beside what is stored.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use chrono::SecondsFormat;

use super::Replay;
use super::changes::{Changed, Changes, Told, Topic};
use super::coverage::Coverage;
use crate::model::{Item, Match};
use crate::poll::Criteria;
use crate::schedule::Time;
use crate::store::Db;
use crate::store::past::{self, Seen};
use crate::store::stories::{self, Stored};

/// Adds what differs. `since`: from when on the copy was empty, by source; `last`: the highest number of an item that it had before.
pub fn compare(
    replay: &Replay,
    coverage: &Coverage,
    since: &BTreeMap<String, Time>,
    last: i64,
    mut changes: Changes,
) -> Result<Changes> {
    let criteria = std::sync::Arc::clone(&replay.tools.criteria.borrow());
    replay.real.read(|then| {
        replay.tools.store.read(|now| {
            let both = Both { then, now, since, last, coverage, criteria: &criteria };
            let pairs = both.items(&mut changes)?;
            both.stories(&pairs, &mut changes)
        })
    })?;
    Ok(changes)
}

/// The two databases.
struct Both<'a> {
    then: &'a Db,
    now: &'a Db,
    since: &'a BTreeMap<String, Time>,
    last: i64,
    coverage: &'a Coverage,
    criteria: &'a Criteria,
}

impl Both<'_> {
    /// Compares the items; gives the pairs that are the same item, by their numbers then and now.
    fn items(&self, changes: &mut Changes) -> Result<BTreeMap<i64, i64>> {
        let mut unmatched = BTreeMap::new();
        if let Some(first) = self.since.values().min() {
            let is_replayed = |seen: &Seen| self.since.get(&seen.source).is_some_and(|first| seen.at >= *first);
            unmatched.extend(past::seen_since(self.then, *first)?.into_iter().filter(is_replayed).map(|s| (s.id, s)));
        }
        let keys = past::keys_after(self.now, self.last)?;
        let mut pairs = BTreeMap::new();
        let mut strangers = Vec::new();
        for id in past::items_after(self.now, self.last)? {
            let mut known = None;
            for key in keys.get(&id).into_iter().flatten() {
                known = past::item_of_key(self.then, *key)?.and_then(|then| unmatched.remove(&then));
                if known.is_some() {
                    break;
                }
            }
            match known {
                Some(seen) => self.pair(&seen, id, &mut pairs, changes)?,
                None => strangers.push(id),
            }
        }
        // Where the names of items are made otherwise today, an address still is one.
        let mut by_link = BTreeMap::new();
        if !strangers.is_empty() {
            for seen in unmatched.values() {
                if let Some(link) = past::item(self.then, seen.id)?.item.link {
                    by_link.insert((seen.source.clone(), link), seen.id);
                }
            }
        }
        for id in strangers {
            let stored = past::item(self.now, id)?;
            let known = stored.item.link.clone().and_then(|link| by_link.remove(&(stored.source.clone(), link)));
            match known.and_then(|then| unmatched.remove(&then)) {
                Some(seen) => self.pair(&seen, id, &mut pairs, changes)?,
                None => changes.of(&stored.source).new.push(told(&stored.item)),
            }
        }
        for seen in unmatched.into_values().filter(|seen| self.coverage.covers(&seen.source, seen.at)) {
            let item = past::item(self.then, seen.id)?.item;
            changes.of(&seen.source).gone.push(told(&item));
        }
        for id in past::written_over(self.now, self.last)? {
            if let Some(seen) = past::seen_item(self.then, id)? {
                self.pair(&seen, id, &mut pairs, changes)?;
            }
        }
        Ok(pairs)
    }

    /// Compares an item then and now.
    fn pair(&self, seen: &Seen, id: i64, pairs: &mut BTreeMap<i64, i64>, changes: &mut Changes) -> Result<()> {
        pairs.insert(seen.id, id);
        // What its source changed in an answer that is not replayed is no difference.
        if seen.revised.is_some_and(|at| !self.coverage.covers(&seen.source, at)) {
            return Ok(());
        }
        changes.compared += 1;
        let (then, now) = (past::item(self.then, seen.id)?, past::item(self.now, id)?);
        let fields = differing(&then.item, &now.item);
        let of_source = changes.of(&seen.source);
        if !fields.is_empty() {
            of_source.changed.push(Changed { item: told(&then.item), fields });
        }
        let (was, is) = (self.topics(self.then, &then)?, self.topics(self.now, &now)?);
        let by_topic = |matches: &[Match], topic: &str| matches.iter().find(|m| m.topic == topic).cloned();
        let item = || told(&now.item);
        for gained in is.iter().filter(|m| by_topic(&was, &m.topic).is_none()) {
            of_source.gained.push(Topic {
                item: item(),
                topic: gained.topic.clone(),
                then: None,
                now: Some(gained.clone()),
            });
        }
        let lost: Vec<&Match> = was.iter().filter(|m| by_topic(&is, &m.topic).is_none()).collect();
        if !lost.is_empty() {
            let today = self.criteria.decide(&now.source, &now.item);
            for lost in lost {
                let now = by_topic(&today, &lost.topic);
                of_source.lost.push(Topic { item: item(), topic: lost.topic.clone(), then: Some(lost.clone()), now });
            }
        }
        Ok(())
    }

    fn topics(&self, db: &Db, stored: &Stored) -> Result<Vec<Match>> {
        stories::matches_of_item(db, stored.id)
    }

    /// Compares who shares a story with whom: among the pairs, and those who were there before.
    fn stories(&self, pairs: &BTreeMap<i64, i64>, changes: &mut Changes) -> Result<()> {
        let backwards: BTreeMap<i64, i64> = pairs.iter().map(|(then, now)| (*now, *then)).collect();
        let (mut were, mut are) = (BTreeSet::new(), BTreeSet::new());
        for (then, now) in pairs {
            were.insert(past::item(self.then, *then)?.story);
            are.insert(past::item(self.now, *now)?.story);
        }
        // An item that was there before has the same number in both.
        let now_of = |then: i64| pairs.get(&then).copied().or_else(|| (then <= self.last).then_some(then));
        for story in were {
            let members = self.placed(past::members(self.then, story)?)?.into_iter().filter_map(now_of).collect();
            changes.split.extend(apart(self.now, members)?);
        }
        let then_of = |now: i64| backwards.get(&now).copied().or_else(|| (now <= self.last).then_some(now));
        for story in are {
            let members = past::members(self.now, story)?.into_iter().filter_map(then_of).collect();
            changes.joined.extend(apart(self.then, self.placed(members)?)?);
        }
        Ok(())
    }

    /// Of items as they were, those that the program put where they were: what an admin moved since is no difference of the program's.
    fn placed(&self, items: Vec<i64>) -> Result<Vec<i64>> {
        let mut placed = Vec::with_capacity(items.len());
        for item in items {
            if !past::is_by_hand(self.then, item)? {
                placed.push(item);
            }
        }
        Ok(placed)
    }
}

/// Of items that share a story elsewhere, the first and the first of every further story that they are in here.
fn apart(db: &Db, items: Vec<i64>) -> Result<Vec<(Told, Told)>> {
    let mut firsts: Vec<Stored> = Vec::new();
    for id in items {
        let Some(stored) = stories::stored_item(db, id)? else { continue };
        if !firsts.iter().any(|first| first.story == stored.story) {
            firsts.push(stored);
        }
    }
    let Some((first, others)) = firsts.split_first() else { return Ok(Vec::new()) };
    Ok(others.iter().map(|other| (told(&first.item), told(&other.item))).collect())
}

/// What a reader would see differ.
fn differing(then: &Item, now: &Item) -> Vec<(&'static str, Option<String>, Option<String>)> {
    let date = |item: &Item| item.published.map(|t| t.to_rfc3339_opts(SecondsFormat::AutoSi, true));
    let link = |item: &Item| item.link.as_ref().map(url::Url::to_string);
    let text = |text: &str| Some(text.to_owned()).filter(|t| !t.is_empty());
    [
        ("title", text(&then.title), text(&now.title)),
        ("date", date(then), date(now)),
        ("link", link(then), link(now)),
        ("teaser", text(&then.summary), text(&now.summary)),
    ]
    .into_iter()
    .filter(|(_, then, now)| then != now)
    .collect()
}

fn told(item: &Item) -> Told {
    Told { title: item.title.clone(), link: item.link.as_ref().map(url::Url::to_string) }
}
