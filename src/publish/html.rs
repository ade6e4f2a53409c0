//! The pages for people: Vietnamese first, English for who asks. No script, no third party, nothing that needs a clock.

mod bars;
mod calendar;
mod channel;
mod copies;
mod difference;
mod figures;
mod frame;
mod front;
mod given;
mod health;
mod map;
mod marks;
mod month;
mod pictures;
mod row;
mod say;
mod search;
mod sources;
mod story;
#[cfg(test)]
mod tests;

use crate::model::Digest;

pub use channel::channel;
pub use figures::{Figures, SourceCount};
pub use front::{Front, FrontTopic, front};
pub use given::{Condition, Extras, MonthCount, MonthPage, Narrower, SearchHit, SearchPage, SourceHealth, SourcesPage};
pub use month::month;
pub use say::{day, field, grouped, level, organ};
pub use search::search;
pub use sources::sources;
pub use story::{page as story_page, story_path};

/// The style sheet, one for all pages.
pub const STYLE: &str = include_str!("templates/style.css");
/// The icon.
pub const ICON: &str = include_str!("templates/icon.svg");
/// Where the icon is.
pub const ICON_PATH: &str = "assets/icon.svg";

/// Where the style sheet is: its name changes with it, so that it can be kept for ever.
pub fn style_path() -> String {
    format!("assets/style-{}.css", Digest::of(&[STYLE]).hex(12))
}
