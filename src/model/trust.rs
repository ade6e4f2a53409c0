//! Whom a source's server may be vouched for by, beside the authorities of the machine.

use super::Digest;

/// Certificates as DER (X.690), each of which vouches for what it signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    certificates: Vec<Vec<u8>>,
    digest: Digest,
}

impl Trust {
    /// In these certificates, in any order.
    pub fn new(mut certificates: Vec<Vec<u8>>) -> Trust {
        certificates.sort_unstable();
        certificates.dedup();
        let digest = Digest::of(&certificates);
        Trust { certificates, digest }
    }

    /// The certificates.
    pub fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    /// The same for the same certificates.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}
