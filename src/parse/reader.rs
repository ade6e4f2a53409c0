//! XML feeds of every format, whole or damaged: pieces of markup in, drafts out.
//!
//! One pass, a short stack of open elements, no tree. An element that lost its end ends where its parent does or where
//! something begins that cannot be inside it; an end that matches nothing is passed over. Why not a strict reader with
//! repairs in front of it: `docs/parsing.md`.

use std::borrow::Cow;

use url::Url;

use super::draft::{self, Draft};
use super::repair::{Repair, Repairs};
use super::vocabulary::{self, Name, Ns};
use super::xml::{Piece, Scanner, Tag};
use super::{Context, Enclosure, Entry, FeedInfo, Format, MAX_ENTRIES, Person};
use crate::link;

/// Feeds are five elements deep; markup inside fields is not counted.
const MAX_DEPTH: usize = 200;
/// A field longer than this is cut (F-X25): the longest article of 48,387 has 60 KB.
const MAX_FIELD_BYTES: usize = 1024 * 1024;
/// Namespace declarations that are remembered.
const MAX_NAMESPACES: usize = 64;

/// A document as read.
pub struct Read {
    pub format: Format,
    pub repairs: Repairs,
    pub feed: FeedInfo,
    pub entries: Vec<Entry>,
}

/// Reads a document from its first element on.
pub fn read(document: &str, context: &Context<'_>) -> Read {
    let mut reader = Reader {
        scanner: Scanner::new(document),
        context,
        namespaces: Vec::new(),
        default_ns: Ns::Core,
        stack: Vec::with_capacity(8),
        format: None,
        feed: Draft::default(),
        entry: None,
        entries: Vec::new(),
        is_over: false,
    };
    reader.run();
    let mut repairs = reader.scanner.repairs;
    if !reader.is_over {
        repairs.note(Repair::Truncated);
    }
    let format = reader.format.unwrap_or(Format::Rss2);
    let feed_language = reader.feed.language.clone();
    let mut entries = reader.entries;
    for entry in entries.iter_mut().filter(|e| e.language.is_none()) {
        entry.language.clone_from(&feed_language);
    }
    Read { format, repairs, feed: reader.feed.feed(context), entries }
}

/// What an open element is to us.
#[derive(Debug, Clone, PartialEq)]
enum Role {
    Root,
    Channel,
    Item,
    /// Holds fields of the entry around it.
    Group,
    Person(u8, Person, String),
    Image(u8, String),
    /// Nothing inside it is ours.
    Foreign,
}

struct Frame<'a> {
    name: &'a str,
    role: Role,
    base: Option<Url>,
}

struct Reader<'a, 'c> {
    scanner: Scanner<'a>,
    context: &'c Context<'c>,
    /// Prefixes as declared, wherever that was: nobody declares one twice with two meanings.
    namespaces: Vec<(&'a str, Ns)>,
    default_ns: Ns,
    stack: Vec<Frame<'a>>,
    format: Option<Format>,
    feed: Draft<'a>,
    entry: Option<Draft<'a>>,
    entries: Vec<Entry>,
    is_over: bool,
}

/// How the text of an element is read.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// One line or one word: the beginning of any other field ends it.
    Line,
    /// Markup, escaped or not.
    Markup,
}

