//! The whole public site, document by document, for whoever copies it elsewhere.

use std::sync::Arc;

use anyhow::Result;

use super::{Closed, Desk, Kept, Made, Publishers, publishers};
use crate::config::Config;
use crate::publish::{self, Address, Facet, Format, Lang, Page, Shape, Site, Wanted};
use crate::schedule::Time;
use crate::store::{Store, archives, stories};

/// The site as it is at a moment, beside a daemon or without one.
pub struct Edition<'a> {
    store: &'a Store,
    site: Site,
    config: &'a Config,
    publishers: Arc<Publishers>,
    now: Time,
    keep: &'a dyn Fn(&Closed) -> Result<bool>,
    /// What is finished before anybody asks, by path.
    finished: Vec<(String, Page)>,
}

impl<'a> Edition<'a> {
    /// Of a database; `site` is what its daemon says of itself. `keep` is asked to keep the months that are given out for the first time: what it
    /// says no to is not said to stay as it is.
    pub fn of(
        store: &'a Store,
        site: Site,
        config: &'a Config,
        now: Time,
        keep: &'a dyn Fn(&Closed) -> Result<bool>,
    ) -> Result<Edition<'a>> {
        let publishers = store.read(publishers)?;
        let finished = store.read(|db| {
            let desk = Desk::new(db, &site, config, &publishers, now);
            let dates = stories::page_dates(db)?;
            let mut finished = publish::fixed(&site, config.sources.values(), now);
            let mut kept = Kept::default();
            for list in desk.lists() {
                finished.extend(desk.feeds(&list, &mut kept)?);
            }
            let dated = finished.into_iter().map(|(path, page)| {
                // The daemon knows since when it is so.
                let known = dates.get(&path).filter(|(etag, _)| *etag == page.etag);
                let page = match known {
                    Some((_, modified)) => page.changed_at(*modified),
                    None => page,
                };
                (path, page.for_many())
            });
            Ok(dated.collect())
        })?;
        Ok(Edition { store, site, config, publishers, now, keep, finished })
    }

    /// The path of every document, in any order.
    pub fn paths(&self) -> Result<Vec<String>> {
        let finished = self.finished.iter().map(|(path, _)| path.clone());
        let mut paths: Vec<String> = finished.collect();
        self.store.read(|db| {
            let desk = Desk::new(db, &self.site, self.config, &self.publishers, self.now);
            let mut wanted = vec![Wanted::Front, Wanted::Sources, Wanted::Sitemap];
            for list in desk.lists() {
                wanted.extend(desk.of_list(&list)?);
            }
            paths.extend(wanted.iter().map(Wanted::path));
            // Files cannot send readers on: under its old name a story is there once more, and says what it is called now.
            paths.extend(stories::uids(db)?.into_iter().map(|uid| Wanted::Story(uid).path()));
            if self.site.has_search {
                paths.push("search".to_owned());
            }
            Ok(())
        })?;
        Ok(paths)
    }

    /// The document at a path in a language, where it is there in that.
    pub fn document(&self, path: &str, lang: Lang) -> Result<Option<Page>> {
        if let Some((_, page)) = self.finished.iter().find(|(known, _)| known == path) {
            return Ok((lang == Lang::Vi).then(|| page.clone()));
        }
        let Address::Of(wanted) = Address::parse(path, None) else { return Ok(None) };
        if lang == Lang::En && !wanted.is_page() {
            return Ok(None);
        }
        self.store.read(|db| {
            let desk = Desk::new(db, &self.site, self.config, &self.publishers, self.now);
            let made = match desk.make(&wanted, lang)? {
                Made::Moved(uid) => desk.make(&Wanted::Story(uid), lang)?,
                made => made,
            };
            Ok(match made {
                Made::Page(page) => Some(page.for_many()),
                Made::Closed { closed, kept, open } => {
                    Some(if (self.keep)(&closed)? { *kept } else { open }.for_many())
                }
                Made::Moved(_) | Made::Renamed(_) | Made::Gone | Made::Nothing => None,
            })
        })
    }
}

impl Desk<'_> {
    /// Every document of a list that is made when somebody asks.
    fn of_list(&self, list: &str) -> Result<Vec<Wanted>> {
        let topic = || list.to_owned();
        let mut wanted: Vec<Wanted> =
            Format::ALL.into_iter().map(|format| Wanted::Digest { topic: topic(), format }).collect();
        // Nobody leads to a facet without a source.
        let facets = Facet::all().filter(|facet| !self.sources_of(*facet).is_empty());
        for facet in facets.map(Some).chain([None]) {
            let shapes = [Shape::Page].into_iter().chain(Format::ALL.map(Shape::Feed));
            // The feeds of a whole list are finished.
            for shape in shapes.filter(|shape| facet.is_some() || *shape == Shape::Page) {
                for number in 1..=self.pages_of(list, facet)? {
                    wanted.push(Wanted::Facet { topics: vec![topic()], facet, shape, number });
                }
            }
        }
        for month in self.all_months(list)? {
            wanted.push(Wanted::Month { topic: topic(), month });
        }
        for month in self.archive_months(list)? {
            let full = archives::count(self.db, list, (month.begin(), month.end()))?.saturating_sub(1) / archives::PART;
            let parts = (1..=full).map(Some).chain([None]);
            wanted.extend(parts.map(|part| Wanted::Archive { topic: topic(), month, part }));
        }
        Ok(wanted)
    }
}
