//! `dongtin discover`: the feeds that a page offers. Of an address, the page about its feeds is read too, and where nothing is
//! offered, the places where its CMS family keeps feeds are tried.

use anyhow::Result;
use serde_json::{Value, json};
use url::Url;

use super::{Found, find, line};
use crate::cli::{Discover, Exit, Format};
use crate::parse;
use crate::parse::discover::{self, Offer, Offers};

/// Places tried at most.
const MOST_TRIES: usize = 3;

pub fn run(args: &Discover) -> Result<Exit> {
    let found = find(args.input.as_deref().unwrap_or("-"), &args.config)?;
    let base = found.base("--url", args.url.as_deref())?;
    let offers = offers(&found, base.as_ref());
    let feeds = match found.url.is_some() && offers.feeds.is_empty() {
        true => elsewhere(&offers, args),
        false => offers.feeds,
    };
    match args.format {
        Format::Text if feeds.is_empty() => line("✗ Trang này không giới thiệu feed nào · this page offers no feed")?,
        Format::Text => {
            for feed in &feeds {
                line(format_args!("{}  {}", feed.url, feed.title.as_deref().unwrap_or_default()))?;
            }
        }
        Format::Json | Format::Jsonl => line(to_json(&feeds))?,
    }
    Ok(if feeds.is_empty() { Exit::No } else { Exit::Ok })
}

/// What a page offers; a feed offers itself.
fn offers(found: &Found, base: Option<&Url>) -> Offers {
    match as_feed(found, base) {
        Some(feed) => Offers { feeds: vec![feed], ..Offers::default() },
        None => discover::read(&found.bytes, &found.context(base)),
    }
}

fn as_feed(found: &Found, url: Option<&Url>) -> Option<Offer> {
    let feed = parse::feed(&found.bytes, &found.context(url)).ok()?;
    let media_type = found.content_type.as_deref().and_then(|t| t.split(';').next()).map(|t| t.trim().to_owned());
    Some(Offer { url: url.cloned().or(feed.feed.self_link)?, media_type, title: feed.feed.title })
}

/// The feeds of the site's page about feeds, or of where its family keeps them: only what is one.
fn elsewhere(offers: &Offers, args: &Discover) -> Vec<Offer> {
    let mut feeds = Vec::new();
    for place in offers.directory.iter().chain(&offers.guesses).take(MOST_TRIES) {
        // What does not answer is not a feed.
        let Ok(found) = find(place.as_str(), &args.config) else { continue };
        feeds = self::offers(&found, found.url.as_ref()).feeds;
        if !feeds.is_empty() {
            break;
        }
    }
    feeds
}

fn to_json(feeds: &[Offer]) -> Value {
    let feeds: Vec<Value> =
        feeds.iter().map(|f| json!({ "url": f.url.as_str(), "type": f.media_type, "title": f.title })).collect();
    json!({ "schema": "discover/1", "ok": true, "error": null, "feeds": feeds })
}
