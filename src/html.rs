//! Which markup may leave the house, and the plain text of markup.
//!
//! [`Html::clean`] is the only way from outside to an [`Html`], so the type is the proof that a string was sanitised.
//! Everything else the daemon keeps is plain text, made by [`text`] and escaped wherever it is written.

use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};
use url::Url;

use crate::link;
use crate::text::may_leave;

/// Markup longer than this is cut before it is looked at: a full article is 5 to 60 KB, and a text node of megabytes is
/// an attack (RUSTSEC-2026-0194 and its relatives are quadratic).
pub const MAX_MARKUP_BYTES: usize = 512 * 1024;

/// Sanitised markup with absolute links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// Keeps the markup of an article (paragraphs, emphasis, lists, tables, links, pictures), drops everything that
    /// runs, loads or restyles, and makes addresses absolute against `base`; without a base, relative addresses go.
    pub fn clean(raw: &str, base: Option<&Url>) -> Html {
        let mut builder = SANITISER.clone_settings();
        builder.url_relative(match base {
            Some(base) => UrlRelative::RewriteWithBase(base.clone()),
            None => UrlRelative::Deny,
        });
        let raw = bounded(raw);
        if !is_reasonable(raw) {
            return Html::of_text(&text(raw));
        }
        Html::legal(builder.clean(raw).to_string().trim())
    }

    /// What [`Html::clean`] made and our own database kept.
    pub fn stored(clean: &str) -> Html {
        Html::legal(clean)
    }

    /// The markup of a text: a paragraph a line.
    pub fn of_text(text: &str) -> Html {
        let lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
        Html::legal(&lines.map(|l| format!("<p>{}</p>", ammonia::clean_text(l))).collect::<String>())
    }

    /// References hide characters that XML forbids (`&#1;`) from everyone but the browser that decodes them, and one of them makes a
    /// whole feed unreadable.
    fn legal(markup: &str) -> Html {
        Html(markup.chars().filter(|&c| matches!(c, '\t' | '\n' | '\r') || may_leave(c)).collect())
    }

    /// The markup.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The settings of the sanitiser, by name, because ammonia's own default list grows with its versions and some of it
/// restyles a reader.
struct Settings {
    tags: [&'static str; 39],
}

static SANITISER: LazyLock<Settings> = LazyLock::new(|| Settings {
    tags: [
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
    ],
});

impl Settings {
    fn clone_settings(&self) -> Builder<'static> {
        let mut builder = Builder::empty();
        builder
            .tags(self.tags.into_iter().collect())
            .clean_content_tags(SKIPPED.into_iter().collect())
            .tag_attributes(
                [
                    ("a", ["href", "title"].into_iter().collect()),
                    ("img", ["src", "alt", "title", "width", "height"].into_iter().collect()),
                    ("td", ["colspan", "rowspan"].into_iter().collect()),
                    ("th", ["colspan", "rowspan"].into_iter().collect()),
                ]
                .into(),
            )
            .url_schemes(["http", "https", "mailto"].into_iter().collect())
            .link_rel(Some("noopener noreferrer"))
            .strip_comments(true);
        builder
    }
}

/// Elements whose content is not text a reader sees.
const SKIPPED: [&str; 9] = ["script", "style", "template", "noscript", "iframe", "object", "svg", "math", "textarea"];

/// Elements that a browser opens again in every block until they are closed, which makes a page of a few kilobytes a tree of gigabytes
/// (WHATWG HTML, "reconstruct the active formatting elements").
const FORMATTING: [&[u8]; 14] = [
    b"a", b"b", b"big", b"code", b"em", b"font", b"i", b"nobr", b"s", b"small", b"strike", b"strong", b"tt", b"u",
];
/// Elements that need no end.
const UNENDED: [&[u8]; 24] = [
    b"area", b"base", b"br", b"col", b"dd", b"dt", b"embed", b"hr", b"img", b"input", b"li", b"link", b"meta", b"option", b"p",
    b"param", b"source", b"tbody", b"td", b"tfoot", b"th", b"thead", b"tr", b"wbr",
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
            out.extend(String::from_utf8_lossy(value).chars().map(|c| if c == '\n' || c == '\r' { ' ' } else { c }));
        }
        _ => {}
    });
    out
}

