//! What two web addresses being "the same" means, and which addresses a feed may name at all.

use url::Url;

/// The longest address we keep, in bytes. Longer ones are dropped at ingest: no browser or reader is sure to follow
/// them.
pub const MAX_BYTES: usize = 2_048;

/// An absolute `http` or `https` address, from whatever a document wrote: relative, protocol-relative, `feed:`, padded
/// with line ends, with raw Vietnamese letters. Anything else (`javascript:`, `data:`, credentials) is not a link.
pub fn absolute(base: Option<&Url>, written: &str) -> Option<Url> {
    let trimmed = written.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    if trimmed.is_empty() || trimmed.len() > MAX_BYTES {
        return None;
    }
    let web = match strip_prefix_ignoring_case(trimmed, "feed:") {
        Some(rest) if rest.starts_with("//") => format!("http:{rest}"),
        Some(rest) => rest.to_owned(),
        None => trimmed.to_owned(),
    };
    let url = match base {
        Some(base) => base.join(&web),
        None => Url::parse(&web),
    }
    .ok()?;
    let web = matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|h| !h.is_empty());
    (web && url.username().is_empty() && url.password().is_none() && url.as_str().len() <= MAX_BYTES).then_some(url)
}

/// A relative address as written, where nothing says to what: a path, without scheme and host. It cannot be followed, only shown.
pub fn relative(written: &str) -> Option<String> {
    let trimmed = written.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    let nowhere = Url::parse("http://relative.invalid/").ok()?;
    let joined = absolute(Some(&nowhere), trimmed).filter(|u| u.host() == nowhere.host());
    joined.filter(|u| *u != nowhere).map(|_| trimmed.to_owned())
}

/// The identity of an article's address: equal when two addresses lead a reader to the same article.
///
/// Scheme, `www.`, default port, fragment, a trailing slash and tracking parameters do not tell articles apart
/// (sites of one list answer on both http and https, with and without `www.`). The case of the path and every other
/// parameter do: `?ItemID=` and `?urile=` are the article on ministry portals.
pub fn identity(url: &Url) -> String {
    let mut out = host_key(url);
    out.reserve(url.as_str().len());
    out.push_str(url.path().trim_end_matches('/'));
    let mut separator = '?';
    for pair in url.query().unwrap_or_default().split('&').filter(|p| !p.is_empty()) {
        let name = pair.split('=').next().unwrap_or_default();
        if !is_tracking(name) {
            out.push(separator);
            out.push_str(pair);
            separator = '&';
        }
    }
    out
}

/// An address as readers are given it: without what says where a click came from, everything else as it was.
pub fn without_tracking(mut url: Url) -> Url {
    let pairs: Vec<&str> = url.query().map(|query| query.split('&').collect()).unwrap_or_default();
    let tracks = |pair: &&str| is_tracking(pair.split('=').next().unwrap_or_default());
    if pairs.iter().any(tracks) {
        let kept = pairs.into_iter().filter(|pair| !tracks(pair)).collect::<Vec<_>>().join("&");
        url.set_query(Some(kept.as_str()).filter(|kept| !kept.is_empty()));
    }
    url
}

/// Whether two addresses are of one site: the same host, or hosts of one registered domain.
pub fn is_same_site(a: &Url, b: &Url) -> bool {
    match (a.host_str(), b.host_str()) {
        (Some(a), Some(b)) => a == b || registered(a).is_some_and(|a| Some(a) == registered(b)),
        _ => false,
    }
}

/// The domain that somebody registered, by the Public Suffix List: names below `gov.vn` or `hanoi.vn` belong to different people.
fn registered(host: &str) -> Option<&str> {
    let is_address = host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok();
    if is_address { None } else { psl::domain_str(host.trim_end_matches('.')) }
}

/// The key under which requests to the servers of one body take turns: the registered domain, or the address with its port.
pub fn turn_key(url: &Url) -> String {
    url.host_str().and_then(registered).map_or_else(|| host_key(url), str::to_owned)
}

