//! A running daemon, and a reader.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use super::origin::read_all;
use super::{PATIENCE, Workspace, eventually};

/// `dongtin run`, ready. Killed when dropped.
pub struct Daemon {
    child: Child,
    /// Where the service manager would listen.
    pub notify: UnixDatagram,
    pub public: SocketAddr,
    pub private: SocketAddr,
}

impl Daemon {
    /// Starts and waits until readers can be served.
    pub fn start(workspace: &Workspace) -> Daemon {
        Daemon::start_with(workspace, |_| {})
    }

    pub fn start_with(workspace: &Workspace, prepare: impl FnOnce(&mut Command)) -> Daemon {
        let socket = workspace.path().join("notify");
        drop(std::fs::remove_file(&socket));
        let notify = UnixDatagram::bind(&socket).unwrap();
        notify.set_read_timeout(Some(PATIENCE)).unwrap();
        let log = std::fs::File::options().create(true).append(true).open(workspace.path().join("log")).unwrap();
        let mut command = workspace.command("run");
        command.env("NOTIFY_SOCKET", &socket).stdout(Stdio::null()).stderr(log);
        prepare(&mut command);
        let child = command.spawn().unwrap();
        let any = SocketAddr::from(([0, 0, 0, 0], 0));
        let mut daemon = Daemon { child, notify, public: any, private: any };
        let said = daemon.wait_for("READY=1");
        // One that listens at a path has no address.
        let after = |mark: &str| {
            let behind = said.split_once(mark).and_then(|(_, rest)| rest.split([',', '/', '\n']).next());
            behind.and_then(|text| text.trim().parse().ok()).unwrap_or(any)
        };
        daemon.public = after("http://");
        daemon.private = after("private ");
        daemon
    }

    /// Waits until the service manager is told this; gives the whole message.
    pub fn wait_for(&self, what: &str) -> String {
        let mut buffer = [0; 4096];
        loop {
            let length =
                self.notify.recv(&mut buffer).unwrap_or_else(|e| panic!("the manager was never told {what}: {e}"));
            let said = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if said.contains(what) {
                return said;
            }
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn get(&self, path: &str) -> Reply {
        get(self.public, path, &[])
    }

    /// A document whose date is its own: while the second of its change is not over, that of the answer stands there.
    pub fn settled(&self, path: &str) -> Reply {
        eventually(&format!("{path} is older than a second"), || {
            let reply = self.get(path);
            (reply.header("last-modified") != reply.header("date")).then_some(reply)
        })
    }

    /// Waits until a document says this.
    pub fn wait_until_says(&self, path: &str, what: &str) -> Reply {
        eventually(&format!("{path} says {what}"), || {
            let reply = self.get(path);
            reply.text().contains(what).then_some(reply)
        })
    }

    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status().unwrap();
        assert!(status.success());
    }

    /// Waits for the end.
    pub fn wait(&mut self) -> ExitStatus {
        eventually("the daemon ends", || self.child.try_wait().unwrap())
    }

    /// SIGTERM, and the end.
    pub fn stop(mut self) -> ExitStatus {
        self.signal("TERM");
        self.wait()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What a reader receives.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// One request with these headers, on its own connection.
pub fn get(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Reply {
    request(address, "GET", path, headers)
}

pub fn request(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
    send(address, method, path, headers, &[])
}

/// With a body, whose length the headers declare.
pub fn send(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let more: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{more}\r\n").unwrap();
    stream.write_all(body).unwrap();
    let bytes = read_all(&mut stream);
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split_whitespace().nth(1).unwrap().parse().unwrap();
    let headers = lines
        .filter_map(|l| l.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Reply { status, headers, body: bytes[end + 4..].to_vec() }
}
