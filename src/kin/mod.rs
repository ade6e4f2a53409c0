//! Whether two items tell one story. Pure.
//!
//! The ethic first: **a missed duplicate is better than a lost item.** On the flagship topic the formula *is* the likeness: "Huyện A học tập và
//! làm theo …" differs from its neighbour in one word and is another story. So likeness alone is no evidence. What counts is which words two
//! items share that others do not have, how much of one stands in the other word for word, and that nothing they state is in conflict.
//!
//! ```text
//! Item ──► Traits: keys, Portrait ──► Sketch ──► Memory ──► items like it     constant time, whatever is stored
//!                          │                                    │
//!                          └──────► judge, each of them ◄───────┘              words, facts, conflicts: points
//!                                        │
//!                                     place: the story that more than half agree on
//! ```

mod compare;
mod credit;

mod facts;
mod formulas;
mod grouping;
mod portrait;
mod rarity;
mod set;
mod shared;
mod sketch;
mod story_key;
mod term;
#[cfg(test)]
mod tests;
mod verdict;
mod window;

pub use grouping::{MOST_ASKED, Memory, Neighbour, Resident, place, to_ask};
pub use portrait::Portrait;
pub use shared::rarest;
pub use sketch::Sketch;
pub use story_key::{Hint, StoryKey, address_keys, story_keys};
pub use verdict::WINDOW;

use std::sync::Arc;

use crate::model::Item;
use crate::text::Words;

/// What an item is compared by.
#[derive(Debug, Clone)]
pub struct Traits {
    /// The names that it shares with others of its story, strongest first.
    pub keys: Vec<StoryKey>,
    /// What it says.
    pub portrait: Arc<Portrait>,
    /// Whether it names another paper as its source.
    pub is_reprint: bool,
}

impl Traits {
    /// Of an item and its words; by its link only where that leads to it alone.
    pub fn of(item: &Item, words: &Words, link_names_it: bool) -> Traits {
        Traits {
            keys: story_keys(item, words, link_names_it),
            portrait: Arc::new(Portrait::of(item, words)),
            is_reprint: credit::is_reprint(item),
        }
    }

    /// The same of an item whose words are not known yet.
    pub fn of_item(item: &Item, link_names_it: bool) -> Traits {
        Traits::of(item, &Words::of(&item.title, &item.summary, &item.body), link_names_it)
    }
}
