//! A list of stories and where it is published: a topic, a part of one, what a question finds, a month of the past.

use chrono::SubsecRound;
use url::Url;

use super::address::{page_path, search_query};
use super::{ALL, Format, Lang, Page, Site, TopicName, html};
use crate::model::{Story, Withdrawn};
use crate::schedule::Time;

/// The feeds and pages of a list of stories.
pub struct Channel<'a> {
    /// The site.
    pub site: &'a Site,
    /// Its place: a topic's id, `all`, `hoc-bac/nghe-an`, `search`.
    pub path: &'a str,
    /// What was asked for, where it is a search.
    pub question: Option<&'a str>,
    /// Its name.
    pub title: &'a str,
    /// Its name in English.
    pub title_en: &'a str,
    /// One sentence.
    pub description: &'a str,
    /// Its stories, newest first.
    pub stories: &'a [Story],
    /// The names of all topics, in their order.
    pub topics: &'a [TopicName],
    /// What comes behind these stories.
    pub past: Past<'a>,
    /// The stories that were taken back (RFC 6721).
    pub withdrawn: &'a [Withdrawn],
}

/// What comes behind the stories of a document (RFC 5005).
#[derive(Debug, Clone, Copy, Default)]
pub enum Past<'a> {
    /// Nothing that is told of.
    #[default]
    Untold,
    /// A list that has pages (section 3).
    Paged {
        /// Which page this is, from 1.
        number: u32,
        /// Whether another follows.
        has_more: bool,
    },
    /// Documents that hold every story of the past (section 4), of which this is the newest, below the root.
    Archived(&'a str),
    /// This is one of them.
    Archive {
        /// Its own path below the root.
        own: &'a str,
        /// The one before it.
        before: Option<&'a str>,
    },
}

impl<'a> Channel<'a> {
    /// The channel of everything.
    pub fn of_all(site: &'a Site, stories: &'a [Story], topics: &'a [TopicName]) -> Channel<'a> {
        Channel {
            site,
            path: ALL,
            question: None,
            title: "Tất cả tin",
            title_en: "All stories",
            description: "Mọi tin từ mọi nguồn, mỗi tin chỉ hiện một lần.",
            stories,
            topics,
            past: Past::Untold,
            withdrawn: &[],
        }
    }

    /// The last change of anything in it: the newest of what its entries say (assertion S-34); of an empty channel, the day the site began.
    pub(super) fn updated(&self, entries: impl Iterator<Item = Time>) -> Time {
        let withdrawn = self.withdrawn.iter().map(|withdrawn| withdrawn.at.trunc_subsecs(0));
        entries.chain(withdrawn).max().unwrap_or_else(|| self.site.began())
    }

    /// "Học tập và làm theo Bác · Dòng tin".
    pub(super) fn full_title(&self) -> String {
        format!("{} · {}", self.title, self.site.title)
    }

    /// What its feeds are known by, whatever page or part of the past.
    pub(super) fn id(&self) -> String {
        let query = self.question.map(|question| search_query(question, 1));
        format!("{}feed/{}{}", self.site.tag, self.path, query.unwrap_or_default())
    }

    pub(super) fn page_url(&self) -> String {
        match self.question {
            Some(question) => self.site.url(&format!("{}{}", self.path, search_query(question, 1))),
            None => self.site.url(&format!("{}/", self.path)),
        }
    }

    /// The address of this document in a format.
    pub(super) fn own_url(&self, format: Format) -> String {
        match self.past {
            Past::Archive { own, .. } => self.site.url(own),
            Past::Paged { number, .. } => self.feed_url(format, number),
            Past::Untold | Past::Archived(_) => self.feed_url(format, 1),
        }
    }

    /// The address of a page of it in a format.
    fn feed_url(&self, format: Format, number: u32) -> String {
        self.site.url(&match self.question {
            Some(question) => format!("{}/{}{}", self.path, format.file(), search_query(question, number)),
            None => page_path(self.path, number, format.file()),
        })
    }

    /// Where its past is: relation and address.
    pub(super) fn past_links(&self, format: Format) -> Vec<(&'static str, String)> {
        let mut links = Vec::new();
        match self.past {
            Past::Untold => {}
            Past::Paged { number, has_more } => {
                if has_more || number > 1 {
                    links.push(("first", self.feed_url(format, 1)));
                }
                if number > 1 {
                    links.push(("previous", self.feed_url(format, number - 1)));
                }
                if has_more {
                    links.push(("next", self.feed_url(format, number.saturating_add(1))));
                }
            }
            Past::Archived(newest) => links.push(("prev-archive", self.site.url(newest))),
            Past::Archive { before, .. } => {
                links.push(("current", self.feed_url(format, 1)));
                links.extend(before.map(|before| ("prev-archive", self.site.url(before))));
            }
        }
        links
    }

    /// The hub that tells of what is new in it. What is made when somebody asks, nobody watches.
    pub(super) fn hub(&self) -> Option<&Url> {
        let is_watched = matches!(self.past, Past::Untold | Past::Archived(_));
        self.site.hub.as_ref().filter(|_| is_watched)
    }

    /// It as a page for people.
    pub fn page(&self, extras: &html::Extras<'_>, lang: Lang) -> Page {
        Page::html(html::channel(self, extras, lang))
    }
}
