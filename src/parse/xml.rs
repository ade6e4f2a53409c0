//! A scanner of markup that never refuses: whatever is not a tag is text, and what was odd is noted.
//!
//! It keeps no tree and no stack, so neither depth nor length can exhaust it, and it fetches nothing: of a DOCTYPE only
//! plain internal entities are remembered. Everything is found by searching for the next delimiter, and each search for
//! a missing one is bounded, so no input makes it slower than linear.

#[cfg(test)]
mod tests;

use memchr::{memchr, memchr2, memmem};

use super::entities::Entities;
use super::repair::{Repair, Repairs};

/// One piece of a document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Piece<'a> {
    /// `<name …>` or `<name …/>`.
    Start(Tag<'a>),
    /// `</name>`.
    End(&'a str),
    /// Text, its entities as written.
    Text(&'a str),
    /// The content of a CDATA section.
    Cdata(&'a str),
}

/// A start tag.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tag<'a> {
    /// Its name with the prefix, as written.
    pub name: &'a str,
    /// Everything between the name and the end.
    attributes: &'a str,
    /// `<name/>`.
    pub is_empty: bool,
}

/// No attribute value of a feed is this long; a missing quote is looked for no further.
const MAX_VALUE_BYTES: usize = 16 * 1024;
/// More attributes than any element has.
const MAX_ATTRIBUTES: usize = 64;

/// Walks through a document.
pub struct Scanner<'a> {
    document: &'a str,
    at: usize,
    comment_end: NextEnd,
    section_end: NextEnd,
    instruction_end: NextEnd,
    tag_end: NextEnd,
    /// Where the next comment begins, and the next entry ends.
    comment: NextEnd,
    entry_ends: [NextEnd; 2],
    has_doctype: bool,
    /// The element whose text is being read, if one is: its end tag ends a CDATA section that does not end by itself.
    pub within: Option<&'a str>,
    /// What was odd so far.
    pub repairs: Repairs,
    /// Entities that the document declares itself.
    pub entities: Entities<'a>,
}

impl<'a> Scanner<'a> {
    /// A scanner at the beginning.
    pub fn new(document: &'a str) -> Scanner<'a> {
        Scanner {
            document,
            at: 0,
            comment_end: NextEnd::new("-->"),
            section_end: NextEnd::new("]]>"),
            instruction_end: NextEnd::new("?>"),
            tag_end: NextEnd::new(">"),
            comment: NextEnd::new("<!--"),
            entry_ends: [NextEnd::new("</item>"), NextEnd::new("</entry>")],
            has_doctype: false,
            within: None,
            repairs: Repairs::default(),
            entities: Entities::default(),
        }
    }

    /// A scanner at the root of a document, which knows what was declared before it. What was odd there is not noted.
    pub fn behind_prolog(document: &'a str, root: usize) -> Scanner<'a> {
        let mut prolog = Scanner::new(document);
        while prolog.at < root && prolog.next_piece().is_some() {}
        Scanner { at: root, repairs: Repairs::default(), ..prolog }
    }

    /// How far it has come, in bytes.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Goes back to an earlier position.
    pub fn rewind(&mut self, position: usize) {
        self.at = position;
    }

    /// Where a tag of the document begins, in bytes.
    pub fn begin_of(&self, tag: &Tag<'a>) -> usize {
        (tag.name.as_ptr() as usize - self.document.as_ptr() as usize).saturating_sub(1)
    }

    /// A part of the document as written.
    pub fn slice(&self, from: usize, to: usize) -> &'a str {
        self.document.get(from..to).unwrap_or_default()
    }

    fn rest(&self) -> &'a str {
        self.document.get(self.at..).unwrap_or_default()
    }

    /// The next piece; nothing at the end.
    pub fn next_piece(&mut self) -> Option<Piece<'a>> {
        loop {
            let rest = self.rest();
            if rest.is_empty() {
                return None;
            }
            if !rest.starts_with('<') {
                return Some(self.text(0));
            }
            let piece = match rest.as_bytes().get(1) {
                Some(b'/') => self.end_tag(),
                Some(b'!') => self.declaration(),
                Some(b'?') => {
                    let end = self.instruction_end.after(self.document, self.at).map(|end| end + 2);
                    self.skip_to(end);
                    None
                }
                Some(c) if begins_name(*c) => match self.start_tag() {
                    Some(tag) => Some(Piece::Start(tag)),
                    None => Some(self.stray()),
                },
                _ => Some(self.stray()),
            };
            if piece.is_some() {
                return piece;
            }
        }
    }

    /// `<` that begins nothing.
    fn stray(&mut self) -> Piece<'a> {
        self.repairs.note(Repair::StrayLessThan);
        self.text(1)
    }

    /// Text up to the next `<`, the first `skip` bytes unseen.
    fn text(&mut self, skip: usize) -> Piece<'a> {
        let rest = self.rest();
        let from = rest.get(skip..).unwrap_or_default();
        let end = memchr(b'<', from.as_bytes()).map_or(rest.len(), |n| n + skip);
        self.at += end;
        Piece::Text(rest.get(..end).unwrap_or_default())
    }

    fn end_tag(&mut self) -> Option<Piece<'a>> {
        let rest = self.rest();
        let inside = rest.get(2..)?;
        let length = memchr2(b'>', b'<', inside.as_bytes());
        let (length, skip) = match length {
            Some(n) if inside.as_bytes().get(n) == Some(&b'>') => (n, n + 3),
            Some(n) => {
                self.repairs.note(Repair::UnterminatedTag);
                (n, n + 2)
            }
            None => {
                self.repairs.note(Repair::UnterminatedTag);
                (inside.len(), rest.len())
            }
        };
        self.at += skip;
        let name = inside.get(..length)?.split_ascii_whitespace().next().unwrap_or_default();
        Some(Piece::End(name))
    }

    /// A start tag, or nothing where the `<` turns out to be text ("3 <b và 4").
    fn start_tag(&mut self) -> Option<Tag<'a>> {
        let rest = self.rest();
        let inside = rest.get(1..)?;
        let bytes = inside.as_bytes();
        let name_end = bytes.iter().position(|&b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/' | b'<'));
        let name = inside.get(..name_end?)?;
        let mut at = name.len();
        loop {
            match bytes.get(at) {
                Some(b'>') => break,
                Some(b'=') => {
                    at += 1;
                    while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
                        at += 1;
                    }
                    at = self.after_value(bytes, at);
                }
                // A tag that never ends before the next begins. In the text of an element it was text; between elements
                // it was a tag that lost its end.
                Some(b'<') if self.within.is_some() => return None,
                Some(b'<') | None => {
                    self.repairs.note(Repair::UnterminatedTag);
                    self.at += at + 1;
                    return Some(Tag { name, attributes: inside.get(name.len()..at)?, is_empty: false });
                }
                Some(_) => at += 1,
            }
        }
        self.at += at + 2;
        let attributes = inside.get(name.len()..at)?;
        let is_empty = attributes.ends_with('/');
        Some(Tag { name, attributes: attributes.strip_suffix('/').unwrap_or(attributes), is_empty })
    }

    /// Where an attribute value that begins at `at` ends. A quoted value that runs into the next tag has lost its closing quote.
    fn after_value(&mut self, bytes: &[u8], at: usize) -> usize {
        let Some(quote) = bytes.get(at).copied().filter(|b| matches!(b, b'"' | b'\'')) else {
            if bytes.get(at).is_some_and(|b| *b != b'>') {
                self.repairs.note(Repair::BadAttribute);
            }
            return at;
        };
        let window = bytes.get(at + 1..bytes.len().min(at + 1 + MAX_VALUE_BYTES)).unwrap_or_default();
        match memchr(quote, window) {
            Some(n) if window.get(..n).is_some_and(|v| memchr(b'>', v).is_none() || memchr(b'<', v).is_none()) => {
                at + n + 2
            }
            _ => {
                self.repairs.note(Repair::BadAttribute);
                at + 1
            }
        }
    }

    fn declaration(&mut self) -> Option<Piece<'a>> {
        let rest = self.rest();
        if let Some(inside) = rest.strip_prefix("<![CDATA[") {
            return Some(self.cdata(inside));
        }
        if rest.starts_with("<!--") {
            match self.comment_end.after(self.document, self.at + 4) {
                Some(end) if !self.swallows_entries(self.at + 4, end) => self.at = end + 3,
                _ => {
                    self.repairs.note(Repair::UnterminatedSection);
                    self.at += 4;
                }
            }
            return None;
        }
        // There is one, and it stands before everything.
        if !self.has_doctype && rest.get(..9).is_some_and(|d| d.eq_ignore_ascii_case("<!doctype")) {
            self.has_doctype = true;
            self.doctype(rest);
        } else {
            let end = self.tag_end.after(self.document, self.at).map(|end| end + 1);
            self.skip_to(end);
        }
        None
    }

    fn cdata(&mut self, inside: &'a str) -> Piece<'a> {
        let begin = self.at + "<![CDATA[".len();
        let end = self.section_end.after(self.document, begin).map(|end| end - begin);
        let section = end.and_then(|e| inside.get(..e)).unwrap_or(inside);
        // Of a section that swallows the end of its own element and the beginning of another section, the end is missing.
        let runs_over = end.is_none() || section.contains("<![CDATA[");
        let own_end = self.within.filter(|_| runs_over).and_then(|name| find_end_tag(section, name));
        if let Some(own_end) = own_end {
            self.repairs.note(Repair::UnterminatedSection);
            self.at = begin + own_end;
            return Piece::Cdata(inside.get(..own_end).unwrap_or_default());
        }
        if end.is_none() {
            self.repairs.note(Repair::UnterminatedSection);
        }
        self.at = begin + end.map_or(inside.len(), |e| e + 3);
        Piece::Cdata(section)
    }

    fn doctype(&mut self, rest: &'a str) {
        let Some(first) = memchr2(b'>', b'[', rest.as_bytes()) else {
            self.at += "<!doctype".len();
            return;
        };
        if rest.as_bytes().get(first) == Some(&b'>') {
            self.at += first + 1;
            return;
        }
        let subset = rest.get(first + 1..).unwrap_or_default();
        let end = subset.find(']').unwrap_or(0);
        self.entities.learn(subset.get(..end).unwrap_or_default());
        let after = subset.get(end..).unwrap_or_default();
        self.at += first + 1 + end + memchr(b'>', after.as_bytes()).map_or(0, |n| n + 1);
    }

    /// Skips a section that means nothing to a feed, to its end if it has one near.
    fn skip_to(&mut self, end: Option<usize>) {
        match end.filter(|end| *end <= self.at + MAX_VALUE_BYTES) {
            Some(end) => self.at = end,
            None => {
                self.repairs.note(Repair::UnterminatedSection);
                self.at += 2;
            }
        }
    }

    /// A comment that holds the end of an entry and the beginning of another comment has lost its own end.
    fn swallows_entries(&mut self, begin: usize, end: usize) -> bool {
        let document = self.document;
        self.comment.after(document, begin).is_some_and(|next| next < end)
            && self.entry_ends.iter_mut().any(|e| e.after(document, begin).is_some_and(|next| next < end))
    }
}

