//! What search engines are told: which pages there are and when each changed (sitemaps.org, protocol 0.9), and robots.txt.

use askama::Template;

use super::{Site, rfc3339};
use crate::schedule::Time;

/// A file names at most so many pages (sitemaps.org).
const MOST_PAGES: usize = 50_000;
/// Where search engines begin.
pub const PATH: &str = "sitemap.xml";

#[derive(Template)]
#[template(path = "sitemap.xml")]
struct Sitemap {
    /// The element of the whole, and of one.
    names: (&'static str, &'static str),
    places: Vec<(String, Option<String>)>,
}

impl Sitemap {
    fn of(names: (&'static str, &'static str), site: &Site, places: &[(String, Option<Time>)]) -> String {
        let places = places.iter().map(|(path, changed)| (site.url(path), changed.map(rfc3339))).collect();
        Sitemap { names, places }.render().unwrap_or_default()
    }
}

/// The documents by path: one, or an index and its parts where one would be too long. `pages` are paths below the root, each with its
/// last change.
pub fn render(site: &Site, pages: &[(String, Option<Time>)]) -> Vec<(String, String)> {
    let of_pages = |pages: &[(String, Option<Time>)]| Sitemap::of(("urlset", "url"), site, pages);
    if pages.len() <= MOST_PAGES {
        return vec![(PATH.to_owned(), of_pages(pages))];
    }
    let mut parts = Vec::new();
    let mut named = Vec::new();
    for (number, part) in (1..).zip(pages.chunks(MOST_PAGES)) {
        let path = format!("sitemap-{number}.xml");
        named.push((path.clone(), part.iter().filter_map(|(_, changed)| *changed).max()));
        parts.push((path, of_pages(part)));
    }
    parts.insert(0, (PATH.to_owned(), Sitemap::of(("sitemapindex", "sitemap"), site, &named)));
    parts
}

/// `robots.txt`. Searches are made for whoever asks, and are no pages to keep.
pub fn robots(site: &Site) -> String {
    format!("User-agent: *\nAllow: /\nDisallow: {}search\n\nSitemap: {}\n", site.base_url.path(), site.url(PATH))
}
