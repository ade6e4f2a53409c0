//! What pages are made of besides stories: plain data, filled by whoever knows the database.

use std::sync::Arc;

use super::figures::Figures;
use crate::model::{Province, Publisher, Story};
use crate::publish::{Channel, Month, Site, TopicName};
use crate::schedule::Time;

/// What the page of a channel shows besides its stories. Everything may be missing.
#[derive(Debug, Clone, Default)]
pub struct Extras<'a> {
    /// The pictures.
    pub figures: Option<Figures>,
    /// Pages of the same stories by province, in the order they are shown in.
    pub provinces: Vec<Narrower>,
    /// By kind of body.
    pub organs: Vec<Narrower>,
    /// By level.
    pub levels: Vec<Narrower>,
    /// The topics of these stories: on the page of a province.
    pub topics: Vec<Narrower>,
    /// Months of the topic that have a page, newest first.
    pub months: Vec<MonthCount>,
    /// The feed of one entry a day below the root: `hoc-bac/digest.atom`.
    pub digest: Option<String>,
    /// The province whose page this is.
    pub province: Option<&'static Province>,
    /// Its sources: on the page of a province.
    pub sources: Vec<SourceHealth<'a>>,
    /// Which page of the list this is, from 1; 0 is 1. What stands behind the first shows stories alone: `hoc-bac/page/2/`.
    pub number: u32,
    /// Whether another page follows.
    pub has_more: bool,
}

/// A page that shows some of the stories of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narrower {
    /// Its name: "Nghệ An", "Báo chí".
    pub name: String,
    /// Its name in English.
    pub name_en: String,
    /// Its path below the root: `hoc-bac/nghe-an/`.
    pub path: String,
    /// How many stories it has.
    pub count: u32,
}

/// A month of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthCount {
    /// Which.
    pub month: Month,
    /// How many stories it has.
    pub count: u32,
}

/// The page of a month; its days are named `d1` to `d31`.
pub struct MonthPage<'a> {
    /// The month as a channel: its path is `hoc-bac/2026-11`, its stories are the month's, its title the topic's.
    pub channel: &'a Channel<'a>,
    /// The month, and how many stories it has: more than are given, where there are very many.
    pub month: MonthCount,
    /// The nearest month before it that has stories.
    pub previous: Option<Month>,
    /// The nearest behind it.
    pub next: Option<Month>,
}

/// How a source is, for people.
#[derive(Debug, Clone)]
pub struct SourceHealth<'a> {
    /// Whose it is.
    pub publisher: &'a Arc<Publisher>,
    /// Whether it can be read.
    pub condition: Condition,
    /// The last good poll.
    pub ok_at: Option<Time>,
    /// When its newest item was published.
    pub newest_at: Option<Time>,
    /// How many of its items are stored.
    pub count: u32,
}

/// Whether a source can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// It answers.
    Well,
    /// It was not asked yet.
    New,
    /// It answers, and has had nothing new for longer than its own rhythm explains.
    Slow,
    /// It does not answer as it should.
    Failing {
        /// Since when nothing could be read; nothing if never anything was.
        since: Option<Time>,
        /// The class of the failure, as the database names it: `connect-timeout`.
        class: String,
    },
}

/// The page of all sources.
pub struct SourcesPage<'a> {
    /// The site.
    pub site: &'a Site,
    /// The names of all topics, in their order.
    pub topics: &'a [TopicName],
    /// The enabled sources, in any order.
    pub sources: Vec<SourceHealth<'a>>,
}

/// The page of a search: `search?q=…`, behind the first page `search?q=…&page=2`.
pub struct SearchPage<'a> {
    /// The site.
    pub site: &'a Site,
    /// The names of all topics, in their order.
    pub topics: &'a [TopicName],
    /// What was typed; empty before anything was.
    pub question: &'a str,
    /// What was found, of this page.
    pub hits: Vec<SearchHit<'a>>,
    /// How many stories were found in all.
    pub count: u32,
    /// Whether that is all there are; else there are at least as many.
    pub is_complete: bool,
    /// Which page this is, from 1.
    pub page: u32,
    /// Whether another follows.
    pub has_more: bool,
}

/// A story that was found.
#[derive(Debug, Clone, Copy)]
pub struct SearchHit<'a> {
    /// The story.
    pub story: &'a Story,
    /// Whether it has the words with the marks of the question.
    pub as_written: bool,
}
