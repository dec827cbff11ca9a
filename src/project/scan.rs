//! Fills `Facts`: reads what lies in the context, within bounds.
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::build_tags::Build;
use super::builds;
use super::context::{self, Context, Needs};
use super::facts::{Facts, Work};
use super::files::{Files, Kind};
use super::git_ignore::GitIgnore;
use super::go_mod::{self, GoMod, GoWork};
use super::go_source;
use super::ignore::Dockerignore;
use super::listing::{Limits, Listing};
use super::makefiles::{self, Makefile};
use super::manifests::{self, Manifest};
use super::packages::{GoFile, Module, Package, Vendor};
use super::paths;
use super::walk::Target;

/// Go files that one scan reads, outside vendor directories and in them.
const MAX_GO_FILES: usize = 40_000;
const MAX_VENDORED_FILES: usize = 12_000;
/// Bytes that one scan reads.
const MAX_BYTES: usize = 256 << 20;
/// .gitignore files below the context.
const MAX_GIT_IGNORES: usize = 100;
/// Manifests of other languages, the outermost first, and the bytes of one.
const MAX_MANIFESTS: usize = 200;
const MAX_MANIFEST: usize = 256 << 10;
/// Makefiles, the outermost first, and the bytes of one.
const MAX_MAKEFILES: usize = 50;
const MAX_MAKEFILE: usize = 256 << 10;
/// Modules of one context.
const MAX_MODULES: usize = 200;

/// Looks at the project around a Dockerfile: bounded, no symbolic link to a directory followed, nothing executed.
/// `root`: the workspace. `setting`: what the settings say the context is.
pub fn scan(files: &dyn Files, dockerfile: &Path, root: Option<&Path>, needs: &Needs, setting: Option<&Path>) -> Facts {
    let top = context::workspace(files, dockerfile, root).filter(|_| setting.is_none());
    let builds = top.map(|top| builds::find_builds(files, &top)).unwrap_or_default();
    let look = |context: Context| look(files, &context.dir, needs).facts(files, dockerfile, context);
    if let Some(context) = context::find_context(files, dockerfile, root, needs, setting, &builds) {
        return look(context);
    }
    let likely = context::likely_context(files, dockerfile, root, needs).map(look).map(Arc::new);
    Facts { likely, ..without_context(files, dockerfile, root) }
}

/// The contexts that were looked at for other Dockerfiles of the same run.
#[derive(Debug, Default)]
pub struct Scans {
    /// By context and package arguments: those of the Dockerfile where the context is too large to be read whole.
    seen: Mutex<HashMap<(PathBuf, Vec<String>), Once>>,
    /// By workspace.
    builds: Mutex<HashMap<PathBuf, Arc<OnceLock<Vec<builds::Build>>>>>,
}

/// A context that is looked at by the first who asks.
type Once = Arc<OnceLock<Seen>>;

impl Scans {
    /// As [`scan`], but a context that was looked at before is not looked at again.
    pub fn scan(
        &self,
        files: &dyn Files,
        dockerfile: &Path,
        root: Option<&Path>,
        needs: &Needs,
        setting: Option<&Path>,
    ) -> Facts {
        let top = context::workspace(files, dockerfile, root).filter(|_| setting.is_none());
        let builds = top.map(|top| self.builds(files, &top)).unwrap_or_default();
        let builds = builds.get().map(Vec::as_slice).unwrap_or_default();
        let Some(context) = context::find_context(files, dockerfile, root, needs, setting, builds) else {
            return without_context(files, dockerfile, root);
        };
        let whole = self.at(&context.dir, &[]);
        let whole = whole.get_or_init(|| look(files, &context.dir, &Needs::default()));
        if whole.holds(needs) {
            return whole.facts(files, dockerfile, context);
        }
        let own = self.at(&context.dir, &needs.packages);
        own.get_or_init(|| look(files, &context.dir, needs)).facts(files, dockerfile, context)
    }

    fn builds(&self, files: &dyn Files, top: &Path) -> Arc<OnceLock<Vec<builds::Build>>> {
        let mut known = self.builds.lock().unwrap_or_else(PoisonError::into_inner);
        let builds = known.entry(top.to_owned()).or_default().clone();
        drop(known);
        builds.get_or_init(|| builds::find_builds(files, top));
        builds
    }

    fn at(&self, context: &Path, packages: &[String]) -> Once {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.entry((context.to_owned(), packages.to_vec())).or_default().clone()
    }
}

