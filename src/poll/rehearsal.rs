//! What a poll would bring, and nothing written.

use std::sync::Arc;

use anyhow::{Context as _, Result};

use super::read::reading;
use super::{Report, Tools, look_at, pages};
use crate::dedup::Decision;
use crate::model::{Item, Source};
use crate::schedule::Time;
use crate::store::kinship::Kinship;
use crate::store::sources::State;
use crate::store::{self, Db, Incoming, Known, TakenIn};

/// Polls a source and says what would come of it.
pub async fn rehearse(tools: &Tools, source: &Arc<Source>, state: &State) -> Result<Report> {
    let tools = &Tools { archive: None, ..tools.clone() };
    let state = &state.read_as(&reading(source));
    let asked = pages::fetch(tools, source, state).await;
    let (ending, harvest) = look_at(tools, source, state, asked).await?;
    let row = state.row;
    let (store, now) = (Arc::clone(&tools.store), tools.clock.now());
    let incoming = harvest.incoming;
    let items = tokio::task::spawn_blocking(move || {
        store.read(|db| incoming.into_iter().map(|one| foresee(db, store.kinship(), row, one, now)).collect())
    })
    .await
    .context("a rehearsal panicked")??;
    Ok(Report {
        outcome: harvest.outcome,
        items,
        unchanged: harvest.unchanged,
        due: ending.due,
        moved_to: harvest.moved_to,
        hub_changed: false,
        silence: None,
    })
}

/// What taking an item in would decide.
fn foresee(db: &Db, kinship: &Kinship, source: i64, one: Incoming, now: Time) -> Result<(Item, TakenIn)> {
    let (keys, known) = store::known(db, source, &one.keys, &one.item, one.same_as)?;
    let one = one.under(&keys).into_owned();
    let at = one.item.published.unwrap_or(now);
    let decision = match &known {
        Known::Stored(known) if known.content == one.content => Decision::Keep,
        Known::Stored(_) => Decision::Revise,
        Known::Forgotten => Decision::Forgotten,
        Known::New if store::stories::was_forgotten(db, &one.uid)? => Decision::Forgotten,
        Known::New => match kinship.near(db, &one.item, &one.traits, (at, now), None)?.joins {
            Some((story, with, because)) => Decision::Join { story, with, because },
            None => Decision::Found,
        },
    };
    let story = match (&decision, known.stored()) {
        (Decision::Join { story, .. }, _) => store::stories::uid(db, *story)?,
        (_, Some(known)) => store::stories::uid(db, known.story)?,
        (_, None) => one.uid.clone(),
    };
    let topics = one.topics.iter().filter(|m| m.matched()).map(|m| m.topic.clone()).collect();
    Ok((one.item, TakenIn { decision, story, topics }))
}
