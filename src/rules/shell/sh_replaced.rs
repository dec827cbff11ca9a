//! `ln -sf /bin/bash /bin/sh`
use crate::analysis::invocation::Invocation;
use crate::analysis::path::base;
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::rewrite::exec_form::json;
use crate::rewrite::lines;
use crate::rules::commands::{is_plain, script_of};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["DL4005"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    for command in snapshot.stage(stage).commands.iter().filter(|command| matches!(command.name.as_str(), "ln" | "mv"))
    {
        let Some(shell) = new_shell(command) else { continue };
        let message = format!("{} takes the place of /bin/sh for all programs of the image", base(shell));
        findings.push(Finding::new(command.span, message).fix(fix(snapshot, stage, command, shell)));
    }
}

/// The shell that the command puts in the place of `/bin/sh`.
fn new_shell(command: &Invocation) -> Option<&str> {
    let operands: Vec<&str> = command
        .args
        .iter()
        .filter(|arg| !arg.prefix.starts_with('-'))
        .map(|arg| arg.value.as_ref().map_or("", String::as_str))
        .collect();
    let [shell, target] = operands.as_slice() else { return None };
    let replaces =
        matches!(*target, "/bin/sh" | "/usr/bin/sh") && matches!(base(shell), "bash" | "zsh" | "ash" | "ksh");
    (replaces && !command.broken).then_some(*shell)
}

/// SHELL instead, where the RUN does nothing else.
fn fix(snapshot: &Snapshot, stage: &Stage, command: &Invocation, shell: &str) -> Option<Fix> {
    let analysis = snapshot.stage(stage);
    let run = analysis.run_of(command.instruction)?;
    let removes = |other: &Invocation| other.name == "rm" && other.args.iter().any(|arg| arg.is("/bin/sh"));
    let alone = analysis.commands_of(run.instruction).iter().all(|other| other.span == command.span || removes(other));
    if !alone || script_of(run).is_none() || !is_plain(snapshot, run.instruction) {
        return None;
    }
    let path = if shell.starts_with('/') { shell.to_owned() } else { format!("/bin/{}", base(shell)) };
    let line = lines::line(snapshot, run.instruction, Kind::Shell, &json([path.as_str(), "-c"]));
    Fix::unsafe_(format!("write {line}"), vec![lines::replace(snapshot, run.instruction, line.clone())])
}
