//! What a reader can read: codings and languages, by their weights (RFC 9110 section 12.5). Pure.

use super::head::Fields;
use crate::publish::{Coding, Lang};

/// More is not a list, it is an attack.
const MOST_BYTES: usize = 8 * 1024;
/// More words of a list are not looked at.
const MOST_WORDS: usize = 100;
/// A weight of one, in thousandths.
const WHOLE: u16 = 1000;

/// In what coding a document leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// As it is.
    Identity,
    /// Coded.
    Coded(Coding),
    /// In none that there is.
    Nothing,
}

/// The codings, best first where a reader has no preference: brotli is the smallest for our documents (docs/serving.md).
const PREFERENCE: [Coding; 3] = [Coding::Brotli, Coding::Zstd, Coding::Gzip];

/// The weights a reader gives; none for what it does not name.
#[derive(Debug, Default)]
struct Weights {
    brotli: Option<u16>,
    zstd: Option<u16>,
    gzip: Option<u16>,
    identity: Option<u16>,
    rest: Option<u16>,
}

impl Weights {
    fn of(&self, coding: Coding) -> u16 {
        let named = match coding {
            Coding::Brotli => self.brotli,
            Coding::Zstd => self.zstd,
            Coding::Gzip => self.gzip,
        };
        named.or(self.rest).unwrap_or(0)
    }
}

/// The best coding for a reader among those there are. Whoever says nothing gets the document as it is: old programs say nothing
/// because they know nothing.
pub fn coding(fields: Fields<'_>, exists: impl Fn(Coding) -> bool) -> Wanted {
    let mut weights = Weights::default();
    for (name, weight) in words(fields, "accept-encoding") {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        let place = match () {
            () if is("gzip") || is("x-gzip") => &mut weights.gzip,
            () if is("br") => &mut weights.brotli,
            () if is("zstd") => &mut weights.zstd,
            () if is("identity") => &mut weights.identity,
            () if name == "*" => &mut weights.rest,
            () => continue,
        };
        place.get_or_insert(weight);
    }
    let mut best: Option<(u16, Coding)> = None;
    for coding in PREFERENCE {
        let weight = weights.of(coding);
        if weight > best.map_or(0, |(weight, _)| weight) && exists(coding) {
            best = Some((weight, coding));
        }
    }
    // Unless it is named it is the last resort, and only a zero forbids it.
    let identity = weights.identity.or(weights.rest.filter(|weight| *weight == 0));
    match best {
        Some((weight, coding)) if identity.is_none_or(|identity| weight >= identity) => Wanted::Coded(coding),
        _ if identity == Some(0) => Wanted::Nothing,
        _ => Wanted::Identity,
    }
}

/// The language of the page: Vietnamese unless English is wanted more.
pub fn language(fields: Fields<'_>) -> Lang {
    let (mut vi, mut en) = (0, 0);
    for (name, weight) in words(fields, "accept-language") {
        let is = |tag: &str| {
            name.get(..tag.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(tag))
                && name.as_bytes().get(tag.len()).is_none_or(|b| *b == b'-')
        };
        match () {
            () if is("vi") => vi = vi.max(weight),
            () if is("en") => en = en.max(weight),
            () => {}
        }
    }
    if en > vi { Lang::En } else { Lang::Vi }
}

/// The words of a list with their weights in thousandths; malformed ones are as if they were not there.
fn words<'a>(fields: Fields<'a>, name: &'static str) -> impl Iterator<Item = (&'a str, u16)> {
    let lists = fields.texts(name).filter(|list| list.len() <= MOST_BYTES);
    lists.flat_map(|list| list.split(',')).take(MOST_WORDS).filter_map(|part| {
        let mut pieces = part.split(';').map(str::trim);
        let word = pieces.next().filter(|word| !word.is_empty())?;
        let weight = pieces.find_map(|p| p.strip_prefix("q=").or_else(|| p.strip_prefix("Q=")));
        Some((word, weight.map_or(Some(WHOLE), thousandths)?))
    })
}

