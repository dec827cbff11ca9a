//! Linux distributions: their package managers, releases and C libraries.
use std::sync::LazyLock;

use super::table::{self, Row};

const TABLE: &str = include_str!("distros.tsv");

/// A family of images that share packages and release names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Distro {
    /// Debian, and what is built from its packages (distroless).
    Debian,
    /// Ubuntu.
    Ubuntu,
    /// Alpine Linux.
    Alpine,
    /// Wolfi, the base of Chainguard's images.
    Wolfi,
    /// Red Hat Enterprise Linux and its rebuilds.
    Rhel,
    /// Fedora.
    Fedora,
    /// Amazon Linux.
    Amazon,
    /// Photon OS.
    Photon,
    /// Azure Linux, formerly CBL-Mariner.
    AzureLinux,
    /// Arch Linux.
    Arch,
    /// openSUSE.
    Suse,
    /// BusyBox without a distribution.
    Busybox,
    /// Windows.
    Windows,
    /// No distribution: `scratch` and images that hold a few files.
    None,
}

impl Distro {
    /// The distribution of a table's word; `None` for an unknown word.
    pub fn parse(word: &str) -> Option<Distro> {
        Some(match word {
            "debian" => Distro::Debian,
            "ubuntu" => Distro::Ubuntu,
            "alpine" => Distro::Alpine,
            "wolfi" => Distro::Wolfi,
            "rhel" => Distro::Rhel,
            "fedora" => Distro::Fedora,
            "amazon" => Distro::Amazon,
            "photon" => Distro::Photon,
            "azurelinux" => Distro::AzureLinux,
            "arch" => Distro::Arch,
            "suse" => Distro::Suse,
            "busybox" => Distro::Busybox,
            "windows" => Distro::Windows,
            "none" => Distro::None,
            _ => return None,
        })
    }
}

/// The C library that programs of an image are linked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Libc {
    /// GNU libc.
    Glibc,
    /// musl.
    Musl,
    /// None: only static programs start.
    None,
}

/// The program that installs packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PackageManager {
    /// apt-get, apt.
    Apt,
    /// apk of Alpine and Wolfi.
    Apk,
    /// dnf.
    Dnf,
    /// microdnf.
    Microdnf,
    /// yum.
    Yum,
    /// tdnf of Photon and Azure Linux.
    Tdnf,
    /// zypper.
    Zypper,
    /// pacman.
    Pacman,
    /// No package manager in the image.
    None,
}

impl PackageManager {
    /// The package manager of a table's word; `None` for an unknown word.
    pub fn parse(word: &str) -> Option<PackageManager> {
        Some(match word {
            "apt" => PackageManager::Apt,
            "apk" => PackageManager::Apk,
            "dnf" => PackageManager::Dnf,
            "microdnf" => PackageManager::Microdnf,
            "yum" => PackageManager::Yum,
            "tdnf" => PackageManager::Tdnf,
            "zypper" => PackageManager::Zypper,
            "pacman" => PackageManager::Pacman,
            "none" => PackageManager::None,
            _ => return None,
        })
    }
}

/// One release of a distribution.
#[derive(Clone, Debug)]
pub struct Release {
    /// Whose release it is.
    pub distro: Distro,
    /// Its version: `12`, `22.04`, `2023`.
    pub version: &'static str,
    /// Its names, the code name first: `bookworm`.
    pub names: Vec<&'static str>,
    /// The version of its glibc.
    pub glibc: (u32, u32),
}

static RELEASES: LazyLock<Vec<Release>> =
    LazyLock::new(|| table::rows(TABLE).filter_map(|row| release(&row)).collect());

fn release(row: &Row) -> Option<Release> {
    let (major, minor) = row.cell(3).split_once('.')?;
    Some(Release {
        distro: Distro::parse(row.cell(0))?,
        version: row.some(1)?,
        names: row.words(2),
        glibc: (major.parse().ok()?, minor.parse().ok()?),
    })
}

/// The releases that are known of a distribution, oldest first.
pub fn releases(distro: Distro) -> impl Iterator<Item = &'static Release> {
    RELEASES.iter().filter(move |release| release.distro == distro)
}

/// The release that a word of a tag names: `bookworm`, `12`, `12.5`, `debian12`, `24.04`.
pub fn release_named(distro: Distro, word: &str) -> Option<&'static Release> {
    let digits = word.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let numbered = |release: &&Release| {
        let rest = digits.strip_prefix(release.version);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let mut named = releases(distro).filter(|release| release.names.contains(&word));
    named.next().or_else(|| releases(distro).find(numbered))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_parses() {
        table::assert_table(TABLE);
        assert_eq!(table::rows(TABLE).count(), RELEASES.len());
    }

    #[test]
    fn finds_releases() {
        assert_eq!(release_named(Distro::Debian, "bookworm").map(|r| r.glibc), Some((2, 36)));
        assert_eq!(release_named(Distro::Debian, "debian13").map(|r| r.version), Some("13"));
        assert_eq!(release_named(Distro::Ubuntu, "24.04").map(|r| r.glibc), Some((2, 39)));
        assert_eq!(release_named(Distro::Rhel, "9.4").map(|r| r.version), Some("9"));
        assert!(release_named(Distro::Debian, "1.21").is_none() && release_named(Distro::Rhel, "95").is_none());
    }
}
