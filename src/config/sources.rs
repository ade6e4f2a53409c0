//! `sources/*.toml`: the sources, one file a province and one for the centre.

use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::listing;
use super::mistake::Report;
use super::province::find as find_province;
use super::reader::{At, Fields};
use crate::link;
use crate::model::{DateOrder, FullText, Level, Organ, Province, Publish, Publisher, Source};
use crate::schedule::{self, Cadence, CronError, Crontab, Time, Zone};

/// What a source is unless it says otherwise: first the file's `[defaults]`, then those of `dongtin.toml`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Defaults {
    /// How often it is polled.
    pub cadence: Option<Cadence>,
    /// What kind of body it is.
    pub organ: Option<Organ>,
    /// How far its word reaches.
    pub level: Option<Level>,
    /// How its dates are ordered.
    pub dates: Option<DateOrder>,
    /// The zone of its dates that name none.
    pub zone: Option<Zone>,
    /// How much may be published.
    pub publish: Option<Publish>,
    /// Whether the pages of new items are fetched.
    pub full_text: Option<FullText>,
}

/// Every half hour, where nobody says anything: three polls an hour of a small server are enough for a newsroom, two
/// are kind.
const EVERY: Duration = Duration::from_mins(30);

/// Feeds hold the last days; who looks more seldom misses items.
const SELDOM: Duration = Duration::from_hours(7 * 24);

/// The keys of a block that are not also those of its file.
const SOURCE_KEYS: [&str; 20] = [
    "id",
    "name",
    "url",
    "site",
    "every",
    "cron",
    "organ",
    "level",
    "dates",
    "publish",
    "topics",
    "enabled",
    "zone",
    "full_text",
    "body",
    "cms",
    "listing",
    "probe",
    "allow_downgrade",
    "ca_file",
];

/// A source with the places in its file that other files can contradict.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The source.
    pub source: Source,
    /// The file.
    pub file: String,
    /// Where its id stands.
    pub id_at: At<()>,
    /// Where its address stands.
    pub url_at: At<()>,
    /// Where each of its topics stands.
    pub topics_at: Vec<At<String>>,
    /// Where its cadence stands.
    pub cadence_at: At<()>,
    /// The file of certificates that it names, to be looked for among the others.
    pub ca_file: Option<At<String>>,
}

/// Reads one file.
pub fn read(root: &Fields<'_>, file: &str, report: &Report<'_>, global: &Defaults, now: Time) -> Vec<Listed> {
    let province = root.text("province").and_then(|text| find_province(&text, report));
    let own = root.table("defaults", "[defaults]").map_or_else(Defaults::default, |fields| {
        let defaults = read_defaults(&fields, report, now);
        fields.finish();
        defaults
    });
    let group = Group {
        file,
        province,
        unplaced: Cell::default(),
        own: Defaults {
            cadence: own.cadence.or_else(|| global.cadence.clone()),
            organ: own.organ,
            level: own.level.or(province.map(|_| Level::Province)),
            dates: own.dates,
            zone: own.zone,
            publish: own.publish,
            full_text: own.full_text,
        },
    };
    if let Some(first) = ["id", "name", "url"].into_iter().find(|key| root.has(key)) {
        report.mistake(
            &root.span_of(first),
            "Thiếu dòng [[source]] trước khối này.",
            "The line [[source]] is missing before this block.",
        );
        root.pass_over(&SOURCE_KEYS);
    }
    let blocks = root.tables("source", "[[source]]");
    let last = blocks.last().filter(|fields| fields.has("province")).map(|fields| fields.span_of("province"));
    let sources = blocks.into_iter().filter_map(|fields| group.read_source(fields, report, now)).collect();
    // A province that was not understood is a mistake already.
    let unplaced = group.unplaced.take().filter(|_| !root.has("province"));
    match (unplaced, last) {
        // TOML gives a line at the end of a file to the block above it.
        (Some(_), Some(last)) => report.warning(
            &last,
            "\"province\" ở đây chỉ thuộc nguồn ngay phía trên, các nguồn khác được coi là của trung ương. Muốn cho cả tập tin, hãy đưa dòng này lên trước [[source]] đầu tiên.",
            "\"province\" belongs here only to the source above it; the others count as central. For the whole file, move this line before the first [[source]].",
        ),
        (Some(first), None) => report.warning(
            &first,
            "Không có \"province\" hay \"level\" nên nguồn ở đây được coi là của trung ương. Nếu đúng, hãy ghi level = \"central\"; nếu không, hãy ghi province = \"…\" ở đầu tập tin.",
            "Without \"province\" or \"level\" a source counts as central. If it is, write level = \"central\"; if not, write province = \"…\" at the top of the file.",
        ),
        (None, _) => {}
    }
    sources
}

