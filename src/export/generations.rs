//! The folder that readers look at: a link to one of the generations beside it, `site -> site.7`. A new one is made whole, then the link is
//! renamed over, so a reader finds the old site or the new one, and a program that is killed leaves the old one.

use std::fs::{self, DirBuilder, File, Permissions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use super::Error;

/// Stands in every generation: a folder with it may be removed, and one without it is somebody else's.
const MARK: &str = ".dongtin";
/// What is in it. Another number stands for other files from the same documents, so that nothing of them is taken over.
const MARK_TEXT: &[u8] = b"export/1\n";
/// What a generation is called until it is whole.
const PARTIAL: &str = ".partial";

/// A place to export to, taken for this process.
pub struct Place {
    folder: PathBuf,
    parent: PathBuf,
    name: String,
    /// The generation that readers see.
    current: Option<u64>,
    next: u64,
    /// Held until the end.
    _lock: File,
}

/// A generation that is being made.
pub struct Draft {
    /// Its folder.
    pub root: PathBuf,
    number: u64,
}

/// An error of the disk, with where it happened.
pub fn disk(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.display().to_string();
    move |source| Error::Disk { path, source }
}

impl Place {
    /// Takes a place, and clears away what a killed export left there.
    pub fn take(folder: &Path) -> Result<Place, Error> {
        let shown = || folder.display().to_string();
        let name = folder.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        let name = name.ok_or_else(|| Error::NoName { place: shown() })?;
        let parent = match folder.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let lock_path = parent.join(format!("{name}.lock"));
        let lock = File::options().create(true).append(true).open(&lock_path).map_err(disk(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Busy { place: shown() }),
            Err(TryLockError::Error(error)) => return Err(disk(&lock_path)(error)),
        }
        // "site/" and "site" are one place, and a link is looked at, not through.
        let folder = parent.join(&name);
        let mut place = Place { folder, parent, name, current: None, next: 1, _lock: lock };
        place.current = place.find_current()?;
        place.sweep()?;
        Ok(place)
    }

    /// The generation that readers see, if what it holds may be taken over.
    pub fn current(&self) -> Option<PathBuf> {
        self.current.map(|number| self.generation(number)).filter(|path| mark_of(path).as_deref() == Some(MARK_TEXT))
    }

    /// Begins a generation.
    pub fn draft(&self) -> Result<Draft, Error> {
        let root = self.partial(self.next);
        DirBuilder::new().mode(0o755).create(&root).map_err(disk(&root))?;
        let path = root.join(MARK);
        let mut mark = File::create_new(&path).map_err(disk(&path))?;
        mark.write_all(MARK_TEXT).map_err(disk(&path))?;
        // Web servers read as somebody else, whatever the umask of the operator.
        fs::set_permissions(&root, Permissions::from_mode(0o755)).map_err(disk(&root))?;
        Ok(Draft { root, number: self.next })
    }

    /// Lets readers see a generation, once everything of it is on the disk. The one before it stays, for those who are reading it.
    pub fn publish(&self, draft: &Draft) -> Result<(), Error> {
        sync(&draft.root)?;
        let whole = self.generation(draft.number);
        fs::rename(&draft.root, &whole).map_err(disk(&whole))?;
        let link = self.partial(draft.number);
        symlink(format!("{}.{}", self.name, draft.number), &link).map_err(disk(&link))?;
        if self.folder.symlink_metadata().is_ok_and(|found| found.is_dir()) {
            // It was found empty; a link cannot be renamed over a folder. Had something come meanwhile, this would fail.
            fs::remove_dir(&self.folder).map_err(disk(&self.folder))?;
        }
        fs::rename(&link, &self.folder).map_err(disk(&self.folder))?;
        sync(&self.parent)?;
        self.prune(draft.number);
        Ok(())
    }

    /// Forgets a generation that is not wanted.
    pub fn discard(&self, draft: &Draft) {
        if let Err(error) = remove(&draft.root) {
            tracing::debug!(%error, "the next export will clear this away");
        }
    }

    fn generation(&self, number: u64) -> PathBuf {
        self.parent.join(format!("{}.{number}", self.name))
    }

    fn partial(&self, number: u64) -> PathBuf {
        self.parent.join(format!("{}.{number}{PARTIAL}", self.name))
    }

    /// What readers see. Anything but a link to a generation of ours, nothing, or an empty folder is not ours to replace.
    fn find_current(&self) -> Result<Option<u64>, Error> {
        let not_ours = || Error::NotOurs { place: self.folder.display().to_string() };
        let found = match self.folder.symlink_metadata() {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(disk(&self.folder)(error)),
        };
        if found.is_dir() {
            return if is_empty(&self.folder) { Ok(None) } else { Err(not_ours()) };
        }
        let target = fs::read_link(&self.folder).map_err(|_| not_ours())?;
        let number = target.to_str().and_then(|target| self.number(target)).ok_or_else(not_ours)?;
        let generation = self.generation(number);
        match generation.symlink_metadata() {
            Ok(_) if mark_of(&generation).is_some() => Ok(Some(number)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            _ => Err(not_ours()),
        }
    }

    /// Removes what a killed export began, and finds the next free number.
    fn sweep(&mut self) -> Result<(), Error> {
        for name in self.siblings()? {
            let path = self.parent.join(&name);
            let number = name.strip_suffix(PARTIAL).and_then(|name| self.number(name));
            if number.is_some() {
                if path.is_symlink() {
                    fs::remove_file(&path).map_err(disk(&path))?;
                } else if mark_of(&path).is_some() || is_bare(&path) {
                    remove(&path).map_err(disk(&path))?;
                }
            }
            // A name that is taken stays taken, whoever has it.
            if let Some(number) = self.number(&name).or(number) {
                self.next = self.next.max(number.saturating_add(1));
            }
        }
        Ok(())
    }

    /// Removes generations that nobody reads any more. What cannot be removed harms nothing.
    fn prune(&self, newest: u64) {
        for name in self.siblings().unwrap_or_default() {
            let Some(number) = self.number(&name).filter(|n| *n != newest && Some(*n) != self.current) else {
                continue;
            };
            let path = self.generation(number);
            if mark_of(&path).is_some()
                && let Err(error) = remove(&path)
            {
                tracing::warn!(path = %path.display(), %error, "không xoá được bản cũ · an old generation cannot be removed");
            }
        }
    }

    fn siblings(&self) -> Result<Vec<String>, Error> {
        let entries = fs::read_dir(&self.parent).map_err(disk(&self.parent))?;
        Ok(entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect())
    }

    /// The number of a generation by its name, written as we write it.
    fn number(&self, name: &str) -> Option<u64> {
        let digits = name.strip_prefix(&self.name)?.strip_prefix('.')?;
        digits.parse().ok().filter(|number: &u64| number.to_string() == digits)
    }
}

/// What the mark of a folder says, if that is a folder of ours.
fn mark_of(folder: &Path) -> Option<Vec<u8>> {
    let mark = folder.join(MARK);
    let is_plain = folder.symlink_metadata().ok()?.is_dir() && mark.symlink_metadata().ok()?.is_file();
    let text = is_plain.then(|| fs::read(mark).ok()).flatten()?;
    text.starts_with(b"export/").then_some(text)
}

/// Removes a generation, its mark last: killed on the way, it is still known as ours.
fn remove(generation: &Path) -> io::Result<()> {
    for entry in fs::read_dir(generation)? {
        let entry = entry?;
        if entry.file_name() == MARK {
            continue;
        }
        match entry.file_type()?.is_dir() {
            true => fs::remove_dir_all(entry.path())?,
            false => fs::remove_file(entry.path())?,
        }
    }
    fs::remove_dir_all(generation)
}

/// Whether a folder holds nothing but perhaps a mark that was not written to its end.
fn is_bare(folder: &Path) -> bool {
    fs::read_dir(folder)
        .is_ok_and(|mut entries| entries.all(|entry| entry.is_ok_and(|entry| entry.file_name() == MARK)))
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

/// Waits until everything on a folder's file system is on the disk: one wait, however many files are new.
fn sync(folder: &Path) -> Result<(), Error> {
    let open = File::open(folder).map_err(disk(folder))?;
    rustix::fs::syncfs(&open).map_err(|error| disk(folder)(error.into()))
}

/// Every file of a generation, by its name below it.
pub fn names(root: &Path) -> Result<Vec<String>, Error> {
    let (mut names, mut folders) = (Vec::new(), vec![String::new()]);
    while let Some(folder) = folders.pop() {
        let path = root.join(&folder);
        for entry in fs::read_dir(&path).map_err(disk(&path))? {
            let entry = entry.map_err(disk(&path))?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            match entry.file_type().map_err(disk(&path))? {
                kind if kind.is_dir() => folders.push(format!("{folder}{name}/")),
                _ if folder.is_empty() && name == MARK => {}
                _ => names.push(format!("{folder}{name}")),
            }
        }
    }
    Ok(names)
}
