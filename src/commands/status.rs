//! `dongtin status`: how every source is, when it is polled next, and why then. Reads the database beside the daemon.

use std::collections::BTreeMap;

use anyhow::Result;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{absolute, counted, line, load_config, local, refuse, state_dir, time_json};
use crate::cli::{Exit, Format, Status};
use crate::clock;
use crate::config::websub::Hub;
use crate::model::Source;
use crate::poll::{self, Criteria};
use crate::rhythm::Silence;
use crate::schedule::{Cause, Time};
use crate::store::sources::{self, State};
use crate::store::subscriptions::{self, Record};
use crate::store::topics::{self, DecidedBy};
use crate::store::{self, Store, stories};
use crate::websub::Subscription;

/// A source that failed this often in a row is ill; before, it had bad luck.
const ILL_AFTER: u32 = 3;
/// A source that was never well for this long is ill however often it was asked.
const ILL_SINCE: TimeDelta = TimeDelta::days(2);
/// A source is this long overdue, besides the time between two of its polls, only if nobody polls any more.
const OVERDUE_AFTER: TimeDelta = TimeDelta::hours(1);

/// The state of a source in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    Well,
    New,
    Failing,
    /// It answers, and has had nothing new for longer than its own rhythm explains.
    Silent,
    Ill,
}

impl Condition {
    fn of(source: &Source, state: &State, silence: Silence, now: Time) -> Condition {
        let health = &state.health;
        if is_overdue(source, state, now) {
            return Condition::Ill;
        }
        let never_well = health.ok_at.or(health.polled_at).is_some_and(|t| now - t > ILL_SINCE);
        match (health.failures, health.polled_at) {
            _ if state.due.is_some_and(|due| due.cause == Cause::Stopped) => Condition::Ill,
            (0, None) => Condition::New,
            // Our own network counts nobody's failures, and yet nothing came.
            (0, Some(_)) if health.failure_class.is_some() && never_well => Condition::Ill,
            (0, Some(_)) if health.failure_class.is_some() => Condition::Failing,
            (0, Some(_)) if silence.alarming => Condition::Silent,
            (0, Some(_)) => Condition::Well,
            (failures, _) if failures >= ILL_AFTER || never_well => Condition::Ill,
            _ => Condition::Failing,
        }
    }

    fn mark(self) -> &'static str {
        match self {
            Condition::Well => "✓",
            Condition::New => "…",
            Condition::Failing => "!",
            Condition::Silent => "?",
            Condition::Ill => "✗",
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Condition::Well => "well",
            Condition::New => "new",
            Condition::Failing => "failing",
            Condition::Silent => "silent",
            Condition::Ill => "ill",
        }
    }
}

/// Whether a poll is missing: the daemon is not running, or stuck.
fn is_overdue(source: &Source, state: &State, now: Time) -> bool {
    let interval = TimeDelta::from_std(source.cadence.interval(now)).unwrap_or(TimeDelta::MAX);
    let bound = OVERDUE_AFTER.checked_add(&interval).unwrap_or(TimeDelta::MAX);
    state.due.is_some_and(|due| now - due.at > bound)
}

