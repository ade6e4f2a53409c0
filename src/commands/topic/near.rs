//! `dongtin topic near`: the stored items about which an editor should be asked: those that just miss a topic, and those that are in it
//! for little.

use std::cmp::Ordering;

use anyhow::Result;
use serde_json::{Value, json};

use super::super::{counted, line, reason_json, reason_text, time_json};
use super::stored::{Look, MOST, SHOWN, Told, day, more};
use crate::classify::BARE;
use crate::cli::{Exit, Format, TopicStored};
use crate::model::told::points;
use crate::model::{Match, Topic};
use crate::poll::decided::Decided;

/// An item that reaches this part of the threshold misses it narrowly.
const BELOW: f64 = 0.5;
/// An item that does not reach so many times the threshold is in the topic for little.
const BARELY: f64 = 1.2;

pub fn run(args: &TopicStored) -> Result<Exit> {
    let look = Look::open(args)?;
    let mut topics: Vec<(&Topic, Near)> = look.topics.iter().map(|topic| (topic, Near::default())).collect();
    let items = look.walk(|decided| {
        for (topic, near) in &mut topics {
            if let Some(matched) = decided.now.iter().find(|m| m.topic == topic.id) {
                near.add(decided, matched);
            }
        }
    })?;
    topics.iter_mut().for_each(|(_, near)| near.sort());
    match args.format {
        Format::Text => {
            topics.iter().try_for_each(|(topic, near)| near.text(topic))?;
            let english = counted(items, "stored item", "stored items");
            line(format_args!("Đã xét {items} tin đến từ {} · {english} since then", day(look.since)))?;
        }
        _ => line(json!({
            "schema": "topic-near/1", "since": time_json(Some(look.since)), "items": items,
            "topics": topics.iter().map(|(topic, near)| near.json(topic)).collect::<Vec<_>>(),
        }))?,
    }
    Ok(Exit::Ok)
}

/// What is near the edge of a topic.
#[derive(Default)]
struct Near {
    below: List,
    bare: List,
    barely: List,
}

impl Near {
    fn add(&mut self, decided: &Decided, matched: &Match) {
        let one = || One { item: Told::new(&decided.stored), matched: matched.clone() };
        if !matched.matched() {
            if matched.score >= matched.threshold * BELOW {
                self.below.push(one(), nearest);
            }
            return;
        }
        if is_bare(matched) {
            self.bare.push(one(), newest);
        }
        if matched.score < matched.threshold * BARELY {
            self.barely.push(one(), least);
        }
    }

    fn sort(&mut self) {
        self.below.keep(nearest);
        self.bare.keep(newest);
        self.barely.keep(least);
    }

    fn text(&self, topic: &Topic) -> Result<()> {
        line(format_args!("{}  {}", topic.id, topic.name))?;
        self.below.text("suýt vào · just below the threshold", "?")?;
        self.bare.text("chỉ khớp khi bỏ dấu · matched without marks only", "~")?;
        self.barely.text("vào sát ngưỡng · barely in", "!")
    }

    fn json(&self, topic: &Topic) -> Value {
        json!({
            "topic": topic.id, "name": topic.name, "threshold": topic.threshold, "below": self.below.json(),
            "bare": self.bare.json(), "barely": self.barely.json(),
        })
    }
}

/// Whether everything that speaks for the topic does so only without marks.
fn is_bare(matched: &Match) -> bool {
    let mut positive = matched.reasons.iter().filter(|r| r.weight > 0.0).peekable();
    positive.peek().is_some() && positive.all(|r| r.rule.ends_with(BARE))
}

/// An item near the edge.
struct One {
    item: Told,
    matched: Match,
}

/// The newest first.
fn newest(a: &One, b: &One) -> Ordering {
    (b.item.at, b.item.id).cmp(&(a.item.at, a.item.id))
}

/// The highest score first.
fn nearest(a: &One, b: &One) -> Ordering {
    b.matched.score.total_cmp(&a.matched.score).then_with(|| newest(a, b))
}

