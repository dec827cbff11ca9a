//! Which files are Dockerfiles, and where they lie below a folder.
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use ignore::{DirEntry, WalkBuilder, WalkState};

/// What may stand behind `Dockerfile.` in the name of something else: documents, leftovers of editors and merges,
/// templates, sources and data.
const OTHER_FILES: [&str; 35] = [
    "dockerignore",
    "md",
    "rst",
    "adoc",
    "html",
    "orig",
    "rej",
    "bak",
    "swp",
    "tmp",
    "patch",
    "diff",
    "j2",
    "jinja",
    "jinja2",
    "tmpl",
    "tpl",
    "template",
    "in",
    "erb",
    "ejs",
    "hbs",
    "mustache",
    "gotmpl",
    "js",
    "ts",
    "jsx",
    "tsx",
    "java",
    "json",
    "yaml",
    "yml",
    "toml",
    "lock",
    "rego",
];

/// True for `Dockerfile`, `Containerfile`, `app.Dockerfile`, `Dockerfile.dev` and the like.
pub fn is_dockerfile(name: &str) -> bool {
    const NAMES: [&str; 2] = ["Dockerfile", "Containerfile"];
    NAMES.iter().any(|known| {
        let whole = name.eq_ignore_ascii_case(known);
        let suffix =
            name.rsplit_once('.').is_some_and(|(stem, last)| !stem.is_empty() && last.eq_ignore_ascii_case(known));
        // In small letters too `dockerfile.go` is a source file.
        let prefix = name.strip_prefix(known).and_then(|rest| rest.strip_prefix('.'));
        whole || suffix || prefix.is_some_and(is_variant)
    })
}

fn is_variant(rest: &str) -> bool {
    let last = rest.rsplit('.').next().unwrap_or(rest);
    !last.is_empty() && !last.ends_with('~') && !OTHER_FILES.iter().any(|other| last.eq_ignore_ascii_case(other))
}

/// When a walk ends though there is more.
#[derive(Clone, Copy, Debug)]
pub struct WalkLimits {
    /// Files and folders that are looked at.
    pub entries: usize,
    /// Time.
    pub time: Duration,
}

/// The Dockerfiles below `directory`, sorted, and what could not be looked at. Ignored files are left out, and what
/// package managers unpacked.
pub fn dockerfiles(directory: &Path, limits: Option<WalkLimits>) -> (Vec<PathBuf>, Vec<String>) {
    let (seen, start) = (AtomicUsize::new(0), Instant::now());
    let is_over =
        |limits: WalkLimits| seen.fetch_add(1, Ordering::Relaxed) >= limits.entries || start.elapsed() >= limits.time;
    let mut walk = WalkBuilder::new(directory);
    walk.hidden(false).require_git(false).filter_entry(is_ours);
    let (send, receive) = mpsc::channel();
    walk.build_parallel().run(|| {
        let (send, is_over) = (send.clone(), &is_over);
        Box::new(move |entry| {
            if limits.is_some_and(is_over) {
                return WalkState::Quit;
            }
            let found = match entry {
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) && is_named(&entry) => {
                    Some(Ok(entry.into_path()))
                }
                Ok(_) => None,
                Err(error) => Some(Err(error.to_string())),
            };
            // The receiver outlives the walk.
            let _ = found.map(|found| send.send(found));
            WalkState::Continue
        })
    });
    drop(send);
    let (mut found, mut errors) = (Vec::new(), Vec::new());
    for entry in receive {
        match entry {
            Ok(path) => found.push(path),
            Err(error) => errors.push(error),
        }
    }
    found.sort();
    errors.sort();
    (found, errors)
}

fn is_named(entry: &DirEntry) -> bool {
    entry.file_name().to_str().is_some_and(is_dockerfile)
}

fn is_ours(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    let vendored = name == OsStr::new("vendor") && entry.path().join("modules.txt").exists();
    let foreign = name == OsStr::new(".git") || name == OsStr::new("node_modules") || vendored;
    entry.depth() == 0 || !foreign
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_dockerfiles_by_name() {
        for name in ["Dockerfile", "dockerfile", "Containerfile", "api.Dockerfile", "x.dockerfile", "Dockerfile.dev"] {
            assert!(is_dockerfile(name), "{name}");
        }
        for name in ["Dockerfile.multi.stage", "Containerfile.alpine", "Dockerfile.1.25", "Dockerfile.go"] {
            assert!(is_dockerfile(name), "{name}");
        }
        for name in [
            "Dockerfile.dockerignore",
            "Dockerfile.md",
            "Dockerfile.orig",
            "Dockerfile.j2",
            "Dockerfile.rego",
            "dockerfile.go",
        ] {
            assert!(!is_dockerfile(name), "{name}");
        }
        for name in
            ["Dockerfile~", "Dockerfile.dev~", "Dockerfile.", ".Dockerfile", "docker-compose.yml", "Dockerfiles"]
        {
            assert!(!is_dockerfile(name), "{name}");
        }
    }
}
