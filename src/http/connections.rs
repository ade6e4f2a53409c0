//! The connections that are open: how many, from where, and which have waited too long. One table and one walk over it twice a second,
//! so that a request costs no timer.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ipnet::IpNet;
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// A peer that has said nothing yet is waited for so long (assertion S-45: at most ten seconds, and the walk is half a second late).
const FIRST_BYTE: Duration = Duration::from_secs(9);
/// A request's head must be whole within this (assertion S-45: 15 to 30 s).
const HEAD: Duration = Duration::from_secs(20);
/// The next request on a connection is waited for so long (assertion S-45: at most 75 s).
const KEEP_ALIVE: Duration = Duration::from_secs(74);
/// How long a peer has to take our last words before we hang up.
const LINGER: Duration = Duration::from_secs(2);
/// A connection that is not ours to time still ends: longer than the longest delivery and its answer take.
const HANDED_OVER: Duration = Duration::from_mins(2);
/// How often the walk is made.
pub const WALK: Duration = Duration::from_millis(500);
/// Making room costs a walk too: not oftener than this, in milliseconds.
const MAKE_ROOM_EVERY: u64 = 100;
/// What must be free, and how many are sent away at once when it is not: one place in so many.
const RESERVE: usize = 16;

/// How many connections there may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// In all.
    pub connections: usize,
    /// From one address, of IPv6 from one network of 64 bits, which is what one customer gets.
    pub per_address: usize,
    /// Whose connections are not counted by address: proxies speak for many.
    pub trusted: Vec<IpNet>,
}

impl Default for Limits {
    /// Half of what the unit's `LimitNOFILE` allows; and what a house full of people behind one address keeps open.
    fn default() -> Limits {
        let loopback = [IpAddr::from([127, 0, 0, 0]), IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])];
        let nets = loopback.into_iter().zip([8, 128]).filter_map(|(ip, length)| IpNet::new(ip, length).ok());
        Limits { connections: 8_192, per_address: 256, trusted: nets.collect() }
    }
}

/// What a connection waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The first byte.
    New,
    /// The next request.
    Idle,
    /// The rest of a request.
    Asking,
    /// Us, or that the peer takes what we wrote: that has limits of its own.
    Answering,
    /// That the peer hangs up.
    Closing,
    /// Another program's part of the work.
    HandedOver,
}

const PHASES: [Phase; 6] =
    [Phase::New, Phase::Idle, Phase::Asking, Phase::Answering, Phase::Closing, Phase::HandedOver];

impl Phase {
    fn patience(self) -> Option<Duration> {
        match self {
            Phase::New => Some(FIRST_BYTE),
            Phase::Idle => Some(KEEP_ALIVE),
            Phase::Asking => Some(HEAD),
            Phase::Answering => None,
            Phase::Closing => Some(LINGER),
            Phase::HandedOver => Some(HANDED_OVER),
        }
    }

    /// Whether nothing is owed to the peer.
    fn gives_way(self) -> bool {
        matches!(self, Phase::New | Phase::Idle)
    }
}

/// Whose a connection is, for counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Origin {
    V4(u32),
    V6(u64),
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// Too many in all.
    Everywhere,
    /// Too many from one address.
    ThatAddress,
}

/// All open connections of a listener.
#[derive(Debug)]
pub struct Connections {
    limits: Limits,
    begun: Instant,
    stopping: AtomicBool,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    next: u64,
    open: HashMap<u64, Open>,
    by_origin: HashMap<Origin, usize>,
    made_room: u64,
}

#[derive(Debug)]
struct Open {
    origin: Option<Origin>,
    /// When the phase began in milliseconds, and in the three lowest bits which it is.
    phase: Arc<AtomicU64>,
    task: Option<AbortHandle>,
}

/// A connection's place, given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    connections: Arc<Connections>,
    number: u64,
    phase: Arc<AtomicU64>,
}

impl Connections {
    /// None yet.
    pub fn new(limits: Limits) -> Arc<Connections> {
        let (begun, stopping) = (Instant::now(), AtomicBool::new(false));
        Arc::new(Connections { limits, begun, stopping, table: Mutex::default() })
    }

