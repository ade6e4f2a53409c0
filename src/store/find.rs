//! Finding a story by what a person has of it.

use anyhow::Result;
use rusqlite::{Connection, Params};
use url::Url;

use super::kinship::{by_key, by_name};
use crate::kin;
use crate::link;

/// What a person has of a story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clue {
    /// Its public name, or the beginning of it.
    Name(String),
    /// The address of an article that it carries.
    Address(Url),
}

/// How many digits a public name has.
const NAME: usize = 20;
/// The shortest beginning that is taken for one: sixteen million stories to each.
const LEAST: usize = 6;
/// No more stories are told of a clue that leads to several.
const MOST_FOUND: u32 = 10;

impl Clue {
    /// From what was typed: a name, its beginning, the address of a story's page under whatever host, the address of an article. Nothing if it is
    /// none of these.
    pub fn read(typed: &str) -> Option<Clue> {
        let typed = typed.trim();
        let is_name = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
        if (LEAST..=NAME).contains(&typed.len()) && is_name(typed) {
            return Some(Clue::Name(typed.to_ascii_lowercase()));
        }
        let address = link::absolute(None, typed)?;
        let mut parts = address.path().trim_end_matches('/').rsplit('/');
        match (parts.next(), parts.next()) {
            (Some(name), Some("story")) if name.len() == NAME && is_name(name) => {
                Some(Clue::Name(name.to_ascii_lowercase()))
            }
            _ => Some(Clue::Address(address)),
        }
    }
}

/// The stories that a clue leads to, by number; the first few where there are many.
pub fn find(db: &Connection, clue: &Clue) -> Result<Vec<i64>> {
    let known = match clue {
        Clue::Name(name) => by_name(db, name)?,
        Clue::Address(address) => by_address(db, address)?,
    };
    match (known, clue) {
        (Some(story), _) => Ok(vec![story]),
        // Every digit is less than "g".
        (None, Clue::Name(name)) => numbers(
            db,
            "SELECT id FROM story WHERE uid >= ?1 AND uid < ?1 || 'g'
             UNION SELECT story FROM story_alias WHERE uid >= ?1 AND uid < ?1 || 'g' LIMIT ?2",
            (name, MOST_FOUND),
        ),
        // An address that several items share is no story's name; there is no index for it, and few ask.
        (None, Clue::Address(address)) => {
            numbers(db, "SELECT DISTINCT story FROM item WHERE link = ?1 LIMIT ?2", (address.as_str(), MOST_FOUND))
        }
    }
}

/// The story that whoever comes with this address belongs to.
fn by_address(db: &Connection, address: &Url) -> Result<Option<i64>> {
    kin::address_keys(address).first().map_or(Ok(None), |own| by_key(db, own))
}

/// Whether a clue leads to a story that was forgotten for its age.
pub fn is_forgotten(db: &Connection, clue: &Clue) -> Result<bool> {
    // An address is found by the name that its story would have.
    let of_address = |address: &Url| kin::address_keys(address).into_iter().find_map(|key| key.founds);
    let name = match clue {
        Clue::Name(name) => Some(name.clone()),
        Clue::Address(address) => of_address(address),
    };
    let mut query = db.prepare_cached("SELECT 1 FROM forgotten WHERE uid >= ?1 AND uid < ?1 || 'g'")?;
    name.map_or(Ok(false), |name| Ok(query.exists([name])?))
}

fn numbers(db: &Connection, query: &str, of: impl Params) -> Result<Vec<i64>> {
    Ok(db.prepare_cached(query)?.query_map(of, |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn a_clue_is_a_name_the_beginning_of_one_or_an_address() {
        let name = "0123456789abcdef0123";
        let read = |typed: &str| match Clue::read(typed) {
            Some(Clue::Name(name)) => format!("name {name}"),
            Some(Clue::Address(address)) => format!("address {address}"),
            None => "nothing".to_owned(),
        };
        for (typed, is) in [
            (name, format!("name {name}")),
            (" 0123AB ", "name 0123ab".to_owned()),
            ("https://tin.vn/story/0123456789abcdef0123", format!("name {name}")),
            ("http://127.0.0.1:8750/duoi/story/0123456789ABCDEF0123/", format!("name {name}")),
            ("https://bao.vn/story/bai-a12345.html", "address https://bao.vn/story/bai-a12345.html".to_owned()),
            ("https://bao.vn/0123456789abcdef0123", "address https://bao.vn/0123456789abcdef0123".to_owned()),
            ("01234", "nothing".to_owned()),
            ("0123456789abcdef01234", "nothing".to_owned()),
            ("hoc-bac", "nothing".to_owned()),
            ("bao.vn/bai.html", "nothing".to_owned()),
            ("javascript:alert(1)", "nothing".to_owned()),
            ("", "nothing".to_owned()),
        ] {
            assert_eq!(read(typed), is, "{typed:?}");
        }
    }

    #[test]
    fn a_story_is_found_by_name_beginning_alias_and_address() {
        let dir = tempfile::tempdir().unwrap();
        let store = crate::store::Store::open(dir.path()).unwrap();
        let of_address = crate::dedup::story_of_address("bao.vn/bai-a12345.html");
        Connection::open(dir.path().join("dongtin.db"))
            .unwrap()
            .execute_batch(&format!(
                "INSERT INTO source (id, slug, name, feed, site, organ, level)
                     VALUES (1, 'a', 'A', 'https://bao.vn/rss', 'https://bao.vn/', 'press', 'central');
                 INSERT INTO story (id, uid, at, updated, lead) VALUES
                     (1, 'aaaaaaaaaaaaaaaaaa01', 0, 0, 1), (2, 'aaaaaaaaaaaaaaaaaa02', 0, 0, 2), (3, '{of_address}', 0, 0, 3);
                 INSERT INTO story_alias (uid, story) VALUES ('bbbbbbbbbbbbbbbbbb01', 1), ('aaaaaaabbbbbbbbbbb01', 1);
                 INSERT INTO item (id, source, story, content, title, link, summary, categories, seen) VALUES
                     (1, 1, 1, x'', 'Một', 'https://bao.vn/lich', '', '[]', 0),
                     (2, 1, 2, x'', 'Hai', 'https://bao.vn/lich', '', '[]', 0),
                     (3, 1, 3, x'', 'Ba', 'https://bao.vn/bai-a12345.html', '', '[]', 0);"
            ))
            .unwrap();
        let found = |typed: &str| store.read(|db| find(db, &Clue::read(typed).unwrap())).unwrap();
        for (typed, stories) in [
            ("aaaaaaaaaaaaaaaaaa01", vec![1]),
            ("AAAAAAAAAAAAAAAAAA02", vec![2]),
            ("aaaaaaaaaaaaaaaaaa", vec![1, 2]),
            ("aaaaaaa", vec![1, 2]),
            ("aaaaaaab", vec![1]),
            ("bbbbbbbbbbbbbbbbbb01", vec![1]),
            ("bbbbbb", vec![1]),
            ("https://tin.vn/story/bbbbbbbbbbbbbbbbbb01", vec![1]),
            (of_address.get(..8).unwrap(), vec![3]),
            ("http://www.bao.vn/bai-a12345.html?utm_source=x", vec![3]),
            ("https://bao.vn/lich", vec![1, 2]),
            ("https://bao.vn/khac.html", vec![]),
            ("cccccc", vec![]),
            ("https://tin.vn/story/cccccccccccccccccccc", vec![]),
        ] {
            assert_eq!(found(typed), stories, "{typed}");
        }
    }
}
