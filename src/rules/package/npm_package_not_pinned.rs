//! npm packages without a version.
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::package_tools::Family;
use crate::model::stage::Stage;
use crate::rules::packages::{Pins, not_pinned};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["DL3016"],
    check: Check::Stage(check),
};

const PINS: Pins =
    Pins { names: &["npm-package-not-pinned", "DL3016"], families: &[Family::Npm], is_free, name: package };

/// How the name of a file with a package ends.
const ARCHIVE: &str = ".tgz";

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    not_pinned(snapshot, stage, &PINS, findings);
}

/// Neither `a@1.2`, nor a path, an archive or a repository. `@latest` and `@next` are no versions. The value of
/// `--unsafe-perm true` is no package.
fn is_free(word: &str) -> bool {
    let scoped = word.starts_with('@');
    let name = package(word);
    let version = word[name.len()..].trim_start_matches('@');
    let local =
        word.starts_with(['.', '~', '/']) || word.contains(':') || word.ends_with(ARCHIVE) || word.contains('#');
    let repository = name.contains('/') && !scoped;
    let moves = matches!(version, "" | "latest" | "next");
    moves && !local && !repository && !matches!(word, "true" | "false")
}

/// `@scope/a@1.2` → `@scope/a`
fn package(word: &str) -> &str {
    word.char_indices().skip(1).find(|(_, c)| *c == '@').map_or(word, |(at, _)| &word[..at])
}
