//! What a feed says of its own pace: hours and days to skip, and how often it changes.

use std::time::Duration;

use chrono::Weekday;

use super::FeedInfo;
use crate::schedule::Pace;

/// What was read of it so far. An element that says nothing sensible is as if it were not there.
#[derive(Debug, Default)]
pub struct Said {
    /// As in [`FeedInfo::skip_hours`].
    pub skip_hours: u32,
    /// As in [`FeedInfo::skip_days`].
    pub skip_days: u8,
    period: Option<Duration>,
    frequency: Option<u32>,
}

impl Said {
    /// `<hour>`: 0 to 23 at GMT. RSS 0.91 counts from 1 to 24, which is midnight.
    pub fn skip_hour(&mut self, written: &str) {
        if let Some(hour) = written.trim().parse::<u32>().ok().filter(|h| *h <= 24) {
            self.skip_hours |= 1 << (hour % 24);
        }
    }

    /// `<day>`: its English name.
    pub fn skip_day(&mut self, written: &str) {
        if let Ok(day) = written.trim().parse::<Weekday>() {
            self.skip_days |= 1 << day.num_days_from_monday();
        }
    }

    /// `sy:updatePeriod`.
    pub fn period(&mut self, written: &str) {
        let hours = match written.trim().to_ascii_lowercase().as_str() {
            "hourly" => 1,
            "daily" => 24,
            "weekly" => 7 * 24,
            "monthly" => 30 * 24,
            "yearly" => 365 * 24,
            _ => return,
        };
        self.period = Some(Duration::from_hours(hours));
    }

    /// `sy:updateFrequency`: how many times in a period. Never is no frequency.
    pub fn frequency(&mut self, written: &str) {
        self.frequency = written.trim().parse().ok().filter(|times| *times > 0).or(self.frequency);
    }

    /// The time between two changes; the module's defaults are daily and once. `sy:updateBase` would only say at which moment the
    /// periods begin, and a wait has no use for that.
    pub fn update_every(&self) -> Option<Duration> {
        let is_said = self.period.is_some() || self.frequency.is_some();
        is_said.then(|| self.period.unwrap_or(Duration::from_hours(24)) / self.frequency.unwrap_or(1))
    }
}

