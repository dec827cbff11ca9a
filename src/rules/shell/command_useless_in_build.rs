//! Commands that do nothing for an image: `top`, `shutdown`, `ifconfig`.
use crate::analysis::invocation::Invocation;
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::shell_words::why_useless;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Hint,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["DL3001"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let commands = &snapshot.stage(stage).commands;
    let found = commands.iter().enumerate().find_map(|(index, command)| {
        let why = why_useless(&command.name).filter(|_| {
            let before = index.checked_sub(1).and_then(|index| commands.get(index));
            !has_reason(command, before, commands.get(index + 1))
        })?;
        Some((command, why))
    });
    if let Some((command, why)) = found {
        findings.push(Finding::new(command.span, format!("`{}` in a build: {why}", command.name)));
    }
}

/// True for what a build may need: a service for the rest of the RUN, the end of a process that it started, a test.
fn has_reason(command: &Invocation, before: Option<&Invocation>, next: Option<&Invocation>) -> bool {
    let same = |other: Option<&Invocation>| other.is_some_and(|other| other.instruction == command.instruction);
    let goes_on = same(next);
    let asks = command.args.iter().any(|arg| matches!(arg.prefix.as_str(), "--version" | "-V" | "--help" | "-T"));
    let works = match command.name.as_str() {
        "service" => goes_on || !command.args.iter().any(|arg| arg.is("start") || arg.is("restart")),
        "kill" => goes_on || same(before),
        "ssh" | "ps" | "vim" | "vi" => goes_on || command.conditional,
        "mount" => command.args.is_empty(),
        _ => false,
    };
    works || asks || command.broken || command.in_substitution
}
