//! Build arguments that exist without an ARG instruction.
use std::sync::LazyLock;

use super::table::{self, Row};

const TABLE: &str = include_str!("predefined_args.tsv");

/// Where a predefined argument comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgKind {
    /// The platforms of a build: known in FROM lines, and in a stage after `ARG name`.
    Platform,
    /// Proxies: in the environment of every RUN.
    Proxy,
    /// Settings of BuildKit.
    Buildkit,
}

/// What is known of one predefined argument. Texts may be empty.
#[derive(Clone, Debug)]
pub struct PredefinedArg {
    /// Its name; one that ends in `*` stands for all with that beginning.
    pub name: &'static str,
    /// Where it comes from.
    pub kind: ArgKind,
    /// What its value looks like, for people.
    pub value: &'static str,
    /// A stage sees it only after `ARG name`.
    pub needs_arg: bool,
    /// One sentence.
    pub meaning: &'static str,
    /// What else matters.
    pub notes: &'static str,
}

static ARGS: LazyLock<Vec<PredefinedArg>> = LazyLock::new(|| table::rows(TABLE).filter_map(|row| arg(&row)).collect());

fn arg(row: &Row) -> Option<PredefinedArg> {
    let kind = match row.cell(1) {
        "platform" => ArgKind::Platform,
        "proxy" => ArgKind::Proxy,
        "buildkit" => ArgKind::Buildkit,
        _ => return None,
    };
    let [name, value, meaning, notes] = [0, 3, 5, 6].map(|column| row.cell(column));
    Some(PredefinedArg { name, kind, value, needs_arg: row.cell(4) == "yes", meaning, notes })
}

/// What is known of a predefined argument; names are case-sensitive.
pub fn predefined_arg(name: &str) -> Option<&'static PredefinedArg> {
    ARGS.iter().find(|arg| table::glob(arg.name, name))
}

/// All of them.
pub fn predefined_args() -> &'static [PredefinedArg] {
    &ARGS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_parses() {
        table::assert_table(TABLE);
        assert_eq!(table::rows(TABLE).count(), ARGS.len());
    }

    #[test]
    fn finds_args() {
        assert_eq!(predefined_arg("TARGETARCH").map(|arg| (arg.kind, arg.needs_arg)), Some((ArgKind::Platform, true)));
        assert_eq!(predefined_arg("http_proxy").map(|arg| arg.needs_arg), Some(false));
        assert!(predefined_arg("BUILDKIT_ATTEST_SBOM").is_some());
        assert!(predefined_arg("targetarch").is_none() && predefined_arg("VERSION").is_none());
    }
}
