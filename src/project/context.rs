//! Which directory is the build context of a Dockerfile: that of a setting, else the one that a compose file, a bake file, a
//! Makefile or a CI file builds it with, else the one that holds the paths that the Dockerfile itself mentions.
use std::path::{Path, PathBuf};

use super::builds::{self, Build};
use super::files::{Files, Kind};
use super::go_mod::GoMod;
use super::paths;
use super::pattern::Pattern;

/// The paths that a Dockerfile expects in its context. Those that hold variables are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// The sources of COPY, ADD and bind mounts without `from`, URLs and heredocs left out.
    pub sources: Vec<String>,
    /// The package arguments of `go build`, `go install` and the like: `./cmd/x`, `.`, `main.go`; `.` where none is given.
    pub packages: Vec<String>,
}

/// How a context was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// A setting says so.
    Setting,
    /// This file builds the Dockerfile with it.
    Named(PathBuf),
    /// It is the only directory in question.
    Only,
    /// It holds what the Dockerfile mentions.
    Scored {
        /// How many of the mentioned paths and packages are there.
        found: usize,
        /// The copied paths that are not, globs left out. Often they are built before `docker build`.
        missing: Vec<String>,
    },
}

/// The build context of a Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// The directory.
    pub dir: PathBuf,
    /// Why it is believed to be the one.
    pub how: How,
}

/// So many missing files are named.
const NAMED: usize = 5;

impl How {
    /// Why the directory is believed to be the context; `shown` is how a path is written.
    pub fn why(&self, shown: &dyn Fn(&Path) -> String) -> String {
        match self {
            How::Setting => "a setting says so".to_owned(),
            How::Named(by) => format!("{} builds it so", shown(by)),
            How::Only => "the only project in question".to_owned(),
            How::Scored { found: 1, missing } if missing.is_empty() => "holds the path that is mentioned".to_owned(),
            How::Scored { found, missing } if missing.is_empty() => {
                format!("holds all {found} paths that are mentioned")
            }
            How::Scored { found, missing } => {
                let names: Vec<&str> = missing.iter().take(NAMED).map(String::as_str).collect();
                let more = if missing.len() > NAMED { ", …" } else { "" };
                let held = if *found == 1 { "1 path that is" } else { &format!("{found} paths that are") };
                format!("holds {held} mentioned, not {}{more}", names.join(", "))
            }
        }
    }
}

/// Directories between the Dockerfile and the workspace root; more are not looked at.
const MAX_LEVELS: usize = 16;
/// Sources and packages of one Dockerfile; more prove nothing more.
const MAX_NEEDS: usize = 32;
/// Elements of one path; recursion goes as deep.
const MAX_ELEMENTS: usize = 64;
/// Directories that are listed for the wildcards of one source.
const MAX_LISTED: usize = 200;
/// Files whose directory is a project by itself.
const MANIFESTS: [&str; 8] = [
    "go.mod",
    "go.work",
    ".dockerignore",
    "package.json",
    "pyproject.toml",
    "Cargo.toml",
    "pom.xml",
    "requirements.txt",
];

/// The build context of a Dockerfile, or `None` when there is no good reason to believe in one: then nothing that
/// depends on files must be said. Without `root` the next directory above that holds `.git` takes its place. `builds` are
/// those of the workspace.
pub fn find_context(
    files: &dyn Files,
    dockerfile: &Path,
    root: Option<&Path>,
    needs: &Needs,
    setting: Option<&Path>,
    builds: &[Build],
) -> Option<Context> {
    if let Some(dir) = setting {
        return Some(Context { dir: dir.to_owned(), how: How::Setting });
    }
    let wanted = wanted(needs);
    let named = builds::contexts(builds, dockerfile);
    if let Some(context) = of_builds(files, &named, &wanted, needs) {
        return Some(context);
    }
    let candidates = candidates(files, dockerfile, root);
    if wanted.is_empty() {
        return without_evidence(files, &candidates).filter(|_| named.is_empty());
    }
    let best = best(files, candidates.iter().map(PathBuf::as_path), &wanted, needs);
    best.filter(Score::is_good).map(Score::context)
}

/// Where [`find_context`] believes in none: the directory that holds most of what is mentioned, else the Dockerfile's own
/// where that is a project.
pub fn likely_context(files: &dyn Files, dockerfile: &Path, root: Option<&Path>, needs: &Needs) -> Option<Context> {
    let wanted = wanted(needs);
    let candidates = candidates(files, dockerfile, root);
    let best = best(files, candidates.iter().map(PathBuf::as_path), &wanted, needs).filter(|best| best.found > 0);
    best.map(Score::context).or_else(|| without_evidence(files, &candidates))
}

