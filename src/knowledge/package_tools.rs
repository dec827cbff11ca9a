//! The command lines of package managers: their programs, words, flags and settings.
use std::collections::HashMap;
use std::sync::LazyLock;

use super::table;

const TABLE: &str = include_str!("package_tools.tsv");

/// Programs that share a command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "they are the programs' own names")]
pub enum Family {
    Apt,
    Apk,
    Yum,
    Dnf,
    Zypper,
    Pip,
    Npm,
    Yarn,
    Gem,
}

/// What the first word of a package manager's command line does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Installs the packages that are named.
    Install,
    /// Installs groups of packages.
    Group,
    /// Installs what building the named packages needs.
    BuildDep,
    /// Downloads the index of packages.
    Refresh,
    /// Installs newer versions.
    Upgrade,
    /// Moves the system to another release.
    DistUpgrade,
    /// Removes packages.
    Remove,
    /// Empties the cache, or shows it.
    Clean,
    /// Removes the index.
    CleanIndex,
    /// Changes the settings.
    Config,
    /// Nothing that matters here, or not known.
    Other,
}

/// What a flag means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FlagMeaning {
    /// Nothing is asked, or nothing is changed.
    Yes,
    /// Says less; twice it is [`FlagMeaning::Yes`].
    Quiet,
    /// Recommended packages are left out.
    NoRecommends,
    /// Nothing is cached.
    NoCache,
    /// Takes a value of no interest.
    Value,
    /// Takes `key=value`.
    Set,
    /// Takes a list of versions.
    Constraint,
    /// Takes a path or a repository to install.
    Editable,
    /// Takes a version.
    Versioned,
    /// The versions come from elsewhere.
    Fixed,
    /// Takes a root, or a cache, other than the usual one.
    Elsewhere,
    /// Only yarn 2 and later have it.
    Berry,
}

/// The command line of one family.
#[derive(Debug, Default)]
pub struct Tool {
    verbs: Vec<(&'static str, Verb)>,
    flags: Vec<(&'static str, FlagMeaning)>,
    settings: Vec<(&'static str, FlagMeaning)>,
}

/// One program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its family.
    pub family: Family,
    /// True when it waits for an answer unless it is told not to.
    pub asks: bool,
}

static PROGRAMS: LazyLock<HashMap<&'static str, Program>> = LazyLock::new(|| {
    let program = |row: table::Row| {
        let program = Program { family: family(row.cell(0))?, asks: row.cell(3) == "asks" };
        (row.cell(1) == "command").then_some((row.cell(2), program))
    };
    table::rows(TABLE).filter_map(program).collect()
});

static TOOLS: LazyLock<HashMap<Family, Tool>> = LazyLock::new(|| {
    let mut tools: HashMap<Family, Tool> = HashMap::new();
    for row in table::rows(TABLE) {
        let Some(family) = family(row.cell(0)) else { continue };
        let tool = tools.entry(family).or_default();
        match row.cell(1) {
            "verb" => tool.verbs.extend(verb(row.cell(3)).map(|verb| (row.cell(2), verb))),
            "flag" => tool.flags.extend(meaning(row.cell(3)).map(|meaning| (row.cell(2), meaning))),
            "setting" => tool.settings.extend(meaning(row.cell(3)).map(|meaning| (row.cell(2), meaning))),
            _ => {}
        }
    }
    tools
});

/// The package manager whose program is called `name`: `pip3.12` is pip.
pub fn program(name: &str) -> Option<Program> {
    let name =
        if name.starts_with("pip") { name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') } else { name };
    PROGRAMS.get(name).copied()
}

impl Family {
    /// What `word` does as the first word of the command line.
    pub fn verb(self, word: &str) -> Verb {
        let found = TOOLS.get(&self).and_then(|tool| tool.verbs.iter().find(|verb| verb.0 == word));
        found.map_or(Verb::Other, |verb| verb.1)
    }

    /// What the flag `flag` means, written without its value.
    pub fn flag(self, flag: &str) -> Option<FlagMeaning> {
        Some(TOOLS.get(&self)?.flags.iter().find(|known| known.0 == flag)?.1)
    }

    /// What setting the key `key` means.
    pub fn setting(self, key: &str) -> Option<FlagMeaning> {
        Some(TOOLS.get(&self)?.settings.iter().find(|known| known.0.eq_ignore_ascii_case(key))?.1)
    }

    /// True when `-yq` is `-y -q`.
    pub fn has_clusters(self) -> bool {
        self != Family::Npm
    }
}

impl FlagMeaning {
    /// True when the next word belongs to the flag, unless its value is written behind `=`.
    pub fn takes_value(self) -> bool {
        matches!(
            self,
            FlagMeaning::Value
                | FlagMeaning::Set
                | FlagMeaning::Constraint
                | FlagMeaning::Editable
                | FlagMeaning::Versioned
                | FlagMeaning::Elsewhere
        )
    }
}

fn family(word: &str) -> Option<Family> {
    Some(match word {
        "apt" => Family::Apt,
        "apk" => Family::Apk,
        "yum" => Family::Yum,
        "dnf" => Family::Dnf,
        "zypper" => Family::Zypper,
        "pip" => Family::Pip,
        "npm" => Family::Npm,
        "yarn" => Family::Yarn,
        "gem" => Family::Gem,
        _ => return None,
    })
}

fn verb(word: &str) -> Option<Verb> {
    Some(match word {
        "install" => Verb::Install,
        "group" => Verb::Group,
        "build-dep" => Verb::BuildDep,
        "refresh" => Verb::Refresh,
        "upgrade" => Verb::Upgrade,
        "dist-upgrade" => Verb::DistUpgrade,
        "remove" => Verb::Remove,
        "clean" => Verb::Clean,
        "clean-index" => Verb::CleanIndex,
        "config" => Verb::Config,
        _ => return None,
    })
}

fn meaning(word: &str) -> Option<FlagMeaning> {
    Some(match word {
        "yes" => FlagMeaning::Yes,
        "quiet" => FlagMeaning::Quiet,
        "no-recommends" => FlagMeaning::NoRecommends,
        "no-cache" => FlagMeaning::NoCache,
        "value" => FlagMeaning::Value,
        "set" => FlagMeaning::Set,
        "constraint" => FlagMeaning::Constraint,
        "editable" => FlagMeaning::Editable,
        "versioned" => FlagMeaning::Versioned,
        "fixed" => FlagMeaning::Fixed,
        "elsewhere" => FlagMeaning::Elsewhere,
        "berry" => FlagMeaning::Berry,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_parses() {
        table::assert_table(TABLE);
        for row in table::rows(TABLE) {
            assert!(family(row.cell(0)).is_some() && row.some(2).is_some(), "{row:?}");
            assert!(
                match row.cell(1) {
                    "command" => matches!(row.cell(3), "asks" | "quiet"),
                    "verb" => verb(row.cell(3)).is_some(),
                    "flag" | "setting" => meaning(row.cell(3)).is_some(),
                    _ => false,
                },
                "{row:?}"
            );
        }
    }

    #[test]
    fn knows_programs() {
        assert_eq!(program("pip3.12").map(|program| program.family), Some(Family::Pip));
        assert_eq!(program("microdnf").map(|program| program.asks), Some(false));
        assert_eq!(program("pipx"), None);
        assert_eq!(Family::Zypper.verb("dup"), Verb::DistUpgrade);
        assert!(Family::Apt.flag("-t").is_some_and(FlagMeaning::takes_value));
    }
}
