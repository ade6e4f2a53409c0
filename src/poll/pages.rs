//! Where a page of headlines is, and the pages behind it that are read the first time.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use url::Url;

use super::Tools;
use crate::clock;
use crate::fetch::{Answer, Document, Fetched};
use crate::link;
use crate::model::{Source, Validators};
use crate::parse::date::Style;
use crate::parse::{self, Context};
use crate::schedule::{Time, vietnam};
use crate::store::sources::State;

/// The address of a source today. News sitemaps have the month or the day in theirs: `/sitemaps/news-{yyyy}-{M}.xml`.
pub fn address(source: &Source, now: Time) -> Url {
    let written = source.url().as_str();
    if source.listing.is_none() || !written.contains("%7B") {
        return source.url().clone();
    }
    let today = now.with_timezone(&vietnam());
    let mut dated = written.to_owned();
    for (placeholder, format) in [("yyyy", "%Y"), ("MM", "%m"), ("M", "%-m"), ("dd", "%d"), ("d", "%-d")] {
        dated = dated.replace(&format!("%7B{placeholder}%7D"), &today.format(format).to_string());
    }
    Url::parse(&dated).unwrap_or_else(|_| source.url().clone())
}

/// Asks for a source's document, feed or page.
pub async fn fetch(tools: &Tools, source: &Source, state: &State) -> Fetched {
    let now = clock::now();
    let address = address(source, now);
    let trust = source.trust.as_deref();
    match source.listing {
        Some(_) => tools.client.get_page(&address, &state.validators, trust, now).await,
        None => tools.client.get(&address, &state.validators, trust, now).await,
    }
}

/// The pages behind the first, as many as the source wants when it is read for the first time.
pub async fn further(
    tools: &Tools,
    source: &Arc<Source>,
    state: &State,
    first: &Document,
) -> Result<Vec<Box<Document>>> {
    let wanted = source.listing.as_ref().filter(|_| !state.harvested).map_or(1, |l| l.pages);
    let mut pages: Vec<Box<Document>> = Vec::new();
    let mut next = if wanted > 1 { next_of(source, first.clone()).await? } else { None };
    let is_ours = |url: &Url| link::is_same_site(url, &first.url);
    while let Some(url) = next.take().filter(|url| pages.len() + 1 < wanted && is_ours(url)) {
        // What cannot be had ends the list; the first page is enough to begin with.
        let trust = source.trust.as_deref();
        let Ok(Answer::Fresh(page)) =
            tools.client.get_page(&url, &Validators::default(), trust, clock::now()).await.answer
        else {
            break;
        };
        if page.url == first.url || pages.iter().any(|p| p.url == page.url) {
            break;
        }
        next = next_of(source, (*page).clone()).await?;
        pages.push(page);
    }
    Ok(pages)
}

async fn next_of(source: &Arc<Source>, page: Document) -> Result<Option<Url>> {
    let source = Arc::clone(source);
    let next = tokio::task::spawn_blocking(move || {
        let listing = source.listing.as_ref()?;
        parse::listing::read(&page.body().ok()?, &context(&source, &page), listing, clock::now()).ok()?.next
    });
    next.await.context("reading a page of headlines panicked")
}

/// What a reader of a source's document must know.
pub fn context<'a>(source: &Source, document: &'a Document) -> Context<'a> {
    Context {
        base: Some(&document.url),
        content_type: document.content_type.as_deref(),
        dates: Some(Style { zone: source.zone, ..Style::vietnamese(source.dates) }),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::*;
    use crate::config::{self, File, FileKind};

    fn source(url: &str, more: &str) -> Arc<Source> {
        let file = |name: &str, kind, text: &str| File { name: name.into(), kind, text: text.into() };
        let settings = "[public]\nbase_url = \"https://tin.hamau.vn\"\n[fetch]\ncontact = \"mailto:tin@hamau.vn\"\n";
        let topic = "id = \"bac\"\nname = \"Học Bác\"\n[[rule]]\nname = \"r\"\nweight = 10\nphrases = [\"học Bác\"]\n";
        let sources =
            format!("[[source]]\nid = \"a\"\nname = \"Báo A\"\nlevel = \"central\"\nurl = \"{url}\"\n{more}\n");
        let files = [
            file("dongtin.toml", FileKind::Settings, settings),
            file("topics/bac.toml", FileKind::Topic, topic),
            file("sources/a.toml", FileKind::Sources, &sources),
        ];
        Arc::clone(
            &config::read(&files, Utc.with_ymd_and_hms(2026, 11, 23, 1, 0, 0).unwrap())
                .unwrap_or_else(|m| panic!("{m:?}"))
                .sources["a"],
        )
    }

    #[test]
    fn the_address_of_a_dated_sitemap_is_todays() {
        let now = Utc.with_ymd_and_hms(2026, 11, 30, 18, 0, 0).unwrap();
        let of = |source: &Source| address(source, now).to_string();
        let dated = "https://bao.vn/sitemaps/news-{yyyy}-{M}-{dd}.xml";
        assert_eq!(
            of(&source(dated, "cms = \"zce\"")),
            "https://bao.vn/sitemaps/news-2026-12-01.xml",
            "in Việt Nam it is December"
        );
        assert!(of(&source(dated, "")).contains("%7B"), "a feed's address is taken as it stands");
        assert_eq!(of(&source("https://bao.vn/", "cms = \"zce\"")), "https://bao.vn/");
    }
}
