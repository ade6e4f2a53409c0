//! Into which story an item goes.
//!
//! An item belongs where **more than half** of a story's items say so, not where one of them does: likeness is not transitive, and a story that
//! grew by single links would wander from one report to the next. Of several such stories the one with most to say for it is taken. So
//! the order of arrival decides nothing as long as an event's reports agree with each other.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::portrait::Portrait;
use super::rarity::Rarity;
use super::sketch::Sketch;
use super::verdict::{Relation, Verdict, WINDOW, judge};
use super::window::Window;
use crate::model::{Because, Kind};
use crate::schedule::Time;

/// So many items of a story are asked at most: the one that stands for it, and the newest.
pub const MOST_ASKED: usize = 5;
/// No more stories than this are asked about one newcomer: those with its names, then the most alike.
const MOST_STORIES: usize = 6;
/// So many stories are remembered as related at most.
const MOST_RELATED: usize = 8;

/// What is remembered of the last days, to compare newcomers with.
#[derive(Debug, Clone)]
pub struct Memory {
    window: Window,
    rarity: Rarity,
}

impl Memory {
    /// One that takes at most so many bytes for what it remembers of single items, and 2 MiB besides.
    pub fn with_budget(bytes: usize) -> Memory {
        Memory { window: Window::with_budget(bytes), rarity: Rarity::default() }
    }

    /// What stands for an item; nothing where it has too little to be recognised by.
    pub fn sketch(&self, portrait: &Portrait) -> Option<Sketch> {
        Sketch::of(portrait, &self.rarity)
    }

    /// The items that may be one story with this one.
    pub fn like(&self, sketch: &Sketch, at: Time) -> Vec<i64> {
        self.window.like(sketch, at, WINDOW)
    }

    /// Remembers where an item is found.
    pub fn insert(&mut self, item: i64, at: Time, sketch: &Sketch) {
        self.window.insert(item, at, sketch);
    }

    /// Counts what an item says. Not of copies: a story's own words would be worth least where most carry it.
    pub fn learn(&mut self, portrait: &Portrait) {
        self.rarity.learn(&portrait.pairs);
    }

    /// What is rare.
    pub fn rarity(&self) -> &Rarity {
        &self.rarity
    }
}

/// A stored item that is asked.
#[derive(Debug, Clone)]
pub struct Resident {
    /// Its number.
    pub item: i64,
    /// When it was published, as far as that is known.
    pub at: Option<Time>,
    /// What it says.
    pub portrait: Arc<Portrait>,
}

/// A story near an item.
#[derive(Debug, Clone)]
pub struct Neighbour {
    /// Its number.
    pub story: i64,
    /// Where it stands in time.
    pub at: Option<Time>,
    /// Whether an admin made it what it is: then it may hold different texts, and any of its items may speak for it.
    pub by_hand: bool,
    /// Those of its items that are asked.
    pub residents: Vec<Resident>,
}

/// What the neighbours say of an item.
#[derive(Debug, Clone, Default)]
pub struct Placement {
    /// The story it belongs to.
    pub joins: Option<Joined>,
    /// The stories that tell of the same event, the nearest first.
    pub related: Vec<i64>,
}

/// Why an item belongs to a story.
#[derive(Debug, Clone)]
pub struct Joined {
    /// The story.
    pub story: i64,
    /// The item of it that is most like the newcomer.
    pub with: i64,
    /// What shows it.
    pub kind: Kind,
    /// How they compare.
    pub verdict: Verdict,
}

impl Joined {
    /// The same as it is told; `shared` are the rarest words that both have.
    pub fn because(&self, shared: Vec<String>) -> Because {
        let Verdict { similarity, checked, .. } = &self.verdict;
        Because { kind: self.kind, similarity: *similarity, shared, checked: checked.to_vec() }
    }
}

/// The stories to ask about, of those that are near: each once, in the order in which they came, and not too many.
pub fn to_ask<S: Ord + Copy>(near: impl IntoIterator<Item = S>) -> Vec<S> {
    let mut seen = BTreeSet::new();
    near.into_iter().filter(|story| seen.insert(*story)).take(MOST_STORIES).collect()
}

/// Asks a newcomer's neighbours.
pub fn place(newcomer: &Portrait, at: Option<Time>, neighbours: &[Neighbour], rarity: &Rarity) -> Placement {
    let mut joined: Option<Joined> = None;
    let mut related: Vec<(f32, i64)> = Vec::new();
    for neighbour in neighbours {
        // Else a text that comes every day would be one story for ever.
        if neighbour.at.zip(at).is_some_and(|(theirs, ours)| (theirs - ours).abs() > WINDOW) {
            continue;
        }
        let Some((points, one)) = ask(newcomer, at, neighbour, rarity) else { continue };
        match one {
            Some(one) if joined.as_ref().is_none_or(|best| points > best.verdict.points) => {
                related.extend(joined.replace(one).map(|before| (before.verdict.points, before.story)));
            }
            _ => related.push((points, neighbour.story)),
        }
    }
    related.sort_by(|a, b| b.0.total_cmp(&a.0));
    related.truncate(MOST_RELATED);
    Placement { joins: joined, related: related.into_iter().map(|(_, story)| story).collect() }
}

/// What a story says of a newcomer: nothing where it has nothing to do with it, else how near it is, and whether the newcomer belongs to it.
fn ask(newcomer: &Portrait, at: Option<Time>, neighbour: &Neighbour, rarity: &Rarity) -> Option<(f32, Option<Joined>)> {
    let verdicts = neighbour.residents.iter().map(|resident| {
        let distance = resident.at.zip(at).map(|(theirs, ours)| (theirs - ours).abs());
        (resident.item, judge(newcomer, &resident.portrait, distance, rarity))
    });
    let verdicts: Vec<(i64, Verdict)> = verdicts.collect();
    let agreeing = verdicts.iter().filter(|(_, verdict)| matches!(verdict.relation, Relation::Same(_))).count();
    let is_one = 2 * agreeing > verdicts.len() || neighbour.by_hand && agreeing > 0;
    let is_near = verdicts.iter().any(|(_, verdict)| verdict.relation != Relation::Apart);
    // Who does not agree may be more alike all the same, and shows nothing.
    let rank =
        |(_, verdict): &(i64, Verdict)| (is_one && matches!(verdict.relation, Relation::Same(_)), verdict.points);
    let (with, verdict) =
        verdicts.into_iter().max_by(|a, b| rank(a).0.cmp(&rank(b).0).then(rank(a).1.total_cmp(&rank(b).1)))?;
    match verdict.relation {
        Relation::Same(kind) if is_one => {
            Some((verdict.points, Some(Joined { story: neighbour.story, with, kind, verdict })))
        }
        _ => is_near.then_some((verdict.points, None)),
    }
}
