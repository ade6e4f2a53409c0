//! Lists of stories: topics for people, what some sources say of them, several at once.

use std::collections::BTreeSet;

use anyhow::Result;

use super::{Desk, Made};
use crate::model::{Publisher, province};
use crate::publish::{ALL, Channel, Facet, LAST_PAGE, Lang, Past, Shape, html};
use crate::store::facets::{self, Extent, Of};
use crate::store::withdrawn;

/// Stories on a page of a list.
const PAGE: usize = 50;
/// The first page of a feed holds what came within a day too, so that who polls twice a day misses nothing; but never more than this.
const MOST: usize = 500;
const DAY_MILLIS: i64 = 24 * 3_600_000;

impl Desk<'_> {
    /// A list of some topics from some sources, as a page or a feed.
    pub(super) fn facet(
        &self,
        topics: &[String],
        facet: Option<Facet>,
        (shape, number): (Shape, u32),
        lang: Lang,
    ) -> Result<Made> {
        let lists: Vec<_> = topics.iter().filter_map(|topic| self.list(topic)).collect();
        let sources = facet.map(|facet| self.sources_of(facet));
        let of = Of { topics, sources: sources.as_ref() };
        let (placed, has_more) = self.page_of(of, shape, number)?;
        if placed.is_empty() && number > 1 {
            return Ok(Made::Nothing);
        }
        let stories = self.read(placed)?;
        let path = [topics.join("+").as_str(), facet.map(Facet::slug).unwrap_or_default()].join("/");
        let path = path.trim_end_matches('/');
        // What is of everything is called by who says it.
        let named: Vec<_> = lists.iter().filter(|list| facet.is_none() || list.path != ALL).collect();
        let called = |lang| {
            let names: Vec<&str> =
                named.iter().map(|list| if lang == Lang::Vi { list.title } else { list.title_en }).collect();
            let whose = facet.map(|facet| facet_name(facet, lang));
            [Some(names.join(" + ")).filter(|names| !names.is_empty()), whose.map(str::to_owned)]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(": ")
        };
        let (title, title_en) = (called(Lang::Vi), called(Lang::En));
        let withdrawn = match topics {
            [topic] if facet.is_none() => withdrawn::of_list(self.db, topic)?,
            _ => Vec::new(),
        };
        let description = match lists.as_slice() {
            [list] => list.description,
            _ => "",
        };
        let channel = Channel {
            path,
            title: &title,
            title_en: &title_en,
            description,
            past: Past::Paged { number, has_more },
            withdrawn: &withdrawn,
            ..Channel::of_all(self.site, &stories, &self.names)
        };
        Ok(Made::Page(match shape {
            Shape::Feed(format) => channel.feed(format),
            Shape::Page => {
                let extras = match topics {
                    [topic] if number == 1 => self.extras(topic, facet)?,
                    _ => html::Extras::default(),
                };
                let extras = html::Extras { number, has_more, ..extras };
                channel.page(&extras, lang)
            }
        }))
    }

    /// The stories of a page of a list, and whether another follows.
    pub(super) fn page_of(&self, of: Of<'_>, shape: Shape, number: u32) -> Result<(Vec<(i64, i64)>, bool)> {
        let skip = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX).saturating_mul(PAGE);
        let span = if number == 1 && shape != Shape::Page { DAY_MILLIS } else { 0 };
        // One more tells whether another page follows.
        let mut placed = facets::newest(self.db, of, Extent { skip, least: PAGE + 1, span, most: MOST })?;
        let has_more = placed.len() > PAGE && number < LAST_PAGE;
        let newest = placed.first().map_or(0, |(_, at)| *at);
        let within = placed.iter().take_while(|(_, at)| newest - at <= span).count();
        placed.truncate(within.max(PAGE));
        Ok((placed, has_more))
    }

    /// How many pages a list has, at least one.
    pub(super) fn pages_of(&self, path: &str, facet: Option<Facet>) -> Result<u32> {
        let (topics, sources) = ([path.to_owned()], facet.map(|facet| self.sources_of(facet)));
        let of = Of { topics: &topics, sources: sources.as_ref() };
        let all = usize::try_from(LAST_PAGE).unwrap_or(usize::MAX).saturating_mul(PAGE);
        let found = facets::newest(self.db, of, Extent { skip: 0, least: all, span: 0, most: all })?.len();
        Ok(u32::try_from(found.div_ceil(PAGE)).unwrap_or(u32::MAX).max(1))
    }

    /// The sources that a facet means.
    pub(super) fn sources_of(&self, facet: Facet) -> BTreeSet<i64> {
        let is_meant = |publisher: &Publisher| match facet {
            Facet::Province(index) => publisher.province == province::ALL.get(index),
            Facet::Organ(organ) => publisher.organ == organ,
            Facet::Level(level) => publisher.level == level,
        };
        self.publishers.iter().filter(|(_, publisher)| is_meant(publisher)).map(|(id, _)| *id).collect()
    }

    /// Whether anything of a list is from the sources of a facet.
    pub(super) fn has_any(&self, path: &str, facet: Facet) -> Result<bool> {
        let (topics, sources) = ([path.to_owned()], self.sources_of(facet));
        let of = Of { topics: &topics, sources: Some(&sources) };
        Ok(!facets::newest(self.db, of, Extent { skip: 0, least: 1, span: 0, most: 1 })?.is_empty())
    }
}

/// What a facet is called.
pub(super) fn facet_name(facet: Facet, lang: Lang) -> &'static str {
    match facet {
        Facet::Province(_) => facet.province().map_or("", |province| province.name),
        Facet::Organ(organ) => html::organ(organ, lang),
        Facet::Level(level) => html::level(level, lang),
    }
}

/// The path of a facet's page below the root.
pub(super) fn facet_path(topic: &str, facet: Facet) -> String {
    format!("{topic}/{}/", facet.slug())
}
