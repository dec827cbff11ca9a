//! A label that should be an e-mail address.
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Instruction, Kind};
use crate::rules::labels::{self, is_email};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::settings::LabelType;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &["DL3058"],
    check: Check::Instruction(Kind::Label, check),
};

fn check(snapshot: &Snapshot, instruction: &Instruction, findings: &mut Vec<Finding>) {
    labels::refused(snapshot, instruction, LabelType::Email, is_email, "an e-mail address", findings);
}
