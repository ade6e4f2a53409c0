//! What search engines are told: which pages there are and when each changed (sitemaps.org, protocol 0.9), and robots.txt.

use askama::Template;
use chrono::SubsecRound;

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
        let places = places
            .iter()
            .map(|(path, changed)| (site.url(path), changed.map(|time| rfc3339(time.trunc_subsecs(0)))))
            .collect();
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

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    fn site() -> Site {
        Site {
            base_url: Url::parse("https://tin.example.vn/tin/").unwrap(),
            title: String::new(),
            title_en: String::new(),
            tag: String::new(),
            hub: None,
            has_search: true,
        }
    }

    #[test]
    fn a_sitemap_names_pages_with_their_changes_and_robots_txt_names_the_sitemap() {
        let time = "2026-11-23T01:30:00Z".parse().unwrap();
        let pages = [(String::new(), Some(time)), ("search?q=a&b".to_owned(), None)];
        let made = render(&site(), &pages);
        assert_eq!(made.len(), 1);
        assert_eq!(
            made[0].1,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n\
             <url><loc>https://tin.example.vn/tin/</loc><lastmod>2026-11-23T01:30:00Z</lastmod></url>\n\
             <url><loc>https://tin.example.vn/tin/search?q=a&#38;b</loc></url>\n</urlset>"
        );
        assert_eq!(
            robots(&site()),
            "User-agent: *\nAllow: /\nDisallow: /tin/search\n\nSitemap: https://tin.example.vn/tin/sitemap.xml\n"
        );
    }

    #[test]
    fn what_is_too_long_for_one_is_an_index_with_parts() {
        let time = |n: usize| Some(Time::UNIX_EPOCH + chrono::TimeDelta::seconds(i64::try_from(n).unwrap()));
        let pages: Vec<_> = (0..MOST_PAGES + 1).map(|n| (format!("story/{n}"), time(n))).collect();
        let made = render(&site(), &pages);
        let paths: Vec<&str> = made.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["sitemap.xml", "sitemap-1.xml", "sitemap-2.xml"]);
        assert!(
            made[0]
                .1
                .contains("<sitemap><loc>https://tin.example.vn/tin/sitemap-2.xml</loc><lastmod>1970-01-01T13:53:20Z")
        );
        assert_eq!((made[1].1.matches("<loc>").count(), made[2].1.matches("<loc>").count()), (MOST_PAGES, 1));
    }
}
