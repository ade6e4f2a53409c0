//! Where readers and operators reach us: at sockets that the service manager keeps for us, so that a restart refuses nobody, or else
//! at our own.

use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::{env, fs};

use anyhow::{Context as _, Error, Result};
use listenfd::ListenFd;
use tokio::net::{TcpListener, UnixListener};

use crate::config::{Listen, Settings};
use crate::http::{Limits, Listener};

/// What the manager calls the sockets (`FileDescriptorName=`): that of the readers, and that of the operators.
const PUBLIC: &str = "http";
const PRIVATE: &str = "private";
/// Who may talk at a socket of ours: the user and the group of the daemon, to which a proxy is added.
const MODE: u32 = 0o660;

/// A listener, and where it is in the end: a configured port may be 0.
pub type Open = (Listener, Listen);

/// Opens what the settings say, or takes what the manager has opened.
pub async fn open(settings: &Settings) -> Result<(Open, Option<Open>)> {
    let mut kept = kept(&mut ListenFd::from_env(), &env::var("LISTEN_FDNAMES").unwrap_or_default())?;
    let public = match kept.public.take() {
        Some(open) => open,
        None => bind(&settings.public.listen).await?,
    };
    let private = match (kept.private.take(), &settings.private_listen) {
        (Some(open), _) => Some(open),
        (None, Some(listen)) => Some(bind(listen).await?),
        (None, None) => None,
    };
    Ok((public, private))
}

/// How many readers are taken.
pub fn limits(settings: &Settings) -> Limits {
    let (crowd, usual) = (&settings.public.crowd, Limits::default());
    Limits {
        connections: crowd.connections.unwrap_or(usual.connections),
        per_address: crowd.per_address.unwrap_or(usual.per_address),
        trusted: crowd.trusted_proxies.clone().unwrap_or(usual.trusted),
    }
}

/// What the manager keeps.
#[derive(Default)]
struct Kept {
    public: Option<Open>,
    private: Option<Open>,
}

/// Takes the sockets of the manager by their names; one without a name of ours is for readers.
fn kept(sockets: &mut ListenFd, names: &str) -> Result<Kept> {
    let mut kept = Kept::default();
    let mut names = names.split(':');
    for number in 0..sockets.len() {
        let name = names.next().unwrap_or(PUBLIC);
        let open = take(sockets, number).with_context(|| {
            format!(
                "ổ cắm số {number} mà systemd giao không dùng được; hãy xem lại dongtin.socket · socket {number} that systemd \
                 passed cannot be used; look at dongtin.socket (ListenStream=)"
            )
        })?;
        let place = if name == PRIVATE { &mut kept.private } else { &mut kept.public };
        if place.is_none() {
            *place = Some(open);
        } else {
            tracing::warn!(name, number, "one socket of a kind is served; this one is closed");
        }
    }
    Ok(kept)
}

fn take(sockets: &mut ListenFd, number: usize) -> io::Result<Open> {
    if let Ok(Some(socket)) = sockets.take_unix_listener(number) {
        socket.set_nonblocking(true)?;
        let path = socket.local_addr()?.as_pathname().map(Path::to_owned).unwrap_or_default();
        return Ok((Listener::from(UnixListener::from_std(socket)?).outliving_us(), Listen::Unix(path)));
    }
    let socket = sockets.take_tcp_listener(number)?.ok_or(ErrorKind::NotFound)?;
    socket.set_nonblocking(true)?;
    let address = socket.local_addr()?;
    Ok((Listener::from(TcpListener::from_std(socket)?).outliving_us(), Listen::Tcp(address)))
}

async fn bind(listen: &Listen) -> Result<Open> {
    match listen {
        Listen::Tcp(address) => {
            let socket = TcpListener::bind(address).await.map_err(|error| explained(error, listen))?;
            let address = socket.local_addr()?;
            Ok((socket.into(), Listen::Tcp(address)))
        }
        Listen::Unix(path) => {
            let socket = bind_unix(path).map_err(|error| explained(error, listen))?;
            Ok((socket.into(), listen.clone()))
        }
    }
}

/// A socket that nobody listens at any more was left by one of us that was killed, and makes room.
fn bind_unix(path: &Path) -> io::Result<UnixListener> {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket());
    let is_dead = || UnixStream::connect(path).is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused);
    if is_socket && is_dead() {
        fs::remove_file(path)?;
    }
    let socket = UnixListener::bind(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(MODE))?;
    Ok(socket)
}

fn explained(error: io::Error, listen: &Listen) -> Error {
    let (vi, en) = match (error.kind(), listen) {
        (ErrorKind::AddrInUse, _) => (
            "chỗ này đang có chương trình khác dùng; hãy dừng nó hoặc đổi listen",
            "another program is there; stop it, or change listen",
        ),
        (ErrorKind::AddrNotAvailable, _) => {
            ("máy này không có địa chỉ ấy; hãy sửa listen", "this machine has no such address; change listen")
        }
        (ErrorKind::PermissionDenied, Listen::Tcp(_)) => (
            "không có quyền dùng cổng dưới 1024; hãy đổi listen, và đặt nginx hoặc Caddy phía trước",
            "no permission for ports below 1024; change listen, and put nginx or Caddy in front",
        ),
        (ErrorKind::PermissionDenied | ErrorKind::NotFound, Listen::Unix(_)) => (
            "thư mục không có hoặc không ghi được; chạy bằng systemd thì thêm RuntimeDirectory=dongtin, hoặc dùng dongtin.socket",
            "the folder is not there or cannot be written to; under systemd add RuntimeDirectory=dongtin, or use dongtin.socket",
        ),
        _ => ("hãy xem lại listen", "look at listen again"),
    };
    Error::new(error).context(format!("không nghe được ở {listen}: {vi}\n    cannot listen on {listen}: {en}"))
}
