//! Two stages with one name.
use crate::analysis::snapshot::Snapshot;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::stages::from;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &["DuplicateStageName", "DL3024", "DUPLICATE_BUILD_STAGE_NAME"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let Some(name) = &stage.name else { return };
    let earlier = &snapshot.file().stages[..stage.index];
    let Some(first) = earlier.iter().find(|other| other.name.as_ref() == Some(name)) else { return };
    let (Some(here), Some(there)) = (name_span(snapshot, stage), name_span(snapshot, first)) else { return };
    let finding = Finding::new(here, format!("a second stage is called `{name}`: later lines can't reach the first"));
    findings.push(finding.because(there, "the first"));
}

fn name_span(snapshot: &Snapshot, stage: &Stage) -> Option<Span> {
    from(snapshot, stage)?.name
}
