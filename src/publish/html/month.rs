//! The page of a month, day by day.

use askama::Template;

use super::frame::{Feed, Frame, Head, base, listed, step_to};
use super::given::MonthPage;
use super::row::{self, Day, by_day};
use super::say::{self, grouped, name, stories};
use crate::publish::{Format, Lang, Month};

/// How many stories a page shows at most: some channels have more in a month than anybody reads on one page.
const ON_A_PAGE: usize = 1_000;

#[derive(Template)]
#[template(path = "month.html")]
struct Page<'a> {
    frame: Frame<'a>,
    words: &'static Words,
    list: &'static row::Words,
    summary: String,
    /// Name and path of the month before and of the one behind.
    previous: Option<(String, String)>,
    next: Option<(String, String)>,
    days: Vec<Day<'a>>,
    dated: bool,
}

/// The words of the page in one language.
struct Words {
    turn: &'static str,
    days: &'static str,
    nothing: &'static str,
}

const VI: Words =
    Words { turn: "Tháng trước, tháng sau", days: "Các ngày", nothing: "Tháng này không có tin nào." };
const EN: Words =
    Words { turn: "Previous and next month", days: "Days", nothing: "There are no stories in this month." };

/// The page of a month.
pub fn month(page: &MonthPage<'_>, lang: Lang) -> String {
    let channel = page.channel;
    let parent = channel.path.rsplit_once('/').map_or(channel.path, |(parent, _)| parent);
    let shown = say::month(page.month.month, lang);
    let title = format!("{}: {}", name(lang, channel.title, channel.title_en), within(&shown, lang));
    let turn = |month: Month| (say::month(month, lang), format!("{parent}/{}/", month.slug()));
    let file = format!("{parent}/archive/{}.atom", page.month.month.slug());
    let archive = Feed::new(channel.site, Format::Atom, Format::Atom.name(), &file, &title);
    let head = Head {
        title,
        short: Some(shown),
        description: summary(page, lang),
        feeds: vec![archive],
        trail: step_to(channel.path, channel.topics, lang),
        ..Head::default()
    };
    let rendered = Page {
        frame: Frame::new(channel.site, lang, &format!("{}/", channel.path), listed(channel.topics, lang), head),
        words: match lang {
            Lang::Vi => &VI,
            Lang::En => &EN,
        },
        list: row::Words::of(lang),
        summary: summary(page, lang),
        previous: page.previous.map(turn),
        next: page.next.map(turn),
        days: by_day(channel.stories.iter().take(ON_A_PAGE), base(channel.path), lang),
        dated: false,
    };
    rendered.render().unwrap_or_default()
}

/// A month as it stands within a line: Vietnamese writes the names of months small.
fn within(shown: &str, lang: Lang) -> String {
    match lang {
        Lang::Vi => shown.to_lowercase(),
        Lang::En => shown.to_owned(),
    }
}

/// How many there are, and how many of them are here.
fn summary(page: &MonthPage<'_>, lang: Lang) -> String {
    let here = u32::try_from(page.channel.stories.len().min(ON_A_PAGE)).unwrap_or(u32::MAX);
    let all = stories(page.month.count, lang);
    match (here < page.month.count, lang) {
        (false, Lang::Vi) => format!("{all} trong tháng."),
        (false, Lang::En) => format!("{all} in this month."),
        (true, Lang::Vi) => format!("{all} trong tháng; trang này có {} tin mới nhất.", grouped(here, lang)),
        (true, Lang::En) => format!("{all} in this month; this page has the newest {}.", grouped(here, lang)),
    }
}
