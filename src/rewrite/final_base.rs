//! Images that run what a stage has built.
use crate::analysis::state::ImageState;
use crate::knowledge::distros::{Distro, Libc, releases};
use crate::knowledge::golang_tags::{default_release, newest};

/// What an image must have so that a program runs in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "independent wishes")]
pub struct Wants {
    /// A shell, and a package manager where the distribution has one.
    pub shell: bool,
    /// The C++ library.
    pub cpp: bool,
    /// The user 65532 instead of root.
    pub nonroot: bool,
    /// Packages of the builder's release are installed there.
    pub same_release: bool,
}

/// Libraries of Debian that distroless/cc has besides those of distroless/base. Source: its README and bazel files, 2026-11-22.
pub const IN_DISTROLESS_CC: [&str; 3] = ["libstdc++6", "libgcc-s1", "libgomp1"];

/// For static programs; the free images have the tag `latest` alone.
pub const CHAINGUARD_STATIC: &str = "cgr.dev/chainguard/static:latest";

/// For programs linked to glibc: a rolling release, so newer than that of any builder.
pub const CHAINGUARD_GLIBC: &str = "cgr.dev/chainguard/glibc-dynamic:latest";

/// The image that runs programs linked to the C library of `builder`; `None` where we know of none.
pub fn for_dynamic(builder: &ImageState, wants: Wants) -> Option<String> {
    let version = builder.image().and_then(|image| image.version.as_deref());
    match (builder.libc().as_ref()?, builder.distro().as_ref()?) {
        (Libc::Musl, Distro::Alpine) => Some(alpine(version)),
        (Libc::Glibc, Distro::Debian) if wants.same_release => debian_slim(version?),
        (Libc::Glibc, Distro::Debian) if wants.shell => debian_slim(supported(version?)?),
        (Libc::Glibc, Distro::Debian) => {
            let kind = if wants.cpp { "cc" } else { "base" };
            Some(distroless(kind, supported(version?)?, wants.nonroot))
        }
        (Libc::Glibc, distro) => other(builder, *distro, version, wants),
        _ => None,
    }
}

/// The image that runs static programs; `version` is that of Alpine or Debian, if the builder is one of them.
pub fn for_static(wants: Wants) -> Option<String> {
    if wants.shell { Some(alpine(None)) } else { Some(distroless("static", newest_debian(), wants.nonroot)) }
}

/// `alpine:3.NN`; of Alpine's newest release that the official Go images use, when no version is given.
pub fn alpine(version: Option<&str>) -> String {
    let (major, minor) = newest();
    let version =
        version.map(str::to_owned).or_else(|| default_release(&format!("{major}.{minor}-alpine"), Distro::Alpine));
    version.map_or_else(|| "alpine".to_owned(), |version| format!("alpine:{version}"))
}

/// `debian:<suite>-slim` of a Debian version.
pub fn debian_slim(version: &str) -> Option<String> {
    let release = releases(Distro::Debian).find(|release| release.version == version)?;
    Some(format!("debian:{}-slim", release.names.first()?))
}

/// The newest Debian version.
pub fn newest_debian() -> &'static str {
    releases(Distro::Debian).last().map_or("13", |release| release.version)
}

/// The Debian version, or the oldest that still has images and packages: programs run with a newer glibc too.
fn supported(version: &str) -> Option<&'static str> {
    let versions: Vec<&'static str> = releases(Distro::Debian).map(|release| release.version).collect();
    let oldest = versions.len().saturating_sub(2);
    let index = versions.iter().position(|known| *known == version)?;
    versions.get(index.max(oldest)).copied()
}

fn distroless(kind: &str, version: &str, nonroot: bool) -> String {
    let tag = if nonroot { ":nonroot" } else { "" };
    format!("gcr.io/distroless/{kind}-debian{version}{tag}")
}

/// Other distributions: their small image, or the builder's own where that has no Go toolchain in it.
fn other(builder: &ImageState, distro: Distro, version: Option<&str>, wants: Wants) -> Option<String> {
    match (distro, version) {
        (Distro::Wolfi, _) if !wants.shell => Some(CHAINGUARD_GLIBC.to_owned()),
        (Distro::Wolfi, _) => Some("cgr.dev/chainguard/wolfi-base:latest".to_owned()),
        (Distro::Rhel, Some(version)) if builder.image()?.repository.contains("ubi") => {
            Some(format!("registry.access.redhat.com/ubi{version}/ubi-minimal"))
        }
        _ => {
            let holds_no_go = builder.image()?.go == Some(false);
            builder.reference.as_deref().filter(|_| holds_no_go).map(str::to_owned)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::snapshot::Snapshot;

    fn dynamic(from: &str, wants: Wants) -> Option<String> {
        for_dynamic(&Snapshot::of_text(&format!("FROM {from}\n")).stages()[0].start, wants)
    }

    #[test]
    fn chooses() {
        let plain = Wants::default();
        let shell = Wants { shell: true, ..plain };
        let nonroot = Wants { nonroot: true, cpp: true, ..plain };
        assert_eq!(dynamic("golang:1.27", plain).as_deref(), Some("gcr.io/distroless/base-debian13"));
        assert_eq!(dynamic("golang:1.27-bookworm", nonroot).as_deref(), Some("gcr.io/distroless/cc-debian12:nonroot"));
        assert_eq!(dynamic("golang:1.24-bullseye", plain).as_deref(), Some("gcr.io/distroless/base-debian12"));
        let packages = Wants { shell: true, same_release: true, ..plain };
        assert_eq!(dynamic("golang:1.24-bullseye", packages).as_deref(), Some("debian:bullseye-slim"));
        assert_eq!(dynamic("golang:1.27", shell).as_deref(), Some("debian:trixie-slim"));
        assert_eq!(dynamic("golang:1.27-alpine3.22", plain).as_deref(), Some("alpine:3.22"));
        assert_eq!(dynamic("ubuntu:24.04", shell).as_deref(), Some("ubuntu:24.04"));
        assert_eq!(
            dynamic("registry.access.redhat.com/ubi9/go-toolset", shell).as_deref(),
            Some("registry.access.redhat.com/ubi9/ubi-minimal")
        );
        assert_eq!(dynamic("example.com/go", plain), None);
        assert_eq!(for_static(nonroot).as_deref(), Some("gcr.io/distroless/static-debian13:nonroot"));
    }
}
