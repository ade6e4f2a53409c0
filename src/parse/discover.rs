//! A page → the feeds it offers: by link tags, by links that look like feeds, and where neither says anything, where its CMS family
//! keeps them.

use dom_query::Document;
use url::Url;

use super::{Context, cms, draft};
use crate::{html, link};

/// A feed that a page offers, not yet asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Its address.
    pub url: Url,
    /// Its media type, as declared or as its name says; nothing where it is only where the family keeps its feeds.
    pub media_type: Option<String>,
    /// Its title, as declared.
    pub title: Option<String>,
}

/// What a page offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offers {
    /// Its feeds, each once, in the page's order.
    pub feeds: Vec<Offer>,
    /// Its own page about its feeds: `/rss`, `/rss.html`.
    pub directory: Option<Url>,
    /// Where its family keeps feeds and directories; to be tried.
    pub guesses: Vec<Url>,
}

/// More than any directory lists (vietnamplus.vn has 58).
const MOST: usize = 500;

/// Finds the feeds that a page offers.
pub fn read(page: &[u8], context: &Context<'_>) -> Offers {
    let decoded = context.decode(page);
    if !html::is_reasonable(&decoded.text) {
        return Offers::default();
    }
    let document = Document::from(decoded.text.as_ref());
    let base = context.base_of(&document);
    let mut offers = Offers::default();
    linked(&document, base.as_ref(), &mut offers);
    anchored(&document, base.as_ref(), &mut offers);
    if let (Some(family), Some(base)) = (cms::recognise(&decoded.text), context.base) {
        offers.guesses = family.feeds.iter().filter_map(|path| base.join(path).ok()).collect();
    }
    offers
}

impl Offers {
    fn add(&mut self, url: Url, media_type: Option<String>, title: Option<String>) {
        if self.feeds.len() < MOST && !self.feeds.iter().any(|f| f.url == url) {
            self.feeds.push(Offer { url, media_type, title });
        }
    }
}

/// `<link rel="alternate" type="application/rss+xml">` (RSS Advisory Board, "RSS Autodiscovery").
fn linked(page: &Document, base: Option<&Url>, offers: &mut Offers) {
    for node in page.select("link[href]").nodes() {
        let attribute = |name: &str| node.attr(name).map(|v| v.trim().to_ascii_lowercase()).unwrap_or_default();
        let rel = attribute("rel");
        let is_alternate = rel.split_ascii_whitespace().any(|r| matches!(r, "alternate" | "feed"));
        let Some(href) = node.attr("href").filter(|h| is_alternate && !h.trim().is_empty()) else { continue };
        let Some(url) = link::absolute(base, &href) else { continue };
        let written = attribute("type");
        let media_type = written.split(';').next().unwrap_or_default().trim().to_owned();
        let is_feed = match media_type.as_str() {
            "application/rss+xml"
            | "application/atom+xml"
            | "application/rdf+xml"
            | "application/feed+json"
            | "application/x.atom+xml"
            | "application/x-rss+xml"
            | "text/rss+xml" => true,
            // WordPress offers its own interface under this type.
            "application/json" => !url.path().contains("/wp-json"),
            "application/xml" | "text/xml" => names_a_feed(&url).is_some(),
            "" => rel.contains("feed") || names_a_feed(&url).is_some(),
            _ => false,
        };
        if is_feed {
            let title = node.attr("title").and_then(|t| draft::one_line(&t));
            offers.add(url, Some(media_type).filter(|t| !t.is_empty()), title);
        }
    }
}

/// Links in the page that are named as feeds are, and the link to the directory.
fn anchored(page: &Document, base: Option<&Url>, offers: &mut Offers) {
    for node in page.select("a[href]").nodes() {
        let Some(url) = node.attr("href").and_then(|href| link::absolute(base, &href)) else { continue };
        let label = draft::one_line(&node.text());
        if let Some(media_type) = names_a_feed(&url) {
            offers.add(url, Some(media_type.to_owned()), label);
        } else if is_directory(&url) {
            offers.directory.get_or_insert(url);
        } else if label
            .as_deref()
            .is_some_and(|l| matches!(l.to_ascii_lowercase().as_str(), "rss" | "rss feed" | "atom" | "feed"))
        {
            offers.add(url, None, label);
        }
    }
}

