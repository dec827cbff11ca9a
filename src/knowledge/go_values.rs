//! Values that Go variables and flags are usually given.
use std::sync::LazyLock;

use super::table;

const TABLE: &str = include_str!("go_values.tsv");

/// One value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GoValue {
    /// The variable or the flag: `GOPROXY`, `-mod`.
    pub of: &'static str,
    /// As it is written; one of several where the variable takes a list.
    pub value: &'static str,
    /// One sentence.
    pub meaning: &'static str,
}

static ALL: LazyLock<Vec<GoValue>> = LazyLock::new(|| {
    let value = |row: table::Row| GoValue { of: row.cell(0), value: row.cell(1), meaning: row.cell(2) };
    table::rows(TABLE).map(value).collect()
});

/// The values of a variable or a flag, the usual ones first; none where any value is as good as another.
pub fn go_values(of: &str) -> impl Iterator<Item = &'static GoValue> {
    ALL.iter().filter(move |value| value.of == of)
}

/// How usual it is to set the variable: 0 for the one that is set the most; `None` for those without values.
pub fn usual(variable: &str) -> Option<usize> {
    ALL.iter().position(|value| value.of == variable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::go_words::{go_env, go_flag};

    #[test]
    fn every_row_parses() {
        table::assert_table(TABLE);
        for value in ALL.iter() {
            let is_known = go_env(value.of).is_some() || go_flag(value.of).is_some();
            assert!(is_known && !value.value.is_empty() && value.meaning.ends_with('.'), "{value:?}");
            let allowed = go_env(value.of).map(|env| env.allowed.clone()).unwrap_or_default();
            assert!(allowed.is_empty() || allowed.contains(&value.value), "{value:?} is not allowed");
        }
        assert_eq!(go_values("CGO_ENABLED").map(|value| value.value).collect::<Vec<_>>(), ["0", "1"]);
        assert!(usual("CGO_ENABLED") < usual("GOSUMDB") && usual("GOBIN").is_none());
    }

    #[test]
    fn enumerated_values_of_flags_are_explained() {
        for flag in ["-mod", "-buildmode", "-buildvcs", "-covermode", "-compiler"] {
            let values: Vec<&str> = go_values(flag).map(|value| value.value).collect();
            let listed = go_flag(flag).map(|flag| flag.value.split(' ').collect::<Vec<_>>()).unwrap_or_default();
            assert!(listed.iter().all(|value| values.contains(value)), "{flag}: {values:?}, not {listed:?}");
        }
    }
}
