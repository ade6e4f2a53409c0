//! A web page → the article on it: title, teaser, text, canonical address.

use std::panic::{AssertUnwindSafe, catch_unwind};

use dom_smoothie::{Config, Readability};
use url::Url;

use super::{Context, date, decode};
use crate::html::{self, Html};
use crate::model::item::{MAX_BODY_CHARS, MAX_SUMMARY_CHARS, MAX_TITLE_CHARS};
use crate::schedule::Time;
use crate::{link, text};

/// An article as found on its page. Texts are display text.
#[derive(Debug, Clone, PartialEq)]
pub struct Article {
    /// The headline.
    pub title: Option<String>,
    /// Who wrote it.
    pub byline: Option<String>,
    /// When it was published.
    pub published: Option<Time>,
    /// BCP 47 tag.
    pub language: Option<String>,
    /// The paper's name.
    pub site_name: Option<String>,
    /// The lead picture.
    pub image: Option<Url>,
    /// The teaser.
    pub excerpt: Option<String>,
    /// The body as sanitised markup.
    pub html: Html,
    /// The body as text, paragraphs joined by `\n`.
    pub text: String,
    /// The page's own name for itself.
    pub canonical: Option<Url>,
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

/// More nodes than any news page has; each costs memory and a turn of every heuristic.
const MAX_ELEMENTS: usize = 50_000;

/// Finds the article on a page.
pub fn read(page: &[u8], context: &Context<'_>) -> Result<Article, NoArticle> {
    let decoded = decode(page, context.content_type, context.base.and_then(Url::host_str));
    let config = Config { max_elements_to_parse: MAX_ELEMENTS, ..Config::default() };
    let base = context.base;
    let found = catch_unwind(AssertUnwindSafe(|| {
        let mut readability =
            Readability::new(decoded.text.as_ref(), base.map(Url::as_str), Some(config)).map_err(|e| e.to_string())?;
        let canonical = readability.doc.select("link[rel=canonical]").attr("href").map(|href| href.to_string());
        readability.parse().map(|article| (article, canonical)).map_err(|e| e.to_string())
    }));
    let (article, canonical) =
        found.map_err(|_| NoArticle("the article reader panicked".to_owned()))?.map_err(NoArticle)?;
    let one_line = |field: Option<&str>, most: usize| {
        field.map(|f| text::line(&html::line_of_field(f), most)).filter(|l| !l.is_empty())
    };
    let markup = article.content.to_string();
    Ok(Article {
        title: one_line(Some(&article.title), MAX_TITLE_CHARS),
        byline: one_line(article.byline.as_deref(), MAX_TITLE_CHARS),
        published: article.published_time.as_deref().and_then(|raw| date::parse(raw, context.style())),
        language: article.lang.map(|l| l.to_string()),
        site_name: one_line(article.site_name.as_deref(), MAX_TITLE_CHARS),
        image: article.image.as_deref().and_then(|i| link::absolute(base, i)),
        excerpt: one_line(article.excerpt.as_deref(), MAX_SUMMARY_CHARS),
        text: text::paragraphs(&html::text(&markup), MAX_BODY_CHARS),
        html: Html::clean(&markup, base),
        canonical: canonical.and_then(|href| link::absolute(base, &href)),
    })
}