/// The text of a field that may be text or markup, as titles and teasers in feeds are: markup only where it looks like
/// markup, so that "giá < 20.000 đồng" stays. Entities are decoded even in text, because portals escape twice
/// (`m&amp;#227;`).
pub fn text_of_field(field: &str) -> String {
    let once = if looks_like_markup(field) { text(field) } else { field.to_owned() };
    if once.contains('&') && looks_like_markup(&once) { text(&once) } else { once }
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
    tags.take(MOST_IMAGES).find_map(|at| {
        let end = (0..=MAX_TAG_BYTES.min(markup.len() - at)).rev().find(|n| markup.is_char_boundary(at + n))?;
        image_of(markup.get(at..at + end)?, base)
    })
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

fn walk(markup: &str, mut visit: impl FnMut(CallbackEvent<'_>)) {
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<()> {
        visit(event);
        None
    });
    emitter.naively_switch_states(true);
    let tokens = Tokenizer::new_with_emitter(markup, emitter);
    // Nothing is ever emitted: the visitor did the work. Reading from a string cannot fail.
    tokens.for_each(drop);
}

/// A tag that HTML has (`<p>`, `</p>`, `<!--`) or a character reference (`&nbsp;`, `&#227;`) somewhere. "Nghị quyết
/// <mới>" has none.
fn looks_like_markup(field: &str) -> bool {
    let has_tag = || field.contains('>') && field.split('<').skip(1).any(begins_tag);
    let has_reference = || {
        field.contains(';')
            && field.split('&').skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '#'))
    };
    has_tag() || has_reference()
}

fn begins_tag(after: &str) -> bool {
    const INLINE: [&str; 20] = [
        "a", "abbr", "b", "big", "center", "em", "font", "i", "iframe", "img", "mark", "s", "script", "small", "span",
        "strong", "style", "sub", "sup", "u",
    ];
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
    INLINE.contains(&name.as_str()) || BLOCKS.contains(&name.as_bytes()) || SKIPPED.contains(&name.as_str())
}