impl FeedInfo {
    /// What the feed asks of whoever polls it. A `<ttl>` of nothing is none.
    pub fn pace(&self) -> Pace {
        Pace {
            ttl: self.ttl.filter(|minutes| *minutes > 0).map(|minutes| Duration::from_mins(minutes.into())),
            skip_hours: self.skip_hours,
            skip_days: self.skip_days,
            update_every: self.update_every,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{Context, feed};

    const HOUR: Duration = Duration::from_hours(1);

    /// The feed whose channel holds these elements, and what had to be mended.
    fn info(elements: &str) -> (FeedInfo, usize) {
        let document = format!(
            "<rss version=\"2.0\" xmlns:nhip=\"http://purl.org/rss/1.0/modules/syndication/\"><channel><title>Báo</title>{elements}\
             <item><title>Tin</title><link>https://bao.example/1</link></item></channel></rss>"
        );
        let parsed = feed(document.as_bytes(), &Context::default()).unwrap();
        assert_eq!((parsed.entries.len(), parsed.feed.title.as_deref()), (1, Some("Báo")), "{elements}");
        (parsed.feed, parsed.repaired.len())
    }

    #[test]
    fn hours_to_skip_are_those_from_0_to_24() {
        for (hours, expected) in [
            ("<hour>0</hour><hour>1</hour><hour>6</hour>", 0b100_0011),
            ("<hour>24</hour>", 1),
            ("<hour> 07 </hour>\n<hour>7</hour>", 1 << 7),
            ("<hour>25</hour><hour>-1</hour><hour>1.5</hour><hour>trưa</hour><hour/><hour></hour>", 0),
            ("<!-- <hour>3</hour> --><hour><![CDATA[23]]></hour>", 1 << 23),
            ("", 0),
        ] {
            let (feed, repairs) = info(&format!("<skipHours>{hours}</skipHours>"));
            assert_eq!((feed.skip_hours, repairs), (expected, 0), "{hours}");
        }
        let all: String = (0..24).map(|h| format!("<hour>{h}</hour>")).collect();
        assert_eq!(info(&format!("<skipHours>{all}</skipHours>")).0.skip_hours, 0xff_ffff);
        assert_eq!(
            info("<hour>5</hour><day>Monday</day>").0.pace(),
            Pace::default(),
            "they mean nothing by themselves"
        );
    }

    #[test]
    fn days_to_skip_are_their_english_names() {
        for (days, expected) in [
            ("<day>Saturday</day><day>Sunday</day>", 0b110_0000),
            ("<day>monday</day><day> WEDNESDAY </day>", 0b101),
            ("<day>Chủ nhật</day><day>8</day><day/>", 0),
        ] {
            let (feed, repairs) = info(&format!("<skipDays>{days}</skipDays>"));
            assert_eq!((feed.skip_days, repairs), (expected, 0), "{days}");
        }
    }

    #[test]
    fn the_syndication_module_is_known_by_any_prefix_and_has_defaults() {
        let period = |p: &str| format!("<nhip:updatePeriod>{p}</nhip:updatePeriod>");
        let times = |f: &str| format!("<nhip:updateFrequency>{f}</nhip:updateFrequency>");
        for (elements, expected) in [
            (format!("{}{}", period("daily"), times("2")), Some(12 * HOUR)),
            (period("\n\tHourly\t"), Some(HOUR)),
            (times("4"), Some(6 * HOUR)),
            (format!("{}{}", period("weekly"), times("1")), Some(168 * HOUR)),
            (format!("{}{}", period("daily"), times("0")), Some(24 * HOUR)),
            (format!("{}{}", period("always"), times("-3")), None),
            (times("0"), None),
            (format!("{}{}", period("hourly"), times("99999999999")), Some(HOUR)),
            ("<nhip:updateBase>2000-01-01T12:00+00:00</nhip:updateBase>".to_owned(), None),
            ("<updatePeriod>hourly</updatePeriod>".to_owned(), None),
        ] {
            let (feed, repairs) = info(&elements);
            assert_eq!((feed.update_every, repairs), (expected, 0), "{elements}");
        }
        let undeclared = info("<sy:updatePeriod>hourly</sy:updatePeriod>").0;
        assert_eq!(undeclared.update_every, Some(HOUR), "what everybody's prefix means needs no declaration");
    }

    #[test]
    fn a_ttl_is_a_positive_number_of_minutes() {
        for (ttl, expected) in [
            ("180", Some(3 * HOUR)),
            ("0", None),
            ("-5", None),
            ("1000000000", Some(Duration::from_mins(1_000_000_000))),
            ("lâu", None),
        ] {
            assert_eq!(info(&format!("<ttl>{ttl}</ttl>")).0.pace().ttl, expected, "{ttl}");
        }
    }

    #[test]
    fn what_skips_and_lost_its_end_costs_no_entry_and_no_field() {
        for elements in ["<skipHours><hour>3<ttl>60</ttl>", "<skipHours><hour>3</hour><ttl>60</ttl>"] {
            let (feed, _) = info(elements);
            assert_eq!((feed.skip_hours, feed.ttl), (1 << 3, Some(60)), "{elements}");
        }
        assert_eq!(info("<skipHours><hour>3</hour><hour>4").0.skip_hours, 0b1_1000);
    }

    #[test]
    fn an_entry_says_nothing_of_the_feeds_pace() {
        let document = "<rss version=\"2.0\"><channel><item><title>Tin</title><skipHours><hour>3</hour></skipHours></item></channel></rss>";
        let parsed = feed(document.as_bytes(), &Context::default()).unwrap();
        assert_eq!((parsed.entries.len(), parsed.feed.pace()), (1, Pace::default()));
    }
}
