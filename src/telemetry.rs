//! The log and the numbers: to the journal with fields where there is one, else to stderr; metrics in OpenMetrics text.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use tracing_subscriber::filter::{EnvFilter, LevelFilter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging, once a process. `DONGTIN_LOG` sets the level (`debug`, `dongtin=trace,info`, …); without it,
/// `default`.
///
/// Under systemd the lines go to the journal natively, so that `journalctl DONGTIN_SOURCE=nhandan` finds a source's.
pub fn start(default: LevelFilter) {
    let filter =
        EnvFilter::builder().with_default_directive(default.into()).with_env_var("DONGTIN_LOG").from_env_lossy();
    let registry = tracing_subscriber::registry().with(filter);
    let journal = std::env::var_os("JOURNAL_STREAM").and_then(|_| tracing_journald::layer().ok());
    let started = match journal {
        Some(journal) => registry
            .with(journal.with_field_prefix(Some("DONGTIN".to_owned())).with_syslog_identifier("dongtin".to_owned()))
            .try_init(),
        None => {
            let colours = std::io::stderr().is_terminal();
            registry
                .with(
                    tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false).with_ansi(colours),
                )
                .try_init()
        }
    };
    // A second start in one process is a test; its lines go where the first one's do.
    drop(started);
}

type Labelled = Family<Vec<(String, String)>, Counter>;

/// What is counted. Names without a unit are counts.
pub struct Metrics {
    registry: Registry,
    polls: Labelled,
    requests: Labelled,
    deliveries: Labelled,
    hub_verifications: Labelled,
    hub_deliveries: Labelled,
    hub_subscribers: Gauge,
    new_items: Counter,
    refused: Counter,
    sources: Family<Vec<(String, String)>, Gauge>,
    stories: Gauge,
    database_bytes: Gauge,
    archive_failures: Gauge,
    last_poll: Gauge<f64, AtomicU64>,
    last_publication: Gauge<f64, AtomicU64>,
}

