//! The TLS faults F-T01 to F-T18, each played by a server in this process to the client that all fetches go through.
//!
//! `fixtures/` holds certificates as no library of today makes them: RSA keys of 1024 bits, a signature with SHA-1, a self-signed
//! certificate that calls itself an authority; made with OpenSSL, valid from 2020 to 2120, their keys thrown away. A server that
//! shows one holds another key: it is refused before that could matter.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use url::Url;

use super::*;
use crate::clock::Clock;
use crate::fetch::error::FetchError;
use crate::fetch::{Answer, Ask, Client, Limits};
use crate::model::{Trust, Validators};

type Authority = CertifiedIssuer<'static, KeyPair>;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntin.";

fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

fn authority(name: &str) -> Authority {
    CertifiedIssuer::self_signed(authority_params(name), KeyPair::generate().unwrap()).unwrap()
}

fn intermediate(name: &str, of: &Authority) -> Authority {
    CertifiedIssuer::signed_by(authority_params(name), KeyPair::generate().unwrap(), of).unwrap()
}

fn der(authority: &Authority) -> CertificateDer<'static> {
    authority.as_ref().der().clone()
}

fn fixture(pem: &str) -> CertificateDer<'static> {
    read_pem(pem.as_bytes()).unwrap().remove(0)
}

/// What a server shows.
struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: KeyPair,
}

impl Identity {
    /// A certificate for this name, with what was changed.
    fn of(name: &str, by: &Authority, change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        change(&mut params);
        Identity { chain: vec![params.signed_by(&key, by).unwrap().der().clone()], key }
    }

    fn plain(by: &Authority) -> Identity {
        Identity::of("localhost", by, |_| {})
    }

    /// Certificates whose key nobody has.
    fn borrowed(chain: impl Into<Vec<CertificateDer<'static>>>) -> Identity {
        Identity { chain: chain.into(), key: KeyPair::generate().unwrap() }
    }

    fn and(mut self, more: impl IntoIterator<Item = CertificateDer<'static>>) -> Identity {
        self.chain.extend(more);
        self
    }
}

/// Shows one certificate to everybody, as a server without virtual hosts does.
#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesServerCert for Always {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        assert_ne!(hello.server_name(), Some("127.0.0.1"), "an address is no name (RFC 6066 section 3)");
        Some(Arc::clone(&self.0))
    }
}

fn server_config(identity: &Identity) -> ServerConfig {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let key = PrivateKeyDer::try_from(identity.key.serialize_der()).unwrap();
    let shown = CertifiedKey::new(identity.chain.clone(), provider.key_provider.load_private_key(key).unwrap());
    ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(rustls::ALL_VERSIONS)
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Always(Arc::new(shown))))
}

/// A server that does this with each connection; its port.
fn listen(with: impl Fn(TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || listener.incoming().flatten().for_each(with));
    port
}

/// A server that speaks TLS and gives this answer to every request; it ends as TLS wants or without a word.
fn serve_with(config: ServerConfig, answer: &'static [u8], takes_leave: bool) -> u16 {
    let config = Arc::new(config);
    listen(move |tcp| {
        let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), tcp);
        let mut request = Vec::new();
        let mut byte = [0];
        while !request.ends_with(b"\r\n\r\n") {
            // The other side left, as it should where it does not believe us.
            let Ok(1) = stream.read(&mut byte) else { return };
            request.push(byte[0]);
        }
        drop(stream.write_all(answer));
        if takes_leave {
            stream.conn.send_close_notify();
        }
        drop(stream.flush());
    })
}

fn serve(identity: &Identity) -> u16 {
    serve_with(server_config(identity), OK, true)
}

/// A server that reads a greeting, says this and nothing more.
fn say(answer: impl Into<Vec<u8>>) -> u16 {
    let answer = answer.into();
    listen(move |mut tcp| {
        greeting(&mut tcp);
        drop(tcp.write_all(&answer));
        drop(tcp.shutdown(Shutdown::Write));
        drop(tcp.read_to_end(&mut Vec::new()));
    })
}

