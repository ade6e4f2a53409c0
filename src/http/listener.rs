//! Where connections come from: an accept loop that neither spins nor dies, whatever comes.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::time::{Instant, interval, sleep};
use tokio_util::either::Either;
use tokio_util::sync::CancellationToken;

use super::answer::{self, Frame, Persistence};
use super::connections::{Connections, Full, Limits, Place, WALK};
use super::date;

/// How long connections on which nothing is asked stay at the end: a request that is on its way is answered, with the word that it is
/// the last.
const GRACE: Duration = Duration::from_secs(1);
/// How long answers under way may take to finish when told to stop: a part of the ten seconds the daemon promises.
const DRAIN: Duration = Duration::from_secs(5);
/// Connections that came before the end and that nobody has accepted yet: as many as the kernel keeps.
const QUEUE: usize = 1024;
/// How long nothing is accepted when there is nothing to accept it with.
const OUT_OF_FILES: Duration = Duration::from_millis(100);
/// EMFILE and ENFILE: too many open files in the process, on the machine.
const NO_FILES: [i32; 2] = [24, 23];

/// What the kernel keeps for a reader beyond what is on its way to him, in bytes. Left alone it takes some megabytes for each, so that
/// thousands who do not read fill the memory of a small machine; a usual answer still leaves in one call.
const MOST_UNSENT: u32 = 64 * 1024;

/// A connection.
pub type Stream = Either<TcpStream, UnixStream>;

/// Where we listen.
#[derive(Debug)]
pub struct Listener {
    socket: Socket,
    /// Whether somebody else keeps the socket open when we close it, and gives it to who comes after us.
    outlives_us: bool,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl From<TcpListener> for Listener {
    fn from(socket: TcpListener) -> Listener {
        // Connections have it from their listener.
        if let Err(error) = SockRef::from(&socket).set_tcp_notsent_lowat(MOST_UNSENT) {
            tracing::debug!(%error, "TCP_NOTSENT_LOWAT");
        }
        Listener { socket: Socket::Tcp(socket), outlives_us: false }
    }
}

impl From<UnixListener> for Listener {
    fn from(socket: UnixListener) -> Listener {
        Listener { socket: Socket::Unix(socket), outlives_us: false }
    }
}

impl Listener {
    /// One that the service manager keeps.
    pub fn outliving_us(self) -> Listener {
        Listener { outlives_us: true, ..self }
    }

    async fn accept(&self) -> io::Result<(Stream, Option<SocketAddr>)> {
        match &self.socket {
            Socket::Unix(socket) => Ok((Either::Right(socket.accept().await?.0), None)),
            Socket::Tcp(socket) => {
                let (stream, peer) = socket.accept().await?;
                // Answers are written whole; waiting to fill a packet only delays them.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "TCP_NODELAY");
                }
                Ok((Either::Left(stream), Some(peer)))
            }
        }
    }
}

/// Has every connection worked on until told to stop; then lets what is under way finish within [`DRAIN`]. `beat` is called while the
/// loop is alive.
pub async fn run<W>(
    listener: Listener,
    limits: Limits,
    stop: CancellationToken,
    beat: impl Fn() + Send,
    work: impl Fn(Stream, Place) -> W + Send,
) where
    W: Future<Output = ()> + Send + 'static,
{
    let connections = Connections::new(limits);
    let mut walk = interval(WALK);
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            _ = walk.tick() => {
                connections.walk();
                beat();
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => welcome(&connections, stream, peer, &work),
            Err(error) => after(&error, &connections, &stop).await,
        }
    }
    connections.stop();
    if !listener.outlives_us {
        // Who is in the queue came in time, and is lost when it is closed.
        for _ in 0..QUEUE {
            tokio::select! {
                biased;
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => welcome(&connections, stream, peer, &work),
                    Err(_) => break,
                },
                () = std::future::ready(()) => break,
            }
        }
    }
    drop(listener);
    drain(&connections).await;
}

fn welcome<W>(
    connections: &Arc<Connections>,
    stream: Stream,
    peer: Option<SocketAddr>,
    work: &impl Fn(Stream, Place) -> W,
) where
    W: Future<Output = ()> + Send + 'static,
{
    match connections.enter(peer) {
        Ok(place) => {
            let number = place.number();
            let task = tokio::spawn(work(stream, place));
            connections.works_for(number, task.abort_handle());
        }
        Err(full) => turn_away(&stream, full),
    }
}

/// A word where the socket takes it at once, and no more trouble than that.
fn turn_away(stream: &Stream, full: Full) {
    let status = match full {
        Full::Everywhere => 503,
        Full::ThatAddress => 429,
    };
    let mut said = Vec::new();
    let answer = date::with_now(|now| {
        answer::text(&mut said, Frame { now, persistence: Persistence::Closes, is_head: false }, status)
    });
    said.extend_from_slice(&answer.body);
    let written = match stream {
        Either::Left(stream) => stream.try_write(&said),
        Either::Right(stream) => stream.try_write(&said),
    };
    tracing::debug!(?full, ?written, "a connection was turned away");
}

/// After a connection that could not be accepted. Out of file descriptors, waiting is all that helps, and that others give way;
/// spinning would hurt. Anything else is the peer's own trouble.
async fn after(error: &io::Error, connections: &Connections, stop: &CancellationToken) {
    if !error.raw_os_error().is_some_and(|code| NO_FILES.contains(&code)) {
        tracing::debug!(%error, "a connection could not be accepted");
        return tokio::task::yield_now().await;
    }
    tracing::warn!(%error, open = connections.count(), "a connection could not be accepted");
    connections.give_way();
    tokio::select! {
        () = stop.cancelled() => {}
        () = sleep(OUT_OF_FILES) => {}
    }
}

async fn drain(connections: &Connections) {
    let began = Instant::now();
    while connections.count() > 0 {
        match began.elapsed() {
            waited if waited >= DRAIN => {
                tracing::debug!(open = connections.count(), "connections were cut off at the end");
                return connections.end_all();
            }
            waited if waited >= GRACE => connections.end_idle(),
            _ => {}
        }
        connections.walk();
        sleep(Duration::from_millis(10)).await;
    }
}
