//! A label that should be a URL.
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Instruction, Kind};
use crate::rules::labels::{self, is_url};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::settings::LabelType;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &["DL3052"],
    check: Check::Instruction(Kind::Label, check),
};

fn check(snapshot: &Snapshot, instruction: &Instruction, findings: &mut Vec<Finding>) {
    labels::refused(
        snapshot,
        instruction,
        LabelType::Url,
        is_url,
        "an absolute URL such as https://example.com",
        findings,
    );
}
