//! F-N11 to F-N14, P-47: names, asked of a name server that answers as it is told. It speaks just enough of RFC 1035.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::Mutex;

use hickory_resolver::config::{NameServerConfig, ResolverConfig, ResolverOpts};
use tokio::net::UdpSocket;

use super::server::{Do, Server, ok};
use super::*;
use crate::fetch::resolver::MOST_QUESTIONS;

const A: u16 = 1;
const AAAA: u16 = 28;

/// What is said of a name.
#[derive(Clone)]
enum Say {
    Nothing,
    /// A response code: 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED.
    Code(u8),
    /// Its addresses of both families, and for how many seconds.
    Addresses(Vec<IpAddr>, u32),
}

/// A name server on this machine.
struct Names {
    port: u16,
    asked: Arc<Mutex<Vec<(String, u16)>>>,
    /// The most names that waited for an answer at one time.
    most_waiting: Arc<Mutex<usize>>,
}

impl Names {
    async fn saying(say: impl Fn(&str, usize) -> Say + Send + 'static) -> Names {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = socket.local_addr().unwrap().port();
        let names = Names { port, asked: Arc::default(), most_waiting: Arc::default() };
        let (asked, most_waiting) = (Arc::clone(&names.asked), Arc::clone(&names.most_waiting));
        tokio::spawn(async move {
            let mut buffer = [0; 2048];
            loop {
                let mut waiting =
                    vec![socket.recv_from(&mut buffer).await.map(|(n, from)| (buffer[..n].to_vec(), from)).unwrap()];
                // Everybody who has something to ask does so before anybody is answered.
                for _ in 0..10 {
                    tokio::task::yield_now().await;
                }
                while let Ok((n, from)) = socket.try_recv_from(&mut buffer) {
                    waiting.push((buffer[..n].to_vec(), from));
                }
                let names: BTreeSet<String> = waiting.iter().map(|(query, _)| question(query).0).collect();
                let most = names.len().max(*most_waiting.lock().unwrap());
                *most_waiting.lock().unwrap() = most;
                for (query, from) in waiting {
                    let (name, kind, end) = question(&query);
                    let before = asked.lock().unwrap().iter().filter(|(n, k)| *n == name && *k == kind).count();
                    asked.lock().unwrap().push((name.clone(), kind));
                    if let Some(reply) = reply(&query[..end], kind, &say(&name, before)) {
                        socket.send_to(&reply, from).await.unwrap();
                    }
                }
            }
        });
        names
    }

    async fn always(say: Say) -> Names {
        Names::saying(move |_, _| say.clone()).await
    }

    /// Name servers are given a tenth of a second here.
    fn resolver_with(&self, change: fn(&mut ResolverOpts)) -> Resolver {
        let mut server = NameServerConfig::udp(Ipv4Addr::LOCALHOST.into());
        server.connections.iter_mut().for_each(|c| c.port = self.port);
        let allow = Arc::from(["127.0.0.0/8".parse().unwrap(), "100::/64".parse().unwrap()]);
        Resolver::with_servers(ResolverConfig::from_name_servers(vec![server]), allow, change)
    }

    fn resolver(&self) -> Resolver {
        self.resolver_with(|options| options.timeout = Duration::from_millis(100))
    }

    fn client(&self) -> Client {
        let limits = Limits { allow: vec!["127.0.0.0/8".parse().unwrap(), "100::/64".parse().unwrap()], ..limits() };
        Client::through(&limits, tls::Roots::of_this_machine(), self.resolver(), Clock::System).unwrap()
    }

    /// How often the IPv4 address of a name was asked for.
    fn times(&self, name: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|(n, kind)| n == name && *kind == A).count()
    }
}

/// The name that is asked for, the type of record, and where the question ends.
fn question(query: &[u8]) -> (String, u16, usize) {
    let (mut at, mut labels) = (12, Vec::new());
    while query[at] != 0 {
        let length = usize::from(query[at]);
        labels.push(String::from_utf8_lossy(&query[at + 1..=at + length]).to_ascii_lowercase());
        at += length + 1;
    }
    (labels.join("."), u16::from_be_bytes([query[at + 1], query[at + 2]]), at + 5)
}

