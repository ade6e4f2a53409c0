//! The site in an S3-compatible store: what changed is sent, in an order that breaks no link, and what is no more is removed last.
//!
//! The store's address is the operator's own word, and often a private one: the guard of `fetch`, which keeps sources away from private
//! networks, is not asked here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, BackoffConfig, ClientOptions, GetOptions, ObjectStore, ObjectStoreExt, PutOptions,
    PutPayload, RetryConfig,
};
use tokio::task::JoinSet;
use url::Url;

use super::manifest::{self, Manifest};
use super::object::{Coded, Object};
use super::{Documents, Error, Stage, Summary, count};
use crate::text;

/// Requests under way at once.
const AT_ONCE: usize = 16;
/// The largest manifest that is read: that of a million documents takes a tenth more.
const MAX_MANIFEST_BYTES: u64 = 128 << 20;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(60);
/// How often a request is made again, and how long that may take, before the next run is left to go on.
const RETRY: RetryConfig = RetryConfig {
    backoff: BackoffConfig { init_backoff: Duration::from_millis(100), max_backoff: Duration::from_secs(5), base: 2.0 },
    max_retries: 5,
    retry_timeout: Duration::from_secs(60),
};
/// The most that is told of what a store says.
const MAX_REASON_CHARS: usize = 400;

/// Who we are to the store.
#[derive(Clone)]
pub struct Credentials {
    /// `AWS_ACCESS_KEY_ID`.
    pub key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret: String,
    /// `AWS_SESSION_TOKEN`.
    pub token: Option<String>,
}

/// A prefix of a bucket.
pub struct Bucket {
    store: Arc<AmazonS3>,
    /// The prefix, without slashes around it.
    prefix: String,
    /// As the operator wrote it.
    shown: String,
}

/// What differs between a site and a store.
#[derive(Default)]
pub struct Plan {
    /// In figures. Nothing is written yet.
    pub summary: Summary,
    /// What is to be sent, by key, with what vouches for it.
    pub send: BTreeMap<String, String>,
    /// The keys that are no more.
    pub remove: BTreeSet<String>,
    /// What an earlier run left.
    known: Manifest,
}

impl Bucket {
    /// The bucket at an address like `s3://bucket/prefix`; at Amazon's unless there is an endpoint. Nothing is asked yet.
    pub fn at(address: &str, endpoint: Option<&str>, region: &str, who: Credentials) -> Result<Bucket, Error> {
        let wrong = |address: &str| Error::Address { address: address.to_owned() };
        let url = Url::parse(address).ok().filter(|url| url.scheme() == "s3" && url.query().is_none());
        let url = url.ok_or_else(|| wrong(address))?;
        let name = url.host_str().filter(|_| url.username().is_empty() && url.port().is_none());
        let prefix = url.path().trim_matches('/').to_owned();
        let is_usable = prefix.is_empty() || super::name::is_key(&prefix);
        let name = name.filter(|_| is_usable).ok_or_else(|| wrong(address))?;
        let mut options = ClientOptions::new().with_connect_timeout(CONNECT_TIMEOUT).with_timeout(TIMEOUT);
        // Only these: left alone, the library would go on to ask the metadata service of a cloud that we may not be in. Single deletions are
        // what every store knows.
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(name)
            .with_region(region)
            .with_access_key_id(who.key_id)
            .with_secret_access_key(who.secret)
            .with_retry(RETRY)
            .with_disable_bulk_delete(true);
        if let Some(token) = who.token {
            builder = builder.with_token(token);
        }
        if let Some(endpoint) = endpoint {
            let is_http =
                |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty();
            let url = Url::parse(endpoint).ok().filter(is_http).ok_or_else(|| wrong(endpoint))?;
            options = options.with_allow_http(url.scheme() == "http");
            builder = builder.with_endpoint(url.as_str().trim_end_matches('/'));
        }
        let store = builder.with_client_options(options).build().map_err(|_| wrong(address))?;
        Ok(Bucket { store: Arc::new(store), prefix, shown: address.to_owned() })
    }

