//! Enable cgo: the variable, the compiler, the libraries and a final image that has them.
use super::action::Action;
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::rewrite::fix::Fix;
use crate::rewrite::{enable_cgo, needs};
use crate::text::span::Span;

/// Enable cgo.
pub static ACTION: Action = Action { since: "0.1.0", offers };

fn offers(snapshot: &Snapshot, selection: Span) -> Vec<Fix> {
    enable_cgo::of_stages(snapshot, selection, |stage| {
        let commands = enable_cgo::compiling(snapshot, stage);
        let is_wanted = needs::of(snapshot, stage, &commands).cgo != Answer::No;
        if is_wanted { enable_cgo::fixes(snapshot, stage) } else { Vec::new() }
    })
}
