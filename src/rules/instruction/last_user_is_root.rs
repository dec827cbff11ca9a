//! USER root at the end.
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::stages::effective;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["DL3002"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let is_last = stage.index + 1 == snapshot.file().stages.len();
    if !is_last || snapshot.stage(stage).end.is_root() != Answer::Yes {
        return;
    }
    let value = effective(snapshot, stage, Kind::User).and_then(|user| user.value());
    // A variable is there to be set from outside.
    if let Some(value) = value.filter(|value| value.literal(snapshot.text()).is_some()) {
        let message = "the last USER is root, so the program starts with all rights";
        findings.push(Finding::new(value.span, message));
    }
}
