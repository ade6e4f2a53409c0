//! The pages for people: Vietnamese first, English for who asks. No script, no third party, nothing that needs a clock.

mod copies;
mod difference;
mod story;

use askama::Template;
use chrono::{Datelike, Timelike, Weekday};

use super::{Channel, Lang, Site, link_of, others};
use crate::model::{Digest, Field, Level, Member, Organ, Story};
use crate::schedule::{Time, vietnam};
use crate::text;

pub use story::{page as story_page, story_path};

/// The style sheet, one for all pages.
pub const STYLE: &str = include_str!("templates/style.css");
/// The icon.
pub const ICON: &str = include_str!("templates/icon.svg");
/// Where the icon is.
pub const ICON_PATH: &str = "assets/icon.svg";

/// Where the style sheet is: its name changes with it, so that it can be kept for ever.
pub fn style_path() -> String {
    format!("assets/style-{}.css", Digest::of(&[STYLE]).hex(12))
}

/// How many stories a page shows; feeds hold more.
const ON_A_PAGE: usize = 100;
/// How many a topic shows on the front page.
const ON_THE_FRONT: usize = 4;

/// The words of a page in one language.
struct Words {
    lang: &'static str,
    home: &'static str,
    subscribe: &'static str,
    subscribe_hint: &'static str,
    also_in: &'static str,
    because: &'static str,
    details: &'static str,
    nothing_yet: &'static str,
    all_sources: &'static str,
    more: &'static str,
    everything: &'static str,
    stories: &'static str,
    sources: &'static str,
    topics: &'static str,
    footer: &'static str,
    skip: &'static str,
}

const VI: Words = Words {
    lang: "vi",
    home: "Trang chủ",
    subscribe: "Theo dõi",
    subscribe_hint: "Dán một trong các địa chỉ sau vào trình đọc tin (RSS) của bạn:",
    also_in: "Cũng đăng tại",
    because: "Vì có",
    details: "Vì sao",
    nothing_yet: "Chưa có tin nào. Tin sẽ hiện ở đây khi có.",
    all_sources: "Danh sách nguồn (OPML)",
    more: "Xem tất cả",
    everything: "Tất cả tin",
    stories: "tin",
    sources: "nguồn",
    topics: "Chủ đề",
    footer: "Mỗi tin chỉ hiện một lần, kèm tên mọi nơi đăng. Bản quyền bài viết thuộc các báo, cổng thông tin đã đăng.",
    skip: "Đến phần tin",
};

const EN: Words = Words {
    lang: "en",
    home: "Home",
    subscribe: "Subscribe",
    subscribe_hint: "Paste one of these addresses into the feed reader you already use:",
    also_in: "Also in",
    because: "Because of",
    details: "Why",
    nothing_yet: "No stories yet. They will appear here.",
    all_sources: "List of sources (OPML)",
    more: "See all",
    everything: "All stories",
    stories: "stories",
    sources: "sources",
    topics: "Topics",
    footer: "Every story once, with everyone who carries it. The articles belong to the papers and portals that published them.",
    skip: "Skip to stories",
};

impl Words {
    fn of(lang: Lang) -> &'static Words {
        match lang {
            Lang::Vi => &VI,
            Lang::En => &EN,
        }
    }
}

/// What the frame of every page shows.
struct Frame<'a> {
    words: &'static Words,
    /// The way back to the root, so that pages work under any path of a proxy.
    root: &'static str,
    site_title: &'a str,
    style: String,
    topics: Vec<(&'a str, &'a str)>,
    here: &'a str,
}

impl<'a> Frame<'a> {
    fn new(
        site: &'a Site,
        lang: Lang,
        root: &'static str,
        topics: Vec<(&'a str, &'a str)>,
        here: &'a str,
    ) -> Frame<'a> {
        let site_title = match lang {
            Lang::Vi => &site.title,
            Lang::En => &site.title_en,
        };
        Frame { words: Words::of(lang), root, site_title, style: style_path(), topics, here }
    }
}

