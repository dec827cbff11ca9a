//! Put a layer that downloads the Go modules in front of the source.
use super::action::{Action, Refusal};
use crate::analysis::module_layer::late_download;
use crate::analysis::snapshot::Snapshot;
use crate::rewrite::{download_layer, enable_cgo};
use crate::rules::rule::Fix;
use crate::text::span::Span;

/// The action.
pub static ACTION: Action = Action { since: "0.1.0", offers, refusal: Some(refusal) };

fn offers(snapshot: &Snapshot, selection: Span) -> Vec<Fix> {
    let touched = |span: Span| span.start <= selection.end && selection.start <= span.end;
    let mut stages = snapshot.file().stages.iter().filter(|stage| touched(stage.span));
    let late = stages.find_map(|stage| late_download(snapshot, stage));
    late.map(|late| download_layer::fixes(snapshot, &late)).unwrap_or_default()
}

fn refusal(snapshot: &Snapshot, selection: Span) -> Option<Refusal> {
    let stages = snapshot.file().stages.iter().filter(|stage| enable_cgo::is_in(stage, selection));
    let mut commands = stages.flat_map(|stage| &snapshot.stage(stage).go);
    let is_done = commands.any(|go| go.verb == "mod download");
    is_done.then_some(Refusal { title: download_layer::TITLE, reason: "a layer downloads them already" })
}
