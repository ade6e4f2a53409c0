//! The past of a list, as documents that a program walks through (RFC 5005 section 4), and as pages for people.

use anyhow::Result;
use chrono::TimeDelta;

use super::{Desk, Made};
use crate::publish::{Channel, Format, Keep, Lang, Month, Page, Past, Site, archive_path, html};
use crate::schedule::Time;
use crate::store::archives::{self, Archived, PART};
use crate::store::{figures, retention};

/// How long behind its end a month may still get stories: one that comes late stands at most six hours behind its arrival (`dedup::position`), and
/// an hour more for clocks.
const SETTLED: TimeDelta = TimeDelta::hours(7);
/// Stories on the page of a month.
const ON_A_PAGE: usize = 1_000;

/// A document of a month that is over, to be kept as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// Of which list.
    pub list: String,
    /// Which month, `2026-11`.
    pub month: String,
    /// Which part; 0 is the last.
    pub part: u32,
    /// When the month ended.
    pub ends: Time,
    /// The document.
    pub document: Archived,
}

impl Desk<'_> {
    /// A part of a month: the last one, or a full one before it.
    pub(super) fn archive(&self, path: &str, month: Month, part: Option<u32>) -> Result<Made> {
        let number = part.unwrap_or(0);
        if let Some(kept) = archives::archived(self.db, path, &month.slug(), number)? {
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
        placed.reverse();
        let stories = self.read(placed)?;
        let own = archive_path(path, month, part);
        let before = self.before(path, month, part.unwrap_or(full + 1))?;
        let past = Past::Archive { own: &own, before: before.as_deref() };
        let page = Channel { past, ..self.channel(&list, &stories) }.feed(Format::Atom);
        if month.end() + SETTLED > self.now {
            return Ok(Made::Page(page));
        }
        let modified = stories.iter().map(|story| story.updated).max().unwrap_or_default();
        let document = Archived { body: page.body.to_vec(), modified };
        let page = self.archived(document.clone(), path, month, part);
        let closed = Closed { list: path.to_owned(), month: month.slug(), part: number, ends: month.end(), document };
        Ok(Made::Closed(page, closed))
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

    /// The document before a part of a month, by its number among them all.
    fn before(&self, path: &str, month: Month, number: u32) -> Result<Option<String>> {
        if number > 1 {
            return Ok(Some(archive_path(path, month, Some(number - 1))));
        }
        let before = archives::last_before(self.db, path, month.begin())?;
        Ok(before.map(|at| archive_path(path, Month::of(at), None)))
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
