//! Run the program as a user that is not root.
use super::action::{Action, Refusal};
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::rewrite::fix::Fix;
use crate::rewrite::{enable_cgo, non_root};
use crate::text::span::Span;

/// Run as another user.
pub static ACTION: Action = Action { since: "0.1.0", offers, refusal: Some(refusal) };

fn offers(snapshot: &Snapshot, selection: Span) -> Vec<Fix> {
    enable_cgo::of_stages(snapshot, selection, |stage| non_root::fixes(snapshot, stage))
}

fn refusal(snapshot: &Snapshot, selection: Span) -> Option<Refusal> {
    let last = snapshot.file().final_stage().filter(|stage| enable_cgo::is_in(stage, selection))?;
    let is_done = snapshot.stage(last).end.is_root() == Answer::No;
    is_done.then_some(Refusal { title: "run as nonroot", reason: "the program runs as another user than root already" })
}