/// The number that an article has in its site's address, with the host: the slug beside it is decoration on most Vietnamese
/// sites, and changes with the headline (`/cu-a12345.html` and `/moi-a12345.html` are one article). Nothing where the number could be
/// a date or a count.
pub fn article_number(url: &Url) -> Option<String> {
    const LEAST_DIGITS: usize = 5;
    let host = url.host_str()?;
    let segment = url.path().trim_end_matches('/').rsplit('/').next()?;
    let name = match segment.rsplit_once('.') {
        Some((name, ending)) if (2..=5).contains(&ending.len()) => name,
        _ => segment,
    };
    let digits_at = name.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
    let (slug, digits) = name.split_at_checked(digits_at)?;
    let letters_at = slug.rfind(|c: char| !c.is_ascii_alphabetic()).map_or(0, |at| at + 1);
    let (slug, letters) = slug.split_at_checked(letters_at)?;
    let is_numbered = digits.len() >= LEAST_DIGITS && letters.len() <= 6 && slug.ends_with(['-', '_']);
    // Letters in front make it a number: "-post123456", "-a196670".
    let is_date = letters.is_empty() && may_be_a_date(digits);
    (is_numbered && !is_date).then(|| format!("{}#{letters}{digits}", host.strip_prefix("www.").unwrap_or(host)))
}

/// Whether two addresses are of one server and stand in one folder of it.
pub fn is_same_folder(a: &Url, b: &Url) -> bool {
    fn folder(url: &Url) -> Option<&str> {
        url.path().rsplit_once('/').map(|(folder, _)| folder)
    }
    host_key(a) == host_key(b) && folder(a) == folder(b)
}

/// Digits that a bulletin's slug may end in: 23112026, 20261123, 231126, 261123, 112026, 202611.
fn may_be_a_date(digits: &str) -> bool {
    let part = |from: usize, to: usize| digits.get(from..to).and_then(|d| d.parse::<u32>().ok()).unwrap_or(0);
    let day = |at: usize| (1..=31).contains(&part(at, at + 2));
    let month = |at: usize| (1..=12).contains(&part(at, at + 2));
    let year = |at: usize| (1990..=2100).contains(&part(at, at + 4));
    match digits.len() {
        8 => day(0) && month(2) && year(4) || year(0) && month(4) && day(6),
        6 => day(0) && month(2) || month(2) && day(4) || month(0) && year(2) || year(0) && month(4),
        _ => false,
    }
}

/// The parts of an address's path that are not empty, as they are written.
pub fn segments(url: &Url) -> Vec<&str> {
    url.path_segments().into_iter().flatten().filter(|part| !part.is_empty()).collect()
}

