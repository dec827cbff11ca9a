//! `COPY . /`
use crate::analysis::copy::CopyFact;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::state::Base;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::project::files::Kind as FileKind;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::stages::chain;
use crate::rules::unfinished::is_refused;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

/// Folders of a root file system that a project has only when it is arranged like one.
const SYSTEM: [&str; 11] = ["etc", "usr", "root", "opt", "var", "home", "sbin", "lib", "srv", "rootfs", "overlay"];

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let analysis = snapshot.stage(stage);
    let to_root = |copy: &&CopyFact| copy.is_broad() && copy.destination.is(|path| path == "/");
    let Some(copy) = analysis.copies.iter().find(to_root) else { return };
    // What a stage of its own builds there is thrown away.
    let ships =
        snapshot.file().final_stage().is_some_and(|last| chain(snapshot, last).any(|it| it.index == stage.index));
    let unfinished = snapshot.file().is_refused(snapshot.file().stages[stage.root].from);
    if !ships || unfinished || analysis.end.base == Base::Scratch {
        return;
    }
    if is_chosen(snapshot) {
        return;
    }
    let instruction = &snapshot.file().instructions[copy.instruction];
    let written = instruction.copy().and_then(|copy| copy.destination.as_ref()).map(|word| &snapshot[word.span]);
    // Behind a link `..` leads elsewhere.
    if written.is_some_and(|written| written.contains("..")) {
        return;
    }
    let message = match written {
        Some(written) if written.starts_with(['/', '"', '\'']) => {
            "the whole context goes into `/`, among the folders of the system"
        }
        _ if chain(snapshot, stage).any(|stage| is_refused(snapshot, stage, &[Kind::Workdir, Kind::Unknown])) => return,
        _ => "the whole context goes into `/`, the working directory here, among the folders of the system",
    };
    findings.push(Finding::new(instruction.span, message));
}

/// True when the context is no project: a folder that is arranged like a root, or what an ignore file lets through by name.
fn is_chosen(snapshot: &Snapshot) -> bool {
    let facts = snapshot.facts();
    let everything = |pattern: &str| matches!(pattern, "*" | "**" | "**/*");
    let ignore = facts
        .ignore
        .as_ref()
        .is_some_and(|ignore| ignore.lines().iter().any(|line| !line.negated && everything(&line.pattern)));
    let folder = facts.context.as_ref().and_then(|context| context.dir.file_name());
    let named = folder.is_some_and(|folder| SYSTEM.iter().any(|name| folder == *name));
    ignore || named || SYSTEM.iter().any(|name| facts.paths.kind(name) == Some(FileKind::Directory))
}
