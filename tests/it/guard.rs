//! The guard, as a hostile name server and hostile redirects meet it: in a network of the test's own, with public addresses that are
//! ours and the production policy, no exception for tests.

use std::net::{Ipv4Addr, UdpSocket};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::json;

use super::support::{Answer, Daemon, Item, Origin, Workspace, eventually, rss, subscriber};

/// An address of the wide world, which is this machine within the network of the test, and as many behind it as there are cases: each
/// has a host of its own, or they would take turns.
const PUBLIC: &str = "93.184.216.34";
const NETWORK: &str = "93.184.216";
const HOSTS: usize = 13;

#[test]
fn nothing_private_is_reached_whatever_a_name_server_or_a_redirect_says() {
    let folder = tempfile::tempdir().unwrap();
    let resolv = folder.path().join("resolv.conf");
    std::fs::write(&resolv, "nameserver 127.0.0.1\n").unwrap();
    let inner = format!(
        "ip link set lo up && ip addr add {PUBLIC}/24 dev lo && ip addr add 169.254.169.254/32 dev lo \
         && ip addr add 10.0.0.5/32 dev lo && mount --bind {} /etc/resolv.conf && exec \"$0\" guard::inside --exact --ignored --nocapture",
        resolv.display()
    );
    let run = Command::new("unshare")
        .args(["--map-root-user", "--net", "--mount", "sh", "-c", &inner])
        .arg(std::env::current_exe().unwrap())
        .output();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match run {
        Ok(output) if said(&output.stdout).contains("running 1 test") => {
            assert!(output.status.success(), "{}\n{}", said(&output.stdout), said(&output.stderr));
        }
        // Without network namespaces or iproute2; `.ci/run` installs what it can.
        Ok(output) => eprintln!("skipped: no network of its own on this machine: {}", said(&output.stderr)),
        Err(error) => eprintln!("skipped: no unshare on this machine: {error}"),
    }
}

#[test]
#[ignore = "runs within the network that the test above makes"]
fn inside() {
    let asked_to_rebind = Arc::new(AtomicUsize::new(0));
    serve_names(Arc::clone(&asked_to_rebind));
    let public: Vec<Origin> = (0..HOSTS).map(|n| Origin::at(&format!("{NETWORK}.{}:80", 100 + n))).collect();
    let victims: Vec<Origin> =
        ["127.0.0.1:80", "169.254.169.254:80", "10.0.0.5:80", "[::1]:80", "127.0.0.1:8080"].map(Origin::at).into();
    let item = |link: &str| rss(&[Item::new("1", "Tin về việc học Bác ở xã").link(link)]);
    for victim in &victims {
        for path in ["/", "/rss", "/robots.txt", "/bai.html", "/latest"] {
            victim.script(path, [Answer::ok(item("http://cong.vn/1"))]);
        }
    }
    let to = |location: &str| Answer::redirect(302, location);
    let taken = || Answer::ok(item("http://cong.vn/1.html"));
    let refused = Some("refused-address");
    // Each on its own host: what it answers at /rss, further settings, and the class of its failure.
    let cases: [(&str, Answer, &str, Option<&str>); HOSTS] = [
        ("public", taken(), "", None),
        ("private", taken(), "", refused),
        ("mixed", taken(), "", None),
        ("alias", taken(), "", refused),
        ("metadata", taken(), "", refused),
        ("literal", to("http://169.254.169.254/latest"), "", refused),
        ("six", to("http://[::1]/rss"), "", refused),
        ("mapped", to("http://[::ffff:127.0.0.1]/rss"), "", refused),
        ("decimal", to("http://2130706433/rss"), "", refused),
        ("named", to("http://private.vn/rss"), "", refused),
        ("far", to("/2"), "", refused),
        ("articles", Answer::ok(item("http://noibo.articles.vn/bai.html")), "full_text = \"always\"", None),
        ("robots", Answer::ok("<html></html>"), "listing = {}", Some("drift")),
    ];
    for (origin, (_, answer, ..)) in public.iter().zip(&cases) {
        origin.script("/rss", [answer.clone()]);
        origin.script("/2", [to("/3")]);
        origin.script("/3", [to("/4")]);
        origin.script("/4", [to("http://10.0.0.5/rss")]);
        origin.script("/robots.txt", [to("http://127.0.0.1/robots.txt")]);
    }
    let workspace = Workspace::new();
    let state = workspace.path().join("state");
    workspace.write(
        "config/dongtin.toml",
        format!(
            "[public]\nbase_url = \"http://tin.hamau.vn/\"\nlisten = \"127.0.0.1:0\"\n[state]\ndir = \"{}\"\n\
             [fetch]\ncontact = \"mailto:tin@hamau.vn\"\n",
            state.display()
        ),
    );
    let block = |id: &str, more: &str| {
        format!(
            "[[source]]\nid = \"{id}\"\nname = \"{id}\"\nlevel = \"central\"\nurl = \"http://{id}.vn/rss\"\n{more}\n"
        )
    };
    workspace
        .write("config/sources/thu.toml", cases.iter().map(|(id, _, more, _)| block(id, more)).collect::<String>());
    let reports = workspace.poll(&[]);
    for (id, _, _, class) in &cases {
        assert_eq!(reports[*id]["class"], json!(class), "{id}: {}", reports[*id]);
    }
    // The first answer of the name server is public and forgotten at once, the second leads home.
    workspace.write("config/sources/thu.toml", block("rebind", ""));
    for _ in 0..6 {
        let report = workspace.run("poll", &["--format", "jsonl", "--dry-run"]);
        assert!(!report.stdout.is_empty());
    }
    assert!(asked_to_rebind.load(Ordering::SeqCst) >= 6);
    // What a person types goes through the same door.
    for command in ["inspect", "extract", "discover", "explain"] {
        for address in
            ["http://private.vn/rss", "http://127.0.0.1/rss", "http://literal.vn/rss", "http://rebind.vn/rss"]
        {
            let output = workspace.run(command, &[address]);
            assert!(!String::from_utf8_lossy(&output.stdout).contains("cong.vn/1\n"), "{command} {address}");
        }
    }
    strangers_subscribe(&workspace, &public);
    for victim in &victims {
        assert!(victim.log().is_empty(), "{} was reached: {:?}", victim.address, victim.log());
    }
    assert_eq!(public.iter().filter(|p| !p.log().is_empty()).count(), HOSTS - 3, "and what is public was");
}

