//! Files taken from a stage that is not built yet: a later one, or the stage itself.
use crate::analysis::snapshot::Snapshot;
use crate::model::stage::{Base, Stage};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::stages::{Source, called, place, sources};
use crate::rules::swallowed::swallowed;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Error,
    default: Default::On,
    since: "0.1.0",
    aliases: &["DL3023", "DL3022"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let stages = &snapshot.file().stages;
    let found = sources(snapshot, stage).filter_map(|source| {
        let target = source.stage(stages).filter(|target| target.index >= stage.index)?;
        let own = target.index == stage.index;
        (!own || !has_lost_from(snapshot, stage)).then(|| finding(snapshot, stage, &source, target))
    });
    findings.extend(found);
}

/// True when the FROM of what follows is a part of another line, which goes on until there.
fn has_lost_from(snapshot: &Snapshot, stage: &Stage) -> bool {
    let lost = |index| swallowed(snapshot, index).is_some_and(|found| &snapshot[found.keyword] == "FROM");
    stage.instructions.clone().any(lost)
}

/// The aliases of a stage that names itself, and of one that names a later one.
const ITSELF: &[&str] = &["DL3023"];
const LATER: &[&str] = &["DL3022"];

fn finding(snapshot: &Snapshot, stage: &Stage, source: &Source, target: &Stage) -> Finding {
    let other = called(target);
    if target.index == stage.index {
        let mut finding = Finding::new(source.span, format!("{other} takes files from itself"));
        finding.aliases = Some(ITSELF);
        return finding;
    }
    let (message, why) = if needs(snapshot, target, stage) {
        (format!("this stage and {other} need each other, so neither can be built first"), "needs this stage")
    } else {
        (format!("{other} stands further down: files can be taken from earlier stages only"), "the stage")
    };
    let mut finding = Finding::new(source.span, message).because(place(snapshot, target), why);
    finding.aliases = Some(LATER);
    finding
}

/// So many stages are followed; a longer circle is not called one.
const MAX_STAGES: usize = 64;

/// True when `stage` can't be built without `other`.
fn needs(snapshot: &Snapshot, stage: &Stage, other: &Stage) -> bool {
    let stages = &snapshot.file().stages;
    let mut seen = vec![false; stages.len()];
    let mut open = vec![stage.index];
    for _ in 0..MAX_STAGES {
        let Some(index) = open.pop() else { return false };
        if index == other.index {
            return true;
        }
        if std::mem::replace(&mut seen[index], true) {
            continue;
        }
        if let Base::Stage(parent) = stages[index].base {
            open.push(parent);
        }
        let taken = sources(snapshot, &stages[index]).filter_map(|source| source.stage(stages));
        open.extend(taken.map(|stage| stage.index));
    }
    false
}
