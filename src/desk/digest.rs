//! A topic once a day.

use anyhow::Result;
use chrono::{NaiveDate, TimeDelta};

use super::{Desk, Made};
use crate::publish::{Day, Digest, Format, Headline, MOST_NAMED, day_begins};
use crate::schedule::vietnam;
use crate::store::{figures, stories};

/// Days with stories that a digest names.
const DAYS: usize = 30;
/// A day is over when nothing can come into it any more: six hours behind its end (`dedup::position`).
const SETTLED: TimeDelta = TimeDelta::hours(6);

impl Desk<'_> {
    pub(super) fn digest(&self, path: &str, format: Format) -> Result<Made> {
        let Some(list) = self.list(path) else { return Ok(Made::Nothing) };
        let mut days = Vec::new();
        let mut before = day_begins((self.now - SETTLED).with_timezone(&vietnam()).date_naive());
        while days.len() < DAYS
            && let Some(at) = figures::last_before(self.db, path, before)?
        {
            let day = self.day(path, at.with_timezone(&vietnam()).date_naive())?;
            before = day_begins(day.day);
            days.push(day);
        }
        let digest = Digest { site: self.site, path: list.path, title: list.title, days };
        Ok(Made::Page(digest.feed(format)))
    }

    fn day(&self, path: &str, day: NaiveDate) -> Result<Day> {
        let end = day_begins(day + TimeDelta::days(1));
        let span = (day_begins(day), end);
        let headline = |(story, _)| {
            let (title, link, source) = stories::headline(self.db, story)?;
            let publisher = self.publishers.get(&source);
            Ok(Headline {
                title,
                link: link.or_else(|| publisher.map(|publisher| publisher.site.to_string())).unwrap_or_default(),
                who: publisher.map(|publisher| publisher.name.clone()).unwrap_or_default(),
            })
        };
        let named = figures::between(self.db, path, span, MOST_NAMED)?;
        let headlines = named.into_iter().map(headline).collect::<Result<_>>()?;
        Ok(Day { day, over: end + SETTLED, count: figures::count(self.db, path, span)?, headlines })
    }
}
