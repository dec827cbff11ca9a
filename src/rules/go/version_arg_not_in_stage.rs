//! An ARG in front of the first FROM, used in a stage that does not declare it again.
use crate::analysis::snapshot::Snapshot;
use crate::analysis::unset::{Use, global_arg, is_platform, unset};
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::variables::missing_args;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    // The base image may set a variable of the same name.
    if snapshot.stage(stage).start.env.is_open() {
        return;
    }
    let globals = snapshot.globals();
    let is_global = |name: &str| !is_platform(name) && global_arg(globals, name).is_some();
    let uses: Vec<&Use> = unset(snapshot, stage).iter().filter(|used| is_global(&used.name)).collect();
    let Some(first) = uses.first() else { return };
    let Some(finding) = missing_args(snapshot, &uses) else { return };
    findings.push(match global_arg(globals, &first.name) {
        Some(span) => finding.because(span, "declared for FROM lines alone"),
        None => finding,
    });
}
