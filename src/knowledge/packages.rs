//! OS packages: which tools they bring, and which to install for a tool.
use std::sync::LazyLock;

use super::distros::PackageManager;
use super::table;

const PACKAGES: &str = include_str!("packages.tsv");
const INSTALLS: &str = include_str!("installs.tsv");

/// A package of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    manager: PackageManager,
    /// Its name; it may end in `*`.
    pub name: &'static str,
    /// What it brings, see [`package_provides`].
    pub provides: Vec<&'static str>,
    /// What else is worth knowing; may be empty.
    pub notes: &'static str,
}

struct Install {
    tool: &'static str,
    manager: PackageManager,
    packages: Vec<&'static str>,
}

static ALL: LazyLock<Vec<Package>> = LazyLock::new(|| {
    let package = |row: table::Row| {
        let manager = PackageManager::parse(row.cell(0))?;
        Some(Package { manager, name: row.some(1)?, provides: row.words(2), notes: row.cell(3) })
    };
    table::rows(PACKAGES).filter_map(package).collect()
});

static ALL_INSTALLS: LazyLock<Vec<Install>> = LazyLock::new(|| {
    let install = |row: table::Row| {
        let manager = PackageManager::parse(row.cell(1))?;
        Some(Install { tool: row.some(0)?, manager, packages: row.words(2) })
    };
    table::rows(INSTALLS).filter_map(install).collect()
});

/// What a package brings: `c-compiler` (a gcc that cgo finds), `c++-compiler`, `clang` (needs CC=clang), `musl-gcc`,
/// `other-compiler` (under another name), `libc-headers`, `glibc-compat`, or the command of that name. Empty: not known.
/// The package is written without its version.
pub fn package_provides(manager: PackageManager, package: &str) -> &'static [&'static str] {
    find(manager, package).map(|known| known.provides.as_slice()).unwrap_or_default()
}

/// What else matters of a package; may be empty.
pub fn package_note(manager: PackageManager, package: &str) -> &'static str {
    find(manager, package).map(|known| known.notes).unwrap_or_default()
}

fn find(manager: PackageManager, package: &str) -> Option<&'static Package> {
    let mut of_manager = ALL.iter().filter(|known| known.manager == manager);
    of_manager.find(|known| table::glob(known.name, package))
}

/// The packages that are known of a manager, in the order of the table: name, what it brings, what else is worth knowing.
pub fn packages_of(manager: PackageManager) -> impl Iterator<Item = &'static Package> {
    ALL.iter().filter(move |known| known.manager == manager && !known.name.contains('*'))
}

/// A package as an install line writes it, without its version: `gcc=13.2.1-r0`, `gcc~13`, `gcc>1`, `git/bookworm`,
/// `libc6-dev:arm64`, `go@edge` → the name.
pub fn package_name(manager: PackageManager, word: &str) -> &str {
    let separators: &[char] = match manager {
        PackageManager::Apk => &['=', '~', '<', '>', '@'],
        PackageManager::Apt => &['=', '/', ':'],
        _ => &['='],
    };
    let end = word.char_indices().skip(1).find(|(_, c)| separators.contains(c)).map_or(word.len(), |(at, _)| at);
    &word[..end]
}

/// The packages to install for a tool: `c-compiler`, `c++-compiler`, `build-tools`, `git`, `pkg-config`,
/// `ca-certificates`, `tzdata`, `curl` … Empty: not known for this manager.
pub fn packages_for(manager: PackageManager, tool: &str) -> &'static [&'static str] {
    let found = ALL_INSTALLS.iter().find(|install| install.manager == manager && install.tool == tool);
    found.map(|install| install.packages.as_slice()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_parses() {
        table::assert_table(PACKAGES);
        table::assert_table(INSTALLS);
        assert_eq!(table::rows(PACKAGES).count(), ALL.len());
        assert_eq!(table::rows(INSTALLS).count(), ALL_INSTALLS.len());
    }

    #[test]
    fn install_lines_bring_what_they_promise() {
        for install in ALL_INSTALLS.iter().filter(|install| install.tool != "build-tools" && install.tool != "su-exec")
        {
            let brings = install.packages.iter().any(|p| package_provides(install.manager, p).contains(&install.tool));
            assert!(brings, "{} {:?}", install.tool, install.manager);
        }
    }

    #[test]
    fn finds_packages() {
        assert!(package_provides(PackageManager::Apk, "build-base").contains(&"c-compiler"));
        assert_eq!(package_provides(PackageManager::Apt, "clang"), ["clang"]);
        assert_eq!(package_provides(PackageManager::Apt, "gcc-aarch64-linux-gnu"), ["other-compiler"]);
        assert!(package_provides(PackageManager::Apt, "libvips-dev").is_empty());
        assert_eq!(packages_for(PackageManager::Apt, "c-compiler"), ["gcc", "libc6-dev"]);
        assert_eq!(packages_for(PackageManager::Microdnf, "c-compiler"), ["gcc", "glibc-devel"]);
        assert_eq!(package_name(PackageManager::Apk, "gcc=13.2.1-r0"), "gcc");
        assert_eq!(package_name(PackageManager::Apt, "libc6-dev:arm64"), "libc6-dev");
        assert_eq!(package_name(PackageManager::Dnf, "@development"), "@development");
    }
}