pub fn run(args: &Status) -> Result<Exit> {
    let (config_dir, config) = load_config(&args.config)?;
    let dir = state_dir(&config_dir, &config);
    let Some(store) = Store::open_beside(&dir)? else {
        return Err(refuse(
            Exit::Io,
            format!(
                "chưa có dữ liệu trong {0} (cấu hình {1}); chương trình đã chạy nền chưa?\n    \
                 no database in {0} (configuration {1}); has the daemon run yet?",
                absolute(&dir),
                absolute(&config_dir)
            ),
        ));
    };
    let now = clock::now();
    let states = store.read(sources::states)?;
    let hubs = store.read(subscriptions::all)?;
    let readers = store.read(|db| store::hub::count(db, now))?;
    let (all, by_topic) = store.read(stories::counts)?;
    let enabled = config.sources.values().filter(|s| s.enabled);
    let rows: Vec<Row<'_>> = enabled
        .map(|source| {
            let state = states.get(source.id());
            let condition = state.map_or(Ok(Condition::New), |state| {
                Ok::<_, anyhow::Error>(Condition::of(source, state, silence(&store, state, now)?, now))
            });
            Ok((&**source, state, hubs.get(source.id()), condition?))
        })
        .collect::<Result<_>>()?;
    let count = |wanted| rows.iter().filter(|(.., condition)| *condition == wanted).count();
    let ill = count(Condition::Ill) + count(Condition::Silent);
    let daemon = store::holder(&dir)?;
    let rules = Rules::of(
        &store.read(topics::decided_by)?,
        &Criteria::new(&config.rules, &config.sources).fingerprint(),
        daemon.is_some(),
    );
    if args.format == Format::Text {
        print_text(&rows, now)?;
        let failing = count(Condition::Failing);
        line(match &daemon {
            Some(pid) => format!("Đang chạy nền (tiến trình {pid}). · The daemon is running (process {pid})."),
            None => {
                "Chương trình KHÔNG chạy nền: không có lần lấy tin nào sắp tới. Hãy chạy: systemctl start dongtin\n    \
                 The daemon is NOT running: nothing is going to be polled. Run: systemctl start dongtin"
                    .to_owned()
            }
        })?;
        if let Some(text) = rules.text() {
            line(text)?;
        }
        if config.settings.websub.hub == Hub::Own {
            line(format_args!(
                "Hub WebSub: {0} bên đăng ký nhận tin, {1} bên đang không nhận được. · {0} {2}, {1} failing",
                readers.active,
                readers.failing,
                counted(readers.active as usize, "subscriber", "subscribers"),
            ))?;
        }
        let topics: Vec<String> = by_topic.iter().map(|(topic, count)| format!("{topic} {count}")).collect();
        let topics = if topics.is_empty() { String::new() } else { format!(" ({})", topics.join(", ")) };
        line(format_args!(
            "{} nguồn: {ill} hỏng, {failing} đang trục trặc · {all} tin{topics}\n    {}: {ill} ill, {failing} failing · {}",
            rows.len(),
            counted(rows.len(), "source", "sources"),
            counted(all as usize, "story", "stories"),
        ))?;
    } else {
        let list: Vec<Value> =
            rows.iter().map(|(source, state, hub, condition)| row_json(source, *state, *hub, *condition)).collect();
        let topics: BTreeMap<&String, &u32> = by_topic.iter().collect();
        line(
            json!({ "schema": "status/1", "sources": list, "stories": all, "topics": topics, "ill": ill, "running": daemon.is_some(), "rules": rules.as_str(),
                "hub": { "subscribers": readers.active, "failing": readers.failing } }),
        )?;
    }
    Ok(if ill == 0 { Exit::Ok } else { Exit::No })
}

/// How the stored decisions stand to the rules on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rules {
    InForce,
    /// Some stored items are not decided yet.
    DecidingAgain,
    /// The next start will decide again.
    Waiting,
    /// The daemon goes by others.
    Edited,
}

impl Rules {
    fn of(decided_by: &DecidedBy, on_disk: &str, is_running: bool) -> Rules {
        match decided_by {
            DecidedBy::One(rules) if rules == on_disk => Rules::InForce,
            DecidedBy::One(_) if is_running => Rules::Edited,
            DecidedBy::Several if is_running => Rules::DecidingAgain,
            DecidedBy::Unknown => Rules::InForce,
            _ => Rules::Waiting,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Rules::InForce => "in-force",
            Rules::DecidingAgain => "deciding-again",
            Rules::Waiting => "waiting",
            Rules::Edited => "edited",
        }
    }

    fn text(self) -> Option<&'static str> {
        match self {
            Rules::InForce => None,
            Rules::DecidingAgain => {
                Some("Đang xếp lại chủ đề cho các tin đã lưu. · Stored items are being decided again.")
            }
            Rules::Waiting => Some(
                "Tin đã lưu sẽ được xếp lại chủ đề khi chạy nền. · Stored items will be decided again when the daemon runs.",
            ),
            Rules::Edited => Some(
                "Quy tắc chủ đề trên đĩa khác quy tắc đang dùng: xem dongtin topic diff, rồi systemctl reload dongtin\n    \
                 The topic rules on disk are not those in force: see dongtin topic diff, then systemctl reload dongtin",
            ),
        }
    }
}

