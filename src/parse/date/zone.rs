//! Time zones as dates name them.

use chrono::FixedOffset;

/// The zones that RFC 822 section 5 names, without and with the letter for the season, and those met in feeds beside them.
pub fn zone_of(word: &str) -> Option<FixedOffset> {
    const ZONES: [(&str, i32); 42] = [
        ("gmt", 0),
        ("utc", 0),
        ("ut", 0),
        ("z", 0),
        ("wet", 0),
        ("west", 1),
        ("bst", 1),
        ("cet", 1),
        ("met", 1),
        ("mez", 1),
        ("cest", 2),
        ("mest", 2),
        ("mesz", 2),
        ("eet", 2),
        ("eest", 3),
        ("msk", 3),
        ("msd", 4),
        ("ict", 7),
        ("hkt", 8),
        ("sgt", 8),
        ("jst", 9),
        ("kst", 9),
        ("aest", 10),
        ("aedt", 11),
        ("nzst", 12),
        ("nzdt", 13),
        ("ast", -4),
        ("adt", -3),
        ("at", -4),
        ("est", -5),
        ("edt", -4),
        ("et", -5),
        ("cst", -6),
        ("cdt", -5),
        ("ct", -6),
        ("mst", -7),
        ("mdt", -6),
        ("mt", -7),
        ("pst", -8),
        ("pdt", -7),
        ("pt", -8),
        ("akst", -9),
    ];
    ZONES.iter().find(|(name, _)| *name == word).and_then(|(_, hours)| east(*hours))
}

/// `+07:00`, `+0700`, `+07`, `+7`, `-07:00:00`.
pub fn offset(text: &str) -> Option<FixedOffset> {
    let negative = text.starts_with(['-', '−']);
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.as_str(), "0"),
        3 => digits.split_at_checked(1)?,
        4 => digits.split_at_checked(2)?,
        6 => (digits.get(..2)?, digits.get(2..4)?),
        _ => return None,
    };
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let seconds = (hours <= 14 && minutes < 60).then_some(hours * 3600 + minutes * 60)?;
    FixedOffset::east_opt(if negative { -seconds } else { seconds })
}

fn east(hours: i32) -> Option<FixedOffset> {
    FixedOffset::east_opt(hours * 3600)
}
