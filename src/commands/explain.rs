//! `dongtin explain`: fetch, parse, extract, match, group: the whole decision on one page, writing nothing.

use anyhow::{Result, anyhow};
use serde_json::{Value, json};
use url::Url;

use super::because::{self, With};
use super::{
    Found, counted, find, find_config, line, load_rules, match_json, reason_text, refuse, say, state_dir, time_json,
};
use crate::classify;
use crate::classify::Rules;
use crate::cli::{ConfigDir, Exit, Explain, Format};
use crate::dedup;
use crate::kin;
use crate::model::told::points;
use crate::model::{Because, Item, Match, Member, Publish, Story};
use crate::parse::{self, Entry, IdSource, article};
use crate::poll::{evidence_of_nobody, section};
use crate::store::Store;
use crate::store::stories::{self, Stored};
use crate::{clock, config};

/// Everything about one item.
struct Explained {
    item: Item,
    /// In the order of the topics; only those for or against which something speaks.
    matches: Vec<Match>,
    /// The stored story that it is, or would join.
    story: Option<Joins>,
    uid: String,
}

/// A stored story that an item is part of, or would be.
struct Joins {
    because: Because,
    /// The item of it that it is most like.
    with: Option<Stored>,
    story: Story,
}

pub fn run(args: &Explain) -> Result<Exit> {
    let found = find(&args.input, &args.config)?;
    let rules = load_rules(&args.config)?;
    let (store, why_none) = match open_store(&args.config) {
        Ok(store) => (store, "chưa có dữ liệu đã lưu để so · no stored stories to compare with".to_owned()),
        Err(error) => {
            (None, format!("không so được với dữ liệu đã lưu · stored stories cannot be compared with: {error:#}"))
        }
    };
    let (kind, items) = read(&found)?;
    let mut explained = Vec::new();
    for (item, keys) in items {
        let traits = kin::Traits::of_item(&item, keys.link_names_it());
        let (at, now) = (item.published.unwrap_or_else(clock::now), clock::now());
        let story = match &store {
            Some(store) => store.read(|db| {
                let near = store.kinship().near(db, &item, &traits, (at, now), None)?;
                let joins = |(story, with, because)| {
                    Ok(Joins { because, with: because::with(db, with)?, story: stories::by_id(db, story)? })
                };
                near.joins.map(joins).transpose()
            })?,
            None => None,
        };
        let uid = dedup::story_uid(&item, &keys);
        let section = section(item.link.as_ref(), None);
        let matches = rules.decide(&classify::Evidence { section: &section, ..evidence_of_nobody(&item) });
        explained.push(Explained { item, matches, story, uid });
    }
    if args.format == Format::Text {
        line(format_args!("{kind}: {} tin · {}", explained.len(), counted(explained.len(), "item", "items")))?;
        if store.is_none() {
            line(format_args!("({why_none})"))?;
        }
        for one in &explained {
            print_text(one, &rules)?;
        }
    } else {
        let items: Vec<Value> = explained.iter().map(explained_json).collect();
        let compared = store.is_some();
        if !compared {
            say(format_args!("dongtin: {why_none}"));
        }
        line(json!({ "schema": "explain/1", "kind": kind, "compared": compared, "items": items }))?;
    }
    Ok(Exit::Ok)
}

/// The stored stories, if a configuration names a database and it is there. Without one the rest is explained all the
/// same.
fn open_store(args: &ConfigDir) -> Result<Option<Store>> {
    let Some(dir) = find_config(args) else { return Ok(None) };
    match config::load(&dir, clock::now()) {
        Ok(config) => Store::open_beside(&state_dir(&dir, &config)),
        Err(_) => {
            Err(anyhow!("cấu hình có lỗi, xem dongtin check · the configuration has mistakes, see dongtin check"))
        }
    }
}

