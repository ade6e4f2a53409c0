//! `dongtin.toml`: everything that is not a source or a topic.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use url::{Host, Url};

use super::listen::{self, Crowd, Listen};
use super::mistake::Report;
use super::reader::{At, Fields};
use super::sources::{Defaults, cadence};
use super::websub::{self, WebSub};
use crate::address;
use crate::archive::Bounds;
use crate::schedule::Time;

/// The settings of the daemon.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// What readers see.
    pub public: Public,
    /// Where the private listener is, if anywhere.
    pub private_listen: Option<Listen>,
    /// Where the database is; the caller's default without.
    pub state_dir: Option<PathBuf>,
    /// How we go out.
    pub fetch: Fetch,
    /// How much is kept of what came.
    pub archive: Bounds,
    /// For how many months before the present one stories are kept; 0 for ever.
    pub retention: u32,
    /// Whose hubs we listen to, and who listens to ours.
    pub websub: WebSub,
    /// What sources do unless they say otherwise.
    pub defaults: Defaults,
}

/// What readers see.
#[derive(Debug, Clone, PartialEq)]
pub struct Public {
    /// The address of the site as readers reach it, ending in `/`.
    pub base_url: Url,
    /// Where we listen for them.
    pub listen: Listen,
    /// How many of them are taken.
    pub crowd: Crowd,
    /// The site's name.
    pub title: String,
    /// The site's name in English.
    pub title_en: String,
    /// Whether readers can search it.
    pub search: bool,
}

/// How we go out.
#[derive(Debug, Clone, PartialEq)]
pub struct Fetch {
    /// How the people we poll can reach the operator: an address or `mailto:`.
    pub contact: Option<String>,
    /// A request may take this long from beginning to end.
    pub timeout: Duration,
    /// No answer may be larger, before or after decompression.
    pub max_body: usize,
    /// Polls under way at once.
    pub concurrency: usize,
    /// Addresses that are reached although they are not public.
    pub allow: Vec<IpNet>,
    /// No source is polled more often (the floor of every ladder of waits too).
    pub floor: Duration,
    /// Time between two requests to one host.
    pub host_gap: Duration,
    /// Requests to one host at once.
    pub per_host: usize,
}

/// No source is polled more often than this unless every source is the admin's own server (assertion P-20).
pub const POLITE_FLOOR: Duration = Duration::from_mins(10);
/// Time between two requests to one host (assertion P-38).
pub const POLITE_GAP: Duration = Duration::from_secs(1);

/// A hundred years: whoever wants more wants everything.
const MOST_MONTHS: u32 = 1_200;

/// Reads the file.
pub fn read(root: &Fields<'_>, report: &Report<'_>, now: Time) -> Option<Settings> {
    let public = root.table("public", "[public]");
    if public.is_none() && !root.has("public") {
        report.mistake(&(0..0), "Thiếu bảng [public] với base_url.", "The table [public] with base_url is missing.");
    }
    let public = public.and_then(|fields| read_public(fields, report));
    let private_listen = match root.table("private", "[private]") {
        Some(fields) => {
            let listen = fields.text("listen").and_then(|text| {
                let listen = listen::listen(&text, report)?;
                listen::check_private(&listen, public.as_ref().map(|p| &p.listen), &text.span, report);
                Some(listen)
            });
            fields.finish();
            listen
        }
        None => None,
    };
    let state_dir = root.table("state", "[state]").and_then(|fields| {
        let dir = fields.filled("dir").map(|dir| PathBuf::from(dir.value));
        fields.finish();
        dir
    });
    let fetch = read_fetch(root.table("fetch", "[fetch]"), root.table("manners", "[manners]"), report);
    let archive = read_archive(root.table("archive", "[archive]"), report);
    let retention = root.table("retention", "[retention]").map_or(0, |fields| {
        let months = fields.count("months", 0..MOST_MONTHS).and_then(|months| u32::try_from(months).ok());
        fields.finish();
        months.unwrap_or(0)
    });
    let defaults = root.table("defaults", "[defaults]").map_or_else(Defaults::default, |fields| {
        let defaults = Defaults { cadence: cadence(&fields, report, now), ..Defaults::default() };
        fields.finish();
        defaults
    });
    let websub = websub::read(root.table("websub", "[websub]"), &fetch.allow, report);
    Some(Settings { public: public?, private_listen, state_dir, fetch, archive, retention, websub, defaults })
}

impl Settings {
    /// Below which address hubs find us, where they are to: nothing where it is switched off, or where the site's own address is one
    /// that no hub can reach.
    pub fn callbacks(&self) -> Option<Url> {
        let base = &self.public.base_url;
        let is_public = match base.host()? {
            Host::Domain(name) => !self.public.is_sample() && !is_local_name(name),
            _ => address::check_literal(base, &self.fetch.allow).is_ok(),
        };
        if self.websub.subscribe && is_public { base.join("websub/").ok() } else { None }
    }
}

/// Endings of names that no public server has (RFC 6761, RFC 6762, ICANN on `.internal`, and what routers make).
const LOCAL_NAMES: [&str; 5] = [".localhost", ".local", ".internal", ".lan", ".home.arpa"];

/// Whether a name means something in one network only.
pub fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    !name.contains(['.', ':']) || LOCAL_NAMES.iter().any(|end| name.ends_with(end))
}

fn read_public(fields: Fields<'_>, report: &Report<'_>) -> Option<Public> {
    let base_url = fields.required("base_url").and_then(|text| base_url(&text, report));
    let listen = match fields.text("listen") {
        Some(text) => listen::listen(&text, report),
        None => Some(Listen::Tcp(SocketAddr::from(([127, 0, 0, 1], 8750)))),
    };
    let crowd = listen::crowd(&fields, report);
    let title = fields.text("title").map_or("Dòng tin", |t| t.value).to_owned();
    let search = fields.boolean("search").unwrap_or(true);
    let title_en = fields.text("title_en").map_or(title.as_str(), |t| t.value).to_owned();
    fields.finish();
    Some(Public { base_url: base_url?, listen: listen?, crowd, title, title_en, search })
}

