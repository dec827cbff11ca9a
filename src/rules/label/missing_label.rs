//! Labels of the schema that the image does not get.
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::Kind;
use crate::model::stage::{Base, Stage};
use crate::rules::labels;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &["DL3049"],
    check: Check::Stage(check),
};

/// More names than these don't fit a message.
const MAX_NAMES: usize = 8;

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let (file, schema) = (snapshot.file(), &snapshot.settings().labels.schema);
    let last = stage.index + 1 == file.stages.len();
    if schema.is_empty() || !last {
        return;
    }
    let Some(present) = present(snapshot, stage) else { return };
    let missing: Vec<&str> =
        schema.keys().map(String::as_str).filter(|name| !present.iter().any(|p| p == name)).collect();
    if missing.is_empty() {
        return;
    }
    let mut list: Vec<String> = missing.iter().take(MAX_NAMES).map(|name| format!("`{name}`")).collect();
    if missing.len() > MAX_NAMES {
        list.push(format!("{} more", missing.len() - MAX_NAMES));
    }
    let noun = if missing.len() == 1 { "label" } else { "labels" };
    let from = &file.instructions[stage.from];
    findings.push(Finding::new(from.span, format!("the image lacks the {noun} {}", list.join(", "))));
}

/// The labels that `stage` and the stages below it set; `None` when a variable is part of a name.
fn present(snapshot: &Snapshot, stage: &Stage) -> Option<Vec<String>> {
    let file = snapshot.file();
    let mut present = Vec::new();
    let mut stage = stage;
    loop {
        for (_, instruction) in file.stage_instructions(stage).filter(|(_, found)| found.kind == Kind::Label) {
            for pair in instruction.pairs() {
                present.push(labels::name(snapshot.text(), pair)?);
            }
        }
        match stage.base {
            Base::Stage(parent) => stage = &file.stages[parent],
            _ => return Some(present),
        }
    }
}
