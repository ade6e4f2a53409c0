//! What a subscriber asks (WebSub section 5.1), read from a form that anybody may send.

use std::time::Duration;

use url::{Url, form_urlencoded};

use crate::websub::Mode;

/// A request that is in order.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// What is asked.
    pub mode: Mode,
    /// The feed's address, as its self link says it.
    pub topic: String,
    /// Where it is to be delivered.
    pub callback: Url,
    /// For how long.
    pub lease: Duration,
    /// What deliveries are to be signed with.
    pub secret: Option<String>,
}

impl std::fmt::Debug for Request {
    /// Without the secret and the callback, which is one too (section 5.1: it should be unguessable).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.mode.as_str(), self.topic)
    }
}

/// Why a request is not in order. The texts repeat nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// `hub.mode` is missing, or none of ours.
    Mode,
    /// `hub.topic` is missing, or no feed of ours.
    Topic,
    /// `hub.callback` is missing, or no address that anything can be delivered to.
    Callback,
    /// `hub.secret` is too long, or not text.
    Secret,
}

impl Refusal {
    /// For people.
    pub fn text(self) -> &'static str {
        match self {
            Refusal::Mode => {
                "hub.mode phải là subscribe hoặc unsubscribe · hub.mode must be subscribe or unsubscribe\n"
            }
            Refusal::Topic => {
                "hub.topic phải đúng từng chữ là địa chỉ rel=\"self\" của một feed ở đây · hub.topic must be the rel=\"self\" address of a feed here\n"
            }
            Refusal::Callback => {
                "hub.callback phải là địa chỉ http hoặc https gọi được từ ngoài, không quá 2048 byte, không có mật khẩu · hub.callback must be a public http or https address of at most 2048 bytes, without credentials\n"
            }
            Refusal::Secret => {
                "hub.secret phải là chữ, ngắn hơn 200 byte · hub.secret must be text of less than 200 bytes\n"
            }
        }
    }
}

/// The longest callback, in bytes: what browsers and proxies are known to carry.
const MAX_CALLBACK: usize = 2_048;
/// A secret is shorter (section 5.1), in bytes.
const SECRET_BELOW: usize = 200;
/// The lease that is granted where none is asked for, and the longest; section 5.1 leaves it to the hub. As long as what we ask of others' hubs,
/// which is enough for a renewal a week.
pub const MAX_LEASE: Duration = Duration::from_hours(10 * 24);
/// The shortest: a subscriber that asks for less would be verified more often than most feeds change.
pub const MIN_LEASE: Duration = Duration::from_hours(1);

impl Request {
    /// Reads a form. Unknown parameters are ignored (section 5.1); of one that is there twice, the first counts.
    pub fn parse(form: &[u8]) -> Result<Request, Refusal> {
        let parameter = |wanted: &str| {
            let found = form_urlencoded::parse(form).find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.into_owned()).filter(|value| !value.is_empty())
        };
        let mode = match parameter("hub.mode").as_deref() {
            Some("subscribe") => Mode::Subscribe,
            Some("unsubscribe") => Mode::Unsubscribe,
            _ => return Err(Refusal::Mode),
        };
        let topic = parameter("hub.topic").ok_or(Refusal::Topic)?;
        let callback = parameter("hub.callback").as_deref().and_then(callback).ok_or(Refusal::Callback)?;
        let secret = parameter("hub.secret");
        // What is not UTF-8 was replaced by reading it, and nobody could check our signatures.
        if secret.as_ref().is_some_and(|s| s.len() >= SECRET_BELOW || s.contains(char::REPLACEMENT_CHARACTER)) {
            return Err(Refusal::Secret);
        }
        let lease = lease(parameter("hub.lease_seconds").as_deref());
        Ok(Request { mode, topic, callback, lease, secret })
    }
}

/// An address that can be called, without its fragment, which no server sees.
fn callback(text: &str) -> Option<Url> {
    let mut url = Url::parse(text).ok().filter(|_| text.len() <= MAX_CALLBACK)?;
    url.set_fragment(None);
    let is_callable = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.as_str().len() <= MAX_CALLBACK;
    is_callable.then_some(url)
}

