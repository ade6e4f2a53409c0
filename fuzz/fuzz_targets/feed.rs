//! Any bytes are a feed or an error; the same bytes are the same feed; what leaves is legal text.
#![no_main]

use dongtin::parse::{self, Context};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let once = parse::feed(bytes, &Context::default());
    if let Ok(feed) = &once {
        for title in feed.entries.iter().filter_map(|e| e.title.as_deref()) {
            assert!(!title.is_empty() && !title.contains(['\0', '\u{8}', '\u{fffe}', '\n']), "{title:?}");
        }
        assert!(feed.entries.iter().all(|e| !e.id.is_empty()));
    }
    assert_eq!(once, parse::feed(bytes, &Context::default()));
});
