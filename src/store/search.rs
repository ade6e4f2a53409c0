//! Full-text search: how an item's words are indexed, and what a reader's question finds.
//!
//! Words are folded, so that old and new tone placement and composed and decomposed letters agree, and spelt with their marks behind
//! them ([`spell`]): đảng is `dang^0s3`, dang is `dang^`. A word as it is written is one term; with any marks, it is every term that begins with
//! `dang^`. So searching without tones needs no second index.
//!
//! The index knows which words an item has, not where they stand, which halves what writing it costs. A phrase is looked for in the texts
//! of the items that have all its words, newest first.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use anyhow::Result;
use rusqlite::{Connection, Transaction};

use crate::model::Item;
use crate::text::{Folded, Words, is_bare, spell};

/// More characters than anybody asks with.
const MOST_CHARS: usize = 256;
/// More words than anybody asks for.
const MOST_WORDS: usize = 16;
/// Items that are looked at for the phrases of one question. What lies behind is not found, and [`Found::complete`] says so.
const MOST_READ: usize = 2_000;

/// An item that answers a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// The item's number.
    pub item: i64,
    /// Its story's.
    pub story: i64,
    /// Whether it has every word with the marks of the question; else some have others.
    pub as_written: bool,
}

/// What a question found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Items that have the words as they are written first, and of equals the newest; of a story's items one.
    pub hits: Vec<Hit>,
    /// Whether every item that has the words was looked at, as long as there was room for more hits.
    pub complete: bool,
}

/// Items with all words of a question; words between quotation marks stand together and in one sentence. A word without marks is found with any,
/// a word with marks only as it is. A question without a word finds nothing.
pub fn find(db: &Connection, question: &str, most: usize) -> Result<Found> {
    let phrases = phrases(question);
    if phrases.is_empty() {
        return Ok(Found { hits: Vec::new(), complete: true });
    }
    let mut found = Found { hits: Vec::new(), complete: true };
    let mut stories = BTreeSet::new();
    let mut ways = vec![true];
    if phrases.iter().flatten().any(|word| word.is_bare()) {
        ways.push(false);
    }
    for as_written in ways {
        let mut query = db.prepare_cached(
            "SELECT i.id, i.story, i.title, i.summary, t.body FROM search s CROSS JOIN item i ON i.id = s.rowid
             JOIN story o ON o.id = i.story LEFT JOIN item_text t ON t.item = i.id
             WHERE search MATCH ?1 AND o.withdrawn IS NULL ORDER BY s.rowid DESC",
        )?;
        let mut rows = query.query([expression(&phrases, as_written)])?;
        let mut read = 0;
        while found.hits.len() < most
            && let Some(row) = rows.next()?
        {
            if read == MOST_READ {
                found.complete = false;
                break;
            }
            read += 1;
            let hit = Hit { item: row.get(0)?, story: row.get(1)?, as_written };
            if stories.contains(&hit.story) {
                continue;
            }
            let texts: [Option<String>; 3] = [row.get(2)?, row.get(3)?, row.get(4)?];
            if stand_together(&phrases, &texts, as_written) {
                stories.insert(hit.story);
                found.hits.push(hit);
            }
        }
    }
    Ok(found)
}

/// A word of a question: as it is folded, and as it is indexed.
struct Word {
    folded: String,
    term: String,
}

impl Word {
    fn of(folded: &str) -> Word {
        Word { folded: folded.to_owned(), term: term(folded) }
    }

    /// Whether it is written without marks, as people type who cannot or will not type them.
    fn is_bare(&self) -> bool {
        is_bare(&self.term)
    }

    /// Whether a folded word of a text is this one: as it is written, or, where it is bare, with any marks.
    fn is(&self, folded: &str, as_written: bool) -> bool {
        if as_written || !self.is_bare() {
            return folded == self.folded;
        }
        term(folded).starts_with(&self.term)
    }
}

