//! Pin an image to its digest.
use super::action::Action;
use crate::analysis::snapshot::Snapshot;
use crate::rewrite::fix::Fix;
use crate::rewrite::image_pin;
use crate::text::span::Span;

/// The action.
pub static ACTION: Action = Action { since: "0.1.0", offers, refusal: None };

fn offers(snapshot: &Snapshot, selection: Span) -> Vec<Fix> {
    if snapshot.published().is_empty() {
        return Vec::new();
    }
    let file = snapshot.file();
    let touched = |index: &usize| {
        let span = file.instructions[*index].span;
        span.start <= selection.end && selection.start <= span.end
    };
    let at = (0..file.instructions.len()).filter(touched);
    at.filter_map(|index| image_pin::fix(snapshot, file.stage_of(index)?, index)).collect()
}
