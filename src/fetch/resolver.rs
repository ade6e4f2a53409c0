//! Names to addresses, through the guard.
//!
//! Our own stub resolver and not the C library's: that one tells neither a name that does not exist from a name server in
//! trouble, nor how long an answer holds, and takes a thread for each question.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::config::{ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::Name;
use hickory_resolver::{TokioResolver, system_conf};
use ipnet::IpNet;
use reqwest::dns::{Addrs, Resolve, Resolving};
use tokio::sync::Semaphore;

use super::error::{Class, FetchError};
use super::witness;
use crate::address::{self, NotPublic};

/// Resolves names to public addresses only. What it gives is what is connected to, so a name that changes its address
/// between check and connection (DNS rebinding) gains nothing.
#[derive(Clone)]
pub struct Resolver {
    dns: Option<TokioResolver>,
    /// Private addresses that may be reached.
    allow: Arc<[IpNet]>,
    /// Places for questions under way.
    places: Arc<Semaphore>,
}

/// Addresses of one name that are tried. A name with fifty of which most are dead would eat the time of a fetch.
const MOST_ADDRESSES: usize = 6;
/// RFC 2308 lets a missing name be remembered; five minutes at least (assertion P-47).
const MISSING_FOR: Duration = Duration::from_mins(5);
/// A name that changes faster than this is asked for once a poll all the same: the guard and the connection mean one answer.
const FOUND_FOR: Duration = Duration::from_secs(30);
/// A name server is given this long, and asked once more.
const PATIENCE: Duration = Duration::from_secs(4);
const RETRIES: usize = 1;
/// Questions under way. Where the name servers are dead, everybody waits here and not in a thousand sockets (F-N12).
pub const MOST_QUESTIONS: usize = 64;

/// Why a name led nowhere.
#[derive(Debug, thiserror::Error)]
pub enum Unresolved {
    /// Every address it has is refused.
    #[error("the name leads to {0}, which is not a public address")]
    Refused(NotPublic),
    /// The name servers' own answer.
    #[error("{text}")]
    Dns {
        /// `dns-nxdomain`, `dns-servfail`, `dns-timeout` or `dns`.
        class: Class,
        /// What happened.
        text: String,
    },
}

impl Resolver {
    /// With the system's name servers and hosts file. Where they cannot be read, every name is unknown and addresses still work.
    pub fn new(allow: Arc<[IpNet]>) -> Resolver {
        Resolver::asking(system_conf::read_system_conf().ok(), allow, |_| {})
    }

    /// With these name servers, and our habits changed.
    #[cfg(test)]
    pub fn with_servers(servers: ResolverConfig, allow: Arc<[IpNet]>, change: fn(&mut ResolverOpts)) -> Resolver {
        Resolver::asking(Some((servers, ResolverOpts::default())), allow, change)
    }

    fn asking(
        servers: Option<(ResolverConfig, ResolverOpts)>,
        allow: Arc<[IpNet]>,
        change: fn(&mut ResolverOpts),
    ) -> Resolver {
        let dns = servers.and_then(|(servers, mut options)| {
            options.negative_min_ttl = Some(MISSING_FOR);
            options.positive_min_ttl = Some(FOUND_FOR);
            options.cache_size = 4_096;
            options.timeout = PATIENCE;
            options.attempts = RETRIES;
            options.use_hosts_file = ResolveHosts::Always;
            change(&mut options);
            let builder = TokioResolver::builder_with_config(servers, TokioRuntimeProvider::default());
            builder.with_options(options).build().ok()
        });
        Resolver { dns, allow, places: Arc::new(Semaphore::new(MOST_QUESTIONS)) }
    }

    /// The addresses of a name that may be reached, in the order in which they are tried.
    pub async fn lookup(&self, name: &str) -> Result<Vec<IpAddr>, Unresolved> {
        let dns = |class, text: String| Unresolved::Dns { class, text };
        let resolver = self.dns.as_ref().ok_or_else(|| {
            dns(Class::Dns, "this machine has no name servers configured (/etc/resolv.conf)".to_owned())
        })?;
        let mut full = Name::from_utf8(name).map_err(|e| dns(Class::Dns, format!("{name} is not a name: {e}")))?;
        // Whole as it stands: the search list of the machine is for the names of its own network.
        full.set_fqdn(true);
        let place = self.places.acquire().await;
        let found = resolver.lookup_ip(full).await.map_err(|error| {
            let (class, what) = match &error {
                NetError::Dns(DnsError::NoRecordsFound(none)) if none.response_code == ResponseCode::NXDomain => {
                    (Class::DnsMissing, "there is no such name".to_owned())
                }
                NetError::Dns(DnsError::NoRecordsFound(_)) => (Class::DnsMissing, "the name has no address".to_owned()),
                NetError::Dns(DnsError::ResponseCode(code)) => {
                    (Class::DnsFailure, format!("the name servers answer {code}"))
                }
                NetError::Timeout => (Class::DnsTimeout, "the name servers do not answer".to_owned()),
                other => (Class::Dns, other.to_string()),
            };
            dns(class, format!("{name}: {what}"))
        })?;
        drop(place);
        let (mut public, mut refused) = (Vec::new(), None);
        for ip in found.iter() {
            match address::check(ip, &self.allow) {
                Ok(()) => public.push(ip),
                Err(not_public) => refused = Some(not_public),
            }
        }
        match (public.is_empty(), refused) {
            (true, Some(not_public)) => Err(Unresolved::Refused(not_public)),
            (true, None) => Err(dns(Class::DnsMissing, format!("{name}: the name has no address"))),
            (false, _) => Ok(in_turns(public)),
        }
    }
}

/// The first few of each family by turns (RFC 8305 section 4): a host whose IPv6 is broken is reached by IPv4, however many
/// addresses it has.
fn in_turns(addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    let leader = addresses.first().is_some_and(IpAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = addresses.into_iter().partition(|ip| ip.is_ipv6() == leader);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let pairs = std::iter::from_fn(|| {
        let pair = [first.next(), second.next()];
        pair.iter().any(Option::is_some).then_some(pair)
    });
    pairs.flatten().flatten().take(MOST_ADDRESSES).collect()
}

impl Resolve for Resolver {
    fn resolve(&self, name: reqwest::dns::Name) -> Resolving {
        witness::note(|seen| seen.lookup = true);
        let resolver = self.clone();
        Box::pin(async move {
            let found = resolver.lookup(name.as_str()).await?;
            let sockets: Vec<SocketAddr> = found.into_iter().map(|ip| SocketAddr::new(ip, 0)).collect();
            Ok(Box::new(sockets.into_iter()) as Addrs)
        })
    }
}

impl From<&Unresolved> for FetchError {
    fn from(unresolved: &Unresolved) -> FetchError {
        let class = match unresolved {
            Unresolved::Refused(_) => Class::Refused,
            Unresolved::Dns { class, .. } => *class,
        };
        FetchError::new(class, unresolved.to_string())
    }
}
