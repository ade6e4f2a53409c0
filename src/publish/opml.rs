//! The list of sources as OPML 2.0, for readers who want to subscribe to them directly.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;

use super::Site;
use crate::model::{Publisher, Source, province};

#[derive(Template)]
#[template(path = "sources.opml", escape = "xml")]
struct Opml<'a> {
    title: &'a str,
    groups: Vec<(&'a str, Vec<&'a Publisher>)>,
}

/// The enabled sources, the centre first, then by province in their usual order.
pub fn render<'s>(site: &Site, sources: impl Iterator<Item = &'s Arc<Source>>) -> String {
    let mut by_place: BTreeMap<Option<usize>, Vec<&Publisher>> = BTreeMap::new();
    for source in sources.filter(|s| s.enabled) {
        let who = &*source.publisher;
        let place = who.province.and_then(|p| province::ALL.iter().position(|other| other == p));
        by_place.entry(place).or_default().push(who);
    }
    let groups = by_place
        .into_iter()
        .map(|(place, who)| (place.and_then(|index| province::ALL.get(index)).map_or("Trung ương", |p| p.name), who))
        .collect();
    Opml { title: &site.title, groups }.render().unwrap_or_default()
}
