//! A feed that its server says has moved for good: believed once it has proved itself.

use chrono::TimeDelta;
use url::Url;

use crate::schedule::Time;

/// Where a source's address leads for good, and whether that is believed yet. Everybody can be sent away for good by mistake, and a
/// captive portal does it to everyone.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Relocation {
    /// Where the last polls in a row were sent.
    pub to: Option<Url>,
    /// Since when.
    pub since: Option<Time>,
    /// How many polls in a row.
    pub times: u32,
    /// What is asked instead of the configured address.
    pub adopted: Option<Url>,
}

/// P-33: as many answers in a row, over as long a time.
const ANSWERS: u32 = 3;
const SPAN: TimeDelta = TimeDelta::hours(24);

impl Relocation {
    /// After a good poll at `at`, which was sent to `moved_to` by permanent redirects alone, or nowhere.
    pub fn after(&self, moved_to: Option<&Url>, at: Time) -> Relocation {
        let Some(to) = moved_to else {
            // What was adopted answers for itself.
            return if self.adopted.is_some() { self.clone() } else { Relocation::default() };
        };
        let is_the_same = self.to.as_ref() == Some(to);
        let since = self.since.filter(|_| is_the_same).unwrap_or(at);
        let times = if is_the_same { self.times.saturating_add(1) } else { 1 };
        let proved = times >= ANSWERS && at - since >= SPAN;
        let adopted = if proved { Some(to.clone()) } else { self.adopted.clone() };
        Relocation { to: Some(to.clone()), since: Some(since), times, adopted }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone, Utc};

    fn at(hours: i64) -> Time {
        Utc.with_ymd_and_hms(2026, 11, 23, 0, 0, 0).unwrap() + TimeDelta::hours(hours)
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    /// The address adopted after these answers.
    fn adopted(answers: &[(i64, Option<&str>)]) -> Option<String> {
        let end =
            answers.iter().fold(Relocation::default(), |r, (hours, to)| r.after(to.map(url).as_ref(), at(*hours)));
        end.adopted.map(String::from)
    }

    #[test]
    fn p_33_a_move_is_believed_after_three_equal_answers_over_a_day() {
        let b = Some("https://b.vn/rss");
        assert_eq!(adopted(&[(0, b), (12, b), (24, b)]).as_deref(), b);
        assert_eq!(adopted(&[(0, b), (1, b), (2, b), (3, b)]), None, "not yet a day");
        assert_eq!(adopted(&[(0, b), (24, b)]), None, "not yet three");
        assert_eq!(adopted(&[(0, b), (12, None), (24, b), (36, b)]), None, "not in a row");
        assert_eq!(adopted(&[(0, b), (12, Some("https://c.vn/rss")), (24, b), (30, b)]), None, "not the same");
        assert_eq!(adopted(&[(0, b), (12, b), (24, b), (36, None)]).as_deref(), b, "it answers for itself");
    }
}
