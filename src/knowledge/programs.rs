//! What becomes of the words of an exec form: which programs start others, and which take dollar signs as they are.
use std::collections::HashMap;
use std::sync::LazyLock;

use super::base_images::normalized_repository;
use super::table;

const TABLE: &str = include_str!("programs.tsv");

/// What a program does with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// How it reads them.
    pub kind: ProgramKind,
    /// Flags behind which a program text stands.
    pub code: Vec<&'static str>,
}

/// How a program reads its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProgramKind {
    /// It starts the program that stands behind so many words and its flags.
    Wrapper(usize),
    /// It starts the program that stands behind `NAME=value` words and its flags.
    Env,
    /// As they are.
    Plain,
    /// As they are, but a program of Spring replaces `${NAME}`.
    Spring,
}

static PROGRAMS: LazyLock<HashMap<&'static str, Program>> = LazyLock::new(|| {
    let kind = |row: &table::Row| match row.cell(0) {
        "wrapper" if row.cell(2) == "=" => Some(ProgramKind::Env),
        "wrapper" => Some(ProgramKind::Wrapper(row.cell(2).parse().unwrap_or_default())),
        "plain" => Some(ProgramKind::Plain),
        "spring" => Some(ProgramKind::Spring),
        _ => None,
    };
    let program = |row: table::Row| Some((row.cell(1), Program { kind: kind(&row)?, code: row.words(3) }));
    table::rows(TABLE).filter_map(program).collect()
});

/// What the program of this file name does with its arguments; `None` for one that may do anything with them.
pub fn program(name: &str) -> Option<&'static Program> {
    PROGRAMS.get(name)
}

/// True when an image of this repository starts a command as it is.
pub fn starts_commands(repository: &str) -> bool {
    let repository = normalized_repository(repository);
    table::rows(TABLE).any(|row| row.cell(0) == "image" && row.cell(1) == repository)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_parses() {
        table::assert_table(TABLE);
        let kinds = ["wrapper", "plain", "spring", "image"];
        assert!(table::rows(TABLE).all(|row| kinds.contains(&row.cell(0)) && !row.cell(1).is_empty()));
        assert_eq!(program("gosu").unwrap().kind, ProgramKind::Wrapper(1));
        assert_eq!(program("env").unwrap().kind, ProgramKind::Env);
        assert!(program("sh").is_none() && starts_commands("docker.io/library/golang") && !starts_commands("nginx"));
    }
}
