//! What the page of a list shows besides its stories: pictures, narrower lists, months, sources.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use anyhow::Result;
use chrono::{NaiveDate, TimeDelta};

use super::Desk;
use super::archive::months;
use super::lists::{facet_name, facet_path};
use crate::model::{Level, Province, province};
use crate::publish::html::{Extras, Figures, MonthCount, Narrower, SourceCount};
use crate::publish::{ALL, Facet, Lang, Month, day_begins};
use crate::schedule::{Time, vietnam};
use crate::store::figures;

/// Days that places and sources are counted over.
const COUNTED: i64 = 30;
/// Days of the calendar: 26 weeks.
const CALENDAR: i64 = 26 * 7;
/// Months that the page of a list names; those before are reached from month to month.
const MONTHS: usize = 24;
/// Sources that a picture may show.
const BARS: usize = 20;

/// Who carried what of a list lately.
struct Lately {
    by_source: BTreeMap<i64, HashSet<i64>>,
    since: NaiveDate,
    until: NaiveDate,
}

impl Desk<'_> {
    /// What stands around the stories of a topic, or of everything; of a facet of it, what stands around that.
    pub(super) fn extras(&self, topic: &str, facet: Option<Facet>) -> Result<Extras<'_>> {
        let Some(newest) = self.newest(topic)? else { return Ok(Extras::default()) };
        match facet {
            None => {
                let lately = self.lately(topic, newest)?;
                Ok(Extras {
                    figures: Some(self.figures(topic, &lately)?),
                    provinces: self.narrower(topic, &lately, |facet| matches!(facet, Facet::Province(_))),
                    organs: self.narrower(topic, &lately, |facet| matches!(facet, Facet::Organ(_))),
                    levels: self.narrower(topic, &lately, |facet| matches!(facet, Facet::Level(_))),
                    months: self.months(topic)?,
                    digest: Some(format!("{topic}/digest.atom")),
                    ..Extras::default()
                })
            }
            Some(facet) => Ok(Extras {
                province: facet.province(),
                topics: self.topics_in(facet)?,
                sources: match facet {
                    Facet::Province(_) if topic == ALL => self.health_of(facet)?,
                    _ => Vec::new(),
                },
                ..Extras::default()
            }),
        }
    }

    /// The pictures of a list.
    pub(super) fn figures_of(&self, topic: &str) -> Result<Option<Figures>> {
        self.newest(topic)?.map(|newest| self.figures(topic, &self.lately(topic, newest)?)).transpose()
    }

    /// Where the newest story of a list stands; at most a day ahead of us.
    fn newest(&self, topic: &str) -> Result<Option<Time>> {
        figures::last_before(self.db, topic, self.now + TimeDelta::days(1))
    }

    /// Counted back from the newest story, not from now: a document says the same until something happens.
    fn lately(&self, topic: &str, newest: Time) -> Result<Lately> {
        let until = newest.with_timezone(&vietnam()).date_naive();
        let since = until - TimeDelta::days(COUNTED - 1);
        let mut by_source: BTreeMap<i64, HashSet<i64>> = BTreeMap::new();
        let sources = self.publishers.keys().copied();
        for (source, story) in figures::carried(self.db, topic, sources, day_begins(since))? {
            by_source.entry(source).or_default().insert(story);
        }
        Ok(Lately { by_source, since, until })
    }

    fn figures(&self, topic: &str, lately: &Lately) -> Result<Figures> {
        let places = province::ALL.iter().map(Some).chain([None]).map(|place| (place, self.in_place(place)));
        // Where nobody is listened to, nothing is to be seen.
        let places = places.filter(|(_, sources)| !sources.is_empty());
        let places = places.map(|(place, sources)| (place, lately.count(&sources))).collect();
        Ok(Figures {
            base: topic.to_owned(),
            places,
            central: (!self.in_place(None).is_empty()).then(|| facet_path(topic, Facet::Level(Level::Central))),
            days: self.days(topic, lately.until)?,
            sources: self.busiest(topic, lately),
            since: lately.since,
            until: lately.until,
        })
    }

    fn in_place(&self, place: Option<&'static Province>) -> BTreeSet<i64> {
        self.publishers.iter().filter(|(_, publisher)| publisher.province == place).map(|(id, _)| *id).collect()
    }

    /// Stories a day, without gaps.
    fn days(&self, topic: &str, until: NaiveDate) -> Result<Vec<(NaiveDate, u32)>> {
        let since = until - TimeDelta::days(CALENDAR - 1);
        let counted: BTreeMap<i64, u32> = figures::by_day(self.db, topic, day_begins(since))?.into_iter().collect();
        let number = |day: NaiveDate| (day - NaiveDate::default()).num_days();
        let days = since.iter_days().take_while(|day| *day <= until);
        Ok(days.map(|day| (day, counted.get(&number(day)).copied().unwrap_or_default())).collect())
    }

    fn busiest(&self, topic: &str, lately: &Lately) -> Vec<SourceCount> {
        let counts =
            lately.by_source.iter().filter_map(|(id, stories)| Some((self.publishers.get(id)?, stories.len())));
        let mut counts: Vec<SourceCount> = counts
            .map(|(publisher, count)| SourceCount {
                name: publisher.name.clone(),
                province: publisher.province,
                path: publisher.province.and_then(of_province).map(|facet| facet_path(topic, facet)),
                site: Some(publisher.site.clone()),
                count: u32::try_from(count).unwrap_or(u32::MAX),
            })
            .collect();
        counts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
        counts.truncate(BARS);
        counts
    }

    /// The facets of a list that lately had anything.
    fn narrower(&self, topic: &str, lately: &Lately, is_meant: impl Fn(&Facet) -> bool) -> Vec<Narrower> {
        let facets = Facet::all().filter(is_meant).map(|facet| Narrower {
            name: facet_name(facet, Lang::Vi).to_owned(),
            name_en: facet_name(facet, Lang::En).to_owned(),
            path: facet_path(topic, facet),
            count: lately.count(&self.sources_of(facet)),
        });
        facets.filter(|facet| facet.count > 0).collect()
    }

    /// The topics that lately had anything from the sources of a facet.
    fn topics_in(&self, facet: Facet) -> Result<Vec<Narrower>> {
        let mut found = Vec::new();
        let sources = self.sources_of(facet);
        for topic in self.config.rules.topics() {
            let Some(newest) = self.newest(&topic.id)? else { continue };
            let since = newest - TimeDelta::days(COUNTED);
            let carried = figures::carried(self.db, &topic.id, sources.iter().copied(), since)?;
            let stories: HashSet<i64> = carried.into_iter().map(|(_, story)| story).collect();
            found.extend((!stories.is_empty()).then(|| Narrower {
                name: topic.name.clone(),
                name_en: topic.name_en.clone(),
                path: facet_path(&topic.id, facet),
                count: u32::try_from(stories.len()).unwrap_or(u32::MAX),
            }));
        }
        Ok(found)
    }

    /// The months of a list that have stories, newest first.
    fn months(&self, topic: &str) -> Result<Vec<MonthCount>> {
        let months = months(self.now + TimeDelta::days(1), |before| figures::last_before(self.db, topic, before));
        let counted = |month: Month| {
            let count = figures::count(self.db, topic, (month.begin(), month.end()))?;
            Ok(MonthCount { month, count })
        };
        months.take(MONTHS).map(|month| month.and_then(counted)).collect()
    }
}

impl Lately {
    /// How many stories any of these sources carried, each once.
    fn count(&self, sources: &BTreeSet<i64>) -> u32 {
        let stories: HashSet<&i64> = sources.iter().filter_map(|id| self.by_source.get(id)).flatten().collect();
        u32::try_from(stories.len()).unwrap_or(u32::MAX)
    }
}

fn of_province(province: &'static Province) -> Option<Facet> {
    province::ALL.iter().position(|other| other == province).map(Facet::Province)
}
