//! `[websub]`: whose hubs we listen to, and which hub our own readers subscribe at.

use ipnet::IpNet;
use url::Url;

use super::mistake::Report;
use super::reader::{At, Fields};
use crate::address;

/// What is configured about WebSub.
#[derive(Debug, Clone, PartialEq)]
pub struct WebSub {
    /// Whether hubs that sources advertise are subscribed to.
    pub subscribe: bool,
    /// Where readers' programs subscribe to our feeds.
    pub hub: Hub,
}

/// A hub for our feeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hub {
    /// Ours, at `<base_url>hub`.
    Own,
    /// None: no feed names one.
    Off,
    /// Somebody else's, which is told what changed.
    External(Url),
}

impl Hub {
    /// The address that feeds name, below the address of the site.
    pub fn address(&self, base: &Url) -> Option<Url> {
        match self {
            Hub::Own => base.join("hub").ok(),
            Hub::Off => None,
            Hub::External(url) => Some(url.clone()),
        }
    }
}

/// Reads the table, which may be missing. `allow`: the addresses that are reached although they are not public.
pub fn read(fields: Option<Fields<'_>>, allow: &[IpNet], report: &Report<'_>) -> WebSub {
    let mut websub = WebSub { subscribe: true, hub: Hub::Own };
    let Some(fields) = fields else { return websub };
    websub.subscribe = fields.boolean("subscribe").unwrap_or(true);
    if let Some(hub) = fields.text("hub").and_then(|text| hub(&text, allow, report)) {
        websub.hub = hub;
    }
    fields.finish();
    websub
}

fn hub(text: &At<&str>, allow: &[IpNet], report: &Report<'_>) -> Option<Hub> {
    let external = |text: &str| {
        let url = Url::parse(text).ok()?;
        let is_callable = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none();
        is_callable.then_some(Hub::External(url))
    };
    let hub = match text.value {
        "own" => Some(Hub::Own),
        "off" => Some(Hub::Off),
        address => external(address),
    };
    if hub.is_none() {
        report.mistake(
            &text.span,
            format!(
                "hub \"{}\" phải là \"own\" (hub có sẵn), \"off\" (không có), hoặc địa chỉ của một hub, ví dụ \"https://pubsubhubbub.superfeedr.com/\".",
                text.value
            ),
            "hub must be \"own\" (the one built in), \"off\" (none), or the address of a hub, such as \"https://pubsubhubbub.superfeedr.com/\".",
        );
    }
    if let Some(Hub::External(url)) = &hub
        && address::check_literal(url, allow).is_err()
    {
        report.warning(
            &text.span,
            "hub là địa chỉ nội bộ nên sẽ không gọi được: hãy ghi địa chỉ ấy vào allow của [fetch].",
            "hub is a private address and will not be reached: name it in allow of [fetch].",
        );
    }
    hub
}