/// What one server is known by: the host without `www.`, with its port.
pub fn host_key(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host).trim_end_matches('.');
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Parameters that say where a click came from: `utm_*` (Google), `fbclid` (Facebook), `gidzl` and `zarsrc` (Zalo), and
/// others seen on Vietnamese news links.
fn is_tracking(name: &str) -> bool {
    const NAMES: [&str; 12] = [
        "fbclid", "gclid", "gidzl", "zarsrc", "zalo_src", "mc_cid", "mc_eid", "igshid", "yclid", "msclkid", "dclid",
        "_ga",
    ];
    let name = name.to_ascii_lowercase();
    name.starts_with("utm_") || NAMES.contains(&name.as_str())
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn hosts_of_one_registered_domain_are_one_site() {
        let site = |a: &str, b: &str| {
            let url = |host: &str| Url::parse(&format!("https://{host}/")).unwrap();
            is_same_site(&url(a), &url(b))
        };
        for (a, b) in [
            ("bao.vn", "www.bao.vn"),
            ("dongkhoi.baovinhlong.vn", "baovinhlong.vn"),
            ("baocantho.com.vn", "m.baocantho.com.vn"),
            ("vpcp.chinhphu.vn", "baochinhphu.chinhphu.vn"),
            ("127.0.0.1", "127.0.0.1"),
        ] {
            assert!(site(a, b) && site(b, a), "{a} {b}");
        }
        for (a, b) in [
            ("baoa.vn", "baob.vn"),
            ("baocantho.com.vn", "baohaugiang.com.vn"),
            ("com.vn", "bao.com.vn"),
            ("hanoi.gov.vn", "hue.gov.vn"),
            ("127.0.0.1", "127.0.0.2"),
        ] {
            assert!(!site(a, b), "{a} {b}");
        }
    }

    #[test]
    fn an_article_is_known_by_its_number_under_any_slug() {
        let number = |address: &str| article_number(&Url::parse(address).unwrap());
        let same = [
            ("https://www.bao.vn/cu-a12345.html", "https://bao.vn/thoi-su/moi-hon-a12345.html"),
            ("https://bao.vn/cu-post123456.html", "https://bao.vn/moi-post123456.html"),
            ("https://bao.vn/cu-102261123080000111.htm", "https://bao.vn/moi-102261123080000111.htm"),
        ];
        for (a, b) in same {
            assert!(number(a).is_some() && number(a) == number(b), "{a}");
        }
        for nothing in [
            "/thoi-su",
            "/tuan-47.html",
            "/lich-20261123.html",
            "/gia-vang-23112026.html",
            "/cup-dien-231126.html",
            "/thang-112026",
            "/ke-hoach-2026",
            "/",
            "/covid19",
        ] {
            assert_eq!(number(&format!("https://bao.vn{nothing}")), None, "{nothing}");
        }
        assert_ne!(number("https://bao.vn/x-a12345.html"), number("https://bao.vn/x-i12345.html"));
    }

    #[test]
    fn addresses_of_one_article_have_one_identity() {
        let article = identity(&url("https://baotinh.vn/thoi-su/mot-bai-314386.html"));
        for other in [
            "http://baotinh.vn/thoi-su/mot-bai-314386.html",
            "https://www.baotinh.vn/thoi-su/mot-bai-314386.html",
            "https://BaoTinh.vn:443/thoi-su/mot-bai-314386.html#binh-luan",
            "https://baotinh.vn/thoi-su/mot-bai-314386.html?utm_source=zalo&gidzl=abc&fbclid=x",
        ] {
            assert_eq!(identity(&url(other)), article, "{other}");
        }
        assert_eq!(identity(&url("https://bao.vn/muc/")), identity(&url("https://bao.vn/muc")));
    }

    #[test]
    fn parameters_that_name_the_article_and_the_case_of_the_path_count() {
        assert_ne!(identity(&url("https://moj.vn/x.aspx?ItemID=1")), identity(&url("https://moj.vn/x.aspx?ItemID=2")));
        assert_ne!(identity(&url("https://bao.vn/Bai-A1b")), identity(&url("https://bao.vn/Bai-a1B")));
        assert_ne!(identity(&url("https://bao.vn/a")), identity(&url("https://bao.vn:8080/a")));
        assert_eq!(identity(&url("https://moj.vn/x.aspx?utm_source=a&ItemID=1")), "moj.vn/x.aspx?ItemID=1");
    }

    #[test]
    fn readers_are_not_tracked_and_the_rest_of_an_address_is_as_it_was() {
        for (given, expected) in [
            ("https://bao.vn/a.html?utm_source=zalo&gidzl=x", "https://bao.vn/a.html"),
            ("https://bao.vn/a?b=%C3%A1+%2f&UTM_Medium=x&&c#d", "https://bao.vn/a?b=%C3%A1+%2f&&c#d"),
            ("https://moj.vn/x.aspx?ItemID=1&", "https://moj.vn/x.aspx?ItemID=1&"),
            ("https://bao.vn/a?", "https://bao.vn/a?"),
        ] {
            assert_eq!(without_tracking(url(given)).as_str(), expected);
        }
    }

    #[test]
    fn what_a_document_writes_becomes_absolute_or_nothing() {
        let base = url("https://bao.vn/rss/thoi-su");
        let cases = [
            ("\n  https://bao.vn/a.html \n", Some("https://bao.vn/a.html")),
            ("/a.html", Some("https://bao.vn/a.html")),
            ("//cdn.bao.vn/a", Some("https://cdn.bao.vn/a")),
            ("feed://bao.vn/rss", Some("http://bao.vn/rss")),
            ("feed:https://bao.vn/rss", Some("https://bao.vn/rss")),
            ("/ảnh đẹp (1).png", Some("https://bao.vn/%E1%BA%A3nh%20%C4%91%E1%BA%B9p%20(1).png")),
            ("javascript:alert(1)", None),
            ("JAVA\tscript:alert(1)", None),
            ("data:text/html,x", None),
            ("https://user:pass@bao.vn/", None),
            ("mailto:a@b.vn", None),
            ("", None),
        ];
        for (written, expected) in cases {
            assert_eq!(absolute(Some(&base), written).as_ref().map(Url::as_str), expected, "{written:?}");
        }
        assert_eq!(absolute(None, "/a.html"), None);
        assert_eq!(absolute(None, &format!("https://bao.vn/{}", "a".repeat(3000))), None);
    }

    #[test]
    fn one_server_is_one_turn() {
        assert_eq!(host_key(&url("https://www.bao.vn/a")), host_key(&url("http://bao.vn/b")));
        assert_ne!(host_key(&url("http://127.0.0.1:81/a")), host_key(&url("http://127.0.0.1:82/a")));
    }
}