/// The items of a feed, or the one of an article page.
fn read(found: &Found) -> Result<(&'static str, Vec<(Item, dedup::ItemKeys)>)> {
    let context = found.context(found.url.as_ref());
    let now = clock::now();
    match parse::feed(&found.bytes, &context) {
        Ok(parsed) => {
            let keys = dedup::assign("", &parsed.entries);
            let items = parsed
                .entries
                .iter()
                .zip(keys)
                .filter_map(|(entry, keys)| Some((parse::item::item(entry, Publish::Teaser, now)?, keys?)));
            Ok(("feed", items.collect()))
        }
        // An article may be headed like an error page.
        Err(parse::ParseError::Page | parse::ParseError::SoftNotFound | parse::ParseError::Maintenance) => {
            let article =
                article::read(&found.bytes, &context, &[]).map_err(|e| refuse(Exit::NotAFeed, e.to_string()))?;
            let link = article.metadata.canonical.clone().or_else(|| found.url.clone());
            let entry = Entry {
                id: link.as_ref().map(Url::to_string).unwrap_or_default(),
                id_source: IdSource::Link,
                title: article.metadata.title.clone(),
                link,
                published: article.metadata.published,
                summary: article.metadata.excerpt.clone(),
                content: Some(article.html.as_str().to_owned()),
                ..Entry::default()
            };
            let keys = dedup::assign("", std::slice::from_ref(&entry)).into_iter().flatten().next();
            let item = parse::item::item(&entry, Publish::Teaser, now);
            item.zip(keys)
                .map(|one| ("article", vec![one]))
                .ok_or_else(|| refuse(Exit::NotAFeed, "trang không có tiêu đề · the page has no headline"))
        }
        Err(error) => {
            let exit =
                if matches!(error, parse::ParseError::Unrecoverable(_)) { Exit::Unrecoverable } else { Exit::NotAFeed };
            Err(refuse(exit, error.to_string()))
        }
    }
}

fn print_text(one: &Explained, rules: &Rules) -> Result<()> {
    let item = &one.item;
    line(format_args!("\n{}", item.title))?;
    if let Some(link) = &item.link {
        line(format_args!("  {link}"))?;
    }
    let words = |text: &str| text.split_whitespace().count();
    let date = item.published.map_or("không có ngày · no date".to_owned(), super::local);
    line(format_args!(
        "  {date}; tóm tắt/teaser {} tiếng, bài/article {} tiếng",
        words(&item.summary),
        words(&item.body)
    ))?;
    if one.matches.is_empty() {
        line(format_args!(
            "  Không có gì nói về {} chủ đề đang có · nothing speaks for any topic",
            rules.topics().len()
        ))?;
    }
    for m in &one.matches {
        let (mark, verdict) = if m.matched() { ("✓", "thuộc") } else { ("✗", "không thuộc") };
        let (score, threshold) = (points(m.score), points(m.threshold));
        line(format_args!(
            "  {mark} {verdict} \"{}\": {score} điểm, cần {threshold} · score {score}, threshold {threshold}",
            m.topic
        ))?;
        for r in &m.reasons {
            line(format_args!("      {}", reason_text(r)))?;
        }
    }
    match &one.story {
        None => line(format_args!("  Sự việc mới, tên {} · a new story", one.uid)),
        Some(Joins { because, with, story }) => {
            let carriers: Vec<&str> = story.members.iter().map(|m| m.publisher.name.as_str()).collect();
            line(format_args!(
                "  Cùng sự việc {0}, đã đăng: {1} · the same story as {0} by {1}",
                story.uid,
                carriers.join(", "),
            ))?;
            for told in because::text(because, with.as_ref().map(With::stored)) {
                line(format_args!("    {told}"))?;
            }
            story.topics().into_iter().try_for_each(|(member, matched)| print_stored(&member.publisher.name, matched))
        }
    }
}

/// Why a stored story is in a topic.
fn print_stored(by: &str, matched: &Match) -> Result<()> {
    let (score, threshold) = (points(matched.score), points(matched.threshold));
    line(format_args!(
        "    đã lưu trong \"{}\" theo bài của {by}: {score} điểm, cần {threshold} · stored in it, score {score}, threshold {threshold}",
        matched.topic
    ))?;
    matched.reasons.iter().try_for_each(|reason| line(format_args!("      {}", reason_text(reason))))
}

fn explained_json(one: &Explained) -> Value {
    let stored =
        |(member, matched): (&Member, &Match)| json!({ "by": member.publisher.id, "match": match_json(matched) });
    let (because, carriers, uid) = match &one.story {
        Some(Joins { because, with, story }) => {
            let carriers: Vec<&str> = story.members.iter().map(|m| m.publisher.id.as_str()).collect();
            (Some(because::json(because, with.as_ref().map(With::stored))), carriers, story.uid.as_str())
        }
        None => (None, Vec::new(), one.uid.as_str()),
    };
    json!({
        "title": one.item.title, "link": one.item.link.as_ref().map(Url::as_str), "published": time_json(one.item.published),
        "summary": one.item.summary, "words": one.item.body.split_whitespace().count(),
        "topics": one.matches.iter().map(match_json).collect::<Vec<_>>(),
        "story": uid, "known": one.story.is_some(), "because": because, "carriers": carriers,
        "stored_topics": one.story.iter().flat_map(|joins| joins.story.topics()).map(stored).collect::<Vec<_>>(),
    })
}
