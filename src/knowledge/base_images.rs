//! Base images: what an image holds before the first instruction.
use std::sync::LazyLock;

use super::distros::{self, Distro, Libc, PackageManager};
use super::golang_tags::{self, GoVersion};
use super::table::{self, Row};

const TABLE: &str = include_str!("base_images.tsv");

/// What is known of one image. A field that is `None` is not known, unless it says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseImage {
    /// The repository as the table names it: `golang`, `gcr.io/distroless/static`.
    pub repository: &'static str,
    /// Whose packages it is made of.
    pub distro: Option<Distro>,
    /// The release of the distribution: `12`, `3.18`, `22.04`.
    pub version: Option<String>,
    /// The C library that a program finds there.
    pub libc: Option<Libc>,
    /// The version of glibc; `None` also for images without glibc.
    pub glibc: Option<(u32, u32)>,
    /// What installs packages; `Some(PackageManager::None)` when nothing can.
    pub package_manager: Option<PackageManager>,
    /// Has a C compiler that cgo finds.
    pub c_compiler: Option<bool>,
    /// Has git.
    pub git: Option<bool>,
    /// Paths of the shells, that of shell-form instructions first; empty: no shell at all.
    pub shells: Option<Vec<&'static str>>,
    /// The user that the image runs as: a name or a uid.
    pub user: Option<&'static str>,
    /// The working directory.
    pub workdir: Option<&'static str>,
    /// Has CA certificates where Go programs look for them.
    pub ca_certs: Option<bool>,
    /// Has time zone data.
    pub tzdata: Option<bool>,
    /// Has the Go toolchain.
    pub go: Option<bool>,
    /// The version of that toolchain, when the tag tells it.
    pub go_version: Option<GoVersion>,
    /// Variables that the image sets.
    pub env: Vec<(&'static str, &'static str)>,
    /// Variables that it sets to values that the table does not say.
    pub env_names: Vec<&'static str>,
    /// No other variables are set.
    pub env_complete: bool,
    /// What else is worth knowing, for people.
    pub notes: &'static str,
    has: Vec<&'static str>,
    lacks: Vec<&'static str>,
}

impl BaseImage {
    /// Whether a command is in the image; `None` when the table does not say.
    pub fn has_command(&self, name: &str) -> Option<bool> {
        if self.has.contains(&name) {
            return Some(true);
        }
        if self.lacks.contains(&name) || self.lacks.contains(&"*") {
            return Some(false);
        }
        match name {
            "gcc" | "cc" if self.c_compiler == Some(false) => Some(false),
            "git" => self.git,
            "go" => self.go,
            "sh" => self.shells.as_ref().map(|shells| shells.iter().any(|shell| shell.ends_with("/sh"))),
            "bash" => self.shells.as_ref().map(|shells| shells.iter().any(|shell| shell.ends_with("/bash"))),
            _ => None,
        }
    }

    /// True when a Debian or Ubuntu release names libraries `…t64` (64-bit time).
    pub fn has_t64_names(&self) -> bool {
        let number: Option<f32> = self.version.as_deref().and_then(|version| version.parse().ok());
        match self.distro {
            Some(Distro::Debian) => number.is_some_and(|number| number >= 13.0),
            Some(Distro::Ubuntu) => number.is_some_and(|number| number >= 24.0),
            _ => false,
        }
    }
}

struct Pattern {
    repository: &'static str,
    tag: &'static str,
    version: &'static str,
    go_by_tag: bool,
    image: BaseImage,
}

static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| table::rows(TABLE).map(|row| pattern(&row)).collect());

fn pattern(row: &Row) -> Pattern {
    let libc = match row.cell(4) {
        "glibc" => Some(Libc::Glibc),
        "musl" => Some(Libc::Musl),
        "none" => Some(Libc::None),
        _ => None,
    };
    let shells = match row.cell(8) {
        "" => None,
        "none" => Some(Vec::new()),
        _ => Some(row.words(8)),
    };
    let image = BaseImage {
        repository: row.cell(0),
        distro: Distro::parse(row.cell(2)),
        version: None,
        libc,
        glibc: None,
        package_manager: PackageManager::parse(row.cell(5)),
        c_compiler: row.yes_no(6),
        git: row.yes_no(7),
        shells,
        user: row.some(9),
        workdir: row.some(10),
        ca_certs: row.yes_no(11),
        tzdata: row.yes_no(12),
        go: if row.cell(13) == "tag" { Some(true) } else { row.yes_no(13) },
        go_version: None,
        env: row.cell(16).split(';').filter_map(|pair| pair.split_once('=')).collect(),
        env_names: row
            .cell(16)
            .split(';')
            .filter(|name| !name.is_empty() && *name != "*" && !name.contains('='))
            .collect(),
        env_complete: !row.cell(16).is_empty() && row.cell(16).split(';').all(|pair| pair != "*"),
        notes: row.cell(17),
        has: row.words(14),
        lacks: row.words(15),
    };
    Pattern { repository: row.cell(0), tag: row.cell(1), version: row.cell(3), go_by_tag: row.cell(13) == "tag", image }
}

