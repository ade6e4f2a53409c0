//! `dongtin replay`: the past again with today's program and rules, beside the daemon, asking nobody.

mod print;

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use tokio::sync::watch;

use super::{absolute, load_config, refuse, runtime, state_dir};
use crate::archive::past::Past;
use crate::cli::{Exit, Format, Replay as Args};
use crate::clock::{self, Clock};
use crate::config::mistake::hint;
use crate::config::{Config, parse_duration};
use crate::daemon;
use crate::fetch::Client;
use crate::poll::{Criteria, Tools};
use crate::replay::{Replay, Span};
use crate::schedule::{Time, vietnam};
use crate::store::{self, Store};

/// A daemon may be in the middle of a poll: what it kept is not stored yet.
const UNDER_WAY: TimeDelta = TimeDelta::minutes(10);

pub fn run(args: &Args) -> Result<Exit> {
    let (config_dir, config) = load_config(&args.config)?;
    let dir = state_dir(&config_dir, &config);
    let now = clock::now();
    let is_running = store::holder(&dir)?.is_some();
    let until = match &args.until {
        Some(text) => time("--until", text, now)?,
        None if is_running => now - UNDER_WAY,
        None => now,
    };
    let span = Span { since: time("--since", &args.since, now)?, until, only: wanted(args, &config)? };
    let (Some(past), Some(real)) = (Past::open(&dir)?, Store::open_beside(&dir)?) else {
        let (state, config) = (absolute(&dir), absolute(&config_dir.join("dongtin.toml")));
        return Err(refuse(
            Exit::Io,
            format!(
                "chưa giữ bản gốc nào trong {state}; hãy đặt [archive] days trong {config} rồi chờ vài lần lấy tin\n    \
                 nothing was kept in {state}; set [archive] days in {config} and wait for a few polls"
            ),
        ));
    };
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    real.copy_into(scratch.path())?;
    let copy = Store::open(scratch.path())?;
    let client = Client::new(&daemon::limits(&config.settings.fetch), Clock::at(until))?.offline();
    let criteria = watch::channel(Arc::new(Criteria::new(&config.rules, &config.sources))).1;
    let tools = Tools::new(Arc::new(client), Arc::new(copy), criteria, config.settings.fetch.floor);
    let replay = Replay {
        past: Arc::new(past),
        sources: config.sources.clone(),
        real: Arc::new(real),
        tools,
        max_body: config.settings.fetch.max_body,
    };
    let changes = runtime()?.block_on(replay.run(span))?;
    match args.format {
        Format::Text => print::text(&changes)?,
        _ => print::json(&changes)?,
    }
    Ok(if changes.is_any() { Exit::No } else { Exit::Ok })
}

/// The sources that are asked for; none where all are.
fn wanted(args: &Args, config: &Config) -> Result<BTreeSet<String>> {
    let known: Vec<&str> = config.sources.keys().map(String::as_str).collect();
    if let Some(id) = args.sources.iter().find(|id| !known.contains(&id.as_str())) {
        let (vi, en) = hint(id, &known);
        return Err(refuse(Exit::Usage, format!("không có nguồn \"{id}\". {vi} · there is no source \"{id}\". {en}")));
    }
    Ok(args.sources.iter().cloned().collect())
}

/// A time as people write it: so long ago ("7d", "12 giờ"), a day as it begins in Việt Nam, or RFC 3339.
pub fn time(option: &str, text: &str, now: Time) -> Result<Time> {
    let ago = || now.checked_sub_signed(TimeDelta::from_std(parse_duration(text)?).ok()?);
    let day = || {
        let midnight = text.parse::<NaiveDate>().ok()?.and_time(NaiveTime::MIN);
        Some(midnight.and_local_timezone(vietnam()).single()?.with_timezone(&Utc))
    };
    let instant = || Some(DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc));
    ago().or_else(day).or_else(instant).ok_or_else(|| {
        refuse(
            Exit::Usage,
            format!(
                "{option} phải như \"7d\", \"2026-11-20\" hoặc \"2026-11-20T06:00:00+07:00\", không phải \"{text}\"\n    \
                 {option} must be such as \"7d\", \"2026-11-20\" or \"2026-11-20T06:00:00+07:00\", not \"{text}\""
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn a_time_is_so_long_ago_a_day_or_an_instant() {
        let now = Utc.with_ymd_and_hms(2026, 11, 23, 5, 0, 0).unwrap();
        let read = |text| time("--since", text, now).ok();
        assert_eq!(read("7d"), Some(now - TimeDelta::days(7)));
        assert_eq!(read("12 giờ"), Some(now - TimeDelta::hours(12)));
        assert_eq!(read("2026-11-20"), Utc.with_ymd_and_hms(2026, 11, 19, 17, 0, 0).single());
        assert_eq!(read("2026-11-20T06:00:00+07:00"), Utc.with_ymd_and_hms(2026, 11, 19, 23, 0, 0).single());
        for wrong in ["", "7", "hôm qua", "2026-13-01", "9999999d"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
