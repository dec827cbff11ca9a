//! `$TARGETARCH` in a stage that never says `ARG TARGETARCH`.
use crate::analysis::snapshot::Snapshot;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::variables::{Use, is_platform, missing_args, unset};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    // `FROM build-${TARGETARCH}` may be a stage that has it.
    if snapshot.stage(stage).start.reference.is_none() {
        return;
    }
    let uses: Vec<Use> = unset(snapshot, stage).into_iter().filter(|used| is_platform(&used.name)).collect();
    findings.extend(missing_args(snapshot, &uses));
}
