//! The paths below a build context, as far as a bounded walk saw them.
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

use super::files::{Files, Kind};
use super::paths;
use super::pattern::Pattern;

/// How much a walk looks at.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Files and directories.
    pub entries: usize,
    /// Directories below the context.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { entries: 60_000, depth: 32 }
    }
}

/// Directories that are never looked into: large, and no part of a Go build.
const SKIPPED: [&str; 2] = [".git", "node_modules"];

/// What lies below a directory. Paths are relative to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    entries: BTreeMap<String, Kind>,
    /// Directories of which not every entry is known.
    open: BTreeSet<String>,
    /// No bound was hit; only `.git`, `node_modules` and links were not looked into.
    pub complete: bool,
}

impl Default for Listing {
    /// Nothing is known.
    fn default() -> Self {
        Self { entries: BTreeMap::new(), open: BTreeSet::from([String::new()]), complete: false }
    }
}

impl Listing {
    /// Walks `root`, nearest directories first; what lies in vendor directories last, as it is much and matters little.
    pub fn read(files: &dyn Files, root: &Path, limits: Limits) -> Self {
        let mut listing = Self { entries: BTreeMap::new(), open: BTreeSet::new(), complete: true };
        let mut queue = VecDeque::from([String::new()]);
        let mut vendored = VecDeque::new();
        while let Some(dir) = queue.pop_front().or_else(|| vendored.pop_front()) {
            let depth = dir.split('/').filter(|part| !part.is_empty()).count();
            let entries = if depth <= limits.depth { files.list(&root.join(&dir)).ok() } else { None };
            let Some(entries) = entries.filter(|entries| listing.entries.len() + entries.len() <= limits.entries)
            else {
                listing.complete = false;
                listing.open.insert(dir);
                continue;
            };
            for entry in entries {
                let path = paths::join(&dir, &entry.name);
                let is_open = entry.kind == Kind::Link || SKIPPED.contains(&entry.name.as_str());
                if is_open && entry.kind != Kind::File {
                    listing.open.insert(path.clone());
                } else if entry.kind == Kind::Directory {
                    let below = path.split('/').any(|part| part == "vendor");
                    if below { &mut vendored } else { &mut queue }.push_back(path.clone());
                }
                listing.entries.insert(path, entry.kind);
            }
        }
        listing
    }

    /// True when every entry below a directory is known, but for `.git`, `node_modules`, links and vendor directories.
    pub fn is_complete_below(&self, dir: &str) -> bool {
        let skipped = |path: &str| path.split('/').any(|part| part == "vendor" || SKIPPED.contains(&part));
        let is_link = |path: &str| self.entries.get(path) == Some(&Kind::Link);
        let mut open =
            self.open.iter().filter(|path| paths::strip(path, dir).is_some() || paths::strip(dir, path).is_some());
        open.all(|path| skipped(path) || is_link(path))
    }

