//! A story as lists show it.

use chrono::{Datelike, NaiveDate};

use super::marks::{Marks, Span};
use super::say::{clock, day, day_of, field, for_programs};
use super::story_path;
use crate::model::{Match, Member, Story};
use crate::publish::{Lang, link_of, others};
use crate::text;

/// The most reasons that a list tells of a story; its page tells the rest.
const MOST_REASONS: usize = 3;
/// The longest of them, in characters.
const MAX_REASON_CHARS: usize = 80;

/// The words of a row in one language.
pub struct Words {
    pub also_in: &'static str,
    pub because: &'static str,
    pub details: &'static str,
    pub story: &'static str,
}

const VI: Words =
    Words { also_in: "Cũng đăng tại", because: "Vì có", details: "Vì sao", story: "Nơi đăng và lý do" };

const EN: Words =
    Words { also_in: "Also in", because: "Because of", details: "Why", story: "Who carries it, and why it is here" };

impl Words {
    pub fn of(lang: Lang) -> &'static Words {
        match lang {
            Lang::Vi => &VI,
            Lang::En => &EN,
        }
    }
}

/// A story as a page shows it.
pub struct Row<'a> {
    pub time: String,
    pub datetime: String,
    /// Day and month, for lists that are not grouped by day.
    pub date: String,
    pub day: NaiveDate,
    /// Where the reasons are, below the root.
    pub story: String,
    pub title: Vec<Span<'a>>,
    pub link: &'a str,
    pub summary: Vec<Span<'a>>,
    pub who: &'a str,
    pub place: Option<Place>,
    pub others: Vec<(&'a str, &'a str)>,
    pub reasons: Vec<(String, &'static str)>,
}

/// A place that a page names.
#[derive(Clone)]
pub struct Place {
    pub name: &'static str,
    /// Its page below the root.
    pub path: String,
}

/// The stories of one day.
pub struct Day<'a> {
    pub name: String,
    /// What links name it by: `d23`.
    pub anchor: String,
    pub rows: Vec<Row<'a>>,
}

/// A story as a row; with the reasons of one topic, if one is meant, and what was looked for marked.
pub fn row<'a>(story: &'a Story, base: &str, marks: &Marks, lang: Lang) -> Option<Row<'a>> {
    let lead = story.lead()?;
    let topics = story.topics();
    let day = day_of(story.at);
    Some(Row {
        time: clock(story.at),
        datetime: for_programs(story.at),
        date: format!("{:02}/{:02}", day.day(), day.month()),
        day,
        story: story_path(&story.uid),
        title: marks.of(&lead.item.title),
        link: link_of(lead).as_str(),
        summary: marks.of(&lead.item.summary),
        who: &lead.publisher.name,
        place: place(lead, base),
        others: others(story).into_iter().map(|m| (m.publisher.name.as_str(), link_of(m).as_str())).collect(),
        reasons: reasons(topics.into_iter().map(|(_, matched)| matched).find(|m| m.topic == base), lang),
    })
}

/// The reasons of a topic in few words.
fn reasons(matched: Option<&Match>, lang: Lang) -> Vec<(String, &'static str)> {
    let mut reasons: Vec<(String, &'static str)> = Vec::new();
    for reason in matched.into_iter().flat_map(|m| &m.reasons).filter(|r| r.weight > 0.0) {
        let words = text::line(&reason.text, MAX_REASON_CHARS);
        // "làm theo lời Bác" says "lời Bác" too.
        let said = |known: &str| format!(" {} ", text::key(known)).contains(&format!(" {} ", text::key(&words)));
        if reasons.len() < MOST_REASONS && !reasons.iter().any(|(known, _)| said(known)) {
            reasons.push((words, field(reason.field, lang)));
        }
    }
    reasons
}

/// Where a version is from, unless its publisher's name says it, and the page of that place within a channel.
pub fn place(member: &Member, base: &str) -> Option<Place> {
    let province = member.publisher.province.filter(|p| !member.publisher.name.contains(p.name))?;
    Some(Place { name: province.name, path: format!("{base}/{}/", province.id) })
}

/// Stories by day, in the order they come in.
pub fn by_day<'a>(stories: impl Iterator<Item = &'a Story>, base: &str, lang: Lang) -> Vec<Day<'a>> {
    let mut days: Vec<Day<'_>> = Vec::new();
    let mut last = None;
    for row in stories.filter_map(|story| row(story, base, &Marks::none(), lang)) {
        if last != Some(row.day) {
            last = Some(row.day);
            let anchor = format!("d{}", row.day.day());
            days.push(Day { name: day(row.day, lang), anchor, rows: Vec::new() });
        }
        if let Some(day) = days.last_mut() {
            day.rows.push(row);
        }
    }
    days
}
