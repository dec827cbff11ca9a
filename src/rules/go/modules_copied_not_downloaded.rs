//! go.mod is copied on its own, but nothing is downloaded before the source arrives.
use crate::analysis::module_layer::late_download;
use crate::analysis::snapshot::Snapshot;
use crate::model::stage::Stage;
use crate::rewrite::download_layer;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let Some(late) = late_download(snapshot, stage).filter(|late| !late.cached) else { return };
    let Some(narrow) = late.narrow.last() else { return };
    // A parent's copy is reported with the parent.
    if !stage.instructions.contains(&narrow.instruction) {
        return;
    }
    let instructions = &snapshot.file().instructions;
    let mut finding = Finding::new(
        instructions[narrow.instruction].span,
        "the module files are copied first, but no modules are downloaded before the source",
    );
    finding = finding
        .because(instructions[late.copy.instruction].span, "the source arrives here")
        .because(late.command.span, "modules are fetched here, again after every source change");
    findings.push(finding.fixed_later(stage, download_layer::stage_fixes));
}
