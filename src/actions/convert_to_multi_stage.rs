//! Convert a single-stage Dockerfile of a Go program to multi-stage.
use super::action::Action;
use crate::analysis::snapshot::Snapshot;
use crate::rewrite::fix::Fix;
use crate::rewrite::{enable_cgo, multi_stage};
use crate::text::span::Span;

/// Convert to multi-stage.
pub static ACTION: Action = Action { since: "0.1.0", offers };

fn offers(snapshot: &Snapshot, selection: Span) -> Vec<Fix> {
    let last = snapshot.file().final_stage().filter(|stage| enable_cgo::is_in(stage, selection));
    last.map(|stage| multi_stage::fixes(snapshot, stage)).unwrap_or_default()
}
