//! Who builds a Dockerfile, and with which context: compose files, bake files, and the lines of Makefiles, CI files and scripts.
mod bake;
mod commands;
pub mod targets;
mod workflow;
mod yaml;

use std::collections::VecDeque;
use std::path::{Component, Path, PathBuf};

use super::files::{Files, Kind};
use super::pattern::Pattern;

/// One build that a file asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Build {
    /// The file that says so.
    pub by: PathBuf,
    /// The Dockerfile, absolute; `*` stands for what a variable gives.
    dockerfile: Option<Pattern>,
    /// The build context.
    pub context: PathBuf,
    /// The stage that is built; `None` for the last one, and for one that a variable names.
    target: Option<String>,
}

impl Build {
    /// True when it may be one of the Dockerfile at `path`.
    fn is_of(&self, path: &str) -> bool {
        self.dockerfile.as_ref().is_some_and(|pattern| pattern.matches(path))
    }
}

/// Directories that are looked into, and how deep they lie below the root.
const MAX_DIRS: usize = 300;
const MAX_DEPTH: usize = 3;
/// Files that are read.
const MAX_FILES: usize = 200;
/// Larger files are no build files. In bytes.
const MAX_BYTES: usize = 512 << 10;

/// What a file may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Compose,
    BakeHcl,
    BakeJson,
    /// Recipes run where the file is; a part of a Makefile may be included from further up.
    Make,
    /// Commands run at the root, unless the file says otherwise.
    Workflow,
    /// Nobody knows where a script is run.
    Script,
}

/// The builds of a workspace. `root` is its top directory.
pub fn find_builds(files: &dyn Files, root: &Path) -> Vec<Build> {
    let mut builds = Vec::new();
    for (path, format) in build_files(files, root) {
        let Ok(bytes) = files.read(&path) else { continue };
        if bytes.len() > MAX_BYTES {
            continue;
        }
        let found = requests(&String::from_utf8_lossy(&bytes), format, path.parent().unwrap_or(root), root);
        builds.extend(found.into_iter().filter_map(|request| request.build(&path)));
    }
    builds
}

/// What the text of a file in `folder` asks for.
fn requests(text: &str, format: Format, folder: &Path, root: &Path) -> Vec<Request> {
    let mut found: Vec<Request> = match format {
        Format::Compose => yaml::compose(text, folder),
        Format::BakeHcl => bake::hcl(text, folder),
        Format::BakeJson => bake::json(text, folder),
        Format::Make => [root, folder].iter().flat_map(|folder| commands::read(text, folder)).collect(),
        Format::Workflow => workflow::read(text, root),
        Format::Script => commands::script(text, &[root, folder]),
    };
    found.truncate(MAX_FILES);
    found
}

/// The contexts that `dockerfile` is built with, each once, with the file that says so.
pub fn contexts<'b>(builds: &'b [Build], dockerfile: &Path) -> Vec<&'b Build> {
    let path = clean(dockerfile);
    let Some(path) = path.to_str() else { return Vec::new() };
    let mut found: Vec<&Build> = Vec::new();
    for build in builds {
        if build.is_of(path) && !found.iter().any(|other| other.context == build.context) {
            found.push(build);
        }
    }
    found
}

/// The files that may ask for builds, the upper ones first.
fn build_files(files: &dyn Files, root: &Path) -> Vec<(PathBuf, Format)> {
    let mut found = Vec::new();
    let mut queue = VecDeque::from([(root.to_owned(), 0)]);
    let mut seen = 0;
    while let Some((dir, depth)) = queue.pop_front() {
        seen += 1;
        let Ok(entries) = files.list(&dir) else { continue };
        for entry in entries {
            let path = dir.join(&entry.name);
            if entry.kind == Kind::Directory && depth < MAX_DEPTH && is_searched(&entry.name) {
                queue.push_back((path, depth + 1));
            } else if entry.kind == Kind::File
                && let Some(format) = format(&entry.name, &dir)
            {
                found.push((path, format));
            }
        }
        if seen >= MAX_DIRS || found.len() >= MAX_FILES {
            break;
        }
    }
    found
}

