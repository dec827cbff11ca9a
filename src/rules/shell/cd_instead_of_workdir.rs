//! A RUN that begins with `cd`.
use crate::analysis::invocation::Invocation;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::{RunFact, StageAnalysis};
use crate::model::stage::Stage;
use crate::rules::commands::script_of;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::syntax::shell::{Command, Word};

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
    for command in analysis.runs.iter().filter_map(|run| entered(snapshot, analysis, run)) {
        findings.push(Finding::new(command.span, "the RUN changes the folder first, which WORKDIR does for it"));
    }
}

/// The `cd` that the RUN begins with, when something is done behind it.
fn entered<'s>(snapshot: &Snapshot, analysis: &'s StageAnalysis, run: &RunFact) -> Option<&'s Invocation> {
    let script = script_of(run)?;
    let at = script.commands.iter().position(|command| !is_preamble(command))?;
    let made = script.commands[at].arguments().last().filter(|_| script.commands[at].name() == Some("mkdir"));
    let at = at + usize::from(made.is_some());
    let cd = script.commands.get(at).filter(|command| command.name() == Some("cd") && command.group == 0)?;
    let target = cd.arguments().first()?;
    // WORKDIR makes the folder, too; of another one nobody knows whether it is needed first.
    let written = |word: &Word| snapshot[word.span.shift(run.offset)].trim_matches(['"', '/']);
    let same = |made: &Word| written(made) == written(target) && !written(made).contains(['`', '(']);
    let fits = made.map_or(at == 0 || target.literal().is_some(), same);
    let goes_on = script.commands.get(at + 1).is_some_and(|command| command.name() != Some("cd"));
    let enters = fits && goes_on && !target.prefix().starts_with(['-', '~']);
    let found = || analysis.commands_of(run.instruction).iter().find(|one| one.span == cd.span.shift(run.offset));
    enters.then(found).flatten()
}

/// True for what does nothing yet: options of the shell, and what is printed.
fn is_preamble(command: &Command) -> bool {
    let quiet = command.redirects.is_empty() && !command.in_substitution && command.group == 0;
    quiet && matches!(command.name(), Some("set" | "echo" | "pwd"))
}
