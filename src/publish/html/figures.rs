//! What the pictures of a page show: how many stories, by place, by day and by source.

use chrono::NaiveDate;
use url::Url;

use crate::model::Province;

/// The most weeks that a calendar shows.
pub const MOST_WEEKS: usize = 26;
/// The most sources that are drawn as bars.
pub const MOST_BARS: usize = 10;
/// The shades of a picture, from nothing to the most.
pub const SHADES: usize = 5;

/// What a channel's pictures show. Counts are of stories, not of copies.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// The path of the channel below the root, without a slash at its end: `hoc-bac`, `all`. Tiles and days link below it.
    pub base: String,
    /// Stories by place, of the last 30 days before the newest; `None` is the central bodies. A province that stands here has a page, though its
    /// count may be 0; one that does not is drawn as 0 and links nowhere.
    pub places: Vec<(Option<&'static Province>, u32)>,
    /// The page of the central bodies below the root, if there is one: `hoc-bac/cap-trung-uong/`.
    pub central: Option<String>,
    /// Stories a day in Việt Nam, oldest first, without gaps; the last [`MOST_WEEKS`] are drawn. A day with stories has a month page.
    pub days: Vec<(NaiveDate, u32)>,
    /// The most active sources, the most active first; the first [`MOST_BARS`] are drawn.
    pub sources: Vec<SourceCount>,
    /// The first day that `places` and `sources` count.
    pub since: NaiveDate,
    /// The last.
    pub until: NaiveDate,
}

/// How much a source published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceCount {
    /// The name readers see.
    pub name: String,
    /// Where it is; a central body is nowhere.
    pub province: Option<&'static Province>,
    /// A page of ours about it below the root, such as that of its province: `hoc-bac/nghe-an/`.
    pub path: Option<String>,
    /// Its home page, where there is no page of ours.
    pub site: Option<Url>,
    /// Stories it carried from `since` to `until`.
    pub count: u32,
}

/// The shade of a count where `most` is the largest: 0 for none, then 1 to 4 by the square root, so that one place with very many does
/// not make all others alike.
pub fn shade(count: u32, most: u32) -> usize {
    (1..SHADES).rev().find(|&shade| count >= least(shade, most)).unwrap_or(0)
}

/// The least count of a shade; a shade that no count has begins behind `most`.
pub fn least(shade: usize, most: u32) -> u32 {
    let part = u64::try_from(shade.saturating_sub(1)).unwrap_or_default();
    let steps = u64::try_from(SHADES - 1).unwrap_or(1);
    let bound = (u64::from(most) * part * part).div_ceil(steps * steps);
    if shade == 0 { 0 } else { u32::try_from(bound).unwrap_or(u32::MAX).max(u32::try_from(shade).unwrap_or(u32::MAX)) }
}
