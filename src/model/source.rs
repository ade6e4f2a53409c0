//! A source (nguồn): a feed somebody else publishes.

use std::sync::Arc;

use url::Url;

use super::province::Province;
use super::trust::Trust;
use crate::schedule::{Cadence, Zone};

/// One feed of a body, as the admin configured it.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Whose feed it is.
    pub publisher: Arc<Publisher>,
    /// How often it is polled.
    pub cadence: Cadence,
    /// Whether that was said of this very source, and not of all: then the admin knows what he asks of a server.
    pub cadence_is_own: bool,
    /// How to read dates written with slashes.
    pub dates: DateOrder,
    /// The zone of its dates that name none.
    pub zone: Zone,
    /// How much of an item we may publish.
    pub publish: Publish,
    /// Topics that this source is about by itself, such as a paper's own section.
    pub topics: Vec<String>,
    /// Whether it is polled.
    pub enabled: bool,
    /// Where it is a page of headlines or a sitemap: how to read it. A feed needs none.
    pub listing: Option<Listing>,
    /// Where an article is on this source's pages: CSS selectors, the likeliest first.
    pub body: Vec<String>,
    /// Whether the pages of new items are fetched too.
    pub full_text: FullText,
    /// Whether a server that always answers "not modified" is asked for the whole once a week.
    pub probe: bool,
    /// Whether it may redirect from https to http.
    pub allow_downgrade: bool,
    /// Whose vouching for its server counts, beside that of the machine's own authorities.
    pub trust: Option<Arc<Trust>>,
}

/// How a page of headlines is read. What is not given comes from the preset, and what that does not give is found by what a reader sees.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Listing {
    /// The family of its content management system, whose preset applies.
    pub cms: Option<String>,
    /// CSS selector of what holds one headline with its date and teaser.
    pub item: Option<String>,
    /// CSS selector of the links to articles.
    pub link: Option<String>,
    /// CSS selectors within an item.
    pub title: Option<String>,
    /// Of its date.
    pub date: Option<String>,
    /// Of its teaser.
    pub teaser: Option<String>,
    /// Regular expression that the path of an article's address matches.
    pub pattern: Option<String>,
    /// CSS selector of the link to the next page.
    pub next: Option<String>,
    /// How many pages are read the first time.
    pub pages: usize,
    /// Fewer items than this are no listing: the page has changed.
    pub least: usize,
    /// A smaller share of items with a date, in percent, too.
    pub dated: usize,
}

/// Whether the pages of new items are fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FullText {
    /// No.
    Never,
    /// Where title and teaser leave a topic undecided, or the item has no title or date.
    #[default]
    WhenUnsure,
    /// Each.
    Always,
}

impl Source {
    /// The slug.
    pub fn id(&self) -> &str {
        &self.publisher.id
    }

    /// The feed.
    pub fn url(&self) -> &Url {
        &self.publisher.feed
    }
}

/// What readers are told about a source. The database keeps a copy, because items outlive the source's place in the
/// files.
#[derive(Debug, Clone, PartialEq)]
pub struct Publisher {
    /// A slug, unique over all files; what the database knows the source by.
    pub id: String,
    /// The name readers see.
    pub name: String,
    /// The feed.
    pub feed: Url,
    /// The body's home page.
    pub site: Url,
    /// Where it is; a central body is nowhere.
    pub province: Option<&'static Province>,
    /// What kind of body it is.
    pub organ: Organ,
    /// How far its word reaches.
    pub level: Level,
}

/// The kind of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Organ {
    /// A party committee or its portal (cơ quan Đảng).
    Party,
    /// A state body or its portal (cơ quan chính quyền).
    Government,
    /// A newspaper or agency (báo chí).
    Press,
    /// A radio and television station (phát thanh, truyền hình).
    Broadcaster,
}

/// The reach of a body. Of two copies of a story, the one of wider reach leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Trung ương.
    Central,
    /// Tỉnh, thành phố.
    Province,
    /// Xã, phường, đặc khu.
    Commune,
}

/// How to read `9/5/2026`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateOrder {
    /// By the shape alone: `9/5/2026 1:30:00 PM`, as .NET writes it for en-US, is month first; every other is day
    /// first.
    #[default]
    ByShape,
    /// 9 May.
    DayFirst,
    /// 5 September.
    MonthFirst,
}

/// How much of an item goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Publish {
    /// Title, teaser, source and link.
    #[default]
    Teaser,
    /// The article too, because its publisher agreed.
    Full,
}

/// Implements `parse` and the list of spellings for a closed set of words used in files; with `as_str`, the way back
/// too.
macro_rules! words {
    ($type:ident as_str { $($variant:ident = $word:literal),+ }) => {
        words!($type { $($variant = $word),+ });

        impl $type {
            /// The word used in files, addresses and the database.
            pub fn as_str(self) -> &'static str {
                match self { $($type::$variant => $word),+ }
            }
        }
    };
    ($type:ident { $($variant:ident = $word:literal),+ }) => {
        impl $type {
            /// The spellings, in order.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// From the word used in files.
            pub fn parse(word: &str) -> Option<$type> {
                match word { $($word => Some($type::$variant),)+ _ => None }
            }
        }
    };
}

words!(Organ as_str { Party = "party", Government = "government", Press = "press", Broadcaster = "broadcaster" });
words!(Level as_str { Central = "central", Province = "province", Commune = "commune" });
words!(DateOrder { ByShape = "by-shape", DayFirst = "day-first", MonthFirst = "month-first" });
words!(FullText { Never = "never", WhenUnsure = "when-unsure", Always = "always" });
words!(Publish { Teaser = "teaser", Full = "full" });
