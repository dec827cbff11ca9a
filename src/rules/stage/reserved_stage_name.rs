//! `AS scratch`
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::fixed_names::reserved_stage_name;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &["ReservedStageName", "DL3063"],
    check: Check::Instruction(Kind::From, check),
};

fn check(snapshot: &Snapshot, instruction: &Instruction, findings: &mut Vec<Finding>) {
    let Body::From(from) = &instruction.body else { return };
    let Some(span) = from.name else { return };
    let name = snapshot[span].to_ascii_lowercase();
    if let Some(meaning) = reserved_stage_name(&name) {
        findings.push(Finding::new(span, format!("`{name}` means {meaning}: a stage of that name hides it")));
    }
}
