//! The file that labels are written to: each at once, at its end, by one program at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::labelled::not_utf8;
use crate::cli::Exit;
use crate::commands::{read_bounded, refuse};

/// A labelled file, open for one session.
pub struct Notebook {
    file: File,
    name: String,
    /// How long it is, in bytes.
    end: u64,
}

/// What was found at the end of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mended {
    /// All was well.
    Nothing,
    /// A session had ended within a line; its half is gone.
    HalfALine,
}

impl Notebook {
    /// Opens or makes the file, and takes it for this session. Gives what stands in it.
    pub fn open(path: &Path) -> Result<(Notebook, String, Mended)> {
        let name = path.display().to_string();
        let file = OpenOptions::new().read(true).append(true).create(true).open(path);
        let mut file = file.with_context(|| format!("không mở được {name} để ghi · cannot open {name} for writing"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(refuse(
                    Exit::Later,
                    format!("{name} đang được gán nhãn ở nơi khác · {name} is being labelled elsewhere"),
                ));
            }
            Err(TryLockError::Error(error)) => return Err(error).with_context(|| format!("cannot lock {name}")),
        }
        let bytes = read_bounded(&mut file, &name)?;
        let mut notebook = Notebook { file, name, end: bytes.len() as u64 };
        let (kept, mended) = notebook.mend(bytes)?;
        let name = &notebook.name;
        let text = String::from_utf8(kept).map_err(|error| not_utf8(name, error.utf8_error().valid_up_to()))?;
        Ok((notebook, text, mended))
    }

    /// Gives a last line its end, or takes it away where it is half a line. A line that is wrong otherwise is a person's, and stays.
    fn mend(&mut self, mut bytes: Vec<u8>) -> Result<(Vec<u8>, Mended)> {
        let begins = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        match bytes.get(begins..).map(read_tail) {
            Some(Tail::Whole) => {
                self.write(b"\n")?;
                bytes.push(b'\n');
                Ok((bytes, Mended::Nothing))
            }
            Some(Tail::Half) => {
                self.take_back(begins as u64)?;
                bytes.truncate(begins);
                Ok((bytes, Mended::HalfALine))
            }
            _ => Ok((bytes, Mended::Nothing)),
        }
    }

    /// Writes an object as the last line, before the next question is asked. Gives where it begins.
    pub fn append(&mut self, object: &Value) -> Result<u64> {
        let begins = self.end;
        self.write(format!("{object}\n").as_bytes())?;
        Ok(begins)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).with_context(|| format!("không ghi được · cannot write to {}", self.name))?;
        self.end += bytes.len() as u64;
        Ok(())
    }

    /// Takes away everything from here on.
    pub fn take_back(&mut self, begins: u64) -> Result<()> {
        self.file.set_len(begins).with_context(|| format!("không ghi được · cannot write to {}", self.name))?;
        self.end = begins;
        Ok(())
    }
}

/// What stands behind the last end of a line.
#[derive(Debug, PartialEq, Eq)]
enum Tail {
    Nothing,
    /// A whole object.
    Whole,
    /// The beginning of one.
    Half,
    /// Something else.
    Foreign,
}

fn read_tail(bytes: &[u8]) -> Tail {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Tail::Nothing;
    }
    match serde_json::from_slice::<Value>(bytes) {
        Ok(_) => Tail::Whole,
        // A letter of several bytes may be cut too.
        Err(error) if bytes.starts_with(b"{") && (error.is_eof() || is_cut_letter(bytes)) => Tail::Half,
        Err(_) => Tail::Foreign,
    }
}

fn is_cut_letter(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::fs;

    #[test]
    fn a_tail_is_whole_or_half_or_somebody_elses() {
        let whole = "{\"id\":\"1\",\"title\":\"Học Bác\",\"label\":\"yes\"}";
        assert_eq!(read_tail(whole.as_bytes()), Tail::Whole);
        for end in 1..whole.len() {
            assert_eq!(read_tail(&whole.as_bytes()[..end]), Tail::Half, "{end}");
        }
        assert_eq!(read_tail(b" \n"), Tail::Nothing);
        for foreign in ["id,label", "{\"id\" 1}", "# note"] {
            assert_eq!(read_tail(foreign.as_bytes()), Tail::Foreign, "{foreign}");
        }
    }

    #[test]
    fn answers_are_written_taken_back_and_mended() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("labels.jsonl");
        let (mut notebook, text, mended) = Notebook::open(&path).unwrap();
        assert_eq!((text.as_str(), mended), ("", Mended::Nothing));
        notebook.append(&json!({"id": "1"})).unwrap();
        let second = notebook.append(&json!({"id": "2"})).unwrap();
        notebook.take_back(second).unwrap();
        notebook.append(&json!({"id": "3"})).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "{\"id\":\"1\"}\n{\"id\":\"3\"}\n");
        assert!(Notebook::open(&path).is_err(), "one session at a time");
        drop(notebook);

        for (more, expected, found) in [
            ("{\"id\":\"4\",\"ti", "", Mended::HalfALine),
            ("{\"id\":\"4\"}", "{\"id\":\"4\"}\n", Mended::Nothing),
            ("tay", "tay", Mended::Nothing),
        ] {
            let before = "{\"id\":\"1\"}\n";
            fs::write(&path, format!("{before}{more}")).unwrap();
            let (_, text, mended) = Notebook::open(&path).unwrap();
            assert_eq!((text, mended), (format!("{before}{expected}"), found), "{more}");
            assert_eq!(fs::read_to_string(&path).unwrap(), format!("{before}{expected}"));
        }
    }
}
