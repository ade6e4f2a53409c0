//! The sanitiser: the one door through which markup becomes [`Html`].

use ammonia::{Builder, UrlRelative};
use html5gum::emitters::callback::CallbackEvent;
use url::Url;

use super::{SKIPPED, bounded, text, walk};
use crate::text::may_leave;

/// Sanitised markup with absolute links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// Keeps the markup of an article (paragraphs, emphasis, lists, tables, links, pictures), drops everything that
    /// runs, loads or restyles, and makes addresses absolute against `base`; without a base, relative addresses go.
    pub fn clean(raw: &str, base: Option<&Url>) -> Html {
        let raw = bounded(raw);
        if !is_reasonable(raw) {
            return Html::of_text(&text(raw));
        }
        Html::legal(&sanitiser(base).clean(raw).to_string())
    }

    /// What [`Html::clean`] made and our own database kept.
    pub fn stored(clean: &str) -> Html {
        Html::legal(clean)
    }

    /// Two pieces, one behind the other.
    pub fn followed_by(&self, other: &Html) -> Html {
        Html(format!("{}\n{}", self.0, other.0))
    }

    /// The markup of a text: a paragraph a line.
    pub fn of_text(text: &str) -> Html {
        let lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
        Html::legal(&lines.map(|l| format!("<p>{}</p>", ammonia::clean_text(l))).collect::<String>())
    }

    /// References hide characters that XML forbids (`&#1;`) from everyone but the browser that decodes them, and one of them makes a
    /// whole feed unreadable.
    fn legal(markup: &str) -> Html {
        let legal: String = markup.chars().filter(|&c| matches!(c, '\t' | '\n' | '\r') || may_leave(c)).collect();
        Html(legal.trim().to_owned())
    }

    /// The markup.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What may stand in an [`Html`]. By name, because ammonia's own default list grows with its versions and some of it restyles a reader.
const TAGS: [&str; 39] = [
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
];

fn sanitiser(base: Option<&Url>) -> Builder<'static> {
    let mut builder = Builder::empty();
    builder
        .tags(TAGS.into())
        .clean_content_tags(SKIPPED.into())
        .tag_attributes(
            [
                ("a", ["href", "title"].into()),
                ("img", ["src", "alt", "title", "width", "height"].into()),
                ("td", ["colspan", "rowspan"].into()),
                ("th", ["colspan", "rowspan"].into()),
            ]
            .into(),
        )
        .url_schemes(["http", "https", "mailto"].into())
        .url_relative(match base {
            Some(base) => UrlRelative::RewriteWithBase(base.clone()),
            None => UrlRelative::Deny,
        })
        .link_rel(Some("noopener noreferrer"))
        .strip_comments(true);
    builder
}

/// Elements that a browser opens again in every block until they are closed, which makes a page of a few kilobytes a tree of gigabytes
/// (WHATWG HTML, "reconstruct the active formatting elements").
const FORMATTING: [&[u8]; 14] =
    [b"a", b"b", b"big", b"code", b"em", b"font", b"i", b"nobr", b"s", b"small", b"strike", b"strong", b"tt", b"u"];
/// Elements that need no end.
const UNENDED: [&[u8]; 24] = [
    b"area", b"base", b"br", b"col", b"dd", b"dt", b"embed", b"hr", b"img", b"input", b"li", b"link", b"meta",
    b"option", b"p", b"param", b"source", b"tbody", b"td", b"tfoot", b"th", b"thead", b"tr", b"wbr",
];
/// More nodes and deeper nesting than any page has; the heuristics over a tree cost their product.
const MOST_NODES: usize = 300_000;
const DEEPEST: usize = 500;

/// Whether a tree of this markup would have a size in proportion to it.
pub fn is_reasonable(markup: &str) -> bool {
    let (mut nodes, mut depth, mut deepest, mut formatting) = (0_usize, 0_usize, 0_usize, 0_usize);
    walk(markup, |event| match event {
        CallbackEvent::OpenStartTag { name } => {
            nodes += 1 + formatting;
            if FORMATTING.contains(&name) {
                formatting += 1;
            } else if !UNENDED.contains(&name) {
                depth += 1;
                deepest = deepest.max(depth);
            }
        }
        CallbackEvent::EndTag { name } => {
            if FORMATTING.contains(&name) {
                formatting = formatting.saturating_sub(1);
            } else if !UNENDED.contains(&name) {
                depth = depth.saturating_sub(1);
            }
        }
        _ => {}
    });
    nodes <= MOST_NODES && deepest <= DEEPEST
}
