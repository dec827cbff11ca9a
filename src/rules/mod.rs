//! Rules: one file, one rule, one page beside it. `rule.rs` is the vocabulary, `run.rs` the engine.
pub mod memory;
pub mod rule;
pub mod run;
pub mod suppress;
pub mod syntax;
mod syntax_fix;
pub mod syntax_rules;
pub mod variables;

use crate::knowledge::shellcheck::is_code;
use rule::Rule;

/// A rule with what its file's place says of it.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The rule's name.
    pub name: &'static str,
    /// The group: the folder it lies in.
    pub group: &'static str,
    /// The rule.
    pub rule: &'static Rule,
    /// Its page: documentation and tests.
    pub page: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// The rule that has all the codes of ShellCheck.
pub const SHELLCHECK: &str = "shellcheck";

/// The rule called `name`, or with that alias.
pub fn find(name: &str) -> Option<&'static Entry> {
    RULES
        .iter()
        .find(|entry| entry.name == name)
        .or_else(|| RULES.iter().find(|entry| entry.rule.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))))
        .or_else(|| RULES.iter().find(|entry| entry.name == SHELLCHECK && is_code(name)))
}

impl Entry {
    /// The first paragraph of the page, on one line.
    pub fn summary(&self) -> String {
        let paragraph = self.page.split("\n\n").nth(1).unwrap_or_default();
        paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}
