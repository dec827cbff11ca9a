//! A RUN that begins with `cd`.
use crate::analysis::snapshot::Snapshot;
use crate::model::stage::Stage;
use crate::rules::commands::commands_of;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Hint,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["DL3003"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let analysis = snapshot.stage(stage);
    let first = analysis.runs.iter().find_map(|run| {
        let script = run.script.as_deref().filter(|script| !script.foreign)?;
        let first = script.commands.first().filter(|command| command.name() == Some("cd") && command.group == 0)?;
        let target = first.arguments().first()?;
        let goes_on = script.commands.get(1).is_some_and(|command| command.name() != Some("cd"));
        let enters = goes_on && !target.prefix().starts_with(['-', '~']);
        (enters || script.broken).then(|| (script.broken, commands_of(analysis, run).first()))
    });
    // The first one is reported: nothing is said while that may be one that is being typed.
    if let Some((false, Some(command))) = first {
        findings.push(Finding::new(command.span, "the RUN changes the folder first, which WORKDIR does for it"));
    }
}
