//! All that is known of the project around one Dockerfile.
use std::path::PathBuf;
use std::sync::Arc;

use crate::knowledge::GoVersion;

use super::build_tags::Build;
use super::builds::targets::Target;
use super::context::{Context, is_go_file};
use super::git_ignore::GitIgnore;
use super::go_mod::GoWork;
use super::ignore::Dockerignore;
use super::listing::Listing;
use super::makefiles::Makefile;
use super::manifests::Manifest;
use super::packages::{Module, Package};
use super::paths;

/// A go.work inside the context.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Its directory, relative to the context.
    pub dir: String,
    /// What it says.
    pub file: GoWork,
}

impl Work {
    /// The directories of its modules, relative to the context; `None` for one that lies outside it.
    pub fn module_dirs(&self) -> impl Iterator<Item = Option<String>> {
        self.file.uses.iter().map(|word| paths::join_inside(&self.dir, &word.text))
    }
}

/// What lies beside one Dockerfile. All paths are relative to the build context, with slashes. The default knows
/// nothing: without a context every question about files has the answer `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The project was looked at: what is not known here will not be known soon.
    pub looked: bool,
    /// The build context; `None` when it is not known, and then nothing else here is but `vendor_around`, `likely` and `targets`.
    pub context: Option<Context>,
    /// The Dockerfile, when it lies inside the context.
    pub dockerfile: Option<String>,
    /// The ignore file that counts. `None`: there is none, or the context is not known.
    pub ignore: Option<Dockerignore>,
    /// Where that file is.
    pub ignore_path: Option<PathBuf>,
    /// What git ignores in the context.
    pub git_ignore: Arc<GitIgnore>,
    /// The modules of the context, outer ones first.
    pub modules: Arc<Vec<Module>>,
    /// The outermost go.work of the context.
    pub work: Option<Arc<Work>>,
    /// The manifests of other languages: what their packages depend on.
    pub manifests: Arc<Vec<Manifest>>,
    /// The Makefiles of the context.
    pub makefiles: Arc<Vec<Makefile>>,
    /// What lies in the context.
    pub paths: Arc<Listing>,
    /// A bound was hit while Go files were read: what was not found may be there.
    pub truncated: bool,
    /// The context is not known, but one of the directories in question holds vendor/modules.txt.
    pub vendor_around: bool,
    /// The context is not known: what lies in the directory that it may be.
    pub likely: Option<Arc<Facts>>,
    /// Where other files name its stages. A check of many files does not ask.
    pub targets: Vec<Target>,
}

impl Facts {
    /// What lies in the context, or else in the directory that it may be: for what is shown and offered. Nothing must be
    /// reported on the strength of it.
    pub fn likely(&self) -> &Self {
        self.likely.as_deref().unwrap_or(self)
    }

    /// True when they differ in what is shown alone: rules see the same.
    pub fn report_like(&self, other: &Self) -> bool {
        let shown =
            Self { looked: self.looked, likely: self.likely.clone(), targets: self.targets.clone(), ..other.clone() };
        *self == shown
    }

    /// Whether a path is in the context directory (which does not say that .dockerignore lets it through).
    pub fn exists(&self, path: &str) -> Option<bool> {
        self.context.as_ref()?;
        self.paths.exists(path)
    }

    /// Whether .dockerignore keeps a path out of the build; `None` when the context is not known.
    pub fn is_ignored(&self, path: &str) -> Option<bool> {
        self.context.as_ref()?;
        Some(self.ignore.as_ref().is_some_and(|ignore| ignore.excludes(path)))
    }

    /// Whether a path gets to the builder: it exists and is not ignored.
    pub fn arrives(&self, path: &str) -> Option<bool> {
        Some(!self.is_ignored(path)? && self.exists(path)?)
    }

    /// Whether git ignores a path: then it may be made before `docker build`, and its absence proves nothing.
    pub fn is_git_ignored(&self, path: &str) -> Option<bool> {
        self.context.as_ref()?;
        Some(self.git_ignore.is_ignored(path))
    }

    /// The existing paths that a COPY source matches, ignored or not; `None` when that is not known.
    pub fn glob(&self, source: &str) -> Option<Vec<&str>> {
        self.context.as_ref()?;
        self.paths.glob(source)
    }

