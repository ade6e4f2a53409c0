//! As much of DER (X.690 section 8) as it takes to say whose a certificate is: its names and the size of its key. For the words
//! of a failure only; what is trusted is decided by webpki.

/// Contents of the parts of a certificate (RFC 5280 section 4.1) that its words need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Certificate<'a> {
    /// The name of who signed it.
    pub issuer: &'a [u8],
    /// The name of whose it is.
    pub subject: &'a [u8],
    key: &'a [u8],
}

/// Object identifiers, encoded.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const ORGANIZATION: &[u8] = &[0x55, 0x04, 0x0a];

/// The tag of the version, which certificates of version 1 do not have.
const VERSION: u8 = 0xa0;

/// Reads a certificate.
pub fn certificate(mut der: &[u8]) -> Option<Certificate<'_>> {
    let mut signed = value(&mut der)?.1;
    let mut fields = value(&mut signed)?.1;
    if fields.first() == Some(&VERSION) {
        value(&mut fields)?;
    }
    let (_serial, _algorithm) = (value(&mut fields)?, value(&mut fields)?);
    let issuer = value(&mut fields)?.1;
    let _validity = value(&mut fields)?;
    let subject = value(&mut fields)?.1;
    let key = value(&mut fields)?.1;
    Some(Certificate { issuer, subject, key })
}

impl Certificate<'_> {
    /// Whether it was signed by nobody else.
    pub fn is_self_issued(&self) -> bool {
        self.issuer == self.subject
    }

    /// How many bits the modulus of its key has, where it is an RSA key (RFC 8017 appendix A.1.1).
    pub fn rsa_bits(&self) -> Option<usize> {
        let mut key = self.key;
        let mut algorithm = value(&mut key)?.1;
        if value(&mut algorithm)?.1 != RSA {
            return None;
        }
        // A bit string begins with how many bits of its last byte do not count: none.
        let mut bits = value(&mut key)?.1.strip_prefix(&[0])?;
        let mut numbers = value(&mut bits)?.1;
        let modulus = value(&mut numbers)?.1;
        let digits = modulus.iter().position(|b| *b != 0).map_or(&[][..], |at| modulus.split_at(at).1);
        let zeros = digits.first().map_or(0, |b| b.leading_zeros());
        (digits.len() * 8).checked_sub(usize::try_from(zeros).ok()?)
    }
}

/// What people call a name: its common name, or else its organization.
pub fn called(name: &[u8]) -> Option<String> {
    let part = |wanted: &[u8]| {
        let mut parts = name;
        while let Some((_, mut set)) = value(&mut parts) {
            let mut pair = value(&mut set)?.1;
            if value(&mut pair)?.1 == wanted {
                return Some(String::from_utf8_lossy(value(&mut pair)?.1).into_owned());
            }
        }
        None
    };
    part(COMMON_NAME).or_else(|| part(ORGANIZATION))
}

/// The tag and content of the value that `input` begins with; `input` goes on behind it.
fn value<'a>(input: &mut &'a [u8]) -> Option<(u8, &'a [u8])> {
    let (&tag, rest) = input.split_first()?;
    let (&length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            (digits.iter().fold(0, |number, digit| number << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    *input = rest;
    Some((tag, content))
}

#[cfg(test)]
mod tests {
    use super::super::read_pem;
    use super::*;
    use proptest::prelude::*;
    use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};

    #[test]
    fn a_certificate_is_called_by_its_common_name_or_else_its_organization() {
        for (types, expected) in [
            (vec![(DnType::OrganizationName, "Sở"), (DnType::CommonName, "CA của tỉnh")], Some("CA của tỉnh")),
            (vec![(DnType::CountryName, "VN"), (DnType::OrganizationName, "Sở")], Some("Sở")),
            (vec![(DnType::CountryName, "VN")], None),
            (vec![], None),
        ] {
            let mut params = CertificateParams::default();
            params.distinguished_name = DistinguishedName::new();
            for (kind, value) in types {
                params.distinguished_name.push(kind, value);
            }
            let made = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
            let read = certificate(made.der()).unwrap();
            assert_eq!(called(read.subject).as_deref(), expected);
            assert!(read.is_self_issued());
            assert_eq!(read.rsa_bits(), None, "an elliptic curve has no modulus");
        }
    }

    #[test]
    fn the_size_of_an_rsa_key_is_that_of_its_modulus() {
        for (pem, bits) in
            [(&include_bytes!("fixtures/rsa-1024.pem")[..], 1024), (include_bytes!("fixtures/rsa-authority.pem"), 2048)]
        {
            let der = read_pem(pem).unwrap().remove(0);
            assert_eq!(certificate(&der).unwrap().rsa_bits(), Some(bits));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_are_more_than_bytes(bytes: Vec<u8>, at: prop::sample::Index, to: u8) {
            let _nothing = certificate(&bytes);
            let mut der = read_pem(include_bytes!("fixtures/rsa-1024.pem")).unwrap()[0].to_vec();
            let at = at.index(der.len());
            der[at] = to;
            if let Some(read) = certificate(&der) {
                let _nothing = (read.rsa_bits(), called(read.issuer), called(read.subject));
            }
        }
    }
}
