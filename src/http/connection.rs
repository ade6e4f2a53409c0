//! One connection: a request, an answer, and again. A request is looked at where it was received, its answer's head is written into a
//! buffer that the connection keeps, and both leave in one call.

use std::sync::Arc;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::answer::{self, Answer, Frame, Persistence};
use super::body::Unwanted;
use super::connections::{Phase, Place};
use super::date;
use super::delivery::{Transport, deliver};
use super::head::{self, Framing, Head, MAX_HEAD, Method};
use super::library::{Finding, Found};
use super::relay::{self, Handler};

/// What is read at once, in bytes: more than the head of any usual request.
const READ: usize = 2 * 1024;
/// So much of what a peer still sends is read after our last words, in bytes.
const MOST_LAST: usize = 64 * 1024;

/// What a listener is for.
pub trait Service: Send + Sync + 'static {
    /// Answers a request, or says what that takes.
    fn answer(&self, head: &Head<'_>, frame: Frame<'_>, out: &mut Vec<u8>) -> Turn;

    /// Answers one that took longer.
    fn conclude(&self, found: &Found, head: &Head<'_>, frame: Frame<'_>, out: &mut Vec<u8>) -> Answer;

    /// Who answers requests to a path by himself, with their bodies.
    fn relay(&self, path: &str) -> Option<Arc<Handler>>;
}

/// What comes of a request.
pub enum Turn {
    /// Its answer.
    Answered(Answer),
    /// Something must be looked for first.
    Find(Finding),
}

/// What a look at what was received shows.
enum Look {
    /// Too little.
    Part,
    /// A request of so many bytes.
    Turn(Turn, usize),
    /// A request of so many bytes, with a body.
    Body(Unwanted, usize),
    /// A request that somebody else answers.
    Relay(Arc<Handler>),
}

/// How a conversation ends.
enum End {
    /// The peer hung up, or we do without a word.
    Gone,
    /// After our last words.
    Said,
    /// In other hands.
    Relay(Arc<Handler>),
}

struct Connection<S> {
    stream: S,
    service: Arc<dyn Service>,
    place: Place,
    input: BytesMut,
    /// How much of the input is known to hold no whole head.
    seen: usize,
    output: Vec<u8>,
}

/// Answers what comes over a connection until either side ends it.
pub async fn serve<S: Transport>(stream: S, service: Arc<dyn Service>, place: Place) {
    let (input, output) = (BytesMut::new(), Vec::new());
    let mut connection = Connection { stream, service, place, input, seen: 0, output };
    match connection.talk().await {
        End::Gone => {}
        End::Said => connection.say_goodbye().await,
        End::Relay(handler) => {
            connection.place.enters(Phase::HandedOver);
            // Large, and seldom.
            Box::pin(relay::serve(connection.stream, connection.input, &*handler, false)).await;
        }
    }
}

impl<S: Transport> Connection<S> {
    async fn talk(&mut self) -> End {
        self.place.enters(Phase::New);
        let mut is_asking = false;
        loop {
            let answer = match self.look() {
                Ok(Look::Part) => {
                    if !self.input.is_empty() && !is_asking {
                        is_asking = true;
                        self.place.enters(Phase::Asking);
                    }
                    if !self.receive().await {
                        return End::Gone;
                    }
                    continue;
                }
                Ok(Look::Relay(handler)) => return End::Relay(handler),
                Ok(Look::Turn(turn, length)) => {
                    let answer = self.finish(turn, None).await;
                    self.input.advance(length);
                    answer
                }
                Ok(Look::Body(body, length)) => match self.pass_over(body, length).await {
                    Ok(Some(answer)) => answer,
                    Ok(None) => return End::Gone,
                    Err(status) => self.refuse(status),
                },
                Err(status) => self.refuse(status),
            };
            (is_asking, self.seen) = (false, 0);
            self.place.enters(Phase::Answering);
            if let Err(error) = deliver(&mut self.stream, &self.output, &answer.body).await {
                tracing::debug!(%error, "a connection ended badly");
                return End::Gone;
            }
            if answer.closes {
                return End::Said;
            }
            self.place.enters(Phase::Idle);
        }
    }

