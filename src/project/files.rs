//! Access to files: the disk, or a map for tests.
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// No file that matters is larger; a larger one is refused, not read in part. In bytes.
pub const MAX_FILE: u64 = 4 << 20;

/// What an entry of a directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file, perhaps behind a symbolic link.
    File,
    /// A directory.
    Directory,
    /// A symbolic link to a directory, or to nothing; never followed.
    Link,
    /// A socket, device or pipe.
    Other,
}

/// One entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name; entries whose name is not UTF-8 are left out.
    pub name: String,
    /// What it is.
    pub kind: Kind,
}

/// Where facts are read from.
pub trait Files: Send + Sync {
    /// The bytes of a file; an error when it is larger than `MAX_FILE` or no regular file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// The entries of a directory, by name.
    fn list(&self, path: &Path) -> io::Result<Vec<Entry>>;
    /// What a path is, symbolic links followed; `None` when there is nothing.
    fn kind(&self, path: &Path) -> Option<Kind>;
}

/// The real file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let metadata = std::fs::metadata(path)?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        // With room for all of it, and to see that it ends there: else a buffer grows with every read.
        let mut bytes = Vec::with_capacity(metadata.len().min(MAX_FILE) as usize + 1);
        std::fs::File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_FILE {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 4 MiB"));
        }
        Ok(bytes)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(path)? {
            let entry = entry?;
            let (Ok(name), Ok(file_type)) = (entry.file_name().into_string(), entry.file_type()) else { continue };
            let kind = if file_type.is_symlink() {
                match self.kind(&entry.path()) {
                    Some(Kind::File) => Kind::File,
                    _ => Kind::Link,
                }
            } else if file_type.is_dir() {
                Kind::Directory
            } else if file_type.is_file() {
                Kind::File
            } else {
                Kind::Other
            };
            entries.push(Entry { name, kind });
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn kind(&self, path: &Path) -> Option<Kind> {
        let metadata = std::fs::metadata(path).ok()?;
        Some(match () {
            () if metadata.is_dir() => Kind::Directory,
            () if metadata.is_file() => Kind::File,
            () => Kind::Other,
        })
    }
}

/// Files in memory; directories exist because files lie in them.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Memory {
    /// Files of the given paths and texts.
    pub fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let files = files.into_iter().map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec()));
        Self { files: files.collect() }
    }

    /// Adds or replaces a file.
    pub fn insert(&mut self, path: impl Into<PathBuf>, bytes: impl Into<Vec<u8>>) {
        self.files.insert(path.into(), bytes.into());
    }
}

impl Files for Memory {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let mut entries: BTreeMap<String, Kind> = BTreeMap::new();
        for rest in self.files.keys().filter_map(|file| file.strip_prefix(path).ok()) {
            let mut parts = rest.components();
            let Some(name) = parts.next().and_then(|part| part.as_os_str().to_str()) else { continue };
            let kind = if parts.next().is_some() { Kind::Directory } else { Kind::File };
            entries.insert(name.to_owned(), kind);
        }
        if entries.is_empty() {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(entries.into_iter().map(|(name, kind)| Entry { name, kind }).collect())
    }

    fn kind(&self, path: &Path) -> Option<Kind> {
        if self.files.contains_key(path) {
            return Some(Kind::File);
        }
        self.files.keys().any(|file| file.starts_with(path)).then_some(Kind::Directory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_has_directories() {
        let files = Memory::new([("/p/go.mod", "module x"), ("/p/cmd/a/main.go", "package main")]);
        let names: Vec<String> = files.list(Path::new("/p")).unwrap().into_iter().map(|entry| entry.name).collect();
        assert_eq!(names, ["cmd", "go.mod"]);
        assert_eq!(files.kind(Path::new("/p/cmd")), Some(Kind::Directory));
        assert_eq!(files.kind(Path::new("/p/cm")), None);
        assert!(files.read(Path::new("/p/none")).is_err() && files.list(Path::new("/q")).is_err());
    }

    #[test]
    fn disk_refuses_large_files_and_follows_no_directory_link() {
        let dir = tempfile::tempdir().unwrap();
        let large = dir.path().join("large");
        std::fs::File::create(&large).unwrap().set_len(MAX_FILE + 1).unwrap();
        assert!(Disk.read(&large).is_err() && Disk.read(dir.path()).is_err());
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(dir.path(), dir.path().join("loop")).unwrap();
            let entries = Disk.list(dir.path()).unwrap();
            assert_eq!(entries.iter().map(|e| e.kind).collect::<Vec<_>>(), [Kind::File, Kind::Link]);
        }
    }
}
