//! The pages of new items: fetched with the manners of feeds, where a source wants it or where title and teaser leave a topic undecided.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use tracing::debug;

use super::{Criteria, Tools, pages};
use crate::clock;
use crate::dedup;
use crate::fetch::{Answer, Document};
use crate::link;
use crate::model::{FullText, Source, Validators};
use crate::parse::article::{self, Article};
use crate::parse::item;
use crate::store::Incoming;
use crate::store::sources::State;

/// Pages read in one poll. What is left over keeps its teaser: a source that publishes more between two polls is an agency, and
/// its server is not ours to empty.
const MOST_PAGES: usize = 10;

/// Whether there is any page to read, or any item that is nothing without one.
pub fn are_wanted(source: &Source, state: &State, incoming: &[Incoming]) -> bool {
    incoming.iter().any(|one| one.item.title.is_empty() || wants(source, state, one))
}

/// Reads the pages of those items that need it, and decides about them again. A page that cannot be had changes nothing.
pub async fn complete(
    tools: &Tools,
    criteria: &Arc<Criteria>,
    source: &Arc<Source>,
    state: &State,
    mut incoming: Vec<Incoming>,
) -> Result<Vec<Incoming>> {
    // The newest stand last.
    let wanted: Vec<usize> =
        (0..incoming.len()).rev().filter(|&at| incoming.get(at).is_some_and(|one| wants(source, state, one))).collect();
    for at in wanted.into_iter().take(MOST_PAGES) {
        let Some(link) = incoming.get(at).and_then(|one| one.item.link.clone()) else { continue };
        let document = match tools.client.get(&link, &Validators::default(), clock::now()).await.answer {
            Ok(Answer::Fresh(document)) => document,
            Ok(Answer::NotModified { .. }) => continue,
            Err(error) => {
                debug!(source = source.id(), url = %link, class = error.class.as_str(), "no article: {}", error.text);
                continue;
            }
        };
        let (polled, address) = (Arc::clone(source), document.url.clone());
        let read = tokio::task::spawn_blocking(move || read(&polled, &document))
            .await
            .context("reading an article panicked")?;
        let is_about = |one: &Incoming, article: &Article| item::is_about(&one.item, &address, article);
        if let (Some(article), Some(one)) = (read, incoming.get_mut(at))
            && is_about(one, &article)
        {
            item::complete(&mut one.item, &article, source.publish, clock::now());
            one.topics = criteria.decide(source.id(), &one.item);
            one.story_keys = dedup::story_keys(&one.item, one.keys.link_names_it());
        }
    }
    // What has no headline is nothing to a reader; it comes again with the next document.
    incoming.retain(|one| !one.item.title.is_empty());
    Ok(incoming)
}

fn wants(source: &Source, state: &State, one: &Incoming) -> bool {
    one.item.body.is_empty()
        // A feed that was taken over must not send us elsewhere.
        && one.item.link.as_ref().is_some_and(|link| link::is_same_site(link, source.url()) || link::is_same_site(link, &source.publisher.site))
        && match source.full_text {
            FullText::Never => false,
            FullText::Always => true,
            FullText::WhenUnsure if one.item.title.is_empty() => true,
            // Something speaks for a topic, and not enough. What a source had before we came is not worth a hundred requests.
            FullText::WhenUnsure => state.harvested && one.topics.iter().any(|m| m.score > 0.0 && !m.matched()),
        }
}

fn read(source: &Source, document: &Document) -> Option<Article> {
    let body = document.body().ok()?;
    article::read(&body, &pages::context(source, document), &source.body).ok()
}
