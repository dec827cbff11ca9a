//! Which program of a project is meant.
use crate::analysis::snapshot::Snapshot;
use crate::project::build_tags::Build;
use crate::project::facts::Facts;
use crate::project::packages::{Module, Package};
use crate::project::paths;

/// A main package.
#[derive(Clone, Copy, Debug)]
pub struct Main<'f> {
    /// Its module.
    pub module: &'f Module,
    /// Its folder, relative to the build context.
    pub dir: &'f str,
}

impl Main<'_> {
    /// As `go build` in the context's folder names it: `./cmd/server`.
    pub fn argument(&self) -> String {
        if self.dir.is_empty() { ".".to_owned() } else { format!("./{}", self.dir) }
    }
}

/// Folders whose programs help the developers, and are not the product.
const HELPERS: [&str; 24] = [
    "_examples",
    "benchmark",
    "benchmarks",
    "build",
    "ci",
    "contrib",
    "demo",
    "demos",
    "dev",
    "doc",
    "docs",
    "e2e",
    "example",
    "examples",
    "gen",
    "hack",
    "magefiles",
    "misc",
    "scripts",
    "test",
    "testing",
    "tests",
    "tool",
    "tools",
];

/// Folders of this many programs are listed.
const MAX_LISTED: usize = 20;

/// The programs of the project, sorted by folder.
pub fn all<'f>(facts: &'f Facts) -> Vec<Main<'f>> {
    let build = Build::default();
    let mut found: Vec<Main<'f>> = Vec::new();
    for module in facts.modules.iter() {
        let starts =
            |package: &&Package| package.is_main(&build) && package.selected(&build).any(|file| file.source.has_main);
        let packages = module.packages.values().filter(starts);
        let own = packages.filter(|package| is_own(facts, module, &package.dir));
        found.extend(own.map(|package| Main { module, dir: &package.dir }));
    }
    found.sort_by_key(|main| (main.dir.matches('/').count(), main.dir));
    found
}

/// False for folders that the go command does not look into, and for those of a module further in.
fn is_own(facts: &Facts, module: &Module, dir: &str) -> bool {
    let hidden =
        |part: &str| part == "vendor" || part == "testdata" || part.starts_with(['_', '.']) && !part.is_empty();
    !dir.split('/').any(hidden) && facts.module_for(dir).is_some_and(|inner| inner.dir == module.dir)
}

/// The program that is meant: the one that is asked for, the only one, that of the root, or that of the module's name.
///
/// # Errors
/// A text that says what is missing, or which programs there are.
pub fn choose<'f>(snapshot: &'f Snapshot, wanted: Option<&str>) -> Result<Main<'f>, String> {
    let facts = snapshot.facts();
    if facts.modules.is_empty() {
        return Err("no go.mod is found here or below: there is no Go module to write a Dockerfile for".to_owned());
    }
    let all = all(facts);
    if all.is_empty() {
        let path = facts.modules[0].go_mod.path();
        return Err(format!("{path} has no main package: there is no program to put into an image"));
    }
    if let Some(wanted) = wanted {
        return named(&all, wanted)
            .ok_or_else(|| format!("there is no main package {wanted}; there are\n{}", list(&all)));
    }
    preferred(facts, &all).ok_or_else(|| format!("there are several programs: choose one with --main\n{}", list(&all)))
}

/// `./cmd/server`, its import path, or the last word of either where that is enough.
fn named<'f>(all: &[Main<'f>], wanted: &str) -> Option<Main<'f>> {
    let path = paths::clean(wanted);
    let exact =
        all.iter().find(|main| main.dir == path || main.module.import_path(main.dir).as_deref() == Some(wanted));
    let mut by_name = all.iter().filter(|main| !path.is_empty() && paths::file_name(main.dir) == path);
    exact.or_else(|| by_name.next().filter(|_| by_name.next().is_none())).copied()
}

fn preferred<'f>(facts: &Facts, all: &[Main<'f>]) -> Option<Main<'f>> {
    let product: Vec<Main<'f>> = all.iter().copied().filter(|main| !is_helper(main)).collect();
    let product = if product.is_empty() { all.to_vec() } else { product };
    // Modules further in have programs for reasons of their own, unless a workspace says that they belong together.
    let is_outer = |main: &Main| facts.work.is_some() || main.module.dir.is_empty();
    let outer: Vec<Main<'f>> = product.iter().copied().filter(is_outer).collect();
    let candidates = if outer.is_empty() { &product } else { &outer };
    if let [only] = candidates.as_slice() {
        return Some(*only);
    }
    let mut roots = candidates.iter().filter(|main| main.dir == main.module.dir);
    if let Some(root) = roots.next().filter(|_| roots.next().is_none()) {
        return Some(*root);
    }
    let mut of_module = candidates.iter().filter(|main| is_named_after_module(main));
    of_module.next().filter(|_| of_module.next().is_none()).copied()
}

fn is_helper(main: &Main) -> bool {
    main.dir.split('/').any(|part| HELPERS.contains(&part))
}

/// `cmd/shop` of example.com/shop.
fn is_named_after_module(main: &Main) -> bool {
    let mut parts = main.module.go_mod.path().rsplit('/');
    let last = parts.next().unwrap_or_default();
    let is_version = last.strip_prefix('v').is_some_and(|rest| rest.parse::<u32>().is_ok());
    let name = if is_version { parts.next().unwrap_or(last) } else { last };
    let inside = paths::strip(main.dir, &main.module.dir).unwrap_or(main.dir);
    inside == format!("cmd/{name}") || inside == name
}

fn list(all: &[Main]) -> String {
    let mut lines: Vec<String> = all.iter().take(MAX_LISTED).map(|main| format!("  {}", main.argument())).collect();
    if all.len() > MAX_LISTED {
        lines.push(format!("  and {} more", all.len() - MAX_LISTED));
    }
    lines.join("\n")
}
