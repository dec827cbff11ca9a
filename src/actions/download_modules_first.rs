//! Put a layer that downloads the Go modules in front of the source.
use super::action::Action;
use crate::analysis::module_layer::late_download;
use crate::analysis::snapshot::Snapshot;
use crate::rewrite::download_layer;
use crate::rules::rule::Fix;
use crate::text::span::Span;

/// The action.
pub static ACTION: Action = Action { since: "0.1.0", offers };

fn offers(snapshot: &Snapshot, selection: Span) -> Vec<Fix> {
    let touched = |span: Span| span.start <= selection.end && selection.start <= span.end;
    let mut stages = snapshot.file().stages.iter().filter(|stage| touched(stage.span));
    let late = stages.find_map(|stage| late_download(snapshot, stage));
    late.map(|late| download_layer::fixes(snapshot, &late)).unwrap_or_default()
}