    /// Looks at what was received; not at the same bytes again where no head can have ended.
    fn look(&mut self) -> Result<Look, u16> {
        let seen = std::mem::replace(&mut self.seen, self.input.len());
        let new = self.input.get(seen.saturating_sub(3)..).unwrap_or_default();
        let may_end =
            seen == 0 || self.input.len() >= MAX_HEAD || new.windows(2).any(|two| two == b"\n\n" || two == b"\n\r");
        if self.input.is_empty() || !may_end {
            return Ok(Look::Part);
        }
        let (service, place, output) = (&*self.service, &self.place, &mut self.output);
        let look = head::read(&self.input, |head| {
            if let Some(handler) = service.relay(head.path) {
                return Ok(Look::Relay(handler));
            }
            let is_wanted = matches!(head.method, Method::Get | Method::Head | Method::Options) && !head.expects;
            match head.framing {
                Framing::None => Ok(Look::Turn(turn(service, head, place.is_ending(), output), head.length)),
                framing if is_wanted => Ok(Look::Body(Unwanted::new(framing)?, head.length)),
                // What follows is not looked at, so nothing else can.
                _ => Ok(Look::Turn(turn(service, head, true, output), head.length)),
            }
        })?;
        look.unwrap_or(Ok(Look::Part))
    }

    /// Waits where waiting is what an answer takes. `head`: where the request is, if no longer in the input.
    async fn finish(&mut self, turn: Turn, head: Option<&[u8]>) -> Answer {
        let finding = match turn {
            Turn::Answered(answer) => return answer,
            Turn::Find(finding) => finding,
        };
        self.place.enters(Phase::Answering);
        let found = finding.await;
        let (service, place, output) = (&*self.service, &self.place, &mut self.output);
        let concluded = head::read(head.unwrap_or(&self.input), |head| {
            framed(head, place.is_ending() || head.framing != Framing::None, |frame| {
                service.conclude(&found, head, frame, output)
            })
        });
        match concluded {
            Ok(Some(answer)) => answer,
            // It was a request before; it still is.
            Ok(None) | Err(_) => self.refuse(500),
        }
    }

    /// Reads over a body to its end, and answers then.
    async fn pass_over(&mut self, mut body: Unwanted, length: usize) -> Result<Option<Answer>, u16> {
        let head = self.input.split_to(length).freeze();
        self.place.enters(Phase::Asking);
        loop {
            let taken = body.take(&self.input)?;
            self.input.advance(taken);
            if body.is_over() {
                break;
            }
            if !self.receive().await {
                return Ok(None);
            }
        }
        let (service, is_ending, output) = (&*self.service, self.place.is_ending(), &mut self.output);
        let turn = head::read(&head, |head| turn(service, head, is_ending, output))?.ok_or(500_u16)?;
        Ok(Some(self.finish(turn, Some(&head)).await))
    }

    /// Whether something came.
    async fn receive(&mut self) -> bool {
        if self.input.is_empty() && self.input.capacity() > READ {
            self.input = BytesMut::new();
        }
        self.input.reserve(READ);
        matches!(self.stream.read_buf(&mut self.input).await, Ok(count) if count > 0)
    }

    /// Our last words on something that is no request.
    fn refuse(&mut self, status: u16) -> Answer {
        let output = &mut self.output;
        date::with_now(|now| {
            let frame = Frame { now, persistence: Persistence::Closes, is_head: false };
            answer::text(output, frame, status)
        })
    }

    /// Hangs up so that our last words arrive: a peer who is still sending would be told of a broken connection instead
    /// (RFC 9112 section 9.6).
    async fn say_goodbye(mut self) {
        self.place.enters(Phase::Closing);
        if self.stream.shutdown().await.is_err() {
            return;
        }
        let mut read = 0;
        while read < MOST_LAST {
            self.input.clear();
            if !self.receive().await {
                return;
            }
            read += self.input.len();
        }
    }
}

fn turn(service: &dyn Service, head: &Head<'_>, closes: bool, output: &mut Vec<u8>) -> Turn {
    framed(head, closes, |frame| service.answer(head, frame, output))
}

fn framed<T>(head: &Head<'_>, closes: bool, then: impl FnOnce(Frame<'_>) -> T) -> T {
    let persistence = match (head.persists && !closes, head.is_old) {
        (false, _) => Persistence::Closes,
        (true, true) => Persistence::StaysForOld,
        (true, false) => Persistence::Stays,
    };
    date::with_now(|now| then(Frame { now, persistence, is_head: head.method == Method::Head }))
}

#[cfg(test)]
mod tests;
