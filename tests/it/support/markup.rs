//! What markup would do in a browser, as two independent readers of HTML see it: html5gum, which knows only tokens, and html5ever, which
//! builds the tree that a browser builds.

use std::collections::BTreeSet;

use dom_query::Document;
use html5gum::{Token, Tokenizer};

/// An element as one of the readers sees it: its name and its attributes, names in lower case, values decoded.
pub type Element = (String, Vec<(String, String)>);

/// The elements of a piece of markup as a tokenizer sees them: every tag counts, wherever it stands.
pub fn by_tokens(markup: &str) -> Vec<Element> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Tokenizer::new(markup)
        .filter_map(|token| match token {
            Ok(Token::StartTag(tag)) => {
                let attributes = tag.attributes.iter().map(|(name, value)| (text(name), text(value)));
                Some((text(&tag.name), attributes.collect()))
            }
            _ => None,
        })
        .collect()
}

/// The elements that a tree has in the end.
pub fn by_tree(markup: &str, whole_page: bool) -> Vec<Element> {
    let document = if whole_page { Document::from(markup) } else { Document::fragment(markup) };
    let root = document.root();
    root.descendants_it()
        .filter_map(|node| {
            let name = node.node_name().filter(|_| node.is_element())?.to_string().to_ascii_lowercase();
            let attributes = node.attrs().iter().map(|a| (a.name.local.to_string(), a.value.to_string())).collect();
            Some((name, attributes))
        })
        .collect()
}

/// Elements that run, load, ask or restyle.
const ACTIVE: [&str; 26] = [
    "script",
    "style",
    "iframe",
    "frame",
    "frameset",
    "object",
    "embed",
    "applet",
    "base",
    "portal",
    "fencedframe",
    "template",
    "noscript",
    "xmp",
    "plaintext",
    "animate",
    "set",
    "animatetransform",
    "foreignobject",
    "math",
    "audio",
    "video",
    "source",
    "track",
    "marquee",
    "bgsound",
];
/// Attributes whose value is an address.
const ADDRESSES: [&str; 16] = [
    "href",
    "src",
    "action",
    "formaction",
    "xlink:href",
    "data",
    "poster",
    "background",
    "dynsrc",
    "lowsrc",
    "ping",
    "cite",
    "longdesc",
    "manifest",
    "codebase",
    "srcset",
];
/// What may stand in the markup of an article; `html::clean` has the same list, written there for another reason.
const ARTICLE: [&str; 42] = [
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "dd",
    "del",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "li",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "small",
    "strong",
    "sub",
    "sup",
    "table",
    "td",
    "th",
    "tr",
    "ul",
    "tbody",
    "thead",
    "html",
];

/// Where a piece of markup is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It is a page of ours, which may ask for its own style sheet, icon and search, and shows no picture of anybody else.
    Page,
    /// It stands in a feed: an article's markup, with pictures from anywhere.
    Feed,
}

/// What a piece of markup would do that it must not, as both readers see it.
pub fn dangers(markup: &str, place: Place) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (name, attributes) in [by_tokens(markup), by_tree(markup, place == Place::Page)].concat() {
        danger_of(&name, &attributes, place, &mut found);
    }
    found
}

fn danger_of(name: &str, attributes: &[(String, String)], place: Place, found: &mut BTreeSet<String>) {
    let value = |wanted: &str| attributes.iter().find(|(a, _)| a == wanted).map_or("", |(_, v)| v.as_str());
    if ACTIVE.contains(&name) || place == Place::Feed && !ARTICLE.contains(&name) {
        found.insert(format!("<{name}>"));
    }
    if name == "meta" && !value("http-equiv").is_empty() {
        found.insert(format!("<meta http-equiv={}>", value("http-equiv")));
    }
    for (attribute, value) in attributes {
        let scheme = scheme(value);
        let harmless = matches!(scheme.as_deref(), None | Some("http" | "https" | "mailto" | "tel"));
        if attribute.starts_with("on") || matches!(attribute.as_str(), "style" | "srcdoc" | "is") {
            found.insert(format!("{name} {attribute}"));
        } else if ADDRESSES.contains(&attribute.as_str()) && !harmless {
            found.insert(format!("{name} {attribute}={}", scheme.unwrap_or_default()));
        }
        let loads =
            attribute == "src" || matches!((name, attribute.as_str()), ("form", "action") | ("use" | "image", _));
        if place == Place::Page && loads && is_elsewhere(value) {
            found.insert(format!("{name} {attribute} of another host"));
        }
        if place == Place::Page
            && name == "link"
            && attribute == "href"
            && is_elsewhere(value)
            && is_fetched(attributes)
        {
            found.insert("link to a style sheet or icon of another host".to_owned());
        }
    }
}

/// Whether a browser fetches what a `link` names.
fn is_fetched(attributes: &[(String, String)]) -> bool {
    let rel = attributes.iter().find(|(a, _)| a == "rel").map_or("", |(_, rel)| rel.as_str());
    rel.split_ascii_whitespace()
        .any(|r| !matches!(r, "alternate" | "canonical" | "hub" | "self" | "search" | "next" | "prev"))
}

fn is_elsewhere(address: &str) -> bool {
    let address = address.trim();
    address.starts_with("//") || scheme(address).is_some() && !address.starts_with("http://tin.hamau.vn/")
}

/// The scheme that a browser sees in an address: it removes white space within (WHATWG URL, "basic URL parser").
pub fn scheme(address: &str) -> Option<String> {
    let seen: String = address.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
    let seen = seen.trim_start_matches(|c: char| c <= ' ');
    let (scheme, _) = seen.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    is_scheme.then(|| scheme.to_ascii_lowercase())
}

/// The addresses in a piece of markup that lead nowhere without knowing where it stands.
pub fn relative_addresses(markup: &str) -> Vec<String> {
    let elements = by_tree(markup, false).into_iter().flat_map(|(_, attributes)| attributes);
    elements
        .filter(|(name, value)| matches!(name.as_str(), "href" | "src") && scheme(value).is_none())
        .map(|(_, v)| v)
        .collect()
}
