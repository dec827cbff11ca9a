//! .gitignore: what git ignores is made by a build or kept private, so that its absence proves nothing.
use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::files::Files;
use super::paths;

/// The .gitignore files that matter for a build context.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GitIgnore {
    /// Outer files first.
    files: Vec<IgnoreFile>,
}

#[derive(Clone, Debug)]
struct IgnoreFile {
    /// Leads from the file's directory to the context; empty for a file below it.
    prefix: String,
    /// Leads from the context to the file; empty for a file above it.
    dir: String,
    text: Vec<u8>,
    rules: Gitignore,
}

impl PartialEq for IgnoreFile {
    fn eq(&self, other: &Self) -> bool {
        (&self.prefix, &self.dir, &self.text) == (&other.prefix, &other.dir, &other.text)
    }
}

impl GitIgnore {
    /// Reads the .gitignore of the context and of the directories above it up to the repository's root.
    pub fn read(files: &dyn Files, context: &Path) -> Self {
        let mut found = Self::default();
        let mut prefix = String::new();
        for dir in context.ancestors().take(16) {
            if let Ok(bytes) = files.read(&dir.join(".gitignore")) {
                let file = IgnoreFile { prefix: prefix.clone(), dir: String::new(), rules: parse(&bytes), text: bytes };
                found.files.insert(0, file);
            }
            if files.kind(&dir.join(".git")).is_some() {
                return found;
            }
            let Some(name) = dir.file_name().and_then(|name| name.to_str()) else { break };
            prefix = paths::join(name, &prefix);
        }
        // No repository: files above the context have nothing to say.
        found.files.retain(|file| file.prefix.is_empty());
        found
    }

    /// Adds the .gitignore of a directory below the context.
    pub fn add(&mut self, dir: &str, bytes: &[u8]) {
        let (rules, text) = (parse(bytes), bytes.to_vec());
        self.files.push(IgnoreFile { prefix: String::new(), dir: dir.to_owned(), text, rules });
    }

    /// Whether git ignores a path of the context, or a directory that it lies in. Inner files win over outer ones.
    pub fn is_ignored(&self, path: &str) -> bool {
        let path = paths::clean(path);
        for file in self.files.iter().rev() {
            let Some(rest) = paths::strip(&path, &file.dir).filter(|rest| !rest.is_empty()) else { continue };
            // Whether a missing path would be a directory is not known: try both.
            let full = paths::join(&file.prefix, rest);
            for is_dir in [false, true] {
                let found = file.rules.matched_path_or_any_parents(&full, is_dir);
                if !found.is_none() {
                    return found.is_ignore();
                }
            }
        }
        false
    }
}

fn parse(bytes: &[u8]) -> Gitignore {
    let mut builder = GitignoreBuilder::new("");
    for line in String::from_utf8_lossy(bytes).lines().take(5_000) {
        // A line that is no pattern is left out, as git does.
        let _ = builder.add_line(None, line);
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::files::Memory;

    #[test]
    fn files_of_several_directories() {
        let files = Memory::new([
            ("/w/.git/HEAD", ""),
            ("/w/.gitignore", "/api/dist\n*.log\n[\n!keep.log\nbin/\n"),
            ("/w/api/.gitignore", "/app\n"),
        ]);
        let mut found = GitIgnore::read(&files, Path::new("/w/api"));
        found.add("web", b"!x.log\n/out\n");
        for path in ["dist/app", "dist", "app", "a/b.log", "bin/x", "bin", "web/out"] {
            assert!(found.is_ignored(path), "{path}");
        }
        for path in ["sub/dist", "sub/app", "keep.log", "web/x.log", "main.go", "", "../x"] {
            assert!(!found.is_ignored(path), "{path}");
        }
        assert!(!GitIgnore::default().is_ignored("x"));
    }
}
