//! Convert a single-stage Dockerfile of a Go program to multi-stage.
use super::action::{Action, Refusal};
use crate::analysis::snapshot::Snapshot;
use crate::model::stage::Stage;
use crate::rewrite::fix::Fix;
use crate::rewrite::{enable_cgo, multi_stage};
use crate::text::span::Span;

/// Convert to multi-stage.
pub static ACTION: Action = Action { since: "0.1.0", offers, refusal: Some(refusal) };

fn offers(snapshot: &Snapshot, selection: Span) -> Vec<Fix> {
    let last = snapshot.file().final_stage().filter(|stage| enable_cgo::is_in(stage, selection));
    last.map(|stage| multi_stage::fixes(snapshot, stage)).unwrap_or_default()
}

fn refusal(snapshot: &Snapshot, selection: Span) -> Option<Refusal> {
    let stages = &snapshot.file().stages;
    let builds = |stage: &&Stage| !enable_cgo::compiling(snapshot, stage).is_empty();
    let is_split = stages.len() > 1
        && stages.last().is_some_and(|last| !builds(&last))
        && stages.iter().any(|stage| builds(&stage));
    let is_asked = stages.iter().any(|stage| enable_cgo::is_in(stage, selection));
    (is_split && is_asked)
        .then_some(Refusal { title: "convert to multi-stage", reason: "the file is multi-stage already" })
}
