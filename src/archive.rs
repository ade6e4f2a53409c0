//! What sources answered, as it came, kept for a while so that the past can be run again. Owns the files in `raw/` of the state folder.
//!
//! ```text
//! raw/2026-11-23/log.jsonl     what happened that day (UTC), a line each: [`Line`]
//! raw/2026-11-23/4f/4f0c…      a body as it came, where it came compressed
//! raw/2026-11-23/a1/a1b2….zst  a body that came plain, compressed here
//! ```
//! A body is named by the SHA-256 of the bytes that came, and lies with the newest day that brought it: one that comes again on a later
//! day is moved there. So it is never written twice, and a day that is pruned takes nothing along that a kept day names.
//!
//! What cannot be kept harms nothing: it is counted, and said once an hour.

mod line;
pub mod past;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{NaiveDate, TimeDelta};
use url::Url;

pub use self::line::{Kept, Kind, Line, Stored};

use self::line::line;
use crate::model::sha256_hex;
use crate::schedule::Time;

/// The folder within the state folder.
const FOLDER: &str = "raw";
/// What happened on a day, in the day's folder.
const LOG: &str = "log.jsonl";
/// More of a `Content-Type` says nothing.
const MAX_CONTENT_TYPE_CHARS: usize = 500;
/// How often a failure is said.
const SAID_AGAIN_AFTER: TimeDelta = TimeDelta::hours(1);
/// Kept free for the line that says that nothing more is kept.
const LAST_LINE: u64 = 64;

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Days, today among them; 0 for nothing.
    pub days: u32,
    /// Bytes on disk, bodies and logs.
    pub bytes: u64,
}

/// Something that came.
#[derive(Clone, Copy)]
pub struct Arrival<'a> {
    /// The slug of the source it came for.
    pub source: &'a str,
    /// What it is to the source.
    pub kind: Kind,
    /// The address that was asked.
    pub asked: &'a Url,
    /// Where it was found in the end.
    pub url: &'a Url,
    /// Its `Content-Type`.
    pub content_type: Option<&'a str>,
    /// Its `Content-Encoding`.
    pub content_encoding: Option<&'a str>,
    /// The body as it came.
    pub wire: &'a [u8],
}

/// Where everything that comes is kept.
pub struct Archive {
    root: PathBuf,
    bounds: Bounds,
    shelf: Mutex<Shelf>,
    failures: AtomicU64,
}

/// What is known of the folder.
#[derive(Default)]
struct Shelf {
    /// Bytes by day; nothing before the folder was looked at.
    days: Option<BTreeMap<NaiveDate, u64>>,
    today: Option<Today>,
    complained: Option<Time>,
}

/// The day that is written.
struct Today {
    date: NaiveDate,
    log: File,
    is_full: bool,
}

impl Archive {
    /// The one that keeps within these bounds: the one `before` if they are its own; none where they leave no day.
    pub fn under(bounds: Bounds, state_dir: &Path, before: Option<&Arc<Archive>>) -> Option<Arc<Archive>> {
        let same = before.filter(|archive| archive.bounds == bounds).map(Arc::clone);
        (bounds.days > 0).then(|| same.unwrap_or_else(|| Arc::new(Archive::new(state_dir, bounds))))
    }

    /// The one in a state folder. Nothing is looked at before there is something to keep.
    pub fn new(state_dir: &Path, bounds: Bounds) -> Archive {
        let root = state_dir.join(FOLDER);
        Archive { root, bounds, shelf: Mutex::default(), failures: AtomicU64::new(0) }
    }

    /// How often something could not be kept since the start.
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Keeps what came. Blocks.
    pub fn keep(&self, now: Time, arrival: &Arrival<'_>) {
        self.attempt(now, |shelf| self.put(shelf, now, arrival));
    }

    /// Keeps that the document which a source sent at this time could not be read. Blocks.
    pub fn note_failure(&self, at: Time, source: &str, class: &str) {
        self.attempt(at, |shelf| {
            let line = line(&Line::Failed { at, source: source.to_owned(), failed: class.to_owned() })?;
            let today = self.open(shelf, at)?;
            if today.is_full { Ok(()) } else { self.append(shelf, &line) }
        });
    }

