//! What a document is called as a file and as a key. Nothing that could lead out of a folder is a name.

use crate::publish::Lang;

/// The longest part of a path, in bytes: file systems allow 255, and a language and a coding stand behind it.
const MAX_PART_BYTES: usize = 200;

/// The name of a document's file: `x/` is `x/index.html`, `story/1f` is `story/1f.html`, English stands beside as `.en.html`.
pub fn file(path: &str, lang: Lang) -> Option<String> {
    let (folder, last) = parts(path)?;
    let name = match (stem_of(last), lang) {
        ((stem, extension), Lang::Vi) => format!("{stem}.{extension}"),
        ((stem, extension), Lang::En) => format!("{stem}.en.{extension}"),
    };
    Some(format!("{folder}{name}"))
}

/// The key of a document in an object store: its file's name, but a page without an extension is asked for without one.
pub fn key(path: &str, lang: Lang) -> Option<String> {
    let (_, last) = parts(path)?;
    match lang {
        Lang::Vi if !last.is_empty() => Some(path.to_owned()),
        _ => file(path, lang),
    }
}

/// Whether something that calls itself a key could be one of ours.
pub fn is_key(name: &str) -> bool {
    parts(name).is_some_and(|(_, last)| !last.is_empty())
}

/// The folder with its slash, and what stands in it; nothing where any part is not a plain name.
fn parts(path: &str) -> Option<(&str, &str)> {
    let (folder, last) = path.rfind('/').map_or(("", path), |at| path.split_at(at + 1));
    let in_folder = folder.strip_suffix('/').is_none_or(|folder| folder.split('/').all(is_plain));
    (in_folder && (last.is_empty() || is_plain(last))).then_some((folder, last))
}

/// Letters, digits and `-_.`, not hidden: `..`, NUL, backslashes and everything else that some program reads as more than a name are not.
fn is_plain(part: &str) -> bool {
    let is_safe = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    !part.is_empty() && part.len() <= MAX_PART_BYTES && !part.starts_with('.') && part.bytes().all(is_safe)
}

fn stem_of(last: &str) -> (&str, &str) {
    match last.rsplit_once('.') {
        Some(named) => named,
        None if last.is_empty() => ("index", "html"),
        None => (last, "html"),
    }
}
