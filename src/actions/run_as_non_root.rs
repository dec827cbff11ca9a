//! Run the program as a user that is not root.
use super::action::Action;
use crate::analysis::snapshot::Snapshot;
use crate::rewrite::fix::Fix;
use crate::rewrite::{enable_cgo, non_root};
use crate::text::span::Span;

/// Run as another user.
pub static ACTION: Action = Action { since: "0.1.0", offers };

fn offers(snapshot: &Snapshot, selection: Span) -> Vec<Fix> {
    enable_cgo::of_stages(snapshot, selection, |stage| non_root::fixes(snapshot, stage))
}
