//! A label that should be a license.
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Instruction, Kind};
use crate::rules::labels::{self, is_license};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::settings::LabelType;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &["DL3054"],
    check: Check::Instruction(Kind::Label, check),
};

fn check(snapshot: &Snapshot, instruction: &Instruction, findings: &mut Vec<Finding>) {
    labels::refused(
        snapshot,
        instruction,
        LabelType::Spdx,
        is_license,
        "a license of the SPDX list, or an expression of them",
        findings,
    );
}
