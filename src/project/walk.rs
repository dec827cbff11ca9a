//! Which packages a program is made of, and whether one of them needs cgo.
use std::collections::{BTreeSet, VecDeque};

use crate::knowledge::cgo_modules::{self, CgoModule};

use super::build_tags::Build;
use super::facts::Facts;
use super::packages::{Module, Package};
use super::paths;

/// Where an import leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A package of the standard library.
    Std,
    /// A directory of the context: of this module, a workspace module, a local replacement or vendor/.
    Dir(String),
    /// A package of a module that is downloaded.
    External,
    /// A directory outside the context.
    Outside,
}

/// One package that a program is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Its import path.
    pub import_path: String,
    /// Where it lies.
    pub target: Target,
    /// The package that imports it, as an index; `None` for the start.
    pub importer: Option<usize>,
}

/// The packages that a program is made of, those nearest to its main package first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Walk {
    /// The packages.
    pub reached: Vec<Reached>,
    /// Every package that lies in the context was read. Downloaded modules are never looked into.
    pub complete: bool,
}

impl Walk {
    /// The import paths from the main package to the package of that index.
    pub fn chain(&self, mut index: usize) -> Vec<String> {
        let mut chain = vec![self.reached[index].import_path.clone()];
        while let Some(importer) = self.reached[index].importer {
            chain.push(self.reached[importer].import_path.clone());
            index = importer;
        }
        chain.reverse();
        chain
    }

    /// The index of a package, when it was reached.
    pub fn find(&self, import_path: &str) -> Option<usize> {
        self.reached.iter().position(|reached| reached.import_path == import_path)
    }

    /// True when packages of downloaded modules are part of the program: what they import is not known.
    pub fn has_external(&self) -> bool {
        self.reached.iter().any(|reached| reached.target == Target::External)
    }
}

/// Whether a program needs cgo.
#[derive(Clone, Debug)]
pub enum CgoNeed {
    /// Yes.
    Yes {
        /// The import paths from the main package to the one that needs it.
        chain: Vec<String>,
        /// What is known of its module; `None` for most packages of the project itself.
        row: Option<&'static CgoModule>,
        /// The file that imports "C", for a package in the context.
        file: Option<String>,
    },
    /// No.
    No,
    /// Not everything could be looked at, or a module that needs cgo is required but not imported directly.
    Unknown,
}

impl Facts {
    /// Where an import of a package of `module` leads.
    pub fn resolve(&self, module: &Module, import_path: &str) -> Target {
        if let Some(dir) = module.dir_of(import_path) {
            return Target::Dir(dir);
        }
        let workspace = self.work_for(module);
        if let Some(work) = workspace {
            let members = work.module_dirs().flatten().filter_map(|dir| self.module_at(&dir)?.dir_of(import_path));
            if let Some(dir) = members.max_by_key(String::len) {
                return Target::Dir(dir);
            }
        }
        if !import_path.split('/').next().is_some_and(|first| first.contains('.'))
            && !self.is_replaced(module, import_path)
        {
            return Target::Std;
        }
        let vendor_root = workspace.map_or(module.dir.as_str(), |work| work.dir.as_str());
        let vendor = paths::join(&paths::join(vendor_root, "vendor"), import_path);
        if module.packages.contains_key(&vendor) || (module.uses_vendor() && self.paths.exists(&vendor) != Some(false))
        {
            return Target::Dir(vendor);
        }
        let replaces = self.local_replaces(module);
        let matching = replaces.iter().filter(|(path, _)| paths::strip(import_path, path).is_some());
        match matching.max_by_key(|(path, _)| path.len()) {
            None => Target::External,
            Some((_, None)) => Target::Outside,
            Some((path, Some(dir))) => {
                Target::Dir(paths::join(dir, paths::strip(import_path, path).unwrap_or_default()))
            }
        }
    }