    /// A place for a peer, if there is one. Where places become few, who has waited longest without asking for anything gives way.
    pub fn enter(self: &Arc<Connections>, peer: Option<SocketAddr>) -> Result<Place, Full> {
        let origin = peer.and_then(|peer| self.origin(peer));
        let now = self.now();
        let mut table = self.table();
        if table.open.len() + self.limits.connections / RESERVE >= self.limits.connections {
            self.make_room(&mut table, now);
        }
        if table.open.len() >= self.limits.connections {
            return Err(Full::Everywhere);
        }
        if let Some(origin) = origin {
            let count = table.by_origin.entry(origin).or_default();
            if *count >= self.limits.per_address {
                return Err(Full::ThatAddress);
            }
            *count += 1;
        }
        let number = table.next;
        table.next += 1;
        let phase = Arc::new(AtomicU64::new(pack(Phase::New, now)));
        table.open.insert(number, Open { origin, phase: Arc::clone(&phase), task: None });
        Ok(Place { connections: Arc::clone(self), number, phase })
    }

    /// Says which task works for a place, so that it can be ended.
    pub fn works_for(&self, number: u64, task: AbortHandle) {
        if let Some(open) = self.table().open.get_mut(&number) {
            open.task = Some(task);
        }
    }

    /// Ends what has waited too long.
    pub fn walk(&self) {
        let now = self.now();
        let is_over = |phase, since: u64| {
            let patience = Phase::patience(phase);
            patience.is_some_and(|patience| Duration::from_millis(now.saturating_sub(since)) >= patience)
        };
        self.end(is_over);
    }

    /// Sends those away who have waited longest without asking for anything, as when there are no file descriptors left.
    pub fn give_way(&self) {
        let now = self.now();
        self.make_room(&mut self.table(), now);
    }

    /// From now on answers are the last of their connections.
    pub fn stop(&self) {
        self.stopping.store(true, Relaxed);
    }

    /// Ends all that owe nothing.
    pub fn end_idle(&self) {
        self.end(|phase, _| phase.gives_way());
    }

    /// Ends all.
    pub fn end_all(&self) {
        self.end(|_, _| true);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.table().open.len()
    }

    fn end(&self, is_over: impl Fn(Phase, u64) -> bool) {
        let over = |open: &&Open| {
            let (phase, since) = unpack(open.phase.load(Relaxed));
            is_over(phase, since)
        };
        let tasks: Vec<AbortHandle> = self.table().open.values().filter(over).filter_map(|o| o.task.clone()).collect();
        // Not under the lock: who ends gives his place back.
        tasks.iter().for_each(AbortHandle::abort);
    }

    fn make_room(&self, table: &mut Table, now: u64) {
        if now < table.made_room + MAKE_ROOM_EVERY && table.made_room > 0 {
            return;
        }
        table.made_room = now.max(1);
        let waiting = |open: &Open| match unpack(open.phase.load(Relaxed)) {
            (phase, since) if phase.gives_way() => Some((since, open.task.clone()?)),
            _ => None,
        };
        let mut waiting: Vec<(u64, AbortHandle)> = table.open.values().filter_map(waiting).collect();
        waiting.sort_unstable_by_key(|(since, _)| *since);
        let many = (self.limits.connections / RESERVE).max(1);
        for (_, task) in waiting.iter().take(many) {
            task.abort();
        }
    }

    fn origin(&self, peer: SocketAddr) -> Option<Origin> {
        let address = peer.ip().to_canonical();
        if self.limits.trusted.iter().any(|net| net.contains(&address)) {
            return None;
        }
        Some(match address {
            IpAddr::V4(address) => Origin::V4(address.to_bits()),
            IpAddr::V6(address) => {
                let [a, b, c, d, e, f, g, h, ..] = address.octets();
                Origin::V6(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
            }
        })
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Its number.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// What is waited for from now on.
    pub fn enters(&self, phase: Phase) {
        self.phase.store(pack(phase, self.connections.now()), Relaxed);
    }

    /// Whether the next answer is the last.
    pub fn is_ending(&self) -> bool {
        self.connections.stopping.load(Relaxed)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut table = self.connections.table();
        let Some(Open { origin: Some(origin), .. }) = table.open.remove(&self.number) else { return };
        if let Some(count) = table.by_origin.get_mut(&origin) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                table.by_origin.remove(&origin);
            }
        }
    }
}