/// The directory that fits best, the first of equals.
fn best<'a>(
    files: &dyn Files,
    dirs: impl Iterator<Item = &'a Path>,
    wanted: &'a [Wanted<'_>],
    needs: &Needs,
) -> Option<Score<'a>> {
    let mut best: Option<Score> = None;
    for dir in dirs {
        let score = score(files, dir, wanted, needs);
        if best.as_ref().is_none_or(|best| score.weight > best.weight) {
            best = Some(score);
        }
    }
    best
}

/// The context that the Dockerfile is built with; of several the one that fits best. One that has nothing of what the
/// Dockerfile mentions is filled before the build, or was misread.
fn of_builds(files: &dyn Files, named: &[&Build], wanted: &[Wanted<'_>], needs: &Needs) -> Option<Context> {
    let mut there = named.iter().filter(|build| files.kind(&build.context) == Some(Kind::Directory));
    let build = if wanted.is_empty() {
        *there.next().filter(|_| named.len() == 1)?
    } else {
        let dirs: Vec<&Build> = there.copied().collect();
        let best = best(files, dirs.iter().map(|build| build.context.as_path()), wanted, needs)?;
        dirs.into_iter().find(|build| best.found > 0 && build.context == best.dir)?
    };
    Some(Context { dir: build.context.clone(), how: How::Named(build.by.clone()) })
}

/// The top directory of the workspace that a Dockerfile lies in: `root`, or the one that holds `.git`, or its own.
pub fn workspace(files: &dyn Files, dockerfile: &Path, root: Option<&Path>) -> Option<PathBuf> {
    candidates(files, dockerfile, root).pop()
}

/// How well a directory fits.
struct Score<'a> {
    dir: &'a Path,
    /// A long path proves more than a short one: every module has a go.mod.
    weight: usize,
    found: usize,
    missing: Vec<&'a str>,
    missing_packages: usize,
    has_source: bool,
}

impl Score<'_> {
    /// What is missing may be built before `docker build`, but it may also mean that the context is elsewhere.
    /// Packages that are missing prove little: the working directory in the image may be another.
    fn is_good(&self) -> bool {
        let missing = self.missing.len() + if self.has_source { 0 } else { self.missing_packages };
        self.found > 0 && self.found >= 2 * missing
    }

    fn context(self) -> Context {
        let missing = self.missing.into_iter().map(str::to_owned).collect();
        Context { dir: self.dir.to_owned(), how: How::Scored { found: self.found, missing } }
    }
}

fn score<'a>(files: &dyn Files, dir: &'a Path, wanted: &'a [Wanted<'_>], needs: &Needs) -> Score<'a> {
    let mut score = Score { dir, weight: 0, found: 0, missing: Vec::new(), missing_packages: 0, has_source: false };
    for want in wanted {
        let met = want.is_met(files, dir, needs);
        score.found += usize::from(met);
        score.weight += if met { 1 + want.depth() } else { 0 };
        match want {
            Wanted::Source(_) if met => score.has_source = true,
            Wanted::Source(path) if !is_glob(path) => score.missing.push(path),
            Wanted::Package(_) if !met => score.missing_packages += 1,
            _ => {}
        }
    }
    score
}

fn is_glob(path: &str) -> bool {
    path.contains(['*', '?', '[', '\\'])
}

/// Whether a directory that may be the context holds vendored modules.
pub fn has_vendor_around(files: &dyn Files, dockerfile: &Path, root: Option<&Path>) -> bool {
    let mut dirs = candidates(files, dockerfile, root).into_iter();
    dirs.any(|dir| files.kind(&dir.join("vendor").join("modules.txt")).is_some())
}

/// The directories in question, nearest first.
fn candidates(files: &dyn Files, dockerfile: &Path, root: Option<&Path>) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for dir in dockerfile.parent().into_iter().flat_map(Path::ancestors).take(MAX_LEVELS) {
        if dir.as_os_str().is_empty() || (dir.parent().is_none() && !found.is_empty()) {
            break;
        }
        found.push(dir.to_owned());
        let is_root = match root {
            Some(root) => dir == root,
            None => files.kind(&dir.join(".git")).is_some(),
        };
        if is_root {
            return found;
        }
    }
    // The Dockerfile lies outside the workspace, or in no repository: its own directory is all there is to go by.
    found.truncate(1);
    found
}

