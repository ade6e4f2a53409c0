//! The page of a story: everyone who carries it, what differs and why they are one, other stories of the event, and why it is in its topics.
//! Made when somebody asks: there are many, and few are read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use askama::Template;
use chrono::{Datelike, Timelike};

use super::copies::{self, Beside, Carrier};
use super::difference::Mark;
use super::{Frame, Lang, Site, field, link_of, name};
use crate::model::{Match, Related, Story, told};
use crate::publish::{MOST_REASONS, Page, TopicName, points, quoted};
use crate::schedule::{Time, vietnam};

/// The most other stories of the event that a page lists.
const MOST_RELATED: usize = 20;

/// The path of a story's page.
pub fn story_path(uid: &str) -> String {
    format!("story/{uid}")
}

/// The stories that have a page, by the channel that shows them.
#[derive(Debug, Clone, Default)]
pub struct Stories {
    channels: BTreeMap<String, Arc<BTreeMap<String, Story>>>,
    /// The names of stories that became part of one of these, each with the name of that one.
    aliases: Arc<BTreeMap<String, String>>,
    about: Option<Arc<About>>,
}

/// What every page says besides its story.
#[derive(Debug)]
struct About {
    site: Site,
    topics: Vec<TopicName>,
}

impl Stories {
    /// None yet.
    pub fn new(site: &Site, topics: &[TopicName]) -> Stories {
        let about = About { site: site.clone(), topics: topics.to_vec() };
        Stories { about: Some(Arc::new(about)), ..Stories::default() }
    }

    /// Puts the stories of a channel in the place of those it showed before.
    pub fn set(&mut self, channel: &str, stories: Vec<Story>) {
        let mut by_uid = BTreeMap::new();
        for mut story in stories {
            // Articles are for feeds.
            story.members.iter_mut().for_each(|member| member.item.html = None);
            by_uid.insert(story.uid.clone(), story);
        }
        self.channels.insert(channel.to_owned(), Arc::new(by_uid));
    }

    /// Has the names of stories that became part of another lead to that one, wherever it has a page.
    pub fn set_aliases(&mut self, mut aliases: BTreeMap<String, String>) {
        aliases.retain(|_, uid| self.find(uid).is_some());
        self.aliases = Arc::new(aliases);
    }

    /// The name of the story that took in the one whose page was at a path.
    pub fn moved(&self, path: &str) -> Option<&str> {
        self.aliases.get(path.strip_prefix("story/")?).map(String::as_str)
    }

    fn find(&self, uid: &str) -> Option<&Story> {
        self.channels.values().find_map(|stories| stories.get(uid))
    }

    /// The paths of all pages there are, and of those that [moved](Stories::moved).
    pub fn paths(&self) -> BTreeSet<String> {
        let names = self.channels.values().flat_map(|stories| stories.keys());
        names.chain(self.aliases.keys()).map(|uid| story_path(uid)).collect()
    }

    /// The page at a path, if it is that of a story that some channel shows.
    pub fn page(&self, path: &str, lang: Lang) -> Option<Page> {
        let uid = path.strip_prefix("story/")?;
        let About { site, topics } = self.about.as_deref()?;
        let story = self.find(uid)?;
        let is_there = |uid: &str| self.find(uid).is_some();
        Some(Page::undated(render(site, topics, story, is_there, lang)?.into_bytes(), "text/html; charset=utf-8"))
    }
}

#[derive(Template)]
#[template(path = "story.html")]
struct StoryPage<'a> {
    frame: Frame<'a>,
    words: &'static Words,
    title: &'a str,
    link: &'a str,
    summary: &'a str,
    /// Who publishes the lead.
    lead: &'a str,
    carriers: Vec<Carrier<'a>>,
    /// Whether any words are shown side by side.
    any_differ: bool,
    related: Vec<RelatedOf<'a>>,
    topics: Vec<TopicOf<'a>>,
    page_url: String,
}

/// Another story of the event.
struct RelatedOf<'a> {
    /// Its page, below the root, if it has one.
    page: Option<String>,
    title: &'a str,
    /// The article, or the site of its publisher where it has no address.
    link: &'a str,
    who: &'a str,
    time: String,
    datetime: String,
}

