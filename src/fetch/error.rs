//! The failures of a fetch, as values: a class that drives waits, metrics and scripts, and a sentence for people.

use std::time::Duration;

use super::resolver::Unresolved;
use super::tls;
use crate::address::NotPublic;
use crate::schedule::Setback;

/// A fetch that brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct FetchError {
    /// What kind.
    pub class: Class,
    /// What happened, for people.
    pub text: String,
    /// How long the server wants to be left alone. Of a refusal nothing else is of interest: how fresh it stays says nothing about a feed.
    pub retry_after: Option<Duration>,
}

/// Declares the kinds of failure with their stable name and the ladder of waits they climb.
macro_rules! classes {
    ($($(#[$doc:meta])* $class:ident = $name:literal => $setback:ident),+ $(,)?) => {
        /// The kinds of failure.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Class {
            $($(#[$doc])* $class,)+
            /// TLS; the names are those of [`tls`].
            Tls(&'static str),
        }

        impl Class {
            /// All but those of TLS.
            pub const ALL: &[Class] = &[$(Class::$class,)+];

            /// The stable name.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Class::$class => $name,)+
                    Class::Tls(name) => name,
                }
            }

            /// Which ladder of waits it climbs.
            pub fn setback(self) -> Setback {
                match self {
                    $(Class::$class => Setback::$setback,)+
                    Class::Tls(_) => Setback::Network,
                }
            }
        }
    };
}

classes! {
    /// The name cannot be resolved, for none of the reasons below.
    Dns = "dns" => Network,
    /// There is no such name, or it has no address.
    DnsMissing = "dns-nxdomain" => Network,
    /// The name servers are in trouble.
    DnsFailure = "dns-servfail" => Network,
    /// The name servers do not answer.
    DnsTimeout = "dns-timeout" => Network,
    /// No connection.
    Connect = "connect" => Network,
    /// No connection within the time.
    ConnectTimeout = "connect-timeout" => Network,
    /// This machine has no more sockets, ports or memory for another connection.
    Local = "local-resource" => Network,
    /// A connection, and no whole head of an answer within the time.
    HeaderTimeout = "header-timeout" => Network,
    /// The answer stopped coming in the middle.
    ReadTimeout = "read-timeout" => Network,
    /// The answer came too slowly.
    Slow = "slow" => Network,
    /// The connection broke.
    Reset = "reset" => Network,
    /// The answer stopped before its end.
    Truncated = "truncated" => Network,
    /// The answer is larger than allowed, before or after decompression.
    TooLarge = "too-large" => Oversized,
    /// The head of the answer is larger than allowed.
    HeaderTooLarge = "header-too-large" => Content,
    /// The content coding is broken or not one we asked for.
    Encoding = "encoding" => Content,
    /// Not HTTP.
    Protocol = "protocol" => Network,
    /// A redirect to nowhere.
    Redirect = "redirect-bad" => Content,
    /// Redirects in a circle.
    RedirectLoop = "redirect-loop" => Content,
    /// Too many redirects.
    RedirectChain = "redirect-too-many" => Content,
    /// A redirect from https to http.
    RedirectDowngrade = "redirect-downgrade" => Content,
    /// An address that may not be reached.
    Refused = "refused-address" => Content,
    /// robots.txt forbids it.
    Robots = "robots" => Denied,
    /// robots.txt could not be had, which forbids everything until it can.
    RobotsUnreachable = "robots-unreachable" => Server,
    /// 401, 407.
    Auth = "auth" => Denied,
    /// 403.
    Forbidden = "forbidden" => Denied,
    /// 404.
    NotFound = "not-found" => Denied,
    /// 451.
    Legal = "legal" => Denied,
    /// Other refusals, 4xx.
    Denied = "denied" => Denied,
    /// A test for browsers, as the server itself says.
    Challenge = "challenge" => Denied,
    /// 410.
    Gone = "gone" => Gone,
    /// 429, and any answer that asks for a pause.
    Throttled = "throttled" => Throttled,
    /// 503.
    Unavailable = "unavailable" => Throttled,
    /// 5xx.
    Server = "server" => Server,
    /// "Not modified" to a request without validators.
    Unexpected304 = "unexpected-304" => Content,
    /// An answer without a body.
    Empty = "empty" => Content,
    /// A picture, an archive, a PDF.
    NotAFeed = "not-a-feed" => Content,
    /// A status that makes no sense here.
    Status = "status" => Content,
    /// Nobody was asked: the host wants to be left alone, because of another source.
    Paused = "host-pause" => Throttled,
}

impl FetchError {
    /// A failure of which the server said no more.
    pub fn new(class: Class, text: impl Into<String>) -> FetchError {
        FetchError { class, text: text.into(), retry_after: None }
    }

    /// Whether it says that the network between us and the world is broken, or the server behind it.
    pub fn is_connectivity(&self) -> bool {
        matches!(
            self.class,
            Class::Dns
                | Class::DnsFailure
                | Class::DnsTimeout
                | Class::Connect
                | Class::ConnectTimeout
                | Class::DnsMissing
                | Class::Local
        )
    }

    /// What the HTTP library's error was, found by its causes: the library tells timeouts, connections and bodies
    /// apart, but not a name that does not resolve from a port that is closed.
    pub fn of(error: &reqwest::Error) -> FetchError {
        if let Some(reason) = tls::reason(error) {
            return reason.into();
        }
        let mut chain = Vec::new();
        let mut refused = None;
        let mut unresolved = None;
        let mut io: Option<&std::io::Error> = None;
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
        while let Some(e) = cause {
            chain.push(e.to_string());
            refused = refused.or(e.downcast_ref::<NotPublic>().copied());
            unresolved = unresolved.or(e.downcast_ref::<Unresolved>().map(FetchError::from));
            io = io.or(e.downcast_ref::<std::io::Error>());
            cause = e.source();
        }
        if let Some(unresolved) = unresolved {
            return unresolved;
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
        let kind = io.map(std::io::Error::kind);
        let class = if io.and_then(std::io::Error::raw_os_error).is_some_and(is_ours) {
            Class::Local
        } else if error.is_connect() {
            match kind {
                _ if error.is_timeout() => Class::ConnectTimeout,
                Some(std::io::ErrorKind::InvalidData) => Class::Tls(tls::OTHER),
                _ if says("certificate") || says("tls") || says("handshake") => Class::Tls(tls::OTHER),
                _ => Class::Connect,
            }
        } else if error.is_timeout() {
            Class::ReadTimeout
        } else if says("message head is too large") {
            Class::HeaderTooLarge
        } else if says("invalid HTTP status-code") {
            Class::Status
        } else if says("end of file before message length")
            || says("unexpected EOF")
            || matches!(kind, Some(std::io::ErrorKind::UnexpectedEof))
        {
            Class::Truncated
        } else if matches!(
            kind,
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

/// Whether an error of the system is this machine's own: no more files (EMFILE, ENFILE), memory (ENOMEM, ENOBUFS) or ports
/// (EADDRNOTAVAIL), by their numbers on Linux.
fn is_ours(code: i32) -> bool {
    matches!(code, 24 | 23 | 12 | 105 | 99)
}
