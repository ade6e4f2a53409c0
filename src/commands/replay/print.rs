//! What would change, for people and for programs.

use anyhow::Result;
use serde_json::{Value, json};

use super::super::{counted, line, local, match_json, reason_text, time_json};
use crate::model::Match;
use crate::model::told::points;
use crate::replay::{Changed, Changes, OfSource, Told, Topic, Unread};

/// Of one kind of change in one source, more is for programs.
const SHOWN: usize = 20;

/// For people.
pub fn text(changes: &Changes) -> Result<()> {
    for (id, of_source) in &changes.sources {
        let documents = of_source.documents;
        if !of_source.is_any() {
            line(format_args!("= {id}: {documents} tài liệu, không có gì khác · documents, nothing would change"))?;
            continue;
        }
        line(format_args!("~ {id}: {documents} tài liệu · documents"))?;
        source(of_source)?;
    }
    some(&changes.joined, |pair| pair_line("&", "sẽ là một sự việc · would be one story", pair))?;
    some(&changes.split, |pair| pair_line("÷", "không còn là một sự việc · would be one story no more", pair))?;
    let Changes { documents, unchanged, missing, unconfigured, torn, compared, joined, split, .. } = changes;
    let [new, gone, changed, gained, lost, read_now, unread_now] = totals(changes);
    line(format_args!(
        "Chạy lại từ {} đến {}: {documents} tài liệu ({unchanged} y như lần trước, {missing} mất bản gốc, {unconfigured} của nguồn không còn, {torn} dòng hỏng), so {compared} tin\n    \
         Replayed: {} ({unchanged} the same as before, {missing} without a body, {unconfigured} of sources that are gone, {torn} torn lines), {} compared",
        local(changes.since),
        local(changes.until),
        counted(*documents, "document", "documents"),
        counted(*compared, "item", "items"),
    ))?;
    line(format_args!(
        "{new} tin thêm, {gone} tin mất, {changed} tin đổi; chủ đề: {gained} thêm, {lost} bớt; sự việc: {} gộp, {} tách; tài liệu: {read_now} nay đọc được, {unread_now} nay không đọc được\n    \
         {new} new, {gone} gone, {changed} changed; topics: {gained} gained, {lost} lost; stories: {} joined, {} split; documents: {read_now} readable now, {unread_now} unreadable now",
        joined.len(),
        split.len(),
        joined.len(),
        split.len(),
    ))
}

fn source(of_source: &OfSource) -> Result<()> {
    some(&of_source.read_now, |unread| {
        unread_line("✓", "nay đọc được, khi ấy lỗi · readable now, failed then", unread)
    })?;
    some(&of_source.unread_now, |unread| unread_line("✗", "nay không đọc được · unreadable now", unread))?;
    some(&of_source.new, |item| item_line("+", item))?;
    some(&of_source.gone, |item| item_line("-", item))?;
    some(&of_source.changed, changed_lines)?;
    some(&of_source.gained, |topic| topic_lines("⊕", "vào · enters", topic))?;
    some(&of_source.lost, |topic| topic_lines("⊖", "ra khỏi · leaves", topic))
}

/// The first few, and how many more there are.
fn some<T>(list: &[T], print: impl Fn(&T) -> Result<()>) -> Result<()> {
    list.iter().take(SHOWN).try_for_each(print)?;
    match list.len().checked_sub(SHOWN) {
        None | Some(0) => Ok(()),
        Some(more) => line(format_args!("    … và {more} nữa (--format json) · and {more} more")),
    }
}

fn item_line(mark: &str, item: &Told) -> Result<()> {
    line(format_args!("    {mark} {}", name(item)))
}

fn name(item: &Told) -> String {
    match &item.link {
        Some(link) => format!("{}  {link}", item.title),
        None => item.title.clone(),
    }
}

fn pair_line(mark: &str, what: &str, (one, other): &(Told, Told)) -> Result<()> {
    line(format_args!("{mark} {what}:\n    {}\n    {}", name(one), name(other)))
}

fn unread_line(mark: &str, what: &str, unread: &Unread) -> Result<()> {
    line(format_args!("    {mark} {} {}: {} ({what})", local(unread.at), unread.class, unread.url))
}

