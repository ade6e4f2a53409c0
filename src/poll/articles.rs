//! The pages of new items: fetched with the manners of feeds, where a source wants it or where title and teaser leave a topic undecided.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tracing::debug;

use super::{Criteria, Tools, keep, pages};
use crate::archive::Kind;
use crate::fetch::{Answer, Document};
use crate::kin;
use crate::link;
use crate::model::{Digest, FullText, Match, Source};
use crate::parse::article::{self, Article};
use crate::parse::item;
use crate::schedule::{Setback, Time};
use crate::store::Incoming;
use crate::store::sources::State;

/// Pages read in one poll. What is left over keeps its teaser: a source that publishes more between two polls is an agency, and
/// its server is not ours to empty.
const MOST_PAGES: usize = 10;

/// Whether there is any page to read, or any item that is nothing without one.
pub fn are_wanted(source: &Source, state: &State, incoming: &[Incoming]) -> bool {
    incoming.iter().any(|one| one.item.title.is_empty() || wants(source, state, one))
}

/// Reads the pages of those items that need it, and decides about them again. A page that cannot be had changes nothing. Gives too whether
/// every item is there: one without a headline whose page was not asked for is left to the next poll.
pub async fn complete(
    tools: &Tools,
    criteria: &Arc<Criteria>,
    source: &Arc<Source>,
    state: &State,
    mut incoming: Vec<Incoming>,
) -> Result<(Vec<Incoming>, bool)> {
    let now = tools.clock.now();
    let mut asked = 0;
    let (mut is_in_trouble, mut is_whole) = (false, true);
    // The newest stand last.
    for one in incoming.iter_mut().rev().filter(|one| wants(source, state, one)) {
        if is_in_trouble || asked == MOST_PAGES {
            is_whole &= !one.item.title.is_empty();
            leave_for_later(one, now);
            continue;
        }
        asked += 1;
        match page(tools, source, one).await? {
            Page::Read(article) => {
                item::complete(&mut one.item, &article, source.publish, now);
                one.topics = criteria.decide(source.id(), &one.item);
                one.traits = kin::Traits::of_item(&one.item, one.keys.link_names_it());
                one.terms = None;
            }
            Page::None => {}
            Page::Trouble => {
                is_in_trouble = true;
                is_whole &= !one.item.title.is_empty();
                leave_for_later(one, now);
            }
        }
    }
    // What has no headline is nothing to a reader.
    incoming.retain(|one| !one.item.title.is_empty());
    Ok((incoming, is_whole))
}

/// What came of asking for an item's page.
enum Page {
    Read(Box<Article>),
    /// It is not there, or not the item's.
    None,
    /// The server is in trouble or wants to be left alone: its other pages are not asked for now.
    Trouble,
}

async fn page(tools: &Tools, source: &Arc<Source>, one: &Incoming) -> Result<Page> {
    let Some(link) = &one.item.link else { return Ok(Page::None) };
    let document = match tools.page(link, source).await {
        Ok(Answer::Fresh(document)) => document,
        Ok(Answer::NotModified(_)) => return Ok(Page::None),
        Err(error) => {
            debug!(source = source.id(), url = %link, class = error.class.as_str(), "no article: {}", error.text);
            let may_pass = matches!(error.class.setback(), Setback::Network | Setback::Server | Setback::Throttled);
            return Ok(if may_pass { Page::Trouble } else { Page::None });
        }
    };
    let (polled, address) = (Arc::clone(source), document.url.clone());
    let (archive, now, asked) = (tools.archive.clone(), tools.clock.now(), link.clone());
    let read = tokio::task::spawn_blocking(move || {
        if let Some(archive) = archive {
            keep::keep(&archive, now, &polled, Kind::Article, &asked, &document);
        }
        read(&polled, &document)
    });
    let read = read.await.context("reading an article panicked")?;
    Ok(match read.filter(|article| item::is_about(&one.item, &address, article)) {
        Some(article) => Page::Read(Box::new(article)),
        None => Page::None,
    })
}

/// How long a page is tried again for.
const WORTH_ANOTHER_TRY: Duration = Duration::from_hours(3);

/// Has an item looked at again with its source's next document, by remembering something else than its source says.
fn leave_for_later(one: &mut Incoming, now: Time) {
    let age = one.item.published.and_then(|at| (now - at).to_std().ok());
    if age.is_some_and(|age| age < WORTH_ANOTHER_TRY) {
        one.content = Digest::of(&[b"unread".as_slice(), one.content.as_bytes()]);
    }
}

fn wants(source: &Source, state: &State, one: &Incoming) -> bool {
    one.item.body.is_empty()
        // A feed that was taken over must not send us elsewhere.
        && one.item.link.as_ref().is_some_and(|link| link::is_same_site(link, source.url()) || link::is_same_site(link, &source.publisher.site))
        && match source.full_text {
            FullText::Never => false,
            FullText::Always => true,
            FullText::WhenUnsure if one.item.title.is_empty() => true,
            // What a source had before we came is not worth a hundred requests.
            FullText::WhenUnsure => state.harvested && one.topics.iter().any(is_in_doubt),
        }
}

/// Whether something speaks for a topic, not enough, and more than in passing: a quarter of the way. With eleven topics, less than that is said of 14 items in a
/// hundred of a national paper, and a quarter of 6 (the stream of `docs/topics.md`).
fn is_in_doubt(one: &Match) -> bool {
    !one.matched() && one.score * 4.0 >= one.threshold
}

fn read(source: &Source, document: &Document) -> Option<Article> {
    let body = document.body().ok()?;
    article::read(&body, &pages::context(source, document), &source.body).ok()
}
