//! A file that somebody attached to what he published.

use url::Url;

/// A file attached to an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosure {
    /// Where it is.
    pub url: Url,
    /// Its media type, as declared.
    pub media_type: Option<String>,
    /// Its size in bytes, as declared; 0 is how portals write "unknown".
    pub length: Option<u64>,
}

/// The media type of what nobody says anything about (RFC 2046 section 4.5.1).
const UNKNOWN: &str = "application/octet-stream";

impl Enclosure {
    /// Its media type, for formats that want one.
    pub fn media(&self) -> &str {
        self.media_type.as_deref().unwrap_or(UNKNOWN)
    }

    /// What people call it: the last part of its address that has a name, else its host.
    pub fn name(&self) -> &str {
        let last = self.url.path_segments().and_then(|mut parts| parts.rfind(|part| !part.is_empty()));
        last.or(self.url.host_str()).unwrap_or_default()
    }
}