/// What is granted of a wish. One that cannot be understood is none: the hub decides anyway, and says so when it asks back.
fn lease(wish: Option<&str>) -> Duration {
    let wish = wish.and_then(|seconds| seconds.parse().ok()).map_or(MAX_LEASE, Duration::from_secs);
    wish.clamp(MIN_LEASE, MAX_LEASE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str = "hub.mode=subscribe&hub.topic=https%3A%2F%2Ftin.vn%2Fa%2Ffeed.atom&hub.callback=https%3A%2F%2Fb.vn%2Fcb%3Fk%3D1%2526";

    #[test]
    fn rocks_100_101_102_what_is_asked_is_read_and_what_is_unknown_ignored() {
        for (more, lease, secret) in [
            ("", MAX_LEASE, None),
            ("&hub.secret=a%20b%C4%91", MAX_LEASE, Some("a bđ")),
            ("&hub.secret=", MAX_LEASE, None),
            ("&hub.verify=sync&foo=bar&hub.foo=%ff&&=&hub.mode=unsubscribe", MAX_LEASE, None),
            ("&hub.lease_seconds=86400", Duration::from_hours(24), None),
            ("&hub.lease_seconds=0", MIN_LEASE, None),
            ("&hub.lease_seconds=99999999", MAX_LEASE, None),
            ("&hub.lease_seconds=99999999999999999999999", MAX_LEASE, None),
            ("&hub.lease_seconds=-1", MAX_LEASE, None),
            ("&hub.lease_seconds=soon", MAX_LEASE, None),
        ] {
            let request = Request::parse(format!("{GOOD}{more}").as_bytes()).unwrap();
            let expected = Request {
                mode: Mode::Subscribe,
                topic: "https://tin.vn/a/feed.atom".to_owned(),
                callback: Url::parse("https://b.vn/cb?k=1%26").unwrap(),
                lease,
                secret: secret.map(str::to_owned),
            };
            assert!(request == expected, "{more}: {request:?}");
        }
        let ending = GOOD.replace("=subscribe", "=unsubscribe");
        assert_eq!(Request::parse(ending.as_bytes()).unwrap().mode, Mode::Unsubscribe);
    }

    #[test]
    fn what_is_not_in_order_is_refused_with_a_reason() {
        let with = |from: &str, to: &str| GOOD.replace(from, to);
        let callback = |text: &str| with("https%3A%2F%2Fb.vn%2Fcb%3Fk%3D1%2526", text);
        let long = "a".repeat(MAX_CALLBACK);
        for (form, expected) in [
            (String::new(), Refusal::Mode),
            (with("=subscribe", "=publish"), Refusal::Mode),
            (with("=subscribe", "=Subscribe"), Refusal::Mode),
            (with("hub.topic", "hub.topi"), Refusal::Topic),
            (callback(""), Refusal::Callback),
            (callback("/cb"), Refusal::Callback),
            (callback("ftp://b.vn/"), Refusal::Callback),
            (callback("javascript:alert(1)"), Refusal::Callback),
            (callback("file:///etc/passwd"), Refusal::Callback),
            (callback("http://"), Refusal::Callback),
            (callback("http://u:p@b.vn/"), Refusal::Callback),
            (callback("http://u@b.vn/"), Refusal::Callback),
            (callback("http://:p@b.vn/"), Refusal::Callback),
            (callback(&format!("http://b.vn/{long}")), Refusal::Callback),
            (callback(&format!("http://b.vn/{}", "%C4%91".repeat(400))), Refusal::Callback),
            (format!("{GOOD}&hub.secret={}", "s".repeat(200)), Refusal::Secret),
            (format!("{GOOD}&hub.secret=%ff"), Refusal::Secret),
        ] {
            assert!(Request::parse(form.as_bytes()) == Err(expected), "{form}");
        }
        assert!(Request::parse(format!("{GOOD}&hub.secret={}", "s".repeat(199)).as_bytes()).is_ok());
        let bare = Request::parse(callback("http://b.vn/%23x").as_bytes()).unwrap();
        assert_eq!(bare.callback.as_str(), "http://b.vn/");
    }

    #[test]
    fn a_log_shows_neither_secret_nor_callback() {
        let request = Request::parse(format!("{GOOD}&hub.secret=hush").as_bytes()).unwrap();
        assert_eq!(format!("{request:?}"), "subscribe https://tin.vn/a/feed.atom");
    }

    proptest! {
        #[test]
        fn whatever_is_sent_what_is_taken_is_within_bounds(form in proptest::collection::vec(any::<u8>(), 0..200), good in any::<bool>()) {
            let form = if good { [GOOD.as_bytes(), b"&", &form].concat() } else { form };
            if let Ok(request) = Request::parse(&form) {
                prop_assert!(matches!(request.callback.scheme(), "http" | "https"));
                prop_assert!(request.callback.as_str().len() <= MAX_CALLBACK && request.callback.fragment().is_none());
                prop_assert!((MIN_LEASE..=MAX_LEASE).contains(&request.lease));
                prop_assert!(request.secret.is_none_or(|s| s.len() < SECRET_BELOW));
            }
        }
    }
}
