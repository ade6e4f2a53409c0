//! Files → [`Config`], complete or refused. A bad configuration changes nothing: every mistake in every file is
//! reported at once, and the caller keeps what it had.

mod doubts;
mod files;
mod learned;
mod listen;
mod listing;
pub mod mistake;
mod phrases;
mod province;
mod reader;
mod settings;
pub mod shipped;
mod sources;
mod syntax;
#[cfg(test)]
mod tests;
mod topics;
mod trust;
mod units;
pub mod websub;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use toml::de::DeTable;

pub use listen::Listen;
pub use mistake::Mistake;
pub use settings::{Fetch, Settings};
pub use units::parse_duration;

use self::mistake::Report;
use self::reader::Fields;
use self::sources::Defaults;
use crate::address;
use crate::classify::phrase::Groups;
use crate::classify::{Rules, TooLarge};
use crate::link;
use crate::model::Source;
use crate::schedule::Time;

/// Everything the daemon is told.
pub struct Config {
    /// The settings.
    pub settings: Settings,
    /// The sources by id, disabled ones too.
    pub sources: BTreeMap<String, Arc<Source>>,
    /// The topics, ready to decide.
    pub rules: Arc<Rules>,
    /// What was accepted with doubt.
    pub warnings: Vec<Mistake>,
}

impl Config {
    /// How many sources are polled.
    pub fn polled(&self) -> usize {
        self.sources.values().filter(|s| s.enabled).count()
    }
}

/// A file of a configuration.
#[derive(Debug, Clone)]
pub struct File {
    /// Its name as messages show it.
    pub name: String,
    /// What it is, by its place.
    pub kind: FileKind,
    /// Its text.
    pub text: String,
}

/// What a file is, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// `dongtin.toml`.
    Settings,
    /// `topics/*.toml`.
    Topic,
    /// `topics/*.tsv`: what a topic learned, for topics that name it.
    Weights,
    /// `sources/*.toml`.
    Sources,
    /// `ca/*`: certificates in PEM text, for sources that name them. What is not UTF-8 in it is replaced: it is not PEM.
    Certificates,
}

/// Reads a configuration folder.
pub fn load(dir: &Path, now: Time) -> Result<Config, Vec<Mistake>> {
    let (files, doubts) = files::read(dir)?;
    match read(&files, now) {
        Ok(config) => Ok(Config { warnings: [doubts, config.warnings].concat(), ..config }),
        Err(mistakes) => Err([doubts, mistakes].concat()),
    }
}

/// The topics of a configuration folder, for commands that need nothing else.
pub fn load_topics(dir: &Path) -> Result<Rules, Vec<Mistake>> {
    read_topics(&files::read(dir)?.0)
}

/// The topics among these files.
pub fn read_topics(files: &[File]) -> Result<Rules, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let topics = topics_of(files, &mut mistakes);
    let rules = compile(topics, files, &mut mistakes).map_err(|e| vec![too_many_phrases(&e)])?;
    if mistakes.iter().any(|m| m.fatal) { Err(mistakes) } else { Ok(rules) }
}

fn too_many_phrases(error: &TooLarge) -> Mistake {
    Mistake::of_file(
        "topics/",
        format!("Các cụm từ quá nhiều hoặc quá dài: {error}."),
        sources::capitalised(&error.to_string()),
    )
}

/// The topics with what they learned.
fn compile(topics: Vec<topics::Listed>, files: &[File], mistakes: &mut Vec<Mistake>) -> Result<Rules, TooLarge> {
    let learned = learned::load(&topics, files, mistakes);
    Ok(Rules::compile(topics.into_iter().map(|l| l.topic).collect())?.with_learned(learned))
}

/// Reads a configuration from its files.
pub fn read(files: &[File], now: Time) -> Result<Config, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let mut settings = None;
    for file in files.iter().filter(|f| f.kind == FileKind::Settings) {
        settings = in_file(file, &mut mistakes, |root, report| settings::read(root, report, now)).flatten();
    }
    let topics = topics_of(files, &mut mistakes);
    let defaults = settings.as_ref().map(|s: &Settings| s.defaults.clone()).unwrap_or_default();
    let mut sources = sources_of(files, &defaults, &mut mistakes, now);
    trust::attach(files, &mut sources, &mut mistakes);
    let topic_ids: Vec<&str> = topics.iter().map(|t| t.topic.id.as_str()).collect();
    cross_check(files, &sources, &topic_ids, settings.as_ref(), now, &mut mistakes);
    let rules = match compile(topics, files, &mut mistakes) {
        Ok(rules) => Some(rules),
        Err(e) => {
            mistakes.push(too_many_phrases(&e));
            None
        }
    };
    mistakes.sort();
    mistakes.dedup();
    match (settings, rules) {
        (Some(settings), Some(rules)) if !mistakes.iter().any(|m| m.fatal) => Ok(Config {
            settings,
            sources: sources.into_iter().map(|l| (l.source.id().to_owned(), Arc::new(l.source))).collect(),
            rules: Arc::new(rules),
            warnings: mistakes,
        }),
        _ => Err(mistakes),
    }
}

