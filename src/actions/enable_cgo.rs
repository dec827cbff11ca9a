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
    let stages = snapshot.file().stages.iter().filter(|stage| enable_cgo::is_in(stage, selection));
    let wanted = stages.filter(|stage| {
        let commands = enable_cgo::compiling(snapshot, stage);
        needs::of(snapshot, stage, &commands).cgo != Answer::No
    });
    wanted.flat_map(|stage| enable_cgo::fixes(snapshot, stage)).collect()
}