fn base_url(text: &At<&str>, report: &Report<'_>) -> Option<Url> {
    let with_slash = if text.value.ends_with('/') { text.value.to_owned() } else { format!("{}/", text.value) };
    let url = Url::parse(&with_slash).ok().filter(|u| {
        matches!(u.scheme(), "http" | "https")
            && u.has_host()
            && u.query().is_none()
            && u.fragment().is_none()
            && u.username().is_empty()
    });
    if url.is_none() {
        report.mistake(
            &text.span,
            format!(
                "base_url \"{}\" phải là địa chỉ đầy đủ mà bạn đọc thấy, ví dụ \"https://tin.example.vn/\".",
                text.value
            ),
            "base_url must be the full address that readers see, such as \"https://tin.example.vn/\".",
        );
    }
    warn_of_sample("base_url", text, report);
    url
}

/// The shipped file can be checked and polled with as it is; but its addresses are nobody's (RFC 2606).
fn warn_of_sample(name: &str, text: &At<&str>, report: &Report<'_>) {
    if is_sample(text.value) {
        report.warning(
            &text.span,
            format!("{name} vẫn là địa chỉ mẫu (example): hãy đổi trước khi chạy thật."),
            format!("{name} is still the sample (example): change it before running for real."),
        );
    }
}

fn is_sample(address: &str) -> bool {
    let behind_the_scheme = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = behind_the_scheme.split('/').next().unwrap_or_default();
    host.split(['.', ':', '@']).any(|label| label == "example")
}

impl Public {
    /// Whether the address of the site is still that of the shipped file.
    pub fn is_sample(&self) -> bool {
        is_sample(self.base_url.as_str())
    }
}

fn read_fetch(fetch: Option<Fields<'_>>, manners: Option<Fields<'_>>, report: &Report<'_>) -> Fetch {
    let mut settings = Fetch::polite();
    if let Some(fields) = fetch {
        settings.contact = fields.text("contact").and_then(|text| contact(&text, report));
        if let Some(timeout) = fields.duration("timeout") {
            if !(Duration::from_secs(1)..=Duration::from_mins(10)).contains(&timeout.value) {
                report.mistake(
                    &timeout.span,
                    "\"timeout\" phải từ 1s đến 10m.",
                    "\"timeout\" must be between 1s and 10m.",
                );
            }
            settings.timeout = timeout.value;
        }
        if let Some(max_body) = fields.bytes("max_body") {
            if !((64 << 10)..=(64 << 20)).contains(&max_body.value) {
                report.mistake(
                    &max_body.span,
                    "\"max_body\" phải từ 64 KiB đến 64 MiB.",
                    "\"max_body\" must be between 64 KiB and 64 MiB.",
                );
            }
            settings.max_body = max_body.value;
        }
        settings.concurrency = fields.count("concurrency", 1..256).unwrap_or(settings.concurrency);
        settings.allow.extend(fields.texts("allow").iter().filter_map(|text| listen::network(text, report)));
        fields.finish();
    }
    if let Some(fields) = manners {
        settings.floor = fields.duration("floor").map_or(settings.floor, |d| d.value);
        settings.host_gap = fields.duration("host_gap").map_or(settings.host_gap, |d| d.value);
        settings.per_host = fields.count("per_host", 1..256).unwrap_or(settings.per_host);
        fields.finish();
    }
    settings
}

fn read_archive(fields: Option<Fields<'_>>, report: &Report<'_>) -> Bounds {
    let mut archive = Bounds { days: 0, bytes: 512 << 20 };
    let Some(fields) = fields else { return archive };
    archive.days = fields.count("days", 0..90).and_then(|days| u32::try_from(days).ok()).unwrap_or(0);
    if let Some(bytes) = fields.bytes("bytes") {
        archive.bytes = bytes.value as u64;
        if !((1 << 20)..=(64 << 30)).contains(&archive.bytes) {
            report.mistake(
                &bytes.span,
                "\"bytes\" phải từ 1 MiB đến 64 GiB.",
                "\"bytes\" must be between 1 MiB and 64 GiB.",
            );
        }
    }
    fields.finish();
    archive
}

fn contact(text: &At<&str>, report: &Report<'_>) -> Option<String> {
    let ok = Url::parse(text.value).is_ok_and(|u| matches!(u.scheme(), "http" | "https" | "mailto"))
        && text.value.is_ascii();
    if !ok {
        report.mistake(
            &text.span,
            format!(
                "contact \"{}\" phải là địa chỉ web hoặc \"mailto:…\", để nơi bị lấy tin liên hệ được với bạn.",
                text.value
            ),
            "contact must be a web address or \"mailto:…\", so that the people we poll can reach you.",
        );
    }
    warn_of_sample("contact", text, report);
    ok.then(|| text.value.to_owned())
}

impl Fetch {
    /// Whether a setting is less polite than a stranger may be.
    pub fn impolite(&self) -> bool {
        self.floor < POLITE_FLOOR || self.host_gap < POLITE_GAP || self.per_host > 1
    }

    /// The settings of a file that says nothing.
    pub fn polite() -> Fetch {
        Fetch {
            contact: None,
            timeout: Duration::from_secs(60),
            max_body: 8 << 20,
            concurrency: 16,
            allow: Vec::new(),
            floor: POLITE_FLOOR,
            host_gap: POLITE_GAP,
            per_host: 1,
        }
    }
}