/// The next place where a delimiter stands. It is remembered, because a document may open a thousand comments and end none.
struct NextEnd {
    delimiter: &'static str,
    /// It stands at the second place and nowhere from the first to there; nothing: nowhere after the first.
    known: Option<(usize, Option<usize>)>,
}

impl NextEnd {
    fn new(delimiter: &'static str) -> NextEnd {
        NextEnd { delimiter, known: None }
    }

    fn after(&mut self, document: &str, at: usize) -> Option<usize> {
        match self.known {
            Some((from, None)) if from <= at => None,
            Some((from, Some(end))) if from <= at && at <= end => Some(end),
            _ => {
                let rest = document.as_bytes().get(at..).unwrap_or_default();
                let found = memmem::find(rest, self.delimiter.as_bytes()).map(|n| at + n);
                self.known = Some((at, found));
                found
            }
        }
    }
}

fn begins_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'_' | b':')
}

/// Where the end tag of an element stands in a text.
fn find_end_tag(text: &str, name: &str) -> Option<usize> {
    memmem::find_iter(text.as_bytes(), b"</")
        .find(|&at| text.get(at + 2..at + 2 + name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name)))
}

impl<'a> Tag<'a> {
    /// The attributes: name and value as written, in order.
    pub fn attributes(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        Attributes { rest: self.attributes }.take(MAX_ATTRIBUTES)
    }

