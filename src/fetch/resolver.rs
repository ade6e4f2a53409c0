//! Names to addresses, through the guard.

use std::net::SocketAddr;
use std::sync::Arc;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::address;

/// Resolves names to public addresses only. What it gives is what is connected to, so a name that changes its address
/// between check and connection (DNS rebinding) gains nothing.
pub struct Resolver {
    /// Private addresses that may be reached.
    pub allow: Arc<[IpNet]>,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow = Arc::clone(&self.allow);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let mut refused = None;
            let mut public: Vec<SocketAddr> = Vec::new();
            for address in found {
                match address::check(address.ip(), &allow) {
                    Ok(()) => public.push(address),
                    Err(not_public) => refused = Some(not_public),
                }
            }
            match (public.is_empty(), refused) {
                (true, Some(not_public)) => Err(not_public.into()),
                _ => Ok(Box::new(public.into_iter()) as Addrs),
            }
        })
    }
}
