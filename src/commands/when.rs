//! Times as people write them on the command line.

use anyhow::Result;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::refuse;
use crate::cli::Exit;
use crate::config::parse_duration;
use crate::schedule::{Time, vietnam};

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
