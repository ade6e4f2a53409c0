//! Character references and entities: what `&…;` stands for.

use std::borrow::Cow;
use std::cell::Cell;

use memchr::memchr;

use super::repair::{Repair, Repairs};
use crate::text;

/// Internal entities that are remembered, and how long each may be: enough for `<!ENTITY nbsp "&#160;">`, too little for a bomb.
const MAX_ENTITIES: usize = 64;
const MAX_ENTITY_BYTES: usize = 256;
/// What all that a document declares may come to in its text: a short entity can be named a million times (F-X02).
const MAX_EXPANDED: usize = 1 << 20;
/// The longest name of an entity (`&CounterClockwiseContourIntegral;`).
const MAX_ENTITY_NAME: usize = 32;

/// The general entities a document declares in its DOCTYPE.
#[derive(Debug, Default)]
pub struct Entities<'a> {
    declared: Vec<(&'a str, &'a str)>,
    /// Bytes that were written for them.
    expanded: Cell<usize>,
}

impl<'a> Entities<'a> {
    /// Remembers the plain entities of an internal subset.
    pub fn learn(&mut self, subset: &'a str) {
        for declaration in subset.split("<!ENTITY").skip(1) {
            let Some((name, rest)) = declaration.trim_ascii_start().split_once(|c: char| c.is_ascii_whitespace())
            else {
                continue;
            };
            let rest = rest.trim_ascii_start();
            let value = ['"', '\''].into_iter().find_map(|q| rest.strip_prefix(q)?.split_once(q)).map(|(v, _)| v);
            // An entity of entities is a bomb or a riddle; its name stays as written.
            if let Some(value) = value.filter(|v| v.len() <= MAX_ENTITY_BYTES && !names_entities(v))
                && self.declared.len() < MAX_ENTITIES
            {
                self.declared.push((name, value));
            }
        }
    }

    /// The text that written text stands for: references resolved once, the odd ones noted.
    pub fn decode<'t>(&self, written: &'t str, repairs: &mut Repairs) -> Cow<'t, str> {
        let Some(first) = memchr(b'&', written.as_bytes()) else {
            return Cow::Borrowed(written);
        };
        let mut out = String::with_capacity(written.len());
        let (head, mut rest) = written.split_at_checked(first).unwrap_or((written, ""));
        out.push_str(head);
        while let Some(after) = rest.strip_prefix('&') {
            let name = reference(after);
            let used = match name {
                Some(name) if self.resolve(name, &mut out, repairs) => name.len() + 2,
                _ => {
                    if name.is_none() {
                        repairs.note(Repair::BareAmpersand);
                    }
                    out.push('&');
                    1
                }
            };
            let tail = rest.get(used..).unwrap_or_default();
            let next = memchr(b'&', tail.as_bytes()).unwrap_or(tail.len());
            let (text, next) = tail.split_at_checked(next).unwrap_or((tail, ""));
            out.push_str(text);
            rest = next;
        }
        Cow::Owned(out)
    }

    /// Writes what a reference stands for; says whether it stands for anything.
    fn resolve(&self, name: &str, out: &mut String, repairs: &mut Repairs) -> bool {
        if let Some(number) = name.strip_prefix('#') {
            match character(number) {
                Some(c) => out.push(c),
                None => repairs.note(Repair::IllegalCharacters),
            }
            return true;
        }
        let character = match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                let expanded = self.expanded.get();
                if let Some((_, value)) = self.declared.iter().find(|(n, _)| *n == name && expanded < MAX_EXPANDED) {
                    self.expanded.set(expanded + value.len());
                    out.push_str(&Entities::default().decode(value, repairs));
                    return true;
                }
                repairs.note(Repair::UndeclaredEntity);
                let Some(text) = quick_xml::escape::resolve_html5_entity(name) else {
                    return false;
                };
                out.push_str(text);
                return true;
            }
        };
        out.push(character);
        true
    }
}

/// Whether a value refers to entities by name, other than the five that XML has.
fn names_entities(value: &str) -> bool {
    value.split('&').skip(1).any(|rest| {
        !rest.starts_with('#') && !["amp;", "lt;", "gt;", "quot;", "apos;"].iter().any(|e| rest.starts_with(e))
    })
}

/// The name in a reference whose `&` was read, if it is one.
fn reference(after: &str) -> Option<&str> {
    let end = after.bytes().take(MAX_ENTITY_NAME + 2).position(|b| b == b';')?;
    let name = after.get(..end)?;
    let letters = name.strip_prefix('#').unwrap_or(name);
    (!letters.is_empty() && letters.bytes().all(|b| b.is_ascii_alphanumeric())).then_some(name)
}

/// The character of a numeric reference. `&#128;` to `&#159;` mean Windows-1252, as browsers take them; what XML forbids is nothing.
fn character(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    }
    .ok()?;
    if let Ok(byte @ 0x80..=0x9f) = u8::try_from(code) {
        return encoding_rs::WINDOWS_1252.decode_without_bom_handling(&[byte]).0.chars().next();
    }
    char::from_u32(code).filter(|&c| c == '\u{ad}' || c == '\u{200b}' || text::may_leave(c) || c == '\u{200e}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_once() {
        let cases: [(&str, &str, &[Repair]); 10] = [
            ("a &amp; b &lt;p&gt;", "a & b <p>", &[]),
            ("&amp;lt;", "&lt;", &[]),
            ("&#273;&#x1ED3;ng", "đồng", &[]),
            ("a&nbsp;b &aacute;", "a\u{a0}b á", &[Repair::UndeclaredEntity]),
            ("?a=1&b=2", "?a=1&b=2", &[Repair::BareAmpersand]),
            ("Tom & Jerry;", "Tom & Jerry;", &[Repair::BareAmpersand]),
            ("&khongco;", "&khongco;", &[Repair::UndeclaredEntity]),
            ("a&#0;b&#xFFFF;c&#999999999999;d", "abcd", &[Repair::IllegalCharacters]),
            ("&#150;", "–", &[]),
            ("&", "&", &[Repair::BareAmpersand]),
        ];
        for (written, expected, noted) in cases {
            let mut repairs = Repairs::default();
            assert_eq!(Entities::default().decode(written, &mut repairs), expected, "{written}");
            assert_eq!(repairs.list(), noted, "{written}");
        }
    }
}
