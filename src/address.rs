//! Which network addresses may be reached: public ones, and those that the configuration names.
//!
//! The guard of every outgoing request asks here, for the address in a URL and for every address a name resolves to.
//! Source of the ranges: the IANA IPv4 and IPv6 Special-Purpose Address Registries, and the embeddings of IPv4 in IPv6
//! (RFC 4291 mapped and compatible, RFC 6052 and 8215 NAT64, RFC 3056 6to4, RFC 4380 Teredo), through which advisories
//! of feed readers keep arriving.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use url::{Host, Url};

/// Ports that web servers stand on. Any other is reached only where the source's own address names it.
pub const WEB_PORTS: [u16; 4] = [80, 443, 8080, 8443];

/// An address that may not be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotPublic(pub IpAddr);

/// Whether an address may be reached.
pub fn check(ip: IpAddr, allow: &[IpNet]) -> Result<(), NotPublic> {
    if is_public(ip) || allow.iter().any(|net| net.contains(&ip)) { Ok(()) } else { Err(NotPublic(ip)) }
}

/// Whether a URL may be asked for, as far as that can be said without resolving a name. The `url` crate has already
/// read `0177.0.0.1`, `0x7f.1` and `2130706433` as the addresses they are.
pub fn check_literal(url: &Url, allow: &[IpNet]) -> Result<(), NotPublic> {
    match literal(url) {
        Some(ip) => check(ip, allow),
        None => Ok(()),
    }
}

/// Whether a URL's host is an address that the configuration names.
pub fn is_named(url: &Url, allow: &[IpNet]) -> bool {
    literal(url).is_some_and(|ip| allow.iter().any(|net| net.contains(&ip)))
}

fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(ip) => Some(IpAddr::V4(ip)),
        Host::Ipv6(ip) => Some(IpAddr::V6(ip)),
        Host::Domain(_) => None,
    }
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => match embedded_v4(ip) {
            Some(inner) => is_public_v4(inner) && !is_special_v6(ip),
            None => !is_special_v6(ip),
        },
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    const SPECIAL: [([u8; 4], u8); 16] = [
        ([0, 0, 0, 0], 8),
        ([10, 0, 0, 0], 8),
        ([100, 64, 0, 0], 10),
        ([127, 0, 0, 0], 8),
        ([169, 254, 0, 0], 16),
        ([172, 16, 0, 0], 12),
        ([192, 0, 0, 0], 24),
        ([192, 0, 2, 0], 24),
        ([192, 31, 196, 0], 24),
        ([192, 88, 99, 0], 24),
        ([192, 168, 0, 0], 16),
        ([198, 18, 0, 0], 15),
        ([198, 51, 100, 0], 24),
        ([203, 0, 113, 0], 24),
        ([224, 0, 0, 0], 4),
        ([240, 0, 0, 0], 4),
    ];
    !SPECIAL.iter().any(|&(net, bits)| Ipv4Net::new(net.into(), bits).is_ok_and(|n| n.contains(&ip)))
}

fn is_special_v6(ip: Ipv6Addr) -> bool {
    // Everything outside 2000::/3 is unallocated or special; mapped and NAT64 addresses are judged by what they embed.
    const SPECIAL: [([u16; 8], u8); 7] = [
        ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
        ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
        ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
        ([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48),
        ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
        ([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16),
        ([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48),
    ];
    let [first, ..] = ip.segments();
    let global = (0x2000..=0x3fff).contains(&first);
    let wrapped = ip.to_ipv4_mapped().is_some() || is_nat64(ip);
    SPECIAL.iter().any(|&(net, bits)| Ipv6Net::new(net.into(), bits).is_ok_and(|n| n.contains(&ip)))
        || !global && !wrapped
}

fn is_nat64(ip: Ipv6Addr) -> bool {
    matches!(ip.segments(), [0x64, 0xff9b, 0, 0, 0, 0, _, _])
}

/// The IPv4 address that a mapped or well-known NAT64 address stands for. 6to4, Teredo, local NAT64 and compatible
/// addresses are refused whole: no honest feed lives there.
fn embedded_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    if let Some(mapped) = ip.to_ipv4_mapped() {
        return Some(mapped);
    }
    let [.., a, b, c, d] = ip.octets();
    is_nat64(ip).then_some(Ipv4Addr::new(a, b, c, d))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reached(text: &str) -> bool {
        check_literal(&Url::parse(text).unwrap(), &[]).is_ok()
    }

    #[test]
    fn no_private_reserved_or_embedded_address_is_reached_in_any_spelling() {
        for host in [
            "127.0.0.1",
            "127.1",
            "127.255.255.254",
            "0.0.0.0",
            "0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.100.100.200",
            "192.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "2130706433",
            "0177.0.0.1",
            "0x7f.1",
            "0x7f000001",
            "[::1]",
            "[::]",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::127.0.0.1]",
            "[64:ff9b::127.0.0.1]",
            "[64:ff9b::a00:1]",
            "[64:ff9b:1::1]",
            "[2002:7f00:1::]",
            "[2001::1]",
            "[fc00::1]",
            "[fd12:3456::1]",
            "[fe80::1]",
            "[fec0::1]",
            "[ff02::1]",
            "[100::1]",
            "[2001:db8::1]",
            "[3fff::1]",
            "[5f00::1]",
        ] {
            assert!(!reached(&format!("http://{host}/")), "{host}");
        }
    }

    #[test]
    fn public_addresses_and_names_are_reached() {
        for host in [
            "93.184.216.34",
            "203.162.0.1",
            "[2405:4800::1]",
            "[2606:4700::1111]",
            "[::ffff:93.184.216.34]",
            "[64:ff9b::5db8:d822]",
            "nhandan.vn",
        ] {
            assert!(reached(&format!("http://{host}/")), "{host}");
        }
    }

    #[test]
    fn an_exception_opens_exactly_what_it_names() {
        let allow: Vec<IpNet> = vec!["10.1.2.0/24".parse().unwrap(), "127.0.0.1/32".parse().unwrap()];
        let reached = |text: &str| check_literal(&Url::parse(text).unwrap(), &allow).is_ok();
        assert!(reached("http://10.1.2.9/") && reached("http://127.0.0.1:9100/"));
        assert!(!reached("http://10.1.3.9/") && !reached("http://127.0.0.2/") && !reached("http://[::ffff:10.1.3.9]/"));
        assert!(is_named(&Url::parse("http://10.1.2.9/").unwrap(), &allow));
        assert!(
            !is_named(&Url::parse("http://93.184.216.34/").unwrap(), &allow)
                && !is_named(&Url::parse("http://nhandan.vn/").unwrap(), &allow)
        );
    }
}
