//! A local server, a configuration, a database and a clock that jumps to whatever is due next.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use chrono::{TimeDelta, TimeZone, Utc};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Request, Response, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::{self, File, FileKind};
use crate::daemon::scheduler::Scheduler;
use crate::daemon::{Live, sync};
use crate::http;
use crate::poll::{self, Criteria};
use crate::rhythm::Silence;
use crate::schedule::{Cause, Time};
use crate::store::Store;
use crate::store::sources::{self, State};
use crate::telemetry::{Metrics, Pulse};

/// A request as the server saw it.
#[derive(Debug, Clone)]
pub struct Ask {
    pub at: Time,
    pub method: String,
    pub host: String,
    pub path: String,
    pub headers: BTreeMap<String, Vec<u8>>,
    /// How often this path was asked for before, at this host.
    pub before: usize,
}

impl Ask {
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.get(name).map(Vec::as_slice)
    }

    pub fn is_conditional(&self) -> bool {
        self.headers.contains_key("if-none-match") || self.headers.contains_key("if-modified-since")
    }
}

/// An answer.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Answer {
    pub fn status(status: u16) -> Answer {
        Answer { status, ..Answer::default() }
    }

    pub fn ok(body: impl Into<Vec<u8>>) -> Answer {
        Answer { body: body.into(), ..Answer::status(200) }
    }

    pub fn code(&self) -> u16 {
        self.status
    }

    pub fn retry_after(&self) -> Option<i64> {
        let (_, value) = self.headers.iter().find(|(name, _)| name == "retry-after")?;
        String::from_utf8_lossy(value).parse().ok()
    }

    pub fn with(mut self, body: impl Into<Vec<u8>>) -> Answer {
        self.body = body.into();
        self
    }

    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Answer {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }
}

/// A feed whose only item is of this number.
pub fn feed(number: usize) -> Vec<u8> {
    feed_with("", number)
}

/// The same with something else in its channel.
pub fn feed_with(channel: &str, number: usize) -> Vec<u8> {
    format!(
        "<rss version=\"2.0\" xmlns:sy=\"http://purl.org/rss/1.0/modules/syndication/\"><channel><title>Báo mẫu</title>{channel}\
         <item><guid>tin-{number}</guid><title>Tin số {number} về việc học Bác ở xã mẫu</title><link>http://mau.vn/tin-{number}.html</link></item>\
         </channel></rss>"
    )
    .into_bytes()
}

type Handler = dyn Fn(&Ask) -> Answer + Send + Sync;

#[derive(Default)]
struct Origin {
    paths: BTreeMap<String, Arc<Handler>>,
    asked: BTreeMap<(String, String), usize>,
    log: Vec<Ask>,
}

/// Everything there is.
pub struct World {
    runtime: tokio::runtime::Runtime,
    address: SocketAddr,
    origin: Arc<Mutex<Origin>>,
    pub clock: Clock,
    pub store: Arc<Store>,
    blocks: Vec<String>,
    manners: String,
    _folder: tempfile::TempDir,
}

/// Monday, noon in Việt Nam.
pub fn start() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 23, 5, 0, 0).unwrap()
}

