//! What a reader sees of markup: its text, its first picture.

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};
use url::Url;

use super::{SKIPPED, bounded, walk};
use crate::link;

/// Elements that end a line of text.
const BLOCKS: [&[u8]; 30] = [
    b"address",
    b"article",
    b"aside",
    b"blockquote",
    b"br",
    b"caption",
    b"dd",
    b"div",
    b"dl",
    b"dt",
    b"figcaption",
    b"figure",
    b"footer",
    b"h1",
    b"h2",
    b"h3",
    b"h4",
    b"h5",
    b"h6",
    b"header",
    b"hr",
    b"li",
    b"ol",
    b"p",
    b"pre",
    b"section",
    b"table",
    b"td",
    b"tr",
    b"ul",
];

/// The text a reader sees of a piece of markup: entities decoded, one line a block, other white space as it comes
/// (see [`crate::text::line()`] and [`crate::text::paragraphs`] for tidying it).
pub fn text(markup: &str) -> String {
    read(markup, false)
}

/// The [`text`] of a teaser, without lists of links: thanhnien.vn ends four teasers of five with the headlines of three
/// other articles, and those are not what this one is about.
pub fn teaser_text(markup: &str) -> String {
    if looks_like_markup(markup) { read(markup, true) } else { markup.to_owned() }
}

fn read(markup: &str, without_link_lists: bool) -> String {
    let markup = bounded(markup);
    let mut out = String::with_capacity(markup.len());
    let mut skipping: Option<Vec<u8>> = None;
    // Where the outermost open list began in the text, and whether a link stood in it.
    let mut list: Option<(usize, bool)> = None;
    walk(markup, |event| match event {
        CallbackEvent::OpenStartTag { name } => {
            if skipping.is_none() && SKIPPED.iter().any(|s| s.as_bytes() == name) {
                skipping = Some(name.to_vec());
            } else if BLOCKS.contains(&name) {
                out.push('\n');
            }
            match (name, &mut list) {
                (b"ul" | b"ol", None) if without_link_lists => list = Some((out.len(), false)),
                (b"a", Some((_, has_link))) => *has_link = true,
                _ => {}
            }
        }
        CallbackEvent::EndTag { name } => {
            if skipping.as_deref() == Some(name) {
                skipping = None;
            }
            if BLOCKS.contains(&name) {
                out.push('\n');
            }
            if matches!(name, b"ul" | b"ol")
                && let Some((start, has_link)) = list.take()
                && has_link
            {
                out.truncate(start);
            }
        }
        CallbackEvent::String { value } if skipping.is_none() => {
            // Line ends inside a text run are only wrapping: the blocks make the lines.
            match str::from_utf8(value) {
                Ok(text) => push_unwrapped(&mut out, text),
                Err(_) => push_unwrapped(&mut out, &String::from_utf8_lossy(value)),
            }
        }
        _ => {}
    });
    out
}

fn push_unwrapped(out: &mut String, text: &str) {
    for (index, piece) in text.split(['\n', '\r']).enumerate() {
        if index > 0 {
            out.push(' ');
        }
        out.push_str(piece);
    }
}

/// The text of a field that may be text or markup, as titles and teasers in feeds are: markup only where it looks like
/// markup, so that "giá < 20.000 đồng" stays. Entities are decoded even in text, because portals escape twice
/// (`m&amp;#227;`).
pub fn text_of_field(field: &str) -> String {
    let once = if looks_like_markup(field) { text(field) } else { return field.to_owned() };
    if looks_like_markup(&once) { text(&once) } else { once }
}

/// The text of a field that is one line: a headline, a name, a category.
///
/// It is text, and harmless even where somebody takes it for markup, as many readers take RSS titles: what would begin a tag stands
/// between guillemets.
pub fn line_of_field(field: &str) -> String {
    let text = text_of_field(field);
    if !text.contains('<') {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut pieces = text.split('<');
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let begins_tag = piece.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        if begins_tag {
            out.push('‹');
            out.push_str(&piece.replacen('>', "›", 1));
        } else {
            out.push('<');
            out.push_str(piece);
        }
    }
    out
}

