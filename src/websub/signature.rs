//! Whether a delivery is from the hub that was told the secret (WebSub section 8).

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

/// Whether one of these values of `X-Hub-Signature`, `method=hexadecimal`, is the HMAC of the body under the secret. Compared in
/// constant time; the methods are those of section 8.1. Which one is used is the hub's choice.
pub fn is_genuine(secret: &str, signatures: &[String], body: &[u8]) -> bool {
    signatures.iter().any(|signature| {
        let Some((method, digits)) = signature.trim().split_once('=') else { return false };
        let Ok(claimed) = hex::decode(digits) else { return false };
        match method.to_ascii_lowercase().as_str() {
            "sha1" => is_mac::<Hmac<Sha1>>(secret, body, &claimed),
            "sha256" => is_mac::<Hmac<Sha256>>(secret, body, &claimed),
            "sha384" => is_mac::<Hmac<Sha384>>(secret, body, &claimed),
            "sha512" => is_mac::<Hmac<Sha512>>(secret, body, &claimed),
            _ => false,
        }
    })
}

/// The value of `X-Hub-Signature` on what we deliver ourselves: SHA-256, which every subscriber must know (section 8.1) and nobody can forge.
pub fn sign(secret: &str, body: &[u8]) -> String {
    // A key of any length makes a code; were one refused, the subscriber would drop what it cannot check.
    let code =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map(|mac| mac.chain_update(body).finalize().into_bytes());
    format!("sha256={}", code.map(hex::encode).unwrap_or_default())
}

/// A claim of another length is not the code.
fn is_mac<M: Mac + KeyInit>(secret: &str, body: &[u8], claimed: &[u8]) -> bool {
    M::new_from_slice(secret.as_bytes()).is_ok_and(|mac| mac.chain_update(body).verify_slice(claimed).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2202 case 2 and RFC 4231 case 2.
    const KEY: &str = "Jefe";
    const BODY: &[u8] = b"what do ya want for nothing?";
    const CODES: [&str; 4] = [
        "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
        "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        "sha384=af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
        "sha512=164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
    ];

    fn genuine(signatures: &[&str]) -> bool {
        is_genuine(KEY, &signatures.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>(), BODY)
    }

    #[test]
    fn p65_every_method_of_the_recommendation_is_checked_by_its_published_vectors() {
        for code in CODES {
            assert!(genuine(&[code]), "{code}");
            assert!(genuine(&[&code.to_uppercase()]), "{code}");
            assert!(genuine(&["sha1=00", code]), "one of several is enough");
            assert!(!is_genuine("Jefe2", &[code.to_owned()], BODY) && !is_genuine(KEY, &[code.to_owned()], b"more"));
        }
    }

    #[test]
    fn rocks_101_what_we_sign_is_genuine() {
        assert_eq!(sign(KEY, BODY), CODES[1]);
        for secret in ["", "a", &"s".repeat(199), "bí mật"] {
            assert!(is_genuine(secret, &[sign(secret, BODY)], BODY), "{secret}");
        }
    }

    #[test]
    fn p65_rocks_301_302_a_missing_or_invalid_signature_is_not_genuine() {
        let cut = CODES[1].get(..CODES[1].len() - 2).unwrap();
        let crossed = CODES[1].replace("sha256", "sha512");
        let longer = format!("{}00", CODES[1]);
        for bad in ["", "sha256", "sha256=", "md5=00", "=", cut, &crossed, &longer, "sha256=zz", "sha256=é"] {
            assert!(!genuine(&[bad]), "{bad}");
        }
        assert!(!genuine(&[]));
    }
}