/// A topic that the story is in.
struct TopicOf<'a> {
    id: &'a str,
    name: &'a str,
    /// Whether it has a page.
    is_there: bool,
    score: String,
    threshold: String,
    /// Whose item brought it there, where several carry the story.
    by: Option<&'a str>,
    reasons: Vec<ReasonOf>,
}

struct ReasonOf {
    rule: String,
    words: String,
    field: &'static str,
    points: String,
}

/// The words of the page in one language.
struct Words {
    copies: &'static copies::Words,
    carriers: &'static str,
    related: &'static str,
    why: &'static str,
    none: &'static str,
    points: &'static str,
    threshold: &'static str,
    by: &'static str,
}

const VI: Words = Words {
    copies: &copies::VI,
    carriers: "Nơi đăng",
    related: "Cùng sự kiện",
    why: "Vì sao có trong chủ đề",
    none: "Tin này không thuộc chủ đề nào.",
    points: "điểm",
    threshold: "cần",
    by: "theo bài của",
};

const EN: Words = Words {
    copies: &copies::EN,
    carriers: "Who carries it",
    related: "The same event",
    why: "Why it is in its topics",
    none: "This story is in no topic.",
    points: "points",
    threshold: "threshold",
    by: "by the article of",
};

impl Words {
    fn of(lang: Lang) -> &'static Words {
        match lang {
            Lang::Vi => &VI,
            Lang::En => &EN,
        }
    }
}

fn render(
    site: &Site,
    names: &[TopicName],
    story: &Story,
    is_there: impl Fn(&str) -> bool,
    lang: Lang,
) -> Option<String> {
    let lead = story.lead()?;
    let topics = names.iter().map(|t| (t.id.as_str(), name(lang, &t.vi, &t.en))).collect();
    let several = story.members.len() > 1;
    let words = Words::of(lang);
    let carriers = copies::carriers(story, words.copies);
    let page = StoryPage {
        frame: Frame::new(site, lang, "../", topics, ""),
        words,
        title: &lead.item.title,
        link: link_of(lead).as_str(),
        summary: &lead.item.summary,
        lead: &lead.publisher.name,
        any_differ: carriers.iter().any(|carrier| matches!(carrier.beside, Beside::Differs(_))),
        carriers,
        related: story.related.iter().take(MOST_RELATED).map(|story| related(story, &is_there)).collect(),
        topics: story
            .topics()
            .into_iter()
            .map(|(member, matched)| {
                let by = several.then_some(member.publisher.name.as_str());
                topic(names, by, matched, lang)
            })
            .collect(),
        page_url: site.url(&story_path(&story.uid)),
    };
    page.render().ok()
}

fn related(story: &Related, is_there: impl Fn(&str) -> bool) -> RelatedOf<'_> {
    let (time, datetime) = local(story.published);
    RelatedOf {
        page: is_there(&story.uid).then(|| story_path(&story.uid)),
        title: &story.title,
        link: story.link.as_ref().unwrap_or(&story.publisher.site).as_str(),
        who: &story.publisher.name,
        time,
        datetime,
    }
}

/// A moment as people read it in Việt Nam, and as programs do.
pub(super) fn local(time: Time) -> (String, String) {
    let local = time.with_timezone(&vietnam());
    let shown = format!("{:02}:{:02} {}/{}/{}", local.hour(), local.minute(), local.day(), local.month(), local.year());
    (shown, local.format("%Y-%m-%dT%H:%M:%S%:z").to_string())
}

fn topic<'a>(names: &'a [TopicName], by: Option<&'a str>, matched: &'a Match, lang: Lang) -> TopicOf<'a> {
    let known = names.iter().find(|t| t.id == matched.topic);
    TopicOf {
        id: &matched.topic,
        name: known.map_or(&matched.topic, |t| name(lang, &t.vi, &t.en)),
        is_there: known.is_some(),
        score: points(told::points(matched.score), lang),
        threshold: points(told::points(matched.threshold), lang),
        by,
        reasons: matched
            .weightiest(MOST_REASONS)
            .into_iter()
            .map(|reason| ReasonOf {
                rule: quoted(&reason.rule),
                words: quoted(&reason.text),
                field: field(reason.field, lang),
                points: points(told::signed(reason.weight), lang),
            })
            .collect(),
    }
}
