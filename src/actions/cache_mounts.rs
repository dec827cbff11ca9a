//! Mount caches on the Go commands of a stage.
use super::action::{Action, Refusal};
use crate::analysis::go::GoCommand;
use crate::analysis::go_caches;
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::rewrite::fix::Fix;
use crate::rewrite::{build_as_root, cache_mounts, enable_cgo};
use crate::text::span::Span;

/// The action.
pub static ACTION: Action = Action { since: "0.1.0", offers, refusal: Some(refusal) };

fn offers(snapshot: &Snapshot, selection: Span) -> Vec<Fix> {
    enable_cgo::of_stages(snapshot, selection, |stage| {
        let fixes = cache_mounts::fixes(snapshot, stage);
        // A mount needs the number of its owner.
        let unowned =
            |go: &GoCommand| go.state.is_root() == Answer::No && go_caches::owner(snapshot, stage, go).is_none();
        if fixes.is_empty() && snapshot.stage(stage).go.iter().any(unowned) {
            return build_as_root::fix(snapshot, stage).into_iter().collect();
        }
        fixes
    })
}

fn refusal(snapshot: &Snapshot, selection: Span) -> Option<Refusal> {
    let stages = snapshot.file().stages.iter().filter(|stage| enable_cgo::is_in(stage, selection));
    let commands: Vec<_> = stages.flat_map(|stage| enable_cgo::compiling(snapshot, stage)).collect();
    let has_cache = |go: &&GoCommand| go.mounts.iter().any(|mount| mount.kind() == "cache");
    let is_done = !commands.is_empty() && commands.iter().all(has_cache);
    is_done.then_some(Refusal { title: "mount caches", reason: "every command that compiles has a cache already" })
}