/// The repository without what only says where Docker Hub's official images are mirrored:
/// `docker.io/library/golang`, `public.ecr.aws/docker/library/golang` and `golang` are the same.
pub fn normalized_repository(repository: &str) -> &str {
    const HUB: [&str; 4] = ["docker.io/", "index.docker.io/", "registry-1.docker.io/", "registry.hub.docker.com/"];
    const MIRRORS: [&str; 2] = ["public.ecr.aws/docker/", "mirror.gcr.io/"];
    if let Some(rest) = HUB.iter().find_map(|host| repository.strip_prefix(host)) {
        return rest.strip_prefix("library/").unwrap_or(rest);
    }
    let path = MIRRORS.iter().find_map(|host| repository.strip_prefix(host)).unwrap_or(repository);
    path.strip_prefix("library/").unwrap_or(repository)
}

/// The repositories of the table that are written out, in its order.
pub fn repositories() -> impl Iterator<Item = &'static str> {
    let mut last = "";
    let names = PATTERNS.iter().map(|pattern| pattern.repository).filter(|name| !name.contains('*'));
    names.filter(move |name| std::mem::replace(&mut last, name) != *name)
}

/// What is known of `repository:tag`; `None` for an unknown image. Without a tag it is `latest`, so a reference
/// by digest alone must not be asked for.
pub fn base_image(repository: &str, tag: Option<&str>) -> Option<BaseImage> {
    let repository = normalized_repository(repository);
    let tag = tag.unwrap_or("latest");
    if repository == "golang" && !golang_tags::is_golang_tag(tag) {
        return None;
    }
    let found = PATTERNS.iter().find(|p| table::glob(p.repository, repository) && table::glob(p.tag, tag))?;
    let mut image = found.image.clone();
    if found.go_by_tag {
        image.go_version = golang_tags::golang_image_version(tag);
    }
    image.version = version(found, repository, tag);
    if let (Some(Libc::Glibc), Some(distro), Some(version)) = (image.libc, image.distro, &image.version) {
        image.glibc = distros::release_named(distro, version).map(|release| release.glibc);
    }
    // Official images set it since 2023-09-15, after 1.21.0 was built for the last time.
    if image.go_version.as_ref().is_some_and(|go| go.minor < 21 || (go.minor == 21 && go.patch == Some(0))) {
        image.env.retain(|(name, _)| *name != "GOTOOLCHAIN");
    }
    Some(image)
}

fn version(found: &Pattern, repository: &str, tag: &str) -> Option<String> {
    let distro = found.image.distro?;
    let named = |word: &str| match distro {
        Distro::Alpine => alpine_version(word),
        _ => distros::release_named(distro, word).map(|release| release.version.to_owned()),
    };
    let words = |text: &str| text.split(['-', '/']).find_map(named);
    match found.version {
        "" => None,
        "golang" => words(tag).or_else(|| golang_tags::default_release(tag, distro)),
        "tag" => tag.split('-').next().and_then(named).or_else(|| words_without_version(tag, distro)),
        "suite" => suite(repository, tag, distro),
        "rolling" => distros::releases(distro).last().map(|release| release.version.to_owned()),
        literal => Some(literal.to_owned()),
    }
}

/// `alpine3.18` or `3.18.4` → `3.18`.
fn alpine_version(word: &str) -> Option<String> {
    let mut numbers = word.strip_prefix("alpine").unwrap_or(word).split('.');
    let (major, minor) = (numbers.next()?, numbers.next()?);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    (major == "3" && is_number(minor)).then(|| format!("{major}.{minor}"))
}

/// A suite's name anywhere in the tag; numbers there are dates and revisions.
fn words_without_version(tag: &str, distro: Distro) -> Option<String> {
    let word = tag.split('-').find(|word| distros::releases(distro).any(|release| release.names.contains(word)))?;
    distros::release_named(distro, word).map(|release| release.version.to_owned())
}

