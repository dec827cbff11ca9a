//! `RUN git clone …`, where ADD fetches the repository.
use crate::analysis::invocation::Invocation;
use crate::analysis::snapshot::Snapshot;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Hint,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let analysis = snapshot.stage(stage);
    let found = analysis.commands.iter().filter(|command| {
        let mounted = analysis.run_of(command.instruction).is_none_or(|run| !run.mounts.is_empty());
        command.name == "git" && !mounted && !command.broken && is_plain_clone(command)
    });
    let message = "ADD fetches a git repository by itself, and again when it has changed; git clone is cached for good";
    findings.extend(found.map(|command| Finding::new(command.span, message)));
}

/// A clone of a known public URL with flags that ADD has too.
fn is_plain_clone(command: &Invocation) -> bool {
    let clones = command.args.first().is_some_and(|arg| arg.is("clone"));
    let url = command.args.iter().any(|arg| {
        arg.value.is(|value| value.starts_with("https://") && !value.contains('@') && !value.ends_with(".wiki.git"))
    });
    let known =
        ["--depth", "--branch", "--single-branch", "--recurse", "--recursive", "--shallow", "--quiet", "-b", "-q"];
    let flags = command.args.iter().filter(|arg| arg.prefix.starts_with('-'));
    clones
        && url
        && !command.conditional
        && flags.into_iter().all(|arg| known.iter().any(|flag| arg.prefix.starts_with(flag)))
}