fn read_defaults(fields: &Fields<'_>, report: &Report<'_>, now: Time) -> Defaults {
    Defaults {
        cadence: cadence(fields, report, now),
        organ: fields.word("organ", Organ::WORDS, Organ::parse),
        level: fields.word("level", Level::WORDS, Level::parse),
        dates: fields.word("dates", DateOrder::WORDS, DateOrder::parse),
        zone: zone(fields, report),
        publish: fields.word("publish", Publish::WORDS, Publish::parse),
        full_text: fields.word("full_text", FullText::WORDS, FullText::parse),
    }
}

fn zone(fields: &Fields<'_>, report: &Report<'_>) -> Option<Zone> {
    let written = fields.text("zone")?;
    let zone = schedule::zone(written.value);
    if zone.is_none() {
        report.mistake(
            &written.span,
            format!("\"zone\" phải có dạng \"+07:00\", không phải \"{}\".", written.value),
            format!("\"zone\" must look like \"+07:00\", not \"{}\".", written.value),
        );
    }
    zone
}

/// What the sources of one file share.
struct Group<'f> {
    file: &'f str,
    province: Option<&'static Province>,
    own: Defaults,
    /// The first source of which nobody said where it belongs.
    unplaced: Cell<Option<Range<usize>>>,
}

impl Group<'_> {
    fn read_source(&self, fields: Fields<'_>, report: &Report<'_>, now: Time) -> Option<Listed> {
        let id = fields.required("id").filter(|text| is_slug(text, report));
        let name = fields.required("name");
        let url = fields
            .required("url")
            .and_then(|text| web_address(&text, report).map(|value| At { value, span: text.span }));
        let site = fields.text("site").and_then(|text| web_address(&text, report));
        let own = read_defaults(&fields, report, now);
        let province = match fields.text("province") {
            Some(text) => find_province(&text, report),
            None => self.province,
        };
        if own.level.or(self.own.level).is_none() && province.is_none() && !fields.has("province") {
            self.unplaced.set(self.unplaced.take().or(Some(fields.span())));
        }
        let level =
            own.level.or(self.own.level).unwrap_or(if province.is_some() { Level::Province } else { Level::Central });
        let topics: Vec<At<String>> =
            fields.texts("topics").into_iter().map(|t| At { value: t.value.to_owned(), span: t.span }).collect();
        let enabled = fields.boolean("enabled").unwrap_or(true);
        let probe = fields.boolean("probe").unwrap_or(true);
        let allow_downgrade = fields.boolean("allow_downgrade").unwrap_or(false);
        let ca_file = fields.filled("ca_file").map(|t| At { value: t.value.to_owned(), span: t.span });
        let listing = listing::read(&fields, report);
        let body = listing::selectors(&fields, "body", report);
        let cadence_key = if fields.has("cron") { "cron" } else { "every" };
        let cadence_at = At { value: (), span: fields.span_of(cadence_key) };
        let span = fields.span();
        fields.finish();
        let (id, name, url) = (id?, name?, url?);
        if level != Level::Central && province.is_none() {
            report.mistake(
                &span,
                format!(
                    "Nguồn \"{}\" không thuộc trung ương nên phải có \"province\", ví dụ province = \"ha-noi\".",
                    id.value
                ),
                format!("The source \"{}\" is not central, so it needs a \"province\" such as \"ha-noi\".", id.value),
            );
        }
        let site = site.or_else(|| url.value.join("/").ok())?;
        let publisher = Publisher {
            id: id.value.to_owned(),
            name: name.value.trim().to_owned(),
            feed: url.value,
            site,
            province,
            organ: own.organ.or(self.own.organ).unwrap_or(Organ::Press),
            level,
        };
        let source = Source {
            publisher: Arc::new(publisher),
            cadence_is_own: own.cadence.is_some(),
            cadence: own.cadence.or_else(|| self.own.cadence.clone()).unwrap_or(Cadence::Every(EVERY)),
            dates: own.dates.or(self.own.dates).unwrap_or_default(),
            zone: own.zone.or(self.own.zone).unwrap_or_else(schedule::vietnam),
            publish: own.publish.or(self.own.publish).unwrap_or_default(),
            topics: topics.iter().map(|t| t.value.clone()).collect(),
            enabled,
            listing,
            body,
            full_text: own.full_text.or(self.own.full_text).unwrap_or_default(),
            probe,
            allow_downgrade,
            trust: None,
        };
        let at = |span| At { value: (), span };
        Some(Listed {
            source,
            file: self.file.to_owned(),
            id_at: at(id.span),
            url_at: at(url.span),
            topics_at: topics,
            cadence_at,
            ca_file,
        })
    }
}

