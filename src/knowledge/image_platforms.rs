//! For which platforms Docker official images exist.
use std::sync::LazyLock;

use super::base_images::normalized_repository;
use super::table;

const TABLE: &str = include_str!("image_platforms.tsv");

static IMAGES: LazyLock<Vec<(&str, Vec<&str>)>> =
    LazyLock::new(|| table::rows(TABLE).map(|row| (row.cell(0), row.words(1))).collect());

/// Other names of architectures that containerd understands. Source: containerd/platforms v1, normalizeArch.
const ALIASES: [(&str, &str); 6] = [
    ("x86_64", "amd64"),
    ("x86-64", "amd64"),
    ("aarch64", "arm64"),
    ("armhf", "arm"),
    ("armel", "arm"),
    ("i386", "386"),
];

/// The usual name of an architecture: `amd64` for `x86_64`.
pub fn architecture(name: &str) -> &str {
    ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, usual)| usual)
}

/// Whether an official image has a tag for `platform`; `None` for other images and for platforms that are not written
/// as `os/architecture`.
pub fn has_platform(repository: &str, platform: &str) -> Option<bool> {
    is_among(platforms(repository)?.iter().copied(), platform)
}

/// Whether a builder finds `platform` among those of an image; `None` where it is not written as `os/architecture`. It takes an
/// older variant, or 32 bits for 64, where the very one is missing.
pub fn is_among<'p>(mut platforms: impl Iterator<Item = &'p str>, platform: &str) -> Option<bool> {
    let (os, rest) = platform.split_once('/')?;
    let (name, variant) = rest.split_once('/').unwrap_or((rest, ""));
    let arch = architecture(name);
    let level = match (name, variant) {
        ("armel", "") => Some(6),
        (_, "") => Some(if arch == "arm64" { 8 } else { 7 }),
        (_, variant) => variant.strip_prefix('v').and_then(|number| number.split('.').next()?.parse().ok()),
    };
    Some(platforms.any(|known| fits(known, os, arch, level)))
}

/// The platforms of an official image; `None` for other images.
pub fn platforms(repository: &str) -> Option<&'static [&'static str]> {
    let repository = normalized_repository(repository);
    IMAGES.iter().find(|(name, _)| *name == repository).map(|(_, platforms)| platforms.as_slice())
}

fn fits(known: &str, os: &str, arch: &str, level: Option<u32>) -> bool {
    let mut parts = known.split('/');
    let (known_os, known_arch) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let known_level = parts.next().and_then(|variant| variant.trim_start_matches('v').parse::<u32>().ok());
    let same_arch = match (arch, known_arch) {
        ("amd64", "386") | ("arm64", "arm") => true,
        (arch, known) => arch == known,
    };
    let old_enough = match (level, known_level) {
        (Some(level), Some(known)) => known <= level,
        _ => true,
    };
    os == known_os && same_arch && old_enough
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_parses() {
        table::assert_table(TABLE);
        assert!(IMAGES.iter().all(|(_, platforms)| platforms.contains(&"linux/amd64")));
    }

    #[test]
    fn judges_platforms() {
        for (image, platform) in [
            ("golang", "linux/arm64"),
            ("docker.io/library/golang", "linux/x86_64"),
            ("alpine", "linux/arm/v7"),
            ("alpine", "linux/arm"),
            ("golang", "windows/amd64"),
            ("debian", "linux/arm64/v8"),
            ("debian", "linux/amd64/v3"),
        ] {
            assert_eq!(has_platform(image, platform), Some(true), "{image} {platform}");
        }
        for (image, platform) in [
            ("alpine", "windows/amd64"),
            ("node", "linux/riscv64"),
            ("golang", "linux/arm/v4"),
            ("alpine", "linux/arm/v5"),
            ("ubuntu", "darwin/arm64"),
        ] {
            assert_eq!(has_platform(image, platform), Some(false), "{image} {platform}");
        }
        assert_eq!(has_platform("example/app", "linux/amd64"), None);
        assert_eq!(has_platform("alpine", "arm64"), None);
    }
}