/// What the silence of a source means by its own rhythm.
fn silence(store: &Store, state: &State, now: Time) -> Result<Silence> {
    let Some(new_at) = state.health.new_at else { return Ok(Silence { expected: 0.0, alarming: false }) };
    Ok(store.read(|db| poll::rhythm(db, state.row, now))?.silence(new_at, now))
}

/// A source with what is stored of it.
type Row<'s> = (&'s Source, Option<&'s State>, Option<&'s Record>, Condition);

fn print_text(rows: &[Row<'_>], now: Time) -> Result<()> {
    let width = rows.iter().map(|(s, ..)| s.id().len()).max().unwrap_or(0);
    for (source, state, hub, condition) in rows {
        let mark = condition.mark();
        let id = source.id();
        let Some(state) = state else {
            line(format_args!("{mark} {id:width$}  chưa lấy lần nào · never polled"))?;
            continue;
        };
        let health = &state.health;
        let last =
            health.ok_at.map_or("chưa lấy được lần nào".to_owned(), |t| format!("lấy được lúc {}", local(t)));
        let next = match state.due {
            Some(due) if due.at > now => format!("lần tới {} ({})", local(due.at), cause(due.cause)),
            Some(due) if is_overdue(source, state, now) => format!("QUÁ HẠN từ {} · overdue", local(due.at)),
            Some(due) => format!("đến hạn ({})", cause(due.cause)),
            None => "chưa xếp lịch".to_owned(),
        };
        line(format_args!("{mark} {id:width$}  {last}; {next}"))?;
        if let (Some(class), Some(text)) = (&health.failure_class, &health.failure_text) {
            line(format_args!(
                "  {:width$}  {} lần lỗi liên tiếp, lần cuối/last: {class}: {text}",
                "", health.failures
            ))?;
        }
        if *condition == Condition::Silent {
            let since = health.new_at.map(local).unwrap_or_default();
            line(format_args!(
                "  {:width$}  không có tin mới từ {since}, lâu hơn nhịp đăng bài của nguồn: địa chỉ có còn đúng không? · silent for too long",
                ""
            ))?;
        }
        if let Some(place) = &state.relocation.to {
            let adopted = state.relocation.adopted.is_some();
            let what = if adopted {
                "đang lấy ở địa chỉ mới, hãy sửa url · moved, asked there; change the url"
            } else {
                "máy chủ báo đã chuyển · said to have moved"
            };
            line(format_args!("  {:width$}  {what}: {place}", ""))?;
        }
        if let Some(repairs) = &health.repairs {
            line(format_args!("  {:width$}  feed có lỗi, đã tự sửa/repaired: {repairs}", ""))?;
        }
        if let Some(hub) = hub.and_then(|record| record.subscription.as_ref()) {
            let last =
                hub.last_push.map_or("chưa báo lần nào".to_owned(), |t| format!("báo lần cuối {}", local(t)));
            let trusted = if hub.trusted { ", đáng tin · trusted" } else { "" };
            line(format_args!("  {:width$}  hub {} ({}{trusted}): {last}", "", hub.hub, hub.state.as_str()))?;
        }
    }
    Ok(())
}

/// Why then, in words.
fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::First => "lần đầu · first",
        Cause::Cadence => "theo lịch · schedule",
        Cause::MaxAge => "máy chủ cho giữ đến lúc ấy · max-age",
        Cause::Rhythm => "theo nhịp đăng bài của nguồn · its own rhythm",
        Cause::Ttl => "feed ghi nhịp của mình (ttl, updatePeriod) · the feed's own pace",
        Cause::Skip => "feed xin nghỉ giờ, ngày ấy (skipHours, skipDays) · hours or days it skips",
        Cause::Unvouched => "máy chủ không cho biết tin có đổi hay không · no validators or max-age",
        Cause::Bytes => "giữ lượng tải trong ngày · daily bytes",
        Cause::WebSub => "hub tự báo tin mới, chỉ kiểm tra lại · WebSub",
        Cause::HostPause => "máy chủ ấy xin nghỉ · its host asked for a pause",
        Cause::Outage => "mạng của máy này bị đứt · our own network was down",
        Cause::Stopped => "đã ngừng: feed mất hẳn (410) · stopped: gone for good",
        Cause::RetryAfter => "máy chủ yêu cầu chờ · Retry-After",
        Cause::Backoff => "chờ lâu hơn sau lỗi · back-off",
    }
}

