//! What holds for an element because of those around it: namespaces and the base of relative addresses.

use std::borrow::Cow;

use url::Url;

use super::super::repair::Repair;
use super::super::vocabulary::Ns;
use super::super::xml::Tag;
use super::Reader;
use crate::link;

/// Namespace declarations that are remembered.
const MAX_NAMESPACES: usize = 64;

impl<'a> Reader<'a, '_> {
    /// The vocabulary and the name within it of an element.
    pub fn resolve(&mut self, tag: &Tag<'a>) -> (Ns, &'a str) {
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
        if let Some(ns) = own_default.filter(|_| !tag.name.contains(':')) {
            // A root in an unknown namespace is a feed all the same.
            let ns = if self.stack.is_empty() && ns != Ns::Xhtml { Ns::Core } else { ns };
            if self.stack.is_empty() {
                self.default_ns = ns;
            }
            return (ns, tag.name);
        }
        if tag.name.split_once(':').is_some_and(|(prefix, _)| self.declared(prefix).is_none()) {
            self.scanner.repairs.note(Repair::UndeclaredPrefix);
        }
        self.meaning_of(tag.name)
    }

    /// The vocabulary and the name within it of a name, by the declarations read so far.
    pub fn meaning_of(&self, name: &'a str) -> (Ns, &'a str) {
        let Some((prefix, local)) = name.split_once(':') else { return (self.default_ns, name) };
        // A wrong address under the usual prefix still means the usual thing.
        let declared = self.declared(prefix).filter(|ns| *ns != Ns::Other);
        (declared.or(Ns::of_prefix(prefix)).unwrap_or(Ns::Other), local)
    }

    fn declared(&self, prefix: &str) -> Option<Ns> {
        self.namespaces.iter().rev().find(|(p, _)| *p == prefix).map(|(_, ns)| *ns)
    }

    /// The `xml:base` of an element, resolved.
    pub fn base_of(&mut self, tag: &Tag<'a>) -> Option<Url> {
        if !tag.has_attributes() {
            return None;
        }
        let written = self.attribute(tag, "xml:base")?;
        link::absolute(self.base(), &written)
    }

    pub fn base(&self) -> Option<&Url> {
        self.stack.iter().rev().find_map(|f| f.base.as_ref()).or(self.context.base)
    }

    pub fn url(&self, tag_base: Option<&Url>, written: &str) -> Option<Url> {
        link::absolute(tag_base.or_else(|| self.base()), written)
    }

    pub fn attribute(&mut self, tag: &Tag<'a>, name: &str) -> Option<Cow<'a, str>> {
        let written = tag.attribute(name)?;
        let value = self.scanner.entities.decode(written, &mut self.scanner.repairs);
        (!value.trim().is_empty()).then_some(value)
    }
}