/// Whoever subscribes at our hub names an address too, and is called only where it is public.
fn strangers_subscribe(workspace: &Workspace, public: &[Origin]) {
    let settings = std::fs::read_to_string(workspace.path().join("config/dongtin.toml")).unwrap();
    workspace.write("config/dongtin.toml", format!("{settings}[private]\nlisten = \"127.0.0.1:0\"\n"));
    let daemon = Daemon::start(workspace);
    public.iter().for_each(|origin| origin.script("/cb?", [Answer::challenge()]));
    let hosts = ["public", "private", "mixed", "alias", "metadata", "noibo.articles", "rebind", "nirgends"];
    for host in hosts {
        let callback = format!("http://{host}.vn/cb");
        let topic = "http://tin.hamau.vn/all/feed.atom";
        let form = [("hub.mode", "subscribe"), ("hub.topic", topic), ("hub.callback", &callback)];
        assert_eq!(subscriber::post(daemon.public, &form).status, 202, "{host}: a name says nothing yet");
    }
    let count = |outcome: &str| {
        subscriber::metric(&daemon, &format!("dongtin_hub_verifications_total{{outcome=\"{outcome}\"}}"))
    };
    eventually("all were asked, or not", || {
        (count("confirmed") + count("refused") == u32::try_from(hosts.len()).unwrap()).then_some(())
    });
    assert!((2..=3).contains(&count("confirmed")), "what is public, and at most the one that sometimes is");
}

/// The hosts, in the order of their addresses.
const NAMES: [&str; HOSTS] = [
    "public", "private", "mixed", "alias", "metadata", "literal", "six", "mapped", "decimal", "named", "far",
    "articles", "robots",
];

/// A name server on port 53 that knows a few names; `rebind.vn` is public the first time, and then private.
fn serve_names(asked_to_rebind: Arc<AtomicUsize>) {
    let socket = UdpSocket::bind("127.0.0.1:53").unwrap();
    thread::spawn(move || {
        let mut buffer = [0; 1500];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            let question = &buffer[12..length];
            let (name, end) = read_name(question);
            let is_address = question[end..end + 2] == [0, 1];
            let own = |id: &str| NAMES.iter().position(|n| *n == id).map(|n| format!("{NETWORK}.{}", 100 + n));
            let id = name.strip_suffix(".vn").unwrap_or(&name);
            let addresses: Vec<String> = match id {
                "private" | "noibo.articles" => vec!["10.0.0.5".into()],
                "mixed" => vec!["127.0.0.1".into(), own(id).unwrap()],
                "metadata" => vec!["169.254.169.254".into()],
                "alias" | "localhost" => vec!["127.0.0.1".into()],
                "rebind" if is_address => match asked_to_rebind.fetch_add(1, Ordering::SeqCst) % 2 {
                    0 => vec![own("public").unwrap()],
                    _ => vec!["127.0.0.1".into()],
                },
                _ => own(id).into_iter().collect(),
            };
            let addresses = if is_address { addresses } else { Vec::new() };
            let is_alias = id == "alias" && is_address;
            // Header: same id, an answer, recursion offered; NXDOMAIN for names that are not ours.
            let code = if addresses.is_empty() && is_address { 3 } else { 0 };
            let mut reply = vec![buffer[0], buffer[1], 0x81, 0x80 | code, 0, 1];
            reply.extend([0, u8::try_from(addresses.len()).unwrap() + u8::from(is_alias), 0, 0, 0, 0]);
            reply.extend(&question[..end + 4]);
            if is_alias {
                // CNAME to localhost; the address below belongs to that.
                reply.extend([0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 0, 0, 11, 9]);
                reply.extend(b"localhost\0");
            }
            for address in &addresses {
                let owner: &[u8] = if is_alias { b"\x09localhost\0" } else { &[0xc0, 12] };
                reply.extend(owner);
                reply.extend([0, 1, 0, 1, 0, 0, 0, 0, 0, 4]);
                reply.extend(address.parse::<Ipv4Addr>().unwrap().octets());
            }
            drop(socket.send_to(&reply, from));
        }
    });
}

/// The name of a question, and where it ends.
fn read_name(question: &[u8]) -> (String, usize) {
    let (mut labels, mut at) = (Vec::new(), 0);
    while question[at] != 0 {
        let length = usize::from(question[at]);
        labels.push(String::from_utf8_lossy(&question[at + 1..=at + length]).to_ascii_lowercase());
        at += length + 1;
    }
    (labels.join("."), at + 1)
}