    fn attempt(&self, now: Time, work: impl FnOnce(&mut Shelf) -> io::Result<()>) {
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let Err(error) = work(&mut shelf) else { return };
        self.failures.fetch_add(1, Ordering::Relaxed);
        // The folder may have been taken away; the next time it is opened anew.
        shelf.today = None;
        if shelf.complained.is_none_or(|at| (now - at).abs() >= SAID_AGAIN_AFTER) {
            shelf.complained = Some(now);
            tracing::warn!(
                %error,
                folder = %self.root.display(),
                failures = self.failures(),
                "không giữ được bản gốc của tin vừa lấy; tin vẫn được nhận như thường · \
                 what came could not be archived; its items were taken in all the same"
            );
        }
    }

    fn put(&self, shelf: &mut Shelf, now: Time, arrival: &Arrival<'_>) -> io::Result<()> {
        if self.open(shelf, now)?.is_full {
            return Ok(());
        }
        let is_plain = arrival.content_encoding.is_none_or(|c| c.trim().is_empty() || c.trim() == "identity");
        let kept = Kept {
            at: now,
            source: arrival.source.to_owned(),
            kind: arrival.kind,
            asked: (arrival.asked != arrival.url).then(|| arrival.asked.to_string()),
            url: arrival.url.to_string(),
            content_type: arrival.content_type.map(|t| t.chars().take(MAX_CONTENT_TYPE_CHARS).collect()),
            content_encoding: arrival.content_encoding.map(str::to_owned),
            digest: sha256_hex(arrival.wire),
            bytes: arrival.wire.len() as u64,
            stored: if is_plain { Stored::Zst } else { Stored::Wire },
        };
        let file = kept.file().ok_or(io::ErrorKind::InvalidData)?;
        let line = line(&Line::Kept(Box::new(kept)))?;
        let is_there = self.fetch_from_before(shelf, now.date_naive(), &file)?;
        let body = match (is_there, is_plain) {
            (true, _) => Vec::new(),
            (false, true) => zstd::encode_all(arrival.wire, zstd::DEFAULT_COMPRESSION_LEVEL)?,
            (false, false) => arrival.wire.to_vec(),
        };
        if !self.make_room(shelf, now, (body.len() + line.len()) as u64)? {
            return Ok(());
        }
        if !is_there {
            self.write(shelf, now.date_naive(), &file, &body)?;
        }
        self.append(shelf, &line)
    }