/// Images whose tag starts with the version of something else: only names and `alpine3.N`, `debian12` count.
fn suite(repository: &str, tag: &str, distro: Distro) -> Option<String> {
    let lettered = |word: &&str| word.starts_with(|c: char| c.is_ascii_alphabetic());
    let words = repository.rsplit('/').next().unwrap_or_default().split('-').chain(tag.split('-'));
    words.filter(lettered).find_map(|word| match distro {
        Distro::Alpine => alpine_version(word),
        _ if word == "latest" || word == "stable" => None,
        _ => distros::release_named(distro, word).map(|release| release.version.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(repository: &str, tag: &str) -> BaseImage {
        base_image(repository, (!tag.is_empty()).then_some(tag)).expect(repository)
    }

    #[test]
    fn every_row_parses() {
        table::assert_table(TABLE);
        for (pattern, row) in PATTERNS.iter().zip(table::rows(TABLE)) {
            assert!(row.cell(2).is_empty() || pattern.image.distro.is_some(), "{}", row.cell(2));
            assert!(row.cell(5).is_empty() || pattern.image.package_manager.is_some(), "{}", row.cell(5));
            assert!(["glibc", "musl", "none", ""].contains(&row.cell(4)), "{}", row.cell(4));
            assert!(row.some(18).is_some(), "no source: {}", row.cell(0));
        }
    }

    #[test]
    fn golang() {
        let alpine = image("golang", "1.21-alpine3.18");
        assert_eq!((alpine.distro, alpine.version.as_deref()), (Some(Distro::Alpine), Some("3.18")));
        assert_eq!((alpine.libc, alpine.c_compiler, alpine.git), (Some(Libc::Musl), Some(false), Some(false)));
        assert_eq!(image("golang", "1.21-alpine").version.as_deref(), Some("3.20"));
        assert_eq!(image("golang", "1.21").glibc, Some((2, 36)));
        assert_eq!(image("golang", "1.24.5").version.as_deref(), Some("12"));
        assert_eq!(image("golang", "1.24").version.as_deref(), Some("13"));
        assert_eq!(image("golang", "").glibc, Some((2, 41)));
        assert_eq!(image("golang", "1.18-buster").glibc, Some((2, 28)));
        assert_eq!(image("golang", "1.40").version, None);
        assert!(image("golang", "1.22").env.contains(&("GOTOOLCHAIN", "local")));
        assert!(!image("golang", "1.20").env.contains(&("GOTOOLCHAIN", "local")));
        assert_eq!(image("golang", "1.25-windowsservercore-ltsc2022").distro, Some(Distro::Windows));
        assert!(base_image("golang", Some("cross")).is_none());
    }

    #[test]
    fn runtime_images() {
        let static_image = image("gcr.io/distroless/static-debian12", "nonroot");
        assert_eq!((static_image.libc, static_image.user), (Some(Libc::None), Some("65532")));
        assert_eq!(static_image.shells.as_deref(), Some([].as_slice()));
        assert_eq!((static_image.has_command("curl"), static_image.has_command("sh")), (Some(false), Some(false)));
        assert_eq!(image("gcr.io/distroless/base-debian12", "debug").shells, Some(vec!["/busybox/sh"]));
        assert_eq!(image("gcr.io/distroless/base-debian11", "").glibc, Some((2, 31)));
        assert!(base_image("gcr.io/distroless/static", Some("966f4bd")).is_none());
        assert_eq!(image("debian", "12.5-slim").version.as_deref(), Some("12"));
        assert_eq!(image("debian", "bookworm-20240211-slim").glibc, Some((2, 36)));
        assert_eq!(image("alpine", "3.20.3").version.as_deref(), Some("3.20"));
        assert_eq!(image("alpine", "").version, None);
        assert_eq!(image("ubuntu", "22.04").glibc, Some((2, 35)));
        assert_eq!(image("node", "20-alpine").distro, Some(Distro::Alpine));
        assert_eq!(
            image("registry.access.redhat.com/ubi9/ubi-minimal", "9.4").package_manager,
            Some(PackageManager::Microdnf)
        );
        assert_eq!(image("scratch", "").libc, Some(Libc::None));
        assert!(image("debian", "trixie").has_t64_names() && !image("debian", "12").has_t64_names());
    }

    #[test]
    fn other_names_of_the_same_image() {
        for name in ["docker.io/library/golang", "library/golang", "index.docker.io/library/golang", "docker.io/golang"]
        {
            assert_eq!(normalized_repository(name), "golang");
        }
        assert_eq!(normalized_repository("public.ecr.aws/docker/library/golang"), "golang");
        assert_eq!(normalized_repository("mirror.gcr.io/library/golang"), "golang");
        assert_eq!(normalized_repository("mirror.gcr.io/my/golang"), "mirror.gcr.io/my/golang");
        assert!(base_image("registry.example.com/golang", Some("1.21")).is_none());
        assert!(base_image("example/app", None).is_none());
    }
}
