//! Where a page of headlines is, and the pages behind it that are read the first time.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use url::Url;

use super::Tools;
use crate::fetch::error::Class;
use crate::fetch::{Answer, Ask, Document, Fetched, Kind};
use crate::link;
use crate::model::{Relocation, Source, Validators};
use crate::parse::date::Style;
use crate::parse::{self, Context};
use crate::schedule::{Setback, Time, delta, vietnam};
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

/// What came of asking a source.
pub struct Asked {
    /// The answer.
    pub fetched: Fetched,
    /// Whether the whole was asked for.
    pub whole: bool,
    /// What was known of its address when the answer came.
    pub relocation: Relocation,
    /// Whether the address is another every day or month.
    pub is_dated: bool,
}

impl Asked {
    /// Until when nobody is asked, where nobody was.
    pub fn postponed(&self, now: Time) -> Option<Time> {
        match &self.fetched.answer {
            Err(error) if error.class == Class::Paused => Some(now + delta(error.retry_after.unwrap_or_default())),
            _ => None,
        }
    }
}

/// P-17: how long "not modified" is believed of a feed that used to change. NetNewsWire drops validators after 8 days.
const BELIEVED: TimeDelta = TimeDelta::days(8);

/// Asks for a source's document, feed or page.
pub async fn fetch(tools: &Tools, source: &Source, state: &State) -> Asked {
    let now = tools.clock.now();
    let configured = address(source, now);
    let doubtful = source.probe && state.changes > 0 && state.whole_at.is_some_and(|at| now - at >= BELIEVED);
    let none = Validators::default();
    let validators = if doubtful { &none } else { &state.validators };
    let whole = validators.is_empty();
    let is_dated = configured != *source.url();
    let mut relocation = state.relocation.clone();
    let is_lower = |to: &Url| configured.scheme() == "https" && to.scheme() == "http" && !source.allow_downgrade;
    if is_dated || relocation.adopted.as_ref().is_some_and(is_lower) {
        relocation = Relocation::default();
    }
    if let Some(adopted) = &relocation.adopted {
        let fetched = ask(tools, source, adopted, validators).await;
        // The address that we adopted on our own is ours to doubt; the one that the admin wrote is asked instead, once.
        let is_lost = matches!(&fetched.answer, Err(error)
            if !matches!(error.class.setback(), Setback::Throttled | Setback::Server));
        if !is_lost {
            return Asked { fetched, whole, relocation, is_dated };
        }
    }
    let left = relocation.adopted.is_some();
    let fetched = ask(tools, source, &configured, validators).await;
    Asked { fetched, whole, relocation: if left { Relocation::default() } else { relocation }, is_dated }
}

async fn ask(tools: &Tools, source: &Source, address: &Url, validators: &Validators) -> Fetched {
    let kind = if source.listing.is_some() { Kind::Page } else { Kind::Feed };
    let validators = Some(validators);
    let found = kind == Kind::Page;
    let (downgrade, trust) = (source.allow_downgrade, source.trust.as_deref());
    tools.client.fetch(&Ask { url: address, validators, kind, found, downgrade, trust }).await
}

/// The pages behind the first that an answer brought.
pub async fn further_of(tools: &Tools, source: &Arc<Source>, state: &State, asked: &Asked) -> Result<Vec<Document>> {
    match &asked.fetched.answer {
        Ok(Answer::Fresh(first)) => further(tools, source, state, first).await,
        _ => Ok(Vec::new()),
    }
}

/// The pages behind the first, as many as the source wants when it is read for the first time.
async fn further(tools: &Tools, source: &Arc<Source>, state: &State, first: &Document) -> Result<Vec<Document>> {
    let wanted = source.listing.as_ref().filter(|_| !state.harvested).map_or(1, |l| l.pages);
    let mut pages: Vec<Document> = Vec::new();
    let mut next = if wanted > 1 { next_of(tools, source, first.clone()).await? } else { None };
    let is_ours = |url: &Url| link::is_same_site(url, &first.url);
    while let Some(url) = next.take().filter(|url| pages.len() + 1 < wanted && is_ours(url)) {
        // What cannot be had ends the list; the first page is enough to begin with.
        let Ok(Answer::Fresh(mut page)) = tools.page(&url, source).await else {
            break;
        };
        // The pages of one source must not wait for each other.
        page.give_place_up();
        if page.url == first.url || pages.iter().any(|p| p.url == page.url) {
            break;
        }
        next = next_of(tools, source, (*page).clone()).await?;
        pages.push(*page);
    }
    Ok(pages)
}

async fn next_of(tools: &Tools, source: &Arc<Source>, page: Document) -> Result<Option<Url>> {
    let (source, now) = (Arc::clone(source), tools.clock.now());
    let next = tokio::task::spawn_blocking(move || {
        let listing = source.listing.as_ref()?;
        parse::listing::read(&page.body().ok()?, &context(&source, &page), listing, now).ok()?.next
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