/// The first record of a client.
fn greeting(tcp: &mut TcpStream) -> Vec<u8> {
    let mut head = [0; 5];
    tcp.read_exact(&mut head).unwrap();
    let mut body = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
    tcp.read_exact(&mut body).unwrap();
    [head.as_slice(), &body].concat()
}

fn limits() -> Limits {
    Limits {
        contact: None,
        timeout: Duration::from_mins(1),
        max_body: 1 << 20,
        allow: vec!["127.0.0.1/32".parse().unwrap()],
        concurrency: 4,
        per_host: 4,
        host_gap: Duration::ZERO,
    }
}

/// A client that knows this authority.
fn client(known: &Authority) -> Client {
    Client::trusting(&limits(), Roots::of([der(known)]), Clock::System).unwrap()
}

async fn get_at(client: &Client, host: &str, port: u16, trust: Option<&Trust>) -> Result<String, FetchError> {
    let url = Url::parse(&format!("https://{host}:{port}/rss")).unwrap();
    match client.fetch(&Ask { trust, ..Ask::feed(&url, &Validators::default()) }).await.answer? {
        Answer::Fresh(document) => Ok(String::from_utf8(document.body().unwrap().into_owned()).unwrap()),
        Answer::NotModified(_) => unreachable!(),
    }
}

async fn get(client: &Client, port: u16) -> Result<String, FetchError> {
    get_at(client, "localhost", port, None).await
}

/// The class and the words of the failure.
async fn failure(client: &Client, port: u16) -> (&'static str, String) {
    let error = get(client, port).await.unwrap_err();
    (error.class.as_str(), error.text)
}

#[tokio::test]
async fn each_thing_wrong_with_a_certificate_has_its_name_and_its_words() {
    let known = authority("Known");
    let unknown = authority("Unknown \u{1b}[31m\n authority");
    let stranger = intermediate("Stranger's intermediate", &unknown);
    let middle = intermediate("Known intermediate", &known);
    let rsa = fixture(include_str!("fixtures/rsa-authority.pem"));
    let small = fixture(include_str!("fixtures/small-intermediate.pem"));
    let below_small = fixture(include_str!("fixtures/below-small-intermediate.pem"));
    let of_itself = KeyPair::generate().unwrap();
    let itself = CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&of_itself).unwrap();
    for (fault, identity, class, words) in [
        (
            "F-T01",
            Identity::of("localhost", &known, |p| p.not_after = date_time_ymd(2001, 9, 9)),
            EXPIRED,
            "expired on 2001-09-09",
        ),
        (
            "F-T02",
            Identity::of("localhost", &known, |p| p.not_before = date_time_ymd(3000, 1, 1)),
            NOT_YET_VALID,
            "is this machine's clock right?",
        ),
        ("F-T03", Identity { chain: vec![itself.der().clone()], key: of_itself }, SELF_SIGNED, "self-signed"),
        (
            "F-T03, calling itself an authority",
            Identity::borrowed([fixture(include_str!("fixtures/self-signed.pem"))]),
            SELF_SIGNED,
            "self-signed",
        ),
        ("F-T04", Identity::of("bao.example", &known, |_| {}), WRONG_HOST, "not for localhost but for bao.example"),
        (
            "F-T05",
            Identity::plain(&unknown).and([der(&unknown)]),
            UNKNOWN_AUTHORITY,
            "authority \"Unknown [31m authority\"",
        ),
        (
            "F-T05, its root not sent",
            Identity::plain(&stranger).and([der(&stranger)]),
            UNKNOWN_AUTHORITY,
            "authority \"Unknown",
        ),
        ("F-T06", Identity::plain(&middle), CHAIN, "certificate of \"Known intermediate\""),
        (
            "F-T09, RSA-1024",
            Identity::borrowed([fixture(include_str!("fixtures/rsa-1024.pem"))]),
            WEAK,
            "fewer than 2048 bits",
        ),
        ("F-T09, RSA-1024 in the middle", Identity::borrowed([below_small, small]), WEAK, "fewer than 2048 bits"),
        ("F-T09, SHA-1", Identity::borrowed([fixture(include_str!("fixtures/sha-1.pem"))]), WEAK, "SHA-1"),
    ] {
        let client = Client::trusting(&limits(), Roots::of([der(&known), rsa.clone()]), Clock::System).unwrap();
        let (found, text) = failure(&client, serve(&identity)).await;
        assert_eq!(found, class, "{fault}: {text}");
        assert!(text.contains(words), "{fault}: {text}");
    }
}

