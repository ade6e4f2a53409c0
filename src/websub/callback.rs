//! What a hub's question means (WebSub section 5.3), for the listener that answers it without asking the database.

use std::time::Duration;

use url::form_urlencoded;

use crate::text;

/// What is asked of a hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// To deliver.
    Subscribe,
    /// To deliver no more.
    Unsubscribe,
}

impl Mode {
    /// The value of `hub.mode`.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Subscribe => "subscribe",
            Mode::Unsubscribe => "unsubscribe",
        }
    }
}

/// One subscription as the listener knows it, by the last part of its callback address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    /// The topic's address, as the hub was told it.
    pub topic: String,
    /// What was asked of the hub and is not confirmed yet.
    pub pending: Option<Mode>,
    /// Whether deliveries are wanted; else they are answered 410, by which a hub knows that the subscription is gone.
    pub is_open: bool,
}

/// What to answer a hub that asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// That it was meant: the challenge, as it stands.
    Confirmed {
        /// What was confirmed.
        mode: Mode,
        /// To be sent back.
        challenge: String,
        /// How long the hub will deliver, where it says so.
        lease: Option<Duration>,
    },
    /// That it is understood: the hub refuses, or ends what it had granted.
    Denied {
        /// Why, in the hub's words.
        reason: String,
    },
    /// 404: nobody asked for that.
    Unknown,
    /// 410: it was asked for once.
    Gone,
}

/// Longer reasons are cut: they go to a log.
const MAX_REASON_CHARS: usize = 200;

impl Callback {
    /// What the query of a hub's GET means. A confirmation is given once: it takes what is pending away.
    pub fn answer(&mut self, query: &str) -> Verdict {
        if !self.is_open && self.pending.is_none() {
            return Verdict::Gone;
        }
        let parameter = |wanted: &str| {
            let found = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.into_owned())
        };
        if parameter("hub.topic").as_deref() != Some(&self.topic) {
            return Verdict::Unknown;
        }
        let mode = parameter("hub.mode").unwrap_or_default();
        if mode == "denied" {
            let reason = parameter("hub.reason").unwrap_or_default();
            return Verdict::Denied { reason: text::line(&reason, MAX_REASON_CHARS) };
        }
        let challenge = parameter("hub.challenge").filter(|challenge| !challenge.is_empty());
        let Some((pending, challenge)) = self.pending.filter(|p| p.as_str() == mode).zip(challenge) else {
            return Verdict::Unknown;
        };
        self.pending = None;
        let lease = parameter("hub.lease_seconds").and_then(|s| s.parse().ok()).map(Duration::from_secs);
        Verdict::Confirmed { mode: pending, challenge, lease }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: &str = "https://bao.example/rss?a=1&b=2";
    const ENCODED: &str = "https%3A%2F%2Fbao.example%2Frss%3Fa%3D1%26b%3D2";

    fn callback(pending: Option<Mode>) -> Callback {
        Callback { topic: TOPIC.to_owned(), pending, is_open: true }
    }

    fn ask(callback: &mut Callback, rest: &str) -> Verdict {
        callback.answer(&format!("hub.topic={ENCODED}&{rest}"))
    }

    #[test]
    fn p63_what_was_asked_for_is_confirmed_with_the_challenge_as_it_stands_once() {
        for mode in [Mode::Subscribe, Mode::Unsubscribe] {
            let mut asked = callback(Some(mode));
            let question = format!("hub.mode={}&hub.challenge=a%2Bb+%3Cc%3E&hub.lease_seconds=864000", mode.as_str());
            let lease = Some(Duration::from_hours(240));
            let confirmed = Verdict::Confirmed { mode, challenge: "a+b <c>".to_owned(), lease };
            assert_eq!(ask(&mut asked, &question), confirmed);
            assert_eq!(ask(&mut asked, &question), Verdict::Unknown, "it is no longer pending");
        }
    }

    #[test]
    fn p63_rocks_205_what_nobody_asked_for_is_unknown() {
        for pending in [None, Some(Mode::Subscribe), Some(Mode::Unsubscribe)] {
            let other = if pending == Some(Mode::Subscribe) { "unsubscribe" } else { "subscribe" };
            for question in
                [&format!("hub.mode={other}&hub.challenge=x"), "hub.challenge=x", "hub.mode=&hub.challenge=x"]
            {
                if pending == Some(Mode::Unsubscribe) && other == "subscribe" || pending != Some(Mode::Unsubscribe) {
                    assert_eq!(ask(&mut callback(pending), question), Verdict::Unknown, "{pending:?} {question}");
                }
            }
        }
        let mut asked = callback(Some(Mode::Subscribe));
        for question in [
            "",
            "hub.mode=subscribe&hub.challenge=x",
            "hub.mode=subscribe&hub.challenge=x&hub.topic=https%3A%2F%2Fbao.example%2Frss",
            "hub.mode=denied&hub.topic=https%3A%2F%2Fother.example%2F",
            &format!("hub.mode=subscribe&hub.topic={ENCODED}"),
            &format!("hub.mode=subscribe&hub.challenge=&hub.topic={ENCODED}"),
            &format!("hub.mode=SUBSCRIBE&hub.challenge=x&hub.topic={ENCODED}"),
            "%ff=%ff&&&=",
        ] {
            assert_eq!(asked.answer(question), Verdict::Unknown, "{question}");
        }
        assert_eq!(asked.pending, Some(Mode::Subscribe), "a wrong question takes nothing away");
    }

    #[test]
    fn a_refusal_is_understood_and_its_reason_is_bounded_and_printable() {
        let question = format!("hub.mode=denied&hub.reason=kh%C3%B4ng%0Aai{}", "x".repeat(1_000));
        for pending in [None, Some(Mode::Subscribe)] {
            let Verdict::Denied { reason } = ask(&mut callback(pending), &question) else { panic!("{pending:?}") };
            assert!(reason.starts_with("không aix") && reason.chars().count() <= MAX_REASON_CHARS + 1, "{reason}");
        }
    }

    #[test]
    fn p69_a_callback_that_has_ended_is_gone_for_every_question() {
        let mut ended = Callback { is_open: false, ..callback(None) };
        for question in
            ["hub.mode=subscribe&hub.challenge=x", "hub.mode=unsubscribe&hub.challenge=x", "hub.mode=denied"]
        {
            assert_eq!(ask(&mut ended, question), Verdict::Gone, "{question}");
        }
        let mut ending = Callback { is_open: false, ..callback(Some(Mode::Unsubscribe)) };
        assert_eq!(ask(&mut ending, "hub.mode=subscribe&hub.challenge=x"), Verdict::Unknown);
        assert!(matches!(ask(&mut ending, "hub.mode=unsubscribe&hub.challenge=x"), Verdict::Confirmed { .. }));
        assert_eq!(ask(&mut ending, "hub.mode=unsubscribe&hub.challenge=x"), Verdict::Gone);
    }
}