fn is_searched(name: &str) -> bool {
    const OTHERS: [&str; 4] = ["node_modules", "vendor", "third_party", "testdata"];
    matches!(name, ".github" | ".circleci") || (!name.starts_with('.') && !OTHERS.contains(&name))
}

fn format(name: &str, folder: &Path) -> Option<Format> {
    let lower = name.to_ascii_lowercase();
    let (stem, extension) = lower.rsplit_once('.').unwrap_or((&lower, ""));
    let yaml = matches!(extension, "yml" | "yaml");
    let in_folder = |end: &str| folder.ends_with(end);
    Some(match (stem, extension) {
        _ if yaml && stem.contains("compose") => Format::Compose,
        (_, "hcl") if stem.contains("bake") => Format::BakeHcl,
        ("docker-bake" | "docker-bake.override", "json") => Format::BakeJson,
        ("makefile" | "gnumakefile" | "justfile", "") | (_, "mk") => Format::Make,
        _ if yaml && (in_folder(".github/workflows") || in_folder(".circleci")) => Format::Workflow,
        (".gitlab-ci" | "azure-pipelines" | ".travis" | "taskfile", _) if yaml => Format::Workflow,
        (_, "sh") => Format::Script,
        _ => return None,
    })
}

/// A build as it is written, seen from a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Request {
    folder: PathBuf,
    /// Relative to `folder`.
    context: String,
    /// Relative to `folder`; without one it is `Dockerfile` in the context.
    dockerfile: Option<String>,
    /// The stage, unless it is the last one, or the file leaves to another which Dockerfile is meant.
    target: Option<String>,
}

impl Request {
    /// `None` when the context depends on a variable, or is no directory of the machine.
    fn build(self, by: &Path) -> Option<Build> {
        let (context, dockerfile) = (self.context()?, self.dockerfile()?);
        let text = dockerfile.to_str().filter(|text| !text.contains(['[', '?', '\\']))?;
        // A variable alone may name anything.
        let telling = dockerfile.file_name()?.to_str()?.chars().any(|c| c.is_ascii_alphanumeric());
        let dockerfile = Pattern::file_match(text).filter(|_| telling);
        Some(Build { by: by.to_owned(), dockerfile, context, target: self.target() })
    }

    fn context(&self) -> Option<PathBuf> {
        let context = resolved(&self.context)?;
        let other = context.contains('*') || context.contains("://") || context == "-" || context.starts_with("git@");
        (!other).then(|| clean(&self.folder.join(context)))
    }

    /// `*` stands for what a variable gives.
    fn dockerfile(&self) -> Option<PathBuf> {
        let context = self.context()?;
        match &self.dockerfile {
            Some(path) => Some(clean(&self.folder.join(resolved(path)?))),
            None => Some(context.join("Dockerfile")),
        }
    }

    fn target(&self) -> Option<String> {
        resolved(self.target.as_deref()?).filter(|target| !target.contains('*'))
    }
}

/// A path with its variables: the working directory is known, a default counts, all else becomes `*`. `None` where what is
/// written can't be read.
fn resolved(text: &str) -> Option<String> {
    const HERE: [&str; 7] = ["$(CURDIR)", "${CURDIR}", "$(PWD)", "${PWD}", "$PWD", "$(pwd)", "${{ github.workspace }}"];
    let mut text = text.trim().to_owned();
    for here in HERE {
        text = text.replace(here, ".");
    }
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find(['$', '{']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (value, length) = variable(rest)?;
        out.push_str(&value);
        rest = &rest[length..];
    }
    out.push_str(rest);
    Some(out)
}

/// What the variable at the start of `text` gives, and how long it is.
fn variable(text: &str) -> Option<(String, usize)> {
    let unknown = |length: usize| Some(("*".to_owned(), length));
    for (open, close) in [("${{", "}}"), ("{{", "}}"), ("$(", ")"), ("${", "}")] {
        if let Some(inner) = text.strip_prefix(open) {
            let end = inner.find(close)?;
            let name = &inner[..end];
            let length = open.len() + end + close.len();
            let default = name.split_once(":-").filter(|_| open == "${").map(|(_, default)| default);
            return match default {
                Some(default) if !default.contains('$') => Some((default.to_owned(), length)),
                _ => unknown(length),
            };
        }
    }
    let name = text.strip_prefix('$')?;
    let word = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
    unknown(1 + if word == 0 { name.chars().next()?.len_utf8() } else { word })
}