/// `every` (a length of time, or "auto") or `cron`, not both.
pub fn cadence(fields: &Fields<'_>, report: &Report<'_>, now: Time) -> Option<Cadence> {
    let written = fields.text("every");
    let is_auto = written.as_ref().is_some_and(|text| text.value.trim() == "auto");
    let every = written.filter(|_| !is_auto).and_then(|text| fields.duration_of("every", text));
    let cron = fields.text("cron");
    if let (true, Some(cron)) = (is_auto || every.is_some(), &cron) {
        report.mistake(
            &cron.span,
            "Chỉ dùng một trong hai: \"every\" hoặc \"cron\".",
            "Use either \"every\" or \"cron\", not both.",
        );
        return None;
    }
    if let Some(cron) = cron {
        return match Crontab::parse(cron.value, now) {
            Ok(crontab) => Some(Cadence::Cron(crontab)),
            Err(error) => {
                report.mistake(&cron.span, cron_in_vietnamese(&error), capitalised(&error.to_string()));
                None
            }
        };
    }
    if is_auto {
        return Some(Cadence::Auto);
    }
    let every = every?;
    if every.value.is_zero() {
        report.mistake(&every.span, "\"every\" phải lớn hơn 0.", "\"every\" must be more than 0.");
        return None;
    }
    if every.value > SELDOM {
        report.warning(
            &every.span,
            "\"every\" dài hơn một tuần: tin sẽ đến rất muộn, và nhiều tin sẽ trôi mất khỏi feed.",
            "\"every\" is longer than a week: items will come late, and many will have left the feed.",
        );
    }
    Some(Cadence::Every(every.value))
}

fn cron_in_vietnamese(error: &CronError) -> String {
    match error {
        CronError::Fields(count) => {
            format!(
                "\"cron\" cần đúng năm trường: phút giờ ngày tháng thứ; ở đây có {count}. Ví dụ \"*/20 6-22 * * *\"."
            )
        }
        CronError::Field { field, text } => {
            let field = match *field {
                "minute" => "phút (0-59)",
                "hour" => "giờ (0-23)",
                "day" => "ngày (1-31)",
                "month" => "tháng (1-12)",
                _ => "thứ (0-7, chủ nhật là 0 hoặc 7)",
            };
            format!("\"cron\": trường {field} không đọc được \"{text}\".")
        }
        CronError::Never => "\"cron\": thời điểm này không bao giờ đến.".to_owned(),
    }
}

/// The first letter in upper case and a full stop: our errors are written to be embedded.
pub fn capitalised(message: &str) -> String {
    let mut chars = message.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).chain(['.']).collect()).unwrap_or_default()
}

/// Whether an id may stand in addresses, file names and logs.
pub fn is_slug(text: &At<&str>, report: &Report<'_>) -> bool {
    let id = text.value;
    let ok = (1..=64).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !id.starts_with('-')
        && !id.ends_with('-');
    if !ok {
        report.mistake(
            &text.span,
            format!("\"{id}\" chỉ được gồm chữ thường không dấu, chữ số và dấu gạch nối, ví dụ \"bao-ha-tinh\"."),
            format!("\"{id}\" may have only lower-case ASCII letters, digits and hyphens, such as \"bao-ha-tinh\"."),
        );
    }
    ok
}

fn web_address(text: &At<&str>, report: &Report<'_>) -> Option<Url> {
    let url = link::absolute(None, text.value);
    if url.is_none() {
        report.mistake(
            &text.span,
            format!(
                "\"{}\" phải là địa chỉ web đầy đủ bắt đầu bằng https:// hoặc http://, không có tên và mật khẩu.",
                text.value
            ),
            "This must be a full web address beginning with https:// or http://, without user name and password.",
        );
    }
    url
}