fn bounded(markup: &str) -> &str {
    let end = (0..=MAX_MARKUP_BYTES.min(markup.len())).rev().find(|&i| markup.is_char_boundary(i)).unwrap_or(0);
    markup.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{line, paragraphs};

    fn tidy(markup: &str) -> String {
        paragraphs(&text(markup), 10_000)
    }

    #[test]
    fn the_text_of_teasers_as_vietnamese_papers_write_them() {
        let cases = [
            (
                "<a href=\"https://b.vn/x\"><img src=\"https://b.vn/i.jpg\"></a></br>Sáng 23/11, hội nghị…",
                "Sáng 23/11, hội nghị…",
            ),
            ("<p>Một</p><p>Hai &amp; ba</p>", "Một\nHai & ba"),
            ("TCH v&#224; hai m&#227;", "TCH và hai mã"),
            ("xin ch&agrave;o&nbsp;bạn", "xin chào bạn"),
            ("trước<script>alert(1)</script><style>p{}</style> sau", "trước sau"),
            ("<ul><li>một<li>hai</ul>", "một\nhai"),
            ("dòng một\ndòng tiếp", "dòng một dòng tiếp"),
            ("<!-- ghi chú -->còn lại", "còn lại"),
        ];
        for (markup, expected) in cases {
            assert_eq!(tidy(markup), expected, "{markup}");
        }
    }

    #[test]
    fn a_teasers_list_of_other_articles_is_not_its_text() {
        let teaser =
            "<p>Câu dẫn.</p><div><ul><li><a href=/x>Bài khác</a></li><li><a href=/y>Bài nữa</a></li></ul></div>";
        assert_eq!(paragraphs(&teaser_text(teaser), 100), "Câu dẫn.");
        assert_eq!(paragraphs(&teaser_text("<ul><li>Một điểm</li></ul>"), 100), "Một điểm");
        assert_eq!(teaser_text("giá < 20 đồng"), "giá < 20 đồng");
    }

    #[test]
    fn a_title_is_text_unless_it_is_plainly_markup() {
        let cases = [
            ("giá < 20.000 đồng & tăng", "giá < 20.000 đồng & tăng"),
            ("Nghị quyết <mới> và <Nam>", "Nghị quyết <mới> và <Nam>"),
            ("Tom & Jerry; và bạn", "Tom & Jerry; và bạn"),
            ("m&#227; chứng khoán", "mã chứng khoán"),
            ("&amp;aacute;o d&amp;agrave;i", "áo dài"),
            ("<b>Đậm</b> nhạt", "Đậm nhạt"),
        ];
        for (field, expected) in cases {
            assert_eq!(line(&text_of_field(field), 100), expected, "{field}");
        }
    }

    #[test]
    fn a_line_is_harmless_even_as_markup() {
        let cases = [
            ("Nghị quyết <mới> và <Nam>", "Nghị quyết ‹mới› và ‹Nam›"),
            ("giá < 20.000 đồng, 3 > 2", "giá < 20.000 đồng, 3 > 2"),
            ("<form onfocus=x>Chữ</form>", "‹form onfocus=x›Chữ‹/form›"),
            ("&lt;script&gt;Chữ", "‹script›Chữ"),
        ];
        for (field, expected) in cases {
            assert_eq!(line_of_field(field), expected, "{field}");
        }
    }

    #[test]
    fn nothing_that_runs_or_loads_survives_cleaning() {
        let base = Url::parse("https://bao.vn/muc/").unwrap();
        let raw = concat!(
            "<p onclick=x() style='color:red'>Chữ <a href='/a' onmouseover=x>liên kết</a> <img src='i.jpg' onerror=x srcset='javascript:x'>",
            "<a href=\"java\tscript:alert(1)\">xấu</a><iframe srcdoc='<script>'></iframe><svg><animate onbegin=x></svg>",
            "<script>alert(1)</script><form action=/x><button formaction=x>g</button></form></p>"
        );
        let clean = Html::clean(raw, Some(&base));
        let clean = clean.as_str();
        for bad in ["script", "onclick", "onerror", "onmouseover", "style", "iframe", "svg", "form", "srcset"] {
            assert!(!clean.contains(bad), "{bad} in {clean}");
        }
        assert!(
            clean.contains("href=\"https://bao.vn/a\"") && clean.contains("src=\"https://bao.vn/muc/i.jpg\""),
            "{clean}"
        );
        assert!(!Html::clean("<img src=/a.jpg>", None).as_str().contains("src"));
    }

    #[test]
    fn the_first_picture_is_found_and_made_absolute() {
        let base = Url::parse("https://bao.vn/").unwrap();
        let image = first_image("<p>x<img alt=a src='/anh.jpg'><img src=/hai.jpg>", Some(&base));
        assert_eq!(image.unwrap().as_str(), "https://bao.vn/anh.jpg");
        assert!(first_image("<img src='data:image/png;base64,x'>", Some(&base)).is_none());
    }

    #[test]
    fn markup_that_would_grow_into_a_giant_tree_becomes_its_text() {
        let bomb = format!(
            "<p>{}{}",
            (0..9000).map(|n| format!("<b a={n}>")).collect::<String>(),
            "<p>chữ".repeat(9000)
        );
        assert!(Html::clean(&bomb, None).as_str().starts_with("<p>chữ</p><p>chữ</p>"));
        let deep = format!("{}chữ", "<div>".repeat(45_000));
        assert_eq!(Html::clean(&deep, None).as_str(), "<p>chữ</p>");
        let honest = "<p>một <b>hai</b> <a href='https://a.vn/'>ba</a><p>bốn".repeat(500);
        assert!(Html::clean(&honest, None).as_str().contains("<b>hai</b>"));
    }

    #[test]
    fn characters_that_xml_forbids_do_not_leave_in_markup() {
        let clean = Html::clean("<p title='a&#1;b'>x&#xFFFE;y&#8;z</p><a href='https://a.vn/&#2;'>l</a>", None);
        assert!(clean.as_str().chars().all(may_leave), "{:?}", clean.as_str());
        assert_eq!(Html::stored("<p>x\u{1}y</p>").as_str(), "<p>xy</p>");
    }

    #[test]
    fn endless_and_deep_markup_is_bounded() {
        let deep = "<div>".repeat(200_000);
        assert!(text(&deep).len() <= deep.len());
        let long = "ế".repeat(MAX_MARKUP_BYTES);
        assert!(text(&long).len() <= MAX_MARKUP_BYTES);
    }
}