/// The lowest score first.
fn least(a: &One, b: &One) -> Ordering {
    a.matched.score.total_cmp(&b.matched.score).then_with(|| newest(a, b))
}

/// The first in some order, and how many there are.
#[derive(Default)]
struct List {
    count: usize,
    kept: Vec<One>,
}

impl List {
    fn push(&mut self, one: One, order: fn(&One, &One) -> Ordering) {
        self.count += 1;
        self.kept.push(one);
        if self.kept.len() >= 2 * MOST {
            self.keep(order);
        }
    }

    fn keep(&mut self, order: fn(&One, &One) -> Ordering) {
        self.kept.sort_by(order);
        self.kept.truncate(MOST);
    }

    fn text(&self, what: &str, mark: &str) -> Result<()> {
        line(format_args!("  {what}: {}", self.count))?;
        self.kept.iter().take(SHOWN).try_for_each(|one| one.text(mark))?;
        more(self.count, self.kept.len()).map_or(Ok(()), line)
    }

    fn json(&self) -> Value {
        json!({ "count": self.count, "items": self.kept.iter().map(One::json).collect::<Vec<_>>() })
    }
}

impl One {
    fn missing(&self) -> f64 {
        (self.matched.threshold - self.matched.score).max(0.0)
    }

    fn text(&self, mark: &str) -> Result<()> {
        line(self.item.text(mark))?;
        let (score, threshold) = (points(self.matched.score), points(self.matched.threshold));
        let missing = match points(self.missing()) {
            none if none == "0" => String::new(),
            missing => format!("; thiếu {missing} · {missing} missing"),
        };
        line(format_args!("      {score} điểm, cần {threshold}{missing}"))?;
        self.matched.reasons.iter().try_for_each(|r| line(format_args!("      {}", reason_text(r))))
    }

    fn json(&self) -> Value {
        let Match { score, threshold, reasons, .. } = &self.matched;
        self.item.json(json!({
            "score": score, "threshold": threshold, "missing": self.missing(),
            "reasons": reasons.iter().map(reason_json).collect::<Vec<_>>(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Field, Item, Reason};
    use crate::schedule::Time;
    use crate::store::stories::Stored;

    #[test]
    fn of_a_long_list_the_first_are_kept_and_all_are_counted() {
        let one = |id: i64, score: f64| {
            let stored = Stored { id, story: id, source: "a".into(), seen: Time::UNIX_EPOCH, item: Item::default() };
            let matched = Match { topic: "t".into(), score, threshold: 10.0, reasons: Vec::new() };
            One { item: Told::new(&stored), matched }
        };
        let mut list = List::default();
        for id in 0..5_000 {
            list.push(one(id, if id % 100 == 0 { 9.0 } else { 5.0 }), nearest);
        }
        list.keep(nearest);
        assert_eq!((list.count, list.kept.len()), (5_000, MOST));
        let ids: Vec<i64> = list.kept.iter().map(|one| one.item.id).collect();
        assert_eq!((ids[0], ids[49], ids[50], ids[51]), (4_900, 0, 4_999, 4_998));
    }

    #[test]
    fn bare_is_what_only_words_without_marks_speak_for() {
        let with = format!("r{BARE}");
        for (reasons, expected) in [
            (vec![(with.as_str(), 10.0)], true),
            (vec![(with.as_str(), 10.0), (with.as_str(), 2.0)], true),
            (vec![(with.as_str(), 10.0), ("r", 2.0)], false),
            // What speaks against it is no evidence for it.
            (vec![(with.as_str(), 10.0), ("phạt", -2.0)], true),
            (vec![("r", 10.0)], false),
            (vec![], false),
        ] {
            let reasons: Vec<Reason> = reasons
                .into_iter()
                .map(|(rule, weight)| Reason { rule: rule.into(), text: "x".into(), field: Field::Title, weight })
                .collect();
            let matched = Match { topic: "t".into(), score: 10.0, threshold: 10.0, reasons };
            assert_eq!(is_bare(&matched), expected, "{matched:?}");
        }
    }
}