fn pack(phase: Phase, since: u64) -> u64 {
    since << 3 | phase as u64
}

fn unpack(packed: u64) -> (Phase, u64) {
    let phase = PHASES.into_iter().find(|phase| *phase as u64 == packed & 7).unwrap_or(Phase::New);
    (phase, packed >> 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;

    fn limits(connections: usize, per_address: usize) -> Limits {
        Limits { connections, per_address, ..Limits::default() }
    }

    fn peer(address: &str) -> Option<SocketAddr> {
        Some(SocketAddr::new(address.parse().unwrap(), 1))
    }

    #[test]
    fn s47_places_are_counted_in_all_and_by_address() {
        let connections = Connections::new(limits(100, 2));
        let enter = |address| connections.enter(peer(address));
        let mut places = Vec::new();
        for (address, expected) in [
            ("8.8.8.8", Ok(())),
            ("8.8.8.8", Ok(())),
            ("8.8.8.8", Err(Full::ThatAddress)),
            ("::ffff:8.8.8.8", Err(Full::ThatAddress)),
            ("8.8.4.4", Ok(())),
            ("2001:db8::1", Ok(())),
            ("2001:db8::2", Ok(())),
            ("2001:db8::ffff:3", Err(Full::ThatAddress)),
            ("2001:db8:0:1::1", Ok(())),
            ("127.0.0.1", Ok(())),
            ("127.0.0.1", Ok(())),
            ("127.0.0.1", Ok(())),
            ("::1", Ok(())),
        ] {
            let entered = enter(address);
            assert_eq!(entered.as_ref().map(|_| ()).map_err(|full| *full), expected, "{address}");
            places.extend(entered);
        }
        places.clear();
        assert!(enter("8.8.8.8").is_ok());
        assert_eq!((connections.count(), connections.table().by_origin.len()), (0, 0));
        places.extend((0..100).map(|_| connections.enter(None).unwrap()));
        assert_eq!(enter("8.8.8.8").map(drop), Err(Full::Everywhere));
    }

    #[tokio::test(start_paused = true)]
    async fn s45_who_waits_too_long_is_ended_each_in_his_time() {
        for (phase, seconds) in [
            (Phase::New, Some(9)),
            (Phase::Asking, Some(20)),
            (Phase::Idle, Some(74)),
            (Phase::Closing, Some(2)),
            (Phase::HandedOver, Some(120)),
            (Phase::Answering, None),
        ] {
            let connections = Connections::new(Limits::default());
            let place = connections.enter(None).unwrap();
            let number = place.number();
            place.enters(phase);
            let task = tokio::spawn(async move {
                let _kept = place;
                pending::<()>().await;
            });
            connections.works_for(number, task.abort_handle());
            let mut lasted = None;
            for second in 1..=200 {
                tokio::time::advance(Duration::from_secs(1)).await;
                connections.walk();
                tokio::task::yield_now().await;
                if connections.count() == 0 {
                    lasted = Some(second);
                    break;
                }
            }
            assert_eq!(lasted, seconds, "{phase:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn s47_when_places_become_few_who_has_been_idle_longest_gives_way() {
        let connections = Connections::new(limits(32, 99));
        let mut tasks = Vec::new();
        for n in 0..32 {
            let place = connections.enter(None).unwrap();
            let number = place.number();
            place.enters(if n < 4 { Phase::Answering } else { Phase::Idle });
            let task = tokio::spawn(async move {
                let _kept = place;
                pending::<()>().await;
            });
            connections.works_for(number, task.abort_handle());
            tasks.push(task);
            tokio::time::advance(Duration::from_secs(1)).await;
            tokio::task::yield_now().await;
        }
        let ended: Vec<usize> = tasks.iter().enumerate().filter(|(_, t)| t.is_finished()).map(|(n, _)| n).collect();
        assert_eq!(ended, [4, 5], "two of 32, and nobody who is being answered");
    }
}
