//! The rules of feeds: what the W3C feed validator (github.com/w3c/feedvalidator) calls an error or a warning, as far as it can befall a
//! feed of ours, the JSON Feed 1.1 specification, and what RFC 4287 and RFC 5005 say beyond. A fault has the validator's name where it has one.

use std::collections::BTreeSet;

use chrono::{DateTime, FixedOffset};
use regex::Regex;
use roxmltree::{Document, Node};
use url::Url;

use super::markup::{Place, dangers, relative_addresses, scheme};

const ATOM: &str = "http://www.w3.org/2005/Atom";
/// Namespaces that the validator and readers know, besides none and Atom's.
const KNOWN: [&str; 8] = [
    "http://purl.org/dc/elements/1.1/",
    "http://purl.org/rss/1.0/modules/content/",
    "http://purl.org/syndication/history/1.0",
    "http://purl.org/atompub/tombstones/1.0",
    "http://purl.org/syndication/thread/1.0",
    "http://search.yahoo.com/mrss/",
    "http://a9.com/-/spec/opensearch/1.1/",
    "http://www.w3.org/XML/1998/namespace",
];
/// Relations that are registered and that the validator knows.
const RELATIONS: [&str; 20] = [
    "alternate",
    "current",
    "describedby",
    "enclosure",
    "first",
    "hub",
    "last",
    "license",
    "next",
    "next-archive",
    "prev-archive",
    "previous",
    "related",
    "replies",
    "search",
    "self",
    "service",
    "up",
    "via",
    "payment",
];

/// The faults of a feed that was found at an address.
pub fn faults(bytes: &[u8], address: &str) -> Vec<String> {
    let mut faults = Faults::default();
    match std::str::from_utf8(bytes) {
        Err(_) => faults.say("NotUTF8", "document", ""),
        Ok(text) if text.trim_start().starts_with('{') => super::jsonrules::check(text, address, &mut faults),
        Ok(text) => xml(text, address, &mut faults),
    }
    faults.0.into_iter().collect()
}

/// What was found so far.
#[derive(Default)]
pub struct Faults(BTreeSet<String>);

impl Faults {
    pub fn say(&mut self, rule: &str, place: &str, what: &str) {
        self.0.insert(format!("{rule}: {place}: {}", what.chars().take(120).collect::<String>()));
    }

    fn unless(&mut self, holds: bool, rule: &str, place: &str, what: &str) {
        if !holds {
            self.say(rule, place, what);
        }
    }

    /// Text that somebody sees: nothing that XML forbids, no controls, nothing that turns the direction.
    pub fn text(&mut self, place: &str, text: &str) {
        let found: BTreeSet<char> = text.chars().filter(|c| is_forbidden(*c)).collect();
        for c in found {
            self.say("BadCharacters", place, &c.escape_unicode().to_string());
        }
    }

    /// Text of a headline or name, which readers take for markup if it looks like it.
    pub fn plain(&mut self, place: &str, text: &str) {
        self.text(place, text);
        let tag = regex(r"</?(a|b|i|p|br|div|span|img|script|svg|em|strong|iframe|style)\b[^>]*>");
        self.unless(!tag.is_match(text), "ContainsHTML", place, text);
    }

    pub fn markup(&mut self, place: &str, markup: &str) {
        self.text(place, markup);
        for danger in dangers(markup, Place::Feed) {
            self.say("SecurityRisk", place, &danger);
        }
        for address in relative_addresses(markup) {
            self.say("ContainsRelRef", place, &address);
        }
    }

