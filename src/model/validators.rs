//! What a server gave to ask "has it changed since?" with.

/// Validators of one address, byte for byte as the server sent them: they are opaque (RFC 9110 section 8.8), and a
/// reformatted date or an unquoted tag is a different one to many servers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// The address they belong to; they are never sent to another.
    pub url: Option<String>,
    /// `ETag`.
    pub etag: Option<Vec<u8>>,
    /// `Last-Modified`.
    pub last_modified: Option<Vec<u8>>,
}

impl Validators {
    /// Whether there is nothing to ask with.
    pub fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }
}
