//! Disable cgo where no program needs it.
use super::action::Action;
use crate::analysis::go::Linkage;
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::rewrite::fix::Fix;
use crate::rewrite::{disable_cgo, enable_cgo, needs, shipping};
use crate::text::span::Span;

/// Disable cgo.
pub static ACTION: Action = Action { since: "0.1.0", offers, refusal: None };

fn offers(snapshot: &Snapshot, selection: Span) -> Vec<Fix> {
    enable_cgo::of_stages(snapshot, selection, |stage| {
        let commands = enable_cgo::compiling(snapshot, stage);
        let is_wanted = match needs::of(snapshot, stage, &commands).cgo {
            Answer::Yes => false,
            Answer::No => true,
            // The program does not start as it is: nothing can be lost.
            Answer::Unknown => {
                commands.iter().any(|command| command.linkage(Answer::Unknown) == Linkage::Dynamic)
                    && shipping::targets(snapshot, stage, &commands).iter().any(|target| !target.fits)
            }
        };
        if is_wanted { disable_cgo::fix(snapshot, stage).into_iter().collect() } else { Vec::new() }
    })
}