    pub fn absolute(&mut self, place: &str, address: &str) {
        let plain = address.chars().all(|c| {
            !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`')
        });
        let web = Url::parse(address).is_ok_and(|u| u.has_host() && matches!(u.scheme(), "http" | "https"));
        self.unless(plain && web, "InvalidFullLink", place, address);
    }

    /// RFC 3339 with upper-case letters, of a time that a feed can speak of.
    pub fn rfc3339(&mut self, place: &str, text: &str) -> Option<DateTime<FixedOffset>> {
        let form = regex(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$");
        let time = DateTime::parse_from_rfc3339(text).ok().filter(|_| form.is_match(text));
        self.unless(time.is_some(), "InvalidRFC3339Date", place, text);
        self.unless(text > "1990", "ImplausibleDate", place, text);
        time
    }

    /// RFC 822 with an English weekday that is right, and a year of four digits.
    fn rfc822(&mut self, place: &str, text: &str) {
        let form = regex(
            r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d (GMT|[+-]\d{4})$",
        );
        // chrono refuses a weekday that is not the date's.
        let time = DateTime::parse_from_rfc2822(text).ok().filter(|_| form.is_match(text));
        self.unless(time.is_some(), "InvalidRFC2822Date", place, text);
        self.unless(time.is_none_or(|t| t.timestamp() > 631_152_000), "ImplausibleDate", place, text);
    }

    pub fn language(&mut self, place: &str, tag: &str) {
        self.unless(regex(r"^[a-z]{2,3}(-[A-Z]{2})?$").is_match(tag), "InvalidLanguage", place, tag);
    }

    fn media_type(&mut self, place: &str, media: &str) {
        self.unless(regex(r"^[a-z]+/[a-z0-9.+-]+$").is_match(media), "InvalidMIMEType", place, media);
    }

    /// An id: an address, or a `tag:` URI as RFC 4151 writes it.
    pub fn id(&mut self, place: &str, id: &str) {
        let tag = regex(r"^tag:[a-z0-9.-]+(@[a-z0-9.-]+)?,\d{4}(-\d\d(-\d\d)?)?:[^\s<>]+$");
        let right = if id.starts_with("tag:") {
            tag.is_match(id)
        } else {
            scheme(id).is_some() && !id.contains(char::is_whitespace)
        };
        self.unless(right, "InvalidTAG", place, id);
    }
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap()
}

/// What XML forbids, C1 controls, the replacement character, noncharacters, and bidirectional controls (Unicode TR 36).
fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{200e}' | '\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fdd0}'..='\u{fdef}' | '\u{fffd}')
        || u32::from(c) & 0xfffe == 0xfffe
}

fn xml(text: &str, address: &str, faults: &mut Faults) {
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => return faults.say("SAXError", "document", &error.to_string()),
    };
    faults.unless(
        text.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"")
            || text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"")
            || text.starts_with("<?xml version=\"1.0\"?>"),
        "InvalidEncoding",
        "declaration",
        text,
    );
    faults.unless(
        second_reader(text) == Ok(first_reader(&document)),
        "SAXError",
        "document",
        "two readers of XML disagree",
    );
    for node in document.descendants().filter(Node::is_element) {
        let name = node.tag_name();
        let namespaces = node.attributes().filter_map(|a| a.namespace()).chain(name.namespace());
        for namespace in namespaces.filter(|n| *n != ATOM && !KNOWN.contains(n)) {
            faults.say("UnknownNamespace", name.name(), namespace);
        }
        for attribute in node.attributes() {
            faults.text(name.name(), attribute.value());
        }
        faults.text(name.name(), &own_text(node));
    }
    let root = document.root_element();
    match (root.tag_name().name(), root.tag_name().namespace()) {
        ("feed", Some(ATOM)) => atom(root, address, faults),
        ("rss", None) => rss(root, address, faults),
        (name, _) => faults.say("UndefinedElement", "root", name),
    }
}

/// Names and texts in their order, as roxmltree reads them.
fn first_reader(document: &Document<'_>) -> Vec<String> {
    let mut seen = Vec::new();
    for node in document.root_element().descendants() {
        match node.text().filter(|_| node.is_text()) {
            Some(text) => seen.push(text.trim().to_owned()),
            None if node.is_element() => seen.push(format!("<{}>", node.tag_name().name())),
            None => {}
        }
    }
    seen.retain(|s| !s.is_empty());
    seen
}

/// The same as quick-xml reads them, which has nothing in common with it.
fn second_reader(text: &str) -> Result<Vec<String>, String> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(text);
    let (mut seen, mut run) = (Vec::new(), String::new());
    let said = |e: &dyn std::fmt::Display| e.to_string();
    loop {
        let event = reader.read_event().map_err(|e| said(&e))?;
        match &event {
            Event::Text(piece) => run.push_str(&piece.xml10_content()),
            Event::CData(piece) => run.push_str(&piece.xml10_content()),
            Event::GeneralRef(name) => {
                let resolved = name.resolve_char_ref().map_err(|e| said(&e))?;
                match resolved {
                    Some(c) => run.push(c),
                    None => run.push_str(quick_xml::escape::resolve_xml_entity(name).ok_or("an unknown entity")?),
                }
            }
            Event::DocType(_) => return Err("a document type".to_owned()),
            _ => {}
        }
        if !matches!(event, Event::Text(_) | Event::CData(_) | Event::GeneralRef(_)) {
            seen.push(std::mem::take(&mut run).trim().to_owned());
        }
        match event {
            Event::Start(tag) | Event::Empty(tag) => {
                seen.push(format!("<{}>", tag.local_name().as_ref()));
            }
            Event::Eof => break,
            _ => {}
        }
    }
    seen.retain(|s| !s.is_empty());
    Ok(seen)
}

fn own_text(node: Node<'_, '_>) -> String {
    node.children().filter(Node::is_text).filter_map(|t| t.text()).collect()
}

/// The children of a name; `namespace` is none for RSS.
fn children<'a>(node: Node<'a, 'a>, namespace: Option<&'a str>, name: &'a str) -> Vec<Node<'a, 'a>> {
    node.children()
        .filter(|c| c.is_element() && c.tag_name().name() == name && c.tag_name().namespace() == namespace)
        .collect()
}

/// The text of the only child of a name; a fault where there is none or several.
fn only<'a>(node: Node<'a, 'a>, namespace: Option<&'a str>, name: &'a str, faults: &mut Faults) -> String {
    let found = children(node, namespace, name);
    let place = node.tag_name().name();
    faults.unless(found.len() < 2, "DuplicateElement", place, name);
    let text = found.first().map(|n| own_text(*n)).unwrap_or_default();
    faults.unless(!text.trim().is_empty(), "MissingElement", place, name);
    text
}

/// The links of a feed, channel or entry: absolute, registered, one alternate a type.
fn links(node: Node<'_, '_>, faults: &mut Faults) -> Vec<(String, String)> {
    let mut alternates = BTreeSet::new();
    let mut found = Vec::new();
    for link in node.children().filter(|c| c.has_tag_name((ATOM, "link"))) {
        let of = |name: &str| link.attribute(name).unwrap_or_default().to_owned();
        let rel = link.attribute("rel").unwrap_or("alternate").to_owned();
        faults.unless(RELATIONS.contains(&rel.as_str()), "UnregisteredAtomLinkRel", "link", &rel);
        faults.absolute("link", &of("href"));
        if link.has_attribute("type") {
            faults.media_type("link", &of("type"));
        }
        faults.unless(of("title").is_empty() != link.has_attribute("title"), "AttrNotBlank", "link", "title");
        faults.plain("link title", &of("title"));
        let is_new = rel != "alternate" || alternates.insert((of("type"), of("hreflang")));
        faults.unless(is_new, "DuplicateAtomLink", "link", &of("href"));
        found.push((rel, of("href")));
    }
    found
}

fn self_link(links: &[(String, String)], address: &str, faults: &mut Faults) {
    let own: Vec<&str> = links.iter().filter(|(rel, _)| rel == "self").map(|(_, href)| href.as_str()).collect();
    faults.unless(own.len() == 1, "MissingSelf", "link", &format!("{own:?}"));
    faults.unless(
        own.first().is_none_or(|o| *o == address),
        "SelfDoesntMatchLocation",
        "link",
        &format!("{own:?} at {address}"),
    );
}

fn atom<'a>(feed: Node<'a, 'a>, address: &str, faults: &mut Faults) {
    let ns = Some(ATOM);
    faults.language("feed", feed.attribute(("http://www.w3.org/XML/1998/namespace", "lang")).unwrap_or_default());
    let text = only(feed, ns, "title", faults);
    faults.plain("feed title", &text);
    let id = only(feed, ns, "id", faults);
    faults.id("feed id", &id);
    let updated = only(feed, ns, "updated", faults);
    let updated = faults.rfc3339("feed updated", &updated);
    let all = links(feed, faults);
    self_link(&all, address, faults);
    let entries = children(feed, ns, "entry");
    let (mut ids, mut times, mut last) = (BTreeSet::new(), BTreeSet::new(), None);
    for entry in &entries {
        let has_author = [*entry, feed].iter().any(|n| !children(*n, ns, "author").is_empty());
        faults.unless(has_author, "MissingElement", "entry", "author");
        let (entry_id, time) = atom_entry(*entry, faults);
        faults.unless(ids.insert(entry_id.clone()), "DuplicateEntries", "entry", &entry_id);
        let said = only(*entry, ns, "updated", faults);
        faults.unless(times.insert(said.clone()), "DuplicateUpdated", "entry", &said);
        last = last.max(time);
    }
    faults.unless(!ids.contains(&id), "DuplicateIds", "feed", &id);
    faults.unless(last.is_none() || updated >= last, "S-34", "feed updated", "before that of an entry");
}

fn atom_entry<'a>(entry: Node<'a, 'a>, faults: &mut Faults) -> (String, Option<DateTime<FixedOffset>>) {
    let ns = Some(ATOM);
    let id = only(entry, ns, "id", faults);
    faults.id("entry id", &id);
    let updated = only(entry, ns, "updated", faults);
    let updated = faults.rfc3339("entry updated", &updated);
    for published in children(entry, ns, "published") {
        let published = faults.rfc3339("published", &own_text(published));
        faults.unless(published <= updated, "S-33", "entry", "updated before it was published");
    }
    only(entry, ns, "title", faults);
    for name in ["title", "summary", "content"] {
        for text in children(entry, ns, name) {
            let place = format!("entry {name}");
            match text.attribute("type").unwrap_or("text") {
                "text" => faults.plain(&place, &own_text(text)),
                "html" => faults.markup(&place, &own_text(text)),
                other => faults.say("InvalidContentMode", &place, other),
            }
        }
    }
    let has = |name| !children(entry, ns, name).is_empty();
    faults.unless(has("summary") || has("content"), "MissingTextualContent", "entry", &id);
    let all = links(entry, faults);
    faults.unless(
        has("content") || all.iter().any(|(rel, _)| rel == "alternate"),
        "MissingContentOrAlternate",
        "entry",
        &id,
    );
    for person in [children(entry, ns, "author"), children(entry, ns, "contributor")].concat() {
        let text = only(person, ns, "name", faults);
        faults.plain("author", &text);
        for uri in children(person, ns, "uri") {
            faults.absolute("author uri", &own_text(uri));
        }
    }
    for category in children(entry, ns, "category") {
        faults.unless(
            !category.attribute("term").unwrap_or_default().is_empty(),
            "MissingAttribute",
            "category",
            "term",
        );
        faults.unless(
            scheme(category.attribute("scheme").unwrap_or("x:")).is_some(),
            "InvalidURIAttribute",
            "category",
            "scheme",
        );
        faults.plain("category", category.attribute("label").unwrap_or_default());
    }
    for source in children(entry, ns, "source") {
        let (id, updated) = (only(source, ns, "id", faults), only(source, ns, "updated", faults));
        faults.id("source id", &id);
        faults.rfc3339("source updated", &updated);
        let text = only(source, ns, "title", faults);
        faults.plain("source title", &text);
        links(source, faults);
    }
    (id, updated)
}

fn rss<'a>(root: Node<'a, 'a>, address: &str, faults: &mut Faults) {
    faults.unless(root.attribute("version") == Some("2.0"), "InvalidRSSVersion", "rss", "");
    let channels = children(root, None, "channel");
    let Some(channel) = channels.first().copied().filter(|_| channels.len() == 1) else {
        return faults.say("MissingElement", "rss", "one channel");
    };
    for name in ["title", "description"] {
        let text = only(channel, None, name, faults);
        faults.plain(name, &text);
    }
    let text = only(channel, None, "link", faults);
    faults.absolute("channel link", &text);
    let text = only(channel, None, "language", faults);
    faults.language("channel", &text);
    let text = only(channel, None, "lastBuildDate", faults);
    faults.rfc822("lastBuildDate", &text);
    for ttl in children(channel, None, "ttl") {
        faults.unless(
            own_text(ttl).parse::<u32>().is_ok_and(|n| n > 0),
            "InvalidPositiveInteger",
            "ttl",
            &own_text(ttl),
        );
    }
    let all = links(channel, faults);
    self_link(&all, address, faults);
    let mut guids = BTreeSet::new();
    for item in children(channel, None, "item") {
        rss_item(item, faults);
        let guid = only(item, None, "guid", faults);
        faults.unless(guids.insert(guid.clone()), "DuplicateValue", "guid", &guid);
    }
}

fn rss_item<'a>(item: Node<'a, 'a>, faults: &mut Faults) {
    let text = only(item, None, "title", faults);
    faults.plain("item title", &text);
    let text = only(item, None, "link", faults);
    faults.absolute("item link", &text);
    let text = only(item, None, "pubDate", faults);
    faults.rfc822("pubDate", &text);
    for guid in children(item, None, "guid") {
        match guid.attribute("isPermaLink") {
            Some("false") => faults.id("guid", &own_text(guid)),
            _ => faults.absolute("guid", &own_text(guid)),
        }
    }
    let content = "http://purl.org/rss/1.0/modules/content/";
    let names: Vec<&str> = item.children().filter(Node::is_element).map(|c| c.tag_name().name()).collect();
    for markup in [children(item, None, "description"), children(item, Some(content), "encoded")].concat() {
        faults.markup(markup.tag_name().name(), &own_text(markup));
    }
    let at = |name| names.iter().position(|n| *n == name);
    faults.unless(
        at("encoded").is_none() || at("description") < at("encoded") && at("description").is_some(),
        "NeedDescriptionBeforeContent",
        "item",
        "",
    );
    for name in ["description", "encoded", "enclosure", "source", "comments"] {
        faults.unless(names.iter().filter(|n| **n == name).count() < 2, "DuplicateElement", "item", name);
    }
    faults.unless(
        !(names.contains(&"author") && names.contains(&"creator")),
        "DuplicateItemSemantics",
        "item",
        "author and dc:creator",
    );
    for category in children(item, None, "category") {
        faults.unless(!own_text(category).trim().is_empty(), "NotBlank", "category", "");
        faults.plain("category", &own_text(category));
    }
    for source in children(item, None, "source") {
        faults.absolute("source", source.attribute("url").unwrap_or_default());
        faults.plain("source", &own_text(source));
    }
    for enclosure in children(item, None, "enclosure") {
        faults.absolute("enclosure", enclosure.attribute("url").unwrap_or_default());
        faults.media_type("enclosure", enclosure.attribute("type").unwrap_or_default());
        faults.unless(
            enclosure.attribute("length").is_some_and(|n| n.parse::<u64>().is_ok()),
            "MissingAttribute",
            "enclosure",
            "length",
        );
    }
}
