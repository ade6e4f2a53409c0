//! Identity as bytes: the only place that knows the hash.

use sha2::{Digest as _, Sha256};

/// The first 128 bits of a SHA-256 over length-prefixed parts: two different lists of parts never give the same input.
///
/// 128 bits: among 10⁸ keys the chance that any two collide is 10⁻²³, and a collision would lose an item.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 16]);

impl Digest {
    /// The digest of these parts, in this order.
    pub fn of<P: AsRef<[u8]>>(parts: &[P]) -> Digest {
        let mut hasher = Sha256::new();
        for part in parts {
            let part = part.as_ref();
            hasher.update(part.len().to_le_bytes());
            hasher.update(part);
        }
        let mut short = [0; 16];
        for (to, from) in short.iter_mut().zip(hasher.finalize()) {
            *to = from;
        }
        Digest(short)
    }

    /// The bytes, as stored.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Back from stored bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Digest {
        Digest(bytes)
    }

    /// The first 64 bits, for keys of the database: eight bytes that compare as one number. Among 10⁷ keys the chance that any two collide
    /// is 3 · 10⁻⁶.
    pub fn short(&self) -> i64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        i64::from_be_bytes([a, b, c, d, e, f, g, h])
    }

    /// The first `digits` hexadecimal digits, for names that people see.
    pub fn hex(&self, digits: usize) -> String {
        self.0
            .iter()
            .flat_map(|b| [b >> 4, b & 15])
            .take(digits)
            .filter_map(|d| char::from_digit(u32::from(d), 16))
            .collect()
    }
}

/// The SHA-256 of bytes in 64 hexadecimal digits: the name of a file with these bytes.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .flat_map(|b| [b >> 4, b & 15])
        .filter_map(|d| char::from_digit(u32::from(d), 16))
        .collect()
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.hex(32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_the_name_that_everybody_gives_them() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(Digest::of(&["ab", "c"]), Digest::of(&["a", "bc"]));
        assert_eq!(Digest::of(&["ab", "c"]), Digest::of(&[b"ab".to_vec(), b"c".to_vec()]));
        assert_eq!(Digest::of(&["x"]).hex(20).len(), 20);
    }
}