    /// The manifest at `path`; `None` when there is none, or it was not read.
    pub fn manifest(&self, path: &str) -> Option<&Manifest> {
        self.manifests.iter().find(|manifest| manifest.path == path)
    }

    /// The innermost module that a directory belongs to.
    pub fn module_for(&self, dir: &str) -> Option<&Module> {
        let dir = paths::clean(dir);
        let around = self.modules.iter().filter(|module| paths::strip(&dir, &module.dir).is_some());
        around.max_by_key(|module| module.dir.len())
    }

    /// The module whose root a directory is.
    pub fn module_at(&self, dir: &str) -> Option<&Module> {
        self.modules.iter().find(|module| module.dir == dir)
    }

    /// The go.work that a build in the module uses, unless GOWORK=off: one above it that lists it.
    pub fn work_for(&self, module: &Module) -> Option<&Work> {
        let work = self.work.as_deref()?;
        paths::strip(&module.dir, &work.dir)?;
        work.module_dirs().any(|dir| dir.as_deref() == Some(&module.dir)).then_some(work)
    }

    /// The directories of local replacements of a module (and of its workspace): the replaced path, and the directory,
    /// `None` when that lies outside the context.
    pub fn local_replaces<'a>(&'a self, module: &'a Module) -> Vec<(&'a str, Option<String>)> {
        let own = module.go_mod.replaces.iter().map(|replace| (replace, module.dir.as_str()));
        let work = self.work_for(module);
        let shared = work.into_iter().flat_map(|work| work.file.replaces.iter().map(|r| (r, work.dir.as_str())));
        let local = shared.chain(own).filter(|(replace, _)| replace.is_local());
        local
            .map(|(replace, dir)| (replace.path.text.as_str(), paths::join_inside(dir, &replace.target.text)))
            .collect()
    }

    /// The newest `go` line that a build in the module must satisfy: its own, that of go.work, those of the other
    /// workspace modules.
    pub fn required_go(&self, module: &Module) -> Option<GoVersion> {
        let own = module.go_mod.go_version();
        let Some(work) = self.work_for(module) else { return own };
        let dirs: Vec<String> = work.module_dirs().flatten().collect();
        let members = self.modules.iter().filter(|module| dirs.contains(&module.dir));
        let of_work = work.file.go.as_ref().and_then(|word| GoVersion::parse(&word.text));
        members.filter_map(|module| module.go_mod.go_version()).chain(own).chain(of_work).max()
    }

    /// The packages that an argument of a go command run in `dir` means: `.`, `./cmd/x`, `./...`, `main.go`,
    /// `example.com/app/cmd/x`. `None`: not known, outside the context, or in no module. Empty: no such package.
    pub fn resolve_packages<'a>(&'a self, dir: &'a str, argument: &str, build: &'a Build) -> Option<Vec<&'a Package>> {
        self.context.as_ref()?;
        let (path, deep) = match argument.strip_suffix("...") {
            Some(prefix) => (prefix.trim_end_matches('/'), true),
            None => (argument, false),
        };
        let target = self.argument_dir(dir, path)?;
        let module = self.module_for(&target)?;
        if deep {
            let below = |package: &&Package| paths::strip(&package.dir, &target).is_some();
            let found: Vec<&Package> = module.packages_below(&module.dir, build).filter(below).collect();
            return if found.is_empty() && !module.complete { None } else { Some(found) };
        }
        match module.packages.get(&target) {
            Some(package) => Some(vec![package]),
            None if module.complete => Some(Vec::new()),
            None => None,
        }
    }

    /// The directory that a package argument names; `None` when it is no directory of the context.
    fn argument_dir(&self, dir: &str, argument: &str) -> Option<String> {
        if is_go_file(argument) {
            return paths::join_inside(dir, paths::parent(argument));
        }
        if argument.is_empty() || super::go_mod::is_local(argument) {
            return paths::join_inside(dir, argument);
        }
        // Neither ./x nor a file: an import path.
        let module = self.module_for(dir)?;
        let found = self.modules.iter().filter_map(|other| other.dir_of(argument)).max_by_key(String::len);
        module.dir_of(argument).or(found)
    }
}
