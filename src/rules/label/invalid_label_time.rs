//! A label that should be a time.
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Instruction, Kind};
use crate::rules::labels::{self, is_time};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::settings::LabelType;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &["DL3053"],
    check: Check::Instruction(Kind::Label, check),
};

fn check(snapshot: &Snapshot, instruction: &Instruction, findings: &mut Vec<Finding>) {
    labels::refused(
        snapshot,
        instruction,
        LabelType::Rfc3339,
        is_time,
        "a time such as 2026-11-22T10:00:00Z",
        findings,
    );
}
