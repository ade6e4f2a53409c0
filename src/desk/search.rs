//! What a question finds, as a page and as a feed.

use anyhow::Result;

use super::{Desk, Made};
use crate::model::Story;
use crate::publish::{Channel, Lang, Page, Past, Shape, html};
use crate::store::search::{self, Hit};
use crate::store::stories;

/// Stories on a page of what was found.
const PAGE: usize = 30;
/// Stories that are looked for; nobody turns more pages.
const MOST: usize = 600;

impl Desk<'_> {
    pub(super) fn search(&self, question: &str, (shape, number): (Shape, u32), lang: Lang) -> Result<Made> {
        let found = search::find(self.db, question, MOST)?;
        let count = found.hits.len();
        let is_complete = found.complete && count < MOST;
        let mut hits = found.hits;
        if let Shape::Feed(_) = shape {
            // Who subscribes wants what is new, however it is written.
            hits.sort_by_key(|hit| std::cmp::Reverse(hit.item));
        }
        let skip = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX).saturating_mul(PAGE);
        let has_more = count > skip.saturating_add(PAGE);
        let hits: Vec<Hit> = hits.into_iter().skip(skip).take(PAGE).collect();
        if hits.is_empty() && number > 1 {
            return Ok(Made::Nothing);
        }
        let stories: Vec<Story> = self.reading(|reading| {
            hits.iter().map(|hit| stories::listed(self.db, hit.story, reading)).collect::<Result<_>>()
        })?;
        if let Shape::Feed(format) = shape {
            let title = format!("Tìm: {question}");
            let channel = Channel {
                path: "search",
                question: Some(question),
                title: &title,
                title_en: &title,
                description: "",
                past: Past::Paged { number, has_more },
                ..Channel::of_all(self.site, &stories, &self.names)
            };
            return Ok(Made::Page(channel.feed(format)));
        }
        let page = html::SearchPage {
            site: self.site,
            topics: &self.names,
            question,
            hits: stories
                .iter()
                .zip(&hits)
                .map(|(story, hit)| html::SearchHit { story, as_written: hit.as_written })
                .collect(),
            count: u32::try_from(count).unwrap_or(u32::MAX),
            is_complete,
            page: number,
            has_more,
        };
        Ok(Made::Page(Page::html(html::search(&page, lang))))
    }
}
