//! `[source.listing]` and `cms`: how a page of headlines is read where a body has no feed.

use super::mistake::Report;
use super::reader::{At, Fields};
use crate::model::Listing;
use crate::parse::{cms, listing};

/// A front page of a provincial paper has dozens of headlines; fewer than this is an error page or a new look.
const LEAST: usize = 5;

/// Reads `cms = "…"` of a source, its `[source.listing]`, or both.
pub fn read(source: &Fields<'_>, report: &Report<'_>) -> Option<Listing> {
    let short = family(source);
    let Some(fields) = source.table("listing", "[source.listing]") else {
        return short.map(|cms| Listing { cms: Some(cms), pages: 1, least: LEAST, ..Listing::default() });
    };
    let selector = |key: &'static str| {
        let written = fields.filled(key)?;
        if listing::is_selector(written.value) {
            return Some(written.value.to_owned());
        }
        unreadable_selector(&written, report);
        None
    };
    let pattern = fields.filled("pattern").and_then(|written| {
        if listing::is_pattern(written.value) {
            return Some(written.value.to_owned());
        }
        report.mistake(
            &written.span,
            format!("\"{}\" không phải là biểu thức chính quy đúng; ví dụ pattern = '-a\\d+\\.html$'.", written.value),
            format!("\"{}\" is no regular expression; an example: pattern = '-a\\d+\\.html$'.", written.value),
        );
        None
    });
    let read = Listing {
        cms: family(&fields).or(short),
        item: selector("item"),
        link: selector("link"),
        title: selector("title"),
        date: selector("date"),
        teaser: selector("teaser"),
        next: selector("next"),
        pattern,
        pages: fields.count("pages", 1..20).unwrap_or(1),
        least: fields.count("least", 1..1000).unwrap_or(LEAST),
        dated: fields.count("dated", 0..100).unwrap_or(0),
    };
    fields.finish();
    Some(read)
}

/// A list of CSS selectors.
pub fn selectors(fields: &Fields<'_>, key: &'static str, report: &Report<'_>) -> Vec<String> {
    let written = fields.texts(key);
    let (good, bad): (Vec<_>, Vec<_>) = written.into_iter().partition(|s| listing::is_selector(s.value));
    bad.iter().for_each(|s| unreadable_selector(s, report));
    good.into_iter().map(|s| s.value.to_owned()).collect()
}

fn family(fields: &Fields<'_>) -> Option<String> {
    fields.word("cms", &cms::names(), cms::family).map(|f| f.name.to_owned())
}

fn unreadable_selector(written: &At<&str>, report: &Report<'_>) {
    report.mistake(
        &written.span,
        format!("\"{}\" không phải là bộ chọn CSS đúng; ví dụ \"h3.title a[href]\".", written.value),
        format!("\"{}\" is no CSS selector; an example: \"h3.title a[href]\".", written.value),
    );
}
