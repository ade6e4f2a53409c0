//! Names that items of one story share: an address, an article's number at its host, a headline.

use url::Url;

use crate::dedup::story_of_address;
use crate::link;
use crate::model::{Digest, Item};
use crate::text::Words;

/// What a shared key says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// The canonical address: one story.
    Link,
    /// The number at the host: one story where the texts have something in common. Some sites count pictures and articles apart.
    Number,
    /// The headline, word for word: worth comparing.
    Title,
}

/// A key under which other items find this item's story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryKey {
    /// What sharing it says.
    pub hint: Hint,
    /// The key.
    pub digest: Digest,
    /// Of an address: the public name of the story that its item founds, by which it is found too.
    pub founds: Option<String>,
}

/// A shorter headline is written every week.
const LEAST_TITLE_WORDS: usize = 6;

/// The story keys of an item, strongest first; its link and number only where the link leads to it alone.
pub fn story_keys(item: &Item, words: &Words, link_names_it: bool) -> Vec<StoryKey> {
    let mut keys = item.link.as_ref().filter(|_| link_names_it).map(address_keys).unwrap_or_default();
    let title = words.title.key();
    if title.split(' ').count() >= LEAST_TITLE_WORDS {
        keys.push(StoryKey { hint: Hint::Title, digest: Digest::of(&["title", &title]), founds: None });
    }
    keys
}

/// The keys of an address that leads to one item alone: its own first, then the article's number, if it has one.
pub fn address_keys(link: &Url) -> Vec<StoryKey> {
    let address = link::identity(link);
    let founds = Some(story_of_address(&address));
    let mut keys = vec![StoryKey { hint: Hint::Link, digest: Digest::of(&["link", &address]), founds }];
    if let Some(number) = link::article_number(link) {
        keys.push(StoryKey { hint: Hint::Number, digest: Digest::of(&["number", &number]), founds: None });
    }
    keys
}