    /// The day of a moment, with its log open; the days that are too old gone.
    fn open<'s>(&self, shelf: &'s mut Shelf, now: Time) -> io::Result<&'s mut Today> {
        let date = now.date_naive();
        let open = shelf.today.take().filter(|today| today.date == date);
        let today = match open {
            Some(today) => today,
            None => {
                let folder = self.day(date);
                make_private(&folder)?;
                let days = match shelf.days.take() {
                    Some(days) => days,
                    None => measure(&self.root)?,
                };
                let days = shelf.days.insert(days);
                days.entry(date).or_default();
                let span = TimeDelta::days(i64::from(self.bounds.days));
                while let Some(oldest) = days.keys().copied().find(|day| *day != date)
                    && (days.len() > self.bounds.days as usize || date - oldest >= span)
                {
                    remove(&self.day(oldest))?;
                    days.remove(&oldest);
                }
                Today { date, log: open_log(&folder.join(LOG))?, is_full: false }
            }
        };
        Ok(shelf.today.insert(today))
    }

    /// Whether a body is among today's, where it was moved if an earlier day had it.
    fn fetch_from_before(&self, shelf: &mut Shelf, date: NaiveDate, file: &Path) -> io::Result<bool> {
        let here = self.day(date).join(file);
        if here.exists() {
            return Ok(true);
        }
        let Some(days) = &mut shelf.days else { return Ok(false) };
        for (day, bytes) in days.iter_mut().rev().filter(|(day, _)| **day != date) {
            let there = self.day(*day).join(file);
            let Ok(found) = fs::metadata(&there) else { continue };
            if let Some(folder) = here.parent() {
                make_private(folder)?;
            }
            fs::rename(&there, &here)?;
            *bytes = bytes.saturating_sub(found.len());
            *days.entry(date).or_default() += found.len();
            return Ok(true);
        }
        Ok(false)
    }

    /// Makes room by pruning the oldest days, and says whether there is enough; today is never pruned.
    fn make_room(&self, shelf: &mut Shelf, now: Time, bytes: u64) -> io::Result<bool> {
        let date = now.date_naive();
        let Some(days) = &mut shelf.days else { return Ok(false) };
        loop {
            if days.values().sum::<u64>() + bytes + LAST_LINE <= self.bounds.bytes {
                return Ok(true);
            }
            let Some(oldest) = days.keys().copied().find(|day| *day != date) else { break };
            remove(&self.day(oldest))?;
            days.remove(&oldest);
        }
        if let Some(today) = &mut shelf.today {
            today.is_full = true;
        }
        tracing::warn!(
            folder = %self.root.display(),
            "bản gốc của riêng hôm nay đã đạt mức archive.bytes; đến ngày mai (giờ UTC) mới giữ tiếp · \
             what came today alone has reached archive.bytes; nothing more is archived until tomorrow (UTC)"
        );
        let line = line(&Line::Full { at: now, full: true })?;
        self.append(shelf, &line)?;
        Ok(false)
    }

    fn write(&self, shelf: &mut Shelf, date: NaiveDate, file: &Path, body: &[u8]) -> io::Result<()> {
        let path = self.day(date).join(file);
        let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
        make_private(folder)?;
        // Nobody ever sees half a body under its name. The file is the owner's alone (0600) from the beginning.
        let mut half = tempfile::NamedTempFile::new_in(folder)?;
        half.write_all(body)?;
        half.persist(&path).map_err(|e| e.error)?;
        count(shelf, date, body.len());
        Ok(())
    }

    fn append(&self, shelf: &mut Shelf, line: &[u8]) -> io::Result<()> {
        let Some(today) = &mut shelf.today else { return Ok(()) };
        today.log.write_all(line)?;
        let date = today.date;
        count(shelf, date, line.len());
        Ok(())
    }

    fn day(&self, date: NaiveDate) -> PathBuf {
        self.root.join(date.to_string())
    }
}

fn count(shelf: &mut Shelf, date: NaiveDate, bytes: usize) {
    if let Some(days) = &mut shelf.days {
        *days.entry(date).or_default() += bytes as u64;
    }
}

/// Opens a log to write behind what is there. A line that was cut off by a crash stays apart from the next.
fn open_log(path: &Path) -> io::Result<File> {
    let mut log = File::options().read(true).append(true).create(true).mode(0o600).open(path)?;
    let mut last = [b'\n'];
    if log.metadata()?.len() > 0 {
        log.seek(SeekFrom::End(-1))?;
        log.read_exact(&mut last)?;
    }
    if last != *b"\n" {
        log.write_all(b"\n")?;
    }
    Ok(log)
}

fn make_private(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn remove(day: &Path) -> io::Result<()> {
    match fs::remove_dir_all(day) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// The days of a folder, oldest first; what has another name is not ours.
fn days(root: &Path) -> io::Result<Vec<NaiveDate>> {
    let mut days = Vec::new();
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        let date = entry.file_name().to_str().and_then(|name| name.parse::<NaiveDate>().ok());
        days.extend(date.filter(|date| entry.file_name() == *date.to_string() && entry.path().is_dir()));
    }
    days.sort();
    Ok(days)
}

/// The bytes of each day.
fn measure(root: &Path) -> io::Result<BTreeMap<NaiveDate, u64>> {
    let size = |folder: &Path| walk(folder, 1);
    days(root)?.into_iter().map(|day| Ok((day, size(&root.join(day.to_string()))?))).collect()
}

/// The bytes of the files in a folder and as many levels below it.
fn walk(folder: &Path, levels: u8) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let about = entry.metadata()?;
        bytes += match levels.checked_sub(1).filter(|_| about.is_dir()) {
            Some(levels) => walk(&entry.path(), levels)?,
            None => about.len(),
        };
    }
    Ok(bytes)
}
