//! The source is copied before the modules are downloaded.
use crate::analysis::module_layer::{LateDownload, late_download};
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
    let Some(late) = late_download(snapshot, stage) else { return };
    if !late.narrow.is_empty() || !builds(snapshot, stage) || is_reported_before(snapshot, &late) {
        return;
    }
    let copy = &snapshot.file().instructions[late.copy.instruction];
    let (message, level) = if late.cached {
        ("the modules are kept by a cache mount alone, not by a layer", Some(Severity::Hint))
    } else {
        ("every source change downloads all Go modules again", None)
    };
    let mut finding = Finding::new(copy.span, message);
    finding.severity = level;
    finding = finding.because(late.command.span, "modules are fetched here, after the copy");
    findings.push(finding.fixed_later(stage, download_layer::stage_fixes));
}

/// A stage that only tests or checks is no build that everybody waits for.
fn builds(snapshot: &Snapshot, stage: &Stage) -> bool {
    let go = &snapshot.stage(stage).go;
    go.iter().any(|go| !matches!(go.verb.as_str(), "test" | "vet" | "run" | "list"))
}

/// The copy lies in a parent that several stages are built on.
fn is_reported_before(snapshot: &Snapshot, late: &LateDownload) -> bool {
    let earlier = &snapshot.file().stages[..late.stage.index];
    let same = |stage: &Stage| {
        late_download(snapshot, stage).is_some_and(|other| other.copy.instruction == late.copy.instruction)
    };
    !late.stage.instructions.contains(&late.copy.instruction) && earlier.iter().any(same)
}
