//! Whose certificates are believed: those of the machine's store and of a source's `ca_file`, by the real program.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;

use super::support::{Daemon, Item, Workspace, eventually, rss};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

/// An https server for 127.0.0.1 that shows only its own certificate, signed by this authority; its address.
fn serve(by: &Authority) -> String {
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().signed_by(&key, by).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for tcp in listener.incoming().flatten() {
            let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), tcp);
            // One read is one request; who does not believe us sends none.
            if matches!(stream.read(&mut [0; 4096]), Ok(length) if length > 0) {
                let body = rss(&[Item::new("a", "Học Bác")]);
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                drop(stream.write_all(&[head.as_bytes(), &body].concat()));
            }
        }
    });
    format!("https://{address}/rss")
}

/// A root, an intermediate, and a workspace with a source whose server sends neither.
fn room(more: &str) -> (Authority, Authority, Workspace) {
    let root = CertifiedIssuer::self_signed(authority_params("Root"), KeyPair::generate().unwrap()).unwrap();
    let middle = CertifiedIssuer::signed_by(authority_params("Middle"), KeyPair::generate().unwrap(), &root).unwrap();
    let workspace = Workspace::new();
    std::fs::create_dir(workspace.path().join("config/ca")).unwrap();
    workspace.write("config/ca/middle.pem", middle.as_ref().pem());
    workspace.write("root.pem", root.as_ref().pem());
    workspace.write("empty.pem", "");
    let url = serve(&middle);
    workspace.write(
        "config/sources/thu.toml",
        format!(
            "[[source]]\nid = \"a\"\nname = \"Báo a\"\nurl = \"{url}\"\nlevel = \"central\"\nevery = \"1s\"\n{more}"
        ),
    );
    (root, middle, workspace)
}

/// Polls once on a machine with these roots; what came of it.
fn poll(workspace: &Workspace, roots: &str) -> (String, String) {
    let mut program = workspace.command("poll");
    program.args(["--format", "jsonl"]).env("SSL_CERT_FILE", workspace.path().join(roots)).env_remove("SSL_CERT_DIR");
    let output = program.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let report: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(report["source"], json!("a"), "{text}");
    let word = |key: &str| report[key].as_str().unwrap_or_default().to_owned();
    (word("outcome"), word("class"))
}

#[test]
fn an_intermediate_that_a_server_does_not_send_is_named_in_the_configuration() {
    let (.., workspace) = room("");
    assert_eq!(poll(&workspace, "root.pem"), ("failed".into(), "tls-chain".into()));
    let (.., workspace) = room("ca_file = \"ca/middle.pem\"\n");
    assert_eq!(poll(&workspace, "root.pem"), ("taken".into(), String::new()));
}

#[test]
fn f_t18_without_a_root_certificate_the_program_runs_and_says_why_https_fails() {
    let (.., workspace) = room("");
    for roots in ["empty.pem", "nowhere.pem"] {
        assert_eq!(poll(&workspace, roots), ("failed".into(), "tls-roots".into()), "{roots}");
    }
    let daemon = Daemon::start_with(&workspace, |program| {
        program.env("SSL_CERT_FILE", workspace.path().join("empty.pem")).env_remove("SSL_CERT_DIR");
    });
    eventually("the log says it", || {
        let log = std::fs::read_to_string(workspace.path().join("log")).unwrap();
        log.contains("this machine has no root certificate").then_some(())
    });
    assert_eq!(daemon.get("/").status, 200);
}