/// The phrases of a question, most of one word.
fn phrases(question: &str) -> Vec<Vec<Word>> {
    let bounded: String = question.chars().take(MOST_CHARS).collect();
    let mut left = MOST_WORDS;
    let mut phrases = Vec::new();
    for (index, part) in bounded.split(['"', '“', '”']).enumerate() {
        let folded = Folded::new(part);
        let words: Vec<Word> = folded.words().take(left).map(Word::of).collect();
        left -= words.len();
        // Every second part stands between quotation marks.
        if index % 2 == 1 {
            phrases.push(words);
        } else {
            phrases.extend(words.into_iter().map(|word| vec![word]));
        }
    }
    phrases.retain(|phrase| !phrase.is_empty());
    phrases
}

/// The question in the language of FTS5 (<https://sqlite.org/fts5.html#full_text_query_syntax>). Terms have no quotation mark in them.
fn expression(phrases: &[Vec<Word>], as_written: bool) -> String {
    let mut expression = String::new();
    for word in phrases.iter().flatten() {
        if !expression.is_empty() {
            expression.push_str(" AND ");
        }
        expression.push('"');
        expression.push_str(&word.term);
        expression.push('"');
        if word.is_bare() && !as_written {
            expression.push('*');
        }
    }
    expression
}

/// Whether the words of each phrase stand together somewhere in these texts.
fn stand_together(phrases: &[Vec<Word>], texts: &[Option<String>], as_written: bool) -> bool {
    if phrases.iter().all(|phrase| phrase.len() == 1) {
        return true;
    }
    let folded: Vec<Folded> = texts.iter().flatten().map(|text| Folded::new(text)).collect();
    let texts: Vec<Vec<&str>> = folded.iter().map(|text| text.as_str().split_ascii_whitespace().collect()).collect();
    phrases.iter().filter(|phrase| phrase.len() > 1).all(|phrase| {
        let here = |words: &[&str]| words.iter().zip(phrase).all(|(folded, word)| word.is(folded, as_written));
        texts.iter().any(|words| words.windows(phrase.len()).any(here))
    })
}

/// The terms of an item, as they are given to the index.
pub fn terms_of(item: &Item) -> String {
    terms(&Words::of(&item.title, &item.summary, &item.body))
}

/// The term of a folded word.
fn term(word: &str) -> String {
    let mut term = String::with_capacity(word.len() + 4);
    spell(word, &mut term, &mut String::new());
    term
}

/// The terms of an item whose words are known.
pub fn terms(words: &Words) -> String {
    let texts = [&words.title, &words.teaser, &words.body];
    let mut terms = String::with_capacity(texts.iter().map(|text| text.as_str().len()).sum::<usize>() * 5 / 4);
    let mut marks = String::new();
    for word in texts.into_iter().flat_map(Folded::words) {
        spell(word, &mut terms, &mut marks);
        terms.push(' ');
    }
    terms
}

/// An item whose words are not in the index yet.
pub struct Unindexed {
    /// Its number.
    pub item: i64,
    /// Its [`terms`].
    pub terms: String,
    /// Whether the index has older ones.
    pub replaces: bool,
}

/// Writes words into the index. Best done once a transaction: every savepoint behind it would make FTS5 begin a segment.
pub fn index(tx: &Transaction<'_>, items: &[Unindexed]) -> Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let mut insert = tx.prepare_cached("INSERT INTO search (rowid, words) VALUES (?1, ?2)")?;
    for one in items {
        if one.replaces {
            tx.prepare_cached("DELETE FROM search WHERE rowid = ?1")?.execute([one.item])?;
        }
        insert.execute((one.item, &one.terms))?;
    }
    Ok(())
}

/// Writes the words of every stored item into an index that is new.
pub fn index_everything(tx: &Transaction<'_>) -> Result<()> {
    let mut query = tx.prepare(
        "SELECT i.id, i.title, i.summary, coalesce(t.body, '') FROM item i LEFT JOIN item_text t ON t.item = i.id ORDER BY i.id",
    )?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let item = Item { title: row.get(1)?, summary: row.get(2)?, body: row.get(3)?, ..Item::default() };
        index(tx, &[Unindexed { item: row.get(0)?, terms: terms_of(&item), replaces: false }])?;
    }
    Ok(())
}