/// What was seen of a context, whatever the Dockerfile.
#[derive(Debug)]
struct Seen {
    /// All but what a Dockerfile decides.
    facts: Facts,
    /// The directories that were looked into for packages.
    dirs: BTreeSet<String>,
    /// A bound was hit while files were read: what is read first matters.
    bounded: bool,
}

impl Seen {
    /// True when a look that begins with the packages of `needs` would see the same.
    fn holds(&self, needs: &Needs) -> bool {
        let known = |dir: &String| self.dirs.contains(dir) || self.facts.paths.exists(dir) == Some(false);
        !self.bounded && needed_dirs(&self.facts, needs).iter().all(known)
    }

    fn facts(&self, files: &dyn Files, dockerfile: &Path, context: Context) -> Facts {
        let mut facts = self.facts.clone();
        facts.looked = true;
        facts.dockerfile = relative(dockerfile, &context);
        if let Some((path, text)) = ignore_file(files, dockerfile, &context.dir) {
            facts.ignore = Some(Dockerignore::parse(&text));
            facts.ignore_path = Some(path);
        }
        facts.context = Some(context);
        facts
    }
}

fn without_context(files: &dyn Files, dockerfile: &Path, root: Option<&Path>) -> Facts {
    let vendor_around = context::has_vendor_around(files, dockerfile, root);
    Facts { looked: true, vendor_around, ..Facts::default() }
}

/// Looks at a context; the packages of `needs` come first.
fn look(files: &dyn Files, context: &Path, needs: &Needs) -> Seen {
    let paths = Listing::read(files, context, Limits::default());
    let mut scanner = Scanner { files, root: context.to_owned(), go_files: 0, vendored: 0, bytes: 0, bounded: false };
    let mut facts = Facts { paths: Arc::new(paths), ..Facts::default() };
    facts.git_ignore = Arc::new(scanner.git_ignore(&facts.paths));
    facts.modules = Arc::new(scanner.modules(&facts.paths));
    facts.work = scanner.work(&facts.paths).map(Arc::new);
    facts.manifests = Arc::new(scanner.manifests(&facts.paths));
    facts.makefiles = Arc::new(scanner.makefiles(&facts.paths));
    let dirs = scanner.packages(&mut facts, needs);
    facts.truncated = scanner.bounded || !facts.paths.complete;
    Seen { facts, dirs, bounded: scanner.bounded }
}

