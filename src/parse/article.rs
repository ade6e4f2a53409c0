//! A web page → the article on it: title, teaser, text, canonical address.
//!
//! The body is where the source's or its CMS's selectors say; else where Readability (`dom_smoothie`) finds it; else, where that finds
//! little of what the page has, in the densest block of paragraphs.

use std::panic::{AssertUnwindSafe, catch_unwind};

use dom_query::{Document, NodeRef, Selection};
use dom_smoothie::{Config, Readability};
use url::Url;

use super::metadata::Metadata;
use super::{Context, boilerplate, cms};
use crate::html::{self, Html};
use crate::model::item::MAX_BODY_CHARS;
use crate::text;

/// An article as found on its page. Texts are display text.
#[derive(Debug, Clone, PartialEq)]
pub struct Article {
    /// What the page says of it; where it names no headline, the one that it shows.
    pub metadata: Metadata,
    /// The body as sanitised markup.
    pub html: Html,
    /// The body as text, paragraphs joined by `\n`, without captions.
    pub text: String,
}

impl Article {
    /// How many words the body has; in Vietnamese, syllables.
    pub fn words(&self) -> usize {
        self.text.split_whitespace().count()
    }
}

/// The page has no article on it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no article was found on this page: {0}")]
pub struct NoArticle(String);

/// A body that a selector points at and that has fewer characters was pointed at wrongly.
const LEAST_CHARS: usize = 140;

/// No article is in more parts.
const MOST_PARTS: usize = 16;

/// Finds the article on a page. `selectors` say where its body is, the likeliest first; they may be none.
pub fn read(page: &[u8], context: &Context<'_>, selectors: &[String]) -> Result<Article, NoArticle> {
    let decoded = context.decode(page);
    if !html::is_reasonable(&decoded.text) {
        return Err(NoArticle("its markup is nested or repeated without end".to_owned()));
    }
    let context = &context.dated_as(&decoded.text, decoded.encoding);
    catch_unwind(AssertUnwindSafe(|| find(&decoded.text, context, selectors)))
        .map_err(|_| NoArticle("the article reader panicked".to_owned()))?
}

fn find(page: &str, context: &Context<'_>, selectors: &[String]) -> Result<Article, NoArticle> {
    let document = Document::from(page);
    let base = context.base_of(&document);
    let base = base.as_ref();
    let mut metadata = Metadata::of(&document, context.base, context.style());
    boilerplate::wake_pictures(&document);
    let at = |selector: &str| Body::at(&document, selector, base);
    let pointed = selectors.iter().find_map(|s| at(s)).or_else(|| cms::bodies().find_map(at));
    let is_pointed = pointed.is_some();
    let body = match pointed {
        Some(body) => body,
        None => {
            boilerplate::strip_comments(&document);
            let read = by_readability(&document, base);
            let dense = by_density(&document, base);
            // Readability sometimes takes a teaser for the article.
            match (read, dense) {
                (Some(read), Some(dense)) if dense.text.len() > read.text.len() * 3 => dense,
                (Some(read), _) => read,
                (None, Some(dense)) => dense,
                (None, None) => metadata
                    .body
                    .as_deref()
                    .map(|b| Body { html: Html::of_text(b), text: text::paragraphs(b, MAX_BODY_CHARS) })
                    .ok_or_else(|| NoArticle("nothing on it reads like one".to_owned()))?,
            }
        }
    };
    metadata.title = metadata.title.or_else(|| heading(&document));
    let text = boilerplate::article_lines(&body.text, metadata.title.as_deref(), is_pointed);
    Ok(Article { metadata, html: body.html, text })
}

fn heading(page: &Document) -> Option<String> {
    ["h1", "title"].iter().find_map(|name| super::draft::one_line(&page.select_single(name).text()))
}

struct Body {
    html: Html,
    text: String,
}

impl Body {
    /// What a selector points at: all of it, for some pages cut an article in two around an advertisement; nothing where that is too
    /// little.
    fn at(page: &Document, selector: &str, base: Option<&Url>) -> Option<Body> {
        let found = page.try_select(selector).filter(|s| s.text().trim().len() >= LEAST_CHARS)?;
        let is_inner = |node: &NodeRef<'_>| node.ancestors_it(None).any(|a| found.nodes().iter().any(|n| n.id == a.id));
        let parts = found
            .nodes()
            .iter()
            .take(MOST_PARTS)
            .filter(|n| !is_inner(n))
            .map(|n| Body::of(&Selection::from(*n), base));
        let whole = parts
            .filter(|p| !p.text.is_empty())
            .reduce(|a, b| Body { html: a.html.followed_by(&b.html), text: format!("{}\n{}", a.text, b.text) })?;
        (whole.text.len() >= LEAST_CHARS).then_some(whole)
    }

    fn of(body: &Selection<'_>, base: Option<&Url>) -> Body {
        boilerplate::strip(body);
        let whole = body.inner_html();
        boilerplate::strip_captions(body);
        let as_text = |markup: &str| text::paragraphs(&html::text(markup), MAX_BODY_CHARS);
        // Of a story told in pictures the captions are the article.
        let text =
            Some(as_text(&body.inner_html())).filter(|t| t.len() >= LEAST_CHARS).unwrap_or_else(|| as_text(&whole));
        Body { html: Html::clean(&whole, base), text }
    }
}

fn by_readability(page: &Document, base: Option<&Url>) -> Option<Body> {
    let readability = Readability::with_document(page.clone(), base.map(Url::as_str), Some(Config::default()));
    let article = readability.ok()?.parse().ok()?;
    let content = Document::fragment(article.content);
    let body = Body::of(&content.select_single("body, html, :root"), base);
    (!body.text.is_empty()).then_some(body)
}

/// The block whose own paragraphs have the most text that is not links.
fn by_density(page: &Document, base: Option<&Url>) -> Option<Body> {
    let mut best: Option<(usize, NodeRef<'_>)> = None;
    for block in page.select("div, section, article, td, main").nodes() {
        let paragraphs = block
            .children_it(false)
            .filter(|c| matches!(c.node_name().as_deref(), Some("p" | "h2" | "h3" | "blockquote" | "ul")));
        let length: usize = paragraphs
            .map(|p| {
                let linked: usize = Selection::from(p).select("a").nodes().iter().map(|a| a.text().len()).sum();
                p.text().trim().len().saturating_sub(linked * 2)
            })
            .sum();
        if length >= LEAST_CHARS && best.as_ref().is_none_or(|(most, _)| length > *most) {
            best = Some((length, *block));
        }
    }
    let body = Body::of(&Selection::from(best?.1), base);
    (!body.text.is_empty()).then_some(body)
}
