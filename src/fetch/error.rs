//! The failures of a fetch, as values: a class that drives waits, metrics and scripts, and a sentence for people.

use super::tls;
use crate::address::NotPublic;
use crate::schedule::{Setback, Signals};

/// A fetch that brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct FetchError {
    /// What kind.
    pub class: Class,
    /// What happened, for people.
    pub text: String,
    /// What the server asked for while refusing.
    pub signals: Signals,
}

/// The kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The name has no address.
    Dns,
    /// No connection.
    Connect,
    /// The TLS handshake failed; the names are those of [`tls`].
    Tls(&'static str),
    /// No answer within the time.
    Timeout,
    /// The answer came too slowly.
    Slow,
    /// The connection broke.
    Reset,
    /// The answer stopped before its end.
    Truncated,
    /// The answer is larger than allowed, before or after decompression.
    TooLarge,
    /// The content coding is broken or not one we asked for.
    Encoding,
    /// Not HTTP.
    Protocol,
    /// A redirect that cannot be followed.
    Redirect,
    /// An address that may not be reached.
    Refused,
    /// 401, 403, 404, 451 and other refusals.
    Denied,
    /// 410.
    Gone,
    /// 429, and 503 with a time to come back.
    Throttled,
    /// 5xx.
    Server,
    /// A status that makes no sense here.
    Status,
}

impl Class {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Class::Dns => "dns",
            Class::Connect => "connect",
            Class::Tls(name) => name,
            Class::Timeout => "timeout",
            Class::Slow => "slow",
            Class::Reset => "reset",
            Class::Truncated => "truncated",
            Class::TooLarge => "too-large",
            Class::Encoding => "encoding",
            Class::Protocol => "protocol",
            Class::Redirect => "redirect",
            Class::Refused => "refused-address",
            Class::Denied => "denied",
            Class::Gone => "gone",
            Class::Throttled => "throttled",
            Class::Server => "server",
            Class::Status => "status",
        }
    }

    /// Which ladder of waits it climbs.
    pub fn setback(self) -> Setback {
        match self {
            Class::Dns
            | Class::Connect
            | Class::Tls(_)
            | Class::Timeout
            | Class::Slow
            | Class::Reset
            | Class::Truncated
            | Class::Protocol => Setback::Network,
            Class::TooLarge | Class::Encoding | Class::Redirect | Class::Refused | Class::Status => Setback::Content,
            Class::Denied => Setback::Denied,
            Class::Gone => Setback::Gone,
            Class::Throttled => Setback::Throttled,
            Class::Server => Setback::Server,
        }
    }
}

impl FetchError {
    /// A failure without signals.
    pub fn new(class: Class, text: impl Into<String>) -> FetchError {
        FetchError { class, text: text.into(), signals: Signals::default() }
    }

    /// What the HTTP library's error was, found by its causes: the library tells timeouts, connections and bodies
    /// apart, but not a name that does not resolve from a port that is closed.
    pub fn of(error: &reqwest::Error) -> FetchError {
        if let Some(reason) = tls::reason(error) {
            return reason.into();
        }
        let mut chain = Vec::new();
        let mut refused = None;
        let mut io = None;
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
        while let Some(e) = cause {
            chain.push(e.to_string());
            refused = refused.or(e.downcast_ref::<NotPublic>().copied());
            io = io.or(e.downcast_ref::<std::io::Error>().map(std::io::Error::kind));
            cause = e.source();
        }
        // The outermost text only repeats the address.
        let detail = chain.iter().skip(1).last().or(chain.first()).cloned().unwrap_or_default();
        if let Some(address) = refused {
            return FetchError::new(
                Class::Refused,
                format!("the name leads to {address}, which is not a public address"),
            );
        }
        let says = |word: &str| chain.iter().any(|c| c.contains(word));
        let class = if error.is_timeout() {
            Class::Timeout
        } else if error.is_connect() {
            match io {
                _ if says("dns error") || says("failed to lookup") => Class::Dns,
                Some(std::io::ErrorKind::InvalidData) => Class::Tls(tls::OTHER),
                _ if says("certificate") || says("tls") || says("handshake") => Class::Tls(tls::OTHER),
                _ => Class::Connect,
            }
        } else if says("end of file before message length")
            || says("unexpected EOF")
            || matches!(io, Some(std::io::ErrorKind::UnexpectedEof))
        {
            Class::Truncated
        } else if matches!(
            io,
            Some(
                std::io::ErrorKind::ConnectionReset
                    | std::io::ErrorKind::BrokenPipe
                    | std::io::ErrorKind::ConnectionAborted
            )
        ) || says("connection closed before message completed")
        {
            Class::Reset
        } else if error.is_body() || error.is_decode() {
            Class::Truncated
        } else {
            Class::Protocol
        };
        FetchError::new(class, detail)
    }
}

impl From<tls::Reason> for FetchError {
    fn from(reason: tls::Reason) -> FetchError {
        FetchError::new(Class::Tls(reason.class), reason.text)
    }
}
