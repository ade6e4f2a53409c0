//! The sources and how they are, for people.

use anyhow::Result;
use chrono::TimeDelta;

use super::{Desk, Made};
use crate::publish::html::{Condition, SourceHealth, SourcesPage};
use crate::publish::{Facet, Lang, Page, html};
use crate::store::figures;
use crate::store::sources::{self, State};

/// A source that answers and has had nothing new for longer than this is slow. Provincial portals pause over Tết for up to nine days.
const SLOW_AFTER: TimeDelta = TimeDelta::days(14);

impl Desk<'_> {
    /// The page of all enabled sources.
    pub(super) fn sources(&self, lang: Lang) -> Result<Made> {
        let page = SourcesPage { site: self.site, topics: &self.names, sources: self.health(|_| true)? };
        Ok(Made::Page(Page::html(html::sources(&page, lang))))
    }

    /// The enabled sources of a facet.
    pub(super) fn health_of(&self, facet: Facet) -> Result<Vec<SourceHealth<'_>>> {
        let meant = self.sources_of(facet);
        self.health(|row| meant.contains(&row))
    }

    fn health(&self, is_meant: impl Fn(i64) -> bool) -> Result<Vec<SourceHealth<'_>>> {
        let states = sources::states(self.db)?;
        let enabled = self.config.sources.values().filter(|source| source.enabled);
        let meant = enabled.filter_map(|source| states.get(source.id())).filter(|state| is_meant(state.row));
        meant.filter_map(|state| self.health_of_one(state).transpose()).collect()
    }

    fn health_of_one(&self, state: &State) -> Result<Option<SourceHealth<'_>>> {
        let Some(publisher) = self.publishers.get(&state.row) else { return Ok(None) };
        let health = &state.health;
        Ok(Some(SourceHealth {
            publisher,
            condition: self.condition(state),
            ok_at: health.ok_at,
            newest_at: health.newest_at,
            count: figures::items_of(self.db, state.row)?,
        }))
    }

    fn condition(&self, state: &State) -> Condition {
        let health = &state.health;
        match &health.failure_class {
            Some(class) => Condition::Failing { since: health.ok_at, class: class.clone() },
            None if health.polled_at.is_none() => Condition::New,
            None if health.newest_at.is_some_and(|newest| self.now - newest > SLOW_AFTER) => Condition::Slow,
            None => Condition::Well,
        }
    }
}
