//! What happens within the HTTP library while it connects, which it does not tell.

use std::cell::Cell;

/// What was seen.
#[derive(Debug, Clone, Copy, Default)]
pub struct Seen {
    /// A name was asked for in order to connect to it: where none was, an old connection was used again.
    pub lookup: bool,
    /// A TLS handshake began.
    pub handshake: bool,
}

tokio::task_local! {
    static SEEN: Cell<Seen>;
}

/// Does some work, and says what was seen meanwhile.
pub async fn watch<W: Future>(work: W) -> (W::Output, Seen) {
    let watched = async {
        let output = work.await;
        (output, SEEN.with(Cell::get))
    };
    SEEN.scope(Cell::new(Seen::default()), watched).await
}

/// Notes what is seen, if anybody watches: nobody does where a connection is made for later, or outside of a fetch.
pub fn note(change: impl FnOnce(&mut Seen)) {
    let noted = SEEN.try_with(|seen| {
        let mut now = seen.get();
        change(&mut now);
        seen.set(now);
    });
    noted.unwrap_or_default();
}
