//! What a site's robots.txt lets us ask for: RFC 9309, read as Google's parser reads where the RFC is silent.

use std::time::Duration;

use memchr::memmem;
use url::Url;

/// What of a file is read; RFC 9309 section 2.5 asks for at least this much.
const MAX_BYTES: usize = 500 * 1024;
/// A longer `Crawl-delay` is cut to this: the gap between two requests to a host is a matter of seconds.
const MAX_CRAWL_DELAY: Duration = Duration::from_secs(60);

/// The rules of one site for one robot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Robots {
    /// The most specific rule first.
    rules: Vec<Rule>,
    /// The gap between two requests that the site asks for, at most 60 seconds. Not in the RFC, and widely written.
    pub crawl_delay: Option<Duration>,
}

/// An `Allow` or a `Disallow` with a path.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    is_allow: bool,
    /// Octets as [`normal`] writes them, where a `*` is always the wildcard.
    pattern: Vec<u8>,
    /// Whether a `$` demands that the path ends with the pattern.
    is_anchored: bool,
}

/// What a line is about.
enum Line<'a> {
    /// `*`, or the product token a group is for.
    Agent(&'a [u8]),
    Rule(Rule),
    CrawlDelay(Duration),
}

impl Robots {
    /// No restriction: the answer was 4xx, "unavailable" (RFC 9309 section 2.3.1.3).
    pub fn everything() -> Robots {
        Robots::default()
    }

    /// Reads the rules for `product`, the first word of our `User-Agent`; what follows its token, such as `/1.0`, does not
    /// matter. Groups that name it count together (section 2.2.1); where none does, those for `*` count. Any bytes are
    /// a robots.txt: what is no rule is passed over.
    ///
    /// `Crawl-delay` is a rule here, so it ends a list of agents. Whoever takes it for an unknown record joins the
    /// next group to this one, and "`*`: come slowly; that bot: stay out" becomes "all: stay out".
    pub fn parse(bytes: &[u8], product: &str) -> Robots {
        let product = token(product.as_bytes());
        let (mut ours, mut everyones) = (Robots::default(), Robots::default());
        let mut are_we_named = false;
        let (mut is_ours, mut is_everyones, mut has_rules) = (false, false, false);
        let whole = readable(bytes);
        for line in whole.split(|b| matches!(b, b'\n' | b'\r')).filter_map(Line::read) {
            if let Line::Agent(agent) = line {
                if has_rules {
                    (is_ours, is_everyones, has_rules) = (false, false, false);
                }
                is_everyones |= matches!(agent, [b'*'] | [b'*', b' ' | b'\t', ..]);
                is_ours |= !product.is_empty() && token(agent).eq_ignore_ascii_case(product);
                are_we_named |= is_ours;
                continue;
            }
            has_rules = true;
            for group in
                [(is_ours, &mut ours), (is_everyones, &mut everyones)].into_iter().filter_map(|(is, g)| is.then_some(g))
            {
                match &line {
                    Line::Rule(rule) => group.rules.push(rule.clone()),
                    Line::CrawlDelay(delay) => group.crawl_delay = group.crawl_delay.max(Some(*delay)),
                    Line::Agent(_) => {}
                }
            }
        }
        let mut robots = if are_we_named { ours } else { everyones };
        robots.rules.sort_by_key(|rule| (std::cmp::Reverse(rule.octets()), !rule.is_allow));
        robots
    }

    /// Whether we may ask for this address of the site: the longest pattern that matches its path and query decides,
    /// `Allow` where two are equally long, and nothing forbids robots.txt itself (section 2.2.2).
    pub fn allows(&self, url: &Url) -> bool {
        if self.rules.is_empty() || url.path() == "/robots.txt" {
            return true;
        }
        let mut written = url.path().to_owned();
        if let Some(query) = url.query() {
            written.push('?');
            written.push_str(query);
        }
        let path = normal(written.as_bytes(), false);
        self.rules.iter().find(|rule| rule.matches(&path)).is_none_or(|rule| rule.is_allow)
    }
}

/// What is read of a file: without a byte order mark, and without the line that the limit cuts through. Half a path
/// would be a rule for more than its writer meant.
fn readable(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match bytes.get(..MAX_BYTES) {
        Some(start) if bytes.len() > MAX_BYTES => {
            let end = start.iter().rposition(|b| matches!(b, b'\n' | b'\r')).unwrap_or(0);
            start.get(..end).unwrap_or_default()
        }
        _ => bytes,
    }
}

