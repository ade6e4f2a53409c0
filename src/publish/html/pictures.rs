//! The pictures of a page together, in the order they are shown in.

use super::bars::{Bars, bars};
use super::calendar::{Calendar, calendar};
use super::figures::Figures;
use super::map::{Map, map};
use super::say::name;
use crate::publish::Lang;

/// The pictures, and the words they share.
pub struct Pictures {
    /// Whose stories they count, where the page does not say it: a line of words, name and path below the root.
    pub of: Option<(&'static str, String, String)>,
    pub map: Map,
    pub calendar: Option<Calendar>,
    pub bars: Option<Bars>,
    /// What opens a table, and what its columns are called.
    pub as_table: &'static str,
    pub place: &'static str,
    pub stories: &'static str,
    pub source: &'static str,
    pub week: &'static str,
    pub legend: &'static str,
}

impl Pictures {
    /// Draws what there is.
    pub fn of(figures: &Figures, lang: Lang) -> Pictures {
        Pictures {
            of: None,
            map: map(figures, lang),
            calendar: calendar(figures, lang),
            bars: bars(figures, lang),
            as_table: name(lang, "Xem dạng bảng", "As a table"),
            place: name(lang, "Địa phương", "Place"),
            stories: name(lang, "Số tin", "Stories"),
            source: name(lang, "Nguồn", "Source"),
            week: name(lang, "Tuần từ", "Week of"),
            legend: name(lang, "Số tin", "Stories"),
        }
    }

    /// The same, with whose stories they count.
    pub fn said_of(self, title: &str, base: &str, lang: Lang) -> Pictures {
        let words = name(lang, "Đang diễn ra ở đâu, khi nào:", "What is happening where and when:");
        Pictures { of: Some((words, title.to_owned(), format!("{base}/"))), ..self }
    }
}
