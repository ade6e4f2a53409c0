//! `dongtin topic diff`: what the configuration on disk would add to the topics and take out of them, and why. Writes nothing.

use std::collections::{BTreeMap, VecDeque};

use anyhow::Result;
use serde_json::{Value, json};

use super::super::{counted, line, match_json, say, time_json};
use super::stored::{Look, MOST, SHOWN, Told, day, more};
use crate::cli::{Exit, Format, TopicStored};
use crate::model::told::{points, signed};
use crate::model::{Match, Reason, Topic};
use crate::poll::decided::Decided;
use crate::store::topics::{self, DecidedBy};

pub fn run(args: &TopicStored) -> Result<Exit> {
    let look = Look::open(args)?;
    if look.store.read(topics::decided_by)? == DecidedBy::Several {
        say(
            "dongtin: tin đã lưu đang được xếp lại chủ đề; xong rồi hãy so lại · stored items are being decided again; compare again after that",
        );
    }
    let mut changes = Changes::default();
    let items = look.walk(|decided| changes.add(decided))?;
    let configured = look.topics.iter().map(|topic| (topic.id.as_str(), Some(topic)));
    let gone = look.gone.iter().map(|id| (id.as_str(), None));
    let listed: Vec<Listed<'_>> = configured
        .chain(gone)
        .map(|(id, topic)| Listed {
            id,
            topic,
            is_stored: look.stored.contains(id),
            change: changes.topics.remove(id).unwrap_or_default(),
        })
        .collect();
    let is_any = listed.iter().any(Listed::is_any);
    match args.format {
        Format::Text => text(&look, &listed, items)?,
        _ => line(json!({
            "schema": "topic-diff/1", "since": time_json(Some(look.since)), "items": items, "changes": is_any,
            "topics": listed.iter().map(Listed::json).collect::<Vec<_>>(),
        }))?,
    }
    Ok(if is_any { Exit::No } else { Exit::Ok })
}

/// What would change, by topic.
#[derive(Default)]
struct Changes {
    topics: BTreeMap<String, OfTopic>,
}

impl Changes {
    fn add(&mut self, decided: &Decided) {
        let now = decided.now.iter().map(|m| (&m.topic, (None, Some(m))));
        let mut pairs: BTreeMap<&String, (Option<&Match>, Option<&Match>)> = now.collect();
        for then in &decided.then {
            pairs.entry(&then.topic).or_default().0 = Some(then);
        }
        for (topic, (then, now)) in pairs {
            let is_in = now.is_some_and(Match::matched);
            if then.is_none() && !is_in {
                continue;
            }
            let of_topic = self.topics.entry(topic.clone()).or_default();
            let change = || Change { item: Told::new(&decided.stored), then: then.cloned(), now: now.cloned() };
            match (then, is_in) {
                (None, _) => of_topic.added.push(change()),
                (Some(_), false) => of_topic.dropped.push(change()),
                (Some(_), true) if then == now => of_topic.same += 1,
                (Some(_), true) => of_topic.otherwise += 1,
            }
        }
    }
}

/// What would change in one topic.
#[derive(Default)]
struct OfTopic {
    added: Newest,
    dropped: Newest,
    /// How many items stay for other reasons, or with another score.
    otherwise: usize,
    /// How many stay as they are.
    same: usize,
}

/// The items that came last, and how many there are.
#[derive(Default)]
struct Newest {
    count: usize,
    kept: VecDeque<Change>,
}

impl Newest {
    fn push(&mut self, change: Change) {
        self.count += 1;
        self.kept.push_front(change);
        self.kept.truncate(MOST);
    }

    fn text(&self, mark: &str) -> Result<()> {
        self.kept.iter().take(SHOWN).try_for_each(|change| change.text(mark))?;
        more(self.count, self.kept.len()).map_or(Ok(()), line)
    }

    fn json(&self) -> Value {
        json!({ "count": self.count, "items": self.kept.iter().map(Change::json).collect::<Vec<_>>() })
    }
}

/// An item that would enter or leave a topic.
struct Change {
    item: Told,
    then: Option<Match>,
    now: Option<Match>,
}

impl Change {
    fn text(&self, mark: &str) -> Result<()> {
        line(self.item.text(mark))?;
        // Of an item that was in no topic no score is stored.
        let then = self.then.as_ref().map_or("–".to_owned(), |m| points(m.score));
        let now = self.now.as_ref().map_or("0".to_owned(), |m| points(m.score));
        let threshold = self.now.as_ref().or(self.then.as_ref()).map_or(0.0, |m| m.threshold);
        line(format_args!("      {then} → {now} điểm, cần {} · points, threshold", points(threshold)))?;
        let reasons = |side: &'_ Option<Match>| side.as_ref().map(|m| m.reasons.clone()).unwrap_or_default();
        let (then, now) = (reasons(&self.then), reasons(&self.now));
        for reason in only_in(&then, &now) {
            line(reason_line("-", reason))?;
        }
        for reason in only_in(&now, &then) {
            line(reason_line("+", reason))?;
        }
        Ok(())
    }

    fn json(&self) -> Value {
        self.item.json(json!({ "then": self.then.as_ref().map(match_json), "now": self.now.as_ref().map(match_json) }))
    }
}