#[tokio::test]
async fn a_server_whose_chain_is_whole_is_believed() {
    let known = authority("Known");
    let middle = intermediate("Middle", &known);
    assert_eq!(get(&client(&known), serve(&Identity::plain(&known))).await.unwrap(), "tin.");
    assert_eq!(get(&client(&known), serve(&Identity::plain(&middle).and([der(&middle)]))).await.unwrap(), "tin.");
    let mut old = server_config(&Identity::plain(&known));
    old.alpn_protocols = vec![b"http/1.1".to_vec(), b"h2".to_vec()];
    assert_eq!(get(&client(&known), serve_with(old, OK, true)).await.unwrap(), "tin.");
}

#[tokio::test]
async fn f_t06_a_missing_intermediate_is_mended_by_naming_it_and_by_nothing_else() {
    let known = authority("Known");
    let middle = intermediate("Middle", &known);
    let port = serve(&Identity::plain(&middle));
    let client = client(&known);
    let cure = Trust::new(vec![der(&middle).to_vec()]);
    assert_eq!(get_at(&client, "localhost", port, Some(&cure)).await.unwrap(), "tin.");
    let (class, text) = failure(&client, port).await;
    assert_eq!(class, CHAIN, "a source without it is not helped by a connection of one that has it");
    assert!(text.contains("ca_file"), "{text}");
    let other = Trust::new(vec![der(&authority("Somebody else")).to_vec()]);
    assert_eq!(get_at(&client, "localhost", port, Some(&other)).await.unwrap_err().class.as_str(), CHAIN);
    assert_eq!(get_at(&client, "localhost", port, Some(&cure)).await.unwrap(), "tin.");
    // It vouches for its own names only.
    let elsewhere = serve(&Identity::of("bao.example", &middle, |_| {}));
    assert_eq!(get_at(&client, "localhost", elsewhere, Some(&cure)).await.unwrap_err().class.as_str(), WRONG_HOST);
}

/// A `ServerHello` (RFC 5246 section 7.4.1.3) in its record.
fn server_hello(version: [u8; 2], cipher: [u8; 2]) -> Vec<u8> {
    let body = [&version[..], &[7; 32], &[0], &cipher, &[0]].concat();
    let message = [&[2, 0, 0, u8::try_from(body.len()).unwrap()], &body[..]].concat();
    [&[22, version[0], version[1], 0, u8::try_from(message.len()).unwrap()], &message[..]].concat()
}

/// A fatal alert in a record of TLS 1.0.
fn alert(description: u8) -> Vec<u8> {
    vec![21, 3, 1, 0, 2, 2, description]
}

