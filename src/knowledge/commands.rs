//! What commands in RUN may add to the image.
use std::collections::HashMap;
use std::sync::LazyLock;

use super::table;

const TABLE: &str = include_str!("commands.tsv");

/// What may be in the image after a command, beyond what its arguments say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Taint {
    /// Nothing.
    None,
    /// Files anywhere.
    Files,
    /// Anything: packages and compilers too.
    All,
}

static COMMANDS: LazyLock<HashMap<&'static str, Taint>> = LazyLock::new(|| {
    let taint = |word| match word {
        "none" => Taint::None,
        "files" => Taint::Files,
        _ => Taint::All,
    };
    table::rows(TABLE).map(|row| (row.cell(0), taint(row.cell(1)))).collect()
});

/// What the command `name` taints; a command that we don't know may do anything.
pub fn taint(name: &str) -> Taint {
    COMMANDS.get(name).copied().unwrap_or(Taint::All)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_commands_taint_all() {
        table::assert_table(TABLE);
        assert_eq!(taint("mkdir"), Taint::None);
        assert_eq!(taint("tar"), Taint::Files);
        assert_eq!(taint("./setup.sh"), Taint::All);
    }
}