    /// Finds out what differs between a site and the store. Writes nothing.
    pub async fn compare(&self, documents: impl Documents, coded: Coded) -> Result<Plan, Error> {
        plan(documents, coded, self.manifest().await?)
    }

    /// Makes the store what the site is. `documents` are the same as were compared: made again, so that nothing is held meanwhile.
    pub async fn apply(&self, documents: impl Documents, coded: Coded, mut plan: Plan) -> Result<Summary, Error> {
        if plan.summary.is_idle() {
            return Ok(plan.summary);
        }
        let mut known = std::mem::take(&mut plan.known);
        plan.send.keys().chain(&plan.remove).for_each(|key| known.doubt(key));
        self.write(&known).await?;
        let done = self.carry_out(documents, coded, &plan, &mut known).await;
        // Also after a failure: the next run goes on from what is there.
        let noted = self.write(&known).await;
        done.and_then(|written| noted.map(|()| Summary { written, ..plan.summary }))
    }

    /// Sends and removes, and notes in the manifest what was done. Gives the bytes that were sent.
    async fn carry_out(
        &self,
        documents: impl Documents,
        coded: Coded,
        plan: &Plan,
        known: &mut Manifest,
    ) -> Result<u64, Error> {
        let mut sending = Sending { known, under_way: JoinSet::new(), sent: 0, failed: None };
        let mut stage = Stage::Parts;
        for document in documents {
            let document = document?;
            if Stage::of(&document.path) > stage {
                // What the next documents link to is there before they are.
                sending.wait(0).await;
                stage = Stage::of(&document.path);
            }
            if sending.failed.is_some() {
                break;
            }
            let Some(object) = Object::of(&document, coded) else { continue };
            // What changed since the plan was made is for the next run.
            let digest = object.digest();
            if plan.send.get(&object.key) == Some(&digest) {
                sending.wait(AT_ONCE - 1).await;
                sending.begin(self.path(&object.key), Arc::clone(&self.store), object, digest);
            }
        }
        sending.wait(0).await;
        for key in &plan.remove {
            sending.wait(AT_ONCE - 1).await;
            if sending.failed.is_some() {
                break;
            }
            sending.begin_removal(self.path(key), Arc::clone(&self.store), key.clone());
        }
        sending.wait(0).await;
        match sending.failed {
            Some(error) => Err(self.explain(&error)),
            None => Ok(sending.sent),
        }
    }

    fn path(&self, key: &str) -> Path {
        // Every part is a plain name, which this leaves as it is.
        Path::from(if self.prefix.is_empty() { key.to_owned() } else { format!("{}/{key}", self.prefix) })
    }

    /// What an earlier run left; nothing where there was none.
    async fn manifest(&self) -> Result<Manifest, Error> {
        let found = match self.store.get_opts(&self.path(manifest::KEY), GetOptions::default()).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(Manifest::default()),
            Err(error) => return Err(self.explain(&error)),
        };
        let bytes = match found.meta.size {
            size if size <= MAX_MANIFEST_BYTES => found.bytes().await.map_err(|error| self.explain(&error))?,
            _ => bytes::Bytes::new(),
        };
        let read = Manifest::read(&bytes);
        if read.is_none() {
            tracing::warn!(
                key = manifest::KEY,
                "không đọc được danh sách đã gửi, gửi lại tất cả · the list of what was sent cannot be read; everything is sent again"
            );
        }
        Ok(read.unwrap_or_default())
    }

    async fn write(&self, manifest: &Manifest) -> Result<(), Error> {
        let failed = |reason: String| Error::Store { bucket: self.shown.clone(), reason };
        let body = manifest.to_bytes().map_err(|error| failed(error.to_string()))?;
        let mut attributes = Attributes::new();
        attributes.insert(Attribute::ContentType, "application/json".into());
        attributes.insert(Attribute::CacheControl, "no-store".into());
        let options = PutOptions { attributes, ..PutOptions::default() };
        let put = self.store.put_opts(&self.path(manifest::KEY), body.into(), options).await;
        put.map(|_| ()).map_err(|error| self.explain(&error))
    }

    fn explain(&self, error: &object_store::Error) -> Error {
        let bucket = self.shown.clone();
        let reason = text::line(&reason_of(error), MAX_REASON_CHARS);
        match error {
            object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
                Error::Denied { bucket, reason }
            }
            object_store::Error::NotFound { .. } => Error::NoBucket { bucket, reason },
            _ => Error::Store { bucket, reason },
        }
    }
}