/// The product token that a text begins with: letters, `-` and `_` (RFC 9309 section 2.2.1).
fn token(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|b| !b.is_ascii_alphabetic() && !matches!(b, b'-' | b'_')).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

impl Line<'_> {
    /// Reads a line without its end. The names in common misspellings, and a colon that was forgotten between two words, are
    /// read as Google's parser reads them.
    fn read(line: &[u8]) -> Option<Line<'_>> {
        let line = line.split(|b| *b == b'#').next()?.trim_ascii();
        let (name, value) = match line.iter().position(|b| *b == b':') {
            Some(colon) => {
                line.split_at_checked(colon).map(|(name, rest)| (name, rest.get(1..).unwrap_or_default()))?
            }
            None => {
                let words: Vec<&[u8]> = line.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty()).take(3).collect();
                let [name, value] = *words.as_slice() else { return None };
                (name, value)
            }
        };
        let value = value.trim_ascii();
        let is = |names: &[&str]| names.iter().any(|n| name.trim_ascii().eq_ignore_ascii_case(n.as_bytes()));
        if is(&["user-agent", "useragent", "user agent"]) {
            Some(Line::Agent(value))
        } else if is(&["allow"]) {
            Rule::of(true, value).map(Line::Rule)
        } else if is(&["disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"]) {
            Rule::of(false, value).map(Line::Rule)
        } else if is(&["crawl-delay", "crawldelay"]) {
            let seconds: f64 = std::str::from_utf8(value).ok()?.parse().ok().filter(|s: &f64| !s.is_nan())?;
            let delay = Duration::try_from_secs_f64(seconds.min(MAX_CRAWL_DELAY.as_secs_f64())).ok()?;
            Some(Line::CrawlDelay(delay)).filter(|_| !delay.is_zero())
        } else {
            None
        }
    }
}

impl Rule {
    /// Nothing if the path is empty: such a rule has no effect.
    fn of(is_allow: bool, path: &[u8]) -> Option<Rule> {
        let (path, is_anchored) = match path.strip_suffix(b"$") {
            Some(path) => (path, true),
            None => (path, false),
        };
        let pattern = normal(path, true);
        (!pattern.is_empty()).then_some(Rule { is_allow, pattern, is_anchored })
    }

    /// What makes a rule more specific than another.
    fn octets(&self) -> usize {
        self.pattern.len() + usize::from(self.is_anchored)
    }

    /// Whether the pattern matches the path from its start. The leftmost place is the best for every piece between two
    /// wildcards, so nothing is tried twice: time is linear in both lengths.
    fn matches(&self, path: &[u8]) -> bool {
        let mut pieces = self.pattern.split(|b| *b == b'*');
        let Some(mut rest) = path.strip_prefix(pieces.next().unwrap_or_default()) else { return false };
        let Some(last) = pieces.next_back() else { return !self.is_anchored || rest.is_empty() };
        for piece in pieces {
            let Some(after) = memmem::find(rest, piece).and_then(|at| rest.get(at + piece.len()..)) else {
                return false;
            };
            rest = after;
        }
        if self.is_anchored { rest.ends_with(last) } else { memmem::find(rest, last).is_some() }
    }
}

/// Octets in the one form that is compared (section 2.2.2): unreserved characters bare, reserved ones as written, everything else
/// percent-encoded with capital digits. `*` and `$` as characters of a path are always encoded, which keeps `*` for
/// wildcards; `'` too, which addresses encode in a query and leave in a path.
fn normal(written: &[u8], is_pattern: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(written.len());
    let mut rest = written;
    while let [octet, after @ ..] = rest {
        rest = after;
        if let (b'%', [high, low, behind @ ..]) = (octet, after)
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            rest = behind;
            let octet = high * 16 + low;
            if is_unreserved(octet) { out.push(octet) } else { encode(octet, &mut out) }
        } else if is_unreserved(*octet) || b"%:/?#[]@!&()+,;=".contains(octet) || (is_pattern && *octet == b'*') {
            out.push(*octet);
        } else {
            encode(*octet, &mut out);
        }
    }
    out
}

/// RFC 3986 section 2.3.
fn is_unreserved(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-._~".contains(&octet)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|d| u8::try_from(d).ok())
}

fn encode(octet: u8, out: &mut Vec<u8>) {
    let digit = |d: u8| b"0123456789ABCDEF".get(usize::from(d)).copied().unwrap_or_default();
    out.extend([b'%', digit(octet >> 4), digit(octet & 15)]);
}

#[cfg(test)]
mod tests;