    fn is_replaced(&self, module: &Module, import_path: &str) -> bool {
        let required = module.go_mod.requires.iter().map(|require| require.path.text.as_str());
        let replaced = self.local_replaces(module);
        required.chain(replaced.iter().map(|(path, _)| *path)).any(|path| paths::strip(import_path, path).is_some())
    }

    /// The package of a directory, whichever module holds it.
    pub fn package_at(&self, dir: &str) -> Option<&Package> {
        self.modules.iter().find_map(|module| module.packages.get(dir))
    }

    /// The packages that programs of the given directories are made of. `module` is the one that is built.
    pub fn walk(&self, module: &Module, dirs: &[&str], build: &Build) -> Walk {
        let mut walk = Walk { complete: true, ..Walk::default() };
        let mut seen = BTreeSet::new();
        let mut queue = VecDeque::new();
        for dir in dirs {
            let import_path = module.import_path(dir).unwrap_or_else(|| (*dir).to_owned());
            if seen.insert(import_path.clone()) {
                walk.reached.push(Reached { import_path, target: Target::Dir((*dir).to_owned()), importer: None });
                queue.push_back(walk.reached.len() - 1);
            }
        }
        while let Some(index) = queue.pop_front() {
            let package = match &walk.reached[index].target {
                Target::Dir(dir) => self.package_at(dir),
                Target::Outside => None,
                Target::Std | Target::External => continue,
            };
            let Some(package) = package else {
                walk.complete = false;
                continue;
            };
            walk.complete &= package.complete;
            for import in package.selected(build).flat_map(|file| &file.source.imports) {
                if import.path == "C" || !seen.insert(import.path.clone()) {
                    continue;
                }
                let target = self.resolve(module, &import.path);
                walk.reached.push(Reached { import_path: import.path.clone(), target, importer: Some(index) });
                queue.push_back(walk.reached.len() - 1);
            }
        }
        walk
    }

    /// Whether programs of the given directories need cgo: their own packages are read, modules that are downloaded
    /// are looked up. Test files do not count, nor packages with a pure Go fallback.
    pub fn reaches_cgo(&self, module: &Module, dirs: &[&str], build: &Build) -> CgoNeed {
        // What is reached without cgo decides: a package that only cgo files import has its fallback already.
        let off = build.with_cgo(false);
        let walk = self.walk(module, dirs, &off);
        let tags: Vec<&str> = build.tags.iter().map(String::as_str).collect();
        for (index, reached) in walk.reached.iter().enumerate() {
            let own = module.dir_of(&reached.import_path).is_some();
            let row = cgo_modules::cgo_module(&reached.import_path);
            // The source of the module itself is better evidence than the table.
            let needs = !own && row.is_some_and(|row| row.needs_cgo(&tags));
            let file = match &reached.target {
                Target::Dir(dir) => self.package_at(dir).and_then(|package| package.needs_cgo(build)),
                _ => None,
            };
            if needs || file.is_some() {
                let file = file.map(|file| file.name.clone());
                return CgoNeed::Yes { chain: walk.chain(index), row, file };
            }
        }
        if !walk.complete || (walk.has_external() && self.may_need_cgo(module, &tags)) {
            return CgoNeed::Unknown;
        }
        CgoNeed::No
    }

    /// True when a required module needs cgo, at least in one of its packages: another module may import it.
    fn may_need_cgo(&self, module: &Module, tags: &[&str]) -> bool {
        let work = self.work_for(module);
        let members =
            work.into_iter().flat_map(|work| work.module_dirs().flatten().filter_map(|dir| self.module_at(&dir)));
        let local = self.local_replaces(module);
        let replaced = local.iter().filter_map(|(_, dir)| self.module_at(dir.as_deref()?));
        let modules = members.chain(replaced).chain([module]);
        let mut requires = modules.flat_map(|module| &module.go_mod.requires);
        requires.any(|require| cgo_modules::any_part_needs_cgo(&require.path.text, tags))
    }
}
