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

/// A certificate has one or two KiB; the whole of a system's store, which is no file for one source, has 200.
const MAX_CERTIFICATES_BYTES: u64 = 64 << 10;

/// A message in Vietnamese and in English.
type Words = (String, String);

/// Reads every file of a folder; with the warnings about what is in it and is not read.
pub fn read(dir: &Path) -> Result<(Vec<File>, Vec<Mistake>), Vec<Mistake>> {
    let mut files = Vec::new();
    let mut mistakes = Vec::new();
    let mut say = |path: &Path, fatal, (vi, en): Words| {
        let file = path.display().to_string();
        mistakes.push(Mistake { fatal, ..Mistake::of_file(&file, vi, en) });
    };
    let mut paths = vec![(dir.join("dongtin.toml"), FileKind::Settings)];
    for (folder, kind) in [("topics", FileKind::Topic), ("sources", FileKind::Sources)] {
        let folder = dir.join(folder);
        let (ours, others): (Vec<_>, Vec<_>) = match names(&folder) {
            Ok(found) => found.into_iter().partition(|path| path.extension().is_some_and(|e| e == "toml")),
            Err(error) => {
                say(&folder, true, cannot_read(&error, dir));
                continue;
            }
        };
        if kind == FileKind::Topic && ours.is_empty() {
            say(&folder, true, no_topic());
        }
        // What `dongtin topic train` writes.
        let is_weights = |path: &PathBuf| kind == FileKind::Topic && path.extension().is_some_and(|e| e == "tsv");
        let (weights, others): (Vec<_>, Vec<_>) = others.into_iter().partition(is_weights);
        others.iter().for_each(|path| say(path, false, not_read(path)));
        paths.extend(ours.into_iter().map(|path| (path, kind)));
        paths.extend(weights.into_iter().map(|path| (path, FileKind::Weights)));
    }
    // What `cp -r config /etc/dongtin` makes the second time.
    let nested = dir.join("config");
    if nested.is_dir() {
        say(&nested, false, nested_folder(dir));
    }
    // Most configurations have none; a source that names one and misses it says so itself.
    for path in names(&dir.join("ca")).unwrap_or_default() {
        match read_bytes(&path, dir, MAX_CERTIFICATES_BYTES) {
            Ok(bytes) => {
                let (name, text) = (path.display().to_string(), String::from_utf8_lossy(&bytes).into_owned());
                files.push(File { name, kind: FileKind::Certificates, text });
            }
            Err(words) => say(&path, false, words),
        }
    }
    for (path, kind) in paths {
        match read_file(&path, dir) {
            Ok(text) => files.push(File { name: path.display().to_string(), kind, text }),
            Err(words) => say(&path, true, words),
        }
    }
    if mistakes.iter().any(|m| m.fatal) { Err(mistakes) } else { Ok((files, mistakes)) }
}

/// What is in a folder, in the order of the names.
fn names(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if !is_leftover(&path) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Editors leave `.x.toml.swp`, `#x.toml#`, `x.toml~`, `4913` beside the files they write.
fn is_leftover(path: &Path) -> bool {
    let name = path.file_name().map(OsStr::to_string_lossy).unwrap_or_default();
    name.starts_with(['.', '#']) || name.ends_with('~') || name.bytes().all(|b| b.is_ascii_digit())
}

/// Of a file that is no configuration file by its name: Notepad adds `.txt`, and an old disk writes `.TOML`.
fn not_read(path: &Path) -> Words {
    let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    let (vi, en) = match name.find(".toml").and_then(|at| name.get(..at)).filter(|_| !path.is_dir()) {
        Some(stem) => (
            format!("nếu đây là cấu hình, hãy đổi tên thành \"{stem}.toml\""),
            format!("if it is configuration, rename it to \"{stem}.toml\""),
        ),
        None => ("hãy dời đi nơi khác".to_owned(), "move it away".to_owned()),
    };
    (
        format!("Không được đọc, vì tên không kết thúc bằng \".toml\"; {vi}."),
        format!("Not read, because its name does not end in \".toml\"; {en}."),
    )
}

fn nested_folder(dir: &Path) -> Words {
    let dir = dir.display();
    (
        format!(
            "Thư mục này không được đọc (chép nhầm một cấp?). Hãy đặt dongtin.toml, topics/ và sources/ thẳng vào {dir}."
        ),
        format!(
            "This folder is not read (copied one level too deep?). Put dongtin.toml, topics/ and sources/ straight into {dir}."
        ),
    )
}

fn read_bytes(path: &Path, dir: &Path, most: u64) -> Result<Vec<u8>, Words> {
    let meta = fs::metadata(path).map_err(|e| cannot_read(&e, dir))?;
    if !meta.is_file() {
        return Err(("Không phải là tập tin.".to_owned(), "This is not a file.".to_owned()));
    }
    let mut bytes = Vec::new();
    let opened = fs::File::open(path);
    opened.and_then(|f| f.take(most + 1).read_to_end(&mut bytes)).map_err(|e| cannot_read(&e, dir))?;
    if bytes.len() as u64 > most {
        let most = if most < 1 << 20 { format!("{} KiB", most >> 10) } else { format!("{} MiB", most >> 20) };
        return Err((format!("Lớn hơn {most}."), format!("Larger than {most}.")));
    }
    Ok(bytes)
}

fn read_file(path: &Path, dir: &Path) -> Result<String, Words> {
    let bytes = read_bytes(path, dir, MAX_FILE_BYTES)?;
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
