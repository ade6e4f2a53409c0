//! Sockets and HTTP/1.1. Readers are answered by a server of our own: it reads strictly, writes every answer in one call from memory
//! that all readers share, and has a timer for everything that can be waited for. What has a body is hyper's (`relay`). It serves a
//! finished snapshot and never opens the database.

mod answer;
mod body;
pub mod callback;
mod conditional;
mod connection;
mod connections;
mod date;
mod delivery;
mod head;
pub mod hub;
mod library;
mod listener;
mod negotiate;
mod patience;
mod private;
mod relay;
mod reply;
mod respond;

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::{Request, StatusCode};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use answer::{Answer, Frame};
use callback::Callbacks;
use connection::{Service, Turn};
use connections::Phase;
use head::Head;
use relay::Handler;
use respond::{Step, found, respond};

pub use connections::Limits;
pub use library::{Asked, Found, Library};
pub use listener::Listener;
pub use private::Private;
pub use reply::{Reply, plain};

use crate::publish::Snapshot;
use crate::telemetry::Metrics;

/// Has a service answer the requests of one listener until told to stop; then lets those under way finish. `beat` is called while the
/// loop is alive.
pub async fn answer<S: Service>(
    listener: Listener,
    limits: Limits,
    service: S,
    stop: CancellationToken,
    beat: impl Fn() + Send,
) {
    let service: Arc<dyn Service> = Arc::new(service);
    let work = |stream, place| connection::serve(stream, Arc::clone(&service), place);
    listener::run(listener, limits, stop, beat, work).await;
}

/// Has a function answer everything: for the sample newsroom and for tests, which have no readers to fear.
pub async fn serve<H, F>(listener: impl Into<Listener>, handler: H, stop: CancellationToken, beat: impl Fn() + Send)
where
    H: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
    F: Future<Output = Reply> + Send + 'static,
{
    let handler: Arc<Handler> = Arc::new(move |request| Box::pin(handler(request)));
    let work = |stream, place: connections::Place| {
        let handler = Arc::clone(&handler);
        async move {
            place.enters(Phase::Answering);
            relay::serve(stream, bytes::BytesMut::new(), &*handler, true).await;
            drop(place);
        }
    };
    listener::run(listener.into(), Limits::default(), stop, beat, work).await;
}

/// Who has more to say than what he wants to read.
#[derive(Clone)]
pub struct Hubs {
    /// Where hubs find us.
    pub callbacks: Arc<Callbacks>,
    /// Our own, if we have one.
    pub own: Option<Arc<hub::Endpoint>>,
}

impl Hubs {
    fn are_at(&self, path: &str) -> bool {
        callback::token(path).is_some() || (self.own.is_some() && hub::Endpoint::is_at(path))
    }

    async fn answer(&self, request: Request<Incoming>, snapshot: &Snapshot) -> Reply {
        let token = callback::token(request.uri().path()).map(str::to_owned);
        match (token, &self.own) {
            (Some(token), _) => self.callbacks.answer(&token, request).await,
            (None, Some(hub)) => hub.answer(request, snapshot).await,
            (None, None) => plain(StatusCode::NOT_FOUND, "not found\n"),
        }
    }
}

/// The public listener: readers, hubs at their callbacks, and subscribers at our own hub.
pub struct Public {
    snapshot: watch::Receiver<Arc<Snapshot>>,
    library: Arc<dyn Library>,
    hubs: Hubs,
    relayed: Arc<Handler>,
    metrics: Arc<Metrics>,
}

impl Public {
    /// Over what the publisher makes.
    pub fn new(
        snapshot: watch::Receiver<Arc<Snapshot>>,
        library: Arc<dyn Library>,
        hubs: Hubs,
        metrics: Arc<Metrics>,
    ) -> Public {
        let (asked, current, counted) = (hubs.clone(), snapshot.clone(), Arc::clone(&metrics));
        let relayed: Arc<Handler> = Arc::new(move |request| {
            let (hubs, snapshot, metrics) = (asked.clone(), Arc::clone(&current.borrow()), Arc::clone(&counted));
            Box::pin(async move {
                let reply = hubs.answer(request, &snapshot).await;
                metrics.request(reply.status().as_u16());
                reply
            })
        });
        Public { snapshot, library, hubs, relayed, metrics }
    }
}

impl Service for Public {
    fn answer(&self, head: &Head<'_>, frame: Frame<'_>, out: &mut Vec<u8>) -> Turn {
        let snapshot = Arc::clone(&self.snapshot.borrow());
        match respond(&snapshot, head, frame, out) {
            Step::Answered(answer) => {
                self.metrics.request(answer.status);
                Turn::Answered(answer)
            }
            Step::Ask(asked) => Turn::Find(self.library.find(asked)),
        }
    }

    fn conclude(&self, what: &Found, head: &Head<'_>, frame: Frame<'_>, out: &mut Vec<u8>) -> Answer {
        let snapshot = Arc::clone(&self.snapshot.borrow());
        let answer = found(&snapshot, what, head, frame, out);
        self.metrics.request(answer.status);
        answer
    }

    fn relay(&self, path: &str) -> Option<Arc<Handler>> {
        self.hubs.are_at(path).then(|| Arc::clone(&self.relayed))
    }
}
