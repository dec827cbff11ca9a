//! Lines that are half typed: a rule that says what is missing waits until they are done. A line is refused when it has a
//! problem that BuildKit stops at; only such lines count.
//!
//! | what the rule misses | what it asks |
//! |---|---|
//! | one kind of instruction in this stage: an ENV, a USER | `is_refused`, with `Kind::Unknown` where a keyword that is half typed could become it |
//! | a file or program of the image | `may_bring_more`; where COPY could bring it by a line that is whole, `may_copy_to` too |
//! | the same in front of one instruction only | `has_copy_before` |
//! | the folder that a stage starts in | `may_set_workdir` |
//! | who runs a command, or what it finds | `may_set_up` |
//! | a user of what the stage leaves behind | `may_use` |
//! | a stage of that name | `may_be_called_anything` |
use super::stages::chain;
use crate::analysis::path::is_below;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::RunFact;
use crate::analysis::start;
use crate::model::instruction::Kind;
use crate::model::stage::{Base, Stage, find_stage};

/// True when an instruction of `stage` is refused that is of one of `kinds`: a rule that says what is missing waits until it
/// is typed. A keyword that is half typed itself is of `Kind::Unknown`.
pub fn is_refused(snapshot: &Snapshot, stage: &Stage, kinds: &[Kind]) -> bool {
    first_refused(snapshot, stage, kinds).is_some()
}

/// True when instruction `index` has any problem, or runs a script that the shell would refuse. `is_refused` asks for less: what
/// BuildKit stops at when it reads the line.
pub fn is_half_typed(snapshot: &Snapshot, index: usize) -> bool {
    let file = snapshot.file();
    let span = file.instructions[index].span;
    let within = |offset: u32| span.start <= offset && offset <= span.end;
    let runs = || file.stage_of(index).into_iter().flat_map(|stage| &snapshot.stage(stage).runs);
    let is_broken = |run: &RunFact| run.script.as_ref().is_some_and(|script| script.broken);
    file.problems.iter().any(|problem| within(problem.span.start))
        || runs().any(|run| run.instruction == index && is_broken(run))
}

/// The first such instruction.
pub fn first_refused(snapshot: &Snapshot, stage: &Stage, kinds: &[Kind]) -> Option<usize> {
    let file = snapshot.file();
    let is_it = |index: &usize| kinds.contains(&file.instructions[*index].kind) && file.is_refused(*index);
    stage.instructions.clone().find(is_it)
}

/// True when something in `stage` or below it is refused that may bring files or programs: nobody can tell what is missing.
pub fn may_bring_more(snapshot: &Snapshot, stage: &Stage) -> bool {
    chain(snapshot, stage).any(|stage| is_refused(snapshot, stage, &[Kind::Run, Kind::Copy, Kind::Add, Kind::Unknown]))
}

/// True when a copy of `stage` or below it goes to `path` or around it: what is in a folder that is copied is not known.
pub fn may_copy_to(snapshot: &Snapshot, stage: &Stage, path: &str) -> bool {
    let around = |to: &String| is_below(path, to) || is_below(to, path);
    let mut copies = chain(snapshot, stage).flat_map(|stage| &snapshot.stage(stage).copies);
    copies.any(|copy| copy.destination.as_ref().is_none_or(around))
}

/// True when a WORKDIR is refused in a stage below `stage`.
pub fn may_set_workdir(snapshot: &Snapshot, stage: &Stage) -> bool {
    let below = |stage: &&Stage| start::parent(snapshot, stage).map(|parent| &snapshot.file().stages[parent]);
    let mut stages = std::iter::successors(below(&stage), below);
    !snapshot.file().problems.is_empty() && stages.any(|stage| is_refused(snapshot, stage, &[Kind::Workdir]))
}

/// True when an earlier FROM than that of `stage` is refused and has no name yet: it may get any.
pub fn may_be_called_anything(snapshot: &Snapshot, stage: &Stage) -> bool {
    snapshot.file().stages[..stage.index].iter().any(|earlier| snapshot.file().has_no_name(earlier))
}

/// True when a line is refused in front of instruction `index` of `stage`, or in a stage below it, that may say who runs a command,
/// or what it finds: metadata and WORKDIR don't.
pub fn may_set_up(snapshot: &Snapshot, stage: &Stage, index: usize) -> bool {
    let file = snapshot.file();
    let sets = |at: usize| {
        let kind = file.instructions[at].kind;
        // Without its name a stage is what it will be.
        let named =
            kind == Kind::From && file.stages.iter().any(|stage| stage.from == at && stage.base != Base::Missing);
        let data =
            named || matches!(kind, Kind::Cmd | Kind::Entrypoint | Kind::Expose | Kind::Healthcheck | Kind::Label);
        !data && !matches!(kind, Kind::Stopsignal | Kind::Workdir)
    };
    let refused = |at: usize| at < index && sets(at) && file.is_refused(at);
    !file.problems.is_empty() && chain(snapshot, stage).any(|stage| stage.instructions.clone().any(refused))
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

/// True unless COPY or ADD `index` of `stage`, as far as it is typed, takes its files from elsewhere than `from` and what is
/// built on it.
fn may_copy_from(snapshot: &Snapshot, stage: &Stage, index: usize, from: &Stage) -> bool {
    let file = snapshot.file();
    let instruction = &file.instructions[index];
    let named = instruction.flags.iter().find(|flag| &snapshot[flag.name] == "from");
    let Some(name) = named.and_then(|flag| flag.value.as_ref()?.literal(snapshot.text())) else {
        // No flag comes behind the first file.
        return named.is_some() || snapshot[instruction.arguments].trim().is_empty();
    };
    let Some(source) = find_stage(&file.stages, stage.index, &name, true) else { return name.is_empty() };
    chain(snapshot, &file.stages[source]).any(|below| below.index == from.index || below.base == Base::Missing)
}

/// True when a line is refused that may compile in `stage`, or use what it leaves behind.
pub fn may_use(snapshot: &Snapshot, stage: &Stage) -> bool {
    let file = snapshot.file();
    let uses = |other: &Stage, at: usize| match file.instructions[at].kind {
        Kind::Copy | Kind::Add => other.index > stage.index && may_copy_from(snapshot, other, at, stage),
        Kind::Run => at > stage.from,
        _ => false,
    };
    let refused = |other: &Stage| other.instructions.clone().any(|at| uses(other, at) && file.is_refused(at));
    let runs_go = |stage: &Stage, at: usize| snapshot.stage(stage).commands_of(at).iter().any(|it| it.name == "go");
    let broken = |other: &Stage| {
        let mut runs = snapshot.stage(other).runs.iter();
        runs.any(|run| run.script.as_ref().is_some_and(|script| script.broken) && !runs_go(other, run.instruction))
    };
    chain(snapshot, stage).any(broken) || !file.problems.is_empty() && snapshot.linked(stage).any(refused)
}
