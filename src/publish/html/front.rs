//! The front page.

use askama::Template;

use super::figures::Figures;
use super::frame::{Feed, Frame, Head};
use super::marks::Marks;
use super::pictures::Pictures;
use super::row::{Row, row};
use super::say::{self, grouped, name};
use crate::model::Story;
use crate::publish::{ALL, Lang, Site};

/// How many stories of a topic it shows.
const ON_THE_FRONT: usize = 4;

/// The front page's content.
pub struct Front<'a> {
    /// The site.
    pub site: &'a Site,
    /// Its topics in order.
    pub topics: Vec<FrontTopic<'a>>,
    /// How many stories there are.
    pub all: u32,
    /// How many sources are polled.
    pub sources: usize,
    /// The pictures of its first topic, or of all stories.
    pub figures: Option<Figures>,
}

/// A topic on the front page.
pub struct FrontTopic<'a> {
    /// Its path.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its name in English.
    pub name_en: &'a str,
    /// One sentence.
    pub description: &'a str,
    /// How many stories it has.
    pub count: u32,
    /// Its newest stories.
    pub stories: &'a [Story],
}

#[derive(Template)]
#[template(path = "front.html")]
struct Page<'a> {
    frame: Frame<'a>,
    words: &'static Words,
    cards: Vec<Card<'a>>,
    all: String,
    sources: String,
    pictures: Option<Pictures>,
}

struct Card<'a> {
    path: &'a str,
    title: &'a str,
    description: &'a str,
    count: String,
    stories: Vec<Row<'a>>,
}

/// The words of the page in one language.
struct Words {
    about: &'static str,
    everything: &'static str,
    nothing_yet: &'static str,
    more: &'static str,
}

const VI: Words = Words {
    about: "Tin của các cơ quan Đảng, chính quyền và báo chí ở trung ương và 34\u{a0}tỉnh, thành phố, gom theo chủ đề để theo dõi bằng trình đọc tin.",
    everything: "Tất cả tin",
    nothing_yet: "Chưa có tin nào. Tin sẽ hiện ở đây khi có.",
    more: "Xem tất cả",
};

const EN: Words = Words {
    about: "News of party bodies, government and press, central and in the 34\u{a0}provinces and cities of Việt Nam, gathered by topic for your feed reader.",
    everything: "All stories",
    nothing_yet: "No stories yet. They will appear here.",
    more: "See all",
};

/// The front page.
pub fn front(front: &Front<'_>, lang: Lang) -> String {
    let words = match lang {
        Lang::Vi => &VI,
        Lang::En => &EN,
    };
    let topics: Vec<(&str, &str)> = front.topics.iter().map(|t| (t.id, name(lang, t.name, t.name_en))).collect();
    let of_topics = topics.iter().flat_map(|(id, title)| Feed::all(front.site, &format!("{id}/"), "", title));
    let of_all = Feed::all(front.site, &format!("{ALL}/"), "", words.everything);
    let head =
        Head { description: words.about.to_owned(), feeds: of_topics.chain(of_all).collect(), ..Head::default() };
    let page = Page {
        frame: Frame::new(front.site, lang, "", topics, head),
        words,
        cards: front.topics.iter().map(|topic| card(topic, lang)).collect(),
        all: say::stories(front.all, lang),
        sources: say::sources(u32::try_from(front.sources).unwrap_or(u32::MAX), lang),
        pictures: front.figures.as_ref().map(|figures| pictures(front, figures, words, lang)),
    };
    page.render().unwrap_or_default()
}

fn pictures(front: &Front<'_>, figures: &Figures, words: &Words, lang: Lang) -> Pictures {
    let topic = front.topics.iter().find(|topic| topic.id == figures.base);
    let title = topic.map_or(words.everything, |topic| name(lang, topic.name, topic.name_en));
    Pictures::of(figures, lang).said_of(title, &figures.base, lang)
}

fn card<'a>(topic: &FrontTopic<'a>, lang: Lang) -> Card<'a> {
    let stories = topic.stories.iter().take(ON_THE_FRONT);
    Card {
        path: topic.id,
        title: name(lang, topic.name, topic.name_en),
        description: topic.description,
        count: grouped(topic.count, lang),
        stories: stories.filter_map(|story| row(story, topic.id, &Marks::none(), lang)).collect(),
    }
}
