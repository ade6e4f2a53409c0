//! A local server that answers by script and writes down what it was asked. On the socket, because slow, cut and lying answers are
//! the point, and a server library would mend them.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use super::PATIENCE;

/// What a request said.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub path: String,
    /// Names in lower case; values as bytes, for validators are bytes.
    pub headers: BTreeMap<String, Vec<u8>>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).map(|v| String::from_utf8_lossy(v).into_owned())
    }

    /// A parameter of the query.
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.path.split_once('?')?;
        let found = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned())
    }
}

/// One answer of a script.
#[derive(Clone)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    /// Answer 304 to a request that has this tag.
    etag: Option<Vec<u8>>,
    end: End,
}

#[derive(Clone, PartialEq)]
enum End {
    /// The whole body.
    Whole,
    /// The length is declared, half the body comes, the connection closes.
    Cut,
    /// The length is not declared, half the body comes, the connection closes: to the client it is whole.
    Lost,
    /// Nothing comes until the origin releases what it holds.
    Held,
    /// Nothing comes until the origin is let go.
    Never,
    /// The body goes on for ever.
    Endless,
    /// The body is the `hub.challenge` that was asked.
    Challenge,
}

impl Answer {
    pub fn status(status: u16) -> Answer {
        Answer { status, headers: Vec::new(), body: Vec::new(), etag: None, end: End::Whole }
    }

    pub fn ok(body: impl Into<Vec<u8>>) -> Answer {
        Answer { body: body.into(), ..Answer::status(200) }
    }

    pub fn redirect(status: u16, to: &str) -> Answer {
        Answer::status(status).header("Location", to)
    }

    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Answer {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// Sends the tag, and 304 to who has it.
    pub fn etag(mut self, etag: impl AsRef<[u8]>) -> Answer {
        self.etag = Some(etag.as_ref().to_vec());
        self.header("ETag", etag)
    }

    pub fn cut(mut self) -> Answer {
        self.end = End::Cut;
        self
    }

    pub fn lost(mut self) -> Answer {
        self.end = End::Lost;
        self
    }

    pub fn held(mut self) -> Answer {
        self.end = End::Held;
        self
    }

    pub fn never(mut self) -> Answer {
        self.end = End::Never;
        self
    }

    /// What a subscriber answers a hub that asks whether it meant it.
    pub fn challenge() -> Answer {
        Answer { end: End::Challenge, ..Answer::status(200) }
    }

    pub fn endless(mut self) -> Answer {
        self.end = End::Endless;
        self
    }
}

#[derive(Default)]
struct State {
    scripts: HashMap<String, VecDeque<Answer>>,
    log: Vec<Request>,
    in_flight: usize,
    most_in_flight: usize,
    released: bool,
    let_go: bool,
    stopped: bool,
}

/// The server.
pub struct Origin {
    pub address: SocketAddr,
    shared: Arc<(Mutex<State>, Condvar)>,
}

impl Origin {
    pub fn start() -> Origin {
        Origin::at("127.0.0.1:0")
    }

    pub fn at(address: &str) -> Origin {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let shared: Arc<(Mutex<State>, Condvar)> = Arc::default();
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if accepting.0.lock().is_ok_and(|state| state.stopped) {
                    break;
                }
                let shared = Arc::clone(&accepting);
                thread::spawn(move || drop(serve(stream, &shared)));
            }
        });
        Origin { address, shared }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The answers to a path, in order; the last one stays. A path that ends in `?` is for every query there is no script for.
    pub fn script(&self, path: &str, answers: impl IntoIterator<Item = Answer>) {
        self.shared.0.lock().unwrap().scripts.insert(path.to_owned(), answers.into_iter().collect());
    }

    /// The requests for a path so far.
    pub fn requests(&self, path: &str) -> Vec<Request> {
        self.shared.0.lock().unwrap().log.iter().filter(|r| r.path == path).cloned().collect()
    }

    /// Every request so far.
    pub fn log(&self) -> Vec<Request> {
        self.shared.0.lock().unwrap().log.clone()
    }

    /// Waits until a path was asked for this often.
    pub fn wait_for(&self, path: &str, times: usize) {
        let enough = |state: &mut State| state.log.iter().filter(|r| r.path == path).count() < times;
        let (state, changed) = &*self.shared;
        let (_state, waited) = changed.wait_timeout_while(state.lock().unwrap(), PATIENCE, enough).unwrap();
        assert!(!waited.timed_out(), "{path} was not asked for {times} times");
    }

    /// Sends the answers that are held, and holds none from now on.
    pub fn release(&self) {
        self.shared.0.lock().unwrap().released = true;
        self.shared.1.notify_all();
    }

    /// Closes the door: from now on there is nobody at the address.
    pub fn stop(&self) {
        self.shared.0.lock().unwrap().stopped = true;
        drop(TcpStream::connect(self.address));
        super::eventually("the origin has stopped", || TcpStream::connect(self.address).is_err().then_some(()));
    }

    /// The most requests under way at once.
    pub fn most_in_flight(&self) -> usize {
        self.shared.0.lock().unwrap().most_in_flight
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        // A failed test may have left the lock poisoned; letting go must not fail again.
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner).let_go = true;
        self.shared.1.notify_all();
    }
}