/// The address of the first picture in a piece of markup that has one.
pub fn first_image(markup: &str, base: Option<&Url>) -> Option<Url> {
    let bytes = markup.as_bytes();
    let tags = memchr::memchr_iter(b'<', bytes)
        .filter(|&at| bytes.get(at + 1..at + 4).is_some_and(|name| name.eq_ignore_ascii_case(b"img")));
    tags.take(MOST_IMAGES)
        .find_map(|at| image_of(markup.get(at..markup.floor_char_boundary(at + MAX_TAG_BYTES))?, base))
}

/// How many pictures of a text are looked at, and how long a tag may be.
const MOST_IMAGES: usize = 32;
const MAX_TAG_BYTES: usize = 4096;

/// The address of the picture that a tag at the beginning of a text shows.
fn image_of(markup: &str, base: Option<&Url>) -> Option<Url> {
    let mut open_tags = 0;
    let mut is_src = false;
    let mut found: Option<String> = None;
    let emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<()> {
        match event {
            CallbackEvent::OpenStartTag { .. } => open_tags += 1,
            CallbackEvent::AttributeName { name } => is_src = open_tags == 1 && name == b"src",
            CallbackEvent::AttributeValue { value } if is_src && found.is_none() => {
                found = Some(String::from_utf8_lossy(value).into_owned());
            }
            // The first thing emitted ends the reading.
            CallbackEvent::CloseStartTag { .. } => return Some(()),
            _ => {}
        }
        None
    });
    Tokenizer::new_with_emitter(markup, emitter).take(1).for_each(|_: Result<(), _>| ());
    link::absolute(base, &found?)
}

/// A tag that HTML has (`<p>`, `</p>`, `<!--`) or a character reference (`&nbsp;`, `&#227;`) somewhere. "Nghị quyết
/// <mới>" has none.
fn looks_like_markup(field: &str) -> bool {
    let has_tag = || field.contains('>') && field.split('<').skip(1).any(begins_tag);
    // "Q&A; B" has none: what a reference names is one word.
    let is_reference = |rest: &str| {
        let name = rest.split(';').next().filter(|name| name.len() < rest.len() && (2..=32).contains(&name.len()));
        name.is_some_and(|n| n.strip_prefix('#').unwrap_or(n).bytes().all(|b| b.is_ascii_alphanumeric()))
    };
    let has_reference = || field.contains(';') && field.split('&').skip(1).any(is_reference);
    has_tag() || has_reference()
}

/// Elements of HTML, past and present, besides [`BLOCKS`] and [`SKIPPED`].
const ELEMENTS: [&str; 74] = [
    "a", "abbr", "acronym", "applet", "area", "audio", "b", "base", "basefont", "bdi", "bdo", "big", "blink", "body",
    "button", "canvas", "center", "cite", "code", "col", "colgroup", "data", "datalist", "del", "details", "dfn",
    "dialog", "em", "embed", "fieldset", "font", "form", "frame", "frameset", "head", "html", "i", "img", "input",
    "ins", "kbd", "label", "legend", "link", "main", "map", "mark", "marquee", "meta", "meter", "nav", "option",
    "output", "param", "picture", "progress", "q", "ruby", "s", "samp", "select", "small", "source", "span", "strike",
    "strong", "sub", "summary", "sup", "th", "tt", "u", "var", "video",
];

fn begins_tag(after: &str) -> bool {
    if after.starts_with("!--") {
        return true;
    }
    let after = after.strip_prefix('/').unwrap_or(after);
    let name: String = after
        .chars()
        .take_while(|c| !c.is_whitespace() && !matches!(c, '/' | '>'))
        .take(12)
        .collect::<String>()
        .to_ascii_lowercase();
    ELEMENTS.contains(&name.as_str()) || BLOCKS.contains(&name.as_bytes()) || SKIPPED.contains(&name.as_str())
}
