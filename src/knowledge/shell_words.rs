//! What the rules about shell commands know of single commands.
use std::collections::HashSet;
use std::sync::LazyLock;

use super::distros::Distro;
use super::table;

const TABLE: &str = include_str!("shell_words.tsv");

/// What a row says of its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trait {
    /// It does nothing for an image that is being built.
    Useless,
    /// It fetches what its arguments name.
    Download,
    /// It writes until nobody reads any more, or cannot fail.
    Endless,
    /// It may stop reading before the end of its input.
    Early,
    /// It succeeds when its input is empty.
    Accepts,
    /// It fails when its input is empty.
    Refuses,
    /// A shell that knows `set -o pipefail`.
    Pipefail,
    /// A distribution whose `/bin/sh` knows it.
    Family,
    /// Every POSIX shell has it without a program, or as good as.
    Builtin,
}

static WORDS: LazyLock<Vec<(Trait, &'static str, &'static str)>> = LazyLock::new(|| {
    let row = |row: table::Row| Some((kind(row.cell(0))?, row.cell(1), row.cell(2)));
    table::rows(TABLE).filter_map(row).collect()
});

static BUILTINS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| WORDS.iter().filter(|row| row.0 == Trait::Builtin).map(|row| row.1).collect());

static FAMILIES: LazyLock<Vec<Distro>> = LazyLock::new(|| {
    let families = WORDS.iter().filter(|row| row.0 == Trait::Family);
    families.filter_map(|row| Distro::parse(row.1)).collect()
});

fn kind(word: &str) -> Option<Trait> {
    Some(match word {
        "useless" => Trait::Useless,
        "download" => Trait::Download,
        "endless" => Trait::Endless,
        "early" => Trait::Early,
        "accepts" => Trait::Accepts,
        "refuses" => Trait::Refuses,
        "pipefail" => Trait::Pipefail,
        "family" => Trait::Family,
        "builtin" => Trait::Builtin,
        _ => return None,
    })
}

/// True when the table says that the command `name` is so.
pub fn command_is(name: &str, what: Trait) -> bool {
    WORDS.iter().any(|row| row.0 == what && row.1 == name)
}

/// Why the command `name` does nothing for an image that is being built; `None` for all others.
pub fn why_useless(name: &str) -> Option<&'static str> {
    WORDS.iter().find(|row| row.0 == Trait::Useless && row.1 == name).map(|row| row.2)
}

/// True when the shell runs the command `name` by itself.
pub fn is_builtin(name: &str) -> bool {
    BUILTINS.contains(name)
}

/// True when `/bin/sh` of the distribution knows `set -o pipefail`; false for dash.
pub fn sh_has_pipefail(distro: Distro) -> bool {
    FAMILIES.contains(&distro)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_parses() {
        table::assert_table(TABLE);
        assert!(table::rows(TABLE).all(|row| kind(row.cell(0)).is_some()));
        assert_eq!(FAMILIES.len(), WORDS.iter().filter(|row| row.0 == Trait::Family).count());
    }

    #[test]
    fn judges_commands() {
        assert!(command_is("curl", Trait::Download) && !command_is("curl", Trait::Accepts));
        assert!(sh_has_pipefail(Distro::Alpine) && !sh_has_pipefail(Distro::Debian));
        assert!(is_builtin("cd") && !is_builtin("curl"));
        assert!(why_useless("vim").is_some() && why_useless("make").is_none());
    }
}