impl Metrics {
    /// All at nought.
    pub fn new() -> Metrics {
        let mut registry = Registry::with_prefix("dongtin");
        let metrics = Metrics {
            registry: Registry::default(),
            polls: Family::default(),
            requests: Family::default(),
            deliveries: Family::default(),
            hub_verifications: Family::default(),
            hub_deliveries: Family::default(),
            hub_subscribers: Gauge::default(),
            new_items: Counter::default(),
            refused: Counter::default(),
            sources: Family::default(),
            stories: Gauge::default(),
            database_bytes: Gauge::default(),
            archive_failures: Gauge::default(),
            last_poll: Gauge::default(),
            last_publication: Gauge::default(),
        };
        registry.register("build", "The program", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        registry.register("polls", "Polls that ended, by outcome", metrics.polls.clone());
        registry.register("requests", "Requests of readers that were answered, by status", metrics.requests.clone());
        registry.register(
            "websub_deliveries",
            "Deliveries of WebSub hubs, by what came of them",
            metrics.deliveries.clone(),
        );
        registry.register(
            "hub_verifications",
            "Questions to subscribers whether they meant it, by what came of them",
            metrics.hub_verifications.clone(),
        );
        registry.register(
            "hub_deliveries",
            "Deliveries to subscribers and announcements to a hub, by what came of them",
            metrics.hub_deliveries.clone(),
        );
        registry.register("hub_subscribers", "Subscribers at our own hub", metrics.hub_subscribers.clone());
        registry.register("new_items", "Items that were not known before", metrics.new_items.clone());
        registry.register(
            "refused_addresses",
            "Requests stopped because they led to an address that is not public",
            metrics.refused.clone(),
        );
        registry.register("sources", "Configured sources, by state", metrics.sources.clone());
        registry.register("stories", "Stories in the database", metrics.stories.clone());
        registry.register("database_bytes", "Size of the database files", metrics.database_bytes.clone());
        registry.register(
            "archive_failures",
            "Answers that could not be archived since the start",
            metrics.archive_failures.clone(),
        );
        registry.register("last_poll_timestamp_seconds", "When the last poll ended", metrics.last_poll.clone());
        registry.register(
            "last_publication_timestamp_seconds",
            "When pages were last made",
            metrics.last_publication.clone(),
        );
        Metrics { registry, ..metrics }
    }

    /// A poll ended.
    pub fn poll(&self, outcome: &str, new_items: usize, unix_seconds: f64) {
        self.polls.get_or_create(&vec![("outcome".to_owned(), outcome.to_owned())]).inc();
        self.new_items.inc_by(new_items as u64);
        if outcome == "refused-address" {
            self.refused.inc();
        }
        self.last_poll.set(unix_seconds);
    }

    /// A delivery of a hub came to this.
    pub fn delivery(&self, outcome: &str, new_items: usize) {
        self.deliveries.get_or_create(&vec![("outcome".to_owned(), outcome.to_owned())]).inc();
        self.new_items.inc_by(new_items as u64);
    }

    /// A subscriber at our hub was asked whether it meant it.
    pub fn hub_verification(&self, outcome: &str) {
        self.hub_verifications.get_or_create(&vec![("outcome".to_owned(), outcome.to_owned())]).inc();
    }

    /// A delivery of our hub, or an announcement to somebody else's, came to this.
    pub fn hub_delivery(&self, outcome: &str) {
        self.hub_deliveries.get_or_create(&vec![("outcome".to_owned(), outcome.to_owned())]).inc();
    }

    /// How many subscribers our hub has.
    pub fn hub_subscribers(&self, count: usize) {
        self.hub_subscribers.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// A reader was answered.
    pub fn request(&self, status: u16) {
        self.requests.get_or_create(&vec![("status".to_owned(), status.to_string())]).inc();
    }

    /// How many sources are in a state.
    pub fn sources(&self, state: &str, count: usize) {
        self.sources
            .get_or_create(&vec![("state".to_owned(), state.to_owned())])
            .set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// So much could not be archived.
    pub fn archive_failures(&self, count: u64) {
        self.archive_failures.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Pages were made.
    pub fn publication(&self, stories: u32, database_bytes: u64, unix_seconds: f64) {
        self.stories.set(i64::from(stories));
        self.database_bytes.set(i64::try_from(database_bytes).unwrap_or(i64::MAX));
        self.last_publication.set(unix_seconds);
    }

    /// OpenMetrics text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            Err(_) => String::new(),
        }
    }
}

/// A part of the daemon that must keep moving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The scheduler's loop.
    Scheduler,
    /// The database's writer.
    Database,
    /// The public listener's loop.
    Http,
}

impl Part {
    const ALL: [Part; 3] = [Part::Scheduler, Part::Database, Part::Http];

    /// What `/healthz` says when it has stopped.
    pub fn stuck_text(self) -> &'static str {
        match self {
            Part::Scheduler => "stuck: scheduler\n",
            Part::Database => "stuck: database\n",
            Part::Http => "stuck: http\n",
        }
    }
}

/// A part that has not moved for this long is stuck. Each moves every few seconds.
const STUCK_AFTER: Duration = Duration::from_secs(45);

/// When each part last moved: what the watchdog and `/healthz` go by, so that "alive" means "making progress".
pub struct Pulse {
    began: Instant,
    beats: [AtomicU64; 3],
    ready: AtomicBool,
}

impl Pulse {
    /// Everything has just moved; not ready.
    pub fn new() -> Pulse {
        Pulse { began: Instant::now(), beats: Default::default(), ready: AtomicBool::new(false) }
    }

    /// A part moved.
    pub fn beat(&self, part: Part) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        if let Some(beat) = self.beats.get(part as usize) {
            beat.store(now, Ordering::Relaxed);
        }
    }

    /// The part that has stopped, if one has.
    pub fn stuck(&self) -> Option<Part> {
        let silent = |part: &Part| {
            let beat = self.beats.get(*part as usize).map_or(0, |b| b.load(Ordering::Relaxed));
            self.began.elapsed().saturating_sub(Duration::from_millis(beat)) > STUCK_AFTER
        };
        Part::ALL.into_iter().find(|part| silent(part))
    }

    /// Readers can be served from now on.
    pub fn set_ready(&self) {
        self.ready.store(true, Ordering::Relaxed);
    }

    /// Whether readers can be served.
    pub fn ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }
}