/// What was tried and, first, why it failed: the library says that deep inside, or not at all.
fn reason_of(error: &object_store::Error) -> String {
    let said = error.to_string();
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let cause = cause.to_string();
    if said.contains(&cause) { said } else { format!("{cause} ({said})") }
}

/// What differs.
fn plan(documents: impl Documents, coded: Coded, known: Manifest) -> Result<Plan, Error> {
    let mut plan = Plan::default();
    let mut keys = BTreeSet::new();
    for document in documents {
        let document = document?;
        let unusable = || Error::Path { path: document.path.clone() };
        let object = Object::of(&document, coded).ok_or_else(unusable)?;
        if !keys.insert(object.key.clone()) {
            return Err(unusable());
        }
        let summary = &mut plan.summary;
        summary.documents += 1;
        summary.bytes += count(document.page.body.len());
        let digest = object.digest();
        match known.get(&object.key) {
            Some(Some(there)) if *there == digest => {
                summary.unchanged += 1;
                continue;
            }
            Some(_) => summary.changed += 1,
            None => summary.new += 1,
        }
        plan.send.insert(object.key, digest);
    }
    plan.remove = known.keys().filter(|key| !keys.contains(*key)).cloned().collect();
    plan.summary.removed = count(plan.remove.len());
    plan.known = known;
    Ok(plan)
}

/// Requests under way, and what came of them.
struct Sending<'a> {
    known: &'a mut Manifest,
    under_way: JoinSet<Result<Done, object_store::Error>>,
    sent: u64,
    /// The first failure; nothing is begun after it.
    failed: Option<object_store::Error>,
}

enum Done {
    Sent { key: String, digest: String, bytes: u64 },
    Removed { key: String },
}

impl Sending<'_> {
    fn begin(&mut self, path: Path, store: Arc<AmazonS3>, object: Object, digest: String) {
        let bytes = count(object.body.len());
        self.under_way.spawn(async move {
            let options = PutOptions { attributes: attributes(&object), ..PutOptions::default() };
            store.put_opts(&path, PutPayload::from_bytes(object.body), options).await?;
            Ok(Done::Sent { key: object.key, digest, bytes })
        });
    }

    fn begin_removal(&mut self, path: Path, store: Arc<AmazonS3>, key: String) {
        self.under_way.spawn(async move {
            match store.delete(&path).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(Done::Removed { key }),
                Err(error) => Err(error),
            }
        });
    }

    /// Waits until at most so many requests are under way.
    async fn wait(&mut self, most: usize) {
        while self.under_way.len() > most {
            match self.under_way.join_next().await {
                Some(Ok(Ok(Done::Sent { key, digest, bytes }))) => {
                    self.known.set(key, digest);
                    self.sent += bytes;
                }
                Some(Ok(Ok(Done::Removed { key }))) => self.known.forget(&key),
                Some(Ok(Err(error))) => self.failed = self.failed.take().or(Some(error)),
                Some(Err(panic)) => {
                    let error = object_store::Error::Generic { store: "S3", source: panic.into() };
                    self.failed = self.failed.take().or(Some(error));
                }
                None => {}
            }
        }
    }
}

fn attributes(object: &Object) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.insert(Attribute::ContentType, object.content_type.into());
    attributes.insert(Attribute::CacheControl, object.cache.into());
    if let Some(encoding) = object.encoding {
        attributes.insert(Attribute::ContentEncoding, encoding.into());
    }
    if let Some(language) = object.language {
        attributes.insert(Attribute::ContentLanguage, language.into());
    }
    attributes
}
