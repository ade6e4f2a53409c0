//! What a page says of itself in its head: JSON-LD, Open Graph and the older names, best witness first.

use dom_query::Document;
use serde_json::Value;
use url::Url;

use super::date::{self, Style};
use super::draft;
use crate::link;
use crate::model::item::MAX_SUMMARY_CHARS;
use crate::schedule::Time;
use crate::{html, text};

/// What a page says of itself. Texts are display text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
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
    /// The page's own name for itself.
    pub canonical: Option<Url>,
    /// The whole text, which some pages carry in JSON-LD and nowhere else that can be read.
    pub body: Option<String>,
}

/// JSON-LD longer than this is not about an article.
const MAX_JSON_BYTES: usize = 512 * 1024;

impl Metadata {
    /// Reads the head of a page.
    pub fn of(page: &Document, base: Option<&Url>, style: Style) -> Metadata {
        let linked = json_ld(page);
        let json = |name: &str| linked.as_ref().and_then(|l| text_in(l.get(name)?));
        let meta = |names: &[&str]| names.iter().find_map(|name| meta(page, name));
        let date = |written: String| date::parse(&written, style);
        // The finer of two dates: baocantho.com.vn shows hour and minute to people, and only the day to machines.
        let dates = [
            json("datePublished").and_then(date),
            meta(&[
                "article:published_time",
                "pubdate",
                "publishdate",
                "datePublished",
                "date",
                "dc.date",
                "DC.date.issued",
            ])
            .and_then(date),
            attribute(page, "[itemprop=datePublished]", "content").and_then(date),
            attribute(page, "[itemprop=datePublished]", "datetime").and_then(date),
            attribute(page, "time[datetime]", "datetime").and_then(date),
            attribute(page, "time[data-time]", "data-time").and_then(date),
        ];
        let first = dates.into_iter().flatten().next();
        let published = match first {
            Some(day) if is_midnight(day, style) => {
                Some(shown_date(page, style).filter(|t| same_day(*t, day, style)).unwrap_or(day))
            }
            Some(time) => Some(time),
            None => shown_date(page, style),
        };
        let address = |written: String| link::absolute(base, &written);
        Metadata {
            title: json("headline").or_else(|| meta(&["og:title", "twitter:title"])).and_then(|t| draft::one_line(&t)),
            byline: json("author")
                .or_else(|| meta(&["author", "article:author"]))
                .and_then(|b| draft::one_line(&b))
                .filter(|b| !b.starts_with("http")),
            published,
            language: attribute(page, "html", "lang")
                .or_else(|| meta(&["og:locale"]))
                .and_then(|l| draft::words(&l.replace('_', "-"))),
            site_name: meta(&["og:site_name"]).or_else(|| json("publisher")).and_then(|s| draft::one_line(&s)),
            image: meta(&["og:image", "twitter:image"]).or_else(|| json("image")).and_then(address),
            excerpt: meta(&["og:description", "description", "twitter:description"])
                .or_else(|| json("description"))
                .map(|d| text::line(&html::text_of_field(&d), MAX_SUMMARY_CHARS))
                .filter(|d| !d.is_empty()),
            canonical: attribute(page, "link[rel=canonical]", "href").or_else(|| meta(&["og:url"])).and_then(address),
            body: json("articleBody"),
        }
    }
}

fn meta(page: &Document, name: &str) -> Option<String> {
    ["property", "name", "itemprop", "http-equiv"]
        .iter()
        .find_map(|attr| attribute(page, &format!("meta[{attr}=\"{name}\" i]"), "content"))
}

fn attribute(page: &Document, selector: &str, name: &str) -> Option<String> {
    let found = page.try_select(selector)?;
    found.nodes().iter().filter_map(|n| n.attr(name)).find_map(|value| draft::words(&value))
}

/// The date that people are shown, near the headline: the first of the usual places that holds one.
fn shown_date(page: &Document, style: Style) -> Option<Time> {
    const PLACES: &str = ".pubdate, .post-time, .detail-time, .date-time, .datetime, .time-detail, .publish-date, .PostDate, .article__meta time, .sc-longform-header-date, .lbPublishedDate, .post-subinfo, .date, .time";
    let found = page.try_select(PLACES)?;
    found.nodes().iter().take(12).find_map(|node| {
        let shown = text::line(&node.text(), 80);
        date::parse(shown.trim_matches(['"', '|', '-', ' ']), style)
    })
}

fn is_midnight(time: Time, style: Style) -> bool {
    time.with_timezone(&style.zone).time() == chrono::NaiveTime::MIN
}

fn same_day(a: Time, b: Time, style: Style) -> bool {
    a.with_timezone(&style.zone).date_naive() == b.with_timezone(&style.zone).date_naive()
}

/// The first object of JSON-LD that is an article.
fn json_ld(page: &Document) -> Option<Value> {
    let scripts = page.try_select("script[type=\"application/ld+json\" i]")?;
    scripts.nodes().iter().take(16).find_map(|script| {
        let written = script.text();
        let written = written.trim().trim_start_matches("<!--").trim_end_matches("-->").trim().trim_end_matches(';');
        if written.len() > MAX_JSON_BYTES {
            return None;
        }
        // Line ends inside strings are common, and forbidden.
        let value = serde_json::from_str(written)
            .or_else(|_| serde_json::from_str(&written.replace(['\n', '\r', '\t'], " ")))
            .ok()?;
        article_in(value, 0)
    })
}

fn article_in(value: Value, depth: usize) -> Option<Value> {
    match value {
        Value::Array(values) if depth < 4 => values.into_iter().find_map(|v| article_in(v, depth + 1)),
        Value::Object(mut object) => {
            let is_article = |kind: &Value| {
                kind.as_str().is_some_and(|k| k.ends_with("Article") || k.ends_with("Posting") || k == "Report")
            };
            let kind = object.get("@type");
            if kind.is_some_and(|k| is_article(k) || k.as_array().is_some_and(|ks| ks.iter().any(is_article))) {
                return Some(Value::Object(object));
            }
            ["@graph", "mainEntity"]
                .iter()
                .find_map(|n| object.remove(*n))
                .filter(|_| depth < 4)
                .and_then(|v| article_in(v, depth + 1))
        }
        _ => None,
    }
}

/// The text of a value that may be a text, an object with a name or an address, or a list of those.
fn text_in(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => draft::words(text),
        Value::Array(values) => values.iter().take(4).find_map(text_in),
        Value::Object(object) => ["name", "url"].iter().find_map(|n| draft::words(object.get(*n)?.as_str()?)),
        _ => None,
    }
}
