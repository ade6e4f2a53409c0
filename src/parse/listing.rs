//! A page of headlines → entries, as if it were a feed.
//!
//! Links that look like articles, grouped by address; around each the smallest piece of the page that speaks of it alone, and in
//! that its title, date and teaser. Selectors narrow each step where a source or its CMS family has them; without any, JSON-LD and
//! what a reader sees must do. What a contract promises and the page does not keep is [`ParseError::Drift`]: half a page is
//! worse than the list of yesterday.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use dom_query::{Document, Matcher, NodeRef, Selection};
use regex::Regex;
use serde_json::Value;
use url::Url;

use super::repair::Repairs;
use super::{
    Context, Entry, FeedInfo, Format, IdSource, MAX_ENTRIES, ParseError, Parsed, cms, date, discover, draft, standin,
};
use crate::model::Listing;
use crate::model::item::MAX_SUMMARY_CHARS;
use crate::schedule::Time;
use crate::{html, link, text};

/// An article's address has a number of its own, or ends as one: `-post123.html`, `-a123.html`, `/202601/ten-bai-1a2b3c4/`.
static ANY_ARTICLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)([-_/](post|postid|a|i|c|d|art|news)?\d{4,20}(\.(html?|chn|bbg|ldo|aspx|epi|vnp))?/?$)|(/\d{6}/[^/]+-[0-9a-f]{6,8}/?$)|ItemID=\d+").ok()
});

/// A headline has at least this many words; menus, authors and sections have fewer.
const LEAST_WORDS: usize = 4;
/// An item has fewer nodes than this.
const MOST_NODES: usize = 1_000;
/// How far from its link the rest of an item may be.
const MAX_CLIMB: usize = 7;

/// Whether a CSS selector can be read.
pub fn is_selector(selector: &str) -> bool {
    Matcher::new(selector).is_ok()
}

/// Whether a regular expression can be read.
pub fn is_pattern(pattern: &str) -> bool {
    Regex::new(pattern).is_ok()
}

/// A listing as understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Its entries, in the form of a feed.
    pub parsed: Parsed,
    /// The next page of it.
    pub next: Option<Url>,
}

/// Reads a page of headlines.
pub fn read(page: &[u8], context: &Context<'_>, listing: &Listing, now: Time) -> Result<Page, ParseError> {
    if page.iter().all(u8::is_ascii_whitespace) {
        return Err(ParseError::Empty);
    }
    let decoded = context.decode(page);
    if standin::is_challenge(&decoded.text) {
        return Err(ParseError::Challenge);
    }
    let is_own_link = listing.link.is_some();
    let listing = &cms::with_preset(listing);
    let mut feed = FeedInfo::default();
    let (entries, next) = if super::sitemap::is_sitemap(&decoded.text) {
        (super::sitemap::read(&decoded.text, context), None)
    } else if html::is_reasonable(&decoded.text) {
        let document = Document::from(decoded.text.as_ref());
        let base = context.base_of(&document);
        (feed.hubs, feed.self_link) = discover::hubs(&document, base.as_ref());
        let pattern = listing.pattern.as_deref().and_then(|p| Regex::new(p).ok());
        let reader = Reader { document: &document, context, base, listing, pattern, now, is_own_link };
        let mut entries = reader.entries();
        if entries.is_empty() {
            entries = reader.json_ld();
        }
        let next = listing
            .next
            .as_deref()
            .and_then(|s| reader.address(&document.try_select(s)?.nodes().first()?.attr("href")?));
        (entries, next)
    } else {
        return Err(ParseError::TooDeep);
    };
    keeps_its_contract(&entries, listing).map_err(|drift| match standin::of(&decoded.text) {
        ParseError::Page => drift,
        exactly => exactly,
    })?;
    Ok(Page {
        parsed: Parsed {
            format: Format::Listing,
            encoding: decoded.encoding,
            encoding_source: decoded.source,
            repaired: Repairs::default().list(),
            feed,
            entries,
        },
        next,
    })
}

fn keeps_its_contract(entries: &[Entry], listing: &Listing) -> Result<(), ParseError> {
    let least = listing.least.max(1);
    if entries.len() < least {
        return Err(ParseError::Drift(format!("{} articles where at least {least} were expected", entries.len())));
    }
    let dated = entries.iter().filter(|e| e.published.is_some()).count() * 100 / entries.len();
    if dated < listing.dated {
        return Err(ParseError::Drift(format!(
            "{dated} % of its articles have a date where at least {} % were expected",
            listing.dated
        )));
    }
    Ok(())
}

struct Reader<'a> {
    document: &'a Document,
    context: &'a Context<'a>,
    base: Option<Url>,
    listing: &'a Listing,
    pattern: Option<Regex>,
    now: Time,
    /// Whether the admin himself said which links are articles.
    is_own_link: bool,
}

/// All links of one article.
struct Group<'a> {
    url: Url,
    links: Vec<NodeRef<'a>>,
}

