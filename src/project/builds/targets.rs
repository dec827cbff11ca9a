//! Where the files that build a Dockerfile name one of its stages: `target:` in compose files and bake files, `--target`.
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::files::{Files, Kind};
use super::{Build, MAX_BYTES, Request, clean, format, requests};
use crate::text::span::Span;

/// Words of one file that may be names of stages; what more there are is not looked at.
const MAX_WORDS: usize = 100;

/// A place in another file that names a stage as what is to be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The file.
    pub path: PathBuf,
    /// All of its text.
    pub text: Arc<str>,
    /// The name in it.
    pub span: Span,
}

impl Target {
    /// The name of the stage.
    pub fn name(&self) -> &str {
        &self.text[self.span.range()]
    }
}

/// The places that name a stage of `dockerfile` and of no other, as far as that is sure, in the order of the files. `builds` are those
/// of the workspace, whose top directory is `root`.
pub fn targets(files: &dyn Files, root: &Path, builds: &[Build], dockerfile: &Path) -> Vec<Target> {
    let dockerfile = clean(dockerfile);
    let Some(path) = dockerfile.to_str() else { return Vec::new() };
    let mut found: Vec<Target> = Vec::new();
    let mut last = None;
    for build in builds.iter().filter(|build| build.target.is_some() && build.is_of(path)) {
        // All builds of a file come together.
        if last.replace(&build.by) == Some(&build.by) {
            continue;
        }
        let names: Vec<&str> =
            builds.iter().filter(|other| other.by == build.by).filter_map(|other| other.target.as_deref()).collect();
        found.extend(in_file(files, root, &build.by, &names, &dockerfile));
    }
    found
}

fn in_file(files: &dyn Files, root: &Path, by: &Path, names: &[&str], dockerfile: &Path) -> Vec<Target> {
    let bytes = files.read(by).ok().filter(|bytes| bytes.len() <= MAX_BYTES);
    let Some(text) = bytes.and_then(|bytes| String::from_utf8(bytes).ok()) else { return Vec::new() };
    let (Some(folder), Some(name)) = (by.parent(), by.file_name().and_then(|name| name.to_str())) else {
        return Vec::new();
    };
    let Some(format) = format(name, folder) else { return Vec::new() };
    let before = requests(&text, format, folder, root);
    let text: Arc<str> = text.into();
    let mut found = Vec::new();
    for word in words(&text, names).take(MAX_WORDS) {
        // A place names a stage when another word there asks for another stage, and for nothing else.
        let other = format!("x{}", &text[word.clone()]);
        let changed = [&text[..word.start], &other, &text[word.end..]].concat();
        let after = requests(&changed, format, folder, root);
        if is_target(files, &before, &after, &other, dockerfile) {
            found.push(Target { path: by.to_owned(), text: text.clone(), span: Span::from(word) });
        }
    }
    found
}

/// True when the requests differ in the stage alone, now `other`, and those that do are of `dockerfile`.
fn is_target(files: &dyn Files, before: &[Request], after: &[Request], other: &str, dockerfile: &Path) -> bool {
    let differ: Vec<_> = before.iter().zip(after).filter(|(before, after)| before != after).collect();
    let by_stage = |(before, after): &(&Request, &Request)| {
        let same = Request { target: None, ..(*before).clone() } == Request { target: None, ..(*after).clone() };
        same && after.target().as_deref() == Some(other)
    };
    let mut own = false;
    // A Makefile may run in several folders; what is not there is not built.
    let is_own = |(before, _): &(&Request, &Request)| match before.dockerfile() {
        Some(path) if path == dockerfile => {
            own = true;
            true
        }
        path => path.is_some_and(|path| files.kind(&path) != Some(Kind::File) && !is_pattern(&path)),
    };
    before.len() == after.len() && differ.iter().all(by_stage) && differ.iter().all(is_own) && own
}

/// True for a path that holds what a variable gives.
fn is_pattern(path: &Path) -> bool {
    path.to_string_lossy().contains('*')
}

