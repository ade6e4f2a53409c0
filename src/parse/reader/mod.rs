//! XML feeds of every format, whole or damaged: pieces of markup in, drafts out.
//!
//! One pass, a short stack of open elements, no tree. An element that lost its end ends where its parent does or where
//! something begins that cannot be inside it; an end that matches nothing is passed over. Why not a strict reader with
//! repairs in front of it: `docs/parsing.md`.

mod capture;
mod fields;
mod scope;

use url::Url;

use self::capture::Kind;
use super::draft::{self, Draft};
use super::repair::{Repair, Repairs};
use super::vocabulary::{self, Name, Ns};
use super::xml::{Piece, Scanner, Tag};
use super::{Context, Entry, FeedInfo, Format, MAX_ENTRIES, Person};

/// Feeds are five elements deep; markup inside fields is not counted.
const MAX_DEPTH: usize = 200;

/// A document as read.
pub struct Read {
    pub format: Format,
    pub repairs: Repairs,
    pub feed: FeedInfo,
    pub entries: Vec<Entry>,
}

/// Reads a document from its root on, which is where sniffing found it.
pub fn read(document: &str, root: usize, context: &Context<'_>) -> Read {
    let mut reader = Reader {
        scanner: Scanner::behind_prolog(document, root),
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
    /// Holds hours or days that are skipped.
    Skips,
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
        if let Some(entry) = self.entry.take().filter(Draft::can_stand_cut) {
            self.finish(entry);
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
        // CDF shouts by nature, and says so with its first element.
        let is_loud = known.is_some_and(|(name, _)| name != Name::Channel) && vocabulary::is_odd_case(local);
        if is_loud && self.format != Some(Format::Cdf) {
            self.scanner.repairs.note(Repair::LetterCase);
        }
        match known {
            Some((Name::Rss | Name::Feed | Name::Rdf, _)) if self.entry.is_none() => self.root(tag, known),
            Some((Name::Channel, _)) if self.entry.is_none() => self.channel(tag),
            Some((Name::Item, _)) if self.is_quoted() => self.push(tag, Role::Foreign),
            Some((Name::Item, _)) => self.item(tag, local),
            Some((name, rank)) => self.field(tag, name, rank, ns),
            None if !tag.is_empty && !vocabulary::is_html(local) => self.push(tag, Role::Foreign),
            None => {}
        }
    }

    fn push(&mut self, tag: Tag<'a>, role: Role) {
        if !tag.is_empty {
            let base = self.base_of(&tag);
            self.stack.push(Frame { name: tag.name, role, base });
        }
    }

    fn root(&mut self, tag: Tag<'a>, known: Option<(Name, u8)>) {
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

    fn is_atom(&self) -> bool {
        matches!(self.format, Some(Format::Atom03 | Format::Atom1))
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
                Name::Called | Name::Mail | Name::HomePage => return self.part_of_person(tag, name),
                // A person that lost its end.
                _ => {
                    self.scanner.repairs.note(Repair::MismatchedTags);
                    self.pop();
                }
            },
            Some(Role::Image(..)) => {
                if name == Name::HomePage {
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
            Some(Role::Skips) => match name {
                Name::SkippedHour | Name::SkippedDay => return self.skip(tag, name),
                _ => {
                    self.scanner.repairs.note(Repair::MismatchedTags);
                    self.pop();
                }
            },
            Some(Role::Foreign) => return self.push(tag, Role::Foreign),
            // Before the root: junk.
            None if self.format.is_none() => return,
            _ => {}
        }
        self.take(tag, name, rank, ns);
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
            Role::Group | Role::Skips | Role::Foreign => {}
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
}
