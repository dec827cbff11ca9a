//! Mount caches on the Go commands of a stage.
use super::action::Action;
use crate::analysis::go::GoCommand;
use crate::analysis::go_caches;
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::rewrite::fix::Fix;
use crate::rewrite::{build_as_root, cache_mounts, enable_cgo};
use crate::text::span::Span;

/// The action.
pub static ACTION: Action = Action { since: "0.1.0", offers };

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