#[derive(Template)]
#[template(path = "channel.html")]
struct ChannelPage<'a> {
    frame: Frame<'a>,
    title: &'a str,
    description: &'a str,
    feeds: [(&'static str, &'static str, String); 3],
    days: Vec<Day<'a>>,
    page_url: String,
}

#[derive(Template)]
#[template(path = "front.html")]
struct FrontPage<'a> {
    frame: Frame<'a>,
    cards: Vec<Card<'a>>,
    all_count: String,
    source_count: usize,
    page_url: String,
}

struct Card<'a> {
    path: &'a str,
    title: &'a str,
    description: &'a str,
    count: String,
    stories: Vec<Row<'a>>,
}

struct Day<'a> {
    name: String,
    rows: Vec<Row<'a>>,
}

/// A story as a page shows it.
struct Row<'a> {
    time: String,
    datetime: String,
    /// Day and month, for lists that are not grouped by day.
    date: String,
    day: String,
    /// Where the reasons are, below the root.
    story: String,
    title: &'a str,
    link: &'a str,
    summary: &'a str,
    who: &'a str,
    place: Option<&'static str>,
    others: Vec<(&'a str, &'a str)>,
    reasons: Vec<(String, &'static str)>,
}

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

impl Front<'_> {
    /// The last change of anything on it.
    pub fn updated(&self) -> Time {
        self.topics
            .iter()
            .flat_map(|t| t.stories.iter().take(ON_THE_FRONT))
            .map(|s| s.updated)
            .max()
            .unwrap_or_default()
    }
}

/// The page of a channel.
pub fn channel(channel: &Channel<'_>, lang: Lang) -> String {
    let (title, description) = match lang {
        Lang::Vi => (channel.title, channel.description),
        Lang::En => (channel.title_en, channel.description),
    };
    let mut days: Vec<Day<'_>> = Vec::new();
    for row in channel.stories.iter().take(ON_A_PAGE).filter_map(|story| row(story, Some(channel.path), lang)) {
        match days.last_mut() {
            Some(day) if day.name == row.day => day.rows.push(row),
            _ => days.push(Day { name: row.day.clone(), rows: vec![row] }),
        }
    }
    let topics = channel.topics.iter().map(|t| (t.id.as_str(), name(lang, &t.vi, &t.en))).collect();
    let page = ChannelPage {
        frame: Frame::new(channel.site, lang, "../", topics, channel.path),
        title,
        description,
        feeds: [
            ("Atom", "application/atom+xml", channel.feed_url("feed.atom")),
            ("RSS", "application/rss+xml", channel.feed_url("feed.rss")),
            ("JSON", "application/feed+json", channel.feed_url("feed.json")),
        ],
        days,
        page_url: channel.page_url(),
    };
    page.render().unwrap_or_default()
}

/// The front page.
pub fn front(front: &Front<'_>, lang: Lang) -> String {
    let cards = front
        .topics
        .iter()
        .map(|topic| Card {
            path: topic.id,
            title: name(lang, topic.name, topic.name_en),
            description: topic.description,
            count: grouped(topic.count, lang),
            stories: topic.stories.iter().take(ON_THE_FRONT).filter_map(|story| row(story, None, lang)).collect(),
        })
        .collect();
    let topics = front.topics.iter().map(|t| (t.id, name(lang, t.name, t.name_en))).collect();
    let page = FrontPage {
        frame: Frame::new(front.site, lang, "", topics, ""),
        cards,
        all_count: grouped(front.all, lang),
        source_count: front.sources,
        page_url: front.site.base_url.to_string(),
    };
    page.render().unwrap_or_default()
}

fn name<'a>(lang: Lang, vi: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Vi => vi,
        Lang::En => en,
    }
}