impl World {
    pub fn new() -> World {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let origin: Arc<Mutex<Origin>> = Arc::default();
        let clock = Clock::at(start());
        let listener = runtime.block_on(TcpListener::bind("0.0.0.0:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let (answering, told) = (Arc::clone(&origin), clock.clone());
        let handler = move |request: Request<Incoming>| {
            let answer = answer(&answering, &request, told.now());
            async move { answer }
        };
        runtime.spawn(http::serve(listener, handler, CancellationToken::new(), || {}));
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(folder.path()).unwrap());
        // Requests of one clock instant would wait for real breaths; the turns have their own tests.
        let manners = "host_gap = \"0s\"\n".to_owned();
        World { runtime, address, origin, clock, store, blocks: Vec::new(), manners, _folder: folder }
    }

    /// An address of the server under one of its ten thousand names: all of 127.0.0.0/8 is this machine.
    pub fn url(&self, host: usize, path: &str) -> String {
        format!("http://127.1.{}.{}:{}{path}", host / 250, host % 250 + 1, self.address.port())
    }

    /// A source of its own host with further lines of configuration, answered by `handler` at `/id`.
    pub fn source(&mut self, id: &str, more: &str, handler: impl Fn(&Ask) -> Answer + Send + Sync + 'static) {
        let host = self.blocks.len();
        self.source_at(host, id, more, handler);
    }

    /// A source whose address is not its name.
    pub fn source_with_url(&mut self, id: &str, path: &str, more: &str) {
        let url = self.url(self.blocks.len(), path);
        self.blocks.push(format!(
            "[[source]]\nid = \"{id}\"\nname = \"Báo {id}\"\nlevel = \"central\"\nurl = \"{url}\"\n{more}\n"
        ));
    }

    pub fn source_at(
        &mut self,
        host: usize,
        id: &str,
        more: &str,
        handler: impl Fn(&Ask) -> Answer + Send + Sync + 'static,
    ) {
        let url = self.url(host, &format!("/{id}"));
        self.blocks.push(format!(
            "[[source]]\nid = \"{id}\"\nname = \"Báo {id}\"\nlevel = \"central\"\nurl = \"{url}\"\n{more}\n"
        ));
        self.path(&format!("/{id}"), handler);
    }

    pub fn path(&self, path: &str, handler: impl Fn(&Ask) -> Answer + Send + Sync + 'static) {
        self.origin.lock().unwrap().paths.insert(path.to_owned(), Arc::new(handler));
    }

    pub fn manners(&mut self, lines: &str) {
        self.manners = lines.to_owned();
    }

    fn live(&self, before: Option<&Live>) -> Live {
        let file = |name: &str, kind, text: String| File { name: name.into(), kind, text };
        let settings = format!(
            "[public]\nbase_url = \"https://tin.hamau.vn\"\n[fetch]\ncontact = \"mailto:tin@hamau.vn\"\nallow = [\"127.0.0.0/8\"]\n\
             concurrency = 64\ntimeout = \"10s\"\n[manners]\n{}",
            self.manners
        );
        let topic = "id = \"bac\"\nname = \"Học Bác\"\n[[rule]]\nname = \"r\"\nweight = 10\nphrases = [\"học Bác\"]\n";
        let files = [
            file("dongtin.toml", FileKind::Settings, settings),
            file("topics/bac.toml", FileKind::Topic, topic.to_owned()),
            file("sources/a.toml", FileKind::Sources, self.blocks.join("\n")),
        ];
        let config = config::read(&files, self.clock.now()).unwrap_or_else(|m| panic!("{m:?}"));
        let criteria = watch::channel(Arc::new(Criteria::new(&config.rules, &config.sources))).1;
        Live::new(config, &self.store, criteria, before, self.clock.clone()).unwrap()
    }

    /// Lets the daemon's scheduler run for so long, reloading as often meanwhile, and gives the requests of that time.
    pub fn run_with_reloads(&self, time: TimeDelta, reloads: i32) -> Vec<Ask> {
        let begin = self.clock.now();
        let end = begin + time;
        self.clock.let_run(end);
        self.runtime.block_on(async {
            let live = Arc::new(self.live(None));
            sync(&self.store, &live).await.unwrap();
            let (sender, receiver) = watch::channel(live);
            let (dirty, _told) = mpsc::unbounded_channel();
            let stop = CancellationToken::new();
            let scheduler = Scheduler {
                store: Arc::clone(&self.store),
                live: receiver,
                dirty,
                metrics: Arc::new(Metrics::new()),
                pulse: Arc::new(Pulse::new()),
                hubs: Arc::default(),
                rescheduled: mpsc::unbounded_channel().1,
                stop: stop.clone(),
            };
            let running = tokio::spawn(scheduler.run());
            let mut next = begin;
            while self.clock.now() < end {
                if reloads > 0 && self.clock.now() >= next {
                    next = self.clock.now() + time / reloads;
                    let before = Arc::clone(&sender.borrow());
                    sender.send_replace(Arc::new(self.live(Some(&before))));
                }
                tokio::time::sleep(Duration::from_micros(200)).await;
            }
            stop.cancel();
            running.await.unwrap().unwrap();
        });
        let log = &self.origin.lock().unwrap().log;
        log.iter().filter(|ask| ask.at >= begin && ask.at < end).cloned().collect()
    }

    pub fn run(&self, time: TimeDelta) -> Vec<Ask> {
        self.run_with_reloads(time, 0)
    }

    /// Runs for so many hours and gives the requests for one path.
    pub fn hours(&self, hours: i64, path: &str) -> Vec<Ask> {
        let mut log = self.run(TimeDelta::hours(hours));
        log.retain(|ask| ask.path == path);
        log
    }

    /// From now on nobody is reached: the daemon's next run looks for its sources where nobody listens.
    pub fn break_network(&mut self) {
        self.swap_ports(self.address.port(), 1);
    }

    pub fn mend_network(&mut self) {
        self.swap_ports(1, self.address.port());
    }

    fn swap_ports(&mut self, from: u16, to: u16) {
        for block in &mut self.blocks {
            *block = block.replace(&format!(":{from}/"), &format!(":{to}/"));
        }
    }

    pub fn state(&self, id: &str) -> State {
        self.store.read(|db| sources::state_of(db, id)).unwrap().unwrap()
    }

    pub fn cause(&self, id: &str) -> Cause {
        self.state(id).due.unwrap().cause
    }

    pub fn class(&self, id: &str) -> Option<String> {
        self.state(id).health.failure_class
    }

    pub fn silence(&self, id: &str) -> Silence {
        let (state, now) = (self.state(id), self.clock.now());
        self.store.read(|db| poll::rhythm(db, state.row, now)).unwrap().silence(state.health.new_at.unwrap(), now)
    }

    pub fn items(&self) -> u32 {
        self.store.read(crate::store::stories::counts).unwrap().0
    }
}

/// Minutes between requests.
pub fn gaps(log: &[Ask]) -> Vec<i64> {
    log.windows(2).map(|w| (w[1].at - w[0].at).num_minutes()).collect()
}

fn answer(origin: &Mutex<Origin>, request: &Request<Incoming>, now: Time) -> http::Reply {
    let headers = request.headers().iter().map(|(n, v)| (n.as_str().to_owned(), v.as_bytes().to_vec())).collect();
    let text = |name: &str| request.headers().get(name).map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
    let (path, host) = (request.uri().to_string(), text("host").unwrap_or_default());
    let (handler, ask) = {
        let mut origin = origin.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = origin.asked.entry((path.clone(), host.clone())).or_default();
        let before = *asked;
        *asked += 1;
        let ask = Ask { at: now, method: request.method().to_string(), host, path, headers, before };
        origin.log.push(ask.clone());
        (origin.paths.get(&ask.path).cloned(), ask)
    };
    let answer = handler.map_or_else(|| Answer::status(404), |handler| handler(&ask));
    let mut reply = Response::new(Full::new(Bytes::from(answer.body)));
    *reply.status_mut() = StatusCode::from_u16(answer.status).unwrap();
    let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    reply.headers_mut().insert("date", HeaderValue::from_str(&date).unwrap());
    for (name, value) in answer.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        if name == "date" {
            reply.headers_mut().remove(&name);
        }
        reply.headers_mut().append(name, HeaderValue::from_bytes(&value).unwrap());
    }
    reply
}
