//! `dongtin story show`: who carries a story, why each belongs to it, its topics, and other stories of the event.

use anyhow::Result;
use serde_json::{Value, json};
use url::Url;

use super::super::because::{self, With};
use super::super::{line, load_config, local, match_json, state_dir, time_json};
use super::{found, headline, nothing_stored};
use crate::cli::{Exit, Format, StoryName};
use crate::model::told::points;
use crate::model::{Because, Match, Member, Related, Story};
use crate::schedule::Time;
use crate::store::{Store, stories, withdrawn};

/// A story with the numbers of its items.
struct Shown {
    story: Story,
    numbers: Vec<i64>,
    page: String,
    /// When it was taken back.
    withdrawn: Option<Time>,
}

pub fn run(args: &StoryName) -> Result<Exit> {
    let (config_dir, config) = load_config(&args.config)?;
    let store = Store::open_beside(&state_dir(&config_dir, &config))?.ok_or_else(nothing_stored)?;
    let (story, numbers, withdrawn) = store.read(|db| {
        let id = found(db, &args.story)?;
        Ok((stories::by_id(db, id)?, stories::numbers(db, id)?, withdrawn::since(db, id)?))
    })?;
    let page = format!("{}story/{}", config.settings.public.base_url, story.uid);
    let shown = Shown { story, numbers, page, withdrawn };
    match args.format {
        Format::Text => shown.text(),
        _ => line(shown.json()),
    }?;
    Ok(Exit::Ok)
}

impl Shown {
    fn items(&self) -> impl Iterator<Item = (i64, &Member)> {
        self.numbers.iter().copied().zip(&self.story.members)
    }

    /// Why an item belongs, and the one that it was found to be like.
    fn because<'a>(&'a self, member: &'a Member) -> Option<(&'a Because, Option<With<'a>>)> {
        let (because, place) = member.joined.as_ref()?;
        let with = self.items().nth(*place);
        Some((because, with.map(|(number, m)| With { number, source: &m.publisher.id, item: &m.item })))
    }

    fn text(&self) -> Result<()> {
        let Shown { story, page, .. } = self;
        line(story.lead().map(|lead| headline(&lead.item.title)).unwrap_or_default())?;
        line(format_args!("  {}  {page}", story.uid))?;
        if let Some(at) = self.withdrawn {
            let at = local(at);
            line(format_args!("  Đã gỡ lúc {at}, không còn hiện ở đâu · taken back {at}, shown nowhere"))?;
        }
        let count = story.members.len();
        line(format_args!("  Các tin, ★ là bài đại diện: {count} · the items, ★ is the lead: {count}"))?;
        for ((number, member), place) in self.items().zip(0..) {
            self.item(number, member, place == 0)?;
        }
        let topics = story.topics();
        line(if topics.is_empty() {
            "  Không thuộc chủ đề nào · in no topic"
        } else {
            "  Chủ đề · topics:"
        })?;
        topics.into_iter().try_for_each(|(member, matched)| topic(&member.publisher.id, matched))?;
        if !story.related.is_empty() {
            line("  Cùng sự kiện · the same event:")?;
        }
        story.related.iter().try_for_each(related)
    }

    fn item(&self, number: i64, member: &Member, is_lead: bool) -> Result<()> {
        let (mark, time) = (if is_lead { "★" } else { " " }, local(member.published()));
        line(format_args!("  {mark} {number:>6}  {time}  {} [{}]", member.publisher.name, member.publisher.id))?;
        line(format_args!("            {}", headline(&member.item.title)))?;
        if let Some(link) = &member.item.link {
            line(format_args!("            {link}"))?;
        }
        let Some((because, with)) = self.because(member) else { return Ok(()) };
        because::text(because, with).into_iter().try_for_each(|told| line(format_args!("            {told}")))
    }

    fn json(&self) -> Value {
        let Shown { story, page, .. } = self;
        let items = self.items().zip(0..).map(|((number, member), place)| {
            let because = self.because(member).map(|(because, with)| because::json(because, with));
            json!({
                "item": number, "lead": place == 0, "source": member.publisher.id, "publisher": member.publisher.name,
                "title": member.item.title, "link": member.item.link.as_ref().map(Url::as_str),
                "published": time_json(member.item.published), "seen": time_json(Some(member.seen)), "because": because,
            })
        });
        let topics = story
            .topics()
            .into_iter()
            .map(|(member, matched)| json!({ "by": member.publisher.id, "match": match_json(matched) }));
        json!({
            "schema": "story/1", "story": story.uid, "page": page, "at": time_json(Some(story.at)),
            "updated": time_json(Some(story.updated)), "withdrawn": time_json(self.withdrawn), "items": items.collect::<Vec<_>>(),
            "topics": topics.collect::<Vec<_>>(), "related": story.related.iter().map(related_json).collect::<Vec<_>>(),
        })
    }
}

fn topic(by: &str, matched: &Match) -> Result<()> {
    let (score, threshold) = (points(matched.score), points(matched.threshold));
    line(format_args!(
        "    {}  {score} điểm, cần {threshold}, theo tin của {by} · score {score}, threshold {threshold}, by the item of {by}",
        matched.topic
    ))
}

fn related(story: &Related) -> Result<()> {
    let Related { uid, title, publisher, published, .. } = story;
    line(format_args!("    {uid}  {}  {} [{}]", local(*published), publisher.name, publisher.id))?;
    line(format_args!("            {}", headline(title)))
}

fn related_json(story: &Related) -> Value {
    json!({
        "story": story.uid, "title": story.title, "link": story.link.as_ref().map(Url::as_str),
        "source": story.publisher.id, "published": time_json(Some(story.published)),
    })
}