fn topics_of(files: &[File], mistakes: &mut Vec<Mistake>) -> Vec<topics::Listed> {
    let mut topics: Vec<topics::Listed> = Vec::new();
    let groups = groups_of(files, mistakes);
    for file in files.iter().filter(|f| f.kind == FileKind::Topic) {
        let Some(listed) =
            in_file(file, mistakes, |root, report| topics::read(root, &file.name, &groups, report)).flatten()
        else {
            continue;
        };
        if let Some(first) = topics.iter().find(|t| t.topic.id == listed.topic.id) {
            let report = Report::new(&file.name, &file.text);
            report.mistake(
                &listed.id_at.span,
                format!("Chủ đề \"{}\" đã có trong {}.", listed.topic.id, first.file),
                format!("The topic \"{}\" is already in {}.", listed.topic.id, first.file),
            );
            mistakes.extend(report.into_mistakes());
        }
        topics.push(listed);
    }
    topics::check_former_ids(&topics, files, mistakes);
    topics
}

/// The groups of phrases that any topic file defines, for all of them.
fn groups_of(files: &[File], mistakes: &mut Vec<Mistake>) -> Groups {
    let mut groups = Groups::new();
    for file in files.iter().filter(|f| f.kind == FileKind::Topic) {
        let report = Report::new(&file.name, &file.text);
        // A file with a mistake of syntax is reported where its topic is read.
        let (table, errors) = DeTable::parse_recoverable(&file.text);
        if !errors.is_empty() {
            continue;
        }
        for (name, members) in phrases::groups(&Fields::of_file(table.get_ref(), &report), &report) {
            if groups.insert(name.value.clone(), members).is_some() {
                report.mistake(
                    &name.span,
                    format!("Nhóm \"{}\" đã có ở trên hoặc trong tập tin khác.", name.value),
                    format!("The group \"{}\" is already defined above or in another file.", name.value),
                );
            }
        }
        mistakes.extend(report.into_mistakes());
    }
    groups
}

fn sources_of(files: &[File], defaults: &Defaults, mistakes: &mut Vec<Mistake>, now: Time) -> Vec<sources::Listed> {
    let mut all = Vec::new();
    for file in files.iter().filter(|f| f.kind == FileKind::Sources) {
        all.extend(
            in_file(file, mistakes, |root, report| sources::read(root, &file.name, report, defaults, now))
                .unwrap_or_default(),
        );
    }
    all
}

/// Parses a file and hands its root to `read`; of a file with a syntax mistake nothing is read, because what stands
/// behind a missing quote means nothing.
fn in_file<T>(file: &File, mistakes: &mut Vec<Mistake>, read: impl FnOnce(&Fields<'_>, &Report<'_>) -> T) -> Option<T> {
    let report = Report::new(&file.name, &file.text);
    let (table, errors) = DeTable::parse_recoverable(&file.text);
    // The parser reports a string without its end after what it makes of the rest.
    let first = errors.iter().min_by_key(|error| error.span().map_or(0, |span| span.start));
    let value = match first {
        Some(error) => {
            syntax::report(file, error, &report);
            None
        }
        None => {
            let root = Fields::of_file(table.get_ref(), &report);
            let value = read(&root, &report);
            root.finish();
            Some(value)
        }
    };
    mistakes.extend(report.into_mistakes());
    value
}

