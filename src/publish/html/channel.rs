//! The page of a channel: a topic, all stories, or those of one province, kind of body or level.

use askama::Template;

use super::frame::{Feed, Frame, Head, base, listed, step_to};
use super::given::{Extras, Narrower};
use super::health::{Health, Mark, Told, health};
use super::pictures::Pictures;
use super::row::{self, Day, by_day};
use super::say::{grouped, month, name};
use crate::model::Province;
use crate::publish::{Channel, Format, Lang};

/// How many stories a page shows; feeds hold more.
const ON_A_PAGE: usize = 100;

#[derive(Template)]
#[template(path = "channel.html")]
struct Page<'a> {
    frame: Frame<'a>,
    words: &'static Words,
    list: &'static row::Words,
    told: &'static Told,
    description: &'a str,
    /// What a province took in, for readers who look for the former name.
    former: Option<String>,
    pictures: Option<Pictures>,
    sources: Vec<Health<'a>>,
    feeds: Vec<Feed>,
    days: Vec<Day<'a>>,
    /// Lists of narrower pages: what links name it by, what it is called, and name, path and count of each.
    facets: Vec<(&'static str, &'static str, Vec<Listed<'a>>)>,
    months: Vec<(String, String, String)>,
    /// The pages of the list before and behind this one, below the root.
    previous: Option<String>,
    next: Option<String>,
    /// Rows stand under their day.
    dated: bool,
}

/// Name, path and count of a narrower page.
type Listed<'a> = (&'a str, &'a str, String);

/// The words of the page in one language.
struct Words {
    subscribe: &'static str,
    subscribe_to: &'static str,
    subscribe_hint: &'static str,
    digest: &'static str,
    newest: &'static str,
    nothing_yet: &'static str,
    sources: &'static str,
    topics: &'static str,
    provinces: &'static str,
    organs: &'static str,
    levels: &'static str,
    months: &'static str,
    page: &'static str,
    pages: &'static str,
    newer: &'static str,
    older: &'static str,
}

const VI: Words = Words {
    subscribe: "Theo dõi",
    subscribe_to: "Theo dõi trang này",
    subscribe_hint: "Trình đọc tin (RSS) báo cho bạn mỗi khi có tin mới, không cần tài khoản hay thư điện tử. Chép một địa chỉ dưới đây vào trình đọc tin bạn đang dùng; nếu không rõ, hãy chọn Atom.",
    digest: "Mỗi ngày",
    newest: "Tin mới nhất",
    nothing_yet: "Chưa có tin nào. Tin sẽ hiện ở đây khi có.",
    sources: "Các nguồn ở đây",
    topics: "Theo chủ đề",
    provinces: "Theo địa phương",
    organs: "Theo loại cơ quan",
    levels: "Theo cấp",
    months: "Các tháng",
    page: "Trang",
    pages: "Các trang của danh sách",
    newer: "Tin mới hơn",
    older: "Tin cũ hơn",
};

const EN: Words = Words {
    subscribe: "Subscribe",
    subscribe_to: "Subscribe to this page",
    subscribe_hint: "A feed reader (RSS) tells you of every new story, without an account and without e-mail. Copy one of these addresses into the reader you already use; if in doubt, take Atom.",
    digest: "Daily",
    newest: "Newest stories",
    nothing_yet: "No stories yet. They will appear here.",
    sources: "Sources here",
    topics: "By topic",
    provinces: "By province",
    organs: "By kind of body",
    levels: "By level",
    months: "Months",
    page: "Page",
    pages: "Pages of the list",
    newer: "Newer stories",
    older: "Older stories",
};

/// The page of a channel.
pub fn channel(channel: &Channel<'_>, extras: &Extras<'_>, lang: Lang) -> String {
    let words = match lang {
        Lang::Vi => &VI,
        Lang::En => &EN,
    };
    let number = extras.number.clamp(1, u32::MAX - 1);
    let (base, path) = (base(channel.path), nth(channel.path, number));
    let title = name(lang, channel.title, channel.title_en);
    let head = Head {
        title: title.to_owned(),
        description: channel.description.to_owned(),
        feeds: feeds(channel, extras, title, words),
        short: (number > 1).then(|| format!("{} {number}", words.page)),
        trail: trail(channel, number, title, lang),
        ..Head::default()
    };
    let narrow = |facets| narrower(facets, lang);
    let facets = [
        ("chu-de", words.topics, narrow(&extras.topics)),
        ("dia-phuong", words.provinces, narrow(&extras.provinces)),
        ("co-quan", words.organs, narrow(&extras.organs)),
        ("cap", words.levels, narrow(&extras.levels)),
    ];
    let page = Page {
        frame: Frame::new(channel.site, lang, &path, listed(channel.topics, lang), head),
        words,
        list: row::Words::of(lang),
        told: Told::of(lang),
        description: channel.description,
        former: extras.province.and_then(|province| former(province, lang)),
        pictures: extras.figures.as_ref().map(|figures| Pictures::of(figures, lang)),
        sources: extras.sources.iter().map(|source| health(source, lang)).collect(),
        feeds: feeds(channel, extras, title, words),
        days: by_day(channel.stories.iter().take(ON_A_PAGE), base, lang),
        facets: facets.into_iter().filter(|(.., list)| !list.is_empty()).collect(),
        months: extras
            .months
            .iter()
            .map(|m| (month(m.month, lang), format!("{base}/{}/", m.month.slug()), grouped(m.count, lang)))
            .collect(),
        previous: (number > 1).then(|| nth(channel.path, number - 1)),
        next: extras.has_more.then(|| nth(channel.path, number + 1)),
        dated: false,
    };
    page.render().unwrap_or_default()
}

/// The path of a page of the list.
fn nth(path: &str, number: u32) -> String {
    if number == 1 { format!("{path}/") } else { format!("{path}/page/{number}/") }
}

/// The three formats, and one entry a day where there is such a feed.
fn feeds(channel: &Channel<'_>, extras: &Extras<'_>, title: &str, words: &Words) -> Vec<Feed> {
    let mut feeds = Feed::all(channel.site, &format!("{}/", channel.path), "", title);
    let digest = |path: &String| Feed::new(channel.site, Format::Atom, words.digest, path, title);
    feeds.extend(extras.digest.as_ref().map(digest));
    feeds
}

/// "Từ 7/2025 gồm cả Hà Giang."
fn former(province: &Province, lang: Lang) -> Option<String> {
    let names: Vec<&str> = province.former.iter().map(|(_, name)| *name).collect();
    let since = name(lang, "Từ 7/2025 gồm cả", "Since July 2025 with");
    (!names.is_empty()).then(|| format!("{since} {}.", names.join(", ")))
}

/// The topic of a province's page; the first page of a list.
fn trail(channel: &Channel<'_>, number: u32, title: &str, lang: Lang) -> Vec<(String, String)> {
    let is_narrow = base(channel.path) != channel.path;
    let mut trail = if is_narrow { step_to(channel.path, channel.topics, lang) } else { Vec::new() };
    trail.extend((number > 1).then(|| (title.to_owned(), nth(channel.path, 1))));
    trail
}

fn narrower(facets: &[Narrower], lang: Lang) -> Vec<Listed<'_>> {
    facets
        .iter()
        .map(|facet| (name(lang, &facet.name, &facet.name_en), facet.path.as_str(), grouped(facet.count, lang)))
        .collect()
}
