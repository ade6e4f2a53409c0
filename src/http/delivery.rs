//! Writing an answer to a reader who may be slow, and may not be slower than a rate: without an end to waiting, readers who do not
//! read would hold their places for ever.

use std::future::poll_fn;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::either::Either;

/// How long a reader may take nothing of an answer.
pub const STALL: Duration = Duration::from_secs(20);
/// Every answer may take this long, and longer by its length:
const GRACE: Duration = Duration::from_secs(30);
/// at so many bytes a second (16 kbit/s, less than any network in use gives a reader who reads).
const MIN_RATE: u64 = 2 * 1024;

/// What answers are written to.
pub trait Transport: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    /// Forgets what the peer has not taken, when it is dropped.
    fn abandon(&self) {}
}

impl Transport for Either<TcpStream, UnixStream> {
    fn abandon(&self) {
        // Without it the kernel would go on offering for minutes what nobody takes.
        if let Either::Left(stream) = self
            && let Err(error) = stream.set_zero_linger()
        {
            tracing::debug!(%error, "SO_LINGER");
        }
    }
}

#[cfg(test)]
impl Transport for tokio::io::DuplexStream {}

/// Writes the head and body of an answer, in one call where the reader takes it. The body is shared and never copied.
pub async fn deliver<S: Transport>(stream: &mut S, head: &[u8], body: &[u8]) -> io::Result<()> {
    let mut delivery = Delivery { stream, head, body, waiting: None };
    poll_fn(|context| delivery.poll(context)).await
}

struct Delivery<'a, S> {
    stream: &'a mut S,
    head: &'a [u8],
    body: &'a [u8],
    /// Since it waits for the reader: when it is too slow, and when it has taken nothing for too long.
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl<S: Transport> Delivery<'_, S> {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !(self.head.is_empty() && self.body.is_empty()) {
            let written = match (self.head.is_empty(), self.body.is_empty()) {
                (false, false) => {
                    let both = [IoSlice::new(self.head), IoSlice::new(self.body)];
                    Pin::new(&mut *self.stream).poll_write_vectored(context, &both)
                }
                (false, true) => Pin::new(&mut *self.stream).poll_write(context, self.head),
                (true, _) => Pin::new(&mut *self.stream).poll_write(context, self.body),
            };
            match written {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(count)) => self.taken(count),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return self.wait(context),
            }
        }
        Poll::Ready(Ok(()))
    }

    fn taken(&mut self, count: usize) {
        let of_body = count.saturating_sub(self.head.len());
        self.head = self.head.get(count..).unwrap_or_default();
        self.body = self.body.get(of_body..).unwrap_or_default();
        if let Some((end, sleep)) = &mut self.waiting {
            sleep.as_mut().reset((*end).min(Instant::now() + STALL));
        }
    }

    /// Pending until the reader takes something, or broken where that lasts too long.
    fn wait(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let left = (self.head.len() + self.body.len()) as u64;
        let (_, sleep) = self.waiting.get_or_insert_with(|| {
            let now = Instant::now();
            let end = now + GRACE + Duration::from_secs(left / MIN_RATE);
            (end, Box::pin(sleep_until(end.min(now + STALL))))
        });
        std::task::ready!(sleep.as_mut().poll(context));
        self.stream.abandon();
        Poll::Ready(Err(io::Error::new(ErrorKind::TimedOut, "the reader does not read")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, duplex};
    use tokio::time::sleep;

    /// What becomes of an answer to somebody who takes so many bytes every so many seconds.
    async fn delivered(bytes: usize, seconds: u64, body: usize) -> (Result<(), ErrorKind>, u64) {
        let (mut ours, mut theirs) = duplex(64);
        let reading = tokio::spawn(async move {
            let mut some = vec![0; bytes];
            while theirs.read_exact(&mut some).await.is_ok() {
                sleep(Duration::from_secs(seconds)).await;
            }
            theirs
        });
        let begin = Instant::now();
        let outcome = deliver(&mut ours, &[b'h'; 100], &vec![b'b'; body]).await;
        reading.abort();
        (outcome.map_err(|e| e.kind()), begin.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn s46_a_reader_who_takes_nothing_or_next_to_nothing_is_given_up() {
        assert_eq!(delivered(10_000, 0, 9_900).await, (Ok(()), 0));
        assert_eq!(delivered(1, 1_000, 1_000).await, (Err(ErrorKind::TimedOut), 20));
        assert_eq!(delivered(1, 1, 100_000).await, (Err(ErrorKind::TimedOut), 30 + 48), "by the least rate");
        let (outcome, seconds) = delivered(3_000, 1, 100_000).await;
        assert!(outcome.is_ok() && seconds < 40, "{seconds}");
    }
}
