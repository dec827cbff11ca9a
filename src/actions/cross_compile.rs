//! Compile for the platform of the image on that of the builder.
use super::action::Action;
use crate::analysis::snapshot::Snapshot;
use crate::model::stage::Stage;
use crate::rewrite::fix::Fix;
use crate::rewrite::{cross_compile, enable_cgo};
use crate::text::span::Span;

/// Cross-compile.
pub static ACTION: Action = Action { since: "0.1.0", offers, refusal: None };

fn offers(snapshot: &Snapshot, selection: Span) -> Vec<Fix> {
    let builds =
        |stage: &Stage| snapshot.stage(stage).go.iter().any(|go| matches!(go.verb.as_str(), "build" | "install"));
    enable_cgo::of_stages(snapshot, selection, |stage| {
        // All stages on one base change together: the first that builds speaks for them.
        let same = |other: &Stage| {
            other.index < stage.index && other.root == stage.root && enable_cgo::is_in(other, selection)
        };
        let said = snapshot.linked(stage).any(|other| same(other) && builds(other));
        if !builds(stage) || said {
            return Vec::new();
        }
        let fixes = cross_compile::fixes(snapshot, stage);
        if fixes.is_empty() { cross_compile::with_cgo(snapshot, stage).into_iter().collect() } else { fixes }
    })
}