/// A story as a row; with the reasons of one topic, if one is meant.
fn row<'a>(story: &'a Story, topic: Option<&str>, lang: Lang) -> Option<Row<'a>> {
    let lead = story.lead()?;
    let local = story.at.with_timezone(&vietnam());
    let others = others(story).into_iter().map(|m| (m.publisher.name.as_str(), link_of(m).as_str())).collect();
    let mut reasons: Vec<(String, &'static str)> = Vec::new();
    let topics = story.topics();
    let of_topic = topics.into_iter().filter(|(_, m)| Some(m.topic.as_str()) == topic);
    for reason in of_topic.flat_map(|(_, m)| &m.reasons).filter(|r| r.weight > 0.0) {
        let words = text::line(&reason.text, 80);
        // "làm theo lời Bác" says "lời Bác" too.
        let said = |known: &str| format!(" {} ", text::key(known)).contains(&format!(" {} ", text::key(&words)));
        if reasons.len() < 3 && !reasons.iter().any(|(known, _)| said(known)) {
            reasons.push((words, field(reason.field, lang)));
        }
    }
    Some(Row {
        time: format!("{:02}:{:02}", local.hour(), local.minute()),
        datetime: local.format("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        date: format!("{}/{}", local.day(), local.month()),
        day: day(story.at, lang),
        story: story_path(&story.uid),
        title: &lead.item.title,
        link: link_of(lead).as_str(),
        summary: &lead.item.summary,
        who: &lead.publisher.name,
        place: place(lead),
        others,
        reasons,
    })
}

fn place(member: &Member) -> Option<&'static str> {
    member.publisher.province.map(|p| p.name).filter(|name| !member.publisher.name.contains(name))
}

fn day(time: Time, lang: Lang) -> String {
    let local = time.with_timezone(&vietnam());
    if lang == Lang::En {
        return local.format("%A, %-d %B %Y").to_string();
    }
    let weekday = match local.weekday() {
        Weekday::Mon => "Thứ Hai",
        Weekday::Tue => "Thứ Ba",
        Weekday::Wed => "Thứ Tư",
        Weekday::Thu => "Thứ Năm",
        Weekday::Fri => "Thứ Sáu",
        Weekday::Sat => "Thứ Bảy",
        Weekday::Sun => "Chủ Nhật",
    };
    format!("{weekday}, {}/{}/{}", local.day(), local.month(), local.year())
}

/// 12.345 in Vietnamese, 12,345 in English.
fn grouped(number: u32, lang: Lang) -> String {
    let digits = number.to_string();
    let separator = if lang == Lang::Vi { '.' } else { ',' };
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

/// The name of a part of an item.
pub fn field(field: Field, lang: Lang) -> &'static str {
    let (vi, en) = field.names();
    name(lang, vi, en)
}

/// The name of an organ.
pub fn organ(organ: Organ, lang: Lang) -> &'static str {
    match (organ, lang) {
        (Organ::Party, Lang::Vi) => "Cơ quan Đảng",
        (Organ::Party, Lang::En) => "Party",
        (Organ::Government, Lang::Vi) => "Chính quyền",
        (Organ::Government, Lang::En) => "Government",
        (Organ::Press, Lang::Vi) => "Báo chí",
        (Organ::Press, Lang::En) => "Press",
        (Organ::Broadcaster, Lang::Vi) => "Phát thanh, truyền hình",
        (Organ::Broadcaster, Lang::En) => "Broadcaster",
    }
}

/// The name of a level.
pub fn level(level: Level, lang: Lang) -> &'static str {
    match (level, lang) {
        (Level::Central, Lang::Vi) => "Trung ương",
        (Level::Central, Lang::En) => "Central",
        (Level::Province, Lang::Vi) => "Tỉnh, thành phố",
        (Level::Province, Lang::En) => "Province",
        (Level::Commune, Lang::Vi) => "Xã, phường, đặc khu",
        (Level::Commune, Lang::En) => "Commune",
    }
}
