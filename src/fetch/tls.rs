//! Whom we believe to be who they say, and why not: one TLS configuration for all requests, and a name for each way in which a
//! handshake fails.
//!
//! TLS 1.2 and 1.3 (RFC 5246, RFC 8446), the authorities of the machine and those that a source names in `ca_file`. Nothing
//! here turns verification off, and nothing should.

mod der;
mod roots;
#[cfg(test)]
mod tests;
mod verifier;

use std::error::Error;
use std::io;
use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, InvalidMessage, OtherError, PeerMisbehaved, RootCertStore,
};

pub use self::roots::Roots;
use self::verifier::Verifier;

/// It was valid once.
pub const EXPIRED: &str = "tls-expired";
/// It will be valid, or our clock is wrong.
pub const NOT_YET_VALID: &str = "tls-not-yet-valid";
/// Nobody but the server vouches for it.
pub const SELF_SIGNED: &str = "tls-self-signed";
/// It is another server's.
pub const WRONG_HOST: &str = "tls-wrong-host";
/// Somebody vouches for it whom we do not know.
pub const UNKNOWN_AUTHORITY: &str = "tls-unknown-ca";
/// Who vouches for it is neither known nor sent: most often a server that does not send its intermediate certificate.
pub const CHAIN: &str = "tls-chain";
/// Its key or a signature can be forged.
pub const WEAK: &str = "tls-weak";
/// No version or cipher in common.
pub const VERSION: &str = "tls-version";
/// What answered does not speak TLS.
pub const PLAIN: &str = "tls-plain";
/// The handshake began and never ended.
pub const TIMEOUT: &str = "tls-timeout";
/// This machine knows no authority.
pub const NO_ROOTS: &str = "tls-roots";
/// Anything else.
pub const OTHER: &str = "tls";

/// Why a handshake failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Reason {
    /// One of the classes above; stable.
    pub class: &'static str,
    /// What happened and what helps, for people.
    pub text: String,
}

impl Reason {
    fn new(class: &'static str, text: impl Into<String>) -> Reason {
        Reason { class, text: text.into() }
    }
}

/// How to speak TLS to servers for which these authorities vouch, or these further certificates. An intermediate certificate
/// vouches too, which is the cure for a server that does not send its own.
pub fn config(roots: &Roots, extra: &[CertificateDer<'static>]) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = Arc::new(Verifier::new(roots, extra, &provider)?);
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        // What rustls calls dangerous is a verifier of one's own; ours asks webpki and only words its refusals.
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Why bytes are not certificates that can vouch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PemError {
    /// No `-----BEGIN CERTIFICATE-----`.
    #[error("there is no certificate in it (PEM: -----BEGIN CERTIFICATE-----)")]
    Empty,
    /// The PEM text (RFC 7468) of this certificate, counted from 1, or the certificate itself, cannot be read.
    #[error("its certificate {0} cannot be read")]
    Broken(usize),
}

/// The certificates of a PEM text. Other things in it, such as a key or what people write around it, do not matter.
pub fn read_pem(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, PemError> {
    let mut certificates = Vec::new();
    let mut store = RootCertStore::empty();
    for (index, read) in CertificateDer::pem_slice_iter(bytes).enumerate() {
        let broken = PemError::Broken(index + 1);
        let certificate = read.map_err(|_| broken)?;
        store.add(certificate.clone()).map_err(|_| broken)?;
        certificates.push(certificate);
    }
    if certificates.is_empty() { Err(PemError::Empty) } else { Ok(certificates) }
}

/// A connection was there in time, and no handshake.
pub fn timeout() -> Reason {
    Reason::new(TIMEOUT, "the server took the connection, but its TLS handshake did not end in time")
}

/// Why the handshake failed that this error came of, if it came of one. It may be wrapped any number of times.
pub fn reason(error: &(dyn Error + 'static)) -> Option<Reason> {
    let mut cause = Some(error);
    while let Some(e) = cause {
        if let Some(error) = e.downcast_ref::<rustls::Error>() {
            return Some(of_handshake(error));
        }
        // The source of an I/O error is what stands behind that which it holds.
        cause = match e.downcast_ref::<io::Error>() {
            Some(io) => io.get_ref().map(|held| held as &(dyn Error + 'static)),
            None => e.source(),
        };
    }
    None
}

fn of_handshake(error: &rustls::Error) -> Reason {
    match error {
        rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(inner))) => {
            inner.downcast_ref::<Reason>().cloned().unwrap_or_else(|| Reason::new(OTHER, inner.to_string()))
        }
        rustls::Error::PeerIncompatible(_)
        | rustls::Error::PeerMisbehaved(PeerMisbehaved::SelectedUnofferedCipherSuite)
        | rustls::Error::AlertReceived(
            AlertDescription::ProtocolVersion
            | AlertDescription::HandshakeFailure
            | AlertDescription::InsufficientSecurity,
        ) => Reason::new(
            VERSION,
            format!("the server speaks no TLS that we do (1.2 or 1.3, forward-secret authenticated ciphers): {error}"),
        ),
        rustls::Error::AlertReceived(AlertDescription::UnrecognisedName) => {
            Reason::new(WRONG_HOST, "the server does not know the name it was asked for")
        }
        rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => {
            Reason::new(OTHER, "the server demands a certificate of its visitors")
        }
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion) => {
            Reason::new(PLAIN, "what answers does not speak TLS; is the address http:// or its port another?")
        }
        error => Reason::new(OTHER, error.to_string()),
    }
}
