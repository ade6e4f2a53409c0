//! Reading what was kept, while it may be written. What is damaged or foreign is skipped, counted and said.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::line::MAX_LINE;
use super::{FOLDER, Kept, LOG, Line, Stored, days};
use crate::model::sha256_hex;

/// What was kept in a state folder.
#[derive(Debug, Clone)]
pub struct Past {
    root: PathBuf,
    days: Vec<NaiveDate>,
}

impl Past {
    /// What is there now; nothing where nothing was ever kept.
    pub fn open(state_dir: &Path) -> io::Result<Option<Past>> {
        let root = state_dir.join(FOLDER);
        match days(&root) {
            Ok(days) => Ok(Some(Past { root, days })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The days, oldest first.
    pub fn days(&self) -> &[NaiveDate] {
        &self.days
    }

    /// The lines of a day in the order of time, and how many could not be read.
    pub fn lines(&self, date: NaiveDate) -> io::Result<(Vec<Line>, usize)> {
        let path = self.root.join(date.to_string()).join(LOG);
        let mut log = match File::open(&path) {
            Ok(log) => BufReader::new(log),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
            Err(error) => return Err(error),
        };
        let (mut lines, mut torn) = (Vec::new(), 0);
        let mut text = Vec::new();
        while log.by_ref().take(MAX_LINE as u64).read_until(b'\n', &mut text)? > 0 {
            match serde_json::from_slice(&text) {
                Ok(line) => lines.push(line),
                Err(_) if text.trim_ascii().is_empty() => {}
                Err(_) => torn += 1,
            }
            text.clear();
        }
        lines.sort_by_key(Line::at);
        Ok((lines, torn))
    }

    /// The body of an answer as it came, at most `most` bytes of it; nothing where it is gone, damaged or larger. `date` is the day of
    /// its line.
    pub fn body(&self, date: NaiveDate, kept: &Kept, most: usize) -> Option<Vec<u8>> {
        let file = kept.file()?;
        // Bodies only ever move to later days, so one that is moved meanwhile is met on the way. An earlier day has it where the clock
        // was set back.
        let (before, after): (Vec<NaiveDate>, Vec<NaiveDate>) = self.days.iter().partition(|day| **day < date);
        let read = |day: NaiveDate| read(&self.root.join(day.to_string()).join(&file), kept.stored, most).ok();
        let body = after.into_iter().chain(before).find_map(read)?;
        let is_whole = body.len() <= most && sha256_hex(&body) == kept.digest;
        is_whole.then_some(body)
    }
}

/// At most one byte more than wanted, to know that there is more.
fn read(path: &Path, stored: Stored, most: usize) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let mut body = Vec::new();
    match stored {
        Stored::Wire => file.take(most as u64 + 1).read_to_end(&mut body)?,
        Stored::Zst => zstd::stream::read::Decoder::new(file)?.take(most as u64 + 1).read_to_end(&mut body)?,
    };
    Ok(body)
}
