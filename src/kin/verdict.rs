//! Whether two items tell one story: what speaks for it and against it, weighed.
//!
//! The weights were fitted by logistic regression on the labelled pairs (`docs/stories.md` tells how, and what they reach): points are natural
//! logarithms of odds. What no labelled pair of one story has, different numbers in one frame of the headline or different days up front, is
//! not weighed but decides.

use chrono::TimeDelta;

use super::compare::Likeness;
use super::portrait::Portrait;
use super::rarity::Rarity;
use crate::model::{Aspect, Checked, Finding, Kind};

/// Items further apart than this are not one story even when equal: bulletins repeat.
pub const WINDOW: TimeDelta = TimeDelta::days(7);
/// Of one event, that is near.
const SAME_EVENT: TimeDelta = TimeDelta::days(3);
/// One number may be corrected; where the same words lead to so many others, they are a form that somebody fills in.
const OTHER_NUMBERS: usize = 2;
/// A text that is contained to more than this while the two resemble each other less is a part of the other.
const WHOLE: f32 = 0.75;

/// What two items are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// Two stories.
    Apart,
    /// The same event in other words.
    Related,
    /// One story.
    Same(Kind),
}

/// Two items compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// What they are to each other.
    pub relation: Relation,
    /// What speaks for one story, less what it takes.
    pub points: f32,
    /// How much of the shorter text is in the other, to a thousandth.
    pub similarity: f64,
    /// What was compared, and how it came out.
    pub checked: [Checked; 6],
}

/// How far two items are apart in time; nothing where one has no date.
pub type Distance = Option<TimeDelta>;

/// Compares two items. The same in either order.
pub fn judge(a: &Portrait, b: &Portrait, distance: Distance, rarity: &Rarity) -> Verdict {
    let are_articles = a.has_article && b.has_article;
    let like = Likeness::of(a.beside(b), b.beside(a), rarity);
    let points = if are_articles { articles(&like) } else { teasers(&like, distance) };
    let is_late = distance.is_some_and(|distance| distance > WINDOW);
    let is_template = !are_articles && like.states_other_facts()
        || like.is_series
        || like.swaps_names
        || like.numbers_swapped >= OTHER_NUMBERS;
    let is_another = is_late || is_template || like.is_of_another_place();
    let relation = if is_another {
        Relation::Apart
    } else if points >= 0.0 && !like.differ_in(Aspect::Dates) {
        Relation::Same(if like.resemblance < WHOLE && like.contained >= WHOLE { Kind::Part } else { Kind::Text })
    } else if is_related(&like, distance) {
        Relation::Related
    } else {
        Relation::Apart
    };
    Verdict {
        relation,
        points,
        similarity: (f64::from(like.contained) * 1e3).round() / 1e3,
        checked: checked(&like, distance),
    }
}

/// For two articles.
fn articles(like: &Likeness) -> f32 {
    4.6 * like.contained + 4.2 * like.copied + 2.0 * like.copied_both + 2.5 * like.headline + 1.8 * like.openings
        - against(like.heads_apart.contains(&Aspect::Dates), 1.9)
        - against(like.numbers_apart, 0.8)
        - 9.55
}

/// For two teasers with their headlines. More must agree, because less is there to agree; and time tells: of two alike, the one a week later is
/// the next of a series.
fn teasers(like: &Likeness, distance: Distance) -> f32 {
    let hours = distance.map_or(UNDATED_HOURS, |distance| distance.as_seconds_f32() / 3_600.0);
    2.9 * like.contained + 3.6 * like.resemblance + 2.7 * like.headline_words_both + 3.1 * like.shared.ln_1p()
        - 0.2 * hours.ln_1p()
        - against(like.heads_apart.contains(&Aspect::Places), 0.7)
        - against(like.heads_apart.contains(&Aspect::Persons), 0.3)
        - against(like.headline_words_both < UNLIKE, 2.0)
        - 14.4
}

fn against(is_so: bool, weight: f32) -> f32 {
    if is_so { weight } else { 0.0 }
}

/// Headlines that share fewer of their words stand over different reports, which may have one first sentence.
const UNLIKE: f32 = 0.25;

/// What items without a date count as.
const UNDATED_HOURS: f32 = 12.0;

/// Whether two items that are not one story tell of one event: near in time, with much of a headline or of the facts in common.
fn is_related(like: &Likeness, distance: Distance) -> bool {
    let is_near = distance.is_none_or(|distance| distance <= SAME_EVENT);
    let apart = like.heads_apart.contains(&Aspect::Places) || like.swaps_names;
    let alike = like.headline_words + like.contained >= 1.0 || like.contained >= 0.5;
    is_near && !apart && (alike || like.headline_words >= 0.5 && like.name_one_person)
}

fn checked(like: &Likeness, distance: Distance) -> [Checked; 6] {
    let mut checked = Aspect::ALL.map(|aspect| Checked { aspect, finding: Finding::Silent });
    for one in &mut checked {
        one.finding = match like.findings.iter().find(|(aspect, _)| *aspect == one.aspect) {
            Some((_, finding)) => *finding,
            None => match distance {
                Some(distance) if distance <= WINDOW => Finding::Agree,
                Some(_) => Finding::Differ,
                None => Finding::Silent,
            },
        };
    }
    checked
}
