//! `dongtin export`: the whole public site as files or in an object store, read beside the daemon.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use serde_json::json;

use super::{absolute, counted, line, load_config, refuse, run_to_the_end, state_dir};
use crate::cli::{Exit, Export, Format};
use crate::clock;
use crate::daemon;
use crate::desk::{Closed, Edition};
use crate::export::{self, Bucket, Coded, Credentials, Document, Documents, Error, Summary};
use crate::publish::Lang;
use crate::store::{Store, archives, write_beside};

pub fn run(args: &Export) -> Result<Exit> {
    let (config_dir, config) = load_config(&args.config)?;
    let dir = state_dir(&config_dir, &config);
    let store = Store::open_beside(&dir)?;
    let site = match &store {
        Some(store) => daemon::site_beside(store, &config.settings)?.map(|site| (store, site)),
        None => None,
    };
    let Some((store, site)) = site else {
        let state = absolute(&dir);
        return Err(refuse(
            Exit::No,
            format!(
                "chưa có trang nào trong {state}; hãy chạy `dongtin run` ít nhất một lần\n    \
                 there is no site in {state} yet; run `dongtin run` at least once"
            ),
        ));
    };
    // Readers of the copy are told, too, that a month that is over stays as it is. Who only wants to see what would be done changes nothing.
    let keep = |closed: &Closed| match args.dry_run {
        true => Ok(false),
        false => Ok(write_beside(&dir, |tx| archives::keep(tx, closed))?.unwrap_or(false)),
    };
    let edition = Edition::of(store, site, &config, clock::now(), &keep)?;
    let mut paths = edition.paths()?;
    export::in_order(&mut paths);
    let documents = || documents(&edition, &paths);
    let done = match (&args.out, &args.s3) {
        (Some(out), _) => to_folder(out, documents()),
        (None, Some(address)) => to_store(address, documents, args),
        (None, None) => return Err(refuse(Exit::Usage, "--out DIR hoặc --s3 URL · --out DIR or --s3 URL")),
    };
    print(&done?, args)?;
    Ok(Exit::Ok)
}

/// What was done, or would be.
struct Done {
    place: String,
    summary: Summary,
    /// What only would be done: the keys to send and to remove.
    would: Option<(Vec<String>, Vec<String>)>,
}

/// Every document of the site; made on the way, so that a large site need not be held at once.
fn documents(edition: &Edition<'_>, paths: &[String]) -> impl Documents {
    paths.iter().flat_map(|path| [Lang::Vi, Lang::En].map(|lang| (path, lang))).filter_map(|(path, lang)| {
        let page =
            edition.document(path, lang).map_err(|error| Error::Site { reason: format!("{error:#}") }).transpose()?;
        Some(page.map(|page| Document { path: path.clone(), lang, page: Arc::new(page) }))
    })
}

fn to_folder(out: &Path, documents: impl Documents) -> Result<Done> {
    let summary = export::to_folder(out, documents, clock::now()).map_err(refused)?;
    Ok(Done { place: absolute(out), summary, would: None })
}

fn to_store<D: Documents>(address: &str, documents: impl Fn() -> D, args: &Export) -> Result<Done> {
    let bucket = Bucket::at(address, args.endpoint.as_deref(), &args.region, credentials()?).map_err(refused)?;
    let coded = if args.gzip { Coded::Gzip } else { Coded::Plain };
    let exported = run_to_the_end(async {
        let plan = match bucket.compare(documents(), coded).await {
            Ok(plan) => plan,
            Err(error) => return Ok(Err(error)),
        };
        let would = args.dry_run.then(|| (plan.send.keys().cloned().collect(), plan.remove.iter().cloned().collect()));
        let summary = match args.dry_run {
            true => Ok(plan.summary),
            false => bucket.apply(documents(), coded, plan).await,
        };
        Ok(summary.map(|summary| (summary, would)))
    })?;
    let (summary, would) = exported.map_err(refused)?;
    Ok(Done { place: address.to_owned(), summary, would })
}

/// From the usual variables of the environment, so that they are in no list of processes and no file of ours.
fn credentials() -> Result<Credentials> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    match (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) {
        (Some(key_id), Some(secret)) => Ok(Credentials { key_id, secret, token: variable("AWS_SESSION_TOKEN") }),
        _ => Err(refuse(
            Exit::Usage,
            "hãy đặt AWS_ACCESS_KEY_ID và AWS_SECRET_ACCESS_KEY trong môi trường\n    \
             set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment",
        )),
    }
}

fn refused(error: Error) -> anyhow::Error {
    let exit = match error {
        Error::Busy { .. } => Exit::Later,
        Error::NotOurs { .. } | Error::NoName { .. } | Error::Address { .. } => Exit::Usage,
        Error::Path { .. }
        | Error::Site { .. }
        | Error::Disk { .. }
        | Error::Denied { .. }
        | Error::NoBucket { .. }
        | Error::Store { .. } => Exit::Io,
    };
    refuse(exit, error.to_string())
}

fn print(done: &Done, args: &Export) -> Result<()> {
    let Done { place, summary, would } = done;
    let Summary { documents, new, changed, unchanged, removed, bytes, written } = summary;
    if args.format != Format::Text {
        return line(json!({
            "schema": "export/1", "to": place, "documents": documents, "new": new, "changed": changed,
            "unchanged": unchanged, "removed": removed, "bytes": bytes, "written": written,
            "would": would.as_ref().map(|(send, remove)| json!({ "send": send, "remove": remove })),
        }));
    }
    if let Some((send, remove)) = would {
        send.iter().try_for_each(|key| line(format_args!("gửi · send    {key}")))?;
        remove.iter().try_for_each(|key| line(format_args!("bỏ · remove   {key}")))?;
    }
    let all = counted(usize::try_from(*documents).unwrap_or(usize::MAX), "document", "documents");
    line(format_args!(
        "{place}: {documents} tài liệu, {new} mới, {changed} đổi, {unchanged} giữ nguyên, {removed} bỏ; {bytes} byte, đã ghi {written}.\n    \
         {all}, {new} new, {changed} changed, {unchanged} unchanged, {removed} removed; {bytes} bytes, {written} written."
    ))
}