impl<'a> Reader<'a, '_> {
    fn run(&mut self) {
        while let Some(piece) = self.scanner.next_piece() {
            match piece {
                Piece::Start(tag) => {
                    if self.stack.len() >= MAX_DEPTH {
                        self.scanner.repairs.note(Repair::TooDeep);
                        break;
                    }
                    self.start(tag);
                }
                Piece::End(name) => self.end(name),
                Piece::Text(text) => self.text(text, true),
                Piece::Cdata(text) => self.text(text, false),
            }
            if self.is_over {
                self.look_behind_the_end();
            }
            if self.is_over {
                return;
            }
            if self.entries.len() >= MAX_ENTRIES {
                self.scanner.repairs.note(Repair::TooLong);
                self.is_over = true;
                return;
            }
        }
        // What is still open was cut off.
        if let Some(mut entry) = self.entry.take() {
            entry.is_cut = true;
            if entry.can_stand_cut() {
                self.finish(entry);
            }
        }
        self.is_over = self.stack.is_empty() && !self.entries.is_empty();
    }

    /// White space, comments and instructions may stand behind the root element. Entries that follow it are its own: its end came
    /// too soon.
    fn look_behind_the_end(&mut self) {
        let repairs = self.scanner.repairs;
        let position = self.scanner.position();
        let mut is_junk = false;
        let next = loop {
            match self.scanner.next_piece() {
                Some(Piece::Text(text)) if text.trim().is_empty() => {}
                Some(Piece::Start(tag)) => break Some(tag),
                Some(_) => is_junk = true,
                None => break None,
            }
        };
        self.scanner.repairs = repairs;
        let Some(tag) = next else {
            if is_junk {
                self.scanner.repairs.note(Repair::TrailingJunk);
            }
            return;
        };
        let (ns, local) = self.resolve(&tag);
        if vocabulary::meaning(ns, local) == Some((Name::Item, 0)) {
            self.scanner.repairs.note(Repair::MismatchedTags);
            self.scanner.rewind(position);
            self.is_over = false;
        } else {
            self.scanner.repairs.note(Repair::TrailingJunk);
        }
    }

    fn start(&mut self, tag: Tag<'a>) {
        let (ns, local) = self.resolve(&tag);
        let known = vocabulary::meaning(ns, local);
        match known {
            Some((Name::Rss | Name::Feed | Name::Rdf, _)) if self.entry.is_none() => self.root(tag, local, known),
            Some((Name::Channel, _)) if self.entry.is_none() => self.channel(tag),
            Some((Name::Item, _)) if self.is_quoted() => self.push(tag, Role::Foreign),
            Some((Name::Item, _)) => self.item(tag, local),
            Some((name, rank)) => self.field(tag, name, rank, ns),
            None if !tag.is_empty && !vocabulary::is_html(local) => self.push(tag, Role::Foreign),
            None => {}
        }
    }

    /// The vocabulary and the name within it of an element.
    fn resolve(&mut self, tag: &Tag<'a>) -> (Ns, &'a str) {
        let mut own_default = None;
        if tag.has_attributes() {
            for (name, uri) in tag.attributes() {
                if let Some(prefix) = name.strip_prefix("xmlns:") {
                    if self.namespaces.len() < MAX_NAMESPACES {
                        self.namespaces.push((prefix, Ns::of_uri(uri)));
                    }
                } else if name == "xmlns" {
                    own_default = Some(Ns::of_uri(uri));
                }
            }
        }
        if let Some((prefix, local)) = tag.name.split_once(':') {
            let declared = self.namespaces.iter().rev().find(|(p, _)| *p == prefix).map(|(_, ns)| *ns);
            let usual = Ns::of_prefix(prefix);
            if declared.is_none() {
                self.scanner.repairs.note(Repair::UndeclaredPrefix);
            }
            // A wrong address under the usual prefix still means the usual thing.
            let ns = declared.filter(|ns| *ns != Ns::Other).or(usual).unwrap_or(Ns::Other);
            return (ns, local);
        }
        if let Some(ns) = own_default {
            // A root in an unknown namespace is a feed all the same.
            let ns = if self.stack.is_empty() && ns != Ns::Xhtml { Ns::Core } else { ns };
            if self.stack.is_empty() {
                self.default_ns = ns;
            }
            return (ns, tag.name);
        }
        (self.default_ns, tag.name)
    }

    fn push(&mut self, tag: Tag<'a>, role: Role) {
        if !tag.is_empty {
            let base = self.base_of(&tag);
            self.stack.push(Frame { name: tag.name, role, base });
        }
    }

    /// The `xml:base` of an element, resolved.
    fn base_of(&mut self, tag: &Tag<'a>) -> Option<Url> {
        if !tag.has_attributes() {
            return None;
        }
        let written = self.attribute(tag, "xml:base")?;
        link::absolute(self.base(), &written)
    }

    fn base(&self) -> Option<&Url> {
        self.stack.iter().rev().find_map(|f| f.base.as_ref()).or(self.context.base)
    }

    fn url(&self, tag_base: Option<&Url>, written: &str) -> Option<Url> {
        link::absolute(tag_base.or_else(|| self.base()), written)
    }

    fn attribute(&mut self, tag: &Tag<'a>, name: &str) -> Option<Cow<'a, str>> {
        let written = tag.attribute(name)?;
        let value = self.scanner.entities.decode(written, &mut self.scanner.repairs);
        (!value.trim().is_empty()).then_some(value)
    }

    fn root(&mut self, tag: Tag<'a>, local: &str, known: Option<(Name, u8)>) {
        if vocabulary::is_odd_case(local) {
            self.scanner.repairs.note(Repair::LetterCase);
        }
        if self.format.is_none() {
            self.format = Some(match known {
                Some((Name::Feed, _)) => self.atom_version(&tag),
                Some((Name::Rdf, _)) => Format::Rss1,
                _ => self.rss_version(&tag),
            });
        }
        self.feed_language(&tag);
        self.push(tag, if known.is_some_and(|(n, _)| n == Name::Feed) { Role::Channel } else { Role::Root });
    }

    fn rss_version(&mut self, tag: &Tag<'a>) -> Format {
        match tag.attribute("version").map(str::trim) {
            Some("2.0" | "2") => Format::Rss2,
            Some("0.91" | "0.92" | "0.93" | "0.94" | "0.90") => Format::Rss0,
            Some("1.0") => Format::Rss1,
            _ => {
                self.scanner.repairs.note(Repair::RssVersion);
                Format::Rss2
            }
        }
    }

    fn atom_version(&mut self, tag: &Tag<'a>) -> Format {
        let is_old = tag.attribute("version").is_some_and(|v| v.trim().starts_with("0."))
            || tag.attributes().any(|(n, v)| n.starts_with("xmlns") && v.contains("purl.org/atom/"));
        if is_old { Format::Atom03 } else { Format::Atom1 }
    }

    fn feed_language(&mut self, tag: &Tag<'a>) {
        if self.feed.language.is_none() && tag.has_attributes() {
            self.feed.language = self.attribute(tag, "xml:lang").and_then(|l| draft::words(&l));
        }
    }

    fn channel(&mut self, tag: Tag<'a>) {
        // CDF keeps in attributes what RSS keeps in elements.
        if let Some(href) = self.attribute(&tag, "href") {
            self.format = Some(Format::Cdf);
            if let Some(url) = self.url(None, &href) {
                self.feed.add_link(None, url);
            }
        }
        if self.format.is_none() {
            self.format = Some(Format::Rss2);
            self.scanner.repairs.note(Repair::MissingRoot);
        }
        self.feed_language(&tag);
        self.push(tag, Role::Channel);
    }

    /// Whether what is open quotes entries of others: an extension's element, or `source` within an entry.
    fn is_quoted(&self) -> bool {
        self.stack.last().is_some_and(|f| f.role == Role::Foreign && (f.name.contains(':') || f.name == "source"))
    }

    fn item(&mut self, tag: Tag<'a>, local: &str) {
        if vocabulary::is_odd_case(local) && self.format != Some(Format::Cdf) {
            self.scanner.repairs.note(Repair::LetterCase);
        }
        if let Some(entry) = self.entry.take() {
            self.scanner.repairs.note(Repair::MismatchedTags);
            self.finish(entry);
        }
        while self.stack.last().is_some_and(|f| !matches!(f.role, Role::Root | Role::Channel)) {
            self.stack.pop();
        }
        if self.format.is_none() {
            self.format = Some(if local.eq_ignore_ascii_case("entry") { Format::Atom1 } else { Format::Rss2 });
            self.scanner.repairs.note(Repair::MissingRoot);
        }
        let mut draft = Draft::default();
        if tag.has_attributes() {
            draft.language = self.attribute(&tag, "xml:lang").and_then(|l| draft::words(&l));
            if let Some(about) = self.attribute(&tag, "rdf:about").or_else(|| self.attribute(&tag, "about")) {
                draft.id.offer(2, about);
            }
            if let Some(href) = self.attribute(&tag, "href") {
                self.format = self.format.map(|f| if f == Format::Rss2 { Format::Cdf } else { f });
                if let Some(url) = self.url(None, &href) {
                    draft.add_link(None, url);
                }
            }
            if let Some(date) = self.attribute(&tag, "lastmod") {
                draft.published.push((0, date));
            }
        }
        if tag.is_empty {
            self.finish(draft);
            return;
        }
        self.entry = Some(draft);
        self.push(tag, Role::Item);
    }

    fn finish(&mut self, draft: Draft<'a>) {
        let base = self.base().cloned();
        self.entries.push(draft.entry(base.as_ref(), self.context));
    }

    /// What is being filled: the open entry, else the feed.
    fn draft(&mut self) -> &mut Draft<'a> {
        self.entry.as_mut().unwrap_or(&mut self.feed)
    }

    fn field(&mut self, tag: Tag<'a>, name: Name, rank: u8, ns: Ns) {
        match self.stack.last().map(|f| &f.role) {
            Some(Role::Person(..)) => match name {
                Name::PersonName | Name::PersonMail | Name::PersonUri => return self.part_of_person(tag, name),
                // A person that lost its end.
                _ => {
                    self.scanner.repairs.note(Repair::MismatchedTags);
                    self.pop();
                }
            },
            Some(Role::Image(..)) => {
                if name == Name::PersonUri {
                    let url = self.capture(&tag, Kind::Line).text;
                    if let Some(Frame { role: Role::Image(_, written), .. }) = self.stack.last_mut() {
                        url.trim().clone_into(written);
                    }
                    return;
                }
                if !matches!(name, Name::Title | Name::Link | Name::Summary) {
                    self.scanner.repairs.note(Repair::MismatchedTags);
                    self.pop();
                } else {
                    self.capture(&tag, Kind::Line);
                    return;
                }
            }
            Some(Role::Foreign) => return self.push(tag, Role::Foreign),
            // Before the root: junk.
            None if self.format.is_none() => return,
            _ => {}
        }
        self.take(tag, name, rank, ns);
    }

    fn take(&mut self, tag: Tag<'a>, name: Name, rank: u8, ns: Ns) {
        match name {
            Name::Title => {
                let captured = self.capture(&tag, Kind::Line);
                if !captured.text.trim().is_empty() && !captured.is_cut {
                    self.draft().title.offer(rank, captured.text);
                }
            }
            Name::Id => {
                let is_no_link = tag.attribute("ispermalink").is_some_and(|v| v.trim().eq_ignore_ascii_case("false"));
                let captured = self.capture(&tag, Kind::Line);
                if !captured.text.trim().is_empty() && !captured.is_cut {
                    let draft = self.draft();
                    draft.id_is_no_link = is_no_link;
                    draft.id.offer(rank, captured.text);
                }
            }
            Name::Summary | Name::Content => {
                let source = self.attribute(&tag, "src");
                let captured = self.capture(&tag, Kind::Markup);
                let draft = self.draft();
                draft.is_cut |= captured.is_cut;
                let best = if name == Name::Summary { &mut draft.summary } else { &mut draft.content };
                if !captured.text.trim().is_empty() {
                    best.offer(rank, captured.text);
                }
                if let Some(url) = source.and_then(|s| self.url(None, &s)) {
                    self.draft().add_link(Some("content".to_owned()), url);
                }
            }
            Name::Published | Name::Updated => {
                let captured = self.capture(&tag, Kind::Line);
                if !captured.text.trim().is_empty() && !captured.is_cut {
                    let draft = self.draft();
                    let dates = if name == Name::Published { &mut draft.published } else { &mut draft.updated };
                    if dates.len() < 8 {
                        dates.push((rank, captured.text));
                    }
                }
            }
            Name::Link => self.link(tag),
            Name::Person => self.push_or_finish(tag, Role::Person(rank, Person::default(), String::new())),
            Name::Image => self.image(tag, rank),
            Name::Category => self.category(tag, ns, rank),
            Name::Enclosure | Name::MediaContent => self.enclosure(tag, name),
            Name::Thumbnail => {
                if let Some(url) = self.attribute(&tag, "url").and_then(|u| self.url(None, &u)) {
                    self.draft().thumbnail.get_or_insert(url);
                }
                self.push(tag, Role::Foreign);
            }
            Name::Group => self.push(tag, Role::Group),
            Name::Comments | Name::Icon => {
                let captured = self.capture(&tag, Kind::Line);
                if let Some(url) = self.url(None, &captured.text).filter(|_| !captured.is_cut) {
                    let draft = self.draft();
                    let place = if name == Name::Icon { &mut draft.icon } else { &mut draft.comments };
                    place.get_or_insert(url);
                }
            }
            Name::Language | Name::Rights | Name::Generator | Name::Ttl => {
                let captured = self.capture(&tag, Kind::Line);
                let Some(words) = draft::words(&captured.text).filter(|_| !captured.is_cut) else { return };
                let draft = self.draft();
                match name {
                    Name::Language => draft.language = Some(words),
                    Name::Rights => draft.rights = Some(words),
                    Name::Generator => draft.generator = Some(words),
                    _ => draft.ttl = words.parse().ok(),
                }
            }
            // Outside a person they mean nothing; "url" of an unknown element least of all.
            Name::PersonName | Name::PersonMail | Name::PersonUri | Name::Aside => self.push(tag, Role::Foreign),
            Name::Rss | Name::Feed | Name::Rdf | Name::Channel | Name::Item => self.push(tag, Role::Foreign),
        }
    }

    fn link(&mut self, tag: Tag<'a>) {
        let tag_base = self.base_of(&tag);
        let href = self.attribute(&tag, "href").or_else(|| self.attribute(&tag, "rdf:resource"));
        let rel = self.attribute(&tag, "rel").map(|r| r.trim().to_ascii_lowercase());
        let media_type = self.attribute(&tag, "type").and_then(|t| draft::words(&t));
        let length = tag.attribute("length").and_then(|l| l.trim().parse().ok());
        let captured = self.capture(&tag, Kind::Line);
        let is_rss = href.is_none() && rel.is_none();
        let written = href.unwrap_or(captured.text);
        // Some name the relation by its whole address.
        let rel = rel.as_deref().and_then(|r| r.rsplit('/').next()).unwrap_or(draft::UNSAID).to_owned();
        let Some(url) = self.url(tag_base.as_ref(), &written).filter(|_| !captured.is_cut) else {
            if self.base().is_none() && matches!(rel.as_str(), "alternate" | draft::UNSAID) {
                let relative = link::relative(&written);
                let draft = self.draft();
                draft.relative_link = draft.relative_link.take().or(relative);
            }
            return;
        };
        if is_rss {
            return self.draft().add_link(None, url);
        }
        let draft = self.draft();
        match rel.as_str() {
            "enclosure" => draft.add_enclosure(Enclosure { url, media_type, length }),
            "hub" => draft.hubs.push(url),
            "replies" => {
                draft.comments.get_or_insert(url);
            }
            _ => draft.add_link(Some(rel), url),
        }
    }

    fn image(&mut self, tag: Tag<'a>, rank: u8) {
        let written = self.attribute(&tag, "href").or_else(|| self.attribute(&tag, "url"));
        let written = written.or_else(|| self.attribute(&tag, "rdf:resource")).unwrap_or_default().into_owned();
        self.push_or_finish(tag, Role::Image(rank, written));
    }

    fn category(&mut self, tag: Tag<'a>, ns: Ns, rank: u8) {
        let label = self.attribute(&tag, "label").filter(|_| ns == Ns::Core);
        let term = self.attribute(&tag, "term").or_else(|| self.attribute(&tag, "text"));
        let captured = self.capture(&tag, Kind::Line);
        let written = label.or(term).unwrap_or(captured.text);
        if rank == 1 && written.contains(',') {
            written.split(',').for_each(|t| self.draft().add_tag(t));
        } else {
            self.draft().add_tag(&written);
        }
    }

    fn enclosure(&mut self, tag: Tag<'a>, name: Name) {
        let url = self.attribute(&tag, "url").or_else(|| self.attribute(&tag, "href"));
        let media_type = self.attribute(&tag, "type").or_else(|| self.attribute(&tag, "medium"));
        let media_type = media_type.and_then(|t| draft::words(&t));
        let length = self.attribute(&tag, "length").or_else(|| self.attribute(&tag, "filesize"));
        let length = length.and_then(|l| l.trim().parse().ok());
        if let Some(url) = url.and_then(|u| self.url(None, &u)) {
            self.draft().add_enclosure(Enclosure { url, media_type, length });
        }
        // Media RSS hangs titles, texts and thumbnails into its contents.
        self.push(tag, if name == Name::MediaContent { Role::Group } else { Role::Foreign });
    }

    fn part_of_person(&mut self, tag: Tag<'a>, name: Name) {
        let captured = self.capture(&tag, Kind::Line);
        let value = draft::one_line(&captured.text);
        if let Some(Frame { role: Role::Person(_, person, _), .. }) = self.stack.last_mut() {
            match name {
                Name::PersonName => person.name = value,
                Name::PersonMail => person.email = value,
                _ => person.uri = value,
            }
        }
    }

    /// Opens an element, or ends it where it is empty.
    fn push_or_finish(&mut self, tag: Tag<'a>, role: Role) {
        self.stack.push(Frame { name: tag.name, role, base: None });
        if tag.is_empty {
            self.pop();
        }
    }

    fn end(&mut self, name: &'a str) {
        let Some(at) = self.stack.iter().rposition(|f| f.name.eq_ignore_ascii_case(name)) else {
            self.scanner.repairs.note(Repair::MismatchedTags);
            return;
        };
        if self.stack.get(at).is_some_and(|f| f.name != name) {
            self.scanner.repairs.note(Repair::LetterCase);
        }
        if at + 1 < self.stack.len() {
            self.scanner.repairs.note(Repair::MismatchedTags);
        }
        while self.stack.len() > at {
            self.pop();
        }
    }

    fn pop(&mut self) {
        let Some(frame) = self.stack.pop() else { return };
        match frame.role {
            Role::Item => {
                if let Some(entry) = self.entry.take() {
                    // Its own base is its frame's.
                    let base = frame.base.as_ref().or_else(|| self.base()).cloned();
                    self.entries.push(entry.entry(base.as_ref(), self.context));
                }
            }
            Role::Person(rank, person, text) => {
                let person = if person == Person::default() { draft::person(&text) } else { person };
                self.draft().add_author(rank, person);
            }
            Role::Image(rank, written) => {
                if let Some(url) = self.url(None, &written) {
                    self.draft().image.offer(rank, url);
                }
            }
            Role::Root | Role::Channel => self.is_over = self.stack.is_empty(),
            Role::Group | Role::Foreign => {}
        }
    }

    /// Text between elements means something only in a person or a picture.
    fn text(&mut self, text: &'a str, is_escaped: bool) {
        let (Some(Frame { role: Role::Person(_, _, written) | Role::Image(_, written), .. }), false) =
            (self.stack.last_mut(), text.trim().is_empty())
        else {
            return;
        };
        if written.len() < 1024 {
            if is_escaped {
                written.push_str(&self.scanner.entities.decode(text, &mut self.scanner.repairs));
            } else {
                written.push_str(text);
            }
        }
    }

    /// Reads the text of an element up to its end, or to where it must have ended.
    fn capture(&mut self, tag: &Tag<'a>, kind: Kind) -> Captured<'a> {
        let mut captured = Captured { text: Cow::Borrowed(""), is_cut: false };
        if tag.is_empty {
            return captured;
        }
        self.scanner.within = Some(tag.name);
        let begin = self.scanner.position();
        // Markup that stands unescaped is taken as it stands.
        let mut holds_elements = false;
        let mut was_cdata = false;
        let end = loop {
            let before = self.scanner.position();
            match self.scanner.next_piece() {
                Some(Piece::Text(text)) if !holds_elements => {
                    // Sections within sections leave an end over.
                    let text = match text.trim_start().strip_prefix("]]>") {
                        Some(rest) if was_cdata => rest,
                        _ => text,
                    };
                    let decoded = self.scanner.entities.decode(text, &mut self.scanner.repairs);
                    captured.push(decoded);
                }
                Some(Piece::Cdata(text)) if !holds_elements => {
                    was_cdata = true;
                    captured.push(Cow::Borrowed(text.trim_start().strip_prefix("<![CDATA[").unwrap_or(text)));
                }
                Some(Piece::Text(_) | Piece::Cdata(_)) => {}
                Some(Piece::End(name)) if name == tag.name => break before,
                Some(Piece::End(name)) if name.eq_ignore_ascii_case(tag.name) => {
                    self.scanner.repairs.note(Repair::LetterCase);
                    break before;
                }
                Some(Piece::End(name)) => {
                    if self.closes_a_parent(name) {
                        break self.give_back(before);
                    }
                    if !holds_elements {
                        self.scanner.repairs.note(Repair::MismatchedTags);
                    }
                }
                Some(Piece::Start(inner)) => {
                    if self.begins_something_else(&inner, kind) {
                        break self.give_back(before);
                    }
                    holds_elements = true;
                }
                None => {
                    captured.is_cut = true;
                    break before;
                }
            }
        };
        self.scanner.within = None;
        if holds_elements {
            captured.text = without_sections(self.scanner.slice(begin, end));
        }
        if captured.text.len() > MAX_FIELD_BYTES {
            self.scanner.repairs.note(Repair::TooLong);
            captured.shorten();
        }
        captured
    }

    /// Leaves a piece for the next reader, because the element that was being read has lost its end.
    fn give_back(&mut self, position: usize) -> usize {
        self.scanner.repairs.note(Repair::MismatchedTags);
        self.scanner.rewind(position);
        position
    }

    fn closes_a_parent(&self, name: &str) -> bool {
        self.stack.iter().rev().take(8).any(|f| f.role != Role::Foreign && f.name.eq_ignore_ascii_case(name))
    }

    /// Whether an element cannot stand inside a field and so begins the next one.
    fn begins_something_else(&self, tag: &Tag<'a>, kind: Kind) -> bool {
        let (ns, local) = match tag.name.split_once(':') {
            Some((prefix, local)) => {
                let declared = self.namespaces.iter().rev().find(|(p, _)| *p == prefix).map(|(_, ns)| *ns);
                (declared.filter(|ns| *ns != Ns::Other).or(Ns::of_prefix(prefix)).unwrap_or(Ns::Other), local)
            }
            None => (self.default_ns, tag.name),
        };
        let Some((name, _)) = vocabulary::meaning(ns, local) else { return false };
        match (kind, name) {
            (_, Name::Item) => true,
            (Kind::Line, Name::Aside | Name::Group | Name::PersonName | Name::PersonMail) => false,
            (Kind::Line, _) => true,
            // HTML has elements of these names too, but not without attributes, and not of these relations.
            (Kind::Markup, Name::Link | Name::Title) => {
                ns == Ns::Core && !tag.has_attributes() && !tag.is_empty
                    || tag.attribute("rel").is_some_and(|r| matches!(r, "alternate" | "replies" | "edit" | "self" | "enclosure"))
            }
            (Kind::Markup, Name::Id | Name::Published | Name::Updated | Name::Category | Name::Enclosure) => true,
            (Kind::Markup, Name::Person | Name::Comments | Name::Content) => ns != Ns::Core || name != Name::Content,
            (Kind::Markup, _) => false,
        }
    }
}

/// The text of an element.
struct Captured<'a> {
    text: Cow<'a, str>,
    /// The document ended inside it.
    is_cut: bool,
}

impl<'a> Captured<'a> {
    fn push(&mut self, piece: Cow<'a, str>) {
        if self.text.trim_ascii().is_empty() {
            self.text = piece;
        } else if !piece.is_empty() && self.text.len() <= MAX_FIELD_BYTES {
            self.text.to_mut().push_str(&piece);
        }
    }

    fn shorten(&mut self) {
        let end = (0..=MAX_FIELD_BYTES).rev().find(|&i| self.text.is_char_boundary(i)).unwrap_or(0);
        self.text = Cow::Owned(self.text.get(..end).unwrap_or_default().to_owned());
    }
}

/// Markup with its CDATA sections opened.
fn without_sections(markup: &str) -> Cow<'_, str> {
    if !markup.contains("<![CDATA[") {
        return Cow::Borrowed(markup);
    }
    Cow::Owned(markup.replace("<![CDATA[", "").replace("]]>", ""))
}