/// Only `COPY . .` or nothing: any directory would do.
fn without_evidence(files: &dyn Files, candidates: &[PathBuf]) -> Option<Context> {
    let own = candidates.first()?;
    if candidates.len() == 1 {
        return Some(Context { dir: own.clone(), how: How::Only });
    }
    let is_project = MANIFESTS.iter().any(|name| files.kind(&own.join(name)).is_some());
    is_project.then(|| Context { dir: own.clone(), how: How::Only })
}

enum Wanted<'a> {
    Source(String),
    Package(&'a str),
}

impl Wanted<'_> {
    /// Slashes of the path.
    fn depth(&self) -> usize {
        match self {
            Wanted::Source(path) => path.matches('/').count(),
            Wanted::Package(argument) => paths::clean(argument).matches('/').count(),
        }
    }

    fn is_met(&self, files: &dyn Files, dir: &Path, needs: &Needs) -> bool {
        match self {
            Wanted::Source(path) => matches_something(files, dir, path),
            // A package may lie below a directory that is copied on its own.
            Wanted::Package(argument) => {
                let copied = needs.sources.iter().take(MAX_NEEDS).map(|source| paths::clean(source).into_owned());
                let places = std::iter::once(String::new()).chain(copied.filter(|source| !source.contains('*')));
                places.map(|place| dir.join(place)).any(|place| has_package(files, &place, argument))
            }
        }
    }
}

/// What can tell one directory from another: not `.`, and not globs that match anywhere.
fn wanted(needs: &Needs) -> Vec<Wanted<'_>> {
    let mut sources: Vec<String> = needs.sources.iter().map(|source| paths::clean(source).into_owned()).collect();
    let is_telling = |source: &String| source.contains(|c: char| !"*?./".contains(c));
    sources.retain(|source| is_telling(source) && source.matches('/').count() < MAX_ELEMENTS);
    sources.sort_unstable();
    sources.dedup();
    let mut packages: Vec<&str> = needs.packages.iter().map(String::as_str).filter(|p| !p.contains('@')).collect();
    packages.sort_unstable();
    packages.dedup();
    let sources = sources.into_iter().take(MAX_NEEDS).map(Wanted::Source);
    sources.chain(packages.into_iter().take(MAX_NEEDS).map(Wanted::Package)).collect()
}

/// Whether a COPY source, wildcards included, matches something below `dir`.
fn matches_something(files: &dyn Files, dir: &Path, source: &str) -> bool {
    matches_below(files, dir, source, &mut 0)
}

fn matches_below(files: &dyn Files, dir: &Path, source: &str, listed: &mut usize) -> bool {
    let (part, rest) = source.split_once('/').unwrap_or((source, ""));
    if !is_glob(part) {
        let path = dir.join(part);
        return if rest.is_empty() { files.kind(&path).is_some() } else { matches_below(files, &path, rest, listed) };
    }
    *listed += 1;
    let Some(pattern) = Pattern::file_match(part).filter(|_| *listed <= MAX_LISTED) else { return false };
    let Ok(entries) = files.list(dir) else { return false };
    let mut matching = entries.iter().filter(|entry| pattern.matches(&entry.name));
    matching.any(|entry| rest.is_empty() || matches_below(files, &dir.join(&entry.name), rest, listed))
}

/// Whether a package argument of a go command run in `dir` names something there.
fn has_package(files: &dyn Files, dir: &Path, argument: &str) -> bool {
    if let Some(prefix) = argument.strip_suffix("...") {
        let path = prefix.trim_start_matches("./").trim_end_matches('/');
        let is_module = || ["go.mod", "go.work"].iter().any(|name| files.kind(&dir.join(name)).is_some());
        return if path.is_empty() { is_module() } else { files.kind(&dir.join(path)) == Some(Kind::Directory) };
    }
    if argument.matches('/').count() >= MAX_ELEMENTS {
        return false;
    }
    if is_go_file(argument) {
        return matches_something(files, dir, &paths::clean(argument));
    }
    if super::go_mod::is_local(argument) {
        return has_go_files(files, &dir.join(&*paths::clean(argument)));
    }
    let Ok(bytes) = files.read(&dir.join("go.mod")) else { return false };
    let module = GoMod::parse(&String::from_utf8_lossy(&bytes));
    let rest = paths::strip(argument, module.path()).filter(|_| !module.path().is_empty());
    rest.is_some_and(|rest| has_go_files(files, &dir.join(rest)))
}

fn has_go_files(files: &dyn Files, dir: &Path) -> bool {
    let Ok(entries) = files.list(dir) else { return false };
    entries.iter().any(|entry| entry.kind == Kind::File && is_go_file(&entry.name))
}

