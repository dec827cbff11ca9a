//! What is usually written where.
use std::sync::LazyLock;

use super::table;

const TABLE: &str = include_str!("usual_values.tsv");

/// A value that is usual at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsualValue {
    /// The value.
    pub value: &'static str,
    /// What the image must have: a package manager, `go`, `bash`, `windows`, `unix`, `image NAME`; `None`: anything.
    pub needs: Option<&'static str>,
    /// One sentence; may be empty.
    pub meaning: &'static str,
}

static VALUES: LazyLock<Vec<(&str, UsualValue)>> = LazyLock::new(|| {
    let value =
        |row: table::Row| (row.cell(0), UsualValue { value: row.cell(1), needs: row.some(2), meaning: row.cell(3) });
    table::rows(TABLE).map(value).collect()
});

/// The values of `place` (`STOPSIGNAL`, `COPY --chmod`, `cache target`, `value TZ`), the most usual first.
pub fn usual_values(place: &str) -> impl Iterator<Item = &'static UsualValue> {
    VALUES.iter().filter(move |(of, _)| *of == place).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::PackageManager;
    use crate::knowledge::instructions::{flag_doc, instruction_doc};
    use crate::model::instruction::Kind;

    #[test]
    fn every_row_parses() {
        table::assert_table(TABLE);
        for (place, value) in VALUES.iter() {
            let known = value.needs.is_none_or(|needs| {
                matches!(needs, "go" | "bash" | "windows" | "unix")
                    || needs.starts_with("image ")
                    || PackageManager::parse(needs).is_some()
            });
            assert!(known, "{value:?}");
            if let Some((instruction, flag)) = place.split_once(" --") {
                assert!(flag_doc(instruction, &format!("--{flag}")).is_some(), "{place}");
            } else if !place.contains(' ') && place.bytes().all(|byte| byte.is_ascii_uppercase()) {
                assert!(instruction_doc(place).is_some() && Kind::of(place) != Kind::Unknown, "{place}");
            }
        }
    }

    #[test]
    fn finds_values() {
        assert_eq!(usual_values("STOPSIGNAL").next().map(|value| value.value), Some("SIGTERM"));
        assert_eq!(usual_values("nothing").count(), 0);
    }
}
