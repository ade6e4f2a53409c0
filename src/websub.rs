//! W3C WebSub. Here the subscriber's side of it (Recommendation of 2018-01-23): what a source advertises, what a hub may say to us, and what a
//! subscription is from its first request to its end.
//!
//! ```text
//!            ask          confirmed          four fifths of the lease
//!   none ────────► Asked ───────────► Active ──────────────────────► Renewing
//!                  ▲   │                ▲  │   confirmed, or refused    │
//!                  │   │                └──┼────────────────────────────┤
//!          in time │   │ refused           │ lease over, denied, or distrusted
//!                  │   ▼                   ▼                            │
//!                  Lapsed ◄─────────────────────────────────────────────┘
//!   any ── no longer wanted ──► Ending ── confirmed, or asked often enough ──► Ended
//! ```
//! A hub is trusted from its first genuine delivery, and then a source is polled once a day only; a hub that does not deliver what the
//! daily poll finds is trusted no more, and asked again after a week.
//!
//! The other side, a hub of our own, is in [`hub`].

pub mod callback;
pub mod discovery;
pub mod hub;
pub mod signature;
pub mod subscription;

pub use callback::{Callback, Mode, Verdict};
pub use discovery::{Advertised, discover};
pub use subscription::{State, Subscription};
