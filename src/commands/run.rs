//! `dongtin run`: the daemon.

use anyhow::{Context as _, Result};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{absolute, load_config, refuse, run_to_the_end, say, state_dir};
use crate::cli::{ConfigDir, Exit};
use crate::daemon::{self, Start};
use crate::{clock, config};

pub fn run(args: &ConfigDir) -> Result<Exit> {
    let (dir, config) = load_config(args)?;
    for warning in &config.warnings {
        tracing::warn!("{}", warning.in_one_line());
    }
    let public = &config.settings.public;
    if public.is_sample() {
        // The first start makes this host the beginning of every id, for ever.
        let (file, url) = (absolute(&dir.join("dongtin.toml")), &public.base_url);
        return Err(refuse(
            Exit::Config,
            format!(
                "hãy sửa dòng base_url = \"{url}\" trong {file} thành địa chỉ thật của trang: mã của mọi tin sẽ mang tên ấy mãi mãi\n    \
                 change the line base_url = \"{url}\" in {file} to the real address of the site: every id will carry its name for ever"
            ),
        ));
    }
    let state_dir = state_dir(&dir, &config);
    let stop = CancellationToken::new();
    run_to_the_end(async {
        let (ask, reloads) = mpsc::channel(1);
        tokio::spawn(listen_for_the_end(stop.clone())?);
        tokio::spawn(listen_for_reloads(ask)?);
        let start = Start {
            config,
            state_dir,
            reload: Box::new(move || config::load(&dir, clock::now())),
            reloads,
            stop,
            ready: Box::new(|(public, private)| {
                let private = private.as_ref().map(|p| format!(", private listener on {p}")).unwrap_or_default();
                tracing::info!("serving readers on {}{private}", public.shown());
            }),
        };
        daemon::run(start).await
    })?;
    Ok(Exit::Ok)
}

/// The first SIGTERM or SIGINT ends the daemon in order, the second at once.
pub fn listen_for_the_end(stop: CancellationToken) -> Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    Ok(async move {
        let mut times = 0_u32;
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            times += 1;
            if times > 1 {
                say("dongtin: dừng ngay · stopping at once");
                std::process::exit(Exit::No as i32);
            }
            tracing::info!("stopping; a second signal stops at once");
            stop.cancel();
        }
    })
}

/// Each SIGHUP asks for a reload; several while one is under way ask for one more.
fn listen_for_reloads(ask: mpsc::Sender<()>) -> Result<impl Future<Output = ()>> {
    let mut hangup = signal(SignalKind::hangup()).context("cannot listen for SIGHUP")?;
    Ok(async move {
        while hangup.recv().await.is_some() {
            if ask.try_send(()).is_err() {
                tracing::debug!("a reload is waiting already");
            }
        }
    })
}
