//! The `Date` of answers, written once a second and not once an answer.

use std::cell::RefCell;

use crate::clock;
use crate::schedule::Time;

/// A moment.
#[derive(Debug, Clone, Copy)]
pub struct Now<'a> {
    /// It.
    pub at: Time,
    /// Its second as HTTP writes it.
    pub written: &'a str,
}

thread_local! {
    /// The second, and how HTTP writes it.
    static WRITTEN: RefCell<(i64, String)> = const { RefCell::new((i64::MIN, String::new())) };
}

/// Does something with the present.
pub fn with_now<T>(then: impl FnOnce(Now<'_>) -> T) -> T {
    let now = clock::now();
    WRITTEN.with_borrow_mut(|(second, text)| {
        if *second != now.timestamp() {
            *second = now.timestamp();
            *text = httpdate::fmt_http_date(now.into());
        }
        then(Now { at: now, written: text })
    })
}
