//! Both `wget` and `curl` in one stage.
use crate::analysis::invocation::Invocation;
use crate::analysis::snapshot::Snapshot;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Hint,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["DL4001"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let analysis = snapshot.stage(stage);
    let first = |name: &str| analysis.commands.iter().find(|command| command.name == name && !command.broken);
    let (Some(wget), Some(curl)) = (first("wget"), first("curl")) else { return };
    let has = |name: &str| analysis.start.image().and_then(|image| image.has_command(name)) == Some(true);
    if has("wget") && has("curl") {
        return;
    }
    let order = |command: &Invocation| command.span.start;
    let (before, after) = if order(wget) < order(curl) { (wget, curl) } else { (curl, wget) };
    let message = format!("`{}` in a stage that uses `{}` already: one of the two is enough", after.name, before.name);
    findings.push(Finding::new(after.name_span, message).because(before.name_span, "the other one"));
}
