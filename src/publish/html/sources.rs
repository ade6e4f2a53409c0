//! The page of all sources and how they are, by place.

use askama::Template;

use super::frame::{Frame, Head, listed};
use super::given::{Condition, SourceHealth, SourcesPage};
use super::health::{Health, Mark, Told, health};
use super::say::{self, name};
use crate::model::province;
use crate::publish::{ALL, Lang};

#[derive(Template)]
#[template(path = "sources.html")]
struct Page<'a> {
    frame: Frame<'a>,
    told: &'static Told,
    places: Vec<Place<'a>>,
}

/// The sources of a place.
struct Place<'a> {
    /// What links name it by.
    id: &'static str,
    name: &'static str,
    /// Its page below the root.
    path: Option<String>,
    count: String,
    sources: Vec<Health<'a>>,
}

/// The page of all sources: the centre first, then the provinces in their usual order.
pub fn sources(page: &SourcesPage<'_>, lang: Lang) -> String {
    let centre = place("trung-uong", name(lang, "Trung ương", "Central"), None, of(page, None), lang);
    let provinces = province::ALL.iter().map(|province| {
        let path = format!("{ALL}/{}/", province.id);
        place(province.id, province.name, Some(path), of(page, Some(province.id)), lang)
    });
    let head = Head {
        title: name(lang, "Nguồn tin", "Sources").to_owned(),
        description: summary(&page.sources, lang),
        ..Head::default()
    };
    let rendered = Page {
        frame: Frame::new(page.site, lang, "sources", listed(page.topics, lang), head),
        told: Told::of(lang),
        places: [centre].into_iter().chain(provinces).filter(|place| !place.sources.is_empty()).collect(),
    };
    rendered.render().unwrap_or_default()
}

/// The sources of a place by name.
fn of<'p, 'a>(page: &'p SourcesPage<'a>, province: Option<&str>) -> Vec<&'p SourceHealth<'a>> {
    let is_there = |source: &&SourceHealth<'_>| source.publisher.province.map(|p| p.id) == province;
    let mut sources: Vec<_> = page.sources.iter().filter(is_there).collect();
    sources.sort_by_key(|source| (source.publisher.level, &source.publisher.name, &source.publisher.id));
    sources
}

fn place<'a>(
    id: &'static str,
    name: &'static str,
    path: Option<String>,
    sources: Vec<&SourceHealth<'a>>,
    lang: Lang,
) -> Place<'a> {
    let count = say::sources(u32::try_from(sources.len()).unwrap_or(u32::MAX), lang);
    Place { id, name, path, count, sources: sources.into_iter().map(|source| health(source, lang)).collect() }
}

/// "120 nguồn: 113 tốt, 3 chậm, 4 lỗi."
fn summary(sources: &[SourceHealth<'_>], lang: Lang) -> String {
    let count = |is: fn(&Condition) -> bool| sources.iter().filter(|source| is(&source.condition)).count();
    let kinds = [
        (count(|c| matches!(c, Condition::Well)), name(lang, "tốt", "well")),
        (count(|c| matches!(c, Condition::Slow)), name(lang, "chậm", "slow")),
        (count(|c| matches!(c, Condition::Failing { .. })), name(lang, "lỗi", "failing")),
        (count(|c| matches!(c, Condition::New)), name(lang, "chưa đọc", "not read yet")),
    ];
    let kinds: Vec<String> =
        kinds.into_iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n}\u{a0}{word}")).collect();
    let all = say::sources(u32::try_from(sources.len()).unwrap_or(u32::MAX), lang);
    if kinds.is_empty() { format!("{all}.") } else { format!("{all}: {}.", kinds.join(", ")) }
}
