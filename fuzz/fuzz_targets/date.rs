//! Any text is a date or is not, in every style.
#![no_main]

use dongtin::model::DateOrder;
use dongtin::parse::date::{self, Style};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for order in [DateOrder::ByShape, DateOrder::DayFirst, DateOrder::MonthFirst] {
        for style in [Style::vietnamese(order), Style::international(order)] {
            let read = date::parse(text, style);
            assert_eq!(read, date::parse(text, style));
            let now = date::parse("2026-11-23T00:00:00Z", style).unwrap();
            let _ = date::on_listing(text, style, now);
        }
    }
});