/// Where one of `names` stands as a whole word, in a line that speaks of targets.
fn words<'t>(text: &'t str, names: &'t [&str]) -> impl Iterator<Item = Range<usize>> + 't {
    let lines = text.split_inclusive('\n').scan(0, |start, line| {
        let at = *start;
        *start += line.len();
        Some((at, line))
    });
    let part = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.');
    lines.filter(|(_, line)| line.to_ascii_lowercase().contains("target")).flat_map(move |(at, line)| {
        let parts = line.split(move |letter| !part(letter)).map(|word| word.trim_start_matches(['-', '.', '_']));
        parts.filter(|word| names.contains(word)).map(move |word| {
            let start = at + (word.as_ptr() as usize - line.as_ptr() as usize);
            start..start + word.len()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::find_builds;
    use super::*;
    use crate::project::files::Memory;

    /// Each place as `file:line name`, for the Dockerfile at the root.
    fn found(path: &str, text: &str) -> Vec<String> {
        let files = Memory::new([(path, text), ("/w/Dockerfile", ""), ("/w/other/Dockerfile", "")]);
        let (root, dockerfile) = (Path::new("/w"), Path::new("/w/Dockerfile"));
        let all = targets(&files, root, &find_builds(&files, root), dockerfile);
        let line = |target: &Target| text[..target.span.start as usize].matches('\n').count() + 1;
        all.iter().map(|target| format!("{} {}", line(target), target.name())).collect()
    }

    #[test]
    fn compose() {
        let text = "services:\n  build:\n    build:\n      context: .\n      target: build # target build\n  other:\n    build: { context: other, target: build }\n  again:\n    build: { context: ., target: \"build\" }\n  test:\n    build: { context: ., target: '${T:-build}' }\n  late:\n    build: { context: ., target: $T }\n";
        assert_eq!(found("/w/compose.yaml", text), ["5 build", "9 build", "11 build"]);
        let shared = "x: &t build\nservices:\n  a:\n    build: { context: ., target: &target build }\n  b:\n    build: { context: other, target: *target }\n";
        assert!(found("/w/compose.yaml", shared).is_empty(), "the other file keeps its stage");
        let partial = "services:\n  a:\n    build:\n      target: build\n  b:\n    extends: { service: a }\n    build: { context: ., target: build }\n";
        assert!(found("/w/compose.override.yaml", partial).is_empty());
    }

    #[test]
    fn bake() {
        let text = "variable \"T\" { default = \"build\" }\ntarget \"build\" {\n  target = \"build\"\n}\ntarget \"b\" {\n  inherits = [\"build\"]\n  tags = [\"target:build\"]\n}\ntarget \"c\" {\n  target = T\n}\ntarget \"d\" {\n  context = \"other\"\n  target = \"build\"\n}\n";
        assert_eq!(found("/w/docker-bake.hcl", text), ["3 build"]);
        let text = "{ \"target\": {\n \"build\": { \"target\": \"build\" },\n \"c\": { \"dockerfile\": \"other/Dockerfile\", \"target\": \"build\" } } }";
        assert_eq!(found("/w/docker-bake.json", text), ["2 build"]);
        let shared =
            "target \"a\" {\n  target = \"build\"\n}\ntarget \"b\" {\n  inherits = [\"a\"]\n  context = \"other\"\n}\n";
        assert!(found("/w/docker-bake.hcl", shared).is_empty(), "two Dockerfiles");
    }

    #[test]
    fn commands() {
        let text = "build:\n\tdocker build --target build -t build .\ntest:\n\tdocker build --target=build . && docker build --target build other\n\tdocker build --target $(T) .\n\tdocker build --target build -f $(F)ockerfile .\n";
        assert_eq!(found("/w/Makefile", text), ["2 build", "4 build"]);
        assert_eq!(found("/w/make/x.mk", "x:\n\tdocker build --target build .\n"), ["2 build"]);
        assert!(found("/w/other/Makefile", "x:\n\tdocker build --target build .\n").is_empty(), "it may mean another");
        let flow = "jobs:\n  x:\n    steps:\n      - uses: docker/build-push-action@v6\n        with: { context: ., target: build }\n      - run: docker build --target build .\n";
        assert_eq!(found("/w/.github/workflows/x.yml", flow), ["5 build", "6 build"]);
    }
}
