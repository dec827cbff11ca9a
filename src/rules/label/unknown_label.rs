//! A label that a strict schema does not name.
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Instruction, Kind};
use crate::rules::labels;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;
use crate::text::nearest::nearest;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &["DL3050"],
    check: Check::Instruction(Kind::Label, check),
};

fn check(snapshot: &Snapshot, instruction: &Instruction, findings: &mut Vec<Finding>) {
    let settings = &snapshot.settings().labels;
    if !settings.strict || settings.schema.is_empty() {
        return;
    }
    for pair in instruction.pairs() {
        let Some(name) = labels::name(snapshot.text(), pair) else { continue };
        if settings.schema.contains_key(&name) {
            continue;
        }
        let Some(known) = nearest(&name, settings.schema.keys().map(String::as_str)) else {
            findings.push(Finding::new(pair.name.span, format!("the schema has no label `{name}`")));
            continue;
        };
        let message = format!("the schema has no label `{name}`: did you mean `{known}`?");
        let fix = Fix::unsafe_(format!("write {known}"), vec![Edit::replace(pair.name.span, known)]);
        findings.push(Finding::new(pair.name.span, message).fix(fix));
    }
}
