//! `$TARGETARCH` in a stage that never says `ARG TARGETARCH`.
use crate::analysis::snapshot::Snapshot;
use crate::analysis::unset::{Use, is_platform, unset};
use crate::knowledge::image_names::is_local;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::unfinished::may_be_called_anything;
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
    // `FROM build-${TARGETARCH}` may be a stage that has it.
    let start = &snapshot.stage(stage).start;
    let Some(reference) = &start.reference else { return };
    // The same holds for a name that an earlier FROM may get, which is being typed.
    if is_local(reference) && may_be_called_anything(snapshot, stage) {
        return;
    }
    let uses: Vec<&Use> = unset(snapshot, stage).iter().filter(|used| is_platform(&used.name)).collect();
    findings.extend(missing_args(snapshot, &uses));
}
