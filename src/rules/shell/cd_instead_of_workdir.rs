//! A RUN that begins with `cd`.
use crate::analysis::invocation::Invocation;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::{RunFact, StageAnalysis};
use crate::model::stage::Stage;
use crate::rules::commands::{script_of, wants_each};
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
    let limit = if wants_each(snapshot) { usize::MAX } else { 1 };
    // Where only the first is reported, nothing is said while that may be one that is being typed.
    let half_typed = |run: &&RunFact| {
        let script = run.script.as_ref().filter(|script| script.broken && limit == 1);
        script.and_then(|script| script.commands.first()).is_some_and(|first| first.name() == Some("cd"))
    };
    let runs = analysis.runs.iter().take_while(|run| !half_typed(run));
    for command in runs.filter_map(|run| entered(snapshot, analysis, run)).take(limit) {
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
