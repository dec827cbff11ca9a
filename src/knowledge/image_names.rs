//! What the name of an image says about its tags.
use std::sync::LazyLock;

use super::base_images::normalized_repository;
use super::table;

const TABLE: &str = include_str!("image_names.tsv");

struct Name {
    pattern: &'static str,
    rolling: bool,
}

static NAMES: LazyLock<Vec<Name>> = LazyLock::new(|| {
    table::rows(TABLE).map(|row| Name { pattern: row.cell(0), rolling: row.cell(1) == "rolling" }).collect()
});

/// True when the project publishes no version tags: `latest` is all there is.
pub fn is_rolling(repository: &str) -> bool {
    let repository = normalized_repository(repository);
    NAMES.iter().any(|name| name.rolling && table::glob(name.pattern, repository))
}

/// True for a Docker official image.
pub fn is_official(repository: &str) -> bool {
    let name = normalized_repository(repository);
    NAMES.iter().any(|known| !known.rolling && known.pattern == name)
}

/// True for a name without a slash that is no Docker official image: an image that was built on the same machine, or that
/// the builder is told of (a named context, a tool that replaces the name).
pub fn is_local(repository: &str) -> bool {
    let name = normalized_repository(repository);
    !name.contains('/') && !NAMES.iter().any(|known| !known.rolling && known.pattern == name)
}

/// The names of Docker official images, sorted.
pub fn official_names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().filter(|name| !name.rolling).map(|name| name.pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_parses() {
        table::assert_table(TABLE);
        assert!(table::rows(TABLE).all(|row| matches!(row.cell(1), "official" | "rolling")));
    }

    #[test]
    fn judges_names() {
        assert!(is_rolling("gcr.io/distroless/static-debian12") && !is_rolling("alpine"));
        assert!(is_local("app-base") && !is_local("docker.io/library/alpine") && !is_local("golang"));
        assert!(!is_local("tonistiigi/xx") && !is_local("localhost:5000/app"));
    }
}
