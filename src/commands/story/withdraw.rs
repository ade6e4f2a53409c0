//! `dongtin story withdraw` and `restore`: an editor takes a story back, and shows it again. Beside a running daemon, too.

use anyhow::Result;
use serde_json::json;

use super::super::{line, load_config, local, state_dir, time_json};
use super::change::{told, when};
use super::{Named, found, nothing_stored};
use crate::cli::{Exit, Format, StoryName};
use crate::clock;
use crate::schedule::Time;
use crate::store::{self, Transaction, withdrawn};

pub fn withdraw(args: &StoryName) -> Result<Exit> {
    let now = clock::now();
    change(args, |tx, story| Ok(withdrawn::withdraw(tx, story, now)?.is_some()))
}

pub fn restore(args: &StoryName) -> Result<Exit> {
    let now = clock::now();
    change(args, |tx, story| Ok(withdrawn::reinstate(tx, story, now)?.is_some()))
}

/// What became of a story.
struct Changed {
    named: Named,
    /// Whether it was not so before.
    is_news: bool,
    /// Since when it is taken back, if it is.
    withdrawn: Option<Time>,
}

fn change(args: &StoryName, job: impl FnOnce(&Transaction<'_>, i64) -> Result<bool>) -> Result<Exit> {
    let (config_dir, config) = load_config(&args.config)?;
    let dir = state_dir(&config_dir, &config);
    let changed = store::write_beside(&dir, |tx| {
        let story = found(tx, &args.story)?;
        let is_news = job(tx, story)?;
        Ok(Changed { named: Named::of(tx, story)?, is_news, withdrawn: withdrawn::since(tx, story)? })
    })?;
    let Changed { named, is_news, withdrawn } = changed.ok_or_else(nothing_stored)?;
    if args.format != Format::Text {
        let page = format!("{}story/{}", config.settings.public.base_url, named.uid);
        line(json!({
            "schema": "story-change/1", "story": named.uid, "title": named.title, "page": page,
            "withdrawn": time_json(withdrawn), "changed": is_news,
        }))?;
        return Ok(Exit::Ok);
    }
    line(match (withdrawn.map(local), is_news) {
        (Some(_), true) => "Đã gỡ sự việc · taken back:".to_owned(),
        (Some(at), false) => format!("Sự việc đã bị gỡ từ {at} · it was taken back {at} already:"),
        (None, true) => "Đã đưa lại sự việc · shown again:".to_owned(),
        (None, false) => "Sự việc vẫn đang hiện, không có gì để làm · it is shown, nothing to do:".to_owned(),
    })?;
    line(told(&named))?;
    if is_news {
        line(when(&dir)?)?;
    }
    Ok(Exit::Ok)
}
