//! A configuration folder → its files. What cannot be read is a mistake, never nothing: a folder that is away for a
//! moment must not take every topic offline at a reload.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::mistake::Mistake;
use super::{File, FileKind};

/// No configuration file is larger; a device file or a log that got into the folder is.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// A message in Vietnamese and in English.
type Words = (String, String);

/// Reads every file of a folder.
pub fn read(dir: &Path) -> Result<Vec<File>, Vec<Mistake>> {
    let mut files = Vec::new();
    let mut mistakes = Vec::new();
    let mut wrong = |path: &Path, (vi, en): Words| mistakes.push(Mistake::of_file(&path.display().to_string(), vi, en));
    let mut paths = vec![(dir.join("dongtin.toml"), FileKind::Settings)];
    for (folder, kind) in [("topics", FileKind::Topic), ("sources", FileKind::Sources)] {
        let folder = dir.join(folder);
        match names(&folder) {
            Ok(found) => paths.extend(found.into_iter().map(|path| (path, kind))),
            Err(error) => wrong(&folder, cannot_read(&error, dir)),
        }
        if kind == FileKind::Topic && folder.is_dir() && !paths.iter().any(|(_, kind)| *kind == FileKind::Topic) {
            wrong(&folder, no_topic());
        }
    }
    for (path, kind) in paths {
        match read_file(&path, dir) {
            Ok(text) => files.push(File { name: path.display().to_string(), kind, text }),
            Err(words) => wrong(&path, words),
        }
    }
    if mistakes.is_empty() { Ok(files) } else { Err(mistakes) }
}

/// The configuration files of a folder, in the order of their names.
fn names(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "toml") && !is_leftover(&path) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Editors leave `.x.toml.swp`, `#x.toml#`, `x.toml~`, `4913` beside the files they write.
fn is_leftover(path: &Path) -> bool {
    let name = path.file_name().map(OsStr::to_string_lossy).unwrap_or_default();
    name.starts_with(['.', '#']) || name.ends_with('~') || name.chars().all(|c| c.is_ascii_digit())
}

fn read_file(path: &Path, dir: &Path) -> Result<String, Words> {
    let meta = fs::metadata(path).map_err(|e| cannot_read(&e, dir))?;
    if !meta.is_file() {
        return Err(("Không phải là tập tin.".to_owned(), "This is not a file.".to_owned()));
    }
    let mut bytes = Vec::new();
    let opened = fs::File::open(path);
    opened.and_then(|f| f.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)).map_err(|e| cannot_read(&e, dir))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err((
            format!("Lớn hơn {} MiB.", MAX_FILE_BYTES >> 20),
            format!("Larger than {} MiB.", MAX_FILE_BYTES >> 20),
        ));
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        (
            "Không phải UTF-8. Hãy lưu lại bằng bảng mã UTF-8.".to_owned(),
            "This is not UTF-8. Save the file again as UTF-8.".to_owned(),
        )
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// Why something of the folder `dir` cannot be read, and what to do.
fn cannot_read(error: &io::Error, dir: &Path) -> Words {
    let dir = dir.display();
    let (vi, en) = match error.kind() {
        io::ErrorKind::NotFound => (
            "không có ở đây. Thư mục cấu hình cần dongtin.toml, topics/ và sources/".to_owned(),
            "it is not there. A configuration folder needs dongtin.toml, topics/ and sources/".to_owned(),
        ),
        io::ErrorKind::NotADirectory => ("không phải là thư mục".to_owned(), "it is not a folder".to_owned()),
        io::ErrorKind::PermissionDenied => (
            format!("không có quyền. Hãy chạy: sudo chmod -R a+rX {dir}"),
            format!("permission denied. Run: sudo chmod -R a+rX {dir}"),
        ),
        _ => (format!("{error}. Hãy kiểm tra ổ đĩa"), format!("{error}. Check the disk")),
    };
    (format!("Không đọc được: {vi}."), format!("Cannot be read: {en}."))
}

fn no_topic() -> Words {
    (
        "Không có chủ đề nào: thư mục này cần ít nhất một tập tin .toml. Hãy chép lại từ config/topics/ của dongtin."
            .to_owned(),
        "There is no topic: this folder needs at least one .toml file. Copy them again from dongtin's config/topics/."
            .to_owned(),
    )
}