/// `0.5` as 500 (RFC 9110 section 12.4.2: at most three digits behind the point, nothing above one).
fn thousandths(text: &str) -> Option<u16> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if part.len() > 3 || !part.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = part.bytes().chain([b'0'; 3]).take(3).fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    match (whole, part) {
        ("0", part) => Some(part),
        ("1", 0) => Some(WHOLE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::head;

    fn with<T>(fields: &[(&str, &str)], then: impl FnOnce(Fields<'_>) -> T) -> T {
        let fields: String = fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        head::read(format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n").as_bytes(), |head| then(head.fields))
            .unwrap()
            .unwrap()
    }

    #[test]
    fn s12_every_accept_encoding_gets_the_best_that_it_can_read() {
        use Coding::{Brotli, Gzip, Zstd};
        use Wanted::{Coded, Identity, Nothing};
        let two_hundred = (0..200).map(|n| format!("x{n}")).collect::<Vec<_>>().join(", ");
        for (value, expected) in [
            ("", Identity),
            ("gzip", Coded(Gzip)),
            ("br", Coded(Brotli)),
            ("zstd", Coded(Zstd)),
            ("gzip, deflate, br, zstd", Coded(Brotli)),
            ("gzip, deflate", Coded(Gzip)),
            ("gzip, zstd", Coded(Zstd)),
            ("deflate", Identity),
            ("gzip;q=0", Identity),
            ("*", Coded(Brotli)),
            ("*;q=0", Nothing),
            ("*;q=0, gzip", Coded(Gzip)),
            ("identity;q=0", Nothing),
            ("identity;q=0, gzip", Coded(Gzip)),
            ("identity;q=0, *", Coded(Brotli)),
            ("identity;q=0, gzip;q=0", Nothing),
            ("*;q=0, identity", Identity),
            ("*;q=0, identity;q=0.001", Identity),
            ("identity", Identity),
            ("br;q=0.1, gzip;q=0.9", Coded(Gzip)),
            ("zstd;q=0.9, br;q=0.899", Coded(Zstd)),
            ("br;q=0, *", Coded(Zstd)),
            ("br;q=0, zstd;q=0, *;q=0.5", Coded(Gzip)),
            ("identity;q=0.9, gzip;q=0.5", Identity),
            ("identity;q=0.5, gzip;q=0.5", Coded(Gzip)),
            ("GZIP", Coded(Gzip)),
            ("x-gzip", Coded(Gzip)),
            ("gzip;q=1.5", Identity),
            ("gzip;q=", Identity),
            ("gzip;q=0.1234", Identity),
            ("gzip;q=-1", Identity),
            ("gzip;q=nan", Identity),
            ("gzip;q=1.000", Coded(Gzip)),
            ("gzip ; Q=0.5", Coded(Gzip)),
            (",,gzip,,", Coded(Gzip)),
            (two_hundred.as_str(), Identity),
        ] {
            assert_eq!(with(&[("accept-encoding", value)], |f| coding(f, |_| true)), expected, "{value}");
        }
        assert_eq!(with(&[], |f| coding(f, |_| true)), Identity);
        let twice = [("accept-encoding", "br;q=0.5"), ("Accept-Encoding", "gzip")];
        assert_eq!(with(&twice, |f| coding(f, |_| true)), Coded(Gzip));
        assert_eq!(with(&[("accept-encoding", "br, gzip;q=0.5")], |f| coding(f, |c| c == Gzip)), Coded(Gzip));
        assert_eq!(with(&[("accept-encoding", "identity;q=0, br")], |f| coding(f, |_| false)), Nothing);
    }

    #[test]
    fn pages_are_vietnamese_unless_english_is_wanted_more() {
        for (value, expected) in [
            ("vi", Lang::Vi),
            ("en-GB,en;q=0.9", Lang::En),
            ("EN", Lang::En),
            ("eng", Lang::Vi),
            ("en;q=0.5, vi;q=0.8", Lang::Vi),
            ("vi-VN,vi;q=0.9,en;q=0.8", Lang::Vi),
            ("fr", Lang::Vi),
            ("en;q=x", Lang::Vi),
        ] {
            assert_eq!(with(&[("accept-language", value)], language), expected, "{value}");
        }
        assert_eq!(with(&[], language), Lang::Vi);
    }
}