    /// Whether it has any.
    pub fn has_attributes(&self) -> bool {
        !self.attributes.trim_ascii().is_empty()
    }

    /// The value of an attribute as written, by its name without regard to case.
    pub fn attribute(&self, name: &str) -> Option<&'a str> {
        self.attributes().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

struct Attributes<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest.trim_ascii_start();
        let rest = rest.trim_start_matches(['/', '"', '\'']);
        let end = rest.find(|c: char| c == '=' || c.is_ascii_whitespace()).unwrap_or(rest.len());
        let (name, after) = rest.split_at_checked(end)?;
        if name.is_empty() && after.is_empty() {
            return None;
        }
        let Some(value) = after.trim_ascii_start().strip_prefix('=') else {
            self.rest = after;
            return Some((name, ""));
        };
        let value = value.trim_ascii_start();
        let (value, after) = match value.as_bytes().first() {
            Some(quote @ (b'"' | b'\'')) => {
                let inside = value.get(1..)?;
                match memchr(*quote, inside.as_bytes()) {
                    Some(end) => (inside.get(..end)?, inside.get(end + 1..)?),
                    None => (inside, ""),
                }
            }
            _ => value.split_at_checked(value.find(|c: char| c.is_ascii_whitespace()).unwrap_or(value.len()))?,
        };
        self.rest = after;
        Some((name, value))
    }
}
