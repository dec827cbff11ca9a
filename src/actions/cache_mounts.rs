//! Mount caches on the Go commands of a stage.
use super::action::Action;
use crate::analysis::snapshot::Snapshot;
use crate::rewrite::fix::Fix;
use crate::rewrite::{cache_mounts, enable_cgo};
use crate::text::span::Span;

/// The action.
pub static ACTION: Action = Action { since: "0.1.0", offers };

fn offers(snapshot: &Snapshot, selection: Span) -> Vec<Fix> {
    enable_cgo::of_stages(snapshot, selection, |stage| cache_mounts::fixes(snapshot, stage))
}
