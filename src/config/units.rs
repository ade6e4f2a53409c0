//! Lengths of time and sizes, as people write them.

use std::time::Duration;

use crate::text::without_marks;

/// Numbers with units, added up, in whatever letters. Longer than ten years is a mistake.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let plain = without_marks(text);
    let mut total = 0_u64;
    let mut rest = plain.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, after) = rest.split_at_checked(digits)?;
        let after = after.trim_start();
        let unit_end = after.find(|c: char| c.is_ascii_digit() || c.is_whitespace()).unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(unit_end)?;
        let seconds = match unit {
            "s" | "giay" => 1,
            "m" | "phut" => 60,
            "h" | "gio" => 3_600,
            "d" | "ngay" => 86_400,
            _ => return None,
        };
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(seconds)?)?;
        rest = after.trim_start();
    }
    (total <= 3_650 * 86_400).then_some(Duration::from_secs(total))
}

/// A number with a unit of binary size.
pub fn parse_bytes(text: &str) -> Option<usize> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(digits)?;
    let factor = match unit.trim() {
        "B" => 1,
        "KiB" | "KB" => 1 << 10,
        "MiB" | "MB" => 1 << 20,
        "GiB" | "GB" => 1 << 30,
        _ => return None,
    };
    number.parse::<usize>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_and_sizes_as_people_write_them() {
        let seconds = |text| parse_duration(text).map(|d| d.as_secs());
        for (text, expected) in [
            ("20m", 1200),
            ("1h 30m", 5400),
            ("1h30m", 5400),
            ("20 phút", 1200),
            ("2 giờ", 7200),
            ("20 phu\u{301}t", 1200),
            ("20 Phút", 1200),
            ("20 phut", 1200),
            ("1 ngày 2 GIỜ 3 giay", 93_603),
            ("1d", 86_400),
            ("0s", 0),
        ] {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
        for text in ["", "20", "m", "20 x", "-5m", "1.5h", "99999999999d"] {
            assert_eq!(seconds(text), None, "{text}");
        }
        assert_eq!(parse_bytes("8 MiB"), Some(8 << 20));
        assert_eq!(parse_bytes("8"), None);
    }
}
