//! A kept answer, read again as if it came now: the same code in the same order, and nobody is asked.

use std::sync::Arc;

use anyhow::Result;
use url::Url;

use super::pages::Asked;
use super::read::{Harvest, reading};
use super::{Outcome, Tools, look_at};
use crate::fetch::error::{Class, FetchError};
use crate::fetch::{Answer, Ask, Document, Fetched};
use crate::model::{Relocation, Source};
use crate::store::sources::{self, Ending, EndingKind, State};
use crate::store::{self, Tx};

/// The pages that were kept, by the address that was asked: what the tools of a replay are answered with instead of by the network.
pub type KeptPages = dyn Fn(&Url) -> Option<Document> + Send + Sync;

/// What a kept document brings today.
pub struct Again {
    source: Arc<Source>,
    row: i64,
    first_harvest: bool,
    ending: Ending,
    harvest: Harvest,
}

/// Reads a document of a source again, with the pages behind it and those of its items as far as they were kept. What the source was then
/// is `state`, and when it came is what the clock of the tools shows.
pub async fn read_again(tools: &Tools, source: &Arc<Source>, state: &State, document: Box<Document>) -> Result<Again> {
    let state = &state.read_as(&reading(source));
    let fetched = Fetched { answered: tools.clock.now(), answer: Ok(Answer::Fresh(document)) };
    let asked = Asked { fetched, whole: true, relocation: Relocation::default(), is_dated: false };
    let (ending, harvest) = look_at(tools, source, state, asked).await?;
    Ok(Again { source: Arc::clone(source), row: state.row, first_harvest: !state.harvested, ending, harvest })
}

impl Again {
    /// Why it cannot be read, as a class, where it cannot.
    pub fn failure(&self) -> Option<&str> {
        match &self.harvest.outcome {
            Outcome::Failed { class, .. } => Some(class),
            _ => None,
        }
    }

    /// Whether the same bytes, should they come again, need not be read.
    pub fn is_vouched_for(&self) -> bool {
        matches!(self.ending.kind, EndingKind::Taken { body: Some(_), .. } | EndingKind::Unread { .. })
    }

    /// Takes in what it brought, at the time that the clock of its tools shows.
    pub fn take_in(&self, tx: &Tx<'_>, tools: &Tools) -> Result<()> {
        let now = tools.clock.now();
        for one in &self.harvest.incoming {
            store::take_in(tx, self.row, one, now, self.first_harvest)?;
        }
        sources::end(tx, self.row, self.source.url(), &self.ending)
    }
}

impl Tools {
    /// Asks for a page that was found: of the network, or in a replay of what was kept.
    pub(super) async fn page(&self, url: &Url, source: &Source) -> Result<Answer, FetchError> {
        match &self.pages {
            None => self.client.fetch(&Ask::page(url, source)).await.answer,
            Some(pages) => pages(url)
                .map(|page| Answer::Fresh(Box::new(page)))
                .ok_or_else(|| FetchError::new(Class::NotFound, "this page was not kept")),
        }
    }
}
