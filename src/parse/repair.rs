//! The named repairs of broken XML, each small enough to be right on its own.
//!
//! A healthy document never comes here: repairs are tried when the strict reader refuses, and each says its name,
//! because a source that needs repairing every day should be told.

use std::borrow::Cow;

use crate::text;

/// Something that had to be mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Repair {
    /// White space, a blank line, a PHP notice or a BOM before the document.
    LeadingJunk,
    /// Something after the end of the root element.
    TrailingJunk,
    /// Characters that XML forbids.
    IllegalCharacters,
    /// `&` that begins no entity.
    BareAmpersand,
    /// `<` that begins no tag.
    StrayLessThan,
    /// `<rss>` without a version, or with one that never was.
    RssVersion,
    /// The document stops in the middle, or stops being XML; what came whole before that was kept.
    Truncated,
}

impl Repair {
    /// The name in `inspect` and in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Repair::LeadingJunk => "leading-junk",
            Repair::TrailingJunk => "trailing-junk",
            Repair::IllegalCharacters => "illegal-characters",
            Repair::BareAmpersand => "bare-ampersand",
            Repair::StrayLessThan => "stray-less-than",
            Repair::RssVersion => "rss-version",
            Repair::Truncated => "truncated",
        }
    }
}

/// The roots of XML feeds, as they begin.
const ROOTS: [&str; 6] = ["<rss", "<feed", "<rdf:RDF", "<RDF", "<atom:feed", "<channel"];

/// The document from its root element on. The XML declaration goes because its encoding no longer holds, the DOCTYPE
/// because nothing in it is ever needed or fetched; anything else before the root was junk.
pub fn from_root(xml: &str) -> (&str, Option<Repair>) {
    let at = ROOTS.iter().filter_map(|r| xml.find(r)).min().unwrap_or(0);
    let (prolog, root) = xml.split_at_checked(at).unwrap_or(("", xml));
    (root, (!is_prolog(prolog.trim_start_matches('\u{feff}'))).then_some(Repair::LeadingJunk))
}

/// Whether this is what XML allows before a root: a declaration at the very beginning, comments, processing
/// instructions, a DOCTYPE.
fn is_prolog(text: &str) -> bool {
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

/// A repair: the mended text, or nothing where there is nothing to mend.
type Step = fn(&str) -> Option<String>;

/// Everything that can be mended without knowing where the reader stopped.
pub fn everything<'a>(xml: &'a str, done: &mut Vec<Repair>) -> Cow<'a, str> {
    let steps: [(Repair, Step); 5] = [
        (Repair::IllegalCharacters, illegal_characters),
        (Repair::BareAmpersand, |x| outside_cdata(x, bare_ampersands)),
        (Repair::StrayLessThan, |x| outside_cdata(x, stray_less_thans)),
        (Repair::RssVersion, rss_version),
        (Repair::TrailingJunk, trailing_junk),
    ];
    let mut text = Cow::Borrowed(xml);
    for (repair, step) in steps {
        if let Some(mended) = step(&text) {
            text = Cow::Owned(mended);
            done.push(repair);
        }
    }
    text
}

/// The document up to its last whole entry, with its root closed again.
pub fn up_to_last_entry(xml: &str) -> Option<String> {
    const ENDS: [(&str, &str); 3] =
        [("</item>", "</channel></rss>"), ("</entry>", "</feed>"), ("</item>", "</rdf:RDF>")];
    let rdf = xml.contains("<rdf:RDF");
    ENDS.into_iter().filter(|(_, close)| (*close == "</rdf:RDF>") == rdf || *close == "</feed>").find_map(
        |(end, close)| xml.rfind(end).and_then(|at| xml.get(..at + end.len())).map(|head| format!("{head}{close}")),
    )
}

