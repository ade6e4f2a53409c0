//! Reload: all or nothing, and what is stored is decided again by the new rules.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;

use anyhow::Result;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::publisher::Dirty;
use super::{AGAIN, Addresses, Live, reclassify, status_line, sync, systemd};
use crate::clock::Clock;
use crate::config::{Config, Mistake, Settings};
use crate::poll::Criteria;
use crate::store::Store;

/// Takes new configurations over, whole or not at all.
pub struct Reloading {
    /// Reads the configuration again.
    pub reload: Box<dyn Fn() -> Result<Config, Vec<Mistake>> + Send + Sync>,
    /// Asks for it.
    pub reloads: mpsc::Receiver<()>,
    /// What is in force.
    pub live: watch::Sender<Arc<Live>>,
    /// What decides.
    pub criteria: watch::Sender<Arc<Criteria>>,
    /// The database.
    pub store: Arc<Store>,
    /// Where changes are told.
    pub dirty: mpsc::UnboundedSender<Dirty>,
    /// Where the listeners are.
    pub addresses: Addresses,
    /// What cannot change while running.
    pub began_with: Settings,
}

impl Reloading {
    /// Waits to be asked, until told to stop.
    pub async fn run(mut self, ended: CancellationToken) {
        // The rules may have changed while the daemon was away.
        let mut again = self.decide_again();
        loop {
            // Whoever asks while stored items are decided again need not wait for that.
            tokio::select! {
                () = ended.cancelled() => return,
                never = &mut again => match never {},
                asked = self.reloads.recv() => if asked.is_none() {
                    // Nobody can ask any more.
                    tokio::select! {
                        () = ended.cancelled() => return,
                        never = &mut again => match never {},
                    }
                },
            }
            systemd::reloading();
            let (reload, this) = (&self.reload, &self);
            let loaded = tokio::task::block_in_place(reload);
            match loaded.and_then(|config| this.acceptable(config)) {
                Ok(config) => {
                    let taken = tokio::select! {
                        () = ended.cancelled() => return,
                        taken = self.take(config) => taken,
                    };
                    if taken {
                        again = self.decide_again();
                    }
                }
                Err(mistakes) => {
                    for mistake in &mistakes {
                        tracing::error!("{}", mistake.in_one_line());
                    }
                    tracing::error!(
                        mistakes = mistakes.len(),
                        "the new configuration is refused; the old one stays in force"
                    );
                    systemd::ready(&format!("cấu hình mới bị từ chối ({} lỗi), đang chạy cấu hình cũ", mistakes.len()));
                }
            }
        }
    }

    /// What cannot change while running is a mistake, not a surprise.
    fn acceptable(&self, config: Config) -> Result<Config, Vec<Mistake>> {
        let (old, new) = (&self.began_with, &config.settings);
        let mut refused = Vec::new();
        for (name, changed) in [
            ("public.listen", old.public.listen != new.public.listen),
            ("public.connections", old.public.crowd != new.public.crowd),
            ("public.base_url", old.public.base_url != new.public.base_url),
            ("public.search", old.public.search != new.public.search),
            ("public.title", (&old.public.title, &old.public.title_en) != (&new.public.title, &new.public.title_en)),
            ("private.listen", old.private_listen != new.private_listen),
            ("state.dir", old.state_dir != new.state_dir),
            ("websub.hub", old.websub.hub != new.websub.hub),
        ] {
            if changed {
                refused.push(Mistake::of_file(
                    "dongtin.toml",
                    format!("\"{name}\" chỉ đổi được khi khởi động lại: systemctl restart dongtin."),
                    format!("\"{name}\" changes only with a restart: systemctl restart dongtin."),
                ));
            }
        }
        if refused.is_empty() { Ok(config) } else { Err(refused) }
    }

    /// Whether it is in force.
    async fn take(&self, config: Config) -> bool {
        for warning in &config.warnings {
            tracing::warn!("{}", warning.in_one_line());
        }
        let before = Arc::clone(&self.live.borrow());
        let criteria = Arc::new(Criteria::new(&config.rules, &config.sources));
        match Live::new(config, &self.store, self.criteria.subscribe(), Some(&before), Clock::System) {
            Ok(live) => {
                // Pages name sources as the database does, so it comes first.
                while let Err(error) = sync(&self.store, &live).await {
                    tracing::error!(
                        error = format!("{error:#}"),
                        "the new configuration waits for the database; trying again"
                    );
                    tokio::time::sleep(AGAIN).await;
                }
                tracing::info!(
                    sources = live.config.polled(),
                    topics = live.config.rules.topics().len(),
                    "the new configuration is in force"
                );
                systemd::ready(&status_line(&live, &self.addresses));
                self.criteria.send_replace(criteria);
                self.live.send_replace(Arc::new(live));
                drop(self.dirty.send(Dirty { everything: true, ..Dirty::default() }));
                true
            }
            Err(error) => {
                tracing::error!(
                    error = format!("{error:#}"),
                    "the new configuration is refused; the old one stays in force"
                );
                systemd::ready("cấu hình mới bị từ chối, đang chạy cấu hình cũ");
                false
            }
        }
    }

    /// Decides what is stored again by what is in force, if need be; never ends.
    fn decide_again(&self) -> Pin<Box<dyn Future<Output = Infallible> + Send>> {
        let criteria = Arc::clone(&self.criteria.borrow());
        Box::pin(reclassify::run(Arc::clone(&self.store), criteria, self.dirty.clone()))
    }
}
