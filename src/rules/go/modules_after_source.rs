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
    let Some(late) = late(snapshot, stage) else { return };
    // Several stages may be built on the one that copies: the first of them reports it.
    let own = stage.instructions.contains(&late.copy.instruction);
    let same = |other: &Stage| self::late(snapshot, other).is_some_and(|other| other.copy == late.copy);
    let mut earlier = snapshot.linked(stage).take_while(|other| other.index < stage.index);
    if own || !earlier.any(same) {
        findings.push(finding(snapshot, &late));
    }
}

fn late<'s>(snapshot: &'s Snapshot, stage: &'s Stage) -> Option<LateDownload<'s>> {
    let whole = |late: &LateDownload| late.narrow.is_empty() && builds(snapshot, stage);
    late_download(snapshot, stage).filter(whole)
}

fn finding(snapshot: &Snapshot, late: &LateDownload) -> Finding {
    let copy = &snapshot.file().instructions[late.copy.instruction];
    let (message, level) = if late.cached {
        ("the modules are kept by a cache mount alone, not by a layer", Some(Severity::Hint))
    } else {
        ("every source change downloads all Go modules again", None)
    };
    let mut finding = Finding::new(copy.span, message);
    finding.severity = level;
    finding = finding.because(late.command.span, "modules are fetched here, after the copy");
    finding.fixed_later(late.stage, download_layer::stage_fixes)
}

/// A stage that only tests or checks is no build that everybody waits for.
fn builds(snapshot: &Snapshot, stage: &Stage) -> bool {
    let go = &snapshot.stage(stage).go;
    go.iter().any(|go| !matches!(go.verb.as_str(), "test" | "vet" | "run" | "list"))
}