/// What only all files together can show.
fn cross_check(
    files: &[File],
    listed: &[sources::Listed],
    topics: &[&str],
    settings: Option<&Settings>,
    now: Time,
    mistakes: &mut Vec<Mistake>,
) {
    // A topic whose own file is broken is not also missing.
    let topics_are_known =
        !files.iter().any(|f| f.kind == FileKind::Topic && mistakes.iter().any(|m| m.fatal && m.file == f.name));
    let mut by_id: BTreeMap<&str, &sources::Listed> = BTreeMap::new();
    let mut by_url: BTreeMap<String, &sources::Listed> = BTreeMap::new();
    for file in files.iter().filter(|f| f.kind == FileKind::Sources) {
        let report = Report::new(&file.name, &file.text);
        for one in listed.iter().filter(|l| l.file == file.name) {
            let id = one.source.id();
            if let Some(first) = by_id.insert(id, one) {
                report.mistake(
                    &one.id_at.span,
                    format!("Nguồn \"{id}\" đã có trong {}. Mỗi id chỉ dùng một lần.", first.file),
                    format!("The source \"{id}\" is already in {}. Every id is used once.", first.file),
                );
            }
            if let Some(first) =
                by_url.insert(link::identity(one.source.url()), one).filter(|f| f.source.enabled && one.source.enabled)
            {
                report.warning(
                    &one.url_at.span,
                    format!("Địa chỉ này đã là của nguồn \"{}\": một trang sẽ bị lấy hai lần.", first.source.id()),
                    format!(
                        "This address already belongs to the source \"{}\": one server would be asked twice.",
                        first.source.id()
                    ),
                );
            }
            for topic in one.topics_at.iter().filter(|t| topics_are_known && !topics.contains(&t.value.as_str())) {
                let (vi, en) = mistake::hint(&topic.value, topics);
                report.mistake(
                    &topic.span,
                    format!("Không có chủ đề \"{}\". {vi}", topic.value),
                    format!("There is no topic \"{}\". {en}", topic.value),
                );
            }
            if let Some(settings) = settings {
                check_against_settings(one, settings, now, &report);
            }
        }
        mistakes.extend(report.into_mistakes());
    }
    let Some(settings_file) = files.iter().find(|f| f.kind == FileKind::Settings) else {
        return;
    };
    let report = Report::new(&settings_file.name, &settings_file.text);
    if listed.is_empty() && mistakes.iter().all(|m| !m.fatal) {
        report.mistake(
            &(0..0),
            "Không có nguồn nào trong thư mục sources/.",
            "There is no source in the folder sources/.",
        );
    } else if !listed.is_empty() && !listed.iter().any(|l| l.source.enabled) {
        report.warning(&(0..0), "Mọi nguồn đều tắt (enabled = false).", "Every source is disabled (enabled = false).");
    }
    if let Some(settings) = settings {
        let own = |l: &&sources::Listed| address::is_named(l.source.url(), &settings.fetch.allow);
        if settings.fetch.impolite() && !listed.iter().filter(|l| l.source.enabled).all(|l| own(&l)) {
            report.mistake(
                &manners_at(&settings_file.text),
                "[manners] chỉ được nới lỏng (floor dưới 10m, host_gap dưới 1s, per_host trên 1) khi mọi nguồn đều là máy của bạn, ghi trong fetch.allow.",
                "[manners] may be loosened (floor below 10m, host_gap below 1s, per_host above 1) only when every source is a server of yours, named in fetch.allow.",
            );
        }
        if settings.fetch.contact.is_none() {
            report.warning(
                &(0..0),
                "Chưa có fetch.contact: nơi bị lấy tin không biết liên hệ với ai, và dễ chặn bạn.",
                "fetch.contact is not set: the people we poll cannot reach you, and will sooner block you.",
            );
        }
    }
    mistakes.extend(report.into_mistakes());
}

fn check_against_settings(one: &sources::Listed, settings: &Settings, now: Time, report: &Report<'_>) {
    let url = one.source.url();
    if let Err(refused) = address::check_literal(url, &settings.fetch.allow) {
        report.mistake(
            &one.url_at.span,
            format!("{refused} là địa chỉ nội bộ; nếu đúng là máy của bạn, hãy thêm vào fetch.allow."),
            format!("{refused} is not a public address; if it is your own server, add it to fetch.allow."),
        );
    }
    let name = url.host_str().unwrap_or_default();
    if settings::is_local_name(name) && settings.fetch.allow.is_empty() {
        report.warning(
            &one.url_at.span,
            format!("\"{name}\" là tên trong mạng nội bộ: nguồn này sẽ bị từ chối, trừ khi địa chỉ của nó có trong fetch.allow."),
            format!("\"{name}\" is a name of a local network: the source will be refused unless its address is in fetch.allow."),
        );
    }
    if link::host_key(url) == link::host_key(&settings.public.base_url) {
        report.mistake(
            &one.url_at.span,
            "Nguồn này là chính trang của bạn (base_url): chương trình sẽ tự đọc lại tin của mình.",
            "This source is your own site (base_url): the daemon would read its own feed.",
        );
    }
    let interval = one.source.cadence.interval(now);
    if one.source.enabled && interval < settings.fetch.floor {
        let (wanted, floor) = (minutes(interval), minutes(settings.fetch.floor));
        report.mistake(
            &one.cadence_at.span,
            format!(
                "Lấy tin cách nhau {wanted} phút là quá dày: ít nhất {floor} phút (máy chủ của các cơ quan thường nhỏ)."
            ),
            format!("Polling every {wanted} minutes is too often: at least {floor} minutes (these servers are small)."),
        );
    }
}

fn minutes(duration: std::time::Duration) -> String {
    let seconds = duration.as_secs();
    if seconds.is_multiple_of(60) {
        (seconds / 60).to_string()
    } else {
        format!("{:.1}", duration.as_secs_f64() / 60.0)
    }
}

fn manners_at(text: &str) -> std::ops::Range<usize> {
    let at = text.find("[manners]").unwrap_or(0);
    at..at
}
