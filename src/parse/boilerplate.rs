//! What stands among the words of an article and is not the article: lists of other articles, labels, captions, invitations.
//!
//! Everything goes by what a reader sees (how much of a block is links, what a line says), because class names change with every
//! redesign. The labels are those of the CMS families of `docs/sources.md` and of the English pages of the public benchmark.

use std::collections::BTreeSet;

use dom_query::{Document, NodeRef, Selection};

use crate::text;

/// Attributes in which pages hide the address of a picture until it is scrolled to.
const LAZY: [&str; 7] =
    ["data-src", "data-original", "data-lazy-src", "data-srcset", "data-lazy", "data-image", "data-url"];

/// Lines that name what follows them, folded.
const LABELS: [&str; 36] = [
    "các tin khác",
    "tin khác",
    "các tin liên quan",
    "tin liên quan",
    "bài liên quan",
    "bài viết liên quan",
    "tin bài liên quan",
    "tin cùng chuyên mục",
    "cùng chuyên mục",
    "tin mới nhất",
    "tin mới",
    "tin đọc nhiều",
    "đọc nhiều",
    "xem nhiều",
    "có thể bạn quan tâm",
    "liên kết website",
    "phản hồi",
    "ý kiến bạn đọc",
    "bình luận",
    "xem thêm",
    "đọc thêm",
    "từ khóa",
    "thẻ",
    "tags",
    "chia sẻ",
    "quảng cáo",
    "related",
    "related articles",
    "related stories",
    "related content",
    "more from",
    "most read",
    "read more",
    "advertisement",
    "share",
    "caption",
];

/// Words with which a line begins that only points elsewhere, folded.
const POINTERS: [&str; 15] = [
    "xem thêm",
    "đọc thêm",
    "đọc tiếp",
    "mời bạn đọc",
    "read more",
    "read also",
    "see also",
    "continue reading",
    "click here",
    "get fox",
    "subscribe",
    "sign up",
    "copyright",
    "reach the reporter",
    "don t miss",
];

/// Words that do so only before a colon or a bar: "Ảnh: A.", but not "Ảnh hưởng của bão".
const CREDITS: [&str; 12] = [
    "ảnh",
    "tin ảnh",
    "bài ảnh",
    "tin bài",
    "nguồn tin",
    "nguồn",
    "theo dõi",
    "photo",
    "image",
    "related",
    "more from",
    "follow",
];

/// Words with which the lines between a headline and its article begin.
const MASTHEADS: [&str; 18] = [
    "by",
    "updated",
    "published",
    "posted",
    "last updated",
    "first published",
    "tác giả",
    "cập nhật",
    "ngày đăng",
    "thứ hai",
    "thứ ba",
    "thứ tư",
    "thứ năm",
    "thứ sáu",
    "thứ bảy",
    "chủ nhật",
    "share",
    "chia sẻ",
];

/// Elements in which captions stand; they belong to a picture, not to the text.
const CAPTIONS: &str = "figcaption, .caption, .image-caption, .photo-caption, .PhotoCMS_Caption, .image_desc, .pic-note, .note-image, \
                        td.pic, .wp-caption-text, .photo-credit, .credit, .media-caption, .image-credit, [class*=gallery i], \
                        [class*=slideshow i], [class*=carousel i]";

/// Things that no article has in its text.
const NEVER: &str = "script, style, noscript, template, iframe, form, button, input, select, textarea, nav, svg, object, embed, \
                     [hidden], [aria-hidden=\"true\"]:not(img):not(figure), [style*=\"display:none\"], [style*=\"display: none\"], \
                     .related, .related-news, .relate-news, .box-tin-lien-quan, .tin-lien-quan, .cac-tin-khac, .social-share, \
                     .share-buttons, .newsletter, .tags, .tag-list, .article__tag, .comments, #comments";

/// What readers wrote under an article is often longer than the article.
const COMMENTS: &str = "[id*=comment i], [class*=comment i], [id*=disqus i], [id*=\"phan-hoi\"], [class*=\"phan-hoi\"]";

/// Takes the comments of readers off a page. One of these names is sometimes worn by the whole page, so what holds most of its text
/// stays.
pub fn strip_comments(page: &Document) {
    let all = page.text().len();
    for block in page.select(COMMENTS).nodes() {
        if !matches!(block.node_name().as_deref(), Some("html" | "body" | "main" | "article"))
            && Selection::from(*block).select("h1").is_empty()
            && block.text().len() * 2 < all.max(4000)
        {
            block.remove_from_parent();
        }
    }
}

/// Pictures show themselves where the page would have shown them.
pub fn wake_pictures(page: &Document) {
    for picture in page.select("img").nodes() {
        let src = picture.attr("src").unwrap_or_default();
        let is_placeholder =
            src.trim().is_empty() || src.starts_with("data:") || src.contains("blank.") || src.contains("placeholder");
        if !is_placeholder {
            continue;
        }
        let hidden = LAZY.iter().find_map(|name| picture.attr(name)).or_else(|| picture.attr("srcset"));
        let address = hidden
            .as_deref()
            .and_then(|h| h.split([' ', ',']).map(str::trim).find(|p| !p.is_empty()).map(str::to_owned));
        if let Some(address) = address {
            picture.set_attr("src", &address);
        }
    }
}

