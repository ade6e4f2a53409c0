//! `dongtin check`: every mistake in the configuration at once.

use anyhow::Result;
use serde_json::json;

use super::{absolute, counted, find_config, line, refuse};
use crate::cli::{Check, Exit, Format};
use crate::clock;
use crate::config::{self, Mistake};

pub fn run(args: &Check) -> Result<Exit> {
    let Some(dir) = find_config(&args.config) else {
        return Err(refuse(
            Exit::Config,
            "không thấy cấu hình, hãy dùng --config DIR · no configuration, use --config DIR",
        ));
    };
    let loaded = config::load(&dir, clock::now());
    let dir = absolute(&dir);
    let (mistakes, counts) = match &loaded {
        Ok(config) => {
            let on = config.sources.values().filter(|s| s.enabled).count();
            (&config.warnings, Some((on, config.sources.len() - on, config.rules.topics().len())))
        }
        Err(mistakes) => (mistakes, None),
    };
    let fatal = mistakes.iter().filter(|m| m.fatal).count();
    if args.format == Format::Text {
        for mistake in mistakes {
            line(mistake)?;
        }
        match counts {
            Some((on, off, topics)) => line(format_args!(
                "Cấu hình {dir} dùng được: {on} nguồn đang bật, {off} nguồn tắt, {topics} chủ đề.\n    \
                 The configuration {dir} is good: {} enabled, {off} disabled, {}.",
                counted(on, "source", "sources"),
                counted(topics, "topic", "topics")
            ))?,
            None => line(format_args!(
                "Cấu hình {dir} có {fatal} lỗi nên bị từ chối.\n    The configuration {dir} is refused: {}.",
                counted(fatal, "mistake", "mistakes")
            ))?,
        }
    } else {
        line(json!({
            "schema": "check/1", "ok": fatal == 0, "folder": dir,
            "enabled": counts.map(|(on, ..)| on), "disabled": counts.map(|(_, off, _)| off), "topics": counts.map(|(.., topics)| topics),
            "errors": fatal, "warnings": mistakes.len() - fatal, "mistakes": mistakes.iter().map(mistake_json).collect::<Vec<_>>(),
        }))?;
    }
    Ok(if fatal == 0 { Exit::Ok } else { Exit::Config })
}

fn mistake_json(mistake: &Mistake) -> serde_json::Value {
    let place = |n: usize| (n > 0).then_some(n);
    json!({
        "file": mistake.file, "line": place(mistake.line), "column": place(mistake.column),
        "fatal": mistake.fatal, "vi": mistake.vi, "en": mistake.en,
    })
}
