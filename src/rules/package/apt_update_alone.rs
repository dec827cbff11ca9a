//! `apt-get update` in a layer of its own.
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::package_tools::{Family, Verb};
use crate::model::instruction::{Instruction, Kind};
use crate::model::stage::Stage;
use crate::rewrite::{lines, run_script};
use crate::rules::apt_index::{Dependent, needs_index};
use crate::rules::packages::{Call, by_run, calls, is_mounted, sudo};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    for run in by_run(calls(snapshot, stage, &[Family::Apt])) {
        let instruction = run[0].command.instruction;
        let Some(update) = run.iter().rfind(|call| call.package.verb == Verb::Refresh) else { continue };
        let installs = run.iter().any(|call| matches!(call.package.verb, Verb::Install | Verb::BuildDep));
        // A mount is no layer: whether it is there and how old it is, nobody can tell.
        if installs || is_mounted(snapshot.stage(stage), instruction, &["/var/lib/apt/lists"]) {
            continue;
        }
        let dependents = needs_index(snapshot, stage, instruction);
        let Some((_, first)) = dependents.first() else { continue };
        let message = "the package index is cached with this layer: later changes install from an old one, or fail";
        let finding = Finding::new(update.span(), message).because(first.span(), "installs from it");
        findings.push(finding.fix(fix(snapshot, stage, *update, &dependents)));
    }
}

/// Moves the update in front of every installation that uses it. An update with other commands around it stays there too:
/// they may use it.
fn fix(snapshot: &Snapshot, stage: &Stage, update: Call, dependents: &[Dependent]) -> Option<Fix> {
    let text = &snapshot[update.command.span];
    let index = update.command.instruction;
    let run = &snapshot.file().instructions[index];
    let alone = run.flags.is_empty() && run.heredocs.is_empty() && snapshot[run.arguments].trim() == text;
    let half_typed = dependents.iter().any(|(_, call)| call.command.broken);
    if half_typed || text.contains('\n') || update.command.conditional || run.command()?.shell().is_none() {
        return None;
    }
    let merged = if alone { merge(snapshot, stage, update, dependents[0].1) } else { None };
    let rest = if merged.is_some() { &dependents[1..] } else { dependents };
    let mut edits: Vec<Edit> = Vec::new();
    for (at, call) in rest {
        let analysis = snapshot.stage(&snapshot.file().stages[*at]);
        let sudo = if text.starts_with("sudo ") { "" } else { sudo(snapshot, *call) };
        edits.push(run_script::prepend(analysis, call.command, &format!("{sudo}{text}"))?);
    }
    match merged {
        Some(edit) => edits.push(edit),
        None if alone => edits.extend(lines::delete(snapshot, &[index])),
        None => {}
    }
    Fix::safe("update the index where packages are installed", edits)
}

/// One RUN of two, where nothing stands between them.
fn merge(snapshot: &Snapshot, stage: &Stage, update: Call, install: Call) -> Option<Edit> {
    let file = snapshot.file();
    let index = update.command.instruction;
    let fits = |next: &Instruction| {
        next.kind == Kind::Run && next.flags.is_empty() && next.heredocs.is_empty() && next.command().is_some()
    };
    let next = file.instructions.get(index + 1).filter(|next| fits(next))?;
    let text = &snapshot[next.command()?.shell()?];
    let between = Span::new(file.instructions[index].span.end, next.span.start);
    let near = install.command.instruction == index + 1 && stage.instructions.contains(&(index + 1));
    if !near || !snapshot[between].trim().is_empty() || text.starts_with(['\\', '`']) {
        return None;
    }
    let (escape, eol) = (char::from(file.escape), lines::eol(snapshot));
    let trailing = text.contains(&format!("&& {escape}"));
    let joint = if trailing { format!(" && {escape}{eol}    ") } else { format!(" {escape}{eol}    && ") };
    Some(Edit::replace(Span::new(update.command.span.end, next.arguments.start), joint))
}