/// Takes what is not the article out of its body.
pub fn strip(body: &Selection<'_>) {
    body.select(NEVER).remove();
    for block in body.select("ul, ol, p, div, section, aside, table, h2, h3, h4, h5, h6, strong").nodes().iter().rev() {
        if is_label(block) {
            remove_what_follows(block);
            block.remove_from_parent();
        } else if points_elsewhere(block) {
            block.remove_from_parent();
        }
    }
}

/// Takes captions out, whose words are not the article's.
pub fn strip_captions(body: &Selection<'_>) {
    body.select(CAPTIONS).remove();
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// A line folded for comparison: lower case, single spaces, no punctuation.
fn folded(line: &str) -> String {
    let spaced: String = line.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    text::line(&spaced, 200)
}

fn begins_with(line: &str, cues: &[&str]) -> bool {
    let line = folded(line);
    cues.iter().any(|cue| line.strip_prefix(cue).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
}

fn is_label(block: &NodeRef<'_>) -> bool {
    let line = block.text();
    line.len() < 80 && LABELS.contains(&folded(&line).as_str())
}

/// The list under a label goes with it.
fn remove_what_follows(label: &NodeRef<'_>) {
    let mut next = label.next_element_sibling();
    while let Some(block) = next.filter(|b| link_share(b) > 0.5) {
        next = block.next_element_sibling();
        block.remove_from_parent();
    }
}

/// How much of a block's text is links, 0 to 1.
fn link_share(block: &NodeRef<'_>) -> f64 {
    let all = block.text().chars().filter(|c| !c.is_whitespace()).count();
    let linked: usize = Selection::from(*block)
        .select("a[href]")
        .nodes()
        .iter()
        .map(|a| a.text().chars().filter(|c| !c.is_whitespace()).count())
        .sum();
    #[expect(clippy::cast_precision_loss, reason = "characters of a page")]
    let share = if all == 0 { 0.0 } else { linked.min(all) as f64 / all as f64 };
    share
}

/// What official papers are called, folded.
const PAPERS: [&str; 12] = [
    "quyết định",
    "kế hoạch",
    "nghị quyết",
    "công văn",
    "thông báo",
    "chỉ thị",
    "tờ trình",
    "báo cáo",
    "hướng dẫn",
    "nghị định",
    "thông tư",
    "kết luận",
];

/// A short block that is nothing but links to pages. Links to documents are what portals publish.
fn points_elsewhere(block: &NodeRef<'_>) -> bool {
    const DOCUMENTS: [&str; 8] = [".pdf", ".doc", ".docx", ".xls", ".xlsx", ".zip", ".rar", ".mp3"];
    let name = block.node_name().unwrap_or_default();
    if matches!(name.as_ref(), "strong") {
        return false;
    }
    let line = block.text();
    let count = words(&line);
    if count == 0 || link_share(block) < 0.8 {
        return false;
    }
    // "Quyết định số 15/QĐ-UBND": portals list their documents under any address.
    let names_document =
        line.lines().any(|l| begins_with(l, &PAPERS) && l.contains("số") && l.bytes().any(|b| b.is_ascii_digit()));
    let links = Selection::from(*block).select("a[href]");
    let to_document = |href: &str| {
        let path = href.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        DOCUMENTS.iter().any(|d| path.ends_with(d))
    };
    if names_document || links.nodes().iter().filter_map(|a| a.attr("href")).any(|h| to_document(&h)) {
        return false;
    }
    let is_list = matches!(name.as_ref(), "ul" | "ol" | "div" | "section" | "aside" | "table");
    is_list || count < 30
}

/// The lines of an article without those that only name its makers or point elsewhere. Where a selector pointed at the body, nothing
/// stands before it.
pub fn article_lines(text: &str, title: Option<&str>, is_pointed: bool) -> String {
    let lines: Vec<&str> = text.lines().collect();
    // A text without a long line near its beginning is a table or a poem.
    let opening = if is_pointed { 0 } else { lines.iter().take(8).position(|l| words(l) >= 15).unwrap_or(0) };
    let title = title.map(folded);
    let mut seen = BTreeSet::new();
    let kept = lines.iter().enumerate().filter(|&(at, line)| {
        let count = words(line);
        // A caption stands under each size of its picture.
        let is_repeated = count >= 8 && !seen.insert(*line);
        let ends_a_sentence = line.trim_end().ends_with(['.', '?', '!', ':', ',', '”', '"', '…', ';']);
        let is_masthead = at < opening
            && (count < 12 && !ends_a_sentence || begins_with(line, &MASTHEADS) || Some(folded(line)) == title);
        let is_pointer =
            count < 25 && (begins_with(line, &POINTERS) || is_credit(line)) || count < 40 && line.starts_with('©');
        let is_label = LABELS.contains(&folded(line).as_str());
        !is_masthead && !is_pointer && !is_label && !is_repeated
    });
    kept.map(|(_, line)| *line).collect::<Vec<_>>().join("\n")
}

fn is_credit(line: &str) -> bool {
    line.split_once([':', '|']).is_some_and(|(cue, _)| CREDITS.contains(&folded(cue).as_str()))
}
