//! The page of a search.

use askama::Template;

use super::frame::{Feed, Frame, Head, listed};
use super::given::SearchPage;
use super::marks::Marks;
use super::row::{self, Row, row};
use super::say::{grouped, name, stories};
use crate::publish::address::search_query;
use crate::publish::{ALL, Lang, quoted};

#[derive(Template)]
#[template(path = "search.html")]
struct Page<'a> {
    frame: Frame<'a>,
    words: &'static Words,
    list: &'static row::Words,
    question: &'a str,
    /// What was found, if anything was asked.
    said: Option<String>,
    tones: &'static str,
    is_empty_handed: bool,
    /// Stories that have the words as written, and those that have others.
    groups: Vec<(&'static str, Vec<Row<'a>>)>,
    previous: Option<String>,
    next: Option<String>,
    dated: bool,
}

/// The words of the page in one language.
struct Words {
    title: &'static str,
    label: &'static str,
    advice: &'static str,
    nothing: [&'static str; 4],
    as_written: &'static str,
    otherwise: &'static str,
    any_tones: &'static str,
    exact_tones: &'static str,
    pages: &'static str,
    previous: &'static str,
    next: &'static str,
    follow: &'static str,
    follow_hint: &'static str,
}

const VI: Words = Words {
    title: "Tìm tin",
    label: "Chữ cần tìm trong tít, tóm tắt và bài",
    advice: "Gõ có dấu hay không dấu đều được. Để các chữ đi liền nhau, đặt trong ngoặc kép: \"tấm gương\".",
    nothing: [
        "Xem lại chính tả, hoặc gõ không dấu.",
        "Bớt chữ: tin phải có đủ mọi chữ đã gõ.",
        "Bỏ ngoặc kép để các chữ không cần đi liền nhau.",
        "Dùng tên mới của tỉnh, thành phố, hoặc thử cả tên cũ.",
    ],
    as_written: "Đúng như đã gõ",
    otherwise: "Cùng chữ, khác dấu",
    any_tones: "Chữ gõ không dấu được tìm với mọi dấu; tin có đúng chữ như đã gõ đứng trước.",
    exact_tones: "Chữ gõ có dấu chỉ tìm đúng dấu ấy. Gõ không dấu để tìm rộng hơn.",
    pages: "Các trang kết quả",
    previous: "Trang trước",
    next: "Trang sau",
    follow: "Theo dõi kết quả này",
    follow_hint: "Chép địa chỉ này vào trình đọc tin (RSS) để được báo khi có tin mới khớp với chữ đã tìm.",
};

const EN: Words = Words {
    title: "Search",
    label: "Words in headlines, teasers and articles",
    advice: "With or without tone marks. Words in quotation marks must stand together: \"tấm gương\".",
    nothing: [
        "Check the spelling, or type without marks.",
        "Use fewer words: a story must have all of them.",
        "Leave out quotation marks, so that words need not stand together.",
        "Use today’s name of a province, or try its former one.",
    ],
    as_written: "As written",
    otherwise: "The same letters with other marks",
    any_tones: "Words without marks are found with any; stories with the words as written come first.",
    exact_tones: "Words with marks are found with these marks only. Type without marks to find more.",
    pages: "Pages of results",
    previous: "Previous page",
    next: "Next page",
    follow: "Subscribe to this search",
    follow_hint: "Copy this address into your feed reader (RSS) to be told of new stories with these words.",
};

/// The page of a search.
pub fn search(page: &SearchPage<'_>, lang: Lang) -> String {
    let words = match lang {
        Lang::Vi => &VI,
        Lang::En => &EN,
    };
    let marks = Marks::new(page.question);
    let asked = !marks.is_empty();
    let path = |number: u32| format!("search{}", search_query(page.question, number));
    let (title, feeds) = match asked {
        true => {
            let title = format!("{}: {}", words.title, quoted(page.question));
            let feeds = Feed::all(page.site, "search/", &search_query(page.question, 1), &title);
            (title, feeds)
        }
        false => (words.title.to_owned(), Vec::new()),
    };
    let here = if asked { path(page.page.max(1)) } else { "search".to_owned() };
    let head = Head { title, description: words.advice.to_owned(), feeds, is_unlisted: asked, ..Head::default() };
    let mut frame = Frame::new(page.site, lang, &here, listed(page.topics, lang), head);
    frame.has_search = false;
    let group = |as_written: bool| {
        let hits = page.hits.iter().filter(|hit| hit.as_written == as_written);
        let heading = if as_written { words.as_written } else { words.otherwise };
        (heading, hits.filter_map(|hit| row(hit.story, ALL, &marks, lang)).collect::<Vec<_>>())
    };
    let rendered = Page {
        frame,
        words,
        list: row::Words::of(lang),
        question: page.question,
        said: asked.then(|| said(page, lang)),
        tones: match (page.hits.is_empty(), marks.has_bare()) {
            (true, _) => "",
            (false, true) => words.any_tones,
            (false, false) => words.exact_tones,
        },
        is_empty_handed: asked && page.hits.is_empty(),
        groups: [group(true), group(false)].into_iter().filter(|(_, rows)| !rows.is_empty()).collect(),
        previous: (asked && page.page > 1).then(|| path(page.page.saturating_sub(1))),
        next: (asked && page.has_more).then(|| path(page.page.saturating_add(1))),
        dated: true,
    };
    rendered.render().unwrap_or_default()
}

/// "12 tin có “tấm gương”."
fn said(page: &SearchPage<'_>, lang: Lang) -> String {
    let question = cited(page.question);
    let none = name(lang, "Không tìm thấy tin nào có", "Nothing was found with");
    let at_least = if page.is_complete { "" } else { name(lang, "Ít nhất ", "At least ") };
    let turned = match page.page {
        0 | 1 => String::new(),
        number => format!(", {}\u{a0}{}", name(lang, "trang", "page"), grouped(number, lang)),
    };
    match page.hits.is_empty() && page.page <= 1 {
        true => format!("{none} {question}."),
        false => format!("{at_least}{} {} {question}{turned}.", stories(page.count, lang), name(lang, "có", "with")),
    }
}

/// A question between quotation marks, unless it has its own.
fn cited(question: &str) -> String {
    let question = quoted(question.trim());
    if question.contains(['"', '“', '”']) { question } else { format!("“{question}”") }
}
