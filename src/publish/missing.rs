//! What a reader finds where nothing is. In both languages at once, with full addresses: nobody knows how deep it will be
//! shown.

use askama::Template;

use super::{Site, html};

#[derive(Template)]
#[template(path = "missing.html")]
struct Missing<'a> {
    site: &'a Site,
    style: String,
}

/// The page.
pub fn render(site: &Site) -> String {
    Missing { site, style: html::style_path() }.render().unwrap_or_default()
}
