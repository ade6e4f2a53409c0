//! `dongtin discover`: the feeds that a page offers. Of an address, the page about its feeds is read too, and where nothing is
//! offered, the places where its CMS family keeps feeds are tried.

use anyhow::Result;
use serde_json::{Value, json};
use url::Url;

use super::{Found, find, line, refuse};
use crate::cli::{Discover, Exit, Format};
use crate::parse::discover::{self, Offer, Offers};
use crate::parse::{self, Context};

/// Places tried at most.
const MOST_TRIES: usize = 3;

pub fn run(args: &Discover) -> Result<Exit> {
    let found = find(args.input.as_deref().unwrap_or("-"), &args.config)?;
    let url = match &args.url {
        Some(text) => Some(Url::parse(text).map_err(|e| refuse(Exit::Usage, format!("--url {text}: {e}")))?),
        None => found.url.clone(),
    };
    let mut feeds = match as_feed(&found, url.as_ref()) {
        Some(feed) => vec![feed],
        None => offers(&found, url.as_ref()).feeds,
    };
    if found.url.is_some() && feeds.is_empty() {
        feeds = elsewhere(&offers(&found, url.as_ref()), args);
    }
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

fn offers(found: &Found, url: Option<&Url>) -> Offers {
    let context = Context { base: url, content_type: found.content_type.as_deref(), dates: None };
    discover::read(&found.bytes, &context)
}

/// The document itself, where it is a feed.
fn as_feed(found: &Found, url: Option<&Url>) -> Option<Offer> {
    let context = Context { base: url, content_type: found.content_type.as_deref(), dates: None };
    let feed = parse::feed(&found.bytes, &context).ok()?;
    let media_type = found.content_type.as_deref().and_then(|t| t.split(';').next()).map(|t| t.trim().to_owned());
    Some(Offer { url: url.cloned().or(feed.feed.self_link)?, media_type, title: feed.feed.title })
}

/// The feeds of the site's page about feeds, or of where its family keeps them: only what is one.
fn elsewhere(offers: &Offers, args: &Discover) -> Vec<Offer> {
    let mut feeds = Vec::new();
    for place in offers.directory.iter().chain(&offers.guesses).take(MOST_TRIES) {
        // What does not answer is not a feed.
        let Ok(found) = find(place.as_str(), &args.config) else { continue };
        match as_feed(&found, found.url.as_ref()) {
            Some(feed) => feeds.push(feed),
            None => feeds.extend(self::offers(&found, found.url.as_ref()).feeds),
        }
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
