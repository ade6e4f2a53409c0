//! The network: one guarded client for every request that leaves the house.
//!
//! Redirects are followed here and not by the HTTP library, because each hop must pass the guard, take its host's turn,
//! and carry only the validators of its own address. No cookies, no `Referer`, no environment proxy, no HTTP/2. The
//! guard is on the connected address: a URL with an address in it is checked before the request, a name resolves
//! only to addresses that pass ([`resolver::Resolver`]), and what answered is looked at once more.

mod ask;
mod clients;
pub mod decode;
pub mod error;
mod headers;
mod hop;
pub mod hub;
mod lanes;
mod receive;
mod resolver;
mod robots;
#[cfg(test)]
mod tests;
pub mod tls;
mod turns;
mod websub;
mod witness;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use reqwest::header::{self, HeaderValue};
use reqwest::{Response, StatusCode};
use tokio::time::Instant;
use url::{Host, Url};

pub use self::ask::{Answer, Ask, Document, Fetched, Kind};
use self::clients::Clients;
use self::error::{Class, FetchError};
use self::hop::{is_redirect, next_hop};
use self::lanes::Lanes;
use self::resolver::Resolver;
use self::robots::RobotsCache;
use self::turns::Turns;
use crate::address;
use crate::clock::Clock;
use crate::link;
use crate::schedule::{MAX_PAUSE, MAX_RETRY_AFTER, Time, delta};

/// The client. Cheap to share, made once a configuration.
pub struct Client {
    clients: Clients,
    resolver: Resolver,
    allow: Arc<[IpNet]>,
    turns: Turns,
    lanes: Lanes,
    robots: Arc<RobotsCache>,
    clock: Clock,
    timeout: Duration,
    max_body: usize,
    is_offline: bool,
}

/// How a client goes out.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// How the people we poll can reach the operator.
    pub contact: Option<String>,
    /// From beginning to end of one fetch, redirects included.
    pub timeout: Duration,
    /// Largest body, before and after decompression.
    pub max_body: usize,
    /// Private addresses that may be reached.
    pub allow: Vec<IpNet>,
    /// Requests at once, over all hosts.
    pub concurrency: usize,
    /// Requests to one host at once.
    pub per_host: usize,
    /// Time between the starts of two requests to one host.
    pub host_gap: Duration,
}

/// Redirects that one fetch follows (assertion P-35).
const MAX_HOPS: usize = 5;
/// Longest wait for the head of an answer.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

impl Client {
    /// A client with these limits, going by this clock, which trusts the authorities of this machine.
    pub fn new(limits: &Limits, clock: Clock) -> anyhow::Result<Client> {
        Client::trusting(limits, tls::Roots::of_this_machine(), clock)
    }

    fn trusting(limits: &Limits, roots: tls::Roots, clock: Clock) -> anyhow::Result<Client> {
        let resolver = Resolver::new(limits.allow.clone().into());
        Client::through(limits, roots, resolver, clock)
    }

    fn through(limits: &Limits, roots: tls::Roots, resolver: Resolver, clock: Clock) -> anyhow::Result<Client> {
        let allow = limits.allow.clone().into();
        let clients = {
            let (limits, resolver) = (limits.clone(), resolver.clone());
            Clients::new(roots, Box::new(move |tls| clients::http(&limits, &resolver, tls)))?
        };
        Ok(Client {
            clients,
            resolver,
            allow,
            turns: Turns::new(limits.per_host, limits.host_gap),
            lanes: Lanes::new(limits.concurrency),
            robots: Arc::default(),
            clock,
            timeout: limits.timeout,
            max_body: limits.max_body,
            is_offline: false,
        })
    }

    /// The same for a replay: whatever it is told, nobody is asked.
    pub fn offline(self) -> Client {
        Client { is_offline: true, ..self }
    }

    /// Asks. Waiting for the host's turn does not count against the time.
    pub async fn fetch(&self, ask: &Ask<'_>) -> Fetched {
        let mut answered = self.clock.now();
        if self.is_offline {
            let answer = Err(FetchError::new(Class::Refused, "nobody is asked in a replay"));
            return Fetched { answered, answer };
        }
        let answer = match self.may_ask(ask, ask.url).await {
            Ok(()) => self.follow(ask, &mut answered).await,
            Err(error) => Err(error),
        };
        Fetched { answered, answer }
    }

