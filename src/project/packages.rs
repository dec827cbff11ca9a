//! Go modules and packages inside a build context.
use std::collections::BTreeMap;

use super::build_tags::{Build, Constraint};
use super::go_mod::{GoMod, VendoredModule};
use super::go_source::GoSource;
use super::paths;

/// One Go file that is no test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoFile {
    /// Its name.
    pub name: String,
    /// What it says about itself.
    pub source: GoSource,
}

impl GoFile {
    /// Whether it belongs to a build.
    pub fn belongs(&self, build: &Build) -> bool {
        let constraint = match &self.source.constraint {
            Constraint::None => true,
            Constraint::Expr(expr) => expr.holds(build),
            Constraint::Invalid => false,
        };
        // The C files of package C are compiled with cgo only.
        constraint && build.fits_name(&self.name) && (build.cgo || !self.source.imports("C"))
    }
}

/// The Go files of one directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Package {
    /// The directory, relative to the context.
    pub dir: String,
    /// Its files, by name; without tests and files that start with `_` or `.`.
    pub files: Vec<GoFile>,
    /// False when a file could not be read.
    pub complete: bool,
}

impl Package {
    /// The files that belong to a build.
    pub fn selected<'a>(&'a self, build: &Build) -> impl Iterator<Item = &'a GoFile> {
        self.files.iter().filter(|file| file.belongs(build))
    }

    /// Its name in a build: that of its files; `None` when no file belongs.
    pub fn name<'a>(&'a self, build: &Build) -> Option<&'a str> {
        // `package documentation` is how a file opts out of its package.
        let mut named = self.selected(build).map(|file| file.source.package.as_str());
        named.find(|name| !name.is_empty() && *name != "documentation")
    }

    /// True when a build makes a program of it.
    pub fn is_main(&self, build: &Build) -> bool {
        self.name(build) == Some("main")
    }

    /// A file that needs cgo and has no other file in its place without; `None`: the package builds without cgo.
    pub fn needs_cgo<'a>(&'a self, build: &Build) -> Option<&'a GoFile> {
        // Nearly no package does, and what belongs to a build is not for free.
        if !self.files.iter().any(|file| file.source.imports("C")) {
            return None;
        }
        let (on, off) = (build.with_cgo(true), build.with_cgo(false));
        let file = self.selected(&on).find(|file| file.source.imports("C"))?;
        let has_fallback = self.selected(&off).any(|file| !file.belongs(&on));
        (!has_fallback).then_some(file)
    }
}

/// The vendor directory of a module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vendor {
    /// The modules of its modules.txt.
    pub modules: Vec<VendoredModule>,
}

/// A Go module inside the context.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Module {
    /// Its directory, relative to the context; empty for the context itself.
    pub dir: String,
    /// Its go.mod.
    pub go_mod: GoMod,
    /// go.sum lies beside it.
    pub has_go_sum: bool,
    /// vendor/modules.txt, when it is there.
    pub vendor: Option<Vendor>,
    /// Its packages by directory, relative to the context; those in vendor/ that a program of it reaches too.
    pub packages: BTreeMap<String, Package>,
    /// Every directory of it was looked at (vendor/ apart).
    pub complete: bool,
}

impl Module {
    /// The import path of a directory of the module; `None` when it lies elsewhere.
    pub fn import_path(&self, dir: &str) -> Option<String> {
        if let Some(vendored) = paths::strip(dir, &paths::join(&self.dir, "vendor")) {
            return Some(vendored.to_owned());
        }
        paths::strip(dir, &self.dir).map(|rest| paths::join(self.go_mod.path(), rest))
    }

    /// The directory of an import path of the module itself; it need not exist.
    pub fn dir_of(&self, import_path: &str) -> Option<String> {
        let rest = paths::strip(import_path, self.go_mod.path()).filter(|_| !self.go_mod.path().is_empty())?;
        Some(paths::join(&self.dir, rest))
    }

    /// The packages that `./...` in `dir` means, in order: not those of vendor, testdata, `_x`, `.x` and ignored
    /// directories, and not those without a file for the build.
    pub fn packages_below<'a>(&'a self, dir: &'a str, build: &'a Build) -> impl Iterator<Item = &'a Package> {
        let below = self.packages.values().filter(move |package| paths::strip(&package.dir, dir).is_some());
        below.filter(move |package| !self.is_ignored(&package.dir) && package.selected(build).next().is_some())
    }

    fn is_ignored(&self, dir: &str) -> bool {
        let Some(rest) = paths::strip(dir, &self.dir) else { return true };
        let hidden = |part: &str| part == "vendor" || part == "testdata" || part.starts_with(['_', '.']);
        let named = |ignore: &str| match ignore.strip_prefix("./") {
            Some(anchored) => paths::strip(rest, &paths::clean(anchored)).is_some(),
            None => format!("/{rest}/").contains(&format!("/{}/", paths::clean(ignore))),
        };
        rest.split('/').any(hidden) || self.go_mod.ignores.iter().any(|ignore| named(&ignore.text))
    }

    /// The main packages of the module.
    pub fn main_packages<'a>(&'a self, build: &'a Build) -> impl Iterator<Item = &'a Package> {
        self.packages_below(&self.dir, build).filter(|package| package.is_main(build))
    }

    /// True when the build takes dependencies from vendor/ without being told: it is there and go.mod says 1.14 or later.
    pub fn uses_vendor(&self) -> bool {
        let recent = self.go_mod.go_version().is_some_and(|go| (go.major, go.minor) >= (1, 14));
        self.vendor.is_some() && recent
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::go_source;

    fn package(files: &[(&str, &str)]) -> Package {
        let file =
            |(name, text): &(&str, &str)| GoFile { name: (*name).into(), source: go_source::scan(text.as_bytes()) };
        Package { dir: "x".into(), files: files.iter().map(file).collect(), complete: true }
    }

    #[test]
    fn needs_cgo_or_has_a_fallback() {
        let build = Build::default();
        let only = package(&[("a.go", "package a\nimport \"C\"\n")]);
        assert_eq!(only.needs_cgo(&build).map(|file| file.name.as_str()), Some("a.go"));
        assert!(only.name(&build.with_cgo(false)).is_none());
        let mixed = package(&[("a.go", "package a\nimport \"C\"\n"), ("b.go", "package a\n")]);
        assert!(mixed.needs_cgo(&build).is_some());
        let fallback = package(&[("a.go", "package a\nimport \"C\"\n"), ("b.go", "//go:build !cgo\npackage a\n")]);
        assert!(fallback.needs_cgo(&build).is_none());
        let windows = package(&[("a_windows.go", "package a\nimport \"C\"\n"), ("b.go", "package a\n")]);
        assert!(windows.needs_cgo(&build).is_none());
    }

    #[test]
    fn import_paths() {
        let module = Module {
            dir: "api".into(),
            go_mod: GoMod::parse("module example.com/api\ngo 1.22\n"),
            ..Module::default()
        };
        assert_eq!(module.import_path("api/cmd/x").as_deref(), Some("example.com/api/cmd/x"));
        assert_eq!(module.import_path("api").as_deref(), Some("example.com/api"));
        assert_eq!(module.import_path("api/vendor/github.com/a/b").as_deref(), Some("github.com/a/b"));
        assert_eq!(module.import_path("web"), None);
        assert_eq!(module.dir_of("example.com/api/cmd").as_deref(), Some("api/cmd"));
        assert_eq!(module.dir_of("example.com/apix"), None);
        assert!(!module.uses_vendor());
    }
}
