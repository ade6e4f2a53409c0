//! The past of a list, as documents that a program walks through (RFC 5005 section 4), and as pages for people.

use anyhow::Result;
use chrono::TimeDelta;

use super::{Desk, Made};
use crate::model::Story;
use crate::publish::{Channel, Format, Keep, Lang, Month, Page, Past, Site, archive_path, html};
use crate::schedule::Time;
use crate::store::archives::{self, Archived, Closed, PART};
use crate::store::{figures, retention};

/// How long behind its end a month may still get stories: one that comes late stands at most six hours behind its arrival (`dedup::position`), and
/// an hour more for clocks.
const SETTLED: TimeDelta = TimeDelta::hours(7);
/// Stories on the page of a month.
const ON_A_PAGE: usize = 1_000;

impl Desk<'_> {
    /// A part of a month: the last one, or a full one before it.
    pub(super) fn archive(&self, path: &str, month: Month, part: Option<u32>) -> Result<Made> {
        let number = part.unwrap_or(0);
        let stands = self.stands(path, month)?;
        if let Some(kept) = archives::archived(self.db, path, &month.slug(), number)?.filter(|_| stands) {
            return Ok(Made::Page(self.archived(kept, path, month, part)));
        }
        let Some(list) = self.list(path) else { return Ok(Made::Nothing) };
        let span = (month.begin(), month.end());
        let count = archives::count(self.db, path, span)?;
        // The last part has at least one.
        let full = count.saturating_sub(1) / PART;
        if count == 0 || part.is_some_and(|part| part > full) {
            return self.nothing_of(month);
        }
        let skip = part.map_or(full, |part| part - 1) * PART;
        let mut placed = archives::stories(self.db, path, span, (skip, PART))?;
        let stored = placed.clone();
        placed.reverse();
        let stories = self.read(placed)?;
        let own = archive_path(path, month, part);
        let last_before = archives::last_before(self.db, path, month.begin())?;
        let before = match part.unwrap_or(full + 1) {
            1 => last_before.map(|at| archive_path(path, Month::of(at), None)),
            number => Some(archive_path(path, month, Some(number - 1))),
        };
        let past = Past::Archive { own: &own, before: before.as_deref() };
        let page = Channel { past, ..self.channel(&list, &stories) }.feed(Format::Atom);
        if month.end() + SETTLED > self.now {
            return Ok(Made::Page(page));
        }
        let whole = stories.iter().filter_map(Story::lead).filter(|lead| lead.item.html.is_some());
        let document = Archived {
            body: page.body.to_vec(),
            modified: self.now,
            base: self.site.base_url.to_string(),
            articles_of: whole.map(|lead| lead.publisher.id.clone()).collect(),
        };
        let closed = Box::new(Closed {
            list: path.to_owned(),
            month: month.slug(),
            span,
            part: number,
            skip,
            stories: stored,
            before: last_before,
            again: !stands,
            document: document.clone(),
        });
        Ok(Made::Closed { kept: Box::new(self.archived(document, path, month, part)), open: page, closed })
    }

    /// Whether what was given out of a month may be given out as it was.
    fn stands(&self, path: &str, month: Month) -> Result<bool> {
        let (bases, articles_of) = archives::said(self.db, path, &month.slug())?;
        let is_ours = |base: &String| base == self.site.base_url.as_str();
        Ok(bases.iter().all(is_ours) && articles_of.iter().all(|source| self.publishes_whole(source)))
    }

    fn archived(&self, kept: Archived, path: &str, month: Month, part: Option<u32>) -> Page {
        let own = archive_path(path, month, part);
        let page = Page::kept(kept.body, Format::Atom.content_type());
        let link = Some(Site::link_header(&self.site.url(&own), None));
        Page { keep: Keep::ForEver, link, ..page.changed_at(kept.modified) }
    }

    /// What a month says that has nothing (any more): what was in it may have been forgotten for its age.
    fn nothing_of(&self, month: Month) -> Result<Made> {
        let was_there = retention::until(self.db)?.is_some_and(|until| month.end() <= until);
        Ok(if was_there { Made::Gone } else { Made::Nothing })
    }

    /// The page of a month.
    pub(super) fn month(&self, path: &str, month: Month, lang: Lang) -> Result<Made> {
        let Some(list) = self.list(path) else { return Ok(Made::Nothing) };
        let span = (month.begin(), month.end());
        let stories = self.read(figures::between(self.db, path, span, ON_A_PAGE)?)?;
        if stories.is_empty() {
            return self.nothing_of(month);
        }
        let own = format!("{path}/{}", month.slug());
        let channel = Channel { path: &own, ..self.channel(&list, &stories) };
        let page = html::MonthPage {
            channel: &channel,
            month: html::MonthCount { month, count: figures::count(self.db, path, span)? },
            previous: figures::last_before(self.db, path, month.begin())?.map(Month::of),
            next: figures::first_since(self.db, path, month.end())?.map(Month::of),
        };
        Ok(Made::Page(Page::html(html::month(&page, lang))))
    }

    /// Every month of a list that has a page, newest first.
    pub(super) fn all_months(&self, path: &str) -> Result<Vec<Month>> {
        months(Time::MAX_UTC, |before| figures::last_before(self.db, path, before)).collect()
    }

    /// Every month of a list that has documents of the past, newest first.
    pub(super) fn archive_months(&self, path: &str) -> Result<Vec<Month>> {
        months(Time::MAX_UTC, |before| archives::last_before(self.db, path, before)).collect()
    }
}

/// The months that have anything before a moment, newest first.
pub(super) fn months(
    mut before: Time,
    last_before: impl Fn(Time) -> Result<Option<Time>>,
) -> impl Iterator<Item = Result<Month>> {
    std::iter::from_fn(move || {
        let at = last_before(before).transpose()?;
        Some(at.map(|at| {
            let month = Month::of(at);
            before = month.begin();
            month
        }))
    })
}
