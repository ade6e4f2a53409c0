//! Any bytes are an article or are not.
#![no_main]

use dongtin::parse::{Context, article};
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|bytes: &[u8]| {
    let base = Url::parse("https://bao.example/bai-a1.html").unwrap();
    let context = Context { base: Some(&base), ..Context::default() };
    let _ = article::read(bytes, &context, &[]);
});
