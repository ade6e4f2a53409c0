//! `dongtin export`: the whole public site as files or in an object store, read beside the daemon.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use serde_json::json;

use super::{absolute, counted, line, load_config, refuse, run_to_the_end, state_dir};
use crate::cli::{Exit, Export, Format};
use crate::clock;
use crate::daemon;
use crate::export::{self, Bucket, Coded, Credentials, Error, Summary};
use crate::publish::Snapshot;
use crate::store::Store;

pub fn run(args: &Export) -> Result<Exit> {
    let (config_dir, config) = load_config(&args.config)?;
    let dir = state_dir(&config_dir, &config);
    let site = match Store::open_beside(&dir)? {
        Some(store) => daemon::site_beside(&store, &config)?,
        None => None,
    };
    let Some(site) = site else {
        let state = absolute(&dir);
        return Err(refuse(
            Exit::No,
            format!(
                "chưa có trang nào trong {state}; hãy chạy `dongtin run` ít nhất một lần\n    \
                 there is no site in {state} yet; run `dongtin run` at least once"
            ),
        ));
    };
    let done = match (&args.out, &args.s3) {
        (Some(out), _) => to_folder(out, &site),
        (None, Some(address)) => to_store(address, &site, args),
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

fn to_folder(out: &Path, site: &Snapshot) -> Result<Done> {
    let summary = export::to_folder(out, export::documents(site), clock::now()).map_err(refused)?;
    Ok(Done { place: absolute(out), summary, would: None })
}

fn to_store(address: &str, site: &Arc<Snapshot>, args: &Export) -> Result<Done> {
    let bucket = Bucket::at(address, args.endpoint.as_deref(), &args.region, credentials()?).map_err(refused)?;
    let coded = if args.gzip { Coded::Gzip } else { Coded::Plain };
    let exported = run_to_the_end(async {
        let plan = match bucket.compare(export::documents(site), coded).await {
            Ok(plan) => plan,
            Err(error) => return Ok(Err(error)),
        };
        let would = args.dry_run.then(|| (plan.send.keys().cloned().collect(), plan.remove.iter().cloned().collect()));
        let summary = match args.dry_run {
            true => Ok(plan.summary),
            false => bucket.apply(export::documents(site), coded, plan).await,
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
