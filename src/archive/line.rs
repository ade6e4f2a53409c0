//! The lines of a day's log.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::schedule::Time;

/// A longer line is nothing of ours.
pub const MAX_LINE: usize = 64 << 10;
/// The end of the name of a body that was compressed here.
const COMPRESSED_HERE: &str = ".zst";

/// What an answer is to its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The feed, or the page of headlines.
    Document,
    /// A page of headlines behind the first.
    Page,
    /// The page of an item.
    Article,
}

/// A line of a day's log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Line {
    /// An answer that was kept.
    Kept(Box<Kept>),
    /// The document that a source sent at this time could not be read then.
    Failed {
        /// When the document came.
        #[serde(with = "instant")]
        at: Time,
        /// The slug of the source.
        source: String,
        /// The class of the failure.
        failed: String,
    },
    /// The bound was reached: nothing more of this day is kept.
    Full {
        /// Since when.
        #[serde(with = "instant")]
        at: Time,
        /// Always true.
        full: bool,
    },
}

/// An answer that was kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// When it came, to the millisecond; the same for a document and the pages behind it.
    #[serde(with = "instant")]
    pub at: Time,
    /// The slug of its source.
    pub source: String,
    /// What it is to the source.
    pub kind: Kind,
    /// The address that was asked, where that is not where it was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<String>,
    /// Where it was found.
    pub url: String,
    /// Its `Content-Type`.
    pub content_type: Option<String>,
    /// Its `Content-Encoding`: the coding of the bytes that the digest is of.
    pub content_encoding: Option<String>,
    /// SHA-256 of the body as it came, 64 hexadecimal digits.
    pub digest: String,
    /// The length of the body as it came.
    pub bytes: u64,
    /// How the file is coded.
    pub stored: Stored,
}

/// How the file of a body is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stored {
    /// As it came.
    Wire,
    /// Compressed here, with zstd (RFC 8878).
    Zst,
}

impl Line {
    /// When it happened.
    pub fn at(&self) -> Time {
        match self {
            Line::Kept(kept) => kept.at,
            Line::Failed { at, .. } | Line::Full { at, .. } => *at,
        }
    }
}

impl Kept {
    /// The file of its body within a day's folder; nothing where the line names no digest.
    pub fn file(&self) -> Option<PathBuf> {
        let digest = Some(&self.digest).filter(|d| d.len() == 64 && d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        let end = if self.stored == Stored::Zst { COMPRESSED_HERE } else { "" };
        Some(Path::new(digest.get(..2)?).join(format!("{digest}{end}")))
    }
}

/// A line as it is written.
pub fn line(line: &Line) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    match text.len() <= MAX_LINE {
        true => Ok(text),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, "an address too long to be archived")),
    }
}

/// Times in a log: RFC 3339, UTC, milliseconds.
mod instant {
    use chrono::{DateTime, SecondsFormat, Utc};
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    use crate::schedule::Time;

    pub fn serialize<S: Serializer>(time: &Time, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
    }

    pub fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Time, D::Error> {
        let text = String::deserialize(from)?;
        DateTime::parse_from_rfc3339(&text).map(|time| time.with_timezone(&Utc)).map_err(de::Error::custom)
    }
}
