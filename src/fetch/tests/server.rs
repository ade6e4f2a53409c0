//! A server that does to each connection exactly what it is told, byte for byte: a library would mend what is wrong on purpose.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// One thing done to a connection. Behind the last it is closed in order (FIN).
#[derive(Clone)]
pub enum Do {
    /// Reads a request to the end of its head.
    Hear,
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends the first, then one byte of the second after the other, so far apart, for ever.
    Drip(Vec<u8>, u8, Duration),
    /// Sends this again and again, for ever.
    Flood(Vec<u8>),
    /// Breaks the connection off (RST).
    Reset,
    /// Does nothing more until the other side leaves.
    Stall,
}

/// Where to find it; it ends with the test's runtime.
pub struct Server {
    pub address: SocketAddr,
    connections: Arc<AtomicUsize>,
    heads: Heads,
}

type Heads = Arc<Mutex<Vec<String>>>;

impl Server {
    /// Plays these to each connection.
    pub async fn playing(script: impl Into<Vec<Do>>) -> Server {
        Server::playing_each(vec![script.into()]).await
    }

    /// Plays the first script to the first connection, and so on; the last one stays.
    pub async fn playing_each(scripts: Vec<Vec<Do>>) -> Server {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, heads): (Arc<AtomicUsize>, Heads) = Default::default();
        let (counted, heard) = (Arc::clone(&connections), Arc::clone(&heads));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let number = counted.fetch_add(1, Ordering::SeqCst);
                let script = scripts[number.min(scripts.len() - 1)].clone();
                let heard = Arc::clone(&heard);
                tokio::spawn(async move { drop(play(stream, script, &heard).await) });
            }
        });
        Server { address, connections, heads }
    }

    /// Hears a request, answers with these bytes and closes.
    pub async fn answering(bytes: impl Into<Vec<u8>>) -> Server {
        Server::playing([Do::Hear, Do::Send(bytes.into())]).await
    }

    pub fn url(&self) -> String {
        format!("http://{}/rss", self.address)
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// How many requests were heard.
    pub fn requests(&self) -> usize {
        self.heads().len()
    }

    /// The heads of the requests that were heard.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

async fn play(mut stream: TcpStream, script: Vec<Do>, heard: &Mutex<Vec<String>>) -> std::io::Result<()> {
    for step in script {
        match step {
            Do::Hear => {
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    request.push(stream.read_u8().await?);
                }
                heard.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
            }
            Do::Send(bytes) => stream.write_all(&bytes).await?,
            Do::Drip(bytes, last, apart) => {
                stream.write_all(&bytes).await?;
                loop {
                    stream.write_u8(last).await?;
                    tokio::time::sleep(apart).await;
                }
            }
            Do::Flood(bytes) => loop {
                stream.write_all(&bytes).await?;
            },
            Do::Reset => {
                // What was sent shall have arrived: a reset overtakes what still waits.
                tokio::time::sleep(Duration::from_millis(50)).await;
                socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
                return Ok(());
            }
            Do::Stall => {
                stream.read_to_end(&mut Vec::new()).await?;
            }
        }
    }
    // With unread bytes a close would be a reset.
    stream.shutdown().await?;
    stream.read_to_end(&mut Vec::new()).await?;
    Ok(())
}

/// `HTTP/1.1 200 OK` with these further lines of head, and a body of a declared length.
pub fn ok(head: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    answer(
        &format!("200 OK\r\nContent-Length: {}{}{head}", body.len(), if head.is_empty() { "" } else { "\r\n" }),
        body,
    )
}

/// An answer of this status line (without the version) and further lines of head, and this body.
pub fn answer(head: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    [format!("HTTP/1.1 {head}\r\n\r\n").as_bytes(), body.as_ref()].concat()
}
