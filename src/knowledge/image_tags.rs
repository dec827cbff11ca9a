//! Tags of images that people start from, and the accounts that images have.
use std::sync::LazyLock;

use super::base_images::normalized_repository;
use super::table;

const TAGS: &str = include_str!("image_tags.tsv");
const USERS: &str = include_str!("image_users.tsv");

/// A tag of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageTag {
    /// The repository.
    pub repository: &'static str,
    /// The tag.
    pub tag: &'static str,
    /// One sentence; may be empty.
    pub meaning: &'static str,
}

static ALL: LazyLock<Vec<ImageTag>> = LazyLock::new(|| {
    let tag = |row: table::Row| ImageTag { repository: row.cell(0), tag: row.cell(1), meaning: row.cell(2) };
    table::rows(TAGS).map(tag).collect()
});

/// All tags of the table, those of an image together, the best of it first.
pub fn image_tags() -> &'static [ImageTag] {
    &ALL
}

/// The accounts of an image, by name and number, those of its distribution left out.
pub fn image_users(repository: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let repository = normalized_repository(repository).to_owned();
    let of_image = move |row: &table::Row| table::glob(row.cell(0), &repository);
    table::rows(USERS).filter(of_image).map(|row| (row.cell(1), row.cell(2)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::image::is_valid_reference;

    #[test]
    fn every_row_parses() {
        table::assert_table(TAGS);
        table::assert_table(USERS);
        for tag in image_tags() {
            assert!(is_valid_reference(&format!("{}:{}", tag.repository, tag.tag)), "{tag:?}");
        }
        assert!(table::rows(USERS).all(|row| row.cell(2).parse::<u32>().is_ok()));
    }

    #[test]
    fn finds_users() {
        let users: Vec<_> = image_users("gcr.io/distroless/static-debian12").collect();
        assert_eq!(users[0], ("nonroot", "65532"));
        assert_eq!(image_users("docker.io/library/node").count(), 1);
    }
}