    /// All known paths with what they are, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Kind)> {
        self.entries.iter().map(|(path, kind)| (path.as_str(), *kind))
    }

    /// What a path is, when it is known to exist.
    pub fn kind(&self, path: &str) -> Option<Kind> {
        let path = paths::clean(path);
        if path.is_empty() { Some(Kind::Directory) } else { self.entries.get(&*path).copied() }
    }

    /// Whether something is there; `None` when the walk could not see it.
    pub fn exists(&self, path: &str) -> Option<bool> {
        let path = paths::clean(path);
        if path.is_empty() || self.entries.contains_key(&*path) {
            return Some(true);
        }
        let mut above = &*path;
        while !above.is_empty() {
            above = paths::parent(above);
            if self.open.contains(above) {
                return None;
            }
            if self.entries.contains_key(above) {
                break;
            }
        }
        Some(false)
    }

    /// The paths that a COPY source matches, wildcards included, sorted; `None` when the walk missed places where
    /// there might be more.
    pub fn glob(&self, source: &str) -> Option<Vec<&str>> {
        let source = paths::clean(source);
        let literal = source.split(['*', '?', '[', '\\']).next().unwrap_or_default();
        let below = paths::parent(literal);
        let is_hidden = |open: &String| paths::strip(open, below).is_some() || paths::strip(below, open).is_some();
        // What is matched begins with what stands in front of the wildcards, and is that where there are none.
        let found: Vec<&str> = if literal.len() == source.len() {
            self.entries.get_key_value(&*source).into_iter().map(|(path, _)| path.as_str()).collect()
        } else {
            let Some(pattern) = Pattern::file_match(&source) else { return Some(Vec::new()) };
            let from = self.entries.range(literal.to_owned()..).map(|(path, _)| path.as_str());
            from.take_while(|path| path.starts_with(literal)).filter(|path| pattern.matches(path)).collect()
        };
        let depth = source.matches('/').count();
        let unseen = self.open.iter().filter(|open| is_hidden(open)).any(|open| {
            let open_depth = if open.is_empty() { 0 } else { open.matches('/').count() + 1 };
            open_depth <= depth
        });
        (!unseen || (found.len() == 1 && found[0] == source)).then_some(found)
    }

    /// The entries of a directory: name and kind; `None` when not all of them are known.
    pub fn children(&self, dir: &str) -> Option<Vec<(&str, Kind)>> {
        let dir = paths::clean(dir);
        if self.open.contains(&*dir) || !(dir.is_empty() || self.entries.contains_key(&*dir)) {
            return None;
        }
        let inside = |path: &str| !path.is_empty() && paths::parent(path) == dir;
        let start = if dir.is_empty() { String::new() } else { format!("{dir}/") };
        let range = self.entries.range(start.clone()..).take_while(|(path, _)| path.starts_with(&start));
        let children = range.filter(|(path, _)| inside(path)).map(|(path, kind)| (paths::file_name(path), *kind));
        Some(children.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::files::Memory;

    fn files() -> Memory {
        Memory::new([
            ("/p/go.mod", ""),
            ("/p/cmd/a/main.go", ""),
            ("/p/cmd/a.go", ""),
            ("/p/node_modules/x/y.js", ""),
            ("/p/d/e/f/g.txt", ""),
        ])
    }

    #[test]
    fn exists_or_not_or_unknown() {
        let listing = Listing::read(&files(), Path::new("/p"), Limits::default());
        assert!(listing.complete);
        assert_eq!((listing.exists("./go.mod"), listing.exists("go.sum")), (Some(true), Some(false)));
        assert_eq!((listing.exists("node_modules"), listing.exists("node_modules/z/q")), (Some(true), None));
        assert_eq!(
            (listing.exists("go.mod/x"), listing.exists("cmd/b/c"), listing.exists("")),
            (Some(false), Some(false), Some(true))
        );
        assert_eq!(listing.children("cmd").unwrap(), [("a", Kind::Directory), ("a.go", Kind::File)]);
        assert_eq!(listing.children("").unwrap().len(), 4);
        assert_eq!(listing.children("none"), None);
    }

    #[test]
    fn globs() {
        let listing = Listing::read(&files(), Path::new("/p"), Limits::default());
        assert_eq!(listing.glob("go.*"), Some(vec!["go.mod"]));
        assert_eq!(listing.glob("go.su[m]"), Some(vec![]));
        assert_eq!(listing.glob("cmd/*"), Some(vec!["cmd/a", "cmd/a.go"]));
        assert_eq!(listing.glob("*/x"), None);
    }

    #[test]
    fn bounds_make_it_incomplete() {
        let listing = Listing::read(&files(), Path::new("/p"), Limits { entries: 6, depth: 32 });
        assert!(!listing.complete);
        assert_eq!((listing.exists("go.sum"), listing.exists("d/e/f/g.txt")), (Some(false), None));
        let shallow = Listing::read(&files(), Path::new("/p"), Limits { entries: 100, depth: 1 });
        assert_eq!((shallow.exists("d/e"), shallow.exists("d/e/x")), (Some(true), None));
        assert_eq!(Listing::read(&files(), Path::new("/none"), Limits::default()).exists("x"), None);
        assert_eq!((Listing::default().exists("x/y"), Listing::default().glob("*")), (None, None));
    }
}