fn changed_lines(changed: &Changed) -> Result<()> {
    item_line("~", &changed.item)?;
    changed.fields.iter().try_for_each(|(field, then, now)| {
        let shown = |value: &Option<String>| value.as_deref().map_or("∅".to_owned(), |text| format!("\"{text}\""));
        line(format_args!("        {field}: {} → {}", shown(then), shown(now)))
    })
}

fn topic_lines(mark: &str, what: &str, topic: &Topic) -> Result<()> {
    line(format_args!("    {mark} {what} {}: {}", topic.topic, name(&topic.item)))?;
    if let Some(then) = &topic.then {
        reasons("khi ấy · then", then)?;
    }
    match &topic.now {
        Some(now) => reasons("nay · now", now),
        None => line(format_args!("        nay không có gì nói về chủ đề ấy · nothing speaks for it now")),
    }
}

fn reasons(when: &str, matched: &Match) -> Result<()> {
    let (score, threshold) = (points(matched.score), points(matched.threshold));
    line(format_args!("        {when}: {score} điểm, cần {threshold} · score, threshold"))?;
    matched.reasons.iter().try_for_each(|r| line(format_args!("            {}", reason_text(r))))
}

fn totals(changes: &Changes) -> [usize; 7] {
    let mut totals = [0; 7];
    for of_source in changes.sources.values() {
        totals.iter_mut().zip(of_source.counts()).for_each(|(total, count)| *total += count);
    }
    totals
}

/// For programs.
pub fn json(changes: &Changes) -> Result<()> {
    let [new, gone, changed, gained, lost, read_now, unread_now] = totals(changes);
    let pairs = |pairs: &[(Told, Told)]| -> Vec<Value> {
        pairs.iter().map(|(one, other)| json!([item_json(one), item_json(other)])).collect()
    };
    line(json!({
        "schema": "replay/1", "since": time_json(Some(changes.since)), "until": time_json(Some(changes.until)),
        "changes": changes.is_any(), "documents": changes.documents, "unchanged": changes.unchanged, "missing": changes.missing,
        "unconfigured": changes.unconfigured, "torn": changes.torn, "compared": changes.compared,
        "total": {
            "new": new, "gone": gone, "changed": changed, "gained": gained, "lost": lost, "joined": changes.joined.len(),
            "split": changes.split.len(), "read_now": read_now, "unread_now": unread_now,
        },
        "sources": changes.sources.iter().map(|(id, of_source)| source_json(id, of_source)).collect::<Vec<_>>(),
        "stories": { "joined": pairs(&changes.joined), "split": pairs(&changes.split) },
    }))
}

fn source_json(id: &str, of_source: &OfSource) -> Value {
    let items = |items: &[Told]| items.iter().map(item_json).collect::<Vec<_>>();
    let topics = |topics: &[Topic]| topics.iter().map(topic_json).collect::<Vec<_>>();
    let unread = |unread: &[Unread]| {
        unread
            .iter()
            .map(|u| json!({ "at": time_json(Some(u.at)), "url": u.url, "class": u.class }))
            .collect::<Vec<_>>()
    };
    json!({
        "source": id, "documents": of_source.documents, "new": items(&of_source.new), "gone": items(&of_source.gone),
        "changed": of_source.changed.iter().map(changed_json).collect::<Vec<_>>(),
        "gained": topics(&of_source.gained), "lost": topics(&of_source.lost),
        "read_now": unread(&of_source.read_now), "unread_now": unread(&of_source.unread_now),
    })
}

fn item_json(item: &Told) -> Value {
    json!({ "title": item.title, "link": item.link })
}

fn changed_json(changed: &Changed) -> Value {
    let fields =
        changed.fields.iter().map(|(field, then, now)| ((*field).to_owned(), json!({ "then": then, "now": now })));
    json!({ "title": changed.item.title, "link": changed.item.link, "fields": fields.collect::<serde_json::Map<_, _>>() })
}

fn topic_json(topic: &Topic) -> Value {
    json!({
        "topic": topic.topic, "title": topic.item.title, "link": topic.item.link,
        "then": topic.then.as_ref().map(match_json), "now": topic.now.as_ref().map(match_json),
    })
}
