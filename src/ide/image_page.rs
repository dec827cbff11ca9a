//! The page of an image in its registry.
use crate::knowledge::base_images::normalized_repository;
use crate::knowledge::image_names::is_official;
use crate::knowledge::registries::page;
use crate::model::image::{ImageRef, is_valid_reference, split_registry};

/// Where people read about the image `reference`; `None` where its address does not follow from the name.
pub fn of_reference(reference: &str) -> Option<String> {
    if reference == "scratch" || !is_valid_reference(reference) {
        return None;
    }
    let image = ImageRef::parse(reference);
    let name = normalized_repository(&image.repository);
    if is_official(name) {
        return page("official", name);
    }
    match split_registry(name) {
        (None, path) => page("hub", path),
        (Some(host), path) => {
            // A row may hold the first part of the path as well.
            let deeper = path.split_once('/').and_then(|(first, rest)| page(&format!("{host}/{first}"), rest));
            deeper.or_else(|| page(host, path))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::of_reference;

    #[test]
    fn pages_follow_from_names() {
        let page = |name: &str| of_reference(name).unwrap_or_default();
        assert_eq!(page("golang:1.27-alpine"), "https://hub.docker.com/_/golang");
        assert_eq!(page("docker.io/library/golang"), "https://hub.docker.com/_/golang");
        assert_eq!(page("tonistiigi/xx:1.9.0"), "https://hub.docker.com/r/tonistiigi/xx");
        assert_eq!(page("docker.io/tonistiigi/xx"), "https://hub.docker.com/r/tonistiigi/xx");
        assert_eq!(page("ghcr.io/astral-sh/uv:latest"), "https://ghcr.io/astral-sh/uv");
        assert_eq!(page("quay.io/prometheus/busybox"), "https://quay.io/repository/prometheus/busybox");
        assert_eq!(page("mcr.microsoft.com/dotnet/sdk:9.0"), "https://mcr.microsoft.com/artifact/mar/dotnet/sdk");
        assert!(page("gcr.io/distroless/static-debian12").ends_with("/distroless/GLOBAL/static-debian12"));
        assert_eq!(page("public.ecr.aws/lambda/go"), "https://gallery.ecr.aws/lambda/go");
        let unknown = ["app-base", "registry.example.com/a/b", "localhost:5000/a", "a/b/c", "gcr.io/x/y", "scratch"];
        for name in unknown.into_iter().chain(["", "/", "a//b", "a/$b", "golang:", "Golang"]) {
            assert_eq!(page(name), "", "{name}");
        }
    }
}
