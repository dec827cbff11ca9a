//! Places in other files that name a stage as what is to be built.
use crate::analysis::snapshot::Snapshot;
use crate::project::builds::targets::Target;

/// Those that name the stage `index`: of several with one name the last one is built.
pub fn of_stage(snapshot: &Snapshot, index: usize) -> impl Iterator<Item = &Target> {
    let stages = &snapshot.file().stages;
    let is_it = move |target: &&Target| {
        let named = |name: &String| name.eq_ignore_ascii_case(target.name());
        stages.iter().rposition(|stage| stage.name.as_ref().is_some_and(named)) == Some(index)
    };
    snapshot.facts().targets.iter().filter(is_it)
}
