//! Names of images as their registries know them: `golang:1.27` of a Dockerfile is `library/golang` at docker.io.
use crate::model::image::{ImageRef, reference_flaw, split_registry};

/// The registry of names without a host.
pub const DOCKER_HUB: &str = "docker.io";
/// Where Docker Hub answers.
const DOCKER_HUB_SERVER: &str = "registry-1.docker.io";

/// A repository.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Repository {
    /// The registry, perhaps with a port.
    pub host: String,
    /// The name there: `library/golang`
    pub path: String,
}

/// An image.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reference {
    /// Where it lies.
    pub repository: Repository,
    /// Its digest, else its tag.
    pub version: String,
}

impl Repository {
    /// The repository that a Dockerfile names so; `None` for what is no name, and for `scratch`.
    pub fn of(written: &str) -> Option<Self> {
        if written == "scratch" || ImageRef::parse(written).repository != written || reference_flaw(written).is_some() {
            return None;
        }
        let (host, path) = split_registry(written);
        let host = match host {
            None | Some("index.docker.io") => DOCKER_HUB,
            Some(host) => host,
        };
        let official = host == DOCKER_HUB && !path.contains('/');
        let path = if official { format!("library/{path}") } else { path.to_owned() };
        Some(Self { host: host.to_owned(), path })
    }

    /// The host that is asked.
    pub fn server(&self) -> &str {
        if self.host == DOCKER_HUB { DOCKER_HUB_SERVER } else { &self.host }
    }
}

impl Reference {
    /// The image that a Dockerfile names so, `latest` where it says no more; `None` for what is no reference.
    pub fn of(written: &str) -> Option<Self> {
        if reference_flaw(written).is_some() {
            return None;
        }
        let image = ImageRef::parse(written);
        let version = image.digest.or(image.tag).unwrap_or_else(|| "latest".to_owned());
        Some(Self { repository: Repository::of(&image.repository)?, version })
    }
}

/// True for a digest as references have it.
pub fn is_digest(text: &str) -> bool {
    text.contains(':') && reference_flaw(&format!("a@{text}")).is_none()
}

/// True for what may stand behind the colon of a reference.
pub fn is_tag(text: &str) -> bool {
    !text.contains('@') && reference_flaw(&format!("a:{text}")).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_registry() {
        let of = |written: &str| Repository::of(written).map(|found| format!("{} {}", found.host, found.path));
        assert_eq!(of("golang").as_deref(), Some("docker.io library/golang"));
        assert_eq!(of("docker.io/golang"), of("golang"));
        assert_eq!(of("index.docker.io/library/golang"), of("golang"));
        assert_eq!(of("grafana/grafana").as_deref(), Some("docker.io grafana/grafana"));
        assert_eq!(of("localhost:5000/a").as_deref(), Some("localhost:5000 a"));
        assert_eq!(of("ghcr.io/a/b").as_deref(), Some("ghcr.io a/b"));
        for nothing in
            ["", "scratch", "golang:1", "A", "https://a.b/c", "a b", "a.b/../c", "a@sha256:x", "a?b", "x.y/$z"]
        {
            assert_eq!(of(nothing), None, "{nothing}");
        }
        assert_eq!(Repository::of("golang").unwrap().server(), "registry-1.docker.io");
    }

    #[test]
    fn a_digest_counts_before_a_tag() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let version = |written: &str| Reference::of(written).map(|found| found.version);
        assert_eq!(version(&format!("golang:1.27@{digest}")), Some(digest.clone()));
        assert_eq!(version("golang:1.27").as_deref(), Some("1.27"));
        assert_eq!(version("golang").as_deref(), Some("latest"));
        assert_eq!(version("golang:"), None);
        assert!(is_digest(&digest) && !is_digest("sha256:1") && !is_digest("") && is_tag("1.27") && !is_tag("a/b"));
        assert!(!is_tag(&format!("1@{digest}")));
    }
}
