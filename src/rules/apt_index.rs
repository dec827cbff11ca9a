//! Which installations take their packages from an index that an earlier layer has downloaded.
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::package_tools::{Family, Verb};
use crate::model::stage::{Base, Stage};
use crate::rules::packages::{Call, typed_calls_from};

/// Stages below stages that are looked into.
const MAX_DEPTH: usize = 32;

/// An installation, and the index of the stage that it is in.
pub type Dependent<'s> = (usize, Call<'s>);

/// The first installation of each RUN behind RUN number `instruction` of `stage`, in stages that are built on it too, that
/// uses the index which was there before. A RUN that downloads the index anew ends the list.
pub fn needs_index<'s>(snapshot: &'s Snapshot, stage: &Stage, instruction: usize) -> Vec<Dependent<'s>> {
    let mut found = Vec::new();
    if goes_on(snapshot, stage, instruction, &mut found) {
        of_children(snapshot, stage.index, MAX_DEPTH, &mut found);
    }
    found
}

/// Adds what `stage` installs behind `instruction`; false where the index is downloaded anew.
fn goes_on<'s>(snapshot: &'s Snapshot, stage: &Stage, instruction: usize, found: &mut Vec<Dependent<'s>>) -> bool {
    let mut last = None;
    for call in typed_calls_from(snapshot, stage, &[Family::Apt], instruction + 1) {
        match call.package.verb {
            Verb::Refresh => return false,
            Verb::Install | Verb::BuildDep if last != Some(call.command.instruction) => {
                last = Some(call.command.instruction);
                found.push((stage.index, call));
            }
            _ => {}
        }
    }
    true
}

/// True when a stage whose FROM is half typed installs from an index that `stage` may have left it.
pub fn may_need_index(snapshot: &Snapshot, stage: &Stage) -> bool {
    let mut later = snapshot.file().stages[stage.index + 1..].iter();
    later.any(|later| {
        let mut found = Vec::new();
        later.base == Base::Missing && {
            goes_on(snapshot, later, later.from, &mut found);
            !found.is_empty()
        }
    })
}

fn of_children<'s>(snapshot: &'s Snapshot, parent: usize, depth: usize, found: &mut Vec<Dependent<'s>>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    for child in snapshot.file().stages.iter().filter(|stage| stage.base == Base::Stage(parent)) {
        if goes_on(snapshot, child, child.from, found) {
            of_children(snapshot, child.index, depth, found);
        }
    }
}