/// `<Dockerfile>.dockerignore` beside it, else the context's own.
fn ignore_file(files: &dyn Files, dockerfile: &Path, context: &Path) -> Option<(PathBuf, String)> {
    let mut own = dockerfile.as_os_str().to_owned();
    own.push(".dockerignore");
    for path in [PathBuf::from(own), context.join(".dockerignore")] {
        if let Ok(bytes) = files.read(&path) {
            return Some((path, String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    None
}

fn relative(path: &Path, context: &Context) -> Option<String> {
    let rest = path.strip_prefix(&context.dir).ok()?;
    let parts: Option<Vec<&str>> = rest.iter().map(|part| part.to_str()).collect();
    parts.map(|parts| parts.join("/"))
}

struct Scanner<'a> {
    files: &'a dyn Files,
    root: PathBuf,
    go_files: usize,
    vendored: usize,
    bytes: usize,
    bounded: bool,
}

impl Scanner<'_> {
    /// The text of a file of the context; `None` when it is not readable or the bound is reached.
    fn text(&mut self, path: &str) -> Option<String> {
        if self.bytes >= MAX_BYTES {
            self.bounded = true;
            return None;
        }
        let bytes = self.files.read(&self.root.join(path)).ok()?;
        self.bytes += bytes.len();
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn git_ignore(&mut self, listing: &Listing) -> GitIgnore {
        let mut found = GitIgnore::read(self.files, &self.root);
        let nested = listing.iter().map(|(path, _)| path).filter(|path| paths::file_name(path) == ".gitignore");
        let mut nested: Vec<&str> =
            nested.filter(|path| path.contains('/') && !is_hidden(paths::parent(path))).collect();
        nested.sort_by_key(|path| path.matches('/').count());
        for path in nested.into_iter().take(MAX_GIT_IGNORES) {
            if let Some(text) = self.text(path) {
                found.add(paths::parent(path), text.as_bytes());
            }
        }
        found
    }

    fn modules(&mut self, listing: &Listing) -> Vec<Module> {
        let is_go_mod = |path: &str, kind| kind == Kind::File && paths::file_name(path) == "go.mod";
        let found = listing.iter().filter(|(path, kind)| is_go_mod(path, *kind)).map(|(path, _)| path);
        let mut paths: Vec<&str> = found.filter(|path| !is_hidden(paths::parent(path))).collect();
        paths.sort_by_key(|path| (path.matches('/').count(), *path));
        self.bounded |= paths.len() > MAX_MODULES;
        paths.truncate(MAX_MODULES);
        paths.into_iter().filter_map(|path| self.module(path, listing)).collect()
    }

    fn module(&mut self, path: &str, listing: &Listing) -> Option<Module> {
        let dir = paths::parent(path).to_owned();
        let go_mod = GoMod::parse(&self.text(path)?);
        let has_go_sum = listing.exists(&paths::join(&dir, "go.sum")) == Some(true);
        let vendored = paths::join(&dir, "vendor/modules.txt");
        let vendor = if listing.exists(&vendored) == Some(true) { self.text(&vendored) } else { None };
        let vendor = vendor.map(|text| Vendor { modules: go_mod::vendored_modules(&text) });
        Some(Module { dir, go_mod, has_go_sum, vendor, ..Module::default() })
    }

    fn manifests(&mut self, listing: &Listing) -> Vec<Manifest> {
        let found = outer_files(listing, manifests::is_manifest, MAX_MANIFESTS);
        let read = |path| Some(manifests::read(path, &self.small(path, MAX_MANIFEST)?, listing));
        found.into_iter().filter_map(read).collect()
    }

    fn makefiles(&mut self, listing: &Listing) -> Vec<Makefile> {
        let found = outer_files(listing, makefiles::is_makefile, MAX_MAKEFILES);
        found.into_iter().filter_map(|path| Some(makefiles::read(path, &self.small(path, MAX_MAKEFILE)?))).collect()
    }

    /// The text of a file with at most `most` bytes.
    fn small(&mut self, path: &str, most: usize) -> Option<String> {
        let bytes = self.files.read(&self.root.join(path)).ok().filter(|bytes| bytes.len() <= most)?;
        self.bytes += bytes.len();
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn work(&mut self, listing: &Listing) -> Option<Work> {
        let is_work = |path: &str, kind| kind == Kind::File && paths::file_name(path) == "go.work";
        let found = listing.iter().filter(|(path, kind)| is_work(path, *kind)).map(|(path, _)| path);
        let path = found.filter(|path| !is_hidden(paths::parent(path))).min_by_key(|path| path.matches('/').count())?;
        Some(Work { dir: paths::parent(path).to_owned(), file: GoWork::parse(&self.text(path)?) })
    }

    /// Reads packages: first those that the Dockerfile builds and what they import, then the others of the project,
    /// at last what those import from vendor/.
    /// Returns the directories that were looked into.
    fn packages(&mut self, facts: &mut Facts, needs: &Needs) -> BTreeSet<String> {
        for module in Arc::make_mut(&mut facts.modules) {
            module.complete = facts.paths.is_complete_below(&module.dir);
        }
        let needed = needed_dirs(facts, needs);
        let mut seen = BTreeSet::new();
        self.closure(facts, needed, &mut seen, true);
        let own = go_dirs(facts);
        let vendored = self.closure(facts, own, &mut seen, false);
        self.closure(facts, vendored, &mut seen, true);
        seen
    }

    /// Reads the packages of directories and of what they import. Without `deep` what lies in vendor directories is
    /// returned instead.
    fn closure(
        &mut self,
        facts: &mut Facts,
        mut queue: VecDeque<String>,
        seen: &mut BTreeSet<String>,
        deep: bool,
    ) -> VecDeque<String> {
        let mut later = VecDeque::new();
        while let Some(dir) = queue.pop_front() {
            if !deep && is_vendored(&dir) {
                later.push_back(dir);
                continue;
            }
            if !seen.insert(dir.clone()) {
                continue;
            }
            let Some(index) = owner(facts, &dir) else { continue };
            let Some(package) = self.package(&facts.paths, &dir) else { continue };
            queue.extend(imported_dirs(facts, index, &package));
            let module = &mut Arc::make_mut(&mut facts.modules)[index];
            module.complete &= package.complete || is_vendored(&dir);
            module.packages.insert(dir, package);
        }
        later
    }

    /// The package of a directory; `None` when it has no Go files.
    fn package(&mut self, listing: &Listing, dir: &str) -> Option<Package> {
        if listing.exists(dir) == Some(false) {
            return None;
        }
        // A vendor directory that was too large for the listing is read where a program needs it.
        let Ok(children) = self.files.list(&self.root.join(dir)) else {
            return Some(Package { dir: dir.to_owned(), ..Package::default() });
        };
        let files = children.iter().filter(|entry| entry.kind == Kind::File);
        let names: Vec<&str> = files.map(|entry| entry.name.as_str()).collect();
        let mut package = Package { dir: dir.to_owned(), files: Vec::new(), complete: true };
        let vendored = is_vendored(dir);
        for name in names.into_iter().filter(|name| is_source(name)) {
            let text = if self.may_read(vendored) { self.text(&paths::join(dir, name)) } else { None };
            let Some(text) = text else {
                package.complete = false;
                continue;
            };
            let read = if vendored { go_source::scan_head } else { go_source::scan };
            package.files.push(GoFile { name: name.to_owned(), source: read(text.as_bytes()) });
        }
        self.bounded |= !package.complete;
        (!package.files.is_empty() || !package.complete).then_some(package)
    }

    /// Counts one more Go file against its bound.
    fn may_read(&mut self, vendored: bool) -> bool {
        let (count, most) =
            if vendored { (&mut self.vendored, MAX_VENDORED_FILES) } else { (&mut self.go_files, MAX_GO_FILES) };
        *count += 1;
        *count <= most
    }
}

/// The files of the project that are such, the outermost first.
fn outer_files(listing: &Listing, is_such: fn(&str) -> bool, most: usize) -> Vec<&str> {
    let files = listing.iter().filter(|(_, kind)| *kind == Kind::File).map(|(path, _)| path);
    let mut found: Vec<&str> = files.filter(|path| is_such(path) && !is_hidden(paths::parent(path))).collect();
    found.sort_by_key(|path| (path.matches('/').count(), *path));
    found.truncate(most);
    found
}

fn is_vendored(dir: &str) -> bool {
    dir.split('/').any(|part| part == "vendor")
}

/// The directories that the package arguments of the Dockerfile may mean.
fn needed_dirs(facts: &Facts, needs: &Needs) -> VecDeque<String> {
    let arguments = needs.packages.iter().filter(|argument| !argument.contains('@'));
    let dir = |argument: &String| match argument.as_str() {
        file if context::is_go_file(file) => paths::clean(paths::parent(file)),
        local if go_mod::is_local(local) => paths::clean(local),
        path => facts.modules.iter().find_map(|module| module.dir_of(path)).unwrap_or_else(|| paths::clean(path)),
    };
    arguments.map(dir).collect()
}

fn is_source(name: &str) -> bool {
    let is_go = name.strip_suffix(".go").is_some_and(|stem| !stem.ends_with("_test"));
    is_go && !name.starts_with(['_', '.'])
}

/// Directories that the go command does not look into by itself.
fn is_hidden(dir: &str) -> bool {
    let hidden = |part: &str| part == "vendor" || part == "testdata" || part.starts_with(['_', '.']);
    !dir.is_empty() && dir.split('/').any(hidden)
}

/// The directories with Go files, outside vendor and hidden directories, outer ones first.
fn go_dirs(facts: &Facts) -> VecDeque<String> {
    let sources = facts.paths.iter().filter(|(path, kind)| *kind == Kind::File && is_source(paths::file_name(path)));
    let dirs: BTreeSet<&str> = sources.map(|(path, _)| paths::parent(path)).filter(|dir| !is_hidden(dir)).collect();
    let mut dirs: Vec<String> = dirs.into_iter().map(str::to_owned).collect();
    dirs.sort_by_key(|dir| dir.matches('/').count());
    dirs.into()
}

/// The module that a directory belongs to, as an index; for vendor/ the one around it.
fn owner(facts: &Facts, dir: &str) -> Option<usize> {
    let around = |module: &&(usize, &Module)| paths::strip(dir, &module.1.dir).is_some();
    let modules: Vec<(usize, &Module)> = facts.modules.iter().enumerate().collect();
    modules.iter().filter(around).max_by_key(|(_, module)| module.dir.len()).map(|(index, _)| *index)
}

/// The directories of the context that a package imports, with cgo on or off.
fn imported_dirs(facts: &Facts, owner: usize, package: &Package) -> Vec<String> {
    let builds = [Build::default(), Build::default().with_cgo(false)];
    let selected = package.files.iter().filter(|file| builds.iter().any(|build| file.belongs(build)));
    let imports = selected.flat_map(|file| &file.source.imports);
    let targets = imports.map(|import| facts.resolve(&facts.modules[owner], &import.path));
    let dirs = targets.filter_map(|target| match target {
        Target::Dir(dir) => Some(dir),
        _ => None,
    });
    dirs.collect()
}