    /// In place of another: what hosts asked that one for, they ask of this.
    pub fn in_place_of(mut self, before: &Client) -> Client {
        self.turns.take_over(&before.turns);
        self.robots = Arc::clone(&before.robots);
        self
    }

    /// A refusal with a time to come back: 429 silences its host for an hour at most, and a page that was found is left alone as long as it
    /// says. (What is configured has its own row for that.)
    fn heed(&self, found: Option<&Url>, url: &Url, error: &FetchError) {
        let Some(wait) = error.retry_after else { return };
        let now = self.clock.now();
        let until = |most: Duration| now + delta(wait.min(most));
        if error.class == Class::Throttled {
            self.pause(url, until(MAX_PAUSE));
        }
        if let Some(page) = found {
            self.turns.pause(page.as_str(), until(MAX_RETRY_AFTER), now);
        }
    }

    /// Has a host left alone, as one of its answers before this start asked for.
    pub fn pause(&self, url: &Url, until: Time) {
        self.turns.pause(&link::turn_key(url), until, self.clock.now());
    }

    /// Until when the host of an address wants to be left alone.
    pub fn paused(&self, url: &Url) -> Option<Time> {
        self.turns.paused(&link::turn_key(url), self.clock.now())
    }

    /// Through redirects to an answer.
    async fn follow(&self, ask: &Ask<'_>, answered: &mut Time) -> Result<Answer, FetchError> {
        let mut url = ask.url.clone();
        url.set_fragment(None);
        let mut visited = vec![url.clone()];
        let mut permanent = true;
        let mut left = self.timeout;
        loop {
            let keys = self.guard(&url, ask.url).await?;
            let turn = self.turns.take(&keys).await;
            let own = || self.turns.paused(ask.page_found()?.as_str(), self.clock.now());
            if let Some(until) = self.paused(&url).or_else(own) {
                return Err(paused(until, self.clock.now()));
            }
            let lane = self.lanes.enter().await;
            turn.begin();
            let began = Instant::now();
            let sent = self.clock.now();
            let moved_to = (permanent && visited.len() > 1).then(|| url.clone());
            let step = lane.run(self.ask(ask, &url, sent, moved_to, left)).await;
            *answered = self.clock.now();
            left = left.saturating_sub(began.elapsed());
            drop(turn);
            let (status, next, retry_after) = match step {
                Ok(Step::Arrived(answer)) => return Ok(answer),
                Ok(Step::Elsewhere { status, next, retry_after }) => (status, *next, retry_after),
                Err(error) => {
                    self.heed(ask.page_found(), &url, &error);
                    return Err(error);
                }
            };
            permanent &= matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT);
            if retry_after.is_some() {
                let text = format!("{status}, to be followed later");
                let error = FetchError { class: Class::Unavailable, text, retry_after };
                self.heed(ask.page_found(), &url, &error);
                return Err(error);
            }
            if visited.contains(&next) {
                return Err(FetchError::new(Class::RedirectLoop, format!("redirects run in a circle at {next}")));
            }
            if visited.len() > MAX_HOPS {
                return Err(FetchError::new(Class::RedirectChain, format!("more than {MAX_HOPS} redirects")));
            }
            // A page's own address was allowed; where it leads may be another host's business.
            if ask.found {
                self.may_ask(ask, &next).await?;
            }
            visited.push(next.clone());
            url = next;
        }
    }

    /// One request within a time.
    async fn ask(
        &self,
        ask: &Ask<'_>,
        url: &Url,
        sent: Time,
        moved_to: Option<Url>,
        left: Duration,
    ) -> Result<Step, FetchError> {
        let deadline = Instant::now() + left;
        let response = match tokio::time::timeout(HEAD_TIMEOUT.min(left), self.send(ask, url)).await {
            Ok(sent) => sent?,
            Err(_) => return Err(no_answer(self.timeout)),
        };
        self.check_peer(&response)?;
        let status = response.status();
        let signals = headers::signals(response.headers(), sent);
        if is_redirect(status) {
            let retry_after = signals.retry_after;
            let next = next_hop(url, &response, ask.downgrade).map_err(|error| FetchError { retry_after, ..error })?;
            return Ok(Step::Elsewhere { status, next: Box::new(next), retry_after });
        }
        let asked = ask.validators_for(url).is_some();
        self.receive(url.clone(), response, signals, asked, moved_to, deadline).await.map(Step::Arrived)
    }

    /// Sends a request and gives the head of what comes. A server may close an idle connection in the moment in which it is used
    /// again; then the request is sent once more, on a new one (RFC 9112 section 9.5; F-N17).
    async fn send(&self, ask: &Ask<'_>, url: &Url) -> Result<Response, FetchError> {
        match self.send_once(ask, url).await {
            Err((error, true)) if error.class == Class::Reset => self.send_once(ask, url).await,
            sent => sent,
        }
        .map_err(|(error, _)| error)
    }

    /// The same, and of a failure whether the connection was an old one. It is not known of a host without a name.
    async fn send_once(&self, ask: &Ask<'_>, url: &Url) -> Result<Response, (FetchError, bool)> {
        let request = self.request(ask, url).map_err(|error| (error, false))?;
        let (sent, seen) = witness::watch(request.send()).await;
        sent.map_err(|error| {
            let stalled = seen.handshake && error.is_connect() && error.is_timeout();
            let error = if stalled { tls::timeout().into() } else { FetchError::of(&error) };
            (error, url.domain().is_some() && !seen.lookup)
        })
    }

    /// Scheme, port and address of where a request is about to go. Gives the keys whose turns it takes.
    async fn guard(&self, url: &Url, first: &Url) -> Result<Vec<String>, FetchError> {
        address::check_literal(url, &self.allow).map_err(refused)?;
        let port = url.port_or_known_default().unwrap_or(0);
        if !address::WEB_PORTS.contains(&port) && url.port() != first.port() {
            return Err(FetchError::new(Class::Refused, format!("port {port} is not a web server's")));
        }
        let mut keys = vec![link::turn_key(url)];
        if let Some(Host::Domain(name)) = url.host() {
            let found = self.resolver.lookup(name).await.map_err(|e| FetchError::from(&e))?;
            keys.extend(found.iter().min().map(IpAddr::to_string));
        }
        Ok(keys)
    }

    /// Who answered is who may be asked, whatever the way there was.
    fn check_peer(&self, response: &Response) -> Result<(), FetchError> {
        response.remote_addr().map_or(Ok(()), |peer| address::check(peer.ip(), &self.allow).map_err(refused))
    }

    fn request(&self, ask: &Ask<'_>, url: &Url) -> Result<reqwest::RequestBuilder, FetchError> {
        let http = self.clients.of(ask.trust)?;
        let mut request = http.get(url.clone()).header(header::ACCEPT, accept(ask.kind));
        let Some(validators) = ask.validators_for(url) else { return Ok(request) };
        let pairs = [(header::IF_NONE_MATCH, &validators.etag), (header::IF_MODIFIED_SINCE, &validators.last_modified)];
        for (name, bytes) in pairs {
            if let Some(value) = bytes.as_deref().and_then(|b| HeaderValue::from_bytes(b).ok()) {
                request = request.header(name, value);
            }
        }
        // RFC 3229: of a feed we have, what is new is enough.
        if ask.kind == Kind::Feed && validators.etag.is_some() {
            request = request.header("a-im", "feed");
        }
        Ok(request)
    }
}

/// Where one request led.
enum Step {
    Arrived(Answer),
    Elsewhere { status: StatusCode, next: Box<Url>, retry_after: Option<Duration> },
}

fn accept(kind: Kind) -> &'static str {
    match kind {
        Kind::Feed => {
            "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, application/feed+json;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1"
        }
        Kind::Page => "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.1",
        Kind::Text => "text/plain, */*;q=0.1",
    }
}

fn refused(address: address::NotPublic) -> FetchError {
    FetchError::new(Class::Refused, format!("{address} is not a public address"))
}

fn no_answer(timeout: Duration) -> FetchError {
    let seconds = HEAD_TIMEOUT.min(timeout).as_secs();
    FetchError::new(Class::HeaderTimeout, format!("no answer within {seconds} seconds"))
}

/// Nobody was asked, because of what another address of the host answered.
fn paused(until: Time, now: Time) -> FetchError {
    let text = format!("the host asked to be left alone until {}", until.format("%H:%M:%S UTC"));
    FetchError { class: Class::Paused, text, retry_after: (until - now).to_std().ok() }
}

/// The name in `User-Agent`, and the one that robots.txt knows us by.
const PRODUCT: &str = "dongtin";
