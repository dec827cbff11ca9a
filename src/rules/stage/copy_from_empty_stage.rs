//! Files taken from a stage on scratch that never gets them.
use crate::analysis::copy::{CopyFact, CopyFrom};
use crate::analysis::known::Known;
use crate::analysis::path::{is_below, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::Kind;
use crate::model::stage::{Base, Stage};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::stages::{called, chain, place};
use crate::rules::unfinished::is_refused;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    for copy in &snapshot.stage(stage).copies {
        let CopyFrom::Stage(index) = copy.from else { continue };
        let from = &snapshot.file().stages[index];
        if snapshot.file().stages[from.root].base == Base::Scratch {
            findings.extend(of_copy(snapshot, copy, from));
        }
    }
}

fn of_copy(snapshot: &Snapshot, copy: &CopyFact, from: &Stage) -> Option<Finding> {
    let sources = copy.sources.iter().filter(|source| !source.is_glob());
    let missing = sources.into_iter().find(|source| {
        let path = source.path.as_ref().filter(|path| *path != "/");
        path.is_some_and(|path| chain(snapshot, from).all(|stage| lacks(snapshot, stage, path)))
    })?;
    let path = missing.path.as_ref()?;
    let message = format!("`{path}` is not in {}: nothing in it puts a file there", called(from));
    Some(Finding::new(missing.span, message).because(place(snapshot, from), "starts from nothing"))
}

/// True when no line of `stage` can have made `path`.
fn lacks(snapshot: &Snapshot, stage: &Stage, path: &str) -> bool {
    let analysis = snapshot.stage(stage);
    let may_hold = |made: &Known<String>| made.as_ref().is_none_or(|made| is_below(path, made) || is_below(made, path));
    let made = || analysis.copies.iter().any(|copy| may_hold(&copy.destination));
    let entered = || {
        let mut workdirs = snapshot.file().stage_instructions(stage).filter(|(_, it)| it.kind == Kind::Workdir);
        // A relative one lies below those in front of it, or below that of the image.
        workdirs.any(|(_, workdir)| {
            let value = workdir.value().and_then(|value| value.literal(snapshot.text()));
            value.is_none_or(|value| !value.starts_with('/') || may_hold(&Known::Known(resolve("/", &value))))
        })
    };
    let bring = [Kind::Add, Kind::Copy, Kind::Run, Kind::Workdir, Kind::Unknown];
    let half_typed = || is_refused(snapshot, stage, &bring);
    analysis.runs.is_empty() && !made() && !entered() && !half_typed()
}