/// Removes each entry of the document that alone makes it unreadable, keeping the others: `reads` tells whether a
/// document is readable.
pub fn without_bad_entries(xml: &str, reads: impl Fn(&str) -> bool) -> Option<String> {
    let (open, close) = if xml.contains("<entry") { ("<entry", "</entry>") } else { ("<item", "</item>") };
    let first = xml.find(open)?;
    // Every entry is tried behind a copy of the head, so a long head would make this quadratic.
    let head = xml.get(..first).filter(|h| h.len() < 64 * 1024)?;
    let tail = if head.contains("<feed") {
        "</feed>"
    } else if head.contains("<rdf:RDF") {
        "</rdf:RDF>"
    } else {
        "</channel></rss>"
    };
    let mut kept = head.to_owned();
    let mut found = false;
    // Split where entries begin, so that an entry that never ends does not swallow the next.
    for piece in xml.get(first..)?.split(open).skip(1).take(super::MAX_ENTRIES) {
        let Some(end) = piece.rfind(close) else { continue };
        let Some(inside) = piece.get(..end + close.len()) else {
            continue;
        };
        let entry = format!("{open}{inside}");
        if reads(&format!("{head}{entry}{tail}")) {
            kept.push_str(&entry);
            found = true;
        }
    }
    kept.push_str(tail);
    found.then_some(kept)
}

fn illegal_characters(xml: &str) -> Option<String> {
    let illegal = |c: char| !matches!(c, '\t' | '\n' | '\r') && (c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}'));
    xml.contains(illegal).then(|| xml.chars().filter(|&c| !illegal(c)).collect())
}

/// Applies a repair to the text between CDATA sections, where markup is markup.
fn outside_cdata(xml: &str, step: fn(&str, &mut String) -> bool) -> Option<String> {
    let mut out = String::with_capacity(xml.len() + 64);
    let mut changed = false;
    let mut rest = xml;
    while let Some((before, section)) = rest.split_once("<![CDATA[") {
        changed |= step(before, &mut out);
        let (inside, after) = section.split_once("]]>").unwrap_or((section, ""));
        out.push_str("<![CDATA[");
        out.push_str(inside);
        out.push_str("]]>");
        rest = after;
    }
    changed |= step(rest, &mut out);
    changed.then_some(out)
}

fn bare_ampersands(xml: &str, out: &mut String) -> bool {
    let mut changed = false;
    let mut pieces = xml.split('&');
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let name = piece.split_once(';').map(|(name, _)| name).filter(|n| is_entity(n));
        changed |= name.is_none();
        out.push_str(if name.is_some() { "&" } else { "&amp;" });
        out.push_str(piece);
    }
    changed
}

fn is_entity(name: &str) -> bool {
    match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            code.ok().and_then(char::from_u32).is_some_and(|c| c != '\0' && text::may_leave(c))
        }
        None => (2..=31).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric()),
    }
}

fn stray_less_thans(xml: &str, out: &mut String) -> bool {
    let mut changed = false;
    let mut pieces = xml.split('<');
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let opens_tag = piece.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?' | '_'))
            || piece.is_empty() && xml.ends_with('<');
        changed |= !opens_tag;
        out.push_str(if opens_tag { "<" } else { "&lt;" });
        out.push_str(piece);
    }
    changed
}

fn rss_version(xml: &str) -> Option<String> {
    let at = xml.find("<rss")?;
    let (before, from) = xml.split_at_checked(at)?;
    let (tag, after) = from.split_once('>')?;
    let known =
        ["2.0", "0.91", "0.92"].iter().any(|v| tag.contains(&format!("\"{v}\"")) || tag.contains(&format!("'{v}'")));
    if known {
        return None;
    }
    let attributes: Vec<&str> =
        tag.strip_prefix("<rss")?.split_whitespace().filter(|a| !a.starts_with("version")).collect();
    Some(format!("{before}<rss version=\"2.0\" {}>{after}", attributes.join(" ")))
}

fn trailing_junk(xml: &str) -> Option<String> {
    let (end, close) =
        ["</rss>", "</feed>", "</rdf:RDF>"].into_iter().filter_map(|c| xml.rfind(c).map(|at| (at, c))).max()?;
    let (document, junk) = xml.split_at_checked(end + close.len())?;
    (!junk.trim().is_empty()).then(|| document.to_owned())
}