fn serve(stream: TcpStream, shared: &(Mutex<State>, Condvar)) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut stream = stream;
    while let Some(request) = read_request(&mut reader)? {
        let answer = {
            let mut state = shared.0.lock().unwrap();
            state.in_flight += 1;
            state.most_in_flight = state.most_in_flight.max(state.in_flight);
            let any_query = format!("{}?", request.path.split('?').next().unwrap());
            let path = if state.scripts.contains_key(&request.path) { &request.path } else { &any_query };
            let answer = match state.scripts.get_mut(path) {
                Some(script) if script.len() > 1 => script.pop_front(),
                Some(script) => script.front().cloned(),
                None => None,
            };
            state.log.push(request.clone());
            shared.1.notify_all();
            match answer.unwrap_or_else(|| Answer::status(404)) {
                Answer { end: End::Challenge, .. } => Answer::ok(request.query("hub.challenge").unwrap_or_default()),
                answer => answer,
            }
        };
        let last = write_answer(&mut stream, &request, &answer, shared);
        // It is over before the other side can know: with the last byte it may ask the next thing.
        shared.0.lock().unwrap().in_flight -= 1;
        match last? {
            Some(last) => stream.write_all(&[last])?,
            None => break,
        }
    }
    Ok(())
}

fn read_request(reader: &mut impl BufRead) -> std::io::Result<Option<Request>> {
    let mut line = Vec::new();
    if reader.read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    let first = String::from_utf8_lossy(&line).into_owned();
    let mut parts = first.split_whitespace();
    let (method, path) = (parts.next().unwrap_or_default().to_owned(), parts.next().unwrap_or_default().to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line)?;
        let line = line.strip_suffix(b"\r\n").unwrap_or(&line);
        if line.is_empty() {
            break;
        }
        let colon = line.iter().position(|b| *b == b':').unwrap_or(line.len() - 1);
        let name = String::from_utf8_lossy(&line[..colon]).to_ascii_lowercase();
        headers.insert(name, line[colon + 1..].trim_ascii().to_vec());
    }
    let length = headers.get("content-length").and_then(|v| std::str::from_utf8(v).ok()?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    Ok(Some(Request { method, path, headers, body }))
}

/// Writes an answer up to its last byte and gives that; nothing where the connection is to be closed.
fn write_answer(
    stream: &mut TcpStream,
    request: &Request,
    answer: &Answer,
    shared: &(Mutex<State>, Condvar),
) -> std::io::Result<Option<u8>> {
    let (state, changed) = shared;
    if answer.end == End::Held {
        drop(changed.wait_timeout_while(state.lock().unwrap(), PATIENCE, |s| !s.released && !s.let_go).unwrap());
    }
    if answer.end == End::Never {
        drop(changed.wait_timeout_while(state.lock().unwrap(), PATIENCE, |s| !s.let_go).unwrap());
        return Ok(None);
    }
    let known = answer.etag.is_some() && request.headers.get("if-none-match") == answer.etag.as_ref();
    let (status, body) = if known { (304, &[][..]) } else { (answer.status, answer.body.as_slice()) };
    let mut head = format!("HTTP/1.1 {status} Scripted\r\n").into_bytes();
    for (name, value) in &answer.headers {
        head.extend_from_slice(name.as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value);
        head.extend_from_slice(b"\r\n");
    }
    if answer.end == End::Endless {
        head.extend_from_slice(b"\r\n");
        stream.write_all(&head)?;
        let chunk = vec![b' '; 64 * 1024];
        loop {
            // Ends when the other side has had enough.
            stream.write_all(&chunk)?;
        }
    }
    if answer.end == End::Lost && status != 304 {
        head.extend_from_slice(b"Connection: close\r\n\r\n");
        stream.write_all(&head)?;
        stream.write_all(&body[..body.len() / 2])?;
        return Ok(None);
    }
    if status != 304 {
        head.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
    }
    head.extend_from_slice(b"\r\n");
    let whole = [head.as_slice(), body].concat();
    if answer.end == End::Cut {
        stream.write_all(&whole[..head.len() + body.len() / 2])?;
        return Ok(None);
    }
    let (last, others) = whole.split_last().unwrap();
    stream.write_all(others)?;
    Ok(Some(*last))
}

/// Reads everything a peer sends.
pub fn read_all(stream: &mut impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    bytes
}
