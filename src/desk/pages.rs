//! The front page, and what search engines are told.

use anyhow::Result;

use super::{Desk, Made};
use crate::publish::html::{self, Front, FrontTopic};
use crate::publish::{ALL, Facet, Lang, Page, sitemap};
use crate::store::{figures, stories};

impl Desk<'_> {
    pub(super) fn front(&self, lang: Lang) -> Result<Made> {
        let topics = self.config.rules.topics();
        let (all, counts) = stories::counts(self.db)?;
        let heads =
            topics.iter().map(|topic| Ok((topic, self.reading(|reading| stories::head(self.db, reading, &topic.id))?)));
        let heads = heads.collect::<Result<Vec<_>>>()?;
        let front = Front {
            site: self.site,
            topics: heads
                .iter()
                .map(|(topic, stories)| FrontTopic {
                    id: &topic.id,
                    name: &topic.name,
                    name_en: &topic.name_en,
                    description: &topic.description,
                    count: counts.get(&topic.id).copied().unwrap_or(0),
                    stories,
                })
                .collect(),
            all,
            sources: self.config.polled(),
            figures: self.figures_of(topics.first().map_or(ALL, |topic| &topic.id))?,
        };
        Ok(Made::Page(Page::html(html::front(&front, lang))))
    }

    /// The addresses of all pages but those of single stories: the pages of months lead to these.
    pub(super) fn sitemap(&self) -> Result<Made> {
        let mut pages = vec![(String::new(), None), ("sources".to_owned(), None)];
        for path in self.lists() {
            let newest = figures::last_before(self.db, &path, self.now)?;
            pages.push((format!("{path}/"), newest));
            for facet in self.facets_of(&path)? {
                pages.push((super::lists::facet_path(&path, facet), None));
            }
            for month in self.all_months(&path)? {
                pages.push((format!("{path}/{}/", month.slug()), None));
            }
        }
        let (_, body) = sitemap::render(self.site, &pages).swap_remove(0);
        Ok(Made::Page(Page::undated(body.into_bytes(), "application/xml; charset=utf-8")))
    }

    /// Every list that has a place of its own.
    pub fn lists(&self) -> Vec<String> {
        self.config.rules.topics().iter().map(|topic| topic.id.clone()).chain([ALL.to_owned()]).collect()
    }

    /// The facets of a list that have anything.
    pub(super) fn facets_of(&self, path: &str) -> Result<Vec<Facet>> {
        let mut found = Vec::new();
        for facet in Facet::all() {
            if self.has_any(path, facet)? {
                found.push(facet);
            }
        }
        Ok(found)
    }
}