#[tokio::test]
async fn what_does_not_speak_our_tls_is_told_from_what_speaks_none() {
    let page = "<html><body>502 Bad Gateway</body></html>";
    for (fault, answer, class) in [
        ("F-T07, protocol_version", alert(70), VERSION),
        ("F-T07, TLS 1.0", server_hello([3, 1], [0, 0x2f]), VERSION),
        ("F-T07, TLS 1.1", server_hello([3, 2], [0xc0, 0x13]), VERSION),
        ("F-T07, SSL 3.0", server_hello([3, 0], [0, 0x0a]), VERSION),
        ("F-T08, handshake_failure", alert(40), VERSION),
        ("F-T08, insufficient_security", alert(71), VERSION),
        ("F-T08, TLS 1.2 with AES128-SHA", server_hello([3, 3], [0, 0x2f]), VERSION),
        ("F-T11", b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".to_vec(), PLAIN),
        ("F-T12", page.as_bytes().to_vec(), PLAIN),
        ("another protocol", b"SSH-2.0-OpenSSH_9.2\r\n".to_vec(), PLAIN),
        ("F-T13, unrecognized_name", alert(112), WRONG_HOST),
        ("F-T17, no_application_protocol", alert(120), OTHER),
        ("internal_error", alert(80), OTHER),
        ("nothing", Vec::new(), OTHER),
    ] {
        let (found, text) = failure(&client(&authority("Known")), say(answer)).await;
        assert_eq!(found, class, "{fault}: {text}");
    }
}

#[tokio::test(start_paused = true)]
async fn f_t10_a_handshake_that_never_ends_is_a_timeout_of_its_own() {
    let port = listen(|mut tcp| drop(tcp.read_to_end(&mut Vec::new())));
    let client = client(&authority("Known"));
    // By its address: looking up a name would let the test's clock run.
    let error = get_at(&client, "127.0.0.1", port, None).await.unwrap_err();
    assert_eq!(error.class.as_str(), TIMEOUT, "{error}");
}

#[tokio::test]
async fn f_t13_a_server_that_does_not_look_at_the_name_shows_another_ones_certificate() {
    let known = authority("Known");
    let (class, text) = failure(&client(&known), serve(&Identity::of("mac-dinh.vn", &known, |_| {}))).await;
    assert_eq!(class, WRONG_HOST);
    assert!(text.contains("mac-dinh.vn"), "{text}");
}

#[tokio::test]
async fn f_t14_an_address_needs_a_certificate_for_the_address() {
    let known = authority("Known");
    let (for_address, for_name) = (Identity::of("127.0.0.1", &known, |_| {}), Identity::plain(&known));
    let client = client(&known);
    assert_eq!(get_at(&client, "127.0.0.1", serve(&for_address), None).await.unwrap(), "tin.");
    let refused = get_at(&client, "127.0.0.1", serve(&for_name), None).await.unwrap_err();
    assert_eq!(refused.class.as_str(), WRONG_HOST, "{refused}");
}

#[tokio::test]
async fn f_t15_a_huge_chain_costs_little() {
    let known = authority("Known");
    let unknown = authority("Unknown");
    // Authorities of one name that could each have signed each other: what makes a search for a path long.
    let namesakes: Vec<_> = (0..100).map(|_| der(&intermediate("Unknown", &unknown))).collect();
    // A megabyte of them.
    let megabyte = std::iter::repeat_n(der(&unknown), (1 << 20) / der(&unknown).len() + 1);
    for (fault, identity) in [
        ("100 certificates", Identity::plain(&unknown).and(namesakes)),
        ("1 MiB", Identity::plain(&known).and(megabyte)),
    ] {
        let began = Instant::now();
        let (class, text) = failure(&client(&known), serve(&identity)).await;
        assert!(class.starts_with(OTHER), "{fault}: {class} {text}");
        assert!(began.elapsed() < Duration::from_secs(10), "{fault}: {:?}", began.elapsed());
    }
}

#[tokio::test]
async fn f_t16_an_end_without_leave_is_whole_where_the_length_was_declared_and_cut_off_where_not() {
    const UNTIL_THE_END: &[u8] = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ntin.";
    const HALF: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\ntin.";
    let known = authority("Known");
    let client = client(&known);
    for (answer, takes_leave, expected) in [
        (OK, false, Ok("tin.")),
        (OK, true, Ok("tin.")),
        (UNTIL_THE_END, true, Ok("tin.")),
        (UNTIL_THE_END, false, Err("truncated")),
        (HALF, true, Err("truncated")),
        (HALF, false, Err("truncated")),
    ] {
        let port = serve_with(server_config(&Identity::plain(&known)), answer, takes_leave);
        let got = get(&client, port).await.map_err(|e| e.class.as_str());
        assert_eq!(got.as_deref(), expected.as_deref(), "{answer:?} {takes_leave}");
    }
}

#[tokio::test]
async fn f_t17_http_2_is_not_spoken_even_where_a_server_insists() {
    // SETTINGS, as an HTTP/2 server begins (RFC 9113 section 3.4).
    const SETTINGS: &[u8] = &[0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 100];
    let known = authority("Known");
    let config = || server_config(&Identity::plain(&known));
    let mut insists = config();
    insists.alpn_protocols = vec![b"h2".to_vec()];
    assert_eq!(failure(&client(&known), serve_with(insists, OK, true)).await.0, OTHER);
    assert_eq!(failure(&client(&known), serve_with(config(), SETTINGS, true)).await.0, "protocol");
}

#[tokio::test]
async fn f_t18_without_roots_only_what_a_source_names_itself_is_trusted() {
    let own = authority("Own");
    let port = serve(&Identity::plain(&own));
    let client = Client::trusting(&limits(), Roots::of([]), Clock::System).unwrap();
    let (class, text) = failure(&client, port).await;
    assert_eq!(class, NO_ROOTS, "{text}");
    let trust = Trust::new(vec![der(&own).to_vec()]);
    assert_eq!(get_at(&client, "localhost", port, Some(&trust)).await.unwrap(), "tin.");
    let other = Trust::new(vec![der(&authority("Other")).to_vec()]);
    assert_eq!(get_at(&client, "localhost", port, Some(&other)).await.unwrap_err().class.as_str(), NO_ROOTS);
}

#[tokio::test]
async fn a_greeting_fits_into_a_packet_and_offers_http_1_1_alone() {
    let (tell, told) = std::sync::mpsc::channel();
    let port = listen(move |mut tcp| tell.send(greeting(&mut tcp)).unwrap());
    drop(get(&client(&authority("Known")), port).await);
    let greeting = told.recv().unwrap();
    let says = |what: &[u8]| greeting.windows(what.len()).any(|w| w == what);
    assert!(says(b"localhost") && says(b"http/1.1") && !says(b"\x02h2"));
    // Old servers and middle boxes fail on a greeting in two.
    assert!(greeting.len() < 1400, "{} bytes", greeting.len());
}

#[test]
fn a_pem_text_is_read_as_people_keep_it() {
    let (one, two) = (authority("Một"), authority("Hai"));
    let (first, second) = (one.as_ref().pem(), two.as_ref().pem());
    let key = KeyPair::generate().unwrap().serialize_pem();
    let text = format!("CA của tỉnh\r\n{}\n{key}\nsubject=CN = Hai\n{second}", first.replace('\n', "\r\n"));
    assert_eq!(read_pem(text.as_bytes()), Ok(vec![der(&one), der(&two)]));
    let cut: String = second.lines().take(3).collect::<Vec<_>>().join("\n");
    for (bytes, expected) in [
        (String::new().into_bytes(), PemError::Empty),
        (key.into_bytes(), PemError::Empty),
        (der(&one).to_vec(), PemError::Empty),
        (format!("{first}{cut}").into_bytes(), PemError::Broken(2)),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec(), PemError::Broken(1)),
        (b"-----BEGIN CERTIFICATE-----\n\xc3\n-----END CERTIFICATE-----\n".to_vec(), PemError::Broken(1)),
    ] {
        assert_eq!(read_pem(&bytes), Err(expected), "{:?}", String::from_utf8_lossy(&bytes));
    }
}

#[tokio::test]
async fn p_36_a_redirect_from_https_down_to_http_is_followed_only_where_the_admin_allows_it() {
    let plain = listen(|mut tcp| {
        drop(tcp.read(&mut [0; 4096]));
        drop(tcp.write_all(OK));
    });
    let authority = authority("Gốc mẫu");
    let answer = format!("HTTP/1.1 302 Found\r\nLocation: http://localhost:{plain}/rss\r\nContent-Length: 0\r\n\r\n");
    let port = serve_with(server_config(&Identity::plain(&authority)), answer.leak().as_bytes(), true);
    let client = client(&authority);
    let url = Url::parse(&format!("https://localhost:{port}/rss")).unwrap();
    let none = Validators::default();
    let asked = |downgrade| Ask { downgrade, ..Ask::feed(&url, &none) };
    let refused = client.fetch(&asked(false)).await.answer.unwrap_err();
    assert_eq!(refused.class.as_str(), "redirect-downgrade");
    // Another port than a web server's, and not the one that was asked: the guard refuses that too, in its turn.
    let let_down = client.fetch(&asked(true)).await.answer.unwrap_err();
    assert_eq!(let_down.class.as_str(), "refused-address", "{}", let_down.text);
}
