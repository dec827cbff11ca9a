//! Lines that are half typed: a rule that says what is missing waits until they are done.
use super::stages::chain;
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;

/// True when a line is refused in front of instruction `index` of `stage`, or in a stage below it, that may say who runs a command,
/// or what it finds: metadata and WORKDIR don't.
pub fn may_set_up(snapshot: &Snapshot, stage: &Stage, index: usize) -> bool {
    let file = snapshot.file();
    let sets = |at: usize| {
        let kind = file.instructions[at].kind;
        let data = matches!(kind, Kind::Cmd | Kind::Entrypoint | Kind::Expose | Kind::Healthcheck | Kind::Label);
        !data && !matches!(kind, Kind::Stopsignal | Kind::Workdir)
    };
    let refused = |at: usize| at < index && sets(at) && file.is_refused(at);
    !file.problems.is_empty() && chain(snapshot, stage).any(|stage| stage.instructions.clone().any(refused))
}

/// True when a FROM is refused: nobody can tell which stages have to do with each other.
pub fn has_from(snapshot: &Snapshot) -> bool {
    let file = snapshot.file();
    !file.problems.is_empty() && file.stages.iter().any(|stage| file.is_refused(stage.from))
}

/// True when a COPY or ADD is refused in front of instruction `index` of `stage` or in a stage below it.
pub fn has_copy_before(snapshot: &Snapshot, stage: &Stage, index: usize) -> bool {
    let file = snapshot.file();
    let is_copy = |at: &usize| matches!(file.instructions[*at].kind, Kind::Copy | Kind::Add);
    let refused = |at: usize| file.is_refused(at);
    !file.problems.is_empty()
        && chain(snapshot, stage)
            .any(|stage| stage.instructions.clone().filter(is_copy).take_while(|at| *at < index).any(refused))
}

/// True when a line is refused that may compile in `stage`, or use what it leaves behind.
pub fn may_use(snapshot: &Snapshot, stage: &Stage) -> bool {
    let file = snapshot.file();
    let uses = |other: &Stage, at: usize| match file.instructions[at].kind {
        Kind::Copy | Kind::Add => other.index > stage.index,
        Kind::Run => at > stage.from,
        _ => false,
    };
    let refused = |other: &Stage| other.instructions.clone().any(|at| uses(other, at) && file.is_refused(at));
    let broken = |other: &Stage| {
        snapshot.stage(other).runs.iter().any(|run| run.script.as_ref().is_some_and(|script| script.broken))
    };
    chain(snapshot, stage).any(broken) || !file.problems.is_empty() && snapshot.linked(stage).any(refused)
}