fn row_json(source: &Source, state: Option<&State>, hub: Option<&Record>, condition: Condition) -> Value {
    let health = state.map(|s| s.health.clone()).unwrap_or_default();
    let due = state.and_then(|s| s.due);
    json!({
        "source": source.id(), "name": source.publisher.name, "url": source.url().as_str(), "condition": condition.as_str(),
        "polled_at": time_json(health.polled_at), "ok_at": time_json(health.ok_at), "new_at": time_json(health.new_at),
        "newest": time_json(health.newest_at), "next": time_json(due.map(|d| d.at)), "next_cause": due.map(|d| sources::cause_name(d.cause)),
        "not_before": time_json(state.and_then(|s| s.not_before)), "failures": health.failures, "class": health.failure_class,
        "text": health.failure_text, "repaired": health.repairs,
        "moved_to": state.and_then(|s| s.relocation.to.as_ref()).map(url::Url::as_str),
        "asked_at": state.and_then(|s| s.relocation.adopted.as_ref()).map(url::Url::as_str),
        "websub": hub.and_then(|record| record.subscription.as_ref()).map(hub_json),
    })
}

fn hub_json(subscription: &Subscription) -> Value {
    json!({
        "hub": subscription.hub.as_str(), "topic": subscription.topic.as_str(), "state": subscription.state.as_str(),
        "lease_until": time_json(subscription.lease_until), "last_push": time_json(subscription.last_push), "trusted": subscription.trusted,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::schedule::Due;
    use chrono::TimeZone;
    use std::path::Path;

    #[test]
    fn a_source_that_nobody_polls_any_more_is_ill() {
        let now = chrono::Utc.with_ymd_and_hms(2026, 11, 23, 5, 0, 0).unwrap();
        let config = config::load(Path::new("config"), now).unwrap_or_else(|m| panic!("{m:?}"));
        let source = config.sources.values().find(|s| s.enabled).unwrap();
        let interval = TimeDelta::from_std(source.cadence.interval(now)).unwrap();
        let mut state = State::unknown(&source.publisher);
        state.health.polled_at = Some(now - TimeDelta::days(10));
        for (late, expected) in [
            (TimeDelta::zero(), Condition::Well),
            (OVERDUE_AFTER + interval, Condition::Well),
            (OVERDUE_AFTER + interval + TimeDelta::seconds(1), Condition::Ill),
            (TimeDelta::days(10), Condition::Ill),
        ] {
            state.due = Some(Due { at: now - late, cause: Cause::Cadence });
            let heard = Silence { expected: 0.0, alarming: false };
            assert_eq!(Condition::of(source, &state, heard, now), expected, "{late}");
        }
    }

    #[test]
    fn it_says_whether_the_rules_on_disk_decided_what_is_stored() {
        let one = |rules: &str| DecidedBy::One(rules.to_owned());
        for (decided_by, is_running, expected) in [
            (one("a"), true, Rules::InForce),
            (one("a"), false, Rules::InForce),
            (one("b"), true, Rules::Edited),
            (one("b"), false, Rules::Waiting),
            (DecidedBy::Several, true, Rules::DecidingAgain),
            (DecidedBy::Several, false, Rules::Waiting),
            (DecidedBy::Unknown, true, Rules::InForce),
            (DecidedBy::Unknown, false, Rules::InForce),
        ] {
            assert_eq!(Rules::of(&decided_by, "a", is_running), expected, "{decided_by:?} {is_running}");
        }
    }

    #[test]
    fn while_our_own_network_is_down_nobody_is_well() {
        let now = chrono::Utc.with_ymd_and_hms(2026, 11, 23, 5, 0, 0).unwrap();
        let config = config::load(Path::new("config"), now).unwrap_or_else(|m| panic!("{m:?}"));
        let source = config.sources.values().find(|s| s.enabled).unwrap();
        let mut state = State::unknown(&source.publisher);
        let heard = Silence { expected: 0.0, alarming: false };
        state.health.polled_at = Some(now);
        state.health.failure_class = Some("connect".to_owned());
        for (days, expected) in [(1, Condition::Failing), (3, Condition::Ill)] {
            state.health.ok_at = Some(now - TimeDelta::days(days));
            assert_eq!(Condition::of(source, &state, heard, now), expected, "{days}");
        }
    }
}
