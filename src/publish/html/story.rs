//! The page of a story: everyone who carries it, what differs and why they are one, other stories of the event, and why it is in its topics.
//! Made when somebody asks: there are many, and few are read.

use askama::Template;

use super::copies::{self, Beside, Carrier};
use super::difference::Mark;
use super::frame::{Frame, Head, listed};
use super::say::{field, moment, name};
use crate::model::{Enclosure, Match, Member, Related, Story, told};
use crate::publish::{Lang, MOST_REASONS, Page, Site, TopicName, link_of, points, quoted};
use crate::text;

/// The most other stories of the event that a page lists.
const MOST_RELATED: usize = 20;

/// The longest description for programs that show links; they cut it sooner.
const MAX_DESCRIPTION_CHARS: usize = 300;

/// The path of a story's page.
pub fn story_path(uid: &str) -> String {
    format!("story/{uid}")
}

/// The page of a story.
pub fn page(site: &Site, topics: &[TopicName], story: &Story, lang: Lang) -> Option<Page> {
    render(site, topics, story, lang).map(Page::html)
}

#[derive(Template)]
#[template(path = "story.html")]
struct StoryPage<'a> {
    frame: Frame<'a>,
    words: &'static Words,
    title: &'a str,
    link: &'a str,
    summary: &'a str,
    files: &'a [Enclosure],
    /// Who publishes the lead.
    lead: &'a str,
    carriers: Vec<Carrier<'a>>,
    /// Whether any words are shown side by side.
    any_differ: bool,
    related: Vec<RelatedOf<'a>>,
    topics: Vec<TopicOf<'a>>,
}

/// Another story of the event.
struct RelatedOf<'a> {
    /// Its page, below the root.
    page: String,
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
    files: &'static str,
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
    files: "Tệp đính kèm",
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
    files: "Attachments",
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

fn render(site: &Site, names: &[TopicName], story: &Story, lang: Lang) -> Option<String> {
    let lead = story.lead()?;
    let several = story.members.len() > 1;
    let words = Words::of(lang);
    let carriers = copies::carriers(story, words.copies);
    let page = StoryPage {
        frame: Frame::new(site, lang, &story_path(&story.uid), listed(names, lang), head(story, lead, names, lang)),
        words,
        title: &lead.item.title,
        link: link_of(lead).as_str(),
        summary: &lead.item.summary,
        files: &lead.item.enclosures,
        lead: &lead.publisher.name,
        any_differ: carriers.iter().any(|carrier| matches!(carrier.beside, Beside::Differs(_))),
        carriers,
        related: story.related.iter().take(MOST_RELATED).map(related).collect(),
        topics: story
            .topics()
            .into_iter()
            .map(|(member, matched)| {
                let by = several.then_some(member.publisher.name.as_str());
                topic(names, by, matched, lang)
            })
            .collect(),
    };
    page.render().ok()
}

fn head(story: &Story, lead: &Member, names: &[TopicName], lang: Lang) -> Head {
    let topics = story.topics();
    let known = names.iter().filter(|name| topics.iter().any(|(_, matched)| matched.topic == name.id));
    // Of several topics the first in the site's order is the way that most people came.
    let step = known.map(|t| (name(lang, &t.vi, &t.en).to_owned(), format!("{}/", t.id))).next();
    Head {
        title: lead.item.title.clone(),
        description: text::line(&lead.item.summary, MAX_DESCRIPTION_CHARS),
        is_article: true,
        trail: step.into_iter().collect(),
        ..Head::default()
    }
}

fn related(story: &Related) -> RelatedOf<'_> {
    let (time, datetime) = moment(story.published);
    RelatedOf {
        page: story_path(&story.uid),
        title: &story.title,
        link: story.link.as_ref().unwrap_or(&story.publisher.site).as_str(),
        who: &story.publisher.name,
        time,
        datetime,
    }
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