fn reason_line(mark: &str, reason: &Reason) -> String {
    let Reason { rule, text, field, weight } = reason;
    format!("      {mark} {rule} \"{text}\" {} {}", field.names().0, signed(*weight))
}

/// The reasons that the other side does not have.
fn only_in<'r>(one: &'r [Reason], other: &[Reason]) -> Vec<&'r Reason> {
    one.iter().filter(|reason| !other.contains(reason)).collect()
}

/// A topic of the configuration, or one that is stored and no more in it.
struct Listed<'a> {
    id: &'a str,
    topic: Option<&'a Topic>,
    is_stored: bool,
    change: OfTopic,
}

impl Listed<'_> {
    fn is_any(&self) -> bool {
        let OfTopic { added, dropped, otherwise, .. } = &self.change;
        self.topic.is_none() || added.count + dropped.count + otherwise > 0
    }

    /// New: nothing of it is stored.
    fn state(&self) -> &'static str {
        match (self.topic, self.is_stored) {
            (None, _) => "gone",
            (Some(_), false) => "new",
            (Some(_), true) => "known",
        }
    }

    fn text(&self) -> Result<()> {
        let OfTopic { added, dropped, otherwise, same } = &self.change;
        let name = self.topic.map_or("", |t| &t.name);
        let state = match self.state() {
            "gone" => "  CHỦ ĐỀ KHÔNG CÒN trong cấu hình · the topic is gone",
            "new" => "  chủ đề mới, chưa có tin nào được lưu · a new topic, nothing of it is stored",
            _ => "",
        };
        let mark = if self.is_any() { "~" } else { "=" };
        line(format_args!("{mark} {}  {name}{state}", self.id))?;
        line(format_args!(
            "  thêm {0}, bớt {1}, giữ {2}, giữ vì lý do khác {otherwise} · {0} added, {1} dropped, {2} stay, {otherwise} stay for other reasons",
            added.count,
            dropped.count,
            same + otherwise,
        ))?;
        added.text("+")?;
        dropped.text("-")
    }

    fn json(&self) -> Value {
        let OfTopic { added, dropped, otherwise, same } = &self.change;
        json!({
            "topic": self.id, "name": self.topic.map(|t| &t.name), "state": self.state(), "added": added.json(),
            "dropped": dropped.json(), "same": same, "other_reasons": otherwise,
        })
    }
}

fn text(look: &Look, listed: &[Listed<'_>], items: usize) -> Result<()> {
    listed.iter().try_for_each(Listed::text)?;
    let since = day(look.since);
    let outcome = match listed.iter().any(Listed::is_any) {
        true => "muốn vậy thì chạy: systemctl reload dongtin · to have it so: systemctl reload dongtin",
        false => "không có gì khác · nothing would change",
    };
    let english = counted(items, "stored item", "stored items");
    line(format_args!("Đã xét {items} tin đến từ {since} · {english} since then; {outcome}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Field, Item};
    use crate::schedule::Time;
    use crate::store::stories::Stored;

    fn matched(topic: &str, score: f64) -> Match {
        let reasons = vec![Reason { rule: "r".into(), text: "x".into(), field: Field::Title, weight: score }];
        Match { topic: topic.into(), score, threshold: 10.0, reasons }
    }

    fn decided(id: i64, then: Vec<Match>, now: Vec<Match>) -> Decided {
        let stored = Stored { id, story: id, source: "a".into(), seen: Time::UNIX_EPOCH, item: Item::default() };
        Decided { stored, then, now }
    }

    #[test]
    fn what_is_in_a_topic_then_and_now_is_added_dropped_or_stays() {
        for (then, now, expected) in [
            (None, Some(20.0), [1, 0, 0, 0]),
            (Some(20.0), None, [0, 1, 0, 0]),
            (Some(20.0), Some(5.0), [0, 1, 0, 0]),
            (Some(20.0), Some(20.0), [0, 0, 0, 1]),
            (Some(20.0), Some(15.0), [0, 0, 1, 0]),
            // Below the threshold it was in no topic, and is in none.
            (None, Some(5.0), [0, 0, 0, 0]),
            (None, None, [0, 0, 0, 0]),
        ] {
            let side = |score: Option<f64>| score.map(|score| matched("t", score)).into_iter().collect();
            let mut changes = Changes::default();
            changes.add(&decided(1, side(then), side(now)));
            let of_topic = changes.topics.remove("t").unwrap_or_default();
            let counts = [of_topic.added.count, of_topic.dropped.count, of_topic.otherwise, of_topic.same];
            assert_eq!(counts, expected, "{then:?} {now:?}");
        }
    }

    #[test]
    fn of_a_long_list_the_newest_are_kept_and_all_are_counted() {
        let mut changes = Changes::default();
        for id in 0..3_000 {
            changes.add(&decided(id, Vec::new(), vec![matched("t", 20.0)]));
        }
        let added = &changes.topics["t"].added;
        assert_eq!((added.count, added.kept.len()), (3_000, MOST));
        assert_eq!((added.kept[0].item.id, added.kept[MOST - 1].item.id), (2_999, 2_000));
    }
}
