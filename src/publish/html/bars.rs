//! The bars of the most active sources.

use super::figures::{Figures, MOST_BARS};
use super::map::span;
use super::say::{grouped, name, sources, stories};
use crate::publish::Lang;
use crate::text;

/// The height of a bar with its name above it, in pixels.
const PITCH: u32 = 32;
/// Longer names do not fit beside their numbers on a telephone.
const MAX_NAME_CHARS: usize = 46;

/// The bars as a page draws them.
pub struct Bars {
    pub height: u32,
    pub title: String,
    pub summary: String,
    pub bars: Vec<Bar>,
}

/// A source.
pub struct Bar {
    /// Where its name stands, and its bar.
    pub y: u32,
    pub bar_y: u32,
    pub name: String,
    /// "Báo Nghệ An: 12 tin".
    pub title: String,
    pub full_name: String,
    pub count: String,
    /// Percent of the longest, with one digit behind the point.
    pub width: String,
    /// A page of ours, below the root.
    pub path: Option<String>,
    /// Else its own.
    pub site: Option<String>,
}

/// Draws the bars; nothing if there are no sources.
pub fn bars(figures: &Figures, lang: Lang) -> Option<Bars> {
    let shown: Vec<_> = figures.sources.iter().take(MOST_BARS).collect();
    let most = shown.iter().map(|source| source.count).max().filter(|most| *most > 0)?;
    let number = u32::try_from(shown.len()).unwrap_or_default();
    let span = span(figures.since, figures.until, lang);
    Some(Bars {
        height: number * PITCH,
        title: name(lang, "Nguồn đăng nhiều nhất", "The most active sources").to_owned(),
        summary: match lang {
            Lang::Vi => format!("{} có nhiều tin nhất {span}.", sources(number, lang)),
            Lang::En => format!("The {} with the most stories {span}.", sources(number, lang)),
        },
        bars: (0..)
            .zip(shown)
            .map(|(row, source)| Bar {
                y: row * PITCH + 15,
                bar_y: row * PITCH + 21,
                name: text::line(&source.name, MAX_NAME_CHARS),
                title: format!("{}: {}", source.name, stories(source.count, lang)),
                full_name: source.name.clone(),
                count: grouped(source.count, lang),
                width: tenths(u64::from(source.count) * 1000 / u64::from(most)),
                path: source.path.clone(),
                site: source.site.as_ref().filter(|_| source.path.is_none()).map(|site| site.as_str().to_owned()),
            })
            .collect(),
    })
}

/// 625 is "62.5".
fn tenths(number: u64) -> String {
    format!("{}.{}", number / 10, number % 10)
}
