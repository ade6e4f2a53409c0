//! What a document is, before it is read: a feed of which kind, from where on, a page, or something else; and whose habits it follows.

use url::Url;

use super::date::Style;
use super::xml::{Piece, Scanner};
use super::{ParseError, legacy, standin};
use crate::model::DateOrder;

/// How the dates of a document are written that no configuration speaks of: as in Việt Nam where its address, its language or its
/// letters are Vietnamese.
pub fn style_of(document: &str, encoding: &str, base: Option<&Url>) -> Style {
    let head = document.as_bytes().get(..HEAD_BYTES.min(document.len())).unwrap_or_default();
    const SIGNS: [&[u8]; 6] = [b"&#78", b"&#79", b"&#x1E", b"<language>vi", b"lang=\"vi", b"\"language\":\"vi"];
    let is_vietnamese = base.and_then(Url::host_str).is_some_and(|h| h.trim_end_matches('.').ends_with(".vn"))
        || encoding == "windows-1258"
        || legacy::has_vietnamese(head)
        || SIGNS.iter().any(|sign| memchr::memmem::find(head, sign).is_some());
    if is_vietnamese { Style::vietnamese(DateOrder::ByShape) } else { Style::international(DateOrder::ByShape) }
}

/// What a document is, and where it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Xml { root: usize },
    Json,
}

/// How much of a document is searched for the beginning of a feed, and for its language.
const HEAD_BYTES: usize = 32 * 1024;

impl Kind {
    /// Looks for the beginning of a feed, and says what else it found.
    pub fn of(text: &str) -> Result<Kind, ParseError> {
        let trimmed = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if trimmed.starts_with('{') {
            return Ok(Kind::Json);
        }
        let head = text.get(..text.floor_char_boundary(HEAD_BYTES)).unwrap_or_default();
        let mut scanner = Scanner::new(head);
        let mut script = false;
        let mut entry = None;
        while let Some(piece) = scanner.next_piece() {
            let Piece::Start(tag) = piece else { continue };
            let local = tag.name.rsplit(':').next().unwrap_or_default().to_ascii_lowercase();
            match local.as_str() {
                "rss" | "feed" | "rdf" | "channel" => return Ok(Kind::Xml { root: scanner.begin_of(&tag) }),
                // A feed without its beginning, unless the beginning is still to come.
                "item" | "entry" if entry.is_none() => entry = Some(scanner.begin_of(&tag)),
                "html" | "head" | "body" | "pre" | "textarea" | "xmp" if entry.is_none() => {
                    return Err(standin::of(text));
                }
                "script" => script = true,
                _ => {}
            }
        }
        if let Some(root) = entry {
            return Ok(Kind::Xml { root });
        }
        let lower = head.chars().take(4096).collect::<String>().to_ascii_lowercase();
        if script || lower.contains("<!doctype html") {
            return Err(standin::of(text));
        }
        if trimmed.starts_with('<') {
            Err(ParseError::NotAFeed("XML of another kind"))
        } else {
            Err(ParseError::NotAFeed("neither XML nor JSON"))
        }
    }
}

/// Whether this is what XML allows before a root: a declaration at the very beginning, comments, processing
/// instructions, a DOCTYPE.
pub fn is_prolog(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    let mut rest = text.trim_start();
    if rest.starts_with("<?xml ") && rest.len() != text.len() {
        return false;
    }
    while !rest.is_empty() {
        let after = [("<?", "?>"), ("<!--", "-->"), ("<!DOCTYPE", "]>"), ("<!DOCTYPE", ">"), ("<!doctype", ">")]
            .into_iter()
            .find_map(|(open, close)| rest.strip_prefix(open)?.split_once(close))
            .map(|(_, after)| after);
        match after {
            Some(after) => rest = after.trim_start(),
            None => return false,
        }
    }
    true
}
