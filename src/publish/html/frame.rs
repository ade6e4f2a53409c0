//! What is around every page: its head, the way in and around, the search box, the foot.

use super::say::name;
use super::style_path;
use crate::publish::{ALL, Format, Lang, Site, TopicName};

/// The words of the frame in one language.
pub struct Words {
    pub lang: &'static str,
    /// What Open Graph calls the language.
    pub locale: &'static str,
    pub home: &'static str,
    pub skip: &'static str,
    pub search: &'static str,
    pub search_hint: &'static str,
    pub search_for: &'static str,
    pub topics: &'static str,
    pub trail: &'static str,
    pub everything: &'static str,
    pub sources: &'static str,
    pub opml: &'static str,
    pub footer: &'static str,
}

const VI: Words = Words {
    lang: "vi",
    locale: "vi_VN",
    home: "Trang chủ",
    skip: "Đến phần chính",
    search: "Tìm",
    search_hint: "Tìm tin, có dấu hay không dấu",
    search_for: "Tìm tin…",
    topics: "Chủ đề",
    trail: "Vị trí trang này",
    everything: "Tất cả tin",
    sources: "Nguồn tin",
    opml: "Danh sách nguồn (OPML)",
    footer: "Mỗi tin chỉ hiện một lần, kèm tên mọi nơi đăng. Bản quyền bài viết thuộc các báo, cổng thông tin đã đăng.",
};

const EN: Words = Words {
    lang: "en",
    locale: "en_US",
    home: "Home",
    skip: "Skip to the main part",
    search: "Search",
    search_hint: "Search stories, with or without tone marks",
    search_for: "Search stories…",
    topics: "Topics",
    trail: "Where this page is",
    everything: "All stories",
    sources: "Sources",
    opml: "List of sources (OPML)",
    footer: "Every story once, with everyone who carries it. The articles belong to the papers and portals that published them.",
};

/// What the frame of a page shows.
pub struct Frame<'a> {
    pub words: &'static Words,
    /// The way back to the root, so that pages work under any path of a proxy.
    pub root: String,
    pub site_title: &'a str,
    pub style: String,
    /// Path and name of each.
    pub topics: Vec<(&'a str, &'a str)>,
    /// The path of the topic that the page belongs to.
    pub here: String,
    pub head: Head,
    /// The page's own address.
    pub url: String,
    /// Pages that have a search form of their own need no second.
    pub has_search: bool,
    /// Whether there is a page to search on at all.
    pub is_searchable: bool,
}

/// What programs are told of a page.
#[derive(Default)]
pub struct Head {
    /// What the page is called; nothing on the front page, which is called as the site.
    pub title: String,
    /// What the page is called at the end of its trail, where that says enough.
    pub short: Option<String>,
    /// One sentence; may be empty.
    pub description: String,
    /// Open Graph: whether it is an article of somebody, and not a page of ours alone.
    pub is_article: bool,
    /// Feeds of what the page shows, the best first.
    pub feeds: Vec<Feed>,
    /// The way from the front page to this one, without either: name and path below the root.
    pub trail: Vec<(String, String)>,
    /// For pages that are made for whoever asks.
    pub is_unlisted: bool,
}

/// A feed that a page offers.
pub struct Feed {
    /// What its format is called: "Atom".
    pub format: &'static str,
    /// Its media type.
    pub media: &'static str,
    /// What it is called in a reader.
    pub title: String,
    /// Its full address.
    pub url: String,
}

impl Feed {
    /// The feed at a path below the root; `name` is what it is called among others of the page.
    pub fn new(site: &Site, format: Format, name: &'static str, path: &str, title: &str) -> Feed {
        Feed { format: name, media: format.media(), title: format!("{title} ({name})"), url: site.url(path) }
    }

    /// The feeds of a channel; `path` ends in a slash, `query` is what follows the file's name.
    pub fn all(site: &Site, path: &str, query: &str, title: &str) -> Vec<Feed> {
        let feed =
            |format: Format| Feed::new(site, format, format.name(), &format!("{path}{}{query}", format.file()), title);
        Format::ALL.into_iter().map(feed).collect()
    }
}

impl<'a> Frame<'a> {
    /// The frame of the page at a path below the root.
    pub fn new(site: &'a Site, lang: Lang, path: &str, topics: Vec<(&'a str, &'a str)>, head: Head) -> Frame<'a> {
        Frame {
            words: match lang {
                Lang::Vi => &VI,
                Lang::En => &EN,
            },
            root: root(path),
            site_title: name(lang, &site.title, &site.title_en),
            style: style_path(),
            topics,
            here: base(path).to_owned(),
            head,
            url: site.url(path),
            has_search: site.has_search,
            is_searchable: site.has_search,
        }
    }
}

/// The way from a page back to the root: `../` for each folder it is in.
pub fn root(path: &str) -> String {
    let page = path.split('?').next().unwrap_or_default();
    "../".repeat(page.matches('/').count())
}

/// The first part of a path: the topic, or [`ALL`].
pub fn base(path: &str) -> &str {
    path.split('/').next().unwrap_or_default()
}

/// Path and name of each topic.
pub fn listed(topics: &[TopicName], lang: Lang) -> Vec<(&str, &str)> {
    topics.iter().map(|t| (t.id.as_str(), name(lang, &t.vi, &t.en))).collect()
}

/// The step to the channel that a narrower one belongs to.
pub fn step_to(path: &str, topics: &[TopicName], lang: Lang) -> Vec<(String, String)> {
    let base = base(path);
    let topic = topics.iter().find(|t| t.id == base).map(|t| name(lang, &t.vi, &t.en));
    let all = || (base == ALL).then_some(name(lang, VI.everything, EN.everything));
    topic.or_else(all).map(|title| (title.to_owned(), format!("{base}/"))).into_iter().collect()
}
