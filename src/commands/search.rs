//! `dongtin search`: stored items with the words of a question. Reads the database beside the daemon.

use anyhow::Result;
use serde_json::json;

use super::{line, load_config, local, refuse, state_dir, time_json};
use crate::cli::{Exit, Format, Search};
use crate::store::{Store, search, stories};

pub fn run(args: &Search) -> Result<Exit> {
    let (config_dir, config) = load_config(&args.config)?;
    let Some(store) = Store::open_beside(&state_dir(&config_dir, &config))? else {
        return Err(refuse(Exit::No, "chưa có tin nào được lưu · nothing is stored yet"));
    };
    // What the shell keeps together stands together.
    let quoted =
        |word: &String| if word.contains(' ') && !word.contains('"') { format!("\"{word}\"") } else { word.clone() };
    let question = args.words.iter().map(quoted).collect::<Vec<_>>().join(" ");
    let (items, complete) = store.read(|db| {
        let found = search::find(db, &question, args.limit)?;
        let stored = found.hits.iter().filter_map(|hit| stories::stored_item(db, hit.item).transpose());
        Ok((stored.collect::<Result<Vec<_>>>()?, found.complete))
    })?;
    for stored in &items {
        let (item, link) = (&stored.item, stored.item.link.as_ref().map(url::Url::as_str));
        match args.format {
            Format::Text => line(format_args!(
                "{}  {}  [{}]\n    {}",
                item.published.map(local).unwrap_or_default(),
                item.title,
                stored.source,
                link.unwrap_or_default()
            ))?,
            _ => line(json!({
                "source": stored.source, "title": item.title, "link": link, "published": time_json(item.published),
            }))?,
        }
    }
    if !complete {
        super::say("còn tin cũ hơn chưa được xem · older items were not looked at");
    }
    Ok(if items.is_empty() { Exit::No } else { Exit::Ok })
}
