//! Names that have a meaning already: of stages and of variables.
use std::sync::LazyLock;

use super::table;

const TABLE: &str = include_str!("fixed_names.tsv");

/// Kind, name, meaning.
static NAMES: LazyLock<Vec<[&'static str; 3]>> =
    LazyLock::new(|| table::rows(TABLE).map(|row| [row.cell(0), row.cell(1), row.cell(2)]).collect());

/// What BuildKit takes the name of a stage for, in any case; `None` for a name that is free.
pub fn reserved_stage_name(name: &str) -> Option<&'static str> {
    find("stage", |known| known.eq_ignore_ascii_case(name))
}

/// Who reads a variable by this name, besides Go and BuildKit; `None` where nobody is known to.
pub fn reader_of_variable(name: &str) -> Option<&'static str> {
    find("variable", |known| table::glob(known, name))
}

fn find(kind: &str, matches: impl Fn(&str) -> bool) -> Option<&'static str> {
    NAMES.iter().find(|[found, name, _]| *found == kind && matches(name)).map(|[.., meaning]| *meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_a_meaning() {
        table::assert_table(TABLE);
        assert_eq!(reserved_stage_name("Scratch"), Some("the empty image"));
        assert_eq!((reserved_stage_name("build"), reserved_stage_name("PATH")), (None, None));
        assert_eq!(reader_of_variable("PATH"), Some("every shell"));
        let free = ["VERSION", "GIT_COMMIT", "DOTNET_VERSION", "UID", "USER"];
        assert!(
            reader_of_variable("PIP_INDEX_URL").is_some() && free.iter().all(|name| reader_of_variable(name).is_none())
        );
    }
}
