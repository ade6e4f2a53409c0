//! Which hub a document names, and under which address its topic is known there (WebSub section 4).

use url::Url;

use crate::link;

/// A hub and a topic, as a document advertises them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advertised {
    /// The hub to subscribe at.
    pub hub: Url,
    /// The address the hub knows the document by, `rel="self"`: not necessarily the one that was polled.
    pub topic: Url,
}

/// What a document advertises: by its `Link` headers, else by the links in it. Both hub and topic must be there, and from the same
/// place; of several hubs the first is taken.
///
/// `headers`: raw values of `Link` header fields; `base`: where the document was found; `inside`: its own hubs and self link.
pub fn discover(headers: &[String], base: &Url, inside: (&[Url], Option<&Url>)) -> Option<Advertised> {
    let links: Vec<HeaderLink<'_>> = headers.iter().flat_map(|value| header_links(value)).collect();
    let by_rel = |rel: &str| {
        links.iter().filter(|link| link.has(rel)).find_map(|link| link::absolute(Some(base), link.target)).map(bare)
    };
    if let (Some(hub), Some(topic)) = (by_rel("hub"), by_rel("self")) {
        return Some(Advertised { hub, topic });
    }
    let (hubs, own) = inside;
    Some(Advertised { hub: bare(hubs.first()?.clone()), topic: bare(own?.clone()) })
}

/// A fragment is nothing a server sees.
fn bare(mut url: Url) -> Url {
    url.set_fragment(None);
    url
}

/// One link of a `Link` header field (RFC 8288 section 3).
struct HeaderLink<'a> {
    target: &'a str,
    /// The relation types, separated by spaces.
    rel: &'a str,
}

impl HeaderLink<'_> {
    fn has(&self, rel: &str) -> bool {
        self.rel.split_ascii_whitespace().any(|r| r.eq_ignore_ascii_case(rel))
    }
}

/// The links of one field value. What is not a link ends the list; a link about something else (`anchor`) is none of ours.
fn header_links(value: &str) -> impl Iterator<Item = HeaderLink<'_>> {
    let mut rest = value;
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start_matches([' ', '\t', ',']);
            let (target, parameters) = rest.strip_prefix('<')?.split_once('>')?;
            let end = outside_quotes(parameters, ',').unwrap_or(parameters.len());
            let (own, after) = parameters.split_at_checked(end)?;
            rest = after;
            if parameter(own, "anchor").is_none() {
                return Some(HeaderLink { target, rel: parameter(own, "rel").unwrap_or_default() });
            }
        }
    })
}

/// The value of a parameter; the first one counts (section 3.3).
fn parameter<'a>(mut parameters: &'a str, wanted: &str) -> Option<&'a str> {
    loop {
        parameters = parameters.trim_start_matches([' ', '\t', ';']);
        if parameters.is_empty() {
            return None;
        }
        let end = outside_quotes(parameters, ';').unwrap_or(parameters.len());
        let (one, after) = parameters.split_at_checked(end)?;
        let (name, value) = one.split_once('=').unwrap_or((one, ""));
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(value.trim().trim_matches('"'));
        }
        parameters = after;
    }
}

/// Where a character stands outside of quoted strings.
fn outside_quotes(text: &str, wanted: char) -> Option<usize> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    text.char_indices().find_map(|(at, c)| {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ if c == wanted && !is_quoted => return Some(at),
            _ => {}
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn found(headers: &[&str], hubs: &[&str], own: Option<&str>) -> Option<(String, String)> {
        let headers: Vec<String> = headers.iter().map(|h| (*h).to_owned()).collect();
        let hubs: Vec<Url> = hubs.iter().map(|h| url(h)).collect();
        let own = own.map(url);
        let found = discover(&headers, &url("https://bao.example/rss/tin?x=1"), (&hubs, own.as_ref()))?;
        Some((found.hub.into(), found.topic.into()))
    }

    fn both(hub: &str, topic: &str) -> Option<(String, String)> {
        Some((hub.to_owned(), topic.to_owned()))
    }

    #[test]
    fn p60_rocks_100_a_hub_is_found_in_link_headers_in_every_spelling() {
        let expected = both("https://hub.example/", "https://bao.example/rss");
        let cases: [&[&str]; 8] = [
            &["<https://hub.example/>; rel=\"hub\"", "<https://bao.example/rss>; rel=\"self\""],
            &["<https://hub.example/>; rel=\"hub\", <https://bao.example/rss>; rel=\"self\""],
            &["<https://hub.example/>;rel=hub,</rss>;REL=self"],
            &["<https://hub.example/>; title=\"a, \\\"b; rel=self\"; rel=\"preload HUB\" , <../rss>; rel=Self"],
            &["<https://hub.example/>; rel=hub; rel=self, </rss>; rel=self"],
            &["<https://bao.example/2>; rel=next, <https://hub.example/>; rel=hub, </rss#top>; rel=self"],
            &["</x>; rel=self; anchor=\"/other\", <https://hub.example/>; rel=hub, </rss>; rel=self"],
            &["<javascript:alert(1)>; rel=hub, <https://hub.example/>; rel=hub, </rss>; rel=self"],
        ];
        for headers in cases {
            assert_eq!(found(headers, &[], None), expected, "{headers:?}");
        }
    }

    #[test]
    fn p60_rocks_102_103_a_hub_is_found_in_the_feed_where_the_headers_name_none() {
        let inside = both("https://hub.example/a", "https://bao.example/self");
        let hubs = ["https://hub.example/a", "https://hub.example/b"];
        assert_eq!(found(&[], &hubs, Some("https://bao.example/self")), inside);
        for half in ["<https://other.example/>; rel=hub", "</rss>; rel=self", "</style.css>; rel=preload"] {
            assert_eq!(found(&[half], &hubs, Some("https://bao.example/self")), inside, "{half}");
        }
    }

    #[test]
    fn p60_rocks_104_headers_come_before_the_feed_and_both_hub_and_self_are_required() {
        let headers = ["<https://first.example/>; rel=hub, </rss>; rel=self"];
        let first = both("https://first.example/", "https://bao.example/rss");
        assert_eq!(found(&headers, &["https://hub.example/"], Some("https://bao.example/self")), first);
        assert_eq!(found(&[], &["https://hub.example/"], None), None);
        assert_eq!(found(&[], &[], Some("https://bao.example/self")), None);
        assert_eq!(found(&["<https://first.example/>; rel=hub"], &[], Some("https://bao.example/self")), None);
    }

    #[test]
    fn p60_header_fields_that_are_not_links_are_as_if_they_were_not_there() {
        for junk in
            ["", ",", "<", "<>", "hub", "<https://hub.example/", "<a>;;;=;\"", "<a>; rel=\"hub", "\\\"<\u{1f600}"]
        {
            assert_eq!(found(&[junk, &junk.repeat(500)], &[], None), None, "{junk}");
        }
    }

    proptest! {
        #[test]
        fn p60_any_header_field_is_read_or_passed_over(value in "[<>;,=\"\\\\ a-z/:.é]{0,60}") {
            for link in header_links(&value) {
                prop_assert!(value.contains(link.target) && value.contains(link.rel));
            }
        }
    }
}
