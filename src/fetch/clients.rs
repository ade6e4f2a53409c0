//! One HTTP client for each set of authorities that a source trusts: a connection made under one must not serve another.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;

use super::error::{Class, FetchError};
use super::tls::{self, Roots};
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
