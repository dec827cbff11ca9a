//! Disable cgo where no program needs it.
use super::action::Action;
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::rewrite::fix::Fix;
use crate::rewrite::{disable_cgo, enable_cgo, needs, shipping};
use crate::text::span::Span;

/// Disable cgo.
pub static ACTION: Action = Action { since: "0.1.0", offers };

fn offers(snapshot: &Snapshot, selection: Span) -> Vec<Fix> {
    let stages = snapshot.file().stages.iter().filter(|stage| enable_cgo::is_in(stage, selection));
    let wanted = stages.filter(|stage| {
        let commands = enable_cgo::compiling(snapshot, stage);
        match needs::of(snapshot, stage, &commands).cgo {
            Answer::Yes => false,
            Answer::No => true,
            // The program does not start as it is: nothing can be lost.
            Answer::Unknown => shipping::targets(snapshot, stage, &commands).iter().any(|target| !target.fits),
        }
    });
    wanted.filter_map(|stage| disable_cgo::fix(snapshot, stage)).collect()
}