impl<'a> Reader<'a> {
    fn address(&self, written: &str) -> Option<Url> {
        let mut url = link::absolute(self.base.as_ref(), written)?;
        url.set_fragment(None);
        Some(url)
    }

    /// Whether an address is an article's: of this site, and of the right shape.
    fn is_article(&self, url: &Url) -> bool {
        if !self.is_of_this_site(url) {
            return false;
        }
        // On some portals the article is in the query; elsewhere what stands there is tracking.
        let whole = url.query().map(|q| format!("{}?{q}", url.path()));
        let pattern = self.pattern.as_ref().or(ANY_ARTICLE.as_ref());
        pattern.is_some_and(|p| p.is_match(url.path()) || whole.is_some_and(|w| p.is_match(&w)))
    }

    fn is_of_this_site(&self, url: &Url) -> bool {
        self.context.base.is_none_or(|home| link::is_same_site(home, url))
    }

    fn entries(&self) -> Vec<Entry> {
        let selector = self.listing.link.as_deref().unwrap_or("a[href]");
        let mut groups = self.groups(selector, self.listing.link.is_none());
        // A family's selector that finds nothing is of an older skin; what an admin pointed at is gone, and he must be told.
        if groups.is_empty() && !self.is_own_link {
            groups = self.groups("a[href]", true);
        }
        let all: Vec<String> = groups.iter().map(|g| link::identity(&g.url)).collect();
        let entries = groups.iter().zip(&all).filter_map(|(group, identity)| self.entry(group, identity));
        entries.take(MAX_ENTRIES).collect()
    }

