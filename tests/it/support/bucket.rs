//! An S3-compatible store of a test's own: `s3s-fs` over a folder, which checks signatures, behind a door that writes down what comes in.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use object_store::aws::AmazonS3Builder;
use object_store::{Attribute, ObjectStoreExt};
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::Workspace;

pub const KEY_ID: &str = "AKIDTHU";
pub const SECRET: &str = "bi-mat-thu";

/// One request.
#[derive(Debug, Clone)]
pub struct Call {
    pub method: String,
    /// Below the bucket.
    pub key: String,
    pub headers: BTreeMap<String, String>,
}

#[derive(Default)]
struct State {
    calls: Vec<Call>,
    /// Keys that cannot be written.
    broken: Vec<String>,
}

/// The store, with an empty bucket `kho`.
pub struct Store {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
    folder: tempfile::TempDir,
    runtime: Runtime,
}

impl Store {
    pub fn start() -> Store {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("kho")).unwrap();
        let mut builder = S3ServiceBuilder::new(FileSystem::new(folder.path()).unwrap());
        builder.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
        let service = builder.build();
        let state: Arc<Mutex<State>> = Arc::default();
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::clone(&state);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (service, shared) = (service.clone(), Arc::clone(&shared));
                let answer = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                    let answer = match shared.lock().unwrap().note(&request) {
                        Some(status) => Err(status),
                        None => Ok(Service::call(&service, request)),
                    };
                    async move {
                        match answer {
                            Ok(answer) => answer.await,
                            Err(status) => {
                                let body = s3s::Body::from(String::new());
                                Ok(hyper::Response::builder().status(status).body(body).unwrap())
                            }
                        }
                    }
                });
                tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
            }
        });
        Store { address, state, folder, runtime }
    }

    /// What came in since this was last asked.
    pub fn calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.state.lock().unwrap().calls)
    }

    /// From now on these keys, and no others, cannot be written.
    pub fn break_keys(&self, keys: &[&str]) {
        self.state.lock().unwrap().broken = keys.iter().map(|&key| key.to_owned()).collect();
    }

    /// Where the bodies are, named by their keys.
    pub fn bucket(&self) -> std::path::PathBuf {
        self.folder.path().join("kho")
    }

    /// `dongtin export` to `kho/trang`, with the right key unless the environment says otherwise.
    pub fn export(&self, workspace: &Workspace, args: &[&str], env: &[(&str, &str)]) -> std::process::Output {
        let endpoint = format!("http://{}", self.address);
        let mut command = workspace.command("export");
        command.args(["--s3", "s3://kho/trang", "--endpoint", &endpoint, "--format", "json"]).args(args);
        command.env("AWS_ACCESS_KEY_ID", KEY_ID).env("AWS_SECRET_ACCESS_KEY", SECRET).envs(env.iter().copied());
        command.output().unwrap()
    }

    /// An object and its headers, as the store gives them back; nothing if there is none.
    pub fn object(&self, key: &str) -> Option<(String, BTreeMap<&'static str, String>)> {
        let store = AmazonS3Builder::new()
            .with_endpoint(format!("http://{}", self.address))
            .with_allow_http(true)
            .with_bucket_name("kho")
            .with_access_key_id(KEY_ID)
            .with_secret_access_key(SECRET)
            .build()
            .unwrap();
        self.runtime
            .block_on(async {
                let found = store.get(&format!("trang/{key}").into()).await.ok()?;
                let named = [
                    ("type", Attribute::ContentType),
                    ("cache", Attribute::CacheControl),
                    ("encoding", Attribute::ContentEncoding),
                    ("language", Attribute::ContentLanguage),
                ];
                let header = |attribute| found.attributes.get(attribute).map(|value| value.to_string());
                let headers = named.iter().filter_map(|(name, attribute)| Some((*name, header(attribute)?))).collect();
                Some((found.bytes().await.ok()?, headers))
            })
            .map(|(body, headers)| (String::from_utf8_lossy(&body).into_owned(), headers))
    }
}

impl State {
    /// Writes a request down; says how it fails, if it is to fail. (Left alone, `s3s-fs` makes a bucket that is not there.)
    fn note(&mut self, request: &hyper::Request<hyper::body::Incoming>) -> Option<u16> {
        if !request.uri().path().starts_with("/kho/") {
            return Some(404);
        }
        let key = request.uri().path().trim_start_matches("/kho/").to_owned();
        let text = |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = request.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        let method = request.method().to_string();
        let is_broken = method == "PUT" && self.broken.contains(&key);
        self.calls.push(Call { method, key, headers });
        is_broken.then_some(400)
    }
}
