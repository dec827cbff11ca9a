//! RPM packages without a version, installed by dnf and its kin.
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::package_tools::Family;
use crate::model::stage::Stage;
use crate::rules::packages::{Pins, may_have_rpm_version, not_pinned};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Info,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["DL3041"],
    check: Check::Stage(check),
};

const PINS: Pins =
    Pins { names: &["dnf-package-not-pinned", "DL3041"], families: &[Family::Dnf], is_free, name: package };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    not_pinned(snapshot, stage, &PINS, findings);
}

fn is_free(word: &str) -> bool {
    !may_have_rpm_version(word)
}

fn package(word: &str) -> &str {
    word
}