/// The media type of an address that is named as feeds are: `x.rss`, `feed.xml`, `/rss/thoi-su`.
fn names_a_feed(url: &Url) -> Option<&'static str> {
    let path = url.path().to_ascii_lowercase();
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let has_ending = |endings: &[&str]| endings.iter().any(|e| name.ends_with(e));
    if has_ending(&[".atom", "atom.xml"]) {
        Some("application/atom+xml")
    } else if has_ending(&[".rss", ".rdf", "rss.xml", "feed.xml", "rss2.xml"])
        || path.contains("/rss/") && has_ending(&[".xml"])
    {
        Some("application/rss+xml")
    } else if name == "feed.json" {
        Some("application/feed+json")
    } else if (path.contains("/rss/") || path.contains("/rss_feed")) && !has_ending(&[".html", ".htm", ".aspx", ".php"])
    {
        // Family B and C: no ending at all.
        Some("application/rss+xml")
    } else {
        None
    }
}

/// The WebSub hubs and the own address that a page names in its head (WebSub section 4); elsewhere anybody may have written them.
pub fn hubs(page: &Document, base: Option<&Url>) -> (Vec<Url>, Option<Url>) {
    const MOST_HUBS: usize = 8;
    let by_rel = |rel: &str| {
        let nodes = page.select("head link[rel][href]").nodes().to_vec();
        let is_meant = |node: &dom_query::NodeRef<'_>| {
            node.attr("rel").is_some_and(|r| r.split_ascii_whitespace().any(|r| r.eq_ignore_ascii_case(rel)))
        };
        let found = nodes.into_iter().filter(is_meant).filter_map(|node| link::absolute(base, &node.attr("href")?));
        found.take(MOST_HUBS).collect::<Vec<Url>>()
    };
    (by_rel("hub"), by_rel("self").into_iter().next())
}

/// The page about a site's feeds.
fn is_directory(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    matches!(
        path.trim_end_matches('/'),
        "/rss" | "/rss.html" | "/rss.htm" | "/rss.aspx" | "/rss-feed" | "/kenh-rss" | "/trang-rss"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offers(page: &str) -> Offers {
        let base = Url::parse("https://bao.example/").unwrap();
        read(page.as_bytes(), &Context { base: Some(&base), ..Context::default() })
    }

    fn paths(page: &str) -> Vec<String> {
        offers(page).feeds.iter().map(|f| f.url.path().to_owned()).collect()
    }

    #[test]
    fn a_page_offers_feeds_by_link_tags_and_by_links() {
        let cases: [(&str, &[&str]); 8] = [
            ("<link rel=alternate type=application/rss+xml href=/rss/home.rss title='Trang chủ'>", &["/rss/home.rss"]),
            ("<link REL='foo Alternate ' TYPE='Application/Atom+XML; charset=utf-8' HREF=/a>", &["/a"]),
            ("<link rel=alternate type=application/json href=/wp-json/wp/v2/posts/1>", &[]),
            ("<link rel=alternate type=application/rss+xml>", &[]),
            ("<link rel=stylesheet type=application/rss+xml href=/x>", &[]),
            (
                "<base href=https://cdn.example/t/><link rel=alternate type=application/rss+xml href=r.xml>",
                &["/t/r.xml"],
            ),
            (
                "<a href=/rss/kinh-te>Kinh tế</a><a href=/rss/kinh-te>Kinh tế</a><a href=/rss/xa-hoi.rss>Xã hội</a>",
                &["/rss/kinh-te", "/rss/xa-hoi.rss"],
            ),
            ("<a href=/rss/huong-dan.html>Hướng dẫn</a><a href=/tin-1.html>Về RSS</a>", &[]),
        ];
        for (page, expected) in cases {
            assert_eq!(paths(page), expected, "{page}");
        }
        assert_eq!(
            offers("<link rel=alternate type=application/rss+xml href=/r title=' Trang  chủ '>").feeds[0]
                .title
                .as_deref(),
            Some("Trang chủ")
        );
    }

    #[test]
    fn the_directory_and_the_familys_places_are_named() {
        let page = "<a href='/rss.html'>RSS</a><div class='b-grid__title'></div>";
        let found = offers(page);
        assert_eq!((found.feeds.len(), found.directory.unwrap().path()), (0, "/rss.html"));
        assert_eq!(found.guesses.iter().map(Url::path).collect::<Vec<_>>(), ["/rss"]);
    }

    #[test]
    fn rocks_101_a_page_names_its_hub_in_its_head_and_nobody_else_does() {
        let base = Url::parse("https://bao.example/muc/").unwrap();
        let hub = "<link REL='preload HUB' href=https://hub.example/><link rel=self href=./>";
        let named = |page: &str| hubs(&Document::from(page), Some(&base));
        let (found, own) = named(&format!("<html><head>{hub}<link rel=hub href=javascript:x></head><body>tin</body>"));
        assert_eq!(found.iter().map(Url::as_str).collect::<Vec<_>>(), ["https://hub.example/"]);
        assert_eq!(own.unwrap(), base);
        assert_eq!(named(&format!("<html><head></head><body><p>bình luận {hub}</body>")), (vec![], None));
    }
}
