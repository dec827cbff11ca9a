//! Files that are looked at once: for a run over many Dockerfiles, during which nothing is expected to change.
use std::collections::HashMap;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::files::{Entry, Files, Kind};

/// Remembers what is where. Texts are not kept: what is made of them is.
#[derive(Debug)]
pub struct Memo<F> {
    files: F,
    kinds: Mutex<HashMap<PathBuf, Option<Kind>>>,
    lists: Mutex<HashMap<PathBuf, Arc<Vec<Entry>>>>,
}

impl<F: Files> Memo<F> {
    /// Looks through to `files`.
    pub fn new(files: F) -> Self {
        Self { files, kinds: Mutex::default(), lists: Mutex::default() }
    }

    /// What is known of `path` without looking: from its folder's entries, or because its folder is none.
    fn known(&self, path: &Path) -> Known {
        if let Some(kind) = lock(&self.kinds).get(path) {
            return Known::Yes(*kind);
        }
        let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(OsStr::to_str)) else {
            return Known::No;
        };
        if matches!(lock(&self.kinds).get(folder), Some(None | Some(Kind::File | Kind::Other))) {
            return Known::Yes(None);
        }
        let Some(entries) = lock(&self.lists).get(folder).cloned() else { return Known::No };
        match entries.binary_search_by(|entry| entry.name.as_str().cmp(name)).map(|at| entries[at].kind) {
            // Where a link leads only the disk knows.
            Ok(Kind::Link) => Known::No,
            Ok(kind) => Known::Yes(Some(kind)),
            Err(_) => Known::Yes(None),
        }
    }
}

/// Whether a path was looked at, and what it is.
#[derive(PartialEq)]
enum Known {
    Yes(Option<Kind>),
    No,
}

impl<F: Files> Files for Memo<F> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let known = self.known(path);
        if known == Known::Yes(None) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let read = self.files.read(path);
        let is_missing = matches!(&read, Err(error) if error.kind() == io::ErrorKind::NotFound);
        if is_missing && known == Known::No {
            lock(&self.kinds).insert(path.to_owned(), None);
        }
        read
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        if let Some(entries) = lock(&self.lists).get(path) {
            return Ok(entries.as_ref().clone());
        }
        // One look at the folder spares many below one that does not exist.
        if !matches!(self.kind(path), Some(Kind::Directory)) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let entries = self.files.list(path)?;
        lock(&self.lists).insert(path.to_owned(), Arc::new(entries.clone()));
        Ok(entries)
    }

    fn kind(&self, path: &Path) -> Option<Kind> {
        if let Known::Yes(known) = self.known(path) {
            return known;
        }
        let kind = match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            Some(folder) if self.kind(folder) != Some(Kind::Directory) => None,
            _ => self.files.kind(path),
        };
        lock(&self.kinds).insert(path.to_owned(), kind);
        kind
    }
}

/// A thread that panicked leaves a map that is still right.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::project::files::Memory;

    struct Counted(Memory, AtomicUsize);

    impl Files for Counted {
        fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
            self.1.fetch_add(1, Ordering::Relaxed);
            self.0.read(path)
        }
        fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
            self.1.fetch_add(1, Ordering::Relaxed);
            self.0.list(path)
        }
        fn kind(&self, path: &Path) -> Option<Kind> {
            self.1.fetch_add(1, Ordering::Relaxed);
            self.0.kind(path)
        }
    }

    #[test]
    fn answers_as_the_files_do_and_looks_once() {
        let plain = Memory::new([("/p/go.mod", "module x"), ("/p/cmd/a/main.go", ""), ("/q/x", "")]);
        let memo = Memo::new(Counted(plain.clone(), AtomicUsize::new(0)));
        for round in 0..3 {
            for path in ["/p", "/p/go.mod", "/p/cmd", "/p/none", "/p/none/a/b", "/p/go.mod/x", "/q/x", "/r", ""] {
                let path = Path::new(path);
                assert_eq!(memo.kind(path), plain.kind(path), "{path:?}");
                assert_eq!(memo.list(path).ok(), plain.list(path).ok(), "{path:?}");
                assert_eq!(memo.read(path).ok(), plain.read(path).ok(), "{path:?}");
            }
            let looks = memo.files.1.swap(0, Ordering::Relaxed);
            assert!(round == 0 || looks <= 6, "{looks}");
        }
    }
}
