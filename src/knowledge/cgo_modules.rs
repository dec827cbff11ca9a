//! Go modules that use cgo: whether they need it, and the packages that their C parts need.
use std::sync::LazyLock;

use super::distros::PackageManager;
use super::table::{self, Row};

const TABLE: &str = include_str!("cgo_modules.tsv");
const STD: &str = include_str!("std_cgo.tsv");

/// Whether a module or package builds without cgo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cgo {
    /// It does not work without.
    Required,
    /// It has a pure Go fallback, or only parts of it use cgo.
    Optional,
    /// It never uses cgo on Linux.
    Pure,
    /// A package of the standard library that uses cgo when it is on.
    Std,
}

/// What happens to a build with CGO_ENABLED=0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithoutCgo {
    /// The build fails.
    BuildFails,
    /// It builds, and the program fails when it uses the module.
    FailsAtRunTime,
    /// It works, perhaps with less.
    Works,
}

/// Whether the C parts work on Alpine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Musl {
    /// Yes.
    Yes,
    /// Yes, but its authors advise a glibc image.
    GlibcAdvised,
    /// No: it brings archives for glibc.
    No,
}

/// Packages to build with, or to run with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// In the stage that compiles.
    Build,
    /// In the image that runs the program.
    Run,
}

/// One module, or a package of one, that is known to use cgo or not to.
#[derive(Clone, Debug)]
pub struct CgoModule {
    /// Its import path without major version.
    pub module: &'static str,
    /// Whether it needs cgo.
    pub need: Cgo,
    /// What a build without cgo does; `None` where cgo plays no part.
    pub without_cgo: Option<WithoutCgo>,
    /// Whether its C parts work with musl.
    pub musl: Musl,
    /// Build tags and variables that matter, for people.
    pub tags: &'static str,
    /// Build tags that an Alpine build needs.
    pub alpine_tags: Vec<&'static str>,
    /// Build tags that take the cgo part out.
    pub pure_tags: Vec<&'static str>,
    /// Pure Go modules that do the same, for people; may be empty.
    pub pure_go: &'static str,
    /// What else is worth knowing, for people.
    pub notes: &'static str,
    apk: [Vec<&'static str>; 2],
    apt: [Vec<&'static str>; 2],
    apt_t64: Vec<&'static str>,
    dnf: [Vec<&'static str>; 2],
}

impl CgoModule {
    /// The packages of `manager` that it needs, compiler included. `t64`: the release renamed its libraries for
    /// 64-bit time (`BaseImage::has_t64_names`). Empty: none needed, or not known for this manager.
    pub fn packages(&self, manager: PackageManager, phase: Phase, t64: bool) -> &[&'static str] {
        let by_phase = match manager {
            PackageManager::Apk => &self.apk,
            PackageManager::Apt if phase == Phase::Run && t64 && !self.apt_t64.is_empty() => return &self.apt_t64,
            PackageManager::Apt => &self.apt,
            PackageManager::Dnf | PackageManager::Microdnf | PackageManager::Yum => &self.dnf,
            _ => return &[],
        };
        match phase {
            Phase::Build => &by_phase[0],
            Phase::Run => &by_phase[1],
        }
    }

    /// True when it needs cgo and none of the build tags takes that part out.
    pub fn needs_cgo(&self, tags: &[&str]) -> bool {
        self.need == Cgo::Required && !self.pure_tags.iter().any(|tag| tags.contains(tag))
    }
}

static MODULES: LazyLock<Vec<CgoModule>> =
    LazyLock::new(|| table::rows(TABLE).filter_map(|row| module(&row)).collect());

fn module(row: &Row) -> Option<CgoModule> {
    let need = match row.cell(1) {
        "required" => Cgo::Required,
        "optional" => Cgo::Optional,
        "pure" => Cgo::Pure,
        "std" => Cgo::Std,
        _ => return None,
    };
    let without_cgo = match row.cell(2) {
        "build-fails" => Some(WithoutCgo::BuildFails),
        "fails-at-run-time" => Some(WithoutCgo::FailsAtRunTime),
        "works" => Some(WithoutCgo::Works),
        _ => None,
    };
    let musl = match row.cell(3) {
        "no" => Musl::No,
        "advised" => Musl::GlibcAdvised,
        _ => Musl::Yes,
    };
    Some(CgoModule {
        module: row.some(0)?,
        need,
        without_cgo,
        musl,
        tags: row.cell(11),
        alpine_tags: row.words(12),
        pure_tags: row.words(13),
        pure_go: row.cell(14),
        notes: row.cell(15),
        apk: [row.words(4), row.words(5)],
        apt: [row.words(6), row.words(7)],
        apt_t64: row.words(8),
        dnf: [row.words(9), row.words(10)],
    })
}

/// The row for an import path or module path: the longest one that is a prefix of it, `/v2` and `.v2` left out.
/// `None`: not known, which for most modules means pure Go.
pub fn cgo_module(import_path: &str) -> Option<&'static CgoModule> {
    let path = without_major(import_path);
    let covers = |row: &str| path.strip_prefix(row).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let covering = MODULES.iter().zip(PATHS.iter()).filter(|(_, row)| covers(row)).map(|(module, _)| module);
    let covers_std = |module: &&CgoModule| module.need != Cgo::Std || module.module == import_path;
    covering.filter(covers_std).max_by_key(|module| module.module.len())
}

/// True when the module, or one of its packages that has a row, needs cgo.
pub fn any_part_needs_cgo(module_path: &str, tags: &[&str]) -> bool {
    let path = without_major(module_path);
    let is_part =
        |row: &str| row.strip_prefix(path.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    MODULES.iter().zip(PATHS.iter()).any(|(module, row)| is_part(row) && module.needs_cgo(tags))
}

/// True for a package that makes a program dynamic when cgo is on, because net, os/user or plugin come with it.
pub fn links_libc(import_path: &str) -> bool {
    let path = without_major(import_path);
    let covers = |row: &table::Row| match row.cell(1) {
        "module" => path.strip_prefix(row.cell(0)).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        _ => import_path == row.cell(0),
    };
    table::rows(STD).any(|row| covers(&row))
}

/// Every row.
pub fn cgo_modules() -> &'static [CgoModule] {
    &MODULES
}

/// The modules of the rows, in order, as they are compared: a program has thousands of import paths.
static PATHS: LazyLock<Vec<String>> =
    LazyLock::new(|| MODULES.iter().map(|module| without_major(module.module)).collect());

/// `github.com/a/b/v2/c` → `github.com/a/b/c`, `gopkg.in/a/b.v3/c` → `gopkg.in/a/b/c`.
fn without_major(path: &str) -> String {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let dotted = path.starts_with("gopkg.in/");
    let mut kept = Vec::new();
    for part in path.split('/') {
        match part.rsplit_once(".v") {
            _ if part.strip_prefix('v').is_some_and(is_number) => {}
            Some((name, major)) if dotted && is_number(major) => kept.push(name),
            _ => kept.push(part),
        }
    }
    kept.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_parses() {
        table::assert_table(TABLE);
        assert_eq!(table::rows(TABLE).count(), MODULES.len());
        for module in MODULES.iter() {
            let packages = [&module.apk, &module.apt, &module.dnf].into_iter().flatten().flatten();
            for package in packages.chain(&module.apt_t64) {
                let is_name = |b: u8| b.is_ascii_alphanumeric() || b"+-._".contains(&b);
                assert!(package.bytes().all(is_name), "{}: {package}", module.module);
            }
            if module.need == Cgo::Required {
                assert!(!module.apt[0].is_empty() && module.without_cgo.is_some(), "{}", module.module);
                assert_eq!(module.apk[0].is_empty(), module.musl == Musl::No, "{}", module.module);
            }
        }
    }

    #[test]
    fn finds_the_longest_prefix() {
        let found = |path: &str| cgo_module(path).map(|module| (module.module, module.need));
        assert_eq!(found("github.com/mattn/go-sqlite3"), Some(("github.com/mattn/go-sqlite3", Cgo::Required)));
        let kafka = found("github.com/confluentinc/confluent-kafka-go/v2/kafka").unwrap();
        assert_eq!(kafka, ("github.com/confluentinc/confluent-kafka-go", Cgo::Required));
        assert_eq!(found("github.com/google/gopacket/layers").unwrap().1, Cgo::Pure);
        assert_eq!(found("github.com/google/gopacket/pcap").unwrap().1, Cgo::Required);
        assert_eq!(found("github.com/coreos/go-systemd/v22/sdjournal").unwrap().1, Cgo::Required);
        assert_eq!(found("github.com/coreos/go-systemd/v22/daemon").unwrap().1, Cgo::Pure);
        assert_eq!(found("gopkg.in/gographics/imagick.v2/imagick").unwrap().1, Cgo::Required);
        assert_eq!(found("net").unwrap().1, Cgo::Std);
        assert!(
            any_part_needs_cgo("github.com/google/gopacket", &[]) && !any_part_needs_cgo("github.com/google/uuid", &[])
        );
        assert!(found("net/http").is_none() && found("github.com/mattn/go-sqlite3x").is_none());
    }

    #[test]
    fn what_links_libc() {
        table::assert_table(STD);
        assert!(
            links_libc("net/http") && links_libc("github.com/labstack/echo/v4/middleware") && links_libc("os/user")
        );
        assert!(!links_libc("net/url") && !links_libc("os") && !links_libc("github.com/gin-gonic/ginx"));
    }

    #[test]
    fn packages_by_manager() {
        let vips = cgo_module("github.com/h2non/bimg").unwrap();
        assert_eq!(vips.packages(PackageManager::Apk, Phase::Build, false), ["gcc", "musl-dev", "pkgconf", "vips-dev"]);
        assert_eq!(vips.packages(PackageManager::Apt, Phase::Run, false), ["libvips42"]);
        assert_eq!(vips.packages(PackageManager::Apt, Phase::Run, true), ["libvips42t64"]);
        assert!(vips.packages(PackageManager::Pacman, Phase::Build, false).is_empty());
        let image = cgo_module("github.com/proglottis/gpgme").unwrap();
        assert!(image.needs_cgo(&[]) && !image.needs_cgo(&["containers_image_openpgp"]));
    }
}
