//! Ruby gems without a version.
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
    aliases: &["DL3028"],
    check: Check::Stage(check),
};

const PINS: Pins = Pins { names: &["gem-not-pinned", "DL3028"], families: &[Family::Gem], is_free, name: package };

/// How the name of a file with a package ends.
const FILE: &str = ".gem";

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    not_pinned(snapshot, stage, &PINS, findings);
}

/// Neither `rails:7.1`, nor a file.
fn is_free(word: &str) -> bool {
    !word.contains(':') && !word.contains('/') && !word.ends_with(FILE)
}

fn package(word: &str) -> &str {
    word.split(':').next().unwrap_or(word)
}
