//! Python packages without a version.
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
    aliases: &["DL3013"],
    check: Check::Stage(check),
};

const PINS: Pins =
    Pins { names: &["pip-package-not-pinned", "DL3013"], families: &[Family::Pip], is_free, name: package };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    not_pinned(snapshot, stage, &PINS, findings);
}

/// Neither `a==1`, `a>=1`, `a~=1`, `a @ https://…`, nor a path, a wheel or a repository with a revision.
fn is_free(word: &str) -> bool {
    if let Some((_, place)) = word.strip_prefix("git+").and_then(|rest| rest.split_once("://")) {
        return place.split_once('/').is_some_and(|(_, path)| !path.contains('@'));
    }
    let archive = [".whl", ".gz", ".zip", ".tar", ".bz2", ".xz"].iter().any(|end| word.ends_with(end));
    !word.contains(['=', '<', '>', '!', '~', '@', '/', ';', ':']) && !word.starts_with('.') && !archive
}

/// `black[d]` is black.
fn package(word: &str) -> &str {
    word.find(['[', '=', '<', '>', '~', '!', '@', ';', ' ']).map_or(word, |end| &word[..end])
}
