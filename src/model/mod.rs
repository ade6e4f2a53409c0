//! The nouns of the house, as plain data: source (nguồn), item (tin), story (sự việc), topic (chủ đề), province (địa
//! phương).
//!
//! Nothing here does I/O, knows SQL or a file format. Fields are public where any value is valid.

pub mod because;
pub mod digest;
pub mod enclosure;
pub mod item;
pub mod province;
pub mod relocation;
mod source;
pub mod story;
pub mod told;
pub mod topic;
pub mod trust;
pub mod validators;

pub use because::{Aspect, Because, Checked, Finding, Kind};
pub use digest::{Digest, sha256_hex};
pub use enclosure::Enclosure;
pub use item::Item;
pub use province::Province;
pub use relocation::Relocation;
pub use source::{DateOrder, FullText, Level, Listing, Organ, Publish, Publisher, Source};
pub use story::{Member, Related, Story, Withdrawn};
pub use topic::{Field, Match, Phrase, Reason, Rule, Topic};
pub use trust::Trust;
pub use validators::Validators;