/// `path` without `.` and `..`, as far as that can be told without looking.
fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::files::Memory;

    fn found(entries: &[(&str, &str)], dockerfile: &str) -> Vec<String> {
        let files = Memory::new(entries.iter().copied());
        let builds = find_builds(&files, Path::new("/w"));
        let contexts = contexts(&builds, Path::new(dockerfile));
        contexts.iter().map(|build| format!("{} {}", build.by.display(), build.context.display())).collect()
    }

    #[test]
    fn every_format() {
        let compose = "services:\n  api:\n    build:\n      context: ..\n      dockerfile: api/Dockerfile\n  web:\n    build: ./web\n";
        let entries = [("/w/deploy/compose.yaml", compose)];
        assert_eq!(found(&entries, "/w/api/Dockerfile"), ["/w/deploy/compose.yaml /w"]);
        assert_eq!(found(&entries, "/w/deploy/web/Dockerfile"), ["/w/deploy/compose.yaml /w/deploy/web"]);
        let bake = "target \"base\" {\n  context = \"src\"\n}\ntarget \"app\" {\n  inherits = [\"base\"]\n  dockerfile = \"../build/app.Dockerfile\"\n}\n";
        assert_eq!(found(&[("/w/docker-bake.hcl", bake)], "/w/build/app.Dockerfile"), ["/w/docker-bake.hcl /w/src"]);
        let bake = r#"{"target": {"app": {"dockerfile": "build/Dockerfile"}}}"#;
        assert_eq!(found(&[("/w/docker-bake.json", bake)], "/w/build/Dockerfile"), ["/w/docker-bake.json /w"]);
        let make = "image:\n\t@docker build -t $(IMAGE):$(TAG) \\\n\t  -f cmd/$(NAME)/Dockerfile .\n";
        assert_eq!(found(&[("/w/Makefile", make)], "/w/cmd/api/Dockerfile"), ["/w/Makefile /w"]);
        let make = "image:\n\tcd api && docker buildx build --push --platform linux/amd64 ..\n";
        assert_eq!(found(&[("/w/Makefile", make)], "/w/Dockerfile"), ["/w/Makefile /w"]);
        let workflow = "jobs:\n  a:\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          file: ./build/Dockerfile\n      - run: docker build api\n";
        let entries = [("/w/.github/workflows/ci.yml", workflow)];
        assert_eq!(found(&entries, "/w/build/Dockerfile"), ["/w/.github/workflows/ci.yml /w"]);
        assert_eq!(found(&entries, "/w/api/Dockerfile"), ["/w/.github/workflows/ci.yml /w/api"]);
    }

    #[test]
    fn what_is_not_known() {
        for text in ["$(DIR)", "-", "https://example.com/x.git", "git@example.com:x.git"] {
            let make = format!("x:\n\tdocker build -f Dockerfile {text}\n");
            assert_eq!(found(&[("/w/Makefile", &make)], "/w/Dockerfile"), [""; 0], "{text}");
        }
        let script = "cd somewhere\ndocker build .\n";
        assert_eq!(found(&[("/w/build.sh", script)], "/w/Dockerfile"), [""; 0]);
        let variable = "x:\n\tdocker build -f $(FILE) .\n";
        assert_eq!(found(&[("/w/Makefile", variable)], "/w/Dockerfile"), [""; 0]);
        for broken in ["services: [", "services:\n  a: 1\n", ": : :"] {
            assert_eq!(found(&[("/w/compose.yml", broken), ("/w/docker-bake.hcl", broken)], "/w/Dockerfile"), [""; 0]);
        }
    }

    #[test]
    fn variables() {
        for (text, expected) in [
            ("./cmd/$(NAME)/Dockerfile", "./cmd/*/Dockerfile"),
            ("${DIR:-api}/Dockerfile", "api/Dockerfile"),
            ("$(CURDIR)/x", "./x"),
            ("images/$*/a", "images/*/a"),
            ("{{.DIR}}/a", "*/a"),
            ("${{ matrix.dir }}/a", "*/a"),
        ] {
            assert_eq!(resolved(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(resolved("${DIR"), None);
    }
}
