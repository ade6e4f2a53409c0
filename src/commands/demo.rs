//! `dongtin demo`: everything at once, with nothing to prepare and nothing left behind.

use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::run::listen_for_the_end;
use super::{line, run_to_the_end, say};
use crate::cli::{Demo, Exit};
use crate::config::Listen;
use crate::daemon::{self, Start};
use crate::demo::{Newsroom, SOURCES, files};
use crate::{clock, config};

pub fn run(args: &Demo) -> Result<Exit> {
    let state = tempfile::Builder::new().prefix("dongtin-demo-").tempdir().context("cannot make a temporary folder")?;
    let stop = CancellationToken::new();
    let pace = args.pace;
    run_to_the_end(async {
        tokio::spawn(listen_for_the_end(stop.clone())?);
        let (newsroom, listener) = Newsroom::open().await?;
        let files = files(newsroom.address, args.listen);
        let config = config::read(&files, clock::now()).map_err(|mistakes| {
            mistakes.iter().for_each(say);
            anyhow::anyhow!("the sample configuration has a mistake")
        })?;
        let topics: Vec<String> = config.rules.topics().iter().map(|t| t.id.clone()).collect();
        let ended = CancellationToken::new();
        let publishing = tokio::spawn(newsroom.run(listener, Duration::from_secs(pace), ended.clone()));
        // Nobody asks the demonstration to reload.
        let (_keep, reloads) = mpsc::channel(1);
        let start = Start {
            config,
            state_dir: state.path().to_owned(),
            reload: Box::new(move || config::read(&files, clock::now())),
            reloads,
            stop,
            ready: Box::new(move |(public, _)| {
                if let Err(error) = welcome(public, &topics, pace) {
                    say(format_args!("dongtin: {error:#}"));
                }
            }),
        };
        let result = daemon::run(start).await.context(
            "không chạy thử được; hãy chọn địa chỉ khác bằng --listen · the demonstration could not run; choose another address with --listen",
        );
        ended.cancel();
        publishing.await.context("the newsroom panicked")?;
        result
    })?;
    state.close().context("the temporary folder could not be removed")?;
    say("dongtin: đã dừng, không để lại gì · ended, nothing left behind");
    Ok(Exit::Ok)
}

fn welcome(public: &Listen, topics: &[String], pace: u64) -> Result<()> {
    line(format_args!(
        "Đang chạy thử với {SOURCES} nguồn mẫu, cứ {pace} giây có tin mới. Mở các địa chỉ sau; Ctrl-C để dừng."
    ))?;
    line(format_args!(
        "A demonstration with {SOURCES} sample sources, something new every {pace} seconds. Open these; Ctrl-C ends it."
    ))?;
    line("")?;
    line(format_args!("http://{public}/"))?;
    for topic in topics {
        line(format_args!("http://{public}/{topic}/"))?;
    }
    if let Some(first) = topics.first() {
        for file in ["feed.atom", "feed.rss", "feed.json"] {
            line(format_args!("http://{public}/{first}/{file}"))?;
        }
    }
    line(format_args!("http://{public}/all/"))?;
    line(format_args!("http://{public}/sources.opml"))
}
