//! What uses the caches of go besides go itself.
use std::sync::LazyLock;

use super::table;

const TABLE: &str = include_str!("go_users.tsv");

static PROGRAMS: LazyLock<Vec<&'static str>> = LazyLock::new(|| of_kind("program"));
static WORDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| of_kind("word"));

fn of_kind(kind: &str) -> Vec<&'static str> {
    table::rows(TABLE).filter(|row| row.cell(0) == kind).map(|row| row.cell(1)).collect()
}

/// True for a program that leaves nothing behind in an image, but looks into the caches of go.
pub fn uses_caches(program: &str) -> bool {
    PROGRAMS.contains(&program)
}

/// True when the text of a CMD or ENTRYPOINT says that it compiles when it starts, or may.
pub fn may_compile(start: &str) -> bool {
    WORDS.iter().any(|word| start.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_counts() {
        table::assert_table(TABLE);
        assert_eq!(PROGRAMS.len() + WORDS.len(), table::rows(TABLE).count());
        assert!(uses_caches("golangci-lint") && !uses_caches("go"));
        assert!(may_compile("CMD [\"go\", \"run\", \".\"]") && !may_compile("CMD [\"/app\"]"));
    }
}
