//! A stage with a shell beside the one that ships.
use super::action::Action;
use crate::analysis::snapshot::Snapshot;
use crate::rewrite::fix::Fix;
use crate::rewrite::{debug_stage, enable_cgo};
use crate::text::span::Span;

/// The action.
pub static ACTION: Action = Action { since: "0.1.0", offers, refusal: None };

fn offers(snapshot: &Snapshot, selection: Span) -> Vec<Fix> {
    let last = snapshot.file().final_stage().filter(|stage| enable_cgo::is_in(stage, selection));
    last.and_then(|_| debug_stage::fix(snapshot)).into_iter().collect()
}
