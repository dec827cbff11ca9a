//! COPY behind USER, without `--chown`: the files belong to root.
use crate::analysis::copy::{CopyFact, CopyFrom};
use crate::analysis::invocation::Invocation;
use crate::analysis::known::{Answer, Known};
use crate::analysis::path::{base, is_below, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::StageAnalysis;
use crate::knowledge::distros::Distro;
use crate::model::instruction::{Instruction, Kind};
use crate::model::stage::Stage;
use crate::rules::commands::{ENOUGH, is_root, is_wide, user_before};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let analysis = snapshot.stage(stage);
    if analysis.start.distro().is(|distro| *distro == Distro::Windows) || snapshot.file().escape == b'`' {
        return;
    }
    let mut instructions = snapshot.file().instructions[stage.instructions.clone()].iter();
    let unnamed = instructions.all(|instruction| instruction.kind != Kind::User);
    if unnamed && analysis.start.is_root() != Answer::No {
        return;
    }
    let mut hinted = false;
    for fact in analysis.copies.iter().filter(|fact| fact.chown.is_none()).take(ENOUGH) {
        let Known::Known(user) = user_before(snapshot, stage, fact.instruction) else { continue };
        if is_root(&user) {
            continue;
        }
        let instruction = &snapshot.file().instructions[fact.instruction];
        if let Some(command) = refused(snapshot, stage, analysis, fact, &user) {
            let message = format!("{} is refused: {user} does not own the file, COPY gave it to root", command.name);
            let finding = Finding::new(command.span, message);
            findings.push(finding.because(instruction.span, "copied without --chown").fix(give(instruction, &user)));
        } else if is_wide(snapshot)
            && !hinted
            && !is_behind_unfinished(snapshot, stage, fact)
            && fact.from == CopyFrom::Context
            && into_workdir(analysis, fact, &user)
        {
            hinted = true;
            let message = format!("what is copied belongs to root: {user} can read it, not change it");
            findings
                .push(Finding::new(instruction.span, message).at_level(Severity::Hint).fix(give(instruction, &user)));
        }
    }
}

/// Copies as `user`, whose name needs no quotes in a flag.
fn give(copy: &Instruction, user: &str) -> Option<Fix> {
    let is_plain = user.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
    let edit = Edit::insert(copy.keyword.end, format!(" --chown={user}"));
    is_plain.then(|| Fix::unsafe_(format!("COPY --chown={user}"), vec![edit])).flatten()
}

/// True where a copy in front of it is being typed that may be the first, which alone is reported.
fn is_behind_unfinished(snapshot: &Snapshot, stage: &Stage, fact: &CopyFact) -> bool {
    let mut earlier = stage.instructions.start..=fact.instruction;
    let is_copy = |index: usize| matches!(snapshot.file().instructions[index].kind, Kind::Copy | Kind::Add);
    let by_user = |index: usize| user_before(snapshot, stage, index).is(|user| !is_root(user));
    earlier.any(|index| is_copy(index) && snapshot.file().is_refused(index) && by_user(index))
}

/// True for what lands where programs keep what they write.
fn into_workdir(analysis: &StageAnalysis, fact: &CopyFact, user: &str) -> bool {
    let workdir = analysis.end.workdir.as_ref().filter(|workdir| *workdir != "/");
    let below = workdir.is_some_and(|workdir| fact.destination.is(|path| is_below(path, workdir)));
    below && !user.starts_with("Container")
}

/// The command by which the user tries to change the mode or the owner of what was copied.
fn refused<'a>(
    snapshot: &Snapshot,
    stage: &Stage,
    analysis: &'a StageAnalysis,
    fact: &CopyFact,
    user: &str,
) -> Option<&'a Invocation> {
    let targets: Vec<String> = fact
        .sources
        .iter()
        .filter(|source| !source.is_glob() && source.path.is(|path| base(path).contains('.')))
        .filter_map(|source| fact.target(source).as_ref().cloned())
        .collect();
    let changes = |command: &&Invocation| {
        matches!(command.name.as_str(), "chmod" | "chown" | "chgrp")
            && command.instruction > fact.instruction
            && !(command.conditional || command.broken)
            && !snapshot[command.span].contains("sudo")
            && !command.args.iter().any(|arg| matches!(arg.prefix.as_str(), "-f" | "--silent" | "--quiet"))
    };
    let found = analysis.commands.iter().filter(changes).take(ENOUGH).find(|command| {
        command.args.iter().any(|arg| names(command, arg.value.as_ref(), &targets))
            && !followed_by_or(analysis, command)
            && user_before(snapshot, stage, command.instruction).is(|later| later == user)
    })?;
    let again = |other: &CopyFact| {
        other.chown.is_some() && (fact.instruction + 1..found.instruction).contains(&other.instruction)
    };
    (!analysis.copies.iter().any(again)).then_some(found)
}

fn names(command: &Invocation, written: Option<&String>, targets: &[String]) -> bool {
    let Some(written) = written else { return false };
    let path = match command.cwd.as_ref() {
        _ if written.starts_with('/') => resolve("/", written),
        Some(cwd) => resolve(cwd, written),
        None => return false,
    };
    targets.contains(&path)
}

/// True when its failure is dealt with: `chmod … || true`.
fn followed_by_or(analysis: &StageAnalysis, command: &Invocation) -> bool {
    let next = analysis.commands.iter().find(|next| next.span.start > command.span.start);
    next.is_some_and(|next| next.instruction == command.instruction && next.conditional)
}
