//! When two items of different sources are one story: the same address, or the same text.

use super::identity::story_of_address;
use crate::link;
use crate::model::{Digest, Item};
use crate::text::Words;

/// What two items of a story share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// The canonical address.
    Link,
    /// Headline and teaser, word for word.
    TitleAndTeaser,
    /// A long teaser, word for word, under headlines that agree in half their words.
    Teaser,
    /// The article, word for word.
    Body,
}

impl Evidence {
    /// The name in answers and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Evidence::Link => "link",
            Evidence::TitleAndTeaser => "title-and-teaser",
            Evidence::Teaser => "teaser",
            Evidence::Body => "body",
        }
    }
}

/// A key under which other items find this item's story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryKey {
    /// What sharing it proves.
    pub evidence: Evidence,
    /// The key.
    pub digest: Digest,
    /// Of an address: the public name of the story that its item founds, by which it is found too.
    pub founds: Option<String>,
}

impl StoryKey {
    fn of(evidence: Evidence, parts: &[&str]) -> StoryKey {
        StoryKey { evidence, digest: Digest::of(parts), founds: None }
    }
}

/// Shorter texts may agree by chance: "Lịch tiếp công dân tháng 11" with one sentence of notice is written by every
/// province. A wire story's lead has 30 to 60 words.
const TITLE_AND_TEASER_WORDS: usize = 20;
/// Under another headline the teaser alone has to prove it.
const TEASER_WORDS: usize = 30;
/// See [`TEASER_WORDS`].
const BODY_WORDS: usize = 80;

/// The story keys of an item, strongest first; its link only where that leads to it alone.
pub fn story_keys(item: &Item, link_names_it: bool) -> Vec<StoryKey> {
    story_keys_of(item, &Words::of(&item.title, &item.summary, &item.body), link_names_it)
}

/// The same for an item whose words are known.
pub fn story_keys_of(item: &Item, words: &Words, link_names_it: bool) -> Vec<StoryKey> {
    let mut keys = Vec::with_capacity(4);
    if let Some(link) = item.link.as_ref().filter(|_| link_names_it) {
        let address = link::identity(link);
        let founds = Some(story_of_address(&address));
        keys.push(StoryKey { evidence: Evidence::Link, digest: Digest::of(&["link", &address]), founds });
    }
    let behind_agency = item.summary.len() - without_agency(&item.summary).len();
    let count = words.teaser.count_from(behind_agency);
    if count >= TITLE_AND_TEASER_WORDS {
        let (title, teaser) = (words.title.key(), words.teaser.key_from(behind_agency));
        keys.push(StoryKey::of(Evidence::TitleAndTeaser, &["title-teaser", &title, &teaser]));
        if count >= TEASER_WORDS {
            keys.push(StoryKey::of(Evidence::Teaser, &["teaser", &teaser]));
        }
    }
    let behind_agency = item.body.len() - without_agency(&item.body).len();
    if words.body.count_from(behind_agency) >= BODY_WORDS {
        keys.push(StoryKey::of(Evidence::Body, &["body", &words.body.key_from(behind_agency)]));
    }
    keys
}

/// Thirty letters of four bytes and some room, in bytes.
const LONGEST_MARK: usize = 256;

/// The text behind a paper's own mark: "(Chinhphu.vn) - ", "(CTO) – ", "TTXVN - ", "BGTV- ". The mark differs where the
/// story is the same.
fn without_agency(text: &str) -> &str {
    const DASHES: [char; 4] = ['-', '–', '—', ':'];
    // Behind the longest mark there is none to look for.
    let head = text.get(..text.floor_char_boundary(LONGEST_MARK)).unwrap_or_default();
    let Some((mark, rest)) = head.find(DASHES).and_then(|at| text.split_at_checked(at)) else {
        return text;
    };
    let rest = rest.strip_prefix(DASHES).unwrap_or_default();
    let mark = mark.trim();
    let inside = mark.strip_prefix('(').and_then(|m| m.strip_suffix(')'));
    let is_mark = match inside {
        Some(inside) => inside.chars().count() <= 30,
        None => {
            (2..=12).contains(&mark.chars().count()) && mark.chars().all(|c| c.is_uppercase() || c == '.' || c == '/')
        }
    };
    if is_mark { rest.trim_start() } else { text }
}

#[cfg(test)]
mod tests {
    use super::without_agency;

    #[test]
    fn a_papers_mark_is_not_part_of_the_story() {
        let cases = [
            ("(Chinhphu.vn) - Chính phủ ban hành", "Chính phủ ban hành"),
            ("(CTO) – Sáng 8/1", "Sáng 8/1"),
            ("TTXVN - Sáng 8/1", "Sáng 8/1"),
            ("Bão số 9 - cơn bão mạnh", "Bão số 9 - cơn bão mạnh"),
            ("Sáng 8/1", "Sáng 8/1"),
        ];
        for (given, expected) in cases {
            assert_eq!(without_agency(given), expected);
        }
    }
}
