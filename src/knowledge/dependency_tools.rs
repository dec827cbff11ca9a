//! Tools that install what a project depends on: how they are called, which files they read.
use std::collections::HashMap;
use std::sync::LazyLock;

use super::table::{self, glob};

const TABLE: &str = include_str!("dependency_tools.tsv");

/// One tool.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "three facts that have nothing to do with each other")]
pub struct Tool {
    /// Its name in the table: `npm`.
    pub name: &'static str,
    /// The words that install; two are joined by `+`, `.` is none at all.
    pub verbs: Vec<&'static str>,
    /// The verb may be any of the words, not the first alone.
    pub any_word: bool,
    /// It builds the project too.
    pub builds: bool,
    /// What its other words are.
    pub operands: Operands,
    /// Flags whose value is the folder to work in.
    pub folder: Vec<&'static str>,
    /// Flags whose value is the manifest.
    pub file: Vec<&'static str>,
    /// Other flags whose value is the next word.
    pub values: Vec<&'static str>,
    /// Flags with which it does something else, or works on a part of the project.
    pub other: Vec<&'static str>,
    /// Flags that together leave the project's own scripts and code out; empty where nothing does.
    pub alone: Vec<&'static str>,
    /// Verbs and flags that hold it to the lock file; `always` where it needs none.
    pub locked: Vec<&'static str>,
    /// Those of them with which it fails when there is no lock file.
    pub strict: Vec<&'static str>,
    /// Variables that hold it to the lock file.
    pub env: Vec<&'static str>,
    /// The names of its manifests, with wildcards.
    pub manifests: Vec<&'static str>,
    /// The names of its lock files.
    pub locks: Vec<&'static str>,
    /// What it reads too where it is there; folders end in a slash.
    pub beside: Vec<&'static str>,
    /// What shows that the project has more parts than a manifest; folders end in a slash.
    pub parts: Vec<&'static str>,
    /// Images, besides official ones, that have it; with wildcards.
    pub images: Vec<&'static str>,
    /// What holds it to the lock file: a word instead of the verb, or a flag behind it.
    pub want: Option<&'static str>,
    /// Folders that it makes beside the manifest.
    pub made: Vec<&'static str>,
}

/// The words of a command that are neither its verb nor flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operands {
    /// With others it does something else.
    None,
    /// Packages, besides those of the manifest.
    Packages,
    /// The paths of projects.
    Projects,
    /// Others do no harm.
    Any,
}

impl Tool {
    /// True when nothing else is needed to hold it to its lock file, or it has none.
    pub fn is_always_locked(&self) -> bool {
        self.locked == ["always"]
    }

    /// True for the name of one of its manifests.
    pub fn is_manifest(&self, name: &str) -> bool {
        self.manifests.iter().any(|pattern| glob(pattern, name))
    }
}

static TOOLS: LazyLock<Vec<(Vec<&'static str>, Tool)>> =
    LazyLock::new(|| table::rows(TABLE).map(|row| tool(&row)).collect());

static PROGRAMS: LazyLock<HashMap<&'static str, Vec<&'static Tool>>> = LazyLock::new(|| {
    let mut programs: HashMap<&'static str, Vec<&'static Tool>> = HashMap::new();
    for (names, tool) in TOOLS.iter() {
        for name in names {
            programs.entry(name).or_default().push(tool);
        }
    }
    programs
});

fn tool(row: &table::Row) -> (Vec<&'static str>, Tool) {
    let operands = match row.cell(5) {
        "packages" => Operands::Packages,
        "project" => Operands::Projects,
        "any" => Operands::Any,
        _ => Operands::None,
    };
    let tool = Tool {
        name: row.cell(0),
        verbs: row.words(2),
        any_word: row.cell(3) == "any",
        builds: row.cell(4) == "build",
        operands,
        folder: row.words(6),
        file: row.words(7),
        values: row.words(8),
        other: row.words(9),
        alone: row.words(10),
        locked: row.words(11),
        strict: row.words(12),
        env: row.words(13),
        manifests: row.words(14),
        locks: row.words(15),
        beside: row.words(16),
        parts: row.words(17),
        images: row.words(18),
        want: row.some(19),
        made: row.words(20),
    };
    (row.words(1), tool)
}

/// The tools that the program `name` may be: `pip3.12` is pip, uv is two.
pub fn tools(name: &str) -> &'static [&'static Tool] {
    let name =
        if name.starts_with("pip") { name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') } else { name };
    PROGRAMS.get(name).map_or(&[], Vec::as_slice)
}

/// True for the name of a manifest of some tool.
pub fn is_manifest(name: &str) -> bool {
    TOOLS.iter().any(|(_, tool)| tool.is_manifest(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_parses() {
        table::assert_table(TABLE);
        for (programs, tool) in TOOLS.iter() {
            assert!(!programs.is_empty() && !tool.verbs.is_empty() && !tool.manifests.is_empty(), "{}", tool.name);
            assert!(!tool.locked.is_empty(), "{}", tool.name);
            assert!(tool.strict.iter().all(|word| tool.locked.contains(word)), "{}", tool.name);
        }
    }

    #[test]
    fn knows_programs() {
        let names = |program| tools(program).iter().map(|tool| tool.name).collect::<Vec<_>>();
        assert_eq!((names("uv"), names("pip3.12"), names("go")), (vec!["uv-pip", "uv"], vec!["pip"], vec![]));
        assert!(is_manifest("dev-requirements.txt") && is_manifest("Api.csproj") && !is_manifest("go.mod"));
        assert!(tools("mvn")[0].is_always_locked() && !tools("npm")[0].is_always_locked());
    }
}