    fn groups(&self, selector: &str, without_furniture: bool) -> Vec<Group<'a>> {
        let mut groups: Vec<Group<'a>> = Vec::new();
        let Some(found) = self.document.try_select(selector) else { return groups };
        let mut places = std::collections::HashMap::new();
        for node in found.nodes() {
            let Some(url) = node.attr("href").and_then(|href| self.address(&href)).filter(|u| self.is_article(u))
            else {
                continue;
            };
            if without_furniture && is_furniture(node) {
                continue;
            }
            let place = *places.entry(link::identity(&url)).or_insert_with(|| {
                groups.push(Group { url, links: Vec::new() });
                groups.len() - 1
            });
            if let Some(group) = groups.get_mut(place).filter(|g| g.links.len() < 16) {
                group.links.push(*node);
            }
            if groups.len() >= MAX_ENTRIES {
                break;
            }
        }
        groups
    }

    fn entry(&self, group: &Group<'a>, identity: &str) -> Option<Entry> {
        let best = group.links.iter().max_by_key(|l| link_words(l))?;
        let item = self.item_around(best, identity);
        let title = self.title(group, &item)?;
        let (published_raw, published) = self.date(&item).unzip();
        let image = item.select("img").nodes().iter().find_map(|i| picture(i)).and_then(|src| self.address(&src));
        Some(Entry {
            id: group.url.to_string(),
            id_source: IdSource::Link,
            link: Some(group.url.clone()),
            summary: self.teaser(&item, &title),
            title: Some(title),
            published,
            published_raw,
            image,
            ..Entry::default()
        })
    }

    /// The largest piece of the page around a link that links to no other article.
    fn item_around(&self, link: &NodeRef<'a>, identity: &str) -> Selection<'a> {
        if let Some(selector) = &self.listing.item {
            let item = link.ancestors_it(Some(MAX_CLIMB)).find(|a| Selection::from(*a).is(selector));
            return Selection::from(item.unwrap_or(*link));
        }
        let mut item = *link;
        for around in link.ancestors_it(Some(MAX_CLIMB)) {
            if matches!(around.node_name().as_deref(), Some("body" | "html" | "main"))
                || self.links_elsewhere(&around, identity)
            {
                break;
            }
            item = around;
        }
        Selection::from(item)
    }

    fn links_elsewhere(&self, block: &NodeRef<'a>, identity: &str) -> bool {
        // Lazily: the first link of a long list is nearly always of another article.
        let mut seen = 0;
        block.descendants_it().any(|a| {
            seen += 1;
            if seen > MOST_NODES {
                return true;
            }
            if a.node_name().as_deref() != Some("a") {
                return false;
            }
            let url = a.attr("href").and_then(|href| self.address(&href));
            url.is_some_and(|u| self.is_article(&u) && link::identity(&u) != identity)
        })
    }

    /// The headline: what the selector says, else the longest text of a link to the article, else what its picture says.
    fn title(&self, group: &Group<'_>, item: &Selection<'_>) -> Option<String> {
        let selected = self
            .listing
            .title
            .as_deref()
            .and_then(|s| item.try_select(s)?.nodes().first().map(|n| n.text().to_string()));
        let shown = group.links.iter().map(|l| heading_of(l));
        let said = group.links.iter().filter_map(|l| l.attr("title").map(|t| t.to_string()));
        let pictured = group.links.iter().flat_map(|l| {
            Selection::from(*l)
                .select("img")
                .nodes()
                .iter()
                .filter_map(|i| i.attr("alt").map(|t| t.to_string()))
                .collect::<Vec<_>>()
        });
        let candidates = selected.into_iter().chain(shown).chain(said).chain(pictured);
        candidates.filter_map(|t| draft::one_line(&t)).find(|t| t.split_whitespace().count() >= LEAST_WORDS)
    }

    /// The date as written and as understood.
    fn date(&self, item: &Selection<'_>) -> Option<(String, Time)> {
        let style = self.context.style();
        let read = |shown: &str| {
            let shown = text::line(shown, 100);
            let time = date::on_listing(&shown, style, self.now)?;
            Some((shown, time))
        };
        let places =
            self.listing.date.as_deref().into_iter().chain(["time, [class*=time i], [class*=date i], [class*=ngay i]"]);
        for place in places {
            let Some(found) = item.try_select(place) else { continue };
            for node in found.nodes().iter().take(8) {
                let machine =
                    ["datetime", "data-time", "title"].iter().filter_map(|a| node.attr(a)).find_map(|d| read(&d));
                if let Some(date) = machine.or_else(|| read(&node.text())) {
                    return Some(date);
                }
            }
        }
        // An element of its own that is a date and nothing else.
        let elements = item.select("span, i, em, small, p, div, li, b, td, label");
        elements.nodes().iter().map(|n| n.text()).filter(|t| t.len() < 60).find_map(|t| read(&t))
    }

    fn teaser(&self, item: &Selection<'_>, title: &str) -> Option<String> {
        let places = self
            .listing
            .teaser
            .as_deref()
            .into_iter()
            .chain(["[class*=sapo i], [class*=summary i], [class*=desc i], p"]);
        let key = text::key(title);
        places.filter_map(|p| item.try_select(p)).find_map(|found| {
            let lines =
                found.nodes().iter().take(8).map(|n| text::line(&n.text(), MAX_SUMMARY_CHARS)).collect::<Vec<_>>();
            lines.into_iter().find(|l| l.split_whitespace().count() >= 8 && text::key(l) != key)
        })
    }

    /// `ItemList` in JSON-LD: addresses and names, without dates.
    fn json_ld(&self) -> Vec<Entry> {
        let Some(scripts) = self.document.try_select("script[type=\"application/ld+json\" i]") else {
            return Vec::new();
        };
        let mut entries: Vec<Entry> = Vec::new();
        for script in scripts.nodes().iter().take(16) {
            let Ok(value) = serde_json::from_str::<Value>(script.text().trim()) else { continue };
            let lists = [Some(&value), value.get("mainEntity")].into_iter().flatten();
            let elements = lists.filter_map(|v| v.get("itemListElement")?.as_array()).flatten();
            for element in elements.take(MAX_ENTRIES) {
                let item = element.get("item").filter(|i| i.is_object()).unwrap_or(element);
                let word = |name: &str| item.get(name).and_then(Value::as_str);
                let url = word("url").or_else(|| word("@id")).or_else(|| element.get("item")?.as_str());
                let Some(url) = url.and_then(|u| self.address(u)).filter(|u| self.is_article(u)) else { continue };
                let title = word("name").or_else(|| word("headline")).and_then(draft::one_line);
                if title.as_deref().is_none_or(|t| t.split(' ').count() < LEAST_WORDS) {
                    continue;
                }
                let raw = word("datePublished");
                entries.push(Entry {
                    id: url.to_string(),
                    id_source: IdSource::Link,
                    link: Some(url),
                    title,
                    published: raw.and_then(|d| date::parse(d, self.context.style())),
                    published_raw: raw.map(str::to_owned),
                    ..Entry::default()
                });
            }
        }
        entries
    }
}

/// Classes that menus wear.
const MENUS: [&str; 8] = ["menu", "main-menu", "mega-menu", "nav", "navbar", "breadcrumb", "breadcrumbs", "footer"];

/// Menus, headers and footers link to articles too, but of everywhere.
fn is_furniture(link: &NodeRef<'_>) -> bool {
    link.ancestors_it(None).any(|a| {
        let class = a.attr("class").map(|c| c.to_ascii_lowercase()).unwrap_or_default();
        matches!(a.node_name().as_deref(), Some("nav" | "footer" | "header" | "aside"))
            || class.split_ascii_whitespace().any(|c| MENUS.contains(&c))
    })
}

fn link_words(link: &NodeRef<'_>) -> usize {
    heading_of(link).split_whitespace().count()
}

/// The heading inside a link that holds more than the headline, else all its text.
fn heading_of(link: &NodeRef<'_>) -> String {
    let heading = Selection::from(*link).select("h1, h2, h3, h4, [class*=title i]");
    match heading.nodes().first() {
        Some(heading) => heading.text().to_string(),
        None => link.text().to_string(),
    }
}

fn picture(image: &NodeRef<'_>) -> Option<String> {
    ["data-src", "data-original", "src"]
        .iter()
        .filter_map(|a| image.attr(a))
        .map(|s| s.to_string())
        .find(|s| !s.starts_with("data:"))
}
