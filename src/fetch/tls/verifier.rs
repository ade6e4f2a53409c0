//! Verification by webpki, whose refusals get names and words.

use std::sync::Arc;

use chrono::DateTime;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};

use super::{
    CHAIN, EXPIRED, NO_ROOTS, NOT_YET_VALID, OTHER, Reason, Roots, SELF_SIGNED, UNKNOWN_AUTHORITY, WEAK, WRONG_HOST,
    der,
};
use crate::fetch::witness;

/// A smaller RSA key can be broken (CA/Browser Forum Baseline Requirements 6.1.5).
const LEAST_RSA_BITS: usize = 2048;

/// `sha1WithRSAEncryption` and `ecdsa-with-SHA1`, encoded (RFC 8017 appendix C, RFC 3279 section 2.2.3).
const SHA_1: [&[u8]; 2] =
    [&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05], &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01]];

/// Asks webpki, and says why not.
#[derive(Debug)]
pub struct Verifier {
    /// None where there is no authority to ask about.
    webpki: Option<Arc<WebPkiServerVerifier>>,
    has_roots: bool,
    schemes: Vec<SignatureScheme>,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    /// Of servers for which these authorities vouch, or these further certificates.
    pub fn new(
        roots: &Roots,
        extra: &[CertificateDer<'static>],
        provider: &Arc<CryptoProvider>,
    ) -> Result<Verifier, Error> {
        let anchors = roots.and(extra)?;
        let webpki = if anchors.is_empty() {
            None
        } else {
            let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(anchors), Arc::clone(provider));
            Some(builder.build().map_err(|e| Error::General(e.to_string()))?)
        };
        let schemes = provider.signature_verification_algorithms.supported_schemes();
        Ok(Verifier { webpki, has_roots: !roots.is_empty(), schemes, provider: Arc::clone(provider) })
    }

    fn verify(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Reason> {
        let webpki = self.webpki.as_ref().ok_or_else(no_roots)?;
        match webpki.verify_server_cert(leaf, others, host, ocsp, now) {
            // Its signature over the handshake would not be accepted, for a reason that nobody could read from that.
            Ok(_) if is_weak(leaf) => Err(small_key()),
            Ok(verified) => Ok(verified),
            Err(Error::InvalidCertificate(error)) => Err(match error {
                CertificateError::UnknownIssuer if !self.has_roots => no_roots(),
                error => explain(&error, leaf, others, host),
            }),
            Err(error) => Err(Reason::new(OTHER, error.to_string())),
        }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.verify(leaf, others, host, ocsp, now)
            .map_err(|reason| CertificateError::Other(OtherError(Arc::new(reason))).into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, leaf, signature, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, leaf, signature, known)
    }

    /// Asked for where the first message of a handshake is written.
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        witness::note(|seen| seen.handshake = true);
        self.schemes.clone()
    }
}

fn no_roots() -> Reason {
    Reason::new(NO_ROOTS, "this machine has no root certificates; install ca-certificates and start again")
}

fn small_key() -> Reason {
    Reason::new(WEAK, format!("an RSA key of the server has fewer than {LEAST_RSA_BITS} bits"))
}

fn is_weak(certificate: &CertificateDer<'_>) -> bool {
    der::certificate(certificate).and_then(|c| c.rsa_bits()).is_some_and(|bits| bits < LEAST_RSA_BITS)
}

/// Why webpki refuses a certificate and its chain for a host.
fn explain(
    error: &CertificateError,
    leaf: &CertificateDer<'_>,
    others: &[CertificateDer<'_>],
    host: &ServerName<'_>,
) -> Reason {
    match error {
        CertificateError::ExpiredContext { time, not_after } => Reason::new(
            EXPIRED,
            format!(
                "the server's certificate, or one behind it, expired on {}; here it is {}",
                date(*not_after),
                date(*time)
            ),
        ),
        CertificateError::NotValidYetContext { time, not_before } => Reason::new(
            NOT_YET_VALID,
            format!(
                "the server's certificate is valid from {}; here it is {}: is this machine's clock right?",
                date(*not_before),
                date(*time)
            ),
        ),
        CertificateError::NotValidForNameContext { presented, .. } => Reason::new(
            WRONG_HOST,
            format!("the certificate is not for {} but for {}", host.to_str(), names(presented)),
        ),
        CertificateError::UnknownIssuer => unknown_issuer(leaf, others),
        CertificateError::UnsupportedSignatureAlgorithmContext { signature_algorithm_id, .. } => {
            let is_sha_1 = SHA_1.iter().any(|id| signature_algorithm_id.windows(id.len()).any(|part| part == *id));
            let what = if is_sha_1 { "SHA-1, which can be forged" } else { "an algorithm that we do not know" };
            Reason::new(WEAK, format!("the server's certificate, or one behind it, is signed with {what}"))
        }
        CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            Reason::new(WEAK, "the server's certificate, or one behind it, is signed with a key that does not fit")
        }
        CertificateError::BadSignature if [leaf].into_iter().chain(others).any(is_weak) => small_key(),
        _ if der::certificate(leaf).is_some_and(|c| c.is_self_issued()) => self_signed(),
        error => Reason::new(OTHER, format!("the server's certificate is refused: {}", printable(&error.to_string()))),
    }
}

fn self_signed() -> Reason {
    Reason::new(SELF_SIGNED, "nobody but the server itself vouches for its certificate (self-signed)")
}

/// Climbs from the server's certificate as far as what was sent leads.
fn unknown_issuer(leaf: &CertificateDer<'_>, others: &[CertificateDer<'_>]) -> Reason {
    let Some(leaf) = der::certificate(leaf) else {
        return Reason::new(UNKNOWN_AUTHORITY, "nobody whom we know vouches for the server's certificate");
    };
    if leaf.is_self_issued() {
        return self_signed();
    }
    let others: Vec<_> = others.iter().filter_map(|c| der::certificate(c)).collect();
    let mut top = leaf;
    // No chain is longer than what was sent, though it may lead in a circle.
    for _ in &others {
        match others.iter().find(|c| c.subject == top.issuer) {
            Some(next) if !top.is_self_issued() => top = *next,
            _ => break,
        }
    }
    let issuer = der::called(top.issuer).map_or_else(|| "somebody without a name".to_owned(), |name| printable(&name));
    if top == leaf {
        Reason::new(
            CHAIN,
            format!(
                "the server does not send the certificate of \"{issuer}\", which signed its own, and this machine does not know it; \
                 put that certificate (PEM) into ca/ beside the sources and name it in the source: ca_file = \"ca/….pem\""
            ),
        )
    } else {
        Reason::new(UNKNOWN_AUTHORITY, format!("this machine does not know the authority \"{issuer}\""))
    }
}

fn date(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).ok();
    seconds
        .and_then(|s| DateTime::from_timestamp(s, 0))
        .map_or_else(|| "no date".to_owned(), |d| d.format("%Y-%m-%d %H:%M UTC").to_string())
}

/// The first names of a certificate, which webpki gives as `DnsName("bao.vn")`.
fn names(presented: &[String]) -> String {
    const SHOWN: usize = 5;
    let bare = |name: &String| printable(name.split('"').nth(1).unwrap_or(name));
    let mut shown: Vec<String> = presented.iter().take(SHOWN).map(bare).collect();
    match presented.len() {
        0 => return "nobody".to_owned(),
        all if all > SHOWN => shown.push(format!("{} more", all - SHOWN)),
        _ => {}
    }
    shown.join(", ")
}

/// What a stranger wrote, bounded and on one line.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}