/// True for the name of a Go file.
pub(super) fn is_go_file(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "go")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::files::Memory;

    fn files() -> Memory {
        Memory::new([
            ("/w/.git/HEAD", ""),
            ("/w/go.mod", "module example.com/app"),
            ("/w/go.sum", ""),
            ("/w/cmd/server/main.go", ""),
            ("/w/build/server/Dockerfile", ""),
            ("/w/build/server/entrypoint.sh", ""),
            ("/w/api/go.mod", "module example.com/api"),
            ("/w/api/main.go", ""),
            ("/w/api/Dockerfile", ""),
        ])
    }

    fn find(dockerfile: &str, sources: &[&str], packages: &[&str]) -> Option<String> {
        let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        let needs = Needs { sources: owned(sources), packages: owned(packages) };
        let found = find_context(&files(), Path::new(dockerfile), Some(Path::new("/w")), &needs, None, &[])?;
        Some(found.dir.to_str()?.to_owned())
    }

    #[test]
    fn the_directory_that_has_what_is_mentioned() {
        let server = "/w/build/server/Dockerfile";
        assert_eq!(find(server, &["go.mod", "go.sum", "."], &["./cmd/server"]).as_deref(), Some("/w"));
        assert_eq!(find(server, &["entrypoint.sh"], &[]).as_deref(), Some("/w/build/server"));
        assert_eq!(find(server, &["build/server/entrypoint.sh", "go.*"], &[]).as_deref(), Some("/w"));
        assert_eq!(find("/w/api/Dockerfile", &["go.mod"], &["."]).as_deref(), Some("/w/api"));
        assert_eq!(find("/w/api/Dockerfile", &["."], &["./cmd/server"]).as_deref(), Some("/w"));
        assert_eq!(find("/w/api/Dockerfile", &["api/", "go.mod"], &["."]).as_deref(), Some("/w"));
        assert_eq!(find(server, &["."], &["example.com/app/cmd/server"]).as_deref(), Some("/w"));
        assert_eq!(find(server, &["."], &["./..."]).as_deref(), Some("/w"));
        assert_eq!(find("/w/api/Dockerfile", &["go.mod", "api/go.mod"], &[]).as_deref(), Some("/w"));
    }

    #[test]
    fn the_directory_that_a_build_names() {
        let make = "all:\n\tdocker build -f api/Dockerfile .\n";
        let files = Memory::new([
            ("/w/Makefile", make),
            ("/w/api/Dockerfile", ""),
            ("/w/api/main.go", ""),
            ("/w/.git/HEAD", ""),
        ]);
        let builds = builds::find_builds(&files, Path::new("/w"));
        let find = |sources: &[&str]| {
            let needs =
                Needs { sources: sources.iter().map(|text| (*text).to_owned()).collect(), packages: Vec::new() };
            let found = find_context(&files, Path::new("/w/api/Dockerfile"), None, &needs, None, &builds)?;
            Some((found.dir.to_str()?.to_owned(), matches!(found.how, How::Named(_))))
        };
        assert_eq!(find(&["."]), Some(("/w".to_owned(), true)));
        assert_eq!(find(&["api"]), Some(("/w".to_owned(), true)));
        assert_eq!(find(&["main.go"]), Some(("/w/api".to_owned(), false)));
    }

    #[test]
    fn no_guess_without_a_reason() {
        assert_eq!(find("/w/build/server/Dockerfile", &["dist/app"], &[]), None);
        assert_eq!(find("/w/build/server/Dockerfile", &["."], &[]), None);
        assert_eq!(find("/w/build/server/Dockerfile", &["go.mod", "x", "y"], &[]), None);
        assert_eq!(find("/w/build/server/Dockerfile", &["uv.lock*"], &[]), None);
        assert_eq!(find("/w/build/server/Dockerfile", &["go.mod", "*.js", "*.ts"], &["./x"]).as_deref(), Some("/w"));
        assert_eq!(find("/w/api/Dockerfile", &["."], &["./none"]), None);
        assert_eq!(find("/w/api/Dockerfile", &["."], &[]).as_deref(), Some("/w/api"));
        assert_eq!(find("/elsewhere/x/Dockerfile", &["."], &[]).as_deref(), Some("/elsewhere/x"));
        let setting = Path::new("/w/set");
        let found = find_context(&files(), Path::new("/w/Dockerfile"), None, &Needs::default(), Some(setting), &[]);
        assert_eq!(found.map(|context| context.how), Some(How::Setting));
    }
}
