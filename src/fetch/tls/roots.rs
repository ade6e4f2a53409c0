//! The authorities that this machine knows.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

/// Authorities that vouch for servers.
#[derive(Debug, Clone)]
pub struct Roots(RootCertStore);

impl Roots {
    /// Those of the system's certificate store, or of `SSL_CERT_FILE` and `SSL_CERT_DIR` where they are set. One that cannot be
    /// read is passed over; if there is none at all, it is said in the log, and the rest of the house goes on.
    pub fn of_this_machine() -> Roots {
        let found = rustls_native_certs::load_native_certs();
        let roots = Roots::of(found.certs);
        if roots.is_empty() {
            let error = found.errors.first().map(ToString::to_string);
            tracing::error!(
                error,
                "máy này không có chứng chỉ gốc nào: mọi nguồn https sẽ hỏng. Hãy cài gói ca-certificates, hoặc sửa SSL_CERT_FILE, rồi khởi động lại / \
                 this machine has no root certificate: every https source will fail. Install ca-certificates, or mend SSL_CERT_FILE, and start again"
            );
        }
        roots
    }

    /// Those of these certificates that can be read.
    pub fn of(certificates: impl IntoIterator<Item = CertificateDer<'static>>) -> Roots {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(certificates);
        Roots(store)
    }

    /// Whether nobody vouches for anybody.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// With further ones, all of which must be readable.
    pub fn and(&self, extra: &[CertificateDer<'static>]) -> Result<RootCertStore, rustls::Error> {
        let mut store = self.0.clone();
        extra.iter().try_for_each(|certificate| store.add(certificate.clone()))?;
        Ok(store)
    }
}
