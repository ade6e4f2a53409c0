//! Any bytes are a page of headlines or an error, whatever family is claimed.
#![no_main]

use dongtin::model::{DateOrder, Listing};
use dongtin::parse::date::{self, Style};
use dongtin::parse::{Context, cms, discover, listing};
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|input: (u8, &[u8])| {
    let (which, bytes) = input;
    let base = Url::parse("https://bao.example/thoi-su/").unwrap();
    let context = Context { base: Some(&base), ..Context::default() };
    let names = cms::names();
    let cms = names.get(usize::from(which)).map(|name| (*name).to_owned());
    let now = date::parse("2026-11-23T00:00:00Z", Style::vietnamese(DateOrder::ByShape)).unwrap();
    let wanted = Listing { cms, least: 1, ..Listing::default() };
    if let Ok(page) = listing::read(bytes, &context, &wanted, now) {
        assert!(page.parsed.entries.iter().all(|e| e.link.is_some()));
    }
    let _ = discover::read(bytes, &context);
});