fn reply(asked: &[u8], kind: u16, say: &Say) -> Option<Vec<u8>> {
    let (code, addresses, ttl) = match say {
        Say::Nothing => return None,
        Say::Code(code) => (*code, Vec::new(), 0),
        Say::Addresses(all, ttl) => {
            let of_kind = all.iter().filter(|ip| if kind == AAAA { ip.is_ipv6() } else { kind == A && ip.is_ipv4() });
            (0, of_kind.copied().collect(), *ttl)
        }
    };
    let count = u8::try_from(addresses.len()).unwrap();
    let mut reply = vec![asked[0], asked[1], 0x81, 0x80 | code, 0, 1, 0, count, 0, 0, 0, 0];
    reply.extend(&asked[12..]);
    for ip in addresses {
        let bytes = match ip {
            IpAddr::V4(v4) => v4.octets().to_vec(),
            IpAddr::V6(v6) => v6.octets().to_vec(),
        };
        reply.extend(
            [&[0xc0, 12][..], &kind.to_be_bytes(), &[0, 1], &ttl.to_be_bytes(), &[0, bytes.len() as u8], &bytes]
                .concat(),
        );
    }
    Some(reply)
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn here(ttl: u32) -> Say {
    Say::Addresses(vec![ip("127.0.0.1")], ttl)
}

#[tokio::test]
async fn f_n11_each_way_in_which_a_name_leads_nowhere_has_its_class_and_makes_no_storm() {
    let cases = [
        ("F-N11 NXDOMAIN", Say::Code(3), "dns-nxdomain"),
        ("F-N11 a name without an address", Say::Addresses(vec![], 60), "dns-nxdomain"),
        ("F-N11 SERVFAIL", Say::Code(2), "dns-servfail"),
        ("F-N11 REFUSED", Say::Code(5), "dns-servfail"),
        ("F-N11 silence", Say::Nothing, "dns-timeout"),
    ];
    for (fault, say, class) in cases {
        let names = Names::always(say).await;
        assert_eq!(outcome(&names.client(), "http://bao.test/rss").await, class, "{fault}");
        assert!(names.times("bao.test") <= 2, "{fault}: asked {} times", names.times("bao.test"));
    }
}

#[tokio::test]
async fn f_n12_however_many_sources_wait_for_dead_name_servers_few_questions_are_under_way() {
    let names = Names::always(Say::Code(2)).await;
    let resolver = names.resolver();
    let asking: Vec<_> = (0..4 * MOST_QUESTIONS)
        .map(|n| {
            let resolver = resolver.clone();
            tokio::spawn(async move { resolver.lookup(&format!("bao-{n}.test")).await.is_err() })
        })
        .collect();
    for one in asking {
        assert!(one.await.unwrap());
    }
    let most = *names.most_waiting.lock().unwrap();
    assert!(most > 1 && most <= MOST_QUESTIONS, "{most}");
}

#[tokio::test]
async fn f_n12_after_the_name_servers_are_back_one_question_is_enough() {
    let names = Names::saying(|_, before| if before < 2 { Say::Nothing } else { here(60) }).await;
    let server = Server::answering(ok("", FEED)).await;
    let (client, url) = (names.client(), format!("http://bao.test:{}/rss", server.address.port()));
    assert_eq!(outcome(&client, &url).await, "dns-timeout");
    assert_eq!(outcome(&client, &url).await, TIN, "nothing of the failure is remembered");
    assert_eq!(names.times("bao.test"), 3);
}

#[tokio::test]
async fn f_n13_an_ipv6_address_that_leads_nowhere_costs_little_when_there_is_an_ipv4_one() {
    // 100::/64 is for throwing packets away (RFC 6666).
    let names = Names::always(Say::Addresses(vec![ip("100::1"), ip("127.0.0.1")], 60)).await;
    let server = Server::answering(ok("", FEED)).await;
    let begin = Instant::now();
    let url = format!("http://bao.test:{}/rss", server.address.port());
    assert_eq!(outcome(&names.client(), &url).await, TIN);
    assert!(begin.elapsed() < limits().timeout);
}

#[tokio::test]
async fn f_n13_any_number_of_dead_ipv6_addresses_leaves_room_for_ipv4() {
    let dead = (1..20).map(|n| ip(&format!("100::{n}")));
    let names = Names::always(Say::Addresses(dead.chain([ip("127.0.0.1")]).collect(), 60)).await;
    let found = names.resolver().lookup("bao.test").await.unwrap();
    assert!(found.contains(&ip("127.0.0.1")), "{found:?}");
}

#[tokio::test]
async fn f_n14_of_fifty_addresses_a_few_are_tried() {
    let fifty =
        |living: u8| (2..=51).map(move |n| if n == living { ip("127.0.0.1") } else { IpAddr::from([127, 0, 0, n]) });
    let server = Server::answering(ok("", FEED)).await;
    let all: Vec<IpAddr> = fifty(51).collect();
    let names = Names::always(Say::Addresses(all, 60)).await;
    assert_eq!(names.resolver().lookup("bao.test").await.unwrap().len(), 6);
    let url = format!("http://bao.test:{}/rss", server.address.port());
    assert!([TIN, "connect"].contains(&outcome(&names.client(), &url).await.as_str()));
    let few = Names::always(Say::Addresses(fifty(4).take(4).collect(), 60)).await;
    assert_eq!(outcome(&few.client(), &url).await, TIN, "dead ones in front of a living one do not matter");
}

#[tokio::test]
async fn p_47_a_poll_asks_for_a_name_once_whatever_its_lifetime_and_the_next_within_it_not_at_all() {
    for ttl in [0, 300] {
        let names = Names::always(here(ttl)).await;
        let server = Server::answering(ok("", FEED)).await;
        let (client, url) = (names.client(), format!("http://bao.test:{}/rss", server.address.port()));
        for _ in 0..2 {
            assert_eq!(outcome(&client, &url).await, TIN);
            assert_eq!(names.times("bao.test"), 1, "lives for {ttl} s");
        }
    }
}

#[tokio::test]
async fn p_47_the_lifetime_of_an_answer_is_respected() {
    let names = Names::always(here(1)).await;
    let resolver = names.resolver_with(|options| options.positive_min_ttl = None);
    let begin = Instant::now();
    while names.times("bao.test") < 2 {
        resolver.lookup("bao.test").await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(begin.elapsed() > Duration::from_millis(900), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn p_47_a_name_that_does_not_exist_is_not_asked_for_again_for_a_while() {
    let names = Names::always(Say::Code(3)).await;
    let resolver = names.resolver();
    for _ in 0..5 {
        resolver.lookup("bao.test").await.unwrap_err();
    }
    assert_eq!(names.times("bao.test"), 1);
}

#[tokio::test]
async fn f_u19_a_name_that_changes_its_address_between_check_and_connection_gains_nothing() {
    let names =
        Names::saying(|_, before| Say::Addresses(vec![ip(if before == 0 { "127.0.0.1" } else { "10.0.0.1" })], 0))
            .await;
    let server = Server::answering(ok("", FEED)).await;
    let url = format!("http://bao.test:{}/rss", server.address.port());
    assert_eq!(outcome(&names.client(), &url).await, TIN);
    let names = Names::always(Say::Addresses(vec![ip("10.0.0.1"), ip("169.254.169.254")], 0)).await;
    assert_eq!(outcome(&names.client(), "http://bao.test/").await, "refused-address");
}

#[tokio::test]
async fn f_n17_a_request_that_an_old_connection_swallowed_is_sent_once_more_on_a_new_one() {
    let names = Names::always(here(300)).await;
    let answered = [Do::Hear, Do::Send(ok("", FEED))];
    // The second request is heard and not answered.
    let swallows = [answered.as_slice(), &[Do::Hear]].concat();
    let server = Server::playing_each(vec![swallows.clone(), answered.to_vec()]).await;
    let (client, url) = (names.client(), format!("http://bao.test:{}/rss", server.address.port()));
    for _ in 0..2 {
        assert_eq!(outcome(&client, &url).await, TIN);
    }
    assert_eq!((server.connections(), server.requests()), (2, 3));
    let server = Server::playing_each(vec![swallows, vec![Do::Hear]]).await;
    let url = format!("http://bao.test:{}/rss", server.address.port());
    assert_eq!(outcome(&client, &url).await, TIN);
    assert_eq!(outcome(&client, &url).await, "reset");
    assert_eq!(server.requests(), 3, "once, and no more");
}
