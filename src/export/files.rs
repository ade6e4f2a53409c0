//! The site as files: pages, their compressed twins, and the time of the last change on each, as static servers serve them.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, Permissions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::generations::{Draft, Place, disk, names};
use super::name;
use super::{Document, Documents, Error, Summary, count};
use crate::publish::Coding;
use crate::schedule::Time;

/// Exports a site to a folder. `now` is the time of files that have none of their own.
pub fn to_folder(folder: &Path, documents: impl Documents, now: Time) -> Result<Summary, Error> {
    let place = Place::take(folder)?;
    let before = place.current();
    let draft = place.draft()?;
    match fill(&draft, before.as_deref(), documents, now) {
        // What readers see stays what it is, down to the inode.
        Ok(summary) if summary.is_idle() && before.is_some() => {
            place.discard(&draft);
            Ok(summary)
        }
        Ok(summary) => place.publish(&draft).map(|()| summary),
        Err(error) => {
            place.discard(&draft);
            Err(error)
        }
    }
}

fn fill(draft: &Draft, before: Option<&Path>, mut documents: impl Documents, now: Time) -> Result<Summary, Error> {
    let mut writer = Writer {
        root: &draft.root,
        before,
        now,
        names: BTreeSet::new(),
        folders: BTreeSet::new(),
        summary: Summary::default(),
    };
    documents.try_for_each(|document| writer.put(&document?))?;
    if let Some(before) = before {
        let old: BTreeSet<String> = names(before)?.into_iter().collect();
        let is_gone = |name: &&String| !writer.names.contains(*name) && !is_twin(name, &old);
        writer.summary.removed = count(old.iter().filter(is_gone).count());
    }
    Ok(writer.summary)
}

/// The name of a file's compressed twin, as static servers look for it.
fn twin(name: &str, coding: Coding) -> String {
    format!("{name}{}", suffix(coding))
}

fn suffix(coding: Coding) -> &'static str {
    match coding {
        Coding::Gzip => ".gz",
        Coding::Brotli => ".br",
        Coding::Zstd => ".zst",
    }
}

/// Whether a file is another one, compressed.
fn is_twin(name: &str, all: &BTreeSet<String>) -> bool {
    Coding::ALL.iter().any(|coding| name.strip_suffix(suffix(*coding)).is_some_and(|plain| all.contains(plain)))
}

/// Fills a generation.
struct Writer<'a> {
    root: &'a Path,
    /// The generation whose files are taken over where they are the same.
    before: Option<&'a Path>,
    now: Time,
    /// What was written, twins too.
    names: BTreeSet<String>,
    folders: BTreeSet<String>,
    summary: Summary,
}

impl Writer<'_> {
    fn put(&mut self, document: &Document) -> Result<(), Error> {
        let page = &document.page;
        let unusable = || Error::Path { path: document.path.clone() };
        let name = name::file(&document.path, document.lang).ok_or_else(unusable)?;
        if self.names.contains(&name) {
            return Err(unusable());
        }
        self.make_folder(&name)?;
        self.summary.documents += 1;
        self.summary.bytes += count(page.body.len());
        let known = self.before.and_then(|before| regular(before, &name));
        if let Some(known) = known.as_deref().filter(|known| holds(known, &page.body)) {
            self.summary.unchanged += 1;
            return self.take_over(known, name);
        }
        match known {
            Some(_) => self.summary.changed += 1,
            None => self.summary.new += 1,
        }
        let modified = page.modified.unwrap_or(self.now).min(self.now).into();
        self.write(&name, &page.body, modified)?;
        for coding in Coding::ALL {
            if let Some(coded) = page.coded(coding) {
                self.write(&twin(&name, coding), &coded, modified)?;
            }
        }
        Ok(())
    }

    /// Has a file and its twins in both generations. Where the file system has no second names, they are copied, with their times.
    fn take_over(&mut self, known: &Path, name: String) -> Result<(), Error> {
        let Some(before) = self.before else { return Ok(()) };
        let twins = Coding::ALL.map(|coding| twin(&name, coding));
        let twins = twins.into_iter().filter_map(|twin| Some((regular(before, &twin)?, twin)));
        for (from, name) in std::iter::once((known.to_owned(), name)).chain(twins) {
            let to = self.root.join(&name);
            if fs::hard_link(&from, &to).is_err() {
                let body = fs::read(&from).map_err(disk(&from))?;
                let modified = fs::metadata(&from).and_then(|file| file.modified()).map_err(disk(&from))?;
                self.write(&name, &body, modified)?;
            }
            self.names.insert(name);
        }
        Ok(())
    }

    fn write(&mut self, name: &str, body: &[u8], modified: SystemTime) -> Result<(), Error> {
        let path = self.root.join(name);
        let done = File::create_new(&path).and_then(|mut file| {
            file.write_all(body)?;
            file.set_permissions(Permissions::from_mode(0o644))?;
            file.set_modified(modified)
        });
        done.map_err(disk(&path))?;
        self.names.insert(name.to_owned());
        self.summary.written += count(body.len());
        Ok(())
    }

    fn make_folder(&mut self, name: &str) -> Result<(), Error> {
        for (at, _) in name.match_indices('/') {
            let (folder, _) = name.split_at(at);
            if self.folders.insert(folder.to_owned()) {
                let path = self.root.join(folder);
                DirBuilder::new().mode(0o755).create(&path).map_err(disk(&path))?;
                fs::set_permissions(&path, Permissions::from_mode(0o755)).map_err(disk(&path))?;
            }
        }
        Ok(())
    }
}

/// A file of a generation, if it is one: somebody may have put links there since, and they are not followed.
fn regular(root: &Path, name: &str) -> Option<PathBuf> {
    let mut path = root.to_owned();
    let mut parts = name.split('/').peekable();
    while let Some(part) = parts.next() {
        path.push(part);
        let found = path.symlink_metadata().ok()?;
        let is_as_written = if parts.peek().is_some() { found.is_dir() } else { found.is_file() };
        if !is_as_written {
            return None;
        }
    }
    Some(path)
}

fn holds(path: &Path, body: &[u8]) -> bool {
    fs::metadata(path).is_ok_and(|file| file.len() == count(body.len()))
        && fs::read(path).is_ok_and(|found| found == body)
}
