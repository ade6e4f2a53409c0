//! One HTTP client for each set of authorities that a source trusts: a connection made under one must not serve another.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::redirect;
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;

use super::error::{Class, FetchError};
use super::resolver::Resolver;
use super::tls::{self, Roots};
use super::{Limits, PRODUCT, decode};
use crate::model::{Digest, Trust};

/// Sources that trust somebody further are few; what reloads left behind is forgotten at this many.
const MOST: usize = 256;

/// Makes a client that speaks TLS so.
type Make = Box<dyn Fn(ClientConfig) -> reqwest::Result<reqwest::Client> + Send + Sync>;

/// The clients. Cheap to ask; those for further authorities are made when they are first wanted.
pub struct Clients {
    roots: Roots,
    make: Make,
    plain: reqwest::Client,
    further: Mutex<HashMap<Digest, reqwest::Client>>,
}

impl Clients {
    /// With the authorities that all of them trust.
    pub fn new(roots: Roots, make: Make) -> anyhow::Result<Clients> {
        let plain = make(tls::config(&roots, &[])?)?;
        Ok(Clients { roots, make, plain, further: Mutex::default() })
    }

    /// The one for a source with this trust.
    pub fn of(&self, trust: Option<&Trust>) -> Result<reqwest::Client, FetchError> {
        let Some(trust) = trust else { return Ok(self.plain.clone()) };
        let mut further = self.further.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = further.get(&trust.digest()) {
            return Ok(client.clone());
        }
        let extra: Vec<_> = trust.certificates().iter().map(|der| CertificateDer::from(der.clone())).collect();
        let unusable = |e: &dyn std::fmt::Display| FetchError::new(Class::Tls(tls::OTHER), e.to_string());
        let config = tls::config(&self.roots, &extra).map_err(|e| unusable(&e))?;
        let client = (self.make)(config).map_err(|e| unusable(&e))?;
        if further.len() >= MOST {
            further.clear();
        }
        further.insert(trust.digest(), client.clone());
        Ok(client)
    }
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an idle connection is kept for the next source on the same host.
const IDLE: Duration = Duration::from_secs(30);

/// Lines in the head of an answer: a thousand cookies are no attack yet.
const MOST_HEADERS: usize = 1_200;

/// The HTTP library, told our manners.
pub fn http(limits: &Limits, resolver: &Resolver, tls: ClientConfig) -> reqwest::Result<reqwest::Client> {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(decode::ACCEPTED));
    #[expect(clippy::disallowed_methods, reason = "this is the one guarded client")]
    let builder = reqwest::Client::builder();
    builder
        .user_agent(user_agent(limits.contact.as_deref()))
        .default_headers(headers)
        .redirect(redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .dns_resolver(resolver.clone())
        .tls_backend_preconfigured(tls)
        // However little time there is, some of it is for the answer: what ends the waiting says what was waited for.
        .connect_timeout(CONNECT_TIMEOUT.min(limits.timeout / 2))
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(limits.per_host)
        .http1_only()
        .http1_max_headers(MOST_HEADERS)
        .build()
}

/// `dongtin/0.1.0 (+contact)`: constant, honest, with somebody to write to.
fn user_agent(contact: Option<&str>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    match contact {
        Some(contact) => format!("{PRODUCT}/{version} (+{contact})"),
        None => format!("{PRODUCT}/{version}"),
    }
}
