//! A label of the schema without a value.
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Instruction, Kind};
use crate::rules::labels::{self, visible};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &["DL3051"],
    check: Check::Instruction(Kind::Label, check),
};

fn check(snapshot: &Snapshot, instruction: &Instruction, findings: &mut Vec<Finding>) {
    let (text, schema) = (snapshot.text(), &snapshot.settings().labels.schema);
    if schema.is_empty() {
        return;
    }
    for pair in instruction.pairs() {
        let (Some(name), Some(value)) = (labels::name(text, pair), &pair.value) else { continue };
        let blank = value.literal(text).is_some_and(|value| value.trim().is_empty());
        if blank && schema.contains_key(&name) {
            findings.push(Finding::new(visible(value, pair), format!("the label `{name}` is empty")));
        }
    }
}
