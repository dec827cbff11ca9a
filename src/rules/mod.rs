//! Rules: one file, one rule, one page beside it. `rule.rs` is the vocabulary, `run.rs` the engine.
pub mod apt_index;
pub mod commands;
pub mod compose;
pub mod directives;
pub mod labels;
pub mod levels;
pub mod linked;
pub mod memory;
pub mod packages;
pub mod rule;
pub mod run;
pub mod stages;
pub mod standing;
pub mod started;
pub mod suppress;
pub mod swallowed;
pub mod syntax;
mod syntax_fix;
mod syntax_mount;
mod syntax_place;
pub mod syntax_rules;
mod syntax_version;
pub mod unfinished;
pub mod variables;

use crate::knowledge::shellcheck::is_code;
use crate::text::nearest::nearest;
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

/// The rule called `name`, or with that alias.
///
/// # Errors
/// That there is none, and which one is meant, if it can be guessed.
pub fn named(name: &str) -> Result<&'static Entry, String> {
    if let Some(entry) = find(name) {
        return Ok(entry);
    }
    let names = RULES.iter().flat_map(|entry| std::iter::once(&entry.name).chain(entry.rule.aliases));
    let hint = match nearest(name, names.copied()) {
        Some(known) => format!("did you mean {known}?"),
        None => "`dockline rules` lists them all".to_owned(),
    };
    Err(format!("there is no rule {name}: {hint}"))
}

/// Where the pages are read; `None` while the package names no repository.
pub fn repository() -> Option<&'static str> {
    Some(env!("CARGO_PKG_REPOSITORY")).filter(|url| !url.is_empty())
}

impl Entry {
    /// The first paragraph of the page, on one line.
    pub fn summary(&self) -> String {
        let paragraph = self.page.split("\n\n").nth(1).unwrap_or_default();
        paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Where the page of what `code` stands for is read: ShellCheck has one for each of its codes.
    pub fn url_of(&self, code: &str) -> Option<String> {
        let own = (self.name == SHELLCHECK).then(|| crate::knowledge::shellcheck::code(code)).flatten();
        own.map(|code| format!("https://www.shellcheck.net/wiki/{code}")).or_else(|| self.url())
    }

    /// Where the page is read; `None` while the package names no repository.
    pub fn url(&self) -> Option<String> {
        let file = self.name.replace('-', "_");
        Some(format!("{}/blob/main/src/rules/{}/{file}.md", repository()?, self.group))
    }
}
