//! Where we listen, and how much we take: the `[public]` and `[private]` keys about sockets.

use std::fmt;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::PathBuf;

use ipnet::IpNet;

use super::mistake::Report;
use super::reader::{At, Fields};
use crate::address;

/// Where a listener is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    /// At an address and a port.
    Tcp(SocketAddr),
    /// At a path of this machine.
    Unix(PathBuf),
}

impl Listen {
    /// As people open it.
    pub fn shown(&self) -> String {
        match self {
            Listen::Tcp(address) => format!("http://{address}/"),
            Listen::Unix(_) => self.to_string(),
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Listen::Tcp(address) => write!(out, "{address}"),
            Listen::Unix(path) => write!(out, "unix:{}", path.display()),
        }
    }
}

/// How many readers are taken; what is not said is for the listener to choose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Crowd {
    /// Connections in all.
    pub connections: Option<usize>,
    /// Connections from one address.
    pub per_address: Option<usize>,
    /// Who speaks for many and is not counted by address.
    pub trusted_proxies: Option<Vec<IpNet>>,
}

/// Reads `listen`.
pub fn listen(text: &At<&str>, report: &Report<'_>) -> Option<Listen> {
    let parsed = match text.value.strip_prefix("unix:") {
        // Longer ones do not fit into what the kernel calls an address (`sun_path`: 108 bytes with the zero behind it).
        Some(path) if path.starts_with('/') && !path.ends_with('/') && path.len() < 108 => {
            Some(Listen::Unix(PathBuf::from(path)))
        }
        Some(_) => None,
        None => text.value.parse().ok().map(Listen::Tcp),
    };
    if parsed.is_none() {
        report.mistake(
            &text.span,
            format!(
                "\"{}\" phải là địa chỉ IP và cổng, ví dụ \"127.0.0.1:8750\", hoặc \"unix:\" và đường dẫn đầy đủ, ví dụ \
                 \"unix:/run/dongtin/http.sock\".",
                text.value
            ),
            "This must be an IP address and a port, such as \"127.0.0.1:8750\", or \"unix:\" and a full path, such as \
             \"unix:/run/dongtin/http.sock\".",
        );
    }
    parsed
}

/// Reads how many readers are taken.
pub fn crowd(fields: &Fields<'_>, report: &Report<'_>) -> Crowd {
    let nets = |texts: Vec<At<&str>>| texts.iter().filter_map(|text| network(text, report)).collect();
    Crowd {
        connections: fields.count("connections", 16..1_000_000),
        per_address: fields.count("connections_per_address", 1..1_000_000),
        trusted_proxies: fields.has("trusted_proxies").then(|| nets(fields.texts("trusted_proxies"))),
    }
}

/// An address or a network.
pub fn network(text: &At<&str>, report: &Report<'_>) -> Option<IpNet> {
    let one = || text.value.parse::<std::net::IpAddr>().ok().map(IpNet::from);
    let net = text.value.parse::<IpNet>().ok().or_else(one);
    if net.is_none() {
        report.mistake(
            &text.span,
            format!("\"{}\" phải là địa chỉ IP hoặc dải IP, ví dụ \"10.1.2.0/24\".", text.value),
            "This must be an IP address or network, such as \"10.1.2.0/24\".",
        );
    }
    net
}

/// The private listener tells everything and asks nobody who he is.
pub fn check_private(listen: &Listen, public: Option<&Listen>, span: &Range<usize>, report: &Report<'_>) {
    if public.is_some_and(|public| meet(listen, public)) {
        report.mistake(
            span,
            "[private] listen trùng với [public] listen: hãy chọn chỗ khác.",
            "[private] listen is the same as [public] listen: choose another.",
        );
    }
    let Listen::Tcp(listen) = listen else { return };
    if listen.ip().is_unspecified() || address::check(listen.ip(), &[]).is_ok() {
        let port = listen.port();
        report.warning(
            span,
            format!("[private] listen mở ra mọi nơi; phần này chỉ cho người vận hành: \"127.0.0.1:{port}\"."),
            format!("[private] listen is open to everybody; it is for operators only: \"127.0.0.1:{port}\"."),
        );
    }
}

fn meet(one: &Listen, other: &Listen) -> bool {
    match (one, other) {
        // Port 0 is any free one.
        (Listen::Tcp(one), Listen::Tcp(other)) => {
            one.port() == other.port()
                && one.port() != 0
                && (one.ip() == other.ip() || one.ip().is_unspecified() || other.ip().is_unspecified())
        }
        (one, other) => one == other,
    }
}
