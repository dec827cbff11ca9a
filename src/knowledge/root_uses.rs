//! What says that a container needs root, or becomes another user by itself.
use std::sync::LazyLock;

use super::table;

const TABLE: &str = include_str!("root_uses.tsv");

/// Where the name of a row is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RootUse {
    /// A program that is started or copied.
    Program,
    /// A package of the distribution.
    Package,
    /// A Go import path, or one above it.
    Import,
    /// A variable that an entrypoint reads.
    Variable,
    /// Text of the stage.
    Text,
}

static ROWS: LazyLock<Vec<(RootUse, &'static str)>> = LazyLock::new(|| {
    let kind = |name: &str| match name {
        "program" => Some(RootUse::Program),
        "package" => Some(RootUse::Package),
        "import" => Some(RootUse::Import),
        "variable" => Some(RootUse::Variable),
        "text" => Some(RootUse::Text),
        _ => None,
    };
    table::rows(TABLE).filter_map(|row| Some((kind(row.cell(0))?, row.some(1)?))).collect()
});

/// True when `name` is listed; an import also where a path above it is.
pub fn needs_root(kind: RootUse, name: &str) -> bool {
    let fits = |listed: &str| match kind {
        RootUse::Import => name.strip_prefix(listed).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        _ => name == listed,
    };
    names(kind).any(fits)
}

/// The names of one kind.
pub fn names(kind: RootUse) -> impl Iterator<Item = &'static str> {
    ROWS.iter().filter(move |(found, _)| *found == kind).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_parses() {
        table::assert_table(TABLE);
        assert_eq!(table::rows(TABLE).count(), ROWS.len());
        assert!(needs_root(RootUse::Import, "github.com/cilium/ebpf/link"));
        assert!(!needs_root(RootUse::Import, "github.com/cilium/ebpfx"));
        assert!(needs_root(RootUse::Program, "gosu") && !needs_root(RootUse::Package, "curl"));
    }
}
