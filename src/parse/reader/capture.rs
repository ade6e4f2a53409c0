//! The text of one element, to its end or to where it must have ended.

use std::borrow::Cow;

use super::super::repair::Repair;
use super::super::vocabulary::{self, Name, Ns};
use super::super::xml::{Piece, Tag};
use super::{Reader, Role};

/// A field longer than this is cut (F-X25): the longest article of 48,387 has 60 KB.
const MAX_FIELD_BYTES: usize = 1024 * 1024;

/// How the text of an element is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// One line or one word: the beginning of any other field ends it.
    Line,
    /// Markup, escaped or not.
    Markup,
}

/// The text of an element.
pub struct Captured<'a> {
    pub text: Cow<'a, str>,
    /// The document ended inside it.
    pub is_cut: bool,
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
        let end = self.text.floor_char_boundary(MAX_FIELD_BYTES);
        self.text.to_mut().truncate(end);
    }
}

/// Markup with its CDATA sections opened.
fn without_sections(markup: &str) -> Cow<'_, str> {
    if !markup.contains("<![CDATA[") {
        return Cow::Borrowed(markup);
    }
    Cow::Owned(markup.replace("<![CDATA[", "").replace("]]>", ""))
}

impl<'a> Reader<'a, '_> {
    /// Reads the text of an element up to its end, or to where it must have ended.
    pub fn capture(&mut self, tag: &Tag<'a>, kind: Kind) -> Captured<'a> {
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
            if kind == Kind::Markup && !self.is_atom() {
                self.scanner.repairs.note(Repair::UnescapedMarkup);
            }
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
        let (ns, local) = self.meaning_of(tag.name);
        let Some((name, _)) = vocabulary::meaning(ns, local) else { return false };
        match (kind, name) {
            (_, Name::Item) => true,
            (
                Kind::Line,
                Name::Aside | Name::Group | Name::Called | Name::Mail | Name::SkippedHour | Name::SkippedDay,
            ) => false,
            (Kind::Line, _) => true,
            // HTML has elements of these names too, but not without attributes, and not of these relations.
            (Kind::Markup, Name::Link | Name::Title) => {
                ns == Ns::Core && !tag.has_attributes() && !tag.is_empty
                    || tag
                        .attribute("rel")
                        .is_some_and(|r| matches!(r, "alternate" | "replies" | "edit" | "self" | "enclosure"))
            }
            (Kind::Markup, Name::Id | Name::Published | Name::Updated | Name::Category | Name::Enclosure) => true,
            (Kind::Markup, Name::Person | Name::Comments | Name::Content) => ns != Ns::Core || name != Name::Content,
            (Kind::Markup, _) => false,
        }
    }
}
