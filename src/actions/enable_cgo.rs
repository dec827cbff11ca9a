//! Enable cgo: the variable, the compiler, the libraries and a final image that has them.
use super::action::{Action, Refusal};
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::model::stage::Stage;
use crate::rewrite::fix::Fix;
use crate::rewrite::{enable_cgo, needs};
use crate::text::span::Span;

/// Enable cgo.
pub static ACTION: Action = Action { since: "0.1.0", offers, refusal: Some(refusal) };

fn offers(snapshot: &Snapshot, selection: Span) -> Vec<Fix> {
    enable_cgo::of_stages(snapshot, selection, |stage| {
        let commands = enable_cgo::compiling(snapshot, stage);
        let is_wanted = needs::of(snapshot, stage, &commands).cgo != Answer::No;
        if is_wanted { enable_cgo::fixes(snapshot, stage) } else { Vec::new() }
    })
}

fn refusal(snapshot: &Snapshot, selection: Span) -> Option<Refusal> {
    let mut stages = snapshot.file().stages.iter().filter(|stage| enable_cgo::is_in(stage, selection));
    let is_pure = |stage: &Stage| {
        let commands = enable_cgo::compiling(snapshot, stage);
        !commands.is_empty() && needs::of(snapshot, stage, &commands).cgo == Answer::No
    };
    stages.any(is_pure).then_some(Refusal { title: "enable cgo", reason: "nothing that is built here needs it" })
}
